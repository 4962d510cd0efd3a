"""The leanest HTTP client that Python allows, so that the machine's time goes to the server that is measured."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
_TIMING: Final = re.compile(rb"server-timing: app;dur=([0-9.]+)", re.IGNORECASE)


@dataclass(slots=True)
class Tally:
    """What came back: seconds of each answer, how many were not 2xx, and the first of those.

    `busy` counts answers that asked to repeat (503), as happens when a lock is waited for too long; the request was
    sent again after the second it asks for, and its time includes that.
    """

    seconds: list[float] = field(default_factory=list)
    busy: int = 0
    failures: int = 0
    first_failure: bytes = b""


class Asker(asyncio.Protocol):
    """One keep-alive connection that sends the next request as soon as the answer is whole."""

    def __init__(self, make: Callable[[], bytes | None], tally: Tally) -> None:
        self._make = make
        self._tally = tally
        self._request = b""
        self._buffer = b""
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = self._make()
        if request is None:
            self._transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self._request = request
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Count a whole answer."""
        self._buffer += data
        if not _is_whole(self._buffer):
            return
        if self._buffer[9:12] == b"503":
            self._tally.busy += 1
            self._buffer = b""
            asyncio.get_running_loop().call_later(1, self._transport.write, self._request)
            return
        self._tally.seconds.append(time.perf_counter() - self._sent)
        if self._buffer[9:10] != b"2":
            self._tally.failures += 1
            self._tally.first_failure = self._tally.first_failure or self._buffer[:1500]
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection that breaks is a failure."""
        if not self.done.done():
            self._tally.failures += 1
            self._tally.first_failure = self._tally.first_failure or f"connection lost: {exc}".encode()
            self.done.set_result(None)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status, how long it took here, and its head and body."""

    status: int
    seconds: float
    head: bytes
    body: bytes

    @property
    def server_ms(self) -> float:
        """Give the milliseconds that the server says it took (`Server-Timing`)."""
        found = _TIMING.search(self.head)
        assert found, self.head
        return float(found.group(1))


class Connection(asyncio.Protocol):
    """One keep-alive connection of somebody who asks, waits for the answer, and thinks before asking again."""

    def __init__(self) -> None:
        self._buffer = b""
        self._sent = 0.0
        self._awaited: asyncio.Future[Answer] | None = None
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Be ready."""
        self._transport = transport

    async def ask(self, request: bytes) -> Answer:
        """Send a request and give its answer. ConnectionError when the connection breaks or was broken."""
        if self._transport.is_closing():
            raise ConnectionResetError("the server closed the connection")
        self._awaited = asyncio.get_running_loop().create_future()
        self._sent = time.perf_counter()
        self._transport.write(request)
        return await self._awaited

    def data_received(self, data: bytes) -> None:
        """Hand over a whole answer."""
        self._buffer += data
        if not _is_whole(self._buffer):
            return
        assert self._awaited
        took = time.perf_counter() - self._sent
        head, _, body = self._buffer.partition(_END_OF_HEAD)
        self._buffer = b""
        self._awaited.set_result(Answer(int(head[9:12]), took, head, body))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_exception(ConnectionResetError(f"connection lost: {exc}"))

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


def _is_whole(received: bytes) -> bool:
    """Say whether an answer has come to its end."""
    head, found, rest = received.partition(_END_OF_HEAD)
    if not found:
        return False
    length = _LENGTH.search(head)
    if length is None:
        raise ValueError(f"an answer without a length: {received[:1500]!r}")
    return len(rest) >= int(length.group(1))


async def connect(port: int) -> Connection:
    """Open a connection to the server."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


async def hammer(port: int, makers: list[Callable[[], bytes | None]]) -> Tally:
    """Run one connection a maker at once; each asks until its maker gives None."""
    tally = Tally()
    loop = asyncio.get_running_loop()
    askers = []
    for make in makers:
        _, asker = await loop.create_connection(partial(Asker, make, tally), "127.0.0.1", port)
        askers.append(asker)
    await asyncio.gather(*(asker.done for asker in askers))
    return tally


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """Write a request."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def percentile(values: list[float], share: float) -> float:
    """Give the value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
