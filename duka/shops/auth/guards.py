"""The lock on the door: five wrong passwords in a row close a login for a while, each time twice as long.

A login that does not exist is counted the same way, so that nobody learns from the lock whether it exists.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from duka.platform.edge import Visitor
from duka.platform.errors import DukaError
from duka.shops.models import LoginGuard

WRONG_MAX: Final = 5
LOCK_MINUTES: Final = 15
_FORGET_HOURS: Final = 24
_DOUBLINGS_MAX: Final = 6


@dataclass(eq=False)
class AccountLocked(DukaError):
    """Too many wrong passwords; logging in is closed for `wait_seconds`, with the right password too."""

    status: ClassVar[int] = 429
    text: ClassVar[str] = "Too many wrong passwords. Try again in {wait_seconds} seconds, or set a new password."
    keeps: ClassVar[bool] = True
    wait_seconds: int

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.wait_seconds)}


def subject_of(visitor: Visitor, account_id: UUID | None, login: str) -> bytes:
    """Give what wrong passwords are counted for: the account, by whichever login; else the login that was typed."""
    return visitor.house.signer.seal("guard", str(account_id) if account_id else login)


async def check(db: AsyncSession, subject: bytes, now: datetime) -> None:
    """Refuse a login that is closed. AccountLocked."""
    locked_until = await db.scalar(select(LoginGuard.locked_until).where(LoginGuard.subject == subject))
    if locked_until is not None and locked_until > now:
        raise _locked(now, locked_until)


async def count_wrong(visitor: Visitor, subject: bytes) -> bool:
    """Count a wrong password; say whether this one closed the login.

    AccountLocked when others closed it meanwhile: then the guess is not judged at all, so however many guess at once
    only the first five learn anything. A day without a wrong password begins a new count.
    """
    values = {
        "subject": subject, "now": visitor.now, "forgotten": visitor.now - timedelta(hours=_FORGET_HOURS),
        "last": WRONG_MAX - 1, "minutes": LOCK_MINUTES, "doublings": _DOUBLINGS_MAX,
    }  # fmt: skip
    row: Any = (await visitor.db.execute(_COUNT, values)).one_or_none()
    if row is None:
        await check(visitor.db, subject, visitor.now)
        raise _locked(visitor.now, visitor.now)
    return row.locked_until is not None


async def forget_wrong(visitor: Visitor, subject: bytes) -> None:
    """Begin a new count after a right password. AccountLocked when wrong ones closed the login meanwhile."""
    await visitor.db.execute(_FORGET, {"subject": subject, "now": visitor.now})
    await check(visitor.db, subject, visitor.now)


async def reopen(visitor: Visitor, subject: bytes) -> None:
    """Open a closed login again: its owner proved by a code or link who they are."""
    await visitor.db.execute(text("DELETE FROM login_guards WHERE subject = :subject"), {"subject": subject})


def _locked(now: datetime, until: datetime) -> AccountLocked:
    return AccountLocked(wait_seconds=max(1, int((until - now).total_seconds()) + 1))


_COUNT: Final = text("""
INSERT INTO login_guards AS g (subject, failed, lockouts, locked_until, failed_at)
VALUES (:subject, 1, 0, NULL, :now)
ON CONFLICT (subject) DO UPDATE SET
    failed = CASE WHEN g.failed_at < :forgotten THEN 1 WHEN g.failed >= :last THEN 0 ELSE g.failed + 1 END,
    lockouts = CASE WHEN g.failed_at < :forgotten THEN 0 WHEN g.failed >= :last THEN g.lockouts + 1 ELSE g.lockouts END,
    locked_until = CASE WHEN g.failed_at >= :forgotten AND g.failed >= :last
        THEN CAST(:now AS timestamptz) + make_interval(mins => :minutes * (1 << least(g.lockouts, :doublings))) END,
    failed_at = :now
WHERE g.locked_until IS NULL OR g.locked_until <= :now
RETURNING locked_until
""")
_FORGET: Final = text("""
DELETE FROM login_guards WHERE subject = :subject AND (locked_until IS NULL OR locked_until <= :now)
""")
