"""The sums of buying, and the steps an order may take. Pure: no database, no clock."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from duka.platform.money import divide_half_up, spread

State = Literal[
    "requested", "approved", "rejected", "ordered", "part_received", "received", "closed", "cancelled"
]  # fmt: skip
Step = Literal["approve", "reject", "order", "cancel", "close"]

STEPS: Final[Mapping[Step, tuple[State, tuple[State, ...]]]] = MappingProxyType({
    "approve": ("approved", ("requested",)),
    "reject": ("rejected", ("requested",)),
    "order": ("ordered", ("approved",)),
    "cancel": ("cancelled", ("requested", "approved", "ordered")),
    "close": ("closed", ("part_received", "received")),
})  # fmt: skip
"""Where each step leads, and from which states. Receiving leads to `part_received` or `received`."""

RECEIVING: Final[tuple[State, ...]] = ("ordered", "part_received", "received")
"""The states in which goods may come in."""

OPEN: Final[tuple[State, ...]] = ("requested", "approved", "ordered", "part_received")
"""The states in which more is still to come."""

AGREED: Final[tuple[State, ...]] = ("approved", "ordered", "part_received")
"""The states in which an order goes to the supplier, and in which they may say what comes."""

ENDED: Final[tuple[State, ...]] = ("rejected", "closed", "cancelled")
"""The states in which an order is nobody's business any more but the shop's."""

_ACCENTS: Final = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a line: thousandths accepted, the price of one unit in minor units."""

    accepted_milli: int
    price_minor: int

    @property
    def value_minor(self) -> int:
        """What the accepted goods are worth; half a minor unit is rounded up."""
        return worth_minor(self.accepted_milli, self.price_minor)


@dataclass(frozen=True, slots=True)
class Landed:
    """A line with its share of what bringing the goods cost. Minor units."""

    value_minor: int
    landed_minor: int
    unit_cost_minor: int


@dataclass(frozen=True, slots=True)
class Cleared:
    """Some of a receipt's line that a bill names or a return takes back: how much of it was cleared before."""

    accepted_milli: int
    value_minor: int
    before_milli: int


def worth_minor(quantity_milli: int, price_minor: int) -> int:
    """Give what a quantity comes to at a unit's price; half a minor unit is rounded up."""
    return divide_half_up(quantity_milli * price_minor, 1000)


def land(lines: Sequence[Came], costs_minor: int) -> list[Landed]:
    """Spread the costs of bringing goods over the accepted ones, by value, to the last minor unit.

    By quantity where all of it was free. The caller has made sure that something was accepted if there are costs.
    """
    weights = [line.value_minor for line in lines]
    if not any(weights):
        weights = [line.accepted_milli for line in lines]
    shares = spread(costs_minor, weights) if costs_minor else [0] * len(lines)
    return [
        Landed(
            line.value_minor, share,
            divide_half_up((line.value_minor + share) * 1000, line.accepted_milli) if line.accepted_milli
            else line.price_minor,
        )
        for line, share in zip(lines, shares, strict=True)
    ]  # fmt: skip


def most_milli(ordered_milli: int, tolerance_bp: int) -> int:
    """Say how much of an order's line may come in altogether: what was ordered and the tolerance, rounded down."""
    return ordered_milli + ordered_milli * tolerance_bp // 10_000


def released_minor(line: Cleared, quantity_milli: int) -> int:
    """Say how much of what a receipt booked is taken out again for a part of its line, so that all parts together
    come to exactly what was booked."""

    def share(cleared_milli: int) -> int:
        return divide_half_up(line.value_minor * cleared_milli, line.accepted_milli)

    return share(line.before_milli + quantity_milli) - share(line.before_milli)


def in_packs(quantity_milli: int, pack_size_milli: int) -> int:
    """Round a quantity up to whole packs."""
    return -(-quantity_milli // pack_size_milli) * pack_size_milli


def state_after(lines: Sequence[tuple[int, int]]) -> Literal["ordered", "part_received", "received"]:
    """Say how far an order has come, from what was ordered and received of each line."""
    if all(received >= ordered for ordered, received in lines):
        return "received"
    return "part_received" if any(received for _, received in lines) else "ordered"


def fold(text: str) -> str:
    """Write a text as it is compared: lower case, without accents, one space between words."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())
    return " ".join(unicodedata.normalize("NFC", bare).split())
