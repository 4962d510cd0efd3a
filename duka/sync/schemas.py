"""The rows that devices keep. Money is integer minor units (`_minor`), quantities integer thousandths (`_milli`)."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from duka.platform.wire import Moment, Shown
from duka.purchasing.order_schemas import OrderOut
from duka.sales.carts.schemas import CartOut
from duka.sales.lists.schemas import SaleWhole
from duka.stock.counts.schemas import CountOut
from duka.stock.transfers.schemas import TransferOut, TransferPlaceOut
from duka.stock.units.schemas import UNSAID


class Row(BaseModel):
    """A row as it leaves; it has these fields and no others."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class PriceRow(Row):
    """A price from a moment on."""

    price_minor: int
    tax_included: bool
    valid_from: Moment


class ComponentRow(Row):
    """How much of a variant is in one set."""

    variant_id: UUID
    quantity_milli: int


class ItemRow(Row):
    """Something that is sold: a variant with what its product says."""

    id: UUID
    product_id: UUID
    name: str
    sku: str
    barcodes: list[str]
    group_id: UUID | None
    unit: str
    hsn: str | None
    kind: Literal["goods", "service"]
    tracking: Literal["none", "quantity", "batch", "serial"]
    active: bool
    """False: no longer sold."""
    tax_class_id: UUID
    prices: list[PriceRow]
    """The price in force and those to come, the oldest first; of two that begin together the later one counts."""
    min_stock_milli: int
    favourite: bool
    """Tills show it as a button."""
    components: list[ComponentRow] | None = UNSAID
    """Of a set that each sale takes out of stock in its components: what one is made of."""


class GroupRow(Row):
    """A group of products."""

    id: UUID
    name: str
    parent_id: UUID | None
    position: int


class RateRow(Row):
    """A tax rate from a day on."""

    kind: Literal["gst", "vat", "cess"]
    code: str
    rate_bp: int
    valid_from: date


class TaxClassRow(Row):
    """A tax class with all its rates, past and future."""

    id: UUID
    name: str
    treatment: Literal["taxed", "zero", "exempt", "nil"]
    active: bool
    rates: list[RateRow]


class BatchRow(Row):
    """What is left of a batch at a location."""

    number: str
    expires_on: date | None
    quantity_milli: int


class StockRow(Row):
    """What is left of a variant at a location."""

    variant_id: UUID
    location_id: UUID
    quantity_milli: int
    reserved_milli: int | None = UNSAID
    """How much of it is put aside for others, where some is."""
    serials: list[list[str]] | None = UNSAID
    """Of goods with serial numbers: the numbers of each piece that stands there."""
    batches: list[BatchRow] | None = UNSAID
    """Of goods with batches: those of which something stands there, the first to expire first."""


class CustomerRow(Row):
    """A registered customer, and what they owe."""

    id: UUID
    name: str
    phone: str | None
    type: Literal["retail", "wholesale"]
    tax_id: str | None
    state_code: str | None
    credit_limit_minor: int
    owed_minor: int
    external_ref: str | None
    active: bool


class PinRow(Row):
    """What checks a PIN without a network: PBKDF2 with HMAC-SHA-256, a hash of 32 bytes, hexadecimal."""

    salt: str
    iterations: int
    hash: str


class StaffRow(Row):
    """A colleague: what they may do, for the till they take a turn at."""

    id: UUID
    name: str
    role_name: str
    branch_id: UUID | None
    permissions: dict[str, Literal["own", "branch", "shop"]]
    discount_ceiling_bp: int
    pin: PinRow | None
    """Only for the device of a till in their branch."""
    status: Literal["active", "suspended"]


class BranchRow(Row):
    """A branch, with what its receipts say. The showroom is where its tills sell from."""

    id: UUID
    name: str
    phone: str | None
    address: str
    active: bool
    state_code: str | None
    tax_id: str | None
    showroom_location_id: UUID | None


class SeriesRow(Row):
    """How far the numbers of a till's series have come at the server."""

    kind: Literal["invoice", "credit_note", "debit_note"]
    code: str
    financial_year: str
    highest_seen: int
    head_hash: str
    """The hash of document `highest_seen`, hexadecimal; zeros before the first."""


class RegisterRow(Row):
    """A till."""

    id: UUID
    branch_id: UUID
    code: str
    codes: dict[str, str]
    name: str
    kind: Literal["installation", "server"]
    closed_at: Moment | None
    replaced_at: Moment | None
    series: list[SeriesRow]


class SettingsRow(Row):
    """The shop: the head of its receipts, how it takes money, and the caller's own discount ceiling."""

    id: Literal["shop"]
    shop_id: UUID
    name: str
    address: str
    phone: str | None
    tax_id: str | None
    country: str
    state_code: str | None
    currency: str
    time_zone: str
    logo: str | None = None
    """Names the logo of `GET /api/settings/logo` by its content; null: there is none."""
    payment_policy: str
    payment_methods: list[str]
    credit_days: int
    review_sales: bool
    negative_stock: bool
    open_items: bool
    return_window_days: int
    tax_included: bool
    cash_rounding_minor: int
    day_start_minutes: int
    financial_year_month: int
    receipt_header: str
    receipt_footer: str
    receipt_layout: str
    upi_id: str
    scale_codes: list[str]
    language: str
    modules: list[str]
    discount_ceiling_bp: int


class CountRow(Row):
    """A figure that asks for attention."""

    id: Literal["n"]
    count: int


Gone = Annotated[list[UUID], Field(description="Ids to drop.")]


class ItemChanges(Row):
    """Items."""

    kind: Literal["item"]
    rows: list[ItemRow]
    gone: Gone


class GroupChanges(Row):
    """Groups."""

    kind: Literal["group"]
    rows: list[GroupRow]
    gone: Gone


class TaxClassChanges(Row):
    """Tax classes."""

    kind: Literal["tax_class"]
    rows: list[TaxClassRow]
    gone: Gone


class StockChanges(Row):
    """Balances."""

    kind: Literal["stock"]
    rows: list[StockRow]
    gone: Gone


class CustomerChanges(Row):
    """Customers."""

    kind: Literal["customer"]
    rows: list[CustomerRow]
    gone: Gone


class StaffChanges(Row):
    """Staff."""

    kind: Literal["staff"]
    rows: list[StaffRow]
    gone: Gone


class BranchChanges(Row):
    """Branches."""

    kind: Literal["branch"]
    rows: list[BranchRow]
    gone: Gone


class RegisterChanges(Row):
    """Tills."""

    kind: Literal["register"]
    rows: list[RegisterRow]
    gone: Gone


class SettingsChanges(Row):
    """The shop."""

    kind: Literal["settings"]
    rows: list[SettingsRow]
    gone: Gone


class SaleChanges(Row):
    """Sales, as each is shown by itself, without costs and margins."""

    kind: Literal["sale"]
    rows: list[SaleWhole]
    gone: Gone


class CartChanges(Row):
    """Carts that wait to be taken up."""

    kind: Literal["cart"]
    rows: list[CartOut]
    gone: Gone


class CountChanges(Row):
    """How many exceptions and damaged documents wait; how many notifications the person has not read."""

    kind: Literal["exception_count", "notification_count"]
    rows: list[CountRow]
    gone: Gone


Change = Annotated[
    ItemChanges | GroupChanges | TaxClassChanges | StockChanges | CustomerChanges | StaffChanges | BranchChanges
    | RegisterChanges | SettingsChanges | SaleChanges | CartChanges | CountChanges,
    Field(discriminator="kind"),
]  # fmt: skip


class Changes(Row):
    """A page of what a device keeps."""

    changes: list[Change]
    cursor: str
    more: bool
    """Ask again at once."""
    total: int | None
    """Rows of the whole first load, while it runs."""
    server_time: Moment
    business_date: date


class SupplierNamed(Shown):
    """Whom goods come from."""

    id: UUID
    name: str
    contact: str


class FieldWork(Shown):
    """What is needed to receive, count and move goods without a network."""

    places: list[TransferPlaceOut]
    suppliers: list[SupplierNamed]
    orders: list[OrderOut]
    transfers: list[TransferOut]
    counts: list[CountOut]
