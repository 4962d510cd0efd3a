"""The words about customers on the wire. Money is integer minor units of the shop's currency."""

from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, EmailStr, Field, StringConstraints

from duka.platform import versions
from duka.platform.money import Price
from duka.platform.wire import Body, Code, LongText, Moment, Name, ShortText, Shown, shown_as

Phone = Annotated[str, StringConstraints(min_length=3, max_length=40)]
Email = Annotated[EmailStr, StringConstraints(max_length=254)]
StateCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,3}$")]
IdNumber = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Za-z][0-9A-Za-z ./-]{1,39}$")]
"""Of an identity card, passport or licence. The signs that hide one are not among its signs: whoever was shown a hidden
number cannot send it back as the number."""
HIDDEN: Final = "••••••"
"""What is shown of an ID number to those who may not see it."""
TaxId = Annotated[str, StringConstraints(min_length=1, max_length=30)]
BornOn = Annotated[date, Field(ge=date(1900, 1, 1))]
Gender = Literal["female", "male", "other"]
Type = Literal["retail", "wholesale"]
Tags = Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=50)]], Field(max_length=20)]


class CustomerIn(Body):
    """A customer to register. `phone` may be typed in any local form; `id` may be made by the client (UUIDv7), and the
    same body sent again is then answered by the same customer."""

    model_config = shown_as(name="Mary Akinyi", phone="0772 123456")

    id: UUID | None = None
    name: Name
    phone: Phone | None = None
    email: Email | None = None
    address: ShortText = ""
    state_code: StateCode | None = None
    """In India the two digits of the GST state; read from the GSTIN where it is left out."""
    id_number: IdNumber | None = None
    """Of an identity card, passport or licence. Stored encrypted; shown only by the customer's profile, to those with
    `customers:update`."""
    born_on: BornOn | None = None
    gender: Gender | None = None
    notes: LongText = ""
    type: Type = "retail"
    tax_id: TaxId | None = None
    """GSTIN in India (checked), TIN elsewhere."""
    tags: Tags = Field(default_factory=list)
    credit_limit: Price = 0
    """How much the customer may owe. Setting it needs `customers:credit`."""
    external_ref: Code | None = None
    """The customer's number in another system; unique in the shop."""


class CustomerEdit(versions.Edit):
    """A change: absent fields stay as they are, null clears."""

    model_config = shown_as(version=3, phone="0772 123457")

    name: Name = versions.kept()
    phone: Phone | None = None
    email: Email | None = None
    address: ShortText | None = None
    state_code: StateCode | None = None
    id_number: IdNumber | None = None
    born_on: BornOn | None = None
    gender: Gender | None = None
    notes: LongText | None = None
    type: Type = versions.kept()
    tax_id: TaxId | None = None
    tags: Tags | None = None
    credit_limit: Price | None = None
    external_ref: Code | None = None
    active: bool = versions.kept()


class CustomerOut(Shown):
    """A registered customer. `phone` is E.164, `credit_limit` minor units."""

    model_config = ConfigDict(populate_by_name=True)

    id: UUID
    name: str
    phone: str | None
    email: str | None
    address: str
    state_code: str | None
    born_on: date | None
    gender: str | None
    notes: str
    type: Type
    tax_id: str | None
    tags: list[str]
    credit_limit: int = Field(validation_alias="credit_limit_minor")
    external_ref: str | None
    active: bool
    version: int
    created_at: Moment
    updated_at: Moment


class CustomerGone(Shown):
    """The customer that was deleted."""

    id: UUID
