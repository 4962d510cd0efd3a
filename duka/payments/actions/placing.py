"""Money that came before the opening of the drawer it was taken in: the drawer is known now, so it lies there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.payments.actions.taking import HOLD
from duka.payments.models import LatePayment
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.ids import new_id
from duka.platform.writes import Writes

_WAITING: Final = """
SELECT p.id, p.source, p.source_id, p.method, p.business_date,
    CASE p.direction WHEN 'in' THEN p.amount_minor ELSE -p.amount_minor END AS amount_minor
FROM payments p
WHERE p.shop_id = %(shop)s AND p.source_id = %(document)s AND p.at = %(came_at)s AND p.register_session_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM late_payments l WHERE l.shop_id = %(shop)s AND l.payment_id = p.id)
ORDER BY p.id
"""

_AMENDED: Final = """
UPDATE register_sessions s SET expected_minor = s.expected_minor + %(placed)s FROM first
WHERE s.shop_id = %(shop)s AND s.id = %(drawer)s RETURNING s.id
"""


async def place(ctx: Ctx, session_id: UUID, document_id: UUID, came_at: datetime) -> bool:
    """Put the money of a document that came at a moment, and lies in no drawer, into a session's drawer; say whether
    there was any.

    Where the drawer was counted already, what was expected of it is amended, and as much is taken from the difference.
    """
    (held,) = await fetch(ctx, HOLD, {"drawer": session_id})
    waiting = [row._mapping for row in await fetch(ctx, _WAITING, {"document": document_id, "came_at": came_at})]
    if not waiting:
        return False
    writes = Writes(ctx)
    writes.insert(LatePayment, [
        {"id": new_id(), "payment_id": row["id"], "register_session_id": session_id, "at": ctx.now} for row in waiting
    ])  # fmt: skip
    if held.closed_at is not None:
        _amend(writes, session_id, [row for row in waiting if row["method"] == "cash"])
    await writes.send()
    return True


def _amend(writes: Writes, session_id: UUID, cash: Sequence[Mapping[str, Any]]) -> None:
    writes.value("drawer", session_id)
    writes.value("placed", sum(row["amount_minor"] for row in cash))
    writes.step("drawer_amended", _AMENDED)
    for row in cash:
        counted = ledger.Entry(chart.CASH_DIFFERENCE, chart.CASH, row["amount_minor"])
        ledger.post(
            writes, [counted], source=row["source"], source_id=row["source_id"], business_date=row["business_date"]
        )
