"""The words of purchase orders and goods receipts on the wire. Prices are of one unit, in minor units, without tax."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from duka.platform import versions
from duka.platform.ids import new_id
from duka.platform.money import Price
from duka.platform.quantity import Quantity, QuantityOrZero
from duka.platform.wire import AN_ID, Body, Day, LongText, Moment, Reason, RecordedNote, Shown, shown_as
from duka.purchasing.rules import State
from duka.purchasing.schemas import HIDDEN, Held
from duka.shops.registers.schemas import Told
from duka.stock.units.schemas import UNSAID, BatchShown, RecordedBatchIn, RecordedUnits

LINES_MAX = 1000
RejectReason = Literal["damaged", "wrong_item", "expired", "poor_quality", "too_many", "other"]


class OrderLineIn(Body):
    """Some of a variant to order."""

    id: UUID = Field(default_factory=new_id)
    variant_id: UUID
    quantity: Quantity
    price: Price | None = None
    """What the supplier asks for one unit; else their last price, else what the variant costs the shop now. Naming one
    needs `products:cost`."""
    expected_on: Day | None = None
    """Where it differs from the order's."""


OrderLines = Annotated[list[OrderLineIn], Field(min_length=1, max_length=LINES_MAX)]


class OrderIn(Body):
    """An order to ask for. `id` (UUIDv7) is made by whoever makes it and is its idempotency key for ever."""

    model_config = shown_as(supplier_id=AN_ID, lines=[{"variant_id": AN_ID, "quantity": 24}])

    id: UUID = Field(default_factory=new_id)
    supplier_id: UUID
    location_id: UUID | None = None
    """Where the goods are to arrive; else the showroom of the caller's branch, or of the shop that has only one."""
    expected_on: Day | None = None
    """Else, once it is placed, the supplier's lead time later."""
    note: LongText = ""
    lines: OrderLines


class OrderEdit(versions.Edit):
    """A change of an order that nobody approved yet. `lines` replaces all of them."""

    model_config = shown_as(version=1, note="Please call before you deliver.")

    location_id: UUID = versions.kept()
    expected_on: Day | None = None
    note: LongText = versions.kept()
    lines: OrderLines = versions.kept()


class LowIn(Body):
    """What runs low to order: at all locations of the caller's reach, or at one."""

    location_id: UUID | None = None


class StepReason(Body):
    """Why the step is taken."""

    model_config = shown_as(reason="We found it elsewhere.")

    reason: Reason


class OrderLineOut(Shown):
    """A line of an order, how far it has come, and what was last paid for it to this supplier."""

    id: UUID
    variant_id: UUID
    variant_name: str
    sku: str
    unit: str
    supplier_code: str | None
    pack_size: Held | None = Field(validation_alias="pack_size_milli")
    quantity: Held = Field(validation_alias="quantity_milli")
    received: Held = Field(validation_alias="received_milli")
    rejected: Held = Field(validation_alias="rejected_milli")
    outstanding: Held = Field(validation_alias="outstanding_milli")
    expected_on: date | None
    confirmed: Held | None = Field(validation_alias="confirmed_milli")
    """How much the supplier says will come altogether; empty until they do."""
    confirmed_on: date | None
    """When the supplier says it comes."""
    price: int | None = HIDDEN
    last_price: int | None = HIDDEN
    last_price_on: date | None


class StepOut(Shown):
    """A step that an order took."""

    step: str
    state_from: State | None
    state_to: State
    staff_id: UUID | None
    reason: str | None
    at: Moment


class OrderListed(Shown):
    """An order in a list. `total` is without tax."""

    id: UUID
    number: str
    state: State
    supplier_id: UUID
    supplier_name: str
    branch_id: UUID
    location_id: UUID
    location_name: str
    expected_on: date | None
    ordered_on: date | None
    note: str
    total: int | None = HIDDEN
    created_by: UUID | None
    created_at: Moment
    automatic: bool
    """Nobody asked for it: it was made of what ran low."""
    confirmed_at: Moment | None
    """When the supplier last said what comes and when."""
    version: int


class OrderOut(OrderListed):
    """An order with its lines and its history."""

    link_until: Moment | None
    """Until when the supplier can open a link to it; empty where there is none that is good."""
    lines: list[OrderLineOut]
    steps: list[StepOut]


class LeftOut(Shown):
    """Something that runs low and was not ordered: it has no preferred supplier who is active, no price is known, or
    enough is on order already."""

    variant_id: UUID
    variant_name: str
    location_id: UUID
    why: Literal["no_supplier", "no_price", "on_order"]


class LowOrdered(Shown):
    """The orders that were made of what runs low, one for each supplier and location, and what was left out."""

    orders: list[OrderListed]
    left_out: list[LeftOut]


class ReceiptLineIn(Body):
    """What came of one line: accepted into stock, or rejected and left with the supplier."""

    id: UUID = Field(default_factory=new_id)
    order_line_id: UUID | None = None
    """Which line of the order; `variant_id` serves where the order has the variant once."""
    variant_id: UUID | None = None
    accepted: QuantityOrZero
    rejected: QuantityOrZero = 0
    reject_reason: RejectReason | None = None
    price: Price | None = None
    """Of one unit; else the order's, else the supplier's last one. Naming one needs `products:cost`."""
    serials: RecordedUnits = Field(default_factory=list)
    """For goods with serial numbers: that of each accepted piece, as many as pieces."""
    batch: RecordedBatchIn | None = None
    """For goods with batches: the accepted goods' batch. Goods of two batches are two lines."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.order_line_id is None and self.variant_id is None:
            raise ValueError("give order_line_id or variant_id")
        if not self.accepted + self.rejected:
            raise ValueError("accept or reject something")
        if self.reject_reason and not self.rejected:
            raise ValueError("nothing was rejected")
        if (self.serials or self.batch) and not self.accepted:
            raise ValueError("serials and batch are of accepted goods, and nothing was accepted")
        return self


class ReceiptIn(Told):
    """Goods that came in. `id` (UUIDv7) is made by whoever counts them and is its idempotency key for ever: sent twice,
    it is received once."""

    model_config = shown_as(order_id=AN_ID, lines=[{"variant_id": AN_ID, "accepted": 24}])

    id: UUID = Field(default_factory=new_id)
    order_id: UUID | None = None
    supplier_id: UUID | None = None
    """Needed without an order, and by a register that records: the order may be gone by then."""
    location_id: UUID | None = None
    """Where the goods stand now; else the order's location, else the showroom of the caller's branch, or of the shop
    that has only one."""
    delivery_note: Annotated[str, StringConstraints(max_length=64)] = ""
    """The number on the supplier's paper."""
    note: RecordedNote = ""
    freight: Price = 0
    """What bringing all of it cost, spread over the accepted goods by their value. Needs `products:cost`, as `duty`
    and `other` do."""
    duty: Price = 0
    other: Price = 0
    lines: Annotated[list[ReceiptLineIn], Field(min_length=1, max_length=LINES_MAX)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({line.id for line in self.lines}) < len(self.lines):
            raise ValueError("give each line an id of its own")
        return self


class ReceiptLineOut(Shown):
    """A line of a receipt. `unit_cost` is price and share of the landed costs, of one accepted unit."""

    id: UUID
    order_line_id: UUID | None
    variant_id: UUID
    variant_name: str
    sku: str
    accepted: Held = Field(validation_alias="accepted_milli")
    rejected: Held = Field(validation_alias="rejected_milli")
    reject_reason: str | None
    billed: Held = Field(validation_alias="billed_milli")
    returned: Held = Field(validation_alias="returned_milli")
    serials: list[str] | None = UNSAID
    """Of the accepted pieces, where they have serial numbers."""
    batches: list[BatchShown] | None = UNSAID
    price: int | None = HIDDEN
    value: int | None = HIDDEN
    landed: int | None = HIDDEN
    unit_cost: int | None = HIDDEN


class ReceiptListed(Shown):
    """A receipt in a list. `goods` is what was accepted is worth at its prices."""

    id: UUID
    number: str
    supplier_id: UUID
    supplier_name: str
    order_id: UUID | None
    branch_id: UUID
    location_id: UUID
    location_name: str
    delivery_note: str
    note: str
    business_date: date
    staff_id: UUID | None
    at: Moment
    goods: int | None = HIDDEN
    freight: int | None = HIDDEN
    duty: int | None = HIDDEN
    other: int | None = HIDDEN


class ReceiptOut(ReceiptListed):
    """A receipt with its lines."""

    lines: list[ReceiptLineOut]
    exceptions: list[dict[str, Any]]
    """What a recorded receipt disagrees with; it stands, and somebody settles it."""
