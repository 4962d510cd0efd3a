"""Goods in a spreadsheet: the columns of the export, what imports call them, and how a row is read. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, TypeAdapter

from duka.catalog.schemas import Barcode, ExternalRef, Hsn, Picture, Sku, Unit
from duka.platform import money, quantity, sheets
from duka.platform.sheets import Column, FlagCell, MoneyCell, QuantityCell, Row
from duka.platform.wire import LongText, Name, ShortText

GROUP_SEPARATOR: Final = " > "
"""A group's place in one cell: `Phones > Chargers`."""

COLUMNS: Final = (
    Column("name", "Name"), Column("choices", "Choices"), Column("group", "Group"), Column("sku", "SKU"),
    Column("barcode", "Barcode"), Column("price", "Price", "money"), Column("tax_included", "Tax included", "flag"),
    Column("tax_class", "Tax class"), Column("unit", "Unit"), Column("kind", "Kind"), Column("tracking", "Tracking"),
    Column("brand", "Brand"), Column("description", "Description"), Column("hsn", "HSN"),
    Column("min_stock", "Min stock", "quantity"), Column("reorder_level", "Reorder level", "quantity"),
    Column("reorder_quantity", "Reorder quantity", "quantity"),
    Column("warranty_months", "Warranty months", "integer"), Column("picture", "Picture"),
    Column("external_ref", "External ref"), Column("active", "Active", "flag"),
)  # fmt: skip
"""One row for each variant. An import of the export gives the same goods again."""

COST_COLUMN: Final = Column("cost", "Cost", "money")
"""Comes last, for those who may see costs."""

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("item name", "product name", "item", "product", "title", "goods"),
    "choices": ("variant", "options"),
    "group": ("category", "product category", "department", "collection"),
    "sku": ("item code", "product code", "code", "internal reference", "part number"),
    "barcode": ("ean", "upc", "gtin", "ean13", "bar code"),
    "price": ("sale price", "sales price", "selling price", "retail price", "unit price", "mrp"),
    "tax_included": ("inclusive of tax", "price includes tax", "tax inclusive"),
    "cost": ("cost price", "purchase price", "buying price", "unit cost"),
    "tax_class": ("tax", "tax name", "vat class", "gst class"),
    "tax_rate": ("gst rate", "vat rate", "tax percent", "gst", "vat"),
    "unit": ("unit of measure", "uom", "units"),
    "kind": ("product type", "type"),
    "tracking": ("tracked by",),
    "track_stock": ("track inventory", "stock tracking"),
    "brand": ("manufacturer", "make"),
    "description": ("details", "item description"),
    "hsn": ("hsn code", "hsn/sac", "hsn/sac code", "sac"),
    "min_stock": ("minimum stock", "minimum stock quantity", "low stock", "alert quantity", "stock alert count"),
    "reorder_level": ("reorder point", "optimal stock"),
    "reorder_quantity": ("order quantity",),
    "warranty_months": ("warranty",),
    "picture": ("image", "image url", "photo"),
    "external_ref": ("external id", "reference"),
    "active": ("on sale", "available for sale", "enabled"),
    "handle": (),
    "variation": (),
    "option1_name": (), "option1_value": (), "option2_name": (), "option2_value": (),
    "option3_name": (), "option3_value": (),
}  # fmt: skip
"""What columns are called elsewhere, the likeliest first; a field's own name always serves."""

_OPTIONS: Final = {
    f"option{n}_{part}": (f"option {n} {part}", f"option {part} {n}") for n in (1, 2, 3) for part in ("name", "value")
}
PRESETS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "loyverse": {
        **_OPTIONS, "handle": ("handle",), "group": ("category",), "track_stock": ("track stock",),
        "active": ("available for sale",), "min_stock": ("low stock",), "reorder_level": ("optimal stock",),
    },
    "square": {
        **_OPTIONS, "handle": ("reference handle",), "name": ("item name",), "variation": ("variation name",),
        "group": ("category", "categories", "reporting category"), "barcode": ("gtin",),
        "cost": ("default unit cost", "unit cost"), "min_stock": ("stock alert count",),
    },
    "odoo": {
        "sku": ("internal reference", "default_code"), "price": ("sales price", "list_price"),
        "cost": ("cost", "standard_price"), "group": ("product category", "categ_id"),
        "unit": ("unit of measure", "uom_id", "unit"), "kind": ("product type", "type", "detailed_type"),
        "external_ref": ("external id", "id"), "description": ("sales description", "description_sale"),
        "hsn": ("hsn/sac code", "l10n_in_hsn_code"), "choices": ("variant values",),
    },
    "vyapar": {
        "name": ("item name",), "sku": ("item code",), "price": ("sale price",), "cost": ("purchase price",),
        "tax_rate": ("tax rate", "tax"), "tax_included": ("inclusive of tax", "sale price tax type"),
        "unit": ("base unit", "primary unit"), "min_stock": ("minimum stock quantity",), "tax_class": (),
    },
}  # fmt: skip
"""The titles in other systems' exports. Where such a system repeats a product's rows by a handle, so do we."""

NO_PRESET: Final = "none"
"""Said instead of a preset where a sheet is to be read by its titles alone, whatever system it looks like."""

_SIGNS: Final[Mapping[str, Sequence[tuple[str, ...]]]] = {
    "loyverse": [("handle", "name", "trackstock"), ("handle", "name", "soldbyweight")],
    "square": [("token", "itemname", "variationname"), ("referencehandle", "itemname", "variationname")],
    "odoo": [("internalreference", "salesprice"), ("defaultcode", "listprice")],
    "vyapar": [("itemname", "saleprice", "inclusiveoftax"), ("itemname", "saleprice", "salepricetaxtype")],
}
"""Titles that only one system's exports have together, as `sheets.names_of` gives them."""

_KINDS: Final = {
    "storable product": "goods", "consumable": "goods", "product": "goods", "physical": "goods", "goods": "goods",
    "physical good": "goods", "services": "service",
}  # fmt: skip
_UNITS: Final = {
    "units": "piece", "unit(s)": "piece", "unit": "piece", "pcs": "piece", "pieces": "piece", "numbers": "piece",
    "kilograms": "kg", "kgs": "kg", "litres": "litre", "liters": "litre", "meters": "metre", "metres": "metre",
    "m": "metre", "l": "litre",
}  # fmt: skip
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)$")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)\s*%?$")
_NO_VARIATION: Final = frozenset({"", "regular", "standard", "default"})


def _small(value: object) -> object:
    return _KINDS.get(value.casefold(), value.casefold()) if isinstance(value, str) else value


def _included(value: object) -> object:
    """Read "Inclusive" and "Exclusive" as yes and no."""
    said = value.casefold() if isinstance(value, str) else ""
    return "yes" if said.startswith("incl") else "no" if said.startswith("excl") else value


def _rate_bp(value: object) -> object:
    """Read `18`, `18%` or `GST@18%` into basis points."""
    found = _PERCENT.search(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("Write the rate like 18%.")
    return int(Decimal(found[1]) * 100)


def _choices(value: object) -> object:
    return read_choices(value) if isinstance(value, str) else value


Cell = Annotated[str, StringConstraints(max_length=200)]
_Price = Annotated[MoneyCell, Field(ge=0, le=money.LIMIT_MINOR)]
_Level = Annotated[QuantityCell, Field(ge=0, le=quantity.LIMIT_MILLI)]
_Choice = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class ProductRow(BaseModel):
    """One row of goods as it was read; None is a blank cell."""

    name: Name | None = None
    choices: Annotated[dict[_Choice, _Choice], BeforeValidator(_choices), Field(max_length=6)] | None = None
    group: Annotated[str, StringConstraints(max_length=1000)] | None = None
    sku: Sku | None = None
    barcode: Barcode | None = None
    price: _Price | None = None
    tax_included: Annotated[FlagCell, BeforeValidator(_included)] | None = None
    cost: _Price | None = None
    tax_class: Cell | None = None
    tax_rate: Annotated[int, BeforeValidator(_rate_bp)] | None = None
    unit: Unit | None = None
    kind: Annotated[Literal["goods", "service"], BeforeValidator(_small)] | None = None
    tracking: Annotated[Literal["none", "quantity", "batch", "serial"], BeforeValidator(_small)] | None = None
    track_stock: FlagCell | None = None
    brand: ShortText | None = None
    description: LongText | None = None
    hsn: Hsn | None = None
    min_stock: _Level | None = None
    reorder_level: _Level | None = None
    reorder_quantity: _Level | None = None
    warranty_months: Annotated[int, Field(ge=0, le=600)] | None = None
    picture: Picture | None = None
    external_ref: ExternalRef | None = None
    active: FlagCell | None = None
    handle: Cell | None = None
    variation: _Choice | None = None
    option1_name: _Choice | None = None
    option1_value: _Choice | None = None
    option2_name: _Choice | None = None
    option2_value: _Choice | None = None
    option3_name: _Choice | None = None
    option3_value: _Choice | None = None

    def all_choices(self) -> dict[str, str]:
        """Give what tells this variant from its sisters, however the file says it."""
        if self.choices:
            return self.choices
        named = [
            (self.option1_name, self.option1_value), (self.option2_name, self.option2_value),
            (self.option3_name, self.option3_value),
        ]  # fmt: skip
        chosen = {name: value for name, value in named if name and value}
        if not chosen and self.variation and self.variation.casefold() not in _NO_VARIATION:
            return {"variation": self.variation}
        return chosen


_ADAPTER: Final = TypeAdapter(ProductRow)


def recognise(titles: Sequence[str]) -> str | None:
    """Say which system's export begins with these titles; None where it could be anybody's."""
    names = sheets.names_of(titles)
    return next((preset for preset, signs in _SIGNS.items() if any(names.issuperset(each) for each in signs)), None)


def read_row(cells: Mapping[str, str], columns: Mapping[str, str], currency: str, language: str,
             preset: str | None) -> ProductRow | dict[str, list[str]]:
    """Read the fields of one row, or say per field what is wrong."""
    fields = sheets.pick(cells, columns)
    if preset and "unit" in fields:
        fields["unit"] = _plain_unit(fields["unit"])
    if preset == "odoo":
        for field, theirs, ours in (("group", " / ", GROUP_SEPARATOR), ("choices", ", ", "; ")):
            if field in fields:
                fields[field] = fields[field].replace(theirs, ours)
    return sheets.parse_row(_ADAPTER, fields, currency, language)


def fill_down(rows: Iterable[Row], columns: Mapping[str, str]) -> Iterator[Row]:
    """Give each row of a handle what only the first row of that handle says: name, group, names of options."""
    repeated = [columns[field] for field in ("name", "group", "option1_name", "option2_name", "option3_name",
                                             "unit", "track_stock") if field in columns]  # fmt: skip
    handle_title = columns["handle"]
    first: dict[str, dict[str, str]] = {}
    for row in rows:
        handle = row.cells[handle_title].strip()
        known = first.setdefault(handle, row.cells) if handle else row.cells
        filled = {title: row.cells[title] or known[title] for title in repeated}
        yield Row(row.number, {**row.cells, **filled})


def choices_text(choices: Mapping[str, str]) -> str:
    """Write a variant's choices into one cell: `size: S; colour: red`."""
    return "; ".join(f"{_escape(name)}: {_escape(value)}" for name, value in choices.items())


def read_choices(text: str) -> dict[str, str]:
    """Read `size: S; colour: red`, as `choices_text` writes it. ValueError for anything else."""
    pairs = [_split(part, ":") for part in _split(text, ";") if part.strip()]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError("Write the choices like size: S; colour: red.")
    return {_unescape(name.strip()): _unescape(value.strip()) for name, value in pairs}


def _split(text: str, mark: str) -> list[str]:
    """Split at the marks that have no backslash before them."""
    return re.findall(rf"(?:\\.|[^{mark}\\])+", text, re.DOTALL)


def _escape(text: str) -> str:
    return re.sub(r"([\\;:])", r"\\\1", text)


def _unescape(text: str) -> str:
    return re.sub(r"\\([\\;:])", r"\1", text)


def _plain_unit(unit: str) -> str:
    bare = _IN_BRACKETS.sub("", unit).strip()
    return _UNITS.get(bare.casefold(), bare.casefold())
