"""What codes say beyond which item it is: batch, expiry, serial number, weight, price. Pure.

GS1 element strings as scanners give them (GS1 General Specifications, chapters 3 and 7.8), or as people write them with
the application identifiers in brackets, and the EAN-13 that a shop's own scale prints.
"""

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from stdnum import ean

from duka.catalog import codes
from duka.platform.money import LIMIT_MINOR, divide_half_up
from duka.platform.quantity import LIMIT_MILLI

SEPARATOR: Final = "\x1d"
"""FNC1 between elements, as scanners send it."""

_CARRIERS: Final = ("]C1", "]e0", "]d2", "]Q3", "]J1")
"""What a scanner puts before a GS1 code when it names the kind (ISO/IEC 15424)."""
_BRACKETED = re.compile(r"\(([0-9]{2,4})\)([^(]+)")
_CHARACTERS = re.compile(r"[!-\"%-?A-Z_a-z]+")
"""GS1 AI encodable character set 82."""

_FIXED: Final[dict[str, int]] = {
    "00": 18, "01": 14, "02": 14, "03": 14, "04": 16, **{f"{ai}": 6 for ai in range(11, 20)}, "20": 2,
    **{f"{ai}": 6 for ai in range(31, 37)}, "41": 13,
}  # fmt: skip
"""Lengths of what follows an identifier that begins with these two digits and needs no separator behind it (figure
7.8.5-2); identifiers from 31 to 36 have four digits, those of 41 have three."""
_IDENTIFIER_DIGITS: Final[dict[str, int]] = {
    **dict.fromkeys(("23", "24", "25", "40", "41", "42", "71"), 3),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36", "39", "43", "70", "72", "80", "81", "82"), 4),
}
_TEXT_MAX: Final[dict[str, int]] = {"10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "235": 28, "243": 20}
_OTHER_TEXT_MAX: Final = 90

_MEASURES: Final = ("310", "311", "314", "315", "316")
"""Net weight in kg, length in metres, area, litres and cubic metres: the quantity of a variable measure item."""
_COUNTS: Final = ("30", "37")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a code says beyond which item it is: quantities in thousandths, the price of the whole in minor units."""

    batch: str | None = None
    expiry: date | None = None
    serial: str | None = None
    quantity_milli: int | None = None
    price_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Gs1Code:
    """A GS1 code: the GTIN it is about, in 14 digits, and what else it says."""

    gtin: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class ScaleLabel:
    """An EAN-13 of the shop's scale: the barcodes and SKUs that its item may be kept under, and weight or price."""

    barcodes: tuple[str, ...]
    skus: tuple[str, ...]
    facts: Facts


def read_gs1(text: str, today: date, currency_places: int) -> Gs1Code | None:
    """Read a GS1 code that names an item; None for any other text, or one that breaks the rules.

    `today` says which century a date belongs to, `currency_places` how many decimals the shop's currency has.
    """
    found: dict[str, str] = {}
    for identifier, value in _elements(text) or ():
        if found.setdefault(identifier, value) != value or not _CHARACTERS.fullmatch(value):
            return None
    gtin = found.get("01") or found.get("02") or ""
    if len(gtin) != 14 or not ean.is_valid(gtin):
        return None
    try:
        return Gs1Code(gtin, _facts(found, today, currency_places))
    except ValueError:
        return None


def read_scale_label(text: str, patterns: Sequence[str]) -> ScaleLabel | None:
    """Read an EAN-13 by the shop's patterns, such as `21IIIIIWWWWWC`; None where none fits.

    Its item is kept under the code with zeros for the weight, under prefix and item number, or with the number as SKU.
    """
    if not re.fullmatch(r"2\d{12}", text) or not ean.is_valid(text):
        return None
    pattern = next((each for each in patterns if text.startswith(each[:2])), None)
    if pattern is None:
        return None
    parts = {kind: "".join(text[at] for at, _ in run) for kind, run in _runs(pattern)}
    item, prefix = parts["I"], pattern[:2]
    empty = f"{prefix}{item}".ljust(12, "0")
    barcodes = (empty + codes.check_digit(f"{empty}0"), f"{prefix}{item}")
    skus = tuple(dict.fromkeys((f"{prefix}{item}", item, item.lstrip("0") or "0")))
    weight, price = parts.get("W"), parts.get("P")
    facts = Facts(
        quantity_milli=int(weight) if weight and int(weight) else None, price_minor=int(price) if price else None
    )
    return ScaleLabel(barcodes, skus, facts)


def _runs(pattern: str) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    return ((kind, list(run)) for kind, run in groupby(enumerate(pattern), key=lambda place: place[1]))


def _elements(text: str) -> list[tuple[str, str]] | None:
    """Split a code into its elements; None where it cannot be one."""
    carrier = next((each for each in _CARRIERS if text.startswith(each)), None)
    bare = text[len(carrier) :] if carrier else text
    if bare.startswith("("):
        found = _BRACKETED.findall(bare)
        return found if "".join(f"({ai}){value}" for ai, value in found) == bare else None
    if carrier is None and SEPARATOR not in bare and not (bare.startswith("01") and len(bare) >= 16):
        return None  # digits that merely begin like one
    return _split(bare.strip(SEPARATOR))


def _split(rest: str) -> list[tuple[str, str]] | None:
    found: list[tuple[str, str]] = []
    while rest:
        identifier = rest[: _IDENTIFIER_DIGITS.get(rest[:2], 2)]
        if not re.fullmatch(r"[0-9]{2,4}", identifier):
            return None
        body = rest[len(identifier) :]
        fixed = _FIXED.get(identifier[:2])
        value, rest = (body[:fixed], body[fixed:]) if fixed else _until_separator(body)
        rest = rest.removeprefix(SEPARATOR)
        most = _TEXT_MAX.get(identifier, _OTHER_TEXT_MAX)
        if not value or len(value) > most or (fixed and (len(value) != fixed or not _all_digits(value))):
            return None
        found.append((identifier, value))
    return found


def _until_separator(body: str) -> tuple[str, str]:
    value, _, rest = body.partition(SEPARATOR)
    return value, rest


def _all_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _facts(found: dict[str, str], today: date, currency_places: int) -> Facts:
    """Read what is said beside the GTIN. ValueError for a number or a date that is none."""
    quantity = price = None
    for identifier, value in found.items():
        kind, places = identifier[:3], identifier[3:]
        if kind in _MEASURES and len(identifier) == 4:
            quantity = _scaled(value, int(places), 3, LIMIT_MILLI)
        elif identifier in _COUNTS:
            quantity = _scaled(value, 0, 3, LIMIT_MILLI)
        elif kind == "392" and len(identifier) == 4:
            price = _scaled(value, int(places), currency_places, LIMIT_MINOR)
    expiry = found.get("17")
    return Facts(found.get("10"), _date(expiry, today) if expiry else None, found.get("21"), quantity or None, price)


def _scaled(digits: str, places: int, wanted: int, limit: int) -> int:
    """Read digits with so many decimals into a whole number with `wanted` of them, halves up."""
    if not _all_digits(digits) or len(digits) > 15:
        raise ValueError(digits)
    value = divide_half_up(int(digits) * 10**wanted, 10**places)
    if value > limit:
        raise ValueError(digits)
    return value


def _date(text: str, today: date) -> date:
    """Read YYMMDD: the year that is at most 49 back or 50 ahead (7.12); day 00 is the month's last."""
    if len(text) != 6 or not _all_digits(text):
        raise ValueError(text)
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    full = today.year - today.year % 100 + year
    if full - today.year >= 51:
        full -= 100
    elif full - today.year <= -50:
        full += 100
    return date(full, month, day or calendar.monthrange(full, month)[1])
