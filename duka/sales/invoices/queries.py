"""What is asked about invoices and notes: lists, one with everything on it, its paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import eq, ge, le
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, false, select

from duka.platform import wire
from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.finding import numbered
from duka.platform.quantity import from_milli
from duka.platform.wire import PageInfo, Paging
from duka.sales import present, queries, stored
from duka.sales.invoices import chain
from duka.sales.invoices import document as invoicing
from duka.sales.invoices.paper import Paper
from duka.sales.invoices.schemas import DocumentKind, InvoiceListed, InvoiceWhole
from duka.sales.lists import queries as list_queries
from duka.sales.models import Invoice, InvoiceLine, Sale
from duka.shops import series, settings
from duka.shops.queries import letterhead, series_register


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """Which documents are wanted; days are business days, both included, amounts minor units of the total."""

    since: date | None = None
    until: date | None = None
    kind: DocumentKind | None = None
    branch_id: UUID | None = None
    staff_id: UUID | None = None
    customer_id: UUID | None = None
    sale_id: UUID | None = None
    number: str | None = None
    amount_min: int | None = None
    amount_max: int | None = None


async def invoices(ctx: Ctx, asked: Paging, wanted: InvoiceFilter) -> tuple[list[InvoiceListed], PageInfo]:
    """Give a page of invoices and notes, the newest first, by the scope of `invoices:read`."""
    query = _narrowed(_visible(ctx), wanted)
    if asked.q:
        query = query.where(_found(asked.q))
    sorts: dict[str, Any] = {
        "created": Invoice.id, "business_date": Invoice.business_date, "total": Invoice.total_minor,
        "number": Invoice.number,
    }  # fmt: skip
    rows, page = await wire.page(ctx, query, asked, sorts, Invoice.id, default="-created")
    return [InvoiceListed.model_validate(row) for row in rows], page


async def get(ctx: Ctx, invoice_id: UUID) -> Invoice:
    """Give one invoice or note. NotFound for one out of the caller's reach."""
    invoice: Invoice | None = (await ctx.db.scalars(_visible(ctx).where(Invoice.id == invoice_id))).one_or_none()
    if invoice is None:
        raise NotFound(what="invoice")
    return invoice


async def whole(ctx: Ctx, invoice_id: UUID) -> InvoiceWhole:
    """Give one invoice or note with everything on it. NotFound."""
    invoice = await get(ctx, invoice_id)
    content = orjson.loads(invoice.canonical)
    sold = await queries.whole(ctx, invoice.sale_id) if invoice.sale_id else None
    beside = await _beside(ctx, invoice)
    sale = sold.sale if sold else None
    return InvoiceWhole.model_validate({
        **InvoiceListed.model_validate(invoice).model_dump(by_alias=False),
        "net_minor": invoice.net_minor, "tax_minor": invoice.tax_minor, "rounding_minor": invoice.rounding_minor,
        "total_minor": invoice.total_minor, "register_id": await series_register(ctx, invoice.series_id),
        "customer": present.buyer(sold.party if sold else None),
        "place_of_supply": content.get("place_of_supply"),
        "lines": [_line(line, unit) for line, unit in
                  zip(content["lines"], await _units(ctx, invoice, sold), strict=True)],
        "subtotal": content["totals"]["subtotal_minor"], "discount": content["totals"]["discount_minor"],
        "taxes": [{**tax, "net": tax["net_minor"], "tax": tax["tax_minor"]} for tax in content["taxes"]],
        "original": next((present.link(_row(each)) for each in beside if each.id == invoice.original_id), None),
        "notes": [present.link(_row(each)) for each in beside if each.original_id == invoice.id],
        "paid": sale and sale["paid_minor"], "owed": sale and _owed(sale), "due_on": sale and sale["due_on"],
        "previous_hash": invoice.previous_hash.hex(), "hash": invoice.hash.hex(),
        "canonical": invoice.canonical.decode(),
    })  # fmt: skip


async def paper_of_invoice(ctx: Ctx, invoice_id: UUID) -> Paper:
    """Give what an invoice's or note's paper is made from. NotFound."""
    invoice = await get(ctx, invoice_id)
    sold = await queries.whole(ctx, invoice.sale_id) if invoice.sale_id else None
    return await _paper(ctx, invoice, sold)


async def paper_of_sale(ctx: Ctx, sale_id: UUID) -> Paper:
    """Give what a sale's receipt is made from: its invoice, else what it comes to and what was paid so far. NotFound
    for a sale out of the reach of `sales:read`."""
    sold = await queries.whole(ctx, sale_id)
    if not list_queries.reaches(ctx, sold.sale):
        raise NotFound(what="sale")
    if sold.invoice is not None:
        invoice = (await ctx.db.scalars(select(Invoice).where(Invoice.id == UUID(sold.invoice["id"])))).one()
        return await _paper(ctx, invoice, sold)
    return await _unfinished(ctx, sold)


async def _paper(ctx: Ctx, invoice: Invoice, sold: queries.Whole | None) -> Paper:
    beside = await _beside(ctx, invoice)
    original = next((each for each in beside if each.id == invoice.original_id), None)
    own = str(invoice.id) if invoice.kind != "invoice" else str(invoice.sale_id)
    open_minor = _owed(sold.sale) if sold and invoice.kind == "invoice" else 0
    return Paper(
        letterhead=await letterhead(
            ctx, invoice.branch_id, await series_register(ctx, invoice.series_id), invoice.staff_id
        ),
        settings=settings.of(ctx), zone=ctx.zone(), number=invoice.number, content=orjson.loads(invoice.canonical),
        units=await _units(ctx, invoice, sold), hash=invoice.hash.hex(), issued_at=invoice.issued_at,
        party=sold.party if sold else None,
        payments=[each for each in await _payments(ctx, invoice, sold) if each["source_id"] == own],
        balance_minor=max(0, open_minor), due_on=sold.sale["due_on"] if sold else None,
        original_number=original.number if original else "",
        original_date=original.business_date if original else None,
        named=_named(sold.current_lines) if sold and invoice.kind == "invoice" else (),
    )  # fmt: skip


async def _payments(ctx: Ctx, invoice: Invoice, sold: queries.Whole | None) -> Sequence[queries.Row]:
    if sold is None:
        return await queries.payments_of(ctx, invoice.id)
    direction = "in" if invoice.kind == "invoice" else "out"
    return [each for each in sold.payments if each["direction"] == direction]


async def _unfinished(ctx: Ctx, sold: queries.Whole) -> Paper:
    """A sale without invoice is set down as its invoice would be, with neither hash nor invoice number."""
    sale, lines = sold.sale, sold.current_lines
    bill = stored.bill(sale, lines)
    content = invoicing.canonical(
        kind="invoice", sale_id=sale["id"], business_date=sale["business_date"], issued_at=sale["made_at"],
        currency=sale["currency"], bill=bill, place_of_supply=sale["place_of_supply"],
        lines=[invoicing.canonical_line(billed, line) for billed, line in zip(bill.lines, lines, strict=True)],
    )  # fmt: skip
    owing = sale["total_minor"] - sale["paid_minor"] if sale["state"] == "incomplete" else 0
    staff_id = UUID(sale["staff_id"]) if sale["staff_id"] else None
    return Paper(
        letterhead=await letterhead(ctx, UUID(sale["branch_id"]), UUID(sale["register_id"]), staff_id),
        settings=settings.of(ctx), zone=ctx.zone(), number=sale["number"], content=orjson.loads(content),
        units=[line["unit"] for line in lines], hash="", issued_at=sale["made_at"], party=sold.party,
        payments=[each for each in sold.payments if each["direction"] == "in"], balance_minor=max(0, owing),
        due_on=sale["due_on"], named=_named(lines),
    )  # fmt: skip


async def _beside(ctx: Ctx, invoice: Invoice) -> Sequence[Invoice]:
    """Give the document that a note corrects, and the notes that correct a document."""
    ours = (Invoice.id == invoice.original_id) | (Invoice.original_id == invoice.id)
    query = select(Invoice).where(ours, Invoice.id != invoice.id).order_by(Invoice.id)
    return (await ctx.db.scalars(query)).all()


async def _units(ctx: Ctx, invoice: Invoice, sold: queries.Whole | None) -> list[str]:
    """Give what each line is counted in; the canonical form leaves it out."""
    if invoice.kind == "invoice":
        assert sold
        return [line["unit"] for line in sold.current_lines]
    lines = select(InvoiceLine.unit).where(InvoiceLine.invoice_id == invoice.id).order_by(InvoiceLine.position)
    return list((await ctx.db.scalars(lines)).all())


def _named(lines: Sequence[queries.Row]) -> list[queries.Row | None]:
    """Give which pieces or batches each line is of, where that was said; the canonical form leaves it out."""
    return [line.get("named") for line in lines]


def _visible(ctx: Ctx) -> Select[Any]:
    query = select(Invoice)
    match ctx.permissions.get("invoices:read"):
        case "shop":
            return query
        case "branch":
            return query.where(Invoice.branch_id == ctx.branch_id)
        case "own":
            return query.where(Invoice.staff_id == ctx.staff_id)
    return query.where(false())


def _found(text: str) -> ColumnElement[bool]:
    """Find documents whose number begins with a text, or which have digits as their counter in any series."""
    if text.isascii() and text.isdecimal():
        return Invoice.number.in_(series.numbers(chain.counter_text(int(text))))
    return numbered(Invoice.number, text.upper())


def _narrowed(query: Select[Any], wanted: InvoiceFilter) -> Select[Any]:
    compared = (
        (Invoice.business_date, ge, wanted.since), (Invoice.business_date, le, wanted.until),
        (Invoice.kind, eq, wanted.kind), (Invoice.branch_id, eq, wanted.branch_id),
        (Invoice.staff_id, eq, wanted.staff_id), (Invoice.sale_id, eq, wanted.sale_id),
        (Invoice.total_minor, ge, wanted.amount_min), (Invoice.total_minor, le, wanted.amount_max),
    )  # fmt: skip
    query = query.where(*(compare(column, value) for column, compare, value in compared if value is not None))
    if wanted.customer_id is not None:
        query = query.where(Invoice.sale_id.in_(select(Sale.id).where(Sale.customer_id == wanted.customer_id)))
    if wanted.number is not None:
        query = query.where(numbered(Invoice.number, wanted.number))
    return query


def _line(line: queries.Row, unit: str) -> dict[str, Any]:
    return {
        "description": line["description"], "variant_id": line.get("variant"), "hsn": line.get("hsn"), "unit": unit,
        "quantity": from_milli(line["quantity_milli"]), "price": line["unit_price_minor"],
        "discount": line["discount_minor"], "tax_included": line["tax_included"] == "yes", "net": line["net_minor"],
        "taxes": present.taxes(line["taxes"]), "total": line["total_minor"],
    }  # fmt: skip


def _row(invoice: Invoice) -> dict[str, Any]:
    names = ("id", "kind", "number", "total_minor", "issued_at", "previous_hash", "hash")
    return {name: getattr(invoice, name) for name in names}


def _owed(sale: queries.Row) -> int:
    if sale["state"] != "completed":
        return 0
    return int(sale["total_minor"] + sale["debited_minor"] - sale["credited_minor"] - sale["paid_minor"])

