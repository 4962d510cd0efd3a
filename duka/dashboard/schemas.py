"""The dashboard on the wire. A part that the reader's role does not reach is null."""

from datetime import date
from uuid import UUID

from pydantic import Field

from duka.platform.wire import Moment, Shown


class Day(Shown):
    """What was sold on one business day; money in minor units."""

    date: date
    count: int = Field(description="Completed sales, also those reversed later.")
    total: int = Field(description="With taxes and rounding, debit notes included.")
    net: int = Field(description="Without taxes.")
    tax: int
    discount: int
    credited: int = Field(description="Taken back by credit notes of the day.")
    average: int = Field(description="Total of one sale; 0 on a day without any.")
    profit: int | None = Field(description="Net less cost of goods, before returns; null without `sales:margins`.")


class MethodTaken(Shown):
    """What came in today by one method, less what went out."""

    method: str
    count: int = Field(description="Payments taken.")
    amount: int


class TopItem(Shown):
    """One of the items that brought the most today."""

    variant_id: UUID
    name: str
    quantity: float
    total: int


class BranchToday(Shown):
    """What one branch sold today."""

    branch_id: UUID
    name: str
    count: int
    total: int


class SalesPart(Shown):
    """Today beside the days before it."""

    today: Day
    yesterday: Day
    last_week: Day = Field(description="The same weekday a week ago.")
    days: list[Day] = Field(description="The last 14 days, today last.")
    methods: list[MethodTaken]
    top_items: list[TopItem]
    branches: list[BranchToday]


class MonthPart(Shown):
    """This month so far."""

    since: date
    count: int
    total: int
    net: int
    tax: int = Field(description="Charged on invoices and debit notes, less what credit notes gave back.")
    credited: int
    profit: int | None = Field(description="Null without `sales:margins`.")


class OwedPart(Shown):
    """What customers owe on completed sales."""

    count: int
    amount: int
    overdue: int = Field(description="The part of the amount that was due before today.")


class AttentionPart(Shown):
    """What waits for somebody; null where it is not for the reader. Counted up to 1,000."""

    exceptions: int | None
    set_aside: int | None
    reviews: int | None


class OpenDrawer(Shown):
    """A drawer that is open now."""

    id: UUID
    register_id: UUID
    register_code: str
    register_name: str
    opened_by: UUID
    opened_by_name: str
    opened_at: Moment
    business_date: date
    float_: int = Field(serialization_alias="float", validation_alias="float", description="The cash it began with.")


class MinePart(Shown):
    """The reader's own day at the till."""

    count: int
    total: int
    held_carts: int = Field(description="Carts put aside in the branch, by whomever.")
    drawer: OpenDrawer | None


class MovementShown(Shown):
    """One of the newest movements of stock."""

    id: UUID
    variant_id: UUID
    name: str
    location_id: UUID
    kind: str
    quantity: float
    at: Moment


class StockPart(Shown):
    """What to look after on the shelves."""

    low: int = Field(description="Items at their warning level or below, at each place.")
    negative: int = Field(description="Items of which less than nothing is there.")
    movements: list[MovementShown] = Field(description="The ten newest.")


class DashboardOut(Shown):
    """How the shop stands."""

    business_date: date
    currency: str
    branch_id: UUID | None = Field(description="The branch it was narrowed to.")
    sales: SalesPart | None
    month: MonthPart | None
    owed: OwedPart | None
    attention: AttentionPart
    drawers: list[OpenDrawer] | None
    mine: MinePart | None
    stock: StockPart | None
