"""The shop and its settings on the wire."""

from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from duka.platform import versions
from duka.platform.wire import Body, LongText, Moment, Name, ShortText, Shown, shown_as
from duka.shops.settings import Language, Method, Module, ShopSettings


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("a time zone like Africa/Kampala")
    return name


Phone = Annotated[str, StringConstraints(min_length=5, max_length=40)]
StateCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
LogoHash = Annotated[
    str | None, Field(description="Names the logo by its content; another one, another name. Null: there is none.")
]
ZoneName = Annotated[str, StringConstraints(max_length=60), AfterValidator(_zone)]


class ShopEdit(versions.Edit):
    """A change of the shop or its settings. Settings that are not named stay as they are."""

    model_config = shown_as(version=3, address="Kampala Road 12", settings={"receipt_footer": "Thank you"})

    name: Name = versions.kept()
    kind: Annotated[str, StringConstraints(min_length=1, max_length=60)] = versions.kept()
    address: LongText = versions.kept()
    phone: Phone | None = None
    tax_id: ShortText | None = None
    """GSTIN, TIN...: stands on every invoice. A GSTIN is checked."""
    state_code: StateCode | None = None
    """The two digits of an Indian GST state; read from the GSTIN where there is one."""
    time_zone: ZoneName = versions.kept()
    currency: Currency = versions.kept()
    """Taken only if it is the one the shop has."""
    settings: ShopSettings = versions.kept()


class ShopOut(Shown):
    """The shop with all its settings, those at their default too."""

    id: UUID
    name: str
    slug: str
    kind: str
    address: str
    phone: str | None
    tax_id: str | None
    country: str
    state_code: str | None
    currency: str
    time_zone: str
    logo: LogoHash = None
    settings: ShopSettings
    version: int
    created_at: Moment
    updated_at: Moment


class LogoSent(Body):
    """A logo: a PNG or JPEG file of at most 512 kB and 4,000,000 pixels, and nothing beside it."""


class LogoOut(Shown):
    """Which logo the shop has now."""

    logo: LogoHash = None


class TillSettings(Shown):
    """What a till needs to know: the head of a receipt, how to take money, and the caller's own discount ceiling."""

    shop_id: UUID
    name: str
    address: str
    phone: str | None
    tax_id: str | None
    country: str
    state_code: str | None
    currency: str
    time_zone: str
    payment_policy: str
    payment_methods: tuple[Method, ...]
    credit_days: int
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
    language: Language
    modules: list[Module]
    logo: LogoHash = None
    discount_ceiling_bp: int
