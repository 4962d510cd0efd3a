"""Products as people and tills look at them: with their variants, today's prices and taxes, in one statement.

What is given here has the shape of `schemas.ProductOut` already, since lists of products and scanned barcodes are what
is asked most.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from duka.catalog import codes, gs1
from duka.catalog.queries import IN_FORCE
from duka.platform import lists, money
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound
from duka.platform.lists import Listing, Sort
from duka.platform.quantity import from_milli
from duka.platform.wire import PageInfo, Paging, utc_text
from duka.shops import settings

_COLUMNS: Final = """\
WITH taxes AS MATERIALIZED (
    SELECT t.id, json_build_object('id', t.id, 'name', t.name, 'treatment', t.treatment, 'rates', coalesce((
        SELECT json_agg(json_build_object('kind', r.kind, 'code', r.code, 'rate_bp', r.rate_bp)) FROM (
            SELECT DISTINCT ON (r.code) r.kind, r.code, r.rate_bp FROM tax_rates r
            WHERE r.shop_id = %(shop)s AND r.tax_class_id = t.id AND r.valid_from <= %(on)s::date
            ORDER BY r.code, r.valid_from DESC
        ) r
    ), '[]'::json)) AS shown
    FROM tax_classes t WHERE t.shop_id = %(shop)s
)
SELECT p.id, p.name, p.group_id, taxes.shown AS tax_class, p.kind, p.tracking, p.description, p.brand, p.unit, p.hsn,
    p.attributes, p.warranty_months, p.min_stock_milli AS min_stock, p.reorder_level_milli AS reorder_level,
    p.reorder_quantity_milli AS reorder_quantity, p.auto_reorder, p.picture, p.external_ref, p.favourite, p.active,
    own.variants, p.version, p.created_at, p.updated_at"""

# Of a set that is made as it is sold: at each place as many as there is of its scarcest component, all places together;
# null for what is no set. Stock is counted above the catalogue; its tables are read here, never written.
_CAN_MAKE: Final = """
            SELECT sum(here.sets)::bigint FROM (
                SELECT min(greatest(div(coalesce(b.quantity_milli - b.reserved_milli, 0), c.quantity_milli), 0)) AS sets
                FROM variant_components c JOIN locations l
                    ON l.shop_id = %(shop)s AND l.active AND l.kind NOT IN ('damaged', 'transit')
                LEFT JOIN stock_balances b
                    ON b.shop_id = %(shop)s AND b.variant_id = c.component_id AND b.location_id = l.id
                WHERE c.shop_id = %(shop)s AND c.variant_id = v.id GROUP BY l.id
            ) here
        """

_JOINS: Final = f"""\
JOIN taxes ON taxes.id = p.tax_class_id
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object(
        'id', v.id, 'name', v.name, 'choices', v.choices, 'sku', v.sku, 'barcode', v.barcode,
        'price', price.price_minor, 'tax_included', price.tax_included, 'cost', cost.cost_minor,
        'next_price', later.shown, 'active', v.active, 'version', v.version,
        'can_make', CASE WHEN p.tracking = 'none' THEN ({_CAN_MAKE}) END
    ) ORDER BY v.id), '[]'::json) AS variants
    FROM variants v
    {IN_FORCE}LEFT JOIN LATERAL (
        SELECT json_build_object('price', n.price_minor, 'tax_included', n.tax_included, 'valid_from',
            to_char(n.valid_from AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) AS shown
        FROM prices n WHERE n.shop_id = %(shop)s AND n.variant_id = v.id AND n.valid_from > %(at)s::timestamptz
        ORDER BY n.valid_from, n.id DESC LIMIT 1
    ) later ON true
    WHERE v.shop_id = %(shop)s AND v.product_id = p.id AND v.deleted_at IS NULL
) own
"""  # noqa: S608 - no outside text

_LISTING: Final = Listing(
    columns=_COLUMNS, table="products p", joins=_JOINS, key="p.id", default="name",
    sorts={
        "name": Sort("p.name", "text"), "created_at": Sort("p.created_at", "timestamptz"),
        "updated_at": Sort("p.updated_at", "timestamptz"),
    },
)  # fmt: skip
_STANDS: Final = "p.shop_id = %(shop)s AND p.deleted_at IS NULL"
_ONE: Final = f"{_COLUMNS} FROM products p {_JOINS} WHERE {_STANDS} AND p.id = %(product)s"
_SCANNED: Final = f"""{_COLUMNS}, hit.variant_id, hit.place FROM (
    SELECT v.id AS variant_id, v.product_id, array_position(%(codes)s::text[], v.barcode) AS place
    FROM variants v
    WHERE v.shop_id = %(shop)s AND v.barcode = ANY(%(codes)s::text[]) AND v.deleted_at IS NULL
    UNION ALL SELECT v.id, v.product_id, NULL
    FROM variants v WHERE v.shop_id = %(shop)s AND v.sku = ANY(%(skus)s::text[]) AND v.deleted_at IS NULL
    ORDER BY place NULLS LAST, variant_id LIMIT 1
) hit JOIN products p ON p.shop_id = %(shop)s AND p.id = hit.product_id {_JOINS} WHERE {_STANDS}
"""  # noqa: S608 - no outside text
_VARIANTS: Final = "FROM variants v WHERE v.shop_id = %(shop)s AND v.product_id = p.id AND v.deleted_at IS NULL"
_HOLDS: Final = f"EXISTS (SELECT {_VARIANTS} AND v.search LIKE ALL(%(patterns)s::text[]))"
_CLOSENESS: Final = f"(SELECT max(word_similarity(%(words)s, v.search)) {_VARIANTS})"
_NEAR: Final = 0.4
"""How much of a word's trigrams must agree for it to count as a typing error of another (0 to 1)."""


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products are wanted."""

    group_id: UUID | None = None
    active: bool | None = None
    tracking: str | None = None
    external_ref: str | None = None


async def products(ctx: Ctx, asked: Paging, wanted: ProductFilter) -> tuple[list[dict[str, Any]], PageInfo]:
    """Give products with their variants at today's prices.

    `q` finds by part of a name, SKU, barcode or brand; all its words must be there. Where nothing has them, a second
    statement finds what is written nearly like it: one page, the closest first.
    """
    conditions, values = [_STANDS], _as_of(ctx)
    for column in ("group_id", "active", "tracking", "external_ref"):
        if (value := getattr(wanted, column)) is not None:
            conditions.append(f"p.{column} = %({column})s")
            values[column] = value
    words = codes.search_words(asked.q or "")
    if not words:
        rows, info = await lists.page(ctx, _LISTING, asked, conditions, values)
        return [_shown(ctx, row) for row in rows], info
    patterns = [codes.like_pattern(word) for word in words]
    rows, info = await lists.page(ctx, _LISTING, asked, [*conditions, _HOLDS], {**values, "patterns": patterns})
    if not rows and not asked.cursor:
        rows = await _nearly(ctx, conditions, {**values, "words": " ".join(words), "rows": asked.limit})
    return [_shown(ctx, row) for row in rows], info


async def product(ctx: Ctx, product_id: UUID) -> dict[str, Any]:
    """Give one product. NotFound."""
    rows = await fetch(ctx, _ONE, {**_as_of(ctx), "product": product_id})
    if not rows:
        raise NotFound(what="product")
    return _shown(ctx, rows[0])


async def by_barcode(ctx: Ctx, code: str) -> dict[str, Any]:
    """Give what a scanned barcode stands for, as `schemas.FoundOut`; a GTIN is found with fewer or more leading zeros
    too. A GS1 code is found by its GTIN, a scale's label by its item, unless an item has just this code. NotFound."""
    own = list(dict.fromkeys((code, *codes.same_barcodes(code))))
    read = gs1.read_gs1(code, ctx.today(), money.exponent(ctx.currency))
    label = gs1.read_scale_label(code, settings.of(ctx).scale_codes)
    within = codes.same_barcodes(read.gtin) if read else label.barcodes if label else ()
    asked = {"codes": [*own, *within], "skus": list(label.skus) if label else []}
    rows = await fetch(ctx, _SCANNED, {**_as_of(ctx), **asked})
    if not rows:
        raise NotFound(what="barcode")
    found = _shown(ctx, rows[0])
    variant_id, place = found.pop("variant_id"), found.pop("place")
    by_itself = place is not None and place <= len(own)
    said = gs1.Facts() if by_itself else read.facts if read else label.facts if label else gs1.Facts()
    quantity = None if said.quantity_milli is None else from_milli(said.quantity_milli)
    return {
        "variant_id": variant_id, "product": found, "batch": said.batch, "expiry": said.expiry, "serial": said.serial,
        "quantity": quantity, "price": said.price_minor,
    }  # fmt: skip


async def _nearly(ctx: Ctx, conditions: list[str], values: Mapping[str, Any]) -> list[Any]:
    near = f"{_CLOSENESS} >= {_NEAR}"
    return await fetch(
        ctx,
        f"{_COLUMNS} FROM products p {_JOINS} WHERE {' AND '.join([*conditions, near])} "
        f"ORDER BY {_CLOSENESS} DESC, p.id LIMIT %(rows)s",
        values,
    )


def _as_of(ctx: Ctx) -> dict[str, Any]:
    return {"at": ctx.now, "on": ctx.today()}


def _shown(ctx: Ctx, row: Any) -> dict[str, Any]:
    shown: dict[str, Any] = row._asdict()
    for added in ("sort_by", "sort_id"):
        shown.pop(added, None)
    for level in ("min_stock", "reorder_level", "reorder_quantity"):
        if shown[level] is not None:
            shown[level] = from_milli(shown[level])
    for moment in ("created_at", "updated_at"):
        shown[moment] = utc_text(shown[moment])
    costs, counts = ctx.may("products:cost"), ctx.may("stock:read")
    for variant in shown["variants"]:
        if variant["can_make"] is None or not counts:
            del variant["can_make"]
        if variant["cost"] is None or not costs:
            del variant["cost"]
    return shown
