"""The table of goods put aside."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from duka.platform.tables import ShopRow, belongs_to

Purpose = Literal["customer", "cart", "sale", "order", "repair"]
ReservationState = Literal["open", "taken", "released", "expired"]

PURPOSES: Final[tuple[Purpose, ...]] = ("customer", "cart", "sale", "order", "repair")
STATES: Final[tuple[ReservationState, ...]] = ("open", "taken", "released", "expired")


class Reservation(ShopRow):
    """Some of a variant that stands at a location and is kept for somebody. Its balance holds the sum of the open
    ones, so that a sale reads no reservation."""

    __tablename__ = "stock_reservations"
    __table_args__ = (
        belongs_to("variants", "variant_id"),
        belongs_to("locations", "location_id"),
        belongs_to("customers", "customer_id"),
        Index("ix_stock_reservations_document", "shop_id", "document_id"),
        Index(
            "ix_stock_reservations_open", "shop_id", "variant_id", "location_id",
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_stock_reservations_until", "shop_id", "until",
            postgresql_where=text("state = 'open' AND until IS NOT NULL"),
        ),
        CheckConstraint("quantity_milli > 0", name="quantity"),
        CheckConstraint(f"purpose IN ({', '.join(repr(each) for each in PURPOSES)})", name="purpose"),
        CheckConstraint(f"state IN ({', '.join(repr(each) for each in STATES)})", name="state"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
    )  # fmt: skip

    variant_id: Mapped[UUID]
    location_id: Mapped[UUID]
    quantity_milli: Mapped[int]
    purpose: Mapped[str]
    document_id: Mapped[UUID]
    """The cart, sale, order or repair it is for; its own id where it was made by hand for a customer."""
    customer_id: Mapped[UUID | None]
    note: Mapped[str]
    until: Mapped[datetime | None]
    """When it ends by itself; empty: when its document does."""
    state: Mapped[str]
    """`taken` where what was kept was handed over, `released` where it went back on sale, `expired` in time."""
    made_by: Mapped[UUID | None]
    at: Mapped[datetime]
    closed_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    body_hash: Mapped[bytes | None]
