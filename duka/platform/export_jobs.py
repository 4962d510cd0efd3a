"""Long lists written to files in the background: the list's own route is asked again, as whoever wanted the file.

Asking the route itself means that a file has the same rows, columns and words whichever way it is written. The job may
be done twice, after its worker was killed: the file and its being done are committed together, once.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, Any, Final
from urllib.parse import quote
from uuid import UUID

import orjson
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import insert, select, update
from starlette.types import Message

from duka.platform import exports, openapi
from duka.platform.context import Ctx
from duka.platform.edge import Gate, House
from duka.platform.events import unread
from duka.platform.jobs import Reader
from duka.platform.models import Export, ExportPart

_JOB: Final = "write_export"
_READER: Final = "exports"
_CTX: Final = "duka.ctx"
_PART_BYTES: Final = 1_000_000
_TOLD_ROWS: Final = 10_000


class NotWritten(Exception):
    """The list gave no file this time; it is tried again."""


@dataclass(slots=True)
class _Kept:
    """Where a file goes: to the database, in transactions beside the one that reads the list."""

    house: House
    shop_id: UUID
    export_id: UUID
    told_rows: int = 0

    async def wrote(self, rows: int) -> None:
        """Tell now and then how far it has come."""
        if rows - self.told_rows >= _TOLD_ROWS:
            self.told_rows = rows
            await self._note(rows_written=rows)

    async def keep(self, file: IO[bytes], rows: int) -> None:
        """Store the whole file and that it is done, or nothing; nothing where another worker was quicker."""
        async with self.house.database.session() as db:
            await self.house.queue.open_shop(db, self.shop_id)
            done = {"state": "done", "rows_written": rows, "size_bytes": file.tell()}
            if not await _moved(db, self.export_id, done):
                return
            file.seek(0)
            for place in itertools.count():
                content = file.read(_PART_BYTES)
                if not content:
                    break
                row = {"shop_id": self.shop_id, "export_id": self.export_id, "place": place, "content": content}
                await db.execute(insert(ExportPart), [row])
            await db.commit()

    async def fail(self, code: str) -> None:
        """Note why there will be no file."""
        await self._note(state="failed", failure=code)

    async def _note(self, **values: Any) -> None:
        async with self.house.database.session() as db:
            await self.house.queue.open_shop(db, self.shop_id)
            await _moved(db, self.export_id, values)
            await db.commit()


async def _moved(db: Any, export_id: UUID, values: dict[str, Any]) -> bool:
    waiting = update(Export).where(Export.id == export_id, Export.state == "waiting")
    return bool((await db.execute(waiting.values(**values))).rowcount)


def register(house: House, routers: Sequence[APIRouter]) -> None:
    """Tell the house's queue how lists are written to files, and have those that nobody can fetch any more deleted."""
    lists: list[FastAPI] = []

    async def write(shop: str, export: str) -> None:
        if not lists:
            lists.append(_asked_by_ourselves(house, routers))
        await _write(house, lists[0], UUID(shop), UUID(export))

    async def give_up(shop: str, export: str) -> None:
        await _Kept(house, UUID(shop), UUID(export)).fail(exports.ExportFailed.code)

    async def read(ctx: Ctx) -> int:
        asked = await unread(ctx, _READER, kinds={exports.ASKED})
        if asked:
            async with house.database.session("platform") as db:
                for each in asked:
                    await house.queue.defer(db, _JOB, shop=str(ctx.shop_id), export=str(each.entity_id))
                await db.commit()
        return len(asked)

    async def clean() -> None:
        before = datetime.now(UTC) - timedelta(hours=exports.KEPT_HOURS)
        async for shop_id in house.queue.shops():
            async with house.database.session() as db:
                await exports.drop(await house.queue.open_shop(db, shop_id), before=before)
                await db.commit()

    house.queue.register(_JOB, write, given_up=give_up)
    house.queue.read(Reader(_READER, frozenset({exports.ASKED}), read))
    house.queue.by_clock("drop_exports", "50 * * * *", clean)


async def _write(house: House, lists: FastAPI, shop_id: UUID, export_id: UUID) -> None:
    """Ask the list for its file. NotWritten where asking again may help."""
    kept = _Kept(house, shop_id, export_id)
    async with house.database.session() as db:
        system = await house.queue.open_shop(db, shop_id)
        export = (await db.scalars(select(Export).where(Export.id == export_id))).one_or_none()
        if export is None or export.state != "waiting":
            return
        status, body = await _ask(lists, export, exports.as_asked(system, export, kept))
    if status == 429 or status >= 500:
        raise NotWritten
    if status >= 400:
        await kept.fail(orjson.loads(body)["error"]["code"])


async def _ask(lists: FastAPI, export: Export, ctx: Ctx) -> tuple[int, bytes]:
    path, _, query = export.address.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": quote(path).encode(), "root_path": "", "query_string": query.encode(),
        "headers": [(b"accept-language", export.language.encode())], "server": None, "client": None,
        "state": {"request_id": str(export.id)}, _CTX: ctx,
    }  # fmt: skip
    status, body = 500, b""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, body
        status = message.get("status", status)
        body += message.get("body", b"")

    await lists(scope, receive, send)
    return status, body


def _asked_by_ourselves(house: House, routers: Sequence[APIRouter]) -> FastAPI:
    """Make an app of the same routes that nobody outside can reach: its gates let in the context they are handed."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.house = house
    for router in routers:
        app.include_router(router)

    def handed(request: Request) -> Ctx:
        ctx: Ctx = request.scope[_CTX]
        return ctx

    for route in openapi.routes(app):
        for dependency in route.dependant.dependencies:
            if isinstance(dependency.call, Gate):
                app.dependency_overrides[dependency.call] = handed
    return app
