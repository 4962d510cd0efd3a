"""Writing a list as a file that people open in a spreadsheet (CSV, XLSX) or feed to a program (JSON).

Text that a spreadsheet would run as a formula is guarded with a leading apostrophe, which the reader takes away
again: an export that is imported and exported once more is the same.
"""

import csv
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO, TextIOWrapper
from typing import IO, Any, Final, Literal

import orjson
import xlsxwriter

from duka.platform import money, quantity
from duka.platform.sheets_limits import EXPORT_ROWS, EXPORT_WORKBOOK_ROWS, CellTooLong, ListTooLong

Kind = Literal["text", "money", "quantity", "integer", "date", "time", "flag"]
FileFormat = Literal["csv", "xlsx", "json"]
Put = Callable[[Mapping[str, Any]], None]

_CONTENT_TYPES: Final[dict[FileFormat, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}

_FORMULA_START = "=+\\-@\t\r\n＝＋－＠"
_RUNS_AS_FORMULA = re.compile(f"'*[{_FORMULA_START}]")
_WAS_GUARDED = re.compile(f"'+[{_FORMULA_START}]")

_XLSX_CELL_CHARACTERS: Final = 32_767
_XLSX_EXACT: Final = 10**15
"""A spreadsheet keeps 15 digits of a number; longer ones are written as text."""
_XLSX_FIRST_YEAR: Final = 1901
"""Spreadsheets disagree about the days before 1 March 1900; older dates are written as text."""
_XLSX_WIDTHS: Final[dict[Kind, int]] = {
    "text": 24, "money": 14, "quantity": 12, "integer": 10, "date": 12, "time": 20, "flag": 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the key of its value in each row, the title people read, and what kind of value it is.

    money: int minor units. quantity: int thousandths. integer: int. date: `date`. time: an aware `datetime`,
    already in the zone that the reader lives in. flag: bool. text: anything, written by `str`. None is blank.
    """

    key: str
    title: str
    kind: Kind = "text"


def content_type(file_format: FileFormat) -> str:
    """Give the media type to answer with."""
    return _CONTENT_TYPES[file_format]


def file_name(stem: str, file_format: FileFormat) -> str:
    """Make a file name that every system takes: `file_name("Sales of July", "csv")` -> `Sales-of-July.csv`."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-")[:80]
    return f"{safe or 'list'}.{file_format}"


def guard(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    Text that already looks guarded gets one more, so that `unguard` is its exact inverse. The characters are
    those of OWASP's page on CSV injection, full-width ones included.
    """
    return f"'{text}" if _RUNS_AS_FORMULA.match(text) else text


def unguard(text: str) -> str:
    """Take away the apostrophe that `guard` put there."""
    return text[1:] if _WAS_GUARDED.match(text) else text


Add = Callable[[Iterable[Mapping[str, Any]]], None]
"""Writes the next rows of a list."""


def write(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[Column], file_format: FileFormat, currency: str
) -> bytes:
    """Write a whole list as one file, as `writing` does."""
    out = BytesIO()
    with writing(out, columns, file_format, currency) as add:
        add(rows)
    return out.getvalue()


@contextmanager
def writing(out: IO[bytes], columns: Sequence[Column], file_format: FileFormat, currency: str) -> Iterator[Add]:
    """Write a list of any length into a file, part by part: what this gives takes the next rows, and the file is
    complete when the block ends. Memory holds one part at a time.

    `currency` (ISO 4217) says how many decimals the money columns have. CSV is UTF-8 with a byte order mark (Excel
    needs it) and CR LF. In JSON the keys are the columns' keys, money is in minor units and quantities are numbers, as
    everywhere in the API. ListTooLong beyond `export_rows`; CellTooLong where a text does not fit into a workbook's
    cell.
    """
    kinds = {"csv": _writing_csv, "xlsx": _writing_xlsx, "json": _writing_json}
    limit_rows = export_rows(file_format)
    written = 0
    with kinds[file_format](out, columns, currency) as put:

        def add(rows: Iterable[Mapping[str, Any]]) -> None:
            nonlocal written
            for row in rows:
                written += 1
                if written > limit_rows:
                    raise ListTooLong(limit_rows=limit_rows)
                put(row)

        yield add


def export_rows(file_format: FileFormat) -> int:
    """Say how many rows a file holds at most."""
    return EXPORT_WORKBOOK_ROWS if file_format == "xlsx" else EXPORT_ROWS


@contextmanager
def _writing_csv(out: IO[bytes], columns: Sequence[Column], currency: str) -> Iterator[Put]:
    texts = _csv_texts(currency)
    makers = [(column.key, texts[column.kind]) for column in columns]
    piece = TextIOWrapper(out, "utf-8-sig", newline="", write_through=False)
    writer = csv.writer(piece, lineterminator="\r\n")
    writer.writerow([guard(column.title) for column in columns])

    def put(row: Mapping[str, Any]) -> None:
        writer.writerow(["" if row[key] is None else text(row[key]) for key, text in makers])

    try:
        yield put
    finally:
        piece.detach()


def _csv_texts(currency: str) -> dict[Kind, Callable[[Any], str]]:
    def amount(value: int) -> str:
        return money.decimal_text(value, currency)

    return {
        "text": _guarded,
        "money": amount,
        "quantity": quantity.text,
        "integer": str,
        "date": date.isoformat,
        "time": _moment_text,
        "flag": _flag_text,
    }


def _guarded(value: Any) -> str:
    return guard(str(value))


def _flag_text(value: bool) -> str:
    return "yes" if value else "no"


def _moment_text(value: datetime) -> str:
    return value.isoformat(timespec="seconds")


@contextmanager
def _writing_json(out: IO[bytes], columns: Sequence[Column], currency: str) -> Iterator[Put]:
    del currency  # money is in minor units, whatever the currency
    makers: dict[Kind, Callable[[Any], Any]] = {
        "text": str,
        "money": int,
        "quantity": quantity.from_milli,
        "integer": int,
        "date": date.isoformat,
        "time": datetime.isoformat,
        "flag": bool,
    }
    wanted = [(column.key, makers[column.kind]) for column in columns]
    before = b"["

    def put(row: Mapping[str, Any]) -> None:
        nonlocal before
        out.write(before)
        out.write(orjson.dumps({key: None if row[key] is None else make(row[key]) for key, make in wanted}))
        before = b","

    yield put
    out.write(b"[]" if before == b"[" else b"]")


@contextmanager
def _writing_xlsx(out: IO[bytes], columns: Sequence[Column], currency: str) -> Iterator[Put]:
    # XlsxWriter keeps a row at a time in memory and the rest in a file here, gone again whatever happens.
    with tempfile.TemporaryDirectory(prefix="duka-sheet-", ignore_cleanup_errors=True) as folder:
        book = xlsxwriter.Workbook(out, {"constant_memory": True, "tmpdir": folder})
        # A fixed date of creation: the same list gives the same bytes.
        book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
        sheet = book.add_worksheet()
        heading = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, _XLSX_WIDTHS[column.kind])
        for at, column in enumerate(columns):
            sheet.write_string(0, at, _guarded_in_workbook(column.title), heading)
        putters = _xlsx_putters(book, sheet, currency)
        wanted = [(at, column.key, putters[column.kind]) for at, column in enumerate(columns)]
        number = 0

        def put(row: Mapping[str, Any]) -> None:
            nonlocal number
            number += 1
            for at, key, write_cell in wanted:
                value = row[key]
                if value is not None:
                    write_cell(number, at, value)

        yield put
        book.close()


def _guarded_in_workbook(text: str) -> str:
    # A workbook says which cells are text, so nothing runs. Only text that looks guarded needs another
    # apostrophe, because the reader takes one away: CSV files are often saved as workbooks.
    return f"'{text}" if _WAS_GUARDED.match(text) else text


def _xlsx_putters(book: Any, sheet: Any, currency: str) -> dict[Kind, Callable[[int, int, Any], None]]:
    places = money.exponent(currency)
    amount_format = book.add_format({"num_format": "#,##0" + ("." + "0" * places if places else "")})
    date_format = book.add_format({"num_format": "yyyy-mm-dd"})
    time_format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def text(row: int, at: int, value: Any) -> None:
        shown = _guarded_in_workbook(str(value))
        if len(shown) > _XLSX_CELL_CHARACTERS:
            raise CellTooLong(row=row + 1, limit_characters=_XLSX_CELL_CHARACTERS)
        sheet.write_string(row, at, shown)

    def amount(row: int, at: int, value: int) -> None:
        # The nearest float of a number of at most 15 digits is written and read back as those digits.
        sheet.write_number(row, at, value / 10**places, amount_format)

    def milli(row: int, at: int, value: int) -> None:
        sheet.write_number(row, at, value / 1000)

    def integer(row: int, at: int, value: int) -> None:
        if abs(value) < _XLSX_EXACT:
            sheet.write_number(row, at, value)
        else:
            sheet.write_string(row, at, str(value))

    def day(row: int, at: int, value: date) -> None:
        if value.year < _XLSX_FIRST_YEAR:
            sheet.write_string(row, at, value.isoformat())
        else:
            sheet.write_datetime(row, at, value, date_format)

    def moment(row: int, at: int, value: datetime) -> None:
        # A workbook knows no zones: the wall clock of the reader is written.
        if value.year < _XLSX_FIRST_YEAR:
            sheet.write_string(row, at, _moment_text(value))
        else:
            sheet.write_datetime(row, at, value.replace(microsecond=0, tzinfo=None), time_format)

    def flag(row: int, at: int, value: bool) -> None:
        sheet.write_string(row, at, _flag_text(value))

    return {
        "text": text, "money": amount, "quantity": milli, "integer": integer,
        "date": day, "time": moment, "flag": flag,
    }  # fmt: skip
