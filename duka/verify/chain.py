"""The chain: every issued document still says, to the byte, what was hashed when it was issued.

Two passes over the documents in the order of their numbers, streamed: one works the hashes out again, the other
rebuilds each document from its rows, with the same functions that issued it, and bills its lines anew.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import orjson

from duka.catalog.rules import Tax
from duka.platform.errors import DukaError
from duka.sales import rules, stored
from duka.sales.invoices import chain
from duka.sales.invoices import document as invoicing
from duka.sales.invoices.chain import Link
from duka.sales.rules import BilledLine, Discount, DraftLine
from duka.verify.invariants import Facts, Invariant, Look

Row = Mapping[str, Any]

_LINKS: Final = """
SELECT i.id, i.series_id, s.code, s.financial_year, i.counter, i.number, i.canonical, i.previous_hash, i.hash
FROM invoices i JOIN series s ON s.shop_id = %(shop)s AND s.id = i.series_id
WHERE i.shop_id = %(shop)s ORDER BY i.series_id, i.counter
"""

_DOCUMENTS: Final = """
SELECT i.id, i.number, i.kind, i.sale_id, i.original_id, i.currency, i.rounding_minor, i.total_minor, i.canonical,
    i.business_date, i.issued_at, s.place_of_supply, s.discount,
    CASE i.kind WHEN 'invoice' THEN (
        SELECT json_agg(l ORDER BY l.position)::text FROM sale_lines l
        WHERE l.shop_id = %(shop)s AND l.sale_id = i.sale_id AND l.revision = s.revision
    ) ELSE (
        SELECT json_agg(l ORDER BY l.position)::text FROM invoice_lines l
        WHERE l.shop_id = %(shop)s AND l.invoice_id = i.id
    ) END AS lines
FROM invoices i LEFT JOIN sales s ON s.shop_id = %(shop)s AND s.id = i.sale_id
WHERE i.shop_id = %(shop)s ORDER BY i.series_id, i.counter
"""

_ROWS_DIFFER: Final = "its rows are not what was hashed"


def _links(look: Look) -> Iterator[Facts]:
    series = itemgetter("series_id", "code", "financial_year")
    for (_, code, year), rows in groupby(look.stream(_LINKS), key=series):
        reached: list[Row] = []
        if chain.verify_chain(chain.series_name(code, year), _walk(rows, reached)) is not None:
            yield {"series": f"{code}/{year}", "invoice_id": reached[0]["id"], "number": reached[0]["number"]}


def _walk(rows: Iterable[Row], reached: list[Row]) -> Iterator[Link]:
    """Give the links of a series; `reached` holds the row that was given last, at which a broken chain stops."""
    for row in rows:
        reached[:] = [row]
        yield Link(row["counter"], row["previous_hash"], row["canonical"], row["hash"])


def _said(look: Look) -> Iterator[Facts]:
    for row in look.stream(_DOCUMENTS):
        wrong = _unlike(row)
        if wrong:
            yield {"invoice_id": row["id"], "number": row["number"], "wrong": wrong}


def _unlike(row: Row) -> str | None:
    """Say how a document's rows differ from what was hashed; None when they are the same."""
    try:
        lines: Sequence[dict[str, Any]] = orjson.loads(row["lines"] or "[]")
        said = orjson.loads(row["canonical"])
        if row["kind"] != "invoice":
            return None if _of_note(row, lines, said) == row["canonical"] else _ROWS_DIFFER
        billed = [stored.billed(line) for line in lines]
        if _of_sale(row, lines, billed, said) != row["canonical"]:
            return _ROWS_DIFFER
        return None if _billed_anew(row, lines) == billed else "its lines, billed anew, come to something else"
    except (DukaError, ValueError, KeyError, TypeError, AttributeError, AssertionError):
        # Whoever changed rows by hand may have left something that is no document at all.
        return "it cannot be rebuilt from its rows"


def _of_sale(row: Row, lines: Sequence[dict[str, Any]], billed: Sequence[BilledLine], said: Row) -> bytes:
    written = [invoicing.canonical_line(each, line) for each, line in zip(billed, lines, strict=True)]
    for line, each, hashed in zip(lines, written, said["lines"], strict=True):
        # What was deleted before a register delivered the sale has no row to point to; the paper names it still.
        if line["variant_id"] is None and line["tax_class_id"] is None and "variant" in hashed:
            each["variant"] = hashed["variant"]
    return _canonical(row, billed, written, row["sale_id"], row["place_of_supply"], None)


def _of_note(row: Row, lines: Sequence[dict[str, Any]], said: Row) -> bytes:
    # A note's lines keep neither discount nor whether the price held the taxes: both stand in the hashed document
    # alone, and the price before discounts follows from them.
    billed = [_noted(line, hashed) for line, hashed in zip(lines, said["lines"], strict=True)]
    written = [
        invoicing.canonical_line(each, {**line, "tax_included": hashed["tax_included"] == "yes"})
        for each, line, hashed in zip(billed, lines, said["lines"], strict=True)
    ]
    place = row["place_of_supply"] if row["sale_id"] else said.get("place_of_supply")
    return _canonical(row, billed, written, row["sale_id"] or row["id"], place, row["original_id"] or row["id"])


def _noted(line: Row, hashed: Row) -> BilledLine:
    off = hashed["discount_minor"]
    before = off + (line["total_minor"] if hashed["tax_included"] == "yes" else line["net_minor"])
    return BilledLine(
        before, off, 0, line["net_minor"], stored.line_taxes(line), line["tax_minor"], line["total_minor"]
    )


def _canonical(
    row: Row, billed: Sequence[BilledLine], written: Sequence[dict[str, Any]], sale_id: UUID, place: str | None,
    original_id: UUID | None,
) -> bytes:  # fmt: skip
    exact = rules.sum_up(tuple(billed))
    return invoicing.canonical(
        kind=row["kind"], sale_id=sale_id, business_date=row["business_date"], issued_at=row["issued_at"],
        currency=row["currency"], lines=written, place_of_supply=place, original_id=original_id,
        bill=replace(exact, rounding_minor=row["rounding_minor"], total_minor=row["total_minor"]),
    )  # fmt: skip


def _billed_anew(row: Row, lines: Sequence[dict[str, Any]]) -> list[BilledLine]:
    """Bill an invoice's lines again, by the one rule that there is."""
    drafts = [
        DraftLine(
            line["quantity_milli"], line["unit_price_minor"],
            tuple(Tax(tax["code"], tax["rate_bp"], tax["parts"]) for tax in line["taxes"]), line["tax_included"],
            _discount(line["discount"]),
        )
        for line in lines
    ]  # fmt: skip
    return list(rules.bill(drafts, discount=_discount(row["discount"])).lines)


def _discount(given: Row | None) -> Discount | None:
    return None if given is None else Discount(given.get("percent_bp"), given.get("amount"))


INVARIANTS: Final = (
    Invariant(
        11, "hash_chain", "In every series each document's hash is that of its content and continues the one before.",
        _links,
    ),
    Invariant(
        11, "documents_as_hashed", "Every invoice and note, rebuilt from its rows, is byte for byte what was hashed, "
        "and its lines, billed anew, come to the same.", _said,
    ),
)  # fmt: skip
