"""Transfers between locations, counts of stock, and what stock was worth on each day."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from duka.platform import schema

revision = "0011"
down_revision = "0010"

_TABLES = {
    "stock_transfers": False, "stock_transfer_lines": False, "stock_transfer_steps": True, "stock_counts": False,
    "stock_count_items": True, "stock_count_entries": True, "stock_count_lines": True, "stock_days": False,
    "stock_days_marks": False,
}  # fmt: skip
"""The new tables; true where rows are written once."""


def upgrade() -> None:
    """Make the tables with their walls and guards."""
    _transfers()
    _counts()
    _days()
    for table, written_once in _TABLES.items():
        for command in schema.protect(table, "shop", written_once=written_once):
            op.execute(command)


def _id(name: str, *, nullable: bool = False) -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _at(name: str = "at", *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _belongs(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["shop_id", column], [f"{target}.shop_id", f"{target}.id"], name=f"fk_{table}_{column}"
    )


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("shop_id", *columns, name=f"pk_{table}")


def _transfers() -> None:
    op.create_table(
        "stock_transfers", _id("shop_id"), _id("id"), _id("from_location_id"), _id("to_location_id"), _text("state"),
        _text("note"), _id("requested_by", nullable=True), _at(),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False), _key("stock_transfers", "id"),
        _belongs("stock_transfers", "from_location_id", "locations"),
        _belongs("stock_transfers", "to_location_id", "locations"),
        sa.CheckConstraint("from_location_id <> to_location_id", name=op.f("ck_stock_transfers_places")),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'dispatched', 'received', 'cancelled', 'rejected')",
            name=op.f("ck_stock_transfers_state"),
        ),
    )  # fmt: skip
    op.create_index(
        "ix_stock_transfers_under_way", "stock_transfers", ["shop_id", "to_location_id"],
        postgresql_where=sa.text("state = 'dispatched'"),
    )  # fmt: skip
    op.create_table(
        "stock_transfer_lines", _id("shop_id"), _id("id"), _id("transfer_id"),
        sa.Column("position", sa.Integer(), nullable=False), _id("variant_id"), _number("requested_milli"),
        _number("dispatched_milli", nullable=True), _number("unit_cost_minor", nullable=True),
        _number("received_milli", nullable=True), _text("difference", nullable=True),
        _key("stock_transfer_lines", "id"),
        _belongs("stock_transfer_lines", "transfer_id", "stock_transfers"),
        _belongs("stock_transfer_lines", "variant_id", "variants"),
        sa.UniqueConstraint("shop_id", "transfer_id", "variant_id", name="uq_stock_transfer_lines_variant"),
        sa.CheckConstraint("requested_milli > 0", name=op.f("ck_stock_transfer_lines_requested")),
        sa.CheckConstraint(
            "dispatched_milli BETWEEN 0 AND requested_milli", name=op.f("ck_stock_transfer_lines_dispatched")
        ),
        sa.CheckConstraint(
            "(dispatched_milli IS NULL) = (unit_cost_minor IS NULL)", name=op.f("ck_stock_transfer_lines_cost")
        ),
        sa.CheckConstraint(
            "received_milli >= 0 AND dispatched_milli IS NOT NULL OR received_milli IS NULL",
            name=op.f("ck_stock_transfer_lines_received"),
        ),
        sa.CheckConstraint(
            "(difference IS NOT NULL) = (received_milli IS NOT NULL AND received_milli <> dispatched_milli)",
            name=op.f("ck_stock_transfer_lines_difference"),
        ),
        sa.CheckConstraint("difference IN ('loss', 'sender')", name=op.f("ck_stock_transfer_lines_difference_kind")),
    )  # fmt: skip
    op.create_table(
        "stock_transfer_steps", _id("shop_id"), _id("id"), _id("transfer_id"), _text("step"),
        _text("state_from", nullable=True), _text("state_to"), _id("staff_id", nullable=True),
        _text("reason", nullable=True), sa.Column("business_date", sa.Date(), nullable=False), _at(),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        _key("stock_transfer_steps", "id"), _belongs("stock_transfer_steps", "transfer_id", "stock_transfers"),
        sa.UniqueConstraint("shop_id", "transfer_id", "step", name="uq_stock_transfer_steps_step"),
    )  # fmt: skip


def _counts() -> None:
    op.create_table(
        "stock_counts", _id("shop_id"), _id("id"), _id("location_id"), _text("scope"), _id("group_id", nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False), _text("state"), _text("note"),
        _id("started_by", nullable=True), _at(), _text("uncounted", nullable=True), _id("posted_by", nullable=True),
        _number("lines_total"), _number("lines_done"), sa.Column("business_date", sa.Date(), nullable=True),
        _at("finished_at", nullable=True), sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        _key("stock_counts", "id"), _belongs("stock_counts", "location_id", "locations"),
        _belongs("stock_counts", "group_id", "groups"),
        sa.CheckConstraint(
            "state IN ('counting', 'review', 'posting', 'posted', 'cancelled')", name=op.f("ck_stock_counts_state")
        ),
        sa.CheckConstraint("scope IN ('full', 'group', 'list')", name=op.f("ck_stock_counts_scope")),
        sa.CheckConstraint("(scope = 'group') = (group_id IS NOT NULL)", name=op.f("ck_stock_counts_group")),
        sa.CheckConstraint("lines_done <= lines_total", name=op.f("ck_stock_counts_progress")),
    )  # fmt: skip
    op.create_index(
        "uq_stock_counts_under_way", "stock_counts", ["shop_id", "location_id"], unique=True,
        postgresql_where=sa.text("state IN ('counting', 'review', 'posting')"),
    )  # fmt: skip
    op.create_table(
        "stock_count_items", _id("shop_id"), _id("id"), _id("count_id"), _id("variant_id"),
        _key("stock_count_items", "id"),
        _belongs("stock_count_items", "count_id", "stock_counts"),
        _belongs("stock_count_items", "variant_id", "variants"),
        sa.UniqueConstraint("shop_id", "count_id", "variant_id", name="uq_stock_count_items_variant"),
    )  # fmt: skip
    op.create_table(
        "stock_count_entries", _id("shop_id"), _id("id"), _id("count_id"), _id("variant_id"), _text("shelf"),
        _number("quantity_milli"), sa.Column("recount", sa.Boolean(), nullable=False), _number("expected_milli"),
        _id("staff_id", nullable=True), _at(), _key("stock_count_entries", "id"),
        _belongs("stock_count_entries", "count_id", "stock_counts"),
        _belongs("stock_count_entries", "variant_id", "variants"),
        sa.CheckConstraint("quantity_milli >= 0", name=op.f("ck_stock_count_entries_quantity")),
    )  # fmt: skip
    op.create_index("ix_stock_count_entries_count", "stock_count_entries", ["shop_id", "count_id", "variant_id"])
    op.create_table(
        "stock_count_lines", _id("shop_id"), _id("id"), _id("count_id"), _id("variant_id"), _number("counted_milli"),
        _number("expected_milli"), _number("unit_cost_minor"), sa.Column("business_date", sa.Date(), nullable=False),
        _at(), _key("stock_count_lines", "id"), _belongs("stock_count_lines", "count_id", "stock_counts"),
        _belongs("stock_count_lines", "variant_id", "variants"),
        sa.UniqueConstraint("shop_id", "count_id", "variant_id", name="uq_stock_count_lines_variant"),
    )  # fmt: skip


def _days() -> None:
    op.create_table(
        "stock_days", _id("shop_id"), _id("location_id"), sa.Column("business_date", sa.Date(), nullable=False),
        _number("value_minor"), _key("stock_days", "location_id", "business_date"),
        _belongs("stock_days", "location_id", "locations"),
    )  # fmt: skip
    op.create_table("stock_days_marks", _id("shop_id"), _id("movement_id"), _key("stock_days_marks"))
