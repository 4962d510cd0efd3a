"""Every list as a file: the same route answers a page, or with `?format=` the whole list.

    @groups.get("", response_model=Page[GroupOut])
    async def list_groups(ctx: ..., asked: ...) -> Page[GroupOut] | Response:
        file_format = exports.wanted(ctx, asked, "groups:export")
        rows, info = await queries.groups(ctx, asked)
        if file_format:
            return await exports.file_response(ctx, rows, COLUMNS, "groups", file_format)
        return Page(data=rows, page=info)
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from duka.platform import sheets
from duka.platform.context import Ctx
from duka.platform.wire import Paging


def wanted(ctx: Ctx, asked: Paging, permission: str) -> sheets.FileFormat | None:
    """Say which kind of file the list is wanted as; None for a page. Forbidden without the export's permission."""
    match asked.format:
        case "csv" | "xlsx" | "json":
            ctx.need(permission)
            return asked.format
    return None


async def file_response(ctx: Ctx, rows: Iterable[Any], columns: Sequence[sheets.Column], name: str,
                        file_format: sheets.FileFormat) -> Response:
    """Answer a list as a file to save. `name` is the file's name without its ending.

    A row is a mapping or an object; a column's key is its key or attribute, money in minor units and quantities in
    thousandths. SheetTooLarge beyond 10,000 rows. Written in a thread, so that other requests go on meanwhile.
    """
    keys = [column.key for column in columns]
    cells = [row if isinstance(row, Mapping) else {key: getattr(row, key) for key in keys} for row in rows]
    data = await asyncio.to_thread(sheets.write, cells, columns, file_format, ctx.currency)
    file_name = sheets.file_name(name, file_format)
    return Response(data, headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
                    media_type=sheets.content_type(file_format))
