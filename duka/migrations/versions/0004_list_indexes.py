"""Lists by amount and of what is owed stay fast at a million sales."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the indexes beside the selling: no lock that a sale would wait for."""
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_sales_total", "sales", ["shop_id", "total_minor", "id"], if_not_exists=True,
            postgresql_concurrently=True,
        )  # fmt: skip
        op.create_index(
            "ix_sales_owing", "sales", ["shop_id", "id"], if_not_exists=True, postgresql_concurrently=True,
            postgresql_where=sa.text(
                "state = 'completed' AND total_minor + debited_minor - credited_minor - paid_minor > 0"
            ),
        )  # fmt: skip
