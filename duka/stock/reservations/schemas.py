"""The words of goods put aside on the wire. Quantities are numbers with up to 3 decimals."""

from uuid import UUID

from pydantic import Field

from duka.platform.ids import new_id
from duka.platform.quantity import Quantity
from duka.platform.wire import AN_ID, Body, Clock, LongText, Moment, shown_as
from duka.stock.reservations.models import Purpose, ReservationState
from duka.stock.schemas import GoodsHere, Held


class ReservationIn(Body):
    """Goods to put aside for somebody. `id` (UUIDv7) is made by whoever does it and is its idempotency key."""

    model_config = shown_as(variant_id=AN_ID, quantity=1, note="Fetches it on Friday")

    id: UUID = Field(default_factory=new_id)
    variant_id: UUID
    location_id: UUID | None = None
    """Where they stand; left out, the showroom of the caller's branch, or of the shop that has only one."""
    quantity: Quantity
    customer_id: UUID | None = None
    """A registered customer; names and phones are not kept here."""
    note: LongText = ""
    until: Clock | None = None
    """When they go back on sale by themselves; left out, when somebody releases them."""


class ReservationOut(GoodsHere):
    """Goods that are put aside, or were."""

    id: UUID
    state: ReservationState
    """`open`; then `taken` (handed over), `released` (on sale again) or `expired` (not fetched in time)."""
    purpose: Purpose
    document_id: UUID
    """The cart, sale, order or repair they are for; the reservation's own id where it was made by hand."""
    quantity: Held = Field(validation_alias="quantity_milli")
    customer_id: UUID | None
    note: str
    until: Moment | None
    made_by: UUID | None
    at: Moment
    closed_by: UUID | None
    closed_at: Moment | None
