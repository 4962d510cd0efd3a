"""To ask for goods: a purchase order, and its changes until somebody approves it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select

from duka.platform import audit, events, versions
from duka.platform.context import Ctx
from duka.platform.errors import IdempotencyConflict
from duka.platform.ids import check_made, new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.reads import Facts, Reads
from duka.platform.writes import Writes
from duka.purchasing import events as told
from duka.purchasing import numbers, order_queries, rules
from duka.purchasing.actions.gathering import PLACES, ask_goods, goods_by_id, place, refuse_too_much
from duka.purchasing.errors import OrderNotFound, OrderStepNotAllowed, PriceUnknown, SupplierInactive, SupplierNotFound
from duka.purchasing.models import PurchaseOrder, PurchaseOrderLine, PurchaseOrderStep
from duka.purchasing.order_schemas import OrderEdit, OrderIn, OrderLineIn
from duka.purchasing.supplier_queries import reach


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order as answered: `shown` is `order_schemas.OrderOut`, `again` says that it stood already."""

    shown: Mapping[str, Any]
    again: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order with everything decided. Rows of its lines as `PurchaseOrderLine` has them."""

    id: UUID
    supplier_id: UUID
    branch_id: UUID
    location_id: UUID
    expected_on: date | None
    note: str
    lines: Sequence[Mapping[str, Any]]
    body_hash: bytes
    automatic: bool = False

    @property
    def total_minor(self) -> int:
        """What all of it comes to."""
        return sum(rules.worth_minor(line["quantity_milli"], line["price_minor"]) for line in self.lines)


_STANDING: Final = """
SELECT encode(body_hash, 'hex') AS hash_text FROM purchase_orders WHERE shop_id = %(shop)s AND id = %(standing)s
"""

_SUPPLIER: Final = "SELECT id, active FROM suppliers WHERE shop_id = %(shop)s AND id = %(supplier)s"


async def request(ctx: Ctx, asked: OrderIn) -> Ordered:
    """Ask for goods. It waits for somebody who may approve it. Repeating the same body gives the order as it stands.

    SupplierNotFound, SupplierInactive, NotFound, PlaceRequired, GoodsUnknown, NoStockKept, PriceUnknown;
    IdempotencyConflict; Forbidden for a price without `products:cost`.
    """
    reads = Reads(ctx)
    reads.ask("standing", _STANDING, standing=asked.id)
    reads.ask("supplier", _SUPPLIER, supplier=asked.supplier_id)
    reads.ask("places", PLACES, location=asked.location_id, branch=ctx.branch_id)
    ask_goods(reads, [line.variant_id for line in asked.lines], asked.supplier_id)
    facts = await reads.send()
    if facts["standing"]:
        return await _again(ctx, asked.id, facts["standing"][0])
    check_made(ctx, asked.id)
    if not facts["supplier"]:
        raise SupplierNotFound
    if not facts["supplier"][0]["active"]:
        raise SupplierInactive
    where = place(facts["places"], asked.location_id)
    lines = _lines(ctx, asked.id, asked.lines, facts["goods"])
    wanted = Wanted(
        asked.id, asked.supplier_id, UUID(where["branch_id"]), UUID(where["id"]), asked.expected_on, asked.note, lines,
        ctx.body_hash,
    )  # fmt: skip
    if not await write(ctx, wanted):
        reads = Reads(ctx)
        reads.ask("standing", _STANDING, standing=asked.id)
        standing = (await reads.send())["standing"]
        return await _again(ctx, asked.id, standing[0])
    return Ordered(await order_queries.order(ctx, asked.id, "purchasing:create"))


async def write(ctx: Ctx, wanted: Wanted) -> bool:
    """Write an order as requested, with its number; say whether it is new."""
    await numbers.begin(ctx, "PO")
    writes = Writes(ctx)
    writes.first(PurchaseOrder, {
        "id": wanted.id, "number": "", "supplier_id": wanted.supplier_id, "branch_id": wanted.branch_id,
        "location_id": wanted.location_id, "state": "requested", "expected_on": wanted.expected_on,
        "note": wanted.note, "total_minor": wanted.total_minor, "created_by": ctx.staff_id, "ordered_on": None,
        "body_hash": wanted.body_hash, "automatic": wanted.automatic, "version": 1, "created_at": ctx.now,
        "updated_at": ctx.now,
    }, computed={"number": numbers.NUMBER}, reads=(numbers.HELD,))  # fmt: skip
    writes.insert(PurchaseOrderLine, wanted.lines)
    writes.insert(PurchaseOrderStep, [step_row(ctx, wanted.id, "request", None, "requested")])
    facts = {"supplier_id": wanted.supplier_id, "branch_id": wanted.branch_id, "state": "requested"}
    entry = audit.entry(ctx, "request", "purchase_order", wanted.id, after={**facts, "total_minor": wanted.total_minor})
    writes.insert(AuditEntry, [entry])
    writes.insert(OutboxEvent, [events.entry(ctx, told.ORDER_STEPS["request"], wanted.id, facts)])
    numbers.take(writes, "PO")
    return (await writes.send()).written


async def change(ctx: Ctx, order_id: UUID, body: OrderEdit, version: int | None) -> Mapping[str, Any]:
    """Change an order that nobody approved yet. Absent fields stay; `lines` replaces all of them.

    OrderNotFound, OrderStepNotAllowed once it is approved, and what `request` refuses; StaleVersion, VersionRequired.
    """
    order = await held(ctx, order_id, "purchasing:update")
    if order.state != "requested":
        raise OrderStepNotAllowed(order.state, "a change")
    given = versions.given(body)
    asked: Sequence[OrderLineIn] | None = given.pop("lines", None)
    reads = Reads(ctx)
    reads.ask("places", PLACES, location=given.get("location_id"), branch=ctx.branch_id)
    ask_goods(reads, [line.variant_id for line in asked or ()], order.supplier_id)
    facts = await reads.send()
    if "location_id" in given:
        given["branch_id"] = UUID(place(facts["places"], given["location_id"])["branch_id"])
    lines: list[dict[str, Any]] = []
    also: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    if asked is not None:
        lines = _lines(ctx, order_id, asked, facts["goods"])
        given["total_minor"] = sum(rules.worth_minor(row["quantity_milli"], row["price_minor"]) for row in lines)
        also = ({}, {"lines": len(lines)})
    changed = await versions.edit(ctx, order, given, version, "purchase_order", also=also)
    if asked is not None:
        await ctx.db.execute(delete(PurchaseOrderLine).where(PurchaseOrderLine.order_id == order_id))
        ctx.db.add_all(PurchaseOrderLine(shop_id=ctx.shop_id, **row) for row in lines)
        await ctx.db.flush()
    if changed:
        events.emit(ctx, told.ORDER_UPDATED, order_id, {"fields": sorted(given)})
    return await order_queries.order(ctx, order_id, "purchasing:update")


async def held(ctx: Ctx, order_id: UUID, permission: str) -> PurchaseOrder:
    """Lock an order that the caller may reach under `permission`, and give it. OrderNotFound."""
    query = select(PurchaseOrder).where(PurchaseOrder.id == order_id, *reach(ctx, PurchaseOrder, permission))
    found = await ctx.db.scalars(query.with_for_update().execution_options(populate_existing=True))
    order = found.one_or_none()
    if order is None:
        raise OrderNotFound
    return order


def step_row(ctx: Ctx, order_id: UUID, step: str, state_from: str | None, state_to: str,
             reason: str | None = None) -> dict[str, Any]:
    """Make the row of a step in an order's history."""
    return {
        "id": new_id(), "order_id": order_id, "step": step, "state_from": state_from, "state_to": state_to,
        "staff_id": ctx.staff_id, "reason": reason, "at": ctx.now,
    }  # fmt: skip


def line_row(order_id: UUID, position: int, line: OrderLineIn, price_minor: int) -> dict[str, Any]:
    """Make the row of an order's line."""
    return {
        "id": line.id, "order_id": order_id, "position": position, "variant_id": line.variant_id,
        "quantity_milli": line.quantity, "price_minor": price_minor, "expected_on": line.expected_on,
        "received_milli": 0, "rejected_milli": 0,
    }  # fmt: skip


def _lines(ctx: Ctx, order_id: UUID, asked: Sequence[OrderLineIn], facts: Sequence[Facts]) -> list[dict[str, Any]]:
    if any(line.price is not None for line in asked):
        ctx.need("products:cost")
    goods = goods_by_id([line.variant_id for line in asked], facts)
    priced = [line.price if line.price is not None else goods[line.variant_id].price_minor for line in asked]
    unknown = [place for place, price in enumerate(priced) if price is None]
    if unknown:
        raise PriceUnknown(unknown)
    both = enumerate(zip(asked, priced, strict=True))
    rows = [line_row(order_id, at, line, price or 0) for at, (line, price) in both]
    refuse_too_much([rules.worth_minor(row["quantity_milli"], row["price_minor"]) for row in rows])
    return rows


async def _again(ctx: Ctx, order_id: UUID, standing: Facts) -> Ordered:
    if standing["hash_text"] != ctx.body_hash.hex():
        raise IdempotencyConflict
    try:
        return Ordered(await order_queries.order(ctx, order_id, "purchasing:create"), again=True)
    except OrderNotFound:
        raise IdempotencyConflict from None

