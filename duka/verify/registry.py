"""All invariants, in the order of their numbers."""

from typing import Final

from duka.verify import (
    bills,
    books,
    chain,
    costs,
    counts,
    drawers,
    events,
    people,
    purchasing,
    reservations,
    sales,
    schema,
    series,
    sets,
    stock,
    transfers,
    units,
)  # fmt: skip
from duka.verify.invariants import Invariant

OF_SHOP: Final[tuple[Invariant, ...]] = tuple(
    sorted(
        (
            *books.INVARIANTS, *stock.INVARIANTS, *transfers.INVARIANTS, *units.INVARIANTS, *sets.INVARIANTS,
            *counts.INVARIANTS, *costs.INVARIANTS, *purchasing.INVARIANTS, *bills.INVARIANTS, *sales.INVARIANTS,
            *series.INVARIANTS, *chain.INVARIANTS, *drawers.INVARIANTS, *reservations.INVARIANTS, *events.INVARIANTS,
            *people.INVARIANTS,
        ),
        key=lambda each: each.number,
    )
)  # fmt: skip
"""What holds in every shop; asked as the app's role, inside the shop."""

OF_INSTALLATION: Final[tuple[Invariant, ...]] = people.OF_INSTALLATION
"""What holds outside of shops; asked as the role that keeps accounts and sessions."""

OF_SCHEMA: Final[tuple[Invariant, ...]] = schema.OF_SCHEMA
"""What the tables themselves promise; asked as their owner."""
