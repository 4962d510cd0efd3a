"""Signing up."""

from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from duka.catalog import furnishing as catalog
from duka.customers import rules as tax_ids
from duka.ledger import furnishing as ledger
from duka.onboarding import rules
from duka.onboarding.schemas import SignUpIn
from duka.platform.db import constraint_name
from duka.platform.edge import Visitor
from duka.platform.errors import Busy, DukaError, ValidationError
from duka.shops import founding, phones
from duka.shops.auth import accounts, codes, logins, notices, passwords, sessions
from duka.shops.auth.logins import LoggedIn

_GST_STATE_DIGITS: Final = 2
_SLUGS_TRIED: Final = 3


@dataclass(eq=False)
class SlugTaken(DukaError):
    """Another shop has this web name."""

    text: ClassVar[str] = "Another shop has the web name {slug}. Choose another."
    slug: str


async def sign_up(visitor: Visitor, body: SignUpIn) -> LoggedIn:
    """Make an account with its shop, whole, and log it in; the person proved by a code that the phone is theirs.

    PhoneNotValid, PasswordTooWeak, CodeNotValid; only after a right code AccountExists, SlugTaken, TaxIdNotValid.
    """
    phone = phones.e164(body.phone, body.country)
    passwords.check_strength(body.password, (body.owner_name, body.shop_name, phone, body.email))
    await codes.spend(visitor, phone, "sign_up", body.code)
    if await accounts.find(visitor, accounts.Login(phone)) is not None:
        raise accounts.AccountExists
    details = await _details(visitor, body, phone)
    account = await accounts.make(visitor, body.owner_name, phone, body.password)
    await _open(visitor, account.id, details, owner_name=body.owner_name, asked_slug=body.slug)
    if body.email:
        await notices.mail_code(visitor, body.email)
    device = sessions.device_of(visitor, body.device_id, body.device_name)
    return await logins.let_in(visitor, account, device, remember=body.remember)


async def _open(
    visitor: Visitor, account_id: UUID, details: founding.ShopDetails, *, owner_name: str, asked_slug: str | None
) -> None:
    try:
        ctx = await founding.found(visitor.db, details, account_id, owner_name, visitor.caller, visitor.now)
    except IntegrityError as broken:
        if constraint_name(broken) != "uq_shop_directory_slug":
            raise
        raise (SlugTaken(slug=details.slug) if asked_slug else Busy()) from None
    await catalog.furnish(ctx, details.country, registered=details.tax_id is not None)
    await ledger.open_books(ctx)


async def _details(visitor: Visitor, body: SignUpIn, phone: str) -> founding.ShopDetails:
    country = body.country or phones.country_of(phone) or phones.DEFAULT_COUNTRY
    home = rules.home(country)
    tax_id = tax_ids.tax_id(body.tax_id, country) if body.tax_id else None
    state_code = body.state_code
    if country == "IN" and tax_id:
        if state_code not in (None, tax_id[:_GST_STATE_DIGITS]):
            raise ValidationError(fields={"state_code": ["The GSTIN is of another state."]})
        state_code = tax_id[:_GST_STATE_DIGITS]
    return founding.ShopDetails(
        name=body.shop_name, slug=await _slug(visitor, body), kind=body.kind, country=country,
        currency=body.currency or home.currency, time_zone=body.time_zone or home.time_zone, address=body.address,
        phone=phone, state_code=state_code, tax_id=tax_id,
        settings={
            "financial_year_month": home.financial_year_month, "language": visitor.caller.language,
            **({"payment_methods": home.payment_methods} if home.payment_methods else {}),
        },
    )  # fmt: skip


async def _slug(visitor: Visitor, body: SignUpIn) -> str:
    wanted = body.slug or rules.slug(body.shop_name)
    candidates = [wanted] if body.slug else [wanted, *(rules.another(wanted) for _ in range(_SLUGS_TRIED))]
    taken = await founding.taken_slugs(visitor.db, candidates)
    free = next((candidate for candidate in candidates if candidate not in taken), None)
    if free is None:
        raise SlugTaken(slug=wanted)
    return free
