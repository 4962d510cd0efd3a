"""What is asked of closed costs: the closings with what they changed, and what a closing has to look at."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from duka.ledger import chart
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound
from duka.platform.wire import PageInfo, Paging, page
from duka.stock import valuation
from duka.stock.costs.models import CostClosing

LOST: Final = """
    SELECT s.id, l.variant_id, s.business_date FROM stock_transfer_steps s
    JOIN stock_transfer_lines l ON l.shop_id = s.shop_id AND l.transfer_id = s.transfer_id
    WHERE s.shop_id = %(shop)s AND s.id > %(since)s AND s.step = 'receive' AND l.received_milli = 0
"""
"""What left by a transfer, and turned out behind a mark never to arrive: it moves nothing more."""

NEWS: Final = f"""
    SELECT m.id, m.variant_id, m.business_date FROM stock_movements m
    WHERE m.shop_id = %(shop)s AND m.id > %(since)s
    UNION ALL {LOST}
"""  # noqa: S608 - no outside text
"""What happened behind a mark."""

OFF: Final = f"""
    SELECT sum({valuation.worth_sql("o.quantity_milli", "o.unit_cost_minor")}) - (
        SELECT coalesce(sum(CASE WHEN p.debit = %(stock)s THEN p.amount_minor ELSE -p.amount_minor END), 0)
        FROM postings p
        WHERE p.shop_id = %(shop)s AND p.source_id = m.source_id AND %(stock)s IN (p.debit, p.credit)
    ) AS minor
    FROM stock_movements o WHERE o.shop_id = %(shop)s AND o.source_id = m.source_id
    HAVING min(o.id::text) = m.id::text
"""  # noqa: S608 - no outside text
"""Of the first movement `m` of a credit note: what its movements are worth less what was booked for them. A note books
the share of all that came back so far, so that it may be a minor unit for each line."""

ARRIVED: Final = f"""
    SELECT s.business_date AS received_on, CASE WHEN l.difference = 'loss'
        THEN {valuation.worth_sql("(l.received_milli - l.dispatched_milli)", "l.unit_cost_minor")} END AS loss_minor
    FROM stock_transfer_lines l
    JOIN stock_transfer_steps s ON s.shop_id = l.shop_id AND s.transfer_id = l.transfer_id AND s.step = 'receive'
    WHERE l.shop_id = %(shop)s AND l.id = m.source_line_id
"""  # noqa: S608 - no outside text
"""Of the line of a transfer that moved `m`: when it arrived, and what was booked as its difference."""

_HASH: Final = "SELECT body_hash FROM stock_cost_closings WHERE shop_id = %(shop)s AND id = %(closing)s"
_AHEAD: Final = f"""
SELECT n.id FROM ({NEWS}) n WHERE n.business_date > %(until)s ORDER BY n.id LIMIT 1
"""  # noqa: S608 - no outside text
_ANY: Final = f"""
SELECT 1 FROM ({NEWS}) n WHERE n.business_date <= %(until)s LIMIT 1
"""  # noqa: S608 - no outside text
_MARK: Final = "SELECT movement_id, until, method FROM stock_cost_marks WHERE shop_id = %(shop)s"
_OPEN: Final = "SELECT id FROM stock_cost_closings WHERE shop_id = %(shop)s AND state = 'closing' ORDER BY id LIMIT 1"
_BOOKED: Final = """
SELECT p.source_id, sum(CASE WHEN p.credit = %(stock)s THEN p.amount_minor ELSE -p.amount_minor END) FILTER (
        WHERE %(goods)s IN (p.debit, p.credit))::bigint AS goods_minor,
    sum(CASE WHEN p.credit = %(stock)s THEN p.amount_minor ELSE -p.amount_minor END)::bigint AS all_minor
FROM postings p WHERE p.shop_id = %(shop)s AND p.source_id = ANY(%(closings)s::uuid[]) AND p.source = 'cost_closing'
GROUP BY 1
"""
_OF_DOCUMENT: Final = """
SELECT coalesce(sum(c.value_minor), 0)::bigint AS minor FROM stock_movements m
JOIN stock_cost_corrections c ON c.shop_id = m.shop_id AND c.movement_id = m.id
WHERE m.shop_id = %(shop)s AND m.source_id = %(document)s
"""
_COLUMNS: Final[tuple[Any, ...]] = (
    CostClosing.id, CostClosing.state, CostClosing.until, CostClosing.method, CostClosing.movements,
    CostClosing.corrections, CostClosing.staff_id, CostClosing.at, CostClosing.closed_at,
)  # fmt: skip


async def hash_of(ctx: Ctx, closing_id: UUID) -> bytes | None:
    """Give the fingerprint of the request that began a closing; None where there is none of this id."""
    rows = await fetch(ctx, _HASH, {"closing": closing_id})
    return bytes(rows[0].body_hash) if rows else None


async def next_mark(ctx: Ctx, since: UUID, until: date, settled: UUID) -> UUID:
    """Say where the closing after this one has to begin: before what happened later than `until`, and before whatever
    may still be uncommitted (`settled`)."""
    ahead = await fetch(ctx, _AHEAD, {"since": since, "until": until})
    before = UUID(int=ahead[0].id.int - 1) if ahead else settled
    return max(since, min(before, settled))


async def has_news(ctx: Ctx, until: date, method: str) -> bool:
    """Say whether something happened up to a day that no closing has looked at, or another method is to be used."""
    marks = await fetch(ctx, _MARK, {})
    since = marks[0].movement_id if marks and marks[0].method == method else UUID(int=0)
    return bool(await fetch(ctx, _ANY, {"since": since, "until": until}))


async def unfinished(ctx: Ctx) -> UUID | None:
    """Give the oldest closing that is not through."""
    rows = await fetch(ctx, _OPEN, {})
    return rows[0].id if rows else None


async def corrected_minor(ctx: Ctx, document_id: UUID) -> int:
    """Say by how much closings made what a document moved worth more: below zero where what it took out cost more than
    was booked with it."""
    (row,) = await fetch(ctx, _OF_DOCUMENT, {"document": document_id})
    return int(row.minor)


async def closing(ctx: Ctx, closing_id: UUID) -> dict[str, Any]:
    """Give one closing as `cost_schemas.CostClosingOut`. NotFound for one that the shop does not have."""
    row = (await ctx.db.execute(select(*_COLUMNS).where(CostClosing.id == closing_id))).one_or_none()
    if row is None:
        raise NotFound(what="closing of costs")
    (shown,) = await _with_amounts(ctx, [row])
    return shown


async def closings(ctx: Ctx, asked: Paging) -> tuple[Sequence[dict[str, Any]], PageInfo]:
    """List closings of costs, the newest first."""
    sorts: dict[str, Any] = {"id": CostClosing.id, "at": CostClosing.at}
    rows, info = await page(ctx, select(*_COLUMNS), asked, sorts, CostClosing.id, default="-id")
    return await _with_amounts(ctx, rows), info


async def _with_amounts(ctx: Ctx, rows: Sequence[Any]) -> list[dict[str, Any]]:
    values = {"closings": [row.id for row in rows], "stock": chart.STOCK, "goods": chart.COST_OF_GOODS}
    booked: Mapping[UUID, Any] = {each.source_id: each for each in await fetch(ctx, _BOOKED, values)}
    shown = []
    for row in rows:
        of = booked.get(row.id)
        goods = (of.goods_minor or 0) if of else 0
        shown.append({
            **row._mapping, "cost_of_goods": goods, "other_costs": of.all_minor - goods if of else 0,
            "stock_value": -of.all_minor if of else 0,
        })  # fmt: skip
    return shown
