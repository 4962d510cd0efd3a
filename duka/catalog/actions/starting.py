"""Filling a new shop with what shops of its kind usually sell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from duka.catalog import sheet_queries, starters
from duka.catalog.actions import importing
from duka.catalog.actions.importing import Source
from duka.catalog.models import ImportRun, Product, TaxClass
from duka.catalog.sheet_queries import TaxClasses
from duka.catalog.starters import Kind, StarterItem
from duka.platform.context import Ctx
from duka.platform.sheets import Row
from duka.shops.country import country

_COLUMNS: Final = ("name", "group", "unit", "kind", "tracking", "tax_class", "tax_rate", "hsn", "price", "active")
_BORE_NO_TAX: Final = ("exempt", "nil")


@dataclass(frozen=True, slots=True)
class Started:
    """What a starter catalogue did: the import it was, which names stood already, and how many of its items wait for a
    price before they are on sale."""

    run: ImportRun
    left_alone: Sequence[str]
    without_price: int


async def items(ctx: Ctx, kind: Kind) -> list[StarterItem]:
    """Give a starter catalogue as it is for the shop's country."""
    return starters.items(kind, await country(ctx), ctx.currency)


async def add_starter(ctx: Ctx, kind: Kind) -> Started:
    """Put a starter catalogue on sale, as an import that can be undone. Names that stand already are left alone, so
    that doing it twice is doing it once. Forbidden for who may not set prices."""
    wanted = await items(ctx, kind)
    standing = await _names_standing(ctx, [item.name for item in wanted])
    taxes = await _Taxes.of(ctx)
    new = [item for item in wanted if item.name.casefold() not in standing]
    rows = [Row(number, _cells(item, taxes)) for number, item in enumerate(new, 1)]
    source = Source(rows, {name: name for name in _COLUMNS}, [], None, {})
    run = await importing.take_in(ctx, source, f"Starter catalogue: {starters.TITLES[kind]}", dry_run=False)
    assert not run.report["failed"], run.report["failed_rows"]
    left_alone = [item.name for item in wanted if item.name.casefold() in standing]
    return Started(run, left_alone, sum(not item.price for item in new))


async def _names_standing(ctx: Ctx, names: Sequence[str]) -> set[str]:
    small = func.lower(Product.name)
    query = select(Product.name).where(small.in_([name.lower() for name in names]), Product.deleted_at.is_(None))
    return {name.casefold() for name in await ctx.db.scalars(query)}


@dataclass(frozen=True, slots=True)
class _Taxes:
    """How the shop taxes: its classes, and whether it charges tax at all."""

    classes: TaxClasses
    charges: bool

    @staticmethod
    async def of(ctx: Ctx) -> "_Taxes":
        first = select(TaxClass.treatment).where(TaxClass.active).order_by(TaxClass.id).limit(1)
        charges = (await ctx.db.scalars(first)).one_or_none() not in _BORE_NO_TAX
        return _Taxes(await sheet_queries.tax_classes_in_use(ctx), charges)


def _cells(item: StarterItem, taxes: _Taxes) -> dict[str, str]:
    """Write an item as a row of a sheet. A tax class that the shop does not have, or any where it charges no tax, is
    left to the shop's first; what has no price is not on sale yet."""
    known = taxes.charges and item.tax_class.casefold() in taxes.classes.by_name
    rated = taxes.charges and item.tax_rate.isdigit() and int(item.tax_rate) * 100 in taxes.classes.by_rate
    return {
        "name": item.name, "group": item.group, "unit": item.unit, "kind": item.kind, "tracking": item.tracking,
        "tax_class": item.tax_class if known else "", "tax_rate": item.tax_rate if rated else "", "hsn": item.hsn,
        "price": item.price or "0", "active": "" if item.price else "no",
    }  # fmt: skip
