"""Goods with serial numbers and batches come in: each piece is known from then on, and none twice."""

from uuid import UUID

import httpx2
import pytest

from duka.platform.ids import new_id
from tests.purchasing.buying import came, ordered, received, supplier
from tests.sales.till import post
from tests.stock.goods import held
from tests.stock.tracked import delivered, followed, last_day, left, medicine, phones, state, today
from tests.world import Shop, stock_up

Client = httpx2.AsyncClient


@pytest.fixture
async def phone(shop: Shop) -> UUID:
    """A phone that is followed by serial number, none of it there."""
    return await followed(shop, "phone", "serial", cost_minor=60_000)


async def test_each_phone_that_comes_is_known_by_its_numbers(shop: Shop, client: Client, phone: UUID) -> None:
    numbers = ["356938035643809", ["35 209900 1761481", "352099001761499"]]
    receipt = await delivered(shop, client, came(phone, 2, serials=numbers, price=60_000))
    assert receipt["lines"][0]["serials"] == ["356938035643809", "352099001761481"]
    assert "batches" not in receipt["lines"][0]
    assert await held(shop, phone) == 2_000
    for known_as in ("356938035643809", "352099001761481", "352099001761499"):
        assert await state(shop, known_as) == ("in_stock", shop.showroom_id)


async def test_goods_that_are_all_alike_say_nothing_of_numbers(shop: Shop, client: Client) -> None:
    rice = await stock_up(shop, "rice")
    receipt = await delivered(shop, client, came(rice, 3, price=700))
    assert not {"serials", "batches"} & receipt["lines"][0].keys()


@pytest.mark.parametrize("numbers", [[], ["A1"], ["A1", "A2", "A3"]])
async def test_there_are_as_many_numbers_as_pieces(
    shop: Shop, client: Client, phone: UUID, numbers: list[str]
) -> None:
    told = await delivered(shop, client, came(phone, 2, serials=numbers, price=1), status=400)
    assert told["code"] == "SERIALS_MISMATCH"
    assert told["details"]["lines"] == [
        {"line": 0, "variant_id": str(phone), "quantity": 2, "serials": len(numbers)}
    ]
    assert await held(shop, phone) == 0


async def test_all_numbers_that_are_there_already_or_come_twice_are_named(
    shop: Shop, client: Client, phone: UUID
) -> None:
    await delivered(shop, client, came(phone, 2, serials=["A1", "A2"], price=1))
    lines = [came(phone, 2, serials=["a 1", "B1"], price=1), came(phone, 3, serials=["A2", "B2", "B1"], price=1)]
    told = await delivered(shop, client, *lines, status=400)
    assert told["code"] == "SERIALS_TAKEN"
    assert told["details"]["serials"] == [
        {"variant_id": str(phone), "serial": "A1", "why": "in_stock"},
        {"variant_id": str(phone), "serial": "A2", "why": "in_stock"},
        {"variant_id": str(phone), "serial": "B1", "why": "twice"},
    ]
    assert await held(shop, phone) == 2_000


async def test_two_makers_may_give_the_same_number(shop: Shop, client: Client, phone: UUID) -> None:
    radio = await followed(shop, "radio", "serial")
    await delivered(
        shop, client, came(phone, 1, serials=["0001"], price=1), came(radio, 1, serials=["0001"], price=1)
    )
    assert (await held(shop, phone), await held(shop, radio)) == (1_000, 1_000)


async def test_the_same_receipt_again_registers_nothing_anew(shop: Shop, client: Client, phone: UUID) -> None:
    seller = await supplier(client, shop)
    body = {"id": str(new_id()), "supplier_id": seller["id"], "lines": [came(phone, 1, serials=["A1"], price=1)]}
    first = await post(client, shop.owner, "/api/goods-receipts", body)
    assert await post(client, shop.owner, "/api/goods-receipts", body) == first
    assert await held(shop, phone) == 1_000


async def test_a_batch_is_known_by_its_number_or_else_by_its_last_day(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, LOT1=(5, 40))
    unnumbered = came(syrup, 2.5, price=600, batch=last_day(90))
    receipt = await delivered(shop, client, unnumbered, came(syrup, 1, price=600, batch={"number": "LOT1"}))
    day = last_day(90)["expires_on"]
    assert receipt["lines"][0]["batches"] == [{"number": day, "expires_on": day, "quantity": 2.5}]
    assert await left(shop, syrup) == {"LOT1": 6_000, day: 2_500}


async def test_a_batch_has_one_last_day(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, LOT1=(5, 40))
    other = came(syrup, 1, price=600, batch={"number": "LOT1", **last_day(41)})
    told = await delivered(shop, client, other, status=400)
    assert told["code"] == "BATCH_EXPIRY_DIFFERS"
    assert told["details"]["batches"][0]["expires_on"] == last_day(40)["expires_on"]
    assert today() < today().fromisoformat(told["details"]["batches"][0]["expires_on"])


async def test_goods_with_batches_do_not_come_without_one(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, LOT1=(5, 40))
    told = await delivered(shop, client, came(syrup, 1, price=600), status=400)
    assert (told["code"], told["details"]["lines"]) == ("BATCH_REQUIRED", [{"line": 0, "variant_id": str(syrup)}])


async def test_goods_that_are_all_alike_take_no_numbers(shop: Shop, client: Client) -> None:
    rice = await stock_up(shop, "rice")
    for named in ({"serials": ["A1"]}, {"batch": {"number": "LOT1"}}):
        told = await delivered(shop, client, came(rice, 1, price=700, **named), status=400)
        assert told["code"] == "NOT_TRACKED_SO"


async def test_what_is_rejected_is_not_registered(shop: Shop, client: Client, phone: UUID) -> None:
    seller = await supplier(client, shop)
    order = await ordered(client, shop, seller["id"], (phone, 2, 60_000))
    line = came(phone, 1, serials=["A1"], rejected=1, reject_reason="damaged")
    await received(client, shop, line, order_id=order["id"])
    assert await held(shop, phone) == 1_000


async def test_phones_of_the_shop_are_listed_and_found_by_any_number(shop: Shop, client: Client) -> None:
    assert await phones(shop, client, "A1", ["B1", "B2"])
    assert await state(shop, "B2") == ("in_stock", shop.showroom_id)
