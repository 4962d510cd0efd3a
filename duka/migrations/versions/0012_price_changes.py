"""Many prices changed at once: what is planned and what becomes of each price."""

import sqlalchemy as sa
from alembic import op

from duka.platform import schema

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the table of changes and the table of their lines."""
    op.create_table(
        "price_changes",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("undoes_id", sa.Uuid(), nullable=True),
        sa.Column("price_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Uuid(), nullable=True),
        sa.Column("totals", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name="pk_price_changes"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.shop_id"], name="fk_price_changes_shop_id"),
        sa.ForeignKeyConstraint(
            ["shop_id", "undoes_id"], ["price_changes.shop_id", "price_changes.id"], name="fk_price_changes_undoes_id"
        ),
        sa.CheckConstraint(
            "state IN ('drafting', 'ready', 'applying', 'applied', 'stopped', 'failed')", name="ck_price_changes_state"
        ),
        sa.CheckConstraint("rows_done BETWEEN 0 AND rows_total", name="ck_price_changes_progress"),
    )
    op.create_index("ix_price_changes_created", "price_changes", ["shop_id", "created_at", "id"])
    op.create_table(
        "price_change_lines",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("before_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "id", name="pk_price_change_lines"),
        sa.ForeignKeyConstraint(
            ["shop_id", "change_id"], ["price_changes.shop_id", "price_changes.id"],
            name="fk_price_change_lines_change_id",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "variant_id"], ["variants.shop_id", "variants.id"], name="fk_price_change_lines_variant_id"
        ),
        sa.CheckConstraint("price_minor > 0", name="ck_price_change_lines_price"),
    )  # fmt: skip
    op.create_index(
        "uq_price_change_lines_variant", "price_change_lines", ["shop_id", "change_id", "variant_id"], unique=True
    )
    for table in ("price_changes", "price_change_lines"):
        for command in schema.protect(table, "shop"):
            op.execute(command)
