"""The door to who took a piece with a serial number, or some of a batch."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Response

from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.sales.recalls import queries
from duka.sales.recalls.schemas import BuyerOut, UnitWhole
from duka.stock.errors import BatchNotFound, UnitNotFound

units = edge.router("/stock-units", "stock")
batches = edge.router("/stock-batches", "stock")

_BUYERS: Final = (
    Column("business_date", "Date", "date"), Column("number", "Number"), Column("name", "Customer"),
    Column("phone", "Phone"), Column("sold_milli", "Sold", "quantity"),
    Column("returned_milli", "Returned", "quantity"),
)  # fmt: skip


@units.get("/{unit_id}", summary="Show a piece and its history", responses=refusals(UnitNotFound))
async def show_unit(ctx: Annotated[Ctx, allow("stock:read")], unit_id: UUID) -> Answer[UnitWhole]:
    """One piece: where it is, and its way there from receipt to sale to return. Sales and returns that your role may
    see have their number and customer."""
    return Answer(data=UnitWhole.model_validate(await queries.unit_with_history(ctx, unit_id)))


@batches.get(
    "/{batch_id}/sales", summary="List who took a batch", response_model=Page[BuyerOut],
    responses=refusals(BadCursor, BatchNotFound),
)  # fmt: skip
async def list_buyers(
    ctx: Annotated[Ctx, allow("sales:read")], batch_id: UUID, asked: Annotated[Paging, Depends(wire.paging)]
) -> Page[BuyerOut] | Response:
    """The sales that took some of a batch, the newest first: whom to call when it is recalled. Shows the sales your
    role may see; names and phones need `customers:read`. Needs `stock:read` too; a file needs `sales:export`."""
    ctx.need("stock:read")
    file_format = exports.wanted(ctx, asked, "sales:export")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.buyers(ctx, part, batch_id))
        return await exports.file_response(ctx, parts, _BUYERS, "recall", file_format)
    rows, page = await queries.buyers(ctx, asked, batch_id)
    return Page(data=[BuyerOut.model_validate(row) for row in rows], page=page)
