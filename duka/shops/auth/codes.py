"""One-time codes and links: proof that somebody can read a phone's messages or an address's letters.

A code has six digits, so how often it may be guessed is what protects it: each guess is counted by the statement that
judges it. Only keyed hashes are kept.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final, Literal
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert

from duka.platform.edge import Visitor
from duka.platform.errors import DukaError
from duka.platform.ids import new_id
from duka.platform.limiter import neighbourhood
from duka.shops.models import Attempts, OneTimeCode

Purpose = Literal["sign_up", "password_reset", "change_phone", "change_email"]

CODE_SECONDS: Final = 300
LINK_SECONDS: Final = 1800
TRIES_MAX: Final = 5
RESEND_SECONDS: Final = 30
SENT_IN_AN_HOUR_MAX: Final = 5
_LINK: Final = "password_link"
_HOUR: Final = timedelta(hours=1)
_LINE_START: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The one window of a recipient's row in `attempts`: the row is there to be locked, the codes are counted."""


@dataclass(eq=False)
class CodeNotValid(DukaError):
    """The code is wrong, used, older than it may be, or was guessed at too often. Which of these is not told."""

    text: ClassVar[str] = "This code is not valid (any more). Check it, or ask for a new one."
    keeps: ClassVar[bool] = True


@dataclass(eq=False)
class LinkNotValid(DukaError):
    """The link is not ours, was used, or is older than 30 minutes."""

    text: ClassVar[str] = "This link is not valid any more. Ask for a new one."


@dataclass(eq=False)
class CodeSentAlready(DukaError):
    """A code was sent a moment ago; the next may be sent in `wait_seconds`."""

    status: ClassVar[int] = 429
    text: ClassVar[str] = "A code was just sent. Wait {wait_seconds} seconds before you ask for another."
    wait_seconds: int

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.wait_seconds)}


@dataclass(eq=False)
class TooManyCodes(CodeSentAlready):
    """This hour's codes for the number, or for the network address that asks, are used up."""

    text: ClassVar[str] = "Too many codes were asked for. Try again in {wait_seconds} seconds."


async def issue(visitor: Visitor, recipient: str, purpose: Purpose, *, lives_seconds: int = CODE_SECONDS) -> str:
    """Make a code of six digits for a phone (E.164) or e-mail (lower case) and give it, to be sent. It takes the
    place of an earlier one.

    CodeSentAlready within 30 seconds of the one before, TooManyCodes from the sixth in an hour.
    """
    await _take_turn(visitor, recipient)
    code = f"{secrets.randbelow(10**6):06d}"
    sealed = visitor.house.signer.seal("code", purpose, recipient, code)
    _keep(visitor, new_id(), recipient, purpose, sealed, lives_seconds)
    return code


async def spend(visitor: Visitor, recipient: str, purpose: Purpose, code: str) -> None:
    """Use up the newest code of a phone. CodeNotValid, counted as one of five tries, when it is not the right one."""
    sealed = visitor.house.signer.seal("code", purpose, recipient, code)
    newest = (
        select(OneTimeCode.id)
        .where(OneTimeCode.recipient == recipient, OneTimeCode.purpose == purpose)
        .order_by(OneTimeCode.created_at.desc(), OneTimeCode.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    tried = (
        update(OneTimeCode)
        .where(
            OneTimeCode.id == newest, OneTimeCode.spent_at.is_(None), OneTimeCode.tries < TRIES_MAX,
            OneTimeCode.expires_at > visitor.now,
        )
        .values(tries=OneTimeCode.tries + 1, spent_at=case((OneTimeCode.code_hash == sealed, visitor.now)))
        .returning(OneTimeCode.spent_at)
    )  # fmt: skip
    if (await visitor.db.execute(tried, execution_options=_NO_SYNC)).scalar_one_or_none() is None:
        raise CodeNotValid


async def issue_link(visitor: Visitor, recipient: str, account_id: UUID) -> str:
    """Make the secret part of a link to a new password, good once for 30 minutes, and give it.

    Limits as for codes. The link is for one account at one address.
    """
    await _take_turn(visitor, recipient)
    code_id, secret = new_id(), secrets.token_urlsafe(32)
    sealed = visitor.house.signer.seal("link", _LINK, str(account_id), secret)
    _keep(visitor, code_id, recipient, _LINK, sealed, LINK_SECONDS)
    return f"{code_id.hex}{account_id.hex}{secret}"


async def spend_link(visitor: Visitor, token: str) -> tuple[UUID, str]:
    """Use up a link; give the account it was for and the address it went to. LinkNotValid otherwise."""
    try:
        code_id, account_id, secret = UUID(token[:32]), UUID(token[32:64]), token[64:]
    except ValueError:
        raise LinkNotValid from None
    spent = (
        update(OneTimeCode)
        .where(
            OneTimeCode.id == code_id, OneTimeCode.purpose == _LINK, OneTimeCode.spent_at.is_(None),
            OneTimeCode.expires_at > visitor.now,
            OneTimeCode.code_hash == visitor.house.signer.seal("link", _LINK, str(account_id), secret),
        )
        .values(spent_at=visitor.now)
        .returning(OneTimeCode.recipient)
    )  # fmt: skip
    recipient = (await visitor.db.execute(spent, execution_options=_NO_SYNC)).scalar_one_or_none()
    if recipient is None:
        raise LinkNotValid
    return account_id, recipient


async def count_address(visitor: Visitor) -> None:
    """Count a code against the network address that asks for it. An address gets as many in an hour as it may ask
    in a minute; TooManyCodes beyond that."""
    hour = visitor.now.replace(minute=0, second=0, microsecond=0)
    subject = neighbourhood(visitor.caller.ip)
    counted = insert(Attempts).values(kind="codes_to", subject=subject, window_start=hour, count=1)
    guarded = counted.on_conflict_do_update(
        index_elements=[Attempts.kind, Attempts.subject, Attempts.window_start],
        set_={"count": Attempts.count + 1},
        where=Attempts.count < visitor.house.settings.auth_requests_per_minute,
    ).returning(Attempts.count)
    if (await visitor.db.execute(guarded)).scalar_one_or_none() is None:
        raise TooManyCodes(wait_seconds=_seconds(hour + _HOUR - visitor.now))


async def _take_turn(visitor: Visitor, recipient: str) -> None:
    """Hold the recipient's row, so that requests for one number pass one after the other, then count."""
    line = insert(Attempts).values(kind="codes_for", subject=recipient, window_start=_LINE_START, count=1)
    await visitor.db.execute(
        line.on_conflict_do_update(
            index_elements=[Attempts.kind, Attempts.subject, Attempts.window_start],
            set_={"count": Attempts.count + 1},
        )
    )
    lately = (OneTimeCode.recipient == recipient, OneTimeCode.created_at > visitor.now - _HOUR)
    sent = select(func.count(), func.min(OneTimeCode.created_at), func.max(OneTimeCode.created_at)).where(*lately)
    count, first, last = (await visitor.db.execute(sent)).one()
    if count >= SENT_IN_AN_HOUR_MAX:
        raise TooManyCodes(wait_seconds=_seconds(first + _HOUR - visitor.now))
    if last is not None and last + timedelta(seconds=RESEND_SECONDS) > visitor.now:
        raise CodeSentAlready(wait_seconds=_seconds(last + timedelta(seconds=RESEND_SECONDS) - visitor.now))


def _keep(visitor: Visitor, code_id: UUID, recipient: str, purpose: str, sealed: bytes, lives_seconds: int) -> None:
    visitor.db.add(
        OneTimeCode(
            id=code_id, recipient=recipient, purpose=purpose, code_hash=sealed, tries=0, created_at=visitor.now,
            expires_at=visitor.now + timedelta(seconds=lives_seconds),
        )
    )  # fmt: skip


def _seconds(wait: timedelta) -> int:
    return max(1, int(wait.total_seconds()) + 1)


_NO_SYNC: Final = {"synchronize_session": False}
