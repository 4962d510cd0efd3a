"""The words of counts on the wire. Quantities are numbers with up to 3 decimals, money is integer minor units."""

from datetime import date
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from duka.platform.ids import new_id
from duka.platform.quantity import QuantityOrZero
from duka.platform.wire import AN_ID, Body, Clock, LongText, Moment, RecordedText, Shown, shown_as
from duka.platform.wire import Reason as Words
from duka.shops.registers.schemas import Told
from duka.stock.schemas import Held

VARIANTS_MAX: Final = 2_000
ENTRIES_MAX: Final = 500

CountState = Literal["counting", "review", "posting", "posted", "cancelled"]
CountScope = Literal["full", "group", "list"]
Uncounted = Literal["leave", "zero"]
Show = Literal["counted", "differing", "disturbed", "uncounted"]

_HIDDEN: Final = Field(default=None, exclude_if=lambda value: value is None)
"""Not even named to those who may not see it."""


class CountIn(Told):
    """A count to begin. `id` (UUIDv7) is made by whoever begins it and is its idempotency key; with `made_at` it began
    then."""

    model_config = shown_as(location_id=AN_ID, scope="full", blind=True)

    id: UUID = Field(default_factory=new_id)
    location_id: UUID
    scope: CountScope = "full"
    """Everything at the location, one group with the groups below it, or a list of variants."""
    group_id: UUID | None = None
    variant_ids: Annotated[list[UUID], Field(max_length=VARIANTS_MAX)] = Field(default_factory=list)
    blind: bool = False
    """Whoever counts does not see what the books say until the counting has ended."""
    note: LongText = ""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if (self.scope == "group") != (self.group_id is not None):
            raise ValueError("give group_id for the scope group, and only for it")
        if (self.scope == "list") != bool(self.variant_ids):
            raise ValueError("give variant_ids for the scope list, and only for it")
        return self


class EntryIn(Body):
    """What somebody counted of a variant on a shelf. `id` (UUIDv7) is its idempotency key."""

    model_config = shown_as(variant_id=AN_ID, quantity=7, shelf="A3")

    id: UUID = Field(default_factory=new_id)
    variant_id: UUID
    quantity: QuantityOrZero
    shelf: RecordedText = ""
    """Where it was counted; what stands on several shelves is added up."""
    recount: bool = False
    """It replaces what the same person entered before for this variant on this shelf; else it is added to it."""
    counted_at: Clock | None = None
    """When it was counted, by the device's clock, where that is not now: what the books said then counts.
    Before the count began is taken as its beginning, a moment that has not come yet as now."""


class EntriesIn(Told):
    """What was counted since the last time."""

    model_config = shown_as(entries=[{"variant_id": AN_ID, "quantity": 7, "shelf": "A3"}])

    id: UUID | None = None
    """Made by a register that records them; needed there."""
    entries: Annotated[list[EntryIn], Field(min_length=1, max_length=ENTRIES_MAX)]

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if len({entry.id for entry in self.entries}) != len(self.entries):
            raise ValueError("give each entry an id of its own")
        return self


class ReviewIn(Body):
    """The counting ends."""

    model_config = shown_as(uncounted="leave")

    uncounted: Uncounted = "leave"
    """Goods that the books have here and nobody counted: `leave` them as they are, or take them as `zero`:
    what came since the count began, more than was sold, stays."""


class CancelIn(Body):
    """Why a count is called off."""

    reason: Words


class EnteredOut(Shown):
    """What became of entries: how many of them the count has, and what they disagree with."""

    entries: int
    exceptions: list[dict[str, Any]]


class CountEntryOut(Shown):
    """One entry of a count, with who made it and when."""

    id: UUID
    variant_id: UUID
    variant_name: str
    sku: str
    quantity: Held = Field(validation_alias="quantity_milli")
    shelf: str
    recount: bool
    staff_id: UUID | None
    at: Moment


class CountLineOut(Shown):
    """What a count says of one variant so far."""

    variant_id: UUID
    variant_name: str
    sku: str
    unit: str
    counted: Held | None = Field(validation_alias="counted_milli")
    """All shelves and people together; empty where nobody counted it."""
    entries: int
    counted_at: Moment | None
    """When its last entry was made."""
    expected: Held | None = Field(
        default=None, validation_alias="expected_milli", exclude_if=lambda value: value is None
    )
    """What the books said at the moment of its last entry; what moves later changes nothing."""
    variance: Held | None = Field(
        default=None, validation_alias="variance_milli", exclude_if=lambda value: value is None
    )
    disturbed: bool | None = _HIDDEN
    """The books changed between its entries: whether what moved had been counted cannot be known. Count it again."""
    value: int | None = _HIDDEN
    """What the variance is worth; negative for a loss."""


class StockCountRow(Shown):
    """A count in a list. While it is being posted, `lines_done` of `lines_total` tells how far it has come."""

    id: UUID
    state: CountState
    location_id: UUID
    location_name: str
    branch_id: UUID
    scope: CountScope
    group_id: UUID | None
    blind: bool
    note: str
    overlapping: bool
    """Another count of the location was under way when a register told of this one. What both find is posted once."""
    uncounted: Uncounted | None
    started_by: UUID | None
    at: Moment
    posted_by: UUID | None
    lines_total: int
    lines_done: int
    business_date: date | None
    """On which day its movements count."""
    finished_at: Moment | None


class CountTotals(Shown):
    """What a count comes to so far."""

    counted: int
    """Variants with at least one entry."""
    uncounted: int
    """Variants that the books have here, that the count is about, and that nobody counted."""
    differing: int | None = _HIDDEN
    disturbed: int | None = _HIDDEN
    gain: int | None = _HIDDEN
    loss: int | None = _HIDDEN
    """What is too much and too little, valued at cost, both above zero."""


class CountOut(StockCountRow):
    """A count with what it comes to."""

    totals: CountTotals
    exceptions: list[dict[str, Any]]
    """What was recorded of it and is disputed; somebody settles it."""
