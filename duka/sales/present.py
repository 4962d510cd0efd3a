"""How a sale is shown: one function for the answer of a fresh sale, of its replay, and of every later look at it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson

from duka.platform.context import Ctx
from duka.platform.quantity import from_milli
from duka.platform.wire import utc_text
from duka.sales import sets

Row = Mapping[str, Any]


def sale(
    ctx: Ctx, row: Row, lines: Sequence[Row], payments: Sequence[Row], invoice: Row | None, party: Row | None,
    exceptions: Sequence[Row], *, today: date | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write a sale as `schemas.SaleOut`. Rows have the tables' column names; hashes are hexadecimal text. `today` is
    the day of an answer that is given again: what is overdue now was not overdue then."""
    due = row["total_minor"] + row["debited_minor"] - row["credited_minor"]
    owed = due - row["paid_minor"] if row["state"] == "completed" else 0
    shown = {
        "id": row["id"], "number": row["number"], "state": row["state"],
        "payment_status": payment_status(row, today or ctx.today()),
        "currency": row["currency"], "register_id": row["register_id"],
        "register_session_id": row["register_session_id"], "branch_id": row["branch_id"],
        "staff_id": row["staff_id"], "customer_id": row["customer_id"], "customer": buyer(party),
        "place_of_supply": row["place_of_supply"], "business_date": row["business_date"],
        "made_at": utc_text(row["made_at"]), "received_at": utc_text(row["received_at"]),
        "lines": [_line(ctx, line) for line in lines],
        "subtotal": row["subtotal_minor"], "discount": row["discount_minor"], "net": row["net_minor"],
        "tax": row["tax_minor"], "rounding": row["rounding_minor"], "total": row["total_minor"],
        "paid": row["paid_minor"], "owed": owed,
        "change": sum(p["tendered_minor"] - p["amount_minor"] for p in payments), "due_on": row["due_on"],
        "payments": [payment(each) for each in payments], "invoice": None if invoice is None else link(invoice),
        "credited": row["credited_minor"], "debited": row["debited_minor"],
        "review": row["review"], "locked_at": moment_text(row["locked_at"]),
        "note": row["note"], "external_ref": row["external_ref"],
        "exceptions": [{"code": each["code"], "details": _ordered(each["facts"])} for each in exceptions],
        "version": row["version"],
    }  # fmt: skip
    if ctx.may("sales:margins"):
        shown["margin"] = row["net_minor"] - row["cost_minor"]
    return shown


def payment(row: Row) -> dict[str, Any]:
    """Write a payment as `schemas.PaymentOut`."""
    return {
        "id": row["id"], "direction": row["direction"], "method": row["method"], "amount": row["amount_minor"],
        "tendered": row["tendered_minor"], "change": row["tendered_minor"] - row["amount_minor"],
        "reference": row["reference"], "at": utc_text(row["at"]),
    }  # fmt: skip


def link(row: Row) -> dict[str, Any]:
    """Write an invoice as `schemas.InvoiceLink`."""
    return {
        "id": row["id"], "kind": row["kind"], "number": row["number"], "total": row["total_minor"],
        "issued_at": utc_text(row["issued_at"]), "previous_hash": _hex(row["previous_hash"]), "hash": _hex(row["hash"]),
    }  # fmt: skip


def taxes(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Write a line's taxes for the wire."""
    return [
        {"code": t["code"], "rate_bp": t["rate_bp"], "parts": t["parts"], "amount": t["amount_minor"]} for t in rows
    ]


def _line(ctx: Ctx, row: Row) -> dict[str, Any]:
    shown = {
        "id": row["id"], "position": row["position"], "variant_id": row["variant_id"],
        "description": row["description"], "unit": row["unit"], "hsn": row["hsn"],
        "quantity": from_milli(row["quantity_milli"]), "price": row["unit_price_minor"],
        "tax_included": row["tax_included"], "line_discount": row["line_discount_minor"],
        "cart_discount": row["cart_discount_minor"], "net": row["net_minor"], "taxes": taxes(row["taxes"]),
        "tax": row["tax_minor"], "total": row["total_minor"],
    }  # fmt: skip
    named = row.get("named") or {}
    if "serials" in named:
        shown["serials"] = named["serials"]
    if "batches" in named:
        shown["batches"] = [_batch(each) for each in named["batches"]]
    if row.get("components"):
        shown["components"] = sets.shown(row["components"])
    if ctx.may("products:cost"):
        shown["cost"] = row["unit_cost_minor"]
    return shown


def _batch(named: Row) -> dict[str, Any]:
    milli = named["quantity_milli"]
    return {"number": named["number"], "quantity": None if milli is None else from_milli(milli)}


def buyer(row: Row | None) -> dict[str, Any] | None:
    """Write the buyer as they were when the sale was made."""
    if row is None:
        return None
    return {name: row[name] for name in ("name", "phone", "type", "tax_id", "address", "state_code")}


def payment_status(row: Row, today: date) -> str:
    """Say how far a sale is paid: unpaid, partly_paid, paid, or overdue on that day."""
    settled = row["paid_minor"] + row["credited_minor"]
    if settled >= row["total_minor"] + row["debited_minor"]:
        return "paid"
    due: date | None = row["due_on"]
    if due is not None and due < today:
        return "overdue"
    return "partly_paid" if settled else "unpaid"


def _ordered(facts: Row) -> dict[str, Any]:
    # The database keeps the fields of a JSON value in an order of its own; an answer must be the same each time.
    ordered: dict[str, Any] = orjson.loads(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS))
    return ordered


def moment_text(moment: datetime | None) -> str | None:
    """Write a moment that may not have come."""
    return None if moment is None else utc_text(moment)


def _hex(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.hex()


