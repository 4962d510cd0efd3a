"""The words of carts on the wire: lines as a sale takes them, under a name somebody will recognize."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from duka.platform import versions
from duka.platform.ids import new_id
from duka.platform.wire import AN_ID, Body, LongText, Moment, Name, Shown, shown_as
from duka.sales.rules import LINES_MAX
from duka.sales.schemas import DiscountIn, LineIn


class CartContent(Body):
    """What lies in a cart. A registered customer goes by id; names and phones are not kept in carts."""

    lines: Annotated[list[LineIn], Field(max_length=LINES_MAX)] = Field(default_factory=list)
    customer_id: UUID | None = None
    discount: DiscountIn | None = None
    note: LongText | None = None


class CartIn(Body):
    """A cart put down at the server, so that it survives the device. `id` is made by whoever makes the cart."""

    id: UUID = Field(default_factory=new_id)
    name: Name
    branch_id: UUID | None = None
    """Left out: the caller's branch, or the shop's only one."""
    content: CartContent = Field(default_factory=CartContent)


class CartEdit(versions.Edit):
    """A change of a cart."""

    model_config = shown_as(version=3, content={"lines": [{"variant_id": AN_ID, "quantity": 2}]})

    name: Name = versions.kept()
    content: CartContent = versions.kept()


class CartOut(Shown):
    """A cart. `held` waits for any till of the branch; `taken` was taken up by somebody; `open` is still filled."""

    id: UUID
    state: Literal["open", "held", "taken"]
    name: str
    branch_id: UUID
    content: CartContent
    held_by: UUID | None
    held_at: Moment | None
    taken_by: UUID | None
    taken_at: Moment | None
    version: int
    created_at: Moment
    updated_at: Moment
