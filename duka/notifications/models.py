"""The table of things people are told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from duka.platform.tables import ShopRow, belongs_to


class Notification(ShopRow):
    """One thing to tell everybody who holds `permission` (in `branch_id`, where it is set)."""

    __tablename__ = "notifications"
    __table_args__ = (
        belongs_to("branches", "branch_id"),
        Index("uq_notifications_event", "shop_id", "event_id", "kind", unique=True),
    )

    event_id: Mapped[UUID]
    kind: Mapped[str]
    entity_id: Mapped[UUID]
    facts: Mapped[dict[str, Any]]
    permission: Mapped[str]
    branch_id: Mapped[UUID | None]
    at: Mapped[datetime]
