"""What is asked about branches and their locations."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, false, func, or_, select

from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.shops.models import Branch, Location

BRANCH_SORTS: Final[dict[str, Any]] = {"name": func.lower(Branch.name), "created_at": Branch.created_at}
LOCATION_SORTS: Final[dict[str, Any]] = {"name": func.lower(Location.name), "created_at": Location.created_at}


@dataclass(eq=False)
class BranchNotFound(NotFound):
    """The shop has no such branch, or the caller works in another one."""

    what: str = "branch"


@dataclass(eq=False)
class LocationNotFound(NotFound):
    """The shop has no such location, or it is in a branch that the caller does not work in."""

    what: str = "location"


def branches(ctx: Ctx, permission: str = "branches:read") -> Select[Branch]:
    """Select the branches that a permission of the caller reaches: all, or their own."""
    scope = ctx.permissions.get(permission)
    query = select(Branch)
    if scope == "shop":
        return query
    return query.where(false() if scope is None else Branch.id == ctx.branch_id)


async def branch(ctx: Ctx, branch_id: UUID, permission: str = "branches:read") -> Branch:
    """Give one branch that the caller may reach under `permission`. BranchNotFound."""
    found = (await ctx.db.scalars(branches(ctx, permission).where(Branch.id == branch_id))).one_or_none()
    if found is None:
        raise BranchNotFound
    return found


def found(ctx: Ctx, q: str | None, active: bool | None) -> Select[Branch]:
    """Select the branches of a list; `q` is part of a name or address."""
    query = branches(ctx)
    if active is not None:
        query = query.where(Branch.active == active)
    if q:
        texts = (Branch.name, Branch.address)
        query = query.where(or_(*(text.icontains(q, autoescape=True) for text in texts)))
    return query


def locations(ctx: Ctx, permission: str = "stock:read") -> Select[Location]:
    """Select the locations that a permission of the caller reaches."""
    scope = ctx.permissions.get(permission)
    query = select(Location)
    if scope == "shop":
        return query
    return query.where(false() if scope is None else Location.branch_id == ctx.branch_id)


async def location(ctx: Ctx, location_id: UUID, permission: str = "stock:read") -> Location:
    """Give one location that the caller may reach under `permission`. LocationNotFound."""
    one = (await ctx.db.scalars(locations(ctx, permission).where(Location.id == location_id))).one_or_none()
    if one is None:
        raise LocationNotFound
    return one


def found_locations(
    ctx: Ctx, q: str | None, branch_id: UUID | None, kind: str | None, active: bool | None
) -> Select[Location]:
    """Select the locations of a list; `q` is part of a name."""
    query = locations(ctx)
    if branch_id is not None:
        query = query.where(Location.branch_id == branch_id)
    if kind is not None:
        query = query.where(Location.kind == kind)
    if active is not None:
        query = query.where(Location.active == active)
    return query.where(Location.name.icontains(q, autoescape=True)) if q else query
