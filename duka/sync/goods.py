"""The rows of what is sold: items with their prices, groups, tax classes, what is in stock."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.reads import Reads
from duka.sync.reach import Reach

_MOMENT: Final = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""

_ITEM: Final = """
SELECT v.id, v.product_id, v.name, v.sku, array_remove(ARRAY[v.barcode], NULL) AS barcodes, p.group_id, p.unit, p.hsn,
    p.kind, p.tracking, v.active AND p.active AS active, p.tax_class_id, coalesce(dated.prices, '[]'::json) AS prices,
    p.min_stock_milli, p.favourite, made.components
FROM ({wanted}) w
CROSS JOIN LATERAL (SELECT * FROM variants v WHERE v.shop_id = %(shop)s AND v.id = w.id OFFSET 0) v
CROSS JOIN LATERAL (SELECT * FROM products p WHERE p.shop_id = %(shop)s AND p.id = v.product_id OFFSET 0) p
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object(
        'price_minor', c.price_minor, 'tax_included', c.tax_included,
        'valid_from', to_char(c.valid_from AT TIME ZONE 'UTC', {moment})
    ) ORDER BY c.valid_from, c.id) AS prices
    FROM prices c WHERE c.shop_id = %(shop)s AND c.variant_id = v.id AND c.valid_from >= coalesce((
        SELECT o.valid_from FROM prices o
        WHERE o.shop_id = %(shop)s AND o.variant_id = v.id AND o.valid_from <= %(now)s::timestamptz
        ORDER BY o.valid_from DESC LIMIT 1
    ), '-infinity')
) dated
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('variant_id', c.component_id, 'quantity_milli', c.quantity_milli)
        ORDER BY c.position) AS components
    FROM variant_components c WHERE c.shop_id = %(shop)s AND c.variant_id = v.id AND p.tracking = 'none'
) made
"""
"""An item with the price in force and those to come, the oldest first; of a set that is taken from its components, what
it is made of. `OFFSET 0` keeps each look-up one by key."""

_ITEM_PAGE: Final = """
SELECT id FROM variants WHERE shop_id = %(shop)s AND deleted_at IS NULL AND id > %(item_after)s ORDER BY id
LIMIT %(item_limit)s
"""
_ITEMS_OF: Final = "SELECT id FROM variants WHERE shop_id = %(shop)s AND product_id = ANY(%(products)s)"

_GROUPS: Final = "SELECT id, name, parent_id, position FROM groups WHERE shop_id = %(shop)s"

_TAX_CLASSES: Final = """
SELECT t.id, t.name, t.treatment, t.active, coalesce(dated.rates, '[]'::json) AS rates FROM tax_classes t
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('kind', r.kind, 'code', r.code, 'rate_bp', r.rate_bp, 'valid_from', r.valid_from)
        ORDER BY r.valid_from, r.code) AS rates
    FROM tax_rates r WHERE r.shop_id = %(shop)s AND r.tax_class_id = t.id
) dated ON true WHERE t.shop_id = %(shop)s
"""

_STOCK: Final = """
SELECT b.variant_id, b.location_id, b.quantity_milli, nullif(b.reserved_milli, 0) AS reserved_milli, (
    SELECT json_agg(n.codes ORDER BY n.codes ->> 0) FROM (
        SELECT json_agg(c.code ORDER BY c.position, c.code) AS codes FROM stock_units u
        JOIN stock_unit_codes c ON c.shop_id = %(shop)s AND c.unit_id = u.id
        WHERE u.shop_id = %(shop)s AND u.location_id = b.location_id AND u.variant_id = b.variant_id GROUP BY u.id
    ) n
) AS serials, (
    SELECT json_agg(json_build_object('number', k.number, 'expires_on', k.expires_on, 'quantity_milli',
        h.quantity_milli) ORDER BY k.expires_on, k.id)
    FROM stock_batches k JOIN stock_batch_balances h ON h.shop_id = %(shop)s AND h.batch_id = k.id
        AND h.location_id = b.location_id AND h.quantity_milli > 0
    WHERE k.shop_id = %(shop)s AND k.variant_id = b.variant_id
) AS batches FROM stock_balances b
JOIN locations l ON l.shop_id = %(shop)s AND l.id = b.location_id
WHERE b.shop_id = %(shop)s AND (%(stock_branch)s::uuid IS NULL OR l.branch_id = %(stock_branch)s::uuid)
"""
_STOCK_PAGE: Final = f"""{_STOCK}
    AND (b.variant_id, b.location_id) > (%(stock_after)s, %(stock_after_location)s)
ORDER BY b.variant_id, b.location_id LIMIT %(stock_limit)s
"""
_STOCK_MOVED: Final = f"""{_STOCK} AND (b.variant_id, b.location_id) IN (
    SELECT m.variant_id, m.location_id FROM stock_movements m
    WHERE m.shop_id = %(shop)s AND m.source_id = ANY(%(documents)s)
    UNION ALL
    SELECT o.variant_id, o.location_id FROM stock_balances o
    WHERE o.shop_id = %(shop)s AND o.variant_id = ANY(%(documents)s)
    UNION ALL
    SELECT r.variant_id, r.location_id FROM stock_reservations r
    WHERE r.shop_id = %(shop)s AND r.document_id = ANY(%(documents)s)
)
"""  # noqa: S608 - no outside text


def ask_items(ctx: Ctx, reads: Reads, after: UUID, limit: int) -> None:
    """Ask for the next items (`item`) by id."""
    reads.ask("item", _ITEM.format(wanted=_ITEM_PAGE, moment=_MOMENT), item_after=after, item_limit=limit, now=ctx.now)


def ask_items_of(ctx: Ctx, reads: Reads, products: Sequence[UUID]) -> None:
    """Ask for the items of some products (`item`), and for the ids of those that are deleted (`item_gone`)."""
    standing, gone = f"{_ITEMS_OF} AND deleted_at IS NULL", f"{_ITEMS_OF} AND deleted_at IS NOT NULL"
    reads.ask("item", _ITEM.format(wanted=standing, moment=_MOMENT), products=list(products), now=ctx.now)
    reads.ask("item_gone", gone)


def ask_groups(reads: Reads, groups: Sequence[UUID] | None) -> None:
    """Ask for groups (`group`): some, or all."""
    if groups is None:
        reads.ask("group", _GROUPS)
    else:
        reads.ask("group", f"{_GROUPS} AND id = ANY(%(groups)s)", groups=list(groups))


def ask_tax_classes(reads: Reads, classes: Sequence[UUID] | None) -> None:
    """Ask for tax classes with all their dated rates (`tax_class`): some, or all."""
    if classes is None:
        reads.ask("tax_class", _TAX_CLASSES)
    else:
        reads.ask("tax_class", f"{_TAX_CLASSES} AND t.id = ANY(%(tax_classes)s)", tax_classes=list(classes))


def ask_stock(reads: Reads, reach: Reach, after: tuple[UUID, UUID], limit: int) -> None:
    """Ask for the next balances (`stock`) by variant and location."""
    reads.ask(
        "stock", _STOCK_PAGE, stock_branch=reach.branch_id, stock_after=after[0], stock_after_location=after[1],
        stock_limit=limit,
    )  # fmt: skip


def item_row(row: dict[str, Any]) -> dict[str, Any]:
    """Write an item as it leaves: components only of what has some."""
    return {name: value for name, value in row.items() if name != "components" or value is not None}


def stock_row(row: dict[str, Any]) -> dict[str, Any]:
    """Write a balance as it leaves: units and batches only where its goods have such, what is put aside where some
    is."""
    return {name: value for name, value in row.items() if value is not None}


def ask_stock_moved(reads: Reads, reach: Reach) -> None:
    """Ask for the balances (`stock`) that the statement's `documents` moved. What was told of a variant's units and
    batches afterwards has no document: the variant itself is among them then."""
    reads.ask("stock", _STOCK_MOVED, stock_branch=reach.branch_id)
