"""The tables of buying: suppliers and what they supply, orders, receipts, bills, payments, returns."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from duka.platform.tables import ShopFact, ShopRow, ShopTable, Versioned, belongs_to

ORDER_STATES = (
    "requested", "approved", "rejected", "ordered", "part_received", "received", "closed", "cancelled",
)  # fmt: skip
METHODS = ("cash", "mtn_momo", "airtel_money", "card", "bank_transfer", "upi", "other")


class Supplier(ShopRow, Versioned):
    """Somebody the shop buys from."""

    __tablename__ = "suppliers"
    __table_args__ = (
        belongs_to("shops", key=()),
        Index("uq_suppliers_external_ref", "shop_id", "external_ref", unique=True),
        Index("ix_suppliers_name", "shop_id", text("lower(name)"), "id"),
        CheckConstraint("credit_days BETWEEN 0 AND 365", name="credit_days"),
        CheckConstraint("lead_time_days BETWEEN 0 AND 365", name="lead_time"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
    )

    name: Mapped[str]
    contact: Mapped[str] = mapped_column(default="")
    phone: Mapped[str | None]
    email: Mapped[str | None]
    address: Mapped[str] = mapped_column(default="")
    tax_id: Mapped[str | None]
    credit_days: Mapped[int] = mapped_column(Integer, default=0)
    lead_time_days: Mapped[int] = mapped_column(Integer, default=0)
    stars: Mapped[int | None] = mapped_column(Integer)
    notes: Mapped[str] = mapped_column(default="")
    external_ref: Mapped[str | None]
    search: Mapped[str]
    """Folded name, contact, phone and e-mail together, for finding by any part."""
    active: Mapped[bool] = mapped_column(default=True)
    owed_minor: Mapped[int] = mapped_column(default=0)
    """Bills less payments and debit notes; below zero where the shop has paid in advance."""
    created_by: Mapped[UUID | None]
    body_hash: Mapped[bytes | None]


class SupplierItem(ShopTable):
    """A variant that a supplier supplies: their code, their pack, the last price of one unit."""

    __tablename__ = "supplier_items"
    __table_args__ = (
        belongs_to("suppliers", "supplier_id"),
        belongs_to("variants", "variant_id"),
        Index("ix_supplier_items_variant", "shop_id", "variant_id"),
        Index("uq_supplier_items_preferred", "shop_id", "variant_id", unique=True, postgresql_where=text("preferred")),
        CheckConstraint("pack_size_milli > 0", name="pack_size"),
        CheckConstraint("price_minor >= 0", name="price"),
    )

    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier_code: Mapped[str] = mapped_column(default="")
    pack_size_milli: Mapped[int] = mapped_column(default=1000)
    price_minor: Mapped[int | None]
    """Of one unit: as it was last paid, or as the supplier last said."""
    priced_on: Mapped[date | None]
    preferred: Mapped[bool] = mapped_column(default=False)
    """Low stock of the variant is ordered here."""
    version: Mapped[int] = mapped_column(Integer, default=1)


class PurchaseCounter(ShopTable):
    """How far the numbers of a kind of document have come in a financial year."""

    __tablename__ = "purchase_counters"
    __table_args__ = (belongs_to("shops", key=()),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    financial_year: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class PurchaseOrder(ShopRow, Versioned):
    """What the shop asks a supplier for. Its lines may change until somebody approves it."""

    __tablename__ = "purchase_orders"
    __table_args__ = (
        belongs_to("suppliers", "supplier_id"),
        belongs_to("branches", "branch_id"),
        belongs_to("locations", "location_id"),
        UniqueConstraint("shop_id", "number", name="uq_purchase_orders_number"),
        Index("ix_purchase_orders_supplier", "shop_id", "supplier_id", "id"),
        Index("ix_purchase_orders_state", "shop_id", "state", "id"),
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in ORDER_STATES)})", name="state"),
    )

    number: Mapped[str]
    supplier_id: Mapped[UUID]
    branch_id: Mapped[UUID]
    location_id: Mapped[UUID]
    """Where the goods are to arrive."""
    state: Mapped[str]
    expected_on: Mapped[date | None]
    note: Mapped[str]
    total_minor: Mapped[int]
    created_by: Mapped[UUID | None]
    ordered_on: Mapped[date | None]
    """The business day it was sent to the supplier."""
    body_hash: Mapped[bytes]
    automatic: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Nobody asked for it: it was made of what ran low."""
    confirmed_at: Mapped[datetime | None]
    """When the supplier last said what comes and when."""


class PurchaseOrderLine(ShopRow):
    """Some of a variant on order. `received_milli` and `rejected_milli` are sums over its receipts."""

    __tablename__ = "purchase_order_lines"
    __table_args__ = (
        belongs_to("purchase_orders", "order_id"),
        belongs_to("variants", "variant_id"),
        Index("ix_purchase_order_lines_order", "shop_id", "order_id", "position"),
        Index("ix_purchase_order_lines_variant", "shop_id", "variant_id"),
        CheckConstraint("quantity_milli > 0", name="quantity"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("received_milli >= 0 AND rejected_milli >= 0", name="received"),
        CheckConstraint("confirmed_milli >= 0", name="confirmed"),
    )

    order_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)
    variant_id: Mapped[UUID]
    quantity_milli: Mapped[int]
    price_minor: Mapped[int]
    expected_on: Mapped[date | None]
    received_milli: Mapped[int] = mapped_column(default=0)
    rejected_milli: Mapped[int] = mapped_column(default=0)
    confirmed_milli: Mapped[int | None]
    """How much the supplier says will come altogether; empty until they do."""
    confirmed_on: Mapped[date | None]
    """When the supplier says it comes."""


class PurchaseOrderStep(ShopFact):
    """A step of an order: from which state to which, who took it and why."""

    __tablename__ = "purchase_order_steps"
    __table_args__ = (
        belongs_to("purchase_orders", "order_id"),
        Index("ix_purchase_order_steps_order", "shop_id", "order_id", "id"),
    )

    order_id: Mapped[UUID]
    step: Mapped[str]
    state_from: Mapped[str | None]
    state_to: Mapped[str]
    staff_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    at: Mapped[datetime]


class GoodsReceipt(ShopFact):
    """Goods that came in, against an order or without one, with what bringing them here cost."""

    __tablename__ = "goods_receipts"
    __table_args__ = (
        belongs_to("suppliers", "supplier_id"),
        belongs_to("purchase_orders", "order_id"),
        belongs_to("branches", "branch_id"),
        belongs_to("locations", "location_id"),
        UniqueConstraint("shop_id", "number", name="uq_goods_receipts_number"),
        Index("ix_goods_receipts_order", "shop_id", "order_id"),
        Index("ix_goods_receipts_supplier", "shop_id", "supplier_id", "id"),
        CheckConstraint("freight_minor >= 0 AND duty_minor >= 0 AND other_minor >= 0", name="landed"),
        CheckConstraint("goods_minor >= 0", name="goods"),
    )

    number: Mapped[str]
    supplier_id: Mapped[UUID]
    order_id: Mapped[UUID | None]
    branch_id: Mapped[UUID]
    location_id: Mapped[UUID]
    delivery_note: Mapped[str]
    """The number on the supplier's paper."""
    note: Mapped[str]
    freight_minor: Mapped[int]
    duty_minor: Mapped[int]
    other_minor: Mapped[int]
    goods_minor: Mapped[int]
    """What the accepted goods are worth at their prices, without the costs of bringing them."""
    staff_id: Mapped[UUID | None]
    business_date: Mapped[date]
    at: Mapped[datetime]
    body_hash: Mapped[bytes]


class GoodsReceiptLine(ShopFact):
    """What came of one variant: accepted into stock, or rejected and left with the supplier."""

    __tablename__ = "goods_receipt_lines"
    __table_args__ = (
        belongs_to("goods_receipts", "receipt_id"),
        belongs_to("purchase_order_lines", "order_line_id"),
        belongs_to("variants", "variant_id"),
        Index("ix_goods_receipt_lines_receipt", "shop_id", "receipt_id", "position"),
        Index("ix_goods_receipt_lines_order_line", "shop_id", "order_line_id"),
        Index("ix_goods_receipt_lines_variant", "shop_id", "variant_id", "id"),
        CheckConstraint("accepted_milli >= 0 AND rejected_milli >= 0", name="quantity"),
        CheckConstraint("accepted_milli + rejected_milli > 0", name="something"),
        CheckConstraint("price_minor >= 0 AND value_minor >= 0 AND landed_minor >= 0", name="amounts"),
    )

    receipt_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)
    order_line_id: Mapped[UUID | None]
    variant_id: Mapped[UUID]
    accepted_milli: Mapped[int]
    rejected_milli: Mapped[int]
    reject_reason: Mapped[str | None]
    price_minor: Mapped[int]
    value_minor: Mapped[int]
    """Price x accepted quantity, half a minor unit rounded up."""
    landed_minor: Mapped[int]
    """The line's share of freight, duty and other costs."""
    unit_cost_minor: Mapped[int]
    """Of one accepted unit, its share of those costs in it."""


class GoodsReceiptProgress(ShopTable):
    """How much of a receipt's line was billed or went back since: sums over bills and returns."""

    __tablename__ = "goods_receipt_progress"
    __table_args__ = (
        belongs_to("goods_receipt_lines", "receipt_line_id"),
        CheckConstraint("billed_milli >= 0 AND returned_milli >= 0 AND credited_milli >= 0", name="quantities"),
        CheckConstraint("credited_milli <= billed_milli", name="credited"),
    )

    receipt_line_id: Mapped[UUID] = mapped_column(primary_key=True)
    billed_milli: Mapped[int] = mapped_column(default=0)
    returned_milli: Mapped[int] = mapped_column(default=0)
    """Went back before it was billed."""
    credited_milli: Mapped[int] = mapped_column(default=0)
    """Went back after it was billed."""


class SupplierBill(ShopFact):
    """A supplier's invoice, matched to what was received."""

    __tablename__ = "supplier_bills"
    __table_args__ = (
        belongs_to("suppliers", "supplier_id"),
        belongs_to("branches", "branch_id"),
        UniqueConstraint("shop_id", "supplier_id", "supplier_number", name="uq_supplier_bills_supplier_number"),
        Index("ix_supplier_bills_supplier", "shop_id", "supplier_id", "id"),
        CheckConstraint("net_minor >= 0 AND tax_minor >= 0 AND charges_minor >= 0", name="amounts"),
    )

    supplier_id: Mapped[UUID]
    branch_id: Mapped[UUID]
    supplier_number: Mapped[str]
    """The number on the supplier's invoice."""
    billed_on: Mapped[date]
    due_on: Mapped[date]
    net_minor: Mapped[int]
    """The goods, without tax."""
    tax_minor: Mapped[int]
    charges_minor: Mapped[int]
    """Freight, duty and other costs that receipts have spread over their goods already."""
    variance_minor: Mapped[int]
    """How much more than their receipts said the goods were billed at."""
    note: Mapped[str]
    staff_id: Mapped[UUID | None]
    business_date: Mapped[date]
    at: Mapped[datetime]
    body_hash: Mapped[bytes]


class SupplierBillLine(ShopFact):
    """What a bill asks for some of a receipt's line."""

    __tablename__ = "supplier_bill_lines"
    __table_args__ = (
        belongs_to("supplier_bills", "bill_id"),
        belongs_to("goods_receipt_lines", "receipt_line_id"),
        Index("ix_supplier_bill_lines_bill", "shop_id", "bill_id", "position"),
        Index("ix_supplier_bill_lines_receipt_line", "shop_id", "receipt_line_id"),
        CheckConstraint("quantity_milli > 0", name="quantity"),
        CheckConstraint("price_minor >= 0 AND net_minor >= 0 AND received_minor >= 0", name="amounts"),
    )

    bill_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)
    receipt_line_id: Mapped[UUID]
    quantity_milli: Mapped[int]
    price_minor: Mapped[int]
    net_minor: Mapped[int]
    received_minor: Mapped[int]
    """What the receipt booked for as much of it."""


class SupplierPayment(ShopFact):
    """Money paid to a supplier."""

    __tablename__ = "supplier_payments"
    __table_args__ = (
        belongs_to("suppliers", "supplier_id"),
        belongs_to("branches", "branch_id"),
        Index("ix_supplier_payments_supplier", "shop_id", "supplier_id", "id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(f"method IN ({', '.join(repr(method) for method in METHODS)})", name="method"),
    )

    supplier_id: Mapped[UUID]
    branch_id: Mapped[UUID]
    method: Mapped[str]
    amount_minor: Mapped[int]
    reference: Mapped[str]
    note: Mapped[str]
    staff_id: Mapped[UUID | None]
    business_date: Mapped[date]
    at: Mapped[datetime]
    body_hash: Mapped[bytes]


class SupplierReturn(ShopFact):
    """Goods that went back to a supplier, and the debit note over what was billed of them."""

    __tablename__ = "supplier_returns"
    __table_args__ = (
        belongs_to("suppliers", "supplier_id"),
        belongs_to("branches", "branch_id"),
        belongs_to("locations", "location_id"),
        UniqueConstraint("shop_id", "number", name="uq_supplier_returns_number"),
        Index("ix_supplier_returns_supplier", "shop_id", "supplier_id", "id"),
        CheckConstraint("debit_minor >= 0 AND tax_minor >= 0 AND received_minor >= 0", name="amounts"),
    )

    number: Mapped[str]
    supplier_id: Mapped[UUID]
    branch_id: Mapped[UUID]
    location_id: Mapped[UUID]
    reason: Mapped[str]
    debit_minor: Mapped[int]
    """What the supplier owes back for billed goods, without tax."""
    tax_minor: Mapped[int]
    received_minor: Mapped[int]
    """What the receipts booked for the goods that no bill had named yet."""
    cost_minor: Mapped[int]
    """What the goods were worth in stock."""
    staff_id: Mapped[UUID | None]
    business_date: Mapped[date]
    at: Mapped[datetime]
    body_hash: Mapped[bytes]


class SupplierReturnLine(ShopFact):
    """Some of a receipt's line that went back: first what no bill has named, then what was billed."""

    __tablename__ = "supplier_return_lines"
    __table_args__ = (
        belongs_to("supplier_returns", "return_id"),
        belongs_to("goods_receipt_lines", "receipt_line_id"),
        belongs_to("variants", "variant_id"),
        Index("ix_supplier_return_lines_return", "shop_id", "return_id", "position"),
        Index("ix_supplier_return_lines_receipt_line", "shop_id", "receipt_line_id"),
        CheckConstraint("unbilled_milli >= 0 AND billed_milli >= 0", name="quantities"),
        CheckConstraint("unbilled_milli + billed_milli > 0", name="something"),
    )

    return_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)
    receipt_line_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    unbilled_milli: Mapped[int]
    billed_milli: Mapped[int]
    received_minor: Mapped[int]
    debit_minor: Mapped[int]
    unit_cost_minor: Mapped[int]
