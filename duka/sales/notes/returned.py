"""Which units and batches come back with a credit note."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.disputes import Disputes
from duka.sales.notes.writing import NoteLine
from duka.stock import actions as stock
from duka.stock.actions import Back, Picked
from duka.stock.actions.parting import TRACKED
from duka.stock.choosing import Named, Wanted
from duka.stock.errors import UnitsNotHere

_CAME_BEFORE: Final = """
SELECT l.id, l.invoice_id, l.sale_line_id AS left_with FROM invoice_lines l
WHERE l.shop_id = %(shop)s AND l.sale_line_id = ANY(%(lines)s) AND l.restock IS NOT NULL
UNION ALL
SELECT c.id, l.invoice_id, c.taken_id FROM sold_components c
JOIN invoice_lines l ON l.shop_id = %(shop)s AND l.id = c.invoice_line_id AND l.restock IS NOT NULL
WHERE c.shop_id = %(shop)s AND c.taken_id = ANY(%(lines)s)
"""


@dataclass(frozen=True, slots=True)
class _Coming:
    """Goods of one variant that come back: a line's own, or a component of its set. `named` is all that was named of
    the line."""

    id: UUID
    variant_id: UUID
    quantity_milli: int
    left_with: UUID | None
    named: Named


async def with_parts(
    ctx: Ctx, lines: Sequence[NoteLine], sale_id: UUID | None, places: Sequence[UUID], disputes: Disputes
) -> list[NoteLine]:
    """Say of each line which units and batches come back, where its goods have such: of what left with the sale, or
    (without one) units that the shop knows. `places` are where goods may come back to; their balances are held.

    Disputes: UnitsNotHere with each serial number that is not one of the line's, has come back, or is too many;
    SerialsRequired where only some of a line's pieces come back and not each is named.
    """
    back = [line for line in lines if line.restock != "none" and (line.sold["stocked"] or line.components)]
    if not back:
        return list(lines)
    variants = {variant for line in back for variant in _variants(line)}
    tracking = await stock.tracking_of(ctx, variants)
    coming = [list(_coming(line)) for line in back]
    of_nobody = [told for line, goods in zip(back, coming, strict=True) for told in _nobodys(line, goods, tracking)]
    if of_nobody:
        disputes.add(UnitsNotHere(of_nobody))
    numbered = [[each for each in goods if tracking[each.variant_id][1] in TRACKED] for goods in coming]
    tracked = [each for goods in numbered for each in goods]
    if not tracked:
        return list(lines)
    await stock.hold(ctx, variants, places)
    before = await fetch(ctx, _CAME_BEFORE, {"lines": [each.left_with for each in tracked if each.left_with]})
    backs = [
        [Back(_wanted(each, tracking), each.left_with, _came_with(each, before)) for each in goods]
        for goods in numbered if goods
    ]  # fmt: skip
    documents = {row.invoice_id for row in before} | ({sale_id} if sale_id else set())
    picked = await stock.pick_back(ctx, backs, documents)
    for trouble in picked.troubles:
        disputes.add(trouble)
    return [_parted(line, tracking, picked) for line in lines]


def _variants(line: NoteLine) -> list[UUID]:
    return [each.variant_id for each in line.components] or [UUID(str(line.sold["variant_id"]))]


def _coming(line: NoteLine) -> Iterator[_Coming]:
    named = Named(line.serials)
    if not line.components:
        variant_id = UUID(str(line.sold["variant_id"]))
        yield _Coming(line.id, variant_id, line.quantity_milli, line.sale_line_id, named)
    for each in line.components:
        yield _Coming(each.id, each.variant_id, each.quantity_milli, each.taken_id, named)


def _nobodys(line: NoteLine, goods: Sequence[_Coming], tracking: dict[UUID, tuple[str, str]]) -> list[dict[str, Any]]:
    """Tell the serial numbers of a line none of whose goods has such."""
    if any(tracking[each.variant_id][1] == "serial" for each in goods):
        return []
    variant_id = line.sold["variant_id"]
    return [{"variant_id": variant_id, "serial": serial, "state": "unknown"} for serial in line.serials]


def _wanted(each: _Coming, tracking: dict[UUID, tuple[str, str]]) -> Wanted:
    name, how = tracking[each.variant_id]
    return Wanted(each.id, each.variant_id, name, how, each.quantity_milli, each.named)


def _came_with(each: _Coming, before: Sequence[Any]) -> tuple[UUID, ...]:
    return tuple(row.id for row in before if row.left_with == each.left_with)


def _parted(line: NoteLine, tracking: dict[UUID, tuple[str, str]], picked: Picked) -> NoteLine:
    if line.id in picked.parts:
        return replace(line, tracking=tracking[_variants(line)[0]][1], parts=picked.parts[line.id])
    components = tuple(
        replace(each, tracking=tracking[each.variant_id][1], parts=picked.parts[each.id])
        if each.id in picked.parts else each for each in line.components
    )  # fmt: skip
    return replace(line, components=components)
