"""Who took a piece or a batch: which sales, which customers, for a warranty or a recall."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Text, Uuid, and_, column, literal, select, text

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.wire import PageInfo, Paging, page
from duka.sales.lists.queries import visible
from duka.sales.models import Sale, SaleParty
from duka.stock.units import queries as unit_queries

# A credit note belongs to its sale; one without a receipt to none.
_TAKEN: Final = text("""
SELECT coalesce(i.sale_id, m.source_id) AS sale_id,
    coalesce(sum(-p.quantity_milli) FILTER (WHERE m.kind = 'sale'), 0)::bigint AS sold_milli,
    coalesce(sum(p.quantity_milli) FILTER (WHERE m.kind = 'return'), 0)::bigint AS returned_milli
FROM stock_parts p JOIN stock_movements m ON m.shop_id = :shop AND m.id = p.movement_id
LEFT JOIN invoices i ON i.shop_id = :shop AND m.kind = 'return' AND i.id = m.source_id
WHERE p.shop_id = :shop AND p.batch_id = :batch AND m.kind IN ('sale', 'return') GROUP BY 1
""").columns(column("sale_id", Uuid()), column("sold_milli", BigInteger()), column("returned_milli", BigInteger()))

_DOCUMENTS: Final = """
SELECT d.id, coalesce(i.number, s.number) AS number, s.id AS sale_id, s.customer_id, s.branch_id, s.staff_id
FROM unnest(%(documents)s::uuid[]) AS d(id) LEFT JOIN invoices i ON i.shop_id = %(shop)s AND i.id = d.id
JOIN sales s ON s.shop_id = %(shop)s AND s.id = coalesce(i.sale_id, d.id)
"""


async def buyers(ctx: Ctx, asked: Paging, batch_id: UUID) -> tuple[Sequence[dict[str, Any]], PageInfo]:
    """List the sales that took some of a batch, as far as the caller's `sales:read` reaches, the newest first; who
    bought is named to those with `customers:read`. BatchNotFound."""
    await unit_queries.batch(ctx, batch_id)
    taken = _TAKEN.bindparams(shop=ctx.shop_id, batch=batch_id).subquery("taken").c
    names: tuple[Any, ...] = (SaleParty.name, SaleParty.phone)
    if not ctx.may("customers:read"):
        names = (literal(None, Text()).label("name"), literal(None, Text()).label("phone"))
    query = (
        select(
            Sale.id.label("sale_id"), Sale.number, Sale.business_date, Sale.branch_id, Sale.customer_id, *names,
            taken.sold_milli, taken.returned_milli,
        )
        .join_from(Sale, taken.sale_id.table, taken.sale_id == Sale.id)
        .outerjoin(SaleParty, and_(SaleParty.shop_id == Sale.shop_id, SaleParty.sale_id == Sale.id))
        .where(Sale.shop_id == ctx.shop_id)
    )  # fmt: skip
    sorts: dict[str, Any] = {"id": Sale.id}
    rows, info = await page(ctx, visible(ctx, query), asked, sorts, Sale.id, default="-id")
    return [dict(row._mapping) for row in rows], info


async def unit_with_history(ctx: Ctx, unit_id: UUID) -> dict[str, Any]:
    """Give a unit with its way. A sale or return on it that the caller's `sales:read` reaches has its number and its
    customer. UnitNotFound."""
    unit, way = await unit_queries.unit(ctx, unit_id)
    sold = [UUID(step["source_id"]) for step in way if step["source"] in ("sale", "return")]
    documents = {
        str(row.id): row for row in (await fetch(ctx, _DOCUMENTS, {"documents": sold}) if sold else ())
        if _reaches(ctx, row)
    }  # fmt: skip
    history = []
    for step in way:
        of = documents.get(step["source_id"])
        told = {"number": of and of.number, "sale_id": of and of.sale_id, "customer_id": of and of.customer_id}
        history.append({**step, **told})
    return {**unit, "history": history}


def _reaches(ctx: Ctx, row: Any) -> bool:
    match ctx.permissions.get("sales:read"):
        case "shop":
            return True
        case "branch":
            return bool(row.branch_id == ctx.branch_id)
        case "own":
            return bool(row.staff_id == ctx.staff_id)
    return False
