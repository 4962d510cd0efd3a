"""To pack: to say which units and batches go back to a supplier."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.reads import Facts
from duka.purchasing.errors import UnitsOfAnother
from duka.purchasing.money_schemas import ReturnLineIn
from duka.stock import actions as stock
from duka.stock.actions.parting import TRACKED
from duka.stock.actions.picking import refuse_troubles
from duka.stock.choosing import Named, NamedBatch, Parts, Wanted
from duka.stock.units.schemas import named

_CAME: Final = """
SELECT m.source_line_id AS line_id, b.number, c.code FROM stock_movements m
JOIN stock_parts p ON p.shop_id = %(shop)s AND p.movement_id = m.id AND p.fault IS NULL
LEFT JOIN stock_batches b ON b.shop_id = %(shop)s AND b.id = p.batch_id
LEFT JOIN stock_units u ON u.shop_id = %(shop)s AND u.id = p.unit_id AND u.location_id = %(place)s
LEFT JOIN stock_unit_codes c ON c.shop_id = %(shop)s AND c.unit_id = u.id AND c.position = 0
WHERE m.shop_id = %(shop)s AND m.source_id = ANY(%(receipts)s) AND m.source_line_id = ANY(%(lines)s)
ORDER BY p.id
"""

# Where a piece came in last: a piece that was told its number later came with no receipt that is known.
_CAME_WITH: Final = """
SELECT DISTINCT ON (p.unit_id) p.unit_id, m.source_id AS receipt_id, r.number AS receipt_number, c.code AS serial
FROM stock_parts p
JOIN stock_movements m ON m.shop_id = %(shop)s AND m.id = p.movement_id
JOIN goods_receipts r ON r.shop_id = %(shop)s AND r.id = m.source_id
JOIN stock_unit_codes c ON c.shop_id = %(shop)s AND c.unit_id = p.unit_id AND c.position = 0
WHERE p.shop_id = %(shop)s AND p.unit_id = ANY(%(units)s) AND p.fault IS NULL AND m.quantity_milli > 0
ORDER BY p.unit_id, p.id DESC
"""


async def pack(
    ctx: Ctx, lines: Sequence[ReturnLineIn], wares: Mapping[UUID, Facts], receipts: Collection[UUID], location_id: UUID
) -> Mapping[UUID, Parts]:
    """Choose what goes back from a location: what the line names, else the batch that came with the receipt's line, or
    all its pieces that stand there where that is as many.

    `wares` has the name and tracking of the goods of each receipt's line. UnitsNotHere, SerialsRequired,
    BatchesNotHere, UnitsOfAnother. No statement for goods that are all alike.
    """
    tracked = [line for line in lines if wares[line.receipt_line_id]["tracking"] in TRACKED]
    if not tracked:
        return {}
    variants = {UUID(wares[line.receipt_line_id]["variant_id"]) for line in lines}
    await stock.hold(ctx, variants, [location_id])
    values = {"receipts": list(receipts), "lines": [line.receipt_line_id for line in tracked], "place": location_id}
    came = await fetch(ctx, _CAME, values)
    wanted = []
    for line in tracked:
        ware = wares[line.receipt_line_id]
        of = Wanted(line.id, UUID(ware["variant_id"]), ware["name"], ware["tracking"], line.quantity)
        own = [row for row in came if row.line_id == line.receipt_line_id]
        wanted.append(replace(of, named=_named(line, ware["tracking"], own)))
    picked = await stock.pick(ctx, wanted, location_id, ctx.today(), expired="first")
    refuse_troubles(picked)
    await _refuse_of_another(ctx, picked.parts, receipts)
    return picked.parts


async def _refuse_of_another(ctx: Ctx, parts: Mapping[UUID, Parts], receipts: Collection[UUID]) -> None:
    units = [part.unit_id for chosen in parts.values() for part in chosen if part.unit_id and not part.fault]
    if not units:
        return
    other = [row for row in await fetch(ctx, _CAME_WITH, {"units": units}) if row.receipt_id not in receipts]
    if other:
        raise UnitsOfAnother([
            {"serial": row.serial, "receipt_id": row.receipt_id, "receipt_number": row.receipt_number} for row in other
        ])  # fmt: skip


def _named(line: ReturnLineIn, tracking: str, came: Sequence[Any]) -> Named:
    if line.serials or line.batches:
        return named(line.serials, line.batches)
    if tracking == "batch":
        return Named(batches=tuple(NamedBatch(row.number) for row in came if row.number))
    here = tuple(row.code for row in came if row.code)
    return Named(here) if 1000 * len(here) == line.quantity else Named()
