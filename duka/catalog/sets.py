"""What sets are made of: asked for the till with a sale's other facts, and by whoever changes goods."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.reads import Reads

COMPONENTS_MAX: Final = 50
"""Different components in one set."""

# `OFFSET 0` keeps each look-up one by key, as for prices.
_COMPONENTS: Final = """
SELECT c.variant_id, c.component_id, c.quantity_milli, v.name, p.tracking, p.min_stock_milli,
    coalesce(cost.cost_minor, 0) AS cost_minor
FROM unnest(%(variants)s::uuid[]) AS wanted(id)
CROSS JOIN LATERAL (
    SELECT * FROM variant_components c WHERE c.shop_id = %(shop)s AND c.variant_id = wanted.id OFFSET 0
) c
CROSS JOIN LATERAL (SELECT * FROM variants v WHERE v.shop_id = %(shop)s AND v.id = c.component_id OFFSET 0) v
CROSS JOIN LATERAL (SELECT * FROM products p WHERE p.shop_id = %(shop)s AND p.id = v.product_id OFFSET 0) p
LEFT JOIN LATERAL (
    SELECT o.cost_minor FROM costs o
    WHERE o.shop_id = %(shop)s AND o.variant_id = c.component_id AND o.valid_from <= %(at)s::timestamptz
    ORDER BY o.valid_from DESC, o.id DESC LIMIT 1
) cost ON true
WHERE p.tracking <> 'none'
ORDER BY c.variant_id, c.position
"""
_IDS: Final = """
SELECT DISTINCT component_id FROM variant_components WHERE shop_id = %(shop)s AND variant_id = ANY(%(sets)s::uuid[])
"""
_AMONG: Final = """
SELECT DISTINCT c.component_id FROM variant_components c
JOIN variants v ON v.shop_id = %(shop)s AND v.id = c.variant_id AND v.deleted_at IS NULL
WHERE c.shop_id = %(shop)s AND c.component_id = ANY(%(variants)s::uuid[])
"""
_SETS_AMONG: Final = """
SELECT DISTINCT c.variant_id FROM variant_components c
WHERE c.shop_id = %(shop)s AND c.variant_id = ANY(%(variants)s::uuid[])
"""
_PART_OF: Final = """
SELECT DISTINCT v.name FROM variant_components c JOIN variants v ON v.shop_id = %(shop)s AND v.id = c.variant_id
WHERE c.shop_id = %(shop)s AND c.component_id = ANY(%(components)s::uuid[]) AND v.deleted_at IS NULL
ORDER BY v.name LIMIT 10
"""


@dataclass(frozen=True, slots=True)
class SetComponent:
    """How much of a variant is in one set (thousandths), what one unit of it costs, how it is followed."""

    variant_id: UUID
    name: str
    quantity_milli: int
    tracking: str
    cost_minor: int
    min_stock_milli: int


def ask_components(reads: Reads) -> None:
    """Ask what sets among the `variants` of `queries.ask_prices` are made of, at the cost in force at its moment.

    The rows stand under `components`; a component whose stock is not followed any more is not among them.
    """
    reads.ask("components", _COMPONENTS)


def components(rows: Sequence[dict[str, Any]]) -> dict[UUID, tuple[SetComponent, ...]]:
    """Read the answer of `ask_components`, set by set."""
    found: dict[UUID, tuple[SetComponent, ...]] = {}
    for row in rows:
        of = UUID(row["variant_id"])
        each = SetComponent(
            UUID(row["component_id"]), row["name"], row["quantity_milli"], row["tracking"], row["cost_minor"],
            row["min_stock_milli"],
        )  # fmt: skip
        found[of] = (*found.get(of, ()), each)
    return found


async def component_ids(ctx: Ctx, sets: Collection[UUID]) -> set[UUID]:
    """Say which variants some sets are made of, for those who hold their stock beforehand."""
    return {row.component_id for row in await fetch(ctx, _IDS, {"sets": list(sets)})}


async def part_of(ctx: Ctx, variants: Collection[UUID]) -> list[str]:
    """Name sets that some of the variants are components of; ten at most."""
    return [row.name for row in await fetch(ctx, _PART_OF, {"components": list(variants)})]


async def parts_among(ctx: Ctx, variants: Collection[UUID]) -> set[UUID]:
    """Say which of some variants are components of sets."""
    return {row.component_id for row in await fetch(ctx, _AMONG, {"variants": list(variants)})}


async def sets_among(ctx: Ctx, variants: Collection[UUID]) -> set[UUID]:
    """Say which of some variants are sets."""
    return {row.variant_id for row in await fetch(ctx, _SETS_AMONG, {"variants": list(variants)})}
