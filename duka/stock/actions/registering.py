"""To register: goods come in that are not all alike, and the shop learns their serial numbers, batch and expiry."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson

from duka.platform.context import Ctx
from duka.platform.db import Refusals, fetch
from duka.platform.disputes import Disputes
from duka.platform.errors import Busy
from duka.platform.ids import new_id
from duka.platform.writes import Writes
from duka.stock.choosing import PIECE_MILLI, Part, code_of
from duka.stock.errors import BatchExpiryDiffers, BatchRequired, NotTrackedSo, SerialsMismatch, SerialsTaken
from duka.stock.units.models import Batch, Unit, UnitCode

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


async def register(
    ctx: Ctx, coming: Sequence[Coming], location_id: UUID, *, unnamed: bool = False, disputes: Disputes | None = None
) -> Registered:
    """Say what comes in with each line, as the shop knows it from now on. The balances are held.

    A unit that the shop once had and has no longer is the same one again. `unnamed`: lines may leave out which goods
    they are. NotTrackedSo, SerialsMismatch, BatchRequired, SerialsTaken, BatchExpiryDiffers, each naming all that is
    meant; of what happened already they are for `disputes`, and goods of which it cannot be said which they are come
    in without a name.
    """
    told = Disputes(ctx) if disputes is None else disputes
    sound = check_coming(coming, told, unnamed=unnamed)
    registered = Registered()
    units = await _known(ctx, [each for each in sound if each.units])
    batches = await _batches(ctx, [each for each in sound if each.batch], told)
    taken: list[dict[str, Any]] = []
    for each in sound:
        if each.units:
            came = [_unit(ctx, registered, each, codes, units, location_id, taken) for codes in _codes(each)]
            registered.parts[each.line_id] = _whole(each, came)
        elif each.batch:
            part = Part(each.quantity_milli, batch_id=_batch(ctx, registered, each, each.batch, batches))
            registered.parts[each.line_id] = (part,)
    if taken:
        told.add(SerialsTaken(taken))
    return registered


def check_coming(coming: Sequence[Coming], disputes: Disputes, *, unnamed: bool) -> list[Coming]:
    """Check that lines name what their goods have, and as many as pieces; give the lines with what of that can stand.
    For `disputes`: NotTrackedSo, SerialsMismatch, BatchRequired."""
    wrong = [
        {"line": each.place, "variant_id": each.variant_id, "tracking": each.tracking} for each in coming
        if (each.units and each.tracking != "serial") or (each.batch and each.tracking != "batch")
    ]  # fmt: skip
    if wrong:
        disputes.add(NotTrackedSo(wrong))
    uneven = [
        {"line": each.place, "variant_id": each.variant_id, "quantity": each.quantity_milli / PIECE_MILLI,
         "serials": len(each.units)}
        for each in coming
        if each.tracking == "serial" and PIECE_MILLI * len(each.units) != each.quantity_milli
        and (each.units or not unnamed)
    ]  # fmt: skip
    if uneven:
        disputes.add(SerialsMismatch(uneven))
    bare = [
        {"line": each.place, "variant_id": each.variant_id} for each in coming
        if each.tracking == "batch" and each.batch is None and not unnamed
    ]  # fmt: skip
    if bare:
        disputes.add(BatchRequired(bare))
    return [
        replace(
            each,
            units=each.units[:each.quantity_milli // PIECE_MILLI] if each.tracking == "serial" else (),
            batch=each.batch if each.tracking == "batch" else None,
        )
        for each in coming
    ]  # fmt: skip


@dataclass(slots=True)
class _Units:
    """What the shop knows of the serial numbers that come: whose they are, which of them it has, which came with this
    document already."""

    ids: dict[tuple[UUID, str], UUID] = field(default_factory=dict)
    here: dict[tuple[UUID, str], str] = field(default_factory=dict)

    def why_taken(self, variant_id: UUID, codes: Sequence[str]) -> list[dict[str, Any]]:
        """Name those of a unit's numbers under which it cannot come in, with why."""
        had = {self.ids[variant_id, code] for code in codes if (variant_id, code) in self.ids}
        twice = len(had) > 1 or len(set(codes)) != len(codes)
        return [
            {"variant_id": variant_id, "serial": code, "why": self.here.get((variant_id, code), "twice")}
            for code in codes if twice or (variant_id, code) in self.here
        ]  # fmt: skip


async def _known(ctx: Ctx, coming: Sequence[Coming]) -> _Units:
    """Find the units that the shop had before, by their codes, and hold them."""
    wanted = {(each.variant_id, code) for each in coming for codes in _codes(each) for code in codes}
    if not wanted:
        return _Units()
    asked = [{"variant_id": str(variant), "code": code} for variant, code in sorted(wanted)]
    rows = await fetch(ctx, _KNOWN, {"coming": orjson.dumps(asked).decode()})
    here = {(row.variant_id, row.code): row.state for row in rows if row.state in ("in_stock", "in_transit")}
    return _Units({(row.variant_id, row.code): row.id for row in rows}, here)


async def _batches(ctx: Ctx, coming: Sequence[Coming], disputes: Disputes) -> dict[tuple[UUID, str], UUID]:
    """Find the batches that the shop knows. For `disputes`: BatchExpiryDiffers."""
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
        disputes.add(BatchExpiryDiffers(differing))
    return {(row.variant_id, row.number): row.id for row in rows}


def _codes(coming: Coming) -> list[list[str]]:
    return [[code_of(serial) for serial in serials] for serials in coming.units]


def _unit(ctx: Ctx, registered: Registered, coming: Coming, codes: Sequence[str], units: _Units, location_id: UUID,
          taken: list[dict[str, Any]]) -> Part:  # fmt: skip
    variant_id = coming.variant_id
    why = units.why_taken(variant_id, codes)
    if why:
        taken += why
        return Part(PIECE_MILLI, fault="unnamed")
    had = [units.ids[variant_id, code] for code in codes if (variant_id, code) in units.ids]
    unit_id = had[0] if had else new_id()
    if not had:
        registered.units.append({
            "id": unit_id, "variant_id": variant_id, "state": "in_stock", "location_id": location_id,
            "changed_at": ctx.now,
        })  # fmt: skip
    registered.codes += [
        {"variant_id": variant_id, "code": code, "unit_id": unit_id, "position": position}
        for position, code in enumerate(codes, 1 if had else 0)
        if (variant_id, code) not in units.ids
    ]
    for code in codes:
        units.ids[variant_id, code] = unit_id
        units.here[variant_id, code] = "twice"
    return Part(PIECE_MILLI, unit_id)


def _whole(coming: Coming, came: Sequence[Part]) -> tuple[Part, ...]:
    """Give all that comes with a line: its units, and what of it has no name."""
    named = [part for part in came if not part.fault]
    rest_milli = coming.quantity_milli - PIECE_MILLI * len(named)
    return (*named, Part(rest_milli, fault="unnamed")) if rest_milli else tuple(named)


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
