"""Goods in batches at the till: what expires first leaves first, and what has expired is not sold."""

from typing import Any
from uuid import UUID

import httpx2

from duka.platform.ids import new_id
from tests.sales.device import Item, a_device
from tests.sales.till import Json, back, credited, post, sold
from tests.stock.goods import held
from tests.stock.tracked import faults, left, medicine
from tests.world import Shop

Client = httpx2.AsyncClient


def cart(variant: UUID, quantity: float, *batches: Json, **more: Any) -> Json:
    """A sale of some syrup, of named batches, paid in cash."""
    line = {"variant_id": str(variant), "quantity": quantity, "batches": list(batches)}
    payment = {"id": str(new_id()), "method": "cash", "amount": round(1_000 * quantity)}
    return {"id": str(new_id()), "lines": [line], "payments": [payment], **more}


async def test_what_expires_first_leaves_first_and_what_has_no_day_last(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, LATE=(2, 90), NEVER=(2, None), SOON=(1.5, 3))
    await sold(client, shop, (syrup, 2), paid=2_000)
    assert await left(shop, syrup) == {"LATE": 1_500, "NEVER": 2_000}
    await sold(client, shop, (syrup, 1), (syrup, 1), paid=2_000)
    assert await left(shop, syrup) == {"NEVER": 1_500}


async def test_the_last_day_is_a_day_of_selling_and_the_next_is_not(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, TODAY=(1, 0), OVER=(3, -1))
    await sold(client, shop, (syrup, 1), paid=1_000)
    told = await post(client, shop.owner, "/api/sales", cart(syrup, 1), status=400)
    assert told["code"] == "BATCH_EXPIRED"
    assert [each["number"] for each in told["details"]["batches"]] == ["OVER"]
    named = await post(client, shop.owner, "/api/sales", cart(syrup, 1, {"number": "OVER"}), status=400)
    assert named["code"] == "BATCH_EXPIRED"
    assert await left(shop, syrup) == {"OVER": 3_000}


async def test_named_batches_leave_and_the_rest_by_their_days(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, SOON=(2, 3), LATE=(5, 90))
    sale = await post(client, shop.owner, "/api/sales", cart(syrup, 3, {"number": "LATE", "quantity": 2}))
    assert sale["lines"][0]["batches"] == [{"number": "LATE", "quantity": 2}]
    assert await left(shop, syrup) == {"SOON": 1_000, "LATE": 3_000}
    told = await post(client, shop.owner, "/api/sales", cart(syrup, 2, {"number": "SOON"}), status=400)
    assert (told["code"], told["details"]["batches"]) == (
        "BATCHES_NOT_HERE", [{"variant_id": str(syrup), "number": "SOON", "left": 1}]
    )  # fmt: skip


async def test_more_than_there_is_is_out_of_stock(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, SOON=(2, 3))
    told = await post(client, shop.owner, "/api/sales", cart(syrup, 3), status=400)
    assert (told["code"], told["details"]["short"][0]["left"]) == ("OUT_OF_STOCK", 2)


async def test_what_comes_back_is_of_the_batch_it_was(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, SOON=(2, 3), LATE=(5, 90))
    sale = await post(client, shop.owner, "/api/sales", cart(syrup, 3))
    for quantity in (1.5, 1):
        await credited(client, shop, sale, back(sale, quantity))
    assert await left(shop, syrup) == {"SOON": 2_000, "LATE": 4_500}
    await post(client, shop.owner, f"/api/sales/{sale['id']}/reverse", {"reason": "all of it"}, status=200)
    assert await left(shop, syrup) == {"SOON": 2_000, "LATE": 5_000}


async def test_expired_goods_sold_offline_stand_and_are_told(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, OVER=(3, -3))
    device = await a_device(shop, client)
    answer = await device.deliver(device.ring((Item(syrup, name="syrup"), 2)))
    told = answer.json()["data"]["exceptions"]
    assert (answer.status_code, [each["code"] for each in told]) == (201, ["BATCH_EXPIRED"])
    assert await left(shop, syrup) == {"OVER": 1_000}


async def test_more_than_a_batch_has_sold_offline_stands_and_no_batch_goes_below_nothing(
    shop: Shop, client: Client
) -> None:
    syrup = await medicine(shop, client, SOON=(1, 3), LATE=(1, 90))
    device = await a_device(shop, client)
    body = device.ring((Item(syrup, name="syrup"), 3))
    body["lines"][0]["batches"] = [{"number": "SOON", "quantity": 1.5}, {"number": "UNSEEN", "quantity": 0.25}]
    told = (await device.deliver(body)).json()["data"]["exceptions"]
    assert [each["code"] for each in told] == ["BATCHES_NOT_HERE", "OUT_OF_STOCK"]
    assert [each["left"] for each in told[0]["details"]["batches"]] == [1, 0]
    assert await left(shop, syrup) == {}
    assert await held(shop, syrup) == -1_000
    assert sorted(await faults(shop, syrup)) == [("short", -500), ("short", -250), ("unknown", -250)]


async def test_a_shop_that_sells_below_zero_sells_what_no_batch_has(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, SOON=(1, 3))
    settings = (await client.get("/api/settings", headers=shop.owner.headers)).json()["data"]
    body = {"version": settings["version"], "settings": {"negative_stock": True}}
    await post(client, shop.owner, "/api/settings", body, status=200, method="PUT")
    await sold(client, shop, (syrup, 2), paid=2_000)
    assert (await held(shop, syrup), await left(shop, syrup)) == (-1_000, {})
