"""Live updates, over real sockets: who is told what, how soon, and what survives when something breaks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import orjson
import psycopg
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import update

from duka.main import create_app
from duka.platform import events, live
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.live import Hub, LiveResponse
from duka.platform.postgres import Urls, libpq
from duka.platform.settings import Settings
from duka.shops.auth import passwords
from duka.shops.models import Account, DeviceSession
from tests.conftest import SECRET
from tests.world import Person, Shop, hire, open_a_shop

pytestmark = pytest.mark.slow

WITHIN_SECONDS = 20
"""Long enough for a slow machine: what is asked is that it comes, not how fast this machine is today."""
PASSWORD = "seven green kettles"


@dataclass(slots=True)
class Event:
    """One event of a stream."""

    name: str
    id: str | None
    data: Any


@dataclass(slots=True)
class Listening:
    """A stream somebody reads."""

    answer: httpx2.Response
    lines: AsyncIterator[str]

    async def next(self) -> Event | None:
        """Give the next event; None at the stream's end."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(WITHIN_SECONDS):
            async for line in self.lines:
                name, _, value = line.partition(": ")
                if line and name and name != "retry":
                    fields[name] = value
                elif "data" in fields:
                    return Event(fields.get("event", ""), fields.get("id"), orjson.loads(fields["data"]))
        return None

    async def news(self, kind: str) -> Event:
        """Give the next `changed` that names a kind of event."""
        while (event := await self.next()) is not None:
            if event.name == "changed" and kind in event.data["kinds"]:
                return event
        raise AssertionError("the stream ended")


@dataclass(slots=True)
class Process:
    """A web process with a port of its own."""

    app: FastAPI
    url: str
    server: uvicorn.Server

    @property
    def house(self) -> House:
        """What it works with."""
        house: House = self.app.state.house
        return house

    @asynccontextmanager
    async def listen(self, person: Person, **headers: str) -> AsyncIterator[Listening]:
        """Open somebody's stream."""
        sent = {**person.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with (
            httpx2.AsyncClient(timeout=WITHIN_SECONDS) as client,
            client.stream("GET", f"{self.url}/api/live", headers=sent) as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            yield Listening(answer, answer.aiter_lines())


@asynccontextmanager
async def web_process(options: Settings, urls: Urls) -> AsyncIterator[Process]:
    """Run the app on a port of the loopback."""
    app = create_app(options, urls, SECRET)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="on")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done()
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Process(app, f"http://127.0.0.1:{port}", server)
    app.state.house.live.close()
    server.should_exit = True
    await running


@pytest.fixture(scope="module")
async def process(options: Settings, urls: Urls) -> AsyncIterator[Process]:
    """One web process."""
    async with web_process(options, urls) as process:
        yield process


async def happens(shop: Shop, process: Process, kind: str = "sale.created") -> None:
    """Something is committed in the shop, in this process."""
    async with shop.as_() as ctx:
        events.emit(ctx, kind, new_id())
    process.house.relay.nudge(shop.shop_id)


async def test_a_screen_is_told_what_kind_of_thing_happened(process: Process, shop: Shop) -> None:
    async with process.listen(shop.owner, Accept_Encoding="gzip") as listening:
        assert listening.answer.headers["content-type"].startswith("text/event-stream")
        assert listening.answer.headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in listening.answer.headers
        first = await listening.next()
        assert first == Event("changed", "0", {"position": 0, "kinds": []})
        await happens(shop, process)
        assert await listening.next() == Event("changed", "1", {"position": 1, "kinds": ["sale.created"]})


async def test_a_stream_goes_on_where_it_broke_off(process: Process, shop: Shop) -> None:
    for kind in ("sale.created", "cart.taken", "cart.held"):
        async with shop.as_() as ctx:
            events.emit(ctx, kind, new_id())
        await process.house.relay.relay(shop.shop_id)
    async with process.listen(shop.owner, Last_Event_ID="1") as listening:
        assert await listening.next() == Event("changed", "3", {"position": 3, "kinds": ["cart.held", "cart.taken"]})
    async with process.listen(shop.owner, Last_Event_ID="3") as listening:
        await happens(shop, process, "sale.paid")
        assert await listening.next() == Event("changed", "4", {"position": 4, "kinds": ["sale.paid"]})


@pytest.mark.parametrize("last", ["99", "-1", "x", "9" * 40])
async def test_a_place_that_is_none_begins_anew(process: Process, shop: Shop, last: str) -> None:
    async with process.listen(shop.owner, Last_Event_ID=last) as listening:
        assert await listening.next() == Event("changed", "0", {"position": 0, "kinds": []})


async def test_another_shop_is_told_nothing(process: Process, shop: Shop) -> None:
    stranger = await open_a_shop(process.house)
    async with process.listen(stranger.owner) as listening:
        await listening.next()
        await happens(shop, process, "sale.created")
        await happens(stranger, process, "cart.held")
        event = await listening.next()
        assert event is not None
        assert event.data["kinds"] == ["cart.held"]


async def test_what_happens_in_one_process_is_told_in_the_others(
    options: Settings, urls: Urls, process: Process, shop: Shop
) -> None:
    async with web_process(options, urls) as other, other.listen(shop.owner) as listening:
        await listening.next()
        await happens(shop, process)
        await listening.news("sale.created")


async def test_a_broken_ear_is_mended_and_everybody_told(process: Process, shop: Shop, urls: Urls) -> None:
    async with process.listen(shop.owner) as listening:
        await listening.next()
        cut_off(urls)
        assert await listening.next() == Event("changed", "0", {"position": 0, "kinds": []})
        await happens(shop, process)
        await listening.news("sale.created")


def cut_off(urls: Urls) -> None:
    """Have the server end every listening connection."""
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
    with psycopg.connect(libpq(urls.app)) as connection:
        assert connection.execute(ends, [live.LISTENER]).fetchall()


async def test_a_replaced_device_is_told_at_once_and_by_whom(process: Process, shop: Shop) -> None:
    phone = await can_log_in(process, shop.owner.account_id)
    async with process.listen(shop.owner) as listening:
        await listening.next()
        login = {"login": phone, "password": PASSWORD, "device_id": str(new_id()), "device_name": "Njeri's tablet"}
        async with httpx2.AsyncClient() as client:
            answer = await client.post(f"{process.url}/api/auth/login", json=login)
            assert answer.status_code == 200, answer.text
        event = await ending(listening)
        assert event.data["code"] == "SESSION_REPLACED"
        assert event.data["device"] == "Njeri's tablet"
        assert event.data["at"].endswith("Z")
        assert await listening.next() is None


async def test_who_is_suspended_is_told_at_once(process: Process, shop: Shop) -> None:
    clerk = await hire(shop, "staff")
    async with process.listen(clerk) as listening, httpx2.AsyncClient() as client:
        await listening.next()
        url = f"{process.url}/api/staff/{clerk.staff_id}/suspend"
        answer = await client.post(url, json={"reason": "left the shop"}, headers=shop.owner.headers)
        assert answer.status_code == 200, answer.text
        event = await ending(listening)
        assert event.data["code"] in ("SESSION_ENDED", "STAFF_SUSPENDED")
        assert await listening.next() is None


async def test_a_key_that_is_taken_back_hears_nothing_more(process: Process, shop: Shop) -> None:
    async with httpx2.AsyncClient(headers=shop.owner.headers) as client:
        wanted = {"name": "Screen in the window", "permissions": {"profile:read": "shop"}}
        made = (await client.post(f"{process.url}/api/api-keys", json=wanted)).json()["data"]
        holder = replace(shop.owner, token=made["key"])
        async with process.listen(holder) as listening:
            await listening.next()
            answer = await client.delete(f"{process.url}/api/api-keys/{made['id']}")
            assert answer.status_code == 200, answer.text
            assert (await ending(listening)).data["code"] == "UNAUTHENTICATED"
            assert await listening.next() is None


async def test_one_login_has_so_many_screens_and_no_more(process: Process, shop: Shop) -> None:
    clerk = await hire(shop, "staff")
    async with AsyncExitStack() as opened:
        first = await opened.enter_async_context(process.listen(clerk))
        others = [await opened.enter_async_context(process.listen(clerk)) for _ in range(live.SCREENS_MAX - 1)]
        owners = await opened.enter_async_context(process.listen(shop.owner))
        for each in (first, *others, owners):
            await each.next()
        last = await opened.enter_async_context(process.listen(clerk))
        assert await first.next() is None
        await happens(shop, process)
        for each in (*others, owners, last):
            await each.news("sale.created")


async def ending(listening: Listening) -> Event:
    """Give the event that ends a stream."""
    while (event := await listening.next()) is not None:
        if event.name == "session_replaced":
            return event
    raise AssertionError("the stream ended without a word")


async def can_log_in(process: Process, account_id: UUID) -> str:
    """Give an account a password; give its phone."""
    async with process.house.database.session("platform") as db:
        sealed = await passwords.make_hash(PASSWORD)
        known = update(Account).where(Account.id == account_id).values(password_hash=sealed).returning(Account.phone)
        phone = (await db.scalars(known)).one()
        await db.commit()
    assert phone
    return phone


async def test_a_session_that_ended_unseen_is_found_by_the_next_check(
    process: Process, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    async with process.listen(shop.owner) as listening:
        await listening.next()
        async with process.house.database.session("platform") as db:
            mine = update(DeviceSession).where(DeviceSession.id == shop.owner.session_id)
            ended_at = DeviceSession.created_at + timedelta(seconds=1)
            await db.execute(mine.values(ended_at=ended_at, ended_reason="ended"))
            await db.commit()
        assert (await ending(listening)).data["code"] == "SESSION_ENDED"


async def test_a_stream_ends_when_its_time_is_over(process: Process, shop: Shop) -> None:
    async with httpx2.AsyncClient(timeout=WITHIN_SECONDS) as client:
        answer = await client.get(f"{process.url}/api/live?seconds=0", headers=shop.owner.headers)
    assert answer.text.startswith("retry: 3000\n\nevent: changed\n")


async def test_nobody_listens_without_logging_in(process: Process) -> None:
    async with httpx2.AsyncClient() as client:
        answer = await client.get(f"{process.url}/api/live")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


async def test_two_hundred_screens_need_no_connection_of_the_database(
    options: Settings, urls: Urls, shop: Shop
) -> None:
    people = [shop.owner, *[await hire(shop, "staff") for _ in range(9)]]
    async with web_process(options.model_copy(update={"pool_size": 2}), urls) as process:
        limits = httpx2.Limits(max_connections=None)
        async with httpx2.AsyncClient(timeout=60, limits=limits) as client:

            async def until_told(who: Person) -> list[str]:
                async with client.stream("GET", f"{process.url}/api/live", headers=who.headers) as answer:
                    listening = Listening(answer, answer.aiter_lines())
                    await listening.next()
                    opened.release()
                    return list((await listening.news("sale.created")).data["kinds"])

            opened = asyncio.Semaphore(0)
            screens = [asyncio.create_task(until_told(who)) for who in people for _ in range(live.SCREENS_MAX)]
            for _ in screens:
                await opened.acquire()
            assert process.house.live.count() == 200
            async with shop.as_() as ctx:  # through the tests' own pool; this process's stays free
                events.emit(ctx, "sale.created", new_id())
            # The jobs borrow connections for a moment; screens that held one would hold it as long as they listen.
            async with asyncio.timeout(20):
                while process.house.database.shop.pool.checkedout():  # type: ignore[attr-defined] # a queue's own
                    await asyncio.sleep(0.02)
            process.house.relay.nudge(shop.shop_id)
            assert await asyncio.gather(*screens) == [["sale.created"]] * 200
        while process.house.live.count():
            await asyncio.sleep(0.02)


async def test_a_screen_that_takes_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "STALLED_SECONDS", 0.05)
    hub, sent = Hub("postgresql+psycopg://nowhere/"), []

    async def never_told() -> None:
        return None

    async def connected() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def stuck(message: Any) -> None:
        sent.append(message["type"])
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    screen = hub.join(new_id(), "a session")
    await LiveResponse(hub, screen, never_told, 900)({"type": "http"}, connected, stuck)
    assert sent == ["http.response.start", "http.response.body"]
    assert hub.count() == 0


async def test_a_screen_nobody_holds_is_forgotten() -> None:
    hub = Hub("postgresql+psycopg://nowhere/")
    hub.join(new_id(), "a session")
    assert hub.count() == 0


def test_news_is_merged_and_told_once() -> None:
    shop, hub = new_id(), Hub("postgresql+psycopg://nowhere/")
    screen = hub.join(shop, "a session")
    for position, kind in ((4, "sale.created"), (5, "stock.low")):
        hub.hear(orjson.dumps(["shop", events.told_as(shop), position, [kind]]).decode())
    assert screen.take() == b'event: changed\nid: 5\ndata: {"position":5,"kinds":["sale.created","stock.low"]}\n\n'
    assert screen.take() == b": still here\n\n"


async def test_a_stopping_process_ends_its_streams(options: Settings, urls: Urls, shop: Shop) -> None:
    async with web_process(options, urls) as process, process.listen(shop.owner) as listening:
        await listening.next()
        process.house.live.close()
        assert await listening.next() is None
