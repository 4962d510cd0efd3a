"""The door to the figures of stock: what stock was worth."""

import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from duka.platform import edge
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import Forbidden
from duka.platform.openapi import refusals
from duka.platform.wire import Answer
from duka.shops import settings
from duka.stock import valuation
from duka.stock.valuation import At, ValuationOut

router = edge.router("/stock", "stock")

Reader = Annotated[Ctx, allow("stock:read")]


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
