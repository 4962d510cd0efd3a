"""The door to what people are told."""

from typing import Annotated

from fastapi import Depends

from duka.notifications import queries
from duka.notifications.schemas import NotificationOut
from duka.platform import edge, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.openapi import refusals
from duka.platform.wire import BadCursor, Page, Paging

router = edge.router("/notifications", "notifications")


@router.get("", summary="List what you are told", responses=refusals(BadCursor))
async def list_notifications(
    ctx: Annotated[Ctx, allow("notifications:read")], asked: Annotated[Paging, Depends(wire.paging)]
) -> Page[NotificationOut]:
    """Things that happened and that somebody with your permissions should know, the newest first.

    `low_stock`: what is left of an item fell below its minimum; told to everybody who may see that stock.
    """
    rows, page = await queries.told(ctx, asked)
    return Page(data=list(rows), page=page)
