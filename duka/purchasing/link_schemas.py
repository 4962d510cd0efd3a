"""The words between a shop and its supplier: how an order is sent, what the supplier sees of it and says to it."""

from datetime import date
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from duka.platform.quantity import QuantityOrZero
from duka.platform.wire import AN_ID, Body, Day, LongText, Moment, Shown, shown_as
from duka.purchasing.order_schemas import LINES_MAX
from duka.purchasing.rules import State
from duka.purchasing.schemas import HIDDEN, Email, Held


class SendOrderIn(Body):
    """How an order goes to the supplier."""

    model_config = shown_as(by="email", to="orders@example.com")

    by: Literal["email", "whatsapp"]
    to: Email | None = None
    """For `email`; else the supplier's own address."""


class OrderSent(Shown):
    """How the order went. By `email` it leaves by itself, and all fields are empty."""

    link: str | None = None
    """For `whatsapp`: where the supplier sees the order and says what comes. Shown once."""
    text: str | None = None
    """For `whatsapp`: a short text with the link in it, in the shop's language."""
    whatsapp: str | None = None
    """For `whatsapp`: the address that opens WhatsApp with the text, to the supplier's phone where there is one."""


class LinksEnded(Shown):
    """How many links were still good."""

    links: int


LinkToken = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_BEHIND_THE_HASH: Final = "AZejwlsefECabT8eiyxNUKc3mXb0dQh5vJ2uRk8sTzWgYpLoNfEiDcBa"


class LinkIn(Body):
    """A supplier's link."""

    model_config = shown_as(token=_BEHIND_THE_HASH)

    token: LinkToken
    """The part of the link behind its `#`."""


class AskedLine(Shown):
    """A line of an order as the supplier sees it. `price` is there only where the shop shows its prices."""

    id: UUID
    name: str = Field(validation_alias="variant_name")
    unit: str
    code: str | None = Field(validation_alias="supplier_code")
    pack_size: Held | None = Field(validation_alias="pack_size_milli")
    quantity: Held = Field(validation_alias="quantity_milli")
    expected_on: date | None
    confirmed: Held | None = Field(validation_alias="confirmed_milli")
    confirmed_on: date | None
    price: int | None = HIDDEN


class AskedOrder(Shown):
    """An order as the supplier sees it by its link: this order, who asks, and nothing else. Of one that was closed,
    cancelled or rejected there are no lines, total, note and place any more."""

    shop: str
    shop_phone: str | None
    language: str
    currency: str
    number: str
    state: State
    open: bool
    """Whether it may be confirmed now."""
    supplier_name: str
    place: str
    address: str
    """Where the goods are to arrive."""
    ordered_on: date | None
    expected_on: date | None
    note: str
    total: int | None = HIDDEN
    confirmed_at: Moment | None
    expires_at: Moment
    lines: list[AskedLine]


class ConfirmedLine(Body):
    """What comes of a line: how much altogether, and when (empty: as asked)."""

    id: UUID
    quantity: QuantityOrZero
    expected_on: Day | None = None


class ConfirmIn(Body):
    """What the supplier says will come. Lines that are not named stay as they were said before."""

    model_config = shown_as(lines=[{"id": AN_ID, "quantity": 20, "expected_on": "2026-01-20"}], note="Four next week.")

    lines: Annotated[list[ConfirmedLine], Field(min_length=1, max_length=LINES_MAX)]
    note: LongText = ""

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({line.id for line in self.lines}) < len(self.lines):
            raise ValueError("name each line once")
        return self


class ConfirmByLinkIn(ConfirmIn):
    """What a supplier says by their link will come."""

    model_config = shown_as(
        token=_BEHIND_THE_HASH, lines=[{"id": AN_ID, "quantity": 20, "expected_on": "2026-01-20"}],
        note="Four next week.",
    )  # fmt: skip

    token: LinkToken
    """The part of the link behind its `#`."""
