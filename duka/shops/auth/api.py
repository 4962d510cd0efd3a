"""The door: codes, login, staying logged in, forgotten passwords."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Response

from duka.platform import edge
from duka.platform.context import Ctx
from duka.platform.edge import Visitor, allow, myself, public
from duka.platform.errors import NotFound, RateLimited, Unauthenticated
from duka.platform.identity import SessionBearer, read_bearer
from duka.platform.openapi import refusals
from duka.platform.wire import Answer, Nothing
from duka.shops import phones
from duka.shops.auth import (
    accounts,
    codes,
    cookies,
    guards,
    logins,
    notices,
    passwords,
    places,
    resets,
    sessions,
    who,
)
from duka.shops.auth.schemas import (
    ForgotIn,
    LoggedInOut,
    LoginIn,
    LogoutIn,
    OtpIn,
    OtpOut,
    PlaceOut,
    RefreshIn,
    ResetIn,
    SessionOut,
    TokensOut,
    WhoOut,
)
from duka.shops.entry import SessionEnded, SessionReplaced, StaffSuspended

router = edge.router("/auth", "auth")

_LIVE = refusals(Unauthenticated, SessionReplaced, SessionEnded)


@router.post("/otp", summary="Send a code to a phone", responses=refusals(
    phones.PhoneNotValid, codes.CodeSentAlready, codes.TooManyCodes, RateLimited,
))  # fmt: skip
async def send_code(visitor: Annotated[Visitor, public()], body: OtpIn) -> Answer[OtpOut]:
    """Send six digits by SMS, good for 5 minutes and 5 tries; again after 30 seconds, at most 5 in an hour. The answer
    is the same whether anybody has an account with the phone. A code never logs in."""
    phone = phones.e164(body.phone, body.country)
    await codes.count_address(visitor)
    code = await codes.issue(visitor, phone, body.purpose)
    await notices.send_code(visitor, phone, body.purpose, code, codes.CODE_SECONDS)
    shown = None if visitor.house.settings.mode == "production" else code
    sent = OtpOut(phone=phone, expires_in=codes.CODE_SECONDS, resend_in=codes.RESEND_SECONDS, code=shown)
    return Answer(data=sent, message="A code is on its way.")


@router.post("/login", summary="Log in", responses=refusals(
    logins.WrongLogin, StaffSuspended, guards.AccountLocked, RateLimited,
))  # fmt: skip
async def log_in(visitor: Annotated[Visitor, public()], body: LoginIn, response: Response) -> Answer[LoggedInOut]:
    """Log in with phone or e-mail and password. An account is logged in on one device at a time (or as many as its
    shops allow): the device before is told at its next request. Five wrong passwords close the login for 15 minutes,
    then for 30, and so on."""
    device = sessions.device_of(visitor, body.device_id, body.device_name)
    login = accounts.login_of(body.login, body.country)
    inside = await logins.log_in(visitor, login, body.password, device, remember=body.remember)
    return Answer(data=cookies.shown(visitor, inside, response, in_cookie=body.cookie), message="You are logged in.")


@router.post("/refresh", summary="Stay logged in", responses=refusals(
    sessions.RefreshNotValid, sessions.RefreshReused, SessionReplaced, SessionEnded, cookies.HeaderRequired,
))  # fmt: skip
async def refresh(
    visitor: Annotated[Visitor, public()], body: RefreshIn, response: Response, in_cookie: cookies.InCookie
) -> Answer[TokensOut]:
    """Exchange the refresh token for a new one and a new access token. Each works once; a second use ends the login,
    unless it is the same request repeated."""
    token = body.refresh_token or in_cookie
    if token is None:
        raise Unauthenticated
    tokens = await sessions.refresh(visitor, token, body.request_id)
    shown = TokensOut.model_validate(tokens)
    if body.refresh_token is None:
        cookies.give(visitor, response, tokens)
        shown.refresh_token = None
    return Answer(data=shown)


@router.post("/logout", summary="Log out", responses=refusals(Unauthenticated, cookies.HeaderRequired))
async def log_out(
    visitor: Annotated[Visitor, public()], response: Response, in_cookie: cookies.InCookie,
    body: LogoutIn | None = None, authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Answer[Nothing]:  # fmt: skip
    """End the login of the refresh token (in the body or cookie), or else of the access token."""
    token = (body and body.refresh_token) or in_cookie
    if token is not None:
        session = await sessions.of_token(visitor, token)
    else:
        bearer = read_bearer(authorization, visitor.house.signer)
        if not isinstance(bearer, SessionBearer):
            raise Unauthenticated
        visitor.account_id, visitor.session_id = bearer.account_id, bearer.session_id
        session = await sessions.of_visitor(visitor)
    if session is not None:
        visitor.session_id = session.id
        await sessions.log_out(visitor, session)
    cookies.take_back(visitor, response)
    return Answer(data=Nothing(), message="You are logged out.")


@router.get("/sessions", summary="Where I am logged in", responses=_LIVE)
async def list_sessions(visitor: Annotated[Visitor, myself()]) -> Answer[list[SessionOut]]:
    """The devices on which I am logged in, the one seen last first (at most 50)."""
    shown = [SessionOut.model_validate(session) for session in await sessions.listed(visitor)]
    for session in shown:
        session.current = session.id == visitor.session_id
    return Answer(data=shown)


@router.delete("/sessions/{session_id}", summary="Log out another device", responses={**_LIVE, **refusals(NotFound)})
async def end_session(visitor: Annotated[Visitor, myself()], session_id: UUID) -> Answer[SessionOut]:
    """End one of my logins; its next request is refused."""
    session = await sessions.end_one(visitor, session_id)
    return Answer(data=SessionOut.model_validate(session), message="That device is logged out.")


@router.get("/shops", summary="My shops", responses=_LIVE)
async def list_my_shops(visitor: Annotated[Visitor, myself()]) -> Answer[list[PlaceOut]]:
    """The shops I work in (at most 50); send one's id as `X-Shop-ID` with what you ask there."""
    session = await sessions.of_visitor(visitor)
    mine = await places.of(visitor, session.account_id)
    return Answer(data=[PlaceOut.model_validate(place) for place in mine])


@router.get("/validate", summary="Who I am", responses=_LIVE)
async def validate(ctx: Annotated[Ctx, allow("profile:read", role="platform")]) -> Answer[WhoOut]:
    """My account, shop, role and permissions: what a program asks first to know what it may do."""
    return Answer(data=await who.am_i(ctx))


@router.post("/password/forgot", summary="Forgot my password", responses=refusals(RateLimited))
async def forgot_password(visitor: Annotated[Visitor, public()], body: ForgotIn) -> Answer[Nothing]:
    """Send a link (to an e-mail) or a code (to a phone) for a new password, good once for 30 minutes. The answer is
    the same whether anybody has that login."""
    await notices.send_reset(visitor, accounts.login_of(body.login, body.country))
    return Answer(data=Nothing(), message="If somebody has this login, a link or code is on its way.")


@router.post("/password/reset", summary="Set a new password", responses=refusals(
    codes.CodeNotValid, codes.LinkNotValid, passwords.PasswordTooWeak, RateLimited,
))  # fmt: skip
async def reset_password(visitor: Annotated[Visitor, public()], body: ResetIn) -> Answer[Nothing]:
    """Set a new password with the link's token or the phone's code. All logins of the account end."""
    if body.token is not None:
        await resets.by_link(visitor, body.token, body.password)
    else:
        assert body.login
        assert body.code
        await resets.by_code(visitor, accounts.login_of(body.login, body.country), body.code, body.password)
    return Answer(data=Nothing(), message="Your new password is set. Log in with it.")
