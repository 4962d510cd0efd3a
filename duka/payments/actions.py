"""What changes money: payments taken and given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from duka.payments.models import Payment
from duka.platform.writes import Writes


@dataclass(frozen=True, slots=True)
class Money:
    """One amount by one method. `tendered_minor` is what was handed over: the rest is change."""

    id: UUID
    method: str
    amount_minor: int
    tendered_minor: int
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where money changes hands: the branch, the register's open session, the person, the business day."""

    branch_id: UUID
    register_session_id: UUID | None
    staff_id: UUID | None
    business_date: date


def receive(writes: Writes, money: Sequence[Money], desk: Desk, *, source: str, source_id: UUID) -> None:
    """Write the payments of a document."""
    writes.insert(Payment, [_row(writes, each, desk, source, source_id, "in") for each in money])


def refund(writes: Writes, money: Sequence[Money], desk: Desk, *, source: str, source_id: UUID) -> None:
    """Write money given back for a document."""
    writes.insert(Payment, [_row(writes, each, desk, source, source_id, "out") for each in money])


def _row(writes: Writes, money: Money, desk: Desk, source: str, source_id: UUID, direction: str) -> dict[str, Any]:
    return {
        "id": money.id, "source": source, "source_id": source_id, "direction": direction, "method": money.method,
        "amount_minor": money.amount_minor, "tendered_minor": money.tendered_minor, "reference": money.reference,
        "register_session_id": desk.register_session_id, "branch_id": desk.branch_id, "staff_id": desk.staff_id,
        "business_date": desk.business_date, "at": writes.ctx.now,
    }  # fmt: skip
