"""To pick: to say which units and batches leave or come back with a document, once they are held."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson

from duka.platform import quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import DukaError
from duka.platform.reads import Reads
from duka.stock.choosing import (
    PIECE_MILLI,
    BatchFact,
    Expired,
    Moved,
    Named,
    Part,
    Parts,
    Shelf,
    Troubles,
    UnitFact,
    Wanted,
    bring_back,
    choose,
    code_of,
    share_back,
)
from duka.stock.errors import BatchesNotHere, BatchExpired, SerialsRequired, UnitsNotHere

# Balances are held before: whoever moves other goods of the variant here waits there. A unit may stand elsewhere, so it
# is locked too, after all balances and in the order of ids.
_UNITS: Final = """
SELECT i.variant_id, i.code, u.id, u.state, u.location_id
FROM jsonb_to_recordset(%(unit_codes)s::jsonb) AS w(variant_id uuid, code text)
JOIN stock_unit_codes i ON i.shop_id = %(shop)s AND i.variant_id = w.variant_id AND i.code = w.code
JOIN stock_units u ON u.shop_id = %(shop)s AND u.id = i.unit_id
ORDER BY u.id, i.code FOR UPDATE OF u
"""

_STANDING: Final = """
SELECT b.variant_id, b.quantity_milli, (
    SELECT count(*) FROM stock_units u WHERE u.shop_id = %(shop)s AND u.location_id = b.location_id
        AND u.variant_id = b.variant_id
) AS units FROM stock_balances b
WHERE b.shop_id = %(shop)s AND b.location_id = %(picked_at)s AND b.variant_id = ANY(%(picked)s::uuid[])
"""

_BATCHES: Final = """
SELECT b.id, b.variant_id, b.number, b.expires_on, coalesce(h.quantity_milli, 0) AS left_milli FROM stock_batches b
LEFT JOIN stock_batch_balances h ON h.shop_id = %(shop)s AND h.batch_id = b.id AND h.location_id = %(picked_at)s
WHERE b.shop_id = %(shop)s AND b.variant_id = ANY(%(picked)s::uuid[])
    AND (h.quantity_milli > 0 OR b.number = ANY(%(numbers)s::text[]))
ORDER BY b.expires_on NULLS LAST, b.id
"""

_GONE: Final = """
SELECT m.source_line_id AS line_id, p.unit_id, p.batch_id, p.quantity_milli, p.fault, u.state, (
    SELECT coalesce(jsonb_agg(c.code), '[]') FROM stock_unit_codes c
    WHERE c.shop_id = %(shop)s AND c.unit_id = p.unit_id
) AS codes, EXISTS (
    SELECT 1 FROM stock_parts n WHERE n.shop_id = %(shop)s AND n.unit_id = p.unit_id AND n.id > p.id
        AND n.quantity_milli > 0 AND n.fault IS NULL
) AS came_since
FROM stock_movements m JOIN stock_parts p ON p.shop_id = %(shop)s AND p.movement_id = m.id
LEFT JOIN stock_units u ON u.shop_id = %(shop)s AND u.id = p.unit_id
WHERE m.shop_id = %(shop)s AND m.source_id = ANY(%(documents)s::uuid[]) AND m.source_line_id = ANY(%(gone)s::uuid[])
ORDER BY p.id
"""

_TRACKING: Final = """
SELECT v.id AS variant_id, v.name, p.tracking FROM variants v JOIN products p ON p.shop_id = v.shop_id
    AND p.id = v.product_id
WHERE v.shop_id = %(shop)s AND v.id = ANY(%(tracked)s::uuid[])
"""

_HOLD_UNITS: Final = """
SELECT u.id FROM stock_units u WHERE u.shop_id = %(shop)s AND u.id = ANY(%(held)s::uuid[]) ORDER BY u.id FOR UPDATE
"""


_IN_THE_SHOP: Final = ("in_stock", "in_transit")


@dataclass(frozen=True, slots=True)
class Picked:
    """What moves with each line, and what of it is not as it was said: refused where it is asked, noted where it
    happened."""

    parts: Mapping[UUID, Parts] = field(default_factory=dict)
    troubles: Sequence[DukaError] = ()


@dataclass(frozen=True, slots=True)
class Back:
    """Goods of an earlier line that come back: the line they left with, and those with which some came back before."""

    wanted: Wanted
    left_with: UUID | None = None
    came_with: tuple[UUID, ...] = ()


async def pick(
    ctx: Ctx, wanted: Sequence[Wanted], location_id: UUID, today: date, *, expired: Expired = "refused"
) -> Picked:
    """Choose the units and batches that leave a location, in at most two statements. The balances are held
    (`moving.hold`); the units are, from here to the commit.

    Troubles: UnitsNotHere, SerialsRequired, BatchExpired, BatchesNotHere.
    """
    if not wanted:
        return Picked()
    shelves = await _shelves(ctx, wanted, location_id)
    troubles = Troubles()
    parts = {
        each.line_id: choose(each, shelves[each.variant_id], location_id, today, troubles, expired=expired)
        for each in wanted
    }
    return Picked(parts, refusals(troubles))


async def pick_back(ctx: Ctx, lines: Sequence[Sequence[Back]], documents: Collection[UUID]) -> Picked:
    """Choose what comes back of goods that left with earlier lines of some documents, and hold the units. Without an
    earlier line it is a unit the shop knows and does not have.

    `lines` has the goods of each line that was named together: its own, or the components of its set, each with all
    serial numbers that were named of the line. Which of them are whose is said by what left.
    """
    backs = [each for line in lines for each in line]
    if not backs:
        return Picked()
    earlier = {line for each in backs for line in (each.left_with, *each.came_with) if line}
    rows = await _gone(ctx, documents, earlier)
    known = await _units(ctx, [each.wanted for each in backs if each.left_with is None])
    troubles = Troubles()
    parts: dict[UUID, Parts] = {}
    # A line may be named twice, for two places; a unit without its line in two lines of the note.
    coming: dict[UUID | None, list[Part]] = {}
    for line in lines:
        gone = [
            _left(rows, each, coming.get(each.left_with, ())) if each.left_with
            else _loose(known.get(each.wanted.variant_id, {}), coming.get(None, ())) for each in line
        ]  # fmt: skip
        wanted = [each.wanted for each in line]
        shares = share_back(wanted[0].named.serials, list(zip(wanted, gone, strict=True)))
        for each, left, serials in zip(line, gone, shares, strict=True):
            chosen = bring_back(replace(each.wanted, named=Named(serials)), left, troubles)
            parts[each.wanted.line_id] = chosen
            coming.setdefault(each.left_with, []).extend(chosen)
    return Picked(parts, refusals(troubles))


async def parts_of(ctx: Ctx, document: UUID, lines: Collection[UUID]) -> dict[UUID, list[Moved]]:
    """Say what left with some lines of a document, line by line, and hold the units."""
    rows = [row for row in await _gone(ctx, [document], lines) if row.quantity_milli < 0]
    left: dict[UUID, list[Moved]] = {}
    for row in rows:
        part = Part(-row.quantity_milli, row.unit_id, row.batch_id, row.fault)
        left.setdefault(row.line_id, []).append(Moved(part, tuple(row.codes)))
    return left


async def _gone(ctx: Ctx, documents: Collection[UUID], lines: Collection[UUID]) -> Sequence[Any]:
    """Give the parts that moved with some lines of documents; their units are held from here on."""
    if not lines:
        return []
    values = {"documents": list(documents), "gone": list(lines)}
    rows = await fetch(ctx, _GONE, values)
    units = [row.unit_id for row in rows if row.unit_id]
    if not units:
        return rows
    await fetch(ctx, _HOLD_UNITS, {"held": units})
    return await fetch(ctx, _GONE, values)  # what became of them while they were waited for


async def unnamed_milli(ctx: Ctx, variant_id: UUID, tracking: str, location_id: UUID) -> int:
    """Say how much of a variant stands at a location without a serial number or batch, in thousandths; negative where
    more has a name than is there. The balance is held."""
    wanted = Wanted(variant_id, variant_id, "", tracking, 0)
    return (await _shelves(ctx, [wanted], location_id))[variant_id].unnamed_milli


def refuse_troubles(picked: Picked) -> None:
    """Refuse what is not as it was said."""
    for trouble in picked.troubles:
        raise trouble


async def tracking_of(ctx: Ctx, variants: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Say the name and tracking of each variant."""
    rows = await fetch(ctx, _TRACKING, {"tracked": list(variants)})
    return {row.variant_id: (row.name, row.tracking) for row in rows}


def refusals(troubles: Troubles) -> list[DukaError]:
    """Say what is not as it was said, one error a kind."""
    found: list[DukaError] = []
    if troubles.units:
        found.append(UnitsNotHere(troubles.units))
    if troubles.unnamed:
        found.append(SerialsRequired(troubles.unnamed))
    if troubles.expired:
        found.append(BatchExpired(troubles.expired))
    if troubles.batches:
        found.append(BatchesNotHere([
            {"variant_id": each["variant_id"], "number": each["number"],
             "left": quantity.from_milli(int(str(each["left_milli"])))}
            for each in troubles.batches
        ]))  # fmt: skip
    return found


def _left(rows: Sequence[Any], back: Back, coming: Sequence[Part]) -> list[Moved]:
    """Say what of a line is still out: what left with it, less what came back before and comes back beside. A unit that
    came back without its line, and left again, is another buyer's."""
    came: dict[tuple[Any, ...], int] = {}
    for row in rows:
        if row.line_id in back.came_with:
            key = row.unit_id, row.batch_id, row.fault
            came[key] = came.get(key, 0) + row.quantity_milli
    for part in coming:
        key = part.unit_id, part.batch_id, part.fault
        came[key] = came.get(key, 0) + part.quantity_milli
    left = []
    for row in rows:
        if row.line_id != back.left_with:
            continue
        key = row.unit_id, row.batch_id, row.fault
        back_milli = min(-row.quantity_milli, came.get(key, 0))
        came[key] = came.get(key, 0) - back_milli
        if -row.quantity_milli > back_milli:
            part = Part(-row.quantity_milli - back_milli, row.unit_id, row.batch_id, row.fault)
            left.append(Moved(part, tuple(row.codes), out=row.state not in _IN_THE_SHOP and not row.came_since))
    return left


def _loose(known: Mapping[str, UnitFact], coming: Sequence[Part]) -> list[Moved]:
    """Say which of the units that were named are out: not in the shop, and not coming back beside."""
    here = {part.unit_id for part in coming}
    return [
        Moved(Part(PIECE_MILLI, unit.id), (code,), out=unit.state not in _IN_THE_SHOP and unit.id not in here)
        for code, unit in known.items()
    ]


async def _units(ctx: Ctx, wanted: Sequence[Wanted]) -> dict[UUID, dict[str, UnitFact]]:
    codes = {(each.variant_id, code_of(serial)) for each in wanted for serial in each.named.serials}
    if not codes:
        return {}
    found: dict[UUID, dict[str, UnitFact]] = {}
    asked = [{"variant_id": str(variant), "code": code} for variant, code in sorted(codes)]
    for row in await fetch(ctx, _UNITS, {"unit_codes": orjson.dumps(asked).decode()}):
        found.setdefault(row.variant_id, {})[row.code] = UnitFact(row.id, row.state, row.location_id)
    return found


async def _shelves(ctx: Ctx, wanted: Sequence[Wanted], location_id: UUID) -> dict[UUID, Shelf]:
    """Look at what stands of the variants here, units and batches among it."""
    units = await _units(ctx, wanted)
    variants = {each.variant_id: each.tracking for each in wanted}
    reads = Reads(ctx)
    numbers = sorted({batch.number for each in wanted for batch in each.named.batches})
    reads.bind(picked=list(variants), picked_at=location_id, numbers=numbers)
    reads.ask("standing", _STANDING)
    reads.ask("batches", _BATCHES)
    facts = await reads.send()
    shelves = {variant: Shelf(units.get(variant, {})) for variant in variants}
    for row in facts["batches"]:
        expires_on = date.fromisoformat(row["expires_on"]) if row["expires_on"] else None
        shelf = shelves[UUID(row["variant_id"])]
        shelf.batches = [
            *shelf.batches, BatchFact(UUID(row["id"]), row["number"], expires_on, row["left_milli"])
        ]  # fmt: skip
    for row in facts["standing"]:
        variant = UUID(row["variant_id"])
        shelf = shelves[variant]
        shelf.units_here = row["units"]
        named_milli = 1000 * row["units"] if variants[variant] == "serial" else sum(
            batch.left_milli for batch in shelf.batches
        )  # fmt: skip
        shelf.unnamed_milli = row["quantity_milli"] - named_milli
    return shelves
