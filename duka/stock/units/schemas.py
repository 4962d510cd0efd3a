"""The words of serial numbers and batches on the wire."""

from datetime import date
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from duka.platform.quantity import Quantity, SignedQuantity
from duka.platform.signs import without_unseen
from duka.platform.wire import AN_ID, Body, Moment, Shown, shown_as
from duka.stock.choosing import Named, NamedBatch
from duka.stock.schemas import UNITS_MAX, BatchIn, Held, Kind, NewUnits

RecordedCode = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""A number as a register heard it: what has happened is taken however it was typed."""

UNSAID: Final[Any] = Field(default=None, exclude_if=lambda value: value is None)
"""Not even named for goods that are all alike."""

RecordedUnits = Annotated[
    list[RecordedCode | Annotated[list[RecordedCode], Field(min_length=1, max_length=4)]], Field(max_length=UNITS_MAX)
]
"""`NewUnits` of a document that may tell what happened."""


class RecordedBatchIn(BatchIn):
    """A batch of goods that came in, as the package names it: its number, the last day on which it may be sold, or
    both."""

    number: RecordedCode | None = None


UnitState = Literal["in_stock", "in_transit", "sold", "sent_back", "written_off"]


class BatchTaken(Body):
    """Some of a batch, by its number; without `quantity` as much as is left of the line."""

    number: RecordedCode
    quantity: Quantity | None = None


Serials = Annotated[list[RecordedCode], Field(max_length=UNITS_MAX)]
BatchesTaken = Annotated[list[BatchTaken], Field(max_length=50)]


def named(serials: list[str], batches: list[BatchTaken]) -> Named:
    """Read what a line names."""
    return Named(tuple(serials), tuple(NamedBatch(without_unseen(each.number), each.quantity) for each in batches))


def check_named(quantity_milli: int, serials: list[str], batches: list[BatchTaken]) -> None:
    """Check that a line names no more than moves. ValueError."""
    if 1000 * len(serials) > quantity_milli:
        raise ValueError("no more serials than pieces")
    if sum(each.quantity or 0 for each in batches) > quantity_milli:
        raise ValueError("no more of batches than the line's quantity")


def stored(of: Named) -> dict[str, Any] | None:
    """Write what was named as it is stored; None where nothing was."""
    kept: dict[str, Any] = {}
    if of.serials:
        kept["serials"] = list(of.serials)
    if of.batches:
        kept["batches"] = [{"number": each.number, "quantity_milli": each.quantity_milli} for each in of.batches]
    return kept or None


def read(kept: dict[str, Any] | None) -> Named:
    """Read what `stored` wrote."""
    told = kept or {}
    batches = tuple(NamedBatch(each["number"], each["quantity_milli"]) for each in told.get("batches", ()))
    return Named(tuple(told.get("serials", ())), batches)


class Unnamed(Shown):
    """What still stands at a location without a serial number or batch; negative where more is named than is there."""

    variant_id: UUID
    location_id: UUID
    unnamed: Held


class UnitsTold(Body):
    """Serial numbers of pieces that stand at a location without one, or those of pieces that the books miss there."""

    model_config = shown_as(variant_id=AN_ID, location_id=AN_ID, serials=["356938035643809"])

    variant_id: UUID
    location_id: UUID
    serials: NewUnits = Field(default_factory=list)
    missing: Serials = Field(default_factory=list)
    """Pieces that are in the books here and are not there: after a count that found fewer."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.serials) == bool(self.missing):
            raise ValueError("give serials or missing, one of the two")
        return self


class BatchTold(Body):
    """Which batch some goods are of that stand at a location without one."""

    model_config = shown_as(
        variant_id=AN_ID, location_id=AN_ID, batch={"number": "LOT-7", "expires_on": "2027-03-31"}, quantity=12
    )

    variant_id: UUID
    location_id: UUID
    batch: BatchIn
    quantity: SignedQuantity
    """Negative: so much of this batch is in the books here and is not there."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.quantity == 0:
            raise ValueError("a quantity of 0 says nothing")
        return self


class BatchShown(Shown):
    """Some of a batch that moved."""

    number: str
    expires_on: date | None
    quantity: Held = Field(validation_alias="quantity_milli")


class UnitOut(Shown):
    """One piece with a serial number: where it stands, or what became of it."""

    id: UUID
    variant_id: UUID
    variant_name: str
    sku: str
    product_id: UUID
    serials: list[str]
    state: UnitState
    location_id: UUID | None
    location_name: str | None
    branch_id: UUID | None
    changed_at: Moment


class PartOut(Shown):
    """One step of a unit's way: the movement with its document. `fault` says why the books could not move the unit
    though it was named: it was not here (`not_here`)."""

    at: Moment
    business_date: date
    kind: Kind
    direction: Literal["in", "out"]
    location_id: UUID
    location_name: str
    source: str
    source_id: UUID
    source_line_id: UUID
    staff_id: UUID | None
    reason: str | None
    fault: str | None


class BatchPlace(Shown):
    """How much of a batch stands at a location."""

    location_id: UUID
    location_name: str
    branch_id: UUID
    quantity: Held = Field(validation_alias="quantity_milli")


class BatchOut(Shown):
    """A batch with what is left of it, in all and at each location."""

    id: UUID
    variant_id: UUID
    variant_name: str
    sku: str
    product_id: UUID
    unit: str
    number: str
    expires_on: date | None
    days_left: int | None
    """Until its last day, 0 on it; negative when it is over."""
    quantity: Held = Field(validation_alias="quantity_milli")
    places: list[BatchPlace]
