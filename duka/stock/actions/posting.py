"""To post a count: its variances become movements and stand in the books, some hundred lines at a time."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from duka.catalog.queries import ask_prices
from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import DukaError, ValidationError
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.money import LIMIT_MINOR
from duka.platform.reads import Reads
from duka.platform.writes import Writes
from duka.shops import settings
from duka.stock import events as told
from duka.stock.actions.counting import Counted
from duka.stock.actions.entering import CountMoved, hold_count
from duka.stock.actions.moving import Goods, Source, claim, issue, put_back
from duka.stock.counts import queries
from duka.stock.models import CountLine
from duka.stock.rules import value_minor

LINES_AT_ONCE: Final = 500
"""Lines that are posted in one transaction, before the answer; more are the work of a job."""
LINES_OF_A_PART: Final = 100
"""Lines that a job posts in one transaction: few, so that no sale of these goods waits for it long."""


class NothingCounted(DukaError):
    """Nobody counted anything yet."""

    text = "Nothing was counted yet. Call the count off instead."


_BEGIN: Final = """
UPDATE stock_counts SET state = 'posting', posted_by = %(person)s, business_date = %(day)s, lines_total = %(lines)s
WHERE shop_id = %(shop)s AND id = %(count)s
"""
_UNDER_WAY: Final = ("posting", "posted")
# Two counts of a location set the same goods right: one of them at a time.
_HOLD_PLACE: Final = """
SELECT l.id FROM locations l WHERE l.shop_id = %(shop)s AND l.id = (
    SELECT c.location_id FROM stock_counts c WHERE c.shop_id = %(shop)s AND c.id = %(count)s
) FOR NO KEY UPDATE
"""
_HELD: Final = """
SELECT id, state, location_id, posted_by, business_date, lines_total, lines_done FROM stock_counts
WHERE shop_id = %(shop)s AND id = %(count)s FOR UPDATE
"""
_NEXT: Final = f"""
WITH next AS MATERIALIZED (
    SELECT DISTINCT e.variant_id FROM stock_count_entries e
    WHERE e.shop_id = %(shop)s AND e.count_id = %(count)s AND NOT EXISTS (
        SELECT 1 FROM stock_count_lines n WHERE n.shop_id = %(shop)s AND n.count_id = %(count)s
            AND n.variant_id = e.variant_id
    ) ORDER BY e.variant_id LIMIT %(lines)s
)
SELECT k.variant_id, k.counted_milli, k.expected_milli FROM ({queries.COUNTED_NEXT_SQL}) k ORDER BY k.variant_id
"""  # noqa: S608 - no outside text
_PROGRESS: Final = """
UPDATE stock_counts c SET lines_done = c.lines_done + %(done)s,
    state = CASE WHEN c.lines_done + %(done)s = c.lines_total THEN 'posted' ELSE 'posting' END,
    finished_at = CASE WHEN c.lines_done + %(done)s = c.lines_total THEN %(moment)s::timestamptz END
FROM first WHERE c.shop_id = %(shop)s AND c.id = %(count)s RETURNING c.id
"""


async def begin_posting(ctx: Ctx, count_id: UUID) -> Counted:
    """Fix what was counted and let it be posted: `post_some` does it. Its movements count on today's business day.

    Asking again while it is being posted, or when it is, changes nothing. NotFound; CountMoved unless it is being
    reviewed; NothingCounted; ValidationError where a variance is worth more than can be booked.
    """
    count = await queries.bare(ctx, count_id)
    if count["state"] not in _UNDER_WAY:  # who asks again does not wait for the part that is at work
        await fetch(ctx, _HOLD_PLACE, {"count": count_id})
        count = await hold_count(ctx, count_id)
    if count["state"] in _UNDER_WAY:
        return Counted(await queries.count(ctx, count_id), again=True)
    if count["state"] != "review":
        raise CountMoved(count["state"])
    totals = await queries.totals(ctx, count_id)
    if max(totals["gain"], totals["loss"]) > LIMIT_MINOR:
        raise ValidationError(fields={"entries": ["A variance is worth more than Duka can book."]})
    lines = totals["counted"]
    if not lines:
        raise NothingCounted
    today = ctx.today(settings.of(ctx).day_start_minutes)
    await fetch(ctx, _BEGIN, {"count": count_id, "person": ctx.staff_id, "day": today, "lines": lines})
    audit.record(ctx, "post", "stock_count", count_id, after={"lines": lines})
    return Counted(await queries.count(ctx, count_id))


async def post_some(ctx: Ctx, count_id: UUID, lines: int = LINES_AT_ONCE) -> bool:
    """Post the next so many lines of a count; say whether more are left. A line is posted once, however often this is
    asked.

    What was counted is a fact: where sales have taken what the count then misses, the balance goes below zero.
    """
    await fetch(ctx, _HOLD_PLACE, {"count": count_id})
    (count,) = await fetch(ctx, _HELD, {"count": count_id})
    if count.state != "posting":
        return False
    ctx.staff_id = count.posted_by
    chunk = await fetch(ctx, _NEXT, {"count": count_id, "lines": lines})
    assert chunk, "a count is posted when its last line is"
    variants = [line.variant_id for line in chunk]
    reads = Reads(ctx)
    ask_prices(reads, variants, [], ctx.now, ctx.today())
    prices = {UUID(price["variant_id"]): price for price in (await reads.send())["prices"]}
    differing = [line.variant_id for line in chunk if line.counted_milli != line.expected_milli]
    await claim(ctx, differing, [count.location_id])
    writes = Writes(ctx)
    _write(writes, count, [(line, prices[line.variant_id], new_id()) for line in chunk])
    outcome = await writes.send()
    assert outcome.written
    return bool(count.lines_done + len(chunk) < count.lines_total)


def _write(writes: Writes, count: Any, lines: Sequence[tuple[Any, Any, UUID]]) -> None:
    ctx = writes.ctx
    writes.insert(CountLine, [
        {"id": line_id, "count_id": count.id, "variant_id": line.variant_id, "counted_milli": line.counted_milli,
         "expected_milli": line.expected_milli, "unit_cost_minor": price["cost_minor"] or 0,
         "business_date": count.business_date, "at": ctx.now}
        for line, price, line_id in lines
    ])  # fmt: skip
    over: list[Goods] = []
    short: list[Goods] = []
    gain_minor = loss_minor = 0
    for line, price, line_id in lines:
        variance_milli, cost = line.counted_milli - line.expected_milli, price["cost_minor"] or 0
        worth = value_minor(variance_milli, cost)
        gain_minor, loss_minor = gain_minor + max(worth, 0), loss_minor + min(worth, 0)
        goods = Goods(line.variant_id, abs(variance_milli), cost, line_id, price["min_stock_milli"], price["tracking"])
        if variance_milli:
            (over if variance_milli > 0 else short).append(goods)
    source = Source("count", count.id, count.business_date, count.posted_by)
    issue(writes, short, source, count.location_id, below_zero=True, gone=True)
    put_back(writes, [(goods, count.location_id) for goods in over], source)
    ledger.post(
        writes, [ledger.Entry(chart.STOCK, chart.STOCK_LOSS, worth) for worth in (gain_minor, loss_minor)],
        source="count", source_id=count.id, business_date=count.business_date,
    )  # fmt: skip
    writes.value("count", count.id)
    writes.value("done", len(lines))
    writes.value("moment", ctx.now)
    writes.step("progress", _PROGRESS)
    facts = {"state": "posting", "location_id": str(count.location_id), "lines": len(lines)}
    writes.insert(AuditEntry, [audit.entry(ctx, "post", "stock_count", count.id, after=facts)])
    writes.insert(OutboxEvent, [events.entry(ctx, told.COUNTED, count.id, facts)])
