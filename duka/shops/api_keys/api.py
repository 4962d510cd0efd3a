"""The door to API keys."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from duka.platform import edge, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict
from duka.platform.openapi import refusals
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.shops.api_keys import actions
from duka.shops.api_keys.actions import ApiKeyNotFound
from duka.shops.api_keys.schemas import ApiKeyIn, ApiKeyMade, ApiKeyOut
from duka.shops.models import ApiKey
from duka.shops.roles.actions import RoleTooWide

router = edge.router("/api-keys", "api keys")


@router.get("", summary="List API keys", responses=refusals(BadCursor))
async def list_api_keys(
    ctx: Annotated[Ctx, allow("api_keys:read")], asked: Annotated[Paging, Depends(wire.paging_only)]
) -> Page[ApiKeyOut]:
    """The shop's keys, revoked ones too: what each may do and on which day it was last used."""
    rows, page = await wire.page(ctx, actions.listed(asked.q), asked, actions.SORTS, ApiKey.id, default="-created_at")
    return Page(data=[actions.shown(row) for row in rows], page=page)


@router.get("/{key_id}", summary="Read an API key", responses=refusals(ApiKeyNotFound))
async def read_api_key(ctx: Annotated[Ctx, allow("api_keys:read")], key_id: UUID) -> Answer[ApiKeyOut]:
    """One key, without its text."""
    return Answer(data=actions.shown(await actions.get(ctx, key_id)))


@router.post("", status_code=201, summary="Make an API key", responses=refusals(RoleTooWide, IdempotencyConflict))
async def make_api_key(
    ctx: Annotated[Ctx, allow("api_keys:create")], body: ApiKeyIn, response: Response
) -> Answer[ApiKeyMade]:
    """Make a key for another program. The key is shown in this answer and never again; only a hash is kept.

    It may do what `permissions` says and never more than who made it: when their role shrinks, so does the key, and
    when they leave it ends.
    """
    made = await actions.make(ctx, body)
    response.headers["Location"] = f"/api/api-keys/{made.row.id}"
    ctx.extra["shown_once"] = ("key",)
    return Answer(data=ApiKeyMade(**dict(actions.shown(made.row)), key=made.key), message="Copy the key now.")


@router.delete("/{key_id}", summary="Revoke an API key", responses=refusals(ApiKeyNotFound))
async def revoke_api_key(ctx: Annotated[Ctx, allow("api_keys:delete")], key_id: UUID) -> Answer[ApiKeyOut]:
    """End a key: its next request is refused. It stays in the list, marked as revoked."""
    return Answer(data=actions.shown(await actions.revoke(ctx, key_id)), message="Key revoked.")
