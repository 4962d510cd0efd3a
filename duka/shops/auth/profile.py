"""What a person changes about themselves: name, language, phone and e-mail."""

from typing import Any

from sqlalchemy import select

from duka.platform import versions
from duka.platform.edge import Visitor
from duka.platform.errors import StaleVersion, ValidationError, VersionRequired
from duka.shops import phones
from duka.shops.auth import accounts, codes, logins, notices, places, sessions
from duka.shops.auth.schemas import MeEdit
from duka.shops.models import Account


async def mine(visitor: Visitor) -> Account:
    """Give the account of who asks."""
    session = await sessions.of_visitor(visitor)
    return (await visitor.db.scalars(select(Account).where(Account.id == session.account_id))).one()


async def edit(visitor: Visitor, body: MeEdit, version: int | None) -> Account:
    """Change what the person gave, if nobody changed it since `version`.

    Another phone or e-mail needs the password and the code sent there; clearing the e-mail needs the password.
    WrongPassword, CodeNotValid, AccountExists, EmailTaken; VersionRequired, StaleVersion.
    """
    before = await mine(visitor)
    if version is None:
        raise VersionRequired
    values = {name: value for name, value in _wanted(body).items() if getattr(before, name) != value}
    if "phone" in values or "email" in values:
        await _prove_again(visitor, body, before, values)
    account = await accounts.held(visitor, before.id)
    if account.version != version:
        raise StaleVersion(current_version=account.version)
    if values:
        for name, value in values.items():
            setattr(account, name, value)
        account.version += 1
        with accounts.refusing_taken():
            await visitor.db.flush()
        after = dict.fromkeys(values, "(changed)")
        await places.tell(visitor, account.id, "update", "account", account.id, after=after)
    return account


async def ask_for_email(visitor: Visitor, email: str, password: str) -> None:
    """Send a code to the address that the person wants to be reached at. WrongPassword; limits as for codes."""
    session = await sessions.of_visitor(visitor)
    await logins.prove(visitor, session.account_id, password)
    await notices.mail_code(visitor, email)


def _wanted(body: MeEdit) -> dict[str, Any]:
    given = versions.given(body)
    wanted: dict[str, Any] = {name: given[name] for name in ("name", "language", "phone", "email") if name in given}
    if "phone" in wanted:
        wanted["phone"] = phones.e164(wanted["phone"], body.country)
    return wanted


async def _prove_again(visitor: Visitor, body: MeEdit, before: Account, values: dict[str, Any]) -> None:
    if body.password is None:
        raise ValidationError(fields={"password": ["Needed to change how you log in."]})
    if values.get("email", before.email) is None and values.get("phone", before.phone) is None:
        raise ValidationError(fields={"email": ["You would have nothing left to log in with."]})
    if "phone" in values and body.phone_code is None:
        raise ValidationError(fields={"phone_code": ["Needed: POST /api/auth/otp sends it to the new phone."]})
    if values.get("email") is not None and body.email_code is None:
        raise ValidationError(fields={"email_code": ["Needed: POST /api/me/email sends it to the new address."]})
    await logins.prove(visitor, before.id, body.password)
    if "phone" in values:
        assert body.phone_code
        await codes.spend(visitor, values["phone"], "change_phone", body.phone_code)
    if values.get("email") is not None:
        assert body.email_code
        await codes.spend(visitor, values["email"].lower(), "change_email", body.email_code)
