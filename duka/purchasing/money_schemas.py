"""The words of supplier bills, payments and returns on the wire. Amounts are integer minor units."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from duka.platform.ids import new_id
from duka.platform.money import LIMIT_MINOR, Price
from duka.platform.quantity import Quantity
from duka.platform.wire import AN_ID, Body, Code, Day, LongText, Moment, Reason, Shown, shown_as
from duka.purchasing.order_schemas import LINES_MAX
from duka.purchasing.schemas import HIDDEN, Held, ShortCode
from duka.stock.units.schemas import UNSAID, BatchesTaken, BatchShown, Serials, check_named

Method = Literal["cash", "mtn_momo", "airtel_money", "card", "bank_transfer", "upi", "other"]


class BillLineIn(Body):
    """Some of a receipt's line, at the price that is billed."""

    id: UUID = Field(default_factory=new_id)
    receipt_line_id: UUID
    quantity: Quantity
    price: Price
    """Of one unit, without tax."""


class BillIn(Body):
    """A supplier's invoice. `id` (UUIDv7) is made by whoever enters it and is its idempotency key for ever."""

    model_config = shown_as(
        supplier_id=AN_ID, supplier_number="INV-7731", lines=[{"receipt_line_id": AN_ID, "quantity": 24, "price": 700}]
    )

    id: UUID = Field(default_factory=new_id)
    supplier_id: UUID
    branch_id: UUID | None = None
    """Which branch it is for, where it has no lines; else that of the goods."""
    supplier_number: Code
    """The number on the invoice: each is entered once."""
    billed_on: Day | None = None
    """Else today."""
    due_on: Day | None = None
    """Else the supplier's credit days later."""
    tax: Price = 0
    """Tax that the shop can claim back."""
    charges: Price = 0
    """Freight, duty and other costs that receipts have spread over their goods: of this invoice, or all of it."""
    note: LongText = ""
    lines: Annotated[list[BillLineIn], Field(max_length=LINES_MAX)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.lines and not self.charges:
            raise ValueError("give lines or charges")
        if len({line.receipt_line_id for line in self.lines}) < len(self.lines):
            raise ValueError("name each receipt_line_id once")
        return self


class BillLineOut(Shown):
    """A line of a bill. `received` is what the receipt booked for as much of it."""

    id: UUID
    receipt_line_id: UUID
    receipt_id: UUID
    receipt_number: str
    variant_id: UUID
    variant_name: str
    quantity: Held = Field(validation_alias="quantity_milli")
    price: int | None = HIDDEN
    net: int | None = HIDDEN
    received: int | None = HIDDEN


class BillListed(Shown):
    """A supplier's invoice. `total` is net, tax and charges; `variance` how much more than received it bills."""

    id: UUID
    supplier_id: UUID
    supplier_name: str
    supplier_number: str
    branch_id: UUID
    billed_on: date
    due_on: date
    business_date: date
    net: int
    tax: int
    charges: int
    total: int
    variance: int | None = HIDDEN
    note: str
    staff_id: UUID | None
    at: Moment


class BillOut(BillListed):
    """A supplier's invoice with its lines."""

    lines: list[BillLineOut]


class SupplierPaymentIn(Body):
    """Money paid to a supplier. `id` (UUIDv7) is its idempotency key for ever."""

    model_config = shown_as(supplier_id=AN_ID, amount=16_800, method="mtn_momo", reference="MP2611.1432")

    id: UUID = Field(default_factory=new_id)
    supplier_id: UUID
    branch_id: UUID | None = None
    """Which branch pays; else the caller's, or the shop's only one."""
    amount: Annotated[int, Field(strict=True, gt=0, le=LIMIT_MINOR)]
    method: Method
    reference: ShortCode = ""
    note: LongText = ""
    in_advance: bool = False
    """More than is owed is meant: it counts toward bills to come."""


class SupplierPaymentOut(Shown):
    """Money that was paid to a supplier."""

    id: UUID
    supplier_id: UUID
    supplier_name: str
    branch_id: UUID
    amount: int
    method: Method
    reference: str
    note: str
    business_date: date
    staff_id: UUID | None
    at: Moment


class ReturnLineIn(Body):
    """Some of a receipt's line to send back."""

    id: UUID = Field(default_factory=new_id)
    receipt_line_id: UUID
    quantity: Quantity
    serials: Serials = Field(default_factory=list)
    """For goods with serial numbers: those of the pieces that go back; left out where all that came and stand there
    do."""
    batches: BatchesTaken = Field(default_factory=list)
    """For goods with batches: which go back; left out, the one that came with the line."""

    @model_validator(mode="after")
    def _no_more(self) -> Self:
        check_named(self.quantity, self.serials, self.batches)
        return self


class ReturnIn(Body):
    """Goods that go back to a supplier. `id` (UUIDv7) is its idempotency key for ever."""

    model_config = shown_as(
        supplier_id=AN_ID, reason="The screens are scratched.", lines=[{"receipt_line_id": AN_ID, "quantity": 2}]
    )

    id: UUID = Field(default_factory=new_id)
    supplier_id: UUID
    location_id: UUID | None = None
    """Where the goods stand; else where the first of them was received."""
    reason: Reason
    tax: Price = 0
    """Tax on billed goods that is claimed back no more."""
    lines: Annotated[list[ReturnLineIn], Field(min_length=1, max_length=LINES_MAX)]

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({line.receipt_line_id for line in self.lines}) < len(self.lines):
            raise ValueError("name each receipt_line_id once")
        return self


class ReturnLineOut(Shown):
    """What went back of a receipt's line: first what no bill had named, then what was billed."""

    id: UUID
    receipt_line_id: UUID
    variant_id: UUID
    variant_name: str
    unbilled: Held = Field(validation_alias="unbilled_milli")
    billed: Held = Field(validation_alias="billed_milli")
    serials: list[str] | None = UNSAID
    batches: list[BatchShown] | None = UNSAID
    debit: int | None = HIDDEN
    unit_cost: int | None = HIDDEN


class ReturnListed(Shown):
    """A return. `debit` is the debit note: what the supplier owes back for billed goods, with `tax` in it."""

    id: UUID
    number: str
    supplier_id: UUID
    supplier_name: str
    branch_id: UUID
    location_id: UUID
    reason: str
    debit: int
    tax: int
    business_date: date
    staff_id: UUID | None
    at: Moment


class ReturnOut(ReturnListed):
    """A return with its lines."""

    lines: list[ReturnLineOut]
