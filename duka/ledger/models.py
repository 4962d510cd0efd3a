"""The tables of the journal: accounts, and postings that move an amount from one account to another."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from duka.platform.tables import ShopFact, ShopTable, belongs_to


class LedgerAccount(ShopTable):
    """An account of the shop's chart, known by its number."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        belongs_to("shops", key=()),
        CheckConstraint("kind IN ('asset', 'liability', 'equity', 'income', 'expense')", name="kind"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)


class Posting(ShopFact):
    """An amount moved from one account to another: debit and credit in one row, so it cannot be unbalanced."""

    __tablename__ = "postings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "debit"], ["ledger_accounts.shop_id", "ledger_accounts.code"], name="fk_postings_debit"
        ),
        ForeignKeyConstraint(
            ["shop_id", "credit"], ["ledger_accounts.shop_id", "ledger_accounts.code"], name="fk_postings_credit"
        ),
        Index("ix_postings_source", "shop_id", "source_id"),
        Index("ix_postings_date", "shop_id", "posted_on"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("debit <> credit", name="accounts"),
    )

    debit: Mapped[str]
    credit: Mapped[str]
    amount_minor: Mapped[int]
    source: Mapped[str]
    source_id: Mapped[UUID]
    business_date: Mapped[date]
    posted_on: Mapped[date]
    at: Mapped[datetime]
