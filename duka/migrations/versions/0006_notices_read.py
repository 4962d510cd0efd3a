"""Notifications for one person, who has read which, and credit notes by day."""

import sqlalchemy as sa
from alembic import op

from duka.platform import schema

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the person to notifications, the table of what was read, and the indexes that lists of both go by."""
    op.add_column("notifications", sa.Column("staff_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_notifications_staff_id", "notifications", "staff", ["shop_id", "staff_id"], ["shop_id", "id"]
    )
    op.create_index("ix_notifications_at", "notifications", ["shop_id", "at", "id"])
    op.create_table(
        "notification_reads",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "notification_id", "staff_id", name="pk_notification_reads"),
        sa.ForeignKeyConstraint(
            ["shop_id", "notification_id"], ["notifications.shop_id", "notifications.id"],
            name="fk_notification_reads_notification_id",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "staff_id"], ["staff.shop_id", "staff.id"], name="fk_notification_reads_staff_id"
        ),
    )  # fmt: skip
    for command in schema.protect("notification_reads", "shop"):
        op.execute(command)
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_invoices_credit_notes", "invoices", ["shop_id", "business_date"], if_not_exists=True,
            postgresql_concurrently=True, postgresql_where=sa.text("kind = 'credit_note'"),
        )  # fmt: skip
