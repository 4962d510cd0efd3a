"""Money taken and given back for a document: parts of the one statement by which the document is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from duka.ledger import actions as ledger
from duka.ledger import chart
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


# Whoever counts a drawer waits for the cash that is on its way into it, and the other way round.
HOLD: Final = """
SELECT s.id, s.closed_at FROM register_sessions s WHERE s.shop_id = %(shop)s AND s.id = %(drawer)s
FOR NO KEY UPDATE OF s
"""

_LATE: Final = """
UPDATE register_sessions s SET expected_minor = s.expected_minor + (
    SELECT sum(CASE r.direction WHEN 'in' THEN r.amount_minor ELSE -r.amount_minor END)
    FROM jsonb_to_recordset(%(rows_{rows})s::jsonb) AS r(method text, direction text, amount_minor bigint)
    WHERE r.method = 'cash'
)
FROM drawer_held h, first WHERE s.shop_id = %(shop)s AND s.id = h.id AND h.closed_at IS NOT NULL RETURNING s.id
"""


def receive(writes: Writes, money: Sequence[Money], desk: Desk, *, source: str, source_id: UUID) -> None:
    """Write the payments of a document."""
    _write(writes, money, desk, source, source_id, "in")


def refund(writes: Writes, money: Sequence[Money], desk: Desk, *, source: str, source_id: UUID) -> None:
    """Write money given back for a document. Forbidden without `payments:refund`, whatever step it belongs to."""
    if money:
        writes.ctx.need("payments:refund")
    _write(writes, money, desk, source, source_id, "out")


def _write(writes: Writes, money: Sequence[Money], desk: Desk, source: str, source_id: UUID, direction: str) -> None:
    rows = writes.insert(Payment, [_row(writes, each, desk, source, source_id, direction) for each in money])
    cash_minor = sum(each.amount_minor for each in money if each.method == "cash")
    if not cash_minor or desk.register_session_id is None:
        return
    if not writes.locks("drawer_held"):
        writes.value("drawer", desk.register_session_id)
        writes.lock("drawer_held", HOLD)
        writes.step("drawer_late", _LATE.format(rows=rows))
    # The count that closed the drawer had this cash in it and called it a difference.
    counted = ledger.Entry(chart.CASH_DIFFERENCE, chart.CASH, cash_minor if direction == "in" else -cash_minor)
    ledger.post(
        writes, [counted], source=source, source_id=source_id, business_date=desk.business_date, if_any="drawer_late"
    )


def _row(writes: Writes, money: Money, desk: Desk, source: str, source_id: UUID, direction: str) -> dict[str, Any]:
    return {
        "id": money.id, "source": source, "source_id": source_id, "direction": direction, "method": money.method,
        "amount_minor": money.amount_minor, "tendered_minor": money.tendered_minor, "reference": money.reference,
        "register_session_id": desk.register_session_id, "branch_id": desk.branch_id, "staff_id": desk.staff_id,
        "business_date": desk.business_date, "at": writes.ctx.now,
    }  # fmt: skip
