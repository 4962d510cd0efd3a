"""The door to what suppliers are owed: their bills, payments to them, goods that go back."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict, NotFound
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, PageInfo, Paging
from duka.purchasing import money_queries
from duka.purchasing.actions import billing, paying, returning
from duka.purchasing.errors import (
    BillNotFound,
    BillNumberTaken,
    BranchRequired,
    OverBilled,
    OverPaid,
    OverReturned,
    PaymentNotFound,
    PlaceRequired,
    ReturnNotFound,
    SupplierNotFound,
    UnitsOfAnother,
)
from duka.purchasing.money_queries import Dealt
from duka.purchasing.money_schemas import (
    BillIn,
    BillListed,
    BillOut,
    ReturnIn,
    ReturnListed,
    ReturnOut,
    SupplierPaymentIn,
    SupplierPaymentOut,
)
from duka.stock.actions.moving import OutOfStock
from duka.stock.errors import PICKING

bills = edge.router("/supplier-bills", "purchasing")
payments = edge.router("/supplier-payments", "purchasing")
returns = edge.router("/supplier-returns", "purchasing")

Reader = Annotated[Ctx, allow("purchasing:read")]
Asked = Annotated[Paging, Depends(wire.paging)]
Listing = Callable[[Ctx, Paging, Dealt], Awaitable[tuple[Sequence[Any], PageInfo]]]

_BILLS: Final = (
    Column("supplier_number", "Number"), Column("supplier_name", "Supplier"), Column("billed_on", "Date", "date"),
    Column("due_on", "Due on", "date"), Column("net", "Net", "money"), Column("tax", "Tax", "money"),
    Column("charges", "Charges", "money"), Column("total", "Total", "money"), Column("note", "Note"),
)  # fmt: skip
_PAYMENTS: Final = (
    Column("business_date", "Date", "date"), Column("supplier_name", "Supplier"), Column("amount", "Amount", "money"),
    Column("method", "Method"), Column("reference", "Reference"), Column("note", "Note"),
)  # fmt: skip
_RETURNS: Final = (
    Column("number", "Number"), Column("business_date", "Date", "date"), Column("supplier_name", "Supplier"),
    Column("debit", "Debit note", "money"), Column("reason", "Reason"),
)  # fmt: skip


async def _dealt(
    supplier_id: Annotated[UUID | None, Query(description="One supplier.")] = None,
    since: Annotated[date | None, Query(alias="from", description="First business day.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last business day.")] = None,
) -> Dealt:
    return Dealt(supplier_id, since, until)


Where = Annotated[Dealt, Depends(_dealt)]


@bills.get("", summary="List supplier bills", response_model=Page[BillListed], responses=refusals(BadCursor))
async def list_bills(ctx: Reader, asked: Asked, where: Where) -> Page[BillListed] | Response:
    """Suppliers' invoices, the newest first. `q` is what their number begins with, or part of the supplier's name.

    Sorts: `id`, `due_on`, `billed_on`. A file needs `purchasing:export`.
    """
    file = await _file(ctx, asked, where, money_queries.bills, _BILLS, "supplier-bills")
    if file:
        return file
    rows, info = await money_queries.bills(ctx, asked, where)
    return Page(data=[BillListed.model_validate(row) for row in rows], page=info)


@bills.post(
    "", status_code=201, summary="Enter a supplier's invoice",
    responses=refusals(SupplierNotFound, NotFound, BranchRequired, BillNumberTaken, OverBilled, IdempotencyConflict),
)  # fmt: skip
async def enter_bill(
    ctx: Annotated[Ctx, allow("purchasing:update")], body: BillIn, response: Response
) -> Answer[BillOut]:
    """Enter an invoice, line by line against what was received: no more is billed than came in and was kept. What it
    asks more or less than the receipt said stands in the books as a price difference. Needs `products:cost` too."""
    shown, again = await billing.bill(ctx, body)
    _head(response, f"/api/supplier-bills/{body.id}", again=again)
    return Answer(data=BillOut.model_validate(shown), message="Bill entered.")


@bills.get("/{bill_id}", summary="Show a supplier bill", responses=refusals(BillNotFound))
async def show_bill(ctx: Reader, bill_id: UUID) -> Answer[BillOut]:
    """One supplier's invoice with its lines."""
    return Answer(data=BillOut.model_validate(await money_queries.bill(ctx, bill_id)))


@payments.get(
    "", summary="List payments to suppliers", response_model=Page[SupplierPaymentOut], responses=refusals(BadCursor)
)
async def list_payments(ctx: Reader, asked: Asked, where: Where) -> Page[SupplierPaymentOut] | Response:
    """Payments, the newest first. `q` is what the reference begins with, or part of the supplier's name.

    Sorts: `id`, `amount`. A file needs `purchasing:export`.
    """
    file = await _file(ctx, asked, where, money_queries.payments, _PAYMENTS, "supplier-payments")
    if file:
        return file
    rows, info = await money_queries.payments(ctx, asked, where)
    return Page(data=[SupplierPaymentOut.model_validate(row) for row in rows], page=info)


@payments.post(
    "", status_code=201, summary="Pay a supplier",
    responses=refusals(SupplierNotFound, NotFound, BranchRequired, OverPaid, IdempotencyConflict),
)  # fmt: skip
async def pay_supplier(
    ctx: Annotated[Ctx, allow("expenses:pay")], body: SupplierPaymentIn, response: Response
) -> Answer[SupplierPaymentOut]:
    """Pay toward what a supplier is owed; more than that only `in_advance`.

    Cash is taken as paid from outside of any drawer: what leaves a drawer is counted there.
    """
    shown, again = await paying.pay(ctx, body)
    _head(response, f"/api/supplier-payments/{body.id}", again=again)
    return Answer(data=SupplierPaymentOut.model_validate(shown), message="Supplier paid.")


@payments.get("/{payment_id}", summary="Show a payment to a supplier", responses=refusals(PaymentNotFound))
async def show_payment(ctx: Reader, payment_id: UUID) -> Answer[SupplierPaymentOut]:
    """One payment to a supplier."""
    return Answer(data=SupplierPaymentOut.model_validate(await money_queries.payment(ctx, payment_id)))


@returns.get("", summary="List returns to suppliers", response_model=Page[ReturnListed], responses=refusals(BadCursor))
async def list_returns(ctx: Reader, asked: Asked, where: Where) -> Page[ReturnListed] | Response:
    """What went back to suppliers, the newest first. `q` is what a number begins with, or part of the supplier's name.

    Sorts: `id`, `number`. A file needs `purchasing:export`.
    """
    file = await _file(ctx, asked, where, money_queries.returns, _RETURNS, "supplier-returns")
    if file:
        return file
    rows, info = await money_queries.returns(ctx, asked, where)
    return Page(data=[ReturnListed.model_validate(row) for row in rows], page=info)


@returns.post(
    "", status_code=201, summary="Send goods back to a supplier",
    responses=refusals(
        SupplierNotFound, NotFound, PlaceRequired, OverReturned, UnitsOfAnother, OutOfStock, IdempotencyConflict,
        *PICKING,
    ),
)  # fmt: skip
async def send_back(
    ctx: Annotated[Ctx, allow("purchasing:update")], body: ReturnIn, response: Response
) -> Answer[ReturnOut]:
    """Send back some of what was received. It leaves the stock at once. What no bill has named yet will not be billed;
    for what was billed `debit` is the debit note, off what the supplier is owed."""
    shown, again = await returning.send_back(ctx, body)
    _head(response, f"/api/supplier-returns/{body.id}", again=again)
    return Answer(data=ReturnOut.model_validate(shown), message="Goods sent back.")


@returns.get("/{return_id}", summary="Show a return to a supplier", responses=refusals(ReturnNotFound))
async def show_return(ctx: Reader, return_id: UUID) -> Answer[ReturnOut]:
    """One return with its lines."""
    return Answer(data=ReturnOut.model_validate(await money_queries.sent_back(ctx, return_id)))


async def _file(
    ctx: Ctx, asked: Paging, where: Dealt, listing: Listing, columns: Sequence[Column], name: str
) -> Response | None:
    file_format = exports.wanted(ctx, asked, "purchasing:export")
    if file_format is None:
        return None
    parts = exports.parts(asked, lambda part: listing(ctx, part, where))
    return await exports.file_response(ctx, parts, columns, name, file_format)


def _head(response: Response, address: str, *, again: bool) -> None:
    response.headers["Location"] = address
    if again:
        response.headers["Idempotency-Replayed"] = "true"
