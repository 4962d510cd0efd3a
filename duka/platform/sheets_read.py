"""Reading a list that people made in a spreadsheet or got out of another system: CSV or XLSX, told by content."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import Final

from duka.platform import sheets_xlsx
from duka.platform.sheets_limits import (
    CELL_CHARACTERS,
    COLUMNS,
    FILE_BYTES,
    IMPORT_ROWS,
    CellTooLong,
    SheetTooHeavy,
    SheetTooLarge,
    SheetUnreadable,
    TitleMissing,
    TitleTwice,
    TooManyColumns,
)
from duka.platform.sheets_write import unguard

_DELIMITERS: Final = ("\t", ";", "|", ",")
"""In a tie the earlier one wins: a comma inside a price is common, a tab inside a name is not."""

_SNIFF_ROWS: Final = 20
_SHEET_ROWS: Final = 2**20
"""Rows of any kind, blank ones too, that a spreadsheet program can hold."""
_RECORD_CHARACTERS: Final = COLUMNS * CELL_CHARACTERS
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as people see it in the file (the titles usually stand in row 1), its texts by title."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet being read: the titles at once, the rows as they are asked for, once, blank rows left out.

    Asking for rows may raise any of the refusals that `read` names.
    """

    titles: tuple[str, ...]
    rows: Iterator[Row]
    filename: str | None = None


def read(data: bytes, filename: str | None = None) -> Sheet:
    """Read a CSV text or an Excel workbook (.xlsx); which one is told by the content, never by the name.

    The first row that is not blank holds the titles. Cells come as they stand, without the apostrophe of
    `sheets_write.guard`. Errors: SheetUnreadable, SheetTooHeavy, SheetTooLarge, TooManyColumns, CellTooLong,
    CellShowsError, TitleMissing, TitleTwice.
    """
    if len(data) > FILE_BYTES:
        raise SheetTooHeavy(limit_bytes=FILE_BYTES)
    records = _checked(sheets_xlsx.records(data) if data.startswith(b"PK\x03\x04") else _csv_records(data))
    first = next(records, None)
    if first is None:
        raise SheetUnreadable(reason="there is nothing in it")
    titles = _titles(first[1])
    return Sheet(tuple(title for title in titles if title), _rows(records, titles), filename)


def _checked(records: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Leave out blank rows, refuse rows beyond the limits, take the guards away."""
    for number, record in records:
        if number > _SHEET_ROWS:
            raise SheetTooLarge(limit_rows=IMPORT_ROWS)
        whole = "".join(record)
        if not whole or whole.isspace():
            continue
        if number > IMPORT_ROWS + 1:
            raise SheetTooLarge(limit_rows=IMPORT_ROWS)
        if "\0" in whole:
            raise SheetUnreadable(reason=f"row {number} holds a NUL character, which is no text")
        if len(whole) > CELL_CHARACTERS and max(map(len, record)) > CELL_CHARACTERS:
            raise CellTooLong(row=number)
        yield number, [unguard(cell) for cell in record] if "'" in whole else record


def _titles(record: list[str]) -> list[str]:
    """Tidy the titles; a blank one stays blank, and its column must be blank too."""
    titles = [" ".join(cell.split()) for cell in record]
    while titles and not titles[-1]:
        titles.pop()
    if len(titles) > COLUMNS:
        raise TooManyColumns()
    seen: set[str] = set()
    for title in filter(None, titles):
        if title.casefold() in seen:
            raise TitleTwice(title=title)
        seen.add(title.casefold())
    return titles


def _rows(records: Iterator[tuple[int, list[str]]], titles: list[str]) -> Iterator[Row]:
    width = len(titles)
    untitled = [at for at, title in enumerate(titles) if not title]
    for number, record in records:
        for at in (*untitled, *range(width, len(record))):
            if at < len(record) and record[at].strip():
                raise TitleMissing(column=sheets_xlsx.column_letters(at + 1), row=number)
        record += [""] * (width - len(record))
        yield Row(number, {title: cell for title, cell in zip(titles, record, strict=False) if title})


def _csv_records(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Give the records of a CSV text, numbered as a spreadsheet shows them: a cell with line breaks is one row."""
    text = _decode(data)
    delimiter = _delimiter(text)
    number = 0
    try:
        for record in _split(text, delimiter):
            number += 1
            yield number, record
    except csv.Error as fault:
        reason = f"the quotation marks in row {number + 1} don't match, or a cell there is far too long"
        raise SheetUnreadable(reason=reason) from fault


def _decode(data: bytes) -> str:
    if data.startswith(_OLD_EXCEL):
        reason = "it is an old (.xls) or a locked workbook; save it as .xlsx without a password"
        raise SheetUnreadable(reason=reason)
    if data.startswith(b"%PDF"):
        raise SheetUnreadable(reason="it is a PDF; save the list as CSV or .xlsx")
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise SheetUnreadable(reason="it is neither CSV text nor an Excel workbook (.xlsx)")
        return text
    raise SheetUnreadable(reason="its letters are in an unknown encoding; save it as CSV UTF-8")


def _encodings(data: bytes) -> tuple[str, ...]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    return ("utf-8-sig",) if data.startswith(codecs.BOM_UTF8) else ("utf-8", "cp1252")


def _delimiter(text: str) -> str:
    """Tell what separates the cells: what splits most of the first rows just as it splits the titles."""
    best, best_score = ",", (0, 0)
    for delimiter in _DELIMITERS:
        widths = []
        try:
            for record in islice(filter(None, _split(text, delimiter)), _SNIFF_ROWS):
                widths.append(len(record))  # noqa: PERF401 - what came before a fault counts
        except csv.Error:
            pass
        if widths and widths[0] > 1:
            score = (widths.count(widths[0]), widths[0])
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _split(text: str, delimiter: str) -> Iterator[list[str]]:
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        for line in StringIO(text, newline=""):
            taken += len(line)
            if taken > _RECORD_CHARACTERS:
                raise csv.Error("record too long")
            yield line

    for record in csv.reader(lines(), delimiter=delimiter, strict=True):
        taken = 0
        yield record
