"""The door to purchase orders: to ask for goods and to take an order from step to step."""

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
from duka.purchasing import order_queries
from duka.purchasing.actions import ordering, reordering, stepping
from duka.purchasing.actions.ordering import Ordered
from duka.purchasing.errors import (
    GoodsUnknown,
    NoStockKept,
    OrderNotFound,
    OrderPartReceived,
    OrderStepNotAllowed,
    PlaceRequired,
    PriceUnknown,
    SupplierInactive,
    SupplierNotFound,
)
from duka.purchasing.order_queries import Papers
from duka.purchasing.order_schemas import LowIn, LowOrdered, OrderEdit, OrderIn, OrderListed, OrderOut, StepReason
from duka.purchasing.rules import State

orders = edge.router("/purchase-orders", "purchasing")

Reader = Annotated[Ctx, allow("purchasing:read")]
Maker = Annotated[Ctx, allow("purchasing:create")]
Editor = Annotated[Ctx, allow("purchasing:update")]
Approver = Annotated[Ctx, allow("purchasing:approve")]

_COLUMNS: Final = (
    Column("number", "Number"), Column("state", "State"), Column("supplier_name", "Supplier"),
    Column("location_name", "Location"), Column("ordered_on", "Ordered on", "date"),
    Column("expected_on", "Expected on", "date"), Column("note", "Note"), Column("created_at", "Made at", "time"),
)  # fmt: skip
_TOTAL: Final = Column("total", "Total", "money")
_STEP: Final = refusals(OrderNotFound, OrderStepNotAllowed)


async def _papers(
    supplier_id: Annotated[UUID | None, Query(description="One supplier.")] = None,
    location_id: Annotated[UUID | None, Query(description="One location.")] = None,
    state: Annotated[State | None, Query(description="One state.")] = None,
    outstanding: Annotated[bool | None, Query(description="Only what is still to come, or only the rest.")] = None,
    since: Annotated[date | None, Query(alias="from", description="First expected day.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last expected day.")] = None,
) -> Papers:
    return Papers(supplier_id, location_id, None, state, outstanding, since, until)


@orders.get("", summary="List purchase orders", response_model=Page[OrderListed], responses=refusals(BadCursor))
async def list_orders(
    ctx: Reader, asked: Annotated[Paging, Depends(wire.paging)], where: Annotated[Papers, Depends(_papers)]
) -> Page[OrderListed] | Response:
    """Orders, the newest first. `q` is what a number begins with, or part of the supplier's name.

    Sorts: `id`, `number`, `total`. `total` is shown to those with `products:cost`. A file needs `purchasing:export`.
    """
    file_format = exports.wanted(ctx, asked, "purchasing:export")
    if file_format:
        columns = (*_COLUMNS, _TOTAL) if ctx.may("products:cost") else _COLUMNS
        parts = exports.parts(asked, lambda part: order_queries.orders(ctx, part, where))
        return await exports.file_response(ctx, parts, columns, "purchase-orders", file_format)
    rows, info = await order_queries.orders(ctx, asked, where)
    return Page(data=[OrderListed.model_validate(row) for row in rows], page=info)


@orders.post(
    "", status_code=201, summary="Ask for goods",
    responses=refusals(
        SupplierNotFound, SupplierInactive, NotFound, PlaceRequired, GoodsUnknown, NoStockKept, PriceUnknown,
        IdempotencyConflict,
    ),
)  # fmt: skip
async def request_order(ctx: Maker, body: OrderIn, response: Response) -> Answer[OrderOut]:
    """Make an order. It is `requested`, and waits for somebody with `purchasing:approve`.

    Where no price is named it is the supplier's last one, else what the goods cost the shop now.
    """
    done = await ordering.request(ctx, body)
    response.headers["Location"] = f"/api/purchase-orders/{body.id}"
    return _answer(done, response, "Order requested.")


@orders.post("/from-low-stock", status_code=201, summary="Order what runs low", responses=refusals(NotFound))
async def order_low_stock(ctx: Maker, body: LowIn) -> Answer[LowOrdered]:
    """Make an order for each preferred supplier and location, of what has fallen to its warning level: the quantity
    that the list of low stock suggests, less what is on order, in whole packs.

    Asked again it orders nothing twice. What could not be ordered is named with the reason.
    """
    made, left_out = await reordering.order_low(ctx, body.location_id)
    whole = [await order_queries.order(ctx, order_id, "purchasing:create") for order_id in made]
    shown = [OrderListed.model_validate(order) for order in whole]
    done = LowOrdered.model_validate({"orders": shown, "left_out": left_out})
    return Answer(data=done, message=f"{len(made)} orders requested.")


@orders.get("/{order_id}", summary="Show a purchase order", responses=refusals(OrderNotFound))
async def show_order(ctx: Reader, order_id: UUID) -> Answer[OrderOut]:
    """One order with its lines, what came of each, what was last paid for it to this supplier, and its history."""
    return Answer(data=OrderOut.model_validate(await order_queries.order(ctx, order_id)))


@orders.put(
    "/{order_id}", summary="Change a purchase order",
    responses=refusals(
        OrderNotFound, OrderStepNotAllowed, NotFound, PlaceRequired, GoodsUnknown, NoStockKept, PriceUnknown,
        StaleVersion, VersionRequired,
    ),
)  # fmt: skip
async def change_order(
    ctx: Editor, order_id: UUID, body: OrderEdit, if_match: versions.IfMatch
) -> Answer[OrderOut]:
    """Change an order that nobody approved yet: absent fields stay, `lines` replaces all of them."""
    shown = await ordering.change(ctx, order_id, body, versions.of(body, if_match))
    return Answer(data=OrderOut.model_validate(shown), message="Order changed.")


@orders.post("/{order_id}/approve", summary="Approve a purchase order", responses=_STEP)
async def approve_order(ctx: Approver, order_id: UUID, response: Response) -> Answer[OrderOut]:
    """Approve a requested order: it may now be placed, and is not changed any more."""
    return _answer(await stepping.take(ctx, order_id, "approve", "purchasing:approve"), response, "Order approved.")


@orders.post("/{order_id}/reject", summary="Reject a purchase order", responses=_STEP)
async def reject_order(ctx: Approver, order_id: UUID, body: StepReason, response: Response) -> Answer[OrderOut]:
    """Turn a requested order down, with the reason."""
    done = await stepping.take(ctx, order_id, "reject", "purchasing:approve", body.reason)
    return _answer(done, response, "Order rejected.")


@orders.post("/{order_id}/order", summary="Mark an order as placed", responses=_STEP)
async def place_order(ctx: Editor, order_id: UUID, response: Response) -> Answer[OrderOut]:
    """Say that an approved order was placed with the supplier: from now on its goods are awaited. Where it names no
    expected day, it is the supplier's lead time from today."""
    return _answer(await stepping.take(ctx, order_id, "order", "purchasing:update"), response, "Order placed.")


@orders.post(
    "/{order_id}/cancel", summary="Cancel a purchase order",
    responses=refusals(OrderNotFound, OrderStepNotAllowed, OrderPartReceived),
)  # fmt: skip
async def cancel_order(ctx: Editor, order_id: UUID, body: StepReason, response: Response) -> Answer[OrderOut]:
    """Call an order off, with the reason, while nothing of it has come in."""
    done = await stepping.take(ctx, order_id, "cancel", "purchasing:update", body.reason)
    return _answer(done, response, "Order cancelled.")


@orders.post("/{order_id}/close", summary="Close a purchase order", responses=_STEP)
async def close_order(ctx: Editor, order_id: UUID, response: Response) -> Answer[OrderOut]:
    """Say that nothing more is awaited of an order of which something has come in."""
    return _answer(await stepping.take(ctx, order_id, "close", "purchasing:update"), response, "Order closed.")


def _answer(done: Ordered, response: Response, message: str) -> Answer[OrderOut]:
    if done.again:
        response.headers["Idempotency-Replayed"] = "true"
    return Answer(data=OrderOut.model_validate(done.shown), message=message)
