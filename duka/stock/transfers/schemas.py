"""The words of transfers on the wire. Quantities are numbers with up to 3 decimals, money is integer minor units."""

from datetime import date
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from duka.platform.ids import new_id
from duka.platform.quantity import Quantity, QuantityOrZero
from duka.platform.wire import AN_ID, ANOTHER_ID, Body, LongText, Moment, Shown, shown_as
from duka.platform.wire import Reason as Words
from duka.shops.registers.schemas import Told
from duka.stock.schemas import Held
from duka.stock.units.schemas import UNSAID, BatchesTaken, BatchShown, Serials, check_named

LINES_MAX: Final = 500

TransferState = Literal["requested", "approved", "dispatched", "received", "cancelled", "rejected"]
Step = Literal["request", "approve", "reject", "cancel", "dispatch", "receive"]
Difference = Literal["loss", "sender"]

_HIDDEN: Final = Field(default=None, exclude_if=lambda value: value is None)
"""A cost: not even named to those without `products:cost`."""


class TransferLineIn(Body):
    """How much of a variant is asked for, or leaves at once."""

    model_config = shown_as(variant_id=AN_ID, quantity=12)

    variant_id: UUID
    quantity: Quantity
    serials: Serials = Field(default_factory=list)
    """For goods with serial numbers that leave at once: those of the pieces."""
    batches: BatchesTaken = Field(default_factory=list)
    """For goods with batches that leave at once: which; left out, what expires first and is not over."""

    @model_validator(mode="after")
    def _no_more(self) -> Self:
        check_named(self.quantity, self.serials, self.batches)
        return self


class TransferIn(Told):
    """Goods that one location asks of another, or (`sent`) sends to it. `id` (UUIDv7) is made by whoever makes the
    transfer and is its idempotency key."""

    model_config = shown_as(
        from_location_id=AN_ID, to_location_id=ANOTHER_ID, lines=[{"variant_id": AN_ID, "quantity": 12}],
        note="for Saturday",
    )  # fmt: skip

    id: UUID = Field(default_factory=new_id)
    from_location_id: UUID
    to_location_id: UUID
    lines: Annotated[list[TransferLineIn], Field(min_length=1, max_length=LINES_MAX)]
    """Each variant once."""
    note: LongText = ""
    sent: bool = False
    """The goods leave with it: asked for, approved and sent off in one."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.from_location_id == self.to_location_id:
            raise ValueError("goods go from one location to another")
        if len({line.variant_id for line in self.lines}) != len(self.lines):
            raise ValueError("name each variant once")
        if not self.sent and any(line.serials or line.batches for line in self.lines):
            raise ValueError("serials and batches are named when the goods leave")
        return self


class SentLine(Body):
    """How much of a line really leaves, where that is less than was asked for."""

    line_id: UUID
    quantity: QuantityOrZero
    serials: Serials = Field(default_factory=list)
    """For goods with serial numbers: those of the pieces that leave."""
    batches: BatchesTaken = Field(default_factory=list)
    """For goods with batches: which leave; left out, what expires first and is not over."""

    @model_validator(mode="after")
    def _no_more(self) -> Self:
        check_named(self.quantity, self.serials, self.batches)
        return self


def _name_once(line_ids: list[UUID]) -> None:
    if len(set(line_ids)) != len(line_ids):
        raise ValueError("name each line once")


class DispatchIn(Told):
    """What leaves. A line that is not named leaves as it was asked for."""

    model_config = shown_as(lines=[])

    id: UUID | None = None
    """Made by a register that records it; needed there."""
    lines: Annotated[list[SentLine], Field(max_length=LINES_MAX)] = Field(default_factory=list)
    """Only lines that leave with less, or name pieces or batches. One that is not named leaves as it was asked for."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        _name_once([line.line_id for line in self.lines])
        return self


class ArrivedLine(Body):
    """How much of a line arrived, and what becomes of a difference."""

    line_id: UUID
    quantity: QuantityOrZero
    difference: Difference | None = None
    """Where less or more arrived than left: `loss` books it as a difference of stock (more is a gain), `sender` puts
    it right in the sender's stock: what is short goes back to it, what is over comes out of it."""
    serials: Serials = Field(default_factory=list)
    """For goods with serial numbers of which less arrived: those of the pieces that did."""

    @model_validator(mode="after")
    def _no_more(self) -> Self:
        check_named(self.quantity, self.serials, [])
        return self


class ReceiveIn(Told):
    """What arrived. A line that is not named arrived as it left."""

    model_config = shown_as(lines=[])

    id: UUID | None = None
    """Made by a register that records it; needed there."""
    lines: Annotated[list[ArrivedLine], Field(max_length=LINES_MAX)] = Field(default_factory=list)
    """Only lines of which less or more arrived. One that is not named arrived as it left."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        _name_once([line.line_id for line in self.lines])
        return self


class StopIn(Body):
    """Why a transfer is turned down or called off."""

    reason: Words


class TransferLineOut(Shown):
    """One variant of a transfer, as far as it has come."""

    id: UUID
    variant_id: UUID
    variant_name: str
    sku: str
    unit: str
    requested: Held = Field(validation_alias="requested_milli")
    dispatched: Held | None = Field(validation_alias="dispatched_milli")
    received: Held | None = Field(validation_alias="received_milli")
    serials: list[str] | None = UNSAID
    """Of the pieces that left, where they have serial numbers."""
    batches: list[BatchShown] | None = UNSAID
    difference: Difference | None
    unit_cost: int | None = _HIDDEN


class TransferStepOut(Shown):
    """Who took a step with a transfer, and when."""

    step: Step
    state_to: TransferState
    staff_id: UUID | None
    reason: str | None
    business_date: date
    at: Moment


class TransferPlaceOut(Shown):
    """A location that goods can go from or to, with its branch."""

    id: UUID
    name: str
    kind: str
    branch_id: UUID
    branch_name: str


class TransferRow(Shown):
    """A transfer in a list."""

    id: UUID
    state: TransferState
    from_location_id: UUID
    from_location_name: str
    from_branch_id: UUID
    from_branch_name: str
    to_location_id: UUID
    to_location_name: str
    to_branch_id: UUID
    to_branch_name: str
    note: str
    requested_by: UUID | None
    at: Moment
    line_count: int
    quantity: Held = Field(validation_alias="quantity_milli")
    """All lines together: received, else dispatched, else requested."""


class TransferOut(TransferRow):
    """A transfer with its lines and the steps that were taken."""

    lines: list[TransferLineOut]
    steps: list[TransferStepOut]
    exceptions: list[dict[str, Any]]
    """What recorded steps disagree with; somebody settles it."""
