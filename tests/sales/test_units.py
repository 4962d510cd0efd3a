"""Pieces with serial numbers at the till: each is sold once, comes back as itself, and what happened offline stands."""

import asyncio
from typing import Any

import httpx2
import pytest

from duka.platform.ids import new_id
from tests import statements
from tests.purchasing.buying import came, get
from tests.sales.device import Item, a_device
from tests.sales.till import Json, back, credited, post, sold
from tests.stock.goods import held
from tests.stock.tracked import delivered, faults, followed, phones, state
from tests.world import Shop, stock_up

Client = httpx2.AsyncClient
PRICE = 90_000


def line(variant: Any, *serials: str, quantity: float | None = None) -> Json:
    """A line of phones, by their serial numbers."""
    return {"variant_id": str(variant), "quantity": quantity or len(serials), "serials": list(serials)}


def cart(*lines: Json, paid: int = PRICE, **more: Any) -> Json:
    """A sale paid in cash."""
    payments = [{"id": str(new_id()), "method": "cash", "amount": paid}] if paid else []
    return {"id": str(new_id()), "lines": list(lines), "payments": payments, **more}


async def test_a_phone_is_sold_by_its_number_and_gone(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, ["A1", "A2"], "B1")
    sale = await post(client, shop.owner, "/api/sales", cart(line(phone, " a2 ")))
    assert sale["lines"][0]["serials"] == ["a2"]
    assert (await state(shop, "A1"))[0] == "sold"
    assert await state(shop, "B1") == ("in_stock", shop.showroom_id)
    assert await held(shop, phone) == 1_000
    assert await faults(shop, phone) == []


@pytest.mark.parametrize(("serial", "why"), [("A1", "sold"), ("X9", "unknown")])
async def test_a_phone_that_is_not_there_is_refused_with_why(
    shop: Shop, client: Client, serial: str, why: str
) -> None:
    phone = await phones(shop, client, "A1", "B1")
    await post(client, shop.owner, "/api/sales", cart(line(phone, "A1")))
    told = await post(client, shop.owner, "/api/sales", cart(line(phone, serial)), status=400)
    assert told["code"] == "UNITS_NOT_HERE"
    assert told["details"]["units"] == [{"variant_id": str(phone), "serial": serial, "state": why}]
    assert await held(shop, phone) == 1_000


async def test_one_phone_twice_in_a_cart_is_refused(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, ["A1", "A2"], "B1")
    twice = cart(line(phone, "A1"), line(phone, "A2"), paid=2 * PRICE)
    told = await post(client, shop.owner, "/api/sales", twice, status=400)
    assert told["details"]["units"] == [{"variant_id": str(phone), "serial": "A2", "state": "sold"}]


async def test_phones_without_a_number_are_refused_while_all_have_one(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    told = await post(client, shop.owner, "/api/sales", cart(line(phone, "A1", quantity=2), paid=2 * PRICE), status=400)
    assert (told["code"], told["details"]["lines"]) == (
        "SERIALS_REQUIRED", [{"variant_id": str(phone), "name": "phone", "pieces": 2, "named": 1}]
    )  # fmt: skip
    told = await post(client, shop.owner, "/api/sales", cart(line(phone, "A1", "B1", quantity=1)), status=400)
    assert told["code"] == "VALIDATION_ERROR"


async def test_a_piece_that_never_had_a_number_is_sold_without_one(shop: Shop, client: Client) -> None:
    phone = await followed(shop, "phone", "serial", price_minor=PRICE)
    product = (await client.get("/api/products", headers=shop.owner.headers)).json()["data"][0]
    opening = {"quantity": 1, "reason": "opening"}
    await post(client, shop.owner, f"/api/products/{product['id']}/adjust", opening)
    await delivered(shop, client, came(phone, 1, serials=["A1"], price=60_000))
    await sold(client, shop, (phone, 1), paid=PRICE)
    assert await faults(shop, phone) == [("unnamed", 1_000), ("unnamed", -1_000)]
    told = await post(client, shop.owner, "/api/sales", cart(line(phone, quantity=1)), status=400)
    assert told["code"] == "SERIALS_REQUIRED"


async def test_of_ten_who_want_one_phone_one_gets_it(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    asked = (client.post("/api/sales", json=cart(line(phone, "A1")), headers=shop.owner.headers) for _ in range(10))
    answers = await asyncio.gather(*asked)
    assert sorted(each.status_code for each in answers) == [201] + [400] * 9
    assert await held(shop, phone) == 1_000


async def test_the_same_sale_at_once_is_one_sale(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    body = cart(line(phone, "A1"))
    asked = (client.post("/api/sales", json=body, headers=shop.owner.headers) for _ in range(10))
    answers = await asyncio.gather(*asked)
    assert [each.status_code for each in answers] == [201] * 10
    assert len({each.content for each in answers}) == 1
    assert await held(shop, phone) == 1_000


async def test_a_sale_that_is_paid_up_later_hands_over_the_named_phone(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    waiting = await post(client, shop.owner, "/api/sales", cart(line(phone, "A1"), paid=0))
    assert (waiting["state"], await state(shop, "A1")) == ("incomplete", ("in_stock", shop.showroom_id))
    body = {"version": waiting["version"], "note": "comes tomorrow", "discount": {"amount": 1_000}}
    await post(client, shop.owner, f"/api/sales/{waiting['id']}", body, status=200, method="PUT")
    payment = {"payments": [{"id": str(new_id()), "method": "cash", "amount": PRICE - 1_000}]}
    done = await post(client, shop.owner, f"/api/sales/{waiting['id']}/payments", payment)
    assert (done["state"], done["lines"][0]["serials"]) == ("completed", ["A1"])
    assert (await state(shop, "A1"))[0] == "sold"


async def test_a_phone_sold_meanwhile_is_not_handed_over_when_paid_up(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    waiting = await post(client, shop.owner, "/api/sales", cart(line(phone, "A1"), paid=0))
    await post(client, shop.owner, "/api/sales", cart(line(phone, "A1")))
    payment = {"payments": [{"id": str(new_id()), "method": "cash", "amount": PRICE}]}
    told = await post(client, shop.owner, f"/api/sales/{waiting['id']}/payments", payment, status=400)
    assert told["code"] == "UNITS_NOT_HERE"


async def test_a_phone_that_comes_back_is_the_same_one(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    sale = await post(client, shop.owner, "/api/sales", cart(line(phone, "A1", "B1"), paid=2 * PRICE))
    told = await credited(client, shop, sale, back(sale, 1), status=400)
    assert told["code"] == "SERIALS_REQUIRED"
    await credited(client, shop, sale, back(sale, 1) | {"serials": ["B1"]})
    assert await state(shop, "B1") == ("in_stock", shop.showroom_id)
    assert (await state(shop, "A1"))[0] == "sold"
    told = await credited(client, shop, sale, back(sale, 1) | {"serials": ["B1"]}, status=400)
    assert told["code"] == "UNITS_NOT_HERE"
    await credited(client, shop, sale, back(sale, 1, restock="damaged"))
    damaged_at = (await state(shop, "A1"))[1]
    assert damaged_at is not None
    assert damaged_at != shop.showroom_id
    assert await faults(shop, phone) == []
    await post(client, shop.owner, "/api/sales", cart(line(phone, "B1")))


async def test_of_phones_that_come_back_each_is_named_and_none_too_many(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1", "C1")
    sale = await post(client, shop.owner, "/api/sales", cart(line(phone, "A1", "B1", "C1"), paid=3 * PRICE))
    told = await credited(client, shop, sale, back(sale, 2) | {"serials": ["B1"]}, status=400)
    assert (told["code"], told["details"]["lines"][0]["named"]) == ("SERIALS_REQUIRED", 1)
    told = await credited(client, shop, sale, back(sale, 1) | {"serials": ["B1", "C1", "X9"]}, status=400)
    assert told["code"] == "UNITS_NOT_HERE"
    assert [(each["serial"], each["state"]) for each in told["details"]["units"]] == [("C1", "sold"), ("X9", "unknown")]
    await credited(client, shop, sale, back(sale, 2) | {"serials": ["B1", "C1"]})
    assert (await state(shop, "A1"))[0] == "sold"
    assert await faults(shop, phone) == []


async def test_a_phone_that_came_back_and_was_sold_again_stays_the_second_buyers(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    first = await post(client, shop.owner, "/api/sales", cart(line(phone, "A1", "B1"), paid=2 * PRICE))
    await credited(client, shop, first, back(first, 1) | {"serials": ["A1"]})
    await post(client, shop.owner, "/api/sales", cart(line(phone, "A1")))
    await credited(client, shop, first, back(first, 1))
    assert (await state(shop, "A1"))[0] == "sold"
    assert await state(shop, "B1") == ("in_stock", shop.showroom_id)


async def test_a_reversed_sale_puts_its_phones_back(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    sale = await post(client, shop.owner, "/api/sales", cart(line(phone, "A1", "B1"), paid=2 * PRICE))
    await post(client, shop.owner, f"/api/sales/{sale['id']}/reverse", {"reason": "wrong person"}, status=200)
    assert {(await state(shop, serial))[0] for serial in ("A1", "B1")} == {"in_stock"}
    assert await held(shop, phone) == 2_000


async def test_a_corrected_sale_sells_another_phone(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    sale = await post(client, shop.owner, "/api/sales", cart(line(phone, "A1")))
    right = {"reason": "the other box", "sale": cart(line(phone, "B1"))}
    await post(client, shop.owner, f"/api/sales/{sale['id']}/correct", right)
    assert (await state(shop, "A1"))[0] == "in_stock"
    assert (await state(shop, "B1"))[0] == "sold"


async def test_a_phone_without_receipt_comes_back_by_its_number(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    await post(client, shop.owner, "/api/sales", cart(line(phone, "A1")))
    loose = {
        "lines": [{"variant_id": str(phone), "quantity": 1, "price": PRICE, "serials": ["A1"]}],
        "reason": "no receipt", "refunds": [{"method": "cash", "amount": PRICE}],
    }  # fmt: skip
    await post(client, shop.owner, "/api/credit-notes", loose)
    assert await state(shop, "A1") == ("in_stock", shop.showroom_id)
    told = await post(client, shop.owner, "/api/credit-notes", loose, status=400)
    assert told["code"] == "UNITS_NOT_HERE"


async def test_one_phone_named_on_two_lines_without_receipt_comes_back_once(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, ["A1", "A2"], "B1")
    await post(client, shop.owner, "/api/sales", cart(line(phone, "A1")))
    lines = [line(phone, serial) | {"price": PRICE} for serial in ("A1", "A2")]
    loose = {"lines": lines, "reason": "no receipt", "refunds": [{"method": "cash", "amount": 2 * PRICE}]}
    told = await post(client, shop.owner, "/api/credit-notes", loose, status=400)
    assert told["details"]["units"] == [{"variant_id": str(phone), "serial": "A2", "state": "in_stock"}]
    assert await held(shop, phone) == 1_000


async def test_a_phone_that_came_back_without_receipt_and_was_sold_again_is_not_taken_from_its_buyer(
    shop: Shop, client: Client
) -> None:
    phone = await phones(shop, client, "A1", "B1")
    first = await post(client, shop.owner, "/api/sales", cart(line(phone, "A1")))
    loose = {
        "lines": [line(phone, "A1") | {"price": PRICE}], "reason": "no receipt",
        "refunds": [{"method": "cash", "amount": PRICE}],
    }  # fmt: skip
    await post(client, shop.owner, "/api/credit-notes", loose)
    second = await post(client, shop.owner, "/api/sales", cart(line(phone, "A1")))
    told = await credited(client, shop, first, back(first, 1) | {"serials": ["A1"]}, status=400)
    assert told["code"] == "UNITS_NOT_HERE"
    assert (await state(shop, "A1"))[0] == "sold"
    await credited(client, shop, second, back(second, 1))
    assert await state(shop, "A1") == ("in_stock", shop.showroom_id)
    assert await held(shop, phone) == 2_000


async def test_two_tills_that_sold_one_phone_offline_both_stand_and_it_is_told(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    item = Item(phone, name="phone", price=PRICE)
    answers = []
    for _ in range(2):
        device = await a_device(shop, client)
        body = device.ring((item, 1))
        body["lines"][0]["serials"] = ["A1"]
        answers.append(await device.deliver(body))
    first, second = (each.json()["data"] for each in answers)
    assert [each.status_code for each in answers] == [201, 201]
    assert first["exceptions"] == []
    assert [each["code"] for each in second["exceptions"]] == ["UNITS_NOT_HERE"]
    assert second["exceptions"][0]["details"]["units"][0]["state"] == "sold"
    assert await held(shop, phone) == 0
    assert await state(shop, "B1") == ("in_stock", shop.showroom_id)
    assert await faults(shop, phone) == [("not_here", -1_000)]
    waiting = await get(client, shop.owner, "/api/exceptions?settled=false")
    assert [each["document_id"] for each in waiting] == [second["id"]]


async def test_a_phone_sold_offline_without_its_number_stands_and_is_told(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1")
    device = await a_device(shop, client)
    answer = await device.deliver(device.ring((Item(phone, name="phone", price=PRICE), 1)))
    assert [each["code"] for each in answer.json()["data"]["exceptions"]] == ["SERIALS_REQUIRED"]
    assert await held(shop, phone) == 0
    unknown = device.ring((Item(phone, name="phone", price=PRICE), 1))
    unknown["lines"][0]["serials"] = ["never seen"]
    told = (await device.deliver(unknown)).json()["data"]
    assert [each["code"] for each in told["exceptions"]] == ["UNITS_NOT_HERE", "OUT_OF_STOCK"]
    assert told["lines"][0]["serials"] == ["never seen"]


async def test_goods_that_are_all_alike_cost_no_statement_more(shop: Shop, client: Client) -> None:
    cable = await stock_up(shop, "cable")
    phone = await phones(shop, client, "A1")
    await sold(client, shop, (cable, 1), paid=1_000)
    with statements.noted() as plain:
        await sold(client, shop, (cable, 1), paid=1_000)
    with statements.noted() as tracked:
        await post(client, shop.owner, "/api/sales", cart(line(phone, "A1")))
    assert len(tracked) == len(plain) + 4
