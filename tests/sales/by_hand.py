"""Bills worked out on paper with round numbers, and carts that must be refused."""

from typing import Final

from tests.sales import oracle
from tests.sales.carts import NO_TAX, TEN, VAT0, VAT16, VAT18, cart, gst, line
from tests.sales.oracle import Json

Worked = tuple[int, int, int, int, list[int], int]
"""Before discounts, line discount, cart discount, net, each tax, total."""
Totals = tuple[int, int, int, int, int, int]
"""Subtotal, discount, net, tax, rounding, total."""

HALF_OFF: Final[list[Worked]] = [(1, 0, 1, 0, [], 0)] * 500
HALF_PAID: Final[list[Worked]] = [(1, 0, 0, 1, [], 1)] * 500

BY_HAND: Final[list[tuple[str, str, Json, list[Worked], Totals]]] = [
    (
        "VAT 18 % added to 2 x 10000",
        "UGX",
        cart(line(2000, 10000, VAT18)),
        [(20000, 0, 0, 20000, [3600], 23600)],
        (20000, 0, 20000, 3600, 0, 23600),
    ),
    (
        "VAT 18 % in 11800",
        "UGX",
        cart(line(1000, 11800, VAT18, included=True)),
        [(11800, 0, 0, 10000, [1800], 11800)],
        (11800, 0, 10000, 1800, 0, 11800),
    ),
    (
        "VAT 16 % added to 100.00",
        "KES",
        cart(line(1000, 10000, VAT16)),
        [(10000, 0, 0, 10000, [1600], 11600)],
        (10000, 0, 10000, 1600, 0, 11600),
    ),
    (
        "VAT 16 % in 116.00",
        "KES",
        cart(line(1000, 11600, VAT16, included=True)),
        [(11600, 0, 0, 10000, [1600], 11600)],
        (11600, 0, 10000, 1600, 0, 11600),
    ),
    (
        "GST 18 % within a state added to 1000.00",
        "INR",
        cart(line(1000, 100000, gst(1800))),
        [(100000, 0, 0, 100000, [9000, 9000], 118000)],
        (100000, 0, 100000, 18000, 0, 118000),
    ),
    (
        "GST 18 % between states added to 1000.00",
        "INR",
        cart(line(1000, 100000, gst(1800, inter=True))),
        [(100000, 0, 0, 100000, [18000], 118000)],
        (100000, 0, 100000, 18000, 0, 118000),
    ),
    (
        "GST 18 % within a state in 1180.00",
        "INR",
        cart(line(1000, 118000, gst(1800), included=True)),
        [(118000, 0, 0, 100000, [9000, 9000], 118000)],
        (118000, 0, 100000, 18000, 0, 118000),
    ),
    (
        "GST 18 % between states in 1180.00",
        "INR",
        cart(line(1000, 118000, gst(1800, inter=True), included=True)),
        [(118000, 0, 0, 100000, [18000], 118000)],
        (118000, 0, 100000, 18000, 0, 118000),
    ),
    (
        "GST 28 % and cess 12 % added to 1000.00",
        "INR",
        cart(line(1000, 100000, gst(2800, cess_bp=1200))),
        [(100000, 0, 0, 100000, [14000, 14000, 12000], 140000)],
        (100000, 0, 100000, 40000, 0, 140000),
    ),
    (
        "GST 28 % and cess 12 % in 1400.00",
        "INR",
        cart(line(1000, 140000, gst(2800, cess_bp=1200), included=True)),
        [(140000, 0, 0, 100000, [14000, 14000, 12000], 140000)],
        (140000, 0, 100000, 40000, 0, 140000),
    ),
    (
        "halves in a price of 59 round up apart",
        "INR",
        cart(line(1000, 59, gst(1800), included=True)),
        [(59, 0, 0, 49, [5, 5], 59)],
        (59, 0, 49, 10, 0, 59),
    ),
    (
        "the same 59 between states has no rounding",
        "INR",
        cart(line(1000, 59, gst(1800, inter=True), included=True)),
        [(59, 0, 0, 50, [9], 59)],
        (59, 0, 50, 9, 0, 59),
    ),
    (
        "exempt bears no tax",
        "INR",
        cart(line(1000, 5000, NO_TAX)),
        [(5000, 0, 0, 5000, [], 5000)],
        (5000, 0, 5000, 0, 0, 5000),
    ),
    (
        "zero-rated stands in the summary",
        "UGX",
        cart(line(1000, 5000, VAT0)),
        [(5000, 0, 0, 5000, [0], 5000)],
        (5000, 0, 5000, 0, 0, 5000),
    ),
    (
        "GST 0.25 % halved",
        "INR",
        cart(line(1000, 80000, gst(25))),
        [(80000, 0, 0, 80000, [100, 100], 80200)],
        (80000, 0, 80000, 200, 0, 80200),
    ),
    (
        "GST 0.25 % halved at exactly half a paisa",
        "INR",
        cart(line(1000, 400, gst(25))),
        [(400, 0, 0, 400, [1, 1], 402)],
        (400, 0, 400, 2, 0, 402),
    ),
    (
        "GST 0.25 % halved just below half a paisa",
        "INR",
        cart(line(1000, 399, gst(25))),
        [(399, 0, 0, 399, [0, 0], 399)],
        (399, 0, 399, 0, 0, 399),
    ),
    (
        "1.5 kg at 200",
        "UGX",
        cart(line(1500, 200, NO_TAX)),
        [(300, 0, 0, 300, [], 300)],
        (300, 0, 300, 0, 0, 300),
    ),
    (
        "0.333 kg at 10.00",
        "USD",
        cart(line(333, 1000, NO_TAX)),
        [(333, 0, 0, 333, [], 333)],
        (333, 0, 333, 0, 0, 333),
    ),
    (
        "half of 1 is 1",
        "UGX",
        cart(line(500, 1, NO_TAX)),
        [(1, 0, 0, 1, [], 1)],
        (1, 0, 1, 0, 0, 1),
    ),
    (
        "0.499 of 1 is nothing",
        "UGX",
        cart(line(499, 1, NO_TAX)),
        [(0, 0, 0, 0, [], 0)],
        (0, 0, 0, 0, 0, 0),
    ),
    (
        "line discount of 10 %",
        "UGX",
        cart(line(1000, 1000, VAT18, bp=1000)),
        [(1000, 100, 0, 900, [162], 1062)],
        (1000, 100, 900, 162, 0, 1062),
    ),
    (
        "line discount of 2.50",
        "KES",
        cart(line(1000, 1000, VAT16, off=250)),
        [(1000, 250, 0, 750, [120], 870)],
        (1000, 250, 750, 120, 0, 870),
    ),
    (
        "half of a discount of 1 is 1",
        "UGX",
        cart(line(1000, 1, NO_TAX, bp=5000)),
        [(1, 1, 0, 0, [], 0)],
        (1, 1, 0, 0, 0, 0),
    ),
    (
        "the whole line as discount",
        "KES",
        cart(line(1000, 1000, VAT16, off=1000)),
        [(1000, 1000, 0, 0, [0], 0)],
        (1000, 1000, 0, 0, 0, 0),
    ),
    (
        "discount before included tax",
        "UGX",
        cart(line(2000, 11800, VAT18, included=True, bp=5000)),
        [(23600, 11800, 0, 10000, [1800], 11800)],
        (23600, 11800, 10000, 1800, 0, 11800),
    ),
    (
        "cart discount of 10 % on three equal lines",
        "UGX",
        cart(line(1000, 1000, NO_TAX, repeat=3), bp=1000),
        [(1000, 0, 100, 900, [], 900)] * 3,
        (3000, 300, 2700, 0, 0, 2700),
    ),
    (
        "cart discount of 100 on three equal lines: the first bears the odd one",
        "UGX",
        cart(line(1000, 1000, NO_TAX, repeat=3), off=100),
        [(1000, 0, 34, 966, [], 966), (1000, 0, 33, 967, [], 967), (1000, 0, 33, 967, [], 967)],
        (3000, 100, 2900, 0, 0, 2900),
    ),
    (
        "cart discount of 100 on 100, 200 and 300: the largest remainder bears the odd one",
        "UGX",
        cart(line(1000, 100, NO_TAX), line(1000, 200, NO_TAX), line(1000, 300, NO_TAX), off=100),
        [(100, 0, 17, 83, [], 83), (200, 0, 33, 167, [], 167), (300, 0, 50, 250, [], 250)],
        (600, 100, 500, 0, 0, 500),
    ),
    (
        "cart discount of 2 on four lines of 1",
        "UGX",
        cart(line(1000, 1, NO_TAX, repeat=4), off=2),
        [(1, 0, 1, 0, [], 0), (1, 0, 1, 0, [], 0), (1, 0, 0, 1, [], 1), (1, 0, 0, 1, [], 1)],
        (4, 2, 2, 0, 0, 2),
    ),
    (
        "a free line bears no cart discount",
        "UGX",
        cart(line(1000, 0, VAT18), line(1000, 1000, VAT18), off=500),
        [(0, 0, 0, 0, [0], 0), (1000, 0, 500, 500, [90], 590)],
        (1000, 500, 500, 90, 0, 590),
    ),
    (
        "everything off",
        "INR",
        cart(line(1000, 1000, gst(1800)), line(1000, 2000, gst(500)), bp=10000),
        [(1000, 0, 1000, 0, [0, 0], 0), (2000, 0, 2000, 0, [0, 0], 0)],
        (3000, 3000, 0, 0, 0, 0),
    ),
    (
        "line discount, then cart discount, then tax",
        "USD",
        cart(line(1000, 1000, TEN, bp=1000), line(1000, 100, TEN), bp=1000),
        [(1000, 100, 90, 810, [81], 891), (100, 0, 10, 90, [9], 99)],
        (1100, 200, 900, 90, 0, 990),
    ),
    (
        "taxed, exempt and zero-rated together",
        "UGX",
        cart(line(1000, 10000, VAT18), line(1000, 5000, NO_TAX), line(1000, 2000, VAT0)),
        [(10000, 0, 0, 10000, [1800], 11800), (5000, 0, 0, 5000, [], 5000), (2000, 0, 0, 2000, [0], 2000)],
        (17000, 0, 17000, 1800, 0, 18800),
    ),
    (
        "included beside added",
        "UGX",
        cart(line(1000, 11800, VAT18, included=True), line(1000, 10000, VAT18)),
        [(11800, 0, 0, 10000, [1800], 11800), (10000, 0, 0, 10000, [1800], 11800)],
        (21800, 0, 20000, 3600, 0, 23600),
    ),
    (
        "cash to 50: 1025 goes up",
        "UGX",
        cart(line(1000, 1025, NO_TAX), cash=50),
        [(1025, 0, 0, 1025, [], 1025)],
        (1025, 0, 1025, 0, 25, 1050),
    ),
    (
        "cash to 50: 1024 goes down",
        "UGX",
        cart(line(1000, 1024, NO_TAX), cash=50),
        [(1024, 0, 0, 1024, [], 1024)],
        (1024, 0, 1024, 0, -24, 1000),
    ),
    (
        "cash to 100: 12350 goes up",
        "UGX",
        cart(line(1000, 12350, NO_TAX), cash=100),
        [(12350, 0, 0, 12350, [], 12350)],
        (12350, 0, 12350, 0, 50, 12400),
    ),
    (
        "cash to one rupee: 100.49 goes down",
        "INR",
        cart(line(1000, 10049, NO_TAX), cash=100),
        [(10049, 0, 0, 10049, [], 10049)],
        (10049, 0, 10049, 0, -49, 10000),
    ),
    (
        "cash to one rupee: 100.50 goes up, after tax",
        "INR",
        cart(line(1000, 10050, gst(0)), cash=100),
        [(10050, 0, 0, 10050, [0, 0], 10050)],
        (10050, 0, 10050, 0, 50, 10100),
    ),
    (
        "the largest amount",
        "UGX",
        cart(line(1000, 10**12, NO_TAX)),
        [(10**12, 0, 0, 10**12, [], 10**12)],
        (10**12, 0, 10**12, 0, 0, 10**12),
    ),
    (
        "1000 lines of 1, half of them off",
        "UGX",
        cart(line(1000, 1, NO_TAX, repeat=1000), off=500),
        [*HALF_OFF, *HALF_PAID],
        (1000, 500, 500, 0, 0, 500),
    ),
    ("an empty cart", "UGX", cart(), [], (0, 0, 0, 0, 0, 0)),
]

REFUSED: Final[list[tuple[str, str, Json, str]]] = [
    ("a price beyond the limit", "UGX", cart(line(1, 10**12 + 1, NO_TAX)), "AMOUNT_TOO_LARGE"),
    ("a line beyond the limit", "UGX", cart(line(2000, 10**12, NO_TAX)), "AMOUNT_TOO_LARGE"),
    (
        "a line beyond the limit, however much is taken off",
        "UGX",
        cart(line(2000, 10**12, NO_TAX, bp=9000)),
        "AMOUNT_TOO_LARGE",
    ),
    ("tax takes the total beyond the limit", "UGX", cart(line(1000, 10**12, VAT18)), "AMOUNT_TOO_LARGE"),
    ("lines add up beyond the limit", "UGX", cart(line(1000, 10**11, NO_TAX, repeat=11)), "AMOUNT_TOO_LARGE"),
    ("rounding beyond the limit", "UGX", cart(line(1000, 10**12, NO_TAX), cash=6 * 10**11), "AMOUNT_TOO_LARGE"),
    ("a line discount larger than its line", "KES", cart(line(1000, 1000, VAT16, off=1001)), "DISCOUNT_TOO_LARGE"),
    (
        "a cart discount larger than what the line discounts leave",
        "KES",
        cart(line(1000, 1000, VAT16, bp=1000), off=901),
        "DISCOUNT_TOO_LARGE",
    ),
    ("a discount on nothing", "KES", cart(off=1), "DISCOUNT_TOO_LARGE"),
    ("1001 lines", "UGX", cart(line(1000, 1, NO_TAX, repeat=1001)), "TOO_MANY_LINES"),
]


def by_hand() -> list[Json]:
    """The cases worked out on paper, in the shape of the golden file."""
    return [
        {"name": f"by hand: {name}", "currency": currency, "input": cart, "expected": _worked(cart, lines, totals)}
        for name, currency, cart, lines, totals in BY_HAND
    ] + [
        {"name": f"refused: {name}", "currency": currency, "input": cart, "expected": {"error": error}}
        for name, currency, cart, error in REFUSED
    ]


def _worked(cart: Json, lines: list[Worked], totals: Totals) -> Json:
    billed = []
    for drafted, (gross, own, shared, net, taken, total) in zip(oracle.unrolled(cart["lines"]), lines, strict=True):
        taxes = [{**tax, "amount_minor": amount} for tax, amount in zip(drafted["taxes"], taken, strict=True)]
        billed.append(
            {
                "gross_before_minor": gross,
                "line_discount_minor": own,
                "cart_discount_minor": shared,
                "net_minor": net,
                "taxes": taxes,
                "tax_minor": sum(taken),
                "total_minor": total,
            }
        )
    names = ("subtotal_minor", "discount_minor", "net_minor", "tax_minor", "rounding_minor", "total_minor")
    return {"lines": billed, **dict(zip(names, totals, strict=True)), "taxes": oracle.summary(billed)}
