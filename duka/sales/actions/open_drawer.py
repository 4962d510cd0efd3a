"""To open a drawer, and to put into it what named it before its opening was known.

Documents arrive in any order. One that names a register session which is not there yet is stored without it, and waits
as an exception that keeps the claim. When the opening comes, whatever its register delivered for it is put in its
place and the exception is settled, as if it had come in time.
"""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from duka.payments import actions as payments
from duka.payments.actions import Opened
from duka.payments.schemas import SessionIn
from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch

SETTLEMENT: Final = "The opening of the drawer came later."

_REGISTER: Final = "SELECT 1 FROM registers WHERE shop_id = %(shop)s AND id = %(register)s FOR NO KEY UPDATE"

# Its claim is good for its own register only, and is kept after somebody settled it by hand.
_AWAITING: Final = """
SELECT e.id, e.document, e.document_id, e.at, e.settled_at FROM document_exceptions e
JOIN register_sessions s ON s.shop_id = %(shop)s AND s.id = %(session)s
WHERE e.shop_id = %(shop)s AND e.code = 'SESSION_UNKNOWN' AND e.facts ->> 'register_session_id' = %(session)s::text
    AND e.facts ->> 'register_id' = s.register_id::text
ORDER BY e.id
"""

# A sale stands in the session in which it was sold or, if it was completed later, completed.
_SALE: Final = """
UPDATE sales s SET register_session_id = %(session)s, version = s.version + 1
WHERE s.shop_id = %(shop)s AND s.id = %(sale)s AND s.register_session_id IS NULL AND %(came_at)s = (
    SELECT max(t.at) FROM sale_steps t WHERE t.shop_id = %(shop)s AND t.sale_id = s.id
        AND t.step IN ('sell', 'complete'))
RETURNING s.id
"""

_SETTLE: Final = """
UPDATE document_exceptions SET settled_at = %(now)s, settled_by = %(staff)s, settlement = %(settlement)s
WHERE shop_id = %(shop)s AND id = %(exception)s AND settled_at IS NULL RETURNING id
"""

_CLAIM: Final = """
SELECT (facts ->> 'register_id')::uuid AS register_id, (facts ->> 'register_session_id')::uuid AS session_id
FROM document_exceptions WHERE shop_id = %(shop)s AND id = %(exception)s AND code = 'SESSION_UNKNOWN'
"""


async def open_drawer(ctx: Ctx, asked: SessionIn) -> Opened:
    """Open a register's drawer with its float, and put into it what its register delivered before. Raises what
    `payments.open_session` raises."""
    # Whoever looks whether a session has come waits for one that is coming.
    await fetch(ctx, _REGISTER, {"register": asked.register_id})
    opened = await payments.open_session(ctx, asked)
    if not opened.again:
        await put_in_place(ctx, asked.id)
    return opened


async def put_in_place(ctx: Ctx, session_id: UUID) -> None:
    """Link to a session the sales and the money that named it before it was known, and settle their exceptions."""
    for waiting in await fetch(ctx, _AWAITING, {"session": session_id}):
        came = {"session": session_id, "sale": waiting.document_id, "came_at": waiting.at}
        changed = waiting.document == "sale" and bool(await fetch(ctx, _SALE, came))
        placed = await payments.place(ctx, session_id, waiting.document_id, waiting.at)
        if changed or placed:
            audit.record(ctx, "put_in_drawer", waiting.document, waiting.document_id,
                         after={"register_session_id": session_id})
        if changed:
            events.emit(ctx, "sale.updated", waiting.document_id, {"register_session_id": str(session_id)})
        await _settle(ctx, waiting)


async def _settle(ctx: Ctx, waiting: Any) -> None:
    values = {"exception": waiting.id, "now": ctx.now, "staff": ctx.staff_id, "settlement": SETTLEMENT}
    if await fetch(ctx, _SETTLE, values):
        audit.record(ctx, "settle", "exception", waiting.id, after={"settlement": SETTLEMENT})
        events.emit(ctx, "exception.settled", waiting.id)


async def look_again(ctx: Ctx, consumer: str, kinds: Collection[str]) -> int:
    """Find the drawers of documents that were stored at the moment in which their drawer was opened, so that neither
    saw the other. `consumer` reads the events of `kinds`; gives how many it took."""
    noted = await events.unread(ctx, consumer, kinds=kinds)
    for event in noted:
        for claim in await fetch(ctx, _CLAIM, {"exception": event.entity_id}):
            await fetch(ctx, _REGISTER, {"register": claim.register_id})
            await put_in_place(ctx, claim.session_id)
    return len(noted)
