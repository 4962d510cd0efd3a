"""The words of signing up on the wire."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, EmailStr, Field, StringConstraints

from duka.onboarding.rules import RESERVED_SLUGS, SLUG_MAX
from duka.platform import money
from duka.platform.wire import Name, ShortText
from duka.shops import phones
from duka.shops.auth.passwords import Password
from duka.shops.auth.schemas import Country, DeviceIn, OneTime, Phone


def _known_currency(text: str) -> str:
    if text not in money.CURRENCIES:
        raise ValueError(f"one of {', '.join(sorted(money.CURRENCIES))}")
    return text


def _known_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone, like Africa/Kampala") from None
    return text


def _known_country(text: Any) -> Any:
    if not phones.is_country(text):
        raise ValueError("a country, like UG")
    return text


def _free_slug(text: str) -> str:
    if text in RESERVED_SLUGS:
        raise ValueError("this web name is reserved")
    return text


Currency = Annotated[str, StringConstraints(max_length=3), AfterValidator(_known_currency)]
Zone = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$"), AfterValidator(_known_zone)]
Slug = Annotated[
    str,
    StringConstraints(min_length=3, max_length=SLUG_MAX, pattern=r"^[a-z0-9](?:-?[a-z0-9])*$"),
    AfterValidator(_free_slug),
]


class SignUpIn(DeviceIn):
    """A new account with its first shop. What is left out follows from the phone's country."""

    code: OneTime = Field(description="The code that POST /api/auth/otp sent for `sign_up`.", examples=["482913"])
    phone: Phone = Field(examples=["0772 123456"])
    password: Password
    owner_name: Name = Field(examples=["Njeri Wanjiru"])
    email: EmailStr | None = Field(None, description="A code is sent there; PUT /api/me with it makes it yours.")
    shop_name: Name = Field(examples=["Njeri Phones"])
    kind: ShortText = Field("general", min_length=1, description="The kind of shop, in a word.", examples=["phones"])
    address: ShortText = ""
    tax_id: Annotated[str, StringConstraints(min_length=3, max_length=40)] | None = Field(
        None, description="TIN, or GSTIN in India."
    )
    state_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")] | None = Field(
        None, description="Indian GST state; read from the GSTIN where there is one."
    )
    country: Annotated[Country, AfterValidator(_known_country)] | None = Field(None, examples=["UG"])
    currency: Currency | None = None
    time_zone: Zone | None = None
    slug: Slug | None = Field(None, description="The shop's web name; made of its name when left out.")
