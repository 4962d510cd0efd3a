"""Every list as a file: the same route answers a page, or with `?format=` the whole list.

    @groups.get("", response_model=Page[GroupOut])
    async def list_groups(ctx: ..., asked: ...) -> Page[GroupOut] | Response:
        file_format = exports.wanted(ctx, asked, "groups:export")
        if file_format:
            parts = exports.parts(asked, lambda part: queries.groups(ctx, part))
            return await exports.file_response(ctx, parts, COLUMNS, "groups", file_format)
        rows, info = await queries.groups(ctx, asked)
        return Page(data=rows, page=info)
"""

import asyncio
import tempfile
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import IO, Any, ClassVar, Final
from uuid import UUID

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from duka.platform import sheets
from duka.platform.context import Ctx
from duka.platform.errors import DukaError
from duka.platform.wire import PageInfo, Paging

log = structlog.get_logger()

_PART_ROWS: Final = 2_000
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

Rows = Iterable[Any]
Parts = AsyncIterator[Rows]


@dataclass(eq=False)
class TooManyFiles(DukaError):
    """As many lists as the server writes at a time are being saved as files already, in this shop or in all."""

    status: ClassVar[int] = 429
    text: ClassVar[str] = "Other lists are being saved as files at this moment. Try again in a few seconds."
    retry_after_seconds: ClassVar[int | None] = 5


def wanted(ctx: Ctx, asked: Paging, permission: str) -> sheets.FileFormat | None:
    """Say which kind of file the list is wanted as; None for a page. Forbidden without the export's permission."""
    match asked.format:
        case "csv" | "xlsx" | "json":
            ctx.need(permission)
            return asked.format
    return None


async def parts(asked: Paging, page: Callable[[Paging], Awaitable[tuple[Rows, PageInfo]]]) -> Parts:
    """Give a whole list in parts, each a page of it: `page` is what gives the list's pages. What was asked of one page
    (`limit`, `cursor`, `total`) does not count."""
    part = replace(asked, limit=_PART_ROWS, cursor=None, total=False)
    while True:
        rows, info = await page(part)
        yield rows
        if info.next_cursor is None:
            return
        part = replace(part, cursor=info.next_cursor)


async def at_once(rows: Rows) -> Parts:
    """Give a list that is short by its nature as the one part it is."""
    yield rows


async def file_response(
    ctx: Ctx, listed: Parts, columns: Sequence[sheets.Column], name: str, file_format: sheets.FileFormat,
    *, cells: Callable[[Any], Mapping[str, Any]] | None = None,
) -> Response:  # fmt: skip
    """Answer a list as a file to save. `name` is the file's name without its ending.

    A row is a mapping or an object, or what `cells` makes of it; a column's key is its key or attribute, money in minor
    units and quantities in thousandths. ListTooLong beyond `sheets.export_rows`: nothing is ever left out. The file is
    written before the answer begins, so that what goes wrong is told; a large one lies on the disk meanwhile. It is
    written in a thread, so that other requests go on.
    """
    keys = [column.key for column in columns]

    def cells_of(row: Any) -> Mapping[str, Any]:
        if cells is not None:
            return cells(row)
        return row if isinstance(row, Mapping) else {key: getattr(row, key) for key in keys}

    with _a_place():
        out = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - closed when it was sent, or not needed
        let_go = _hold(ctx.shop_id, out)
        try:
            with ExitStack() as stack:
                add = stack.enter_context(sheets.writing(out, columns, file_format, ctx.currency))
                async for rows in listed:
                    await asyncio.to_thread(add, [cells_of(row) for row in rows])
                await asyncio.to_thread(stack.close)
            size_bytes = out.tell()
            out.seek(0)
        except BaseException:
            out.close()
            let_go()
            raise
    headers = {
        "Content-Disposition": f'attachment; filename="{sheets.file_name(name, file_format)}"',
        "Content-Length": str(size_bytes),
    }  # fmt: skip
    return _Saved(out, let_go, headers, sheets.content_type(file_format))


@contextmanager
def _a_place() -> Iterator[None]:
    """Take one of the process's places for writing while the block runs. TooManyFiles: whoever waited for a place would
    hold a connection meanwhile."""
    if _writing["files"] >= _WRITTEN_AT_ONCE:
        raise TooManyFiles
    _writing["files"] += 1
    try:
        yield
    finally:
        _writing["files"] -= 1


def _hold(shop_id: UUID, file: IO[bytes]) -> Callable[[], object]:
    """Count a file for its shop until what this gives is called, or nobody has the file any more. TooManyFiles."""
    if _held[shop_id] >= _OF_A_SHOP:
        raise TooManyFiles
    _held[shop_id] += 1
    return weakref.finalize(file, _release, shop_id)


def _release(shop_id: UUID) -> None:
    _held[shop_id] -= 1
    if not _held[shop_id]:
        del _held[shop_id]


class _Saved(Response):
    """A written file on its way. It is gone when it was sent, or when its reader is."""

    def __init__(
        self, file: IO[bytes], let_go: Callable[[], object], headers: Mapping[str, str], media_type: str
    ) -> None:
        super().__init__(headers=headers, media_type=media_type)
        self.file, self.let_go = file, let_go

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, or as much of it as its reader takes."""
        del scope, receive
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            more = True
            while more:
                chunk = await asyncio.to_thread(self.file.read, _CHUNK_BYTES)
                more = len(chunk) == _CHUNK_BYTES
                async with asyncio.timeout(STALLED_SECONDS):
                    await send({"type": "http.response.body", "body": chunk, "more_body": more})
        except TimeoutError:
            log.info("file_reader_dropped")
        finally:
            self.file.close()
            self.let_go()
