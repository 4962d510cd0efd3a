"""Invitations: a link by which somebody takes their place in a shop, proving that the phone or address is theirs."""

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy import select, update

from duka.platform import audit, db, events, letters, messages
from duka.platform.context import Ctx
from duka.platform.edge import House, Visitor
from duka.platform.errors import DukaError, NotFound, ValidationError
from duka.platform.ids import new_id
from duka.shops import allowances, entry, settings
from duka.shops.auth import accounts, passwords
from duka.shops.models import Account, Invitation, Membership, Role, Shop, Staff
from duka.shops.staff.schemas import AcceptIn

DAYS: Final = 7
TO_ONE_A_DAY_MAX: Final = 5
OF_SHOP_A_DAY_MAX: Final = 50
_SHOP_BYTES: Final = 16
_SECRET_BYTES: Final = 26
"""Together with the shop's a multiple of three, so that the text of a link ends without `=`."""


@dataclass(eq=False)
class InvitationNotValid(DukaError):
    """The link is not ours, was used, is older than seven days, or was taken back. Which of these is not told."""

    text: ClassVar[str] = "This invitation is not valid any more. Ask whoever invited you for a new one."


@dataclass(eq=False)
class TooManyInvitations(DukaError):
    """The shop has sent all the invitations that a shop may send in a day, or the recipient got all that one may get.
    Without this a shop could have the server write to any phone in the world, at the operator's cost."""

    status: ClassVar[int] = 429
    text: ClassVar[str] = "Too many invitations were sent today. Try again tomorrow."


@dataclass(eq=False)
class AlreadyStaff(DukaError):
    """Who has this phone or e-mail works in the shop already, or was invited already."""

    text: ClassVar[str] = "Somebody with this phone or e-mail works here already or was invited."


@dataclass(eq=False)
class HasAccount(DukaError):
    """The person has an account, whose password this link does not change."""

    text: ClassVar[str] = "You have an account already. Join without a password and log in with the one you have."


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that can still be accepted."""

    invitation: Invitation
    staff: Staff
    role: str
    shop: str
    account: Account | None


@dataclass(frozen=True, slots=True)
class Joined:
    """A place that was taken."""

    staff: Staff
    shop: str
    login: str


async def send(ctx: Ctx, house: House, staff: Staff, role: Role, reached_by: Sequence[str]) -> str:
    """Send somebody a link to each phone (E.164) and e-mail; links sent before end. Gives the first link's secret.

    The secret names the shop, so that the link is found under row-level security; only its hash is kept.
    TooManyInvitations.
    """
    for to in sorted(reached_by):
        await _count(ctx, "invitations_to", to, TO_ONE_A_DAY_MAX)
        await _count(ctx, "invitations_of", str(ctx.shop_id), OF_SHOP_A_DAY_MAX)
    await take_back(ctx, staff.id)
    shop = (await ctx.db.scalars(select(Shop.name))).one()
    tokens: list[str] = []
    for to in reached_by:
        token = urlsafe_b64encode(ctx.shop_id.bytes + secrets.token_bytes(_SECRET_BYTES)).decode()
        tokens.append(token)
        ctx.db.add(Invitation(
            shop_id=ctx.shop_id, id=new_id(), staff_id=staff.id, token_hash=_hash(token), sent_to=to,
            created_at=ctx.now, expires_at=ctx.now + timedelta(days=DAYS),
        ))  # fmt: skip
        # The secret stands behind the #, which no server's log sees.
        link = f"{house.settings.public_url}/invitation#{token}"
        letter = letters.invitation(settings.of(ctx).language, shop, ctx.staff_name, role.name, link, DAYS)
        later = messages.mail_later if "@" in to else messages.text_later
        await later(house.queue, ctx.db, to, letter)
    return tokens[0]


async def _count(ctx: Ctx, kind: str, subject: str, most: int) -> None:
    """Count a message against its recipient or its shop. TooManyInvitations."""
    if not await allowances.count_today(ctx, kind, subject, most):
        raise TooManyInvitations


async def take_back(ctx: Ctx, staff_id: UUID) -> None:
    """End the invitations of somebody that were not used yet."""
    waiting = update(Invitation).where(
        Invitation.staff_id == staff_id, Invitation.used_at.is_(None), Invitation.expires_at > ctx.now
    )
    await ctx.db.execute(waiting.values(expires_at=ctx.now), execution_options={"synchronize_session": False})


async def reached_by(ctx: Ctx, staff_id: UUID) -> list[str]:
    """Say where somebody was invited last: a phone, an e-mail, or both."""
    sent = select(Invitation).where(Invitation.staff_id == staff_id).order_by(Invitation.id)
    newest = {"@" in letter.sent_to: letter.sent_to for letter in await ctx.db.scalars(sent)}
    return [newest[is_email] for is_email in sorted(newest)]


async def refuse_known(ctx: Ctx, contacts: Sequence[str]) -> None:
    """Refuse to invite whoever works here already or was invited. AlreadyStaff.

    Whether somebody has an account elsewhere plays no part, so inviting tells nothing about it.
    """
    for contact in contacts:
        account_id = await ctx.db.scalar(select(Account.id).where(accounts.has(accounts.Login(contact))))
        works_here = select(Staff.id).where(Staff.account_id == account_id)
        if account_id is not None and await ctx.db.scalar(works_here) is not None:
            raise AlreadyStaff
    waiting = (
        select(Invitation.id).join(Staff, (Staff.shop_id == Invitation.shop_id) & (Staff.id == Invitation.staff_id))
        .where(Invitation.sent_to.in_(contacts), Invitation.used_at.is_(None), Staff.status == "invited")
    )  # fmt: skip
    if await ctx.db.scalar(waiting.limit(1)) is not None:
        raise AlreadyStaff


async def look(visitor: Visitor, token: str) -> Invited:
    """Show what a link invites to. InvitationNotValid."""
    ctx = await _enter(visitor, token)
    return await _read(visitor, ctx, token)


async def accept(visitor: Visitor, token: str, body: AcceptIn) -> Joined:
    """Take the place a link invites to: with the account that has its phone or e-mail, else with a new one.

    The link proves that the phone or address is theirs. InvitationNotValid, HasAccount, PasswordTooWeak, AlreadyStaff;
    ValidationError without a password for a new account.
    """
    ctx = await _enter(visitor, token)
    invited = await _read(visitor, ctx, token, hold=True)
    await _use_up(ctx, token)
    staff, name = invited.staff, body.name or invited.staff.name
    account = invited.account or _new_account(visitor, invited.invitation.sent_to, name)
    if account.password_hash is None:
        account.password_hash = await _new_password(body.password, account, invited.shop)
    elif body.password is not None:
        raise HasAccount
    with accounts.refusing_taken():
        await ctx.db.flush()
    staff.account_id, staff.name, staff.status = account.id, name, "active"
    staff.version, staff.updated_at = staff.version + 1, ctx.now
    async with db.refusing(ctx, {"uq_staff_account": AlreadyStaff}):
        ctx.db.add(Membership(account_id=account.id, shop_id=ctx.shop_id, staff_id=staff.id))
    await take_back(ctx, staff.id)
    ctx.account_id, ctx.staff_id = account.id, staff.id
    audit.record(ctx, "join", "staff", staff.id, before={"status": "invited"}, after={"status": "active"})
    events.emit(ctx, "staff.joined", staff.id)
    visitor.emitted_in.append(ctx.shop_id)
    return Joined(staff, invited.shop, invited.invitation.sent_to)


async def _enter(visitor: Visitor, token: str) -> Ctx:
    """Set the shop that a link's secret names. InvitationNotValid."""
    try:
        shop_id = UUID(bytes=urlsafe_b64decode(token.encode())[:_SHOP_BYTES])
        ctx = await entry.open_shop_for_system(visitor.db, shop_id, visitor.now)
    except (ValueError, NotFound):
        raise InvitationNotValid from None
    ctx.actor, ctx.caller = "public", visitor.caller
    return ctx


async def _use_up(ctx: Ctx, token: str) -> None:
    """Use a link: of two who try at once, one finds it used. InvitationNotValid."""
    used = (
        update(Invitation)
        .where(Invitation.token_hash == _hash(token), Invitation.used_at.is_(None), Invitation.expires_at > ctx.now)
        .values(used_at=ctx.now)
        .returning(Invitation.id)
    )
    done = await ctx.db.execute(used, execution_options={"synchronize_session": False})
    if done.scalar_one_or_none() is None:
        raise InvitationNotValid


async def _read(visitor: Visitor, ctx: Ctx, token: str, *, hold: bool = False) -> Invited:
    query = (
        select(*_READ)
        .join(Staff, (Staff.shop_id == Invitation.shop_id) & (Staff.id == Invitation.staff_id))
        .join(Role, (Role.shop_id == Staff.shop_id) & (Role.id == Staff.role_id))
        .join(Shop, Shop.shop_id == Staff.shop_id)
        .where(
            Invitation.token_hash == _hash(token), Invitation.used_at.is_(None), Invitation.expires_at > ctx.now,
            Staff.status == "invited",
        )
    )  # fmt: skip
    row = (await ctx.db.execute(query.with_for_update(of=Staff) if hold else query)).one_or_none()
    if row is None:
        raise InvitationNotValid
    account = await accounts.find(visitor, accounts.Login(row[0].sent_to))
    return Invited(row[0], row[1], row[2], row[3], account)


def _new_account(visitor: Visitor, reached_at: str, name: str) -> Account:
    is_email = "@" in reached_at
    account = Account(
        id=new_id(), name=name, phone=None if is_email else reached_at, email=reached_at if is_email else None,
        password_hash=None, created_at=visitor.now,
    )  # fmt: skip
    visitor.db.add(account)
    return account


async def _new_password(password: str | None, account: Account, shop: str) -> str:
    if password is None:
        raise ValidationError(fields={"password": ["Choose a password for your new account."]})
    passwords.check_strength(password, (account.name, account.phone, account.email, shop))
    return await passwords.make_hash(password)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


_READ: Final = (Invitation, Staff, Role.name, Shop.name)
