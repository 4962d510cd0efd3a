"""A new password: for who forgot the old one, and for who wants another."""

from uuid import UUID

from duka.platform.edge import Visitor
from duka.shops.auth import accounts, codes, guards, logins, passwords, places, sessions
from duka.shops.models import Account


async def by_link(visitor: Visitor, token: str, password: str) -> None:
    """Set a new password by the link from an e-mail. LinkNotValid, PasswordTooWeak."""
    account_id, address = await codes.spend_link(visitor, token)
    account = await accounts.held(visitor, account_id)
    if (account.email or "").lower() != address.lower():
        raise codes.LinkNotValid
    await _set(visitor, account, password, "reset_password")


async def by_code(visitor: Visitor, login: accounts.Login, code: str, password: str) -> None:
    """Set a new password by the code from an SMS. CodeNotValid, also for a phone nobody has; PasswordTooWeak."""
    await codes.spend(visitor, login.text, "password_reset", code)
    account = await accounts.find(visitor, login)
    if account is None:
        raise codes.CodeNotValid
    await _set(visitor, account, password, "reset_password")


async def change(visitor: Visitor, current: str, password: str) -> int:
    """Change the password of who is logged in, who knows the current one; give how many other logins it ended."""
    session = await sessions.of_visitor(visitor)
    await logins.prove(visitor, session.account_id, current)
    account = await accounts.held(visitor, session.account_id)
    return await _set(visitor, account, password, "change_password", but=session.id)


async def _set(visitor: Visitor, account: Account, password: str, verb: str, *, but: UUID | None = None) -> int:
    passwords.check_strength(password, (account.name, account.phone, account.email))
    account.password_hash = await passwords.make_hash(password)
    await visitor.db.flush()
    others = (but,) if but else ()
    ended = await sessions.end_all(visitor.db, account.id, "password_changed", visitor.now, but=others)
    await guards.reopen(visitor, guards.subject_of(visitor, account.id, ""))
    await places.tell(visitor, account.id, verb, "account", account.id)
    return ended
