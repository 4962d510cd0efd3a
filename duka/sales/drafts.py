"""A sale with everything decided, before it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from duka.payments.actions import Money
from duka.sales.facts import Facts
from duka.sales.pricing import Priced
from duka.sales.schemas import SaleIn
from duka.stock.choosing import Parts


@dataclass(frozen=True, slots=True)
class Draft:
    """What was asked, what is known, what it comes to. `completed` says that it is final and has an invoice."""

    sale: SaleIn
    facts: Facts
    priced: Priced
    money: Sequence[Money]
    completed: bool
    due_on: date | None
    place_of_supply: str | None
    invoice_id: UUID | None
    parts: Mapping[UUID, Parts] = field(default_factory=dict)
    """Which units and batches leave with a line, where its goods have such."""
    promised: bool = False
    """Whether goods were put aside for what the sale hands over (`SaleIn.reserved_for`): they stay so until it is
    paid."""

    @property
    def paid_minor(self) -> int:
        """What counts of the money handed over."""
        return sum(each.amount_minor for each in self.money)
