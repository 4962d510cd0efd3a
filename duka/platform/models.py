"""The tables every domain writes to: the audit trail, the outbox of events, exceptions to settle, remembered keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from duka.platform.tables import ShopFact, ShopRow, ShopTable, belongs_to


class AuditEntry(ShopFact):
    """Who did what to which thing, from where, with old and new values. Never a secret, never a personal value."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_entity", "shop_id", "entity_id", "id"),
        Index("ix_audit_entries_staff", "shop_id", "staff_id", "id"),
        Index("ix_audit_entries_at", "shop_id", "at"),
    )

    at: Mapped[datetime]
    actor: Mapped[str]
    staff_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    register_id: Mapped[UUID | None]
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]
    request_id: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[UUID]
    action: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None]


class OutboxEvent(ShopRow):
    """Something that happened, written in the transaction that caused it. The relay gives it its place in the
    shop's order (`position`) afterwards."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "shop_id", "id", postgresql_where=text("position IS NULL")),
        Index("uq_outbox_position", "shop_id", "position", unique=True, postgresql_where=text("position IS NOT NULL")),
    )

    event: Mapped[str]
    entity_id: Mapped[UUID]
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    position: Mapped[int | None]


class EventHead(ShopTable):
    """The position of a shop's newest relayed event."""

    __tablename__ = "event_heads"

    position: Mapped[int] = mapped_column(default=0)


class EventConsumer(ShopTable):
    """How far a reader of events has come in one shop; moved in the transaction of what it did."""

    __tablename__ = "event_consumers"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(default=0)


class RememberedKey(ShopTable):
    """An `Idempotency-Key` with the answer it got, so that repeating the request changes nothing. Kept 90 days."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created", "shop_id", "created_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str]
    body_hash: Mapped[bytes]
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[str]
    location: Mapped[str | None]
    created_at: Mapped[datetime]


class Export(ShopRow):
    """A long list that somebody wants as a file, written in the background and kept for a day."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'done', 'failed')", name="state"),
        Index("ix_exports_created", "shop_id", "created_at"),
    )

    state: Mapped[str]
    address: Mapped[str]
    """Path and query the list was asked by."""
    format: Mapped[str]
    filename: Mapped[str]
    language: Mapped[str]
    asked_by: Mapped[dict[str, Any]]
    """Who asked and what they might see then: ids and permissions with their scopes."""
    rows_written: Mapped[int] = mapped_column(default=0)
    size_bytes: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None]
    """The code of the refusal, where it failed."""
    created_at: Mapped[datetime]


class ExportPart(ShopTable):
    """A piece of a written file; they are there all at once, when its export is done."""

    __tablename__ = "export_parts"
    __table_args__ = (belongs_to("exports", "export_id"),)

    export_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes]


class DocumentException(ShopRow):
    """Something a recorded document disagrees with (a price, a limit). It stands, and waits for a person."""

    __tablename__ = "document_exceptions"
    __table_args__ = (
        Index("ix_document_exceptions_open", "shop_id", "id", postgresql_where=text("settled_at IS NULL")),
        Index("ix_document_exceptions_document", "shop_id", "document_id"),
        Index(
            "ix_document_exceptions_awaited", "shop_id", text("(facts ->> 'register_session_id')"),
            postgresql_where=text("code = 'SESSION_UNKNOWN'"),
        ),
    )

    document: Mapped[str]
    document_id: Mapped[UUID]
    code: Mapped[str]
    facts: Mapped[dict[str, Any]]
    branch_id: Mapped[UUID | None]
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[UUID | None]
    settlement: Mapped[str | None]
