"""The door to live updates: one stream for each installation of the app."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import psycopg
import structlog
from fastapi import Query, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from duka.platform import edge
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.edge import House, allow, caller_of
from duka.platform.errors import DukaError, Forbidden
from duka.platform.events import told_as
from duka.platform.identity import ACCESS_MINUTES, SessionBearer, read_bearer
from duka.platform.live import Check, LiveResponse, Screen

log = structlog.get_logger()

_PERMISSION: Final = "profile:read"
_LIFE_SECONDS: Final = ACCESS_MINUTES * 60
_KINDS_OF: Final = 1_000
_HEAD: Final = "SELECT position FROM event_heads WHERE shop_id = %(shop)s"
_BETWEEN: Final = """
SELECT DISTINCT event FROM outbox WHERE shop_id = %(shop)s AND position > %(after)s AND position <= %(head)s
"""

_TOLD: Final = """Server-sent events. `changed`: something of the shop changed; `{"position", "kinds"}` (an empty list
of kinds: anything may have). `session_replaced`: you may not stay, and the stream ends; `{"code", "message", "device",
"at"}`, where `SESSION_REPLACED` names the device that logged in and when. A comment each 20 seconds is a sign of
life."""
_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": _TOLD,
        "content": {"text/event-stream": {"example": (
            'event: changed\nid: 1207\ndata: {"position":1207,"kinds":["sale.created"]}\n\n'
        )}},
    }
}  # fmt: skip

router = edge.router("/live", "live")


@router.get("", summary="Be told of changes as they happen", responses=_STREAM, response_class=Response)
async def listen(
    request: Request,
    ctx: Annotated[Ctx, allow(_PERMISSION)],
    seconds: Annotated[
        int | None,
        Query(ge=0, le=_LIFE_SECONDS, description="End the stream after so many seconds, for networks that hand an "
              "answer on only when it is whole. Left out, it ends when the token expires."),
    ] = None,
) -> LiveResponse:  # fmt: skip
    """One stream for as long as the token is good; open it again with a fresh token, and with the last `id` you got
    as `Last-Event-ID`: what happened meanwhile is told at once. It carries no data of the shop: fetch what changed.

    Without `Last-Event-ID` the first event is `changed`, so that nothing is missed between loading and listening.
    """
    house: House = request.app.state.house
    screen = house.live.join(ctx.shop_id, _holder(request, house))
    await _catch_up(ctx, screen, request.headers.get("last-event-id"))
    life = _life_seconds(request, house, ctx)
    lasts = life if seconds is None else min(life, seconds)
    return LiveResponse(house.live, screen, _checked(request, house, ctx), lasts)


async def _catch_up(ctx: Ctx, screen: Screen, last: str | None) -> None:
    """Tell the screen what happened after `last`. It has joined before, so nothing falls in between."""
    heads = await fetch(ctx, _HEAD, {})
    head = heads[0].position if heads else 0
    after = int(last) if last and last.isdecimal() and len(last) < 19 else None
    if after == head:
        screen.position = head
    elif after is None or not head - _KINDS_OF <= after < head:
        screen.hear(head, None)
    else:
        screen.hear(head, [event for (event,) in await fetch(ctx, _BETWEEN, {"after": after, "head": head})])


def _holder(request: Request, house: House) -> str:
    bearer = read_bearer(request.headers.get("authorization"), house.signer)
    return told_as(bearer.session_id) if isinstance(bearer, SessionBearer) else bearer.key_hash.hex()


def _life_seconds(request: Request, house: House, ctx: Ctx) -> float:
    if ctx.session_id is None:
        return _LIFE_SECONDS
    token = request.headers["authorization"].partition(" ")[2].strip()
    return max(0.0, house.signer.good_until(token) - datetime.now(UTC).timestamp())


def _checked(request: Request, house: House, ctx: Ctx) -> Check:
    """Make the check of a screen: whoever opened it must be let in as if they asked anew, in a short transaction."""
    bearer = read_bearer(request.headers.get("authorization"), house.signer)
    asked = ctx.shop_id if isinstance(bearer, SessionBearer) else None
    caller = caller_of(request)

    async def check() -> DukaError | None:
        try:
            async with house.live.checking, house.database.session() as db:
                now = await house.open_shop(db, bearer, asked, caller, datetime.now(UTC))
        except DukaError as refusal:
            return refusal
        except (SQLAlchemyError, psycopg.Error, OSError) as failure:
            # Whether they may stay is not known; the next check will tell.
            log.warning("live_check_failed", error=type(failure).__name__)
            return None
        return None if now.may(_PERMISSION) else Forbidden(permission=_PERMISSION)

    return check
