"""What is asked about roles."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select

from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.shops import permissions
from duka.shops.models import Role
from duka.shops.roles import words
from duka.shops.roles.schemas import PermissionGroup, PermissionOut

SORTS: Final[dict[str, Any]] = {"name": func.lower(Role.name), "created_at": Role.created_at}


@dataclass(eq=False)
class RoleNotFound(NotFound):
    """The shop has no such role."""

    what: str = "role"


async def get(ctx: Ctx, role_id: UUID) -> Role:
    """Give one role. RoleNotFound."""
    role = (await ctx.db.scalars(select(Role).where(Role.id == role_id))).one_or_none()
    if role is None:
        raise RoleNotFound
    return role


def listed(q: str | None) -> Select[Role]:
    """Select the shop's roles; `q` is part of a name."""
    query = select(Role)
    return query.where(Role.name.icontains(q, autoescape=True)) if q else query


def table() -> list[PermissionGroup]:
    """Give every permission there is, in words, grouped by what it is about."""
    groups = {resource: PermissionGroup(resource=resource, title=title, permissions=[])
              for resource, title in words.RESOURCES.items()}
    for permission in sorted(permissions.PERMISSIONS):
        resource, _, action = permission.partition(":")
        told = PermissionOut(permission=permission, action=action, description=words.describe(permission))
        groups[resource].permissions.append(told)
    return list(groups.values())
