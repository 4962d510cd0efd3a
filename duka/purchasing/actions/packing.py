"""To pack: to say which units and batches go back to a supplier."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.reads import Facts
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


async def pack(
    ctx: Ctx, lines: Sequence[ReturnLineIn], wares: Mapping[UUID, Facts], receipts: Collection[UUID], location_id: UUID
) -> Mapping[UUID, Parts]:
    """Choose what goes back from a location: what the line names, else the batch that came with the receipt's line, or
    all its pieces that stand there where that is as many.

    `wares` has the name and tracking of the goods of each receipt's line. UnitsNotHere, SerialsRequired,
    BatchesNotHere. No statement for goods that are all alike.
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
    return picked.parts


def _named(line: ReturnLineIn, tracking: str, came: Sequence[Any]) -> Named:
    if line.serials or line.batches:
        return named(line.serials, line.batches)
    if tracking == "batch":
        return Named(batches=tuple(NamedBatch(row.number) for row in came if row.number))
    here = tuple(row.code for row in came if row.code)
    return Named(here) if 1000 * len(here) == line.quantity else Named()
