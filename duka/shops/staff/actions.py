"""What changes staff: they are invited, moved, suspended, readmitted, removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Literal
from uuid import UUID

from sqlalchemy import delete, select

from duka.platform import audit, db, events, versions
from duka.platform.context import Ctx
from duka.platform.edge import House, Visitor
from duka.platform.errors import DukaError, IdempotencyConflict, ValidationError
from duka.shops import phones
from duka.shops.auth import accounts, notices, pins, sessions
from duka.shops.branches import queries as branches
from duka.shops.country import country
from duka.shops.models import Account, Membership, Role, Staff
from duka.shops.roles import actions as role_actions
from duka.shops.roles import queries as roles
from duka.shops.staff import invitations, queries
from duka.shops.staff.schemas import StaffEdit, StaffIn

Step = Literal["suspend", "activate"]
_STEPS: Final[Mapping[Step, tuple[str, str, str]]] = {
    "suspend": ("active", "suspended", "staff.suspended"),
    "activate": ("suspended", "active", "staff.activated"),
}
"""The steps of a place in the shop: where each starts, where it leads, and the event that tells of it."""


@dataclass(eq=False)
class LastOwner(DukaError):
    """Without this person nobody could manage the shop."""

    text: ClassVar[str] = "This is the shop's last owner. Make somebody else an owner first."


@dataclass(eq=False)
class NotYetStaff(DukaError):
    """The person has not accepted the invitation yet, so there is no place to suspend or give back."""

    text: ClassVar[str] = "This person has not accepted the invitation yet. Send it again, or remove them."


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who was invited, with the secret of their link in the one moment that it is known."""

    staff: Staff
    token: str | None


async def invite(ctx: Ctx, house: House, wanted: StaffIn) -> Invited:
    """Invite somebody to work in the shop, by a link to their phone, e-mail or both.

    They take the place themselves: with the account they have, or with a new one. RoleNotFound, BranchNotFound,
    RoleTooWide, AlreadyStaff, PhoneNotValid, TooManyInvitations.
    """
    role = await _role_to_give(ctx, wanted.role_id, wanted.branch_id, "staff:create")
    contacts: list[str] = []
    if wanted.phone is not None:
        contacts.append(phones.e164(wanted.phone, await country(ctx)))
    if wanted.email is not None:
        contacts.append(wanted.email.lower())
    await invitations.refuse_known(ctx, contacts)
    staff = Staff(
        shop_id=ctx.shop_id, id=wanted.id, account_id=None, name=wanted.name, role_id=role.id,
        branch_id=wanted.branch_id, status="invited", created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    async with db.refusing(ctx, {"pk_staff": IdempotencyConflict}):
        ctx.db.add(staff)
    token = await invitations.send(ctx, house, staff, role, contacts)
    facts = {"name": staff.name, "role_id": role.id, "branch_id": staff.branch_id, "status": staff.status}
    audit.record(ctx, "create", "staff", staff.id, after=facts, personal={"name"})
    events.emit(ctx, "staff.invited", staff.id)
    return Invited(staff, token)


async def edit(ctx: Ctx, staff_id: UUID, body: StaffEdit, version: int | None) -> Staff:
    """Change somebody's name, role or branch; it acts at their next request.

    StaffNotFound, RoleNotFound, BranchNotFound, LastOwner, StaleVersion, VersionRequired; RoleTooWide where they may
    do more than the caller, before the change or after it.
    """
    staff = await _reached(ctx, staff_id, "staff:update")
    asked = versions.given(body)
    if {"role_id", "branch_id"} & asked.keys():
        role_id, branch_id = asked.get("role_id", staff.role_id), asked.get("branch_id", staff.branch_id)
        role = await _role_to_give(ctx, role_id, branch_id, "staff:update")
        if role.preset != "owner" or branch_id is not None:
            await _keep_an_owner(ctx, staff)
    if await versions.edit(ctx, staff, asked, version, "staff", personal={"name"}):
        events.emit(ctx, "staff.updated", staff.id)
    return staff


async def suspend(ctx: Ctx, staff_id: UUID, reason: str | None = None) -> Staff:
    """Suspend somebody: out at their next request, and logged out where this is their only shop.

    What their till still delivers is taken. StaffNotFound, NotYetStaff, RoleTooWide, LastOwner.
    """
    staff = await _reached(ctx, staff_id, "staff:suspend")
    await _keep_an_owner(ctx, staff)
    await _hold(ctx, staff)
    if _step(ctx, staff, "suspend", reason):
        await _log_out(ctx, staff.account_id, "suspended")
    return staff


async def activate(ctx: Ctx, staff_id: UUID) -> Staff:
    """Readmit somebody who was suspended. StaffNotFound, NotYetStaff, RoleTooWide."""
    staff = await _reached(ctx, staff_id, "staff:suspend")
    await _hold(ctx, staff)
    _step(ctx, staff, "activate", None)
    return staff


async def remove(ctx: Ctx, staff_id: UUID) -> Staff:
    """Remove somebody from the shop. What they did stays theirs; their account is theirs too and is not touched.

    StaffNotFound, RoleTooWide, LastOwner.
    """
    staff = await _reached(ctx, staff_id, "staff:delete")
    await _keep_an_owner(ctx, staff)
    await _hold(ctx, staff)
    account_id, before = staff.account_id, {"status": staff.status, "account_id": staff.account_id}
    # Without the account the person can be invited again, to a place of its own.
    staff.status, staff.account_id = "deleted", None
    _touch(ctx, staff)
    await ctx.db.flush()
    if account_id is not None:
        await ctx.db.execute(
            delete(Membership).where(Membership.account_id == account_id, Membership.shop_id == ctx.shop_id)
        )
        await _log_out(ctx, account_id, "ended")
    await invitations.take_back(ctx, staff.id)
    await pins.clear(ctx, staff.id)
    audit.record(ctx, "delete", "staff", staff.id, before=before)
    events.emit(ctx, "staff.removed", staff.id)
    return staff


async def clear_pin(ctx: Ctx, staff_id: UUID) -> None:
    """Take away the PIN of somebody who forgot it or told it; they choose another. StaffNotFound, RoleTooWide."""
    staff = await _reached(ctx, staff_id, "staff:update")
    await pins.clear(ctx, staff.id)


async def reset_password(ctx: Ctx, house: House, staff_id: UUID) -> Invited:
    """Send somebody a link or code to choose a new password, where they can be reached; the old one works until then.

    Who has not accepted their invitation yet gets a new one instead. StaffNotFound, RoleTooWide, TooManyInvitations.
    """
    staff = await _reached(ctx, staff_id, "staff:update")
    audit.record(ctx, "reset_password", "staff", staff.id)
    if staff.account_id is None:
        role = await roles.get(ctx, staff.role_id)
        contacts = await invitations.reached_by(ctx, staff.id)
        return Invited(staff, await invitations.send(ctx, house, staff, role, contacts))
    account = (await ctx.db.scalars(select(Account).where(Account.id == staff.account_id))).one()
    login = (account.email or "").lower() or account.phone or ""
    await notices.send_reset(Visitor(ctx.db, ctx.now, ctx.caller, house), accounts.Login(login))
    return Invited(staff, None)


async def _reached(ctx: Ctx, staff_id: UUID, permission: str) -> Staff:
    """Give somebody the caller may act on. StaffNotFound, RoleTooWide."""
    asked = queries.people(ctx, permission).where(Staff.id == staff_id, Staff.status != "deleted")
    row = (await ctx.db.execute(asked)).one_or_none()
    if row is None:
        raise queries.StaffNotFound
    staff: Staff = row[0]
    role_actions.check_role(ctx, await roles.get(ctx, staff.role_id), in_branch=staff.branch_id is not None)
    return staff


async def _hold(ctx: Ctx, staff: Staff) -> None:
    """Keep others from changing somebody until the transaction ends, and read them as they are now. StaffNotFound.

    Owners' rows are held before (`_keep_an_owner`), invitations after.
    """
    await ctx.db.refresh(staff, with_for_update=True)
    if staff.status == "deleted":
        raise queries.StaffNotFound


async def _role_to_give(ctx: Ctx, role_id: UUID, branch_id: UUID | None, permission: str) -> Role:
    """Give a role that the caller may give in a branch. RoleNotFound, BranchNotFound, RoleTooWide."""
    role = await roles.get(ctx, role_id)
    if branch_id is not None:
        await branches.branch(ctx, branch_id, permission)
    elif ctx.need(permission) != "shop":
        raise ValidationError(fields={"branch_id": ["Choose your own branch; you may not act in others."]})
    role_actions.check_role(ctx, role, in_branch=branch_id is not None)
    return role


async def _keep_an_owner(ctx: Ctx, leaving: Staff) -> None:
    """Refuse to lose the last owner. All owners' rows are held, so that two who remove each other pass one by one.

    An owner bound to a branch cannot manage the shop and does not count. LastOwner.
    """
    owners = (
        select(Staff.id)
        .join(Role, (Role.shop_id == Staff.shop_id) & (Role.id == Staff.role_id))
        .where(Role.preset == "owner", Staff.status == "active", Staff.branch_id.is_(None))
        .order_by(Staff.id)
        .with_for_update(of=Staff)
    )
    if set((await ctx.db.scalars(owners)).all()) == {leaving.id}:
        raise LastOwner


def _step(ctx: Ctx, staff: Staff, step: Step, reason: str | None) -> bool:
    """Take a step; say whether it was one, for repeating a step changes nothing. NotYetStaff."""
    begins, leads, event = _STEPS[step]
    if staff.status == "invited":
        raise NotYetStaff
    if staff.status != begins:
        return False
    staff.status = leads
    _touch(ctx, staff)
    audit.record(ctx, step, "staff", staff.id, before={"status": begins}, after={"status": leads}, reason=reason)
    events.emit(ctx, event, staff.id)
    return True


async def _log_out(ctx: Ctx, account_id: UUID | None, reason: Literal["suspended", "ended"]) -> None:
    """End the sessions of an account that has no other shop; in this one it is refused anyway."""
    others = select(Membership.shop_id).where(Membership.account_id == account_id, Membership.shop_id != ctx.shop_id)
    if account_id is not None and (await ctx.db.scalars(others.limit(1))).one_or_none() is None:
        await sessions.end_all(ctx.db, account_id, reason, ctx.now)


def _touch(ctx: Ctx, staff: Staff) -> None:
    staff.version += 1
    staff.updated_at = ctx.now
