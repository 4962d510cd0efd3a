"""The tables of stock: movements that only ever grow, and the balances that are their sum."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from duka.platform.tables import ShopFact, ShopRow, ShopTable, belongs_to

KINDS = (
    "sale", "return", "receipt", "transfer_out", "transfer_in", "adjustment", "count", "repair_use", "damage",
    "opening", "assembly",
)  # fmt: skip


class Balance(ShopTable):
    """How much of a variant stands at a location: a cache of the sum of its movements."""

    __tablename__ = "stock_balances"
    __table_args__ = (
        belongs_to("locations", "location_id"),
        belongs_to("variants", "variant_id"),
        # Whole keys, as the primary key's: before the server has counted a new shop's rows it may choose either.
        Index("ix_stock_balances_location", "shop_id", "location_id", "variant_id"),
    )

    variant_id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    quantity_milli: Mapped[int] = mapped_column(default=0)
    min_stock_milli: Mapped[int | None]
    """The level at which to warn here; the product's own level where this is empty."""
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    """Counts the edits of the level, so that a stale one is noticed; what moves in and out does not count."""


class Movement(ShopFact):
    """One change of stock at a location, with the document that caused it."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        belongs_to("locations", "location_id"),
        belongs_to("variants", "variant_id"),
        Index("ix_stock_movements_source", "shop_id", "source_id"),
        Index("ix_stock_movements_variant", "shop_id", "variant_id", text("id DESC")),
        CheckConstraint("quantity_milli <> 0", name="quantity"),
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name="kind"),
    )

    variant_id: Mapped[UUID]
    location_id: Mapped[UUID]
    kind: Mapped[str]
    quantity_milli: Mapped[int]
    unit_cost_minor: Mapped[int]
    source: Mapped[str]
    source_id: Mapped[UUID]
    source_line_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    note: Mapped[str | None]
    business_date: Mapped[date]
    at: Mapped[datetime]


class Adjustment(ShopFact):
    """A correction of stock by hand, with its reason; the movement points to it."""

    __tablename__ = "stock_adjustments"
    __table_args__ = (
        belongs_to("locations", "location_id"),
        belongs_to("variants", "variant_id"),
        CheckConstraint("quantity_milli <> 0", name="quantity"),
    )

    variant_id: Mapped[UUID]
    location_id: Mapped[UUID]
    quantity_milli: Mapped[int]
    unit_cost_minor: Mapped[int]
    reason: Mapped[str]
    note: Mapped[str]
    staff_id: Mapped[UUID | None]
    business_date: Mapped[date]
    at: Mapped[datetime]
    body_hash: Mapped[bytes]


class AdjustmentRequest(ShopRow):
    """An adjustment above the shop's value limit, waiting for someone who may approve it. Approved, it becomes an
    adjustment with the same id."""

    __tablename__ = "stock_adjustment_requests"
    __table_args__ = (
        belongs_to("locations", "location_id"),
        belongs_to("variants", "variant_id"),
        CheckConstraint("state IN ('requested', 'approved', 'rejected')", name="state"),
    )

    variant_id: Mapped[UUID]
    location_id: Mapped[UUID]
    quantity_milli: Mapped[int]
    unit_cost_minor: Mapped[int]
    """What one unit cost when it was asked for: by this the request was found too large."""
    reason: Mapped[str]
    note: Mapped[str]
    state: Mapped[str]
    requested_by: Mapped[UUID | None]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    at: Mapped[datetime]
    body_hash: Mapped[bytes]
