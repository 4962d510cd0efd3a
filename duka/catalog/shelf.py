"""What a change of goods looks at first: what stands, what it costs, which codes are in use, what happened to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from duka.catalog.models import Product, Variant
from duka.catalog.queries import IN_FORCE
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.reads import Reads
from duka.platform.tables import Base


@dataclass(frozen=True, slots=True)
class Current:
    """What a variant costs now; None where nothing is in force yet."""

    price_minor: int | None = None
    tax_included: bool | None = None
    cost_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A product with its living variants and what they cost now, read to be changed."""

    product: Product
    variants: list[Variant]
    current: Mapping[UUID, Current]


_LIVING: Final = text("""
SELECT v.* FROM unnest(CAST(:products AS uuid[])) AS w(id) CROSS JOIN LATERAL (
    SELECT * FROM variants v WHERE v.shop_id = :shop AND v.product_id = w.id AND v.deleted_at IS NULL OFFSET 0) v
ORDER BY v.id
""")


async def items_to_change(ctx: Ctx, product_ids: Sequence[UUID]) -> dict[UUID, Item]:
    """Read products with their variants and hold them until the transaction ends, in the order of their ids. Sales of
    them go on meanwhile."""
    wanted = select(Product).where(Product.id.in_(product_ids), Product.deleted_at.is_(None)).order_by(Product.id)
    fresh = {"populate_existing": True}
    products = (await ctx.db.scalars(wanted.with_for_update(key_share=True), execution_options=fresh)).all()
    parts = {"shop": ctx.shop_id, "products": [each.id for each in products]}
    living = select(Variant).from_statement(_LIVING)
    variants = (await ctx.db.scalars(living, parts, execution_options=fresh)).all()
    current = await current_prices(ctx, [each.id for each in variants])
    of_product: dict[UUID, list[Variant]] = {each.id: [] for each in products}
    for variant in variants:
        of_product[variant.product_id].append(variant)
    return {each.id: Item(each, of_product[each.id], current) for each in products}


_CURRENT: Final = f"""
SELECT v.id, price.price_minor, price.tax_included, cost.cost_minor
FROM unnest(%(variants)s::uuid[]) AS v(id)
{IN_FORCE}"""  # noqa: S608 - no outside text


async def current_prices(ctx: Ctx, variant_ids: Sequence[UUID]) -> dict[UUID, Current]:
    """Give what variants cost now."""
    rows = await fetch(ctx, _CURRENT, {"variants": list(variant_ids), "at": ctx.now})
    return {row.id: Current(row.price_minor, row.tax_included, row.cost_minor) for row in rows}


_TAKEN: Final = """
SELECT 'sku' AS kind, w.code FROM unnest(%(skus)s::text[]) AS w(code) CROSS JOIN LATERAL (
    SELECT 1 FROM variants v WHERE v.shop_id = %(shop)s AND v.deleted_at IS NULL AND v.sku = w.code OFFSET 0) v
UNION ALL SELECT 'barcode', w.code FROM unnest(%(barcodes)s::text[]) AS w(code) CROSS JOIN LATERAL (
    SELECT 1 FROM variants v WHERE v.shop_id = %(shop)s AND v.deleted_at IS NULL AND v.barcode = w.code OFFSET 0) v
UNION ALL SELECT 'ref', w.code FROM unnest(%(refs)s::text[]) AS w(code) CROSS JOIN LATERAL (
    SELECT 1 FROM products p WHERE p.shop_id = %(shop)s AND p.deleted_at IS NULL AND p.external_ref = w.code
    OFFSET 0) p
"""
_TAX_CLASSES: Final = """
SELECT t.id, t.active FROM tax_classes t WHERE t.shop_id = %(shop)s AND (t.id = ANY(%(tax_classes)s::uuid[]) OR t.id = (
    SELECT f.id FROM tax_classes f WHERE f.shop_id = %(shop)s AND f.active ORDER BY f.id LIMIT 1))
ORDER BY t.id
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands already and matters to new products: codes in use, tax classes and whether they are active.
    `first_class` is the shop's oldest active tax class, for products that name none."""

    skus: frozenset[str]
    barcodes: frozenset[str]
    external_refs: frozenset[str]
    tax_classes: Mapping[UUID, bool]
    first_class: UUID | None


async def standing(ctx: Ctx, skus: Sequence[str], barcodes: Sequence[str], refs: Sequence[str],
                   tax_classes: Sequence[UUID]) -> Standing:
    """Ask which of these codes are in use and which tax classes there are, in one statement."""
    reads = Reads(ctx)
    reads.ask("codes", _TAKEN, skus=list(skus), barcodes=list(barcodes), refs=list(refs))
    reads.ask("classes", _TAX_CLASSES, tax_classes=list(tax_classes))
    answers = await reads.send()
    classes = {UUID(row["id"]): row["active"] for row in answers["classes"]}
    skus_taken, barcodes_taken, refs_taken = (
        frozenset(row["code"] for row in answers["codes"] if row["kind"] == kind) for kind in ("sku", "barcode", "ref")
    )
    return Standing(
        skus_taken, barcodes_taken, refs_taken, classes,
        min((each for each, active in classes.items() if active), default=None),
    )


# Stock is counted above the catalogue; its tables are read here, never written. A balance of nothing may be a piece
# with a number that is there and one without that is missing.
_STOCKED: Final = """
SELECT DISTINCT v.product_id FROM variants v
WHERE v.shop_id = %(shop)s AND v.product_id = ANY(%(products)s::uuid[]) AND (
    EXISTS (
        SELECT 1 FROM stock_balances b WHERE b.shop_id = %(shop)s AND b.variant_id = v.id AND b.quantity_milli <> 0
    ) OR EXISTS (
        SELECT 1 FROM stock_transfer_lines l JOIN stock_transfers t ON t.shop_id = %(shop)s AND t.id = l.transfer_id
        WHERE l.shop_id = %(shop)s AND l.variant_id = v.id AND t.state = 'dispatched'
    ) OR EXISTS (
        SELECT 1 FROM stock_units u
        WHERE u.shop_id = %(shop)s AND u.variant_id = v.id AND u.state IN ('in_stock', 'in_transit')
    ) OR EXISTS (
        SELECT 1 FROM stock_batches b
        JOIN stock_batch_balances h ON h.shop_id = %(shop)s AND h.batch_id = b.id AND h.quantity_milli > 0
        WHERE b.shop_id = %(shop)s AND b.variant_id = v.id
    )
)
"""

TOLD_APART: Final = frozenset({"batch", "serial"})
"""How goods are followed of which each piece, or each batch, is known."""


async def with_stock(ctx: Ctx, product_ids: Sequence[UUID]) -> set[UUID]:
    """Say of which products some stands somewhere, or is on its way: by quantity, by piece or by batch."""
    rows = await fetch(ctx, _STOCKED, {"products": list(product_ids)})
    return {product_id for (product_id,) in rows}


def told_otherwise(before: str, after: str) -> bool:
    """Say whether goods would be told apart from now on, or no longer, or another way."""
    return before != after and bool(TOLD_APART & {before, after})


_OWN: Final = frozenset({
    ("variants", "product_id"), ("prices", "variant_id"), ("costs", "variant_id"), ("price_change_lines", "variant_id"),
    ("variant_components", "variant_id"),
})  # fmt: skip
"""What belongs to a product or variant itself: the column by which each such table refers to it."""


async def with_history(ctx: Ctx, variant_ids: Sequence[UUID]) -> set[UUID]:
    """Say to which of the variants something happened: anything but their own prices, costs and components refers to
    them."""
    rows = await fetch(ctx, _history_sql(), {"variants": list(variant_ids)})
    return {variant_id for (variant_id,) in rows}


@lru_cache(maxsize=1)
def _history_sql() -> str:
    """Write the question from the foreign keys themselves, so that no table can be forgotten."""
    direct = "SELECT r.{column} FROM {table} r WHERE r.shop_id = %(shop)s AND r.{column} = ANY(%(variants)s::uuid[])"
    by_product = (
        "SELECT v.id FROM variants v JOIN {table} r ON r.shop_id = v.shop_id AND r.{column} = v.product_id "
        "WHERE v.shop_id = %(shop)s AND v.id = ANY(%(variants)s::uuid[])"
    )
    return " UNION ".join(
        sql.format(table=table.name, column=key.column_keys[-1])
        for table in Base.metadata.sorted_tables
        for key in table.foreign_key_constraints
        for target, sql in (("variants", direct), ("products", by_product))
        if key.referred_table.name == target and (table.name, key.column_keys[-1]) not in _OWN
    )
