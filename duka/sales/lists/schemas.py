"""The words of looking back at sales: rows of lists, and one sale with its history. Money is integer minor units."""

from datetime import date
from typing import Literal
from uuid import UUID

from duka.platform.wire import Moment, Shown
from duka.sales.schemas import InvoiceLink, SaleOut

SaleState = Literal["incomplete", "completed", "cancelled", "reversed"]
PaymentStatus = Literal["unpaid", "partly_paid", "paid", "overdue"]
Review = Literal["submitted", "approved", "rejected"]


class SaleListed(Shown):
    """A sale in a list. `number` is its invoice's; without one the register's code and a counter (`T2-17`)."""

    id: UUID
    number: str
    state: SaleState
    payment_status: PaymentStatus
    review: Review | None
    currency: str
    total: int
    paid: int
    credited: int
    debited: int
    owed: int
    business_date: date
    due_on: date | None
    made_at: Moment
    """When it was made, by the till's clock."""
    received_at: Moment
    """When the server got it."""
    register_id: UUID
    branch_id: UUID
    staff_id: UUID | None
    customer_id: UUID | None
    locked_at: Moment | None
    external_ref: str | None
    version: int


class StepOut(Shown):
    """One step in a sale's life: who took it, when, why, and from which state to which."""

    step: str
    state_from: str | None
    state_to: str
    revision: int
    staff_id: UUID | None
    reason: str | None
    at: Moment


class SaleWhole(SaleOut):
    """A sale with its history and all its documents: the invoice and the notes that correct it."""

    history: list[StepOut]
    documents: list[InvoiceLink]
