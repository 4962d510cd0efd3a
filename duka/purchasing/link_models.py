"""The table of links by which suppliers see an order and confirm it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from duka.platform.tables import ShopRow, belongs_to


class PurchaseOrderLink(ShopRow):
    """An address by which a supplier sees one order and says what comes. Its secret is kept as a hash."""

    __tablename__ = "purchase_order_links"
    __table_args__ = (
        belongs_to("purchase_orders", "order_id"),
        Index("uq_purchase_order_links_hash", "shop_id", "token_hash", unique=True),
        Index("ix_purchase_order_links_order", "shop_id", "order_id"),
    )

    order_id: Mapped[UUID]
    token_hash: Mapped[bytes]
    with_prices: Mapped[bool]
    """Whoever made it may see what goods cost, so whoever opens it sees the order's prices."""
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
