"""The sums of giving back: what a credit note comes to, what of it is paid out, by which methods.

Amounts are minor units. Pure: no database, no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from duka.platform.errors import DukaError
from duka.platform.money import Amount, divide_half_up
from duka.sales.rules import Bill, BilledLine, cash_rounding, sum_up


@dataclass(eq=False)
class RefundNotRight(DukaError):
    """What is paid back does not fit: at least what was paid beyond what is left to pay, at most what was paid.
    `total` is the credit note's."""

    text: ClassVar[str] = "Pay back between {least} and {most}; {given} was said."
    damaged: ClassVar[bool] = True
    least: Amount
    most: Amount
    given: Amount
    total: Amount


@dataclass(frozen=True, slots=True)
class Original:
    """The document that is credited, and what earlier credit notes took back of it. `gross` is net and taxes, before
    cash rounding; `total` is after it."""

    gross_minor: int
    total_minor: int
    credited_gross_minor: int = 0
    credited_total_minor: int = 0


def credit_bill(lines: Sequence[BilledLine], original: Original, *, cash_rounding_minor: int = 1) -> Bill:
    """Add credited lines up to a credit note.

    What is credited by now is rounded like a sale (to `cash_rounding_minor`, 1 where it is not paid out in cash), less
    what was credited before. It never is more than the document's total, and the note that credits the last of the
    lines brings it to that total exactly: so the cash rounding of the sale is given back too, whatever the parts.
    """
    bill = sum_up(tuple(lines))
    gross_by_now = original.credited_gross_minor + bill.net_minor + bill.tax_minor
    assert gross_by_now <= original.gross_minor
    total_by_now = original.total_minor
    if gross_by_now < original.gross_minor:
        rounded = gross_by_now + cash_rounding(gross_by_now, cash_rounding_minor)
        total_by_now = max(original.credited_total_minor, min(rounded, original.total_minor))
    total = total_by_now - original.credited_total_minor
    return replace(bill, rounding_minor=total - bill.net_minor - bill.tax_minor, total_minor=total)


def refund_limits(total_minor: int, owed_minor: int, paid_minor: int) -> tuple[int, int]:
    """Say how much of a credit note must be paid out at least, and may be at most.

    The rest of it makes what is owed less, which cannot become less than nothing.
    """
    return max(0, total_minor - owed_minor), min(paid_minor, total_minor)


def same_methods(paid: Mapping[str, int], amount_minor: int) -> list[tuple[str, int]]:
    """Share an amount to be paid out over the methods it was paid by, in their order. `paid` is what each method
    brought in, less what went out by it; it holds enough."""
    shares = []
    left = amount_minor
    for method, net in paid.items():
        share = min(left, net)
        if share > 0:
            shares.append((method, share))
            left -= share
    assert left == 0
    return shares


def cost_back(unit_cost_minor: int, credited_before_milli: int, credit_milli: int) -> int:
    """Say what the goods that come back had cost: by what is credited by now less what was before, so that parts add
    up to the cost the line left with. Half up."""
    now = divide_half_up(unit_cost_minor * (credited_before_milli + credit_milli), 1000)
    return now - divide_half_up(unit_cost_minor * credited_before_milli, 1000)
