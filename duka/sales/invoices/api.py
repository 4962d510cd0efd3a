"""The door to invoices and the notes that correct them. Nothing here changes one: they are issued once."""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import NotFound
from duka.platform.money import LIMIT_MINOR
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Nothing, Page, Paging
from duka.sales.actions.send import TooManyLetters, send_later
from duka.sales.invoices import check as invoice_check
from duka.sales.invoices import paper
from duka.sales.invoices import queries as invoice_queries
from duka.sales.invoices.queries import InvoiceFilter
from duka.sales.invoices.schemas import DocumentKind, InvoiceListed, InvoiceWhole, SendIn, VerifiedOut
from duka.sales.invoices.view import Layout

invoices = edge.router("/invoices", "invoices")

Reads = Annotated[Ctx, allow("invoices:read")]
Amount = Annotated[int | None, Query(ge=0, le=LIMIT_MINOR, description="Of the total, in minor units.")]

COLUMNS: Final = (
    Column("number", "Number"), Column("kind", "Document"), Column("business_date", "Date", "date"),
    Column("net", "Net", "money"), Column("tax", "Tax", "money"), Column("rounding", "Rounding", "money"),
    Column("total", "Total", "money"), Column("reason", "Reason"), Column("sale_id", "Sale id"), Column("id", "Id"),
)  # fmt: skip


async def _wanted(
    since: Annotated[date | None, Query(alias="from", description="First business day.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last business day.")] = None,
    kind: Annotated[DocumentKind | None, Query(description="Only one kind of document.")] = None,
    branch_id: Annotated[UUID | None, Query(description="Of one branch.")] = None,
    staff_id: Annotated[UUID | None, Query(description="Issued by one person.")] = None,
    customer_id: Annotated[UUID | None, Query(description="To one registered customer.")] = None,
    sale_id: Annotated[UUID | None, Query(description="Of one sale.")] = None,
    number: Annotated[str | None, Query(max_length=50, description="What the number begins with.")] = None,
    amount_min: Amount = None,
    amount_max: Amount = None,
) -> InvoiceFilter:
    """Read what a list of invoices is narrowed to."""
    return InvoiceFilter(
        since, until, kind, branch_id, staff_id, customer_id, sale_id, number, amount_min, amount_max
    )


@invoices.get("", response_model=Page[InvoiceListed], summary="List invoices", responses=refusals(BadCursor))
async def list_invoices(
    ctx: Reads, asked: Annotated[Paging, Depends(wire.paging)], wanted: Annotated[InvoiceFilter, Depends(_wanted)]
) -> Page[InvoiceListed] | Response:
    """Invoices, credit and debit notes, the newest first, as far as your role reaches. `q` is part of the number.

    Sorts: `created`, `business_date`, `total`, `number`. A file (`format`) needs `invoices:export`.
    """
    file_format = exports.wanted(ctx, asked, "invoices:export")
    if file_format:
        parts = exports.parts(asked, lambda part: invoice_queries.invoices(ctx, part, wanted))
        return await exports.file_response(ctx, parts, COLUMNS, "invoices", file_format)
    rows, page = await invoice_queries.invoices(ctx, asked, wanted)
    return Page(data=rows, page=page)


@invoices.get("/{invoice_id}", summary="Read an invoice", responses=refusals(NotFound))
async def read_invoice(ctx: Reads, invoice_id: UUID) -> Answer[InvoiceWhole]:
    """An invoice or note with its lines, its link in the chain, and the notes beside it."""
    return Answer(data=await invoice_queries.whole(ctx, invoice_id))


@invoices.get("/{invoice_id}/verify", summary="Check an invoice", responses=refusals(NotFound))
async def verify_invoice(ctx: Reads, invoice_id: UUID) -> Answer[VerifiedOut]:
    """Say whether a document is as it was issued: its content against the books, its hash worked out again, and the
    documents before and after it in its series."""
    verified = await invoice_check.verify(ctx, invoice_id)
    message = "The chain holds." if verified.holds else "The chain does not hold here."
    return Answer(data=verified, message=message)


@invoices.get(
    "/{invoice_id}/pdf", summary="Print an invoice", response_class=Response, responses=paper.pdf_answer(NotFound)
)
async def invoice_pdf(
    ctx: Reads, invoice_id: UUID,
    layout: Annotated[Layout, Query(description="The paper.")] = "a4",
    copy: Annotated[bool, Query(description="A reprint, marked COPY.")] = False,
) -> Response:  # fmt: skip
    """An invoice or note as PDF."""
    return await paper.pdf(await invoice_queries.paper_of_invoice(ctx, invoice_id), layout, copy=copy)


@invoices.post(
    "/{invoice_id}/send", status_code=202, summary="Send an invoice", responses=refusals(NotFound, TooManyLetters)
)
async def send_invoice(
    ctx: Annotated[Ctx, allow("invoices:read", role="platform")], invoice_id: UUID, body: SendIn, request: Request
) -> Answer[Nothing]:
    """Send an invoice or note as PDF by e-mail. It leaves a moment later; the address is kept nowhere. One document
    leaves at most 10 times a day, all of a shop's 200 times."""
    await send_later(ctx, request.app.state.house.queue, invoice_id, body.to)
    return Answer(data=Nothing(), message="It is on its way.")
