"""Logging in, and proving once more who one is before something that matters changes."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, update

from duka.platform import audit, events
from duka.platform.edge import Visitor
from duka.platform.errors import DukaError
from duka.shops import settings
from duka.shops.auth import accounts, guards, notices, passwords, places, sessions, tills
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
    account_id = await _judge(visitor, accounts.has(login), login.text, password)
    if account_id is None:
        raise WrongLogin
    account = await accounts.held(visitor, account_id)
    return await let_in(visitor, account, device, remember=remember)


async def let_in(visitor: Visitor, account: Account, device: Device, *, remember: bool) -> LoggedIn:
    """Begin the session of a person who proved who they are, and note it in each shop they work in."""
    is_new = await sessions.is_new_device(visitor, account.id, device)
    found: list[Place] = []
    devices_max: list[int] = []
    zone = ZoneInfo("UTC")
    async for ctx, place in places.each(visitor, account.id):
        found.append(place)
        if place.status != "active":
            continue
        devices_max.append(settings.of(ctx).devices_per_account)
        zone = ctx.zone()
        seen = update(Staff).where(Staff.id == place.staff_id).values(last_login_at=visitor.now)
        await visitor.db.execute(seen, execution_options={"synchronize_session": False})
        audit.record(ctx, "login", "account", account.id, after={"device_id": device.id})
        if is_new:
            events.emit(ctx, "staff.new_device", place.staff_id, {"account_id": str(account.id)})
            visitor.emitted_in.append(ctx.shop_id)
    if found and not devices_max:
        raise StaffSuspended
    if is_new:
        await notices.tell_of_device(visitor, account, device.name, zone)
    tokens = await sessions.begin(visitor, account.id, device, remember=remember,
                                  devices_max=min(devices_max, default=1))
    await tills.follow_login(visitor, account.id, device.id)
    return LoggedIn(tokens, account, found)


async def prove(visitor: Visitor, account_id: UUID, password: str) -> None:
    """Check the password of somebody who is logged in, before a change that matters. WrongPassword or AccountLocked,
    counted like a login."""
    if await _judge(visitor, Account.id == account_id, "", password) is None:
        raise WrongPassword


async def _judge(visitor: Visitor, whose: ColumnElement[bool], login: str, password: str) -> UUID | None:
    """Give the account that the password opens, or None; count a wrong one, for an unknown login alike.

    No connection is held while the password is hashed. The guess tells its outcome only if the login is still open
    when the guess is counted, so many at once learn no more than five in a row. AccountLocked when it is not.
    """
    async with visitor.house.database.session("platform") as db:
        row = (await db.execute(select(Account.id, Account.password_hash).where(whose))).one_or_none()
        account_id, kept = (row.id, row.password_hash) if row else (None, None)
        subject = guards.subject_of(visitor, account_id, login)
        await guards.check(db, subject, visitor.now)
    verdict = await passwords.verify(password, kept)
    if not verdict.right:
        if await guards.count_wrong(visitor, subject):
            await notices.tell_of_lock(visitor, account_id)
            await guards.check(visitor.db, subject, visitor.now)
        return None
    same = update(Account).where(Account.id == account_id, Account.password_hash == kept)
    kept_now = same.values(password_hash=verdict.fresh_hash or kept).returning(Account.id)
    found = await visitor.db.execute(kept_now, execution_options={"synchronize_session": False})
    unchanged = found.scalar_one_or_none()
    if unchanged is not None:
        await guards.forget_wrong(visitor, subject)
    return unchanged
