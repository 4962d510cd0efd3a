"""Orders that suppliers confirm by a link, and orders that are made by themselves of what runs low."""

import sqlalchemy as sa
from alembic import op

from duka.platform import schema

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the table of links, what was confirmed, and the two flags of ordering by itself."""
    op.add_column("products", sa.Column("auto_reorder", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("purchase_orders", sa.Column("automatic", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("purchase_orders", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("purchase_order_lines", sa.Column("confirmed_milli", sa.BigInteger(), nullable=True))
    op.add_column("purchase_order_lines", sa.Column("confirmed_on", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_purchase_order_lines_confirmed"), "purchase_order_lines", "confirmed_milli >= 0"
    )
    op.create_table(
        "purchase_order_links",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("with_prices", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name="pk_purchase_order_links"),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["purchase_orders.shop_id", "purchase_orders.id"],
            name="fk_purchase_order_links_order_id",
        ),
    )  # fmt: skip
    op.create_index("uq_purchase_order_links_hash", "purchase_order_links", ["shop_id", "token_hash"], unique=True)
    op.create_index("ix_purchase_order_links_order", "purchase_order_links", ["shop_id", "order_id"])
    for command in schema.protect("purchase_order_links", "shop"):
        op.execute(command)
