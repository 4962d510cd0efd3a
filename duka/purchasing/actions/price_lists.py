"""To take in a supplier's price list: a sheet of what they supply, with their codes, packs and prices."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field, TypeAdapter

from duka.platform import sheets
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import DukaError, ValidationError
from duka.platform.money import LIMIT_MINOR
from duka.platform.quantity import LIMIT_MILLI
from duka.platform.sheets import FlagCell, MoneyCell, QuantityCell
from duka.platform.sheets_limits import SheetTooLarge
from duka.platform.uploads import FailedRow, SheetReport
from duka.platform.wire import Body, Code
from duka.purchasing import supplier_queries
from duka.purchasing.actions import items
from duka.purchasing.schemas import ItemEdit, ShortCode

ROWS_MAX: Final = 5_000
FAILED_SHOWN_MAX: Final = 200

_CODES: Final = ("sku", "barcode", "supplier_code")
"""What an item is found by, the surest first."""

WANTED: Final[Mapping[str, Sequence[str]]] = {
    "sku": ("our code", "item code", "product code"),
    "barcode": ("ean", "upc", "gtin", "bar code"),
    "supplier_code": ("supplier's code", "supplier sku", "vendor code", "their code", "code", "reference"),
    "price": ("unit price", "cost", "cost price", "purchase price", "buying price", "wholesale price", "rate"),
    "pack_size": ("pack", "pack of", "case size", "units per pack"),
    "preferred": ("preferred supplier", "default"),
}
"""The fields an import reads, each with other titles that price lists give it."""

_MEANT: Final = """(
    v.sku = ANY(%(sku)s::text[]) OR v.barcode = ANY(%(barcode)s::text[])
    OR i.supplier_code = ANY(%(supplier_code)s::text[])
)"""
# The items that some rows of the sheet name by a code of the shop's, or by the supplier's own; with how the supplier
# supplies them by now. A price that nobody may see is not compared: it is not taken in either.
_NAMED: Final = f"""
SELECT v.id AS variant_id, v.sku, v.barcode, i.supplier_code, i.pack_size_milli AS pack_size, i.price_minor AS price,
    i.preferred, i.version
FROM variants v
LEFT JOIN supplier_items i ON i.shop_id = %(shop)s AND i.supplier_id = %(supplier)s AND i.variant_id = v.id
WHERE v.shop_id = %(shop)s AND v.deleted_at IS NULL AND {_MEANT} ORDER BY v.id
"""  # noqa: S608 - no outside text
# All of them at once and in one order, before anything is read of them: two sheets may name the same items crosswise.
_HOLD: Final = f"""
SELECT v.id FROM variants v
LEFT JOIN supplier_items i ON i.shop_id = %(shop)s AND i.supplier_id = %(supplier)s AND i.variant_id = v.id
WHERE v.shop_id = %(shop)s AND v.deleted_at IS NULL AND {_MEANT} ORDER BY v.id FOR NO KEY UPDATE OF v
"""  # noqa: S608 - no outside text


class PriceRow(Body):
    """One row of the sheet. A blank cell leaves what is known as it is."""

    sku: Code | None = None
    barcode: Code | None = None
    supplier_code: ShortCode = ""
    price: Annotated[MoneyCell, Field(ge=0, le=LIMIT_MINOR)] | None = None
    pack_size: Annotated[QuantityCell, Field(gt=0, le=LIMIT_MILLI)] = 1000
    preferred: FlagCell = False


_ROW: Final = TypeAdapter(PriceRow)
Problems = dict[str, list[str]]


async def take_in(
    ctx: Ctx, supplier_id: UUID, data: bytes, filename: str | None, chosen: Mapping[str, str], *, dry_run: bool
) -> SheetReport:
    """Put what stands on a sheet (CSV or XLSX) on a supplier's list, and say what became of each row.

    An item is found by SKU, else by barcode, else by the code the supplier has for it already. A row that is wrong, or
    names nothing the shop sells, is reported and left out; the others stand. `chosen` names columns for fields where
    the titles do not tell. `dry_run` does it all and stores nothing. Errors: SupplierNotFound; those of `sheets.read`
    and `sheets.map_columns`; SheetTooLarge beyond 5,000 rows; ValidationError where no column tells the item;
    Forbidden for prices without `products:cost`.
    """
    await supplier_queries.get(ctx, supplier_id, "suppliers:update")
    columns, rows = await asyncio.to_thread(_read, data, filename, chosen)
    if "price" in columns:
        ctx.need("products:cost")
    told = [(row.number, _parsed(ctx, sheets.pick(row.cells, columns))) for row in rows]
    known = await _named(ctx, supplier_id, [row for _, row in told if isinstance(row, PriceRow)])
    counts = dict.fromkeys(("created", "updated", "unchanged"), 0)
    failed: list[FailedRow] = []
    seen: dict[UUID, int] = {}
    async with ctx.db.begin_nested() as everything:
        for number, row in told:
            outcome = await _one(ctx, supplier_id, row, known, seen, number)
            if isinstance(outcome, str):
                counts[outcome] += 1
            else:
                failed.append(FailedRow(row=number, problems=outcome))
        if dry_run:
            await everything.rollback()
            ctx.emitted = False
    return SheetReport(
        rows=len(rows), **counts, failed=len(failed), failed_rows=failed[:FAILED_SHOWN_MAX], columns=columns,
        dry_run=dry_run,
    )  # fmt: skip


def _read(data: bytes, filename: str | None, chosen: Mapping[str, str]) -> tuple[dict[str, str], list[sheets.Row]]:
    sheet = sheets.read(data, filename)
    columns = sheets.map_columns(sheet.titles, WANTED, chosen)
    if not columns.keys() & set(_CODES):
        raise ValidationError(fields={"columns.sku": ["Say which column holds the SKU, the barcode or their code."]})
    rows = list(islice(sheet.rows, ROWS_MAX + 1))
    if len(rows) > ROWS_MAX:
        raise SheetTooLarge(limit_rows=ROWS_MAX)
    return columns, rows


def _parsed(ctx: Ctx, cells: Mapping[str, str]) -> PriceRow | Problems:
    row = sheets.parse_row(_ROW, cells, ctx.currency, ctx.caller.language)
    if isinstance(row, PriceRow) and not any(getattr(row, name) for name in _CODES):
        return {"row": ["Write a SKU, a barcode or the supplier's code."]}
    return row


async def _named(ctx: Ctx, supplier_id: UUID, rows: Sequence[PriceRow]) -> dict[tuple[str, str], Any]:
    """Hold the items of a sheet and find each by every code it goes by."""
    codes = {name: sorted({code for row in rows if (code := getattr(row, name))}) for name in _CODES}
    named = {"supplier": supplier_id, **codes}
    await fetch(ctx, _HOLD, named)
    found = await fetch(ctx, _NAMED, named)
    return {(name, getattr(row, name)): row for name in _CODES for row in found if getattr(row, name)}


async def _one(
    ctx: Ctx, supplier_id: UUID, row: PriceRow | Problems, known: Mapping[tuple[str, str], Any], seen: dict[UUID, int],
    number: int,
) -> str | Problems:  # fmt: skip
    """Take in one row: `created`, `updated` or `unchanged`, or what is wrong with it by field."""
    if isinstance(row, dict):
        return row
    codes = [(name, code) for name in _CODES if (code := getattr(row, name))]
    item = next((known[code] for code in codes if code in known), None)
    if item is None:
        return {codes[0][0]: ["The shop sells nothing under this code."]}
    first = seen.setdefault(item.variant_id, number)
    if first != number:
        return {"row": [f"Row {first} has the same item."]}
    given = row.model_dump(exclude_unset=True, exclude={"sku", "barcode"})
    if item.version is not None and all(getattr(item, name) == value for name, value in given.items()):
        return "unchanged"
    edit = ItemEdit.model_construct(_fields_set=set(given), **given)
    try:
        await items.set_item(ctx, supplier_id, item.variant_id, edit, item.version or 1)
    except DukaError as refusal:
        return {"row": [refusal.message(ctx.caller.language)]}
    return "created" if item.version is None else "updated"
