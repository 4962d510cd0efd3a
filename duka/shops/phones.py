"""Phone numbers: any form a person writes, one form in the database (E.164)."""

from dataclasses import dataclass
from typing import ClassVar, Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from duka.platform.errors import DukaError

DEFAULT_COUNTRY: Final = "UG"
"""The country of a number that names none, where nothing else tells."""
_LENGTH_MAX: Final = 40


@dataclass(eq=False)
class PhoneNotValid(DukaError):
    """The text is no phone number that can be called from another country."""

    text: ClassVar[str] = "This is not a phone number. Write it with its country code, like +256 772 123456."
    phone: str


def e164(text: str, country: str | None = None) -> str:
    """Write a phone number the one way it is stored: `0772 123456` in Uganda becomes `+256772123456`.

    `country` (ISO 3166, two letters) is where a number without country code belongs. PhoneNotValid for anything that
    cannot be a whole number there. Only the length is judged, not the prefix: networks open new prefixes all the time.
    The form is that of ITU-T E.164.
    """
    if len(text) > _LENGTH_MAX or any(letter.isalpha() for letter in text):
        raise PhoneNotValid(phone=text[:_LENGTH_MAX])
    whole = _whole(text, country)
    if whole is None and text.strip().startswith("00"):
        # Dialled abroad as 00 in most of the world, and written so in countries that dial 000 themselves.
        whole = _whole("+" + text.strip()[2:], None)
    if whole is None:
        raise PhoneNotValid(phone=text)
    return whole


def country_of(phone: str) -> str | None:
    """Say the country (ISO 3166, two letters) of a stored number; None where its prefix tells no single one."""
    number = phonenumbers.parse(phone)
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code is not None:
        region = phonenumbers.region_code_for_country_code(number.country_code)
    return region if region and region.isalpha() and len(region) == 2 and region != "ZZ" else None


def is_country(code: str) -> bool:
    """Say whether a code (ISO 3166, two letters) is a country that has phones."""
    return code in phonenumbers.SUPPORTED_REGIONS


def _whole(text: str, country: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, (country or DEFAULT_COUNTRY).upper())
    except NumberParseException:
        return None
    if number.extension or phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    # A digit is missing where the zero that is dialled at home would have to be part of the number.
    if number.italian_leading_zero and not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
