"""Payments that came before the opening of the drawer they lie in."""

import sqlalchemy as sa
from alembic import op

from duka.platform import schema

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table, and find what names a session that is not there yet."""
    op.create_table(
        "late_payments",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("register_session_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "id", name="pk_late_payments"),
        sa.ForeignKeyConstraint(
            ["shop_id", "payment_id"], ["payments.shop_id", "payments.id"], name="fk_late_payments_payment_id"
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "register_session_id"], ["register_sessions.shop_id", "register_sessions.id"],
            name="fk_late_payments_register_session_id",
        ),
        sa.UniqueConstraint("shop_id", "payment_id", name="uq_late_payments_payment"),
    )  # fmt: skip
    op.create_index("ix_late_payments_register_session", "late_payments", ["shop_id", "register_session_id"])
    for command in schema.protect("late_payments", "shop", written_once=True):
        op.execute(command)
    op.create_index(
        "ix_document_exceptions_awaited", "document_exceptions",
        ["shop_id", sa.text("(facts ->> 'register_session_id')")],
        postgresql_where=sa.text("code = 'SESSION_UNKNOWN'"),
    )  # fmt: skip
