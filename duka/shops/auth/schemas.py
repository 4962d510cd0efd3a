"""The words of logging in on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import EmailStr, Field, StringConstraints, model_validator

from duka.platform import versions
from duka.platform.context import Scope
from duka.platform.wire import Body, Moment, Name, Shown, shown_as
from duka.shops.auth.passwords import Password

Pin = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,6}$")]
"""Four to six digits."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$", to_upper=True)]
"""ISO 3166, two letters: where a phone written without country code belongs."""
Phone = Annotated[str, StringConstraints(min_length=3, max_length=40)]
LoginText = Annotated[str, StringConstraints(min_length=3, max_length=254)]
OneTime = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
LinkToken = Annotated[str, StringConstraints(min_length=65, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]
DeviceName = Annotated[str, StringConstraints(max_length=100)]
Language = Literal["en", "sw", "lg", "hi", "fr", "ar"]


class OtpIn(Body):
    """Ask for a code by SMS."""

    phone: Phone = Field(examples=["0772 123456"])
    purpose: Literal["sign_up", "password_reset", "change_phone"]
    country: Country | None = Field(None, examples=["UG"])


class OtpOut(Shown):
    """What was sent. `code` only on a demo or development server."""

    phone: str
    expires_in: int = Field(description="Seconds the code is good for.")
    resend_in: int = Field(description="Seconds until another may be asked for.")
    code: str | None = None


class DeviceIn(Body):
    """Which device a person logs in on. `device_id` is made once by each installation of the app and kept; logging in
    with it again goes on with that device's login. `cookie`: keep the refresh token in a cookie that scripts cannot
    read, for browsers; else it is in the answer."""

    device_id: UUID | None = None
    device_name: DeviceName | None = Field(None, examples=["Counter tablet"])
    remember: bool = Field(False, description="Stay logged in for 30 days without use instead of 7.")
    cookie: bool = False


class LoginIn(DeviceIn):
    """A phone or e-mail, and the password."""

    login: LoginText = Field(examples=["0772 123456"])
    """The phone number, as it is dialled in `country` or with +, or the e-mail address."""
    password: Password
    country: Country | None = None


class AccountOut(Shown):
    """A person."""

    id: UUID
    name: str
    phone: str | None
    email: str | None
    language: str


class MeOut(AccountOut):
    """Me; send `version` back with a change."""

    version: int
    created_at: Moment


class PlaceOut(Shown):
    """A shop I work in and what I am there. A suspended place cannot be entered."""

    shop_id: UUID
    name: str
    slug: str
    staff_id: UUID
    role: str
    preset: str | None
    branch_id: UUID | None
    status: str


class TokensOut(Shown):
    """How to stay logged in: `access_token` goes into the header `Authorization: Bearer` and is good for `expires_in`
    seconds; `refresh_token` (null when it is in the cookie) gets the next one until `expires_at`."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of RFC 6750
    expires_in: int
    refresh_token: str | None
    expires_at: Moment
    session_id: UUID
    device_id: UUID


class LoggedInOut(TokensOut):
    """Tokens, and who and where I am."""

    account: AccountOut
    shops: list[PlaceOut]


class RefreshIn(Body):
    """The refresh token (or none, when it is in the cookie) and an id of this request. Repeat a request whose answer
    was lost with the same `request_id` within 60 seconds; the same token with another id ends the login."""

    model_config = shown_as(refresh_token="Jntg8Z1qvIwwv2m8zcWSIa-AEk70NBHPLOjrXlqpM7I", request_id="till-7-0001")

    refresh_token: Annotated[str, StringConstraints(min_length=20, max_length=200)] | None = None
    request_id: Annotated[str, StringConstraints(min_length=8, max_length=100)] | None = None


class LogoutIn(Body):
    """The refresh token of the login to end; none when it is in the cookie, or when the access token is sent."""

    model_config = shown_as(refresh_token="Jntg8Z1qvIwwv2m8zcWSIa-AEk70NBHPLOjrXlqpM7I")

    refresh_token: Annotated[str, StringConstraints(min_length=20, max_length=200)] | None = None


class SessionOut(Shown):
    """A device on which I am logged in."""

    id: UUID
    device_id: UUID
    device_name: str
    platform: str
    ip: str | None
    created_at: Moment
    last_seen_at: Moment
    expires_at: Moment
    current: bool = Field(False, description="Whether it is the device that asks.")


class ForgotIn(Body):
    """The phone or e-mail of who forgot their password."""

    login: LoginText
    country: Country | None = None


class ResetIn(Body):
    """A new password with the proof that it may be set: the `token` from the link, or `login` (the phone) and the
    `code` from the SMS."""

    model_config = shown_as(login="+256772123456", code="482913", password="seven green kettles")

    token: LinkToken | None = None
    login: LoginText | None = None
    code: OneTime | None = None
    country: Country | None = None
    password: Password

    @model_validator(mode="after")
    def _one_proof(self) -> "ResetIn":
        if (self.token is None) == (self.code is None) or (self.code is not None and self.login is None):
            raise ValueError("Send token, or login and code.")
        return self


class MeEdit(versions.Edit):
    """What changes about me. Another `phone` needs `phone_code` (POST /api/auth/otp sends it, purpose change_phone)
    and `password`; another `email` needs `email_code` (POST /api/me/email sends it) and `password`."""

    model_config = shown_as(version=3, name="Njeri Wanjiru", language="sw")

    name: Name = versions.kept()
    language: Language = versions.kept()
    phone: Phone = versions.kept()
    email: EmailStr | None = None
    country: Country | None = None
    phone_code: OneTime | None = None
    email_code: OneTime | None = None
    password: Password | None = None


class EmailIn(Body):
    """The address I want to be reached at."""

    email: EmailStr
    password: Password


class PasswordIn(Body):
    """My password now, and the one I want."""

    current_password: Password
    password: Password


class PinIn(Body):
    """The PIN I want, and my password now."""

    model_config = shown_as(pin="4071", current_password="three blue cables")

    pin: Pin
    current_password: Password


class ShopOut(Shown):
    """The shop I am in."""

    id: UUID
    name: str
    slug: str
    kind: str
    country: str
    state_code: str | None
    currency: str
    time_zone: str


class WhoOut(Shown):
    """Who I am in this shop and what I may do: each permission with its scope. `account` is null for an API key."""

    account: AccountOut | None
    shop: ShopOut
    staff_id: UUID | None
    staff_name: str
    role: str | None
    preset: str | None
    branch_id: UUID | None
    permissions: dict[str, Scope]
    discount_ceiling_bp: int
