"""The door to what people are told."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query
from starlette.responses import Response

from duka.notifications import actions, queries
from duka.notifications.queries import NotificationNotFound, Told, Wanted
from duka.notifications.schemas import Kind, MarkedOut, NotificationOut, UnreadOut
from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging

router = edge.router("/notifications", "notifications")

_COLUMNS: Final = (
    Column("at", "Time", "time"), Column("kind", "Kind"), Column("variant_id", "Variant"),
    Column("location_id", "Location"), Column("quantity_milli", "Left", "quantity"),
    Column("min_stock_milli", "Minimum", "quantity"), Column("code", "What"), Column("number", "Number"),
    Column("total_minor", "Total", "money"),
)  # fmt: skip
_EMPTY: Final = dict.fromkeys(column.key for column in _COLUMNS)
"""Each kind has facts of its own."""


@router.get("", summary="List what you are told", responses=refusals(BadCursor), response_model=Page[NotificationOut])
async def list_notifications(
    ctx: Annotated[Ctx, allow("notifications:read")],
    asked: Annotated[Paging, Depends(wire.paging)],
    unread: Annotated[bool | None, Query(description="Only what you have not read, or only what you have.")] = None,
    kind: Annotated[Kind | None, Query(description="Only one kind.")] = None,
) -> Page[NotificationOut] | Response:
    """Things that happened and that somebody with your permissions should know, the newest first.

    `low_stock`: what is left of an item fell to its minimum or below; told to everybody who may see that stock.
    `exception`, `document_set_aside`: a register delivered what disagrees with something, or is damaged.
    `review_waiting`, `adjustment_waiting`: a sale or a large correction of stock waits for somebody.
    `new_device`, `login_copied`: your own account; told to you only.
    """
    wanted = Wanted(unread, kind)
    file_format = exports.wanted(ctx, asked, "notifications:read")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.told(ctx, part, wanted))
        return await exports.file_response(
            ctx, parts, _COLUMNS, "notifications", file_format, cells=lambda row: _cells(ctx, row)
        )
    rows, page = await queries.told(ctx, asked, wanted)
    return Page(data=[queries.shown(row) for row in rows], page=page)


@router.get("/unread", summary="Count what you have not read")
async def count_unread(ctx: Annotated[Ctx, allow("notifications:read")]) -> Answer[UnreadOut]:
    """What is older than 30 days counts as read."""
    return Answer(data=UnreadOut(count=await queries.count_unread(ctx)))


@router.post("/read-all", summary="Mark everything as read")
async def read_all(ctx: Annotated[Ctx, allow("notifications:update")]) -> Answer[MarkedOut]:
    """For yourself only: others still have theirs to read."""
    return Answer(data=MarkedOut(marked=await actions.read_all(ctx)))


@router.post("/{notification_id}/read", summary="Mark one as read", responses=refusals(NotificationNotFound))
async def read(
    notification_id: UUID, ctx: Annotated[Ctx, allow("notifications:update")]
) -> Answer[NotificationOut]:
    """For yourself only. Marking it again changes nothing."""
    return Answer(data=queries.shown(await actions.read(ctx, notification_id)))


def _cells(ctx: Ctx, told: Told) -> dict[str, Any]:
    row = told.notification
    return {**_EMPTY, **row.facts, "kind": row.kind, "at": row.at.astimezone(ctx.zone())}
