"""The words of money on the wire. Amounts are integer minor units."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from duka.platform.ids import new_id
from duka.platform.money import Price
from duka.platform.wire import Body, Clock, Day, Moment, RecordedNote, RecordedReason, Shown

Direction = Literal["in", "out"]
Method = Literal["cash", "mtn_momo", "airtel_money", "card", "bank_transfer", "upi", "other"]
SessionState = Literal["open", "closed"]


class PaymentListed(Shown):
    """One amount by one method toward a document. `tendered` was handed over, `change` given back."""

    id: UUID
    direction: Direction
    method: Method
    amount: int = Field(validation_alias="amount_minor")
    tendered: int = Field(validation_alias="tendered_minor")
    change: int = Field(validation_alias="change_minor")
    reference: str | None
    source: str
    source_id: UUID
    register_session_id: UUID | None
    branch_id: UUID
    staff_id: UUID | None
    business_date: date
    at: Moment


class SessionIn(Body):
    """A drawer that is opened. `id` (UUIDv7) is made by the register and is its idempotency key for ever."""

    id: UUID = Field(default_factory=new_id)
    body_schema: Literal[1] = Field(default=1, alias="schema")
    register_id: UUID
    float_minor: Price = Field(alias="float")
    """The cash that lies in the drawer already."""
    opened_at: Clock | None = None
    business_date: Day | None = None
    """Given by a device's register: the larger of its own date and the last one it had from the server. A server
    register's is the shop's date."""
    staff_id: UUID | None = None
    """Who opened it, where it is not the caller."""


class CashMoveIn(Body):
    """Cash put into the drawer or taken out of it, and why."""

    id: UUID = Field(default_factory=new_id)
    body_schema: Literal[1] = Field(default=1, alias="schema")
    direction: Direction
    amount: Annotated[Price, Field(gt=0)]
    reason: RecordedReason
    made_at: Clock | None = None
    staff_id: UUID | None = None


class CloseIn(Body):
    """The end of a session: what was counted in the drawer."""

    body_schema: Literal[1] = Field(default=1, alias="schema")
    counted: Price
    note: RecordedNote | None = None
    closed_at: Clock | None = None
    staff_id: UUID | None = None


class CashMoveOut(Shown):
    """Cash put into a drawer or taken out of it."""

    id: UUID
    register_session_id: UUID
    direction: Direction
    amount: int = Field(validation_alias="amount_minor")
    reason: str
    staff_id: UUID | None
    business_date: date
    made_at: Moment
    at: Moment


class SessionOut(Shown):
    """A turn at a register. What was expected is told only once it is counted, so that the count is honest."""

    id: UUID
    state: SessionState
    register_id: UUID
    register_code: str
    register_name: str
    branch_id: UUID
    opened_by: UUID
    opened_at: Moment
    received_at: Moment
    business_date: date
    float_minor: int = Field(serialization_alias="float")
    closed_by: UUID | None
    closed_at: Moment | None
    counted: int | None = Field(validation_alias="counted_minor")
    expected: int | None = Field(validation_alias="expected_minor")
    difference: int | None = Field(validation_alias="difference_minor")
    """Counted less expected: more than 0 is too much in the drawer."""
    note: str | None


class SessionWhole(SessionOut):
    """A turn at a register with the cash put in and taken out, in the order it became known (the first 500)."""

    cash_moves: list[CashMoveOut]
