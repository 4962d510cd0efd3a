"""The words of who took a piece or a batch."""

from datetime import date
from uuid import UUID

from pydantic import Field

from duka.platform.wire import Shown
from duka.stock.schemas import Held
from duka.stock.units.schemas import PartOut, UnitOut


class UnitStepOut(PartOut):
    """One step of a piece's way. A sale or its return has the document's number and the customer."""

    number: str | None
    sale_id: UUID | None
    customer_id: UUID | None


class UnitWhole(UnitOut):
    """A piece with its way, the oldest step first."""

    history: list[UnitStepOut]


class BuyerOut(Shown):
    """A sale that took some of a batch, and how much of it came back."""

    sale_id: UUID
    number: str
    business_date: date
    branch_id: UUID
    customer_id: UUID | None
    name: str | None
    """As the buyer was called then; only for those with `customers:read`, as the phone."""
    phone: str | None
    sold: Held = Field(validation_alias="sold_milli")
    returned: Held = Field(validation_alias="returned_milli")
