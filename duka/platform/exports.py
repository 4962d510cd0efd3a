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
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import IO, Any, Final

from starlette.responses import Response, StreamingResponse

from duka.platform import sheets
from duka.platform.context import Ctx
from duka.platform.wire import PageInfo, Paging

_PART_ROWS: Final = 2_000
_IN_MEMORY_BYTES: Final = 1_000_000
_CHUNK_BYTES: Final = 64 * 1024

Rows = Iterable[Any]
Parts = AsyncIterator[Rows]


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

    out = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - closed when it was sent, or is not needed
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
        raise
    headers = {
        "Content-Disposition": f'attachment; filename="{sheets.file_name(name, file_format)}"',
        "Content-Length": str(size_bytes),
    }  # fmt: skip
    return StreamingResponse(_chunks(out), headers=headers, media_type=sheets.content_type(file_format))


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
