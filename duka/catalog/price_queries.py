"""What is asked about prices over time: a product's history, and changes of many prices with their lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from duka.catalog import codes
from duka.catalog.models import PriceChange, Product
from duka.platform import lists, wire
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound
from duka.platform.lists import Listing, Sort
from duka.platform.wire import PageInfo, Paging

_PRICES: Final = """
SELECT r.shop_id, r.id, 'price' AS kind, r.variant_id, r.price_minor AS amount, r.tax_included, r.valid_from
FROM variants v JOIN prices r ON r.shop_id = v.shop_id AND r.variant_id = v.id
WHERE v.shop_id = %(shop)s AND v.product_id = %(product)s"""
_COSTS: Final = """
UNION ALL SELECT r.shop_id, r.id, 'cost', r.variant_id, r.cost_minor, NULL, r.valid_from
FROM variants v JOIN costs r ON r.shop_id = v.shop_id AND r.variant_id = v.id
WHERE v.shop_id = %(shop)s AND v.product_id = %(product)s"""
_JOINS: Final = """
JOIN variants v ON v.shop_id = %(shop)s AND v.id = h.variant_id
LEFT JOIN LATERAL (
    SELECT a.at, a.staff_id FROM audit_entries a
    WHERE a.shop_id = %(shop)s AND a.entity_id = %(product)s AND a.entity = 'product'
        AND (a.at = h.valid_from OR (a.after ->> 'price_from')::timestamptz = h.valid_from)
    ORDER BY a.id DESC LIMIT 1
) told ON true
LEFT JOIN staff s ON s.shop_id = %(shop)s AND s.id = told.staff_id
"""
"""Who set a price is found by the audit entry of the same moment, or the one that says when the price begins."""


def _history(*, costs: bool) -> Listing:
    return Listing(
        columns="SELECT h.id, h.kind, h.variant_id, v.name AS variant_name, v.sku, h.amount, h.tax_included, "
        "h.valid_from, told.at AS set_at, told.staff_id AS set_by, s.name AS set_by_name",
        table=f"({_PRICES}{_COSTS if costs else ''}) h", joins=_JOINS, key="h.id",
        sorts={"valid_from": Sort("h.valid_from", "timestamptz")}, default="-valid_from",
    )  # fmt: skip


async def history(ctx: Ctx, product_id: UUID, asked: Paging,
                  variant_id: UUID | None) -> tuple[list[dict[str, Any]], PageInfo]:
    """Give the dated prices of a product, and its costs to those who may see them, the newest first. NotFound."""
    stands = select(Product.id).where(Product.id == product_id, Product.deleted_at.is_(None))
    if (await ctx.db.scalars(stands)).one_or_none() is None:
        raise NotFound(what="product")
    conditions, values = ["h.shop_id = %(shop)s"], {"product": product_id}
    if variant_id is not None:
        conditions.append("h.variant_id = %(variant)s")
        values["variant"] = variant_id
    listing = _history(costs=ctx.may("products:cost"))
    rows, info = await lists.page(ctx, listing, asked, conditions, values)
    return [row._asdict() for row in rows], info


_ITEMS: Final = """
FROM variants v
CROSS JOIN LATERAL (SELECT * FROM products p WHERE p.shop_id = %(shop)s AND p.id = v.product_id OFFSET 0) p
WHERE v.shop_id = %(shop)s AND v.deleted_at IS NULL AND p.deleted_at IS NULL"""
_PRICE_AT: Final = """
LEFT JOIN LATERAL (
    SELECT c.price_minor, c.tax_included FROM prices c
    WHERE c.shop_id = %(shop)s AND c.variant_id = v.id AND c.valid_from <= %(at)s::timestamptz
    ORDER BY c.valid_from DESC, c.id DESC LIMIT 1
) price ON true"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which items a change of prices is about: all that every named field fits."""

    group_ids: Sequence[UUID] | None = None
    variant_ids: Sequence[UUID] | None = None
    brand: str | None = None
    q: str | None = None
    inactive: bool = False

    def conditions(self) -> tuple[str, dict[str, Any]]:
        """Give it as SQL over variants `v` and products `p`, with its values."""
        sql = ["" if self.inactive else "v.active AND p.active"]
        values: dict[str, Any] = {}
        for column, name, value in (
            ("p.group_id = ANY(%(groups)s::uuid[])", "groups", self.group_ids),
            ("v.id = ANY(%(variants)s::uuid[])", "variants", self.variant_ids),
            ("lower(p.brand) = lower(%(brand)s)", "brand", self.brand),
        ):  # fmt: skip
            if value is not None:
                sql.append(column)
                values[name] = value if isinstance(value, str) else list(value)
        if self.q:
            sql.append("v.search LIKE ALL(%(patterns)s::text[])")
            values["patterns"] = [codes.like_pattern(word) for word in codes.search_words(self.q)]
        return "".join(f" AND {each}" for each in sql if each), values


@dataclass(frozen=True, slots=True)
class Priced:
    """What a variant costs at a moment; None before its first price."""

    variant_id: UUID
    price_minor: int | None
    tax_included: bool | None


async def count_chosen(ctx: Ctx, chosen: Chosen) -> int:
    """Say how many variants are chosen."""
    narrowed, values = chosen.conditions()
    return int((await fetch(ctx, f"SELECT count(*) {_ITEMS}{narrowed}", values))[0][0])


async def next_chosen(ctx: Ctx, chosen: Chosen, after: UUID | None, at: datetime, limit: int) -> list[Priced]:
    """Give the next chosen variants by id with what they cost at a moment."""
    narrowed, values = chosen.conditions()
    source = _ITEMS.replace("\nWHERE", f"{_PRICE_AT}\nWHERE", 1)
    sql = (
        f"SELECT v.id, price.price_minor, price.tax_included {source}{narrowed} "
        "AND (%(after)s::uuid IS NULL OR v.id > %(after)s::uuid) ORDER BY v.id LIMIT %(limit)s"
    )
    rows = await fetch(ctx, sql, {**values, "at": at, "after": after, "limit": limit})
    return [Priced(row.id, row.price_minor, row.tax_included) for row in rows]


_GROUPS: Final = """
WITH RECURSIVE within AS (
    SELECT g.id FROM groups g WHERE g.shop_id = %(shop)s AND g.id = %(group)s
    UNION ALL SELECT g.id FROM groups g JOIN within w ON g.parent_id = w.id WHERE g.shop_id = %(shop)s
) SELECT id FROM within ORDER BY id
"""


async def groups_within(ctx: Ctx, group_id: UUID) -> list[UUID]:
    """Give a group and those below it. NotFound."""
    found = [row.id for row in await fetch(ctx, _GROUPS, {"group": group_id})]
    if not found:
        raise NotFound(what="group")
    return found


_KNOWN: Final = """
SELECT count(*) FROM variants WHERE shop_id = %(shop)s AND id = ANY(%(variants)s::uuid[]) AND deleted_at IS NULL
"""


async def need_variants(ctx: Ctx, variant_ids: Sequence[UUID]) -> None:
    """NotFound where one of the variants is not there."""
    if (await fetch(ctx, _KNOWN, {"variants": list(variant_ids)}))[0][0] < len(set(variant_ids)):
        raise NotFound(what="variant")


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line of a change with its product, and what the variant costs now at the moment the change begins."""

    id: UUID
    variant_id: UUID
    product_id: UUID
    before_minor: int
    price_minor: int
    tax_included: bool
    now_minor: int | None
    now_included: bool | None
    now_id: UUID | None
    gone: bool


_LINES: Final = """
SELECT l.id, l.variant_id, v.product_id, l.before_minor, l.price_minor, l.tax_included,
    now.price_minor AS now_minor, now.tax_included AS now_included, now.id AS now_id,
    v.deleted_at IS NOT NULL AS gone
FROM price_change_lines l
CROSS JOIN LATERAL (SELECT * FROM variants v WHERE v.shop_id = %(shop)s AND v.id = l.variant_id OFFSET 0) v
LEFT JOIN LATERAL (
    SELECT c.id, c.price_minor, c.tax_included FROM prices c
    WHERE c.shop_id = %(shop)s AND c.variant_id = l.variant_id AND c.valid_from <= %(at)s::timestamptz
    ORDER BY c.valid_from DESC, c.id DESC LIMIT 1
) now ON true
WHERE l.shop_id = %(shop)s AND l.change_id = %(change)s
    AND (%(after)s::uuid IS NULL OR l.variant_id > %(after)s::uuid)"""


async def next_lines(ctx: Ctx, change_id: UUID, after: UUID | None, at: datetime, limit: int) -> list[PlannedLine]:
    """Give a change's next lines by variant, with what stands at the moment it begins."""
    values = {"change": change_id, "after": after, "at": at, "limit": limit}
    rows = await fetch(ctx, f"{_LINES} ORDER BY l.variant_id LIMIT %(limit)s", values)
    return [PlannedLine(**row._asdict()) for row in rows]


_MOVED: Final = f"""
SELECT count(*) FROM ({_LINES}) l
WHERE l.gone OR (l.now_minor, l.now_included) IS DISTINCT FROM (l.before_minor, l.tax_included)
"""  # noqa: S608 - no outside text


async def count_moved(ctx: Ctx, change_id: UUID, after: UUID | None, at: datetime) -> int:
    """Say of how many lines the price is not what the preview showed, or the variant is gone."""
    return int((await fetch(ctx, _MOVED, {"change": change_id, "after": after, "at": at}))[0][0])


async def changes(ctx: Ctx, asked: Paging, state: str | None) -> tuple[Sequence[PriceChange], PageInfo]:
    """Give changes of prices."""
    query = select(PriceChange)
    if state is not None:
        query = query.where(PriceChange.state == state)
    for word in codes.search_words(asked.q or ""):
        query = query.where(PriceChange.note.ilike(codes.like_pattern(word), escape="\\"))
    sorts: dict[str, Any] = {"created_at": PriceChange.created_at}
    return await wire.page(ctx, query, asked, sorts, PriceChange.id, default="-created_at")


async def change(ctx: Ctx, change_id: UUID) -> PriceChange:
    """Give one change of prices. NotFound."""
    row = (await ctx.db.scalars(select(PriceChange).where(PriceChange.id == change_id))).one_or_none()
    if row is None:
        raise NotFound(what="price change")
    return row


_SHOWN_LINES: Final = Listing(
    columns="SELECT l.id, l.variant_id, v.name AS variant_name, v.sku, l.before_minor AS price_before, "
    "l.price_minor AS price, l.price_minor - l.before_minor AS difference, l.tax_included, "
    "EXISTS (SELECT 1 FROM prices r WHERE r.shop_id = %(shop)s AND r.id = l.id) AS applied",
    table="price_change_lines l", joins="JOIN variants v ON v.shop_id = %(shop)s AND v.id = l.variant_id",
    key="l.variant_id", sorts={"variant_id": Sort("l.variant_id", "uuid"), "name": Sort("v.name", "text")},
    default="variant_id",
)  # fmt: skip


async def lines(ctx: Ctx, change_id: UUID, asked: Paging) -> tuple[list[Mapping[str, Any]], PageInfo]:
    """Give the lines of a change: every price that it changes. NotFound."""
    await change(ctx, change_id)
    conditions = ["l.shop_id = %(shop)s", "l.change_id = %(change)s"]
    rows, info = await lists.page(ctx, _SHOWN_LINES, asked, conditions, {"change": change_id})
    return [row._asdict() for row in rows], info
