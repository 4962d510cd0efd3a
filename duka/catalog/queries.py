"""What is asked of the catalogue: lists and single things for people, prices and taxes for the till."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from duka.catalog import codes
from duka.catalog.models import Group, TaxClass, TaxRate
from duka.catalog.schemas import GroupOut, TaxClassOut
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
