"""The codes on goods and what they are found by: barcodes, SKUs, search texts, names of variants. Pure."""

import base64
import itertools
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from stdnum import ean

VARIANTS_MAX: Final = 200
"""A product has at most so many variants."""

_GTIN = re.compile(r"\d{8}|\d{12,14}")
_GTIN_LENGTHS: Final = (8, 12, 13, 14)
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_NOT_SKU = re.compile(r"[^A-Z0-9]+")
_WORDS_MAX: Final = 8
_SKU_MAX: Final = 60


def barcode_fault(code: str) -> str | None:
    """Say what is wrong with a barcode; None when nothing is.

    Eight, twelve, thirteen or fourteen digits are a GTIN (GS1 General Specifications 7.9), whose last digit checks
    the others; this holds for a shop's own codes under the prefixes 20 to 29 too. Any other text is taken as it is.
    """
    if not _GTIN.fullmatch(code) or ean.is_valid(code):
        return None
    return f"A digit of this barcode is wrong: if the others are right, the last one should be {check_digit(code)}."


def check_digit(code: str) -> str:
    """Give the last digit that a GTIN with these other digits must have."""
    digit: str = ean.calc_check_digit(code[:-1])
    return digit


def same_barcodes(code: str) -> list[str]:
    """Give every way to write a barcode: a GTIN with fewer or more leading zeros is the same (UPC-A and EAN-13)."""
    if not _GTIN.fullmatch(code):
        return [code]
    bare = code.lstrip("0")
    return [bare.zfill(length) for length in _GTIN_LENGTHS if len(bare) <= length]


def sku_base(name: str, product_id: UUID) -> str:
    """Make up the beginning of a product's SKUs: a few letters of its name, eight characters of its id.

    The id's last 40 bits are random, so 50,000 made-up SKUs of one name meet with a chance of one in a thousand.
    """
    letters = _NOT_SKU.sub("", _plain(name).upper())[:3] or "ITEM"
    return f"{letters}-{base64.b32encode(product_id.bytes[-5:]).decode()}"


def variant_skus(base: str, choices: Sequence[Mapping[str, str]], taken: Collection[str] = ()) -> list[str]:
    """Put each variant's choices behind the SKU they share: `TSHIRT-S-RED`. Those that would be the same, or are
    `taken`, get a number behind."""
    made: list[str] = []
    for each in choices:
        parts = [_NOT_SKU.sub("", _plain(value).upper()) for value in each.values()]
        whole = "-".join([base, *filter(None, parts)])[:_SKU_MAX]
        numbered = (f"{whole}-{number}" for number in itertools.count(2))
        made.append(next(sku for sku in itertools.chain([whole], numbered) if sku not in made and sku not in taken))
    return made


def variant_name(product_name: str, choices: Mapping[str, str]) -> str:
    """Name a variant as the till and the receipt do: `T-shirt (S, red)`."""
    return f"{product_name} ({', '.join(choices.values())})" if choices else product_name


def combinations(attributes: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Give every combination of the choices, the first attribute changing slowest."""
    return [dict(zip(attributes, values, strict=True)) for values in itertools.product(*attributes.values())]


def combination_count(attributes: Mapping[str, Sequence[str]]) -> int:
    """Say how many combinations there are without making them."""
    count = 1
    for values in attributes.values():
        count *= len(values)
    return count


def search_text(name: str, sku: str, barcode: str | None, brand: str) -> str:
    """Give the text that a variant is found by: small letters without accents."""
    return _plain(" ".join(filter(None, (name, sku, barcode, brand)))).casefold()


def search_words(asked: str) -> list[str]:
    """Split what somebody looks for into words written as in `search_text`; at most eight."""
    return _plain(asked).casefold().split()[:_WORDS_MAX]


def like_pattern(word: str) -> str:
    r"""Make the LIKE pattern for text that holds the word; `%`, `_` and `\` stand for themselves."""
    escaped = word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def _plain(text: str) -> str:
    """Take the accents off Latin letters. Marks of other scripts are letters of theirs and stay."""
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))
