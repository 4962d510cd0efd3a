"""The words of sets on the wire: how many can be had, and what is built beforehand. Money is minor units."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from duka.platform.ids import new_id
from duka.platform.wire import AN_ID, Body, LongText, Moment, Shown, shown_as
from duka.stock.schemas import Held
from duka.stock.units.schemas import UNSAID, Serials

SETS_MAX = 10_000


class PiecesIn(Body):
    """Which pieces of a component with serial numbers go into the sets, or come out of them."""

    variant_id: UUID
    serials: Serials


class AssemblyIn(Body):
    """Sets to build of their components, or to take apart. `id` (UUIDv7) is made by whoever asks and is its idempotency
    key for ever."""

    model_config = shown_as(variant_id=AN_ID, way="build", quantity=10, note="for Christmas")

    id: UUID = Field(default_factory=new_id)
    variant_id: UUID
    """The set."""
    way: Literal["build", "take_apart"] = "build"
    """`build` puts components together to sets, `take_apart` makes them components again."""
    quantity: Annotated[int, Field(strict=True, ge=1, le=SETS_MAX)]
    """How many whole sets."""
    location_id: UUID | None = None
    """Where; else the showroom of the caller's branch, or of the shop that has only one."""
    note: LongText = ""
    pieces: Annotated[list[PiecesIn], Field(max_length=50)] = Field(default_factory=list)
    """For components with serial numbers. Taken apart and not named, they are pieces without one."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({each.variant_id for each in self.pieces}) < len(self.pieces):
            raise ValueError("name each component once")
        return self


class AssemblyLineOut(Shown):
    """What went in (above zero) or out with an assembly, the set itself among it."""

    variant_id: UUID
    variant_name: str
    unit: str
    quantity: Held = Field(validation_alias="quantity_milli")
    value: int | None = UNSAID
    """What it was worth; only for those with `products:cost`. All lines come to nothing."""


class AssemblyOut(Shown):
    """Sets that were built, or taken apart."""

    id: UUID
    variant_id: UUID
    variant_name: str
    product_id: UUID
    way: Literal["build", "take_apart"]
    quantity: int
    location_id: UUID
    location_name: str
    branch_id: UUID
    note: str
    staff_id: UUID | None
    business_date: date
    at: Moment
    lines: list[AssemblyLineOut]


class ComponentShown(Shown):
    """What is in one set."""

    variant_id: UUID
    product_id: UUID
    name: str
    sku: str
    unit: str
    tracking: Literal["none", "quantity", "batch", "serial"]
    quantity: Held = Field(validation_alias="quantity_milli")


class SetsHere(Shown):
    """How many whole sets the components at a location are enough for, and which of them is the first to run out.
    `ready` are sets that were built already."""

    location_id: UUID
    location_name: str
    branch_id: UUID
    can_make: int
    scarce: str
    ready: Held = Field(validation_alias="ready_milli")


class SetOut(Shown):
    """One variant of a product and what it is made of; without components it is no set."""

    variant_id: UUID
    name: str
    version: int
    """The variant's, for a change of its components."""
    built_beforehand: bool
    """Its own stock is followed: sets are built, then sold. Else each sale takes the components."""
    components: list[ComponentShown]
    stock: list[SetsHere] | None = UNSAID
    """Only for those with `stock:read`; locations where nothing of it ever stood are left out."""


class PartOf(Shown):
    """A set that one of the product's variants is in."""

    variant_id: UUID
    product_id: UUID
    name: str


class SetsOut(Shown):
    """What a product's variants are made of, how many can be had where, and which sets the product itself is in."""

    sets: list[SetOut]
    part_of: list[PartOf]
