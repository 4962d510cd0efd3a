"""The words about suppliers on the wire. Money is integer minor units of the shop's currency, without tax."""

from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, EmailStr, Field, PlainSerializer, StringConstraints

from duka.platform import versions
from duka.platform.money import Price
from duka.platform.quantity import Quantity, from_milli
from duka.platform.wire import Body, Code, LongText, Moment, Name, OneLine, ShortText, Shown, shown_as

Phone = Annotated[str, StringConstraints(min_length=3, max_length=40)]
Email = Annotated[EmailStr, StringConstraints(max_length=254)]
TaxId = Annotated[str, StringConstraints(min_length=1, max_length=30), OneLine]
Days = Annotated[int, Field(strict=True, ge=0, le=365)]
Stars = Annotated[int, Field(strict=True, ge=1, le=5)]
ShortCode = Annotated[str, StringConstraints(max_length=64), OneLine]

Held = Annotated[int, PlainSerializer(from_milli, return_type=float)]
"""Thousandths, shown as a number."""

HIDDEN: Final[Any] = Field(default=None, exclude_if=lambda value: value is None)
"""A purchase price: not even named to those without `products:cost`."""


class SupplierIn(Body):
    """A supplier to add. `id` may be made by the client (UUIDv7); the same body sent again then changes nothing."""

    model_config = shown_as(name="Kampala Wholesalers", phone="0772 123456", credit_days=30, lead_time_days=3)

    id: UUID | None = None
    name: Name
    contact: ShortText = ""
    """The person one talks to."""
    phone: Phone | None = None
    email: Email | None = None
    address: ShortText = ""
    tax_id: TaxId | None = None
    credit_days: Days = 0
    """How many days after a bill's date it is due."""
    lead_time_days: Days = 0
    """How many days an order takes to arrive: the expected date of orders that name none."""
    stars: Stars | None = None
    """Your own opinion, beside what the figures say."""
    notes: LongText = ""
    external_ref: Code | None = None
    """The supplier's number in another system; unique in the shop."""


class SupplierEdit(versions.Edit):
    """A change: absent fields stay as they are, null clears."""

    model_config = shown_as(version=3, lead_time_days=5)

    name: Name = versions.kept()
    contact: ShortText = versions.kept()
    phone: Phone | None = None
    email: Email | None = None
    address: ShortText = versions.kept()
    tax_id: TaxId | None = None
    credit_days: Days = versions.kept()
    lead_time_days: Days = versions.kept()
    stars: Stars | None = None
    notes: LongText = versions.kept()
    external_ref: Code | None = None
    active: bool = versions.kept()


class SupplierOut(Shown):
    """A supplier. `owed` is bills less payments and debit notes; below zero where the shop paid in advance."""

    model_config = ConfigDict(populate_by_name=True)

    id: UUID
    name: str
    contact: str
    phone: str | None
    email: str | None
    address: str
    tax_id: str | None
    credit_days: int
    lead_time_days: int
    currency: str
    """The shop's own: purchases in another currency are not kept yet."""
    stars: int | None
    notes: str
    external_ref: str | None
    owed: int = Field(validation_alias="owed_minor")
    active: bool
    version: int
    created_at: Moment
    updated_at: Moment


class SupplierGone(Shown):
    """The supplier that was deleted."""

    id: UUID


class ItemEdit(versions.Edit):
    """How a supplier supplies a variant; absent fields stay as they are. `version` is that of the line, 1 where there
    is none yet."""

    model_config = shown_as(version=1, supplier_code="KW-118", pack_size=12, preferred=True)

    supplier_code: ShortCode = versions.kept()
    pack_size: Quantity = versions.kept()
    """How many units come in one pack: what is ordered by itself is rounded up to whole packs."""
    price: Price | None = None
    """Of one unit, without tax, as the supplier says. Receipts set it to what was paid. Needs `products:cost`."""
    preferred: bool = versions.kept()
    """Low stock is ordered here: of one supplier for each variant."""


class ItemOut(Shown):
    """A variant that a supplier supplies."""

    supplier_id: UUID
    variant_id: UUID
    variant_name: str
    sku: str
    product_id: UUID
    unit: str
    supplier_code: str
    pack_size: Held = Field(validation_alias="pack_size_milli")
    price: int | None = HIDDEN
    priced_on: date | None
    preferred: bool
    version: int


class PriceOut(Shown):
    """What was paid for a variant at one receipt. `unit_cost` has its share of freight and duty in it."""

    id: UUID
    receipt_id: UUID
    receipt_number: str
    supplier_id: UUID
    supplier_name: str
    variant_id: UUID
    variant_name: str
    sku: str
    business_date: date
    accepted: Held = Field(validation_alias="accepted_milli")
    price: int | None = HIDDEN
    unit_cost: int | None = HIDDEN


class StatementLine(Shown):
    """A bill, a payment or a debit note. `amount` is what it adds to what the supplier is owed."""

    id: UUID
    kind: Literal["bill", "payment", "debit_note"]
    number: str
    business_date: date
    due_on: date | None
    amount: int
    at: Moment


class RatingOut(Shown):
    """How a supplier has delivered, from receipts alone. Shares are basis points; empty where there is nothing yet."""

    supplier_id: UUID
    supplier_name: str
    stars: int | None
    orders: int
    """Orders that were due or came in, in the period."""
    on_time_bp: int | None
    """Of the orders: those that had all come in on the expected day or before."""
    delay_days: float | None
    """By how many days the others came later, on average; what never came, until the order was closed."""
    fill_bp: int | None
    """Of the quantities ordered: what came in and was accepted."""
    reject_bp: int | None
    """Of the quantities that came: what was rejected."""
    price_trend_bp: int | None
    """How prices changed between the first and the last receipt of each item in the period, on average."""
