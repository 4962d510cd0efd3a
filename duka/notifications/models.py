"""The tables of things people are told, and of who has read what."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from duka.platform.tables import ShopRow, ShopTable, belongs_to


class Notification(ShopRow):
    """One thing to tell everybody who holds `permission` (in `branch_id`, where it is set), or one person of them."""

    __tablename__ = "notifications"
    __table_args__ = (
        belongs_to("branches", "branch_id"),
        belongs_to("staff", "staff_id"),
        Index("uq_notifications_event", "shop_id", "event_id", "kind", unique=True),
        Index("ix_notifications_at", "shop_id", "at", "id"),
    )

    event_id: Mapped[UUID]
    kind: Mapped[str]
    entity_id: Mapped[UUID]
    facts: Mapped[dict[str, Any]]
    permission: Mapped[str]
    branch_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None]
    """Set where it is for one person only."""
    at: Mapped[datetime]


class NotificationRead(ShopTable):
    """Somebody has read a notification."""

    __tablename__ = "notification_reads"
    __table_args__ = (belongs_to("notifications", "notification_id"), belongs_to("staff", "staff_id"))

    notification_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
