"""To count: to begin a count, to enter what stands on the shelves, to end it or call it off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

import orjson

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import DukaError, IdempotencyConflict, NotFound
from duka.platform.ids import check_made, new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.reads import Reads
from duka.platform.writes import Writes
from duka.stock import count_queries as queries
from duka.stock import events as told
from duka.stock.count_schemas import CountIn, CountState, EntryIn, Uncounted
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


@dataclass(eq=False)
class CountMoved(DukaError):
    """The count is in a state in which this is not possible."""

    text: ClassVar[str] = "This count is in the state {state}: that is not possible any more, or not yet."
    state: str


@dataclass(eq=False)
class NotInCount(DukaError):
    """Some variants are not what this count is about."""

    text: ClassVar[str] = "Some of this is not part of the count. Count it apart."
    variant_ids: list[UUID]


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

_TOUCH: Final = """
SELECT c.id, c.state, c.location_id, c.uncounted FROM stock_counts c
JOIN locations l ON l.shop_id = c.shop_id AND l.id = c.location_id
WHERE c.shop_id = %(shop)s AND c.id = %(count)s AND (%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)
"""
_IN_SCOPE: Final = f"""
SELECT v.id, {queries.SCOPED_SQL} AS inside FROM stock_counts c
JOIN variants v ON v.shop_id = c.shop_id AND v.id = ANY(%(variants)s::uuid[]) AND v.deleted_at IS NULL
JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id
WHERE c.shop_id = %(shop)s AND c.id = %(count)s AND p.kind <> 'service' AND p.tracking <> 'none'
"""  # noqa: S608 - no outside text

# What the books say is read in the statement that writes the entry: whatever is committed later comes after it.
_ENTER: Final = """
INSERT INTO stock_count_entries (shop_id, id, count_id, variant_id, shelf, quantity_milli, recount, expected_milli,
    staff_id, at)
SELECT c.shop_id, r.id, c.id, r.variant_id, r.shelf, r.quantity_milli, r.recount, coalesce(b.quantity_milli, 0),
    %(person)s, %(now)s
FROM stock_counts c CROSS JOIN jsonb_to_recordset(%(entries)s::jsonb)
    AS r(id uuid, variant_id uuid, shelf text, quantity_milli bigint, recount boolean)
LEFT JOIN stock_balances b ON b.shop_id = c.shop_id AND b.variant_id = r.variant_id AND b.location_id = c.location_id
WHERE c.shop_id = %(shop)s AND c.id = %(count)s
ON CONFLICT DO NOTHING RETURNING id
"""
_SAME: Final = """
SELECT count(*) AS same FROM stock_count_entries e JOIN jsonb_to_recordset(%(entries)s::jsonb)
    AS r(id uuid, variant_id uuid, shelf text, quantity_milli bigint, recount boolean) ON r.id = e.id
WHERE e.shop_id = %(shop)s AND e.count_id = %(count)s AND e.staff_id IS NOT DISTINCT FROM %(person)s::uuid
    AND (e.variant_id, e.shelf, e.quantity_milli, e.recount) = (r.variant_id, r.shelf, r.quantity_milli, r.recount)
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


async def enter(ctx: Ctx, count_id: UUID, entries: Sequence[EntryIn]) -> int:
    """Write down what somebody counted; give how many of the entries are new.

    The same entry sent again changes nothing; another under its id is an IdempotencyConflict and nothing is written.
    NotFound for the count or a variant, NotInCount, CountMoved when the counting has ended.
    """
    count = await touch(ctx, count_id, "SHARE")
    if count["state"] != "counting":
        raise CountMoved(count["state"])
    for entry in entries:
        check_made(ctx, entry.id, "entries.id")
    variants = {entry.variant_id for entry in entries}
    known = {row.id: row.inside for row in await fetch(ctx, _IN_SCOPE, {"count": count_id, "variants": list(variants)})}
    if known.keys() != variants:
        raise NotFound(what="variant")
    outside = sorted(variant for variant, inside in known.items() if not inside)
    if outside:
        raise NotInCount(outside)
    rows = [
        {"id": entry.id, "variant_id": entry.variant_id, "shelf": entry.shelf, "quantity_milli": entry.quantity,
         "recount": entry.recount}
        for entry in entries
    ]  # fmt: skip
    return await _write(ctx, count_id, rows)


async def review(ctx: Ctx, count_id: UUID, uncounted: Uncounted) -> Counted:
    """End the counting. With `zero` whatever nobody counted is entered as nothing, as the books stand now.

    NotFound, CountMoved.
    """
    count = await touch(ctx, count_id)
    if count["state"] == "review" and count["uncounted"] == uncounted:
        return Counted(await queries.count(ctx, count_id), again=True)
    _check(count, "review")
    if uncounted == "zero":
        rows = [
            {"id": new_id(), "variant_id": row.id, "shelf": "", "quantity_milli": 0, "recount": False}
            for row in await fetch(ctx, _UNCOUNTED, {"count": count_id})
        ]  # fmt: skip
        if rows:
            await _write(ctx, count_id, rows)
    return await _move_on(ctx, count, "review", uncounted=uncounted)


async def reopen(ctx: Ctx, count_id: UUID) -> Counted:
    """Go back to counting. NotFound, CountMoved."""
    count = await touch(ctx, count_id)
    if count["state"] == "counting":
        return Counted(await queries.count(ctx, count_id), again=True)
    _check(count, "reopen")
    return await _move_on(ctx, count, "reopen")


async def cancel(ctx: Ctx, count_id: UUID, reason: str) -> Counted:
    """Call a count off: nothing is posted. NotFound, CountMoved."""
    count = await touch(ctx, count_id)
    if count["state"] == "cancelled":
        return Counted(await queries.count(ctx, count_id), again=True)
    _check(count, "cancel")
    return await _move_on(ctx, count, "cancel", reason=reason)


async def touch(ctx: Ctx, count_id: UUID, lock: Literal["UPDATE", "SHARE"] = "UPDATE") -> Mapping[str, Any]:
    """Lock a count and give it: many may enter at once, one at a time takes a step. NotFound."""
    found = await fetch(ctx, f"{_TOUCH} FOR {lock} OF c", {"count": count_id, "branch": ctx.branch_id})
    if not found:
        raise NotFound(what="stock count")
    row: Mapping[str, Any] = found[0]._mapping
    return row


def _check(count: Mapping[str, Any], step: CountStep) -> None:
    if step not in COUNT_STEPS[count["state"]]:
        raise CountMoved(count["state"])


async def _write(ctx: Ctx, count_id: UUID, rows: Sequence[Mapping[str, Any]]) -> int:
    values = {"count": count_id, "person": ctx.staff_id, "now": ctx.now, "entries": orjson.dumps(rows).decode()}
    made = len(await fetch(ctx, _ENTER, values))
    if made < len(rows):
        (found,) = await fetch(ctx, _SAME, values)
        if found.same != len(rows):
            raise IdempotencyConflict
    if made:
        audit.record(ctx, "count", "stock_count", count_id, after={"entries": made})
    return made


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
