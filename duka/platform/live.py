"""Live updates: open screens are told within a second that something of their shop changed.

One connection of each web process LISTENs to what the relay tells (`platform.events`) and wakes the screens that are
open in this process; so any number of processes work, without a further server. A screen is told only that there is
news and up to which position; it fetches the news itself. An open screen holds no database connection.
"""

import asyncio
import signal
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID
from weakref import WeakSet

import orjson
import psycopg
import structlog
import uvicorn
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from duka.platform.errors import DukaError
from duka.platform.events import CHANNEL, told_as
from duka.platform.postgres import libpq

log = structlog.get_logger()

LISTENER: Final = "duka live"
"""What the listening connection is called in `pg_stat_activity`."""
HEARTBEAT_SECONDS: Final = 20.0
CHECK_SECONDS: Final = 60.0
STALLED_SECONDS: Final = 30.0
"""A screen that takes nothing for so long is dropped; it may come again."""
_COME_AGAIN_MS: Final = 3_000
_CHECKS_AT_ONCE: Final = 2
_SILENT_SECONDS: Final = 60.0
_RECONNECT_SECONDS: Final = (0.1, 0.5, 1.0, 2.0, 5.0)
_PEOPLE: Final = ("staff.", "role.", "api_key.")
"""After events of these kinds a person's place in the shop, or a key's, may be another."""
SCREENS_MAX: Final = 20
"""Screens of one session or key, in one process. An app needs one; lines that broke unseen leave some behind."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class Screen:
    """One open stream, with what it has not been told yet: news is merged, so a slow reader holds no queue."""

    shop: str
    holder: str
    """The session or key it was opened with."""
    position: int = 0
    news: bool = False
    kinds: set[str] | None = field(default_factory=set)
    """What kinds of events there were; None when it is not known."""
    must_check: bool = False
    gone: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    opened_at: float = field(default_factory=time.monotonic)

    def hear(self, position: int | None, kinds: Iterable[str] | None) -> None:
        """Add news: the newest position (None: the one it has), and the kinds of events (None: not known)."""
        self.position = max(self.position, position or 0)
        self.kinds = None if self.kinds is None or kinds is None else self.kinds | set(kinds)
        self.news = True
        self.wake.set()

    def check(self) -> None:
        """Have it look at once whether it may still be open."""
        self.must_check = True
        self.wake.set()

    def end(self) -> None:
        """Have its stream end: its client is gone, or has opened too many others since."""
        self.gone = True
        self.wake.set()

    def take(self) -> bytes:
        """Give the news as one event of the stream, or a comment that keeps the connection alive."""
        if not self.news:
            return b": still here\n\n"
        told = {"position": self.position, "kinds": sorted(self.kinds or ())}
        self.news, self.kinds = False, set()
        return _event("changed", told, self.position)


class Hub:
    """The open screens of one process, and its ear."""

    def __init__(self, url: str) -> None:
        self._conninfo: Final = libpq(url)
        self._by_shop: dict[str, WeakSet[Screen]] = {}
        self._by_holder: dict[str, WeakSet[Screen]] = {}
        self.checking: Final = asyncio.Semaphore(_CHECKS_AT_ONCE)
        """Screens look after their sessions a few at a time: the connections are for people who wait."""
        self.closed = False

    def join(self, shop_id: UUID, holder: str) -> Screen:
        """Open a screen. It is told of everything from now on, until it leaves or nobody holds it any more.

        `holder` names the session (`told_as`) or key that opens it. Beyond `SCREENS_MAX` its oldest screen ends.
        """
        others = self._by_holder.setdefault(holder, WeakSet())
        for old in sorted(others, key=lambda each: each.opened_at)[: max(0, len(others) - SCREENS_MAX + 1)]:
            self.leave(old)
            old.end()
        screen = Screen(told_as(shop_id), holder)
        self._by_shop.setdefault(screen.shop, WeakSet()).add(screen)
        self._by_holder.setdefault(holder, WeakSet()).add(screen)
        return screen

    def leave(self, screen: Screen) -> None:
        """Close a screen."""
        for places, name in ((self._by_shop, screen.shop), (self._by_holder, screen.holder)):
            if name in places:
                places[name].discard(screen)
                if not places[name]:
                    del places[name]

    def count(self) -> int:
        """Say how many screens are open."""
        return sum(len(screens) for screens in self._by_shop.values())

    def hear(self, notice: str) -> None:
        """Wake the screens that a notice of the channel is for."""
        match orjson.loads(notice):
            case ["shop", str(shop), int(position), list(kinds)]:
                screens = list(self._by_shop.get(shop, ()))
                about_people = not kinds or any(kind.startswith(_PEOPLE) for kind in kinds)
                for screen in screens:
                    screen.hear(position, kinds or None)
                    if about_people:
                        screen.check()
            case ["session", str(session)]:
                for screen in list(self._by_holder.get(session, ())):
                    screen.check()

    def close(self) -> None:
        """End every stream: the process stops."""
        self.closed = True
        for screen in self._all():
            screen.wake.set()

    async def run(self) -> None:
        """Listen until cancelled. Whenever the ear was deaf for a while, everybody is told that something may have
        changed, and looks whether they may stay."""
        failures, was_deaf = 0, False
        while True:
            try:
                async with await self._listen() as ear:
                    if was_deaf:
                        self._rouse()
                    failures, was_deaf = 0, True
                    await self._hear_all(ear)
            except (psycopg.Error, OSError) as failure:
                log.warning("live_not_listening", error=type(failure).__name__)
            await asyncio.sleep(_RECONNECT_SECONDS[min(failures, len(_RECONNECT_SECONDS) - 1)])
            failures += 1

    async def _listen(self) -> psycopg.AsyncConnection[Any]:
        ear = await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, application_name=LISTENER, connect_timeout=5, keepalives_idle=30
        )
        await ear.execute(f"LISTEN {CHANNEL}")
        return ear

    async def _hear_all(self, ear: psycopg.AsyncConnection[Any]) -> None:
        while True:
            async for notice in ear.notifies(timeout=_SILENT_SECONDS):
                self.hear(notice.payload)
            await ear.execute("SELECT 1")  # a connection that died without a word is noticed here

    def _rouse(self) -> None:
        for screen in self._all():
            screen.hear(None, None)
            screen.check()

    def _all(self) -> list[Screen]:
        return [screen for screens in self._by_shop.values() for screen in screens]


Check = Callable[[], Awaitable[DukaError | None]]
"""Says why a screen may not stay open any longer, if so."""


class LiveResponse(Response):
    """The stream of one screen, as server-sent events; see `live_api` for what it tells."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, screen: Screen, check: Check, seconds: float) -> None:
        # Proxies such as nginx would else gather the stream before they hand it on.
        super().__init__(headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"})
        del self.headers["content-length"]
        self.hub, self.screen, self.check = hub, screen, check
        self.until = time.monotonic() + seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the time is over, the person may not stay, the client is gone, or the process stops."""
        hanging_up = asyncio.create_task(self._hang_up(receive))
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        try:
            await send(start)
            async for told in self._tell():
                async with asyncio.timeout(STALLED_SECONDS):
                    await send({"type": "http.response.body", "body": told, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.info("live_screen_dropped")
        finally:
            self.hub.leave(self.screen)
            hanging_up.cancel()

    async def _hang_up(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.screen.end()

    async def _tell(self) -> AsyncIterator[bytes]:
        yield b"retry: %d\n\n" % _COME_AGAIN_MS
        check_at = time.monotonic() + CHECK_SECONDS
        while not (self.screen.gone or self.hub.closed):
            await self._wait()
            now = time.monotonic()
            if self.screen.gone or self.hub.closed:
                return
            if self.screen.must_check or now >= check_at:
                self.screen.must_check, check_at = False, now + CHECK_SECONDS
                refusal = await self.check()
                if refusal is not None:
                    yield _refused(refusal)
                    return
            if self.screen.news or now < self.until:
                yield self.screen.take()
            if now >= self.until:
                return

    async def _wait(self) -> None:
        """Wait for news or the next sign of life; what comes from now on wakes the next wait."""
        wait_seconds = max(0.0, min(HEARTBEAT_SECONDS, self.until - time.monotonic()))
        try:
            async with asyncio.timeout(wait_seconds):
                await self.screen.wake.wait()
        except TimeoutError:
            return
        finally:
            self.screen.wake.clear()


def close_with_process(hub: Hub) -> None:
    """Have the streams end when the web server is asked to stop: it waits for open answers, and these have no end of
    their own."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        if not isinstance(getattr(before, "__self__", None), uvicorn.Server) or not callable(before):
            continue

        def stop(asked: int, frame: Any, before: Callable[[int, Any], Any] = before) -> None:
            loop.call_soon_threadsafe(hub.close)
            before(asked, frame)

        signal.signal(number, stop)


def _refused(refusal: DukaError) -> bytes:
    told = {"device": None, "at": None, **refusal.details(), "code": refusal.code, "message": refusal.message()}
    return _event("session_replaced", told)


def _event(name: str, told: dict[str, Any], position: int | None = None) -> bytes:
    lines: Sequence[bytes] = (
        f"event: {name}".encode(), *((f"id: {position}".encode(),) if position is not None else ()),
        b"data: " + orjson.dumps(told),
    )  # fmt: skip
    return b"\n".join(lines) + b"\n\n"
