"""The door to what people are told."""

from typing import Annotated, Final

from fastapi import Depends
from starlette.responses import Response

from duka.notifications import queries
from duka.notifications.schemas import NotificationOut
from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import BadCursor, Page, Paging

router = edge.router("/notifications", "notifications")

_COLUMNS: Final = (
    Column("at", "Time", "time"), Column("kind", "Kind"), Column("variant_id", "Variant"),
    Column("location_id", "Location"), Column("quantity_milli", "Left", "quantity"),
    Column("min_stock_milli", "Minimum", "quantity"),
)  # fmt: skip


@router.get("", summary="List what you are told", responses=refusals(BadCursor), response_model=Page[NotificationOut])
async def list_notifications(
    ctx: Annotated[Ctx, allow("notifications:read")], asked: Annotated[Paging, Depends(wire.paging)]
) -> Page[NotificationOut] | Response:
    """Things that happened and that somebody with your permissions should know, the newest first.

    `low_stock`: what is left of an item fell to its minimum or below; told to everybody who may see that stock.
    """
    file_format = exports.wanted(ctx, asked, "notifications:read")
    rows, page = await queries.told(ctx, asked)
    if file_format:
        cells = [{**row.facts, "kind": row.kind, "at": row.at.astimezone(ctx.zone())} for row in rows]
        return await exports.file_response(ctx, cells, _COLUMNS, "notifications", file_format)
    return Page(data=[queries.shown(row) for row in rows], page=page)
