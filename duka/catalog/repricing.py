"""What a price becomes when many are changed at once: a share or a sum more or less, rounded as prices are written.

Pure.
"""

from dataclasses import dataclass
from typing import Final, Literal

from duka.platform.money import LIMIT_MINOR, divide_half_up

Way = Literal["nearest", "up", "down"]

_WHOLE_BP: Final = 10_000


@dataclass(frozen=True, slots=True)
class Formula:
    """How prices change: first the percentage (basis points, below zero to lower), then the amount, then the rounding.

    A rounded price is a multiple of `round_to_minor` plus `ending_minor`: 50 and 0 give 1,250 and 1,300; 100 and 99
    give 12.99 and 13.99 where the currency has two decimals.
    """

    percent_bp: int = 0
    amount_minor: int = 0
    round_to_minor: int = 1
    ending_minor: int = 0
    rounding: Way = "nearest"


def new_price(price_minor: int, formula: Formula) -> int | None:
    """Say what a price becomes, in minor units; None where it would not stay above nothing or grow beyond what Duka
    holds, or where the thing is free: that is no change of prices but somebody's decision."""
    if price_minor == 0:
        return None
    changed = divide_half_up(price_minor * (_WHOLE_BP + formula.percent_bp), _WHOLE_BP) + formula.amount_minor
    rounded = _rounded(changed, formula)
    return rounded if 0 < rounded <= LIMIT_MINOR else None


def _rounded(amount_minor: int, formula: Formula) -> int:
    """Round to the nearest allowed price, the higher one when both are as near; or up, or down."""
    steps, over = divmod(amount_minor - formula.ending_minor, formula.round_to_minor)
    match formula.rounding:
        case "up":
            more = over > 0
        case "down":
            more = False
        case _:
            more = 2 * over >= formula.round_to_minor
    return (steps + more) * formula.round_to_minor + formula.ending_minor
