"""What makes an invoice unchangeable: its canonical bytes, its number, the hash that ties it to the one before.

Every register series is a chain: each document's hash covers the hash before it, the series, the number and the
document, so a document that is changed, swapped or taken out is found. The app computes the same in TypeScript;
both must agree with `tests/golden/invoices.json`. Pure: no database, no clock.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Final

import orjson

from duka.platform.errors import DukaError
from duka.platform.money import LIMIT_MINOR

VERSION: Final = 1
"""The shape below. A changed shape gets the next number; documents keep the one they were issued with."""

GENESIS: Final = bytes(32)
"""What stands for the hash before the first document of a series."""

NUMBER_LENGTH_MAX: Final = 16
"""The longest invoice number Indian GST allows (rule 46 of the CGST Rules, 2017)."""

KINDS: Final = frozenset({"invoice", "credit_note", "debit_note"})

REQUIRED_KEYS: Final = frozenset(
    {"version", "kind", "sale", "business_date", "issued_at", "currency", "lines", "totals", "taxes"}
)
ALLOWED_KEYS: Final = REQUIRED_KEYS | {"place_of_supply", "original"}
"""No number and no previous hash (the chain adds them), and nobody's name, phone, address or tax id."""

_LINE_REQUIRED: Final = frozenset(
    {
        "description",
        "quantity_milli",
        "unit_price_minor",
        "discount_minor",
        "tax_included",
        "net_minor",
        "taxes",
        "total_minor",
    }
)
_LINE_ALLOWED: Final = _LINE_REQUIRED | {"variant", "hsn"}
_LINE_TAX_KEYS: Final = frozenset({"code", "rate_bp", "parts", "amount_minor"})
_TOTALS_KEYS: Final = frozenset(
    {"subtotal_minor", "discount_minor", "net_minor", "tax_minor", "rounding_minor", "total_minor"}
)
_TAX_TOTAL_KEYS: Final = frozenset({"code", "rate_bp", "parts", "net_minor", "tax_minor"})

_WALKED: Final = frozenset({"lines", "taxes", "totals"})
_UNITS: Final = ("_minor", "_milli", "_bp")
_COUNTS: Final = frozenset({"version", "parts"})

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_CODE: Final = re.compile(r"[A-Z0-9]{1,4}")


@dataclass(eq=False)
class InvoiceNotCanonical(DukaError):
    """The document does not have the shape that is hashed, so it can't be issued or accepted."""

    text: ClassVar[str] = "The document cannot be issued as it is: {path}: {reason}."
    damaged: ClassVar[bool] = True
    path: str
    reason: str


@dataclass(eq=False)
class SeriesFull(DukaError):
    """The register has used all numbers a series may have this year; it needs another code."""

    text: ClassVar[str] = "The series {series} has no number left this year. Give the register a new code."
    damaged: ClassVar[bool] = True
    series: str
    counter: int


@dataclass(frozen=True, slots=True)
class Link:
    """One stored document of a series, as the chain sees it. Hashes are 32 bytes."""

    number: int
    previous: bytes
    canonical_bytes: bytes
    hash: bytes


def canonical(invoice: Mapping[str, object]) -> bytes:
    """Write a document as the one sequence of bytes that everybody hashes: JSON by RFC 8785, UTF-8.

    Only objects, lists, strings and whole numbers; what is not known is left out, never null. The keys, all
    required but those marked with ?:

    - `version`: 1; `kind`: `invoice`, `credit_note` or `debit_note`; `sale`: the sale's id
    - `business_date`: `2026-11-21`; `issued_at`: `2026-11-21T10:15:30.000Z` (see `instant`); `currency`: ISO 4217
    - `place_of_supply`?: state code; `original`: the id of the corrected invoice, on notes and only there
    - `lines`: list of `description`, `variant`?, `hsn`?, `quantity_milli`, `unit_price_minor`, `discount_minor`
      (both discounts), `tax_included` (`yes` or `no`), `net_minor`, `taxes` (list of `code`, `rate_bp`, `parts`,
      `amount_minor`), `total_minor`
    - `totals`: `subtotal_minor`, `discount_minor`, `net_minor`, `tax_minor`, `rounding_minor`, `total_minor`
    - `taxes`: the tax summary, list of `code`, `rate_bp`, `parts`, `net_minor`, `tax_minor`

    Raises `InvoiceNotCanonical`, naming the place, for any other key, kind of value, or number beyond 10^12.
    """
    document: dict[str, Any] = dict(invoice)
    _check_keys(document, "invoice", REQUIRED_KEYS, ALLOWED_KEYS)
    _check_head(document)
    for path, line in _each(document["lines"], "lines"):
        _check_keys(line, path, _LINE_REQUIRED, _LINE_ALLOWED)
        if line["tax_included"] not in ("yes", "no"):
            raise InvoiceNotCanonical(f"{path}.tax_included", "yes or no")
        for tax_path, tax in _each(line["taxes"], f"{path}.taxes"):
            _check_keys(tax, tax_path, _LINE_TAX_KEYS, _LINE_TAX_KEYS)
    _check_keys(document["totals"], "totals", _TOTALS_KEYS, _TOTALS_KEYS)
    for path, total in _each(document["taxes"], "taxes"):
        _check_keys(total, path, _TAX_TOTAL_KEYS, _TAX_TOTAL_KEYS)
    try:
        # With whole numbers and ASCII keys, all that RFC 8785 asks is sorted keys and no white space; the tests hold
        # these bytes against a library of the RFC, which takes thirty times as long.
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise InvoiceNotCanonical("invoice", "text that is no valid Unicode") from error


def invoice_hash(previous: bytes, series: str, number: int, canonical_bytes: bytes) -> bytes:
    """Tie a document to the one before it in its series: 32 bytes.

    SHA-256 of, one after the other: `previous` (32 bytes, `GENESIS` for number 1), the series as UTF-8
    (`CODE/2627`, see `series_name`), `number` as 8 bytes with the highest first, and the SHA-256 of
    `canonical_bytes` (32 bytes). All but the series have a fixed length, so no two inputs are written alike.
    """
    assert len(previous) == len(GENESIS)
    assert number > 0
    document = hashlib.sha256(canonical_bytes).digest()
    return hashlib.sha256(previous + series.encode() + number.to_bytes(8, "big") + document).digest()


def verify_chain(series: str, links: Iterable[Link], *, complete: bool = False) -> int | None:
    """Go through one series in the order of its numbers and give the index of the first broken link, or None.

    A link is broken when its hash is not that of its own content, when it does not continue the number just before
    it (or `GENESIS` for number 1), or when its number does not rise. A number that is missing is awaited, not
    broken, unless the series is said to be `complete`; then it must also start at 1.
    """
    number_before, hash_before = 0, GENESIS
    for index, link in enumerate(links):
        follows = link.number == number_before + 1
        if link.number <= number_before or (complete and not follows):
            return index
        if follows and link.previous != hash_before:
            return index
        if link.hash != invoice_hash(link.previous, series, link.number, link.canonical_bytes):
            return index
        number_before, hash_before = link.number, link.hash
    return None


def financial_year(on: date, first_month: int) -> str:
    """Name the financial year of a day by the years of its first and last day, two digits each.

    `first_month` 4 (India): 2026-11-21 -> `2627`; 7 (Uganda, Kenya): the same day -> `2627`; 1: `2626`.
    """
    assert 1 <= first_month <= 12
    first = on.year if on.month >= first_month else on.year - 1
    last = first if first_month == 1 else first + 1
    return f"{first % 100:02d}{last % 100:02d}"


def series_name(code: str, financial_year: str) -> str:
    """Name a series: the register's code and the financial year, `T2/2627`. Its counter starts at 1."""
    assert _CODE.fullmatch(code), code
    assert len(financial_year) == 4
    return f"{code}/{financial_year}"


def counter_text(counter: int) -> str:
    """Write a counter as numbers end with it: six digits at least."""
    return f"{counter:06d}"


def document_number(code: str, financial_year: str, counter: int) -> str:
    """Write the number people read: `CODE/2627/000123`, at most 16 characters. Raises `SeriesFull`."""
    assert counter > 0
    series = series_name(code, financial_year)
    number = f"{series}/{counter_text(counter)}"
    if len(number) > NUMBER_LENGTH_MAX:
        raise SeriesFull(series, counter)
    return number


def instant(moment: datetime) -> str:
    """Write a moment as the canonical bytes have it: UTC, milliseconds, finer parts cut off. Needs a time zone."""
    assert moment.tzinfo is not None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _check_head(invoice: Mapping[str, Any]) -> None:
    """Check the values of the document's own fields that have a fixed form."""
    if invoice["version"] != VERSION:
        raise InvoiceNotCanonical("version", f"must be {VERSION}")
    if invoice["kind"] not in KINDS:
        raise InvoiceNotCanonical("kind", "invoice, credit_note or debit_note")
    if (invoice["kind"] == "invoice") == ("original" in invoice):
        raise InvoiceNotCanonical("original", "on credit and debit notes, and only there")
    if not _DATE.fullmatch(str(invoice["business_date"])):
        raise InvoiceNotCanonical("business_date", "a date as 2026-11-21")
    if not _INSTANT.fullmatch(str(invoice["issued_at"])):
        raise InvoiceNotCanonical("issued_at", "a moment as 2026-11-21T10:15:30.000Z")


def _each(found: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Go through a list together with the path of each of its items."""
    if not isinstance(found, list | tuple):
        raise InvoiceNotCanonical(path, "must be a list")
    return ((f"{path}.{place}", item) for place, item in enumerate(found))


def _check_keys(value: Any, path: str, required: frozenset[str], allowed: frozenset[str]) -> None:
    """Check that a value is an object with these keys, and that plain values are of the kind their names promise.

    Names that end in a unit, the version and parts hold whole numbers; lists and objects are for the caller to
    check; everything else is text.
    """
    if not isinstance(value, dict):
        raise InvoiceNotCanonical(path, "must be an object")
    if not required <= value.keys() <= allowed:
        wrong = sorted(map(str, (required - value.keys()) | (value.keys() - allowed)))
        raise InvoiceNotCanonical(path, f"missing or not allowed: {', '.join(wrong)}")
    for key, found in value.items():
        if key in _WALKED:
            continue
        if key.endswith(_UNITS) or key in _COUNTS:
            # bool is a kind of int in Python, hence type() and not isinstance().
            if type(found) is not int or not -LIMIT_MINOR <= found <= LIMIT_MINOR:
                raise InvoiceNotCanonical(f"{path}.{key}", "must be a whole number up to 10^12")
        elif not isinstance(found, str):
            raise InvoiceNotCanonical(f"{path}.{key}", "must be text")
