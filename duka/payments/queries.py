"""What is asked about money: payments, the sessions of registers, the drawer's open session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Select, Text, Uuid, and_, case, column, func, or_, select, table

from duka.payments.models import CashMove, LatePayment, Payment, RegisterSession
from duka.payments.schemas import Direction, Method, SessionState
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound
from duka.platform.reads import Reads
from duka.platform.wire import PageInfo, Paging, page
from duka.shops.queries import TILL, till_id

# The shop's own table, for lists that are one statement: read here, never written, and always joined by shop.
REGISTERS: Final = table(
    "registers", column("shop_id", Uuid()), column("id", Uuid()), column("branch_id", Uuid()), column("code", Text()),
    column("name", Text()),
)  # fmt: skip
_registers = REGISTERS.c
_MOVES_MAX: Final = 500

_DRAWER: Final = """
SELECT s.id, s.register_id, s.closed_at, g.branch_id FROM register_sessions s
JOIN registers g ON g.shop_id = s.shop_id AND g.id = s.register_id
WHERE s.shop_id = %(shop)s AND g.shop_id = %(shop)s AND s.id = %(drawer)s
"""
_OPEN_SESSION: Final = """
SELECT id, register_id, opened_by, business_date FROM register_sessions
WHERE shop_id = %(shop)s AND register_id = {register} AND closed_at IS NULL
ORDER BY id DESC LIMIT 1
"""

_CLAIMED_SESSION: Final = """
SELECT id, closed_at FROM register_sessions
WHERE shop_id = %(shop)s AND register_id = (SELECT register_id FROM ({till}) t) AND id = %(claimed_session)s
"""

_HOLD: Final = """
SELECT s.*, g.branch_id FROM register_sessions s JOIN registers g ON g.shop_id = s.shop_id AND g.id = s.register_id
WHERE s.shop_id = %(shop)s AND s.id = %(session)s FOR UPDATE OF s
"""

_CASH: Final = """
WITH paid AS (
    SELECT direction, amount_minor FROM payments
    WHERE shop_id = %(shop)s AND register_session_id = %(session)s AND method = 'cash'
    UNION ALL
    SELECT p.direction, p.amount_minor FROM late_payments l
    JOIN payments p ON p.shop_id = %(shop)s AND p.id = l.payment_id
    WHERE l.shop_id = %(shop)s AND l.register_session_id = %(session)s AND p.method = 'cash'
)
SELECT
    (SELECT coalesce(sum(amount_minor) FILTER (WHERE direction = 'in'), 0)::bigint FROM paid) AS taken_minor,
    (SELECT coalesce(sum(amount_minor) FILTER (WHERE direction = 'out'), 0)::bigint FROM paid) AS refunded_minor,
    (SELECT coalesce(sum(amount_minor) FILTER (WHERE direction = 'in'), 0)::bigint FROM cash_moves
        WHERE shop_id = %(shop)s AND register_session_id = %(session)s) AS put_in_minor,
    (SELECT coalesce(sum(amount_minor) FILTER (WHERE direction = 'out'), 0)::bigint FROM cash_moves
        WHERE shop_id = %(shop)s AND register_session_id = %(session)s) AS taken_out_minor
"""


@dataclass(eq=False)
class RegisterSessionNotFound(NotFound):
    """The shop has no such register session, or it is out of the caller's scope."""

    damaged: ClassVar[bool] = True
    what: str = "register session"


@dataclass(frozen=True, slots=True)
class Paid:
    """What a list of payments is narrowed to; days are business days, both included."""

    method: Method | None = None
    direction: Direction | None = None
    source: str | None = None
    source_id: UUID | None = None
    register_session_id: UUID | None = None
    branch_id: UUID | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Turns:
    """What a list of register sessions is narrowed to; days are business days, both included."""

    register_id: UUID | None = None
    branch_id: UUID | None = None
    state: SessionState | None = None
    since: date | None = None
    until: date | None = None


def ask_open_session(reads: Reads, register_id: UUID | None = None) -> None:
    """Ask for the open session (`open_session`, at most one row) of the till that `shops.queries.ask_till` asks for.

    `register_id` as given there; known, it spares looking the register up again.
    """
    reads.ask("open_session", _OPEN_SESSION.replace("{register}", till_id(register_id)))


def ask_session(reads: Reads, session_id: UUID) -> None:
    """Ask whether that till has the session a document names, and until when it was open (`claimed_session`, at most
    one row)."""
    reads.ask("claimed_session", _CLAIMED_SESSION.replace("{till}", TILL), claimed_session=session_id)


def paid_with(method: Method) -> Select[UUID]:
    """Select the documents toward which money came or went by a method, for statements of other domains."""
    return select(Payment.source_id).where(Payment.method == method)


def ask_drawer(reads: Reads, session_id: UUID) -> None:
    """Ask whether the shop has a session, at whatever register, and until when it was open (`drawer`, at most one
    row). Whether the caller reaches it is for `reaches_drawer`."""
    reads.ask("drawer", _DRAWER, drawer=session_id)


def reaches_drawer(ctx: Ctx, drawer: Mapping[str, Any]) -> bool:
    """Say whether the caller may have money go through a drawer that `ask_drawer` found: a register through its own
    only, whoever is bound to a branch through those of the branch."""
    if ctx.actor == "register":
        return bool(drawer["register_id"] == str(ctx.register_id))
    return ctx.branch_id is None or drawer["branch_id"] == str(ctx.branch_id)


async def payments(ctx: Ctx, asked: Paging, paid: Paid) -> tuple[Sequence[Any], PageInfo]:
    """List payments, the newest first: the caller's own, their branch's or all, by the scope of `payments:read`."""
    late = select(LatePayment.register_session_id).where(LatePayment.payment_id == Payment.id).scalar_subquery()
    columns: tuple[Any, ...] = (
        Payment.id, Payment.direction, Payment.method, Payment.amount_minor, Payment.tendered_minor,
        (Payment.tendered_minor - Payment.amount_minor).label("change_minor"), Payment.reference, Payment.source,
        Payment.source_id, func.coalesce(Payment.register_session_id, late).label("register_session_id"),
        Payment.branch_id, Payment.staff_id, Payment.business_date, Payment.at,
    )  # fmt: skip
    query = select(*columns)
    narrowings = (
        (paid.method, Payment.method), (paid.direction, Payment.direction), (paid.source, Payment.source),
        (paid.source_id, Payment.source_id), (paid.branch_id, Payment.branch_id),
    )  # fmt: skip
    query = query.where(*(place == value for value, place in narrowings if value is not None))
    if paid.register_session_id:
        came_late = select(LatePayment.payment_id).where(LatePayment.register_session_id == paid.register_session_id)
        query = query.where(
            or_(Payment.register_session_id == paid.register_session_id, Payment.id.in_(came_late))
        )
    if paid.since:
        query = query.where(Payment.business_date >= paid.since)
    if paid.until:
        query = query.where(Payment.business_date <= paid.until)
    match ctx.permissions.get("payments:read"):
        case "branch":
            query = query.where(Payment.branch_id == ctx.branch_id)
        case "own" | None:
            query = query.where(Payment.staff_id == ctx.staff_id)
    sorts: dict[str, Any] = {
        "business_date": Payment.business_date, "id": Payment.id, "amount": Payment.amount_minor,
    }  # fmt: skip
    return await page(ctx, query, asked, sorts, Payment.id, default="-business_date")


async def sessions(ctx: Ctx, asked: Paging, turns: Turns) -> tuple[Sequence[Any], PageInfo]:
    """List register sessions, the newest first, by the scope of `register_sessions:read`."""
    query = _sessions(ctx, "register_sessions:read")
    if turns.register_id:
        query = query.where(RegisterSession.register_id == turns.register_id)
    if turns.branch_id:
        query = query.where(_registers.branch_id == turns.branch_id)
    if turns.state:
        is_open = RegisterSession.closed_at.is_(None)
        query = query.where(is_open if turns.state == "open" else ~is_open)
    if turns.since:
        query = query.where(RegisterSession.business_date >= turns.since)
    if turns.until:
        query = query.where(RegisterSession.business_date <= turns.until)
    sorts: dict[str, Any] = {
        "id": RegisterSession.id, "business_date": RegisterSession.business_date,
        "opened_at": RegisterSession.opened_at,
    }  # fmt: skip
    return await page(ctx, query, asked, sorts, RegisterSession.id, default="-id")


async def session(ctx: Ctx, session_id: UUID, permission: str = "register_sessions:read") -> Any:
    """Give one register session that a permission of the caller reaches. RegisterSessionNotFound."""
    found = await ctx.db.execute(_sessions(ctx, permission).where(RegisterSession.id == session_id))
    row = found.one_or_none()
    if row is None:
        raise RegisterSessionNotFound
    return row


async def cash_moves(ctx: Ctx, session_id: UUID) -> Sequence[CashMove]:
    """Give what was put into a drawer and taken out in a session, in the order it became known; the first 500."""
    query = select(CashMove).where(CashMove.register_session_id == session_id).order_by(CashMove.id).limit(_MOVES_MAX)
    return (await ctx.db.scalars(query)).all()


async def hold(ctx: Ctx, session_id: UUID, permission: str) -> Mapping[str, Any]:
    """Lock a session that a permission of the caller reaches, so that no cash is added to it meanwhile.
    RegisterSessionNotFound."""
    rows = await fetch(ctx, _HOLD, {"session": session_id})
    if not rows or not _reaches(ctx, rows[0], permission):
        raise RegisterSessionNotFound
    held: Mapping[str, Any] = rows[0]._mapping
    return held


async def cash(ctx: Ctx, session_id: UUID) -> Mapping[str, int]:
    """Sum the cash of a session: `taken_minor`, `refunded_minor`, `put_in_minor`, `taken_out_minor`. It stands still
    only while the session is held."""
    (row,) = await fetch(ctx, _CASH, {"session": session_id})
    sums: Mapping[str, int] = row._mapping
    return sums


def _sessions(ctx: Ctx, permission: str) -> Select[Any]:
    turn = RegisterSession
    columns: tuple[Any, ...] = (
        turn.id, case((turn.closed_at.is_(None), "open"), else_="closed").label("state"), turn.register_id,
        _registers.code.label("register_code"), _registers.name.label("register_name"), _registers.branch_id,
        turn.opened_by, turn.opened_at, turn.received_at, turn.business_date, turn.float_minor, turn.closed_by,
        turn.closed_at, turn.counted_minor, turn.expected_minor,
        (turn.counted_minor - turn.expected_minor).label("difference_minor"), turn.note,
    )  # fmt: skip
    query = select(*columns).join_from(
        turn, REGISTERS, and_(_registers.shop_id == turn.shop_id, _registers.id == turn.register_id)
    )
    if ctx.actor == "register":
        return query.where(turn.register_id == ctx.register_id)
    match ctx.permissions.get(permission):
        case "shop":
            return query
        case "branch":
            return query.where(_registers.branch_id == ctx.branch_id)
    return query.where(turn.opened_by == ctx.staff_id)


def _reaches(ctx: Ctx, session: Any, permission: str) -> bool:
    if ctx.actor == "register":
        return bool(session.register_id == ctx.register_id)
    match ctx.permissions.get(permission):
        case "shop":
            return True
        case "branch":
            return bool(session.branch_id == ctx.branch_id)
    return bool(session.opened_by == ctx.staff_id)
