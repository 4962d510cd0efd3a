"""The edge: where a request becomes a context with a transaction, and where that transaction is committed.

A route says who may come in by its signature: `ctx: Annotated[Ctx, allow("sales:create")]`. The gate checks the
bearer, opens the transaction, sets the shop (`use_shop`, the first statement) and checks the permission. When the
endpoint has made its answer the route commits and only then lets it leave. Nothing else in Duka commits a request.
"""

import hashlib
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Match
from starlette.types import Scope

from duka.platform import failures, limiter, uploads
from duka.platform.asked import refuse_unknown_query, refuse_unstorable
from duka.platform.context import Caller, Ctx
from duka.platform.db import Database
from duka.platform.errors import (
    CredentialRequired,
    DukaError,
    Forbidden,
    NotFound,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationError,
)
from duka.platform.events import Relay, sessions_ended_in
from duka.platform.identity import Bearer, KeyBearer, SessionBearer, Signer, read_bearer
from duka.platform.jobs import Queue
from duka.platform.live import Hub
from duka.platform.messages import MailSender, SmsSender
from duka.platform.remembered import KnownAnswer, answer_again, remember
from duka.platform.settings import Settings

Role = Literal["shop", "platform"]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
OpenShop = Callable[[AsyncSession, Bearer, UUID | None, Caller, datetime], Coroutine[Any, Any, Ctx]]
SetAside = Callable[[Ctx, str, DukaError], Coroutine[Any, Any, Response]]
"""Keeps a damaged document of a register: its context with the bytes, the address it was sent to, what is wrong."""

_HOPS_MAX: Final = 20


@dataclass(slots=True)
class House:
    """What a process hands to its edge: the pools, the signer, the relay, how a shop is opened, the jobs, who carries
    messages, and the screens that are told of changes at once."""

    settings: Settings
    database: Database
    signer: Signer
    relay: Relay
    open_shop: OpenShop
    limits: limiter.Limits
    queue: Queue
    sms: SmsSender
    mail: MailSender
    live: Hub
    set_aside: SetAside | None = None


@dataclass(slots=True)
class Visitor:
    """A request outside any shop: of nobody yet (`public`) or of a logged-in person about themselves (`self`)."""

    db: AsyncSession
    now: datetime
    caller: Caller
    house: House
    body_hash: bytes = b""
    account_id: UUID | None = None
    session_id: UUID | None = None
    emitted_in: list[UUID] = field(default_factory=list)
    """Shops whose outbox was written to: the edge wakes the relay for them after the commit."""


@dataclass(slots=True)
class _Transaction:
    db: AsyncSession
    stack: AsyncExitStack
    ctx: Ctx | None = None
    visitor: Visitor | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets a request into a shop when its bearer holds `permission` there."""

    permission: str
    role: Role = "shop"

    async def __call__(self, request: Request) -> Ctx:
        house: House = request.app.state.house
        bearer = read_bearer(request.headers.get("authorization"), house.signer)
        request.state.allowance = house.limits.spend(bearer)
        refuse_unknown_query(request)
        refuse_unstorable(request, await _body_of(request))
        ctx = await self.open(request, bearer)
        request.state.transaction.key = await answer_again(request, ctx)
        return ctx

    async def open(self, request: Request, bearer: Bearer | None = None) -> Ctx:
        """Open the transaction and the shop for whoever asks. Forbidden without the gate's permission."""
        house: House = request.app.state.house
        bearer = bearer or read_bearer(request.headers.get("authorization"), house.signer)
        body = await _body_of(request)
        db = await _open(request, house, self.role)
        ctx = await house.open_shop(db, bearer, _shop_asked(request), caller_of(request), datetime.now(UTC))
        request.state.transaction.ctx = ctx
        ctx.body, ctx.body_hash = body, hashlib.sha256(body).digest()
        ctx.recording = _recording(request, bearer)
        if self.permission not in ctx.permissions:
            raise Forbidden(permission=self.permission)
        return ctx


@dataclass(frozen=True, slots=True)
class Door:
    """Lets a request in outside any shop: anybody (`public`), or whoever is logged in (`self`)."""

    permission: Literal["public", "self"]

    async def __call__(self, request: Request) -> Visitor:
        house: House = request.app.state.house
        caller = caller_of(request)
        bearer: Bearer | None = None
        if self.permission == "self":
            bearer = read_bearer(request.headers.get("authorization"), house.signer)
            if isinstance(bearer, KeyBearer):
                raise Unauthenticated
            request.state.allowance = house.limits.spend(bearer)
        else:
            request.state.allowance = house.limits.spend_visit(caller.ip)
        refuse_unknown_query(request)
        body = await _body_of(request)
        refuse_unstorable(request, body)
        db = await _open(request, house, "platform")
        visitor = Visitor(db, datetime.now(UTC), caller, house, hashlib.sha256(body).digest())
        if isinstance(bearer, SessionBearer):
            visitor.account_id, visitor.session_id = bearer.account_id, bearer.session_id
        request.state.transaction.visitor = visitor
        return visitor


def allow(permission: str, *, role: Role = "shop") -> Any:
    """Mark a route's context with the one permission it needs. `role="platform"` for the few routes that also write
    accounts or sessions."""
    return Depends(Gate(permission, role))


def public() -> Any:
    """Mark a route that needs no login."""
    return Depends(Door("public"))


def myself() -> Any:
    """Mark a route about the logged-in person, in no particular shop."""
    return Depends(Door("self"))


class EdgeRoute(APIRoute):
    """A route whose transaction is committed before its answer leaves."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether a request is for this route, at once where its address begins in another way."""
        if not scope["path"].startswith(self._opening):
            return Match.NONE, {}
        return super().matches(scope)

    @cached_property
    def _opening(self) -> str:
        return self.path.partition("{")[0]

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's own handling (parsing, dependencies, the endpoint) in the transaction's end."""
        inner = super().get_route_handler()
        takes_files = any(each.call is uploads.received for each in self.dependant.dependencies)

        async def handle(request: Request) -> Response:
            request.state.transaction = None
            try:
                # Only files may be large: nobody makes another address take in 50 MB by calling them a file.
                if not takes_files and request.headers.get("content-type", "").startswith("multipart/"):
                    raise UnsupportedMediaType
                response: Response = await inner(request)
                await _commit(request, response)
                return response
            except KnownAnswer as known:
                return known.response
            except DukaError as refusal:
                if refusal.keeps:
                    try:
                        await _commit(request, None)
                    except Exception as broken:
                        return failures.answer(request, failures.of(broken))
                return await self._refuse(request, refusal)
            except Exception as broken:
                return await self._refuse(request, failures.of(broken))
            finally:
                await _close(request)

        return handle

    async def _refuse(self, request: Request, refusal: DukaError) -> Response:
        """Roll back and answer a refusal; a damaged document that a register recorded is kept instead."""
        await _close(request)
        house: House = request.app.state.house
        gate = next((each.call for each in self.dependant.dependencies if isinstance(each.call, Gate)), None)
        recorded = request.method == "POST" and request.headers.get("duka-mode") == "record"
        if not (refusal.damaged and recorded and gate and house.set_aside):
            return failures.answer(request, refusal)
        try:
            response = await house.set_aside(await gate.open(request), request.url.path, refusal)
            await _commit(request, None)
        except Exception as broken:
            return failures.answer(request, failures.of(broken))
        return response


def router(prefix: str, tag: str) -> APIRouter:
    """Make a domain's router: its addresses under `/api`, its transactions committed by the edge."""
    return APIRouter(
        prefix=f"/api{prefix}", tags=[tag], route_class=EdgeRoute,
        generate_unique_id_function=lambda route: f"{tag.replace(' ', '_')}_{route.name}",
    )  # fmt: skip


def caller_of(request: Request) -> Caller:
    """Say where a request comes from."""
    return Caller(
        request_id=request.state.request_id,
        ip=_address(request),
        user_agent=(request.headers.get("user-agent") or "")[:300] or None,
        language=failures.language_of(request),
    )


def _address(request: Request) -> str | None:
    """Give the address of who asks. What a proxy says in `X-Forwarded-For` counts only if the proxy is trusted; then
    it is the last address in it that is not a trusted proxy's, since those before it may be anybody's invention."""
    peer = request.client.host if request.client else None
    trusted = _trusted(request.app.state.house.settings.trusted_proxies)
    if peer is None or not _is_in(peer, trusted):
        return peer
    # Some proxies add a header of their own below the one they were sent: all are one list, the last hop at its end.
    hops = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    for hop in reversed(hops[-_HOPS_MAX:]):
        if not _is_in(hop.strip(), trusted):
            return hop.strip() if _is_address(hop.strip()) else peer
    return peer


@lru_cache(maxsize=8)
def _trusted(proxies: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part.strip(), strict=False) for part in proxies.split(",") if part.strip())


def _is_in(address: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return bool(networks) and _is_address(address) and any(ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


async def _open(request: Request, house: House, role: Role) -> AsyncSession:
    stack = AsyncExitStack()
    db = await stack.enter_async_context(house.database.session(role))
    request.state.transaction = _Transaction(db, stack)
    return db


async def _commit(request: Request, response: Response | None) -> None:
    transaction: _Transaction | None = request.state.transaction
    if transaction is None:
        return
    ctx = transaction.ctx
    if response is not None and response.status_code >= 400:
        await _close(request)
        return
    if transaction.key and ctx:
        await remember(transaction.key, ctx, response)
    await transaction.db.commit()
    ended = sessions_ended_in(transaction.db)
    await _close(request)
    if ended:
        request.app.state.house.relay.nudge_sessions(ended)
    if ctx is not None and ctx.emitted:
        request.app.state.house.relay.nudge(ctx.shop_id)
    for shop_id in transaction.visitor.emitted_in if transaction.visitor else ():
        request.app.state.house.relay.nudge(shop_id)


async def _close(request: Request) -> None:
    transaction: _Transaction | None = request.state.transaction
    if transaction is not None:
        request.state.transaction = None
        await transaction.stack.aclose()


async def _body_of(request: Request) -> bytes:
    return b"" if request.method in ("GET", "HEAD") else await request.body()


def _shop_asked(request: Request) -> UUID | None:
    asked = request.headers.get("x-shop-id")
    if not asked:
        return None
    try:
        return UUID(asked)
    except ValueError:
        raise NotFound(what="shop") from None


def _recording(request: Request, bearer: Bearer) -> bool:
    mode = request.headers.get("duka-mode", "ask")
    if mode not in ("ask", "record"):
        raise ValidationError(fields={"Duka-Mode": ["ask or record"]})
    if mode == "record" and not (isinstance(bearer, KeyBearer) and bearer.kind == "reg"):
        raise CredentialRequired
    return mode == "record"
