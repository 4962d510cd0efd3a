"""To take an order further: approve, reject, order, cancel, close."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.errors import Busy
from duka.purchasing import events as told
from duka.purchasing import order_queries
from duka.purchasing.actions.ordering import Ordered, held, step_row
from duka.purchasing.errors import OrderPartReceived, OrderStepNotAllowed
from duka.purchasing.models import PurchaseOrder, PurchaseOrderStep, Supplier
from duka.purchasing.rules import STEPS, Step
from duka.shops import settings


async def take(ctx: Ctx, order_id: UUID, step: Step, permission: str, reason: str | None = None) -> Ordered:
    """Take a step of `rules.STEPS`. Each is taken once: asked for again, however late, it changes nothing.

    OrderNotFound; OrderStepNotAllowed from another state; OrderPartReceived for cancelling what has come in partly.
    """
    order = await held(ctx, order_id, permission)
    state_to, states_from = STEPS[step]
    if order.state not in states_from:
        if await _taken(ctx, order_id, step):
            return Ordered(await order_queries.order(ctx, order_id, permission), again=True)
        if step == "cancel" and order.state in ("part_received", "received"):
            raise OrderPartReceived
        raise OrderStepNotAllowed(order.state, step)
    values: dict[str, Any] = {"state": state_to, "version": order.version + 1, "updated_at": ctx.now}
    if step == "order":
        values |= await _placed(ctx, order)
    moved = await ctx.db.execute(
        update(PurchaseOrder)
        .where(PurchaseOrder.id == order_id, PurchaseOrder.state == order.state)
        .values(values)
        .returning(PurchaseOrder.id),
        execution_options={"synchronize_session": False},
    )
    if moved.one_or_none() is None:
        raise Busy
    ctx.db.add(PurchaseOrderStep(
        shop_id=ctx.shop_id, **step_row(ctx, order_id, step, order.state, state_to, reason)
    ))  # fmt: skip
    audit.record(ctx, step, "purchase_order", order_id, before={"state": order.state}, after={"state": state_to},
                 reason=reason)
    facts = {"supplier_id": str(order.supplier_id), "branch_id": str(order.branch_id), "state": state_to}
    events.emit(ctx, told.ORDER_STEPS[step], order_id, facts)
    await ctx.db.flush()
    return Ordered(await order_queries.order(ctx, order_id, permission))


async def _taken(ctx: Ctx, order_id: UUID, step: Step) -> bool:
    taken = select(PurchaseOrderStep.id).where(PurchaseOrderStep.order_id == order_id, PurchaseOrderStep.step == step)
    return (await ctx.db.scalar(taken.limit(1))) is not None


async def _placed(ctx: Ctx, order: PurchaseOrder) -> dict[str, date]:
    """Say when it was placed, and where no day was expected, when it should come."""
    today = ctx.today(settings.of(ctx).day_start_minutes)
    lead = await ctx.db.scalar(select(Supplier.lead_time_days).where(Supplier.id == order.supplier_id))
    return {"ordered_on": today, "expected_on": order.expected_on or today + timedelta(days=lead or 0)}
