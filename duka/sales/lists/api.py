"""The door to looking back at sales: lists, one sale with its history, the receipt to print."""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.payments.schemas import Method
from duka.platform import answers, edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import NotFound
from duka.platform.money import LIMIT_MINOR
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.sales.invoices import paper
from duka.sales.invoices import queries as invoice_queries
from duka.sales.invoices.view import Layout
from duka.sales.lists import queries as list_queries
from duka.sales.lists.queries import SaleFilter
from duka.sales.lists.schemas import Review, SaleListed, SaleState, SaleWhole
from duka.shops import queries as shops

sales = edge.router("/sales", "sales")

Reads = Annotated[Ctx, allow("sales:read")]
Amount = Annotated[int | None, Query(ge=0, le=LIMIT_MINOR, description="Of the total, in minor units.")]

COLUMNS: Final = (
    Column("number", "Number"), Column("business_date", "Date", "date"), Column("state", "State"),
    Column("payment_status", "Payment"), Column("customer_name", "Customer"), Column("customer_phone", "Phone"),
    Column("branch", "Branch"), Column("register", "Register"), Column("seller", "Seller"),
    Column("subtotal", "Subtotal", "money"), Column("discount", "Discount", "money"), Column("net", "Net", "money"),
    Column("tax", "Tax", "money"), Column("rounding", "Rounding", "money"), Column("total", "Total", "money"),
    Column("paid", "Paid", "money"),
    Column("credited", "Credited", "money"), Column("debited", "Debited", "money"), Column("owed", "Owed", "money"),
    Column("due_on", "Due on", "date"), Column("review", "Review"), Column("made_at", "Made at", "time"),
    Column("external_ref", "External reference"), Column("id", "Id"),
)  # fmt: skip


async def _wanted(
    since: Annotated[date | None, Query(alias="from", description="First business day.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last business day.")] = None,
    branch_id: Annotated[UUID | None, Query(description="Of one branch.")] = None,
    register_id: Annotated[UUID | None, Query(description="Of one register.")] = None,
    staff_id: Annotated[UUID | None, Query(description="Sold by one person.")] = None,
    customer_id: Annotated[UUID | None, Query(description="To one registered customer.")] = None,
    state: Annotated[SaleState | None, Query(description="In one state.")] = None,
    review: Annotated[Review | None, Query(description="`submitted` waits for approval.")] = None,
    method: Annotated[Method | None, Query(description="Paid by this method, at least in part.")] = None,
    owing: Annotated[bool | None, Query(description="Only sales on which money is owed, or only the others.")] = None,
    amount_min: Amount = None,
    amount_max: Amount = None,
    number: Annotated[str | None, Query(max_length=50, description="What the number begins with.")] = None,
    external_ref: Annotated[str | None, Query(max_length=200, description="Exactly this reference.")] = None,
) -> SaleFilter:
    """Read what a list of sales is narrowed to."""
    return SaleFilter(
        since, until, branch_id, register_id, staff_id, customer_id, state, review, method, owing, amount_min,
        amount_max, number, external_ref,
    )  # fmt: skip


@sales.get("", response_model=Page[SaleListed], summary="List sales", responses=refusals(BadCursor))
async def list_sales(
    ctx: Reads, asked: Annotated[Paging, Depends(wire.paging)], wanted: Annotated[SaleFilter, Depends(_wanted)]
) -> Response:
    """Sales, the newest first, as far as your role reaches: your own, your branch's, or all.

    `q` is part of the number or of the external reference. Sorts: `created`, `business_date`, `total`. A file
    (`format`) needs `sales:export`; it names the buyer, branch, register and seller, and has the parts of the total.
    """
    file_format = exports.wanted(ctx, asked, "sales:export")
    if file_format:
        names = await shops.names(ctx)
        parts = exports.parts(asked, lambda part: list_queries.sales_in_words(ctx, part, wanted, names))
        return await exports.file_response(ctx, parts, COLUMNS, "sales", file_format)
    return answers.page(ctx, *await list_queries.sales(ctx, asked, wanted))


@sales.get(
    "/receipt/{sale_id}", summary="Print a receipt", response_class=Response, responses=paper.pdf_answer(NotFound)
)
async def receipt(
    ctx: Reads, sale_id: UUID,
    layout: Annotated[Layout | None, Query(description="The paper; left out, the shop's own setting.")] = None,
    copy: Annotated[bool, Query(description="A reprint, marked COPY.")] = False,
) -> Response:  # fmt: skip
    """The sale's invoice as PDF, for a page or a till roll. Without an invoice it confirms what was paid so far."""
    return await paper.pdf(await invoice_queries.paper_of_sale(ctx, sale_id), layout, copy=copy)


@sales.get("/{sale_id}", response_model=Answer[SaleWhole], summary="Read a sale", responses=refusals(NotFound))
async def read_sale(ctx: Reads, sale_id: UUID) -> Response:
    """One sale as it stands: lines, money, invoice, and its history step by step."""
    shown = await list_queries.sale(ctx, sale_id)
    return answers.one(ctx, shown, headers={"ETag": f'"{shown["version"]}"'})
