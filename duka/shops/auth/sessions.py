"""Device sessions: being logged in on a device, staying so, and how it ends.

A session is one account on one installation of the app. Its refresh tokens form a chain, each link good once; the
next link is computed from the last one and the request's id, so that a request repeated after a lost answer gets the
same link again.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final, Literal
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from duka.platform import events
from duka.platform.edge import Visitor
from duka.platform.errors import DukaError, NotFound, Unauthenticated
from duka.platform.identity import ACCESS_MINUTES
from duka.platform.ids import new_id
from duka.platform.wire import utc_text
from duka.shops.auth import places
from duka.shops.entry import SessionEnded, SessionReplaced
from duka.shops.models import DeviceSession, RefreshToken

EndReason = Literal["logged_out", "replaced", "ended", "password_changed", "suspended", "reused"]

DAYS: Final = 7
DAYS_REMEMBERED: Final = 30
REPEAT_SECONDS: Final = 60
LISTED_MAX: Final = 50
_PLATFORMS: Final = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "CrOS", "Linux")
_NO_SYNC: Final = {"synchronize_session": False}


@dataclass(eq=False)
class RefreshNotValid(DukaError):
    """The refresh token is not ours, or too old."""

    status: ClassVar[int] = 401
    text: ClassVar[str] = "This login has ended. Please log in again."


@dataclass(eq=False)
class RefreshReused(DukaError):
    """A refresh token came a second time: somebody has a copy. The session it belongs to is ended."""

    status: ClassVar[int] = 401
    text: ClassVar[str] = "This login was used from two places and has been ended. Please log in again."
    keeps: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Device:
    """The installation of the app that a person logs in from; `id` is its own and stays with it."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a device keeps to stay logged in."""

    access_token: str
    refresh_token: str
    session_id: UUID
    device_id: UUID
    expires_at: datetime
    remember: bool
    expires_in: int = ACCESS_MINUTES * 60


def device_of(visitor: Visitor, device_id: UUID | None, name: str | None) -> Device:
    """Give the device a login comes from. One that does not say its id is taken for a new one."""
    return Device(device_id or new_id(), name or _platform(visitor.caller.user_agent) or "Unknown device")


async def begin(visitor: Visitor, account_id: UUID, device: Device, *, remember: bool, devices_max: int) -> Tokens:
    """Log an account in on a device; the transaction holds the account's row, so that logins pass one by one.

    The same device's session goes on, with a new chain of tokens. A further device beyond `devices_max` ends the
    sessions that were seen longest ago: their next request is told by which device.
    """
    now = visitor.now
    live = await _live_of(visitor, account_id)
    session = next((one for one in live if one.device_id == device.id), None)
    if session is None:
        session = _open(visitor, account_id, device)
        visitor.db.add(session)
        for old in [one for one in live if one.device_id != device.id][devices_max - 1 :]:
            _end(visitor, old, "replaced", device.name)
    else:
        unspent = delete(RefreshToken).where(RefreshToken.session_id == session.id, RefreshToken.spent_at.is_(None))
        await visitor.db.execute(unspent, execution_options=_NO_SYNC)
    session.device_name, session.remember, session.last_seen_at = device.name, remember, now
    session.ip, session.user_agent = visitor.caller.ip, visitor.caller.user_agent
    session.expires_at = now + _life(remember=remember)
    await visitor.db.flush()
    token = secrets.token_urlsafe(32)
    return await _hand_out(visitor, session, token)


async def is_new_device(visitor: Visitor, account_id: UUID, device: Device) -> bool:
    """Say whether an account that was logged in before comes from a device for the first time."""
    here = func.count().filter(DeviceSession.device_id == device.id)
    counted = select(func.count(), here).where(DeviceSession.account_id == account_id)
    all_logins, logins_here = (await visitor.db.execute(counted)).one()
    return bool(all_logins and not logins_here)


async def refresh(visitor: Visitor, token: str, request_id: str | None) -> Tokens:
    """Exchange a refresh token for the next one and a new access token.

    The same token with the same `request_id` within 60 seconds is a repetition and gets the same answer; any other
    second use ends the session (RefreshReused). RefreshNotValid, SessionReplaced or SessionEnded when there is nothing
    to go on with.
    """
    now, request = visitor.now, request_id or secrets.token_urlsafe(16)
    sealed = hashlib.sha256(token.encode()).digest()
    spent = (
        update(RefreshToken)
        .where(RefreshToken.token_hash == sealed, RefreshToken.spent_at.is_(None), RefreshToken.expires_at > now)
        .values(spent_at=now, spent_request=request)
        .returning(RefreshToken.session_id)
    )
    session_id = (await visitor.db.execute(spent, execution_options=_NO_SYNC)).scalar_one_or_none()
    following = _following(visitor, token, request)
    if session_id is not None:
        session = await _usable(visitor, session_id)
        session.last_seen_at, session.ip, session.user_agent = now, visitor.caller.ip, visitor.caller.user_agent
        session.expires_at = now + _life(remember=session.remember)
        await visitor.db.flush()
        return await _hand_out(visitor, session, following)
    known = (await visitor.db.scalars(select(RefreshToken).where(RefreshToken.token_hash == sealed))).one_or_none()
    if known is None or known.spent_at is None:
        raise RefreshNotValid
    session = await _usable(visitor, known.session_id)
    if known.spent_request != request or now - known.spent_at > timedelta(seconds=REPEAT_SECONDS):
        await _end_family(visitor, session)
        raise RefreshReused
    return _tokens(visitor, session, following)


async def of_visitor(visitor: Visitor) -> DeviceSession:
    """Give the session of who asks, if it is still good. Unauthenticated, SessionReplaced or SessionEnded."""
    session = await visitor.db.get(DeviceSession, visitor.session_id) if visitor.session_id else None
    if session is None or session.expires_at <= visitor.now:
        raise Unauthenticated
    return _good(session)


async def of_token(visitor: Visitor, token: str) -> DeviceSession | None:
    """Give the live session that a refresh token, spent or not, belongs to."""
    sealed = hashlib.sha256(token.encode()).digest()
    mine = select(DeviceSession).join(RefreshToken, RefreshToken.session_id == DeviceSession.id)
    found = await visitor.db.scalars(mine.where(RefreshToken.token_hash == sealed, DeviceSession.ended_at.is_(None)))
    return found.one_or_none()


async def listed(visitor: Visitor) -> Sequence[DeviceSession]:
    """Give where the person is logged in, newest first."""
    await of_visitor(visitor)
    assert visitor.account_id
    return (await _live_of(visitor, visitor.account_id))[:LISTED_MAX]


async def end_one(visitor: Visitor, session_id: UUID) -> DeviceSession:
    """Log the person out on one of their devices, this one or another. NotFound for anybody else's."""
    mine = await of_visitor(visitor)
    session = await visitor.db.get(DeviceSession, session_id, with_for_update=True, populate_existing=True)
    if session is None or session.account_id != visitor.account_id or session.ended_at is not None:
        raise NotFound(what="session")
    await log_out(visitor, session, "logged_out" if session.id == mine.id else "ended", mine.device_name)
    return session


async def log_out(visitor: Visitor, session: DeviceSession, reason: EndReason = "logged_out",
                  by: str | None = None) -> None:
    """End a session, and note it in the person's shops."""
    _end(visitor, session, reason, by)
    await visitor.db.flush()
    await places.tell(visitor, session.account_id, "end", "session", session.id, after={"reason": reason})


async def end_all(db: AsyncSession, account_id: UUID, reason: EndReason, now: datetime, *,
                  but: Collection[UUID] = ()) -> int:
    """End an account's sessions, all or all `but` some, in a transaction of the platform role; give how many."""
    ended = (
        update(DeviceSession)
        .where(DeviceSession.account_id == account_id, DeviceSession.ended_at.is_(None), DeviceSession.id.not_in(but))
        .values(ended_at=now, ended_reason=reason)
        .returning(DeviceSession.id)
    )
    session_ids = (await db.scalars(ended, execution_options=_NO_SYNC)).all()
    for session_id in session_ids:
        events.session_ended(db, session_id)
    return len(session_ids)


async def _live_of(visitor: Visitor, account_id: UUID) -> Sequence[DeviceSession]:
    mine = select(DeviceSession).where(
        DeviceSession.account_id == account_id, DeviceSession.ended_at.is_(None),
        DeviceSession.expires_at > visitor.now,
    )  # fmt: skip
    newest_first = mine.order_by(DeviceSession.last_seen_at.desc(), DeviceSession.id.desc())
    return (await visitor.db.scalars(newest_first)).all()


async def _usable(visitor: Visitor, session_id: UUID) -> DeviceSession:
    session = await visitor.db.get(DeviceSession, session_id, with_for_update=True, populate_existing=True)
    if session is None or session.expires_at <= visitor.now:
        raise RefreshNotValid
    return _good(session)


def _good(session: DeviceSession) -> DeviceSession:
    if session.ended_at is None:
        return session
    if session.ended_reason == "replaced":
        raise SessionReplaced(device=session.ended_by or "another device", at=utc_text(session.ended_at))
    raise SessionEnded


async def _end_family(visitor: Visitor, session: DeviceSession) -> None:
    _end(visitor, session, "reused", None)
    await visitor.db.flush()
    await places.tell(
        visitor, session.account_id, "end", "session", session.id, event="staff.session_copied",
        after={"reason": "reused"},
    )  # fmt: skip


def _open(visitor: Visitor, account_id: UUID, device: Device) -> DeviceSession:
    return DeviceSession(
        id=new_id(), account_id=account_id, device_id=device.id, platform=_platform(visitor.caller.user_agent) or "",
        created_at=visitor.now,
    )  # fmt: skip


def _end(visitor: Visitor, session: DeviceSession, reason: EndReason, by: str | None) -> None:
    session.ended_at, session.ended_reason, session.ended_by = visitor.now, reason, by
    events.session_ended(visitor.db, session.id)


async def _hand_out(visitor: Visitor, session: DeviceSession, token: str) -> Tokens:
    visitor.db.add(
        RefreshToken(
            id=new_id(), session_id=session.id, token_hash=hashlib.sha256(token.encode()).digest(),
            created_at=visitor.now, expires_at=session.expires_at,
        )
    )  # fmt: skip
    await visitor.db.flush()
    return _tokens(visitor, session, token)


def _tokens(visitor: Visitor, session: DeviceSession, token: str) -> Tokens:
    access = visitor.house.signer.sign(session.account_id, session.id, visitor.now)
    return Tokens(access, token, session.id, session.device_id, session.expires_at, session.remember)


def _following(visitor: Visitor, token: str, request: str) -> str:
    return urlsafe_b64encode(visitor.house.signer.seal("refresh", token, request)).decode().rstrip("=")


def _life(*, remember: bool) -> timedelta:
    return timedelta(days=DAYS_REMEMBERED if remember else DAYS)


def _platform(user_agent: str | None) -> str | None:
    return next((name for name in _PLATFORMS if name in (user_agent or "")), None)
