"""To order what runs low: an order for each preferred supplier and location, in one go."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound
from duka.platform.ids import new_id
from duka.platform.reads import Reads
from duka.platform.wire import Paging
from duka.purchasing import rules
from duka.purchasing.actions.gathering import PLACES
from duka.purchasing.actions.ordering import Wanted, line_row, write
from duka.purchasing.order_queries import AWAITED
from duka.purchasing.order_schemas import LINES_MAX, OrderLineIn
from duka.purchasing.rules import OPEN
from duka.stock import queries as stock
from duka.stock.queries import Where

_ROWS_MAX: Final = 5_000
_PAGE: Final = 200

# Whoever orders what runs low holds the suppliers, so that done twice at once the second one sees the first one's.
_HOLD: Final = """
SELECT s.id FROM suppliers s WHERE s.shop_id = %(shop)s AND s.active AND EXISTS (
    SELECT 1 FROM supplier_items i WHERE i.shop_id = %(shop)s AND i.supplier_id = s.id AND i.preferred
) ORDER BY s.id FOR NO KEY UPDATE
"""

_ITEMS: Final = """
SELECT i.variant_id, i.supplier_id, i.pack_size_milli, coalesce(i.price_minor, (
    SELECT c.cost_minor FROM costs c WHERE c.shop_id = %(shop)s AND c.variant_id = i.variant_id
        AND c.valid_from <= %(at)s::timestamptz ORDER BY c.valid_from DESC, c.id DESC LIMIT 1
)) AS price_minor
FROM supplier_items i WHERE i.shop_id = %(shop)s AND i.preferred AND i.supplier_id = ANY(%(suppliers)s::uuid[])
    AND i.variant_id = ANY(%(variants)s::uuid[])
"""

_ON_ORDER: Final = f"""
SELECT l.variant_id, o.location_id, sum({AWAITED})::bigint AS quantity_milli
FROM purchase_orders o JOIN purchase_order_lines l ON l.shop_id = %(shop)s AND l.order_id = o.id
WHERE o.shop_id = %(shop)s AND o.state = ANY(%(open)s::text[]) AND l.variant_id = ANY(%(variants)s::uuid[])
GROUP BY 1, 2
"""  # noqa: S608 - no outside text


async def order_low(ctx: Ctx, location_id: UUID | None) -> tuple[list[UUID], list[dict[str, Any]]]:
    """Make orders of what runs low, in whole packs, less what is on order already; give their ids and what was left
    out, with the reason.

    Done again it finds everything on order. NotFound for a location that the caller may not use.
    """
    if location_id is not None:
        reads = Reads(ctx)
        reads.ask("places", PLACES, location=location_id, branch=ctx.branch_id)
        if not (await reads.send())["places"]:
            raise NotFound(what="location")
    suppliers = [row.id for row in await fetch(ctx, _HOLD, {})]
    low = await _low(ctx, location_id)
    reads = Reads(ctx)
    reads.bind(variants=sorted({row["variant_id"] for row in low}))
    reads.ask("items", _ITEMS, suppliers=suppliers, at=ctx.now)
    reads.ask("on_order", _ON_ORDER, open=list(OPEN))
    facts = await reads.send()
    items = {UUID(row["variant_id"]): row for row in facts["items"]}
    coming = {(UUID(row["variant_id"]), UUID(row["location_id"])): row["quantity_milli"] for row in facts["on_order"]}
    orders: dict[tuple[UUID, UUID, UUID], list[tuple[Mapping[str, Any], OrderLineIn]]] = {}
    left_out: list[dict[str, Any]] = []
    for row in low:
        item = items.get(row["variant_id"])
        wanted = row["suggested_milli"] - coming.get((row["variant_id"], row["location_id"]), 0)
        why = _why_not(item, wanted)
        if item is None or why:
            left_out.append({**row, "why": why})
            continue
        line = OrderLineIn.model_construct(
            id=new_id(), variant_id=row["variant_id"], quantity=rules.in_packs(wanted, item["pack_size_milli"]),
            price=item["price_minor"], expected_on=None,
        )  # fmt: skip
        key = (UUID(item["supplier_id"]), row["branch_id"], row["location_id"])
        orders.setdefault(key, []).append((item, line))
    return [made for key, lines in orders.items() for made in await _write(ctx, key, lines)], left_out


def _why_not(item: Mapping[str, Any] | None, wanted_milli: int) -> str | None:
    if item is None:
        return "no_supplier"
    if wanted_milli <= 0:
        return "on_order"
    return "no_price" if item["price_minor"] is None else None


async def _low(ctx: Ctx, location_id: UUID | None) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    cursor = None
    while len(rows) < _ROWS_MAX:
        asked = Paging(limit=_PAGE, cursor=cursor, sort=None, q=None, total=False, format=None)
        found, info = await stock.low(ctx, asked, Where(location_id=location_id, branch_id=ctx.branch_id))
        rows += found
        cursor = info.next_cursor
        if cursor is None:
            break
    return rows


async def _write(
    ctx: Ctx, key: tuple[UUID, UUID, UUID], lines: Sequence[tuple[Mapping[str, Any], OrderLineIn]]
) -> list[UUID]:  # fmt: skip
    supplier_id, branch_id, location_id = key
    made = []
    for start in range(0, len(lines), LINES_MAX):
        order_id = new_id()
        rows = [
            line_row(order_id, at, line, line.price or 0)
            for at, (_, line) in enumerate(lines[start : start + LINES_MAX])
        ]
        wanted = Wanted(order_id, supplier_id, branch_id, location_id, None, "", rows, ctx.body_hash)
        assert await write(ctx, wanted)
        made.append(order_id)
    return made
