"""My own profile."""

from typing import Annotated

from fastapi import Request, Response

from duka.platform import edge, versions
from duka.platform.context import Ctx
from duka.platform.edge import Visitor, allow, myself
from duka.platform.errors import StaleVersion, Unauthenticated, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.wire import Answer, Nothing
from duka.shops import phones
from duka.shops.auth import accounts, codes, guards, logins, passwords, pins, profile, resets
from duka.shops.auth.schemas import EmailIn, MeEdit, MeOut, PasswordIn, PinIn
from duka.shops.entry import SessionEnded, SessionReplaced

router = edge.router("/me", "me")

_LIVE = refusals(Unauthenticated, SessionReplaced, SessionEnded)


@router.get("", summary="My profile", responses=_LIVE)
async def show(visitor: Annotated[Visitor, myself()], response: Response) -> Answer[MeOut]:
    """My name, phone, e-mail and language."""
    account = await profile.mine(visitor)
    response.headers["ETag"] = f'"{account.version}"'
    return Answer(data=MeOut.model_validate(account))


@router.put("", summary="Change my profile", responses=refusals(
    Unauthenticated, SessionReplaced, VersionRequired, StaleVersion, phones.PhoneNotValid, logins.WrongPassword,
    codes.CodeNotValid, accounts.AccountExists, accounts.EmailTaken, guards.AccountLocked,
))  # fmt: skip
async def edit(visitor: Annotated[Visitor, myself()], body: MeEdit, if_match: versions.IfMatch) -> Answer[MeOut]:
    """Change what is sent and keep the rest. Another phone or e-mail needs the
    code sent there and the password. Each shop's
    name for me stays what its owner wrote."""
    account = await profile.edit(visitor, body, versions.of(body, if_match))
    return Answer(data=MeOut.model_validate(account), message="Your profile is saved.")


@router.post("/email", summary="Use another e-mail", responses=refusals(
    Unauthenticated, SessionReplaced, logins.WrongPassword, guards.AccountLocked, codes.CodeSentAlready,
    codes.TooManyCodes,
))  # fmt: skip
async def ask_for_email(visitor: Annotated[Visitor, myself()], body: EmailIn) -> Answer[Nothing]:
    """Send a code to the address, good for 30 minutes; send it back with PUT /api/me and the address is mine."""
    await profile.ask_for_email(visitor, body.email, body.password)
    return Answer(data=Nothing(), message="A code is on its way to that address.")


@router.post("/password", summary="Change my password", responses=refusals(
    Unauthenticated, SessionReplaced, logins.WrongPassword, guards.AccountLocked, passwords.PasswordTooWeak,
))  # fmt: skip
async def change_password(visitor: Annotated[Visitor, myself()], body: PasswordIn) -> Answer[Nothing]:
    """Change my password; all my other logins end."""
    await resets.change(visitor, body.current_password, body.password)
    return Answer(data=Nothing(), message="Your password is changed. Your other devices are logged out.")


@router.put("/pin", summary="Choose my PIN", responses=refusals(
    SessionReplaced, logins.WrongPassword, guards.AccountLocked, pins.PinTooEasy,
))  # fmt: skip
async def choose_pin(
    ctx: Annotated[Ctx, allow("profile:update", role="platform")], body: PinIn, request: Request
) -> Answer[Nothing]:
    """Choose the four to six digits by which I take my turn at this shop's tills. It is no login: it works only at a
    till of my branch where somebody is logged in, also without a network, and what I sell there is mine."""
    await pins.choose(ctx, request.app.state.house, body.pin, body.current_password)
    return Answer(data=Nothing(), message="Your PIN is set.")


@router.delete("/pin", summary="Clear my PIN", responses=refusals(SessionReplaced))
async def clear_pin(ctx: Annotated[Ctx, allow("profile:update")]) -> Answer[Nothing]:
    """Take my PIN away; tills forget it when they next hear from the server."""
    if ctx.staff_id is not None and ctx.actor == "staff":
        await pins.clear(ctx, ctx.staff_id)
    return Answer(data=Nothing(), message="You have no PIN now.")
