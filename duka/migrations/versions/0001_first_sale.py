"""Everything a shop needs to sell: shops, catalogue, customers, stock, books, payments, sales.

The commands are written out beside this file, so that this step stays the same whatever the models become later.
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first schema, one command at a time."""
    for command in Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split("\n;;\n"):
        if command.strip():
            op.get_bind().exec_driver_sql(command.replace("%", "%%"))
