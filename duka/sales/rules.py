"""The one place where a bill is worked out: lines, discounts, taxes, rounding and partial credits.

Amounts are minor units, quantities thousandths, rates basis points; everything is a whole number and every
rounding is half up, halves away from zero. The app computes the same in TypeScript; both must agree with
`tests/golden/bills.json`. Pure: no database, no clock.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar, Final, NamedTuple

from duka.catalog.rules import Tax
from duka.platform.errors import DukaError
from duka.platform.money import LIMIT_MINOR, divide_half_up, spread
from duka.platform.quantity import from_milli

LINES_MAX: Final = 1000
"""A bill has at most this many lines."""

_TOLD_MAX: Final = 2**53 - 1
"""The largest whole number that every reader of JSON holds exactly; an amount beyond it is told as this one."""

_WHOLE_BP: Final = 10_000
_WHOLE_MILLI: Final = 1_000


@dataclass(frozen=True, slots=True)
class Discount:
    """Money off, either a share in basis points (`bp`, 0 to 10000) or an amount; exactly one of the two."""

    bp: int | None = None
    amount_minor: int | None = None

    def __post_init__(self) -> None:
        assert (self.bp is None) != (self.amount_minor is None), "either a share or an amount"
        assert self.bp is None or 0 <= self.bp <= _WHOLE_BP
        assert self.amount_minor is None or self.amount_minor >= 0


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line as it stands in the cart: how much of what price, and how it is taxed.

    `quantity_milli` > 0, `unit_price_minor` >= 0. `tax_included` says whether the price holds the taxes already.
    """

    quantity_milli: int
    unit_price_minor: int
    taxes: tuple[Tax, ...]
    tax_included: bool
    discount: Discount | None = None


class LineTax(NamedTuple):
    """What one tax takes on one line. A tuple, as it is read and stored as a row of four."""

    code: str
    rate_bp: int
    parts: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line worked out.

    `gross_before_minor` is price x quantity. Less both discounts it is `net_minor` where taxes are added, and
    `total_minor` where the price included them. Always `total_minor = net_minor + tax_minor`.
    """

    gross_before_minor: int
    line_discount_minor: int
    cart_discount_minor: int
    net_minor: int
    taxes: tuple[LineTax, ...]
    tax_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """One row of the tax summary: on which net how much of one tax was taken."""

    code: str
    rate_bp: int
    parts: int
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill worked out: `total_minor = net_minor + tax_minor + rounding_minor`, and each is the sum of its lines.

    `subtotal_minor` is price x quantity of all lines, `discount_minor` both kinds of discount together.
    `taxes` are in the order in which they first appear.
    """

    lines: tuple[BilledLine, ...]
    subtotal_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    rounding_minor: int
    total_minor: int
    taxes: tuple[TaxTotal, ...]


@dataclass(eq=False)
class AmountTooLarge(DukaError):
    """A price, a sum or the total is larger than any amount Duka holds. Minor units."""

    text: ClassVar[str] = "An amount is larger than any that Duka holds. Check prices and quantities."
    damaged: ClassVar[bool] = True
    amount: int
    limit: int = LIMIT_MINOR


@dataclass(eq=False)
class TooManyLines(DukaError):
    """The bill has more lines than one bill may have."""

    text: ClassVar[str] = "A bill has at most {limit} lines; this one has {lines}. Split it."
    damaged: ClassVar[bool] = True
    lines: int
    limit: int = LINES_MAX


@dataclass(eq=False)
class DiscountTooLarge(DukaError):
    """A discount is larger than what it is taken from. Minor units."""

    text: ClassVar[str] = "The discount is larger than the amount it is taken from."
    damaged: ClassVar[bool] = True
    discount: int
    amount: int


@dataclass(eq=False)
class CreditTooLarge(DukaError):
    """More of a line is to be credited than is left of it."""

    text: ClassVar[str] = "Less of this line is left to credit than was asked for."
    damaged: ClassVar[bool] = True
    credit: float
    left: float


@dataclass(eq=False)
class CreditTooSmall(DukaError):
    """A part so small that its tax rounds to more than its price."""

    text: ClassVar[str] = "{credit} of this line is too little to be credited by itself. Credit more of it."
    damaged: ClassVar[bool] = True
    credit: float


def bill(lines: Sequence[DraftLine], *, discount: Discount | None = None, cash_rounding_minor: int = 1) -> Bill:
    """Work out what the customer pays.

    Each line is price x quantity, less its own discount, less its part of the cart's `discount`, then taxed; the
    total is rounded to a multiple of `cash_rounding_minor` last, as an amount of its own (1 = no rounding).
    Raises `TooManyLines`, `DiscountTooLarge` or `AmountTooLarge`.
    """
    if len(lines) > LINES_MAX:
        raise TooManyLines(len(lines))
    gross = [_gross(line) for line in lines]
    line_discounts = [_off(amount, line.discount) for line, amount in zip(lines, gross, strict=True)]
    left = [amount - off for amount, off in zip(gross, line_discounts, strict=True)]
    cart_discounts = spread(_off(sum(left), discount), left)
    billed = map(_tax, lines, gross, line_discounts, cart_discounts)
    return sum_up(tuple(billed), cash_rounding_minor=cash_rounding_minor)


def sum_up(lines: tuple[BilledLine, ...], *, cash_rounding_minor: int = 1) -> Bill:
    """Add worked-out lines up to a bill, or credited lines up to a credit note. Raises `AmountTooLarge`."""
    subtotal = sum(map(attrgetter("gross_before_minor"), lines))
    net = sum(map(attrgetter("net_minor"), lines))
    tax = sum(map(attrgetter("tax_minor"), lines))
    rounding = cash_rounding(net + tax, cash_rounding_minor)
    total = net + tax + rounding
    _refuse_above_limit(max(subtotal, total))
    return Bill(
        lines=lines,
        subtotal_minor=subtotal,
        discount_minor=sum(line.line_discount_minor + line.cart_discount_minor for line in lines),
        net_minor=net,
        tax_minor=tax,
        rounding_minor=rounding,
        total_minor=total,
        taxes=_summary(lines),
    )


def cash_rounding(total_minor: int, increment_minor: int) -> int:
    """Say what to add to a total so that it can be paid in coins and notes (UGX 50, INR 1 = 100 paise).

    To the nearest multiple, halves away from zero, so a refund rounds as the sale did. An increment of 1 adds 0.
    """
    assert increment_minor > 0
    return divide_half_up(total_minor, increment_minor) * increment_minor - total_minor


def credited(line: BilledLine, sold_milli: int, credited_before_milli: int, credit_milli: int) -> BilledLine:
    """Work out what crediting a part of a sold line gives back: amounts as positive numbers.

    What the price was made of (the net, or the total where taxes were in the price), each tax and each discount are
    the half-up share of all that is credited by now, less the share that was credited before: parts that make up the
    whole line give back exactly what it cost, however it is cut up, and one of two at 500 gives back 500.
    Raises `CreditTooLarge` for more than is left, `CreditTooSmall` for a part whose tax would round to more than it.
    """
    left_milli = sold_milli - credited_before_milli
    assert 0 <= left_milli <= sold_milli
    assert credit_milli > 0
    if credit_milli > left_milli:
        raise CreditTooLarge(from_milli(credit_milli), from_milli(left_milli))

    def part(amount_minor: int) -> int:
        now = divide_half_up(amount_minor * (credited_before_milli + credit_milli), sold_milli)
        return now - divide_half_up(amount_minor * credited_before_milli, sold_milli)

    line_discount = part(line.line_discount_minor)
    cart_discount = part(line.cart_discount_minor)
    taxes = tuple(tax._replace(amount_minor=part(tax.amount_minor)) for tax in line.taxes)
    tax_minor = sum(tax.amount_minor for tax in taxes)
    discounted = line.gross_before_minor - line.line_discount_minor - line.cart_discount_minor
    taxes_were_included = discounted == line.total_minor
    net = part(line.total_minor) - tax_minor if taxes_were_included else part(line.net_minor)
    if net < 0:
        raise CreditTooSmall(from_milli(credit_milli))
    # The price before discounts follows from the parts, so that a credit note's line adds up like any other.
    after_discounts = net + tax_minor if taxes_were_included else net
    return BilledLine(
        gross_before_minor=after_discounts + line_discount + cart_discount,
        line_discount_minor=line_discount,
        cart_discount_minor=cart_discount,
        net_minor=net,
        taxes=taxes,
        tax_minor=tax_minor,
        total_minor=net + tax_minor,
    )


def _gross(line: DraftLine) -> int:
    """Price x quantity, half up."""
    assert line.quantity_milli > 0
    assert line.unit_price_minor >= 0
    _refuse_above_limit(line.unit_price_minor)
    return divide_half_up(line.unit_price_minor * line.quantity_milli, _WHOLE_MILLI)


def _off(amount_minor: int, discount: Discount | None) -> int:
    """What a discount takes off an amount: a share half up, or the amount it names."""
    if discount is None:
        return 0
    if discount.bp is not None:
        return divide_half_up(amount_minor * discount.bp, _WHOLE_BP)
    off = discount.amount_minor or 0
    if off > amount_minor:
        raise DiscountTooLarge(off, amount_minor)
    return off


def _tax(line: DraftLine, gross: int, line_discount: int, cart_discount: int) -> BilledLine:
    """Work out one line's taxes on what its discounts leave."""
    amount = gross - line_discount - cart_discount
    # With taxes of one or two parts, every rate is a whole number of 1/20000.
    parts = math.lcm(*[tax.parts for tax in line.taxes])
    whole = _WHOLE_BP * parts
    shares = [tax.rate_bp * (parts // tax.parts) for tax in line.taxes]
    denominator = whole + sum(shares) if line.tax_included else whole
    amounts = [divide_half_up(amount * share, denominator) for share in shares]
    tax_minor = sum(amounts)
    net = amount - tax_minor if line.tax_included else amount
    taxes = tuple(
        LineTax(tax.code, tax.rate_bp, tax.parts, taken) for tax, taken in zip(line.taxes, amounts, strict=True)
    )
    return BilledLine(gross, line_discount, cart_discount, net, taxes, tax_minor, net + tax_minor)


def _summary(lines: Sequence[BilledLine]) -> tuple[TaxTotal, ...]:
    """Add up net and tax by tax and rate."""
    net: dict[tuple[str, int, int], int] = {}
    taken: dict[tuple[str, int, int], int] = {}
    for line in lines:
        for code, rate_bp, parts, amount in line.taxes:
            key = (code, rate_bp, parts)
            net[key] = net.get(key, 0) + line.net_minor
            taken[key] = taken.get(key, 0) + amount
    return tuple(TaxTotal(*key, net[key], taken[key]) for key in net)


def _refuse_above_limit(amount_minor: int) -> None:
    if amount_minor > LIMIT_MINOR:
        raise AmountTooLarge(min(amount_minor, _TOLD_MAX))
