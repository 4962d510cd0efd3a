"""Carts in the plain shape of `tests/golden/bills.json`, written down shortly."""

from tests.sales.oracle import Json

VAT18 = [{"code": "VAT", "rate_bp": 1800, "parts": 1}]
VAT16 = [{"code": "VAT", "rate_bp": 1600, "parts": 1}]
VAT0 = [{"code": "VAT", "rate_bp": 0, "parts": 1}]
SALES_TAX = [{"code": "TAX", "rate_bp": 825, "parts": 1}]
TEN = [{"code": "TAX", "rate_bp": 1000, "parts": 1}]
NO_TAX: list[Json] = []


def gst(rate_bp: int, *, inter: bool = False, cess_bp: int | None = None) -> list[Json]:
    halves = [{"code": code, "rate_bp": rate_bp, "parts": 2} for code in ("CGST", "SGST")]
    whole = [{"code": "IGST", "rate_bp": rate_bp, "parts": 1}]
    cess = [] if cess_bp is None else [{"code": "CESS", "rate_bp": cess_bp, "parts": 1}]
    return [*(whole if inter else halves), *cess]


def line(
    quantity_milli: int,
    price: int,
    taxes: list[Json],
    *,
    included: bool = False,
    bp: int | None = None,
    off: int | None = None,
    repeat: int = 1,
) -> Json:
    """One cart line; `bp` or `off` is its discount, `repeat` how many such lines follow one another."""
    found: Json = {
        "quantity_milli": quantity_milli,
        "unit_price_minor": price,
        "taxes": taxes,
        "tax_included": included,
    }
    return found | _discount(bp, off) | ({"repeat": repeat} if repeat > 1 else {})


def cart(*lines: Json, bp: int | None = None, off: int | None = None, cash: int = 1) -> Json:
    """A cart; `bp` or `off` is its discount, `cash` the coin it is rounded to."""
    return {"lines": list(lines)} | _discount(bp, off) | {"cash_rounding_minor": cash}


def _discount(bp: int | None, off: int | None) -> Json:
    if bp is not None:
        return {"discount": {"bp": bp}}
    return {} if off is None else {"discount": {"amount_minor": off}}
