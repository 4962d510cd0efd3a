"""To count: to begin a count, to end the counting or call it off."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import DukaError, IdempotencyConflict, NotFound
from duka.platform.ids import check_made, new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.reads import Reads
from duka.platform.writes import Writes
from duka.shops.registers.claims import check_person
from duka.stock import events as told
from duka.stock.actions.entering import CountMoved, hold_count, write_entries
from duka.stock.counts import queries
from duka.stock.counts.schemas import CountIn, CountState, Uncounted
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
    """Another count of this location has not ended: both would post the same differences."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "This location is being counted already. Finish that count or call it off."


_STANDING: Final = """
SELECT encode(body_hash, 'hex') AS hash_text FROM stock_counts WHERE shop_id = %(shop)s AND id = %(count)s
"""
_PLACE: Final = """
SELECT id FROM locations WHERE shop_id = %(shop)s AND id = %(location)s AND active
    AND (%(branch)s::uuid IS NULL OR branch_id = %(branch)s::uuid)
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
    """A count as answered: `shown` is `count_schemas.CountOut`, `again` says that it stood so already."""

    shown: Mapping[str, Any]
    again: bool = False


async def begin(ctx: Ctx, asked: CountIn) -> Counted:
    """Begin to count a location, or a part of what stands there. Selling goes on.

    Repeating the same body gives the count as it stands; another body under the same id is an IdempotencyConflict.
    CountUnderWay while another count of the location has not ended. NotFound for a location, group or variant that the
    shop does not have or that is out of the caller's scope.
    """
    check_person(ctx)
    reads = Reads(ctx)
    reads.ask("standing", _STANDING, count=asked.id)
    reads.ask("places", _PLACE, location=asked.location_id, branch=ctx.branch_id)
    reads.ask("groups", _GROUP, group=asked.group_id)
    reads.ask("variants", _VARIANTS, variants=asked.variant_ids)
    facts = await reads.send()
    if facts["standing"]:
        return await _again(ctx, asked.id, facts["standing"][0]["hash_text"])
    check_made(ctx, asked.id)
    variants = set(asked.variant_ids)
    missing = {"location": not facts["places"], "group": bool(asked.group_id) and not facts["groups"],
               "variant": len(facts["variants"]) != len(variants)}  # fmt: skip
    for what, absent in missing.items():
        if absent:
            raise NotFound(what=what)
    writes = Writes(ctx)
    writes.first(Count, {
        "id": asked.id, "location_id": asked.location_id, "scope": asked.scope, "group_id": asked.group_id,
        "blind": asked.blind, "state": "counting", "note": asked.note, "started_by": ctx.staff_id, "at": ctx.now,
        "lines_total": 0, "lines_done": 0, "body_hash": ctx.body_hash,
    })  # fmt: skip
    writes.insert(
        CountItem, [{"id": new_id(), "count_id": asked.id, "variant_id": variant} for variant in sorted(variants)]
    )
    facts_told = {"state": "counting", "location_id": str(asked.location_id), "scope": asked.scope}
    writes.insert(AuditEntry, [audit.entry(ctx, "begin", "stock_count", asked.id, after=facts_told)])
    writes.insert(OutboxEvent, [events.entry(ctx, told.COUNTED, asked.id, facts_told)])
    if (await writes.send()).existed:
        standing = await fetch(ctx, _STANDING, {"count": asked.id})
        if not standing:
            raise CountUnderWay
        return await _again(ctx, asked.id, standing[0].hash_text)
    return Counted(await queries.count(ctx, asked.id))


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
