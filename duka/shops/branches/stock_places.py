"""What changes locations: the places inside a branch where stock stands."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from duka.platform import audit, db, events, versions
from duka.platform.context import Ctx
from duka.platform.errors import DukaError, IdempotencyConflict
from duka.shops.branches import queries
from duka.shops.branches.schemas import LocationEdit, LocationIn
from duka.shops.models import Location


@dataclass(eq=False)
class LocationNameTaken(DukaError):
    """Another location of the branch has the name."""

    text: ClassVar[str] = "There is a location named {name} in this branch already."
    name: str


@dataclass(eq=False)
class ShowroomExists(DukaError):
    """The branch has its one active showroom already."""

    text: ClassVar[str] = "This branch has a showroom already; a till must know which one it sells from."


@dataclass(eq=False)
class ShowroomNeeded(DukaError):
    """The branch's tills sell from its showroom."""

    text: ClassVar[str] = "The branch's tills sell from this showroom, so it must stay. Deactivate the branch instead."


async def add(ctx: Ctx, wanted: LocationIn) -> Location:
    """Add a location to a branch. BranchNotFound, LocationNameTaken, ShowroomExists."""
    await queries.branch(ctx, wanted.branch_id, "branches:update")
    location = Location(
        shop_id=ctx.shop_id, id=wanted.id, branch_id=wanted.branch_id, name=wanted.name, kind=wanted.kind, active=True,
        created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    async with db.refusing(ctx, {**_taken(wanted.name), "pk_locations": IdempotencyConflict}):
        ctx.db.add(location)
    audit.record(ctx, "create", "location", location.id, after={"name": location.name, "kind": location.kind})
    events.emit(ctx, "location.created", location.id)
    return location


async def edit(ctx: Ctx, location_id: UUID, body: LocationEdit, version: int | None) -> Location:
    """Rename a location, or take it out of use (`active: false`); stock that stands there stays counted.

    LocationNotFound, LocationNameTaken, ShowroomExists, ShowroomNeeded, StaleVersion, VersionRequired.
    """
    location = await queries.location(ctx, location_id, "branches:update")
    asked = versions.given(body)
    if asked.get("active") is False and location.active and location.kind == "showroom":
        raise ShowroomNeeded
    async with db.refusing(ctx, _taken(str(asked.get("name")))):
        changed = await versions.edit(ctx, location, asked, version, "location")
    if changed:
        events.emit(ctx, "location.updated", location_id)
    return location


def _taken(name: str) -> db.Refusals:
    return {"uq_locations_name": lambda: LocationNameTaken(name=name), "uq_locations_showroom": ShowroomExists}
