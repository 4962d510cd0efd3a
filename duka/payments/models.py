"""The tables of money taken and given back, and of the drawer it lies in."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from duka.platform.tables import ShopFact, ShopRow, belongs_to

METHODS = ("cash", "mtn_momo", "airtel_money", "card", "bank_transfer", "upi", "other")


class RegisterSession(ShopRow):
    """One person's turn at a register, from the opening float to the count. Its business date is fixed when it opens.

    `opened_at` and `closed_at` are what the register's own clock said; `received_at` is the server's.
    """

    __tablename__ = "register_sessions"
    __table_args__ = (
        belongs_to("registers", "register_id"),
        belongs_to("staff", "opened_by"),
        Index(
            "uq_register_sessions_open", "shop_id", "register_id", unique=True,
            postgresql_where=text("closed_at IS NULL AND NOT recorded"),
        ),
        CheckConstraint("float_minor >= 0", name="float"),
    )  # fmt: skip

    register_id: Mapped[UUID]
    opened_by: Mapped[UUID]
    opened_at: Mapped[datetime]
    business_date: Mapped[date]
    float_minor: Mapped[int]
    closed_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    counted_minor: Mapped[int | None]
    expected_minor: Mapped[int | None]
    note: Mapped[str | None]
    recorded: Mapped[bool]
    """Told of when it was open already: such a one is stored beside one that nobody closed."""
    received_at: Mapped[datetime]
    body_hash: Mapped[bytes]


class CashMove(ShopFact):
    """Cash put into or taken out of the drawer for another reason than a sale."""

    __tablename__ = "cash_moves"
    __table_args__ = (
        belongs_to("register_sessions", "register_session_id"),
        Index("ix_cash_moves_register_session", "shop_id", "register_session_id"),
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    register_session_id: Mapped[UUID]
    direction: Mapped[str]
    amount_minor: Mapped[int]
    reason: Mapped[str]
    staff_id: Mapped[UUID | None]
    business_date: Mapped[date]
    made_at: Mapped[datetime]
    """By the register's own clock."""
    at: Mapped[datetime]
    body_hash: Mapped[bytes]


class LatePayment(ShopFact):
    """Where a payment lies that came before the opening of its drawer: it is written once, and could not say so."""

    __tablename__ = "late_payments"
    __table_args__ = (
        belongs_to("payments", "payment_id"),
        belongs_to("register_sessions", "register_session_id"),
        UniqueConstraint("shop_id", "payment_id", name="uq_late_payments_payment"),
        Index("ix_late_payments_register_session", "shop_id", "register_session_id"),
    )

    payment_id: Mapped[UUID]
    register_session_id: Mapped[UUID]
    at: Mapped[datetime]


class Payment(ShopFact):
    """One amount by one method toward a document; `direction` out is a refund."""

    __tablename__ = "payments"
    __table_args__ = (
        belongs_to("register_sessions", "register_session_id"),
        Index("ix_payments_source", "shop_id", "source_id"),
        Index("ix_payments_register_session", "shop_id", "register_session_id", "method"),
        Index("ix_payments_date", "shop_id", "business_date", "id"),
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("tendered_minor >= amount_minor", name="tendered"),
        CheckConstraint(f"method IN ({', '.join(repr(method) for method in METHODS)})", name="method"),
    )

    source: Mapped[str]
    source_id: Mapped[UUID]
    direction: Mapped[str]
    method: Mapped[str]
    amount_minor: Mapped[int]
    tendered_minor: Mapped[int]
    reference: Mapped[str | None]
    register_session_id: Mapped[UUID | None]
    """The drawer it lies in, as far as that was known when it came; see `LatePayment`."""
    branch_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    business_date: Mapped[date]
    at: Mapped[datetime]
