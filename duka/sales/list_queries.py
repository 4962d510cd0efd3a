"""What is asked when people look back at sales: lists as far as their role reaches, one sale with its history."""

from dataclasses import dataclass
from datetime import date
from operator import eq, ge, le
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, or_, select

from duka.payments.queries import paid_with
from duka.payments.schemas import Method
from duka.platform import wire
from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.wire import PageInfo, Paging, utc_text
from duka.sales import present, queries
from duka.sales.list_schemas import Review, SaleListed, SaleState
from duka.sales.models import Sale


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


async def sales(ctx: Ctx, asked: Paging, wanted: SaleFilter) -> tuple[list[SaleListed], PageInfo]:
    """Give a page of sales, the newest first, by the scope of `sales:read`."""
    query = _narrowed(visible(ctx, select(Sale)), wanted)
    if asked.q:
        found = (Sale.number.icontains(asked.q, autoescape=True), Sale.external_ref.icontains(asked.q, autoescape=True))
        query = query.where(or_(*found))
    sorts: dict[str, Any] = {"created": Sale.id, "business_date": Sale.business_date, "total": Sale.total_minor}
    rows, page = await wire.page(ctx, query, asked, sorts, Sale.id, default="-created")
    return [_listed(ctx, row) for row in rows], page


async def sale(ctx: Ctx, sale_id: UUID) -> dict[str, Any]:
    """Show one sale as `list_schemas.SaleWhole`. NotFound for one out of the caller's reach."""
    found = await queries.whole(ctx, sale_id)
    if not reaches(ctx, found.sale):
        raise NotFound(what="sale")
    shown = present.sale(
        ctx, found.sale, found.current_lines, found.payments, found.invoice, found.party, found.exceptions
    )
    told = ("step", "state_from", "state_to", "revision", "staff_id", "reason")
    history = [{name: step[name] for name in told} | {"at": utc_text(step["at"])} for step in found.steps]
    return {**shown, "history": history, "documents": [present.link(row) for row in found.invoices]}


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
        (Sale.state, eq, wanted.state), (Sale.review, eq, wanted.review),
        (Sale.total_minor, ge, wanted.amount_min), (Sale.total_minor, le, wanted.amount_max),
        (Sale.external_ref, eq, wanted.external_ref),
    )  # fmt: skip
    query = query.where(*(compare(column, value) for column, compare, value in compared if value is not None))
    if wanted.number is not None:
        query = query.where(Sale.number.startswith(wanted.number, autoescape=True))
    if wanted.method is not None:
        query = query.where(Sale.id.in_(paid_with(wanted.method)))
    if wanted.owing is not None:
        owes = (Sale.state == "completed") & (owed > 0)
        query = query.where(owes if wanted.owing else ~owes)
    return query


def _listed(ctx: Ctx, row: Sale) -> SaleListed:
    owed = row.total_minor + row.debited_minor - row.credited_minor - row.paid_minor
    settled = {
        name: getattr(row, name)
        for name in ("paid_minor", "credited_minor", "total_minor", "debited_minor", "due_on")
    }  # fmt: skip
    same = {name: getattr(row, name) for name in SaleListed.model_fields if hasattr(row, name)}
    return SaleListed.model_validate({
        **same, "payment_status": present.payment_status(settled, ctx.today()), "total": row.total_minor,
        "paid": row.paid_minor, "credited": row.credited_minor, "debited": row.debited_minor,
        "owed": owed if row.state == "completed" else 0,
    })  # fmt: skip
