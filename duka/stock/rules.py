"""The sums of stock, and what each reason for a correction by hand means."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from duka.ledger import chart
from duka.platform.money import divide_half_up


@dataclass(frozen=True, slots=True)
class Ground:
    """What a reason means: the movement's kind, the account that stock is booked against, and whether goods come in
    (1), go out (-1) or may do either (0)."""

    kind: Literal["adjustment", "damage", "opening"]
    against: str
    way: Literal[-1, 0, 1]


GROUNDS: Final[Mapping[str, Ground]] = MappingProxyType({
    "opening": Ground("opening", chart.OPENING_EQUITY, 1),
    "found": Ground("adjustment", chart.STOCK_LOSS, 1),
    "loss": Ground("adjustment", chart.STOCK_LOSS, -1),
    "damage": Ground("damage", chart.STOCK_LOSS, -1),
    "expired": Ground("damage", chart.STOCK_LOSS, -1),
    "own_use": Ground("adjustment", chart.STOCK_LOSS, -1),
    "correction": Ground("adjustment", chart.STOCK_LOSS, 0),
})  # fmt: skip


AGAINST: Final[Mapping[str, str]] = MappingProxyType({
    "sale": chart.COST_OF_GOODS, "return": chart.COST_OF_GOODS, "repair_use": chart.COST_OF_GOODS,
    "receipt": chart.PRICE_VARIANCE, "opening": chart.OPENING_EQUITY, "transfer_out": chart.STOCK_LOSS,
    "transfer_in": chart.STOCK_LOSS, "adjustment": chart.STOCK_LOSS, "damage": chart.STOCK_LOSS,
    "count": chart.STOCK_LOSS, "assembly": chart.STOCK_LOSS,
})  # fmt: skip
"""By the kind of a movement: the account that stock is booked against where a closing of costs changes its worth."""


def value_minor(quantity_milli: int, unit_cost_minor: int) -> int:
    """Give what a quantity is worth at a unit's cost, with the quantity's sign; half a minor unit rounds away from
    zero."""
    return divide_half_up(quantity_milli * unit_cost_minor, 1000)


def reorder_milli(held_milli: int, min_stock_milli: int, reorder_quantity_milli: int | None) -> int:
    """Suggest how much to order of what is low: the product's own quantity, else as much as brings it to twice its
    warning level."""
    if reorder_quantity_milli:
        return reorder_quantity_milli
    return max(0, 2 * min_stock_milli - held_milli)


def priced_apart(quantity_milli: int, cost_minor: int) -> list[tuple[int, int]]:
    """Say at which whole costs of one unit a quantity is worth exactly `cost_minor`: (thousandths, unit cost), one such
    part or two whose costs are a minor unit apart. Both are more than nothing or zero; the quantity is more than zero.
    """
    unit_minor = cost_minor * 1000 // quantity_milli
    dearer = cost_minor - value_minor(quantity_milli, unit_minor)
    if dearer == 0:
        return [(quantity_milli, unit_minor)]
    if value_minor(quantity_milli, unit_minor + 1) == cost_minor:
        return [(quantity_milli, unit_minor + 1)]
    # Each whole unit that costs one more adds one.
    return [(1000 * dearer, unit_minor + 1), (quantity_milli - 1000 * dearer, unit_minor)]


def average_minor(held_milli: int, cost_minor: int | None, came_milli: int, came_cost_minor: int) -> int:
    """Give what one unit costs after goods came in: what stood there and what came, averaged, half a unit rounded up.

    `cost_minor` is of one unit so far, `came_cost_minor` of all that came. Where nothing stood there, or it went below
    zero, the cost is that of what came.
    """
    if held_milli <= 0 or cost_minor is None:
        return divide_half_up(came_cost_minor * 1000, came_milli)
    return divide_half_up(held_milli * cost_minor + came_cost_minor * 1000, held_milli + came_milli)
