"""How large a sheet may be, and every way in which one is refused."""

from dataclasses import dataclass
from typing import ClassVar, Final

from duka.platform.errors import DukaError

EXPORT_ROWS: Final = 1_000_000
"""Rows of a list that is saved as CSV or JSON."""

EXPORT_WORKBOOK_ROWS: Final = 100_000
"""Rows of a list that is saved as a workbook, which is packed as a whole at the end."""

IMPORT_ROWS: Final = 50_000
"""Rows under the titles that one import takes."""

COLUMNS: Final = 200
CELL_CHARACTERS: Final = 10_000
FILE_BYTES: Final = 50 * 1024 * 1024

UNPACKED_BYTES: Final = 200 * 1024 * 1024
"""What all the parts of a workbook may weigh once unpacked."""

UNPACKED_RATIO: Final = 200
"""How many times its packed size a workbook may unpack to. Real ones stay under 50."""

UNPACKED_FREE_BYTES: Final = 5 * 1024 * 1024
"""Below this unpacked weight the ratio is not looked at: a few empty rows pack very well."""


@dataclass(eq=False)
class SheetUnreadable(DukaError):
    """The file is no CSV text and no Excel workbook, or it is damaged; `reason` says which."""

    text: ClassVar[str] = "The file can't be read: {reason}."
    reason: str = "it is neither CSV nor an Excel workbook (.xlsx)"


@dataclass(eq=False)
class ListTooLong(DukaError):
    """The list has more rows than its file may have."""

    text: ClassVar[str] = "This list has more than {limit_rows} rows. Narrow it, by date for example, or take CSV."
    limit_rows: int


@dataclass(eq=False)
class SheetTooLarge(DukaError):
    """The sheet has more rows than are taken or given at once."""

    text: ClassVar[str] = "The sheet has too many rows: at most {limit_rows} at once. Split it."
    limit_rows: int = IMPORT_ROWS


@dataclass(eq=False)
class SheetTooHeavy(DukaError):
    """The file, or what it unpacks to, is larger than any honest sheet."""

    text: ClassVar[str] = "The file is too large: at most {limit_bytes} bytes, unpacked too. Split it."
    limit_bytes: int = FILE_BYTES


@dataclass(eq=False)
class TooManyColumns(DukaError):
    """The sheet is wider than is taken."""

    text: ClassVar[str] = "The sheet has too many columns: at most {limit_columns}."
    limit_columns: int = COLUMNS


@dataclass(eq=False)
class CellTooLong(DukaError):
    """A cell holds more text than is taken; `row` as people count it in the file."""

    text: ClassVar[str] = "A cell in row {row} is too long: at most {limit_characters} characters."
    row: int = 0
    limit_characters: int = CELL_CHARACTERS


@dataclass(eq=False)
class CellShowsError(DukaError):
    """A formula in the workbook went wrong (#N/A, #DIV/0!): there is no value to take."""

    text: ClassVar[str] = "Cell {cell} shows an error instead of a value. Correct it and send the file again."
    cell: str = ""


@dataclass(eq=False)
class TitleMissing(DukaError):
    """Something stands in a column that has no title, so nobody can say what it is."""

    text: ClassVar[str] = "Row {row} has a value in column {column}, but that column has no title."
    column: str = ""
    row: int = 0


@dataclass(eq=False)
class TitleTwice(DukaError):
    """Two columns have the same title, so nobody can say which is meant."""

    text: ClassVar[str] = "Two columns are called “{title}”. Give each its own title."
    title: str = ""


@dataclass(eq=False)
class ColumnUnknown(DukaError):
    """The choice of columns names a title that the sheet lacks, or a field that is not imported."""

    text: ClassVar[str] = "The column “{title}” can't be taken for “{field}”: one of them does not exist here."
    field: str = ""
    title: str = ""


@dataclass(eq=False)
class CellRefused(DukaError, ValueError):
    """What stands in a cell can't be understood. A ValueError too, so that pydantic gathers it with its own."""

    text: ClassVar[str] = "“{value}” can't be used here."
    value: str = ""


@dataclass(eq=False)
class MoneyUnreadable(CellRefused):
    """The text is no amount, or one that may be read in two ways (1.500 as 1500 or as 1.5)."""

    text: ClassVar[str] = "“{value}” is not clear as an amount in {currency}. Write it like 1234.50."
    currency: str = ""


@dataclass(eq=False)
class FinerThanCurrency(CellRefused):
    """The amount has more decimals than the currency has coins for; Duka never rounds it silently."""

    text: ClassVar[str] = "“{value}” is too fine: {currency} has {decimals} decimals."
    currency: str = ""
    decimals: int = 0


@dataclass(eq=False)
class QuantityUnreadable(CellRefused):
    """The text is no quantity."""

    text: ClassVar[str] = "“{value}” is not a quantity. Write it like 12 or 1.5."


@dataclass(eq=False)
class FinerThanThousandth(CellRefused):
    """The quantity has more than three decimals."""

    text: ClassVar[str] = "“{value}” is too fine: a quantity has at most 3 decimals."


@dataclass(eq=False)
class NumberTooLarge(CellRefused):
    """The amount or quantity is larger than Duka keeps."""

    text: ClassVar[str] = "“{value}” is too large."


@dataclass(eq=False)
class FlagUnreadable(CellRefused):
    """The text is neither yes nor no."""

    text: ClassVar[str] = "“{value}” is neither yes nor no."
