"""The products that a till shows as buttons."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the mark. A constant default is kept in the catalogue: no row is rewritten."""
    op.add_column("products", sa.Column("favourite", sa.Boolean(), server_default="false", nullable=False))
