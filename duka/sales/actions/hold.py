"""Carts: put aside at one till, taken up at another. Mutable, no document, in no figure of the shop. While a cart waits
its goods are kept for it, where the shop wants that."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from duka.platform import audit, events, versions
from duka.platform.context import Ctx
from duka.platform.errors import DukaError, IdempotencyConflict, NotFound
from duka.platform.ids import check_made
from duka.sales import present
from duka.sales.carts import queries as cart_queries
from duka.sales.carts.keeping import keep_cart
from duka.sales.carts.schemas import CartContent, CartEdit, CartIn
from duka.sales.models import Cart
from duka.shops.queries import only_branch
from duka.shops.registers.claims import check_person
from duka.stock import actions as stock


@dataclass(eq=False)
class CartTaken(DukaError):
    """Another till took the cart up first, or it was not put aside."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "This cart is not waiting: somebody took it up, or it was never put aside."
    taken_by: UUID | None
    taken_at: str | None


@dataclass(eq=False)
class BranchRequired(DukaError):
    """The shop has several branches and the cart names none."""

    text: ClassVar[str] = "Say in which branch the cart waits: send branch_id."


async def put_down(ctx: Ctx, cart: CartIn) -> Cart:
    """Store a cart in a branch. The same cart again gives what stands; another under its id is an
    IdempotencyConflict. NotFound for a branch out of reach, BranchRequired, NotForRegisters."""
    check_person(ctx)
    check_made(ctx, cart.id)
    if cart.branch_id and ctx.branch_id not in (None, cart.branch_id):
        raise NotFound(what="branch")
    branch_id = ctx.branch_id or await only_branch(ctx, cart.branch_id)
    if branch_id is None:
        raise NotFound(what="branch") if cart.branch_id else BranchRequired
    row = {"branch_id": branch_id, "name": cart.name, "content": _plain(cart.content)}
    dated = {"version": 1, "created_at": ctx.now, "updated_at": ctx.now}
    fresh = insert(Cart).values(shop_id=ctx.shop_id, id=cart.id, **row, **dated)
    stored = (await ctx.db.scalars(fresh.on_conflict_do_nothing().returning(Cart))).one_or_none()
    if stored is None:
        stored = (await ctx.db.scalars(cart_queries.within(ctx).where(Cart.id == cart.id))).one_or_none()
        if stored is None or any(getattr(stored, name) != value for name, value in row.items()):
            raise IdempotencyConflict
        return stored
    audit.record(ctx, "create", "cart", stored.id)
    return stored


async def hold(ctx: Ctx, cart_id: UUID) -> Cart:
    """Put a cart aside for any till of the branch; one that waits already goes on waiting. NotFound.

    Where the shop keeps the goods of held carts, they are kept as far as they are free.
    """
    waiting = {"held_by": ctx.staff_id, "held_at": ctx.now, "taken_by": None, "taken_at": None}
    idle = (Cart.held_at.is_(None)) | (Cart.taken_at.is_not(None))
    cart = await _step(ctx, cart_id, idle, waiting)
    if cart is None:
        return await cart_queries.get(ctx, cart_id)
    await keep_cart(ctx, cart)
    audit.record(ctx, "hold", "cart", cart_id)
    events.emit(ctx, "cart.held", cart_id, {"branch_id": str(cart.branch_id)})
    return cart


async def resume(ctx: Ctx, cart_id: UUID) -> Cart:
    """Take a waiting cart up; what was kept for it is free again. Of two tills that do it at once one gets it, the
    other CartTaken. NotFound."""
    waits = (Cart.held_at.is_not(None)) & (Cart.taken_at.is_(None))
    cart = await _step(ctx, cart_id, waits, {"taken_by": ctx.staff_id, "taken_at": ctx.now})
    if cart is None:
        found = await cart_queries.get(ctx, cart_id)
        raise CartTaken(found.taken_by, present.moment_text(found.taken_at))
    await stock.release(ctx, cart_id)
    audit.record(ctx, "resume", "cart", cart_id)
    events.emit(ctx, "cart.taken", cart_id, {"branch_id": str(cart.branch_id)})
    return cart


async def change(ctx: Ctx, cart_id: UUID, body: CartEdit, version: int | None) -> Cart:
    """Change a cart's name or content. NotFound, VersionRequired, StaleVersion."""
    cart = await cart_queries.get(ctx, cart_id)
    changes: dict[str, Any] = versions.given(body)
    if isinstance(changes.get("content"), CartContent):
        changes["content"] = _plain(changes["content"])
    await versions.edit(ctx, cart, changes, version, "cart")
    if "content" in changes and cart.held_at is not None and cart.taken_at is None:
        await stock.release(ctx, cart_id)
        await keep_cart(ctx, cart)
    events.emit(ctx, "cart.updated", cart_id, {"branch_id": str(cart.branch_id)})
    return cart


async def drop(ctx: Ctx, cart_id: UUID) -> Cart:
    """Delete a cart: sold, or given up. NotFound."""
    cart = await cart_queries.get(ctx, cart_id)
    gone = await ctx.db.execute(delete(Cart).where(Cart.id == cart_id).returning(Cart.id))
    if gone.scalar_one_or_none() is None:
        raise NotFound(what="cart")
    await stock.release(ctx, cart_id)
    audit.record(ctx, "delete", "cart", cart_id, before={"lines": len(cart.content["lines"])})
    events.emit(ctx, "cart.deleted", cart_id, {"branch_id": str(cart.branch_id)})
    return cart


async def _step(ctx: Ctx, cart_id: UUID, guard: Any, values: dict[str, Any]) -> Cart | None:
    mine = cart_queries.within(ctx).with_only_columns(Cart.id).where(Cart.id == cart_id)
    step = update(Cart).where(Cart.id.in_(mine), guard)
    step = step.values(**values, version=Cart.version + 1, updated_at=ctx.now).returning(Cart)
    return (await ctx.db.scalars(step, execution_options={"synchronize_session": False})).one_or_none()


def _plain(content: CartContent) -> dict[str, Any]:
    return content.model_dump(mode="json", exclude_none=True)
