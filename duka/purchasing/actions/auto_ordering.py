"""To order by itself what runs low: a requested order for the preferred supplier, or a line more on the open one.

Only products that say so are ordered. Nothing is sent: the order waits for somebody who may approve it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.ids import new_id
from duka.platform.money import LIMIT_MINOR
from duka.platform.quantity import LIMIT_MILLI
from duka.purchasing import events as told
from duka.purchasing import rules
from duka.purchasing.actions.ordering import Wanted, line_row, write
from duka.purchasing.models import PurchaseOrder, PurchaseOrderLine
from duka.purchasing.order_queries import AWAITED
from duka.purchasing.order_schemas import LINES_MAX, OrderLineIn
from duka.purchasing.rules import OPEN
from duka.stock.events import LOW as RAN_LOW
from duka.stock.rules import reorder_milli

CONSUMER: Final = "purchasing.auto_reorder"
LOW: Final = frozenset({RAN_LOW})

# As `reordering` does: whoever orders what runs low holds the supplier, so that two who do it at once see each other's.
_HOLD: Final = """
SELECT s.id FROM suppliers s WHERE s.shop_id = %(shop)s AND s.active AND EXISTS (
    SELECT 1 FROM supplier_items i WHERE i.shop_id = %(shop)s AND i.supplier_id = s.id AND i.preferred
        AND i.variant_id = ANY(%(variants)s::uuid[])
) ORDER BY s.id FOR NO KEY UPDATE
"""

# Stock and catalogue are read by name here, and never written. Asked anew: since the event goods may have come.
_WANTING: Final = f"""
SELECT b.variant_id, b.location_id, l.branch_id, i.supplier_id, i.pack_size_milli, b.quantity_milli,
    coalesce(b.min_stock_milli, p.min_stock_milli) AS min_milli, p.reorder_quantity_milli,
    coalesce(i.price_minor, cost.cost_minor) AS price_minor, coalesce(coming.quantity_milli, 0)::bigint AS coming_milli
FROM unnest(%(variants)s::uuid[], %(places)s::uuid[]) AS low(variant_id, location_id)
JOIN stock_balances b ON b.shop_id = %(shop)s AND b.variant_id = low.variant_id AND b.location_id = low.location_id
JOIN variants v ON v.shop_id = %(shop)s AND v.id = b.variant_id AND v.active AND v.deleted_at IS NULL
JOIN products p ON p.shop_id = %(shop)s AND p.id = v.product_id AND p.active AND p.auto_reorder AND p.kind = 'goods'
    AND p.tracking <> 'none'
JOIN locations l ON l.shop_id = %(shop)s AND l.id = b.location_id AND l.active AND l.kind NOT IN ('damaged', 'transit')
JOIN supplier_items i ON i.shop_id = %(shop)s AND i.variant_id = b.variant_id AND i.preferred
JOIN suppliers s ON s.shop_id = %(shop)s AND s.id = i.supplier_id AND s.active
LEFT JOIN LATERAL (
    SELECT c.cost_minor FROM costs c WHERE c.shop_id = %(shop)s AND c.variant_id = b.variant_id
        AND c.valid_from <= %(at)s::timestamptz ORDER BY c.valid_from DESC, c.id DESC LIMIT 1
) cost ON true
LEFT JOIN LATERAL (
    SELECT sum({AWAITED}) AS quantity_milli FROM purchase_orders o
    JOIN purchase_order_lines l ON l.shop_id = %(shop)s AND l.order_id = o.id
    WHERE o.shop_id = %(shop)s AND o.state = ANY(%(open)s::text[]) AND o.location_id = b.location_id
        AND l.variant_id = b.variant_id
) coming ON true
WHERE b.quantity_milli <= coalesce(b.min_stock_milli, p.min_stock_milli) ORDER BY s.id, b.location_id, b.variant_id
"""  # noqa: S608 - no outside text


@dataclass(frozen=True, slots=True)
class _Place:
    """For whom and where an order is made."""

    supplier_id: UUID
    branch_id: UUID
    location_id: UUID


async def order_what_ran_low(ctx: Ctx) -> int:
    """Order what the next `stock.low` events name, where its product is ordered by itself; say how many were read.

    As much as the list of low stock suggests, less what is on order, in whole packs. What has no preferred supplier or
    no price is left out: the warning about it stands. Reading the same event twice orders once.
    """
    unread = await events.unread(ctx, CONSUMER, kinds=LOW)
    wanted: dict[_Place, list[OrderLineIn]] = {}
    for row in await _wanting(ctx, unread):
        missing = reorder_milli(row.quantity_milli, row.min_milli, row.reorder_quantity_milli) - row.coming_milli
        quantity = rules.in_packs(missing, row.pack_size_milli)
        if quantity <= 0 or quantity > LIMIT_MILLI or row.price_minor is None:
            continue
        line = OrderLineIn.model_construct(
            id=new_id(), variant_id=row.variant_id, quantity=quantity, price=min(row.price_minor, LIMIT_MINOR),
            expected_on=None,
        )  # fmt: skip
        wanted.setdefault(_Place(row.supplier_id, row.branch_id, row.location_id), []).append(line)
    for place, lines in wanted.items():
        await _order(ctx, place, lines)
    return len(unread)


async def _wanting(ctx: Ctx, unread: Sequence[Any]) -> Sequence[Any]:
    named = sorted({(event.facts["variant_id"], event.facts["location_id"]) for event in unread})
    if not named:
        return ()
    variants = [UUID(variant) for variant, _ in named]
    await fetch(ctx, _HOLD, {"variants": variants})
    places = [UUID(place) for _, place in named]
    return await fetch(ctx, _WANTING, {"variants": variants, "places": places, "at": ctx.now, "open": list(OPEN)})


async def _order(ctx: Ctx, place: _Place, lines: Sequence[OrderLineIn]) -> None:
    """Put lines on the open draft of a supplier and place, or on a new one."""
    draft = await _draft(ctx, place, len(lines))
    wanted = _affordable(lines, draft.total_minor if draft else 0)
    if not wanted:
        return
    if draft is None:
        order_id = new_id()
        rows = [line_row(order_id, at, line, line.price or 0) for at, line in enumerate(wanted)]
        made = Wanted(order_id, place.supplier_id, place.branch_id, place.location_id, None, "", rows, b"", True)
        assert await write(ctx, made)
    else:
        order_id = draft.id
        await _grow(ctx, draft, wanted)
    facts = {"supplier_id": str(place.supplier_id), "branch_id": str(place.branch_id), "lines": len(wanted)}
    events.emit(ctx, told.REORDERED, order_id, facts)


async def _draft(ctx: Ctx, place: _Place, more: int) -> PurchaseOrder | None:
    """Hold the open draft that has room for so many lines more."""
    order, line = PurchaseOrder, PurchaseOrderLine
    count = select(func.count()).where(line.shop_id == order.shop_id, line.order_id == order.id)
    query = select(order).where(
        order.automatic, order.state == "requested", order.supplier_id == place.supplier_id,
        order.location_id == place.location_id, count.scalar_subquery() + more <= LINES_MAX,
    )  # fmt: skip
    held = query.order_by(order.id).limit(1).with_for_update().execution_options(populate_existing=True)
    return (await ctx.db.scalars(held)).one_or_none()


def _affordable(lines: Sequence[OrderLineIn], spent_minor: int) -> list[OrderLineIn]:
    """Leave out what would make an order worth more than can be booked."""
    kept = []
    for line in lines:
        worth = rules.worth_minor(line.quantity, line.price or 0)
        if spent_minor + worth <= LIMIT_MINOR:
            spent_minor += worth
            kept.append(line)
    return kept


async def _grow(ctx: Ctx, draft: PurchaseOrder, lines: Sequence[OrderLineIn]) -> None:
    """Add lines to a draft; more of what stands on it already makes its line larger."""
    query = select(PurchaseOrderLine).where(PurchaseOrderLine.order_id == draft.id)
    standing = list(await ctx.db.scalars(query))
    for line in lines:
        known = next((each for each in standing if each.variant_id == line.variant_id), None)
        if known is not None:
            known.quantity_milli += line.quantity
            continue
        at = max((each.position for each in standing), default=-1) + 1
        standing.append(PurchaseOrderLine(shop_id=ctx.shop_id, **line_row(draft.id, at, line, line.price or 0)))
        ctx.db.add(standing[-1])
    before = draft.total_minor
    draft.total_minor = sum(rules.worth_minor(line.quantity_milli, line.price_minor) for line in standing)
    draft.version, draft.updated_at = draft.version + 1, ctx.now
    audit.record(
        ctx, "update", "purchase_order", draft.id, before={"total_minor": before},
        after={"total_minor": draft.total_minor, "lines": len(standing)},
    )  # fmt: skip
    events.emit(ctx, told.ORDER_UPDATED, draft.id, {"fields": ["lines", "total_minor"]})
    await ctx.db.flush()
