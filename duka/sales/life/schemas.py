"""The words of a sale's later life on the wire: paying up, giving back, correcting, editing, reviewing."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AliasChoices, Field, model_validator

from duka.payments.schemas import CashMoveOut
from duka.platform import versions
from duka.platform.ids import new_id
from duka.platform.money import Price
from duka.platform.quantity import Quantity
from duka.platform.wire import AN_ID, Body, Day, LongText, Moment, Reason, RecordedReason, RecordedText, Shown, shown_as
from duka.sales.rules import LINES_MAX
from duka.sales.schemas import (
    DiscountIn,
    InvoiceIssuedIn,
    IssuedIn,
    LineIn,
    Method,
    OpenItemIn,
    PartyIn,
    PaymentIn,
    PaymentOut,
    SaleIn,
    StepIn,
)
from duka.stock.units.schemas import Serials

Restock = Literal["stock", "damaged", "none"]
"""Where goods that come back go: to the showroom, to the damaged goods, or nowhere (they stay with the customer)."""


NoteIssued = Annotated[
    IssuedIn | None,
    Field(
        validation_alias=AliasChoices("invoice", "issued"),
        description="The note's number and link as an installation's register issued it.",
    ),
]
"""Registers that came before call it `issued`: their notes are taken for ever."""


class AtRegister(Body):
    """Where and when a document is made: a register of the branch, without one its `server` register."""

    register_id: UUID | None = None
    register_session_id: UUID | None = None
    """The drawer's session the money goes through, where it is not the register's open one."""
    business_date: Day | None = None
    """Given by an installation's register; a `server` register uses its open session's, else the shop's date."""
    staff_id: UUID | None = None
    """Who did it, where it is not the caller: whoever stood at the till."""


class RefundIn(Body):
    """Money given back."""

    id: UUID = Field(default_factory=new_id)
    method: Method
    amount: Annotated[Price, Field(gt=0)]
    reference: RecordedText | None = None


Refunds = Annotated[list[RefundIn], Field(max_length=50)]


class CreditLineIn(Body):
    """How much of a sold line comes back, and where it goes."""

    sale_line_id: UUID
    quantity: Quantity
    restock: Restock = "stock"
    serials: Serials = Field(default_factory=list)
    """For goods with serial numbers: which pieces come back, where not all of the line do. Of a set: those of its
    components, in any order."""


class CreditNoteIn(AtRegister):
    """Goods or money given back against an invoice: some lines, or all that is left of it (`whole`). A debit note is
    credited whole. `id` (UUIDv7) is made by whoever makes the note and is its idempotency key for ever."""

    model_config = shown_as(lines=[{"sale_line_id": AN_ID, "quantity": 1}], reason="It does not fit")

    id: UUID = Field(default_factory=new_id)
    lines: Annotated[list[CreditLineIn], Field(max_length=LINES_MAX)] = Field(default_factory=list)
    whole: bool = False
    restock: Restock = "stock"
    """Where the goods of a `whole` note go."""
    reason: RecordedReason
    refunds: Refunds | None = None
    """What is paid back; the rest makes less what is owed. Left out: what was paid too much now, by the methods it was
    paid with."""
    invoice: NoteIssued = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.whole == bool(self.lines):
            raise ValueError("give lines or whole, one of the two")
        return self


class LooseLineIn(Body):
    """Something that comes back without receipt: a variant or an open item, and what is given for one."""

    variant_id: UUID | None = None
    item: OpenItemIn | None = None
    tax_class_id: UUID | None = None
    """For a variant: another tax class than the product's, for those with `sales:override`."""
    quantity: Quantity = 1000
    price: Price
    tax_included: bool | None = None
    restock: Restock = "stock"
    serials: Serials = Field(default_factory=list)
    """For goods with serial numbers: those of the pieces that come back. Of a set: those of its components."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.variant_id is None) == (self.item is None):
            raise ValueError("give variant_id or item, one of the two")
        return self


class LooseCreditNoteIn(AtRegister):
    """Goods taken back without their receipt. Everything is paid out: nothing is owed that could become less."""

    model_config = shown_as(
        lines=[{"variant_id": AN_ID, "quantity": 1, "price": 150_000}], reason="Bought here, the receipt is lost",
        refunds=[{"method": "cash", "amount": 150_000}],
    )

    id: UUID = Field(default_factory=new_id)
    lines: Annotated[list[LooseLineIn], Field(min_length=1, max_length=LINES_MAX)]
    customer_id: UUID | None = None
    reason: RecordedReason
    refunds: Refunds
    invoice: NoteIssued = None


class DebitLineIn(Body):
    """Something charged on top of an invoice."""

    item: OpenItemIn
    quantity: Quantity = 1000
    price: Price
    tax_included: bool | None = None


class DebitNoteIn(AtRegister):
    """An amount added to what an invoice's customer owes. `id` (UUIDv7) is the note's own."""

    id: UUID = Field(default_factory=new_id)
    lines: Annotated[list[DebitLineIn], Field(min_length=1, max_length=LINES_MAX)]
    reason: RecordedReason
    invoice: NoteIssued = None


class NoteLineOut(Shown):
    """A line of a credit or debit note."""

    id: UUID
    position: int
    sale_line_id: UUID | None
    variant_id: UUID | None
    description: str
    unit: str
    hsn: str | None
    quantity: float
    price: int
    net: int
    taxes: list[dict[str, Any]]
    tax: int
    total: int
    restock: str | None


class NoteOut(Shown):
    """A credit or debit note as it was issued; it never changes."""

    id: UUID
    kind: Literal["credit_note", "debit_note"]
    number: str
    sale_id: UUID | None
    original_id: UUID | None
    branch_id: UUID
    staff_id: UUID | None
    currency: str
    reason: str
    lines: list[NoteLineOut]
    net: int
    tax: int
    rounding: int
    total: int
    refunds: list[PaymentOut]
    business_date: date
    issued_at: Moment
    previous_hash: str
    hash: str
    exceptions: list[dict[str, Any]]


class SettleIn(AtRegister):
    """Money paid toward a sale that stands already. Each payment's `id` is its idempotency key for ever."""

    payments: Annotated[list[PaymentIn], Field(min_length=1, max_length=50)]
    invoice: InvoiceIssuedIn | None = None
    """Needed where an installation's register takes the payment that completes the sale."""


class CashMovedOut(CashMoveOut):
    """Cash put into a drawer or taken out of it, as it was answered first."""

    exceptions: list[dict[str, Any]]


class UndoIn(StepIn):
    """A step that gives money back."""

    register_session_id: UUID | None = None
    """The drawer's session the money goes out of."""


class SaleEdit(versions.Edit):
    """A change of an incomplete sale. Lines are given all together and replace those that stood."""

    model_config = shown_as(version=3, lines=[{"variant_id": AN_ID, "quantity": 3}], note="They want three")

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=LINES_MAX)] = versions.kept()
    discount: DiscountIn | None = None
    customer_id: UUID | None = None
    customer: PartyIn | None = None
    place_of_supply: Annotated[str, Field(pattern=r"^[0-9]{2}$")] | None = None
    note: LongText | None = None


class OverrideIn(SaleEdit):
    """What an owner changes of an unlocked sale, price and tax class included, with the reason."""

    model_config = shown_as(version=3, discount={"percent_bp": 500}, reason="Agreed with the owner")

    reason: Reason
    staff_id: UUID | None = None
    business_date: Day = versions.kept()
    payments: Annotated[list[PaymentIn], Field(max_length=50)] = versions.kept()
    """For an invoiced sale: what was paid toward the new one; left out, what stands paid is carried over."""


class CorrectIn(StepIn):
    """The sale as it should have been. The old one is credited in full and what was paid is given back; what was paid
    toward the new one is said in its own `payments`."""

    sale: SaleIn
    register_session_id: UUID | None = None
    """The drawer's session the money goes out of."""
