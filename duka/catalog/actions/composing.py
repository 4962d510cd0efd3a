"""To compose: to say what a set is made of."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete

from duka.catalog import sets, shelf
from duka.catalog.actions import editing
from duka.catalog.errors import ComponentNotFit, ComponentUnknown, PartOfSets, SetFollowed
from duka.catalog.models import Component, Product, Variant
from duka.catalog.shelf import TOLD_APART
from duka.platform import quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound

_PRODUCTS_OF: Final = """
SELECT id, product_id FROM variants
WHERE shop_id = %(shop)s AND id = ANY(%(components)s::uuid[]) AND deleted_at IS NULL
"""
_MADE_OF: Final = """
SELECT c.variant_id, c.component_id, c.quantity_milli, v.name FROM variant_components c
JOIN variants v ON v.shop_id = %(shop)s AND v.id = c.component_id
WHERE c.shop_id = %(shop)s AND c.variant_id = ANY(%(sets)s::uuid[]) ORDER BY c.variant_id, c.position
"""


async def compose(
    ctx: Ctx, product_id: UUID, variant_id: UUID, components: Sequence[tuple[UUID, int]], version: int | None
) -> None:  # fmt: skip
    """Say what a variant is made of: other variants, each with how much of it is in one set (thousandths). Nothing
    makes it a plain item again. What was sold before keeps what it took.

    NotFound, VersionRequired, StaleVersion, ComponentUnknown; ComponentNotFit for the set itself, goods without stock
    or not on sale, and other sets; PartOfSets for what is a component itself; SetFollowed for goods with serial numbers
    or batches.
    """
    wanted = {component_id for component_id, _ in components}
    product_of = {row.id: row.product_id for row in await fetch(ctx, _PRODUCTS_OF, {"components": list(wanted)})}
    # All products together, in the order of their ids: two sets that are made of each other meet here, and the second
    # finds what the first has said.
    items = await shelf.items_to_change(ctx, [product_id, *product_of.values()])
    if product_id not in items:
        raise NotFound(what="product")
    variant = editing.variant_of(items[product_id], variant_id)
    editing.check_version(variant.version, version)
    before = await fetch(ctx, _MADE_OF, {"sets": [variant_id, *wanted]})
    if components:
        await _check_set(ctx, items[product_id].product, variant)
        _check(variant_id, components, items, product_of, {row.variant_id for row in before})
    names = {each.id: each.name for item in items.values() for each in item.variants}
    was = [_told(row.name, row.quantity_milli) for row in before if row.variant_id == variant_id]
    becomes = [_told(names[component_id], milli) for component_id, milli in components]
    if was == becomes and {row.component_id for row in before if row.variant_id == variant_id} == wanted:
        return
    mine = (Component.shop_id == ctx.shop_id, Component.variant_id == variant_id)
    await ctx.db.execute(delete(Component).where(*mine))
    ctx.db.add_all(
        Component(shop_id=ctx.shop_id, variant_id=variant_id, component_id=component_id, position=place,
                  quantity_milli=milli)
        for place, (component_id, milli) in enumerate(components, 1)
    )  # fmt: skip
    variant.version += 1
    variant.updated_at = ctx.now
    which = {"variant": str(variant_id)} if len(items[product_id].variants) > 1 else {}
    editing.note(ctx, items[product_id].product, {"components": was}, {"components": becomes, **which})


async def _check_set(ctx: Ctx, product: Product, variant: Variant) -> None:
    if product.tracking in TOLD_APART:
        raise SetFollowed
    used_in = await sets.part_of(ctx, [variant.id])
    if used_in:
        raise PartOfSets(used_in)


def _check(
    variant_id: UUID, components: Sequence[tuple[UUID, int]], items: Mapping[UUID, shelf.Item],
    product_of: Mapping[UUID, UUID], made_of_others: set[UUID],
) -> None:  # fmt: skip
    for place, (component_id, _) in enumerate(components):
        item = items.get(product_of[component_id]) if component_id in product_of else None
        if item is None:
            raise ComponentUnknown(field=f"components.{place}.variant_id")
        component = editing.variant_of(item, component_id)
        reason = _misfit(variant_id, item.product, component, made_of_others)
        if reason:
            raise ComponentNotFit(component.name, reason, field=f"components.{place}.variant_id")


def _misfit(variant_id: UUID, product: Product, component: Variant, made_of_others: set[UUID]) -> str | None:
    if component.id == variant_id:
        return "it is the set itself"
    if product.tracking == "none":
        return "the shop keeps no stock of it"
    if component.id in made_of_others:
        return "it is a set"
    if not (component.active and product.active):
        return "it is not on sale"
    return None


def _told(name: str, milli: int) -> dict[str, Any]:
    return {"name": name, "quantity": quantity.from_milli(milli)}
