"""The words of invoices and notes on the wire. Money is integer minor units, hashes are hexadecimal text."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from duka.customers.schemas import Email
from duka.platform.wire import Body, Moment, Shown
from duka.sales.schemas import InvoiceLink

DocumentKind = Literal["invoice", "credit_note", "debit_note"]


class InvoiceListed(Shown):
    """An invoice or a note that corrects one, in a list. They are issued once and never change."""

    id: UUID
    kind: DocumentKind
    number: str
    sale_id: UUID | None
    original_id: UUID | None
    branch_id: UUID
    staff_id: UUID | None
    currency: str
    net: int = Field(validation_alias="net_minor")
    tax: int = Field(validation_alias="tax_minor")
    rounding: int = Field(validation_alias="rounding_minor")
    total: int = Field(validation_alias="total_minor")
    reason: str | None
    business_date: date
    issued_at: Moment


class InvoiceLineOut(Shown):
    """A line as it was issued. `discount` is the line's own and its share of the cart's; `taxes` is a list of
    {code, rate_bp, parts, amount}."""

    description: str
    variant_id: UUID | None
    hsn: str | None
    unit: str
    quantity: float
    price: int
    discount: int
    tax_included: bool
    net: int
    taxes: list[dict[str, Any]]
    total: int


class TaxTotalOut(Shown):
    """How much of one tax was taken, and on which net."""

    code: str
    rate_bp: int
    parts: int
    net: int
    tax: int


class InvoiceWhole(InvoiceListed):
    """An invoice or note with everything on it, and the documents beside it."""

    register_id: UUID
    customer: dict[str, Any] | None
    place_of_supply: str | None
    lines: list[InvoiceLineOut]
    subtotal: int
    discount: int
    taxes: list[TaxTotalOut]
    original: InvoiceLink | None
    """The document that this note corrects."""
    notes: list[InvoiceLink]
    """The notes that correct this document."""
    paid: int | None
    """What is paid on the sale by now; null on a note without receipt, which has no sale."""
    owed: int | None
    due_on: date | None
    previous_hash: str
    hash: str
    canonical: str
    """The text that the hash is taken of: RFC 8785 JSON, without number and personal data."""


class SendIn(Body):
    """To whom a document is sent."""

    to: Email


class CheckOut(Shown):
    """One thing that was checked, and what was found."""

    what: Literal["content", "form", "hash", "previous", "next"]
    holds: bool
    found: str


class VerifiedOut(Shown):
    """Whether a document is as it was issued and its chain holds around it."""

    id: UUID
    number: str
    holds: bool
    checks: list[CheckOut]
    series: str
    counter: int
    highest_seen: int
    complete_to: int
    """Up to this number all documents of the series are here."""
    previous_hash: str
    hash: str
    computed_hash: str
