"""The words of closed costs on the wire. Money is integer minor units."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from duka.platform.ids import new_id
from duka.platform.wire import Body, Moment, Shown, shown_as
from duka.stock.costs.costing import CostingMethod


class CostClosingIn(Body):
    """Costs to close. `id` (UUIDv7) is made by whoever asks and is its idempotency key."""

    model_config = shown_as(until="2026-06-30")

    id: UUID = Field(default_factory=new_id)
    until: date | None = None
    """The last business day to look at; else today's. Where costs are closed up to a later day, it is that one."""


class CostClosingOut(Shown):
    """A closing of costs and what it changed: the same amounts as its postings."""

    id: UUID
    state: Literal["closing", "closed"]
    until: date
    method: CostingMethod
    movements: int
    """How many movements were looked at."""
    corrections: int
    """Of how many the cost changed."""
    cost_of_goods: int
    """By how much the goods that were sold cost more (negative: less) than was booked before."""
    other_costs: int
    """The same of goods that were lost, found, counted or sent back."""
    stock_value: int
    """By how much stock is worth more (negative: less)."""
    staff_id: UUID | None
    at: Moment
    closed_at: Moment | None
