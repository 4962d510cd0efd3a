"""The leanest HTTP client that Python allows, so that the machine's time goes to the server that is measured."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Tally:
    """What came back: seconds of each answer, how many were not 2xx, and the first of those."""

    seconds: list[float] = field(default_factory=list)
    failures: int = 0
    first_failure: bytes = b""


class Asker(asyncio.Protocol):
    """One keep-alive connection that sends the next request as soon as the answer is whole."""

    def __init__(self, make: Callable[[], bytes | None], tally: Tally) -> None:
        self._make = make
        self._tally = tally
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
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Count a whole answer."""
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        length = int(lower[start : lower.index(b"\r\n", start) if b"\r\n" in lower[start:] else None])
        if len(rest) < length:
            return
        self._tally.seconds.append(time.perf_counter() - self._sent)
        if head[9:10] != b"2":
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


async def hammer(port: int, makers: list[Callable[[], bytes | None]]) -> Tally:
    """Run one connection a maker at once; each asks until its maker gives None."""
    tally = Tally()
    loop = asyncio.get_running_loop()
    pairs = [await loop.create_connection(lambda m=make: Asker(m, tally), "127.0.0.1", port) for make in makers]
    await asyncio.gather(*(protocol.done for _, protocol in pairs))
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
