"""What is asked about sets: how many can be made where, and what was built or taken apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from duka.platform import lists
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound
from duka.platform.lists import Listing, Sort
from duka.platform.reads import Reads
from duka.platform.wire import PageInfo, Paging

_VARIANTS: Final = """
SELECT v.id AS variant_id, v.name, v.version, p.tracking <> 'none' AS built_beforehand FROM variants v
JOIN products p ON p.shop_id = %(shop)s AND p.id = v.product_id AND p.deleted_at IS NULL
WHERE v.shop_id = %(shop)s AND v.product_id = %(product)s AND v.deleted_at IS NULL ORDER BY v.id
"""
_COMPONENTS: Final = """
SELECT c.variant_id AS set_id, c.component_id AS variant_id, v.product_id, v.name, v.sku, p.unit, p.tracking,
    c.quantity_milli
FROM variants s JOIN variant_components c ON c.shop_id = %(shop)s AND c.variant_id = s.id
JOIN variants v ON v.shop_id = %(shop)s AND v.id = c.component_id
JOIN products p ON p.shop_id = %(shop)s AND p.id = v.product_id
WHERE s.shop_id = %(shop)s AND s.product_id = %(product)s AND s.deleted_at IS NULL ORDER BY c.variant_id, c.position
"""
_PART_OF: Final = """
SELECT DISTINCT s.id AS variant_id, s.product_id, s.name
FROM variants v JOIN variant_components c ON c.shop_id = %(shop)s AND c.component_id = v.id
JOIN variants s ON s.shop_id = %(shop)s AND s.id = c.variant_id AND s.deleted_at IS NULL
WHERE v.shop_id = %(shop)s AND v.product_id = %(product)s AND v.deleted_at IS NULL ORDER BY s.name, s.id
"""
# Of each location where anything of a set ever stood: the component of which there is least for a set says how many.
_STOCK: Final = """
WITH made AS (
    SELECT c.variant_id, c.component_id, c.quantity_milli, c.position FROM variants s
    JOIN variant_components c ON c.shop_id = %(shop)s AND c.variant_id = s.id
    WHERE s.shop_id = %(shop)s AND s.product_id = %(product)s AND s.deleted_at IS NULL
), places AS (
    SELECT DISTINCT m.variant_id, b.location_id FROM made m
    JOIN stock_balances b ON b.shop_id = %(shop)s AND b.variant_id IN (m.component_id, m.variant_id)
)
SELECT p.variant_id AS set_id, l.id AS location_id, l.name AS location_name, l.branch_id, least.can_make,
    least.scarce, coalesce(own.quantity_milli, 0) AS ready_milli
FROM places p JOIN locations l ON l.shop_id = %(shop)s AND l.id = p.location_id AND l.active
    AND l.kind NOT IN ('damaged', 'transit')
CROSS JOIN LATERAL (
    SELECT greatest(div(coalesce(b.quantity_milli - b.reserved_milli, 0), m.quantity_milli), 0)::bigint AS can_make,
        v.name AS scarce
    FROM made m JOIN variants v ON v.shop_id = %(shop)s AND v.id = m.component_id
    LEFT JOIN stock_balances b
        ON b.shop_id = %(shop)s AND b.variant_id = m.component_id AND b.location_id = p.location_id
    WHERE m.variant_id = p.variant_id ORDER BY 1, m.position LIMIT 1
) least
LEFT JOIN stock_balances own
    ON own.shop_id = %(shop)s AND own.variant_id = p.variant_id AND own.location_id = p.location_id
ORDER BY l.name, l.id
"""

_COLUMNS: Final = """
SELECT a.id, a.variant_id, v.name AS variant_name, v.product_id,
    CASE WHEN a.quantity_milli > 0 THEN 'build' ELSE 'take_apart' END AS way,
    (abs(a.quantity_milli) / 1000)::bigint AS quantity, a.location_id, l.name AS location_name, l.branch_id, a.note,
    a.staff_id, a.business_date, a.at, made.lines
"""
_JOINS: Final = """JOIN variants v ON v.shop_id = a.shop_id AND v.id = a.variant_id
JOIN locations l ON l.shop_id = a.shop_id AND l.id = a.location_id
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('variant_id', m.variant_id, 'variant_name', m.name, 'unit', m.unit,
        'quantity_milli', m.milli, 'value', m.value) ORDER BY m.position) AS lines
    FROM (
        SELECT i.variant_id, w.name, o.unit, min(i.position) AS position, sum(i.quantity_milli)::bigint AS milli,
            sum(sign(i.quantity_milli)
                * div(2 * abs(i.quantity_milli)::numeric * i.unit_cost_minor + 1000, 2000))::bigint AS value
        FROM stock_assembly_lines i JOIN variants w ON w.shop_id = i.shop_id AND w.id = i.variant_id
        JOIN products o ON o.shop_id = w.shop_id AND o.id = w.product_id
        WHERE i.shop_id = a.shop_id AND i.assembly_id = a.id GROUP BY i.variant_id, w.name, o.unit
    ) m
) made"""
_LISTING: Final = Listing(
    _COLUMNS, "stock_assemblies a", _JOINS, "a.id", {"id": Sort("a.id", "uuid"), "at": Sort("a.at", "timestamptz")},
    "-id",
)  # fmt: skip
_REACH: Final = """a.shop_id = %(shop)s AND (%(branch)s::uuid IS NULL OR EXISTS (SELECT 1 FROM locations r
    WHERE r.shop_id = %(shop)s AND r.id = a.location_id AND r.branch_id = %(branch)s::uuid))"""
"""Who is bound to a branch sees what was built there."""
_ONE: Final = f"{_COLUMNS} FROM stock_assemblies a {_JOINS} WHERE {_REACH} AND a.id = %(assembly)s"


@dataclass(frozen=True, slots=True)
class Sought:
    """What a list of assemblies is narrowed to."""

    variant_id: UUID | None = None
    location_id: UUID | None = None


async def sets_of(ctx: Ctx, product_id: UUID) -> dict[str, Any]:
    """Give what a product's variants are made of, how many sets can be had at each location (for those with
    `stock:read`), and which sets its variants are in. NotFound."""
    reads = Reads(ctx)
    reads.bind(product=product_id)
    reads.ask("variants", _VARIANTS)
    reads.ask("components", _COMPONENTS)
    reads.ask("part_of", _PART_OF)
    if ctx.may("stock:read"):
        reads.ask("stock", _STOCK)
    answers = await reads.send()
    if not answers["variants"]:
        raise NotFound(what="product")
    sets = []
    for row in answers["variants"]:
        of = {"components": [each for each in answers["components"] if each["set_id"] == row["variant_id"]]}
        if "stock" in answers:
            of["stock"] = [each for each in answers["stock"] if each["set_id"] == row["variant_id"]]
        sets.append({**row, **of})
    return {"sets": sets, "part_of": answers["part_of"]}


async def assemblies(ctx: Ctx, asked: Paging, sought: Sought) -> tuple[Sequence[Mapping[str, Any]], PageInfo]:
    """List what was built and taken apart, the newest first; in their own branch for whoever is bound to one."""
    conditions = [_REACH]
    if sought.variant_id:
        conditions.append("a.variant_id = %(variant)s::uuid")
    if sought.location_id:
        conditions.append("a.location_id = %(location)s::uuid")
    values = {"branch": ctx.branch_id, "variant": sought.variant_id, "location": sought.location_id}
    rows, info = await lists.page(ctx, _LISTING, asked, conditions, values)
    return [_shown(ctx, row) for row in rows], info


async def assembly(ctx: Ctx, assembly_id: UUID) -> dict[str, Any]:
    """Give one assembly. NotFound when the shop has none, or it is out of the caller's reach."""
    rows = await fetch(ctx, _ONE, {"assembly": assembly_id, "branch": ctx.branch_id})
    if not rows:
        raise NotFound(what="assembly")
    return _shown(ctx, rows[0])


def _shown(ctx: Ctx, row: Any) -> dict[str, Any]:
    shown = dict(row._mapping)
    if not ctx.may("products:cost"):
        for line in shown["lines"]:
            del line["value"]
    return shown
