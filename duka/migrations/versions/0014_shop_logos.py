"""The shop's logo."""

import sqlalchemy as sa
from alembic import op

from duka.platform import schema

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "shop_logos",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", name="pk_shop_logos"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.shop_id"], name="fk_shop_logos_shop_id"),
        sa.CheckConstraint("media_type IN ('image/png', 'image/jpeg')", name=op.f("ck_shop_logos_media_type")),
        sa.CheckConstraint("octet_length(content) BETWEEN 1 AND 524288", name=op.f("ck_shop_logos_content")),
        sa.CheckConstraint("hash ~ '^[0-9a-f]{16}$'", name=op.f("ck_shop_logos_hash")),
    )
    for command in schema.protect("shop_logos", "shop"):
        op.execute(command)
