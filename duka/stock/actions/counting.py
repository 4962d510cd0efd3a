"""To count: to begin a count, to end the counting or call it off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.disputes import Disputes, note_disputes
from duka.platform.errors import DukaError, IdempotencyConflict, NotFound
from duka.platform.ids import check_made, new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.reads import Facts, Reads
from duka.platform.writes import Writes
from duka.shops.registers.claims import Claim, OtherBranch, check_person, claim
from duka.stock import events as told
from duka.stock.actions.entering import CountMoved, hold_count, write_entries
from duka.stock.counts import queries
from duka.stock.counts.schemas import CountIn, CountScope, CountState, Uncounted
from duka.stock.errors import LocationClosed, LocationUnknown
from duka.stock.models import Count, CountItem

CountStep = Literal["review", "reopen", "post", "cancel"]

COUNT_STEPS: Final[Mapping[str, Mapping[CountStep, CountState]]] = MappingProxyType({
    "counting": {"review": "review", "cancel": "cancelled"},
    "review": {"reopen": "counting", "post": "posting", "cancel": "cancelled"},
    "posting": {}, "posted": {}, "cancelled": {},
})  # fmt: skip
"""Which step leads from a state to which. Posting ends by itself."""


@dataclass(eq=False)
class CountUnderWay(DukaError):
    """Another count of this location (`count_id`) has not ended."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "This location is being counted already. Finish that count or call it off."
    count_id: UUID | None = None


@dataclass(eq=False)
class GroupGone(DukaError):
    """The group that a register recorded as being counted is deleted: everything at the location is part of the
    count."""

    text: ClassVar[str] = "The group that was counted is not there any more."
    group_id: UUID


@dataclass(eq=False)
class ItemsLeftOut(DukaError):
    """Some variants that a register recorded as being counted are not among those the shop keeps stock of."""

    text: ClassVar[str] = "Some of what was to be counted is not among the goods that the shop keeps stock of."
    variant_ids: list[UUID]


BEGUN_DAYS_MAX: Final = 35
"""A count may be told of so many days after it began; a clock that says longer is not believed."""

_STANDING: Final = """
SELECT encode(body_hash, 'hex') AS hash_text FROM stock_counts WHERE shop_id = %(shop)s AND id = %(count)s
"""
_PLACE: Final = "SELECT id, branch_id, name, active FROM locations WHERE shop_id = %(shop)s AND id = %(location)s"
_UNDER_WAY: Final = """
SELECT id FROM stock_counts WHERE shop_id = %(shop)s AND location_id = %(location)s AND id <> %(count)s
    AND state IN ('counting', 'review', 'posting') ORDER BY overlapping, id LIMIT 1
"""
_GROUP: Final = "SELECT id FROM groups WHERE shop_id = %(shop)s AND id = %(group)s"
_VARIANTS: Final = """
SELECT v.id FROM variants v JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id
WHERE v.shop_id = %(shop)s AND v.id = ANY(%(variants)s::uuid[]) AND v.deleted_at IS NULL AND p.kind <> 'service'
    AND p.tracking <> 'none'
"""

_UNCOUNTED: Final = f"""
SELECT v.id FROM stock_counts c
JOIN stock_balances b ON b.shop_id = c.shop_id AND b.location_id = c.location_id AND b.quantity_milli <> 0
JOIN variants v ON v.shop_id = c.shop_id AND v.id = b.variant_id
JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id
WHERE c.shop_id = %(shop)s AND c.id = %(count)s AND {queries.SCOPED_SQL} AND NOT EXISTS (
    SELECT 1 FROM stock_count_entries e WHERE e.shop_id = c.shop_id AND e.count_id = c.id AND e.variant_id = v.id
) ORDER BY v.id
"""  # noqa: S608 - no outside text
_MOVE_ON: Final = """
UPDATE stock_counts SET state = %(state)s, uncounted = %(uncounted)s WHERE shop_id = %(shop)s AND id = %(count)s
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """A count as answered: `shown` is `count_schemas.CountOut`, `again` says that it stood so already, `disputes` what
    a recorded beginning disagrees with."""

    shown: Mapping[str, Any]
    again: bool = False
    disputes: Sequence[DukaError] = ()


async def begin(ctx: Ctx, asked: CountIn) -> Counted:
    """Begin to count a location, or a part of what stands there. Selling goes on.

    Repeating the same body gives the count as it stands; another body under the same id is an IdempotencyConflict.
    CountUnderWay while another count of the location has not ended. NotFound for a location, group or variant that the
    shop does not have or that is out of the caller's scope; WorkerUnknown, DateFar.

    What a register recorded was begun: it stands beside another count of the place, and without what is not there any
    more. Only a location that the shop never had makes it damaged (LocationUnknown).
    """
    reads = Reads(ctx)
    reads.ask("standing", _STANDING, count=asked.id)
    reads.ask("places", _PLACE, location=asked.location_id)
    reads.ask("under_way", _UNDER_WAY)
    reads.ask("groups", _GROUP, group=asked.group_id)
    reads.ask("variants", _VARIANTS, variants=asked.variant_ids)
    facts = await reads.send()
    if facts["standing"]:
        return await _again(ctx, asked.id, facts["standing"][0]["hash_text"])
    check_made(ctx, asked.id)
    disputes = Disputes(ctx)
    by = await claim(ctx, asked, disputes, "stock:count")
    branch_id = _check_place(ctx, facts["places"], disputes)
    of = _about(ctx, asked, facts, disputes)
    others = bool(facts["under_way"])
    if others:
        disputes.add(CountUnderWay(UUID(facts["under_way"][0]["id"])))
    for overlapping in dict.fromkeys((others, True)):
        if await _write(ctx, asked, of, by, overlapping=overlapping):
            break
        standing = await fetch(ctx, _STANDING, {"count": asked.id})
        if standing:
            return await _again(ctx, asked.id, standing[0].hash_text)
        disputes.add(CountUnderWay())  # another count of the place began in between
    note_disputes(ctx, "stock_count", asked.id, branch_id, disputes, recorded_id=asked.id)
    await ctx.db.flush()
    return Counted(await queries.count(ctx, asked.id), disputes=disputes)


@dataclass(frozen=True, slots=True)
class _About:
    """What a count is about."""

    scope: CountScope
    group_id: UUID | None
    variants: Sequence[UUID]


def _check_place(ctx: Ctx, rows: Sequence[Facts], disputes: Disputes) -> UUID:
    """Check where is counted, and give its branch. LocationUnknown; for `disputes` LocationClosed, OtherBranch."""
    if not rows or (not ctx.recording and not _is_open_to(ctx, rows[0])):
        raise LocationUnknown
    branch_id = UUID(rows[0]["branch_id"])
    if not rows[0]["active"]:
        disputes.add(LocationClosed(rows[0]["name"]))
    if ctx.recording and branch_id != ctx.branch_id:
        disputes.add(OtherBranch(branch_id))
    return branch_id


def _is_open_to(ctx: Ctx, place: Facts) -> bool:
    return bool(place["active"]) and (ctx.branch_id is None or str(ctx.branch_id) == place["branch_id"])


def _about(ctx: Ctx, asked: CountIn, facts: Mapping[str, Sequence[Facts]], disputes: Disputes) -> _About:
    """Say what is counted of what was named. NotFound; for `disputes` GroupGone, ItemsLeftOut."""
    known = {UUID(row["id"]) for row in facts["variants"]}
    missing = sorted(set(asked.variant_ids) - known)
    gone = asked.group_id if not facts["groups"] else None
    if not ctx.recording and (gone or missing):
        raise NotFound(what="group" if gone else "variant")
    if missing:
        disputes.add(ItemsLeftOut(missing))
    if gone:
        disputes.add(GroupGone(gone))
        return _About("full", None, ())
    return _About(asked.scope, asked.group_id, sorted(known))


async def _write(ctx: Ctx, asked: CountIn, of: _About, by: Claim, *, overlapping: bool) -> bool:
    """Write a new count; False where its id stands already, or another count of the place would be overlapped."""
    writes = Writes(ctx)
    writes.first(Count, {
        "id": asked.id, "location_id": asked.location_id, "scope": of.scope, "group_id": of.group_id,
        "blind": asked.blind, "state": "counting", "note": asked.note, "overlapping": overlapping,
        "started_by": by.staff_id, "at": _begun_at(ctx, asked), "lines_total": 0, "lines_done": 0,
        "body_hash": ctx.body_hash,
    })  # fmt: skip
    writes.insert(
        CountItem, [{"id": new_id(), "count_id": asked.id, "variant_id": variant} for variant in of.variants]
    )
    facts = {"state": "counting", "location_id": str(asked.location_id)}
    who = {"staff_id": by.staff_id} if by.staff_id != ctx.staff_id else {}
    after = {**facts, "scope": of.scope, **who}
    writes.insert(AuditEntry, [audit.entry(ctx, "begin", "stock_count", asked.id, after=after)])
    writes.insert(OutboxEvent, [events.entry(ctx, told.COUNTED, asked.id, facts)])
    return not (await writes.send()).existed


def _begun_at(ctx: Ctx, asked: CountIn) -> datetime:
    """Say when a count began: by its device's clock, unless that says what cannot be."""
    told_at = asked.made_at or ctx.now
    is_believed = timedelta(0) <= ctx.now - told_at <= timedelta(days=BEGUN_DAYS_MAX)
    return told_at if is_believed else ctx.now


async def review(ctx: Ctx, count_id: UUID, uncounted: Uncounted) -> Counted:
    """End the counting. With `zero` whatever nobody counted is entered as nothing, as the books stand now.

    NotFound, CountMoved.
    """
    check_person(ctx)
    count = await hold_count(ctx, count_id)
    if count["state"] == "review" and count["uncounted"] == uncounted:
        return Counted(await queries.count(ctx, count_id), again=True)
    _check(count, "review")
    if uncounted == "zero":
        rows = [
            {"id": new_id(), "variant_id": row.id, "shelf": "", "quantity_milli": 0, "recount": False,
             "counted_at": None, "moved_from": None}
            for row in await fetch(ctx, _UNCOUNTED, {"count": count_id})
        ]  # fmt: skip
        if rows:
            await write_entries(ctx, count_id, rows, ctx.staff_id)
    return await _move_on(ctx, count, "review", uncounted=uncounted)


async def reopen(ctx: Ctx, count_id: UUID) -> Counted:
    """Go back to counting. NotFound, CountMoved."""
    check_person(ctx)
    count = await hold_count(ctx, count_id)
    if count["state"] == "counting":
        return Counted(await queries.count(ctx, count_id), again=True)
    _check(count, "reopen")
    return await _move_on(ctx, count, "reopen")


async def cancel(ctx: Ctx, count_id: UUID, reason: str) -> Counted:
    """Call a count off: nothing is posted. NotFound, CountMoved."""
    check_person(ctx)
    count = await hold_count(ctx, count_id)
    if count["state"] == "cancelled":
        return Counted(await queries.count(ctx, count_id), again=True)
    _check(count, "cancel")
    return await _move_on(ctx, count, "cancel", reason=reason)


def _check(count: Mapping[str, Any], step: CountStep) -> None:
    if step not in COUNT_STEPS[count["state"]]:
        raise CountMoved(count["state"])


async def _again(ctx: Ctx, count_id: UUID, hash_text: str) -> Counted:
    if hash_text != ctx.body_hash.hex():
        raise IdempotencyConflict
    return Counted(await queries.count(ctx, count_id), again=True)


async def _move_on(ctx: Ctx, count: Mapping[str, Any], step: CountStep, *, uncounted: Uncounted | None = None,
                   reason: str | None = None) -> Counted:  # fmt: skip
    state, count_id = COUNT_STEPS[count["state"]][step], count["id"]
    await fetch(ctx, _MOVE_ON, {"count": count_id, "state": state, "uncounted": uncounted})
    facts = {"state": state, "location_id": str(count["location_id"])}
    audit.record(ctx, step, "stock_count", count_id, after=facts, reason=reason)
    events.emit(ctx, told.COUNTED, count_id, facts)
    return Counted(await queries.count(ctx, count_id))
