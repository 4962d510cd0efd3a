"""One statement for many writes: all of it or nothing, in one order, the same text however much is written."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, EventConsumer, OutboxEvent
from duka.platform.writes import Outcome, Writes
from tests.world import Shop

pytestmark = pytest.mark.breaks_invariants("the places of readers serve as any rows", "event_readers")

LOCK = """
SELECT c.consumer, c.position FROM event_consumers c
WHERE c.shop_id = %(shop)s AND c.consumer = ANY(%(wanted)s) ORDER BY c.consumer FOR UPDATE
"""
TAKE = """
UPDATE event_consumers c SET position = l.position - 1 FROM held l, first
WHERE c.shop_id = %(shop)s AND c.consumer = l.consumer RETURNING c.consumer
"""


@pytest.fixture
async def shelves(shop: Shop) -> Shop:
    """A shop with two counters standing at 5, to take from."""
    async with shop.as_() as ctx:
        ctx.db.add_all(EventConsumer(shop_id=ctx.shop_id, consumer=name, position=5) for name in ("a", "b"))
    return shop


def note(ctx: Ctx, entity_id: UUID) -> dict[str, Any]:
    return events.entry(ctx, "test.noted", entity_id, {"by": str(entity_id)})


async def take(shop: Shop, document_id: UUID, wanted: list[str], *, least: int = 1) -> Outcome:
    async with shop.as_() as ctx:
        writes = Writes(ctx)
        writes.value("wanted", wanted)
        writes.value("least", least)
        writes.lock("held", LOCK)
        writes.guard("enough", "NOT EXISTS (SELECT 1 FROM held WHERE position < %(least)s)")
        writes.first(OutboxEvent, note(ctx, document_id) | {"id": document_id})
        writes.step("taken", TAKE)
        writes.insert(AuditEntry, [audit.entry(ctx, "take", "test", document_id)])
        writes.result("left", "SELECT coalesce(jsonb_agg(position ORDER BY consumer), '[]') FROM held")
        return await writes.send()


async def stands(shop: Shop) -> tuple[list[int], int, int]:
    """The counters, how many documents there are, how many audit entries of ours."""
    async with shop.asking() as ctx:
        counters = await ctx.db.scalars(select(EventConsumer.position).order_by(EventConsumer.consumer))
        documents = select(func.count()).where(OutboxEvent.event == "test.noted")
        entries = select(func.count()).where(AuditEntry.entity == "test")
        return list(counters), (await ctx.db.scalar(documents)) or 0, (await ctx.db.scalar(entries)) or 0


async def test_everything_is_written_at_once_and_results_come_back(shelves: Shop) -> None:
    outcome = await take(shelves, new_id(), ["a", "b"])
    assert outcome.written
    assert outcome.results["left"] == [5, 5]
    assert await stands(shelves) == ([4, 4], 1, 1)


async def test_a_guard_that_fails_is_named_and_nothing_is_written(shelves: Shop) -> None:
    outcome = await take(shelves, new_id(), ["a", "b"], least=6)
    assert (outcome.failed, outcome.existed, outcome.written) == (("enough",), False, False)
    assert outcome.results["left"] == [5, 5]
    assert await stands(shelves) == ([5, 5], 0, 0)


async def test_of_several_guards_each_failing_one_is_named(shelves: Shop) -> None:
    async with shelves.as_() as ctx:
        writes = Writes(ctx)
        writes.guard("first_one", "false")
        writes.guard("holds", "true")
        writes.guard("unknown", "NULL::boolean")
        writes.first(OutboxEvent, note(ctx, new_id()))
        outcome = await writes.send()
    assert outcome.failed == ("first_one", "unknown")
    assert await stands(shelves) == ([5, 5], 0, 0)


async def test_a_document_that_stands_is_left_alone_with_all_its_parts(shelves: Shop) -> None:
    document_id = new_id()
    await take(shelves, document_id, ["a"])
    outcome = await take(shelves, document_id, ["a", "b"])
    assert (outcome.existed, outcome.failed, outcome.written) == (True, (), False)
    assert await stands(shelves) == ([4, 5], 1, 1)


async def test_the_same_document_sent_twenty_times_at_once_is_written_once(shelves: Shop) -> None:
    document_id = new_id()
    outcomes = await asyncio.gather(*(take(shelves, document_id, ["a"]) for _ in range(20)))
    assert sum(outcome.written for outcome in outcomes) == 1
    assert await stands(shelves) == ([4, 5], 1, 1)


async def test_of_twelve_at_once_as_many_succeed_as_there_is(shelves: Shop) -> None:
    outcomes = await asyncio.gather(*(take(shelves, new_id(), ["a"]) for _ in range(12)))
    assert sum(outcome.written for outcome in outcomes) == 5
    assert await stands(shelves) == ([0, 5], 5, 5)


async def test_the_text_does_not_depend_on_how_much_is_written(shop: Shop) -> None:
    def written(ctx: Ctx, rows: int) -> str:
        writes = Writes(ctx)
        writes.first(OutboxEvent, note(ctx, new_id()))
        writes.insert(AuditEntry, [audit.entry(ctx, "take", "test", new_id()) for _ in range(rows)])
        writes.insert(OutboxEvent, [note(ctx, new_id()) for _ in range(rows)])
        return writes.text()

    async with shop.asking() as ctx:
        assert written(ctx, 1) == written(ctx, 1000)


async def test_rows_of_several_leaves_share_a_part_and_keep_every_kind_of_value(shop: Shop) -> None:
    async with shop.as_() as ctx:
        writes = Writes(ctx)
        writes.first(OutboxEvent, note(ctx, new_id()))
        first = writes.insert(AuditEntry, [audit.entry(ctx, "one", "test", new_id(), after={"näme": None, "n": 1})])
        second = writes.insert(AuditEntry, [audit.entry(ctx, "two", "test", new_id())])
        assert first == second
        assert writes.insert(AuditEntry, []) == ""
        assert (await writes.send()).written
    async with shop.asking() as again:
        found = select(AuditEntry).where(AuditEntry.entity == "test").order_by(AuditEntry.action)
        one, two = (await again.db.scalars(found)).all()
    assert (one.after, one.at, one.staff_id, one.ip) == ({"näme": None, "n": 1}, ctx.now, ctx.staff_id, None)
    assert (two.after, two.action) == (None, "two")


async def test_locks_are_taken_in_their_order_and_before_anything_is_written(shelves: Shop) -> None:
    """The second lock waits while somebody holds the first, though nothing else reads it."""
    async with shelves.as_() as holder:
        await fetch(holder, LOCK, {"wanted": ["a"]})
        async with shelves.as_() as ctx:
            writes = Writes(ctx)
            for name in ("a", "b"):
                writes.value(f"wanted_{name}", [name])
                writes.lock(f"held_{name}", LOCK.replace("%(wanted)s", f"%(wanted_{name})s"))
                assert writes.locks(f"held_{name}")
            writes.guard("there", "EXISTS (SELECT 1 FROM held_b)")
            writes.first(OutboxEvent, note(ctx, new_id()))
            sending = asyncio.create_task(writes.send())
            await _until_somebody_waits(holder)
            free = await fetch(holder, LOCK.replace("FOR UPDATE", "FOR UPDATE SKIP LOCKED"), {"wanted": ["b"]})
            assert [row.consumer for row in free] == ["b"], "the second lock was taken before the first"
            await holder.db.rollback()
            assert (await sending).written


async def _until_somebody_waits(ctx: Ctx) -> None:
    waiting = "SELECT count(*) AS n FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"
    for _ in range(400):
        if (await fetch(ctx, waiting, {}))[0].n:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waited for the lock")
