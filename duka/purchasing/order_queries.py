"""What is asked about purchase orders and goods receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, and_, case, column, func, or_, select, table

from duka.platform.context import Ctx
from duka.platform.disputes import exceptions_of
from duka.platform.wire import PageInfo, Paging, page
from duka.purchasing import rules
from duka.purchasing.errors import OrderNotFound, ReceiptNotFound
from duka.purchasing.link_models import PurchaseOrderLink
from duka.purchasing.models import (
    GoodsReceipt,
    GoodsReceiptLine,
    GoodsReceiptProgress,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseOrderStep,
    Supplier,
    SupplierItem,
)
from duka.purchasing.rules import OPEN, State
from duka.purchasing.supplier_queries import PRODUCTS, VARIANTS, reach, shown
from duka.stock.units.queries import batches_of, serials_of

_LOCATIONS: Final = table("locations", column("shop_id", Uuid()), column("id", Uuid()), column("name", Text()))
# least() leaves NULL out: what nobody confirmed counts as ordered.
AWAITED: Final = "greatest(least(l.quantity_milli, l.confirmed_milli) - l.received_milli, 0)"
"""How much of an order's line `l` is still to come: what was ordered, or what the supplier says if that is less."""

_v, _p, _l = VARIANTS.c, PRODUCTS.c, _LOCATIONS.c


@dataclass(frozen=True, slots=True)
class Papers:
    """What a list of orders or receipts is narrowed to; days are business days, both included."""

    supplier_id: UUID | None = None
    location_id: UUID | None = None
    order_id: UUID | None = None
    state: State | None = None
    outstanding: bool | None = None
    since: date | None = None
    until: date | None = None


async def orders(ctx: Ctx, asked: Paging, where: Papers) -> tuple[Sequence[dict[str, Any]], PageInfo]:
    """List orders, the newest first. `q` is what a number begins with or part of the supplier's name."""
    query = _narrowed(_orders(ctx), PurchaseOrder, where)
    if where.state is not None:
        query = query.where(PurchaseOrder.state == where.state)
    if where.outstanding is not None:
        still = PurchaseOrder.state.in_(OPEN)
        query = query.where(still if where.outstanding else ~still)
    if where.since:
        query = query.where(PurchaseOrder.expected_on >= where.since)
    if where.until:
        query = query.where(PurchaseOrder.expected_on <= where.until)
    query = _found(query, PurchaseOrder, asked)
    sorts: dict[str, Any] = {
        "id": PurchaseOrder.id, "number": PurchaseOrder.number, "total": PurchaseOrder.total_minor,
    }  # fmt: skip
    if not ctx.may("products:cost"):
        del sorts["total"]
    rows, info = await page(ctx, query, asked, sorts, PurchaseOrder.id, default="-id")
    return [shown(ctx, row, "total") for row in rows], info


async def order(ctx: Ctx, order_id: UUID, permission: str = "purchasing:read") -> dict[str, Any]:
    """Give one order that the caller may reach under `permission`, with its lines and its history. OrderNotFound."""
    row = (await ctx.db.execute(_orders(ctx, permission).where(PurchaseOrder.id == order_id))).one_or_none()
    if row is None:
        raise OrderNotFound
    line = PurchaseOrderLine
    lines = await ctx.db.execute(
        select(
            line.id, line.variant_id, _v.name.label("variant_name"), _v.sku, _p.unit, SupplierItem.supplier_code,
            SupplierItem.pack_size_milli, line.quantity_milli, line.received_milli, line.rejected_milli,
            line.confirmed_milli, line.confirmed_on,
            func.greatest(line.quantity_milli - line.received_milli, 0).label("outstanding_milli"), line.expected_on,
            line.price_minor.label("price"), SupplierItem.price_minor.label("last_price"),
            SupplierItem.priced_on.label("last_price_on"),
        )
        .join_from(line, VARIANTS, and_(_v.shop_id == line.shop_id, _v.id == line.variant_id))
        .join(PRODUCTS, and_(_p.shop_id == line.shop_id, _p.id == _v.product_id))
        .outerjoin(SupplierItem, and_(
            SupplierItem.shop_id == line.shop_id, SupplierItem.supplier_id == row.supplier_id,
            SupplierItem.variant_id == line.variant_id,
        ))
        .where(line.shop_id == ctx.shop_id, line.order_id == order_id)
        .order_by(line.position)
    )  # fmt: skip
    taken = select(PurchaseOrderStep).where(PurchaseOrderStep.order_id == order_id).order_by(PurchaseOrderStep.id)
    steps = (await ctx.db.scalars(taken)).all()
    links = select(func.max(PurchaseOrderLink.expires_at)).where(*good_links(ctx))
    until = await ctx.db.scalar(links.where(PurchaseOrderLink.order_id == order_id))
    told = shown(ctx, row, "total") | {"link_until": until}
    return {**told, "lines": [shown(ctx, each, "price", "last_price") for each in lines], "steps": steps}


def good_links(ctx: Ctx) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions under which a link to an order is good: neither over nor withdrawn."""
    link = PurchaseOrderLink
    return link.shop_id == ctx.shop_id, link.withdrawn_at.is_(None), link.expires_at > ctx.now


async def receipts(ctx: Ctx, asked: Paging, where: Papers) -> tuple[Sequence[dict[str, Any]], PageInfo]:
    """List receipts, the newest first. `q` is what a number begins with or part of the supplier's name."""
    query = _narrowed(_receipts(ctx), GoodsReceipt, where)
    if where.order_id is not None:
        query = query.where(GoodsReceipt.order_id == where.order_id)
    if where.since:
        query = query.where(GoodsReceipt.business_date >= where.since)
    if where.until:
        query = query.where(GoodsReceipt.business_date <= where.until)
    query = _found(query, GoodsReceipt, asked)
    sorts: dict[str, Any] = {
        "id": GoodsReceipt.id, "number": GoodsReceipt.number, "business_date": GoodsReceipt.business_date,
    }  # fmt: skip
    rows, info = await page(ctx, query, asked, sorts, GoodsReceipt.id, default="-id")
    return [shown(ctx, row, *_AMOUNTS) for row in rows], info


async def receipt(
    ctx: Ctx, receipt_id: UUID, permission: str = "purchasing:read", *, as_made: bool = False
) -> dict[str, Any]:  # fmt: skip
    """Give one receipt that the caller may reach under `permission`, with its lines, as it stands or as it was first
    answered (nothing billed, nothing returned). ReceiptNotFound."""
    row = (await ctx.db.execute(_receipts(ctx, permission).where(GoodsReceipt.id == receipt_id))).one_or_none()
    if row is None:
        raise ReceiptNotFound
    line, since = GoodsReceiptLine, GoodsReceiptProgress
    nothing = case((line.accepted_milli >= 0, 0))
    lines = await ctx.db.execute(
        select(
            line.id, line.order_line_id, line.variant_id, _v.name.label("variant_name"), _v.sku, line.accepted_milli,
            line.rejected_milli, line.reject_reason,
            (nothing if as_made else since.billed_milli).label("billed_milli"),
            (nothing if as_made else since.returned_milli + since.credited_milli).label("returned_milli"),
            serials_of("goods_receipt_lines", "receipt_id").label("serials"),
            batches_of("goods_receipt_lines", "receipt_id").label("batches"),
            line.price_minor.label("price"), line.value_minor.label("value"), line.landed_minor.label("landed"),
            line.unit_cost_minor.label("unit_cost"),
        )
        .join_from(line, VARIANTS, and_(_v.shop_id == line.shop_id, _v.id == line.variant_id))
        .join(since, and_(since.shop_id == line.shop_id, since.receipt_line_id == line.id))
        .where(line.shop_id == ctx.shop_id, line.receipt_id == receipt_id)
        .order_by(line.position)
    )  # fmt: skip
    told = shown(ctx, row, *_AMOUNTS)
    return {
        **told, "lines": [shown(ctx, each, "price", "value", "landed", "unit_cost") for each in lines],
        "exceptions": await exceptions_of(ctx, receipt_id),
    }  # fmt: skip


_AMOUNTS: Final = ("goods", "freight", "duty", "other")


def _orders(ctx: Ctx, permission: str = "purchasing:read") -> Select[Any]:
    columns: tuple[Any, ...] = (
        PurchaseOrder.id, PurchaseOrder.number, PurchaseOrder.state, PurchaseOrder.supplier_id,
        Supplier.name.label("supplier_name"), PurchaseOrder.branch_id, PurchaseOrder.location_id,
        _l.name.label("location_name"), PurchaseOrder.expected_on, PurchaseOrder.ordered_on, PurchaseOrder.note,
        PurchaseOrder.total_minor.label("total"), PurchaseOrder.created_by, PurchaseOrder.created_at,
        PurchaseOrder.automatic, PurchaseOrder.confirmed_at, PurchaseOrder.version,
    )  # fmt: skip
    return _of_shop(ctx, columns, PurchaseOrder, permission)


def _receipts(ctx: Ctx, permission: str = "purchasing:read") -> Select[Any]:
    columns: tuple[Any, ...] = (
        GoodsReceipt.id, GoodsReceipt.number, GoodsReceipt.supplier_id, Supplier.name.label("supplier_name"),
        GoodsReceipt.order_id, GoodsReceipt.branch_id, GoodsReceipt.location_id, _l.name.label("location_name"),
        GoodsReceipt.delivery_note, GoodsReceipt.note, GoodsReceipt.business_date, GoodsReceipt.staff_id,
        GoodsReceipt.at, GoodsReceipt.goods_minor.label("goods"), GoodsReceipt.freight_minor.label("freight"),
        GoodsReceipt.duty_minor.label("duty"), GoodsReceipt.other_minor.label("other"),
    )  # fmt: skip
    return _of_shop(ctx, columns, GoodsReceipt, permission)


def _of_shop(ctx: Ctx, columns: Sequence[Any], paper: Any, permission: str) -> Select[Any]:
    return (
        select(*columns)
        .join_from(paper, Supplier, and_(Supplier.shop_id == paper.shop_id, Supplier.id == paper.supplier_id))
        .join(_LOCATIONS, and_(_l.shop_id == paper.shop_id, _l.id == paper.location_id))
        .where(paper.shop_id == ctx.shop_id, *reach(ctx, paper, permission))
    )


def _narrowed(query: Select[Any], paper: Any, where: Papers) -> Select[Any]:
    narrowings = ((where.supplier_id, paper.supplier_id), (where.location_id, paper.location_id))
    return query.where(*(place == value for value, place in narrowings if value is not None))


def _found(query: Select[Any], paper: Any, asked: Paging) -> Select[Any]:
    if not asked.q:
        return query
    by_number = paper.number.startswith(asked.q.upper(), autoescape=True)
    return query.where(or_(by_number, Supplier.search.contains(rules.fold(asked.q), autoescape=True)))
