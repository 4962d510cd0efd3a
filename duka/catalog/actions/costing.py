"""To set what goods cost the shop from now on, as part of the statement that writes the document which changed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from duka.catalog.models import Cost
from duka.platform.ids import new_id
from duka.platform.writes import Writes


@dataclass(frozen=True, slots=True)
class NewCost:
    """What one unit of a variant costs from a moment on, in minor units."""

    variant_id: UUID
    cost_minor: int
    valid_from: datetime


def set_costs(writes: Writes, costs: Sequence[NewCost]) -> None:
    """Write dated costs. Whoever calls has checked that the document itself may be written; costs that documents bring
    need no `products:cost`."""
    writes.insert(Cost, [
        {
            "id": new_id(), "variant_id": each.variant_id, "cost_minor": each.cost_minor,
            "valid_from": each.valid_from,
        }
        for each in costs
    ])  # fmt: skip
