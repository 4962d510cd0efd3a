"""What to order: from how fast goods sell, how long a delivery takes, what is here and what is coming."""

from uuid import UUID

import httpx2
from sqlalchemy import select, update

from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.purchasing.models import Supplier, SupplierItem
from duka.stock.models import Balance
from tests.sales.till import sold
from tests.stock.goods import Ware
from tests.stock.places import Json, TwoBranches
from tests.world import Shop, open_a_shop, stock_up


async def suggested(two: TwoBranches, query: str = "") -> list[Json]:
    rows: list[Json] = await two.done("GET", f"stock/reorder-suggestions?{query}")
    return rows


async def a_shop_that_sells(house: House, client: httpx2.AsyncClient) -> tuple[TwoBranches, Ware]:
    """Twenty of forty torches were sold in the last days, and none of ten lamps."""
    shop = await open_a_shop(house)
    torch = Ware(new_id(), await stock_up(shop, "torch", quantity_milli=40_000))
    lamp = Ware(new_id(), await stock_up(shop, "lamp"))
    await sold(client, shop, (torch.variant_id, 20), paid=20_000)
    return TwoBranches(shop, client, shop.branch_id, shop.showroom_id, shop.owner, shop.owner, lamp), torch


async def test_what_sells_faster_than_it_can_come_is_to_be_ordered(house: House, client: httpx2.AsyncClient) -> None:
    two, torch = await a_shop_that_sells(house, client)
    assert await suggested(two) == [], "twenty last 28 days, a delivery takes seven"
    (row,) = await suggested(two, "lead_days=28&cover_days=14")
    assert row["variant_id"] == str(torch.variant_id)
    assert (row["quantity"], row["sold"], row["days_left"], row["lead_days"]) == (20, 20, 28, 28)
    assert row["suggested"] == 10, "twenty for the delivery and ten for the days to cover, less twenty here"
    assert await suggested(two, f"lead_days=28&location_id={new_id()}") == []
    assert await suggested(two, f"lead_days=28&branch_id={new_id()}") == []
    assert [row["variant_name"] for row in await suggested(two, "lead_days=28&q=tor")] == ["torch"]
    assert await suggested(two, "lead_days=28&q=lamp") == []
    sheet = await two.ask("GET", "stock/reorder-suggestions?lead_days=28&format=csv")
    assert "torch" in sheet.text
    await stock_level(two.shop, torch, 5_000)
    (row,) = await suggested(two, "lead_days=21&cover_days=7")
    assert row["suggested"] == 15 + 5 + 5 - 20, "what is kept in reserve counts too"


async def stock_level(shop: Shop, ware: Ware, level_milli: int) -> None:
    async with shop.as_() as ctx:
        mine = update(Balance).where(Balance.variant_id == ware.variant_id)
        await ctx.db.execute(mine.values(min_stock_milli=level_milli))


async def test_where_no_pack_is_known_whole_units_are_ordered(house: House, client: httpx2.AsyncClient) -> None:
    two, torch = await a_shop_that_sells(house, client)
    await sold(client, two.shop, (torch.variant_id, 3), paid=3_000)
    (row,) = await suggested(two, "lead_days=28&cover_days=5")
    assert (row["sold"], row["suggested"]) == (23, 11), "23 for the delivery and 4.1 for five days, less 17 here"


async def test_the_suppliers_lead_time_and_pack_count(house: House, client: httpx2.AsyncClient) -> None:
    two, torch = await a_shop_that_sells(house, client)
    made = await two.done("POST", "suppliers", {"id": str(new_id()), "name": "Wholesaler", "lead_time_days": 30})
    async with two.shop.as_() as ctx:
        supplier = await ctx.db.scalar(select(Supplier.id).where(Supplier.id == UUID(made["id"])))
        assert supplier
        ctx.db.add(SupplierItem(
            shop_id=ctx.shop_id, supplier_id=supplier, variant_id=torch.variant_id, pack_size_milli=12_000,
            preferred=True,
        ))  # fmt: skip
    (row,) = await suggested(two, "cover_days=14")
    assert (row["lead_days"], row["supplier_name"]) == (30, "Wholesaler")
    assert row["suggested"] == 12, "44 days need 31.4: 11.4 more, in packs of 12"
    assert len(await suggested(two, f"supplier_id={supplier}")) == 1
    assert await suggested(two, f"supplier_id={new_id()}") == []


async def test_what_is_on_order_or_on_its_way_is_not_ordered_again(house: House, client: httpx2.AsyncClient) -> None:
    two, torch = await a_shop_that_sells(house, client)
    supplier = await two.done("POST", "suppliers", {"id": str(new_id()), "name": "Wholesaler"})
    line = {"variant_id": str(torch.variant_id), "quantity": 4, "price": 600}
    order = {"supplier_id": supplier["id"], "location_id": str(two.shop.showroom_id), "lines": [line]}
    await two.done("POST", "purchase-orders", {"id": str(new_id()), **order})
    (row,) = await suggested(two, "lead_days=56&cover_days=14")
    assert (row["on_order"], row["suggested"]) == (4, 50 - 20 - 4)
