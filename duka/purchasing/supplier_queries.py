"""What is asked about suppliers: who they are, what they supply, what was paid, what they are owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    Select,
    Text,
    Uuid,
    and_,
    cast,
    column,
    false,
    func,
    literal,
    null,
    or_,
    select,
    table,
    union_all,
)  # fmt: skip

from duka.platform.context import Ctx
from duka.platform.wire import PageInfo, Paging, page
from duka.purchasing import rules
from duka.purchasing.errors import SupplierNotFound
from duka.purchasing.models import (
    GoodsReceipt,
    GoodsReceiptLine,
    PurchaseOrder,
    Supplier,
    SupplierBill,
    SupplierItem,
    SupplierPayment,
    SupplierReturn,
)

# Names of goods, for lists that are one statement: the catalogue's own tables, read here and always joined by shop.
VARIANTS: Final = table(
    "variants", column("shop_id", Uuid()), column("id", Uuid()), column("product_id", Uuid()), column("name", Text()),
    column("sku", Text()), column("search", Text()),
)  # fmt: skip
PRODUCTS: Final = table("products", column("shop_id", Uuid()), column("id", Uuid()), column("unit", Text()))
_v, _p = VARIANTS.c, PRODUCTS.c


@dataclass(frozen=True, slots=True)
class Bought:
    """What a list of prices paid is narrowed to; days are business days, both included."""

    variant_id: UUID | None = None
    supplier_id: UUID | None = None
    since: date | None = None
    until: date | None = None


async def get(ctx: Ctx, supplier_id: UUID, permission: str = "suppliers:read") -> Supplier:
    """Give one supplier that the caller may see under `permission`. SupplierNotFound."""
    found = await ctx.db.scalars(within(ctx, permission).where(Supplier.id == supplier_id))
    supplier = found.one_or_none()
    if supplier is None:
        raise SupplierNotFound
    return supplier


async def of_order(ctx: Ctx, order_id: UUID) -> Supplier:
    """Give the supplier of an order that the caller was let see. SupplierNotFound where there is no such order."""
    both = and_(Supplier.shop_id == PurchaseOrder.shop_id, Supplier.id == PurchaseOrder.supplier_id)
    found = await ctx.db.scalars(select(Supplier).join(PurchaseOrder, both).where(PurchaseOrder.id == order_id))
    supplier = found.one_or_none()
    if supplier is None:
        raise SupplierNotFound
    return supplier


def within(ctx: Ctx, permission: str = "suppliers:read") -> Select[Supplier]:
    """Select the suppliers that a permission reaches. They belong to the shop; only `own` narrows them, to those the
    caller added."""
    scope = ctx.permissions.get(permission)
    query = select(Supplier)
    if scope is None:
        return query.where(false())
    return query.where(Supplier.created_by == ctx.staff_id) if scope == "own" else query


async def suppliers(
    ctx: Ctx, asked: Paging, *, active: bool | None = None, external_ref: str | None = None
) -> tuple[Sequence[Supplier], PageInfo]:
    """List suppliers, by name. `q` is part of a name, contact, phone or e-mail."""
    query = within(ctx)
    if active is not None:
        query = query.where(Supplier.active == active)
    if external_ref is not None:
        query = query.where(Supplier.external_ref == external_ref)
    if asked.q:
        query = query.where(Supplier.search.contains(rules.fold(asked.q), autoescape=True))
    sorts: dict[str, Any] = {
        "name": func.lower(Supplier.name), "created_at": Supplier.created_at, "owed": Supplier.owed_minor,
    }  # fmt: skip
    return await page(ctx, query, asked, sorts, Supplier.id, default="name")


async def items(
    ctx: Ctx, supplier_id: UUID, asked: Paging, *, variant_id: UUID | None = None
) -> tuple[Sequence[dict[str, Any]], PageInfo]:
    """List what a supplier supplies. SupplierNotFound."""
    await get(ctx, supplier_id)
    query = _items().where(SupplierItem.shop_id == ctx.shop_id, SupplierItem.supplier_id == supplier_id)
    if variant_id is not None:
        query = query.where(SupplierItem.variant_id == variant_id)
    if asked.q:
        query = query.where(_v.search.contains(asked.q.lower(), autoescape=True))
    sorts: dict[str, Any] = {"name": func.lower(_v.name), "variant_id": SupplierItem.variant_id}
    rows, info = await page(ctx, query, asked, sorts, SupplierItem.variant_id, default="name")
    return [shown(ctx, row, "price") for row in rows], info


async def item(ctx: Ctx, supplier_id: UUID, variant_id: UUID) -> dict[str, Any]:
    """Give how a supplier supplies a variant; the caller knows that it does."""
    mine = (SupplierItem.supplier_id == supplier_id, SupplierItem.variant_id == variant_id)
    row = (await ctx.db.execute(_items().where(SupplierItem.shop_id == ctx.shop_id, *mine))).one()
    return shown(ctx, row, "price")


async def prices(ctx: Ctx, asked: Paging, where: Bought) -> tuple[Sequence[dict[str, Any]], PageInfo]:
    """List what was paid for goods at each receipt, the newest first; of their own branch for whoever is bound to
    one. `q` is part of an item's name, SKU or barcode, or of the supplier's name."""
    line = GoodsReceiptLine
    query = (
        select(
            line.id, line.receipt_id, GoodsReceipt.number.label("receipt_number"), GoodsReceipt.supplier_id,
            Supplier.name.label("supplier_name"), line.variant_id, _v.name.label("variant_name"), _v.sku,
            GoodsReceipt.business_date, line.accepted_milli, line.price_minor.label("price"),
            line.unit_cost_minor.label("unit_cost"),
        )
        .join_from(
            line, GoodsReceipt, and_(GoodsReceipt.shop_id == line.shop_id, GoodsReceipt.id == line.receipt_id)
        )
        .join(Supplier, and_(Supplier.shop_id == line.shop_id, Supplier.id == GoodsReceipt.supplier_id))
        .join(VARIANTS, and_(_v.shop_id == line.shop_id, _v.id == line.variant_id))
        .where(line.shop_id == ctx.shop_id, line.accepted_milli > 0, *reach(ctx, GoodsReceipt))
    )  # fmt: skip
    narrowings = ((where.variant_id, line.variant_id), (where.supplier_id, GoodsReceipt.supplier_id))
    query = query.where(*(place == value for value, place in narrowings if value is not None))
    if asked.q:
        by_name = Supplier.search.contains(rules.fold(asked.q), autoescape=True)
        query = query.where(or_(_v.search.contains(asked.q.lower(), autoescape=True), by_name))
    if where.since:
        query = query.where(GoodsReceipt.business_date >= where.since)
    if where.until:
        query = query.where(GoodsReceipt.business_date <= where.until)
    sorts: dict[str, Any] = {"id": line.id, "price": line.price_minor, "business_date": GoodsReceipt.business_date}
    rows, info = await page(ctx, query, asked, sorts, line.id, default="-id")
    return [shown(ctx, row, "price", "unit_cost") for row in rows], info


async def statement(ctx: Ctx, supplier_id: UUID, asked: Paging) -> tuple[Sequence[Any], PageInfo]:
    """List a supplier's bills, payments and debit notes, the newest first. SupplierNotFound."""
    await get(ctx, supplier_id)
    bill, paid, back = SupplierBill, SupplierPayment, SupplierReturn
    debit = back.debit_minor + back.tax_minor
    all_of_them = union_all(
        _stated(bill, "bill", bill.supplier_number, bill.due_on, bill.net_minor + bill.tax_minor + bill.charges_minor)
        .where(bill.shop_id == ctx.shop_id, bill.supplier_id == supplier_id),
        _stated(paid, "payment", paid.reference, cast(null(), Date()), -paid.amount_minor)
        .where(paid.shop_id == ctx.shop_id, paid.supplier_id == supplier_id),
        _stated(back, "debit_note", back.number, cast(null(), Date()), -debit)
        .where(back.shop_id == ctx.shop_id, back.supplier_id == supplier_id, debit > 0),
    ).subquery("stated").c  # fmt: skip
    query = select(*all_of_them)
    return await page(ctx, query, asked, {"id": all_of_them.id, "at": all_of_them.at}, all_of_them.id, default="-id")


def reach(ctx: Ctx, model: Any, permission: str = "purchasing:read") -> list[Any]:
    """Give the conditions under which a permission of the caller reaches papers of buying: their branch's, or those
    they wrote themselves."""
    who = model.created_by if hasattr(model, "created_by") else model.staff_id
    match ctx.permissions.get(permission):
        case "shop":
            return []
        case "branch":
            return [model.branch_id == ctx.branch_id]
        case "own":
            return [who == ctx.staff_id]
    return [false()]


def shown(ctx: Ctx, row: Any, *costs: str) -> dict[str, Any]:
    """Give a row as a dict, without what goods cost where the caller may not see it."""
    told = dict(row._mapping)
    if not ctx.may("products:cost"):
        for name in costs:
            del told[name]
    return told


def _items() -> Select[Any]:
    columns: tuple[Any, ...] = (
        SupplierItem.supplier_id, SupplierItem.variant_id, _v.name.label("variant_name"), _v.sku, _v.product_id,
        _p.unit, SupplierItem.supplier_code, SupplierItem.pack_size_milli, SupplierItem.price_minor.label("price"),
        SupplierItem.priced_on, SupplierItem.preferred, SupplierItem.version,
    )  # fmt: skip
    return select(*columns).join_from(
        SupplierItem, VARIANTS, and_(_v.shop_id == SupplierItem.shop_id, _v.id == SupplierItem.variant_id)
    ).join(PRODUCTS, and_(_p.shop_id == _v.shop_id, _p.id == _v.product_id))  # fmt: skip


def _stated(model: Any, kind: str, number: Any, due_on: Any, amount: Any) -> Select[Any]:
    return select(
        model.id, literal(kind).label("kind"), number.label("number"), model.business_date, due_on.label("due_on"),
        cast(amount, BigInteger()).label("amount"), model.at,
    )  # fmt: skip
