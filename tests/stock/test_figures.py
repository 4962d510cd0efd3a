"""What is on its way, and what stock was worth on a day that is past."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from duka.catalog.models import Cost
from duka.ledger import chart
from duka.ledger.models import Posting
from duka.platform.ids import new_id
from duka.stock import actions as stock
from duka.stock import valuation
from duka.stock.models import StockDay
from duka.stock.schemas import AdjustIn
from duka.stock.valuation import At
from tests import world
from tests.stock.goods import Ware
from tests.stock.places import Json, TwoBranches, put_on_the_shelf_in_town, two_branches
from tests.world import Shop


@pytest.fixture
async def two(shop: Shop, client: httpx2.AsyncClient) -> TwoBranches:
    """A shop of two branches with ten cables of 3,000 in town."""
    return await two_branches(shop, client)


async def test_what_is_on_its_way_is_told_where_it_goes(two: TwoBranches) -> None:
    first = await two.on_the_way((two.cable, 3))
    await two.done("POST", f"transfers/{first['id']}/receive", {}, two.market)
    await two.on_the_way((two.cable, 1))
    await two.on_the_way((two.cable, 2))
    rows = await two.done("GET", "stock")
    assert {row["branch_id"]: (row["quantity"], row["in_transit"]) for row in rows} == {
        str(two.shop.branch_id): (4, 0), str(two.market_id): (3, 3)
    }  # fmt: skip


async def worth(two: TwoBranches, query: str = "") -> Json:
    told: Json = await two.done("GET", f"stock/valuation?{query}")
    return told


async def test_stock_is_worth_what_its_movements_cost(two: TwoBranches) -> None:
    case = await put_on_the_shelf_in_town(two.shop, "Case", 2.5)
    told = await worth(two)
    assert (told["value"], told["in_transit"], told["quantity"]) == (37_500, 0, None)
    sent = await two.on_the_way((two.cable, 4))
    told = await worth(two)
    assert (told["value"], told["in_transit"]) == (37_500, 12_000)
    standing = {place["location_id"]: place["value"] for place in told["locations"] if place["value"]}
    assert standing == {str(two.shop.showroom_id): 25_500}
    less = {"line_id": sent["lines"][0]["id"], "quantity": 3, "difference": "loss"}
    await two.done("POST", f"transfers/{sent['id']}/receive", {"lines": [less]}, two.market)
    told = await worth(two)
    assert (told["value"], told["in_transit"]) == (34_500, 0)
    assert sum(place["value"] for place in told["locations"]) == 34_500
    assert told["value"] == await in_the_books(two.shop), "the books say the same"
    assert (await worth(two, f"branch_id={two.market_id}"))["value"] == 9_000
    assert (await worth(two, f"location_id={two.shop.showroom_id}"))["value"] == 25_500
    of_case = await worth(two, f"variant_id={case.variant_id}")
    assert (of_case["value"], of_case["quantity"]) == (7_500, 2.5)


async def in_the_books(shop: Shop) -> int:
    async with shop.asking() as ctx:
        rows = list(await ctx.db.scalars(select(Posting)))
    into = sum(row.amount_minor for row in rows if row.debit == chart.STOCK)
    return into - sum(row.amount_minor for row in rows if row.credit == chart.STOCK)


async def test_a_past_day_is_told_as_it_was_also_after_the_days_were_added_up(two: TwoBranches) -> None:
    shop = two.shop
    async with shop.as_() as ctx:
        today, month_ago = ctx.today(), ctx.now - timedelta(days=30)
        of = {"shop_id": ctx.shop_id, "variant_id": two.cable.variant_id}
        ctx.db.add(Cost(**of, id=new_id(), cost_minor=3_000, valid_from=month_ago))
    days = [today - timedelta(days=ago) for ago in (3, 2, 1, 0)]
    for ago, quantity in ((3, -1), (1, -2), (2, -3)):
        async with shop.as_() as ctx:
            ctx.now -= timedelta(days=ago)
            await lose(ctx, two.cable, shop.showroom_id, quantity)

    async def told() -> list[int]:
        return [(await worth(two, f"date={day}"))["value"] for day in days]

    expected = [-3_000, -12_000, -18_000, 12_000]
    assert await told() == expected
    async with shop.as_() as ctx:
        await valuation.add_up(ctx, valuation.settled(ctx.now))
    assert await told() == expected, "nothing is settled yet"

    async def add_up() -> None:
        async with shop.as_() as ctx:
            await valuation.add_up(ctx, new_id())

    await asyncio.gather(*(add_up() for _ in range(5)))
    assert await told() == expected, "added up once, however often it was asked"
    async with shop.asking() as ctx:
        sums = {row.business_date: row.value_minor for row in await ctx.db.scalars(select(StockDay))}
    assert sums == {days[0]: -3_000, days[1]: -9_000, days[2]: -6_000, days[3]: 30_000}
    async with shop.as_() as ctx:
        ctx.now -= timedelta(days=2)
        await lose(ctx, two.cable, shop.showroom_id, -1)
    assert await told() == [-3_000, -15_000, -21_000, 9_000], "what is written late counts on its day"
    await add_up()
    assert await told() == [-3_000, -15_000, -21_000, 9_000]
    async with shop.asking() as ctx:
        one = await valuation.valuation(ctx, At(days[1], variant_id=two.cable.variant_id))
    assert (one["quantity_milli"], one["value"]) == (-5_000, -15_000)


async def lose(ctx: Any, ware: Ware, place: UUID, quantity: float) -> None:
    body = {"quantity": quantity, "reason": "loss", "location_id": place}
    await stock.adjust(ctx, ware.product_id, AdjustIn.model_validate(body))


async def test_who_may_see_what_stock_is_worth(two: TwoBranches) -> None:
    cashier = await world.hire(two.shop, "staff")
    assert await two.refused("GET", "stock/valuation", by=cashier) == (403, "FORBIDDEN")
    await two.on_the_way((two.cable, 4))
    told = await two.done("GET", "stock/valuation", by=two.market)
    assert (told["value"], told["in_transit"]) == (12_000, 12_000), "its own branch, and what comes there"
    assert [place["branch_id"] for place in told["locations"]] == [str(two.market_id)]
