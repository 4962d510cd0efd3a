"""Sets of the tests: something that is made of other goods."""

from uuid import UUID

import httpx2
from sqlalchemy import select, update

from duka.catalog.models import Product, Variant
from tests.sales.till import Json, post
from tests.world import Shop, stock_up


async def composed(
    shop: Shop, client: httpx2.AsyncClient, variant: UUID, *made_of: tuple[UUID, float], status: int = 200
) -> Json:  # fmt: skip
    """Say what a variant is made of; give the product, or why not."""
    product_id, version = await product_of(shop, variant)
    components = [{"variant_id": str(component), "quantity": quantity} for component, quantity in made_of]
    path = f"/api/products/{product_id}/variants/{variant}/components"
    return await post(
        client, shop.owner, path, {"version": version, "components": components}, status=status, method="PUT"
    )


async def a_set(
    shop: Shop, client: httpx2.AsyncClient, name: str, *made_of: tuple[UUID, float], built: bool = False, **ware: object
) -> UUID:  # fmt: skip
    """A set of some goods: each sale takes them out of stock, unless sets are built beforehand."""
    variant = await stock_up(shop, name, quantity_milli=0, **ware)  # type: ignore[arg-type]  # handed on as they came
    if not built:
        product_id, _ = await product_of(shop, variant)
        async with shop.as_() as ctx:
            await ctx.db.execute(update(Product).where(Product.id == product_id).values(tracking="none"))
    await composed(shop, client, variant, *made_of)
    return variant


async def product_of(shop: Shop, variant: UUID) -> tuple[UUID, int]:
    """Give a variant's product, and the variant's version."""
    async with shop.asking() as ctx:
        (row,) = await ctx.db.execute(select(Variant.product_id, Variant.version).where(Variant.id == variant))
        return row.product_id, row.version
