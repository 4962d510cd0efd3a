"""Finding an account by what a person types, and changing what it is reached by."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError

from duka.platform.db import constraint_name
from duka.platform.edge import Visitor
from duka.platform.errors import DukaError, Unauthenticated
from duka.platform.ids import new_id
from duka.shops import phones
from duka.shops.auth import passwords
from duka.shops.models import Account


@dataclass(eq=False)
class AccountExists(DukaError):
    """There is an account with this phone. Only told to who proved that the phone is theirs."""

    text: ClassVar[str] = "There is an account with this phone already. Log in, or set a new password."


@dataclass(eq=False)
class EmailTaken(DukaError):
    """Another account has this e-mail. Only told to who proved that the address is theirs."""

    text: ClassVar[str] = "Another account has this e-mail."


@dataclass(frozen=True, slots=True)
class Login:
    """What a person logs in with: a phone (E.164) or an e-mail, in the form it is compared in."""

    text: str

    @property
    def is_email(self) -> bool:
        """Whether it is an e-mail; else it is a phone, or nothing that can be anybody's."""
        return "@" in self.text

    @property
    def is_phone(self) -> bool:
        """Whether it is a phone."""
        return self.text.startswith("+") and not self.is_email


def login_of(text: str, country: str | None) -> Login:
    """Read what was typed; a text that is neither phone nor e-mail is a login that nobody has."""
    if "@" in text:
        return Login(text.lower())
    try:
        return Login(phones.e164(text, country))
    except phones.PhoneNotValid:
        return Login(text.removeprefix("+"))


def has(login: Login) -> ColumnElement[bool]:
    """Give the condition that an account is reached by the login."""
    return func.lower(Account.email) == login.text.lower() if login.is_email else Account.phone == login.text


async def make(visitor: Visitor, name: str, phone: str, password: str) -> Account:
    """Make the account of a person whose phone is proven. AccountExists when somebody else was quicker."""
    account = Account(
        id=new_id(), name=name, phone=phone, email=None, language=visitor.caller.language, version=1,
        password_hash=await passwords.make_hash(password), created_at=visitor.now,
    )  # fmt: skip
    visitor.db.add(account)
    with refusing_taken():
        await visitor.db.flush()
    return account


async def held(visitor: Visitor, account_id: UUID) -> Account:
    """Give an account and keep others from changing it until the transaction ends. Unauthenticated if it is gone."""
    account = await visitor.db.get(Account, account_id, with_for_update=True, populate_existing=True)
    if account is None:
        raise Unauthenticated
    return account


async def find(visitor: Visitor, login: Login) -> Account | None:
    """Give the account of a login, kept as by `held`; None for a login that nobody has."""
    query = select(Account).where(has(login)).with_for_update().execution_options(populate_existing=True)
    return (await visitor.db.scalars(query)).one_or_none()


@contextmanager
def refusing_taken() -> Iterator[None]:
    """Turn a phone or e-mail that another account has into its own error. The block sends its changes itself."""
    try:
        yield
    except IntegrityError as broken:
        match constraint_name(broken):
            case "uq_accounts_phone":
                raise AccountExists from None
            case "uq_accounts_email":
                raise EmailTaken from None
        raise
