"""Sheets: what goes out comes back the same, and no file, however damaged or hostile, does harm."""

import io
import json
import random
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, model_validator

from duka.platform import sheets, sheets_limits, sheets_write
from duka.platform.errors import DukaError
from duka.platform.sheets import Column

pytestmark = pytest.mark.slow

COLUMNS = [
    Column("name", "Name"),
    Column("price", "Price", "money"),
    Column("stock", "In stock", "quantity"),
    Column("sold", "Sold", "integer"),
    Column("born", "Since", "date"),
    Column("seen", "Last sold", "time"),
    Column("active", "Active", "flag"),
]
CABLE: dict[str, Any] = {
    "name": "USB cable",
    "price": 123_450,
    "stock": 1_500,
    "sold": 12,
    "born": date(2026, 9, 2),
    "seen": datetime(2026, 9, 30, 14, 5, 6, tzinfo=UTC),
    "active": True,
}
BLANK: dict[str, Any] = {**dict.fromkeys(CABLE), "name": "Bare"}

FAR_APART = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
"""Two cells with 17 thousand million between them."""

SPREADSHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def cells(data: bytes) -> list[dict[str, str]]:
    return [row.cells for row in sheets.read(data).rows]


def csv_text(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


def workbook(rows: Sequence[Mapping[str, Any]] = (CABLE,), columns: Sequence[Column] = COLUMNS) -> bytes:
    return sheets.write(rows, columns, "xlsx", "KES")


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_sheet(rows: str, **parts: str) -> bytes:
    """Make a workbook around hand-written rows; `sharedStrings` and `styles` may be given too."""
    made = parts_of(workbook())
    made["xl/worksheets/sheet1.xml"] = f"<worksheet {SPREADSHEET}><sheetData>{rows}</sheetData></worksheet>".encode()
    links = made["xl/_rels/workbook.xml.rels"].decode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    if "sharedStrings" in parts:
        link = f'<Relationship Id="rId9" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
        made["xl/_rels/workbook.xml.rels"] = links.replace("</Relationships>", link).encode()
    for name, content in parts.items():
        made[f"xl/{name}.xml"] = content.encode()
    return packed(made)


def refusal(data: bytes) -> DukaError:
    with pytest.raises(DukaError) as caught:
        cells(data)
    return caught.value


# Writing


def test_csv_is_what_excel_opens_well() -> None:
    data = sheets.write([CABLE, BLANK], COLUMNS, "csv", "KES")
    assert data.decode() == (
        "\ufeffName,Price,In stock,Sold,Since,Last sold,Active\r\n"
        "USB cable,1234.50,1.5,12,2026-09-02,2026-09-30T14:05:06+00:00,yes\r\n"
        "Bare,,,,,,\r\n"
    )


def test_json_speaks_as_the_api_does() -> None:
    rows = [CABLE | {"name": UUID(int=7)}, BLANK]
    assert json.loads(sheets.write(rows, COLUMNS, "json", "KES")) == [
        {
            "name": "00000000-0000-0000-0000-000000000007",
            "price": 123_450,
            "stock": 1.5,
            "sold": 12,
            "born": "2026-09-02",
            "seen": "2026-09-30T14:05:06+00:00",
            "active": True,
        },
        BLANK,
    ]


def test_a_workbook_holds_numbers_and_dates_as_such() -> None:
    data = workbook([CABLE, BLANK])
    sheet = parts_of(data)["xl/worksheets/sheet1.xml"].decode()
    assert "<v>1234.5</v>" in sheet
    assert "#,##0.00" in parts_of(data)["xl/styles.xml"].decode()
    assert cells(data) == [
        {
            "Name": "USB cable",
            "Price": "1234.5",
            "In stock": "1.5",
            "Sold": "12",
            "Since": "2026-09-02",
            "Last sold": "2026-09-30 14:05:06",
            "Active": "yes",
        },
        {column.title: "" for column in COLUMNS} | {"Name": "Bare"},
    ]


def test_the_same_list_gives_the_same_workbook() -> None:
    assert workbook() == workbook()


def test_what_a_workbook_cannot_hold_as_number_or_date_it_holds_as_text() -> None:
    columns = [Column("imei", "IMEI", "integer"), Column("born", "Born", "date"), Column("seen", "Seen", "time")]
    row = {"imei": 1234567890123456789, "born": date(1899, 1, 1), "seen": datetime(1850, 1, 1, tzinfo=UTC)}
    assert cells(workbook([row], columns)) == [
        {"IMEI": "1234567890123456789", "Born": "1899-01-01", "Seen": "1850-01-01T00:00:00+00:00"}
    ]


def test_a_list_longer_than_its_file_may_be_is_refused_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duka.platform.sheets_write.EXPORT_ROWS", 2)
    monkeypatch.setattr("duka.platform.sheets_write.EXPORT_WORKBOOK_ROWS", 2)
    rows = [{"name": str(n)} for n in range(3)]
    columns = COLUMNS[:1]
    for file_format in ("csv", "xlsx", "json"):
        with pytest.raises(sheets_limits.ListTooLong) as caught:
            sheets.write(rows, columns, file_format, "UGX")
        assert caught.value.details() == {"limit_rows": 2}


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_a_list_that_comes_in_parts_is_the_same_file(file_format: sheets.FileFormat) -> None:
    rows = [{"name": str(n)} for n in range(1_200)]
    out = io.BytesIO()
    with sheets.writing(out, COLUMNS[:1], file_format, "UGX") as add:
        for start in range(0, 1_200, 500):
            add(rows[start : start + 500])
    assert out.getvalue() == sheets.write(rows, COLUMNS[:1], file_format, "UGX")


def test_a_text_too_long_for_a_workbook_is_refused_not_cut() -> None:
    with pytest.raises(sheets_limits.CellTooLong) as caught:
        workbook([{"name": "short"}, {"name": "x" * 32_768}], COLUMNS[:1])
    assert caught.value.row == 3


def test_content_types_and_file_names() -> None:
    assert sheets.content_type("csv") == "text/csv; charset=utf-8"
    assert sheets.content_type("xlsx").endswith("spreadsheetml.sheet")
    assert sheets.content_type("json") == "application/json"
    assert sheets.file_name("Sales of July/2026", "csv") == "Sales-of-July-2026.csv"
    assert sheets.file_name("../../etc/passwd\r\nX: y", "xlsx") == "etc-passwd-X-y.xlsx"
    assert sheets.file_name("दुकान", "json") == "list.json"


# Formulas


@pytest.mark.parametrize("text", ["=1+1", "+254700", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "'=1", "''@x"])
def test_no_text_runs_as_a_formula(text: str) -> None:
    rows, columns = [{"name": text}], [Column("name", "=Name")]
    written = sheets.write(rows, columns, "csv", "KES").decode().removeprefix("\ufeff")
    for line in written.replace('"', "").split("\r\n")[:2]:
        assert line.startswith("'")
    book = workbook(rows, columns)
    assert b"<f>" not in parts_of(book)["xl/worksheets/sheet1.xml"]
    for data in (written.encode(), book):
        assert cells(data) == [{"=Name": text}]


def test_ordinary_text_and_negative_amounts_are_not_guarded() -> None:
    columns = [Column("name", "Name"), Column("due", "Due", "money")]
    data = sheets.write([{"name": "Mama's", "due": -500}], columns, "csv", "KES")
    assert data.decode().endswith("Mama's,-5.00\r\n")
    assert cells(data) == [{"Name": "Mama's", "Due": "-5.00"}]


def test_a_csv_saved_as_a_workbook_loses_its_guards_too() -> None:
    book = with_sheet(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>\'=1+1</t></is></c></row>'
    )
    assert cells(book) == [{"Name": "=1+1"}]


# There and back

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
VALUES = st.fixed_dictionaries(
    {
        "name": st.one_of(TEXTS, st.sampled_from(["=1", "'=1", "a\r\nb", 'q"q', "_x000D_", "\ttab", "a,b;c|d", "'"])),
        "price": st.none() | st.integers(-(10**12), 10**12),
        "stock": st.none() | st.integers(-(10**12), 10**12),
        "active": st.booleans(),
        "born": st.none() | st.dates(),
    }
)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@given(rows=st.lists(VALUES, max_size=8), currency=st.sampled_from(["UGX", "KES", "KWD"]))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_what_is_exported_and_imported_is_the_same(
    file_format: Literal["csv", "xlsx"], rows: list[dict[str, Any]], currency: str
) -> None:
    columns = [column for column in COLUMNS if column.key in ("name", "price", "stock", "active", "born")]
    data = sheets.write(rows, columns, file_format, currency)
    back = [
        {
            "name": row["Name"],
            "price": sheets.money_minor(row["Price"], currency) if row["Price"] else None,
            "stock": sheets.quantity_milli(row["In stock"]) if row["In stock"] else None,
            "active": sheets.flag(row["Active"]),
            "born": date.fromisoformat(row["Since"]) if row["Since"] else None,
        }
        for row in cells(data)
    ]
    assert back == rows
    assert sheets.write(back, columns, file_format, currency) == data


# Reading


def test_rows_are_numbered_as_people_see_them() -> None:
    sheet = sheets.read(csv_text("", "Name,Note", '"Two\r\nlines",x', "", " , ", "Last,y"), "list.csv")
    assert sheet.titles == ("Name", "Note")
    assert [(row.number, row.cells["Name"]) for row in sheet.rows] == [(3, "Two\r\nlines"), (6, "Last")]


def test_rows_of_a_workbook_are_numbered_as_people_see_them() -> None:
    book = with_sheet(
        '<row r="3"><c r="B3" t="inlineStr"><is><t> Name </t></is></c></row>'
        '<row r="7"><c r="B7"><v>6001234567890</v></c><c><v/></c></row>'
        '<row><c r="B8" t="b"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    )
    assert [(row.number, row.cells) for row in sheets.read(book).rows] == [
        (7, {"Name": "6001234567890"}),
        (8, {"Name": "yes"}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_of_every_dialect(delimiter: str, encoding: str, line_end: str) -> None:
    rows = [["Café", "Price"], ["Crème brûlée", "12.5"], ["“Quoted”", "3"]]
    data = line_end.join(delimiter.join(row) for row in rows).encode(encoding)
    assert cells(data) == [{"Café": "Crème brûlée", "Price": "12.5"}, {"Café": "“Quoted”", "Price": "3"}]


def test_commas_inside_prices_do_not_hide_the_semicolons() -> None:
    assert cells(csv_text("Name;Price, KES", "Bread;1,50", "Milk;2,10"))[1] == {"Name": "Milk", "Price, KES": "2,10"}


def test_one_column_is_a_sheet_too() -> None:
    assert cells(csv_text("Name", "a;b", "c")) == [{"Name": "a;b"}, {"Name": "c"}]


def test_the_content_decides_not_the_name() -> None:
    sheet = sheets.read(workbook(), "prices.csv")
    assert sheet.titles[0] == "Name"
    assert sheet.filename == "prices.csv"
    assert sheets.read(csv_text("Name", "x"), "prices.xlsx").titles == ("Name",)


def test_the_first_visible_sheet_is_read() -> None:
    parts = parts_of(workbook())
    book = parts["xl/workbook.xml"].decode()
    hidden = book.replace("<sheets>", '<sheets><sheet name="Lists" sheetId="7" state="hidden" r:id="rId1"/>')
    assert cells(packed(parts | {"xl/workbook.xml": hidden.encode()}))[0]["Name"] == "USB cable"
    none = book.replace('sheetId="1"', 'sheetId="1" state="veryHidden"')
    assert "visible" in refusal(packed(parts | {"xl/workbook.xml": none.encode()})).message()


def test_texts_kept_in_the_list_of_texts_are_found() -> None:
    rows = '<row r="1"><c r="A1" t="s"><v>1</v></c></row><row r="2"><c r="A2" t="s"><v>0</v></c></row>'
    texts = f'<sst {SPREADSHEET} count="9" uniqueCount="2"><si><t>Bread</t></si><si><t>Name</t></si></sst>'
    assert cells(with_sheet(rows, sharedStrings=texts)) == [{"Name": "Bread"}]


def test_a_computed_price_is_read_as_it_is_shown() -> None:
    rows = '<row r="1"><c r="A1" t="str"><v>Price</v></c></row><row r="2"><c r="A2"><v>3.3000000000000003</v></c></row>'
    assert cells(with_sheet(rows)) == [{"Price": "3.3"}]


# Refusing


def test_titles_must_be_there_and_differ() -> None:
    twice = refusal(csv_text("Name,Price, name ", "a,1,b"))
    assert isinstance(twice, sheets_limits.TitleTwice)
    assert twice.title == "name"
    missing = refusal(csv_text("Name,,Price", "a,,1", "b,2,3"))
    assert missing.details() == {"column": "B", "row": 3}
    beyond = refusal(csv_text("Name,Price,,", "a,1,,", "b,1,000"))
    assert beyond.details() == {"column": "C", "row": 3}
    assert beyond.message() == "Row 3 has a value in column C, but that column has no title."
    assert cells(csv_text("Name,,Price,", "a,,1")) == [{"Name": "a", "Price": "1"}]


@pytest.mark.parametrize("data", [b"", b"\r\n \r\n", b"\xef\xbb\xbf", with_sheet("")])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert isinstance(refusal(data), sheets_limits.SheetUnreadable)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "neither"),
        (b"Name\n\x81\x8d", "encoding"),
        (b"\xef\xbb\xbfName\n\xe9", "encoding"),
        (b"Name,Price\na\0b,1", "neither"),
        (b'Name,Price\n"5" screen,1', "row 2"),
        (b'Name,Price\nx,1\n"never closed', "row 3"),
        (b"Name,Price\n" + b"," * 2_100_000, "row 2"),
        (packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}), "zip"),
        (with_sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>_x0000_</t></is></c></row>'), "NUL"),
    ],
)
def test_what_is_no_sheet_is_refused_with_the_reason(data: bytes, word: str) -> None:
    refused = refusal(data)
    assert isinstance(refused, sheets_limits.SheetUnreadable)
    assert word in refused.reason
    assert refused.status == 400


def test_limits_of_rows_columns_and_cells() -> None:
    most = csv_text("Name", *["x"] * 50_000)
    assert len(cells(most + b"\r\n" * 3)) == 50_000
    assert refusal(most + b"\r\ny").details() == {"limit_rows": 50_000}
    assert refusal(b"Name" + b"\n" * 1_100_000 + b"x").code == "SHEET_TOO_LARGE"
    wide = [f"T{n}" for n in range(201)]
    assert len(sheets.read(csv_text(",".join(wide[:200]) + ",,,")).titles) == 200
    assert isinstance(refusal(csv_text(",".join(wide))), sheets_limits.TooManyColumns)
    assert cells(csv_text("Name", "x" * 10_000)) == [{"Name": "x" * 10_000}]
    assert refusal(csv_text("Name", "a", "x" * 10_001)).details() == {"row": 3, "limit_characters": 10_000}
    assert isinstance(refusal(b"x" * (50 * 1024 * 1024 + 1)), sheets_limits.SheetTooHeavy)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (FAR_APART, "SHEET_TOO_LARGE"),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="ZZZZZZZ1"><v>1</v></c></row>', "TOO_MANY_COLUMNS"),
        ('<row r="1"><c r="A9999999"><v>1</v></c></row>', "SHEET_TOO_LARGE"),
        ('<row r="1">' + "<c><v>1</v></c>" * 201 + "</row>", "TOO_MANY_COLUMNS"),
        ('<row r="60000"/><row><c><v>1</v></c></row>', "SHEET_TOO_LARGE"),
        ('<row r="5"/><row r="5"><c><v>1</v></c></row>', "SHEET_UNREADABLE"),
        ('<row r="1"><c r="$A$1"><v>1</v></c></row>', "SHEET_UNREADABLE"),
        ('<row r="-1"><c r="A1"><v>1</v></c></row>', "SHEET_UNREADABLE"),
        ('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>', "CELL_SHOWS_ERROR"),
        ('<row r="1"><c r="A1" t="s"><v>7</v></c></row>', "SHEET_UNREADABLE"),
        ('<row r="1"><c r="A1">&unknown;</c></row>', "SHEET_UNREADABLE"),
        ('<row r="1"><c r="A1"><v>1</v></row>', "SHEET_UNREADABLE"),
        ("<!--" + "x" * 3_000_000 + "-->", "SHEET_UNREADABLE"),
    ],
)
def test_a_hostile_sheet_is_refused_before_it_is_opened(rows: str, code: str) -> None:
    assert refusal(with_sheet(rows)).code == code


def test_an_impossible_date_is_refused() -> None:
    styles = f'<styleSheet {SPREADSHEET}><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'
    rows = '<row r="1"><c r="A1" s="0"><v>-1e18</v></c></row>'
    assert refusal(with_sheet(rows, styles=styles)).code == "SHEET_UNREADABLE"


@pytest.mark.parametrize("claim", ["4000000000", "99", "-1", "&#52;", "x"])
def test_a_list_of_texts_that_claims_too_much_is_refused(claim: str) -> None:
    texts = f'<sst {SPREADSHEET} uniqueCount="{claim}"><si><t>Name</t></si></sst>'
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    assert refusal(with_sheet(rows, sharedStrings=texts)).code == "SHEET_UNREADABLE"


def test_entities_that_multiply_are_refused() -> None:
    parts = parts_of(workbook())
    laughs = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    for name in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        xml = parts[name].decode().replace("?>", "?>" + laughs, 1)
        assert refusal(packed(parts | {name: xml.encode()})).code == "SHEET_UNREADABLE"


def test_a_zip_bomb_is_refused_by_what_it_declares() -> None:
    parts = parts_of(workbook())
    bomb = packed(parts | {"xl/media/image1.png": bytes(20_000_000)})
    assert isinstance(refusal(bomb), sheets_limits.SheetTooHeavy)
    many = packed({f"part{n}": b"" for n in range(5_001)})
    assert isinstance(refusal(many), sheets_limits.SheetTooHeavy)
    assert isinstance(refusal(packed(parts, zipfile.ZIP_LZMA)), sheets_limits.SheetUnreadable)


def test_a_zip_that_declares_less_than_it_holds_is_refused() -> None:
    parts = parts_of(workbook())
    parts["xl/worksheets/sheet1.xml"] += bytes(30_000_000)
    data = packed(parts)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        real = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = data.replace(real.to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert lie != data
    assert refusal(lie).code == "SHEET_UNREADABLE"


def test_one_part_under_many_names_is_unpacked_within_one_allowance() -> None:
    parts = parts_of(workbook())
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"
    link = f'<Relationship Id="x" Type="{kind}" Target="styles.xml"/>'
    rng = random.Random(1)
    parts["xl/styles.xml"] = rng.randbytes(2_000_000)
    links = parts["xl/_rels/workbook.xml.rels"].decode().replace("</Relationships>", link * 200 + "</Relationships>")
    parts["xl/_rels/workbook.xml.rels"] = links.encode()
    assert isinstance(refusal(packed(parts)), sheets_limits.SheetTooHeavy)


def survives(data: bytes) -> None:
    """Read to the end; a refusal is a good answer, any other error fails the test."""
    try:
        rows = list(sheets.read(data).rows)
    except DukaError as refused:
        answer = refused.message()
    else:
        answer = f"{len(rows)} rows"
    assert answer


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    survives(data)
    survives(b"PK\x03\x04" + data)


SOUND_PARTS = parts_of(
    with_sheet(
        '<row r="1" spans="1:2"><c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>0</v></c></row>'
        '<row r="2"><c r="A2" s="1"><v>45000.5</v></c><c r="B2" t="inlineStr"><is><t>x</t></is></c></row>',
        sharedStrings=f'<sst {SPREADSHEET} count="2" uniqueCount="2"><si><t>Bread</t></si><si><t>Name</t></si></sst>',
        styles=f'<styleSheet {SPREADSHEET}><numFmts><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts>'
        '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>',
    )
)

MUTATIONS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255), st.integers(0, 3)), min_size=1, max_size=6)


def mutated(data: bytes, mutations: list[tuple[int, int, int]]) -> bytes:
    changed = bytearray(data)
    for at, byte, how in mutations:
        place = at % (len(changed) + 1)
        if how == 0:
            changed[place : place + 1] = bytes([byte])
        elif how == 1:
            changed[place:place] = bytes([byte]) * (byte + 1)
        elif how == 2:
            del changed[place : place + byte]
        else:
            changed[place : place + 1] = b"9" * (byte % 12)
    return bytes(changed)


@given(st.sampled_from(["csv", "xlsx"]), MUTATIONS)
def test_a_damaged_file_is_read_or_refused(file_format: Literal["csv", "xlsx"], mutations: list[Any]) -> None:
    survives(mutated(sheets.write([CABLE, BLANK], COLUMNS, file_format, "KES"), mutations))


@given(st.data(), MUTATIONS)
def test_a_workbook_with_a_damaged_part_is_read_or_refused(data: st.DataObject, mutations: list[Any]) -> None:
    name = data.draw(st.sampled_from(sorted(name for name in SOUND_PARTS if name.endswith((".xml", ".rels")))))
    survives(packed(SOUND_PARTS | {name: mutated(SOUND_PARTS[name], mutations)}))


# Choosing columns


def test_columns_are_found_by_name_alias_and_without_brackets() -> None:
    wanted = {"name": ["Item name", "Product"], "price": ["Selling price", "Price"], "cost": [], "barcode": ["EAN"]}
    titles = ["PRODUCT", "Price [Main Street]", "Price [Airport]", "Cost (KES) *", "Colour"]
    assert sheets.map_columns(titles, wanted) == {
        "name": "PRODUCT",
        "price": "Price [Main Street]",
        "cost": "Cost (KES) *",
    }


def test_a_name_of_its_own_comes_before_another_fields_alias() -> None:
    wanted = {"name": ["Description"], "description": ["Name"]}
    assert sheets.map_columns(["Description"], wanted) == {"description": "Description"}
    both = sheets.map_columns(["Description", "Name"], wanted)
    assert both == {"name": "Name", "description": "Description"}


def test_titles_in_every_script_are_told_apart() -> None:
    assert sheets.map_columns(["की", "का"], {"a": ["का"], "b": ["की"]}) == {"a": "का", "b": "की"}


def test_what_the_person_chose_comes_first() -> None:
    titles = ["Name", "Price", "Old price"]
    wanted: dict[str, list[str]] = {"name": [], "price": [], "sku": []}
    assert sheets.map_columns(titles, wanted, {"price": "Old price", "name": ""}) == {"price": "Old price"}
    for choice in ({"price": "Gone"}, {"colour": "Name"}):
        with pytest.raises(sheets_limits.ColumnUnknown):
            sheets.map_columns(titles, wanted, choice)


def test_fields_are_picked_out_of_a_row() -> None:
    row = next(sheets.read(csv_text("Item,Price,Colour", "Cable,5,red")).rows)
    assert sheets.pick(row.cells, {"name": "Item", "price": "Price"}) == {"name": "Cable", "price": "5"}


# Checking rows


class Product(BaseModel):
    name: str = Field(max_length=10)
    price: sheets.MoneyCell = Field(ge=0)
    stock: sheets.QuantityCell = 0
    active: sheets.FlagCell = True
    kind: Literal["good", "service"] = "good"
    expires: date | None = None


PRODUCT = TypeAdapter(Product)


def test_a_good_row_becomes_a_value() -> None:
    row = {"name": " Cable ", "price": "KSh 1,234.50", "stock": "1.5", "active": "no", "kind": "", "expires": " "}
    assert sheets.parse_row(PRODUCT, row, "KES") == Product(name="Cable", price=123_450, stock=1_500, active=False)


def test_a_bad_row_says_per_field_what_is_wrong() -> None:
    row = {"price": "12.345", "stock": "many", "active": "maybe", "kind": "thing", "expires": "soon"}
    assert sheets.parse_row(PRODUCT, row, "KES") == {
        "name": ["This is needed."],
        "price": ["“12.345” is too fine: KES has 2 decimals."],
        "stock": ["“many” is not a quantity. Write it like 12 or 1.5."],
        "active": ["“maybe” is neither yes nor no."],
        "kind": ["Use one of: 'good' or 'service'."],
        "expires": ["Write the date like 2026-09-30."],
    }
    assert sheets.parse_row(PRODUCT, {"name": "x" * 11, "price": "-1"}, "KES") == {
        "name": ["At most 10 characters."],
        "price": ["This must be at least 0."],
    }


def even(value: int) -> int:
    if value % 2:
        raise ValueError("Only pairs are sold.")
    return value


class Shoes(BaseModel):
    pieces: Annotated[int, AfterValidator(even)]
    size: Annotated[int, Field(multiple_of=2)] = 2

    @model_validator(mode="after")
    def not_too_many(self) -> Self:
        if self.pieces > 10:
            raise ValueError("More than the shop can carry.")
        return self


def test_rules_of_the_import_speak_for_themselves() -> None:
    shoes = TypeAdapter(Shoes)
    refused = sheets.parse_row(shoes, {"pieces": "3", "size": "5"})
    assert refused == {"pieces": ["Only pairs are sold."], "size": ["Input should be a multiple of 2"]}
    assert sheets.parse_row(shoes, {"pieces": "12"}) == {"row": ["More than the shop can carry."]}


def test_money_without_a_currency_is_a_mistake_of_the_code() -> None:
    with pytest.raises(KeyError):
        sheets.parse_row(PRODUCT, {"name": "x", "price": "1"})


# Reading what people type


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1,234.50", "KES", 123_450),
        ("1234.5", "KES", 123_450),
        (" KES 1 234,50 ", "KES", 123_450),
        ("1\u00a0234.50", "KES", 123_450),
        ("1.234,50", "EUR", 123_450),
        ("1.234.567", "UGX", 1_234_567),
        ("1'234.50", "USD", 123_450),
        ("12,5", "EUR", 1_250),
        ("0,05", "EUR", 5),
        (".5", "KES", 50),
        ("1500.00", "UGX", 1_500),
        ("1,500", "UGX", 1_500),
        ("KSh 1500/=", "KES", 150_000),
        ("₹ 1,23,456.78", "INR", 12_345_678),
        ("-5", "KES", -500),
        ("−5.10", "KES", -510),
        ("1.234", "KWD", 1_234),
        ("0", "UGX", 0),
        ("10000000000.00", "KES", 10**12),
        ("१२", "INR", 1_200),
    ],
)
def test_amounts_as_people_type_them(text: str, currency: str, minor: int) -> None:
    assert sheets.money_minor(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "refused"),
    [
        ("1.234", "KES", sheets_limits.FinerThanCurrency),
        ("0.5", "UGX", sheets_limits.FinerThanCurrency),
        ("12,50", "UGX", sheets_limits.FinerThanCurrency),
        ("0.0000000000000000000000001", "KES", sheets_limits.FinerThanCurrency),
        ("1.500", "KES", sheets_limits.MoneyUnreadable),
        ("1.000", "UGX", sheets_limits.MoneyUnreadable),
        ("", "KES", sheets_limits.MoneyUnreadable),
        ("$5", "KES", sheets_limits.MoneyUnreadable),
        ("5 10", "KES", sheets_limits.MoneyUnreadable),
        ("1,23", "UGX", sheets_limits.FinerThanCurrency),
        ("1,2345", "KES", sheets_limits.MoneyUnreadable),
        ("1e5", "KES", sheets_limits.MoneyUnreadable),
        ("NaN", "KES", sheets_limits.MoneyUnreadable),
        ("Infinity", "KES", sheets_limits.MoneyUnreadable),
        ("9" * 5_000, "KES", sheets_limits.MoneyUnreadable),
        ("10000000000.01", "KES", sheets_limits.NumberTooLarge),
    ],
)
def test_amounts_that_are_refused(text: str, currency: str, refused: type[DukaError]) -> None:
    with pytest.raises(refused) as caught:
        sheets.money_minor(text, currency)
    assert caught.type is refused
    assert len(caught.value.message()) < 150


@given(st.integers(-(10**12), 10**12), st.sampled_from(["UGX", "KES", "KWD"]))
def test_every_amount_we_write_is_read_back(amount_minor: int, currency: str) -> None:
    written = sheets_write.write([{"a": amount_minor}], [Column("a", "A", "money")], "csv", currency)
    assert sheets.money_minor(cells(written)[0]["A"], currency) == amount_minor


@given(st.text(max_size=40))
def test_no_text_breaks_the_readers(text: str) -> None:
    for read in (lambda t: sheets.money_minor(t, "KES"), sheets.quantity_milli, sheets.flag):
        try:
            answer: int | str = read(text)
        except sheets_limits.CellRefused as refused:
            answer = refused.message()
        assert answer != ""


def test_quantities_as_people_type_them() -> None:
    typed = {"1.5": 1_500, "1,5": 1_500, "1,200": 1_200_000, "0.125": 125, "1.500": 1_500, "-2": -2_000}
    assert {text: sheets.quantity_milli(text) for text in typed} == typed
    for text, refused in {
        "many": sheets_limits.QuantityUnreadable,
        "0.0001": sheets_limits.FinerThanThousandth,
        "1000000001": sheets_limits.NumberTooLarge,
    }.items():
        with pytest.raises(refused):
            sheets.quantity_milli(text)


def test_yes_and_no_as_people_type_them() -> None:
    assert all(map(sheets.flag, ["yes", "Y", "TRUE", "1", " x ", "Ndiyo", "oui", "हाँ", "نعم"]))
    assert not any(map(sheets.flag, ["no", "N", "False", "0", "hapana", "non", "नहीं", "لا"]))
    with pytest.raises(sheets_limits.FlagUnreadable):
        sheets.flag("2")
