"""What changes customers: they are registered, edited, deactivated and, while no document names them, deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import delete, false, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from duka.customers import events, id_numbers, queries, rules
from duka.customers.models import Customer
from duka.customers.schemas import CustomerEdit, CustomerIn
from duka.platform import audit, db, versions
from duka.platform.context import Ctx
from duka.platform.errors import Busy, DukaError, IdempotencyConflict, ValidationError
from duka.platform.events import emit
from duka.platform.ids import new_id
from duka.platform.vault import Vault
from duka.shops.country import country

PERSONAL: Final = audit.PERSONAL | {"state_code", "tags", "external_ref"}
"""Fields whose values stay out of the audit trail: what names, reaches or describes a person."""

_FOREIGN_KEY: Final = "23503"
_EMPTY: Final[Mapping[str, Any]] = {"address": "", "notes": "", "tags": [], "credit_limit": 0}
"""What clearing means for a column that is never null."""


@dataclass(eq=False)
class CustomerExists(DukaError):
    """The phone belongs to a customer of the shop already. `customer_id` is told to those who may read them."""

    text: ClassVar[str] = "A customer with this phone is registered already."
    customer_id: UUID | None = None


@dataclass(eq=False)
class ExternalRefTaken(DukaError):
    """Another customer has this number of the other system."""

    text: ClassVar[str] = "Another customer has the reference {external_ref}."
    external_ref: str
    customer_id: UUID | None = None


@dataclass(eq=False)
class CustomerHasOrders(DukaError):
    """Documents name the customer, so they must stay."""

    text: ClassVar[str] = "This customer has bought or ordered something and must stay. Deactivate them instead."


class _Taken(DukaError):
    """A unique key refused the change; which one, and whose it is, is found out afterwards."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration's outcome; `replayed` when the same one came before and nothing was changed."""

    customer: Customer
    replayed: bool = False


async def register(ctx: Ctx, wanted: CustomerIn, vault: Vault | None = None) -> Registered:
    """Register a customer. An ID number needs the `vault` that encrypts it.

    The unique keys decide, in one statement, also when two tills register the same phone at once. CustomerExists,
    ExternalRefTaken, PhoneNotValid, TaxIdNotValid; IdempotencyConflict when the id came with another body; Forbidden
    for a credit limit without `customers:credit`.
    """
    if wanted.credit_limit:
        ctx.need("customers:credit")
    customer_id = wanted.id or new_id()
    values = await _columns(ctx, wanted.model_dump(exclude={"id"}))
    if wanted.id_number is not None:
        assert vault
        values["id_number"] = id_numbers.lock(vault, ctx.shop_id, customer_id, wanted.id_number)
    row = {
        "shop_id": ctx.shop_id, "id": customer_id, "search": _search(values), "created_by": ctx.staff_id,
        "body_hash": ctx.body_hash if wanted.id else None, "created_at": ctx.now, "updated_at": ctx.now, **values,
    }  # fmt: skip
    added = await ctx.db.scalars(insert(Customer).values(row).on_conflict_do_nothing().returning(Customer))
    customer = added.one_or_none()
    if customer is None:
        return await _known(ctx, row)
    audit.record(ctx, "create", "customer", customer.id, after=_said(values), personal=PERSONAL)
    emit(ctx, events.CREATED, customer.id)
    return Registered(customer)


async def edit(
    ctx: Ctx, customer_id: UUID, body: CustomerEdit, version: int | None, vault: Vault | None = None
) -> Customer:
    """Change a customer's details, or deactivate them (`active: false`). The fields not named stay as they are.
    An ID number needs the `vault` that encrypts it.

    CustomerNotFound, StaleVersion, VersionRequired, and what `register` refuses.
    """
    customer = await queries.get(ctx, customer_id, "customers:update")
    asked = versions.given(body)
    if asked.get("credit_limit", customer.credit_limit_minor) != customer.credit_limit_minor:
        ctx.need("customers:credit")
    values = await _columns(ctx, asked)
    if values.get("id_number") is not None:
        assert vault
        # Encrypted twice, the same number looks different: what has not changed is left as it stands.
        if id_numbers.read(vault, customer) == values["id_number"]:
            del values["id_number"]
        else:
            values["id_number"] = id_numbers.lock(vault, ctx.shop_id, customer.id, values["id_number"])
    if {"name", "phone", "email"} & values.keys():
        values["search"] = _search({"name": customer.name, "phone": customer.phone, "email": customer.email, **values})
    if customer.state_code and "state_code" not in asked:
        values.pop("state_code", None)
    taken: db.Refusals = {"uq_customers_phone": _Taken, "uq_customers_external_ref": _Taken}
    try:
        async with ctx.db.begin_nested(), db.refusing(ctx, taken):
            changed = await versions.edit(ctx, customer, values, version, "customer", personal=PERSONAL)
    except _Taken:
        raise await _taken_by(ctx, values, customer_id) from None
    if changed:
        emit(ctx, events.UPDATED, customer_id, {"fields": sorted(values.keys() - {"search"})})
    return customer


async def remove(ctx: Ctx, customer_id: UUID) -> None:
    """Delete a customer whom no document names. CustomerNotFound, CustomerHasOrders."""
    customer = await queries.get(ctx, customer_id, "customers:delete")
    try:
        await ctx.db.execute(delete(Customer).where(Customer.id == customer.id))
    except IntegrityError as broken:
        # Any domain above may refer to a customer; whichever does, the customer must stay.
        if getattr(broken.orig, "sqlstate", None) != _FOREIGN_KEY:
            raise
        raise CustomerHasOrders from None
    audit.record(ctx, "delete", "customer", customer_id)
    emit(ctx, events.DELETED, customer_id)


async def _known(ctx: Ctx, row: Mapping[str, Any]) -> Registered:
    standing = await ctx.db.scalars(select(Customer).where(Customer.id == row["id"]))
    customer = standing.one_or_none()
    if customer is None:
        raise await _taken_by(ctx, row, row["id"])
    if customer.body_hash is None or customer.body_hash != row["body_hash"]:
        raise IdempotencyConflict
    return Registered(customer, replayed=True)


async def _taken_by(ctx: Ctx, values: Mapping[str, Any], mine: UUID) -> DukaError:
    """Say which key refused the values, and whose it is if the caller may know."""
    phone, ref = values.get("phone"), values.get("external_ref")
    # A key left out was not refused: compared with nothing, it would find whoever has none either.
    keys = [column == value for column, value in ((Customer.phone, phone), (Customer.external_ref, ref)) if value]
    for other in (await ctx.db.scalars(select(Customer).where(or_(false(), *keys), Customer.id != mine))).all():
        told = other.id if queries.reaches(ctx, other) else None
        return CustomerExists(told) if phone and other.phone == phone else ExternalRefTaken(ref or "", told)
    # Whoever had it is gone again meanwhile; the same request will succeed.
    return Busy()


async def _columns(ctx: Ctx, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Turn fields of the wire into columns: phone in E.164, tax number checked, state read from the GSTIN."""
    values: dict[str, Any] = {name: _EMPTY.get(name) if value is None else value for name, value in asked.items()}
    if "credit_limit" in values:
        values["credit_limit_minor"] = values.pop("credit_limit")
    if values.get("born_on") and values["born_on"] > ctx.today():
        raise ValidationError(fields={"born_on": ["This day is still to come."]})
    if values.get("phone"):
        values["phone"] = await queries.read_phone(ctx, values["phone"])
    if values.get("tax_id"):
        where = await country(ctx)
        values["tax_id"] = rules.tax_id(values["tax_id"], where)
        if where == "IN" and values.get("state_code") is None:
            values["state_code"] = values["tax_id"][:2]
    return values


def _search(values: Mapping[str, Any]) -> str:
    return rules.search_text(values["name"], values["phone"], values["email"])


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what the registration really said, for its audit entry."""
    return {name: value for name, value in values.items() if value not in (None, "", [])}
