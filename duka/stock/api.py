"""The door to stock: what stands where, what moved and why, what runs low, corrections by hand."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.platform import edge, exports, versions, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict, NotFound, StaleVersion, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.stock import actions, queries
from duka.stock.actions import (
    Adjusted,
    LevelAlready,
    LocationRequired,
    NotStocked,
    OutOfStock,
    RequestDecided,
    VariantRequired,
    WrongWay,
)
from duka.stock.errors import COMING, PICKING
from duka.stock.queries import Moved, Where
from duka.stock.schemas import (
    AdjustIn,
    AdjustmentOut,
    BalanceOut,
    Kind,
    LevelEdit,
    LowOut,
    MovementOut,
    RejectIn,
    State,
)

stock = edge.router("/stock", "stock")
movements = edge.router("/stock-movements", "stock")
adjustments = edge.router("/stock-adjustments", "stock")
products = edge.router("/products", "stock")
ROUTERS: Final = (stock, movements, adjustments, products)

Reader = Annotated[Ctx, allow("stock:read")]
Adjuster = Annotated[Ctx, allow("products:adjust_stock")]
Approver = Annotated[Ctx, allow("stock:approve")]
Asked = Annotated[Paging, Depends(wire.paging)]

_WHERE = (
    Column("variant_name", "Item"), Column("sku", "SKU"), Column("branch_name", "Branch"),
    Column("location_name", "Location"), Column("quantity_milli", "Quantity", "quantity"), Column("unit", "Unit"),
)  # fmt: skip
_WARN = Column("min_stock_milli", "Warn at", "quantity")
_BALANCES = (
    *_WHERE, Column("reserved_milli", "Reserved", "quantity"), Column("available_milli", "Available", "quantity"),
    Column("incoming_milli", "On order", "quantity"), Column("in_transit_milli", "In transit", "quantity"), _WARN,
)  # fmt: skip
_LOW = (*_WHERE, _WARN, Column("suggested_milli", "Order", "quantity"))
_MOVEMENTS = (
    Column("business_date", "Date", "date"), Column("kind", "Kind"), *_WHERE, Column("reason", "Reason"),
    Column("note", "Note"), Column("source", "Document"), Column("source_id", "Document id"),
)  # fmt: skip
_ADJUSTMENTS = (
    Column("business_date", "Date", "date"), Column("state", "State"), *_WHERE, Column("reason", "Reason"),
    Column("note", "Note"),
)  # fmt: skip
_COST = Column("unit_cost", "Unit cost", "money")
_CORRECTED = Column("cost_correction", "Correction of cost", "money")


async def _where(
    variant_id: Annotated[UUID | None, Query(description="One variant.")] = None,
    location_id: Annotated[UUID | None, Query(description="One location.")] = None,
    branch_id: Annotated[UUID | None, Query(description="The locations of one branch.")] = None,
) -> Where:
    return Where(variant_id, location_id, branch_id)


async def _moved(
    variant_id: Annotated[UUID | None, Query(description="One variant.")] = None,
    product_id: Annotated[UUID | None, Query(description="All variants of one product.")] = None,
    location_id: Annotated[UUID | None, Query(description="One location.")] = None,
    since: Annotated[date | None, Query(alias="from", description="First business day.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last business day.")] = None,
) -> Moved:
    return Moved(variant_id=variant_id, product_id=product_id, location_id=location_id, since=since, until=until)


@stock.get("", summary="List what stands where", response_model=Page[BalanceOut], responses=refusals(BadCursor))
async def list_balances(
    ctx: Reader, asked: Asked, where: Annotated[Where, Depends(_where)],
    low: Annotated[bool | None, Query(description="Only what is at its level or below, or only the rest.")] = None,
    negative: Annotated[bool | None, Query(description="Only what stands below zero, or only the rest.")] = None,
) -> Page[BalanceOut] | Response:  # fmt: skip
    """What stands of each variant at each location, in all branches: whoever may see stock sees all of it. With it how
    much is reserved and how much available, how much is on order here and how much in transit.

    Sort by `name` or `variant_id`; `q` finds by part of name, SKU or barcode. Exports need `stock:export`.
    """
    file_format = exports.wanted(ctx, asked, "stock:export")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.balances(ctx, part, where, low=low, negative=negative))
        return await exports.file_response(ctx, parts, _BALANCES, "stock", file_format)
    rows, page = await queries.balances(ctx, asked, where, low=low, negative=negative)
    return Page(data=[BalanceOut.model_validate(row) for row in rows], page=page)


@stock.put(
    "/{variant_id}/{location_id}", summary="Set the level at which stock is low here",
    responses=refusals(NotFound, StaleVersion, VersionRequired),
)  # fmt: skip
async def set_level(
    ctx: Annotated[Ctx, allow("products:update")], variant_id: UUID, location_id: UUID, body: LevelEdit,
    if_match: versions.IfMatch,
) -> Answer[BalanceOut]:  # fmt: skip
    """Warn when a variant falls to `min_stock` at this location; null goes back to the product's own level.

    `version` is that of the stock's line; 1 where the variant never stood at the location.
    """
    row = await actions.set_level(ctx, variant_id, location_id, body.min_stock, versions.of(body, if_match))
    return Answer(data=BalanceOut.model_validate(row), message="Level set.")


@movements.get("", summary="List stock movements", response_model=Page[MovementOut], responses=refusals(BadCursor))
async def list_movements(
    ctx: Reader, asked: Asked, moved: Annotated[Moved, Depends(_moved)],
    kind: Annotated[Kind | None, Query(description="One kind of movement.")] = None,
    source_id: Annotated[UUID | None, Query(description="The movements of one document.")] = None,
) -> Page[MovementOut] | Response:  # fmt: skip
    """Every change of stock with the document that caused it, the newest first. Nothing here is ever edited.

    Sort by `id`, `at` or `business_date`. `unit_cost` and `cost_correction` are shown to those with `products:cost`.
    Exports need `stock:export`.
    """
    file_format = exports.wanted(ctx, asked, "stock:export")
    where = replace(moved, kind=kind, source_id=source_id)
    if file_format:
        columns = (*_MOVEMENTS, _COST, _CORRECTED) if ctx.may("products:cost") else _MOVEMENTS
        parts = exports.parts(asked, lambda part: queries.movements(ctx, part, where))
        return await exports.file_response(ctx, parts, columns, "stock-movements", file_format)
    rows, page = await queries.movements(ctx, asked, where)
    return Page(data=[MovementOut.model_validate(row) for row in rows], page=page)


@products.get("/low-stock", summary="List what runs low", response_model=Page[LowOut], responses=refusals(BadCursor))
async def list_low(ctx: Reader, asked: Asked, where: Annotated[Where, Depends(_where)]) -> Page[LowOut] | Response:
    """What has fallen to its warning level where it is sold or stored, with a suggestion of how much to order.

    The suggestion is the product's reorder quantity, else what brings it to twice its level. A product that never
    stood anywhere is low in each showroom. Exports need `stock:export`.
    """
    file_format = exports.wanted(ctx, asked, "stock:export")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.low(ctx, part, where))
        return await exports.file_response(ctx, parts, _LOW, "low-stock", file_format)
    rows, page = await queries.low(ctx, asked, where)
    return Page(data=[LowOut.model_validate(row) for row in rows], page=page)


@products.post(
    "/{product_id}/adjust", status_code=201, summary="Correct stock by hand",
    responses=refusals(
        OutOfStock, WrongWay, LevelAlready, VariantRequired, LocationRequired, NotStocked, NotFound,
        IdempotencyConflict, *COMING, *PICKING,
    ),
)  # fmt: skip
async def adjust(ctx: Adjuster, product_id: UUID, body: AdjustIn, response: Response) -> Answer[AdjustmentOut]:
    """Say that there is more or less than the books think (`quantity`), or how much there is (`counted`), and why.

    The movement and what it is worth in the books are written at once. Worth more than the shop's
    `adjustment_approval_minor`, it is only `requested` and waits for somebody with `stock:approve`.
    """
    adjusted = await actions.adjust(ctx, product_id, body)
    response.headers["Location"] = f"/api/stock-adjustments/{body.id}"
    waits = adjusted.shown["state"] == "requested"
    return _answer(adjusted, response, "Waits for approval." if waits else "Stock adjusted.")


@adjustments.get("", summary="List corrections of stock", response_model=Page[AdjustmentOut],
                 responses=refusals(BadCursor))  # fmt: skip
async def list_adjustments(
    ctx: Reader, asked: Asked, moved: Annotated[Moved, Depends(_moved)],
    state: Annotated[State | None, Query(description="`requested` lists what waits for approval.")] = None,
    decided: Annotated[bool | None, Query(description="Only requests that somebody decided, or the rest.")] = None,
) -> Page[AdjustmentOut] | Response:  # fmt: skip
    """Corrections by hand, the newest first, with the requests that wait or were rejected.

    Sort by `id` or `at`. `unit_cost` and `value` are shown to those with `products:cost`. Exports need `stock:export`.
    """
    file_format = exports.wanted(ctx, asked, "stock:export")
    where = replace(moved, state=state, decided=decided)
    if file_format:
        columns = (*_ADJUSTMENTS, _COST) if ctx.may("products:cost") else _ADJUSTMENTS
        parts = exports.parts(asked, lambda part: queries.adjustments(ctx, part, where))
        return await exports.file_response(ctx, parts, columns, "stock-adjustments", file_format)
    rows, page = await queries.adjustments(ctx, asked, where)
    return Page(data=[AdjustmentOut.model_validate(row) for row in rows], page=page)


@adjustments.get("/{adjustment_id}", summary="Show a correction of stock", responses=refusals(NotFound))
async def show_adjustment(ctx: Reader, adjustment_id: UUID) -> Answer[AdjustmentOut]:
    """One correction or request as it stands."""
    return Answer(data=AdjustmentOut.model_validate(await queries.adjustment(ctx, adjustment_id)))


@adjustments.post(
    "/{adjustment_id}/approve", summary="Approve a correction of stock",
    responses=refusals(OutOfStock, RequestDecided, NotFound, *COMING, *PICKING),
)  # fmt: skip
async def approve(ctx: Approver, adjustment_id: UUID, response: Response) -> Answer[AdjustmentOut]:
    """Carry out a requested correction, at the cost in force now. It counts from today's business day."""
    return _answer(await actions.approve(ctx, adjustment_id), response, "Stock adjusted.")


@adjustments.post(
    "/{adjustment_id}/reject", summary="Reject a correction of stock", responses=refusals(RequestDecided, NotFound)
)
async def reject(ctx: Approver, adjustment_id: UUID, body: RejectIn, response: Response) -> Answer[AdjustmentOut]:
    """Turn a requested correction down, with the reason. Stock stays as it is."""
    return _answer(await actions.reject(ctx, adjustment_id, body.reason), response, "Rejected.")


def _answer(adjusted: Adjusted, response: Response, message: str) -> Answer[AdjustmentOut]:
    if adjusted.again:
        response.headers["Idempotency-Replayed"] = "true"
    return Answer(data=AdjustmentOut.model_validate(adjusted.shown), message=message)
