"""The door to what devices keep."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Query, Request
from starlette.responses import Response

from duka.platform import edge
from duka.platform.context import Ctx
from duka.platform.edge import House, allow
from duka.platform.openapi import refusals
from duka.platform.wire import Answer, utc_text
from duka.shops.registers.queries import RegisterNotFound
from duka.sync import cursors, feed, field, reach
from duka.sync.cursors import CursorNotValid, CursorTooOld
from duka.sync.schemas import Changes, FieldWork

router = edge.router("/sync", "sync")

_Limit = Annotated[int, Query(ge=1, le=feed.ROWS_MAX, description="Rows of a page of the first load, at most.")]
_Cursor = Annotated[
    str | None, Query(max_length=cursors.LENGTH_MAX, description="The `cursor` of the answer before; none: load all.")
]
_Register = Annotated[
    UUID | None, Query(description="The till that this device is: its branch's sales, carts, stock and colleagues.")
]


@router.get(
    "/changes", summary="Take what changed", response_model=Answer[Changes],
    responses=refusals(CursorNotValid, CursorTooOld, RegisterNotFound),
)  # fmt: skip
async def take_changes(
    ctx: Annotated[Ctx, allow("profile:read")], request: Request, cursor: _Cursor = None, limit: _Limit = 2_000,
    register_id: _Register = None,
) -> Response:  # fmt: skip
    """Everything a till keeps so that it can sell without a network: all of it at first, then only what changed.

    Ask without `cursor` and go on with the `cursor` of each answer while `more` is true; keep the last one and ask with
    it later. A row replaces the one with the same id (of `stock`, the same variant and location); ids under `gone` are
    dropped. A row may come twice. Prices and tax rates of the future come as dated rows. On 400 CURSOR_NOT_VALID and
    410 CURSOR_TOO_OLD, also when your role or branch has changed, drop everything and ask without a cursor.

    You get what you may read and no costs. Name your till with `register_id` and always the same one: sales (of the
    last 14 days), carts and stock are its branch's then; the device that the till was registered for also gets the
    colleagues who work there, with what checks their PINs.
    """
    house: House = request.app.state.house
    at = cursors.read(cursor, ctx, register_id, house.signer) if cursor else None
    mine = await reach.of(ctx, register_id)
    page = await feed.page(ctx, at, mine, limit)
    loading = page.cursor.loading or (at.loading if at else None)
    # Written directly: a first page of many thousand rows would take longer to check than to read.
    body = {
        "success": True,
        "data": {
            "changes": page.changes, "cursor": cursors.write(page.cursor, ctx, register_id, house.signer),
            "more": page.more, "total": loading.total if loading else None, "server_time": utc_text(ctx.now),
            "business_date": mine.today,
        },
        "message": "",
        "timestamp": utc_text(ctx.now),
    }  # fmt: skip
    return Response(orjson.dumps(body), media_type="application/json")


@router.get("/field-work", summary="Take what goods work needs")
async def take_field_work(ctx: Annotated[Ctx, allow("profile:read")]) -> Answer[FieldWork]:
    """What a device keeps so that goods can be received, counted, sent and taken in where there is no network: active
    suppliers, orders that await goods, transfers to send or on their way, counts under way. The newest 30 of each and
    200 suppliers, of what you may read and do; costs for those with `products:cost`."""
    return Answer(data=FieldWork.model_validate(await field.field_work(ctx)))
