"""The files of the "Online Retail" data set (Daqing Chen, UCI Machine Learning Repository, 2015, CC BY 4.0).

One row a line of an invoice, as CSV, plain or gzipped: InvoiceNo, StockCode, Description, Quantity, InvoiceDate,
UnitPrice (pounds), CustomerID (may be empty), Country. An InvoiceNo with a leading `C` takes goods back.
"""

import csv
import gzip
import io
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from duka.platform.errors import DukaError
from duka.platform.money import LIMIT_MINOR
from duka.platform.quantity import LIMIT_MILLI
from duka.sales.rules import LINES_MAX

ZONE: Final = ZoneInfo("Europe/London")
"""Whose clock the files' times are."""

COLUMNS: Final = (
    "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country",
)  # fmt: skip
CODE_LENGTH_MAX: Final = 64

TOO_FINE: Final = "the price is finer than a penny"
NEGATIVE_PRICE: Final = "the price is negative: a correction of the accounts, not a sale"
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_PENNIES: Final = Decimal(100)
_NOTHING: Final = Decimal(0)
_QUANTITY_MAX: Final = LIMIT_MILLI // 1000
_AMOUNT_MAX: Final = LIMIT_MINOR // LINES_MAX
"""So that even a document of the most lines stays within what Duka stores."""
_TEXT_LENGTH_MAX: Final = 200


@dataclass(eq=False)
class FileNotReadable(DukaError):
    """The file is not one of these: it cannot be opened, or a column is missing."""

    text: ClassVar[str] = "{file} cannot be read: {reason}."
    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file. `row` counts as people see it: the titles are row 1. `amount_minor` is quantity times price,
    exactly, in pence. A line with a `problem` cannot be taken; its `quantity` and `price_minor` may then be 0."""

    file: str
    row: int
    ref: str
    code: str
    description: str
    customer_ref: str | None
    country: str
    at: datetime | None
    quantity: int
    price_minor: int
    amount_minor: Decimal
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The lines of one InvoiceNo. Where they tell several times, it happened at the first."""

    ref: str
    at: datetime
    customer_ref: str | None
    country: str
    lines: tuple[Line, ...]

    @property
    def month(self) -> str:
        """The month it counts in, as `2010-12`."""
        return f"{self.at:%Y-%m}"


def read(files: Iterable[Path]) -> Iterator[Line]:
    """Read the lines of files, one file after the other. FileNotReadable."""
    for file in files:
        yield from _rows(file)


def group(lines: Iterable[Line]) -> tuple[list[Document], list[Line]]:
    """Put lines together to documents, in the order of time; beside them give the lines whose document is unknown,
    because no line of it tells a number or a time."""
    by_ref: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_ref[line.ref].append(line)
    lost = by_ref.pop("", [])
    documents = []
    for ref, own in by_ref.items():
        times = [line.at for line in own if line.at]
        if not times:
            lost += own
            continue
        customer = next((line.customer_ref for line in own if line.customer_ref), None)
        country = next((line.country for line in own if line.country), "")
        documents.append(Document(ref, min(times), customer, country, tuple(own)))
    return sorted(documents, key=lambda each: (each.at, each.ref.lstrip("C"), each.ref)), lost


def names(lines: Iterable[Line]) -> dict[str, str]:
    """Name each code by its most frequent description (the first among equals), else by the code itself."""
    told: dict[str, Counter[str]] = {}
    for line in lines:
        if line.code:
            told.setdefault(line.code, Counter())[line.description] += bool(line.description)
    return {code: _most_frequent(counted) or code for code, counted in told.items()}


def prices(lines: Iterable[Line]) -> dict[str, int]:
    """Give each code its most frequent price above 0 (the first among equals), in pence; 0 where it has none."""
    told: dict[str, Counter[int]] = {}
    for line in lines:
        if line.code and not line.problem:
            told.setdefault(line.code, Counter())[line.price_minor] += line.price_minor > 0
    return {code: max(counted, key=counted.__getitem__) for code, counted in told.items()}


def _most_frequent(counted: Counter[str]) -> str:
    return max(counted, key=counted.__getitem__, default="")


def _rows(file: Path) -> Iterator[Line]:
    rows = csv.DictReader(io.StringIO(_text(file), newline=""))
    try:
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise FileNotReadable(file.name, f"it has no column {missing[0]}")
        for number, row in enumerate(rows, 2):
            yield _line(file.name, number, row)
    except csv.Error as broken:
        raise FileNotReadable(file.name, str(broken)) from None


def _text(file: Path) -> str:
    try:
        raw = file.read_bytes()
        if raw.startswith(b"\x1f\x8b"):
            raw = gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as broken:
        raise FileNotReadable(file.name, getattr(broken, "strerror", None) or "it is damaged") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")  # as spreadsheets of that time saved pound signs


def _line(file: str, number: int, row: Mapping[str, str | None]) -> Line:
    cells = {name: _clean(row.get(name)) for name in COLUMNS}
    at, quantity, price = _moment(cells["InvoiceDate"]), _number(cells["Quantity"]), _number(cells["UnitPrice"])
    amount = _NOTHING if quantity is None or price is None else quantity * price * _PENNIES
    problem = _problem(cells, at, quantity, price, amount)
    return Line(
        file=file, row=number, ref=cells["InvoiceNo"], code=cells["StockCode"],
        description=cells["Description"][:_TEXT_LENGTH_MAX],
        customer_ref=cells["CustomerID"].removesuffix(".0") or None, country=cells["Country"][:_TEXT_LENGTH_MAX],
        at=at,
        quantity=0 if problem else int(quantity or 0), price_minor=0 if problem else int((price or 0) * _PENNIES),
        amount_minor=amount, problem=problem,
    )  # fmt: skip


def _problem(
    cells: Mapping[str, str], at: datetime | None, quantity: Decimal | None, price: Decimal | None, amount: Decimal
) -> str:
    """Say why a row can be no line of any document, or nothing."""
    if not cells["InvoiceNo"] or not cells["StockCode"]:
        return f"{'InvoiceNo' if cells['StockCode'] else 'StockCode'} is empty"
    if max(len(cells[name]) for name in ("InvoiceNo", "StockCode", "CustomerID")) > CODE_LENGTH_MAX:
        return f"a code is longer than {CODE_LENGTH_MAX} characters"
    if at is None:
        return "InvoiceDate is not a time like 2010-12-01 08:26:00"
    if quantity is None or quantity != quantity.to_integral_value() or quantity == 0:
        return "Quantity is not a whole number other than 0"
    if price is None:
        return "UnitPrice is not a number"
    if price < 0:
        return NEGATIVE_PRICE
    if (price * _PENNIES) % 1:
        return TOO_FINE
    if max(abs(amount), price * _PENNIES) > _AMOUNT_MAX or abs(quantity) > _QUANTITY_MAX:
        return "the amount or quantity is too large"
    return ""


def _clean(text: str | None) -> str:
    """Take out what no database stores: control characters, blanks around."""
    if text is None:
        return ""
    return (text if text.isprintable() else "".join(sign for sign in text if sign >= " ")).strip()


def _moment(text: str) -> datetime | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < LIMIT_MINOR else None
