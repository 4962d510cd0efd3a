"""What is asked about staff."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, false, func, select

from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.shops.models import Account, Invitation, Role, Staff
from duka.shops.staff.schemas import StaffOut

SORTS: Final[dict[str, Any]] = {"name": func.lower(Staff.name), "created_at": Staff.created_at}
KEY: Final = Staff.id
_SHOWN: Final[tuple[Any, ...]] = (Staff, Role.name, Role.preset)


@dataclass(eq=False)
class StaffNotFound(NotFound):
    """Nobody of that id works in the shop, or they work where the caller may not look."""

    what: str = "member of staff"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of staff is narrowed to. Who was removed is shown only when asked for."""

    role_id: UUID | None = None
    branch_id: UUID | None = None
    status: str | None = None


def people(ctx: Ctx, permission: str = "staff:read") -> Select[Any]:
    """Select the staff that a permission of the caller reaches, with the name and preset of their role."""
    query = select(*_SHOWN).join(Role, (Role.shop_id == Staff.shop_id) & (Role.id == Staff.role_id))
    match ctx.permissions.get(permission):
        case "shop":
            return query
        case "branch":
            return query.where(Staff.branch_id == ctx.branch_id)
        case "own":
            return query.where(Staff.id == ctx.staff_id)
    return query.where(false())


def listed(ctx: Ctx, filters: Filters, q: str | None) -> Select[Any]:
    """Select the staff of a list; `q` is part of a name."""
    query = people(ctx)
    if filters.role_id is not None:
        query = query.where(Staff.role_id == filters.role_id)
    if filters.branch_id is not None:
        query = query.where(Staff.branch_id == filters.branch_id)
    if filters.status is None:
        query = query.where(Staff.status != "deleted")
    else:
        query = query.where(Staff.status == filters.status)
    return query.where(Staff.name.icontains(q, autoescape=True)) if q else query


async def one(ctx: Ctx, staff_id: UUID) -> StaffOut:
    """Give one member of staff, also one who was removed. StaffNotFound."""
    row = (await ctx.db.execute(people(ctx).where(Staff.id == staff_id))).one_or_none()
    if row is None:
        raise StaffNotFound
    (shown,) = await shown_all(ctx, [row])
    return shown


async def shown(ctx: Ctx, staff: Staff) -> StaffOut:
    """Give somebody as they are shown, whatever the caller may read: it is who they just changed."""
    role = (await ctx.db.scalars(select(Role).where(Role.id == staff.role_id))).one()
    (told,) = await shown_all(ctx, [(staff, role.name, role.preset)])
    return told


async def shown_all(ctx: Ctx, rows: Sequence[Any]) -> list[StaffOut]:
    """Give the rows of `people` as they are shown, each with how the person is reached: by their account, or where
    their invitation went. Needs the platform role, which accounts belong to."""
    accounts = {row[0].account_id for row in rows if row[0].account_id}
    reached = {account.id: (account.phone, account.email) for account in await ctx.db.scalars(
        select(Account).where(Account.id.in_(accounts))
    )}  # fmt: skip
    invited = [row[0].id for row in rows if row[0].status == "invited"]
    sent: dict[UUID, dict[bool, str]] = defaultdict(dict)
    for letter in await ctx.db.scalars(
        select(Invitation).where(Invitation.staff_id.in_(invited)).order_by(Invitation.id)
    ):
        sent[letter.staff_id]["@" in letter.sent_to] = letter.sent_to
    told: list[StaffOut] = []
    for staff, role, preset, *_ in rows:
        at = sent.get(staff.id, {})
        phone, email = reached.get(staff.account_id, (at.get(False), at.get(True)))
        told.append(StaffOut.model_validate({
            "id": staff.id, "name": staff.name, "phone": phone, "email": email, "role_id": staff.role_id, "role": role,
            "preset": preset, "branch_id": staff.branch_id, "status": staff.status,
            "last_login_at": staff.last_login_at, "version": staff.version, "created_at": staff.created_at,
            "updated_at": staff.updated_at,
        }))  # fmt: skip
    return told
