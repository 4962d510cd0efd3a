"""Logging in, and proving once more who one is before something that matters changes."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select, update

from duka.platform import audit, events
from duka.platform.edge import Visitor
from duka.platform.errors import DukaError
from duka.shops import settings
from duka.shops.auth import accounts, guards, jobs, passwords, places, sessions
from duka.shops.auth.places import Place
from duka.shops.auth.sessions import Device, Tokens
from duka.shops.entry import StaffSuspended
from duka.shops.models import Account, Staff


@dataclass(eq=False)
class WrongLogin(DukaError):
    """The password is wrong, or there is no such account: never told apart."""

    status: ClassVar[int] = 401
    text: ClassVar[str] = "This phone or e-mail and password do not belong together."
    keeps: ClassVar[bool] = True


@dataclass(eq=False)
class WrongPassword(DukaError):
    """The current password, asked for again before a change, is wrong."""

    text: ClassVar[str] = "Your current password is not right."
    keeps: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A person who is in: their tokens, account and shops."""

    tokens: Tokens
    account: Account
    places: list[Place]


async def log_in(visitor: Visitor, login: accounts.Login, password: str, device: Device, *,
                 remember: bool) -> LoggedIn:
    """Log a person in on a device.

    WrongLogin for a wrong password and for an unknown login, after the same work; AccountLocked from the fifth in a
    row; StaffSuspended when each of the person's shops has suspended them.
    """
    account_id, kept = await _look_up(visitor, login)
    subject = guards.subject_of(visitor, account_id, login.text)
    if not await _is_right(visitor, account_id, subject, password, kept):
        raise WrongLogin
    assert account_id
    account = await accounts.held(visitor, account_id)
    return await let_in(visitor, account, device, remember=remember)


async def let_in(visitor: Visitor, account: Account, device: Device, *, remember: bool) -> LoggedIn:
    """Begin the session of a person who proved who they are, and note it in each shop they work in."""
    is_new = await sessions.is_new_device(visitor, account.id, device)
    found: list[Place] = []
    devices_max: list[int] = []
    async for ctx, place in places.each(visitor, account.id):
        found.append(place)
        if place.status != "active":
            continue
        devices_max.append(settings.of(ctx).devices_per_account)
        seen = update(Staff).where(Staff.id == place.staff_id).values(last_login_at=visitor.now)
        await visitor.db.execute(seen, execution_options={"synchronize_session": False})
        audit.record(ctx, "login", "account", account.id, after={"device_id": device.id})
        if is_new:
            events.emit(ctx, "staff.new_device", place.staff_id, {"account_id": str(account.id)})
            visitor.emitted_in.append(ctx.shop_id)
    if found and not devices_max:
        raise StaffSuspended
    tokens = await sessions.begin(visitor, account.id, device, remember=remember,
                                  devices_max=min(devices_max, default=1))
    return LoggedIn(tokens, account, found)


async def prove(visitor: Visitor, account_id: UUID, password: str) -> None:
    """Check the password of somebody who is logged in, before a change that matters. WrongPassword or AccountLocked,
    counted like a login."""
    kept = await _kept_hash(visitor, account_id)
    subject = guards.subject_of(visitor, account_id, "")
    if not await _is_right(visitor, account_id, subject, password, kept):
        raise WrongPassword


async def _is_right(visitor: Visitor, account_id: UUID | None, subject: bytes, password: str,
                    kept: str | None) -> bool:
    """Judge a password; count it when it is wrong.

    The guess is judged before the count, without holding a connection, and tells its outcome only if the login is
    still open when it is counted: the same work for known and unknown logins.
    """
    await guards.check(visitor, subject)
    verdict = await passwords.verify(password, kept)
    if not verdict.right:
        locked_until = await guards.count_wrong(visitor, subject)
        if locked_until is not None:
            await jobs.tell_of_lock(visitor, account_id)
            await guards.check(visitor, subject)
        return False
    await guards.forget_wrong(visitor, subject)
    unchanged = update(Account).where(Account.id == account_id, Account.password_hash == kept)
    same = unchanged.values(password_hash=verdict.fresh_hash or kept).returning(Account.id)
    found = await visitor.db.execute(same, execution_options={"synchronize_session": False})
    return found.scalar_one_or_none() is not None


async def _look_up(visitor: Visitor, login: accounts.Login) -> tuple[UUID | None, str | None]:
    query = select(Account.id, Account.password_hash).where(accounts.has(login))
    async with visitor.house.database.session("platform") as db:
        row = (await db.execute(query)).one_or_none()
    return (row.id, row.password_hash) if row else (None, None)


async def _kept_hash(visitor: Visitor, account_id: UUID) -> str | None:
    async with visitor.house.database.session("platform") as db:
        return await db.scalar(select(Account.password_hash).where(Account.id == account_id))
