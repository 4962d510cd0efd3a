"""Invoices and notes for `tests/golden/invoices.json`, written and chained with the standard library alone."""

import hashlib
import json

from tests.sales import oracle
from tests.sales.carts import NO_TAX, VAT0, VAT16, VAT18, cart, gst, line
from tests.sales.oracle import Json


def documents() -> list[Json]:
    """Invoices and notes of several series, each with its canonical text and its place in its chain."""
    found: list[Json] = []
    heads: dict[str, bytes] = {}
    numbers: dict[str, int] = {}
    for nth, (name, series, head, texts, bought) in enumerate(_issued(), start=1):
        invoice = _invoice(nth, head, texts, bought)
        text = json.dumps(invoice, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = heads.get(series, b"\0" * 32)
        number = numbers.get(series, 0) + 1
        tied = hashlib.sha256()
        tied.update(previous)
        tied.update(series.encode("utf-8"))
        tied.update(bytes.fromhex(f"{number:016x}"))
        tied.update(hashlib.sha256(text.encode("utf-8")).digest())
        heads[series], numbers[series] = tied.digest(), number
        found.append(
            {
                "name": name,
                "series": series,
                "number": number,
                "document_number": f"{series}/{number:06d}",
                "previous": previous.hex(),
                "invoice": invoice,
                "canonical": text,
                "hash": tied.hexdigest(),
            }
        )
    return found


def _issued() -> list[tuple[str, str, Json, list[str], Json]]:
    cable = line(2000, 15000, gst(1800), included=True)
    ugx = {"kind": "invoice", "currency": "UGX", "business_date": "2026-11-21"}
    kes = {"kind": "invoice", "currency": "KES", "business_date": "2026-12-31"}
    inr = {"kind": "invoice", "currency": "INR", "business_date": "2026-11-21", "place_of_supply": "29"}
    credit = inr | {"kind": "credit_note", "original": "01930e1c-7a5b-7000-8000-000000000001"}
    debit = inr | {"kind": "debit_note", "original": "01930e1c-7a5b-7000-8000-000000000002"}
    simple = cart(line(1000, 11800, VAT18, included=True))
    return [
        ("one line", "T1/2627", inr, ["USB-C cable 1 m"], cart(cable)),
        (
            "two lines and discounts",
            "T1/2627",
            inr,
            ["Cable", "Case"],
            cart(cable, line(1000, 9900, gst(500)), off=500),
        ),
        (
            "between states",
            "T1/2627",
            inr | {"place_of_supply": "07"},
            ["Lamp"],
            cart(line(1000, 9900, gst(1800, inter=True))),
        ),
        ("Hindi", "T1/2627", inr, ["चार्जर 20 वॉट"], cart(line(1000, 79900, gst(1800), included=True), cash=100)),
        (
            "cess and rounding",
            "T1/2627",
            inr,
            ["Soda 1 l"],
            cart(line(3000, 4599, gst(2800, cess_bp=1200)), cash=100),
        ),
        ("VAT in the price", "KLA/2627", ugx, ["Phone cover"], simple),
        ("no tax, no place of supply", "KLA/2627", ugx, ["Book"], cart(line(1000, 5000, NO_TAX))),
        ("Arabic and an emoji", "KLA/2627", ugx, ["شاحن سريع 🔌"], simple),
        (
            "quotes, slashes, control characters",
            "KLA/2627",
            ugx,
            ['1/2" pipe \\ "A"\n\t\u0001\u007f\u2028'],
            simple,
        ),
        ("weighed goods", "N001/2626", kes, ["Sugar"], cart(line(1375, 21000, VAT16, included=True), cash=100)),
        ("zero-rated", "N001/2626", kes, ["Maize flour"], cart(line(2000, 19900, VAT0))),
        ("the largest amount", "N001/2626", kes, ["Building"], cart(line(1000, 10**12, NO_TAX))),
        (
            "a credit note",
            "C1/2627",
            credit,
            ["USB-C cable 1 m"],
            cart(line(1000, 15000, gst(1800), included=True)),
        ),
        (
            "a second credit note",
            "C1/2627",
            credit,
            ["USB-C cable 1 m"],
            cart(line(1000, 15000, gst(1800), included=True)),
        ),
        ("a debit note", "D1/2627", debit, ["Forgotten case"], cart(line(1000, 9900, gst(500)))),
        ("everything free", "T1/2627", inr, ["Sticker"], cart(line(1000, 100, gst(1800)), bp=10000)),
    ]


def _invoice(nth: int, head: Json, texts: list[str], bought: Json) -> Json:
    billed = oracle.bill(bought)
    lines = []
    for description, drafted, worked in zip(texts, bought["lines"], billed["lines"], strict=True):
        catalogued = {"hsn": "8544", "variant": f"01930e1c-7a5b-7000-9000-{nth:012d}"} if nth % 2 else {}
        lines.append(
            {
                "description": description,
                **catalogued,
                "quantity_milli": drafted["quantity_milli"],
                "unit_price_minor": drafted["unit_price_minor"],
                "discount_minor": worked["line_discount_minor"] + worked["cart_discount_minor"],
                "tax_included": "yes" if drafted["tax_included"] else "no",
                "net_minor": worked["net_minor"],
                "taxes": worked["taxes"],
                "total_minor": worked["total_minor"],
            }
        )
    return {
        "version": 1,
        **head,
        "sale": f"01930e1c-7a5b-7000-8000-{nth:012d}",
        "issued_at": f"{head['business_date']}T10:{nth:02d}:30.{nth:03d}Z",
        "lines": lines,
        "totals": {name: value for name, value in billed.items() if name.endswith("_minor")},
        "taxes": billed["taxes"],
    }
