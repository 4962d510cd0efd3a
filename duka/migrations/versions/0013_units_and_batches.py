"""Pieces with serial numbers, batches with expiry, and which of them moved."""

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from duka.platform import schema

revision = "0013"
down_revision = "0012"

_TABLES: Final = {
    "stock_units": False, "stock_unit_codes": True, "stock_batches": False, "stock_batch_balances": False,
    "stock_parts": True,
}  # fmt: skip
"""The new tables; true where rows are written once."""

# What moved before is known by quantity alone; it keeps its movement's id, since a part needs one of its own.
_BEFORE: Final = """
DO $$
DECLARE
    one_shop uuid;
BEGIN
    FOR one_shop IN SELECT shop_id FROM shop_directory ORDER BY shop_id LOOP
        PERFORM enter_shop(one_shop);
        INSERT INTO stock_parts (shop_id, id, movement_id, variant_id, location_id, quantity_milli, fault, at)
        SELECT m.shop_id, m.id, m.id, m.variant_id, m.location_id, m.quantity_milli, 'before', m.at
        FROM products p JOIN variants v ON v.shop_id = one_shop AND v.product_id = p.id
        JOIN stock_movements m ON m.shop_id = one_shop AND m.variant_id = v.id
        WHERE p.shop_id = one_shop AND p.tracking IN ('batch', 'serial');
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Make the tables with their walls and guards, let documents name what moves, and say that nothing was named so
    far."""
    _units()
    _batches()
    _parts()
    for table, written_once in _TABLES.items():
        for command in schema.protect(table, "shop", written_once=written_once):
            op.execute(command)
    for table in ("sale_lines", "stock_adjustment_requests"):
        op.add_column(table, sa.Column("named", sa.dialects.postgresql.JSONB(), nullable=True))
    op.execute(_BEFORE)


def _id(name: str, *, nullable: bool = False) -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _at(name: str = "at", *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _milli() -> sa.Column[int]:
    return sa.Column("quantity_milli", sa.BigInteger(), nullable=False)


def _belongs(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["shop_id", column], [f"{target}.shop_id", f"{target}.id"], name=f"fk_{table}_{column}"
    )


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("shop_id", *columns, name=f"pk_{table}")


def _units() -> None:
    op.create_table(
        "stock_units", _id("shop_id"), _id("id"), _id("variant_id"), _text("state"),
        _id("location_id", nullable=True), _at("changed_at"), _key("stock_units", "id"),
        _belongs("stock_units", "variant_id", "variants"), _belongs("stock_units", "location_id", "locations"),
        sa.CheckConstraint(
            "state IN ('in_stock', 'in_transit', 'sold', 'sent_back', 'written_off')", name=op.f("ck_stock_units_state")
        ),
        sa.CheckConstraint("(state = 'in_stock') = (location_id IS NOT NULL)", name=op.f("ck_stock_units_place")),
    )  # fmt: skip
    op.create_index("ix_stock_units_variant", "stock_units", ["shop_id", "variant_id", "id"])
    op.create_index(
        "ix_stock_units_here", "stock_units", ["shop_id", "location_id", "variant_id"],
        postgresql_where=sa.text("location_id IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "stock_unit_codes", _id("shop_id"), _id("variant_id"), _text("code"), _id("unit_id"),
        sa.Column("position", sa.Integer(), nullable=False), _key("stock_unit_codes", "variant_id", "code"),
        _belongs("stock_unit_codes", "unit_id", "stock_units"), _belongs("stock_unit_codes", "variant_id", "variants"),
    )  # fmt: skip
    op.create_index("ix_stock_unit_codes_code", "stock_unit_codes", ["shop_id", "code"])
    op.create_index("ix_stock_unit_codes_unit", "stock_unit_codes", ["shop_id", "unit_id"])


def _batches() -> None:
    op.create_table(
        "stock_batches", _id("shop_id"), _id("id"), _id("variant_id"), _text("number"),
        sa.Column("expires_on", sa.Date(), nullable=True), _at("warned_at", nullable=True), _at(),
        _key("stock_batches", "id"), _belongs("stock_batches", "variant_id", "variants"),
        sa.UniqueConstraint("shop_id", "variant_id", "number", name="uq_stock_batches_number"),
    )  # fmt: skip
    op.create_index(
        "ix_stock_batches_expiry", "stock_batches", ["shop_id", "expires_on"],
        postgresql_where=sa.text("expires_on IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "stock_batch_balances", _id("shop_id"), _id("batch_id"), _id("location_id"), _milli(),
        _key("stock_batch_balances", "batch_id", "location_id"),
        _belongs("stock_batch_balances", "batch_id", "stock_batches"),
        _belongs("stock_batch_balances", "location_id", "locations"),
        sa.CheckConstraint("quantity_milli >= 0", name=op.f("ck_stock_batch_balances_quantity")),
    )  # fmt: skip


def _parts() -> None:
    table = "stock_parts"
    op.create_table(
        table, _id("shop_id"), _id("id"), _id("movement_id", nullable=True), _id("variant_id"), _id("location_id"),
        _id("unit_id", nullable=True), _id("batch_id", nullable=True), _milli(), _text("fault", nullable=True), _at(),
        _key(table, "id"), _belongs(table, "movement_id", "stock_movements"), _belongs(table, "variant_id", "variants"),
        _belongs(table, "location_id", "locations"), _belongs(table, "unit_id", "stock_units"),
        _belongs(table, "batch_id", "stock_batches"),
        sa.CheckConstraint("quantity_milli <> 0", name=op.f("ck_stock_parts_quantity")),
        sa.CheckConstraint(
            "fault IN ('unnamed', 'before', 'unknown', 'not_here', 'short')", name=op.f("ck_stock_parts_fault")
        ),
        sa.CheckConstraint("unit_id IS NULL OR batch_id IS NULL", name=op.f("ck_stock_parts_one")),
        sa.CheckConstraint(
            "fault IS NOT NULL OR unit_id IS NOT NULL OR batch_id IS NOT NULL", name=op.f("ck_stock_parts_named")
        ),
        sa.CheckConstraint(
            "fault IS NOT NULL OR unit_id IS NULL OR abs(quantity_milli) = 1000", name=op.f("ck_stock_parts_whole")
        ),
    )  # fmt: skip
    op.create_index("ix_stock_parts_movement", table, ["shop_id", "movement_id"])
    for column in ("unit_id", "batch_id"):
        op.create_index(
            f"ix_stock_parts_{column.removesuffix('_id')}", table, ["shop_id", column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )  # fmt: skip
