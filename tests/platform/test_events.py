"""The order of events: no gap, no double, and none skipped because it was committed late."""

import asyncio
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from duka.platform import events
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.models import OutboxEvent
from tests.world import Shop, open_a_shop


async def it_happens(shop: Shop, *kinds: str) -> list[UUID]:
    """Commit events of these kinds in one transaction; give what they are about."""
    async with shop.as_() as ctx:
        things = [new_id() for _ in kinds]
        for kind, thing in zip(kinds, things, strict=True):
            events.emit(ctx, kind, thing)
        return things


async def places(shop: Shop) -> list[int | None]:
    async with shop.asking() as ctx:
        return list(await ctx.db.scalars(select(OutboxEvent.position).order_by(OutboxEvent.position)))


async def read(shop: Shop, consumer: str, limit: int = 200, kinds: set[str] | None = None) -> list[UUID]:
    async with shop.as_() as ctx:
        return [event.entity_id for event in await events.unread(ctx, consumer, limit, kinds=kinds)]


async def test_four_relays_at_once_leave_no_gap_and_no_double(house: House, shop: Shop) -> None:
    for _ in range(30):
        await it_happens(shop, "sale.created", "stock.low")
    stamped = await asyncio.gather(*(house.relay.relay(shop.shop_id) for _ in range(4)))
    assert sum(stamped) == 60
    assert await places(shop) == list(range(1, 61))


async def test_an_event_that_commits_late_is_not_skipped(house: House, shop: Shop) -> None:
    async with shop.as_() as slow:
        early = new_id()
        events.emit(slow, "sale.created", early)  # its id is the smaller one, its commit the later
        await slow.db.flush()
        (late,) = await it_happens(shop, "sale.created")
        await house.relay.relay(shop.shop_id)
        assert await read(shop, "reader") == [late]
    await house.relay.relay(shop.shop_id)
    assert await read(shop, "reader") == [early]
    assert await read(shop, "reader") == []


async def test_a_reader_takes_its_kinds_in_order_and_a_batch_at_a_time(house: House, shop: Shop) -> None:
    happened = await it_happens(shop, "stock.low", "sale.created", "stock.low", "sale.created", "stock.low")
    await house.relay.relay(shop.shop_id)
    low = {"stock.low"}
    assert await read(shop, "low", 2, low) == [happened[0], happened[2]]
    assert await read(shop, "low", 2, low) == [happened[4]]
    assert await read(shop, "low", 2, low) == []
    assert await read(shop, "all") == happened


async def test_a_reader_that_is_rolled_back_reads_again(house: House, shop: Shop) -> None:
    happened = await it_happens(shop, "stock.low")
    await house.relay.relay(shop.shop_id)
    async with shop.as_() as ctx:
        assert len(await events.unread(ctx, "reader")) == 1
        await ctx.db.rollback()
    assert await read(shop, "reader") == happened


async def test_two_readers_at_once_share_the_work_without_doubling_it(house: House, shop: Shop) -> None:
    happened = await it_happens(shop, *["stock.low"] * 20)
    await house.relay.relay(shop.shop_id)
    parts = await asyncio.gather(*(read(shop, "reader", 5) for _ in range(6)))
    assert sorted(thing for part in parts for thing in part) == sorted(happened)


async def test_each_shop_has_its_own_order(house: House, shop: Shop) -> None:
    other = await open_a_shop(house)
    await it_happens(shop, "stock.low")
    await it_happens(other, "stock.low", "stock.low")
    for each in (shop, other):
        await house.relay.relay(each.shop_id)
    assert await places(shop) == [1]
    assert await places(other) == [1, 2]
    assert len(await read(shop, "reader")) == 1


async def test_more_than_one_batch_is_placed_in_one_go(house: House, shop: Shop) -> None:
    await it_happens(shop, *["stock.low"] * 1_001)
    assert await house.relay.relay(shop.shop_id) == 1_001
    assert await places(shop) == list(range(1, 1_002))


async def test_many_shops_are_placed_in_one_transaction_each_with_its_own_order(house: House, shop: Shop) -> None:
    others = [await open_a_shop(house) for _ in range(3)]
    for count, each in enumerate([shop, *others], 1):
        await it_happens(each, *["stock.low"] * count)
    nobody = new_id()
    assert await house.relay.relay(nobody, shop.shop_id, *(each.shop_id for each in others)) == 1 + 2 + 3 + 4
    assert [await places(each) for each in (shop, *others)] == [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]


async def test_a_shop_that_fails_keeps_no_other_waiting(house: House, shop: Shop) -> None:
    other = await open_a_shop(house)
    told: list[UUID] = []

    async def deliver(shop_id: UUID, _kinds: Collection[str]) -> None:
        if shop_id == shop.shop_id:
            raise ConnectionError
        told.append(shop_id)

    relay = events.Relay(house.database, deliver, shops_at_once=10)
    for each in (shop, other):
        await it_happens(each, "stock.low")
        relay.nudge(each.shop_id)
    working = asyncio.create_task(relay.run())
    for _ in range(200):
        if told:
            break
        await asyncio.sleep(0.05)
    working.cancel()
    assert told == [other.shop_id]
