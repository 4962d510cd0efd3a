"""Sets on a sale: what a line takes of each component, and what of that comes back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from duka.catalog.sets import SetComponent
from duka.platform.ids import new_id
from duka.platform.money import divide_half_up
from duka.platform.quantity import from_milli
from duka.sales.notes import rules as credit_rules
from duka.stock.actions import Goods
from duka.stock.actions.parting import TRACKED
from duka.stock.choosing import PIECE_MILLI, Named, Parts, Wanted
from duka.stock.rules import value_minor

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one line takes of a component: thousandths, at the cost of one unit in force at the sale."""

    id: UUID
    variant_id: UUID
    description: str
    quantity_milli: int
    unit_cost_minor: int
    tracking: str = "quantity"
    min_stock_milli: int = 0

    @property
    def cost_minor(self) -> int:
        """What the goods cost the shop."""
        return value_minor(self.quantity_milli, self.unit_cost_minor)


@dataclass(frozen=True, slots=True)
class Returned:
    """What of a component a credit note's line gives back. `taken_id` is the row it was sold with, where it is known;
    `cost_minor` what it had cost."""

    id: UUID
    taken_id: UUID | None
    variant_id: UUID
    description: str
    quantity_milli: int
    unit_cost_minor: int
    cost_minor: int
    tracking: str = "quantity"
    parts: Parts = ()


def take(components: Sequence[SetComponent], sets_milli: int) -> tuple[Taken, ...]:
    """Say what so many sets (thousandths) take of each component, half a thousandth up; nothing of one that comes to
    nothing."""
    quantities = [divide_half_up(each.quantity_milli * sets_milli, 1000) for each in components]
    return tuple(
        Taken(new_id(), each.variant_id, each.name, milli, each.cost_minor, each.tracking, each.min_stock_milli)
        for each, milli in zip(components, quantities, strict=True)
        if milli
    )


def give_back(
    components: Sequence[Row], sold_milli: int, credited_before_milli: int, credit_milli: int
) -> tuple[Returned, ...]:  # fmt: skip
    """Say what comes back of a stored line's components with a part of its sets: what has come back by now, rounded
    half up, less what had before, so that the parts come to exactly what was taken. All in thousandths."""
    return tuple(_shares(components, sold_milli, credited_before_milli, credited_before_milli + credit_milli))


def _shares(components: Sequence[Row], sold_milli: int, before_milli: int, now_milli: int) -> Iterator[Returned]:
    for each in components:
        taken_milli = each["quantity_milli"]
        before = divide_half_up(taken_milli * before_milli, sold_milli)
        milli = divide_half_up(taken_milli * now_milli, sold_milli) - before
        if milli:
            cost = each["unit_cost_minor"]
            yield Returned(
                new_id(), UUID(str(each["id"])) if each.get("id") else None, UUID(str(each["variant_id"])),
                each["description"], milli, cost, credit_rules.cost_back(cost, before, milli),
            )  # fmt: skip


def wanted(components: Sequence[Taken], named: Named) -> list[Wanted]:
    """Name the goods of which it must be said which ones leave. Serial numbers that were named are those of the
    components that have such, in their order; batches likewise."""
    shares = share(named, [(each.tracking, each.quantity_milli) for each in components])
    return [
        Wanted(each.id, each.variant_id, each.description, each.tracking, each.quantity_milli, of)
        for each, of in zip(components, shares, strict=True)
        if each.tracking in TRACKED
    ]


def share(named: Named, goods: Sequence[tuple[str, int]]) -> list[Named]:
    """Share what was named of a set over its components, each (how it is followed, thousandths): as many serial numbers
    as it has pieces; of batches as much as it has, to the first that has such."""
    serials, batches = named.serials, named.batches
    shares = []
    for tracking, milli in goods:
        pieces = milli // PIECE_MILLI if tracking == "serial" else 0
        shares.append(Named(serials[:pieces], batches if tracking == "batch" else ()))
        serials = serials[pieces:]
        batches = () if tracking == "batch" else batches
    return shares


def nobodys(components: Sequence[Taken], serials: Sequence[str]) -> list[str]:
    """Say which named serial numbers are too many for the components that have such. None of a set without any: how its
    goods are followed may have changed."""
    pieces = [each.quantity_milli // PIECE_MILLI for each in components if each.tracking == "serial"]
    return list(serials[sum(pieces):]) if pieces else []


def goods(components: Sequence[Taken], parts: Mapping[UUID, Parts]) -> list[Goods]:
    """Name what leaves the stock with a line."""
    return [
        Goods(
            each.variant_id, each.quantity_milli, each.unit_cost_minor, each.id, each.min_stock_milli, each.tracking,
            parts.get(each.id, ()),
        )
        for each in components
    ]  # fmt: skip


def rows(components: Sequence[Taken | Returned], **line: UUID) -> list[dict[str, Any]]:
    """Make the rows of what a line took or gives back. `line` is `sale_line_id` or `invoice_line_id`."""
    of = {"sale_line_id": None, "invoice_line_id": None} | line
    return [
        of | {
            "id": each.id, "taken_id": each.taken_id if isinstance(each, Returned) else None, "position": place,
            "variant_id": each.variant_id, "description": each.description, "quantity_milli": each.quantity_milli,
            "unit_cost_minor": each.unit_cost_minor,
        }
        for place, each in enumerate(components, 1)
    ]  # fmt: skip


def shown(components: Sequence[Row]) -> list[dict[str, Any]]:
    """Write a line's components as `schemas.ComponentOut`."""
    return [
        {
            "variant_id": each["variant_id"], "description": each["description"],
            "quantity": from_milli(each["quantity_milli"]),
        }
        for each in components
    ]  # fmt: skip
