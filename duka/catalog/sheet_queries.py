"""What exports and imports ask: goods as rows, where groups stand, and what an import's rows are about."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from duka.catalog import codes, sheet
from duka.catalog.models import Group, TaxClass, TaxRate
from duka.catalog.queries import IN_FORCE
from duka.catalog.showing import ProductFilter
from duka.platform.context import Ctx
from duka.platform.db import fetch

_PART_ROWS: Final = 2_000
_GOODS: Final = f"""
SELECT p.name, v.choices, p.group_id, v.sku, v.barcode, price.price_minor AS price, price.tax_included,
    t.name AS tax_class, p.unit, p.kind, p.tracking, p.brand, p.description, p.hsn, p.min_stock_milli AS min_stock,
    p.reorder_level_milli AS reorder_level, p.reorder_quantity_milli AS reorder_quantity, p.warranty_months,
    p.picture, p.external_ref, p.active AND v.active AS active, cost.cost_minor AS cost, p.id AS product_id,
    v.id AS variant_id
FROM products p
CROSS JOIN LATERAL (
    SELECT * FROM variants v WHERE v.shop_id = %(shop)s AND v.product_id = p.id AND v.deleted_at IS NULL
        AND v.search LIKE ALL(%(patterns)s::text[]) OFFSET 0
) v
CROSS JOIN LATERAL (SELECT t.name FROM tax_classes t WHERE t.shop_id = %(shop)s AND t.id = p.tax_class_id OFFSET 0) t
{IN_FORCE}WHERE p.shop_id = %(shop)s AND p.deleted_at IS NULL
    AND (%(group)s::uuid IS NULL OR p.group_id = %(group)s) AND (%(active)s::boolean IS NULL OR p.active = %(active)s)
    AND (%(tracking)s::text IS NULL OR p.tracking = %(tracking)s)
    AND (%(ref)s::text IS NULL OR p.external_ref = %(ref)s) AND (%(after_product)s::uuid IS NULL
        OR (p.name, p.id, v.id) > (%(after_name)s::text, %(after_product)s::uuid, %(after_variant)s::uuid))
ORDER BY p.name, p.id, v.id LIMIT %(limit)s
"""  # noqa: S608 - no outside text


async def goods(ctx: Ctx, wanted: ProductFilter, q: str | None) -> AsyncIterator[list[dict[str, Any]]]:
    """Give goods as rows of `sheet.COLUMNS`, one for each variant, at today's prices: all of them, in parts."""
    paths = await group_paths(ctx)
    asked: dict[str, Any] = {
        "at": ctx.now, "group": wanted.group_id, "active": wanted.active, "tracking": wanted.tracking,
        "ref": wanted.external_ref, "limit": _PART_ROWS, "after_name": None, "after_product": None,
        "after_variant": None, "patterns": [codes.like_pattern(word) for word in codes.search_words(q or "")],
    }  # fmt: skip
    while rows := await fetch(ctx, _GOODS, asked):
        yield [
            {**row._asdict(), "group": paths.get(row.group_id), "choices": sheet.choices_text(row.choices)}
            for row in rows
        ]
        last = rows[-1]
        asked |= {"after_name": last.name, "after_product": last.product_id, "after_variant": last.variant_id}


async def group_paths(ctx: Ctx) -> dict[UUID, str]:
    """Say where each group stands: `Phones > Chargers`."""
    rows = {row.id: row for row in await ctx.db.execute(select(Group.id, Group.parent_id, Group.name))}
    paths = {}
    for group_id, row in rows.items():
        names = [row.name]
        while row.parent_id is not None:
            row = rows[row.parent_id]
            names.insert(0, row.name)
        paths[group_id] = sheet.GROUP_SEPARATOR.join(names)
    return paths


@dataclass(frozen=True, slots=True)
class TaxClasses:
    """The shop's tax classes in use, by small-lettered name and by the one rate in force today, in basis points."""

    by_name: dict[str, UUID] = field(default_factory=dict)
    by_rate: dict[int, UUID] = field(default_factory=dict)


async def tax_classes_in_use(ctx: Ctx) -> TaxClasses:
    """Give the tax classes that a row may name, or be meant by its rate: the oldest one with just that rate."""
    found = TaxClasses()
    rates: dict[UUID, dict[str, int]] = {}
    in_force = select(TaxRate).where(TaxRate.valid_from <= ctx.today()).order_by(TaxRate.valid_from)
    for rate in await ctx.db.scalars(in_force):
        rates.setdefault(rate.tax_class_id, {})[rate.code] = rate.rate_bp
    for tax_class in await ctx.db.scalars(select(TaxClass).where(TaxClass.active).order_by(TaxClass.id)):
        found.by_name.setdefault(tax_class.name.casefold(), tax_class.id)
        charged = list(rates.get(tax_class.id, {}).values())
        if len(charged) == 1:
            found.by_rate.setdefault(charged[0], tax_class.id)
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """A variant that stands already, as far as a row may be about it."""

    variant_id: UUID
    product_id: UUID
    sku: str
    barcode: str | None
    external_ref: str | None
    name: str
    kind: str
    choices: dict[str, str]


_KNOWN: Final = """
WITH wanted AS MATERIALIZED (
    SELECT v.product_id AS id FROM unnest(%(skus)s::text[]) AS w(code) CROSS JOIN LATERAL (
        SELECT * FROM variants v WHERE v.shop_id = %(shop)s AND v.deleted_at IS NULL AND v.sku = w.code OFFSET 0) v
    UNION SELECT v.product_id FROM unnest(%(barcodes)s::text[]) AS w(code) CROSS JOIN LATERAL (
        SELECT * FROM variants v WHERE v.shop_id = %(shop)s AND v.deleted_at IS NULL AND v.barcode = w.code OFFSET 0) v
    UNION SELECT p.id FROM unnest(%(refs)s::text[]) AS w(code) CROSS JOIN LATERAL (
        SELECT * FROM products p WHERE p.shop_id = %(shop)s AND p.deleted_at IS NULL AND p.external_ref = w.code
        OFFSET 0) p
    UNION SELECT p.id FROM unnest(%(names)s::text[]) AS w(code) CROSS JOIN LATERAL (
        SELECT * FROM products p WHERE p.shop_id = %(shop)s AND p.deleted_at IS NULL AND p.name = w.code OFFSET 0) p
)
SELECT v.id AS variant_id, v.product_id, v.sku, v.barcode, p.external_ref, p.name, p.kind, v.choices
FROM wanted w
CROSS JOIN LATERAL (
    SELECT * FROM products p WHERE p.shop_id = %(shop)s AND p.id = w.id AND p.deleted_at IS NULL OFFSET 0) p
CROSS JOIN LATERAL (
    SELECT * FROM variants v WHERE v.shop_id = %(shop)s AND v.product_id = w.id AND v.deleted_at IS NULL OFFSET 0) v
ORDER BY v.id
"""
"""Each code goes its own way through its own index. OFFSET 0 keeps that way: while a table grows by thousands of rows
its statistics are old, and joined freely it would be read whole again and again."""


async def known(ctx: Ctx, skus: Collection[str], barcodes: Collection[str], refs: Collection[str],
                names: Collection[str]) -> list[Known]:
    """Give the variants of every product that has one of these codes, references or names."""
    values = {"skus": list(skus), "barcodes": list(barcodes), "refs": list(refs), "names": list(names)}
    return [Known(**row._asdict()) for row in await fetch(ctx, _KNOWN, values)]
