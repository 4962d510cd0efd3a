"""The job queue: the tables and functions of procrastinate 3.10 and the rights of the platform role on them.

The commands in the .sql file beside this one are that library's own schema, unchanged (MIT licence; copyright 2019-2021
PeopleDoc, 2021-2023 Joachim Jablon and Eric Lemoine, since 2024 Joachim Jablon and Kai Schlamp), followed by our
grants. A newer version of the library brings its own migrations, each of which becomes a step here.
"""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the queue, one command at a time."""
    for command in Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split("\n;;\n"):
        if command.strip():
            op.get_bind().exec_driver_sql(command.replace("%", "%%"))
