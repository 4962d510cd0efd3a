"""What is asked about customers. Their purchases are asked of `sales`."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, or_, select, text

from duka.customers import rules
from duka.customers.models import Customer
from duka.platform.context import Ctx
from duka.platform.errors import NotFound, ValidationError
from duka.platform.reads import Reads
from duka.shops import phones
from duka.shops.country import country

CUSTOMER_ID: Final = Customer.id
"""The column by which other domains join their rows to the selects of this module."""

SORTS: Final[dict[str, Any]] = {"name": func.lower(Customer.name), "created_at": Customer.created_at}
_ALIKE: Final = text("SET LOCAL pg_trgm.word_similarity_threshold = 0.45")
"""How like a name must be to what was typed. Below PostgreSQL's own 0.6, at which one wrong letter in a short name is
one too many."""

LISTED: Final = """\
c.id, c.name, c.phone, c.email, c.address, c.state_code, c.born_on, c.gender, c.notes, c.type, c.tax_id, c.tags,
    c.credit_limit_minor AS credit_limit, c.external_ref, c.active, c.version, c.created_at, c.updated_at"""
"""The columns of `schemas.CustomerOut`, for hand-written statements that name `customers` as `c`."""

WITHIN: Final = "c.shop_id = %(shop)s AND (%(everyone)s OR c.created_by IS NOT DISTINCT FROM %(staff)s::uuid)"
"""What `within` says, for hand-written statements; `reach` fills its places."""

_CUSTOMER: Final = """
SELECT id, name, phone, email, address, state_code, type, tax_id, credit_limit_minor, active, version
FROM customers WHERE shop_id = %(shop)s AND id = %(customer)s
"""


@dataclass(eq=False)
class CustomerNotFound(NotFound):
    """No customer of this shop has that phone or id, or the caller may not read them."""

    what: str = "customer"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of customers is narrowed to."""

    type: str | None = None
    active: bool | None = None
    tag: str | None = None
    external_ref: str | None = None


async def get(ctx: Ctx, customer_id: UUID, permission: str = "customers:read") -> Customer:
    """Give one customer that the caller may see under `permission`. CustomerNotFound."""
    found = await ctx.db.scalars(within(ctx, permission).where(Customer.id == customer_id))
    customer = found.one_or_none()
    if customer is None:
        raise CustomerNotFound
    return customer


def ask_customer(reads: Reads, customer_id: UUID) -> None:
    """Ask for a customer with whatever a sale copies or checks (`customer`, at most one row)."""
    reads.ask("customer", _CUSTOMER, customer=customer_id)


def within(ctx: Ctx, permission: str = "customers:read") -> Select[Customer]:
    """Select the customers that a permission of the caller reaches.

    Customers belong to the shop, not to a branch; only the scope `own` narrows them, to those the caller registered.
    """
    scope = ctx.permissions.get(permission)
    query = select(Customer)
    if scope is None:
        return query.where(false())
    return query.where(Customer.created_by == ctx.staff_id) if scope == "own" else query


def reach(ctx: Ctx, permission: str = "customers:read") -> dict[str, Any]:
    """Give the values for the places of `WITHIN`, for a caller who holds the permission."""
    return {"everyone": ctx.permissions[permission] != "own", "staff": ctx.staff_id}


def reaches(ctx: Ctx, customer: Customer, permission: str = "customers:read") -> bool:
    """Say whether a permission of the caller reaches a customer, as `within` does."""
    scope = ctx.permissions.get(permission)
    return scope in ("branch", "shop") or (scope == "own" and customer.created_by == ctx.staff_id)


async def names(ctx: Ctx, customer_ids: Collection[UUID]) -> dict[UUID, tuple[str, str | None]]:
    """Give names and phones of customers by id, of those that the caller may see."""
    query = within(ctx).with_only_columns(Customer.id, Customer.name, Customer.phone)
    found = await ctx.db.execute(query.where(Customer.id.in_(customer_ids)))
    return {row.id: (row.name, row.phone) for row in found}


def with_phone(phone: str) -> Select[UUID]:
    """Select the id of the customer with a phone (E.164), for statements of other domains."""
    return select(Customer.id).where(Customer.phone == phone)


async def read_phone(ctx: Ctx, typed: str) -> str:
    """Write a phone as it is kept, read the way the shop's country dials. PhoneNotValid."""
    return phones.e164(typed, await country(ctx))


def by_id(ctx: Ctx, customer_id: UUID) -> Select[Customer]:
    """Select one customer, active or not."""
    return within(ctx).where(Customer.id == customer_id)


def listed(ctx: Ctx, filters: Filters, q: str | None) -> Select[Customer]:
    """Select the customers of a list. `q` is part of a name, a phone or an e-mail address."""
    query = within(ctx)
    if filters.type is not None:
        query = query.where(Customer.type == filters.type)
    if filters.active is not None:
        query = query.where(Customer.active == filters.active)
    if filters.tag is not None:
        query = query.where(Customer.tags.contains([filters.tag]))
    if filters.external_ref is not None:
        query = query.where(Customer.external_ref == filters.external_ref)
    if q:
        query = query.where(_holds(q))
    return query


async def alike(
    ctx: Ctx, phone: str | None, name: str | None, email: str | None, *, typos: bool
) -> Select[Customer]:  # fmt: skip
    """Select who may be meant, the likeliest first: by part of a phone, part of a name, e-mail. What is given must all
    fit; with `typos` a name only has to be like what was typed.

    ValidationError when nothing is given to search by.
    """
    digits, word, mail = rules.phone_digits(phone or ""), rules.fold(name or ""), rules.fold(email or "")
    if not (digits or word or mail):
        raise ValidationError(fields={"name": ["Give phone, name or email to search by."]})
    query = within(ctx)
    if digits:
        query = query.where(Customer.search.like(rules.part(digits)), Customer.phone.like(rules.part(digits)))
    if mail:
        query = query.where(Customer.search.like(rules.part(mail)), func.lower(Customer.email).like(rules.part(mail)))
    if word and typos:
        await ctx.db.execute(_ALIKE)
        query = query.where(Customer.search.bool_op("%>")(word))
        query = query.order_by(func.word_similarity(word, Customer.search).desc())
    elif word:
        query = query.where(Customer.search.like(rules.part(word)))
    return query.order_by(func.lower(Customer.name), Customer.id)


def _holds(q: str) -> ColumnElement[Any]:
    folded, digits = rules.fold(q), rules.phone_digits(q)
    by_text = Customer.search.like(rules.part(folded))
    if not digits or any(sign.isalpha() for sign in folded):
        return by_text
    return or_(by_text, Customer.search.like(rules.part(digits)))
