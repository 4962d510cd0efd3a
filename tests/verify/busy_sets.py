"""A day with sets: sold and brought back in parts, built beforehand and taken apart."""

from uuid import UUID

import httpx2

from tests.sales.sets import a_set
from tests.sales.till import back, credited, post, sold
from tests.world import Shop, stock_up


async def bundle(shop: Shop, client: httpx2.AsyncClient) -> None:
    """Sell a set of a cover and a guard and take parts of it back; build gift boxes and take one apart."""
    cover = await stock_up(shop, "cover", cost_minor=307)
    guard = await stock_up(shop, "guard", cost_minor=101)
    kit = await a_set(shop, client, "kit", (cover, 1), (guard, 0.333), price_minor=900, tax_class="VAT 18 %")
    sale = await sold(client, shop, (kit, 3), paid=2_700)
    for line in (back(sale, 0.5), back(sale, 1, restock="none"), back(sale, 0.7)):
        await credited(client, shop, sale, line)
    await _gifts(shop, client, cover, guard)


async def _gifts(shop: Shop, client: httpx2.AsyncClient, cover: UUID, guard: UUID) -> None:
    gift = await a_set(shop, client, "gift", (cover, 1), (guard, 0.25), built=True)
    for way, quantity in (("build", 3), ("take_apart", 1)):
        await post(client, shop.owner, "/api/assemblies", {"variant_id": str(gift), "way": way, "quantity": quantity})
