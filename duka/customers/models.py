"""The table of registered customers: one of the two that hold personal values (the other is `sale_parties`)."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from duka.platform.tables import ShopRow, Versioned, belongs_to


class Customer(ShopRow, Versioned):
    """A person or business known by phone; shared by all branches of the shop."""

    __tablename__ = "customers"
    __table_args__ = (
        belongs_to("shops", key=()),
        Index("uq_customers_phone", "shop_id", "phone", unique=True),
        Index("uq_customers_external_ref", "shop_id", "external_ref", unique=True),
        Index("ix_customers_search", "shop_id", text("search gin_trgm_ops"), postgresql_using="gin"),
        Index("ix_customers_name", "shop_id", text("lower(name)"), "id"),
        Index("ix_customers_created", "shop_id", "created_at", "id"),
        CheckConstraint("type IN ('retail', 'wholesale')", name="type"),
        CheckConstraint("credit_limit_minor >= 0", name="credit"),
    )

    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    address: Mapped[str] = mapped_column(default="")
    state_code: Mapped[str | None]
    id_number: Mapped[bytes | None]
    """Encrypted by the application, see `id_numbers`."""
    born_on: Mapped[date | None]
    gender: Mapped[str | None]
    notes: Mapped[str] = mapped_column(default="")
    type: Mapped[str] = mapped_column(default="retail")
    tax_id: Mapped[str | None]
    tags: Mapped[list[Any]] = mapped_column(default=list)
    credit_limit_minor: Mapped[int] = mapped_column(default=0)
    external_ref: Mapped[str | None]
    search: Mapped[str]
    """Folded name, phone and e-mail together, for finding by any part."""
    active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[UUID | None]
    body_hash: Mapped[bytes | None]
    """SHA-256 of the registration as sent, where it came with an id of its own: the same again changes nothing."""
