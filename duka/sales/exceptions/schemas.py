"""The words of what waits to be settled: exceptions of recorded documents, and documents that were set aside."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from duka.platform.wire import Body, Moment, Reason, Shown


class ExceptionOut(Shown):
    """Something a recorded document disagrees with: `code` and `details` say what. The document stands."""

    id: UUID
    document: str
    document_id: UUID
    code: str
    details: dict[str, Any] = Field(validation_alias="facts")
    branch_id: UUID | None
    at: Moment
    settled_at: Moment | None
    settled_by: UUID | None
    settlement: str | None


class SetAsideListed(Shown):
    """A document that was set aside: what it claims to be, who delivered it, what is wrong with it."""

    id: UUID
    register_id: UUID
    document: str
    """The address it was delivered to."""
    claimed_id: str | None
    claimed_series: str | None
    claimed_counter: int | None
    reason: str
    details: dict[str, Any] = Field(validation_alias="facts")
    at: Moment
    settled_at: Moment | None
    settled_by: UUID | None
    settlement: str | None


class SetAsideOut(SetAsideListed):
    """A document that was set aside, with its bytes."""

    body_base64: str


class QuarantinedOut(Shown):
    """The verdict on a damaged document: it was set aside under `id`; `reason` and `details` say what is wrong."""

    id: UUID
    verdict: Literal["quarantined"]
    reason: str
    details: dict[str, Any]
    claimed_id: str | None


class SettlementIn(Body):
    """How it was settled, in words: who was asked, what was done."""

    settlement: Reason
