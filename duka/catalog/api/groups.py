"""Groups over HTTP."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.catalog import queries
from duka.catalog.actions import groups
from duka.catalog.errors import GroupInsideItself, GroupNameTaken, GroupNotEmpty, GroupTooDeep, TooManyGroups
from duka.catalog.schemas import Deleted, GroupEdit, GroupIn, GroupOut
from duka.platform import edge, exports, versions, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdTaken, NotFound, StaleVersion, ValidationError, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging

router = edge.router("/groups", "groups")

_COLUMNS: Final = (
    Column("name", "Name"), Column("position", "Position", "integer"), Column("colour", "Colour"),
    Column("icon", "Icon"), Column("id", "Id"), Column("parent_id", "Parent id"),
)  # fmt: skip


@router.get("", summary="List groups", response_model=Page[GroupOut], responses=refusals(BadCursor, ValidationError))
async def list_groups(
    ctx: Annotated[Ctx, allow("groups:read")],
    asked: Annotated[Paging, Depends(wire.paging)],
    parent_id: Annotated[UUID | None, Query(description="Only the groups directly below this one.")] = None,
) -> Page[GroupOut] | Response:
    """The shop's groups by their position; `parent_id` tells the tree. Sort by position, name or created_at."""
    file_format = exports.wanted(ctx, asked, "groups:export")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.groups(ctx, part, parent_id))
        return await exports.file_response(ctx, parts, _COLUMNS, "groups", file_format)
    rows, page = await queries.groups(ctx, asked, parent_id)
    return Page(data=rows, page=page)


@router.get("/{group_id}", summary="Show a group", responses=refusals(NotFound))
async def show_group(ctx: Annotated[Ctx, allow("groups:read")], group_id: UUID) -> Answer[GroupOut]:
    """One group."""
    return Answer(data=await queries.group(ctx, group_id))


@router.post(
    "", status_code=201, summary="Make a group",
    responses=refusals(ValidationError, GroupNameTaken, GroupTooDeep, TooManyGroups, NotFound, IdTaken),
)  # fmt: skip
async def create_group(
    ctx: Annotated[Ctx, allow("groups:create")], body: GroupIn, response: Response
) -> Answer[GroupOut]:
    """Makes a group, at the top or below another one. Groups are nested at most five deep."""
    group = await groups.add_group(ctx, body)
    response.headers["Location"] = f"/api/groups/{group.id}"
    return Answer(data=GroupOut.model_validate(group), message="The group was made.")


@router.put(
    "/{group_id}", summary="Change or move a group",
    responses=refusals(
        ValidationError, VersionRequired, StaleVersion, GroupNameTaken, GroupTooDeep, GroupInsideItself, NotFound
    ),
)  # fmt: skip
async def edit_group(
    ctx: Annotated[Ctx, allow("groups:update")], group_id: UUID, body: GroupEdit, if_match: versions.IfMatch
) -> Answer[GroupOut]:
    """Merges the change into the group: an absent field stays, null clears it. `parent_id` moves the group with
    everything below it; null moves it to the top."""
    group = await groups.edit_group(ctx, group_id, versions.given(body), versions.of(body, if_match))
    return Answer(data=GroupOut.model_validate(group), message="The group was changed.")


@router.delete(
    "/{group_id}", summary="Delete a group",
    responses=refusals(GroupNotEmpty, GroupInsideItself, GroupTooDeep, GroupNameTaken, NotFound),
)
async def delete_group(
    ctx: Annotated[Ctx, allow("groups:delete")],
    group_id: UUID,
    move_to: Annotated[UUID | None, Query(description="The group that takes what this one holds.")] = None,
) -> Answer[Deleted]:
    """Deletes a group. What it holds goes to the group `move_to`; without that, a group that holds something is
    refused."""
    await groups.delete_group(ctx, group_id, move_to)
    return Answer(data=Deleted(id=group_id, outcome="deleted"), message="The group was deleted.")
