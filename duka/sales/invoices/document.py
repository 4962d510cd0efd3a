"""From a priced sale to the document that is hashed: what an invoice says, without anybody's name."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from duka.sales.invoices import chain
from duka.sales.rules import Bill, BilledLine


def canonical(
    *, kind: str, sale_id: UUID | str, business_date: date, issued_at: datetime, currency: str,
    lines: Sequence[dict[str, Any]], bill: Bill, place_of_supply: str | None, original_id: UUID | None = None,
) -> bytes:  # fmt: skip
    """Write a document's canonical bytes (see `chain.canonical`). `lines` come from `canonical_line`."""
    document: dict[str, Any] = {
        "version": chain.VERSION, "kind": kind, "sale": str(sale_id), "business_date": business_date.isoformat(),
        "issued_at": chain.instant(issued_at), "currency": currency, "lines": list(lines),
        "totals": {
            "subtotal_minor": bill.subtotal_minor, "discount_minor": bill.discount_minor,
            "net_minor": bill.net_minor, "tax_minor": bill.tax_minor, "rounding_minor": bill.rounding_minor,
            "total_minor": bill.total_minor,
        },
        "taxes": [
            {"code": t.code, "rate_bp": t.rate_bp, "parts": t.parts, "net_minor": t.net_minor, "tax_minor": t.tax_minor}
            for t in bill.taxes
        ],
    }  # fmt: skip
    if place_of_supply:
        document["place_of_supply"] = place_of_supply
    if original_id:
        document["original"] = str(original_id)
    return chain.canonical(document)


def canonical_line(billed: BilledLine, line: Mapping[str, Any]) -> dict[str, Any]:
    """Write one line of the document from its sums and its stored row."""
    written: dict[str, Any] = {
        "description": line["description"], "quantity_milli": line["quantity_milli"],
        "unit_price_minor": line["unit_price_minor"],
        "discount_minor": billed.line_discount_minor + billed.cart_discount_minor,
        "tax_included": "yes" if line["tax_included"] else "no", "net_minor": billed.net_minor,
        "taxes": [
            {"code": t.code, "rate_bp": t.rate_bp, "parts": t.parts, "amount_minor": t.amount_minor}
            for t in billed.taxes
        ],
        "total_minor": billed.total_minor,
    }  # fmt: skip
    if line["variant_id"]:
        written["variant"] = str(line["variant_id"])
    if line["hsn"]:
        written["hsn"] = line["hsn"]
    return written
