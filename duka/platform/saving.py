"""Files that are written here and sent: how many at a time, and what becomes of one whose reader goes away."""

import asyncio
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, ClassVar, Final
from uuid import UUID

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from duka.platform.errors import DukaError

log = structlog.get_logger()

_IN_MEMORY_BYTES: Final = 1_000_000
_CHUNK_BYTES: Final = 64 * 1024
_WRITTEN_AT_ONCE: Final = 3
"""Files that one process writes at a time: each keeps a connection, and people who sell need the others."""
_OF_A_SHOP: Final = 2
"""Files of one shop in one process, written or on their way: a large one takes its place on the disk until it is
sent."""
STALLED_SECONDS: Final = 60.0
"""Whoever takes nothing of a file for so long is not waited for any longer."""

_held: Final[Counter[UUID]] = Counter()
_writing: Final[Counter[str]] = Counter()


@dataclass(eq=False)
class TooManyFiles(DukaError):
    """As many lists as the server writes at a time are being saved as files already, in this shop or in all."""

    status: ClassVar[int] = 429
    text: ClassVar[str] = "Other lists are being saved as files at this moment. Try again in a few seconds."
    retry_after_seconds: ClassVar[int | None] = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that is being written for a shop; one of more than a megabyte lies on the disk."""

    file: IO[bytes]
    let_go: Callable[[], object]

    def answer(self, filename: str, media_type: str) -> Response:
        """Make the answer that sends the file, which is the answer's from now on."""
        size_bytes = self.file.tell()
        self.file.seek(0)
        headers = {
            "Content-Disposition": f'attachment; filename="{filename}"', "Content-Length": str(size_bytes),
        }  # fmt: skip
        return _Saved(self, headers, media_type)

    def drop(self) -> None:
        """Let go of the file and its place."""
        self.file.close()
        self.let_go()


@contextmanager
def a_place() -> Iterator[None]:
    """Take one of the process's places for writing while the block runs. TooManyFiles: whoever waited for a place would
    hold a connection meanwhile."""
    if _writing["files"] >= _WRITTEN_AT_ONCE:
        raise TooManyFiles
    _writing["files"] += 1
    try:
        yield
    finally:
        _writing["files"] -= 1


def begin(shop_id: UUID) -> Draft:
    """Begin a file, counted for its shop until it is dropped or nobody has it any more. TooManyFiles."""
    if _held[shop_id] >= _OF_A_SHOP:
        raise TooManyFiles
    _held[shop_id] += 1
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by whoever drops it
    return Draft(file, weakref.finalize(file, _release, shop_id))


def _release(shop_id: UUID) -> None:
    _held[shop_id] -= 1
    if not _held[shop_id]:
        del _held[shop_id]


class _Saved(Response):
    """A written file on its way. It is gone when it was sent, or when its reader is."""

    def __init__(self, draft: Draft, headers: dict[str, str], media_type: str) -> None:
        super().__init__(headers=headers, media_type=media_type)
        self.draft = draft

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, or as much of it as its reader takes."""
        del scope, receive
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            more = True
            while more:
                chunk = await asyncio.to_thread(self.draft.file.read, _CHUNK_BYTES)
                more = len(chunk) == _CHUNK_BYTES
                async with asyncio.timeout(STALLED_SECONDS):
                    await send({"type": "http.response.body", "body": chunk, "more_body": more})
        except TimeoutError:
            log.info("file_reader_dropped")
        finally:
            self.draft.drop()
