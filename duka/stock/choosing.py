"""Which units and batches leave with a line: what was named, else what expires first. Plain values in, parts out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Literal
from uuid import UUID

from duka.platform.signs import without_unseen

PIECE_MILLI = 1000
"""One piece, in thousandths."""

Expired = Literal["refused", "first", "last"]
"""What becomes of goods whose last day is over: a sale refuses them; they are written off first; they move last."""

Fault = Literal["unnamed", "before", "unknown", "not_here", "short"]


@dataclass(frozen=True, slots=True)
class Part:
    """Some of what a movement moves: a unit, or thousandths of a batch. With a `fault` it is goods of which that could
    not be said; the unit or batch is then the one that was meant."""

    quantity_milli: int
    unit_id: UUID | None = None
    batch_id: UUID | None = None
    fault: Fault | None = None


Parts = tuple[Part, ...]
"""What a line's goods are made of: they come to its quantity."""


@dataclass(frozen=True, slots=True)
class NamedBatch:
    """A batch by its number, and how much of it (thousandths; None: as much as is left of the line)."""

    number: str
    quantity_milli: int | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """What somebody said about which goods of a line they mean."""

    serials: tuple[str, ...] = ()
    batches: tuple[NamedBatch, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Some of a tracked variant that moves with one line, and what was named of it."""

    line_id: UUID
    variant_id: UUID
    name: str
    tracking: str
    quantity_milli: int
    named: Named = Named()


@dataclass(frozen=True, slots=True)
class UnitFact:
    """A unit as it stands: `state` as in `unit_models.STATES`, and where."""

    id: UUID
    state: str
    location_id: UUID | None


@dataclass(slots=True)
class BatchFact:
    """A batch with what is left of it at the location; choosing takes from `left_milli`."""

    id: UUID
    number: str
    expires_on: date | None
    left_milli: int


@dataclass(slots=True)
class Shelf:
    """What stands of a variant at a location: units by their codes, batches the first to expire first, and how much
    nobody has named (below zero where more went than was there)."""

    units: Mapping[str, UnitFact] = field(default_factory=dict)
    units_here: int = 0
    batches: Sequence[BatchFact] = ()
    unnamed_milli: int = 0
    taken: set[UUID] = field(default_factory=set)
    """Units that a line before has taken."""


@dataclass(slots=True)
class Troubles:
    """What is not as it was said. The goods are chosen all the same, as for what happened already."""

    units: list[dict[str, object]] = field(default_factory=list)
    unnamed: list[dict[str, object]] = field(default_factory=list)
    expired: list[dict[str, object]] = field(default_factory=list)
    batches: list[dict[str, object]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.units or self.unnamed or self.expired or self.batches)


def code_of(serial: str) -> str:
    """Write a serial number as it is compared: in capitals, without spaces and signs that nobody can see."""
    return "".join(without_unseen(serial).split()).upper()


def choose(wanted: Wanted, shelf: Shelf, location_id: UUID, today: date, troubles: Troubles, *,
           expired: Expired) -> Parts:  # fmt: skip
    """Say which units or batches leave with a line. What cannot be said is a part with a fault, told in `troubles`.

    Chosen goods are taken off the shelf, so that the next line finds what is left.
    """
    if wanted.tracking == "serial":
        return tuple(_units(wanted, shelf, location_id, troubles))
    return tuple(_together(_batches(wanted, shelf, today, troubles, expired)))


def _units(wanted: Wanted, shelf: Shelf, location_id: UUID, troubles: Troubles) -> Iterator[Part]:
    for serial in wanted.named.serials:
        unit = shelf.units.get(code_of(serial))
        if unit is None or unit.location_id != location_id or unit.id in shelf.taken:
            state = "unknown" if unit is None else "sold" if unit.id in shelf.taken else unit.state
            troubles.units.append({"variant_id": wanted.variant_id, "serial": serial, "state": state})
            yield Part(PIECE_MILLI, unit.id if unit else None, fault="not_here" if unit else "unknown")
        else:
            shelf.taken.add(unit.id)
            shelf.units_here -= 1
            yield Part(PIECE_MILLI, unit.id)
    rest_milli = wanted.quantity_milli - PIECE_MILLI * len(wanted.named.serials)
    if rest_milli > 0:
        if rest_milli > shelf.unnamed_milli and shelf.units_here:
            pieces = -(-wanted.quantity_milli // PIECE_MILLI)
            told = {"variant_id": wanted.variant_id, "name": wanted.name, "pieces": pieces}
            troubles.unnamed.append({**told, "named": len(wanted.named.serials)})
        shelf.unnamed_milli -= rest_milli
        yield Part(rest_milli, fault="unnamed")


def _batches(wanted: Wanted, shelf: Shelf, today: date, troubles: Troubles, expired: Expired) -> Iterator[Part]:
    rest_milli = wanted.quantity_milli
    for named in wanted.named.batches:
        asked_milli = min(rest_milli, rest_milli if named.quantity_milli is None else named.quantity_milli)
        rest_milli -= asked_milli
        if expired == "refused":
            _refuse_over(wanted, shelf, named.number, today, troubles)
        yield from _of_named(wanted, shelf, named.number, asked_milli, troubles)
    for batch in (each for each in shelf.batches if expired == "first" or not _is_over(each, today)):
        part = _take(batch, rest_milli)
        if part:
            rest_milli -= part.quantity_milli
            yield part
    free_milli = min(rest_milli, max(shelf.unnamed_milli, 0))
    if free_milli:
        shelf.unnamed_milli -= free_milli
        rest_milli -= free_milli
        yield Part(free_milli, fault="unnamed")
    for batch in (each for each in shelf.batches if _is_over(each, today)):  # it is that, or nothing
        part = _take(batch, rest_milli)
        if part:
            rest_milli -= part.quantity_milli
            if expired == "refused":
                troubles.expired.append(_told_over(wanted, batch))
            yield part
    if rest_milli:
        shelf.unnamed_milli -= rest_milli
        yield Part(rest_milli, fault="short")


def _refuse_over(wanted: Wanted, shelf: Shelf, number: str, today: date, troubles: Troubles) -> None:
    troubles.expired += [
        _told_over(wanted, each) for each in shelf.batches if each.number == number and _is_over(each, today)
    ]


def _of_named(wanted: Wanted, shelf: Shelf, number: str, asked_milli: int, troubles: Troubles) -> Iterator[Part]:
    batch = next((each for each in shelf.batches if each.number == number), None)
    left_milli = batch.left_milli if batch else 0
    if left_milli < asked_milli:
        told = {"variant_id": wanted.variant_id, "number": number, "left_milli": left_milli}
        troubles.batches.append(told)
    part = _take(batch, asked_milli) if batch else None
    if part:
        yield part
    missing_milli = asked_milli - (part.quantity_milli if part else 0)
    if missing_milli:
        shelf.unnamed_milli -= missing_milli
        yield Part(missing_milli, batch_id=batch.id if batch else None, fault="short" if batch else "unknown")


def _take(batch: BatchFact, wanted_milli: int) -> Part | None:
    taken_milli = min(batch.left_milli, wanted_milli)
    batch.left_milli -= taken_milli
    return Part(taken_milli, batch_id=batch.id) if taken_milli else None


def _is_over(batch: BatchFact, today: date) -> bool:
    # What is printed on a package is the last day on which it may be sold.
    return batch.expires_on is not None and batch.expires_on < today


def _told_over(wanted: Wanted, batch: BatchFact) -> dict[str, object]:
    return {
        "variant_id": wanted.variant_id, "name": wanted.name, "number": batch.number, "expires_on": batch.expires_on
    }  # fmt: skip


def _together(parts: Iterator[Part]) -> Iterator[Part]:
    """Put what is of one batch together: a movement names each batch once."""
    summed: dict[tuple[UUID | None, Fault | None], int] = {}
    for part in parts:
        key = part.batch_id, part.fault
        summed[key] = summed.get(key, 0) + part.quantity_milli
    for (batch_id, fault), quantity_milli in summed.items():
        yield Part(quantity_milli, batch_id=batch_id, fault=fault)


@dataclass(frozen=True, slots=True)
class Moved:
    """A part that went out with an earlier document, the codes of its unit, and whether the unit is still out."""

    part: Part
    codes: tuple[str, ...] = ()
    out: bool = True


def share_back(serials: Sequence[str], goods: Sequence[tuple[Wanted, Sequence[Moved]]]) -> list[tuple[str, ...]]:
    """Share the serial numbers that were named of a line that comes back over its goods (those of a set are its
    components), each with what of it went out: a number goes where it left with, whatever the order. One that is too
    many, or left with none of them, goes where such numbers are, to be told there (`bring_back`)."""
    shares: list[list[str]] = [[] for _ in goods]
    numbered = [
        (share, wanted.quantity_milli // PIECE_MILLI, gone)
        for share, (wanted, gone) in zip(shares, goods, strict=True) if wanted.tracking == "serial"
    ]  # fmt: skip
    taken: set[UUID] = set()
    strangers = []
    for serial in serials:
        for share, pieces, gone in numbered:
            unit = next((each.part.unit_id for each in gone if each.out and code_of(serial) in each.codes), None)
            if unit and unit not in taken and len(share) < pieces:
                taken.add(unit)
                share.append(serial)
                break
        else:
            strangers.append(serial)
    for serial in strangers if numbered else ():
        knowing = (share for share, _, gone in numbered if any(code_of(serial) in each.codes for each in gone))
        free = (share for share, pieces, _ in numbered if len(share) < pieces)
        next(chain(knowing, free, [numbered[-1][0]])).append(serial)
    return [tuple(share) for share in shares]


def bring_back(wanted: Wanted, gone: Sequence[Moved], troubles: Troubles) -> Parts:
    """Say which of the parts that went out come back: the named units, else all where all come, batches and goods
    without a name in the order in which they left. Where some of several numbered pieces come, each has to be named:
    which one it is, is not guessed. A number too many moves nothing and is told."""
    parts = list(_named_back(wanted, gone, troubles))
    taken = {part.unit_id for part in parts} - {None}
    rest_milli = wanted.quantity_milli - sum(part.quantity_milli for part in parts)
    left = [each for each in gone if each.out and each.part.unit_id not in taken]
    if wanted.tracking == "serial":
        left = _unguessed(wanted, left, rest_milli, troubles)
    for each in left:
        milli = min(rest_milli, each.part.quantity_milli)
        if milli <= 0:
            break
        rest_milli -= milli
        parts.append(Part(milli, each.part.unit_id, each.part.batch_id, each.part.fault))
    if rest_milli > 0:
        parts.append(Part(rest_milli, fault="unnamed"))
    return tuple(parts)


def _named_back(wanted: Wanted, gone: Sequence[Moved], troubles: Troubles) -> Iterator[Part]:
    came: set[UUID | None] = set()
    for place, serial in enumerate(wanted.named.serials):
        found = next((each for each in gone if code_of(serial) in each.codes), None)
        unit_id = found.part.unit_id if found else None
        fits = found is not None and found.out and unit_id not in came
        too_many = place >= wanted.quantity_milli // PIECE_MILLI
        if found is None or not fits or too_many:
            state = "unknown" if found is None else "sold" if fits else "in_stock"
            troubles.units.append({"variant_id": wanted.variant_id, "serial": serial, "state": state})
        if too_many:
            continue
        came.add(unit_id)
        if found is not None and fits:
            yield found.part
        else:
            yield Part(PIECE_MILLI, unit_id, fault="not_here" if found else "unknown")


def _unguessed(wanted: Wanted, left: Sequence[Moved], rest_milli: int, troubles: Troubles) -> list[Moved]:
    """Give what of numbered goods may come back without being named: all that is left where all of it comes, else what
    left without a number."""
    loose = [each for each in left if each.part.fault is not None]
    if len(loose) == len(left) or sum(each.part.quantity_milli for each in left) <= rest_milli:
        return list(left)
    if wanted.named.serials and sum(each.part.quantity_milli for each in loose) >= rest_milli:
        return loose
    told = {"variant_id": wanted.variant_id, "name": wanted.name, "named": len(wanted.named.serials)}
    troubles.unnamed.append(told | {"pieces": -(-wanted.quantity_milli // PIECE_MILLI)})
    return []


def without(gone: Sequence[Part], came: Sequence[Part]) -> Parts:
    """Say what is left of some parts when others of them came."""
    came_milli: dict[tuple[UUID | None, UUID | None, Fault | None], int] = {}
    for part in came:
        key = part.unit_id, part.batch_id, part.fault
        came_milli[key] = came_milli.get(key, 0) + part.quantity_milli
    left = []
    for part in gone:
        key = part.unit_id, part.batch_id, part.fault
        milli = min(part.quantity_milli, came_milli.get(key, 0))
        came_milli[key] = came_milli.get(key, 0) - milli
        if part.quantity_milli > milli:
            left.append(Part(part.quantity_milli - milli, part.unit_id, part.batch_id, part.fault))
    return tuple(left)
