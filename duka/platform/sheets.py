"""Sheets: every list as a file (`write`), every import from a file (`read`), and what people type in cells.

An import reads a sheet, chooses a column for each field (`map_columns`), picks the fields out of each row
(`pick`) and checks them with a pydantic model whose numbers are `MoneyCell`, `QuantityCell` and `FlagCell`
(`parse_row`). Nothing here knows a database.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Final, TypeVar

import pydantic
from pydantic import BeforeValidator, TypeAdapter, ValidationInfo
from pydantic_core import ErrorDetails

from duka.platform import money, quantity
from duka.platform.mistakes import in_words
from duka.platform.sheets_limits import (
    IMPORT_ROWS,
    CellRefused,
    ColumnUnknown,
    FinerThanCurrency,
    FinerThanThousandth,
    FlagUnreadable,
    MoneyUnreadable,
    NumberTooLarge,
    QuantityUnreadable,
)
from duka.platform.sheets_read import Row, Sheet, read
from duka.platform.sheets_write import Column, FileFormat, Kind, content_type, export_rows, file_name, write, writing

__all__ = [
    "IMPORT_ROWS", "Column", "FileFormat", "FlagCell", "Kind", "MoneyCell", "QuantityCell", "Row", "Sheet",
    "content_type", "export_rows", "file_name", "flag", "map_columns", "money_minor", "parse_row", "pick",
    "quantity_milli", "read", "write", "writing",
]  # fmt: skip

T = TypeVar("T")

_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_SHOWN_CHARACTERS: Final = 40


def map_columns(
    titles: Sequence[str],
    wanted: Mapping[str, Sequence[str]],
    explicit: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Choose the column of each field: what the person chose, else the title that is called like the field.

    `wanted` gives each field the other names it goes by, the likeliest first; the names that another system's
    export uses belong here. Case, spaces and punctuation don't matter, and what stands in brackets (`Price
    [Main Street]`) is left out where nothing fits otherwise. `explicit` maps fields to titles, or to "" for
    "leave this field out". A field without a column is not in the answer. ColumnUnknown where `explicit` names
    a title or field that does not exist.
    """
    chosen = dict(explicit or {})
    for field, title in chosen.items():
        if field not in wanted or (title and title not in titles):
            raise ColumnUnknown(field=field, title=title)
    whole = _by_name(titles, (_plain(title) for title in titles))
    bare = _by_name(titles, (_plain(_IN_BRACKETS.sub("", title)) for title in titles))
    rounds = [
        (whole, {field: [field] for field in wanted}),
        (whole, wanted),
        (bare, {field: [field, *names] for field, names in wanted.items()}),
    ]
    for by_name, names_of in rounds:
        for field, names in names_of.items():
            free = (by_name[name] for name in map(_plain, names) if name in by_name)
            if field not in chosen and (title := next((t for t in free if t not in chosen.values()), "")):
                chosen[field] = title
    return {field: chosen[field] for field in wanted if chosen.get(field)}


def names_of(titles: Sequence[str]) -> set[str]:
    """Give titles as `map_columns` compares them: without what stands in brackets, case, spaces and punctuation."""
    return {_plain(_IN_BRACKETS.sub("", title)) for title in titles}


def _by_name(titles: Sequence[str], names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for title, name in zip(titles, names, strict=True):
        found.setdefault(name, title)
    return found


def _plain(title: str) -> str:
    """Keep the letters, their marks and the digits: `Sale price (KES) *` -> `salepricekes`."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LMN")


def pick(cells: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, str]:
    """Take the fields out of a row: `cells` by title, `columns` as `map_columns` gave them."""
    return {field: cells[title] for field, title in columns.items()}


_OF_CELLS: Final = {
    "datetime_parsing": "Write date and time like 2026-09-30 14:05.",
    "datetime_from_date_parsing": "Write date and time like 2026-09-30 14:05.",
}


def parse_row(
    adapter: TypeAdapter[T],
    cells: Mapping[str, str],
    currency: str | None = None,
    language: str = "en",
) -> T | dict[str, list[str]]:
    """Turn one row's texts into a checked value, or say per field what is wrong with it.

    Blank cells count as not given; spaces around a value are dropped. `currency` (ISO 4217) is needed where the
    model has a `MoneyCell`. What concerns the row as a whole stands under `row`.
    """
    given = {field: text.strip() for field, text in cells.items() if text.strip()}
    try:
        return adapter.validate_python(given, context={} if currency is None else {"currency": currency})
    except pydantic.ValidationError as refused:
        found: dict[str, list[str]] = {}
        for error in refused.errors(include_url=False, include_input=False):
            field = ".".join(map(str, error["loc"])) or "row"
            found.setdefault(field, []).append(_message(error, language))
        return found


def _message(error: ErrorDetails, language: str) -> str:
    refusal = error.get("ctx", {}).get("error")
    return refusal.message(language) if isinstance(refusal, CellRefused) else in_words(error, language, own=_OF_CELLS)


_MARKS: Final = {
    "BDT": ("৳",), "EUR": ("€",), "GBP": ("£",), "GHS": ("gh₵", "₵"), "INR": ("₹", "rs.", "rs"),
    "KES": ("kshs.", "kshs", "ksh.", "ksh", "sh", "/=", "/-"), "LKR": ("rs.", "rs"), "NGN": ("₦",),
    "NPR": ("rs.", "rs"), "PKR": ("rs.", "rs"), "RWF": ("frw",), "TZS": ("tshs", "tsh", "sh", "/=", "/-"),
    "UGX": ("ushs", "ush", "shs", "sh", "/=", "/-"), "USD": ("us$", "$"), "XAF": ("fcfa", "cfa"),
    "XOF": ("fcfa", "cfa"), "ZAR": ("r",),
}  # fmt: skip
"""What people write beside an amount of their own currency. Another currency's mark is refused."""

_NUMBER = re.compile(
    r"""
      (?P<plain>    \d+ (?:\.\d*)? | \.\d+ )                                  # 1500  1500.50  .5
    | (?P<commas>   [1-9]\d{0,2} (?:,\d{2,3})* ,\d{3} (?:\.\d+)? )            # 1,500.50  1,00,000
    | (?P<dots>     [1-9]\d{0,2} (?: (?:\.\d{3})+ ,\d+ | (?:\.\d{3}){2,} ) )  # 1.500,50  1.500.000
    | (?P<spaces>   [1-9]\d{0,2} (?:[ '’]\d{3})+ (?:[.,]\d+)? )               # 1 500,50  1'500.50
    | (?P<comma>    \d+ ,\d{1,2} | 0 ,\d+ )                                   # 1500,50
    """,
    re.VERBOSE,
)
_NUMBER_CHARACTERS: Final = 28
"""A Decimal keeps 28 digits exactly."""
_MAYBE_GROUPED = re.compile(r"[1-9]\d{0,2}\.\d{3}")


def _number(text: str) -> Decimal | None:
    """Read a number as people group it, or None. A comma before exactly three digits groups thousands."""
    sign, body = (-1, text[1:].lstrip()) if text[:1] in ("-", "−") else (1, text)
    match = _NUMBER.fullmatch(body) if len(body) <= _NUMBER_CHARACTERS else None
    if match is None:
        return None
    if match.lastgroup == "commas":
        body = body.replace(",", "")
    elif match.lastgroup == "dots":
        body = body.replace(".", "")
    elif match.lastgroup == "spaces":
        body = re.sub(r"[ '’]", "", body)
    return sign * Decimal(body.replace(",", "."))


def _tidy(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").strip()


def money_minor(text: str, currency: str) -> int:
    """Read an amount as a shopkeeper types it: `money_minor("KSh 1,234.50", "KES")` -> 123450 minor units.

    The currency's own code or mark may stand before or after it. MoneyUnreadable for what is no amount or may
    mean two (`1.500`), FinerThanCurrency where it has more decimals than the currency, NumberTooLarge beyond
    10^12 minor units. Nothing is ever rounded.
    """
    shown = _tidy(text)[:_SHOWN_CHARACTERS]
    body = _without_marks(_tidy(text).casefold(), currency)
    amount, places = _number(body), money.exponent(currency)
    if amount is None:
        raise MoneyUnreadable(value=shown, currency=currency)
    minor = amount.scaleb(places)
    if abs(minor) > money.LIMIT_MINOR:
        raise NumberTooLarge(value=shown)
    if minor != minor.to_integral_value():
        raise FinerThanCurrency(value=shown, currency=currency, decimals=places)
    if places < 3 and _MAYBE_GROUPED.fullmatch(body.lstrip("-−")):
        raise MoneyUnreadable(value=shown, currency=currency)
    return int(minor)


def _without_marks(body: str, currency: str) -> str:
    marks = (currency.casefold(), *_MARKS.get(currency, ()))
    body = body.removeprefix(next(filter(body.startswith, marks), "")).lstrip()
    return body.removesuffix(next(filter(body.endswith, marks), "")).rstrip()


def quantity_milli(text: str) -> int:
    """Read a quantity as a shopkeeper types it, into thousandths: `1.5` -> 1500, `1,200` -> 1200000.

    QuantityUnreadable for what is no number, FinerThanThousandth beyond three decimals, NumberTooLarge beyond
    10^12 thousandths.
    """
    shown = _tidy(text)[:_SHOWN_CHARACTERS]
    amount = _number(_tidy(text))
    if amount is None:
        raise QuantityUnreadable(value=shown)
    milli = amount.scaleb(3)
    if abs(milli) > quantity.LIMIT_MILLI:
        raise NumberTooLarge(value=shown)
    if milli != milli.to_integral_value():
        raise FinerThanThousandth(value=shown)
    return int(milli)


_YES: Final = frozenset(("yes", "y", "true", "t", "1", "on", "x", "✓", "ndiyo", "oui", "vrai", "हाँ", "हां", "نعم"))
_NO: Final = frozenset(("no", "n", "false", "f", "0", "off", "hapana", "non", "faux", "नहीं", "لا"))


def flag(text: str) -> bool:
    """Read yes or no as people type it (yes, true, 1, x, ndiyo, oui...). FlagUnreadable for anything else."""
    said = _tidy(text).casefold()
    if said not in _YES | _NO:
        raise FlagUnreadable(value=_tidy(text)[:_SHOWN_CHARACTERS])
    return said in _YES


def _money_cell(value: object, info: ValidationInfo) -> object:
    context: dict[str, str] = info.context or {}
    # A KeyError here is a mistake in the import's code: it parses money and named no currency.
    return money_minor(value, context["currency"]) if isinstance(value, str) else value


def _quantity_cell(value: object) -> object:
    return quantity_milli(value) if isinstance(value, str) else value


def _flag_cell(value: object) -> object:
    return flag(value) if isinstance(value, str) else value


MoneyCell = Annotated[int, BeforeValidator(_money_cell)]
"""An amount typed in a cell, held in minor units of the currency given to `parse_row`."""

QuantityCell = Annotated[int, BeforeValidator(_quantity_cell)]
"""A quantity typed in a cell, held in thousandths."""

FlagCell = Annotated[bool, BeforeValidator(_flag_cell)]
"""Yes or no typed in a cell."""
