"""The PINs by which colleagues take turns at a till."""

import sqlalchemy as sa
from alembic import op

from duka.platform import schema

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "till_pins",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("iterations", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "staff_id", name="pk_till_pins"),
        sa.ForeignKeyConstraint(["shop_id", "staff_id"], ["staff.shop_id", "staff.id"], name="fk_till_pins_staff_id"),
    )
    for command in schema.protect("till_pins", "shop"):
        op.execute(command)
