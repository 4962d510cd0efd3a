"""What can be said of a customer without asking the database: how names compare, what makes a tax number."""

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar, Final

from stdnum.exceptions import ValidationError as NotValid
from stdnum.in_ import gstin

from duka.platform.errors import DukaError

_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_SPACES: Final = re.compile(r"\s+")
_LIKE_SIGNS: Final = re.compile(r"([\\%_])")


@dataclass(eq=False)
class TaxIdNotValid(DukaError):
    """The tax number is not written as the shop's country writes them, or its check character is wrong."""

    text: ClassVar[str] = "This tax number is not valid. Check it against the customer's certificate."
    field: str = "tax_id"


def fold(text: str) -> str:
    """Write a text as it is compared: lower case, one space between words, Latin letters without accents.

    Vowel signs of other scripts stay, for without them other words remain.
    """
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())
    return _SPACES.sub(" ", unicodedata.normalize("NFC", bare)).strip()


def search_text(name: str, phone: str | None, email: str | None) -> str:
    """Give what a customer is found by: folded name, phone and e-mail."""
    return " ".join(fold(part) for part in (name, phone, email) if part)


def part(text: str) -> str:
    """Give the LIKE pattern of texts that hold `text`, whose own `%` and `_` stand for themselves."""
    return "%" + _LIKE_SIGNS.sub(r"\\\1", text) + "%"


def phone_digits(text: str) -> str:
    """Give the digits that a stored phone must hold to match a part typed in any local form, or "" for no digits.

    A leading 0 is dialled inside the country only; the stored number has the country code in its place.
    """
    digits = "".join(str(unicodedata.decimal(sign)) for sign in text if unicodedata.decimal(sign, None) is not None)
    return digits.lstrip("0")


def tax_id(text: str, country: str) -> str:
    """Check a tax number and write it without spaces, in capitals. In India it is a GSTIN (15 characters with a check
    character, as the GST rules define it); of other countries no check is known here. TaxIdNotValid."""
    if country != "IN":
        return _SPACES.sub("", text).upper()
    try:
        return str(gstin.validate(text))
    except NotValid:
        raise TaxIdNotValid from None
