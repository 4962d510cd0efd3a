"""To put cash into a drawer or take some out, for another reason than a sale."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.payments import events as told
from duka.payments import queries
from duka.payments.actions.naming import named
from duka.payments.actions.taking import HOLD
from duka.payments.models import CashMove
from duka.payments.rules import expected_minor
from duka.payments.schemas import CashMoveIn
from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.errors import DukaError, IdempotencyConflict
from duka.platform.ids import check_made
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.money import Amount
from duka.platform.reads import Reads
from duka.platform.writes import Outcome, Writes


@dataclass(eq=False)
class SessionClosed(DukaError):
    """The session was counted and closed before, with another count."""

    damaged: ClassVar[bool] = True
    code: ClassVar[str] = "REGISTER_SESSION_CLOSED"
    text: ClassVar[str] = "This session is closed. Open a new one."


@dataclass(eq=False)
class DrawerShort(DukaError):
    """More is to be taken out of a drawer than should be in it."""

    text: ClassVar[str] = "Less than {asked} should be in this drawer. Take out less, or put cash in first."
    asked: Amount


@dataclass(eq=False)
class DrawerShortTold(DrawerShort):
    """More is to be taken out of a drawer than should be in it. How much that is, is told to whoever counts the drawers
    of others, but not to whose own drawer it is: they would not count it honestly any more."""

    code: ClassVar[str] = DrawerShort.code
    text: ClassVar[str] = "This drawer should hold {held}; {asked} cannot be taken out of it."
    held: Amount


@dataclass(frozen=True, slots=True)
class CashMoved:
    """A move as answered; `again` says that it stood already, `short` that a recorded one took more than should have
    been there."""

    move: Mapping[str, Any]
    branch_id: UUID
    again: bool = False
    short: DrawerShort | None = None


_STANDING: Final = """
SELECT id, register_session_id, direction, amount_minor, reason, staff_id, business_date, made_at, at,
    encode(body_hash, 'hex') AS hash_text
FROM cash_moves WHERE shop_id = %(shop)s AND id = %(move)s
"""

_LATE: Final = """
UPDATE register_sessions s SET expected_minor = s.expected_minor + %(moved)s FROM drawer_held h, first
WHERE s.shop_id = %(shop)s AND s.id = h.id AND h.closed_at IS NOT NULL RETURNING s.id
"""


async def move_cash(ctx: Ctx, session_id: UUID, asked: CashMoveIn) -> CashMoved:
    """Put cash into a session's drawer or take it out; the books follow.

    Repeating the same body gives the first answer; another body under the same id is an IdempotencyConflict.
    RegisterSessionNotFound, PersonUnknown; SessionClosed; DrawerShort for more than should be in the drawer. A recorded
    move happened: where the drawer is counted already, it amends what was expected of it and takes as much from the
    difference.
    """
    session = await queries.session(ctx, session_id, "register_sessions:cash_move")
    standing = await _standing(ctx, asked.id)
    if standing:
        return _again(ctx, session, standing)
    check_made(ctx, asked.id)
    short = await _short(ctx, session_id, asked.amount) if asked.direction == "out" else None
    if short and not ctx.recording:
        raise short
    staff_id = await named(ctx, asked.staff_id, "register_sessions:cash_move")
    row = {
        "id": asked.id, "register_session_id": session_id, "direction": asked.direction, "amount_minor": asked.amount,
        "reason": asked.reason, "staff_id": staff_id, "business_date": session.business_date,
        "made_at": asked.made_at or ctx.now, "at": ctx.now, "body_hash": ctx.body_hash,
    }  # fmt: skip
    outcome = await _write(ctx, row)
    if outcome.written:
        return CashMoved(row, session.branch_id, short=short)
    standing = await _standing(ctx, asked.id)
    if standing:
        return _again(ctx, session, standing)
    raise SessionClosed


async def _short(ctx: Ctx, session_id: UUID, amount_minor: int) -> DrawerShort | None:
    """Say whether less should be in a drawer than is taken out of it. The drawer is held from here on, so that no
    other cash leaves it meanwhile."""
    drawer = await queries.hold(ctx, session_id, "register_sessions:cash_move")
    if drawer["closed_at"] is not None and not ctx.recording:
        raise SessionClosed
    held_minor = expected_minor(drawer["float_minor"], **await queries.cash(ctx, session_id))
    if amount_minor <= held_minor:
        return None
    asked = Amount(amount_minor, ctx.currency)
    counts_others = ctx.actor != "register" and ctx.permissions["register_sessions:cash_move"] != "own"
    if ctx.recording or counts_others:
        return DrawerShortTold(asked, Amount(held_minor, ctx.currency))
    return DrawerShort(asked)


async def _write(ctx: Ctx, row: Mapping[str, Any]) -> Outcome:
    writes = Writes(ctx)
    day: date = row["business_date"]
    moved_minor = row["amount_minor"] if row["direction"] == "in" else -row["amount_minor"]
    writes.value("drawer", row["register_session_id"])
    writes.value("moved", moved_minor)
    writes.lock("drawer_held", HOLD)
    if not ctx.recording:
        writes.guard("drawer_open", "EXISTS (SELECT 1 FROM drawer_held WHERE closed_at IS NULL)")
    writes.first(CashMove, row)
    writes.step("drawer_late", _LATE)
    put_in = ledger.Entry(chart.CASH, chart.DRAWER_OTHER, moved_minor)
    ledger.post(writes, [put_in], source="cash_move", source_id=row["id"], business_date=day)
    counted = ledger.Entry(chart.CASH_DIFFERENCE, chart.CASH, moved_minor)
    ledger.post(writes, [counted], source="cash_move", source_id=row["id"], business_date=day, if_any="drawer_late")
    facts = {
        "register_session_id": str(row["register_session_id"]), "direction": row["direction"],
        "amount_minor": row["amount_minor"],
    }  # fmt: skip
    writes.insert(AuditEntry, [
        audit.entry(ctx, "cash_move", "cash_move", row["id"], after=facts, reason=row["reason"])
    ])  # fmt: skip
    writes.insert(OutboxEvent, [events.entry(ctx, told.CASH_MOVED, row["id"], facts)])
    return await writes.send()


async def _standing(ctx: Ctx, move_id: UUID) -> Mapping[str, Any] | None:
    reads = Reads(ctx)
    reads.ask("standing", _STANDING, move=move_id)
    return next(iter((await reads.send())["standing"]), None)


def _again(ctx: Ctx, session: Any, standing: Mapping[str, Any]) -> CashMoved:
    if standing["hash_text"] != ctx.body_hash.hex() or standing["register_session_id"] != str(session.id):
        raise IdempotencyConflict
    return CashMoved(standing, session.branch_id, again=True)
