"""What people are told about their account: codes, links, and that something happened. Sent by jobs.

Whether a login exists decides nothing before the answer has left: the jobs look that up.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select

from duka.platform import letters, messages
from duka.platform.context import Caller
from duka.platform.edge import House, Visitor
from duka.shops.auth import accounts, codes, places
from duka.shops.auth.codes import CodeSentAlready, Purpose
from duka.shops.models import Account

log = structlog.get_logger()

SLOW_SECONDS: Final = 1800
_SEND_CODE: Final = "send_code"
_PASSWORD_FORGOTTEN: Final = "password_forgotten"  # noqa: S105 - a job's name
_TELL_OF_LOCK: Final = "tell_of_lock"


def register(house: House) -> None:
    """Tell the house's queue how these jobs are done."""

    async def send_code(phone: str, code: str, purpose: Purpose, minutes: int, language: str) -> None:
        async with _in_background(house, language) as visitor:
            query = select(Account.id).where(Account.phone == phone)
            known = await visitor.db.scalar(query) if purpose == "password_reset" else phone
        if known:
            await house.sms.send(phone, letters.one_time_code(language, code, minutes).sms)

    async def password_forgotten(login: str, language: str) -> None:
        async with _in_background(house, language) as visitor:
            await _send_reset(visitor, accounts.Login(login))

    async def tell_of_lock(account: str | None) -> None:
        if account is None:
            return
        async with _in_background(house, "en") as visitor:
            await places.tell(visitor, UUID(account), "lock", "account", UUID(account), event="staff.locked_out")
        for shop_id in visitor.emitted_in:
            await house.relay.relay(shop_id)

    house.queue.register(_SEND_CODE, send_code, given_up=_give_up)
    house.queue.register(_PASSWORD_FORGOTTEN, password_forgotten, given_up=_give_up)
    house.queue.register(_TELL_OF_LOCK, tell_of_lock)


async def send_code(visitor: Visitor, phone: str, purpose: Purpose, code: str, lives_seconds: int) -> None:
    """Send a code by SMS after the commit; for a password, only where somebody has that phone."""
    await visitor.house.queue.defer(
        visitor.db, _SEND_CODE, phone=phone, code=code, purpose=purpose, minutes=lives_seconds // 60,
        language=visitor.caller.language,
    )  # fmt: skip


async def mail_code(visitor: Visitor, email: str) -> None:
    """Send a code to an e-mail address that a person wants to be reached at, after the commit. Good for 30 minutes,
    since letters are slower than messages; limits as for `codes.issue`."""
    code = await codes.issue(visitor, email.lower(), "change_email", lives_seconds=SLOW_SECONDS)
    letter = letters.one_time_code(visitor.caller.language, code, SLOW_SECONDS // 60)
    await messages.mail_later(visitor.house.queue, visitor.db, email, letter)


async def send_reset(visitor: Visitor, login: accounts.Login) -> None:
    """Send a link or code for a new password after the commit, if somebody has that login."""
    language = visitor.caller.language
    await visitor.house.queue.defer(visitor.db, _PASSWORD_FORGOTTEN, login=login.text, language=language)


async def tell_of_lock(visitor: Visitor, account_id: UUID | None) -> None:
    """Let the owners of the account's shops know, after the commit, that wrong passwords closed its login."""
    account = str(account_id) if account_id else None
    await visitor.house.queue.defer(visitor.db, _TELL_OF_LOCK, account=account)


async def tell_of_device(visitor: Visitor, account: Account, device_name: str, zone: ZoneInfo) -> None:
    """Let a person know by e-mail, after the commit, that somebody logged in as them on a device not seen before."""
    if account.email:
        link = f"{_home(visitor.house)}/forgot-password"
        letter = letters.new_device(account.language, device_name, visitor.now.astimezone(zone), link)
        await messages.mail_later(visitor.house.queue, visitor.db, account.email, letter)


async def _send_reset(visitor: Visitor, login: accounts.Login) -> None:
    account = await accounts.find(visitor, login)
    if account is None:
        return
    try:
        if login.is_email and account.email:
            token = await codes.issue_link(visitor, account.email, account.id)
            # The secret stands behind the #, which no server's log sees.
            letter = letters.password_reset(account.language, f"{_home(visitor.house)}/reset-password#{token}",
                                            codes.LINK_SECONDS // 60)
            await messages.mail_later(visitor.house.queue, visitor.db, account.email, letter)
        else:
            code = await codes.issue(visitor, login.text, "password_reset", lives_seconds=SLOW_SECONDS)
            await send_code(visitor, login.text, "password_reset", code, SLOW_SECONDS)
    except CodeSentAlready:
        log.info("reset_not_sent", to=messages.masked(login.text))


def _home(house: House) -> str:
    return house.settings.public_url


@asynccontextmanager
async def _in_background(house: House, language: str) -> AsyncIterator[Visitor]:
    async with house.database.session("platform") as db:
        yield Visitor(db, datetime.now(UTC), Caller(language=language), house)
        await db.commit()


async def _give_up(**message: Any) -> None:
    log.error("notice_given_up", to=messages.masked(str(message.get("phone") or message.get("login"))))
