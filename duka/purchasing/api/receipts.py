"""The door to goods receipts: what came in."""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.disputes import verdict
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict, NotFound
from duka.platform.openapi import RECORDED, refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.purchasing import order_queries
from duka.purchasing.actions import receiving
from duka.purchasing.errors import (
    GoodsUnknown,
    NoStockKept,
    NothingToLand,
    NotOnOrder,
    OrderNotFound,
    OrderStepNotAllowed,
    OverReceived,
    PlaceRequired,
    PriceUnknown,
    ReceiptNotFound,
    SupplierInactive,
    SupplierNotFound,
    SupplierOfOrder,
    SupplierRequired,
)
from duka.purchasing.order_queries import Papers
from duka.purchasing.order_schemas import ReceiptIn, ReceiptListed, ReceiptOut
from duka.shops.registers.claims import CLAIMS
from duka.stock.errors import COMING

receipts = edge.router("/goods-receipts", "purchasing")

Reader = Annotated[Ctx, allow("purchasing:read")]

_COLUMNS: Final = (
    Column("number", "Number"), Column("business_date", "Date", "date"), Column("supplier_name", "Supplier"),
    Column("location_name", "Location"), Column("delivery_note", "Delivery note"), Column("note", "Note"),
)  # fmt: skip
_AMOUNTS: Final = (
    Column("goods", "Goods", "money"), Column("freight", "Freight", "money"), Column("duty", "Duty", "money"),
    Column("other", "Other costs", "money"),
)  # fmt: skip


async def _papers(
    supplier_id: Annotated[UUID | None, Query(description="One supplier.")] = None,
    location_id: Annotated[UUID | None, Query(description="One location.")] = None,
    order_id: Annotated[UUID | None, Query(description="The receipts of one order.")] = None,
    since: Annotated[date | None, Query(alias="from", description="First business day.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last business day.")] = None,
) -> Papers:
    return Papers(supplier_id, location_id, order_id, since=since, until=until)


@receipts.get("", summary="List goods receipts", response_model=Page[ReceiptListed], responses=refusals(BadCursor))
async def list_receipts(
    ctx: Reader, asked: Annotated[Paging, Depends(wire.paging)], where: Annotated[Papers, Depends(_papers)]
) -> Page[ReceiptListed] | Response:
    """What came in, the newest first. `q` is what a number begins with, or part of the supplier's name.

    Sorts: `id`, `number`, `business_date`. Amounts are shown to those with `products:cost`. A file needs
    `purchasing:export`.
    """
    file_format = exports.wanted(ctx, asked, "purchasing:export")
    if file_format:
        columns = (*_COLUMNS, *_AMOUNTS) if ctx.may("products:cost") else _COLUMNS
        parts = exports.parts(asked, lambda part: order_queries.receipts(ctx, part, where))
        return await exports.file_response(ctx, parts, columns, "goods-receipts", file_format)
    rows, info = await order_queries.receipts(ctx, asked, where)
    return Page(data=[ReceiptListed.model_validate(row) for row in rows], page=info)


@receipts.post(
    "", status_code=201, summary="Receive goods", openapi_extra=RECORDED,
    responses=refusals(
        OrderNotFound, SupplierNotFound, NotFound, SupplierRequired, SupplierOfOrder, SupplierInactive, PlaceRequired,
        GoodsUnknown, NoStockKept, NotOnOrder, PriceUnknown, NothingToLand, OrderStepNotAllowed, OverReceived,
        IdempotencyConflict, *COMING, *CLAIMS,
    ),
)  # fmt: skip
async def receive_goods(
    ctx: Annotated[Ctx, allow("purchasing:receive")], body: ReceiptIn, response: Response
) -> Answer[ReceiptOut]:
    """Receive goods against an order, in full or in part, or without one. What is accepted stands in stock at once, its
    cost averaged with what stood there, its worth in the books; what is rejected stays with the supplier.

    Freight, duty and other costs are spread over the accepted goods by value, to the last minor unit. More than was
    ordered is taken up to the shop's `receipt_tolerance_bp`.

    Goods with serial numbers name one for each accepted piece; goods with batches their batch, by its number, its day
    of expiry or both.

    With `Duka-Mode: record` a register tells what came in already. It stands, whatever became of the order meanwhile:
    what it disagrees with is listed under `exceptions`.
    """
    done = await receiving.receive(ctx, body)
    response.headers["Location"] = f"/api/goods-receipts/{body.id}"
    response.headers["Duka-Verdict"] = verdict(done.shown["exceptions"], again=done.again)
    if done.again:
        response.headers["Idempotency-Replayed"] = "true"
    return Answer(data=ReceiptOut.model_validate(done.shown), message="Goods received.")


@receipts.get("/{receipt_id}", summary="Show a goods receipt", responses=refusals(ReceiptNotFound))
async def show_receipt(ctx: Reader, receipt_id: UUID) -> Answer[ReceiptOut]:
    """One receipt with its lines, and how much of each was billed or went back since."""
    return Answer(data=ReceiptOut.model_validate(await order_queries.receipt(ctx, receipt_id)))
