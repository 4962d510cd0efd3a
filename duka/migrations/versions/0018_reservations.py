"""Goods put aside: what is reserved of what stands at a location, for whom, until when."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from duka.platform import schema

revision = "0018"
down_revision = "0017"

_TABLE = "stock_reservations"


def upgrade() -> None:
    """Add the table of reservations, and to each balance how much of it is reserved: nothing so far."""
    op.create_table(
        _TABLE, _id("shop_id"), _id("id"), _id("variant_id"), _id("location_id"), _number("quantity_milli"),
        _text("purpose"), _id("document_id"), _id("customer_id", nullable=True), _text("note"),
        _at("until", nullable=True), _text("state"), _id("made_by", nullable=True), _at("at"),
        _id("closed_by", nullable=True),
        _at("closed_at", nullable=True), sa.Column("body_hash", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name=f"pk_{_TABLE}"),
        _belongs("variant_id", "variants"), _belongs("location_id", "locations"),
        _belongs("customer_id", "customers"),
        sa.CheckConstraint("quantity_milli > 0", name=op.f(f"ck_{_TABLE}_quantity")),
        sa.CheckConstraint(
            "purpose IN ('customer', 'cart', 'sale', 'order', 'repair')", name=op.f(f"ck_{_TABLE}_purpose")
        ),
        sa.CheckConstraint("state IN ('open', 'taken', 'released', 'expired')", name=op.f(f"ck_{_TABLE}_state")),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f(f"ck_{_TABLE}_closed")),
    )  # fmt: skip
    op.create_index(f"ix_{_TABLE}_document", _TABLE, ["shop_id", "document_id"])
    op.create_index(
        f"ix_{_TABLE}_open", _TABLE, ["shop_id", "variant_id", "location_id"],
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
    op.create_index(
        f"ix_{_TABLE}_until", _TABLE, ["shop_id", "until"],
        postgresql_where=sa.text("state = 'open' AND until IS NOT NULL"),
    )  # fmt: skip
    for command in schema.protect(_TABLE, "shop"):
        op.execute(command)
    # A constant default is kept beside the table: no row is written, so tills go on selling meanwhile.
    op.add_column(
        "stock_balances", sa.Column("reserved_milli", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.create_check_constraint(op.f("ck_stock_balances_reserved"), "stock_balances", "reserved_milli >= 0")


def _id(name: str, *, nullable: bool = False) -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _belongs(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["shop_id", column], [f"{target}.shop_id", f"{target}.id"], name=f"fk_{_TABLE}_{column}"
    )
