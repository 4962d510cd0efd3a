"""What is asked of the catalogue: lists and single things for people, prices and taxes for the till."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Select, func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on

from duka.catalog import codes
from duka.catalog.models import Cost, Group, Price, Product, TaxClass, TaxRate, Variant
from duka.catalog.schemas import FoundOut, GroupOut, ProductOut, TaxClassOut, VariantOut
from duka.platform import wire
from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.reads import Reads
from duka.platform.wire import PageInfo, Paging

_RATES: Final = """
coalesce((
    SELECT json_agg(json_build_object(
        'kind', r.kind, 'code', r.code, 'rate_bp', r.rate_bp, 'valid_from', r.valid_from
    ) ORDER BY r.code, r.valid_from)
    FROM tax_rates r WHERE r.shop_id = %(shop)s AND r.tax_class_id = t.id AND r.valid_from <= %(on)s::date
), '[]'::json) AS rates
"""

IN_FORCE: Final = """\
LEFT JOIN LATERAL (
    SELECT c.price_minor, c.tax_included FROM prices c
    WHERE c.shop_id = %(shop)s AND c.variant_id = v.id AND c.valid_from <= %(at)s::timestamptz
    ORDER BY c.valid_from DESC, c.id DESC LIMIT 1
) price ON true
LEFT JOIN LATERAL (
    SELECT c.cost_minor FROM costs c
    WHERE c.shop_id = %(shop)s AND c.variant_id = v.id AND c.valid_from <= %(at)s::timestamptz
    ORDER BY c.valid_from DESC, c.id DESC LIMIT 1
) cost ON true
"""
"""Joins the price and the cost that are in force for a variant `v` at the moment `at`."""

PRICES_SQL: Final = f"""
SELECT v.id AS variant_id, v.product_id, v.name, v.sku, p.unit, p.hsn, p.kind, p.tracking, p.min_stock_milli,
    p.warranty_months, v.active AND p.active AS active, p.tax_class_id, t.treatment, {_RATES},
    price.price_minor, price.tax_included, cost.cost_minor
FROM unnest(%(variants)s::uuid[]) AS wanted(id)
CROSS JOIN LATERAL (SELECT * FROM variants v WHERE v.shop_id = %(shop)s AND v.id = wanted.id OFFSET 0) v
CROSS JOIN LATERAL (SELECT * FROM products p WHERE p.shop_id = %(shop)s AND p.id = v.product_id OFFSET 0) p
CROSS JOIN LATERAL (SELECT * FROM tax_classes t WHERE t.shop_id = %(shop)s AND t.id = p.tax_class_id OFFSET 0) t
{IN_FORCE}"""  # noqa: S608 - no outside text
"""One row for each known variant of `variants`, as of the moment `at` and the business day `on`.

`OFFSET 0` keeps each look-up a look-up by key: the plan is made once for all sales and may not guess otherwise.

`active` is false when the variant or its product is no longer sold; `price_minor`, `tax_included` and `cost_minor`
are null before the first of them is in force. `rates` are all dated rows of the tax class up to the day, for
`catalog.rules.taxes_in_force`.
"""

TAX_CLASSES_SQL: Final = f"""
SELECT t.id AS tax_class_id, t.name, t.treatment, t.active, {_RATES}
FROM tax_classes t WHERE t.shop_id = %(shop)s AND t.id = ANY(%(tax_classes)s::uuid[])
"""  # noqa: S608 - no outside text
"""One row for each known class of `tax_classes`, with its dated rates up to the day `on`: for items sold by name."""


def ask_prices(reads: Reads, variant_ids: Sequence[UUID], tax_class_ids: Sequence[UUID], at: datetime,
               on: date) -> None:
    """Ask what variants cost and how they and open items are taxed, as of a moment and its business day.

    The answers stand under `prices` and, where classes were asked for, `tax_classes`; an unknown id is not among them.
    """
    reads.ask("prices", PRICES_SQL, variants=list(set(variant_ids)), at=at, on=on)
    if tax_class_ids:
        reads.ask("tax_classes", TAX_CLASSES_SQL, tax_classes=list(tax_class_ids))


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products are wanted."""

    group_id: UUID | None = None
    active: bool | None = None
    tracking: str | None = None
    external_ref: str | None = None


async def groups(ctx: Ctx, asked: Paging, parent_id: UUID | None) -> tuple[list[GroupOut], PageInfo]:
    """Give groups in the till's order: by position, then name."""
    query = select(Group)
    if parent_id is not None:
        query = query.where(Group.parent_id == parent_id)
    for word in codes.search_words(asked.q or ""):
        query = query.where(Group.name.ilike(codes.like_pattern(word), escape="\\"))
    sorts: dict[str, Any] = {"position": Group.position, "name": Group.name, "created_at": Group.created_at}
    rows, info = await wire.page(ctx, query, asked, sorts, Group.id, default="position")
    return [GroupOut.model_validate(row) for row in rows], info


async def group(ctx: Ctx, group_id: UUID) -> GroupOut:
    """Give one group. NotFound."""
    row = (await ctx.db.scalars(select(Group).where(Group.id == group_id))).one_or_none()
    if row is None:
        raise NotFound(what="group")
    return GroupOut.model_validate(row)


async def tax_classes(ctx: Ctx, asked: Paging, active: bool | None) -> tuple[list[TaxClassOut], PageInfo]:
    """Give tax classes with their dated rates."""
    query = select(TaxClass)
    if active is not None:
        query = query.where(TaxClass.active == active)
    for word in codes.search_words(asked.q or ""):
        query = query.where(TaxClass.name.ilike(codes.like_pattern(word), escape="\\"))
    sorts: dict[str, Any] = {"name": TaxClass.name, "created_at": TaxClass.created_at}
    rows, info = await wire.page(ctx, query, asked, sorts, TaxClass.id, default="created_at")
    return await _with_rates(ctx, rows), info


async def tax_class(ctx: Ctx, tax_class_id: UUID) -> TaxClassOut:
    """Give one tax class with its dated rates. NotFound."""
    rows = (await ctx.db.scalars(select(TaxClass).where(TaxClass.id == tax_class_id))).all()
    if not rows:
        raise NotFound(what="tax class")
    return (await _with_rates(ctx, rows))[0]


async def _with_rates(ctx: Ctx, classes: Sequence[TaxClass]) -> list[TaxClassOut]:
    rates: dict[UUID, list[dict[str, Any]]] = {each.id: [] for each in classes}
    found = select(TaxRate).where(TaxRate.tax_class_id.in_(list(rates))).order_by(TaxRate.valid_from, TaxRate.code)
    for rate in await ctx.db.scalars(found):
        told = ("id", "kind", "code", "rate_bp", "valid_from")
        rates[rate.tax_class_id].append({name: getattr(rate, name) for name in told})
    return [
        TaxClassOut.model_validate({
            "id": each.id, "name": each.name, "treatment": each.treatment, "active": each.active,
            "rates": rates[each.id], "version": each.version, "created_at": each.created_at,
            "updated_at": each.updated_at,
        })
        for each in classes
    ]  # fmt: skip


async def products(ctx: Ctx, asked: Paging, wanted: ProductFilter) -> tuple[list[ProductOut], PageInfo]:
    """Give products with their variants at today's prices, in one statement.

    `q` finds by part of a name, SKU, barcode or brand; all its words must be there. Where nothing has them, a second
    statement finds what is written nearly like it: one page, the closest first.
    """
    query = _shown_products(ctx, wanted)
    sorts: dict[str, Any] = {
        "name": Product.name, "created_at": Product.created_at, "updated_at": Product.updated_at,
    }  # fmt: skip
    words = codes.search_words(asked.q or "")
    literal = query
    if words:
        holds = [Variant.search.like(codes.like_pattern(word), escape="\\") for word in words]
        literal = query.where(_some_variant(*holds))
    rows, info = await wire.page(ctx, literal, asked, sorts, Product.id, default="name")
    if words and not rows and not asked.cursor:
        closeness = _closeness(" ".join(words))
        near = query.where(closeness >= _NEAR).order_by(closeness.desc(), Product.id).limit(asked.limit)
        rows = (await ctx.db.execute(near)).all()
    return [_product_out(row) for row in rows], info


async def product(ctx: Ctx, product_id: UUID) -> ProductOut:
    """Give one product. NotFound."""
    row = (await ctx.db.execute(_shown_products(ctx, ProductFilter()).where(Product.id == product_id))).one_or_none()
    if row is None:
        raise NotFound(what="product")
    return _product_out(row)


async def by_barcode(ctx: Ctx, code: str) -> FoundOut:
    """Give what a scanned barcode stands for; a GTIN is found with fewer or more leading zeros too. NotFound."""
    found = select(Variant.id, Variant.product_id).where(
        Variant.barcode.in_(codes.same_barcodes(code)), Variant.deleted_at.is_(None)
    )
    row = (await ctx.db.execute(found.order_by(Variant.barcode != code).limit(1))).one_or_none()
    if row is None:
        raise NotFound(what="barcode")
    return FoundOut(variant_id=row.id, product=await product(ctx, row.product_id))


_NEAR: Final = 0.4
"""How much of a word's trigrams must agree for it to count as a typing error of another (0 to 1)."""


def _shown_products(ctx: Ctx, wanted: ProductFilter) -> Select[Any]:
    query = select(Product, _variants_json(ctx).label("variants"), _tax_json(ctx).label("tax_class"))
    query = query.where(Product.deleted_at.is_(None))
    for column, value in (
        (Product.group_id, wanted.group_id), (Product.active, wanted.active), (Product.tracking, wanted.tracking),
        (Product.external_ref, wanted.external_ref),
    ):  # fmt: skip
        query = query if value is None else query.where(column == value)
    return query


_OF_PRODUCT: Final = (
    Variant.shop_id == Product.shop_id, Variant.product_id == Product.id, Variant.deleted_at.is_(None),
)  # fmt: skip


def _some_variant(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(Variant.id).where(*_OF_PRODUCT, *conditions).correlate(Product).exists()


def _closeness(asked: str) -> ColumnElement[float]:
    likeness = func.max(func.word_similarity(asked, Variant.search), type_=Float)
    return select(likeness).where(*_OF_PRODUCT).correlate(Product).scalar_subquery()


def _variants_json(ctx: Ctx) -> ColumnElement[Any]:
    price = ("price", Price.price_minor, "tax_included", Price.tax_included, "valid_from", Price.valid_from)
    now = _price_row(Price, Price.valid_from <= ctx.now, price, newest=True)
    later = _price_row(Price, Price.valid_from > ctx.now, price, newest=False)
    pairs: list[Any] = [
        "id", Variant.id, "name", Variant.name, "choices", Variant.choices, "sku", Variant.sku,
        "barcode", Variant.barcode, "active", Variant.active, "version", Variant.version,
        "now", now, "next_price", later,
    ]  # fmt: skip
    if ctx.may("products:cost"):
        pairs += ["cost", _price_row(Cost, Cost.valid_from <= ctx.now, ("cost", Cost.cost_minor), newest=True)]
    listed = func.json_agg(aggregate_order_by(func.json_build_object(*pairs), Variant.id))
    variants = select(func.coalesce(listed, text("'[]'::json"))).where(*_OF_PRODUCT)
    return variants.correlate(Product).scalar_subquery()


def _price_row(table: type[Price] | type[Cost], when: ColumnElement[bool], pairs: tuple[Any, ...], *,
               newest: bool) -> ColumnElement[Any]:
    order = (table.valid_from.desc(), table.id.desc()) if newest else (table.valid_from, table.id.desc())
    query = select(func.json_build_object(*pairs)).where(
        table.shop_id == Variant.shop_id, table.variant_id == Variant.id, when
    )
    return query.order_by(*order).limit(1).correlate(Variant).scalar_subquery()


def _tax_json(ctx: Ctx) -> ColumnElement[Any]:
    newest = (
        select(TaxRate.kind, TaxRate.code, TaxRate.rate_bp)
        .where(TaxRate.shop_id == TaxClass.shop_id, TaxRate.tax_class_id == TaxClass.id,
               TaxRate.valid_from <= ctx.today())
        .ext(distinct_on(TaxRate.code)).order_by(TaxRate.code, TaxRate.valid_from.desc())
        .correlate(TaxClass).subquery()
    )  # fmt: skip
    rate = func.json_build_object("kind", newest.c.kind, "code", newest.c.code, "rate_bp", newest.c.rate_bp)
    rates = select(func.coalesce(func.json_agg(rate), text("'[]'::json"))).correlate(TaxClass).scalar_subquery()
    shown = func.json_build_object(
        "id", TaxClass.id, "name", TaxClass.name, "treatment", TaxClass.treatment, "rates", rates
    )
    of_product = (TaxClass.shop_id == Product.shop_id, TaxClass.id == Product.tax_class_id)
    return select(shown).where(*of_product).correlate(Product).scalar_subquery()


def _product_out(row: Any) -> ProductOut:
    product: Product = row.Product
    return ProductOut.model_validate({
        **{name: getattr(product, name) for name in _SAME_NAME},
        "min_stock": product.min_stock_milli, "reorder_level": product.reorder_level_milli,
        "reorder_quantity": product.reorder_quantity_milli, "tax_class": row.tax_class,
        "variants": [_variant_out(facts) for facts in row.variants],
    })  # fmt: skip


_SAME_NAME: Final = (
    "id", "name", "group_id", "kind", "tracking", "description", "brand", "unit", "hsn", "attributes",
    "warranty_months", "picture", "external_ref", "favourite", "active", "version", "created_at", "updated_at",
)  # fmt: skip


def _variant_out(facts: dict[str, Any]) -> VariantOut:
    now = facts.pop("now") or {}
    cost = facts.pop("cost", None) or {}
    return VariantOut.model_validate({
        **facts, "price": now.get("price"), "tax_included": now.get("tax_included"), "cost": cost.get("cost"),
    })  # fmt: skip
