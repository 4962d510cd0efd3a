"""To register: goods come in that are not all alike, and the shop learns their serial numbers, batch and expiry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson

from duka.platform.context import Ctx
from duka.platform.db import Refusals, fetch
from duka.platform.errors import Busy
from duka.platform.ids import new_id
from duka.platform.writes import Writes
from duka.stock.choosing import PIECE_MILLI, Part, code_of
from duka.stock.errors import BatchExpiryDiffers, BatchRequired, NotTrackedSo, SerialsMismatch, SerialsTaken
from duka.stock.unit_models import Batch, Unit, UnitCode

# A code or batch that somebody else registers at this moment: repeating tells which.
REFUSALS: Final[Refusals] = {"pk_stock_unit_codes": Busy, "uq_stock_batches_number": Busy}

_KNOWN: Final = """
SELECT i.variant_id, i.code, u.id, u.state FROM jsonb_to_recordset(%(coming)s::jsonb) AS w(variant_id uuid, code text)
JOIN stock_unit_codes i ON i.shop_id = %(shop)s AND i.variant_id = w.variant_id AND i.code = w.code
JOIN stock_units u ON u.shop_id = %(shop)s AND u.id = i.unit_id
ORDER BY u.id, i.code FOR UPDATE OF u
"""

_BATCHES: Final = """
SELECT b.variant_id, b.number, b.id, b.expires_on
FROM jsonb_to_recordset(%(coming)s::jsonb) AS w(variant_id uuid, number text)
JOIN stock_batches b ON b.shop_id = %(shop)s AND b.variant_id = w.variant_id AND b.number = w.number
"""


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch as the package names it: by its number, by the last day on which it may be sold, or both."""

    number: str | None
    expires_on: date | None

    @property
    def called(self) -> str:
        """What the batch is called: its number, else its day."""
        return self.number or str(self.expires_on)


@dataclass(frozen=True, slots=True)
class Coming:
    """Goods that come in with a line: the serial numbers of each unit, or the batch. `place` counts lines from 0."""

    line_id: UUID
    place: int
    variant_id: UUID
    tracking: str
    quantity_milli: int
    units: Sequence[Sequence[str]] = ()
    batch: NewBatch | None = None


@dataclass(slots=True)
class Registered:
    """What comes with each line, and the rows of units and batches that the shop did not know."""

    parts: dict[UUID, tuple[Part, ...]] = field(default_factory=dict)
    units: list[dict[str, Any]] = field(default_factory=list)
    codes: list[dict[str, Any]] = field(default_factory=list)
    batches: list[dict[str, Any]] = field(default_factory=list)

    def write(self, writes: Writes) -> None:
        """Add the new units and batches to the statement that brings them in."""
        writes.insert(Unit, self.units)
        writes.insert(UnitCode, self.codes)
        writes.insert(Batch, self.batches)


async def register(ctx: Ctx, coming: Sequence[Coming], location_id: UUID, *, unnamed: bool = False) -> Registered:
    """Say what comes in with each line, as the shop knows it from now on. The balances are held.

    A unit that the shop once had and has no longer is the same one again. `unnamed`: lines may leave out which goods
    they are. NotTrackedSo, SerialsMismatch, BatchRequired, SerialsTaken, BatchExpiryDiffers, each naming all that is
    meant.
    """
    check_coming(coming, unnamed=unnamed)
    registered = Registered()
    known = await _known(ctx, [each for each in coming if each.units])
    batches = await _batches(ctx, [each for each in coming if each.batch])
    for each in coming:
        if each.units:
            registered.parts[each.line_id] = tuple(
                _unit(ctx, registered, each, codes, known, location_id) for codes in _codes(each)
            )
        elif each.batch:
            part = Part(each.quantity_milli, batch_id=_batch(ctx, registered, each, each.batch, batches))
            registered.parts[each.line_id] = (part,)
    return registered


def check_coming(coming: Sequence[Coming], *, unnamed: bool) -> None:
    """Check that lines name what their goods have, and as many as pieces. NotTrackedSo, SerialsMismatch,
    BatchRequired."""
    wrong = [
        {"line": each.place, "variant_id": each.variant_id, "tracking": each.tracking} for each in coming
        if (each.units and each.tracking != "serial") or (each.batch and each.tracking != "batch")
    ]  # fmt: skip
    if wrong:
        raise NotTrackedSo(wrong)
    uneven = [
        {"line": each.place, "variant_id": each.variant_id, "quantity": each.quantity_milli / PIECE_MILLI,
         "serials": len(each.units)}
        for each in coming
        if each.tracking == "serial" and PIECE_MILLI * len(each.units) != each.quantity_milli
        and (each.units or not unnamed)
    ]  # fmt: skip
    if uneven:
        raise SerialsMismatch(uneven)
    bare = [
        {"line": each.place, "variant_id": each.variant_id} for each in coming
        if each.tracking == "batch" and each.batch is None and not unnamed
    ]  # fmt: skip
    if bare:
        raise BatchRequired(bare)


async def _known(ctx: Ctx, coming: Sequence[Coming]) -> dict[tuple[UUID, str], UUID]:
    """Find the units that the shop had before, by their codes. SerialsTaken."""
    wanted = [(each.variant_id, code) for each in coming for codes in _codes(each) for code in codes]
    if not wanted:
        return {}
    asked = [{"variant_id": str(variant), "code": code} for variant, code in sorted(set(wanted))]
    rows = await fetch(ctx, _KNOWN, {"coming": orjson.dumps(asked).decode()})
    here = {(row.variant_id, row.code): row.state for row in rows if row.state in ("in_stock", "in_transit")}
    seen: set[tuple[UUID, str]] = set()
    taken = []
    for key in wanted:
        if key in seen or key in here:
            why = "twice" if key in seen else here[key]
            taken.append({"variant_id": key[0], "serial": key[1], "why": why})
        seen.add(key)
    if taken:
        raise SerialsTaken(taken)
    return {(row.variant_id, row.code): row.id for row in rows}


async def _batches(ctx: Ctx, coming: Sequence[Coming]) -> dict[tuple[UUID, str], UUID]:
    """Find the batches that the shop knows. BatchExpiryDiffers."""
    if not coming:
        return {}
    asked = [{"variant_id": str(each.variant_id), "number": each.batch.called} for each in coming if each.batch]
    rows = await fetch(ctx, _BATCHES, {"coming": orjson.dumps(asked).decode()})
    expiry = {(row.variant_id, row.number): row.expires_on for row in rows}
    differing = []
    for each in coming:
        assert each.batch
        key = each.variant_id, each.batch.called
        told = each.batch.expires_on
        if expiry.setdefault(key, told) != told and told is not None:
            differing.append({"variant_id": key[0], "number": key[1], "expires_on": expiry[key]})
    if differing:
        raise BatchExpiryDiffers(differing)
    return {(row.variant_id, row.number): row.id for row in rows}


def _codes(coming: Coming) -> list[list[str]]:
    return [[code_of(serial) for serial in serials] for serials in coming.units]


def _unit(ctx: Ctx, registered: Registered, coming: Coming, codes: Sequence[str],
          known: Mapping[tuple[UUID, str], UUID], location_id: UUID) -> Part:  # fmt: skip
    variant_id = coming.variant_id
    had = [known[variant_id, code] for code in codes if (variant_id, code) in known]
    unit_id = had[0] if had else new_id()
    if any(each != unit_id for each in had):
        raise SerialsTaken([{"variant_id": variant_id, "serial": code, "why": "twice"} for code in codes])
    if not had:
        registered.units.append({
            "id": unit_id, "variant_id": variant_id, "state": "in_stock", "location_id": location_id,
            "changed_at": ctx.now,
        })  # fmt: skip
    registered.codes += [
        {"variant_id": variant_id, "code": code, "unit_id": unit_id, "position": position}
        for position, code in enumerate(codes, 1 if had else 0)
        if (variant_id, code) not in known
    ]
    return Part(PIECE_MILLI, unit_id)


def _batch(ctx: Ctx, registered: Registered, coming: Coming, batch: NewBatch,
           known: dict[tuple[UUID, str], UUID]) -> UUID:  # fmt: skip
    key = coming.variant_id, batch.called
    if key not in known:
        known[key] = new_id()
        registered.batches.append({
            "id": known[key], "variant_id": coming.variant_id, "number": batch.called,
            "expires_on": batch.expires_on, "warned_at": None, "at": ctx.now,
        })  # fmt: skip
    return known[key]
