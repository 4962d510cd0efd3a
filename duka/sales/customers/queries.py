"""What is asked about customers and what they bought.

Figures about a customer (how often, how much) tell of all sales of the shop; single sales are shown only as far as
the caller's `sales:read` reaches.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, Select, case, cast, distinct, func, select, union

from duka.customers import id_numbers
from duka.customers import queries as customers
from duka.customers.schemas import CustomerOut
from duka.platform import money, wire
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.quantity import from_milli
from duka.platform.vault import Vault
from duka.platform.wire import PageInfo, Paging, utc_text
from duka.sales.customers.schemas import CustomerListed, CustomerProfile, Favourite, Purchase, PurchaseSummary
from duka.sales.lists.queries import visible
from duka.sales.models import Sale, SaleLine, SaleParty

_STANDS: Final = Sale.state.in_(("incomplete", "completed"))
_LAST_SALES: Final = 10
_FAVOURITES: Final = 5
_FAVOURITES_OF_SALES: Final = 500
_BY_PHONE: Final = f"""
SELECT {customers.LISTED}, (
    SELECT count(*) FROM sales s
    WHERE s.shop_id = %(shop)s AND s.customer_id = c.id AND s.state IN ('incomplete', 'completed')
) AS orders
FROM customers c WHERE {customers.WITHIN} AND c.phone = %(phone)s
"""  # noqa: S608 - no outside text

SORTS: Final[dict[str, Any]] = {"made_at": Sale.id}
"""Sales sort by their id, which holds the time they were made."""


@dataclass(frozen=True, slots=True)
class History:
    """A page of somebody's purchases and the summary of all of them."""

    purchases: list[Purchase]
    page: PageInfo
    summary: PurchaseSummary


async def by_phone(ctx: Ctx, typed: str) -> dict[str, Any]:
    """Give the customer with a phone (in any local form) and the count of their orders, in one statement, in the shape
    of `CustomerListed`.

    CustomerNotFound, PhoneNotValid.
    """
    phone = await customers.read_phone(ctx, typed)
    rows = await fetch(ctx, _BY_PHONE, {"phone": phone, **customers.reach(ctx)})
    if not rows:
        raise customers.CustomerNotFound
    found: dict[str, Any] = rows[0]._mapping
    return {**found, "created_at": utc_text(found["created_at"]), "updated_at": utc_text(found["updated_at"])}


async def page(ctx: Ctx, filters: customers.Filters, asked: Paging) -> tuple[list[CustomerListed], PageInfo]:
    """Give a page of customers. The orders are counted for the rows of the page only."""
    query = _counted(customers.listed(ctx, filters, asked.q))
    rows, info = await wire.page(ctx, query, asked, customers.SORTS, customers.CUSTOMER_ID, default="-created_at")
    return [_listed(row[0], row[1]) for row in rows], info


async def alike(
    ctx: Ctx, phone: str | None, name: str | None, email: str | None, limit: int
) -> list[CustomerListed]:
    """Give the customers who may be meant: those that hold what was typed, or where there are none and a name was
    typed, those with a name like it, the likeliest first. See `customers.queries.alike`."""
    for typos in (False, True) if name else (False,):
        query = _counted(await customers.alike(ctx, phone, name, email, typos=typos)).limit(limit)
        rows = (await ctx.db.execute(query)).all()
        if rows:
            return [_listed(*row) for row in rows]
    return []


async def profile(ctx: Ctx, customer_id: UUID, vault: Vault) -> CustomerProfile:
    """Give one customer with their history in short: four statements. CustomerNotFound."""
    row = (await ctx.db.execute(_counted(customers.by_id(ctx, customer_id)))).one_or_none()
    if row is None:
        raise customers.CustomerNotFound
    theirs = Sale.customer_id == customer_id
    newest = visible(ctx, select(Sale).where(theirs)).order_by(Sale.id.desc()).limit(_LAST_SALES)
    return CustomerProfile(
        **dict(_listed(*row)),
        id_number=id_numbers.shown(ctx, vault, row[0]),
        purchases=await _summary(ctx, theirs),
        last_sales=[Purchase.model_validate(sale) for sale in (await ctx.db.scalars(newest)).all()],
        favourites=await _favourites(ctx, customer_id),
    )


async def purchases(ctx: Ctx, customer_id: UUID, asked: Paging) -> History:
    """Give a page of the sales that name a customer, and their summary. CustomerNotFound."""
    await customers.get(ctx, customer_id)
    return await _history(ctx, Sale.customer_id == customer_id, asked)


async def purchases_of_phone(
    ctx: Ctx, typed: str, asked: Paging
) -> History:
    """Give a page of the sales made to a phone, registered or not, and their summary: those that name its customer and
    those on which the phone was written. PhoneNotValid."""
    phone = await customers.read_phone(ctx, typed)
    named = select(Sale.id).where(Sale.customer_id.in_(customers.with_phone(phone)))
    written = select(SaleParty.sale_id).where(SaleParty.phone == phone)
    return await _history(ctx, Sale.id.in_(union(named, written)), asked)


async def _history(
    ctx: Ctx, condition: ColumnElement[bool], asked: Paging
) -> History:
    query = visible(ctx, select(Sale).where(condition))
    rows, info = await wire.page(ctx, query, asked, SORTS, Sale.id, default="-made_at")
    return History([Purchase.model_validate(row) for row in rows], info, await _summary(ctx, condition))


def _counted(query: Select[Any]) -> Select[Any]:
    return query.add_columns(_orders_of(customers.CUSTOMER_ID).label("orders"))


def _orders_of(customer_id: Any) -> ScalarSelect[int]:
    return select(func.count()).where(Sale.customer_id == customer_id, _STANDS).scalar_subquery()


def _listed(customer: Any, orders: int) -> CustomerListed:
    return CustomerListed(**dict(CustomerOut.model_validate(customer)), orders=orders)


async def _summary(ctx: Ctx, condition: ColumnElement[bool]) -> PurchaseSummary:
    sold = Sale.state == "completed"
    spent = func.sum(Sale.total_minor - Sale.credited_minor).filter(sold)
    figures = select(
        func.count().label("count"),
        func.count(distinct(Sale.business_date)).label("visits"),
        func.min(Sale.business_date).label("first_visit"),
        func.max(Sale.business_date).label("last_visit"),
        func.count().filter(sold).label("sold"),
        cast(func.coalesce(spent, 0), BigInteger).label("total"),
    ).where(condition, _STANDS)
    row = (await ctx.db.execute(figures)).one()
    return PurchaseSummary(
        count=row.count, visits=row.visits, first_visit=row.first_visit, last_visit=row.last_visit,
        days_between_visits=_days_between(row.first_visit, row.last_visit, row.visits), total=row.total,
        average=money.divide_half_up(row.total, row.sold) if row.sold else 0,
    )  # fmt: skip


def _days_between(first: date | None, last: date | None, visits: int) -> int | None:
    if first is None or last is None or visits < 2:
        return None
    return money.divide_half_up((last - first).days, visits - 1)


async def _favourites(ctx: Ctx, customer_id: UUID) -> list[Favourite]:
    recent = (
        select(Sale.id, Sale.revision).where(Sale.customer_id == customer_id, Sale.state == "completed")
        .order_by(Sale.id.desc()).limit(_FAVOURITES_OF_SALES).subquery()
    )  # fmt: skip
    # An open item has no variant; its name tells it from others.
    item = case((SaleLine.variant_id.is_(None), SaleLine.description))
    times = func.count(distinct(SaleLine.sale_id))
    amount = cast(func.sum(SaleLine.quantity_milli), BigInteger)
    description = func.max(SaleLine.description)
    query = (
        select(SaleLine.variant_id, description, times, amount)
        .join(recent, (SaleLine.sale_id == recent.c.id) & (SaleLine.revision == recent.c.revision))
        .group_by(SaleLine.variant_id, item)
        .order_by(times.desc(), amount.desc(), description)
        .limit(_FAVOURITES)
    )  # fmt: skip
    return [
        Favourite(variant_id=variant_id, description=name, times=often, quantity=from_milli(quantity_milli))
        for variant_id, name, often, quantity_milli in (await ctx.db.execute(query)).all()
    ]
