"""Counts that a register tells of while another one of the same place goes on."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_INDEX = "uq_stock_counts_under_way"


def upgrade() -> None:
    """Let a count that was begun without a network stand beside another one; asked for, there is still one at a time.

    What stands already overlaps nothing. The new index takes in every row of the old one, so nothing can refuse it.
    """
    op.add_column("stock_counts", sa.Column("overlapping", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_index(_INDEX, "stock_counts")
    op.create_index(
        _INDEX, "stock_counts", ["shop_id", "location_id"], unique=True,
        postgresql_where=sa.text("state IN ('counting', 'review', 'posting') AND NOT overlapping"),
    )  # fmt: skip
