"""To enter what was counted, now or, by a register, after the fact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

import orjson

from duka.platform import audit, quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.disputes import Disputes, heard, note_disputes
from duka.platform.errors import DukaError, IdempotencyConflict, NotFound, ValidationError
from duka.platform.ids import check_made
from duka.shops.registers.claims import OtherBranch, claim
from duka.stock.counts import queries
from duka.stock.counts.schemas import EntriesIn, EntryIn


@dataclass(eq=False)
class CountMoved(DukaError):
    """The count is in a state in which this is not possible."""

    text: ClassVar[str] = "This count is in the state {state}: that is not possible any more, or not yet."
    state: str


@dataclass(eq=False)
class CountUnknown(NotFound):
    """The shop has no such count, or it is another branch's."""

    code: ClassVar[str] = NotFound.code
    damaged: ClassVar[bool] = True
    what: str = "stock count"


@dataclass(eq=False)
class NotInCount(DukaError):
    """Some variants are not what this count is about."""

    text: ClassVar[str] = "Some of this is not part of the count. Count it apart."
    variant_ids: list[UUID]


@dataclass(eq=False)
class EntriesLeftOut(DukaError):
    """Some of what a register recorded as counted is in no count: the count had ended (`reason` is its state), or is
    not about these goods (`not_in_count`). `entries` says what was counted."""

    text: ClassVar[str] = "Some of what was counted came too late for its count, or is not part of it."
    reason: str
    entries: list[dict[str, Any]]


_TOUCH: Final = """
SELECT c.id, c.state, c.location_id, c.uncounted, c.at, l.branch_id FROM stock_counts c
JOIN locations l ON l.shop_id = c.shop_id AND l.id = c.location_id
WHERE c.shop_id = %(shop)s AND c.id = %(count)s AND (%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)
"""
_IN_SCOPE: Final = f"""
SELECT v.id, {queries.SCOPED_SQL} AS inside FROM stock_counts c
JOIN variants v ON v.shop_id = c.shop_id AND v.id = ANY(%(variants)s::uuid[]) AND v.deleted_at IS NULL
JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id
WHERE c.shop_id = %(shop)s AND c.id = %(count)s AND p.kind <> 'service' AND p.tracking <> 'none'
"""  # noqa: S608 - no outside text

# Documents that a register delivered late moved their goods when they were made, and their ids begin with that time.
# A transfer's id is from when it was asked for: it tells of the goods only where they were sent at once.
_HAPPENED: Final = """CASE WHEN substr(m.source_id::text, 15, 1) = '7' AND (m.source <> 'transfer' OR EXISTS (
        SELECT 1 FROM stock_transfers t WHERE t.shop_id = m.shop_id AND t.id = m.source_id AND t.at = m.at
    )) AND EXISTS (
        SELECT 1 FROM audit_entries a WHERE a.shop_id = m.shop_id AND a.entity_id = m.source_id AND a.at = m.at
            AND a.actor = 'register'
    ) THEN least(m.at, to_timestamp(
        ('x' || substr(replace(m.source_id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)
    ) ELSE m.at END"""

# What the books say is read in the statement that writes the entry: whatever is committed later comes after it. For an
# entry that was made before, it is what they said then: without what moved since.
_ENTER: Final = f"""
INSERT INTO stock_count_entries (shop_id, id, count_id, variant_id, shelf, quantity_milli, recount, expected_milli,
    staff_id, at)
SELECT c.shop_id, r.id, c.id, r.variant_id, r.shelf, r.quantity_milli, r.recount,
    coalesce(b.quantity_milli, 0) - coalesce(since.moved_milli, 0), %(person)s,
    least(coalesce(r.counted_at, %(now)s), %(now)s)
FROM stock_counts c CROSS JOIN jsonb_to_recordset(%(entries)s::jsonb)
    AS r(id uuid, variant_id uuid, shelf text, quantity_milli bigint, recount boolean, counted_at timestamptz,
        moved_from uuid)
LEFT JOIN stock_balances b ON b.shop_id = c.shop_id AND b.variant_id = r.variant_id AND b.location_id = c.location_id
LEFT JOIN LATERAL (
    SELECT sum(m.quantity_milli)::bigint AS moved_milli FROM stock_movements m
    WHERE m.shop_id = %(shop)s AND m.variant_id = r.variant_id AND m.location_id = c.location_id
        AND m.id >= r.moved_from AND {_HAPPENED} > r.counted_at
) since ON r.counted_at IS NOT NULL
WHERE c.shop_id = %(shop)s AND c.id = %(count)s
ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608 - no outside text
_SAME: Final = """
SELECT count(*) AS same FROM stock_count_entries e JOIN jsonb_to_recordset(%(entries)s::jsonb)
    AS r(id uuid, variant_id uuid, shelf text, quantity_milli bigint, recount boolean) ON r.id = e.id
WHERE e.shop_id = %(shop)s AND e.count_id = %(count)s AND e.staff_id IS NOT DISTINCT FROM %(person)s::uuid
    AND (e.variant_id, e.shelf, e.quantity_milli, e.recount) = (r.variant_id, r.shelf, r.quantity_milli, r.recount)
"""


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of entries: how many are new, how many the count has, what they disagree with; `again` says that
    they were told before."""

    made: int
    taken: int
    exceptions: Sequence[Mapping[str, Any]] = field(default_factory=list)
    again: bool = False


async def enter(ctx: Ctx, count_id: UUID, asked: EntriesIn) -> Entered:
    """Write down what somebody counted.

    The same entry sent again changes nothing; another under its id is an IdempotencyConflict and nothing is written.
    NotFound for the count or a variant, NotInCount, CountMoved when the counting has ended; WorkerUnknown, DateFar.

    What a register recorded was counted: as long as nothing is posted it is entered, held against what the books said
    at its own time. What came too late, or is not what the count is about, is kept in an exception.
    """
    count = await hold_count(ctx, count_id, "UPDATE" if ctx.recording else "SHARE")
    disputes = Disputes(ctx)
    by = await claim(ctx, asked, disputes, "stock:count")
    if not ctx.recording:
        if count["state"] != "counting":
            raise CountMoved(count["state"])
        made = await write_entries(ctx, count_id, await _asked(ctx, count, asked.entries), by.staff_id)
        return Entered(made, len(asked.entries))
    if asked.id is None:
        raise ValidationError(fields={"id": ["What is recorded needs an id."]})
    told = await heard(ctx, count_id, asked.id)
    left_out = sum(len(each["details"].get("entries", ())) for each in told)
    if told:
        return Entered(0, len(asked.entries) - left_out, told, again=True)
    kept = await _kept(ctx, count, asked, disputes)
    made = await write_entries(ctx, count_id, [_row(each, count["at"]) for each in kept], by.staff_id) if kept else 0
    if kept and not made:
        return Entered(0, len(kept), [], again=True)
    note_disputes(ctx, "stock_count", count_id, count["branch_id"], disputes, recorded_id=asked.id)
    await ctx.db.flush()
    return Entered(made, len(kept), await heard(ctx, count_id, asked.id))


async def hold_count(ctx: Ctx, count_id: UUID, lock: Literal["UPDATE", "SHARE"] = "UPDATE") -> Mapping[str, Any]:
    """Lock a count and give it: many may enter at once, one at a time takes a step. CountUnknown."""
    branch = None if ctx.recording else ctx.branch_id
    found = await fetch(ctx, f"{_TOUCH} FOR {lock} OF c", {"count": count_id, "branch": branch})
    if not found:
        raise CountUnknown
    row: Mapping[str, Any] = found[0]._mapping
    return row


async def write_entries(ctx: Ctx, count_id: UUID, rows: Sequence[Mapping[str, Any]], staff_id: UUID | None) -> int:
    """Write entries of a held count; give how many are new. IdempotencyConflict."""
    values = {"count": count_id, "person": staff_id, "now": ctx.now, "entries": orjson.dumps(rows).decode()}
    made = len(await fetch(ctx, _ENTER, values))
    if made < len(rows):
        (found,) = await fetch(ctx, _SAME, values)
        if found.same != len(rows):
            raise IdempotencyConflict
    if made:
        by = {"staff_id": staff_id} if staff_id != ctx.staff_id else {}
        audit.record(ctx, "count", "stock_count", count_id, after={"entries": made, **by})
    return made


async def _asked(ctx: Ctx, count: Mapping[str, Any], entries: Sequence[EntryIn]) -> list[Mapping[str, Any]]:
    for entry in entries:
        check_made(ctx, entry.id, "entries.id")
    known = await _scope(ctx, count["id"], entries)
    if known.keys() != {entry.variant_id for entry in entries}:
        raise NotFound(what="variant")
    outside = sorted(variant for variant, inside in known.items() if not inside)
    if outside:
        raise NotInCount(outside)
    return [_row(entry, count["at"]) for entry in entries]


async def _kept(
    ctx: Ctx, count: Mapping[str, Any], asked: EntriesIn, disputes: Disputes
) -> list[EntryIn]:  # fmt: skip
    """Give what of some recorded entries can still be entered; the rest is for `disputes`."""
    if count["branch_id"] != ctx.branch_id:
        disputes.add(OtherBranch(count["branch_id"]))
    if count["state"] not in ("counting", "review"):
        disputes.add(EntriesLeftOut(count["state"], [_told(entry) for entry in asked.entries]))
        return []
    known = await _scope(ctx, count["id"], asked.entries)
    outside = [_told(entry) for entry in asked.entries if not known.get(entry.variant_id)]
    if outside:
        disputes.add(EntriesLeftOut("not_in_count", outside))
    if count["state"] == "review":
        disputes.add(CountMoved("review"))
    return [entry for entry in asked.entries if known.get(entry.variant_id)]


async def _scope(ctx: Ctx, count_id: UUID, entries: Sequence[EntryIn]) -> dict[UUID, bool]:
    variants = {entry.variant_id for entry in entries}
    return {row.id: row.inside for row in await fetch(ctx, _IN_SCOPE, {"count": count_id, "variants": list(variants)})}


def _row(entry: EntryIn, begun: datetime) -> dict[str, Any]:
    # Nothing was counted before its count: a device whose clock stands at 1970 does not choose what the books said.
    counted_at = max(entry.counted_at, begun) if entry.counted_at else None
    return {
        "id": entry.id, "variant_id": entry.variant_id, "shelf": entry.shelf, "quantity_milli": entry.quantity,
        "recount": entry.recount, "counted_at": counted_at,
        "moved_from": _first_id(counted_at) if counted_at else None,
    }  # fmt: skip


def _first_id(moment: datetime) -> UUID:
    """Give the id before all that were made since a moment: they begin with their time."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _told(entry: EntryIn) -> dict[str, Any]:
    return {
        "variant_id": entry.variant_id, "shelf": entry.shelf, "quantity": quantity.from_milli(entry.quantity),
        "counted_at": entry.counted_at,
    }  # fmt: skip
