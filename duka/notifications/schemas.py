"""Notifications on the wire."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from duka.platform.wire import Moment, Shown


class LowStockFacts(Shown):
    """What is low, where, and how much is left."""

    variant_id: UUID
    location_id: UUID
    quantity: float = Field(description="What is left, with at most 3 decimals.", examples=[2])
    min_stock: float = Field(description="The level below which it should be bought again.", examples=[3])


class NotificationOut(Shown):
    """One thing you are told."""

    id: UUID
    kind: Literal["low_stock"]
    entity_id: UUID = Field(description="The thing it is about: for `low_stock` the variant.")
    branch_id: UUID | None = Field(description="The branch it belongs to; null when it is about the whole shop.")
    facts: LowStockFacts
    at: Moment
