"""The tables of stock: movements that only ever grow, the balances that are their sum, and the documents that move
goods without a customer: corrections, transfers, counts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint, text
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
        CheckConstraint("reserved_milli >= 0", name="reserved"),
    )

    variant_id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    quantity_milli: Mapped[int] = mapped_column(default=0)
    reserved_milli: Mapped[int] = mapped_column(server_default="0")
    """How much of it is put aside: a cache of the sum of the open reservations. More than there is where goods left
    that were kept."""
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
    origin_line_id: Mapped[UUID | None]
    """The line by which goods that come back had left: they come back at what they left with. Empty for what came back
    before this was kept: there the note's line says it."""
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
    named: Mapped[dict[str, Any] | None]
    """Which units or batches were named, as they were written."""


class Transfer(ShopRow):
    """Goods that one location is to get from another. Who took each step, and when, is in its steps."""

    __tablename__ = "stock_transfers"
    __table_args__ = (
        belongs_to("locations", "from_location_id"),
        belongs_to("locations", "to_location_id"),
        Index(
            "ix_stock_transfers_under_way", "shop_id", "to_location_id", postgresql_where=text("state = 'dispatched'")
        ),
        CheckConstraint("from_location_id <> to_location_id", name="places"),
        CheckConstraint(
            "state IN ('requested', 'approved', 'dispatched', 'received', 'cancelled', 'rejected')", name="state"
        ),
    )

    from_location_id: Mapped[UUID]
    to_location_id: Mapped[UUID]
    state: Mapped[str]
    note: Mapped[str]
    requested_by: Mapped[UUID | None]
    at: Mapped[datetime]
    body_hash: Mapped[bytes]


class TransferLine(ShopRow):
    """One variant of a transfer: how much was asked for, left and arrived. Filled in step by step, never changed."""

    __tablename__ = "stock_transfer_lines"
    __table_args__ = (
        belongs_to("stock_transfers", "transfer_id"),
        belongs_to("variants", "variant_id"),
        UniqueConstraint("shop_id", "transfer_id", "variant_id", name="uq_stock_transfer_lines_variant"),
        CheckConstraint("requested_milli > 0", name="requested"),
        CheckConstraint("dispatched_milli >= 0", name="dispatched"),
        CheckConstraint("(dispatched_milli IS NULL) = (unit_cost_minor IS NULL)", name="cost"),
        CheckConstraint(
            "received_milli >= 0 AND dispatched_milli IS NOT NULL OR received_milli IS NULL", name="received"
        ),
        CheckConstraint(
            "(difference IS NOT NULL) = (received_milli IS NOT NULL AND received_milli <> dispatched_milli)",
            name="difference",
        ),
        CheckConstraint("difference IN ('loss', 'sender')", name="difference_kind"),
    )

    transfer_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)
    variant_id: Mapped[UUID]
    requested_milli: Mapped[int]
    dispatched_milli: Mapped[int | None]
    unit_cost_minor: Mapped[int | None]
    """What one unit cost when it left; it arrives at the same."""
    received_milli: Mapped[int | None]
    difference: Mapped[str | None]
    """Where more or less arrived than left: `loss` is booked as a difference of stock, `sender` is put right in the
    sender's stock."""


class TransferStep(ShopFact):
    """A step that somebody took with a transfer; each is taken once."""

    __tablename__ = "stock_transfer_steps"
    __table_args__ = (
        belongs_to("stock_transfers", "transfer_id"),
        UniqueConstraint("shop_id", "transfer_id", "step", name="uq_stock_transfer_steps_step"),
    )

    transfer_id: Mapped[UUID]
    step: Mapped[str]
    state_from: Mapped[str | None]
    state_to: Mapped[str]
    staff_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    business_date: Mapped[date]
    at: Mapped[datetime]
    body_hash: Mapped[bytes]


class Count(ShopRow):
    """A count of what stands at a location, while the shop goes on selling."""

    __tablename__ = "stock_counts"
    __table_args__ = (
        belongs_to("locations", "location_id"),
        belongs_to("groups", "group_id"),
        Index(
            "uq_stock_counts_under_way", "shop_id", "location_id", unique=True,
            postgresql_where=text("state IN ('counting', 'review', 'posting') AND NOT overlapping"),
        ),
        CheckConstraint("state IN ('counting', 'review', 'posting', 'posted', 'cancelled')", name="state"),
        CheckConstraint("scope IN ('full', 'group', 'list')", name="scope"),
        CheckConstraint("(scope = 'group') = (group_id IS NOT NULL)", name="group"),
        CheckConstraint("lines_done <= lines_total", name="progress"),
    )  # fmt: skip

    location_id: Mapped[UUID]
    scope: Mapped[str]
    group_id: Mapped[UUID | None]
    blind: Mapped[bool]
    state: Mapped[str]
    note: Mapped[str]
    overlapping: Mapped[bool] = mapped_column(server_default="false")
    """Another count of the location was under way when a register told of this one."""
    started_by: Mapped[UUID | None]
    at: Mapped[datetime]
    uncounted: Mapped[str | None]
    """What becomes of goods that nobody counted: `leave` or `zero`; said when the counting ends."""
    posted_by: Mapped[UUID | None]
    lines_total: Mapped[int] = mapped_column(default=0)
    lines_done: Mapped[int] = mapped_column(default=0)
    business_date: Mapped[date | None]
    finished_at: Mapped[datetime | None]
    body_hash: Mapped[bytes]


class CountItem(ShopFact):
    """One variant that a count of a list of variants is about."""

    __tablename__ = "stock_count_items"
    __table_args__ = (
        belongs_to("stock_counts", "count_id"),
        belongs_to("variants", "variant_id"),
        UniqueConstraint("shop_id", "count_id", "variant_id", name="uq_stock_count_items_variant"),
    )

    count_id: Mapped[UUID]
    variant_id: Mapped[UUID]


class CountEntry(ShopFact):
    """What one person counted of a variant on one shelf, and what the books said at that moment."""

    __tablename__ = "stock_count_entries"
    __table_args__ = (
        belongs_to("stock_counts", "count_id"),
        belongs_to("variants", "variant_id"),
        Index("ix_stock_count_entries_count", "shop_id", "count_id", "variant_id"),
        CheckConstraint("quantity_milli >= 0", name="quantity"),
    )

    count_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    shelf: Mapped[str]
    quantity_milli: Mapped[int]
    recount: Mapped[bool]
    """It replaces what the same person entered before for the variant on this shelf; else it is added."""
    expected_milli: Mapped[int]
    staff_id: Mapped[UUID | None]
    at: Mapped[datetime]


class CountLine(ShopFact):
    """What a posted count found of one variant; a variance has its movement."""

    __tablename__ = "stock_count_lines"
    __table_args__ = (
        belongs_to("stock_counts", "count_id"),
        belongs_to("variants", "variant_id"),
        UniqueConstraint("shop_id", "count_id", "variant_id", name="uq_stock_count_lines_variant"),
    )

    count_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    counted_milli: Mapped[int]
    expected_milli: Mapped[int]
    unit_cost_minor: Mapped[int]
    business_date: Mapped[date]
    at: Mapped[datetime]


class Assembly(ShopFact):
    """Sets that were built of their components, or (below zero) taken apart. Whole sets, in thousandths."""

    __tablename__ = "stock_assemblies"
    __table_args__ = (
        belongs_to("variants", "variant_id"),
        belongs_to("locations", "location_id"),
        Index("ix_stock_assemblies_variant", "shop_id", "variant_id", "id"),
        CheckConstraint("quantity_milli <> 0 AND quantity_milli % 1000 = 0", name="quantity"),
    )

    variant_id: Mapped[UUID]
    location_id: Mapped[UUID]
    quantity_milli: Mapped[int]
    note: Mapped[str]
    staff_id: Mapped[UUID | None]
    business_date: Mapped[date]
    at: Mapped[datetime]
    body_hash: Mapped[bytes]


class AssemblyLine(ShopFact):
    """What went in or out with an assembly at one cost, the set itself among it. All lines together are worth nothing:
    what is worth more comes at two costs a minor unit apart."""

    __tablename__ = "stock_assembly_lines"
    __table_args__ = (
        belongs_to("stock_assemblies", "assembly_id"),
        belongs_to("variants", "variant_id"),
        UniqueConstraint("shop_id", "assembly_id", "position", name="uq_stock_assembly_lines_position"),
        CheckConstraint("quantity_milli <> 0", name="quantity"),
        CheckConstraint("unit_cost_minor >= 0", name="cost"),
    )

    assembly_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)
    variant_id: Mapped[UUID]
    quantity_milli: Mapped[int]
    unit_cost_minor: Mapped[int]


class StockDay(ShopTable):
    """What the movements of one business day were worth at a location, as far as they were added up."""

    __tablename__ = "stock_days"
    __table_args__ = (belongs_to("locations", "location_id"),)

    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    value_minor: Mapped[int]


class StockDaysMark(ShopTable):
    """Up to which movement the days are added up."""

    __tablename__ = "stock_days_marks"

    movement_id: Mapped[UUID]
