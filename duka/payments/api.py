"""The door to money: payments, and the drawers they lie in."""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.payments import actions, queries
from duka.payments.actions import PersonUnknown, SessionClosed
from duka.payments.queries import Paid, RegisterSessionNotFound, Turns
from duka.payments.schemas import (
    CloseIn,
    Direction,
    Method,
    PaymentListed,
    SessionOut,
    SessionState,
    SessionWhole,
)
from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.openapi import RECORDED, refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging

payments = edge.router("/payments", "payments")
sessions = edge.router("/register-sessions", "register sessions")
ROUTERS: Final = (payments, sessions)

Asked = Annotated[Paging, Depends(wire.paging)]
Reader = Annotated[Ctx, allow("register_sessions:read")]

_PAYMENTS = (
    Column("business_date", "Date", "date"), Column("direction", "Direction"), Column("method", "Method"),
    Column("amount_minor", "Amount", "money"), Column("tendered_minor", "Tendered", "money"),
    Column("change_minor", "Change", "money"), Column("reference", "Reference"), Column("source", "Document"),
    Column("source_id", "Document id"),
)  # fmt: skip
_SESSIONS = (
    Column("business_date", "Date", "date"), Column("register_code", "Register"), Column("state", "State"),
    Column("float_minor", "Float", "money"), Column("expected_minor", "Expected", "money"),
    Column("counted_minor", "Counted", "money"), Column("difference_minor", "Difference", "money"),
    Column("note", "Note"),
)  # fmt: skip


async def _paid(
    method: Annotated[Method | None, Query(description="One method.")] = None,
    direction: Annotated[Direction | None, Query(description="`in` for money taken, `out` for refunds.")] = None,
    source: Annotated[str | None, Query(max_length=50, description="Toward one kind of document.")] = None,
    source_id: Annotated[UUID | None, Query(description="Toward one document.")] = None,
    register_session_id: Annotated[UUID | None, Query(description="Of one register session.")] = None,
    branch_id: Annotated[UUID | None, Query(description="Of one branch.")] = None,
    since: Annotated[date | None, Query(alias="from", description="First business day.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last business day.")] = None,
) -> Paid:
    return Paid(method, direction, source, source_id, register_session_id, branch_id, since, until)


@payments.get("", summary="List payments", response_model=Page[PaymentListed], responses=refusals(BadCursor))
async def list_payments(
    ctx: Annotated[Ctx, allow("payments:read")], asked: Asked, paid: Annotated[Paid, Depends(_paid)]
) -> Page[PaymentListed] | Response:
    """Money taken and given back toward documents, the newest first: your own, your branch's or all, by your role.

    Sort by `business_date`, `id` or `amount`. Exports need `payments:export`.
    """
    file_format = exports.wanted(ctx, asked, "payments:export")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.payments(ctx, part, paid))
        return await exports.file_response(ctx, parts, _PAYMENTS, "payments", file_format)
    rows, page = await queries.payments(ctx, asked, paid)
    return Page(data=[PaymentListed.model_validate(row) for row in rows], page=page)


async def _turns(
    register_id: Annotated[UUID | None, Query(description="Of one register.")] = None,
    branch_id: Annotated[UUID | None, Query(description="Of one branch.")] = None,
    state: Annotated[SessionState | None, Query(description="`open` or `closed`.")] = None,
    since: Annotated[date | None, Query(alias="from", description="First business day.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last business day.")] = None,
) -> Turns:
    return Turns(register_id, branch_id, state, since, until)


@sessions.get("", summary="List register sessions", response_model=Page[SessionOut], responses=refusals(BadCursor))
async def list_sessions(
    ctx: Reader, asked: Asked, turns: Annotated[Turns, Depends(_turns)]
) -> Page[SessionOut] | Response:
    """Turns at registers, the newest first: your own, your branch's or all, by your role.

    Sort by `id`, `business_date` or `opened_at`. Exports need `payments:export`.
    """
    file_format = exports.wanted(ctx, asked, "payments:export")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.sessions(ctx, part, turns))
        return await exports.file_response(ctx, parts, _SESSIONS, "register-sessions", file_format)
    rows, page = await queries.sessions(ctx, asked, turns)
    return Page(data=[SessionOut.model_validate(row) for row in rows], page=page)


@sessions.get("/{session_id}", summary="Show a register session", responses=refusals(RegisterSessionNotFound))
async def show_session(ctx: Reader, session_id: UUID) -> Answer[SessionWhole]:
    """One turn at a register with the cash put in and taken out."""
    row = await queries.session(ctx, session_id)
    moves = await queries.cash_moves(ctx, session_id)
    return Answer(data=SessionWhole.model_validate({**row._mapping, "cash_moves": moves}))


@sessions.post(
    "/{session_id}/close", summary="Count and close a drawer",
    openapi_extra=RECORDED,
    responses=refusals(SessionClosed, RegisterSessionNotFound, PersonUnknown),
)  # fmt: skip
async def close_session(
    ctx: Annotated[Ctx, allow("register_sessions:close")], session_id: UUID, body: CloseIn, response: Response
) -> Answer[SessionOut]:
    """End a turn with what was counted. The answer says what was expected: the float, and the cash that came in less
    what went out. The difference is posted to the books.

    Closing it again with the same count and note changes nothing.
    """
    closed = await actions.close_session(ctx, session_id, body)
    _mark(response, closed.again)
    return Answer(data=SessionOut.model_validate(closed.session), message="Drawer closed.")


def _mark(response: Response, again: bool) -> None:
    if again:
        response.headers["Idempotency-Replayed"] = "true"
