"""The door to opening a drawer: documents that named it before may be waiting."""

from typing import Annotated

from fastapi import Response

from duka.payments.actions import PersonUnknown, RegisterSessionOpen
from duka.payments.schemas import SessionIn, SessionOut
from duka.platform import edge
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict
from duka.platform.openapi import RECORDED, refusals
from duka.platform.wire import Answer
from duka.sales.actions.open_drawer import open_drawer
from duka.shops.registers.actions import RegisterClosed
from duka.shops.registers.queries import RegisterNotFound

sessions = edge.router("/register-sessions", "register sessions")


@sessions.post(
    "", status_code=201, summary="Open a drawer",
    openapi_extra=RECORDED,
    responses=refusals(RegisterSessionOpen, RegisterClosed, RegisterNotFound, PersonUnknown, IdempotencyConflict),
)  # fmt: skip
async def open_session(
    ctx: Annotated[Ctx, allow("register_sessions:open")], body: SessionIn, response: Response
) -> Answer[SessionOut]:
    """Begin a turn at a register with the cash that lies in its drawer. This fixes the business day of all that is
    done in it.

    With `Duka-Mode: record` the register tells what happened already: it is stored even beside a session that nobody
    closed. Sales and payments that came before and named this session are put into it now.
    """
    opened = await open_drawer(ctx, body)
    response.headers["Location"] = f"/api/register-sessions/{body.id}"
    if opened.again:
        response.headers["Idempotency-Replayed"] = "true"
    return Answer(data=SessionOut.model_validate(opened.session), message="Drawer opened.")
