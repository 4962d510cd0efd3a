"""The door to staff and to invitations."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response

from duka.platform import edge, exports, versions, wire
from duka.platform.context import Ctx
from duka.platform.edge import House, Visitor, allow, public
from duka.platform.errors import IdempotencyConflict, StaleVersion, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Nothing, Page, PageInfo, Paging
from duka.shops.audit_log import queries as trail
from duka.shops.audit_log.schemas import EntryOut
from duka.shops.auth.passwords import PasswordTooWeak
from duka.shops.branches.queries import BranchNotFound
from duka.shops.phones import PhoneNotValid
from duka.shops.roles.actions import RoleTooWide
from duka.shops.roles.queries import RoleNotFound
from duka.shops.staff import actions, invitations, queries
from duka.shops.staff.actions import LastOwner, NotYetStaff
from duka.shops.staff.invitations import AlreadyStaff, HasAccount, InvitationNotValid, TooManyInvitations
from duka.shops.staff.queries import StaffNotFound
from duka.shops.staff.schemas import (
    AcceptIn,
    InvitationOut,
    JoinedOut,
    StaffEdit,
    StaffIn,
    StaffInvited,
    StaffOut,
    Status,
    SuspendIn,
)

staff = edge.router("/staff", "staff")
links = edge.router("/auth/invitations", "staff")

_COLUMNS = (
    Column("name", "Name"), Column("role", "Role"), Column("status", "Status"), Column("phone", "Phone"),
    Column("email", "E-mail"), Column("last_login_at", "Last login", "time"),
)  # fmt: skip
_Token = Annotated[str, Path(max_length=200)]


@staff.get("", summary="List staff", response_model=Page[StaffOut], responses=refusals(BadCursor))
async def list_staff(
    ctx: Annotated[Ctx, allow("staff:read", role="platform")],
    asked: Annotated[Paging, Depends(wire.paging)],
    role_id: UUID | None = None,
    branch_id: UUID | None = None,
    status: Annotated[Status | None, Query(description="Everybody but those removed, when not given.")] = None,
) -> Page[StaffOut] | Response:
    """Who works here, with role, branch and last login."""
    file_format = exports.wanted(ctx, asked, "staff:export")
    filters = queries.Filters(role_id, branch_id, status)
    query = queries.listed(ctx, filters, asked.q)

    async def page_of(part: Paging) -> tuple[Sequence[StaffOut], PageInfo]:
        rows, page = await wire.page(ctx, query, part, queries.SORTS, queries.KEY, default="name")
        return await queries.shown_all(ctx, rows), page

    def cells(each: StaffOut) -> dict[str, Any]:
        return {**dict(each), "last_login_at": each.last_login_at and each.last_login_at.astimezone(ctx.zone())}

    if file_format:
        parts = exports.parts(asked, page_of)
        return await exports.file_response(ctx, parts, _COLUMNS, "staff", file_format, cells=cells)
    shown, page = await page_of(asked)
    return Page(data=shown, page=page)


@staff.post(
    "", status_code=201, summary="Invite somebody",
    responses=refusals(
        AlreadyStaff, RoleNotFound, BranchNotFound, RoleTooWide, PhoneNotValid, IdempotencyConflict, TooManyInvitations
    ),
)  # fmt: skip
async def invite_staff(
    ctx: Annotated[Ctx, allow("staff:create", role="platform")], body: StaffIn, request: Request, response: Response
) -> Answer[StaffInvited]:
    """Invite somebody to work here: a link goes to their phone, their e-mail or both and is good for seven days.

    They take the place themselves, with the account they have or with a new one; until then they are `invited`.
    Nobody can give a role that may do more than their own.
    """
    house = _house(request)
    invited = await actions.invite(ctx, house, body)
    response.headers["Location"] = f"/api/staff/{invited.staff.id}"
    return Answer(data=await _with_token(ctx, house, invited), message="Invitation sent.")


@staff.get("/{staff_id}", summary="Read a member of staff", responses=refusals(StaffNotFound))
async def read_staff(ctx: Annotated[Ctx, allow("staff:read", role="platform")], staff_id: UUID) -> Answer[StaffOut]:
    """One member of staff, also one who was removed."""
    return Answer(data=await queries.one(ctx, staff_id))


@staff.put(
    "/{staff_id}", summary="Change somebody's name, role or branch",
    responses=refusals(
        StaffNotFound, RoleNotFound, BranchNotFound, RoleTooWide, LastOwner, StaleVersion, VersionRequired
    ),
)  # fmt: skip
async def edit_staff(
    ctx: Annotated[Ctx, allow("staff:update", role="platform")], staff_id: UUID, body: StaffEdit,
    if_match: versions.IfMatch,
) -> Answer[StaffOut]:
    """Change somebody's place in the shop; it acts at their next request. `branch_id: null` frees them from their
    branch. Phone, e-mail and password are their own to change."""
    changed = await actions.edit(ctx, staff_id, body, versions.of(body, if_match))
    return Answer(data=await queries.shown(ctx, changed), message="Changed.")


@staff.post(
    "/{staff_id}/suspend", summary="Suspend somebody",
    responses=refusals(StaffNotFound, NotYetStaff, RoleTooWide, LastOwner),
)  # fmt: skip
async def suspend_staff(
    ctx: Annotated[Ctx, allow("staff:suspend", role="platform")], staff_id: UUID, body: SuspendIn | None = None
) -> Answer[StaffOut]:
    """Suspend somebody: their next request is refused, on every device. Sales their till made offline still arrive."""
    suspended = await actions.suspend(ctx, staff_id, body.reason if body else None)
    return Answer(data=await queries.shown(ctx, suspended), message="Suspended.")


@staff.post(
    "/{staff_id}/activate", summary="Readmit somebody", responses=refusals(StaffNotFound, NotYetStaff, RoleTooWide)
)
async def activate_staff(
    ctx: Annotated[Ctx, allow("staff:suspend", role="platform")], staff_id: UUID
) -> Answer[StaffOut]:
    """Readmit somebody who was suspended. They log in again."""
    return Answer(data=await queries.shown(ctx, await actions.activate(ctx, staff_id)), message="Readmitted.")


@staff.delete("/{staff_id}", summary="Remove somebody", responses=refusals(StaffNotFound, RoleTooWide, LastOwner))
async def remove_staff(
    ctx: Annotated[Ctx, allow("staff:delete", role="platform")], staff_id: UUID
) -> Answer[StaffOut]:
    """Remove somebody from the shop. What they sold and did stays under their name; they may be invited again."""
    return Answer(data=await queries.shown(ctx, await actions.remove(ctx, staff_id)), message="Removed.")


@staff.delete("/{staff_id}/pin", summary="Clear somebody's PIN", responses=refusals(StaffNotFound, RoleTooWide))
async def clear_staff_pin(
    ctx: Annotated[Ctx, allow("staff:update", role="platform")], staff_id: UUID
) -> Answer[Nothing]:
    """Take away the PIN of somebody who forgot it, or told it; only they can choose another."""
    await actions.clear_pin(ctx, staff_id)
    return Answer(data=Nothing(), message="The PIN is cleared.")


@staff.post(
    "/{staff_id}/reset-password", summary="Let somebody choose a new password",
    responses=refusals(StaffNotFound, RoleTooWide, TooManyInvitations),
)  # fmt: skip
async def reset_staff_password(
    ctx: Annotated[Ctx, allow("staff:update", role="platform")], staff_id: UUID, request: Request
) -> Answer[StaffInvited]:
    """Send somebody a link (e-mail) or code (phone) to choose a new password; nobody else learns it and the old one
    works until then. Who has not accepted their invitation yet gets it again."""
    house = _house(request)
    sent = await actions.reset_password(ctx, house, staff_id)
    return Answer(data=await _with_token(ctx, house, sent), message="Sent.")


@staff.get("/{staff_id}/activity", summary="See what somebody did", responses=refusals(StaffNotFound, BadCursor))
async def list_activity(
    ctx: Annotated[Ctx, allow("audit_logs:read", role="platform")], staff_id: UUID,
    asked: Annotated[Paging, Depends(wire.paging_only)],
) -> Page[EntryOut]:
    """The audit entries of what somebody changed, the newest first."""
    await queries.one(ctx, staff_id)
    entries = trail.entries(ctx, trail.Filters(staff_id=staff_id))
    rows, page = await wire.page(ctx, entries, asked, trail.SORTS, trail.KEY, default="-at")
    return Page(data=trail.shown(rows), page=page)


@links.get("/{token}", summary="Look at an invitation", responses=refusals(InvitationNotValid))
async def read_invitation(visitor: Annotated[Visitor, public()], token: _Token) -> Answer[InvitationOut]:
    """What a link invites to, for the page it opens. `needs_password`: the person has no account yet and chooses a
    password."""
    found = await invitations.look(visitor, token)
    needs_password = found.account is None or found.account.password_hash is None
    return Answer(data=InvitationOut(
        shop=found.shop, name=found.staff.name, role=found.role, needs_password=needs_password,
        expires_at=found.invitation.expires_at,
    ))  # fmt: skip


@links.post(
    "/{token}/accept", summary="Accept an invitation",
    responses=refusals(InvitationNotValid, HasAccount, AlreadyStaff, PasswordTooWeak),
)  # fmt: skip
async def accept_invitation(
    visitor: Annotated[Visitor, public()], token: _Token, body: AcceptIn
) -> Answer[JoinedOut]:
    """Take the place a link invites to, once. Who has no account chooses a password and gets one; it is no login: log
    in afterwards."""
    joined = await invitations.accept(visitor, token, body)
    place = JoinedOut(
        shop_id=joined.staff.shop_id, shop=joined.shop, staff_id=joined.staff.id, login=joined.login
    )
    return Answer(data=place, message="Welcome. Log in to begin.")


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


async def _with_token(ctx: Ctx, house: House, invited: actions.Invited) -> StaffInvited:
    told = invited.token if house.settings.mode != "production" else None
    ctx.extra["shown_once"] = ("invitation_token",)
    shown = await queries.shown(ctx, invited.staff)
    return StaffInvited(**shown.model_dump(), invitation_token=told)
