"""To check one invoice or note: it is as it was issued, and the chain holds around it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from duka.platform.context import Ctx
from duka.sales import queries
from duka.sales.invoices import chain
from duka.sales.invoices import queries as invoice_queries
from duka.sales.invoices.chain import InvoiceNotCanonical
from duka.sales.invoices.schemas import CheckOut, VerifiedOut
from duka.sales.models import Invoice, InvoiceLine
from duka.shops.queries import SeriesHead, series_head

Row = Mapping[str, Any]

_SAME: tuple[str, ...] = ("description", "quantity_milli", "unit_price_minor", "net_minor", "total_minor", "taxes")


async def verify(ctx: Ctx, invoice_id: UUID) -> VerifiedOut:
    """Work a document's bytes and hash out again and hold it against its rows and its neighbours. NotFound."""
    invoice = await invoice_queries.get(ctx, invoice_id)
    series = await series_head(ctx, invoice.series_id)
    near = select(Invoice).where(
        Invoice.series_id == invoice.series_id, Invoice.counter.in_((invoice.counter - 1, invoice.counter + 1))
    )
    neighbours = {each.counter: each for each in (await ctx.db.scalars(near)).all()}
    name = chain.series_name(series.code, series.financial_year)
    computed = chain.invoice_hash(invoice.previous_hash, name, invoice.counter, invoice.canonical)
    checks = [
        _content(invoice, await _lines(ctx, invoice)), _form(invoice),
        _check("hash", computed == invoice.hash, "the hash of its own content", "another hash than its content has"),
        _previous(invoice, neighbours.get(invoice.counter - 1)),
        _next(invoice, neighbours.get(invoice.counter + 1), series),
    ]  # fmt: skip
    return VerifiedOut(
        id=invoice.id, number=invoice.number, holds=all(each.holds for each in checks), checks=checks, series=name,
        counter=invoice.counter, highest_seen=series.highest_seen, complete_to=series.complete_to,
        previous_hash=invoice.previous_hash.hex(), hash=invoice.hash.hex(), computed_hash=computed.hex(),
    )  # fmt: skip


async def _lines(ctx: Ctx, invoice: Invoice) -> Sequence[Row]:
    if invoice.kind == "invoice":
        assert invoice.sale_id
        return (await queries.whole(ctx, invoice.sale_id)).current_lines
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).order_by(InvoiceLine.position)
    return [{name: getattr(line, name) for name in _SAME} for line in (await ctx.db.scalars(query)).all()]


def _content(invoice: Invoice, lines: Sequence[Row]) -> CheckOut:
    """The hashed content says what the rows say, which everything else in the shop is worked out from."""
    differing = list(_differences(orjson.loads(invoice.canonical), invoice, lines))
    return _check("content", not differing, "what the books say", f"otherwise in the books: {', '.join(differing)}")


def _differences(content: Row, invoice: Invoice, lines: Sequence[Row]) -> Iterator[str]:
    head = {
        "kind": invoice.kind, "currency": invoice.currency, "business_date": invoice.business_date.isoformat(),
        "issued_at": chain.instant(invoice.issued_at),
        "sale": str(invoice.sale_id or invoice.id),
    }  # fmt: skip
    yield from (name for name, value in head.items() if content[name] != value)
    sums = ("net_minor", "tax_minor", "rounding_minor", "total_minor")
    yield from (name for name in sums if content["totals"][name] != getattr(invoice, name))
    if len(content["lines"]) != len(lines):
        yield "lines"
        return
    for place, (said, line) in enumerate(zip(content["lines"], lines, strict=True), 1):
        yield from (f"line {place} {name}" for name in _SAME if said[name] != line[name])


def _form(invoice: Invoice) -> CheckOut:
    try:
        same = chain.canonical(orjson.loads(invoice.canonical)) == invoice.canonical
    except (orjson.JSONDecodeError, InvoiceNotCanonical):
        same = False
    return _check("form", same, "the canonical form", "not the canonical form")


def _previous(invoice: Invoice, before: Invoice | None) -> CheckOut:
    if invoice.counter == 1:
        first = invoice.previous_hash == chain.GENESIS
        return _check("previous", first, "the first of its series", "the first of its series, yet it follows another")
    if before is None:
        return _check("previous", True, "the one before it has not come yet", "")
    return _check("previous", before.hash == invoice.previous_hash, f"follows {before.number}",
                  f"does not follow {before.number}")


def _next(invoice: Invoice, after: Invoice | None, series: SeriesHead) -> CheckOut:
    if after is None:
        last = series.highest_seen == invoice.counter
        agrees = not last or series.head_hash == invoice.hash
        return _check("next", agrees, "the last of its series" if last else "the one after it has not come yet",
                      "the series ends with another hash")
    return _check("next", after.previous_hash == invoice.hash, f"followed by {after.number}",
                  f"not followed by {after.number}")


def _check(what: Any, holds: bool, found: str, otherwise: str) -> CheckOut:
    return CheckOut(what=what, holds=holds, found=found if holds else otherwise)
