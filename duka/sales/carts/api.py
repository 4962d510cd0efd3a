"""The door to carts: `/api/carts`."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.platform import edge, versions, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict, NotFound, StaleVersion, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.wire import Answer, Page, Paging
from duka.sales.actions import hold
from duka.sales.actions.hold import BranchRequired, CartTaken
from duka.sales.carts import queries as cart_queries
from duka.sales.carts.schemas import CartEdit, CartIn, CartOut

router = edge.router("/carts", "carts")

Sells = Annotated[Ctx, allow("sales:create")]


@router.get("", summary="List carts")
async def list_carts(
    ctx: Sells, asked: Annotated[Paging, Depends(wire.paging_only)],
    state: Annotated[Literal["open", "held", "taken"] | None, Query(description="Only these.")] = None,
    branch_id: UUID | None = None,
) -> Page[CartOut]:  # fmt: skip
    """The carts of the caller's branch, the newest first. With `state=held` those that any till may take up."""
    rows, page = await cart_queries.page(ctx, asked, state, branch_id)
    return Page(data=[cart_queries.shown(row) for row in rows], page=page)


@router.post(
    "", status_code=201, summary="Put a cart down", responses=refusals(NotFound, BranchRequired, IdempotencyConflict)
)
async def put_cart_down(ctx: Sells, body: CartIn, response: Response) -> Answer[CartOut]:
    """Keep a cart at the server while it is filled, so that it survives the device. It is not a sale: nothing is
    reserved, and prices are those of the moment it is sold."""
    cart = await hold.put_down(ctx, body)
    response.headers["Location"] = f"/api/carts/{cart.id}"
    return Answer(data=cart_queries.shown(cart), message="Cart kept.")


@router.get("/{cart_id}", summary="Read a cart", responses=refusals(NotFound))
async def read_cart(ctx: Sells, cart_id: UUID) -> Answer[CartOut]:
    """One cart of the caller's branch."""
    return Answer(data=cart_queries.shown(await cart_queries.get(ctx, cart_id)))


@router.put("/{cart_id}", summary="Change a cart", responses=refusals(NotFound, StaleVersion, VersionRequired))
async def change_cart(ctx: Sells, cart_id: UUID, body: CartEdit, if_match: versions.IfMatch) -> Answer[CartOut]:
    """Change a cart's name, or replace its content."""
    cart = await hold.change(ctx, cart_id, body, versions.of(body, if_match))
    return Answer(data=cart_queries.shown(cart), message="Cart changed.")


@router.delete("/{cart_id}", summary="Delete a cart", responses=refusals(NotFound))
async def delete_cart(ctx: Sells, cart_id: UUID) -> Answer[CartOut]:
    """Delete a cart that was sold or given up."""
    return Answer(data=cart_queries.shown(await hold.drop(ctx, cart_id)), message="Cart deleted.")


@router.post("/{cart_id}/hold", summary="Put a cart aside", responses=refusals(NotFound))
async def hold_cart(ctx: Sells, cart_id: UUID) -> Answer[CartOut]:
    """Put a cart aside, for any till of the branch to take up. One that waits already goes on waiting."""
    return Answer(data=cart_queries.shown(await hold.hold(ctx, cart_id)), message="The cart waits.")


@router.post("/{cart_id}/resume", summary="Take a cart up", responses=refusals(NotFound, CartTaken))
async def resume_cart(ctx: Sells, cart_id: UUID) -> Answer[CartOut]:
    """Take a waiting cart up at this till. Two tills that do it at once: one gets it, the other is told so."""
    return Answer(data=cart_queries.shown(await hold.resume(ctx, cart_id)), message="The cart is yours.")
