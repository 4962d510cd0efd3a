"""My own profile."""

from typing import Annotated

from fastapi import Response

from duka.platform import edge, versions
from duka.platform.edge import Visitor, myself
from duka.platform.errors import StaleVersion, Unauthenticated, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.wire import Answer, Nothing
from duka.shops import phones
from duka.shops.auth import accounts, codes, guards, logins, passwords, profile, resets
from duka.shops.auth.schemas import EmailIn, MeEdit, MeOut, PasswordIn
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
