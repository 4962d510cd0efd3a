"""Opening a workbook that a stranger sent, without harm.

A workbook is a zip of XML parts. calamine reads it fast, but trusts it: it makes room for as many texts as the
workbook claims, and for the whole rectangle between the first and the last cell. Two kilobytes are enough to ask
for 500 GB, which ends the process and can't be caught. So every part is unpacked within limits and looked at
first, and calamine gets a fresh package of only those parts, with the one sheet that is read.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import BytesIO
from struct import error as struct_error
from typing import Any, Final
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

from duka.platform.sheets_limits import (
    COLUMNS,
    IMPORT_ROWS,
    UNPACKED_BYTES,
    UNPACKED_FREE_BYTES,
    UNPACKED_RATIO,
    CellShowsError,
    SheetTooHeavy,
    SheetTooLarge,
    SheetUnreadable,
    TooManyColumns,
)

_PARTS_MAX: Final = 5_000
_LINKS_BYTES: Final = 5 * 1024 * 1024
_CHUNK_BYTES: Final = 256 * 1024
_TAG_BYTES: Final = 1024 * 1024
_CELL = re.compile(r"([A-Z]{1,7})([0-9]{1,7})", re.IGNORECASE | re.ASCII)
_ROW = re.compile(r"[0-9]{1,7}", re.ASCII)
_TEXT_COUNT = re.compile(rb"uniqueCount\s*=\s*[\"']([^\"']*)")
_TEXT_BYTES_MIN: Final = 5
"""`<si/>`, the shortest text in a workbook's list of texts."""

_DAMAGED = "the workbook is damaged"
_ZIP_FAULTS = (
    zipfile.BadZipFile, zlib.error, struct_error, EOFError, OSError, RuntimeError,
    ValueError, LookupError, OverflowError,
)  # fmt: skip

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_ROOT_LINKS = (
    f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument"'
    ' Target="xl/workbook.xml"/></Relationships>'
)
_BOOK_LINKS = (
    f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_OFFICE}/worksheet"'
    ' Target="worksheets/sheet1.xml"/></Relationships>'
)
_BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="' + _OFFICE + '">'
    '<workbookPr date1904="{date1904}"/><sheets><sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


def records(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Give the rows of a workbook's first visible sheet as texts, numbered as people see them, from 1.

    Errors: SheetUnreadable, SheetTooHeavy, SheetTooLarge, TooManyColumns, CellShowsError.
    """
    package = _safe_package(data)
    with _calamine_faults():
        sheet = CalamineWorkbook.from_filelike(BytesIO(package)).get_sheet_by_index(0)
        rows = sheet.iter_rows()
    number = 0
    while True:
        with _calamine_faults():
            row = next(rows, None)
        if row is None:
            return
        number += 1
        yield number, [_text(value) for value in row]


def _safe_package(data: bytes) -> bytes:
    """Unpack the parts that matter, look at them, and pack them anew, uncompressed."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _weigh(archive, len(data))
            part = _part_reader(archive)
            parts = _parts_of_first_sheet(part)
    except _ZIP_FAULTS as fault:
        raise SheetUnreadable(reason=_DAMAGED) from fault
    _measure(parts["xl/worksheets/sheet1.xml"])
    texts = parts.get("xl/sharedStrings.xml", b"")
    for claim in _TEXT_COUNT.findall(texts):
        if not claim.isdigit() or int(claim[:20]) > len(texts) // _TEXT_BYTES_MIN:
            raise SheetUnreadable(reason=_DAMAGED)
    package = BytesIO()
    with zipfile.ZipFile(package, "w") as fresh:
        for name, content in parts.items():
            fresh.writestr(name, content)
    return package.getvalue()


def _weigh(archive: zipfile.ZipFile, packed_bytes: int) -> None:
    """Refuse a zip bomb by the sizes it declares; reading never gives more than what was declared."""
    infos = archive.infolist()
    declared = sum(info.file_size for info in infos)
    if declared > UNPACKED_BYTES or len(infos) > _PARTS_MAX:
        raise SheetTooHeavy(limit_bytes=UNPACKED_BYTES)
    if declared > UNPACKED_FREE_BYTES and declared > packed_bytes * UNPACKED_RATIO:
        raise SheetTooHeavy(limit_bytes=packed_bytes * UNPACKED_RATIO)
    # Other methods of packing can ask for gigabytes before they give a byte; no spreadsheet program uses them.
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        raise SheetUnreadable(reason=_DAMAGED)


def _part_reader(archive: zipfile.ZipFile) -> Callable[[str], bytes]:
    """Make the function that unpacks a part, within one allowance for all parts together."""
    left = UNPACKED_BYTES

    def part(name: str) -> bytes:
        nonlocal left
        content = archive.read(name)
        left -= len(content)
        if left < 0:  # the same part read again and again under several names
            raise SheetTooHeavy(limit_bytes=UNPACKED_BYTES)
        return content

    return part


def _parts_of_first_sheet(part: Callable[[str], bytes]) -> dict[str, bytes]:
    """Follow the package's links to the first visible sheet, its texts and styles; name them as calamine expects."""
    try:
        book_name = next(t for _, kind, t in _links(part, "") if kind == "officeDocument")
    except (KeyError, StopIteration):
        raise SheetUnreadable(reason="it is a zip file, but no Excel workbook (.xlsx)") from None
    links = _links(part, book_name)
    sheets = {key: target for key, kind, target in links if kind == "worksheet"}
    date1904, chosen = "0", None
    for name, attributes in _elements(part(book_name)):
        if name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            date1904 = "1"
        if name == "sheet" and chosen is None and attributes.get("state", "visible") == "visible":
            keys = [value for key, value in attributes.items() if key.endswith(":id")]
            chosen = next((sheets[key] for key in keys if key in sheets), None)
    if chosen is None:
        raise SheetUnreadable(reason="the workbook has no visible sheet")
    parts = {
        "_rels/.rels": _ROOT_LINKS.encode(),
        "xl/_rels/workbook.xml.rels": _BOOK_LINKS.encode(),
        "xl/workbook.xml": _BOOK.format(date1904=date1904).encode(),
        "xl/worksheets/sheet1.xml": part(chosen),
    }
    for _, kind, target in links:
        if kind in ("sharedStrings", "styles"):
            parts[f"xl/{kind}.xml"] = part(target)
    return parts


def _links(part: Callable[[str], bytes], name: str) -> list[tuple[str, str, str]]:
    """List the links of a part as (id, last word of the kind, name of the part linked to)."""
    folder, base = posixpath.split(name)
    found = []
    for element, attributes in _elements(part(posixpath.join(folder, "_rels", f"{base}.rels"))):
        if element == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.join("/", folder, attributes.get("Target", ""))
            kind = attributes.get("Type", "").rpartition("/")[2]
            found.append((attributes.get("Id", ""), kind, posixpath.normpath(target).lstrip("/")))
    return found


def _walk(xml: bytes, start: Callable[[str, dict[str, str]], None]) -> None:
    """Call `start` for each element of an XML part. UTF-8 only, no document type: what calamine reads too."""

    def refuse(*_: Any) -> None:
        raise SheetUnreadable(reason=_DAMAGED)

    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        for at in range(0, len(xml), _CHUNK_BYTES):
            parser.Parse(xml[at : at + _CHUNK_BYTES], False)
            # A tag or comment that goes on and on is read again from its start with every piece.
            if at - parser.CurrentByteIndex > _TAG_BYTES:
                refuse()
        parser.Parse(b"", True)
    except expat.ExpatError as fault:
        raise SheetUnreadable(reason=_DAMAGED) from fault


def _elements(xml: bytes) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    if len(xml) > _LINKS_BYTES:
        raise SheetUnreadable(reason=_DAMAGED)

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local in ("Relationship", "sheet", "workbookPr"):
            found.append((local, attributes))

    _walk(xml, start)
    return found


def _measure(xml: bytes) -> None:
    """Refuse a sheet whose cells reach too far down or right, before anything makes room for them.

    Rows must be numbered upwards, as every spreadsheet program does, so that a later cell can't lie higher than
    it seems. Cells without a value don't count: people format whole columns.
    """
    row = column = 0
    cell_row = 0
    in_error = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, cell_row, in_error
        name = name.rpartition(":")[2]
        if name == "c":
            column, cell_row = _place(attributes.get("r"), row, column + 1)
            in_error = attributes.get("t") == "e"
        elif name in ("v", "is"):
            _check_reach(cell_row, column)
            if in_error:
                raise CellShowsError(cell=f"{column_letters(column)}{cell_row}")
        elif name == "row":
            given = attributes.get("r")
            if given is not None and (not _ROW.fullmatch(given) or int(given) <= row):
                raise SheetUnreadable(reason=_DAMAGED)
            row = row + 1 if given is None else int(given)
            column = 0

    _walk(xml, start)


def _place(reference: str | None, row: int, column: int) -> tuple[int, int]:
    """Read `C5` as (3, 5); a cell without a reference stands where it comes."""
    if reference is None:
        return column, row
    match = _CELL.fullmatch(reference)
    if match is None:
        raise SheetUnreadable(reason=_DAMAGED)
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return column, int(match[2])


def _check_reach(row: int, column: int) -> None:
    if row > IMPORT_ROWS + 1:
        raise SheetTooLarge(limit_rows=IMPORT_ROWS)
    if column > COLUMNS:
        raise TooManyColumns()


def column_letters(column: int) -> str:
    """Name a column as spreadsheets do: 1 -> `A`, 28 -> `AB`."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@contextmanager
def _calamine_faults() -> Iterator[None]:
    try:
        yield
    except (CalamineError, ValueError, OverflowError) as fault:
        raise SheetUnreadable(reason=_DAMAGED) from fault
    except BaseException as fault:
        # A panic in calamine arrives as a BaseException whose class can't be imported (a date in the year
        # 30 million does it). Everything else, as Ctrl-C, goes on its way.
        if type(fault).__name__ != "PanicException":
            raise
        raise SheetUnreadable(reason=_DAMAGED) from fault


def _text(value: object) -> str:
    """Write a cell's value as people see it, but dates as 2026-09-30 and numbers without grouping."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # 15 digits, as spreadsheets show: a computed 3.3000000000000003 is 3.3.
        return format(Decimal(f"{value:.15g}"), "f")
    return str(value)
