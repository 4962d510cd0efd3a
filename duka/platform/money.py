"""Money: whole minor units of the shop's currency, and the one way to round.

Rates are basis points (1/100 of a percent), quantities thousandths. No float ever holds money.
"""

from collections.abc import Sequence
from typing import Annotated, Final, NamedTuple

from pydantic import Field

LIMIT_MINOR: Final = 10**12
"""No amount in Duka is larger than this, plus or minus; TypeScript's safe integers hold it with room to spare."""

_EXPONENTS: Final = {
    "AED": 2, "BIF": 0, "CDF": 2, "ETB": 2, "EUR": 2, "GBP": 2, "INR": 2, "KES": 2, "KMF": 0, "KWD": 3,
    "MUR": 2, "MZN": 2, "NGN": 2, "OMR": 3, "RWF": 0, "SOS": 2, "SSP": 2, "TZS": 2, "UGX": 0, "USD": 2,
    "XAF": 0, "XOF": 0, "ZAR": 2, "ZMW": 2, "BHD": 3, "DJF": 0, "GHS": 2, "LKR": 2, "NPR": 2, "PKR": 2,
    "BDT": 2, "SAR": 2, "QAR": 2, "MWK": 2, "BWP": 2,
}  # fmt: skip
"""Decimal places by ISO 4217 (not CLDR's display digits, which differ for UGX, KES and others)."""

CURRENCIES: Final = frozenset(_EXPONENTS)

LAKH_CURRENCIES: Final = frozenset({"INR", "NPR", "PKR", "BDT"})
"""Those of countries that count in lakh (100,000) and crore (10,000,000)."""

Money = Annotated[int, Field(strict=True, ge=-LIMIT_MINOR, le=LIMIT_MINOR)]
"""An amount on the wire: integer minor units, at most 10^12 either way."""

Price = Annotated[int, Field(strict=True, ge=0, le=LIMIT_MINOR)]
"""A price or a sum that can't be negative, in minor units."""

BasisPoints = Annotated[int, Field(strict=True, ge=0, le=10_000)]
"""A share from 0 to 100 %, in basis points."""


class Amount(NamedTuple):
    """An amount that is told to people: minor units of `currency` (ISO 4217)."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return f"{self.currency} {in_figures(self.minor, self.currency)}"


def exponent(currency: str) -> int:
    """Say how many decimal places `currency` (ISO 4217) has; KeyError for a currency Duka does not know."""
    return _EXPONENTS[currency]


def divide_half_up(numerator: int, denominator: int) -> int:
    """Divide, rounding to the nearest whole number and halves away from zero. `denominator` > 0."""
    assert denominator > 0
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def spread(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Share an amount out in proportion to the weights, so that the shares add up to it exactly.

    By largest remainder: everyone gets the whole part of their share, and what is left goes one unit each to the
    largest fractions, of equal ones to the earlier. Weights >= 0; with no weight there must be nothing to share.
    """
    if amount_minor == 0:
        return [0] * len(weights)
    whole = sum(weights)
    assert amount_minor > 0
    assert whole > 0
    parts = [divmod(amount_minor * weight, whole) for weight in weights]
    shares = [share for share, _ in parts]
    # sorted() is stable, so of equal remainders the earlier line comes first.
    by_remainder = sorted(range(len(parts)), key=lambda place: -parts[place][1])
    for place in by_remainder[: amount_minor - sum(shares)]:
        shares[place] += 1
    return shares


def decimal_text(amount_minor: int, currency: str) -> str:
    """Write an amount with its decimal places and no grouping: 15000 INR -> `150.00`, UGX -> `15000`."""
    places = exponent(currency)
    if places == 0:
        return str(amount_minor)
    sign = "-" if amount_minor < 0 else ""
    whole, part = divmod(abs(amount_minor), 10**places)
    return f"{sign}{whole}.{part:0{places}d}"


def in_figures(amount_minor: int, currency: str) -> str:
    """Write an amount with its decimals, grouped as its country does: INR 10000000 -> `1,00,000.00`.

    `amount_minor` is in minor units; no currency sign. KeyError for a currency Duka does not know.
    """
    whole, point, part = decimal_text(abs(amount_minor), currency).partition(".")
    head, tail = whole[:-3], whole[-3:]
    size = 2 if currency in LAKH_CURRENCIES else 3
    groups = [head[max(end - size, 0) : end] for end in range(len(head), 0, -size)]
    sign = "-" if amount_minor < 0 else ""
    return sign + ",".join([*reversed(groups), tail]) + point + part
