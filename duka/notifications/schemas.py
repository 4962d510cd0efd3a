"""Notifications on the wire."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from duka.platform.wire import Moment, Shown

Kind = Literal[
    "low_stock", "exception", "document_set_aside", "review_waiting", "adjustment_waiting", "expiring", "new_device",
    "login_copied", "order_made", "order_confirmed",
]  # fmt: skip


class LowStockFacts(Shown):
    """What is low, where, and how much is left."""

    variant_id: UUID
    location_id: UUID
    quantity: float = Field(description="What is left, with at most 3 decimals.", examples=[2])
    min_stock: float = Field(description="The level below which it should be bought again.", examples=[3])


class ExceptionFacts(Shown):
    """What a recorded document disagrees with, or why it was set aside."""

    document: str = Field(examples=["sale"])
    document_id: UUID | None = Field(description="The document; null for one that was set aside.")
    code: str = Field(examples=["PRICE_DIFFERS"])


class ReviewFacts(Shown):
    """The sale that waits for review."""

    number: str
    total: int = Field(description="Minor units.")


class AdjustmentFacts(Shown):
    """The correction of stock that waits for approval."""

    variant_id: UUID
    location_id: UUID
    quantity: float = Field(description="The change, with at most 3 decimals.")
    reason: str


class ExpiringFacts(Shown):
    """The batch whose last day comes soon, or is over, and how much of it the branch has."""

    variant_id: UUID
    number: str
    expires_on: date
    quantity: float = Field(description="What is left in the branch, with at most 3 decimals.")


class OrderFacts(Shown):
    """The order that was made by itself or grew, or that its supplier confirmed."""

    number: str
    supplier: str
    lines: int = Field(description="For `order_made`: how many lines were added.")
    short: int = Field(description="For `order_confirmed`: of how many lines less comes than was asked.")
    late: int = Field(description="For `order_confirmed`: how many lines come later than was asked.")


class NoFacts(Shown):
    """Its kind says it all."""


Facts = LowStockFacts | ExceptionFacts | ReviewFacts | AdjustmentFacts | ExpiringFacts | OrderFacts | NoFacts


class NotificationOut(Shown):
    """One thing you are told."""

    id: UUID
    kind: Kind
    entity_id: UUID = Field(
        description="The thing it is about: for `low_stock` the variant, for `exception` the exception, for "
        "`document_set_aside` the document set aside, for `review_waiting` the sale, for `adjustment_waiting` the "
        "request, for `expiring` the batch, for `order_made` and `order_confirmed` the order, for `new_device` and "
        "`login_copied` yourself."
    )
    branch_id: UUID | None = Field(description="The branch it belongs to; null when it is about the whole shop.")
    facts: Facts
    at: Moment
    read: bool = Field(description="Whether you have read it.")


class UnreadOut(Shown):
    """How much you have not read."""

    count: int = Field(description="Of the last 30 days, up to 1,000.")


class MarkedOut(Shown):
    """How many were marked as read."""

    marked: int
