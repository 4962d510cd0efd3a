"""The door to roles and to the table of permissions."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from duka.platform import edge, versions, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict, StaleVersion, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.shops.models import Role
from duka.shops.roles import actions, queries
from duka.shops.roles.actions import OwnerRoleFixed, RoleInUse, RoleNameTaken, RoleTooWide
from duka.shops.roles.queries import RoleNotFound
from duka.shops.roles.schemas import PermissionGroup, RoleEdit, RoleIn, RoleOut

router = edge.router("/roles", "roles")
table_router = edge.router("/permissions", "roles")


@table_router.get("", summary="List every permission there is")
async def list_permissions(ctx: Annotated[Ctx, allow("roles:read")]) -> Answer[list[PermissionGroup]]:
    """Everything a role can be allowed, in words and grouped by what it is about: the boxes an owner ticks.

    A role grants a permission with a scope: `own` is what the person made or is assigned, `branch` what belongs to
    their branch, `shop` everything.
    """
    return Answer(data=queries.table())


@router.get("", summary="List roles", responses=refusals(BadCursor))
async def list_roles(
    ctx: Annotated[Ctx, allow("roles:read")], asked: Annotated[Paging, Depends(wire.paging_only)]
) -> Page[RoleOut]:
    """The shop's roles: the presets it started with and its own."""
    rows, page = await wire.page(ctx, queries.listed(asked.q), asked, queries.SORTS, Role.id, default="name")
    return Page(data=[RoleOut.model_validate(role) for role in rows], page=page)


@router.get("/{role_id}", summary="Read a role", responses=refusals(RoleNotFound))
async def read_role(ctx: Annotated[Ctx, allow("roles:read")], role_id: UUID) -> Answer[RoleOut]:
    """One role with everything it may do."""
    return Answer(data=RoleOut.model_validate(await queries.get(ctx, role_id)))


@router.post(
    "", status_code=201, summary="Add a role", responses=refusals(RoleTooWide, RoleNameTaken, IdempotencyConflict)
)
async def add_role(ctx: Annotated[Ctx, allow("roles:create")], body: RoleIn, response: Response) -> Answer[RoleOut]:
    """Add a role of the shop's own: a copy of a preset (`preset_of`), or whatever `permissions` says.

    Nobody can make a role that may do more than they may themselves.
    """
    role = await actions.add(ctx, body)
    response.headers["Location"] = f"/api/roles/{role.id}"
    return Answer(data=RoleOut.model_validate(role), message="Role added.")


@router.put(
    "/{role_id}", summary="Change a role",
    responses=refusals(RoleNotFound, RoleTooWide, OwnerRoleFixed, RoleNameTaken, StaleVersion, VersionRequired),
)  # fmt: skip
async def edit_role(
    ctx: Annotated[Ctx, allow("roles:update")], role_id: UUID, body: RoleEdit, if_match: versions.IfMatch
) -> Answer[RoleOut]:
    """Change a role's name, permissions or discount ceiling. Presets can be changed too, except the owner's.

    It acts at the next request of everybody who has the role; nobody need log in again.
    """
    role = await actions.edit(ctx, role_id, body, versions.of(body, if_match))
    return Answer(data=RoleOut.model_validate(role), message="Role changed.")


@router.delete(
    "/{role_id}", summary="Delete a role", responses=refusals(RoleNotFound, RoleTooWide, OwnerRoleFixed, RoleInUse)
)
async def delete_role(ctx: Annotated[Ctx, allow("roles:delete")], role_id: UUID) -> Answer[RoleOut]:
    """Delete a role that nobody has or had."""
    return Answer(data=RoleOut.model_validate(await actions.remove(ctx, role_id)), message="Role deleted.")
