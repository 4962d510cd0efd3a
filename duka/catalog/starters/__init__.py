"""What a new shop of a kind usually sells, to begin with: groups, names, units, taxes and prices of three countries.

Each file has one item a row. `vat` is how it is taxed where there is one VAT rate and `gst` the Indian rate in percent;
blank means the shop's first tax class. `ug`, `ke` and `in` are usual prices with tax, in shillings and rupees, of the
year 2026; blank where such a thing is not sold there. They are where a shop begins, not advice on prices or on tax.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

Kind = Literal["phone_accessories", "electrical", "auto_parts", "furniture", "grocery"]

TITLES: Final[Mapping[Kind, str]] = {
    "phone_accessories": "Phone accessories", "electrical": "Electrical shop", "auto_parts": "Auto parts",
    "furniture": "Furniture", "grocery": "Grocery",
}  # fmt: skip

_PRICES: Final = {("UG", "UGX"): "ug", ("KE", "KES"): "ke", ("IN", "INR"): "in"}
_VAT_CLASSES: Final = {"zero": "Zero-rated", "exempt": "No tax"}


@dataclass(frozen=True, slots=True)
class StarterItem:
    """An item of a starter catalogue in one country. `price` is written with the currency's whole units; empty where
    none is known. `tax_class` is a class by its usual name, `tax_rate` one by its percentage; both may be empty."""

    group: str
    name: str
    unit: str
    kind: str
    tracking: str
    tax_class: str
    tax_rate: str
    hsn: str
    price: str


def items(kind: Kind, country: str, currency: str) -> list[StarterItem]:
    """Give what a shop of a kind usually sells in a country. Where there are prices for the country, what has none is
    not sold there and left out; elsewhere nothing has a price."""
    column = _PRICES.get((country, currency))
    return [_item(row, country, column) for row in _rows(kind) if column is None or row[column]]


@lru_cache(maxsize=len(TITLES))
def _rows(kind: Kind) -> Sequence[Mapping[str, str]]:
    with files(__package__).joinpath(f"{kind}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _item(row: Mapping[str, str], country: str, column: str | None) -> StarterItem:
    indian = country == "IN"
    gst = row["gst"] if indian else ""
    tax_class = ("No tax" if gst == "0" else "") if indian else _VAT_CLASSES.get(row["vat"], "")
    service = row["tracking"] == "none"
    return StarterItem(
        group=row["group"], name=row["name"], unit=row["unit"], kind="service" if service else "goods",
        tracking=row["tracking"], tax_class=tax_class, tax_rate="" if tax_class else gst,
        hsn=row["hsn"] if indian else "", price=row[column] if column else "",
    )  # fmt: skip
