"""Every list as a file: the same route answers a page, or with `?format=` the whole list.

    @groups.get("", response_model=Page[GroupOut])
    async def list_groups(ctx: ..., asked: ...) -> Page[GroupOut] | Response:
        wanted = exports.wanted(ctx, asked, "groups:export")
        if wanted:
            parts = exports.parts(asked, lambda part: queries.groups(ctx, part))
            return await exports.file_response(ctx, parts, COLUMNS, "groups", wanted)
        rows, info = await queries.groups(ctx, asked)
        return Page(data=rows, page=info)

Up to `ROWS_AT_ONCE` rows are the answer itself. More are written in the background (`platform.export_jobs`): the answer
is 202 with the address to ask for the file, which is the list's own with `export=` the id.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import IO, Any, ClassVar, Final, Literal, Protocol
from uuid import UUID

import orjson
from sqlalchemy import select
from starlette.responses import Response

from duka.platform import saving, sheets
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import DukaError, NotFound, ValidationError
from duka.platform.events import emit
from duka.platform.ids import new_id
from duka.platform.models import Export, ExportPart
from duka.platform.saving import TooManyFiles
from duka.platform.sheets_limits import ListTooLong
from duka.platform.wire import PageInfo, Paging, Shown, utc_text

ROWS_AT_ONCE: Final = 10_000
"""Rows of a list whose file is the answer itself."""
KEPT_HOURS: Final = 24
"""How long a file that was written in the background can be fetched."""
ASKED: Final = "export.asked"
"""The event that calls for the writing."""

_PART_ROWS: Final = 2_000
_WAITING_OF_A_SHOP: Final = 5
_KEPT_OF_A_SHOP: Final = 10
_LOOK_AGAIN_SECONDS: Final = 2
_KEEPER: Final = "export_keeper"

Rows = Iterable[Any]
Parts = AsyncIterator[Rows]


@dataclass(eq=False)
class ExportFailed(DukaError):
    """The file could not be written in the background."""

    status: ClassVar[int] = 410
    text: ClassVar[str] = "This list could not be saved as a file. Ask for it again."


class ExportOut(Shown):
    """A long list whose file is being written in the background."""

    id: UUID
    state: Literal["waiting"]
    rows_written: int
    """How far it has come."""
    address: str
    """Where to ask again: 202 while it is being written, then the file, for a day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a list is wanted as a file, and how it was asked for."""

    format: sheets.FileFormat
    asked: Paging


class Keeper(Protocol):
    """Takes what a list gives when it is written in the background."""

    async def wrote(self, rows: int) -> None:
        """Be told how many rows are written so far."""

    async def keep(self, file: IO[bytes], rows: int) -> None:
        """Keep the whole file, which has so many rows."""


class _Long(Exception):
    """The list has more rows than are answered at once."""


def wanted(ctx: Ctx, asked: Paging, permission: str) -> Wanted | None:
    """Say how the list is wanted as a file; None for a page. Forbidden without the export's permission."""
    match asked.format:
        case "csv" | "xlsx" | "json":
            ctx.need(permission)
            return Wanted(asked.format, asked)
    if asked.export:
        raise ValidationError(fields={"export": ["Send it with the format that was asked for."]})
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
    ctx: Ctx, listed: Parts, columns: Sequence[sheets.Column], name: str, wanted: Wanted,
    *, cells: Callable[[Any], Mapping[str, Any]] | None = None,
) -> Response:  # fmt: skip
    """Answer a list as a file to save, or with 202 where it is long. `name` is the file's name without its ending.

    A row is a mapping or an object, or what `cells` makes of it; a column's key is its key or attribute, money in minor
    units and quantities in thousandths. ListTooLong beyond `sheets.export_rows`: nothing is ever left out. The file is
    written before the answer begins, so that what goes wrong is told; a large one lies on the disk meanwhile. It is
    written in a thread, so that other requests go on.
    """
    if wanted.asked.export:
        return await _promised(ctx, wanted.asked.export, wanted)
    keys = [column.key for column in columns]

    def cells_of(row: Any) -> Mapping[str, Any]:
        if cells is not None:
            return cells(row)
        return row if isinstance(row, Mapping) else {key: getattr(row, key) for key in keys}

    keeper: Keeper | None = ctx.extra.get(_KEEPER)
    at_once = keeper is None and bool(wanted.asked.address)
    with saving.a_place():
        draft = saving.begin(ctx.shop_id)
        try:
            with ExitStack() as stack:
                add = stack.enter_context(sheets.writing(draft.file, columns, wanted.format, ctx.currency))
                written = 0
                async for rows in listed:
                    part = [cells_of(row) for row in rows]
                    written += len(part)
                    if at_once and written > ROWS_AT_ONCE:
                        raise _Long
                    await asyncio.to_thread(add, part)
                    if keeper:
                        await keeper.wrote(written)
                await asyncio.to_thread(stack.close)
            if keeper is None:
                return draft.answer(sheets.file_name(name, wanted.format), sheets.content_type(wanted.format))
            await keeper.keep(draft.file, written)
        except _Long:
            draft.drop()
            return await _put_off(ctx, name, wanted)
        except BaseException:
            draft.drop()
            raise
    draft.drop()
    return Response(status_code=204)


async def _put_off(ctx: Ctx, name: str, wanted: Wanted) -> Response:
    """Have a long list written in the background, once for whoever asks for the same again meanwhile. TooManyFiles."""
    await _make_room(ctx)
    asked_by, address = who(ctx), wanted.asked.address
    waiting = (await ctx.db.scalars(select(Export).where(Export.state == "waiting"))).all()
    for each in waiting:
        if (each.address, each.asked_by) == (address, asked_by):
            return _not_yet(ctx, each)
    if len(waiting) >= _WAITING_OF_A_SHOP:
        raise TooManyFiles
    export = Export(
        shop_id=ctx.shop_id, id=new_id(), state="waiting", address=address, format=wanted.format,
        filename=sheets.file_name(name, wanted.format), language=ctx.caller.language, asked_by=asked_by, rows_written=0,
        size_bytes=0, failure=None, created_at=ctx.now,
    )  # fmt: skip
    ctx.db.add(export)
    emit(ctx, ASKED, export.id)
    return _not_yet(ctx, export)


async def _promised(ctx: Ctx, export_id: UUID, wanted: Wanted) -> Response:
    """Give the file that was promised to the same person with the same permissions, or say that it is not written yet.
    NotFound for anybody else and after a day; ExportFailed, ListTooLong."""
    query = select(Export).where(Export.id == export_id, Export.created_at > ctx.now - timedelta(hours=KEPT_HOURS))
    export = (await ctx.db.scalars(query)).one_or_none()
    path = wanted.asked.address.partition("?")[0]
    if (
        export is None
        or (export.format, export.asked_by) != (wanted.format, who(ctx))
        or export.address.partition("?")[0] != path
    ):
        raise NotFound(what="export")
    if export.state == "waiting":
        return _not_yet(ctx, export)
    if export.failure == ListTooLong.code:
        raise ListTooLong(limit_rows=sheets.export_rows(wanted.format))
    if export.state == "failed":
        raise ExportFailed
    with saving.a_place():
        draft = saving.begin(ctx.shop_id)
        try:
            async for content in _contents(ctx, export_id):
                await asyncio.to_thread(draft.file.write, content)
        except BaseException:
            draft.drop()
            raise
    return draft.answer(export.filename, sheets.content_type(wanted.format))


async def _contents(ctx: Ctx, export_id: UUID) -> AsyncIterator[bytes]:
    for place in itertools.count():
        query = select(ExportPart.content).where(ExportPart.export_id == export_id, ExportPart.place == place)
        content = (await ctx.db.scalars(query)).one_or_none()
        if content is None:
            return
        yield content


def _not_yet(ctx: Ctx, export: Export) -> Response:
    path, _, query = export.address.partition("?")
    address = f"{path}?{query}&export={export.id}"
    told = ExportOut(id=export.id, state="waiting", rows_written=export.rows_written, address=address)
    body = {
        "success": True, "data": told.model_dump(mode="json"), "timestamp": utc_text(ctx.now),
        "message": "The list is long. Its file is being written; ask for it at the address.",
    }  # fmt: skip
    headers = {"Location": address, "Retry-After": str(_LOOK_AGAIN_SECONDS)}
    return Response(orjson.dumps(body), 202, headers, "application/json")


def as_asked(ctx: Ctx, export: Export, keeper: Keeper) -> Ctx:
    """Make the system's context that of whoever asked for an export, so that the list shows what they might see."""
    asked_by = export.asked_by
    return replace(
        ctx, actor=asked_by["actor"], permissions=asked_by["permissions"], extra={_KEEPER: keeper},
        caller=replace(ctx.caller, language=export.language), account_id=_id(asked_by["account_id"]),
        staff_id=_id(asked_by["staff_id"]), branch_id=_id(asked_by["branch_id"]),
    )  # fmt: skip


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def who(ctx: Ctx) -> dict[str, Any]:
    """Say who asks and what they may see: a file is given to those only of whom it says the same."""
    ids = {"account_id": ctx.account_id, "staff_id": ctx.staff_id, "branch_id": ctx.branch_id}
    told = {name: str(value) if value else None for name, value in ids.items()}
    return {"actor": ctx.actor, "permissions": dict(ctx.permissions), **told}


async def _make_room(ctx: Ctx) -> None:
    """Drop what is too old to be fetched, and the oldest files beyond those that are kept of a shop."""
    await drop(ctx, before=ctx.now - timedelta(hours=KEPT_HOURS), but=_KEPT_OF_A_SHOP - 1)


async def drop(ctx: Ctx, *, before: datetime, but: int = _KEPT_OF_A_SHOP) -> None:
    """Delete a shop's exports made before a moment, and those written, beyond the newest `but`."""
    await fetch(ctx, _DROP_PARTS, {"before": before, "but": but})
    await fetch(ctx, _DROP, {"before": before, "but": but})


_OLD: Final = """
    SELECT id FROM (
        SELECT id, state, created_at,
            row_number() OVER (PARTITION BY state = 'waiting' ORDER BY created_at DESC) AS place
        FROM exports WHERE shop_id = %(shop)s
    ) e WHERE created_at < %(before)s OR (state <> 'waiting' AND place > %(but)s)
"""
_DROP_PARTS: Final = (
    f"DELETE FROM export_parts WHERE shop_id = %(shop)s AND export_id IN ({_OLD})"  # noqa: S608 - no outside text
)
_DROP: Final = f"DELETE FROM exports WHERE shop_id = %(shop)s AND id IN ({_OLD})"  # noqa: S608 - no outside text
