"""Carts by the dice: every kind of tax, price, discount and rounding, tiny amounts, huge ones, and ones past the limit.

Plain values, so that they travel to another language as they are.
"""

import random
from typing import Final

from duka.platform.money import CURRENCIES
from tests.sales.oracle import Json

_DAYS: Final = ["2024-02-29", "2025-09-21", "2025-09-22", "2026-03-31", "2026-04-01", "2026-06-30", "2026-11-21"]
_STATES: Final = [None, "29", "29", "07"]
_SCRIPTS: Final = [
    "cable 1 m",
    "चार्जर",
    "شاحن",
    "🔌",
    '"\\/',
    "\n\t\r\b\f",
    "\u0000\u0001\u001f\u007f",
    "\u2028\u2029",
    "é",
    "e\u0301",
]
_KINDS: Final = [*["gst", "vat", "gst cess", "gst gst cess", "vat vat", "cess"] * 3, ""]
_CURRENCIES: Final = sorted(CURRENCIES)


def tax_classes(dice: random.Random) -> list[Json]:
    """Some tax classes as a shop may have them, with rates that come and go."""
    return [_tax_class(dice) for _ in range(dice.randint(1, 3))]


def cart(dice: random.Random, classes: int) -> Json:
    """A cart whose lines are taxed by one of so many classes, what is credited of it later, and its invoice's head."""
    lines = [_line(dice, classes) for _ in range(dice.choice([1, 1, 2, 3, 4, 7]))]
    return {
        "lines": lines,
        **_discount(dice),
        "cash_rounding_minor": dice.choice([1, 1, 1, 5, 50, 100, 500, 7]),
        "credits": _credits(dice, lines),
        "seller_state": dice.choice(_STATES),
        "register": {
            "code": dice.choice(["T1", "A", "KLA9"]),
            "first_month": dice.randint(1, 12),
            "counter": dice.choices(
                [1, dice.randint(1, 999_998), dice.randint(1, 10**8), dice.randint(1, 2**40)], [10, 40, 3, 1]
            )[0],
        },
        "head": _head(dice),
    }


def _head(dice: random.Random) -> Json:
    return {
        "sale_id": _uuid(dice),
        "business_date": dice.choice(_DAYS),
        "issued_at": f"2026-11-21T{dice.randint(0, 23):02d}:{dice.randint(0, 59):02d}:30.{dice.randint(0, 999):03d}Z",
        "currency": dice.choice(_CURRENCIES),
        "place_of_supply": dice.choice(_STATES),
    }


def _tax_class(dice: random.Random) -> Json:
    rates = [_rate(dice, kind) for kind in dice.choice(_KINDS).split()]
    return {"treatment": dice.choice(["taxed", "taxed", "taxed", "taxed", "zero", "exempt", "nil"]), "rates": rates}


def _rate(dice: random.Random, kind: str) -> Json:
    codes = {"gst": ["GST"], "vat": ["VAT", "TAX", "LEVY 2"], "cess": ["CESS", "CESS-B"]}
    bp = [0, 25, 300, 500, 825, 1200, 1600, 1800, 2800, 29000, dice.randint(0, 10_000)]
    return {
        "kind": kind,
        "code": dice.choice(codes[kind]),
        "rate_bp": dice.choice(bp),
        # Mostly long in force, so that few carts are refused for a class without a rate.
        "valid_from": dice.choices(["2017-07-01", "2020-01-01", dice.choice(_DAYS)], [4, 4, 1])[0],
    }


def _line(dice: random.Random, classes: int) -> Json:
    exponent = dice.choices([1, 3, 5, 8, 11], [2, 5, 5, 2, 1])[0]
    price = dice.choice([dice.randint(0, 10**exponent), 10**exponent, 0])
    quantity = dice.choices(
        [1000, 1000 * dice.randint(1, 30), dice.randint(1, 9999), 1, dice.randint(1, 10**9)], [4, 4, 4, 1, 1]
    )[0]
    if dice.random() < 0.01:
        price, quantity = dice.choice([(10**12, 1000), (10**12, 1), (1, 10**12), (10**12 + 1, 1), (10**12, 10**12)])
    return {
        "quantity_milli": quantity,
        "unit_price_minor": price,
        "tax_class": dice.randrange(classes),
        "tax_included": dice.random() < 0.5,
        "description": "".join(dice.choices(_SCRIPTS, k=dice.randint(0, 3))),
        "variant_id": dice.choice(["", _uuid(dice)]),
        "hsn": dice.choice(["", "8544"]),
        **_discount(dice),
    }


def _discount(dice: random.Random) -> Json:
    kind = dice.randint(0, 5)
    if kind == 0:
        return {"discount": {"amount_minor": dice.choices([0, 1, dice.randint(0, 100)], [4, 2, 1])[0]}}
    if kind == 1:
        return {"discount": {"bp": dice.choice([0, 1, 333, 5000, 10_000, dice.randint(0, 10_000)])}}
    return {}


def _credits(dice: random.Random, lines: list[Json]) -> list[Json]:
    """Parts of lines, one after the other; the last part of a line is all that is left, and seldom more."""
    parts = []
    for place in dice.sample(range(len(lines)), dice.randint(0, len(lines))):
        left = lines[place]["quantity_milli"]
        while left > 0 and dice.random() < 0.7:
            milli = dice.choice([left, dice.randint(1, left), dice.randint(1, left), min(left, 1000)])
            parts.append({"line": place, "milli": milli + (dice.random() < 0.002)})
            left -= milli
    return parts


def _uuid(dice: random.Random) -> str:
    found = f"{dice.getrandbits(128):032x}"
    return "-".join([found[:8], found[8:12], found[12:16], found[16:20], found[20:]])
