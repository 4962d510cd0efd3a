"""What is asked about carts: those of the caller's branch, or of the shop for who works in all branches."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from duka.platform import wire
from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.wire import PageInfo, Paging
from duka.sales.carts.schemas import CartContent, CartOut
from duka.sales.models import Cart
from duka.shops.registers.claims import check_person

_STATES: Final[Mapping[str, ColumnElement[bool]]] = {
    "open": Cart.held_at.is_(None),
    "held": Cart.held_at.is_not(None) & Cart.taken_at.is_(None),
    "taken": Cart.taken_at.is_not(None),
}


async def page(ctx: Ctx, asked: Paging, state: str | None, branch_id: UUID | None) -> tuple[Sequence[Cart], PageInfo]:
    """Give a page of carts, the newest first. `state` is open, held or taken."""
    query = within(ctx)
    if state is not None:
        query = query.where(_STATES[state])
    if branch_id is not None:
        query = query.where(Cart.branch_id == branch_id)
    sorts: dict[str, Any] = {"created": Cart.id, "updated_at": Cart.updated_at}
    return await wire.page(ctx, query, asked, sorts, Cart.id, default="-created")


async def get(ctx: Ctx, cart_id: UUID) -> Cart:
    """Give one cart. NotFound."""
    cart = (await ctx.db.scalars(within(ctx).where(Cart.id == cart_id))).one_or_none()
    if cart is None:
        raise NotFound(what="cart")
    return cart


def within(ctx: Ctx) -> Select[Cart]:
    """Select the carts that the caller may take up: any of the branch they work in. NotForRegisters."""
    check_person(ctx)
    query = select(Cart)
    return query if ctx.branch_id is None else query.where(Cart.branch_id == ctx.branch_id)


def shown(cart: Cart) -> CartOut:
    """Show a cart."""
    state = "open" if cart.held_at is None else "held" if cart.taken_at is None else "taken"
    own = {
        name: getattr(cart, name)
        for name in ("id", "name", "branch_id", "held_by", "held_at", "taken_by", "taken_at", "version", "created_at",
                     "updated_at")
    }  # fmt: skip
    return CartOut(**own, state=state, content=CartContent.model_validate(cart.content, context=wire.STORED))
