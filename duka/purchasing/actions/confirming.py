"""To see an order as its supplier, by a link, and to say what will come and when."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.edge import Visitor
from duka.purchasing import events as told
from duka.purchasing import order_queries
from duka.purchasing.actions import linking
from duka.purchasing.actions.ordering import held, step_row
from duka.purchasing.errors import ConfirmedTooOften, OrderLineNotFound, OrderStepNotAllowed
from duka.purchasing.link_models import PurchaseOrderLink
from duka.purchasing.link_schemas import ConfirmedLine, ConfirmIn
from duka.purchasing.models import PurchaseOrder, PurchaseOrderLine, PurchaseOrderStep
from duka.purchasing.rules import AGREED, ENDED
from duka.shops import allowances, queries, settings

A_DAY_MAX: Final = 30
"""How often an order may be confirmed in a day: each time leaves a step in its history."""


async def look(visitor: Visitor, token: str) -> dict[str, Any]:
    """Give an order as its supplier sees it, in the shape of `link_schemas.AskedOrder`: of one that has ended only that
    it has. OrderLinkNotValid."""
    ctx, link = await linking.enter(visitor, token)
    return await _seen(ctx, link)


async def confirm(visitor: Visitor, token: str, body: ConfirmIn) -> dict[str, Any]:
    """Note what the supplier says will come, once or again, while goods are awaited. Gives what `look` gives.

    OrderLinkNotValid; OrderStepNotAllowed once nothing more is awaited; OrderLineNotFound; ConfirmedTooOften.
    """
    ctx, link = await linking.enter(visitor, token)
    if not await allowances.count_today(ctx, "order_confirmed", allowances.of_shop(ctx, link.order_id), A_DAY_MAX):
        raise ConfirmedTooOften(A_DAY_MAX)
    await note(ctx, link.order_id, body)
    visitor.emitted_in.append(ctx.shop_id)
    return await _seen(ctx, link)


async def note(ctx: Ctx, order_id: UUID, body: ConfirmIn) -> None:
    """Write down what the supplier of an order says will come. OrderNotFound, OrderStepNotAllowed,
    OrderLineNotFound."""
    order = await held(ctx, order_id, "purchasing:update")
    if order.state not in AGREED:
        raise OrderStepNotAllowed(order.state, "a confirmation")
    query = select(PurchaseOrderLine).where(PurchaseOrderLine.order_id == order.id)
    lines = {line.id: line for line in await ctx.db.scalars(query)}
    if any(said.id not in lines for said in body.lines):
        raise OrderLineNotFound
    for said in body.lines:
        lines[said.id].confirmed_milli = said.quantity
        lines[said.id].confirmed_on = said.expected_on
    order.confirmed_at, order.updated_at, order.version = ctx.now, ctx.now, order.version + 1
    _tell(ctx, order, list(lines.values()), body)
    await ctx.db.flush()


def _tell(ctx: Ctx, order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], body: ConfirmIn) -> None:
    """Leave the step in the order's history, its audit entry and the event."""
    short = sum(line.confirmed_milli is not None and line.confirmed_milli < line.quantity_milli for line in lines)
    late = sum(_is_late(line, order.expected_on) for line in lines)
    ctx.db.add(PurchaseOrderStep(
        shop_id=ctx.shop_id, **step_row(ctx, order.id, "confirm", order.state, order.state, body.note or None)
    ))  # fmt: skip
    audit.record(
        ctx, "confirm", "purchase_order", order.id, after={"lines": _written(body.lines)}, reason=body.note or None
    )
    facts = {"supplier_id": str(order.supplier_id), "branch_id": str(order.branch_id), "short": short, "late": late}
    events.emit(ctx, told.CONFIRMED, order.id, facts)


def _is_late(line: PurchaseOrderLine, expected_on: date | None) -> bool:
    wanted = line.expected_on or expected_on
    return line.confirmed_on is not None and wanted is not None and line.confirmed_on > wanted


def _written(lines: Sequence[ConfirmedLine]) -> str:
    """Write what was said into one text of the trail: line, thousandths, day."""
    return "; ".join(f"{line.id}: {line.quantity} {line.expected_on or ''}".strip() for line in lines)


async def _seen(ctx: Ctx, link: PurchaseOrderLink) -> dict[str, Any]:
    order = await order_queries.order(ctx, link.order_id)
    head = await queries.letterhead(ctx, order["branch_id"], None, None)
    lines: list[Mapping[str, Any]] = order["lines"]
    ended = order["state"] in ENDED
    if ended:
        order |= {"note": "", "ordered_on": None, "expected_on": None, "confirmed_at": None}
        lines = []
    if ended or not link.with_prices:
        del order["total"]
        lines = [{name: value for name, value in line.items() if name != "price"} for line in lines]
    return {
        **order, "lines": lines, "shop": head.shop_name, "shop_phone": head.branch_phone or head.shop_phone,
        "language": settings.of(ctx).language, "currency": ctx.currency, "open": order["state"] in AGREED,
        "place": "" if ended else order["location_name"],
        "address": "" if ended else head.branch_address or head.shop_address,
        "expires_at": link.expires_at,
    }  # fmt: skip
