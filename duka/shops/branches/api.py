"""The door to branches and locations."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.platform import edge, exports, versions, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict, StaleVersion, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, PageInfo, Paging
from duka.shops.branches import actions, queries, stock_places
from duka.shops.branches.actions import BranchHasStaff, BranchNameTaken, LastBranch, ManagerNotFound
from duka.shops.branches.queries import BranchNotFound, LocationNotFound
from duka.shops.branches.schemas import (
    BranchEdit,
    BranchIn,
    BranchOut,
    LocationEdit,
    LocationIn,
    LocationKind,
    LocationOut,
)
from duka.shops.branches.stock_places import LocationNameTaken, ShowroomExists, ShowroomNeeded
from duka.shops.models import Branch, Location
from duka.shops.phones import PhoneNotValid

branches = edge.router("/branches", "branches")
locations = edge.router("/locations", "branches")

_COLUMNS = (
    Column("name", "Name"), Column("address", "Address"), Column("phone", "Phone"), Column("active", "Active", "flag"),
)  # fmt: skip


@branches.get("", summary="List branches", response_model=Page[BranchOut], responses=refusals(BadCursor))
async def list_branches(
    ctx: Annotated[Ctx, allow("branches:read")],
    asked: Annotated[Paging, Depends(wire.paging)],
    active: Annotated[bool | None, Query(description="Only those in use, or only the others.")] = None,
) -> Page[BranchOut] | Response:
    """The shop's branches; somebody bound to one branch sees that one."""
    file_format = exports.wanted(ctx, asked, "branches:export")
    query = queries.found(ctx, asked.q, active)

    async def page_of(part: Paging) -> tuple[Sequence[Branch], PageInfo]:
        return await wire.page(ctx, query, part, queries.BRANCH_SORTS, Branch.id, default="name")

    if file_format:
        return await exports.file_response(ctx, exports.parts(asked, page_of), _COLUMNS, "branches", file_format)
    rows, page = await page_of(asked)
    return Page(data=[BranchOut.model_validate(branch) for branch in rows], page=page)


@branches.get("/{branch_id}", summary="Read a branch", responses=refusals(BranchNotFound))
async def read_branch(ctx: Annotated[Ctx, allow("branches:read")], branch_id: UUID) -> Answer[BranchOut]:
    """One branch."""
    return Answer(data=BranchOut.model_validate(await queries.branch(ctx, branch_id)))


@branches.post(
    "", status_code=201, summary="Open a branch",
    responses=refusals(BranchNameTaken, ManagerNotFound, PhoneNotValid, IdempotencyConflict),
)  # fmt: skip
async def open_branch(
    ctx: Annotated[Ctx, allow("branches:create")], body: BranchIn, response: Response
) -> Answer[BranchOut]:
    """Open a branch. It gets a showroom, a warehouse, a place for damaged goods and a back-office till, and can sell
    at once."""
    branch = await actions.open_branch(ctx, body)
    response.headers["Location"] = f"/api/branches/{branch.id}"
    return Answer(data=BranchOut.model_validate(branch), message="Branch opened.")


@branches.put(
    "/{branch_id}", summary="Change a branch",
    responses=refusals(
        BranchNotFound, BranchNameTaken, ManagerNotFound, PhoneNotValid, LastBranch, BranchHasStaff, StaleVersion,
        VersionRequired,
    ),
)  # fmt: skip
async def edit_branch(
    ctx: Annotated[Ctx, allow("branches:update")], branch_id: UUID, body: BranchEdit, if_match: versions.IfMatch
) -> Answer[BranchOut]:
    """Change a branch: absent fields stay, null clears. `active` takes it out of use or takes it up again."""
    branch = await actions.edit(ctx, branch_id, body, versions.of(body, if_match))
    return Answer(data=BranchOut.model_validate(branch), message="Branch changed.")


@branches.delete(
    "/{branch_id}", summary="Close a branch", responses=refusals(BranchNotFound, LastBranch, BranchHasStaff)
)
async def close_branch(ctx: Annotated[Ctx, allow("branches:delete")], branch_id: UUID) -> Answer[BranchOut]:
    """Close a branch. One where anything ever happened is deactivated and keeps its history (`active` is false in the
    answer); any other is deleted."""
    closed = await actions.close(ctx, branch_id)
    words = "Branch deleted." if closed.deleted else "The branch has history, so it was deactivated."
    return Answer(data=BranchOut.model_validate(closed.branch), message=words)


@locations.get("", summary="List locations", responses=refusals(BadCursor))
async def list_locations(
    ctx: Annotated[Ctx, allow("stock:read")],
    asked: Annotated[Paging, Depends(wire.paging_only)],
    branch_id: Annotated[UUID | None, Query(description="Of one branch.")] = None,
    kind: Annotated[LocationKind | None, Query(description="Of one kind.")] = None,
    active: Annotated[bool | None, Query(description="Only those in use, or only the others.")] = None,
) -> Page[LocationOut]:
    """Where stock stands; somebody bound to one branch sees that branch's."""
    query = queries.found_locations(ctx, asked.q, branch_id, kind, active)
    rows, page = await wire.page(ctx, query, asked, queries.LOCATION_SORTS, Location.id, default="name")
    return Page(data=[LocationOut.model_validate(location) for location in rows], page=page)


@locations.post(
    "", status_code=201, summary="Add a location",
    responses=refusals(BranchNotFound, LocationNameTaken, ShowroomExists, IdempotencyConflict),
)  # fmt: skip
async def add_location(
    ctx: Annotated[Ctx, allow("branches:update")], body: LocationIn, response: Response
) -> Answer[LocationOut]:
    """Add a place for stock to a branch: a second warehouse, a van, a technician's bench."""
    location = await stock_places.add(ctx, body)
    response.headers["Location"] = f"/api/locations?branch_id={location.branch_id}"
    return Answer(data=LocationOut.model_validate(location), message="Location added.")


@locations.put(
    "/{location_id}", summary="Change a location",
    responses=refusals(
        LocationNotFound, LocationNameTaken, ShowroomExists, ShowroomNeeded, StaleVersion, VersionRequired
    ),
)  # fmt: skip
async def edit_location(
    ctx: Annotated[Ctx, allow("branches:update")], location_id: UUID, body: LocationEdit, if_match: versions.IfMatch
) -> Answer[LocationOut]:
    """Rename a location or take it out of use. The showroom stays: the branch's tills sell from it."""
    location = await stock_places.edit(ctx, location_id, body, versions.of(body, if_match))
    return Answer(data=LocationOut.model_validate(location), message="Location changed.")
