"""Sets: what they are made of, what was sold or came back of them, and those that are built beforehand."""

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from duka.platform import schema

revision = "0016"
down_revision = "0015"

_TABLES: Final = {
    "variant_components": False, "sold_components": True, "stock_assemblies": True, "stock_assembly_lines": True,
}  # fmt: skip
"""The new tables; true where rows are written once."""


def upgrade() -> None:
    """Make the tables with their walls and guards."""
    _components()
    _sold()
    _assemblies()
    for table, written_once in _TABLES.items():
        for command in schema.protect(table, "shop", written_once=written_once):
            op.execute(command)


def _id(name: str, *, nullable: bool = False) -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _position() -> sa.Column[int]:
    return sa.Column("position", sa.Integer(), nullable=False)


def _at() -> sa.Column[datetime]:
    return sa.Column("at", sa.DateTime(timezone=True), nullable=False)


def _belongs(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["shop_id", column], [f"{target}.shop_id", f"{target}.id"], name=f"fk_{table}_{column}"
    )


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("shop_id", *columns, name=f"pk_{table}")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _components() -> None:
    table = "variant_components"
    op.create_table(
        table, _id("shop_id"), _id("variant_id"), _id("component_id"), _position(), _number("quantity_milli"),
        _key(table, "variant_id", "component_id"), _belongs(table, "variant_id", "variants"),
        _belongs(table, "component_id", "variants"), _check(table, "quantity", "quantity_milli > 0"),
        _check(table, "itself", "variant_id <> component_id"),
    )  # fmt: skip
    op.create_index("ix_variant_components_component", table, ["shop_id", "component_id"])


def _sold() -> None:
    table = "sold_components"
    op.create_table(
        table, _id("shop_id"), _id("id"), _id("sale_line_id", nullable=True), _id("invoice_line_id", nullable=True),
        _id("taken_id", nullable=True), _position(), _id("variant_id"),
        sa.Column("description", sa.Text(), nullable=False), _number("quantity_milli"), _number("unit_cost_minor"),
        _key(table, "id"), _belongs(table, "sale_line_id", "sale_lines"),
        _belongs(table, "invoice_line_id", "invoice_lines"), _belongs(table, "taken_id", table),
        _belongs(table, "variant_id", "variants"), _check(table, "quantity", "quantity_milli > 0"),
        _check(table, "line", "num_nonnulls(sale_line_id, invoice_line_id) = 1"),
        _check(table, "taken", "taken_id IS NULL OR invoice_line_id IS NOT NULL"),
    )  # fmt: skip
    for column in ("sale_line_id", "invoice_line_id", "taken_id"):
        op.create_index(
            f"ix_sold_components_{column.removesuffix('_id')}", table, ["shop_id", column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )  # fmt: skip


def _assemblies() -> None:
    table = "stock_assemblies"
    op.create_table(
        table, _id("shop_id"), _id("id"), _id("variant_id"), _id("location_id"), _number("quantity_milli"),
        sa.Column("note", sa.Text(), nullable=False), _id("staff_id", nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False), _at(),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False), _key(table, "id"),
        _belongs(table, "variant_id", "variants"), _belongs(table, "location_id", "locations"),
        _check(table, "quantity", "quantity_milli <> 0 AND quantity_milli % 1000 = 0"),
    )  # fmt: skip
    op.create_index("ix_stock_assemblies_variant", table, ["shop_id", "variant_id", "id"])
    table = "stock_assembly_lines"
    op.create_table(
        table, _id("shop_id"), _id("id"), _id("assembly_id"), _position(), _id("variant_id"),
        _number("quantity_milli"), _number("unit_cost_minor"), _key(table, "id"),
        _belongs(table, "assembly_id", "stock_assemblies"), _belongs(table, "variant_id", "variants"),
        sa.UniqueConstraint("shop_id", "assembly_id", "position", name="uq_stock_assembly_lines_position"),
        _check(table, "quantity", "quantity_milli <> 0"), _check(table, "cost", "unit_cost_minor >= 0"),
    )  # fmt: skip
