"""The door to the figures of stock: what to order, and what stock was worth."""

import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import Forbidden
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.shops import settings
from duka.stock import reorder_queries, valuation
from duka.stock.reorder_queries import Pace
from duka.stock.reorder_schemas import SuggestionOut
from duka.stock.valuation import At, ValuationOut

router = edge.router("/stock", "stock")

Reader = Annotated[Ctx, allow("stock:read")]
Asked = Annotated[Paging, Depends(wire.paging)]
Days = Annotated[int, Query(ge=1, le=365)]

_SUGGESTIONS: Final = (
    Column("variant_name", "Item"), Column("sku", "SKU"), Column("location_name", "Location"),
    Column("quantity_milli", "On hand", "quantity"), Column("in_transit_milli", "In transit", "quantity"),
    Column("on_order_milli", "On order", "quantity"), Column("sold_milli", "Sold in 28 days", "quantity"),
    Column("days_left", "Days left", "integer"), Column("supplier_name", "Supplier"),
    Column("lead_days", "Lead time", "integer"), Column("suggested_milli", "Order", "quantity"),
    Column("unit", "Unit"),
)  # fmt: skip


def _pace(
    lead_days: Annotated[Days, Query(description="Days a delivery takes, where the supplier says nothing.")] = 7,
    cover_days: Annotated[Days, Query(description="Days that what is ordered should last.")] = 14,
    location_id: Annotated[UUID | None, Query(description="One location.")] = None,
    branch_id: Annotated[UUID | None, Query(description="The locations of one branch.")] = None,
    supplier_id: Annotated[UUID | None, Query(description="What one supplier is preferred for.")] = None,
) -> Pace:
    return Pace(lead_days, cover_days, location_id, branch_id, supplier_id)


@router.get(
    "/reorder-suggestions", summary="List what to order", response_model=Page[SuggestionOut],
    responses=refusals(BadCursor),
)  # fmt: skip
async def list_suggestions(
    ctx: Reader, asked: Asked, pace: Annotated[Pace, Depends(_pace)]
) -> Page[SuggestionOut] | Response:
    """What sells and, with what is on its way and on order, lasts no longer than a delivery takes; and how much of it
    lasts for the delivery and the days to cover, above the level at which to warn. From the sales of the last 28 days.

    Sort by `name`; `q` finds by part of name, SKU or barcode. Exports need `stock:export`.
    """
    file_format = exports.wanted(ctx, asked, "stock:export")
    if file_format:
        parts = exports.parts(asked, lambda part: reorder_queries.suggestions(ctx, part, pace))
        return await exports.file_response(ctx, parts, _SUGGESTIONS, "reorder-suggestions", file_format)
    rows, page = await reorder_queries.suggestions(ctx, asked, pace)
    return Page(data=[SuggestionOut.model_validate(row) for row in rows], page=page)


@router.get("/valuation", summary="Show what stock was worth", responses=refusals(Forbidden))
async def show_valuation(
    ctx: Reader,
    date: Annotated[datetime.date | None, Query(description="The end of this business day; else of today's.")] = None,
    location_id: Annotated[UUID | None, Query(description="One location.")] = None,
    branch_id: Annotated[UUID | None, Query(description="The locations of one branch.")] = None,
    variant_id: Annotated[UUID | None, Query(description="One variant, with its quantity.")] = None,
) -> Answer[ValuationOut]:
    """What stood at each location and was on its way between them at the end of any day, each movement at the cost it
    was booked with. Needs `products:cost` too."""
    ctx.need("products:cost")
    day = date or ctx.today(settings.of(ctx).day_start_minutes)
    return Answer(data=ValuationOut.model_validate(
        await valuation.valuation(ctx, At(day, location_id, branch_id, variant_id))
    ))  # fmt: skip
