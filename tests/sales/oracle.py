"""The bill again, as slowly and plainly as it can be said: exact fractions, one rounding function, no shortcuts.

It shares nothing with `duka.sales.rules` and speaks the plain shapes of `tests/golden/bills.json`, so that the two
can only agree by both being right.
"""

from fractions import Fraction
from math import floor
from typing import Any

LIMIT = 10**12

Json = dict[str, Any]


def half_up(exact: Fraction) -> int:
    """Round to the nearest whole number; a half goes away from zero."""
    size = floor(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def unrolled(lines: list[Json]) -> list[Json]:
    """Write out lines that are given once with the number of times they are repeated."""
    return [
        {key: value for key, value in line.items() if key != "repeat"}
        for line in lines
        for _ in range(line.get("repeat", 1))
    ]


def bill(cart: Json) -> Json:
    """Work a cart out; what is refused gives `{"error": code}`."""
    lines = unrolled(cart["lines"])
    if len(lines) > 1000:
        return {"error": "TOO_MANY_LINES"}
    gross = [half_up(Fraction(line["unit_price_minor"] * line["quantity_milli"], 1000)) for line in lines]
    if any(line["unit_price_minor"] > LIMIT for line in lines):
        return {"error": "AMOUNT_TOO_LARGE"}
    own = [discount(amount, line.get("discount")) for amount, line in zip(gross, lines, strict=True)]
    if any(off > amount for off, amount in zip(own, gross, strict=True)):
        return {"error": "DISCOUNT_TOO_LARGE"}
    left = [amount - off for amount, off in zip(gross, own, strict=True)]
    whole_discount = discount(sum(left), cart.get("discount"))
    if whole_discount > sum(left):
        return {"error": "DISCOUNT_TOO_LARGE"}
    shared = largest_remainder(whole_discount, left)
    billed = [billed_line(line, gross[place], own[place], shared[place]) for place, line in enumerate(lines)]
    return totals(billed, cart.get("cash_rounding_minor", 1))


def discount(amount: int, given: Json | None) -> int:
    if given is None:
        return 0
    if "bp" in given:
        return half_up(Fraction(amount) * Fraction(given["bp"], 10_000))
    return int(given["amount_minor"])


def largest_remainder(amount: int, weights: list[int]) -> list[int]:
    """Hand out the floors, then single units, each time to whoever is furthest below the exact share."""
    if amount == 0:
        return [0 for _ in weights]
    exact = [Fraction(amount * weight, sum(weights)) for weight in weights]
    given = [floor(share) for share in exact]
    missing = amount - sum(given)
    for _ in range(missing):
        lacking = [share - have for share, have in zip(exact, given, strict=True)]
        given[lacking.index(max(lacking))] += 1
    return given


def billed_line(line: Json, gross: int, own: int, shared: int) -> Json:
    amount = gross - own - shared
    rates = [Fraction(tax["rate_bp"], 10_000 * tax["parts"]) for tax in line["taxes"]]
    if line["tax_included"]:
        taken = [half_up(amount * rate / (1 + sum(rates))) for rate in rates]
        net = amount - sum(taken)
    else:
        taken = [half_up(amount * rate) for rate in rates]
        net = amount
    return {
        "gross_before_minor": gross,
        "line_discount_minor": own,
        "cart_discount_minor": shared,
        "net_minor": net,
        "taxes": [{**tax, "amount_minor": amount} for tax, amount in zip(line["taxes"], taken, strict=True)],
        "tax_minor": sum(taken),
        "total_minor": net + sum(taken),
    }


def totals(lines: list[Json], increment: int) -> Json:
    before = sum(line["total_minor"] for line in lines)
    total = half_up(Fraction(before, increment)) * increment
    subtotal = sum(line["gross_before_minor"] for line in lines)
    if subtotal > LIMIT or total > LIMIT:
        return {"error": "AMOUNT_TOO_LARGE"}
    return {
        "lines": lines,
        "subtotal_minor": subtotal,
        "discount_minor": sum(line["line_discount_minor"] + line["cart_discount_minor"] for line in lines),
        "net_minor": sum(line["net_minor"] for line in lines),
        "tax_minor": sum(line["tax_minor"] for line in lines),
        "rounding_minor": total - before,
        "total_minor": total,
        "taxes": summary(lines),
    }


def summary(lines: list[Json]) -> list[Json]:
    rows: list[Json] = []
    for line in lines:
        for tax in line["taxes"]:
            name = {"code": tax["code"], "rate_bp": tax["rate_bp"], "parts": tax["parts"]}
            row = next((row for row in rows if name.items() <= row.items()), None)
            if row is None:
                row = {**name, "net_minor": 0, "tax_minor": 0}
                rows.append(row)
            row["net_minor"] += line["net_minor"]
            row["tax_minor"] += tax["amount_minor"]
    return rows


def credited(line: Json, sold_milli: int, before_milli: int, credit_milli: int) -> Json | None:
    """Credit a part of a worked-out line: what is credited by now, less what was before. None for too little."""

    def share(amount: int, milli: int) -> int:
        return half_up(amount * Fraction(milli, sold_milli))

    def part(amount: int) -> int:
        return share(amount, before_milli + credit_milli) - share(amount, before_milli)

    taxes = [{**tax, "amount_minor": part(tax["amount_minor"])} for tax in line["taxes"]]
    tax = sum(tax["amount_minor"] for tax in taxes)
    own, shared = part(line["line_discount_minor"]), part(line["cart_discount_minor"])
    whole_discount = line["line_discount_minor"] + line["cart_discount_minor"]
    included = line["gross_before_minor"] - whole_discount != line["net_minor"]
    net = part(line["total_minor"]) - tax if included else part(line["net_minor"])
    if net < 0:
        return None
    return {
        "gross_before_minor": net + own + shared + (tax if included else 0),
        "line_discount_minor": own,
        "cart_discount_minor": shared,
        "net_minor": net,
        "taxes": taxes,
        "tax_minor": tax,
        "total_minor": net + tax,
    }
