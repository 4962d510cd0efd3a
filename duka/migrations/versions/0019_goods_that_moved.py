"""More may have left with a transfer than was asked for."""

from typing import Final

from alembic import op

revision = "0019"
down_revision = "0018"

_LINES: Final = "stock_transfer_lines"
_LEFT: Final = "ck_stock_transfer_lines_dispatched"

def upgrade() -> None:
    """Take the upper limit off what left: no sale waits for that table, and every row keeps the wider rule already."""
    op.drop_constraint(op.f(_LEFT), _LINES, type_="check")
    op.create_check_constraint(op.f(_LEFT), _LINES, "dispatched_milli >= 0")
