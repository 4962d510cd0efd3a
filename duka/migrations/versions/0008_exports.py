"""Long lists that are written to a file in the background."""

import sqlalchemy as sa
from alembic import op

from duka.platform import schema

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the table of what was asked for and the table of the files' pieces."""
    op.create_table(
        "exports",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("rows_written", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "id", name="pk_exports"),
        sa.CheckConstraint("state IN ('waiting', 'done', 'failed')", name="ck_exports_state"),
    )
    op.create_index("ix_exports_created", "exports", ["shop_id", "created_at"])
    op.create_table(
        "export_parts",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "export_id", "place", name="pk_export_parts"),
        sa.ForeignKeyConstraint(
            ["shop_id", "export_id"], ["exports.shop_id", "exports.id"], name="fk_export_parts_export_id"
        ),
    )  # fmt: skip
    for table in ("exports", "export_parts"):
        for command in schema.protect(table, "shop"):
            op.execute(command)
