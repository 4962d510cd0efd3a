"""What is asked when people look back at sales: lists as far as their role reaches, one sale with its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import eq, ge, le
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select

from duka.customers import queries as customers
from duka.payments.queries import paid_with
from duka.payments.schemas import Method
from duka.platform import wire
from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.finding import begins_with, numbered, written
from duka.platform.wire import PageInfo, Paging, utc_text
from duka.sales import present, queries
from duka.sales.invoices import chain
from duka.sales.lists.schemas import Review, SaleState
from duka.sales.models import Sale, SaleParty
from duka.shops import series
from duka.shops.queries import Names
from duka.stock.costs.queries import corrected_minor


@dataclass(frozen=True, slots=True)
class SaleFilter:
    """Which sales are wanted; days are business days, both included, amounts minor units of the total."""

    since: date | None = None
    until: date | None = None
    branch_id: UUID | None = None
    register_id: UUID | None = None
    staff_id: UUID | None = None
    customer_id: UUID | None = None
    state: SaleState | None = None
    review: Review | None = None
    method: Method | None = None
    owing: bool | None = None
    amount_min: int | None = None
    amount_max: int | None = None
    number: str | None = None
    external_ref: str | None = None


async def sales(ctx: Ctx, asked: Paging, wanted: SaleFilter) -> tuple[list[dict[str, Any]], PageInfo]:
    """Give a page of sales as `list_schemas.SaleListed`, the newest first, by the scope of `sales:read`."""
    rows, page = await _page(ctx, asked, wanted)
    today = ctx.today()
    return [
        _listed(row, today) | {name: present.moment_text(getattr(row, name)) for name in _MOMENTS} for row in rows
    ], page


async def sales_in_words(
    ctx: Ctx, asked: Paging, wanted: SaleFilter, names: Names
) -> tuple[list[dict[str, Any]], PageInfo]:
    """Give a page of sales as people file them: who bought, where, from whom, with the parts of the total.

    The buyer is as the invoice has them; a sale that was put to a customer's name later has the customer's.
    """
    rows, page = await _page(ctx, asked, wanted)
    ids = [row.id for row in rows]
    written = {each.sale_id: each for each in await ctx.db.scalars(select(SaleParty).where(SaleParty.sale_id.in_(ids)))}
    late = {row.customer_id for row in rows if row.customer_id and row.id not in written}
    known = await customers.names(ctx, late) if late else {}
    return [_in_words(ctx, row, written.get(row.id), known, names) for row in rows], page


def _in_words(
    ctx: Ctx, row: Sale, party: SaleParty | None, known: Mapping[UUID, tuple[str, str | None]], names: Names
) -> dict[str, Any]:
    name, phone = (party.name, party.phone) if party else (None, None)
    if party is None and row.customer_id:
        name, phone = known.get(row.customer_id, (None, None))
    return {
        **_listed(row, ctx.today()), "made_at": row.made_at.astimezone(ctx.zone()), "customer_name": name,
        "customer_phone": phone, "branch": names.branches[row.branch_id], "register": names.registers[row.register_id],
        "seller": names.staff[row.staff_id] if row.staff_id else None, "subtotal": row.subtotal_minor,
        "discount": row.discount_minor, "net": row.net_minor, "tax": row.tax_minor, "rounding": row.rounding_minor,
    }  # fmt: skip


async def _page(ctx: Ctx, asked: Paging, wanted: SaleFilter) -> tuple[Sequence[Sale], PageInfo]:
    query = _narrowed(visible(ctx, select(Sale)), wanted)
    if asked.q:
        query = query.where(_found(asked.q))
    sorts: dict[str, Any] = {"created": Sale.id, "business_date": Sale.business_date, "total": Sale.total_minor}
    return await wire.page(ctx, query, asked, sorts, Sale.id, default="-created")


def _found(text: str) -> ColumnElement[bool]:
    """Find sales whose number or reference begins with a text; digits alone are also an invoice's counter, in any
    series of the shop.

    Written as ranges and equalities: row-level security keeps LIKE away from every index.
    """
    if not (text.isascii() and text.isdecimal()):
        return or_(numbered(Sale.number, text.upper()), begins_with(Sale.external_ref, text))
    # Few series have a code that begins with digits: the index finds them, where reading in the list's order would read
    # all of it in vain.
    begins = or_(begins_with(Sale.number, text), begins_with(Sale.external_ref, text))
    counted = select(Sale.id).where(Sale.number.in_(series.numbers(chain.counter_text(int(text)))))
    return Sale.id.in_(select(Sale.id).where(begins).union(counted))


async def sale(ctx: Ctx, sale_id: UUID) -> dict[str, Any]:
    """Show one sale as `list_schemas.SaleWhole`, its margin at the costs by business time as far as they are closed.
    NotFound for one out of the caller's reach."""
    found = await queries.whole(ctx, sale_id)
    if not reaches(ctx, found.sale):
        raise NotFound(what="sale")
    whole = shown(ctx, found)
    if "margin" in whole:
        whole["margin"] += await corrected_minor(ctx, sale_id)
    return whole


def shown(ctx: Ctx, found: queries.Whole) -> dict[str, Any]:
    """Write a sale as `list_schemas.SaleWhole`."""
    whole = present.sale(
        ctx, found.sale, found.current_lines, found.payments, found.invoice, found.party, found.exceptions
    )
    told = ("step", "state_from", "state_to", "revision", "staff_id", "reason")
    history = [{name: step[name] for name in told} | {"at": utc_text(step["at"])} for step in found.steps]
    return {**whole, "history": history, "documents": [present.link(row) for row in found.invoices]}


def visible(ctx: Ctx, query: Select[Any]) -> Select[Any]:
    """Narrow a select of sales to those that the caller's `sales:read` reaches."""
    match ctx.permissions.get("sales:read"):
        case "shop":
            return query
        case "branch":
            return query.where(Sale.branch_id == ctx.branch_id)
        case "own":
            return query.where(Sale.staff_id == ctx.staff_id)
    return query.where(false())


def reaches(ctx: Ctx, row: queries.Row) -> bool:
    """Say whether the caller's `sales:read` reaches a sale."""
    match ctx.permissions.get("sales:read"):
        case "shop":
            return True
        case "branch":
            return bool(row["branch_id"] == str(ctx.branch_id))
        case "own":
            return bool(row["staff_id"] == str(ctx.staff_id))
    return False


def _narrowed(query: Select[Any], wanted: SaleFilter) -> Select[Any]:
    owed = Sale.total_minor + Sale.debited_minor - Sale.credited_minor - Sale.paid_minor
    compared = (
        (Sale.business_date, ge, wanted.since), (Sale.business_date, le, wanted.until),
        (Sale.branch_id, eq, wanted.branch_id), (Sale.register_id, eq, wanted.register_id),
        (Sale.staff_id, eq, wanted.staff_id), (Sale.customer_id, eq, wanted.customer_id),
        (Sale.state, eq, wanted.state and written(wanted.state)),
        (Sale.review, eq, wanted.review and written(wanted.review)),
        (Sale.total_minor, ge, wanted.amount_min), (Sale.total_minor, le, wanted.amount_max),
        (Sale.external_ref, eq, wanted.external_ref),
    )  # fmt: skip
    query = query.where(*(compare(column, value) for column, compare, value in compared if value is not None))
    if wanted.number is not None:
        query = query.where(numbered(Sale.number, wanted.number))
    if wanted.method is not None:
        query = query.where(Sale.id.in_(paid_with(wanted.method)))
    if wanted.owing is not None:
        owes = (Sale.state == written("completed")) & (owed > written(0))
        query = query.where(owes if wanted.owing else ~owes)
    return query


_SAME: Final = (
    "id", "number", "state", "review", "currency", "business_date", "due_on", "register_id", "branch_id", "staff_id",
    "customer_id", "external_ref", "version",
)  # fmt: skip
_MOMENTS: Final = ("made_at", "received_at", "locked_at")
_MONEY: Final = ("total_minor", "paid_minor", "credited_minor", "debited_minor")


def _listed(row: Sale, today: date) -> dict[str, Any]:
    """Write a sale as `list_schemas.SaleListed`, but for its moments."""
    stored = row.__dict__  # what was read, without asking the mapper for each of a page's thousand values
    owed = row.total_minor + row.debited_minor - row.credited_minor - row.paid_minor
    return {
        **{name: stored[name] for name in _SAME},
        **{name.removesuffix("_minor"): stored[name] for name in _MONEY},
        "payment_status": present.payment_status(stored, today),
        "owed": owed if row.state == "completed" else 0,
    }
