"""The door to closed costs."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request, Response

from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import Forbidden, IdempotencyConflict, NotFound, ValidationError
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.stock import valuation
from duka.stock.actions import closing
from duka.stock.actions.closing import CostsBeingClosed
from duka.stock.costs import jobs as closing_jobs
from duka.stock.costs import queries
from duka.stock.costs.schemas import CostClosingIn, CostClosingOut

router = edge.router("/stock/cost-closings", "stock")

Reader = Annotated[Ctx, allow("products:cost")]
Closer = Annotated[Ctx, allow("stock:approve", role="platform")]

_CLOSINGS: Final = (
    Column("at", "Begun", "time"), Column("closed_at", "Closed", "time"), Column("until", "Until", "date"),
    Column("method", "Method"), Column("movements", "Movements", "integer"),
    Column("corrections", "Corrections", "integer"), Column("cost_of_goods", "Cost of goods", "money"),
    Column("other_costs", "Other costs", "money"), Column("stock_value", "Stock value", "money"),
)  # fmt: skip


def _see_all(ctx: Ctx) -> None:
    """What a closing changed is told for the whole shop, and so to those who see all of it. Forbidden."""
    if ctx.need("products:cost") != "shop":
        raise Forbidden(permission="products:cost")


@router.get("", summary="List closings of costs", response_model=Page[CostClosingOut], responses=refusals(BadCursor))
async def list_closings(ctx: Reader, asked: Annotated[Paging, Depends(wire.paging)]) -> Page[CostClosingOut] | Response:
    """When costs were closed, until which day, and what each closing changed in the books; the newest first.

    Sort by `id` or `at`. Exports need `stock:export`.
    """
    _see_all(ctx)
    file_format = exports.wanted(ctx, asked, "stock:export")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.closings(ctx, part))
        return await exports.file_response(ctx, parts, _CLOSINGS, "cost-closings", file_format)
    rows, page = await queries.closings(ctx, asked)
    return Page(data=[CostClosingOut.model_validate(row) for row in rows], page=page)


@router.get("/{closing_id}", summary="Show a closing of costs", responses=refusals(NotFound))
async def show_closing(ctx: Reader, closing_id: UUID) -> Answer[CostClosingOut]:
    """One closing as far as it is."""
    _see_all(ctx)
    return Answer(data=CostClosingOut.model_validate(await queries.closing(ctx, closing_id)))


@router.post(
    "", status_code=201, summary="Close the costs",
    responses={
        202: {"model": Answer[CostClosingOut], "description": "A job works on it: ask again at Location."},
        **refusals(CostsBeingClosed, Forbidden, IdempotencyConflict, ValidationError),
    },
)  # fmt: skip
async def close_costs(
    ctx: Closer, body: CostClosingIn, request: Request, response: Response
) -> Answer[CostClosingOut]:  # fmt: skip
    """Work out what everything that moved cost by business time, whatever order documents arrived in, by the shop's
    `costing_method`. What differs from what was booked becomes corrections and postings on the documents' own days.

    A few goods are done with the answer (201); more are a job's work (202), whose progress is at `Location`. It is done
    every night by itself, up to the day before. Closing again changes nothing that is right already. For those who see
    the whole shop; needs `products:cost` too.
    """
    ctx.need("products:cost")
    if ctx.need("stock:approve") != "shop":
        raise Forbidden(permission="stock:approve")
    done = await closing.begin(ctx, body.id, body.until, valuation.settled(ctx.now))
    response.headers["Location"] = f"/api/stock/cost-closings/{body.id}"
    if done.again:
        response.headers["Idempotency-Replayed"] = "true"
    elif await closing.close_some(ctx, body.id):
        await closing_jobs.defer_closing(ctx, request.app.state.house, body.id)
    shown = CostClosingOut.model_validate(await queries.closing(ctx, body.id))
    if shown.state == "closing":
        response.status_code = 202
        return Answer(data=shown, message="The costs are being closed.")
    return Answer(data=shown, message="Costs closed.")
