"""Prices over time over HTTP: a product's history, and many prices changed at once."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from duka.catalog import jobs, price_queries
from duka.catalog.actions import repricing
from duka.catalog.errors import (
    PriceChangeNotApplied,
    PriceChangeNotReady,
    PriceInThePast,
    PricesMoved,
)
from duka.catalog.models import PriceChange
from duka.catalog.price_schemas import PriceChangeIn, PriceChangeOut, PriceLineOut, PriceRowOut, State
from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict, NotFound, ValidationError
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Nothing, Page, Paging

changes = edge.router("/price-changes", "price changes")
products = edge.router("/products", "products")

Reader = Annotated[Ctx, allow("prices:read")]
Changer = Annotated[Ctx, allow("prices:update", role="platform")]
Asked = Annotated[Paging, Depends(wire.paging)]

_HISTORY: Final = (
    Column("valid_from", "From", "time"), Column("kind", "Kind"), Column("variant_name", "Item"),
    Column("sku", "SKU"), Column("amount", "Amount", "money"), Column("tax_included", "Tax included", "flag"),
    Column("set_at", "Decided", "time"), Column("set_by_name", "By"),
)  # fmt: skip
_LINES: Final = (
    Column("variant_name", "Item"), Column("sku", "SKU"), Column("price_before", "Price now", "money"),
    Column("price", "New price", "money"), Column("difference", "Difference", "money"),
)  # fmt: skip
_WORKING: Final[dict[int | str, dict[str, Any]]] = {
    202: {"model": Answer[PriceChangeOut], "description": "A job works on it: ask again at Location."},
}


@products.get(
    "/{product_id}/prices", summary="List a product's prices over time", response_model=Page[PriceRowOut],
    responses=refusals(NotFound, BadCursor),
)  # fmt: skip
async def list_prices(
    ctx: Reader, product_id: UUID, asked: Asked,
    variant_id: Annotated[UUID | None, Query(description="Only this variant.")] = None,
) -> Page[PriceRowOut] | Response:  # fmt: skip
    """Every price the product ever had or will have, with who set it and when where that is known, the newest first;
    and what it cost the shop, for those with `products:cost`. Exports need `prices:export`."""
    file_format = exports.wanted(ctx, asked, "prices:export")
    if file_format:
        parts = exports.parts(asked, lambda part: price_queries.history(ctx, product_id, part, variant_id))
        return await exports.file_response(ctx, parts, _HISTORY, "prices", file_format)
    rows, page = await price_queries.history(ctx, product_id, asked, variant_id)
    return Page(data=[PriceRowOut.model_validate(row) for row in rows], page=page)


@changes.get("", summary="List changes of many prices", responses=refusals(BadCursor, ValidationError))
async def list_price_changes(
    ctx: Reader,
    asked: Annotated[Paging, Depends(wire.paging_only)],
    state: Annotated[State | None, Query(description="Only those that are so far.")] = None,
) -> Page[PriceChangeOut]:
    """Changes that were applied or wait, the newest first. `q` finds by the note."""
    rows, page = await price_queries.changes(ctx, asked, state)
    return Page(data=[PriceChangeOut.model_validate(row) for row in rows], page=page)


@changes.get("/{change_id}", summary="Show a change of many prices", responses=refusals(NotFound))
async def show_price_change(ctx: Reader, change_id: UUID) -> Answer[PriceChangeOut]:
    """How far a change is and what it comes to."""
    return Answer(data=PriceChangeOut.model_validate(await price_queries.change(ctx, change_id)))


@changes.get(
    "/{change_id}/lines", summary="List what a change does to each price", response_model=Page[PriceLineOut],
    responses=refusals(NotFound, BadCursor),
)  # fmt: skip
async def list_price_change_lines(ctx: Reader, change_id: UUID, asked: Asked) -> Page[PriceLineOut] | Response:
    """Every price that the change changes, as it is and as it becomes. Sort by variant_id or name. Exports need
    `prices:export`."""
    file_format = exports.wanted(ctx, asked, "prices:export")
    if file_format:
        parts = exports.parts(asked, lambda part: price_queries.lines(ctx, change_id, part))
        return await exports.file_response(ctx, parts, _LINES, "price-change", file_format)
    rows, page = await price_queries.lines(ctx, change_id, asked)
    return Page(data=[PriceLineOut.model_validate(row) for row in rows], page=page)


@changes.post(
    "", status_code=201, summary="Work out a change of many prices",
    responses={**_WORKING, **refusals(ValidationError, PriceInThePast, NotFound, IdempotencyConflict)},
)
async def plan_price_change(
    ctx: Changer, body: PriceChangeIn, request: Request, response: Response
) -> Answer[PriceChangeOut]:
    """Works out new prices by percentage or amount, rounded, and changes nothing yet: look at its lines, then apply it.

    Up to 2,000 variants are worked out with the answer (201); more are a job's work (202), whose progress is at
    `Location`. The 20 newest that were not applied are kept.
    """
    change = await repricing.plan(ctx, body.new_change())
    return await _answer(ctx, change, request, response, "Look at the new prices, then apply them.")


@changes.post(
    "/{change_id}/apply", summary="Apply a change of many prices",
    responses={**_WORKING, **refusals(PriceChangeNotReady, PricesMoved, PriceInThePast, NotFound)},
)  # fmt: skip
async def apply_price_change(
    ctx: Changer, change_id: UUID, request: Request, response: Response
) -> Answer[PriceChangeOut]:
    """Lets just those prices begin that the lines show, at `price_from` or now. Where any of them was changed since it
    was worked out, nothing is applied. More than 2,000 prices are a job's work (202)."""
    change = await repricing.apply(ctx, change_id)
    return await _answer(ctx, change, request, response, "The prices were changed.", done=200)


@changes.post(
    "/{change_id}/undo", status_code=201, summary="Work out how to take a change back",
    responses={**_WORKING, **refusals(PriceChangeNotApplied, NotFound)},
)  # fmt: skip
async def undo_price_change(
    ctx: Changer, change_id: UUID, request: Request, response: Response
) -> Answer[PriceChangeOut]:
    """Works out a new change that gives an applied one's prices back as they were, but for those that were set anew
    since. Look at its lines and apply it like any other."""
    change = await repricing.plan_undo(ctx, change_id)
    return await _answer(ctx, change, request, response, "Look at the prices as they were, then apply them.")


@changes.delete(
    "/{change_id}", summary="Delete a change that was not applied", responses=refusals(PriceChangeNotReady, NotFound)
)
async def delete_price_change(ctx: Annotated[Ctx, allow("prices:update")], change_id: UUID) -> Answer[Nothing]:
    """Throws away what was worked out. What was applied stays; take it back with undo."""
    await repricing.drop(ctx, change_id)
    return Answer(data=Nothing(), message="It was deleted.")


async def _answer(ctx: Ctx, change: PriceChange, request: Request, response: Response, message: str, *,
                  done: int = 201) -> Answer[PriceChangeOut]:
    """Do the work at once where it is small, else leave it to a job."""
    response.status_code = done
    response.headers["Location"] = f"/api/price-changes/{change.id}"
    if change.rows_total > repricing.VARIANTS_AT_ONCE and change.state in ("drafting", "applying"):
        await jobs.defer_repricing(ctx, request.app.state.house, change.id)
        response.status_code = 202
        message = "It is being worked on."
    while response.status_code != 202 and change.state in ("drafting", "applying"):
        change = await repricing.go_on(ctx, change.id)
    return Answer(data=PriceChangeOut.model_validate(change), message=message)
