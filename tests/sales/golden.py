"""Writes `tests/golden/bills.json` and `invoices.json`: `python -m tests.sales.golden`.

Nothing here calls the code under test. What is not worked out by hand comes from the oracle.
"""

import json
import random
from itertools import cycle, groupby, islice
from pathlib import Path
from typing import Final

from tests.sales import oracle
from tests.sales.by_hand import by_hand
from tests.sales.carts import NO_TAX, SALES_TAX, VAT0, VAT16, VAT18, cart, gst, line
from tests.sales.documents import documents
from tests.sales.oracle import Json

FOLDER: Final = Path(__file__).parents[1] / "golden"

TAXED: Final[list[tuple[str, str, list[Json]]]] = [
    ("no tax", "UGX", NO_TAX),
    ("VAT 18 %", "UGX", VAT18),
    ("VAT 16 %", "KES", VAT16),
    ("VAT 0 %", "KES", VAT0),
    ("sales tax 8.25 %", "USD", SALES_TAX),
    ("GST 5 % within a state", "INR", gst(500)),
    ("GST 5 % between states", "INR", gst(500, inter=True)),
    ("GST 18 % within a state", "INR", gst(1800)),
    ("GST 18 % between states", "INR", gst(1800, inter=True)),
    ("GST 3 % within a state", "INR", gst(300)),
    ("GST 0.25 % within a state", "INR", gst(25)),
    ("GST 0.25 % between states", "INR", gst(25, inter=True)),
    ("GST 28 % with cess 12 %", "INR", gst(2800, cess_bp=1200)),
    ("GST 28 % with cess 290 % between states", "INR", gst(2800, inter=True, cess_bp=29000)),
]


def by_oracle() -> list[Json]:
    """Every tax with every kind of discount, odd quantities, cash rounding, large amounts, and mixed carts."""
    cases = [*_taxes_and_discounts(), *_cash(), *_large(), *_mixed()]
    return [
        {"name": name, "currency": currency, "input": cart, "expected": oracle.bill(cart)}
        for name, currency, cart in cases
    ]


Case = tuple[str, str, Json]


def _taxes_and_discounts() -> list[Case]:
    kinds = cycle(
        [
            ("no discount", {}, {}),
            ("line discount 7.5 %", {"bp": 750}, {}),
            ("line discount 137", {"off": 137}, {}),
            ("cart discount 3.33 %", {}, {"bp": 333}),
            ("cart discount 1001", {}, {"off": 1001}),
            ("both discounts", {"bp": 1250}, {"off": 777}),
            ("both discounts in percent", {"bp": 333}, {"bp": 1}),
        ]
    )
    cases = []
    for tax_name, currency, taxes in TAXED:
        for included in (False, True):
            for kind, own, shared in islice(kinds, 4):
                first = line(2000, 15999, taxes, included=included, **own)
                second = line(1375, 7777, taxes, included=included)
                name = f"{tax_name} {'included' if included else 'added'}, {kind}"
                cases.append((name, currency, cart(first, second, **shared)))
    return cases


def _cash() -> list[Case]:
    coins = [("UGX", 50), ("UGX", 100), ("UGX", 500), ("INR", 100), ("KES", 100), ("USD", 5)]
    return [
        (
            f"cash to {currency} {coin}, {price} with {name}",
            currency,
            cart(line(1000, price, taxes, included=True), cash=coin),
        )
        for currency, coin in coins
        for name, taxes in (("VAT 18 %", VAT18), ("no tax", NO_TAX))
        for price in (coin // 2, 12 * coin + coin // 2 + 1)
    ]


def _large() -> list[Case]:
    return [
        ("large: just below the limit with VAT added", "UGX", cart(line(1000, 847457627118, VAT18))),
        ("large: the limit with VAT in it", "UGX", cart(line(1000, 10**12, VAT18, included=True))),
        ("large: the limit with GST and cess in it", "INR", cart(line(1000, 10**12, TAXED[-1][2], included=True))),
        ("large: a thousandth of the limit", "UGX", cart(line(1, 10**12, VAT18))),
        ("large: a great quantity of a small price", "KES", cart(line(333333333333, 2, VAT16))),
        (
            "large: cart discount of almost everything",
            "INR",
            cart(line(1000, 3 * 10**11 - 1, gst(1800), repeat=3), off=9 * 10**11 - 5),
        ),
        (
            "large: cart discount in percent on unequal lines",
            "INR",
            cart(line(1000, 7 * 10**11, gst(25)), line(3, 1, gst(25)), line(1000, 10**11 + 7, gst(25)), bp=3333),
        ),
        (
            "large: 1000 lines with VAT in them",
            "UGX",
            cart(line(1250, 7999, VAT18, included=True, repeat=1000), bp=50),
        ),
        (
            "large: 1000 lines of two kinds",
            "INR",
            cart(line(1000, 333, gst(500), repeat=999), line(1, 10**9, gst(1800)), off=12345, cash=100),
        ),
    ]


def _mixed() -> list[Case]:
    # A fixed seed: the same carts every time the files are written.
    dice = random.Random(20261121)
    cases = []
    for number in range(1, 41):
        lines = []
        for _ in range(dice.randint(2, 6)):
            taxes = dice.choice(TAXED)[2]
            off = dice.choice([{}, {}, {"bp": dice.randint(0, 10000)}, {"off": dice.randint(0, 40)}])
            price = dice.choice([dice.randint(50, 2000), dice.randint(2000, 900000)])
            quantity = dice.choice([1000, 2000, 12000, dice.randint(1000, 9999)])
            lines.append(line(quantity, price, taxes, included=dice.random() < 0.5, **off))
        off = dice.choice([{}, {"bp": dice.randint(1, 9999)}, {"off": dice.randint(1, 60)}])
        coin = dice.choice([1, 1, 5, 50, 100])
        cases.append(
            (f"mixed cart {number}", dice.choice(["INR", "KES", "UGX", "USD"]), cart(*lines, **off, cash=coin))
        )
    return cases


def credits_in_parts() -> list[Json]:
    """Lines credited bit by bit: `parts_milli` one after the other, and what each gives back."""
    sold = [
        ("three of VAT 18 % in the price", line(3000, 9999, VAT18, included=True), [1000, 1000, 1000]),
        ("one and a half kilos of GST", line(1500, 3333, gst(1800)), [500, 1, 999]),
        ("seven with a discount", line(7000, 143, gst(500), bp=1234), [2000, 2000, 3000]),
        ("GST and cess in the price", line(4000, 7001, gst(2800, cess_bp=1200), included=True), [1000, 3000]),
        ("one of two at 500 is 500", line(2000, 500, VAT18, included=True), [1000, 1000]),
        ("a coin in many parts", line(6000, 1, NO_TAX, bp=5000), [1000] * 6),
        ("the whole at once", line(2000, 5555, VAT16), [2000]),
        ("only a part", line(10000, 999, gst(25)), [3000, 4000]),
    ]
    found = []
    for name, draft, parts in sold:
        billed = oracle.bill(cart(draft, line(1000, 4321, NO_TAX), off=101))["lines"][0]
        quantity = draft["quantity_milli"]
        expected = [oracle.credited(billed, quantity, sum(parts[:place]), part) for place, part in enumerate(parts)]
        found.append({"name": name, "line": billed, "sold_milli": quantity, "parts_milli": parts, "expected": expected})
    return found


def _rolled(lines: list[Json]) -> list[Json]:
    """Write equal lines that follow one another once, with their number."""
    runs = [(found, len(list(same))) for found, same in groupby(lines)]
    return [found if count == 1 else {**found, "repeat": count} for found, count in runs]


def _written(header: Json, **parts: list[Json]) -> str:
    """Write a golden file: one case a line, so that a change shows as the cases it changes."""
    listed = [
        f'"{name}": [\n' + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]"
        for name, cases in parts.items()
    ]
    start = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in header.items()]
    return "{\n" + ",\n".join([*start, *listed]) + "\n}\n"


def bills_text() -> str:
    cases = [*by_hand(), *by_oracle()]
    for case in cases:
        if "lines" in case["expected"]:
            case["expected"] = {**case["expected"], "lines": _rolled(case["expected"]["lines"])}
    about = (
        "Carts and what they come to, for every implementation of the bill. Whole numbers only; a line with "
        "'repeat' stands for that many equal lines. 'expected' is the bill, or in 'error' the code of a refusal. "
        "'credits': a worked-out line credited in parts, one after the other."
    )
    return _written({"about": about}, cases=cases, credits=credits_in_parts())


def invoices_text() -> str:
    about = (
        "Documents, their canonical text (RFC 8785, hashed as UTF-8), and the hash chain of each series: "
        "SHA-256(previous 32 bytes || series as UTF-8 || number as 8 bytes, highest first || SHA-256(canonical)). "
        "The first of a series follows 32 zero bytes."
    )
    return _written({"about": about}, documents=documents())


if __name__ == "__main__":
    (FOLDER / "bills.json").write_text(bills_text(), encoding="utf-8")
    (FOLDER / "invoices.json").write_text(invoices_text(), encoding="utf-8")
