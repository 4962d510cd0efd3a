"""What changes roles: they are added, changed and removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from duka.platform import audit, db, events, versions
from duka.platform.context import Ctx, Scope
from duka.platform.errors import DukaError, IdempotencyConflict, ValidationError
from duka.shops import permissions
from duka.shops.models import Role
from duka.shops.roles import queries, rules
from duka.shops.roles.schemas import RoleEdit, RoleIn


@dataclass(eq=False)
class RoleTooWide(DukaError):
    """The role may do more than the caller, who can therefore not make, change or give it. `beyond` names what."""

    status: ClassVar[int] = 403
    text: ClassVar[str] = "This role may do more than you may. Ask the shop's owner."
    beyond: list[str]


@dataclass(eq=False)
class RoleNameTaken(DukaError):
    """Another role of the shop has the name."""

    text: ClassVar[str] = "There is a role named {name} already."
    name: str


@dataclass(eq=False)
class OwnerRoleFixed(DukaError):
    """The owner's role always has every permission; else a shop could lock itself out."""

    text: ClassVar[str] = "The owner's role cannot be changed or deleted. Make a role of your own instead."


@dataclass(eq=False)
class RoleInUse(DukaError):
    """Somebody has the role, or had it when they left."""

    text: ClassVar[str] = "Somebody has or had this role, so it must stay. Give them another role first."


def check_within(ctx: Ctx, granted: Mapping[str, Scope], discount_ceiling_bp: int) -> None:
    """Refuse what goes beyond the caller's own permissions, so that nobody lifts themselves. RoleTooWide."""
    beyond = rules.beyond(granted, ctx.permissions)
    if discount_ceiling_bp > ctx.discount_ceiling_bp:
        beyond.append("discount_ceiling_bp")
    if beyond:
        raise RoleTooWide(beyond=beyond)


def check_role(ctx: Ctx, role: Role, *, in_branch: bool = False) -> None:
    """Refuse a role that may do more than the caller, for somebody bound to a branch or not. RoleTooWide."""
    check_within(ctx, rules.effective(role.permissions, in_branch=in_branch), role.discount_ceiling_bp)


async def add(ctx: Ctx, wanted: RoleIn) -> Role:
    """Add a role of the shop's own. RoleTooWide, RoleNameTaken."""
    granted, ceiling_bp = _wanted(wanted)
    check_within(ctx, granted, ceiling_bp)
    role = Role(
        shop_id=ctx.shop_id, id=wanted.id, name=wanted.name, preset=None, permissions=dict(granted),
        discount_ceiling_bp=ceiling_bp, created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    async with db.refusing(ctx, {**_taken(wanted.name), "pk_roles": IdempotencyConflict}):
        ctx.db.add(role)
    audit.record(ctx, "create", "role", role.id, after=_facts(role))
    events.emit(ctx, "role.created", role.id)
    return role


async def edit(ctx: Ctx, role_id: UUID, body: RoleEdit, version: int | None) -> Role:
    """Change a role; it acts at the next request of everybody who has it.

    RoleNotFound, OwnerRoleFixed, RoleNameTaken, StaleVersion, VersionRequired; RoleTooWide where the role may do more
    than the caller, before the change or after it.
    """
    role = await queries.get(ctx, role_id)
    _refuse_owners(role)
    asked = versions.given(body)
    check_role(ctx, role)
    check_within(ctx, asked.get("permissions", {}), asked.get("discount_ceiling_bp", 0))
    async with db.refusing(ctx, _taken(str(asked.get("name")))):
        changed = await versions.edit(ctx, role, asked, version, "role")
    if changed:
        events.emit(ctx, "role.updated", role_id)
    return role


async def remove(ctx: Ctx, role_id: UUID) -> Role:
    """Delete a role that nobody has or had. RoleNotFound, OwnerRoleFixed, RoleTooWide, RoleInUse."""
    role = await queries.get(ctx, role_id)
    _refuse_owners(role)
    check_role(ctx, role)
    async with db.refusing(ctx, {"fk_staff_role_id": RoleInUse}):
        await ctx.db.delete(role)
    audit.record(ctx, "delete", "role", role_id, before=_facts(role))
    events.emit(ctx, "role.deleted", role_id)
    return role


def _wanted(wanted: RoleIn) -> tuple[Mapping[str, Scope], int]:
    """Give the permissions and the discount ceiling a new role asks for."""
    if wanted.preset_of is None and wanted.permissions is None:
        raise ValidationError(fields={"permissions": ["Say what the role may do, or which preset it starts from."]})
    preset = permissions.ALIASES.get(wanted.preset_of or "", wanted.preset_of or "")
    granted = wanted.permissions if wanted.permissions is not None else permissions.preset(preset)
    ceiling_bp = wanted.discount_ceiling_bp
    return granted, permissions.DISCOUNT_CEILINGS_BP.get(preset, 0) if ceiling_bp is None else ceiling_bp


def _refuse_owners(role: Role) -> None:
    if role.preset == "owner":
        raise OwnerRoleFixed


def _taken(name: str) -> db.Refusals:
    return {"uq_roles_name": lambda: RoleNameTaken(name=name)}


def _facts(role: Role) -> dict[str, Any]:
    return {"name": role.name, "permissions": role.permissions, "discount_ceiling_bp": role.discount_ceiling_bp}
