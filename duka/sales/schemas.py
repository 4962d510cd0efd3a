"""The words of selling on the wire. Money is integer minor units, quantities are numbers with up to 3 decimals."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from duka.platform.ids import new_id
from duka.platform.money import BasisPoints, Price
from duka.platform.quantity import Quantity
from duka.platform.wire import (
    AN_ID,
    Body,
    Clock,
    Day,
    Moment,
    Reason,
    RecordedName,
    RecordedNote,
    RecordedText,
    Shown,
    shown_as,
)
from duka.sales.rules import LINES_MAX
from duka.stock.units.schemas import UNSAID, BatchesTaken, BatchTaken, Serials, check_named

Method = Literal["cash", "mtn_momo", "airtel_money", "card", "bank_transfer", "upi", "other"]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,4}$")]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Phone = Annotated[str, StringConstraints(min_length=5, max_length=30)]


class DiscountIn(Body):
    """Money off, as a share (`percent_bp`, basis points) or as an amount (minor units): one of the two."""

    model_config = shown_as(percent_bp=500)

    percent_bp: BasisPoints | None = None
    amount: Price | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.percent_bp is None) == (self.amount is None):
            raise ValueError("give percent_bp or amount, one of the two")
        return self


class OpenItemIn(Body):
    """Something that is not in the catalogue: its name on the receipt and how it is taxed."""

    name: RecordedName
    tax_class_id: UUID
    hsn: RecordedText | None = None
    unit: RecordedText = "piece"


class PrintedTaxIn(Body):
    """A tax as a receipt shows it: its share of the net is `rate_bp` / (10000 x `parts`)."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    rate_bp: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
    parts: Literal[1, 2] = 1


class PrintedIn(Body):
    """What a register's receipt says of a line: the item's name and taxes as the register knew them when it sold.

    They are part of what is hashed, so a register sends them with every line: the item may have been renamed, taxed
    otherwise or deleted since.
    """

    name: RecordedName
    hsn: RecordedText | None = None
    unit: RecordedText = "piece"
    taxes: Annotated[list[PrintedTaxIn], Field(max_length=10)] = Field(default_factory=list)


class LineIn(Body):
    """One line: a variant at its price, or an open item at the price given."""

    model_config = shown_as(variant_id=AN_ID, quantity=2)

    id: UUID = Field(default_factory=new_id)
    variant_id: UUID | None = None
    item: OpenItemIn | None = None
    quantity: Quantity = 1000
    price: Price | None = None
    """For a variant: what the till showed; it must be the price in force unless the caller may change prices."""
    tax_class_id: UUID | None = None
    """For a variant: another tax class than its product's, for those who may change prices."""
    tax_included: bool | None = None
    discount: DiscountIn | None = None
    printed: PrintedIn | None = None
    serials: Serials = Field(default_factory=list)
    """For goods with serial numbers: those of the pieces that are handed over, by any number a piece is known by. Of a
    set: those of its components, in their order."""
    batches: BatchesTaken = Field(default_factory=list)
    """For goods with batches: which are handed over; left out, what expires first and is not over."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.variant_id is None) == (self.item is None):
            raise ValueError("give variant_id or item, one of the two")
        # How many pieces a set has only the catalogue knows: serial numbers are counted when the line is priced.
        check_named(self.quantity, [] if self.variant_id else self.serials, self.batches)
        if self.item is not None and self.price is None:
            raise ValueError("an open item needs a price")
        if self.item is not None and self.tax_class_id is not None:
            raise ValueError("an open item names its tax class itself")
        return self


class PaymentIn(Body):
    """Money handed over. More cash than is due gives change; other methods may not be too much."""

    id: UUID = Field(default_factory=new_id)
    method: Method
    amount: Annotated[Price, Field(gt=0)]
    reference: RecordedText | None = None


class PartyIn(Body):
    """Who buys, as they said at the till; nobody is forced to say."""

    name: RecordedText | None = None
    phone: Phone | None = None
    tax_id: RecordedText | None = None
    address: RecordedText | None = None
    state_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")] | None = None


class IssuedIn(Body):
    """The invoice as an installation's register issued it: its place in the series and its link in the chain."""

    code: Code
    financial_year: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    counter: Annotated[int, Field(strict=True, ge=1, le=10**9)]
    previous_hash: Hash
    hash: Hash
    issued_at: Clock


class InvoiceIssuedIn(IssuedIn):
    """A sale's invoice as an installation's register issued it."""

    id: UUID | None = None
    """The invoice's id (UUIDv7), made by the register, so that it can name the invoice in a credit note before the
    server has the sale; left out, the server makes one."""


class SaleIn(Body):
    """One sale, the same body whether it asks or records. `id` (UUIDv7) is made by whoever makes the sale and is its
    idempotency key for ever.

    A register that numbers its own documents sends all that its invoice was hashed with, as it stood on the device:
    `business_date`, `total`, `place_of_supply` where there is one, and for each line `price`, `tax_included` and
    `printed`.
    """

    model_config = shown_as(
        lines=[{"variant_id": AN_ID, "quantity": 2}], payments=[{"method": "cash", "amount": 300_000}]
    )

    id: UUID = Field(default_factory=new_id)
    body_schema: Literal[1] = Field(default=1, alias="schema")
    register_id: UUID | None = None
    """The register that sells; without one the `server` register of the caller's branch, for a caller of no branch the
    shop's first."""
    register_session_id: UUID | None = None
    """The drawer's session the money goes into, where it is not the register's open one."""
    business_date: Day | None = None
    """Given by an installation's register; a `server` register uses its open session's, else the shop's date."""
    made_at: Clock | None = None
    """When it was sold, by the maker's clock; left out, now."""
    staff_id: UUID | None = None
    """Who sold, where it is not the caller."""
    approved_by: UUID | None = None
    """Whose PIN allowed the discount at the till, where it is more than the seller may give. Counted when the till
    itself delivers the sale."""
    customer_id: UUID | None = None
    customer: PartyIn | None = None
    """Who buys, where it is no registered customer, or what differs from what is registered."""
    place_of_supply: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")] | None = None
    """India: the state in which the sale is taxed; left out, the buyer's, else the shop's. Another state than the
    shop's means IGST, the same one CGST and SGST."""
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=LINES_MAX)]
    discount: DiscountIn | None = None
    payments: Annotated[list[PaymentIn], Field(max_length=50)] = Field(default_factory=list)
    on_account: bool = False
    """Issue the invoice though not all is paid, where the shop's policy and the customer's limit allow it."""
    total: Price | None = None
    """What the maker computed; another total is refused with the right figures."""
    cash_rounding: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = None
    """To what multiple the maker rounded a sale paid in cash; left out, the shop's setting."""
    number: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,4}-[1-9][0-9]{0,9}$")] | None = None
    """An incomplete sale's number, given by an installation's register (`T2-17`)."""
    invoice: InvoiceIssuedIn | None = None
    reserved_for: UUID | None = None
    """The held cart, order, repair or reservation whose goods this sale hands over: what is put aside for it at the
    till's location is taken; what the sale does not need of it is free again. Of a sale that is not paid yet the goods
    stay put aside until it is. Where nothing is put aside for it (any more), it is a sale like any other."""
    note: RecordedNote | None = None
    external_ref: RecordedText | None = None
    """The order's number in another system; unique in the shop, and a filter of GET /api/sales."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for things in (self.lines, self.payments):
            if len({each.id for each in things}) < len(things):
                raise ValueError("each line and each payment has an id of its own")
        return self


class ComponentOut(Shown):
    """What a line took of one component of the set that it sold: of all its sets together."""

    variant_id: UUID
    description: str
    quantity: float


class LineOut(Shown):
    """A line as it was sold. `taxes` is a list of {code, rate_bp, parts, amount}: the share of the net is
    rate_bp / (10000 x parts)."""

    id: UUID
    position: int
    variant_id: UUID | None
    description: str
    unit: str
    hsn: str | None
    quantity: float
    price: int
    tax_included: bool
    line_discount: int
    cart_discount: int
    net: int
    taxes: list[dict[str, Any]]
    tax: int
    total: int
    serials: list[str] | None = UNSAID
    """The serial numbers that were named."""
    batches: list[BatchTaken] | None = UNSAID
    """The batches that were named."""
    components: list[ComponentOut] | None = UNSAID
    """Of a set: what it was made of when it was sold."""
    cost: int | None = None
    """Of one unit; only for those with `products:cost`."""


class PaymentOut(Shown):
    """A payment: `amount` counts toward the sale, `tendered` was handed over, `change` given back."""

    id: UUID
    direction: Literal["in", "out"]
    method: str
    amount: int
    tendered: int
    change: int
    reference: str | None
    at: Moment


class InvoiceLink(Shown):
    """The invoice a sale issued, with its link in the chain."""

    id: UUID
    kind: str
    number: str
    total: int
    issued_at: Moment
    previous_hash: str
    hash: str


class SaleOut(Shown):
    """A sale as it stands."""

    id: UUID
    number: str
    state: Literal["incomplete", "completed", "cancelled", "reversed"]
    payment_status: Literal["unpaid", "partly_paid", "paid", "overdue"]
    currency: str
    register_id: UUID
    register_session_id: UUID | None
    branch_id: UUID
    staff_id: UUID | None
    customer_id: UUID | None
    customer: dict[str, Any] | None
    place_of_supply: str | None
    business_date: date
    made_at: Moment
    received_at: Moment
    lines: list[LineOut]
    subtotal: int
    discount: int
    net: int
    tax: int
    rounding: int
    total: int
    paid: int
    owed: int
    """What the customer owes on the invoice: total + debited - credited - paid. A sale without invoice owes nothing
    yet; what completes it is total - paid."""
    change: int
    due_on: date | None
    payments: list[PaymentOut]
    invoice: InvoiceLink | None
    credited: int
    """What credit notes took back."""
    debited: int
    """What debit notes added."""
    review: str | None
    locked_at: Moment | None
    note: str | None
    external_ref: str | None
    exceptions: list[dict[str, Any]]
    version: int
    margin: int | None = None
    """Net less cost; only for those with `sales:margins`."""


class StepIn(Body):
    """A step in a sale's life that says why."""

    reason: Reason
