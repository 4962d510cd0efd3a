"""What a shop tells about its customers' purchases. Money is integer minor units of each sale's currency."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from duka.customers.schemas import CustomerOut
from duka.platform.wire import Body, Moment, Page, Shown


class CustomerListed(CustomerOut):
    """A customer with the number of their orders: sales that were neither cancelled nor reversed."""

    orders: int


class Purchase(Shown):
    """One sale in a customer's history. `credited` is what credit notes took back of `total`."""

    id: UUID
    number: str
    state: Literal["incomplete", "completed", "cancelled", "reversed"]
    business_date: date
    made_at: Moment
    currency: str
    total: int = Field(validation_alias="total_minor")
    paid: int = Field(validation_alias="paid_minor")
    credited: int = Field(validation_alias="credited_minor")
    branch_id: UUID
    staff_id: UUID | None
    customer_id: UUID | None
    version: int


class PurchaseSummary(Shown):
    """All purchases together, whoever in the shop made the sales. Cancelled and reversed ones do not count.

    `visits` are days with a purchase and `days_between_visits` their mean distance, half a day up, null before the
    second visit. `total` and `average` are of completed sales, less what was credited; the average is rounded half
    up.
    """

    count: int
    visits: int
    first_visit: date | None
    last_visit: date | None
    days_between_visits: int | None
    total: int
    average: int


class Favourite(Shown):
    """Something a customer buys again and again: in how many sales, and how much altogether."""

    variant_id: UUID | None
    description: str
    times: int
    quantity: float


class CustomerProfile(CustomerListed):
    """Everything the till wants to know of a customer at one look."""

    id_number: str | None
    """Of an identity card, passport or licence: whole for those with `customers:update`, for others only signs that say
    that there is one."""
    purchases: PurchaseSummary
    last_sales: list[Purchase]
    """The ten newest, of those the caller may see."""
    favourites: list[Favourite]
    """Up to five, out of the newest 500 sales."""


class PurchasePage(Page[Purchase]):
    """A page of a purchase history with its summary."""

    summary: PurchaseSummary


class AttachIn(Body):
    """Which customer a sale turns out to be of."""

    customer_id: UUID
