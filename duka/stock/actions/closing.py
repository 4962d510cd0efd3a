"""To close costs: to work out what every movement cost by business time, and to write what differs as new rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.platform import audit
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import DukaError, IdempotencyConflict, ValidationError
from duka.platform.ids import check_made, new_id
from duka.platform.models import AuditEntry
from duka.platform.writes import Writes
from duka.shops import settings
from duka.stock import valuation
from duka.stock.costs import costing, queries
from duka.stock.costs.models import CostClosing, CostCorrection
from duka.stock.rules import AGAINST

MOVEMENTS_AT_ONCE: Final = 2_000
"""Of so many movements, and at least one variant, the costs are closed in one transaction: few, as the sums are done in
the process that may be serving tills."""
_VARIANTS_AT_ONCE: Final = 500
_NOWHERE: Final = UUID(int=0)

_HOLD: Final = """
INSERT INTO stock_cost_marks AS k (shop_id, movement_id, method)
VALUES (%(shop)s, '00000000-0000-0000-0000-000000000000', %(method)s)
ON CONFLICT (shop_id) DO UPDATE SET movement_id = k.movement_id RETURNING movement_id, until, method
"""
_TAKE: Final = """
SELECT id, state, until, method, since_id, mark_id, reached_id, staff_id FROM stock_cost_closings
WHERE shop_id = %(shop)s AND id = %(closing)s FOR UPDATE
"""

# The next variants of which there is news (as `cost_queries.NEWS` has it), in the order of their ids: each is looked
# up, so that it does not matter how much moved behind the mark. With how much of its past has to be read, to a limit.
_NEXT: Final = f"""
SELECT v.id AS variant_id, (
    SELECT count(*) FROM (
        SELECT 1 FROM stock_movements a WHERE a.shop_id = %(shop)s AND a.variant_id = v.id LIMIT %(most)s
    ) past
) AS movements
FROM variants v WHERE v.shop_id = %(shop)s AND v.id > %(reached)s AND (
    EXISTS (SELECT 1 FROM stock_movements m WHERE m.shop_id = %(shop)s AND m.variant_id = v.id AND m.id > %(since)s)
    OR v.id IN (SELECT n.variant_id FROM ({queries.LOST}) n)
) ORDER BY v.id LIMIT {_VARIANTS_AT_ONCE}
"""  # noqa: S608 - no outside text

# What came back before the column was there does not name the line by which it had left: the note's line does.
_PAST: Final = f"""
SELECT m.id, m.variant_id, m.location_id, m.kind, m.quantity_milli, m.source_line_id,
    CASE WHEN m.kind = 'return' AND m.origin_line_id IS NULL THEN (
        SELECT l.sale_line_id FROM invoice_lines l WHERE l.shop_id = %(shop)s AND l.id = m.source_line_id
    ) ELSE m.origin_line_id END AS origin_line_id,
    m.business_date, ({valuation.MOVED})::bigint AS worth_minor, coalesce(off.minor, 0)::bigint AS off_minor,
    arrived.received_on, coalesce(arrived.loss_minor, 0)::bigint AS loss_minor,
    coalesce(before.value_minor, 0)::bigint AS value_minor, coalesce(before.booked_minor, 0)::bigint AS booked_minor
FROM stock_movements m
LEFT JOIN LATERAL (
    SELECT sum(c.value_minor) AS value_minor, sum(c.booked_minor) AS booked_minor FROM stock_cost_corrections c
    WHERE c.shop_id = %(shop)s AND c.movement_id = m.id
) before ON true
LEFT JOIN LATERAL ({queries.OFF}) off ON m.kind = 'return'
LEFT JOIN LATERAL ({queries.ARRIVED}) arrived ON m.source = 'transfer'
WHERE m.shop_id = %(shop)s AND m.variant_id = ANY(%(variants)s::uuid[]) AND m.business_date <= %(until)s
ORDER BY m.variant_id, m.business_date, m.source_id, m.quantity_milli > 0, m.source_line_id, m.quantity_milli,
    m.location_id, m.id
"""  # noqa: S608 - no outside text

_DAYS: Final = """
INSERT INTO stock_cost_days AS d (shop_id, location_id, business_date, kind, value_minor)
SELECT %(shop)s, r.location_id, r.business_date, r.kind, r.value_minor
FROM first, jsonb_to_recordset(%(cost_days)s::jsonb)
    AS r(location_id uuid, business_date date, kind text, value_minor bigint)
ORDER BY 2, 3, 4
ON CONFLICT (shop_id, location_id, business_date, kind)
    DO UPDATE SET value_minor = d.value_minor + excluded.value_minor
RETURNING 1
"""
_GO_ON: Final = """
UPDATE stock_cost_closings c SET reached_id = %(last)s, movements = c.movements + %(seen)s,
    corrections = c.corrections + %(corrected)s
FROM first WHERE c.shop_id = %(shop)s AND c.id = %(closing)s RETURNING c.id
"""
_END: Final = """
WITH ended AS (
    UPDATE stock_cost_closings SET state = 'closed', closed_at = %(now)s
    WHERE shop_id = %(shop)s AND id = %(closing)s RETURNING 1
)
UPDATE stock_cost_marks SET movement_id = greatest(movement_id, %(mark)s), method = %(method)s,
    until = greatest(until, %(until)s::date)
WHERE shop_id = %(shop)s AND EXISTS (SELECT 1 FROM ended) RETURNING movement_id
"""


class CostsBeingClosed(DukaError):
    """Another closing is not through: one goes on at a time."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "The costs are being closed already. Look again in a minute."


@dataclass(frozen=True, slots=True)
class Closed:
    """A closing as answered: `shown` is `cost_schemas.CostClosingOut`, `again` says that it was asked for before."""

    shown: Mapping[str, Any]
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Change:
    """By how much a movement's worth changes, and the books with it, on which day."""

    movement: Any
    value_minor: int
    booked_minor: int
    booked_on: date


async def begin(ctx: Ctx, closing_id: UUID, until: date | None, settled: UUID) -> Closed:
    """Begin to close the costs up to a business day (none: up to today): `close_some` does it.

    Whatever has an id before `settled` is committed (`valuation.settled`): the next closing need not look at it. A
    closing never goes back behind an earlier one: its day is then that one's. Asking again with the same body gives it
    as it stands; another body under the same id is an IdempotencyConflict. CostsBeingClosed while another closing is
    not through; ValidationError for a day that has not come.
    """
    standing = await queries.hash_of(ctx, closing_id)
    if standing is not None:
        if standing != ctx.body_hash:
            raise IdempotencyConflict
        return Closed(await queries.closing(ctx, closing_id), again=True)
    check_made(ctx, closing_id)
    rules = settings.of(ctx)
    (mark,) = await fetch(ctx, _HOLD, {"method": rules.costing_method})
    if await queries.unfinished(ctx):
        raise CostsBeingClosed
    today = ctx.today(rules.day_start_minutes)
    if until and until > today:
        raise ValidationError(fields={"until": ["This day has not come yet."]})
    day = until or today
    last = max(day, mark.until or day)
    since = mark.movement_id if mark.method == rules.costing_method else _NOWHERE
    writes = Writes(ctx)
    writes.first(CostClosing, {
        "id": closing_id, "state": "closing", "until": last, "method": rules.costing_method, "since_id": since,
        "mark_id": await queries.next_mark(ctx, since, last, settled), "movements": 0, "corrections": 0,
        "staff_id": ctx.staff_id, "at": ctx.now, "body_hash": ctx.body_hash,
    })  # fmt: skip
    facts = {"until": last.isoformat(), "method": rules.costing_method}
    writes.insert(AuditEntry, [audit.entry(ctx, "close_costs", "stock_cost_closing", closing_id, after=facts)])
    if not (await writes.send()).written:
        raise IdempotencyConflict
    return Closed(await queries.closing(ctx, closing_id))


async def close_some(ctx: Ctx, closing_id: UUID) -> bool:
    """Close the costs of the next variants; say whether more are left. What is done is never done twice.

    Nothing that a till waits for is locked: only the closing itself and the shop's mark, so that one goes on at a time.
    """
    await fetch(ctx, _HOLD, {"method": settings.of(ctx).costing_method})
    (at,) = await fetch(ctx, _TAKE, {"closing": closing_id})
    if at.state == "closed":
        return False
    ctx.staff_id = at.staff_id
    dirty = await fetch(ctx, _NEXT, {
        "since": at.since_id, "reached": at.reached_id or _NOWHERE, "most": MOVEMENTS_AT_ONCE + 1,
    })  # fmt: skip
    variants = _some(dirty)
    if variants:
        past = await fetch(ctx, _PAST, {"variants": variants, "until": at.until, "stock": chart.STOCK})
        changes = [
            change for _, rows in groupby(past, key=lambda row: row.variant_id)
            for change in _changes(list(rows), at.method, at.until)
        ]  # fmt: skip
        await _write(ctx, at.id, changes, last=variants[-1], seen=len(past))
    if len(variants) < len(dirty) or len(dirty) == _VARIANTS_AT_ONCE:
        return True
    await fetch(ctx, _END, {
        "closing": closing_id, "now": ctx.now, "mark": at.mark_id, "method": at.method, "until": at.until,
    })  # fmt: skip
    return False


def _some(dirty: Sequence[Any]) -> list[UUID]:
    """Give as many of the next variants as fit into one transaction; at least one."""
    chosen: list[UUID] = []
    movements = 0
    for row in dirty:
        movements += row.movements
        if chosen and movements > MOVEMENTS_AT_ONCE:
            break
        chosen.append(row.variant_id)
    return chosen


def _changes(rows: Sequence[Any], method: costing.CostingMethod, until: date) -> Iterator[_Change]:
    steps = [
        costing.Step(
            row.kind, row.quantity_milli, row.worth_minor, row.source_line_id,
            row.source_line_id if row.kind == "transfer_in" else row.origin_line_id,
        )
        for row in rows
    ]  # fmt: skip
    worths = costing.worths(steps, method)
    moved: dict[UUID, list[tuple[Any, int]]] = {}
    for row, worth in zip(rows, worths, strict=True):
        change = worth - row.worth_minor - row.value_minor
        if row.kind in ("transfer_out", "transfer_in"):
            moved.setdefault(row.source_line_id, []).append((row, worth))
            if change:
                yield _Change(row, change, 0, row.business_date)
            continue
        booked = worth - row.worth_minor + row.off_minor - row.booked_minor
        if change or booked:
            yield _Change(row, change, booked, row.business_date)
    for line in moved.values():
        yield from _arrived(line, until)


def _arrived(line: Sequence[tuple[Any, int]], until: date) -> Iterator[_Change]:
    """Book what a line of a transfer lost or gained, on the day it arrived; what is on its way is in stock still."""
    last, _ = line[-1]
    if last.received_on is None or last.received_on > until:
        return
    booked = sum(worth - row.booked_minor for row, worth in line) - last.loss_minor
    if booked:
        yield _Change(last, 0, booked, last.received_on)


async def _write(ctx: Ctx, closing_id: UUID, changes: Sequence[_Change], *, last: UUID, seen: int) -> None:
    writes = Writes(ctx)
    writes.insert(CostCorrection, [
        {"id": new_id(), "closing_id": closing_id, "movement_id": each.movement.id, "value_minor": each.value_minor,
         "booked_minor": each.booked_minor, "booked_on": each.booked_on, "at": ctx.now}
        for each in changes
    ])  # fmt: skip
    by_day: dict[tuple[UUID, date, str], int] = {}
    booked: dict[tuple[date, str], int] = {}
    for each in changes:
        of = each.movement
        place = (of.location_id, of.business_date, of.kind)
        by_day[place] = by_day.get(place, 0) + each.value_minor
        entry = (each.booked_on, AGAINST[of.kind])
        booked[entry] = booked.get(entry, 0) + each.booked_minor
    writes.rows("cost_days", [
        {"location_id": place, "business_date": day, "kind": kind, "value_minor": minor}
        for (place, day, kind), minor in by_day.items() if minor
    ])  # fmt: skip
    writes.step("days_summed", _DAYS)
    for (day, account), minor in sorted(booked.items()):
        ledger.post(writes, [ledger.Entry(chart.STOCK, account, minor)], source="cost_closing", source_id=closing_id,
                    business_date=day)  # fmt: skip
    if changes:
        facts = {"corrections": len(changes)}
        writes.insert(AuditEntry, [audit.entry(ctx, "correct", "stock_cost_closing", closing_id, after=facts)])
    writes.value("closing", closing_id)
    writes.value("last", last)
    writes.value("seen", seen)
    writes.value("corrected", len(changes))
    writes.step("gone_on", _GO_ON)
    await writes.send()
