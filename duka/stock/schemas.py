"""The words of stock on the wire. Quantities are numbers with up to 3 decimals, money is integer minor units."""

from datetime import date
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import Field, PlainSerializer, model_validator

from duka.platform.ids import new_id
from duka.platform.quantity import QuantityOrZero, SignedQuantity, from_milli
from duka.platform.versions import Edit
from duka.platform.wire import Body, Code, LongText, Moment, Shown, shown_as
from duka.platform.wire import Reason as Words

Reason = Literal["opening", "found", "loss", "damage", "expired", "own_use", "correction"]
Kind = Literal[
    "sale", "return", "receipt", "transfer_out", "transfer_in", "adjustment", "count", "repair_use", "damage",
    "opening", "assembly",
]  # fmt: skip
State = Literal["applied", "requested", "rejected"]

Held = Annotated[int, PlainSerializer(from_milli, return_type=float)]
"""Thousandths, shown as a number."""

_HIDDEN: Final = Field(default=None, exclude_if=lambda value: value is None)
"""A cost: not even named to those without `products:cost`."""


UNITS_MAX: Final = 5_000
"""Serial numbers in one line."""

NewUnits = Annotated[
    list[Code | Annotated[list[Code], Field(min_length=1, max_length=4)]],
    Field(max_length=UNITS_MAX),
]
"""Serial numbers of units that come in, one for each piece; a piece with several (a phone with two IMEIs) is a list."""


class BatchIn(Body):
    """A batch as the package names it: its number, the last day on which it may be sold, or both."""

    number: Code | None = None
    """Left out, the batch is called by its day (`2027-03-31`)."""
    expires_on: date | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.number is None and self.expires_on is None:
            raise ValueError("give number or expires_on")
        return self


def units_of(serials: list[str | list[str]]) -> list[list[str]]:
    """Read `NewUnits`: the serial numbers of each unit."""
    return [[each] if isinstance(each, str) else each for each in serials]


class AdjustIn(Body):
    """One correction of stock. `id` (UUIDv7) is made by whoever makes it and is its idempotency key for ever."""

    model_config = shown_as(quantity=20, reason="opening")

    id: UUID = Field(default_factory=new_id)
    variant_id: UUID | None = None
    """Which variant; a product with a single one needs none."""
    location_id: UUID | None = None
    """Where; else the showroom of the caller's branch, or of the shop that has only one."""
    quantity: SignedQuantity | None = None
    """How much more (or, negative, less) there is than the books say."""
    counted: QuantityOrZero | None = None
    """How much there is: the change is worked out when it is written."""
    reason: Reason
    note: LongText = ""
    serials: NewUnits = Field(default_factory=list)
    """For goods with serial numbers: those of the pieces that come in or go, as many as pieces. Left out, they are
    pieces without one."""
    batch: BatchIn | None = None
    """For goods with batches: that of what comes in or goes. Left out, what expires first goes, and what comes in is of
    no batch."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.quantity is None) == (self.counted is None):
            raise ValueError("give quantity or counted, one of the two")
        if self.quantity == 0:
            raise ValueError("a quantity of 0 changes nothing")
        return self


class AdjustmentOut(Shown):
    """A correction of stock: `applied`, or `requested` where it is worth more than the shop lets pass unseen, then
    approved (which makes it `applied`) or `rejected`."""

    id: UUID
    state: State
    product_id: UUID
    variant_id: UUID
    variant_name: str
    location_id: UUID
    location_name: str
    branch_id: UUID
    quantity: Held = Field(validation_alias="quantity_milli")
    reason: Reason
    note: str
    staff_id: UUID | None
    at: Moment
    business_date: date | None
    """When it counts; empty while it waits."""
    decided_by: UUID | None = None
    decided_at: Moment | None = None
    decision_reason: str | None = None
    unit_cost: int | None = _HIDDEN
    value: int | None = _HIDDEN
    """What the change is worth; negative for a loss."""


class RejectIn(Body):
    """Why a request is turned down."""

    reason: Words


class GoodsHere(Shown):
    """Which goods, and the location they stand at: what every row about stock begins with."""

    variant_id: UUID
    variant_name: str
    sku: str
    product_id: UUID
    unit: str
    location_id: UUID
    location_name: str
    branch_id: UUID


class BalanceOut(GoodsHere):
    """How much of a variant stands at a location."""

    quantity: Held = Field(validation_alias="quantity_milli")
    """On hand."""
    reserved: Held = Field(validation_alias="reserved_milli")
    """How much of it is put aside for held carts, unpaid sales, orders, repairs and customers."""
    available: Held = Field(validation_alias="available_milli")
    """On hand less what is reserved: what may be sold. Below zero where kept goods are gone."""
    incoming: Held = Field(validation_alias="incoming_milli")
    """On order here from suppliers and not received yet."""
    in_transit: Held = Field(validation_alias="in_transit_milli")
    """On its way here from other locations."""
    min_stock: Held = Field(validation_alias="min_stock_milli")
    """The level at which to warn here."""
    min_stock_here: Held | None = Field(validation_alias="min_stock_here_milli")
    """The level set for this location; empty where the product's own holds."""
    low: bool
    version: int
    """Of the level; send it back when you change it."""


class LevelEdit(Edit):
    """The level at which to warn at a location; null goes back to the product's own."""

    min_stock: QuantityOrZero | None


class LowOut(GoodsHere):
    """A variant that has fallen to its warning level at a location, and how much of it to order."""

    quantity: Held = Field(validation_alias="quantity_milli")
    min_stock: Held = Field(validation_alias="min_stock_milli")
    suggested: Held = Field(validation_alias="suggested_milli")


class MovementOut(Shown):
    """One change of stock, with the document that caused it."""

    id: UUID
    kind: Kind
    variant_id: UUID
    variant_name: str
    location_id: UUID
    location_name: str
    branch_id: UUID
    quantity: Held = Field(validation_alias="quantity_milli")
    source: str
    source_id: UUID
    source_line_id: UUID
    reason: str | None
    note: str | None
    staff_id: UUID | None
    business_date: date
    at: Moment
    unit_cost: int | None = _HIDDEN
    """What its document was booked with."""
    cost_correction: int | None = _HIDDEN
    """By how much closing the costs made all of it worth more (negative: less)."""
