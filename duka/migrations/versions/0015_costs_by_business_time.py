"""Costs by business time: closings, what they change, and the line by which returned goods had left."""

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from duka.platform import schema

revision = "0015"
down_revision = "0014"

_TABLES: Final = {
    "stock_cost_closings": False, "stock_cost_corrections": True, "stock_cost_days": False, "stock_cost_marks": False,
}  # fmt: skip
"""The new tables; true where rows are written once."""

def upgrade() -> None:
    """Make the tables with their walls and guards, and the column in which what comes back from now on names the line
    by which it had left. What came back before names none: to fill in all shops' past at once, tills would have to
    wait, and `closing` finds it where it needs it."""
    _closings()
    _sums()
    for table, written_once in _TABLES.items():
        for command in schema.protect(table, "shop", written_once=written_once):
            op.execute(command)
    op.add_column("stock_movements", sa.Column("origin_line_id", sa.Uuid(), nullable=True))


def _id(name: str, *, nullable: bool = False) -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _at(name: str = "at", *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _belongs(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["shop_id", column], [f"{target}.shop_id", f"{target}.id"], name=f"fk_{table}_{column}"
    )


def _of_shop(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["shop_id"], ["shops.shop_id"], name=f"fk_{table}_shop_id")


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("shop_id", *columns, name=f"pk_{table}")


def _closings() -> None:
    table = "stock_cost_closings"
    op.create_table(
        table, _id("shop_id"), _id("id"), _text("state"), sa.Column("until", sa.Date(), nullable=False),
        _text("method"), _id("since_id"), _id("mark_id"), _id("reached_id", nullable=True), _number("movements"),
        _number("corrections"), _id("staff_id", nullable=True), _at(), _at("closed_at", nullable=True),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False), _key(table, "id"), _of_shop(table),
        sa.CheckConstraint("state IN ('closing', 'closed')", name=op.f("ck_stock_cost_closings_state")),
        sa.CheckConstraint("method IN ('average', 'fifo')", name=op.f("ck_stock_cost_closings_method")),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_stock_cost_closings_closed")
        ),
    )  # fmt: skip
    op.create_index(
        "uq_stock_cost_closings_open", table, ["shop_id"], unique=True, postgresql_where=sa.text("state = 'closing'"),
    )  # fmt: skip
    table = "stock_cost_corrections"
    op.create_table(
        table, _id("shop_id"), _id("id"), _id("closing_id"), _id("movement_id"), _number("value_minor"),
        _number("booked_minor"), sa.Column("booked_on", sa.Date(), nullable=False), _at(), _key(table, "id"),
        _belongs(table, "closing_id", "stock_cost_closings"), _belongs(table, "movement_id", "stock_movements"),
        sa.CheckConstraint(
            "value_minor <> 0 OR booked_minor <> 0", name=op.f("ck_stock_cost_corrections_something")
        ),
    )  # fmt: skip
    op.create_index("ix_stock_cost_corrections_movement", table, ["shop_id", "movement_id"])


def _sums() -> None:
    op.create_table(
        "stock_cost_days", _id("shop_id"), _id("location_id"), sa.Column("business_date", sa.Date(), nullable=False),
        _text("kind"), _number("value_minor"), _key("stock_cost_days", "location_id", "business_date", "kind"),
        _belongs("stock_cost_days", "location_id", "locations"),
    )  # fmt: skip
    op.create_table(
        "stock_cost_marks", _id("shop_id"), _id("movement_id"), sa.Column("until", sa.Date(), nullable=True),
        _text("method"), _key("stock_cost_marks"), _of_shop("stock_cost_marks"),
        sa.CheckConstraint("method IN ('average', 'fifo')", name=op.f("ck_stock_cost_marks_method")),
    )  # fmt: skip
