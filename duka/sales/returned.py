"""Which units and batches come back with a credit note."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.disputes import Disputes
from duka.sales.notes import NoteLine
from duka.stock import actions as stock
from duka.stock.actions import Back
from duka.stock.actions.parting import TRACKED
from duka.stock.choosing import Named, Wanted

_CAME_BEFORE: Final = """
SELECT l.id, l.invoice_id, l.sale_line_id FROM invoice_lines l
WHERE l.shop_id = %(shop)s AND l.sale_line_id = ANY(%(lines)s) AND l.restock IS NOT NULL
"""


async def with_parts(
    ctx: Ctx, lines: Sequence[NoteLine], sale_id: UUID | None, places: Sequence[UUID], disputes: Disputes
) -> list[NoteLine]:
    """Say of each line which units and batches come back, where its goods have such: of what left with the sale, or
    (without one) units that the shop knows. `places` are where goods may come back to; their balances are held.

    Disputes: UnitsNotHere, SerialsRequired where only some of a line's pieces come back.
    """
    coming = [line for line in lines if line.restock != "none" and line.sold["stocked"]]
    if not coming:
        return list(lines)
    tracking = await stock.tracking_of(ctx, {_variant(line) for line in coming})
    tracked = [line for line in coming if tracking[_variant(line)][1] in TRACKED]
    if not tracked:
        return list(lines)
    await stock.hold(ctx, {_variant(line) for line in tracked}, places)
    before = await fetch(ctx, _CAME_BEFORE, {"lines": [line.sale_line_id for line in tracked if line.sale_line_id]})
    backs = [Back(_wanted(line, tracking), line.sale_line_id, _came_with(line, before)) for line in tracked]
    documents = {row.invoice_id for row in before} | ({sale_id} if sale_id else set())
    picked = await stock.pick_back(ctx, backs, documents)
    for trouble in picked.troubles:
        disputes.add(trouble)
    return [
        replace(line, tracking=tracking[_variant(line)][1], parts=picked.parts[line.id])
        if line.id in picked.parts else line for line in lines
    ]  # fmt: skip


def _variant(line: NoteLine) -> UUID:
    return UUID(str(line.sold["variant_id"]))


def _wanted(line: NoteLine, tracking: dict[UUID, tuple[str, str]]) -> Wanted:
    name, how = tracking[_variant(line)]
    return Wanted(line.id, _variant(line), name, how, line.quantity_milli, Named(line.serials))


def _came_with(line: NoteLine, before: Sequence[Any]) -> tuple[UUID, ...]:
    return tuple(row.id for row in before if row.sale_line_id == line.sale_line_id)
