"""What is asked about supplier bills, payments to suppliers, and returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select

from duka.platform.context import Ctx
from duka.platform.wire import PageInfo, Paging, page
from duka.purchasing import rules
from duka.purchasing.errors import BillNotFound, PaymentNotFound, ReturnNotFound
from duka.purchasing.models import (
    GoodsReceipt,
    GoodsReceiptLine,
    Supplier,
    SupplierBill,
    SupplierBillLine,
    SupplierPayment,
    SupplierReturn,
    SupplierReturnLine,
)
from duka.purchasing.supplier_queries import VARIANTS, reach, shown
from duka.stock.units.queries import batches_of, serials_of

_v = VARIANTS.c


@dataclass(frozen=True, slots=True)
class Dealt:
    """What a list of bills, payments or returns is narrowed to; days are business days, both included."""

    supplier_id: UUID | None = None
    since: date | None = None
    until: date | None = None


async def bills(ctx: Ctx, asked: Paging, where: Dealt) -> tuple[Sequence[dict[str, Any]], PageInfo]:
    """List supplier bills, the newest first. `q` is what the supplier's number begins with, or part of their name."""
    query = _narrowed(_bills(ctx), SupplierBill, where)
    sorts: dict[str, Any] = {"id": SupplierBill.id, "due_on": SupplierBill.due_on, "billed_on": SupplierBill.billed_on}
    query = _found(query, SupplierBill.supplier_number, asked)
    rows, info = await page(ctx, query, asked, sorts, SupplierBill.id, default="-id")
    return [shown(ctx, row, "variance") for row in rows], info


async def bill(ctx: Ctx, bill_id: UUID, permission: str = "purchasing:read") -> dict[str, Any]:
    """Give one supplier bill that the caller may reach under `permission`, with its lines. BillNotFound."""
    row = (await ctx.db.execute(_bills(ctx, permission).where(SupplierBill.id == bill_id))).one_or_none()
    if row is None:
        raise BillNotFound
    line, came = SupplierBillLine, GoodsReceiptLine
    lines = await ctx.db.execute(
        select(
            line.id, line.receipt_line_id, came.receipt_id, GoodsReceipt.number.label("receipt_number"),
            came.variant_id, _v.name.label("variant_name"), line.quantity_milli, line.price_minor.label("price"),
            line.net_minor.label("net"), line.received_minor.label("received"),
        )
        .join_from(line, came, and_(came.shop_id == line.shop_id, came.id == line.receipt_line_id))
        .join(GoodsReceipt, and_(GoodsReceipt.shop_id == line.shop_id, GoodsReceipt.id == came.receipt_id))
        .join(VARIANTS, and_(_v.shop_id == line.shop_id, _v.id == came.variant_id))
        .where(line.shop_id == ctx.shop_id, line.bill_id == bill_id)
        .order_by(line.position)
    )  # fmt: skip
    told = shown(ctx, row, "variance")
    return {**told, "lines": [shown(ctx, each, "price", "net", "received") for each in lines]}


async def payments(ctx: Ctx, asked: Paging, where: Dealt) -> tuple[Sequence[Any], PageInfo]:
    """List payments to suppliers, the newest first. `q` is what the reference begins with, or part of their name."""
    query = _found(_narrowed(_payments(ctx), SupplierPayment, where), SupplierPayment.reference, asked)
    sorts: dict[str, Any] = {"id": SupplierPayment.id, "amount": SupplierPayment.amount_minor}
    return await page(ctx, query, asked, sorts, SupplierPayment.id, default="-id")


async def payment(ctx: Ctx, payment_id: UUID, permission: str = "purchasing:read") -> dict[str, Any]:
    """Give one payment to a supplier that the caller may reach under `permission`. PaymentNotFound."""
    row = (await ctx.db.execute(_payments(ctx, permission).where(SupplierPayment.id == payment_id))).one_or_none()
    if row is None:
        raise PaymentNotFound
    return dict(row._mapping)


async def returns(ctx: Ctx, asked: Paging, where: Dealt) -> tuple[Sequence[Any], PageInfo]:
    """List returns to suppliers, the newest first. `q` is what a number begins with, or part of their name."""
    query = _found(_narrowed(_returns(ctx), SupplierReturn, where), SupplierReturn.number, asked)
    sorts: dict[str, Any] = {"id": SupplierReturn.id, "number": SupplierReturn.number}
    return await page(ctx, query, asked, sorts, SupplierReturn.id, default="-id")


async def sent_back(ctx: Ctx, return_id: UUID, permission: str = "purchasing:read") -> dict[str, Any]:
    """Give one return to a supplier that the caller may reach under `permission`, with its lines. ReturnNotFound."""
    row = (await ctx.db.execute(_returns(ctx, permission).where(SupplierReturn.id == return_id))).one_or_none()
    if row is None:
        raise ReturnNotFound
    line = SupplierReturnLine
    lines = await ctx.db.execute(
        select(
            line.id, line.receipt_line_id, line.variant_id, _v.name.label("variant_name"), line.unbilled_milli,
            line.billed_milli, serials_of("supplier_return_lines", "return_id").label("serials"),
            batches_of("supplier_return_lines", "return_id").label("batches"), line.debit_minor.label("debit"),
            line.unit_cost_minor.label("unit_cost"),
        )
        .join_from(line, VARIANTS, and_(_v.shop_id == line.shop_id, _v.id == line.variant_id))
        .where(line.shop_id == ctx.shop_id, line.return_id == return_id)
        .order_by(line.position)
    )  # fmt: skip
    return {**row._mapping, "lines": [shown(ctx, each, "debit", "unit_cost") for each in lines]}


def _bills(ctx: Ctx, permission: str = "purchasing:read") -> Select[Any]:
    it = SupplierBill
    return _of_shop(ctx, it, permission, (
        it.id, it.supplier_id, Supplier.name.label("supplier_name"), it.supplier_number, it.branch_id, it.billed_on,
        it.due_on, it.business_date, it.net_minor.label("net"), it.tax_minor.label("tax"),
        it.charges_minor.label("charges"), (it.net_minor + it.tax_minor + it.charges_minor).label("total"),
        it.variance_minor.label("variance"), it.note, it.staff_id, it.at,
    ))  # fmt: skip


def _payments(ctx: Ctx, permission: str = "purchasing:read") -> Select[Any]:
    it = SupplierPayment
    return _of_shop(ctx, it, permission, (
        it.id, it.supplier_id, Supplier.name.label("supplier_name"), it.branch_id, it.amount_minor.label("amount"),
        it.method, it.reference, it.note, it.business_date, it.staff_id, it.at,
    ))  # fmt: skip


def _returns(ctx: Ctx, permission: str = "purchasing:read") -> Select[Any]:
    it = SupplierReturn
    return _of_shop(ctx, it, permission, (
        it.id, it.number, it.supplier_id, Supplier.name.label("supplier_name"), it.branch_id, it.location_id,
        it.reason, (it.debit_minor + it.tax_minor).label("debit"), it.tax_minor.label("tax"), it.business_date,
        it.staff_id, it.at,
    ))  # fmt: skip


def _of_shop(ctx: Ctx, paper: Any, permission: str, columns: Sequence[Any]) -> Select[Any]:
    return (
        select(*columns)
        .join_from(paper, Supplier, and_(Supplier.shop_id == paper.shop_id, Supplier.id == paper.supplier_id))
        .where(paper.shop_id == ctx.shop_id, *reach(ctx, paper, permission))
    )


def _narrowed(query: Select[Any], paper: Any, where: Dealt) -> Select[Any]:
    if where.supplier_id is not None:
        query = query.where(paper.supplier_id == where.supplier_id)
    if where.since:
        query = query.where(paper.business_date >= where.since)
    return query.where(paper.business_date <= where.until) if where.until else query


def _found(query: Select[Any], number: Any, asked: Paging) -> Select[Any]:
    if not asked.q:
        return query
    by_name = Supplier.search.contains(rules.fold(asked.q), autoescape=True)
    return query.where(or_(number.startswith(asked.q, autoescape=True), by_name))
