"""Work after the answer: nothing is lost when a process dies, nothing is done twice over."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, select, text

from duka.main import create_app
from duka.notifications.models import Notification
from duka.platform import events, schema
from duka.platform.context import Ctx
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.jobs import JOBS_CONNECTION, Reader
from duka.platform.models import OutboxEvent, RememberedKey
from duka.platform.postgres import Urls
from duka.platform.settings import Settings
from tests.conftest import SECRET
from tests.world import Shop

pytestmark = pytest.mark.slow


async def until(holds: Callable[[], Awaitable[Any]]) -> Any:
    """Ask again and again until there is an answer; the run's own limit ends a wait in vain."""
    async with asyncio.timeout(30):
        while not (found := await holds()):
            await asyncio.sleep(0.02)
    return found


async def a_cable_runs_low(shop: Shop) -> UUID:
    """Commit the event that the last cables but two were sold."""
    async with shop.as_() as ctx:
        return say_low(ctx, shop)


def say_low(ctx: Ctx, shop: Shop) -> UUID:
    variant_id = new_id()
    events.emit(ctx, "stock.low", variant_id, {
        "variant_id": str(variant_id), "location_id": str(shop.showroom_id), "branch_id": str(shop.branch_id),
        "quantity_milli": 2000, "min_stock_milli": 3000,
    })  # fmt: skip
    return variant_id


async def notifications(shop: Shop) -> list[Notification]:
    async with shop.asking() as ctx:
        return list((await ctx.db.scalars(select(Notification))).all())


async def positions(shop: Shop) -> list[int | None]:
    async with shop.asking() as ctx:
        return list((await ctx.db.scalars(select(OutboxEvent.position).order_by(OutboxEvent.position))).all())


def running(app: FastAPI) -> House:
    house: House = app.state.house
    return house


async def test_an_event_becomes_one_notification(app: FastAPI, shop: Shop) -> None:
    variant_id = await a_cable_runs_low(shop)
    running(app).relay.nudge(shop.shop_id)
    (told,) = await until(lambda: notifications(shop))
    assert (told.kind, told.entity_id, told.branch_id) == ("low_stock", variant_id, shop.branch_id)
    assert told.facts["quantity_milli"] == 2000


async def test_a_process_killed_before_the_stamp_loses_nothing(app: FastAPI, shop: Shop) -> None:
    await a_cable_runs_low(shop)  # and nobody nudges the relay: the process died after its commit
    assert await positions(shop) == [None]
    await running(app).queue.sweep()
    assert len(await until(lambda: notifications(shop))) == 1
    assert (await positions(shop))[0] == 1  # after it comes what the reader told of itself


async def test_the_next_start_finds_what_a_killed_process_left(options: Settings, urls: Urls, shop: Shop) -> None:
    await a_cable_runs_low(shop)
    started = create_app(options, urls, SECRET)
    async with started.router.lifespan_context(started):
        assert len(await until(lambda: notifications(shop))) == 1


async def test_a_process_killed_between_stamp_and_job_loses_nothing(app: FastAPI, shop: Shop) -> None:
    await a_cable_runs_low(shop)
    async with shop.as_() as ctx:
        await events.stamp(ctx.db, [ctx.shop_id])
    await running(app).queue.sweep()
    assert len(await until(lambda: notifications(shop))) == 1


async def test_a_job_delivered_twice_tells_once(app: FastAPI, shop: Shop) -> None:
    await a_cable_runs_low(shop)
    queue = running(app).queue
    async with shop.as_() as ctx:
        await events.stamp(ctx.db, [ctx.shop_id])
        for _ in range(3):
            await queue.deliver(shop.shop_id, ["stock.low"])
    reader = queue.readers["notifications.low_stock"]
    async with shop.as_() as ctx:
        await reader.read(ctx)
    async with shop.as_() as ctx:  # the reader's place was lost: every event is read again
        await ctx.db.execute(text("UPDATE event_consumers SET position = 0 WHERE shop_id = :shop"),
                             {"shop": shop.shop_id})
        assert await reader.read(ctx) == 1
    assert len(await notifications(shop)) == 1


async def test_a_reader_that_fails_is_called_again(app: FastAPI, shop: Shop) -> None:
    tries = 0

    async def stumble(ctx: Ctx) -> int:
        nonlocal tries
        found = await events.unread(ctx, "stumbler")
        tries += 1
        if tries == 1:
            raise ConnectionResetError
        return len(found)

    queue = running(app).queue
    queue.read(Reader("stumbler", frozenset({"test.happened"}), stumble))
    try:
        async with shop.as_() as ctx:
            events.emit(ctx, "test.happened", new_id())
        running(app).relay.nudge(shop.shop_id)

        async def came_through() -> bool:
            async with shop.asking() as ctx:
                place = await ctx.db.execute(
                    text("SELECT position FROM event_consumers WHERE shop_id = :shop AND consumer = 'stumbler'"),
                    {"shop": shop.shop_id},
                )
                return place.scalar_one_or_none() == 1

        await until(came_through)
        assert tries >= 2
    finally:
        del queue.readers["stumbler"]


async def test_a_job_is_there_if_its_transaction_commits(app: FastAPI) -> None:
    house = running(app)
    done: list[str] = []

    async def note(word: str) -> None:
        done.append(word)

    house.queue.register("test-note", note)
    async with house.database.session("platform") as db:
        await house.queue.defer(db, "test-note", word="rolled back")
    async with house.database.session("platform") as db:
        await house.queue.defer(db, "test-note", word="committed")
        await db.commit()

    async def any_done() -> list[str]:
        return done

    assert await until(any_done) == ["committed"]


async def test_a_finished_job_leaves_no_row(app: FastAPI) -> None:
    house = running(app)

    async def nothing(secret: str) -> None:
        assert secret

    house.queue.register("test-secret", nothing)
    async with house.database.session("platform") as db:
        await house.queue.defer(db, "test-secret", secret="123456")
        await db.commit()

    async def gone() -> bool:
        return not await job_rows(house, "test-secret")

    await until(gone)


async def test_a_dead_workers_job_is_done_by_another(app: FastAPI) -> None:
    house = running(app)
    done: list[str] = []

    async def note(word: str) -> None:
        done.append(word)

    house.queue.register("test-rescue", note)
    async with house.database.session("platform") as db:  # a worker took it an hour ago and was killed
        worker = await db.execute(text(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"))
        await db.execute(
            text("INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id)"
                 " VALUES ('default', 'test-rescue', '{\"word\": \"again\"}', 'doing', :worker)"),
            {"worker": worker.scalar_one()},
        )
        await db.commit()
    await house.queue.rescue()

    async def any_done() -> list[str]:
        return done

    assert await until(any_done) == ["again"]


async def test_the_worker_outlives_its_connections(app: FastAPI) -> None:
    house = running(app)
    done: list[str] = []

    async def note(word: str) -> None:
        done.append(word)

    house.queue.register("test-outlive", note)
    async with house.database.session("platform") as db:
        cut = await db.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"),
            {"name": JOBS_CONNECTION},
        )
        assert cut.all()
    async with house.database.session("platform") as db:
        await house.queue.defer(db, "test-outlive", word="still here")
        await db.commit()

    async def any_done() -> list[str]:
        return done

    assert await until(any_done) == ["still here"]


async def test_a_job_that_fails_for_good_says_so_and_keeps_no_secret(app: FastAPI) -> None:
    house = running(app)
    ended: list[str] = []

    async def fail(code: str) -> None:
        raise ConnectionRefusedError

    async def give_up(code: str) -> None:
        ended.append(code)

    house.queue.register("test-hopeless", fail, given_up=give_up)
    async with house.database.session("platform") as db:  # it has failed six times already
        await db.execute(text("INSERT INTO procrastinate_jobs (queue_name, task_name, args, attempts)"
                              " VALUES ('default', 'test-hopeless', '{\"code\": \"4711\"}', 6)"))
        await db.commit()

    async def any_ended() -> list[str]:
        return ended

    assert await until(any_ended) == ["4711"]

    async def gone() -> bool:
        return not await job_rows(house, "test-hopeless")

    await until(gone)


async def test_remembered_answers_go_after_ninety_days(app: FastAPI, shop: Shop) -> None:
    async with shop.as_() as ctx:
        for age_days in (91, 89):
            await ctx.db.execute(
                text("INSERT INTO idempotency_keys (shop_id, key, path, body_hash, status, body, created_at) VALUES"
                     " (:shop, :key, '/', '', 200, '', now() - make_interval(days => :age))"),
                {"shop": shop.shop_id, "key": f"{age_days} days", "age": age_days},
            )
    await running(app).queue.clean()
    async with shop.asking() as ctx:
        assert list(await ctx.db.scalars(select(RememberedKey.key))) == ["89 days"]


async def test_the_queues_tables_are_the_platforms_alone(urls: Urls, shop: Shop) -> None:
    engine = create_engine(urls.owner)
    with engine.connect() as connection:
        assert schema.breaches(connection) == []
        rights = connection.execute(text(
            "SELECT table_name FROM information_schema.role_table_grants"
            " WHERE grantee = 'duka_app' AND table_name LIKE 'procrastinate%'")).all()
    engine.dispose()
    assert rights == []


async def job_rows(house: House, name: str) -> list[Any]:
    async with house.database.session("platform") as db:
        found = await db.execute(text("SELECT status FROM procrastinate_jobs WHERE task_name = :name"), {"name": name})
        return list(found.scalars())
