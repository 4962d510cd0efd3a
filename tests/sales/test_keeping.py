"""Goods kept for carts that wait and for sales that are not paid yet, where the shop wants that."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from duka.platform.ids import new_id
from duka.stock.models import Balance
from tests import statements
from tests.sales import device
from tests.sales.sets import a_set
from tests.sales.test_sell import body, of
from tests.sales.till import Json, post, sold
from tests.sync.pulling import Copy
from tests.world import Shop, hire, open_a_shop, stock_up


@pytest.fixture
async def keeper(house: Any) -> Shop:
    """A shop that keeps goods for carts and for unpaid sales."""
    return await open_a_shop(house, reserve_held_carts=True, reserve_incomplete_sales=True)


async def kept(shop: Shop, variant_id: UUID) -> int:
    """How many thousandths of the showroom's are put aside."""
    async with shop.asking() as ctx:
        return await ctx.db.scalar(select(Balance.reserved_milli).where(Balance.variant_id == variant_id)) or 0


async def held_cart(client: httpx2.AsyncClient, shop: Shop, *lines: tuple[UUID, float]) -> Json:
    """A cart that waits for any till."""
    content = {"lines": [{"variant_id": str(variant), "quantity": quantity} for variant, quantity in lines]}
    cart = await post(client, shop.owner, "/api/carts", {"name": "the lady in red", "content": content})
    return await post(client, shop.owner, f"/api/carts/{cart['id']}/hold", status=200)


async def refused(client: httpx2.AsyncClient, shop: Shop, asked: Json) -> Json:
    """A sale that there is not enough for; what was short."""
    error = await post(client, shop.owner, "/api/sales", asked, status=400)
    assert error["code"] == "OUT_OF_STOCK"
    short: Json = error["details"]["short"][0]
    return short


async def test_what_lies_in_a_waiting_cart_is_sold_to_nobody_else(keeper: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(keeper, "cable", quantity_milli=5000)
    cart = await held_cart(client, keeper, (cable, 1), (cable, 2))
    short = await refused(client, keeper, body(of(cable, 3), paid=3000))
    assert short == {"variant_id": str(cable), "left": 2, "reserved": 3}
    path = f"/api/carts/{cart['id']}"
    await post(client, keeper.owner, f"{path}/resume", status=200)
    assert await kept(keeper, cable) == 0
    await post(client, keeper.owner, f"{path}/hold", status=200)
    assert await kept(keeper, cable) == 3000
    less = {"version": cart["version"] + 2, "content": {"lines": [{"variant_id": str(cable), "quantity": 0.5}]}}
    await post(client, keeper.owner, path, less, status=200, method="PUT")
    assert await kept(keeper, cable) == 500
    await post(client, keeper.owner, path, status=200, method="DELETE")
    assert await kept(keeper, cable) == 0


async def test_a_cart_waits_though_not_all_of_it_is_there(keeper: Shop, client: httpx2.AsyncClient) -> None:
    cable, case = await stock_up(keeper, "cable", quantity_milli=1000), await stock_up(keeper, "case")
    cart = await held_cart(client, keeper, (cable, 3), (case, 1))
    assert cart["state"] == "held"
    assert [await kept(keeper, each) for each in (cable, case)] == [1000, 1000]


async def test_of_a_set_in_a_waiting_cart_its_components_are_kept(keeper: Shop, client: httpx2.AsyncClient) -> None:
    cover, guard = await stock_up(keeper, "cover", quantity_milli=4000), await stock_up(keeper, "guard")
    kit = await a_set(keeper, client, "kit", (cover, 2), (guard, 1.5), price_minor=900)
    await held_cart(client, keeper, (kit, 2), (guard, 1))
    assert [await kept(keeper, each) for each in (cover, guard)] == [4000, 4000]
    assert (await refused(client, keeper, body(of(kit), paid=900)))["reserved"] == 4
    product = (await client.get("/api/products?q=kit", headers=keeper.owner.headers)).json()["data"][0]["id"]
    answer = await client.get(f"/api/products/{product}/components", headers=keeper.owner.headers)
    (place,) = answer.json()["data"]["sets"][0]["stock"]
    assert place["can_make"] == 0, "what is kept for others makes no set"


async def test_what_is_kept_for_an_unpaid_sale_is_taken_by_no_other(keeper: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(keeper, "cable", quantity_milli=2000)
    sale = await sold(client, keeper, (cable, 2), paid=500)
    await refused(client, keeper, body(of(cable), paid=1000, reserved_for=sale["id"]))
    assert await kept(keeper, cable) == 2000


async def test_selling_a_waiting_cart_takes_what_was_kept_for_it(keeper: Shop, client: httpx2.AsyncClient) -> None:
    cable, case = await stock_up(keeper, "cable", quantity_milli=2000), await stock_up(keeper, "case")
    cart = await held_cart(client, keeper, (cable, 2), (case, 4))
    await refused(client, keeper, body(of(cable), paid=1000))
    await post(client, keeper.owner, "/api/sales", body(of(cable, 2), paid=2000, reserved_for=cart["id"]))
    assert [await kept(keeper, each) for each in (cable, case)] == [0, 0], "what it did not need is free again"


async def test_what_was_put_aside_stays_so_for_whom_bought_it_but_has_not_paid(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=3000)
    asked = {"variant_id": str(cable), "quantity": 3}
    reservation = await post(client, shop.owner, "/api/stock/reservations", asked)
    sale = await sold(client, shop, (cable, 2), paid=500, reserved_for=reservation["id"])
    assert await kept(shop, cable) == 2000
    lines = [{"variant_id": str(cable), "quantity": 3}]
    change = {"version": 1, "lines": lines}
    await post(client, shop.owner, f"/api/sales/{sale['id']}", change, status=200, method="PUT")
    assert (await refused(client, shop, body(of(cable), paid=1000)))["reserved"] == 3
    payment = {"payments": [{"id": str(new_id()), "method": "cash", "amount": 2500}]}
    await post(client, shop.owner, f"/api/sales/{sale['id']}/payments", payment)
    assert await kept(shop, cable) == 0


async def test_an_unpaid_sale_for_which_nothing_was_put_aside_keeps_nothing(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=3000)
    reservation = await post(client, shop.owner, "/api/stock/reservations", {"variant_id": str(cable), "quantity": 3})
    await post(client, shop.owner, f"/api/stock/reservations/{reservation['id']}/release", status=200)
    for gone in (reservation["id"], str(new_id())):
        await sold(client, shop, (cable, 2), paid=500, reserved_for=gone)
        assert await kept(shop, cable) == 0


async def test_a_refused_sale_leaves_what_is_kept_as_it_was(keeper: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(keeper, "cable", quantity_milli=2000)
    cart = await held_cart(client, keeper, (cable, 2))
    await refused(client, keeper, body(of(cable, 3), paid=3000, reserved_for=cart["id"]))
    assert await kept(keeper, cable) == 2000


async def test_another_branch_does_not_take_what_is_kept_here(keeper: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(keeper, "cable", quantity_milli=2000)
    cart = await held_cart(client, keeper, (cable, 2))
    market = await post(client, keeper.owner, "/api/branches", {"id": str(new_id()), "name": "Market"})
    seller = await hire(keeper, "staff", branch_id=UUID(market["id"]))
    asked = body(of(cable), paid=1000, reserved_for=cart["id"])
    assert (await post(client, seller, "/api/sales", asked, status=400))["code"] == "OUT_OF_STOCK"
    assert await kept(keeper, cable) == 2000


async def test_an_unpaid_sale_has_its_goods_kept_until_it_is_paid(keeper: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(keeper, "cable", quantity_milli=3000)
    sale = await sold(client, keeper, (cable, 2), paid=500)
    assert (sale["state"], await kept(keeper, cable)) == ("incomplete", 2000)
    assert (await refused(client, keeper, body(of(cable, 2), paid=100)))["reserved"] == 2
    await sold(client, keeper, (cable, 1), paid=1000)
    payment = {"payments": [{"id": str(new_id()), "method": "cash", "amount": 1500}]}
    done = await post(client, keeper.owner, f"/api/sales/{sale['id']}/payments", payment)
    assert (done["state"], await kept(keeper, cable)) == ("completed", 0)


async def test_what_is_kept_follows_the_sale(keeper: Shop, client: httpx2.AsyncClient) -> None:
    cable, case = await stock_up(keeper, "cable", quantity_milli=3000), await stock_up(keeper, "case")
    sale = await sold(client, keeper, (cable, 2), paid=500)
    path = f"/api/sales/{sale['id']}"
    lines = [{"variant_id": str(cable), "quantity": 3}, {"variant_id": str(case), "quantity": 1}]
    await post(client, keeper.owner, path, {"version": 1, "lines": lines}, status=200, method="PUT")
    assert [await kept(keeper, each) for each in (cable, case)] == [3000, 1000]
    more = {"version": 2, "lines": [{"variant_id": str(cable), "quantity": 4}]}
    assert (await post(client, keeper.owner, path, more, status=400, method="PUT"))["code"] == "OUT_OF_STOCK"
    assert await kept(keeper, cable) == 3000
    await post(client, keeper.owner, path, {"version": 2, "note": "on Friday"}, status=200, method="PUT")
    assert await kept(keeper, cable) == 3000
    await post(client, keeper.owner, f"{path}/cancel", {"reason": "changed their mind"}, status=200)
    assert [await kept(keeper, each) for each in (cable, case)] == [0, 0]


async def test_what_was_kept_is_let_go_though_the_shop_keeps_nothing_any_more(
    keeper: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(keeper, "cable", quantity_milli=3000)
    sale = await sold(client, keeper, (cable, 1), paid=500)
    cart = await held_cart(client, keeper, (cable, 2))
    now = (await client.get("/api/settings", headers=keeper.owner.headers)).json()["data"]
    off = {"reserve_held_carts": False, "reserve_incomplete_sales": False}
    change = {"version": now["version"], "settings": off}
    await post(client, keeper.owner, "/api/settings", change, status=200, method="PUT")
    await post(client, keeper.owner, f"/api/carts/{cart['id']}/resume", status=200)
    payment = {"payments": [{"id": str(new_id()), "method": "cash", "amount": 500}]}
    await post(client, keeper.owner, f"/api/sales/{sale['id']}/payments", payment)
    assert await kept(keeper, cable) == 0


async def test_a_recorded_sale_stands_though_it_took_what_was_kept(keeper: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(keeper, "cable", quantity_milli=2000)
    await held_cart(client, keeper, (cable, 2))
    till = await device.a_device(keeper, client)
    known = device.Item(cable)
    paid = (await till.deliver(till.ring((known, 1)))).json()["data"]
    unpaid = (await till.deliver(till.ring((known, 1), paid=100))).json()["data"]
    for sale in (paid, unpaid):
        assert [each["code"] for each in sale["exceptions"]] == ["OUT_OF_STOCK"]
    assert paid["exceptions"][0]["details"]["short"] == [{"variant_id": str(cable), "left": 0, "reserved": 2}]
    assert await kept(keeper, cable) == 3000, "promised is promised: the cart's and the unpaid sale's"


async def test_carts_and_unpaid_sales_that_cross_are_kept_without_a_deadlock(
    keeper: Shop, client: httpx2.AsyncClient
) -> None:
    wares = [await stock_up(keeper, f"item {n}", quantity_milli=100_000) for n in range(5)]

    async def trade(turn: int) -> None:
        mixed = [(ware, 1.0) for ware in (wares[turn % 5 :] + wares[: turn % 5])]
        if turn % 2:
            cart = await held_cart(client, keeper, *reversed(mixed))
            await post(client, keeper.owner, f"/api/carts/{cart['id']}/resume", status=200)
        else:
            sale = await sold(client, keeper, *mixed, paid=100)
            payment = {"payments": [{"id": str(new_id()), "method": "cash", "amount": 4900}]}
            await post(client, keeper.owner, f"/api/sales/{sale['id']}/payments", payment)

    await asyncio.gather(*(trade(turn) for turn in range(20)))
    assert [await kept(keeper, each) for each in wares] == [0] * 5


async def test_another_till_hears_what_is_kept(keeper: Shop, client: httpx2.AsyncClient, app: FastAPI) -> None:
    cable = await stock_up(keeper, "cable", quantity_milli=5000)
    copy = Copy(app, client, keeper, keeper.owner)
    await copy.pull()
    cart = await held_cart(client, keeper, (cable, 2))
    (row,) = (await copy.pull())["stock"]
    assert (row["quantity_milli"], row["reserved_milli"]) == (5000, 2000)
    await post(client, keeper.owner, f"/api/carts/{cart['id']}/resume", status=200)
    (row,) = (await copy.pull())["stock"]
    assert "reserved_milli" not in row


async def test_a_shop_that_keeps_nothing_asks_the_database_no_more_for_a_sale(
    shop: Shop, keeper: Shop, client: httpx2.AsyncClient
) -> None:
    asked: list[int] = []
    for one in (shop, keeper):
        cable = await stock_up(one, "cable")
        await sold(client, one, (cable, 1), paid=1000)
        with statements.noted() as sent:
            await sold(client, one, (cable, 1), paid=1000)
            await sold(client, one, (cable, 1), paid=100)
        asked.append(len(sent))
    assert asked[0] == asked[1]
