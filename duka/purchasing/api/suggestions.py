"""The door to what should be ordered. Its address is stock's: people look for it beside what they have."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import BadCursor, Page, Paging
from duka.purchasing import reorder_queries
from duka.purchasing.reorder_queries import Pace
from duka.purchasing.reorder_schemas import SuggestionOut

suggested = edge.router("/stock", "stock")

Days = Annotated[int, Query(ge=1, le=365)]

_SUGGESTIONS: Final = (
    Column("variant_name", "Item"), Column("sku", "SKU"), Column("location_name", "Location"),
    Column("quantity_milli", "On hand", "quantity"), Column("in_transit_milli", "In transit", "quantity"),
    Column("on_order_milli", "On order", "quantity"), Column("sold_milli", "Sold in 28 days", "quantity"),
    Column("days_left", "Days left", "integer"), Column("supplier_name", "Supplier"),
    Column("lead_days", "Lead time", "integer"), Column("suggested_milli", "Order", "quantity"),
    Column("unit", "Unit"),
)  # fmt: skip


async def _pace(
    lead_days: Annotated[Days, Query(description="Days a delivery takes, where the supplier says nothing.")] = 7,
    cover_days: Annotated[Days, Query(description="Days that what is ordered should last.")] = 14,
    location_id: Annotated[UUID | None, Query(description="One location.")] = None,
    branch_id: Annotated[UUID | None, Query(description="The locations of one branch.")] = None,
    supplier_id: Annotated[UUID | None, Query(description="What one supplier is preferred for.")] = None,
) -> Pace:
    return Pace(lead_days, cover_days, location_id, branch_id, supplier_id)


@suggested.get(
    "/reorder-suggestions", summary="List what to order", response_model=Page[SuggestionOut],
    responses=refusals(BadCursor),
)  # fmt: skip
async def list_suggestions(
    ctx: Annotated[Ctx, allow("stock:read")], asked: Annotated[Paging, Depends(wire.paging)],
    pace: Annotated[Pace, Depends(_pace)]
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
