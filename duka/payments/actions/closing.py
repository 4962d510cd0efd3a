"""To close a drawer: what was counted meets what should be there, and the difference goes into the books."""

from typing import Final
from uuid import UUID

from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.payments import events as told
from duka.payments import queries
from duka.payments.actions.moving import SessionClosed
from duka.payments.actions.naming import named
from duka.payments.actions.opening import Opened
from duka.payments.rules import expected_minor
from duka.payments.schemas import CloseIn
from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.writes import Writes

_CLOSE: Final = """
UPDATE register_sessions s SET closed_by = %(closer)s, closed_at = %(closed_at)s, counted_minor = %(counted)s,
    expected_minor = %(expected)s, note = %(note)s
FROM first WHERE s.shop_id = %(shop)s AND s.id = %(session)s RETURNING s.id
"""


async def close_session(ctx: Ctx, session_id: UUID, asked: CloseIn) -> Opened:
    """Close a session with what was counted; say what was expected and the difference, which is posted.

    Closing it again with the same count changes nothing. RegisterSessionNotFound, PersonUnknown; SessionClosed when
    it was closed with another count.
    """
    # The sum is asked in a statement of its own, after the lock: only then it sees all the cash that got in before.
    held = await queries.hold(ctx, session_id, "register_sessions:close")
    if held["closed_at"] is not None:
        if (held["counted_minor"], held["note"]) != (asked.counted, asked.note):
            raise SessionClosed
        return Opened(await queries.session(ctx, session_id, "register_sessions:close"), again=True)
    closed_by = await named(ctx, asked.staff_id, "register_sessions:close")
    should_be = expected_minor(held["float_minor"], **await queries.cash(ctx, session_id))
    writes = Writes(ctx)
    values = {
        "session": session_id, "closer": closed_by, "closed_at": asked.closed_at or ctx.now,
        "counted": asked.counted, "expected": should_be, "note": asked.note,
    }  # fmt: skip
    for name, value in values.items():
        writes.value(name, value)
    writes.step("closed", _CLOSE)
    difference = ledger.Entry(chart.CASH, chart.CASH_DIFFERENCE, asked.counted - should_be)
    ledger.post(
        writes, [difference], source="register_session", source_id=session_id, business_date=held["business_date"]
    )
    facts = {
        "register_id": str(held["register_id"]), "branch_id": str(held["branch_id"]), "expected_minor": should_be,
        "counted_minor": asked.counted,
    }  # fmt: skip
    writes.insert(AuditEntry, [audit.entry(ctx, "close", "register_session", session_id, after=facts)])
    writes.insert(OutboxEvent, [events.entry(ctx, told.SESSION_CLOSED, session_id, facts)])
    await writes.send()
    return Opened(await queries.session(ctx, session_id, "register_sessions:close"))
