"""What is asked about credit and debit notes: the document they correct, what is credited of it, one note as shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import IdempotencyConflict, NotFound
from duka.platform.quantity import from_milli
from duka.platform.reads import Reads
from duka.platform.wire import utc_text
from duka.sales import present
from duka.sales.notes.rules import Original
from duka.shops.series import Kind

Row = Mapping[str, Any]

_HEAD: Final = """
SELECT id, kind, sale_id, original_id, encode(body_hash, 'hex') AS body_hash, net_minor, tax_minor, rounding_minor,
    total_minor, business_date, branch_id, staff_id
FROM invoices WHERE shop_id = %(shop)s AND id = %(invoice)s
"""
_CREDITED_LINES: Final = """
SELECT l.sale_line_id, sum(l.quantity_milli)::bigint AS quantity_milli FROM invoice_lines l
JOIN invoices i ON i.shop_id = l.shop_id AND i.id = l.invoice_id AND i.kind = 'credit_note'
WHERE l.shop_id = %(shop)s AND i.shop_id = %(shop)s AND i.original_id = %(invoice)s AND l.sale_line_id IS NOT NULL
GROUP BY l.sale_line_id
"""
_CREDITED: Final = """
SELECT coalesce(sum(net_minor + tax_minor), 0)::bigint AS gross_minor, coalesce(sum(total_minor), 0)::bigint
    AS total_minor, count(*) AS notes
FROM invoices WHERE shop_id = %(shop)s AND original_id = %(invoice)s AND kind = 'credit_note'
"""
_DEBIT_NOTES: Final = """
SELECT d.id FROM invoices d WHERE d.shop_id = %(shop)s AND d.sale_id = %(sale)s AND d.kind = 'debit_note'
    AND NOT EXISTS (SELECT 1 FROM invoices c WHERE c.shop_id = %(shop)s AND c.original_id = d.id) ORDER BY d.id
"""
_NOTE: Final = """
SELECT id, kind, number, sale_id, original_id, branch_id, staff_id, currency, reason, business_date, net_minor,
    tax_minor, rounding_minor, total_minor, issued_at, encode(previous_hash, 'hex') AS previous_hash,
    encode(hash, 'hex') AS hash
FROM invoices WHERE shop_id = %(shop)s AND id = %(invoice)s AND kind <> 'invoice'
"""
_LINES: Final = "SELECT * FROM invoice_lines WHERE shop_id = %(shop)s AND invoice_id = %(invoice)s ORDER BY position"
_REFUNDS: Final = "SELECT * FROM payments WHERE shop_id = %(shop)s AND source_id = %(invoice)s ORDER BY id"
_EXCEPTIONS: Final = """
SELECT code, facts FROM document_exceptions WHERE shop_id = %(shop)s AND document_id = %(invoice)s ORDER BY id
"""


@dataclass(eq=False)
class OriginalUnknown(NotFound):
    """The shop has no invoice or note with the id, or the caller does not reach it."""

    code: ClassVar[str] = NotFound.code
    damaged: ClassVar[bool] = True
    what: str = "invoice"


@dataclass(frozen=True, slots=True)
class Credited:
    """What was credited of a document: by line (thousandths), and its sums as `credit_bill` takes them."""

    by_line_milli: Mapping[UUID, int]
    original: Original
    notes: int


async def head(ctx: Ctx, invoice_id: UUID) -> Row:
    """Give the facts of an invoice or note that later documents need. OriginalUnknown."""
    found = await standing(ctx, invoice_id)
    if found is None:
        raise OriginalUnknown
    return found


async def standing(ctx: Ctx, invoice_id: UUID) -> Row | None:
    """Give the same facts, or None where no document has the id."""
    rows = await fetch(ctx, _HEAD, {"invoice": invoice_id})
    return rows[0]._mapping if rows else None


async def credited(ctx: Ctx, invoice: Row) -> Credited:
    """Say what earlier credit notes took back of a document. Its sale must be locked."""
    reads = Reads(ctx)
    reads.ask("lines", _CREDITED_LINES, invoice=invoice["id"])
    reads.ask("sums", _CREDITED)
    answers = await reads.send()
    (sums,) = answers["sums"]
    gross = invoice["net_minor"] + invoice["tax_minor"]
    return Credited(
        {UUID(row["sale_line_id"]): row["quantity_milli"] for row in answers["lines"]},
        Original(gross, invoice["total_minor"], sums["gross_minor"], sums["total_minor"]), sums["notes"],
    )  # fmt: skip


async def uncredited_debit_notes(ctx: Ctx, sale_id: UUID) -> list[UUID]:
    """Name a sale's debit notes that no credit note took back."""
    return [row.id for row in await fetch(ctx, _DEBIT_NOTES, {"sale": sale_id})]


async def again(ctx: Ctx, note_id: UUID, kind: Kind, original_id: UUID | None) -> dict[str, Any] | None:
    """Give the answer to a note that came before, None for a new one. IdempotencyConflict where its id came with
    another body or for another document."""
    found = await standing(ctx, note_id)
    if found is None:
        return None
    if (found["kind"], found["original_id"], found["body_hash"]) != (kind, original_id, ctx.body_hash.hex()):
        raise IdempotencyConflict
    return await show(ctx, note_id)


async def lines(ctx: Ctx, invoice_id: UUID) -> Sequence[Row]:
    """Give the lines of a credit or debit note as stored."""
    return [row._mapping for row in await fetch(ctx, _LINES, {"invoice": invoice_id})]


async def show(ctx: Ctx, note_id: UUID) -> dict[str, Any]:
    """Show a credit or debit note as `life_schemas.NoteOut`: the same for ever. NotFound."""
    reads = Reads(ctx)
    reads.ask("note", _NOTE, invoice=note_id)
    for name, sql in (("lines", _LINES), ("refunds", _REFUNDS), ("exceptions", _EXCEPTIONS)):
        reads.ask(name, sql)
    answers = await reads.send()
    if not answers["note"]:
        raise NotFound(what="invoice")
    (note,) = answers["note"]
    same = (
        "id", "kind", "number", "sale_id", "original_id", "branch_id", "staff_id", "currency", "reason",
        "business_date", "previous_hash", "hash",
    )  # fmt: skip
    return {name: note[name] for name in same} | {
        "lines": [_line(row) for row in answers["lines"]],
        "net": note["net_minor"], "tax": note["tax_minor"], "rounding": note["rounding_minor"],
        "total": note["total_minor"],
        "refunds": [present.payment({**row, "at": datetime.fromisoformat(row["at"])}) for row in answers["refunds"]],
        "issued_at": utc_text(datetime.fromisoformat(note["issued_at"])),
        "exceptions": [{"code": row["code"], "details": row["facts"]} for row in answers["exceptions"]],
    }  # fmt: skip


def days_since(invoice: Row, on: date) -> int:
    """Say how many days lie between a document's business day and another."""
    sold: date = invoice["business_date"]
    return (on - sold).days


def _line(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"], "position": row["position"], "sale_line_id": row["sale_line_id"],
        "variant_id": row["variant_id"], "description": row["description"], "unit": row["unit"], "hsn": row["hsn"],
        "quantity": from_milli(row["quantity_milli"]), "price": row["unit_price_minor"], "net": row["net_minor"],
        "taxes": present.taxes(row["taxes"]), "tax": row["tax_minor"], "total": row["total_minor"],
        "restock": row["restock"],
    }  # fmt: skip
