"""The tables of costs by business time: the closings, what each changed of a movement's worth, and the sums by day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from duka.platform.tables import ShopFact, ShopRow, ShopTable, belongs_to

_METHODS = "method IN ('average', 'fifo')"


class CostClosing(ShopRow):
    """One time that costs were closed: until which business day, by which method, and how far it is."""

    __tablename__ = "stock_cost_closings"
    __table_args__ = (
        belongs_to("shops", key=()),
        CheckConstraint("state IN ('closing', 'closed')", name="state"),
        CheckConstraint(_METHODS, name="method"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        Index("uq_stock_cost_closings_open", "shop_id", unique=True, postgresql_where=text("state = 'closing'")),
    )

    state: Mapped[str]
    until: Mapped[date]
    method: Mapped[str]
    since_id: Mapped[UUID]
    """Variants that moved behind this movement's id are looked at."""
    mark_id: Mapped[UUID]
    """Where the next closing begins once this one is through."""
    reached_id: Mapped[UUID | None]
    """The last variant that is done."""
    movements: Mapped[int] = mapped_column(default=0)
    corrections: Mapped[int] = mapped_column(default=0)
    staff_id: Mapped[UUID | None]
    at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    body_hash: Mapped[bytes]


class CostCorrection(ShopFact):
    """By how much a closing changed what a movement is worth, and what the books hold for it, in minor units."""

    __tablename__ = "stock_cost_corrections"
    __table_args__ = (
        belongs_to("stock_cost_closings", "closing_id"),
        belongs_to("stock_movements", "movement_id"),
        Index("ix_stock_cost_corrections_movement", "shop_id", "movement_id"),
        CheckConstraint("value_minor <> 0 OR booked_minor <> 0", name="something"),
    )

    closing_id: Mapped[UUID]
    movement_id: Mapped[UUID]
    value_minor: Mapped[int]
    """Added to what the movement is worth."""
    booked_minor: Mapped[int]
    """Added to the stock account; another amount only where a document was booked with a rounding of its own, and for
    transfers, of which the books know the differences alone."""
    booked_on: Mapped[date]
    at: Mapped[datetime]


class CostDay(ShopTable):
    """What all corrections of the movements of one kind, place and business day come to."""

    __tablename__ = "stock_cost_days"
    __table_args__ = (belongs_to("locations", "location_id"),)

    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value_minor: Mapped[int]


class CostMark(ShopTable):
    """Up to where the shop's costs are closed; held by whoever closes."""

    __tablename__ = "stock_cost_marks"
    __table_args__ = (belongs_to("shops", key=()), CheckConstraint(_METHODS, name="method"))

    movement_id: Mapped[UUID]
    """Every movement up to this id, as far as it had committed, was looked at."""
    until: Mapped[date | None]
    method: Mapped[str]
