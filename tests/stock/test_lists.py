"""What a shopkeeper sees of stock: what stands where, what moved, what runs low."""

from typing import Any

import httpx2
import pytest

from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.stock import actions as stock
from duka.stock.schemas import AdjustIn
from tests import world
from tests.stock.goods import Ware, invent, put_on_the_shelf
from tests.stock.test_adjusting import second_branch
from tests.world import Person, Shop, open_a_shop


@pytest.fixture
async def market(shop: Shop) -> Any:
    """A second branch, on the market."""
    return await second_branch(shop)


@pytest.fixture
async def goods(shop: Shop, market: Any) -> dict[str, Ware]:
    """Ten cables and three cases in the first branch, two cables on the market."""
    keeper = await world.hire(shop, "inventory_manager", branch_id=shop.branch_id)
    made = {"cable": await invent(shop, "Cable"), "case": await invent(shop, "Case 100%")}
    for name, person, place, pieces in (
        ("cable", keeper, shop.showroom_id, 10), ("case", keeper, shop.showroom_id, 3),
        ("cable", shop.owner, market[1], 2),
    ):  # fmt: skip
        async with shop.as_(person) as ctx:
            asked = {"location_id": place, "quantity": pieces, "reason": "opening"}
            await stock.adjust(ctx, made[name].product_id, AdjustIn.model_validate(asked))
    return made


async def test_what_stands_below_zero_is_found(client: httpx2.AsyncClient, house: House) -> None:
    shop = await open_a_shop(house, negative_stock=True)
    salt, rice = await world.stock_up(shop, "salt", quantity_milli=1_000), await world.stock_up(shop, "rice")
    lines = [{"variant_id": str(each), "quantity": 3} for each in (salt, rice)]
    sale = {"lines": lines, "payments": [{"method": "cash", "amount": 6_000}]}
    assert (await client.post("/api/sales", json=sale, headers=shop.owner.headers)).status_code == 201
    for asked, found in (("true", [("salt", -2)]), ("false", [("rice", 7)])):
        rows = await look(client, shop.owner, f"/api/stock?negative={asked}")
        assert [(row["variant_name"], row["quantity"]) for row in rows] == found


async def look(client: httpx2.AsyncClient, person: Person, url: str) -> list[dict[str, Any]]:
    answer = await client.get(url, headers=person.headers)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def test_stock_of_all_branches_is_seen_at_a_glance(
    shop: Shop, goods: dict[str, Ware], market: Any, client: httpx2.AsyncClient
) -> None:
    cashier = await world.hire(shop, "staff", branch_id=market[0])

    async def stands(query: str) -> list[tuple[str, str, float, bool]]:
        rows = await look(client, cashier, f"/api/stock?{query}")
        return [(row["variant_name"], row["branch_id"], row["quantity"], row["low"]) for row in rows]

    first, second = str(shop.branch_id), str(market[0])
    everything = [("Cable", first, 10, False), ("Cable", second, 2, True), ("Case 100%", first, 3, True)]
    assert sorted(await stands("")) == sorted(everything)
    assert [name for name, *_ in await stands("sort=-name")] == ["Case 100%", "Cable", "Cable"]
    assert await stands(f"branch_id={second}") == [everything[1]]
    assert await stands(f"location_id={shop.showroom_id}") == [everything[0], everything[2]]
    assert len(await stands(f"variant_id={goods['cable'].variant_id}")) == 2
    assert await stands("q=100%25") == [everything[2]]
    assert await stands("q=10%25") == []
    assert await stands("low=false") == [everything[0]]
    assert len(await stands("low=true")) == 2


@pytest.mark.parametrize("sort", ["name", "-name", "variant_id", "-variant_id"])
async def test_pages_of_stock_leave_nothing_out(
    shop: Shop, goods: dict[str, Ware], client: httpx2.AsyncClient, sort: str
) -> None:
    whole = await look(client, shop.owner, f"/api/stock?sort={sort}")
    cursor, paged = "", []
    for _ in range(3):
        answer = (await client.get(f"/api/stock?sort={sort}&limit=1{cursor}", headers=shop.owner.headers)).json()
        paged += answer["data"]
        cursor = f"&cursor={answer['page']['next_cursor']}"
    assert paged == whole
    assert answer["page"]["next_cursor"] is None


async def test_movements_tell_where_goods_went(
    shop: Shop, goods: dict[str, Ware], market: Any, client: httpx2.AsyncClient
) -> None:
    async with shop.as_() as ctx:
        asked = {"location_id": market[1], "quantity": -1, "reason": "damage", "note": "rain"}
        broken = await stock.adjust(ctx, goods["cable"].product_id, AdjustIn.model_validate(asked))

    async def moved(query: str, person: Person = shop.owner) -> list[tuple[str, str, float]]:
        rows = await look(client, person, f"/api/stock-movements?{query}")
        return [(row["variant_name"], row["kind"], row["quantity"]) for row in rows]

    everything = [
        ("Cable", "damage", -1), ("Cable", "opening", 2), ("Case 100%", "opening", 3), ("Cable", "opening", 10),
    ]  # fmt: skip
    assert await moved("") == everything
    assert await moved("sort=id") == everything[::-1]
    assert await moved("kind=damage") == [everything[0]]
    assert await moved(f"variant_id={goods['case'].variant_id}") == [everything[2]]
    assert await moved(f"product_id={goods['case'].product_id}") == [everything[2]]
    assert await moved(f"location_id={market[1]}") == everything[:2]
    assert await moved(f"source_id={broken.shown['id']}") == [everything[0]]
    day = broken.shown["business_date"].isoformat()
    assert await moved(f"from={day}&to={day}") == everything
    assert await moved(f"to={day}&from=2999-12-31") == []
    there = await world.hire(shop, "supervisor", branch_id=market[0])
    assert await moved("", there) == everything[:2], "who is bound to a branch sees its movements"
    (row,) = await look(client, shop.owner, "/api/stock-movements?kind=damage")
    assert (row["unit_cost"], row["note"], row["source"]) == (3000, "rain", "adjustment")
    (row,) = await look(client, there, "/api/stock-movements?kind=damage")
    assert "unit_cost" not in row


async def test_what_runs_low_is_listed_with_how_much_to_order(
    shop: Shop, market: Any, client: httpx2.AsyncClient
) -> None:
    await put_on_first_shelf(shop, "Enough", 6)
    await put_on_first_shelf(shop, "Low", 5)
    await put_on_first_shelf(shop, "Own quantity", 1, reorder_quantity_milli=24_000)
    await put_on_first_shelf(shop, "Not sold any more", 1, active=False)
    await invent(shop, "New")
    await invent(shop, "Repair", kind="service", tracking="none")
    rows = await look(client, await world.hire(shop, "staff"), f"/api/products/low-stock?branch_id={shop.branch_id}")
    assert [(row["variant_name"], row["quantity"], row["min_stock"], row["suggested"]) for row in rows] == [
        ("Low", 5, 5, 5), ("New", 0, 5, 10), ("Own quantity", 1, 5, 24),
    ]  # fmt: skip
    rows = await look(client, shop.owner, f"/api/products/low-stock?branch_id={market[0]}")
    assert [row["variant_name"] for row in rows] == ["New"], "what never stood anywhere is low in each showroom"


async def put_on_first_shelf(shop: Shop, name: str, pieces: float, **product: Any) -> Ware:
    ware = await invent(shop, name, **product)
    async with shop.as_() as ctx:
        asked = {"location_id": shop.showroom_id, "quantity": pieces, "reason": "opening"}
        await stock.adjust(ctx, ware.product_id, AdjustIn.model_validate(asked))
    return ware


async def test_a_location_has_a_level_of_its_own(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await put_on_the_shelf(shop, "Cable", 10)
    url = f"/api/stock/{cable.variant_id}/{shop.showroom_id}"

    async def put(body: dict[str, Any], who: Person = shop.owner) -> httpx2.Response:
        return await client.put(url, json=body, headers=who.headers)

    higher = await put({"min_stock": 12, "version": 1})
    assert higher.status_code == 200, higher.text
    shown = higher.json()["data"]
    assert (shown["min_stock"], shown["min_stock_here"], shown["low"], shown["version"]) == (12, 12, True, 2)
    low = await look(client, shop.owner, "/api/products/low-stock")
    assert [(row["variant_name"], row["suggested"]) for row in low] == [("Cable", 14)]
    stale = await put({"min_stock": 3, "version": 1})
    assert (stale.status_code, stale.json()["error"]["details"]) == (409, {"current_version": 2})
    back = await client.put(url, json={"min_stock": None}, headers=shop.owner.headers | {"If-Match": '"2"'})
    shown = back.json()["data"]
    assert (shown["min_stock"], shown["min_stock_here"], shown["version"]) == (5, None, 3)
    unsaid = await put({"min_stock": 3})
    assert (unsaid.status_code, unsaid.json()["error"]["code"]) == (400, "VERSION_REQUIRED")
    assert (await put({"version": 3})).status_code == 400
    assert (await put({"min_stock": 1, "version": 3}, await world.hire(shop, "staff"))).status_code == 403


async def test_a_level_can_be_set_before_the_goods_are_there(shop: Shop, client: httpx2.AsyncClient) -> None:
    new = await invent(shop, "New")
    url = f"/api/stock/{new.variant_id}/{shop.showroom_id}"
    early = await client.put(url, json={"min_stock": 0.5, "version": 1}, headers=shop.owner.headers)
    assert early.json()["data"]["min_stock"] == 0.5
    await put_more(shop, new)
    (row,) = await look(client, shop.owner, "/api/stock")
    assert (row["quantity"], row["min_stock_here"], row["version"]) == (4, 0.5, 2)
    for place in (f"{new_id()}/{shop.showroom_id}", f"{new.variant_id}/{new_id()}"):
        nowhere = await client.put(
            f"/api/stock/{place}", json={"min_stock": 1, "version": 1}, headers=shop.owner.headers
        )
        assert nowhere.status_code == 404


async def put_more(shop: Shop, ware: Ware) -> None:
    async with shop.as_() as ctx:
        await stock.adjust(ctx, ware.product_id, AdjustIn.model_validate({"counted": 4, "reason": "opening"}))


async def test_lists_are_taken_home_as_files_by_who_may(shop: Shop, client: httpx2.AsyncClient) -> None:
    await put_on_the_shelf(shop, "Cable", 2.5)
    cashier = await world.hire(shop, "staff")
    branch = (await client.get("/api/branches", headers=shop.owner.headers)).json()["data"][0]["name"]
    for url in ("/api/stock", "/api/stock-movements", "/api/stock-adjustments", "/api/products/low-stock"):
        answer = await client.get(f"{url}?format=csv", headers=shop.owner.headers)
        assert answer.status_code == 200, answer.text
        head, row = answer.text.removeprefix("\ufeff").splitlines()
        cells = dict(zip(head.split(","), row.split(","), strict=True))
        assert (cells["Item"], cells["Location"], cells["Quantity"]) == ("Cable", "Showroom", "2.5")
        assert cells["Branch"] == branch
        assert cells.get("Unit cost", "3000") == "3000"
        refused = await client.get(f"{url}?format=csv", headers=cashier.headers)
        assert (refused.status_code, refused.json()["error"]["details"]) == (403, {"permission": "stock:export"})


async def test_a_neighbour_sees_nothing_of_it(shop: Shop, house: House, client: httpx2.AsyncClient) -> None:
    await put_on_the_shelf(shop, "Cable", 2)
    neighbour = await open_a_shop(house)
    for url in ("/api/stock", "/api/stock-movements", "/api/stock-adjustments", "/api/products/low-stock"):
        assert await look(client, neighbour.owner, url) == []
