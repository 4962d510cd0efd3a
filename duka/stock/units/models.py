"""The tables of goods that are not all alike: pieces with a serial number, batches with an expiry, and which of them
each movement moved."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from duka.platform.tables import ShopFact, ShopRow, ShopTable, belongs_to

STATES = ("in_stock", "in_transit", "sold", "sent_back", "written_off")
FAULTS = ("unnamed", "before", "unknown", "not_here", "short")


class Unit(ShopRow):
    """One piece with a serial number: where it stands, or what became of it. Its way there is in its parts."""

    __tablename__ = "stock_units"
    __table_args__ = (
        belongs_to("variants", "variant_id"),
        belongs_to("locations", "location_id"),
        Index("ix_stock_units_variant", "shop_id", "variant_id", "id"),
        Index(
            "ix_stock_units_here", "shop_id", "location_id", "variant_id",
            postgresql_where=text("location_id IS NOT NULL"),
        ),
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        CheckConstraint("(state = 'in_stock') = (location_id IS NOT NULL)", name="place"),
    )

    variant_id: Mapped[UUID]
    state: Mapped[str]
    location_id: Mapped[UUID | None]
    changed_at: Mapped[datetime]


class UnitCode(ShopTable):
    """A number a unit is known by: a phone with two cards has two. Unique among the units of its variant."""

    __tablename__ = "stock_unit_codes"
    __insert_only__ = True
    __table_args__ = (
        belongs_to("stock_units", "unit_id"),
        belongs_to("variants", "variant_id"),
        Index("ix_stock_unit_codes_code", "shop_id", "code"),
        Index("ix_stock_unit_codes_unit", "shop_id", "unit_id"),
    )

    variant_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    """In capitals, without spaces: however it was typed or scanned, it is found."""
    unit_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)


class Batch(ShopRow):
    """Goods that were made together: their number and the last day on which they may be sold."""

    __tablename__ = "stock_batches"
    __table_args__ = (
        belongs_to("variants", "variant_id"),
        UniqueConstraint("shop_id", "variant_id", "number", name="uq_stock_batches_number"),
        Index("ix_stock_batches_expiry", "shop_id", "expires_on", postgresql_where=text("expires_on IS NOT NULL")),
    )

    variant_id: Mapped[UUID]
    number: Mapped[str]
    expires_on: Mapped[date | None]
    warned_at: Mapped[datetime | None]
    """When it was told that the batch expires soon: once."""
    at: Mapped[datetime]


class BatchBalance(ShopTable):
    """How much of a batch stands at a location: a cache of the sum of its parts."""

    __tablename__ = "stock_batch_balances"
    __table_args__ = (
        belongs_to("stock_batches", "batch_id"),
        belongs_to("locations", "location_id"),
        CheckConstraint("quantity_milli >= 0", name="quantity"),
    )

    batch_id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    quantity_milli: Mapped[int]


class Part(ShopFact):
    """Which unit, or how much of which batch, a movement moved.

    A part with a `fault` is goods that could not be said to be that unit or batch: it says why, and which was meant.
    The parts of a movement come to its quantity. Parts without a movement say later which ones goods without a name
    are.
    """

    __tablename__ = "stock_parts"
    __table_args__ = (
        belongs_to("stock_movements", "movement_id"),
        belongs_to("variants", "variant_id"),
        belongs_to("locations", "location_id"),
        belongs_to("stock_units", "unit_id"),
        belongs_to("stock_batches", "batch_id"),
        Index("ix_stock_parts_movement", "shop_id", "movement_id"),
        Index("ix_stock_parts_unit", "shop_id", "unit_id", postgresql_where=text("unit_id IS NOT NULL")),
        Index("ix_stock_parts_batch", "shop_id", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
        CheckConstraint("quantity_milli <> 0", name="quantity"),
        CheckConstraint(f"fault IN ({', '.join(repr(fault) for fault in FAULTS)})", name="fault"),
        CheckConstraint("unit_id IS NULL OR batch_id IS NULL", name="one"),
        CheckConstraint("fault IS NOT NULL OR unit_id IS NOT NULL OR batch_id IS NOT NULL", name="named"),
        CheckConstraint("fault IS NOT NULL OR unit_id IS NULL OR abs(quantity_milli) = 1000", name="whole"),
    )

    movement_id: Mapped[UUID | None]
    variant_id: Mapped[UUID]
    location_id: Mapped[UUID]
    unit_id: Mapped[UUID | None]
    batch_id: Mapped[UUID | None]
    quantity_milli: Mapped[int]
    fault: Mapped[str | None]
    at: Mapped[datetime]
