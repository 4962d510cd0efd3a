"""The tables of selling: carts, sales with their lines and history, invoices, returns, and what disagreed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from duka.platform.tables import ShopFact, ShopRow, ShopTable, Versioned, belongs_to


class Cart(ShopRow, Versioned):
    """A cart put aside, to be taken up later on any till of the branch. Not a sale."""

    __tablename__ = "carts"
    __table_args__ = (
        belongs_to("branches", "branch_id"),
        belongs_to("staff", "held_by"),
        Index("ix_carts_held", "shop_id", "branch_id", "held_at", postgresql_where=text("taken_at IS NULL")),
    )

    branch_id: Mapped[UUID]
    name: Mapped[str]
    content: Mapped[dict[str, Any]]
    held_by: Mapped[UUID | None]
    held_at: Mapped[datetime | None]
    taken_by: Mapped[UUID | None]
    taken_at: Mapped[datetime | None]


class Sale(ShopRow):
    """One transaction at the till. Lines, payments and steps beside it are written once; this row keeps what is
    true now: its state, what is paid, review and lock."""

    __tablename__ = "sales"
    __table_args__ = (
        belongs_to("registers", "register_id"),
        belongs_to("branches", "branch_id"),
        belongs_to("locations", "location_id"),
        belongs_to("register_sessions", "register_session_id"),
        belongs_to("staff", "staff_id"),
        belongs_to("customers", "customer_id"),
        Index("ix_sales_date", "shop_id", "business_date", "id"),
        Index("ix_sales_branch", "shop_id", "branch_id", "id"),
        Index("ix_sales_staff", "shop_id", "staff_id", "id"),
        Index("ix_sales_customer", "shop_id", "customer_id", "id", postgresql_where=text("customer_id IS NOT NULL")),
        Index("ix_sales_incomplete", "shop_id", "id", postgresql_where=text("state = 'incomplete'")),
        Index("ix_sales_review", "shop_id", "id", postgresql_where=text("review = 'submitted'")),
        Index("uq_sales_external_ref", "shop_id", "external_ref", unique=True),
        Index("ix_sales_number", "shop_id", "number"),
        Index("ix_sales_total", "shop_id", "total_minor", "id"),
        Index("ix_sales_owing", "shop_id", "id", postgresql_where=text(
            "state = 'completed' AND total_minor + debited_minor - credited_minor - paid_minor > 0"
        )),
        CheckConstraint("state IN ('incomplete', 'completed', 'cancelled', 'reversed')", name="state"),
        CheckConstraint("review IN ('submitted', 'approved', 'rejected')", name="review"),
        CheckConstraint("paid_minor >= 0", name="paid"),
        CheckConstraint("debited_minor >= 0", name="debited"),
        CheckConstraint("credited_minor BETWEEN 0 AND total_minor + debited_minor", name="credited"),
    )

    body_hash: Mapped[bytes]
    body_schema: Mapped[int] = mapped_column(Integer)
    register_id: Mapped[UUID]
    register_session_id: Mapped[UUID | None]
    branch_id: Mapped[UUID]
    location_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    customer_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    """The device session it came through."""
    number: Mapped[str]
    """The invoice's number; before there is one the register's code and a counter (`T2-17`)."""
    state: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str]
    subtotal_minor: Mapped[int]
    discount_minor: Mapped[int]
    net_minor: Mapped[int]
    tax_minor: Mapped[int]
    rounding_minor: Mapped[int]
    total_minor: Mapped[int]
    cost_minor: Mapped[int]
    paid_minor: Mapped[int]
    credited_minor: Mapped[int]
    """What credit notes took back; for what was paid and given back see the payments."""
    debited_minor: Mapped[int] = mapped_column(server_default=text("0"))
    """What debit notes added to the invoice. Owed is total + debited - credited - paid."""
    discount: Mapped[dict[str, Any] | None]
    place_of_supply: Mapped[str | None]
    note: Mapped[str | None]
    external_ref: Mapped[str | None]
    due_on: Mapped[date | None]
    review: Mapped[str | None]
    locked_at: Mapped[datetime | None]
    locked_by: Mapped[UUID | None]
    business_date: Mapped[date]
    made_at: Mapped[datetime]
    """The maker's clock."""
    received_at: Mapped[datetime]
    """The server's clock."""
    version: Mapped[int] = mapped_column(Integer)


class SaleLine(ShopFact):
    """One line of a sale as it was sold. An edit before the invoice writes a new revision of all lines."""

    __tablename__ = "sale_lines"
    __table_args__ = (
        belongs_to("sales", "sale_id"),
        belongs_to("variants", "variant_id"),
        belongs_to("tax_classes", "tax_class_id"),
        UniqueConstraint("shop_id", "sale_id", "revision", "position", name="uq_sale_lines_position"),
        Index("ix_sale_lines_variant", "shop_id", "variant_id", "id"),
        CheckConstraint("quantity_milli > 0", name="quantity"),
        CheckConstraint("total_minor = net_minor + tax_minor", name="total"),
    )

    sale_id: Mapped[UUID]
    revision: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    variant_id: Mapped[UUID | None]
    """Empty for an open item, which has a name and price of its own, and for what was deleted before the sale came."""
    tax_class_id: Mapped[UUID | None]
    """Empty where the class, or the item it was the class of, was deleted before the sale came."""
    description: Mapped[str]
    unit: Mapped[str]
    hsn: Mapped[str | None]
    quantity_milli: Mapped[int]
    unit_price_minor: Mapped[int]
    list_price_minor: Mapped[int | None]
    tax_included: Mapped[bool]
    gross_minor: Mapped[int]
    discount: Mapped[dict[str, Any] | None]
    line_discount_minor: Mapped[int]
    cart_discount_minor: Mapped[int]
    net_minor: Mapped[int]
    taxes: Mapped[list[Any]]
    """[{"code", "rate_bp", "parts", "amount_minor"}]; a share is rate_bp / (10000 x parts) of the net."""
    tax_minor: Mapped[int]
    total_minor: Mapped[int]
    unit_cost_minor: Mapped[int]
    stocked: Mapped[bool]
    named: Mapped[dict[str, Any] | None]
    """Which units or batches the seller named, as they were written: {"serials": [...], "batches": [...]}."""


class SaleStep(ShopFact):
    """One step in the life of a sale, with what it left the sale at."""

    __tablename__ = "sale_steps"
    __table_args__ = (
        belongs_to("sales", "sale_id"),
        Index("ix_sale_steps_sale", "shop_id", "sale_id", "id"),
    )

    sale_id: Mapped[UUID]
    step: Mapped[str]
    state_from: Mapped[str | None]
    state_to: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer)
    staff_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    standing: Mapped[dict[str, Any]]
    """The sale's own figures and number after the step: the first one rebuilds the first answer."""
    at: Mapped[datetime]


class SaleParty(ShopTable):
    """The buyer as they were when the sale was made: one of the two tables that hold personal values."""

    __tablename__ = "sale_parties"
    __table_args__ = (
        belongs_to("sales", "sale_id"),
        Index("ix_sale_parties_phone", "shop_id", "phone", "sale_id", postgresql_where=text("phone IS NOT NULL")),
    )

    sale_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    phone: Mapped[str | None]
    type: Mapped[str | None]
    tax_id: Mapped[str | None]
    address: Mapped[str | None]
    state_code: Mapped[str | None]


class Invoice(ShopFact):
    """A numbered, immutable financial document: an invoice, or the credit or debit note that corrects one."""

    __tablename__ = "invoices"
    __table_args__ = (
        belongs_to("series", "series_id"),
        belongs_to("sales", "sale_id"),
        belongs_to("invoices", "original_id"),
        UniqueConstraint("shop_id", "series_id", "counter", name="uq_invoices_counter"),
        UniqueConstraint("shop_id", "number", name="uq_invoices_number"),
        Index("ix_invoices_sale", "shop_id", "sale_id"),
        Index("ix_invoices_original", "shop_id", "original_id", postgresql_where=text("original_id IS NOT NULL")),
        Index("ix_invoices_date", "shop_id", "business_date", "id"),
        Index(
            "ix_invoices_credit_notes", "shop_id", "business_date", postgresql_where=text("kind = 'credit_note'")
        ),
        CheckConstraint("kind IN ('invoice', 'credit_note', 'debit_note')", name="kind"),
        CheckConstraint("counter > 0", name="counter"),
        CheckConstraint("total_minor = net_minor + tax_minor + rounding_minor", name="total"),
    )

    kind: Mapped[str]
    series_id: Mapped[UUID]
    counter: Mapped[int]
    number: Mapped[str]
    sale_id: Mapped[UUID | None]
    """Empty for a credit note without receipt."""
    original_id: Mapped[UUID | None]
    branch_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    currency: Mapped[str]
    net_minor: Mapped[int]
    tax_minor: Mapped[int]
    rounding_minor: Mapped[int]
    total_minor: Mapped[int]
    reason: Mapped[str | None]
    canonical: Mapped[bytes]
    """The document as RFC 8785 JSON, without number and personal data: what the hash is taken of."""
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]
    business_date: Mapped[date]
    issued_at: Mapped[datetime]
    body_hash: Mapped[bytes | None]
    """Of the request that made a credit or debit note; an invoice's is its sale's."""


class InvoiceLine(ShopFact):
    """One line of a credit or debit note. An invoice's lines are its sale's."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        belongs_to("invoices", "invoice_id"),
        belongs_to("sale_lines", "sale_line_id"),
        belongs_to("variants", "variant_id"),
        UniqueConstraint("shop_id", "invoice_id", "position", name="uq_invoice_lines_position"),
        Index("ix_invoice_lines_sale_line", "shop_id", "sale_line_id"),
        CheckConstraint("quantity_milli > 0", name="quantity"),
        CheckConstraint("total_minor = net_minor + tax_minor", name="total"),
    )

    invoice_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)
    sale_line_id: Mapped[UUID | None]
    variant_id: Mapped[UUID | None]
    description: Mapped[str]
    unit: Mapped[str]
    hsn: Mapped[str | None]
    quantity_milli: Mapped[int]
    unit_price_minor: Mapped[int]
    net_minor: Mapped[int]
    taxes: Mapped[list[Any]]
    tax_minor: Mapped[int]
    total_minor: Mapped[int]
    unit_cost_minor: Mapped[int]
    restock: Mapped[str | None]
    """Where the goods went: `stock`, `damaged`, or nowhere."""


class SoldComponent(ShopFact):
    """What one line took of one component of the set it sold; or, of a credit note's line, what comes back of it.

    Written with the line, so that a later change of the set changes nothing that was sold. The goods move with this row
    as those of a plain line move with the line.
    """

    __tablename__ = "sold_components"
    __table_args__ = (
        belongs_to("sale_lines", "sale_line_id"),
        belongs_to("invoice_lines", "invoice_line_id"),
        belongs_to("sold_components", "taken_id"),
        belongs_to("variants", "variant_id"),
        *(
            Index(f"ix_sold_components_{of}", "shop_id", f"{of}_id", postgresql_where=text(f"{of}_id IS NOT NULL"))
            for of in ("sale_line", "invoice_line", "taken")
        ),
        CheckConstraint("quantity_milli > 0", name="quantity"),
        CheckConstraint("num_nonnulls(sale_line_id, invoice_line_id) = 1", name="line"),
        CheckConstraint("taken_id IS NULL OR invoice_line_id IS NOT NULL", name="taken"),
    )

    sale_line_id: Mapped[UUID | None]
    invoice_line_id: Mapped[UUID | None]
    taken_id: Mapped[UUID | None]
    """Of what comes back: the row with which it was sold. Empty where nobody has the receipt."""
    position: Mapped[int] = mapped_column(Integer)
    variant_id: Mapped[UUID]
    description: Mapped[str]
    quantity_milli: Mapped[int]
    unit_cost_minor: Mapped[int]


class DailyTotal(ShopTable):
    """What a branch sold on a business day: kept up in each sale's own transaction."""

    __tablename__ = "daily_totals"
    __table_args__ = (belongs_to("branches", "branch_id"),)

    branch_id: Mapped[UUID] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    sales: Mapped[int] = mapped_column(default=0)
    discount_minor: Mapped[int] = mapped_column(default=0)
    net_minor: Mapped[int] = mapped_column(default=0)
    tax_minor: Mapped[int] = mapped_column(default=0)
    rounding_minor: Mapped[int] = mapped_column(default=0)
    total_minor: Mapped[int] = mapped_column(default=0)
    cost_minor: Mapped[int] = mapped_column(default=0)
    credit_notes: Mapped[int] = mapped_column(default=0)
    credited_minor: Mapped[int] = mapped_column(default=0)


class Quarantined(ShopRow):
    """A document that is damaged or forged, kept with its bytes. It holds the number it claims."""

    __tablename__ = "quarantined_documents"
    __table_args__ = (
        Index("uq_quarantined_documents_body", "shop_id", "body_hash", unique=True),
        Index("ix_quarantined_documents_number", "shop_id", "claimed_series", "claimed_counter"),
    )

    register_id: Mapped[UUID]
    document: Mapped[str]
    claimed_id: Mapped[str | None]
    claimed_series: Mapped[str | None]
    claimed_counter: Mapped[int | None]
    reason: Mapped[str]
    facts: Mapped[dict[str, Any]]
    body: Mapped[bytes]
    body_hash: Mapped[bytes]
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[UUID | None]
    settlement: Mapped[str | None]
