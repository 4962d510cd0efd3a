"""From stored rows back to the sums they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from duka.platform.money import divide_half_up
from duka.sales.rules import Bill, BilledLine, LineTax, sum_up

Row = Mapping[str, Any]


def billed(line: Row) -> BilledLine:
    """Read a sale's stored line."""
    return BilledLine(
        gross_before_minor=line["gross_minor"], line_discount_minor=line["line_discount_minor"],
        cart_discount_minor=line["cart_discount_minor"], net_minor=line["net_minor"], taxes=line_taxes(line),
        tax_minor=line["tax_minor"], total_minor=line["total_minor"],
    )  # fmt: skip


def billed_note(line: Row) -> BilledLine:
    """Read a debit note's stored line, which has no discount."""
    gross = divide_half_up(line["unit_price_minor"] * line["quantity_milli"], 1000)
    return BilledLine(gross, 0, 0, line["net_minor"], line_taxes(line), line["tax_minor"], line["total_minor"])


def line_taxes(line: Row) -> tuple[LineTax, ...]:
    """Read a stored line's taxes."""
    return tuple(LineTax(tax["code"], tax["rate_bp"], tax["parts"], tax["amount_minor"]) for tax in line["taxes"])


def bill(sale: Row, lines: Sequence[Row]) -> Bill:
    """Read a stored sale's bill: its lines, and the cash rounding its row says."""
    exact = sum_up(tuple(map(billed, lines)))
    total = exact.net_minor + exact.tax_minor + sale["rounding_minor"]
    return replace(exact, rounding_minor=sale["rounding_minor"], total_minor=total)


def paid_by_method(payments: Sequence[Row]) -> dict[str, int]:
    """Say what stands paid by each method, in the order in which they were first used: what came in less what went
    out. Minor units; a method by which more went out than came in is negative."""
    net: dict[str, int] = {}
    for each in payments:
        sign = 1 if each["direction"] == "in" else -1
        net[each["method"]] = net.get(each["method"], 0) + sign * each["amount_minor"]
    return net
