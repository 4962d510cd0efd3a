"""Receiving goods: once, whole, never more than was ordered, and worth what it cost to the last minor unit."""

import asyncio
from uuid import UUID

import httpx2
import pytest

from duka.platform.edge import House
from duka.platform.ids import new_id
from tests.purchasing.buying import booked, came, cost_of, get, ordered, received, supplier
from tests.sales.till import post
from tests.statements import noted
from tests.stock.goods import held
from tests.world import Shop, hire, open_a_shop, stock_up

Client = httpx2.AsyncClient


@pytest.fixture
async def rice(shop: Shop) -> UUID:
    """Ten bags of rice, at 600 each."""
    return await stock_up(shop, "rice", cost_minor=600)


@pytest.fixture
async def wholesaler(shop: Shop, client: Client) -> str:
    """Whom the shop buys from."""
    return str((await supplier(client, shop))["id"])


async def test_goods_that_came_stand_in_stock_are_averaged_and_booked(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    order = await ordered(client, shop, wholesaler, (rice, 30, 700))
    receipt = await received(client, shop, came(rice, 30), order_id=order["id"], freight=200, duty=90, other=10)
    line = receipt["lines"][0]
    assert (line["value"], line["landed"], line["unit_cost"]) == (21_000, 300, 710)
    assert receipt["number"].startswith("GR/")
    assert await held(shop, rice) == 40_000
    assert await cost_of(shop, rice) == 683  # (10 x 600 + 21,300) / 40 = 682.5
    assert await booked(shop, receipt["id"]) == [("1200", "2100", 21_000), ("1200", "2110", 300)]
    standing = await get(client, shop.owner, f"/api/purchase-orders/{order['id']}")
    assert standing["state"] == "received"
    assert [step["step"] for step in standing["steps"]] == ["request", "approve", "order", "receive"]
    assert standing["lines"][0]["last_price"] == 700


async def test_the_same_receipt_sent_twice_is_received_once(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    order = await ordered(client, shop, wholesaler, (rice, 5, 700))
    body = {"id": str(new_id()), "order_id": order["id"], "lines": [came(rice, 5)]}
    first = await client.post("/api/goods-receipts", json=body, headers=shop.owner.headers)
    again = await client.post("/api/goods-receipts", json=body, headers=shop.owner.headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["data"] == first.json()["data"]
    assert await held(shop, rice) == 15_000
    told = await post(client, shop.owner, "/api/goods-receipts", body | {"note": "other"}, status=409)
    assert told["code"] == "IDEMPOTENCY_CONFLICT"


async def test_the_same_receipt_sent_ten_times_at_once_is_received_once(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    body = {"id": str(new_id()), "supplier_id": wholesaler, "lines": [came(rice, 5, price=700)]}
    sent = (client.post("/api/goods-receipts", json=body, headers=shop.owner.headers) for _ in range(10))
    done = await asyncio.gather(*sent)
    assert {each.status_code for each in done} == {201}
    assert sum("idempotency-replayed" not in each.headers for each in done) == 1
    assert await held(shop, rice) == 15_000


async def test_of_two_receipts_of_one_order_at_once_only_what_was_ordered_comes_in(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    order = await ordered(client, shop, wholesaler, (rice, 10, 700))
    bodies = [{"id": str(new_id()), "order_id": order["id"], "lines": [came(rice, 4)]} for _ in range(6)]
    sent = (client.post("/api/goods-receipts", json=body, headers=shop.owner.headers) for body in bodies)
    done = await asyncio.gather(*sent)
    assert sorted(each.status_code for each in done) == [201, 201, 400, 400, 400, 400]
    assert {each.json()["error"]["code"] for each in done if each.status_code == 400} == {"OVER_RECEIVED"}
    assert await held(shop, rice) == 18_000


async def test_receipts_of_the_same_goods_at_once_are_averaged_one_after_the_other(
    shop: Shop, client: Client, wholesaler: str
) -> None:
    salt = await stock_up(shop, "salt", quantity_milli=0, cost_minor=1)
    prices = [100 * n for n in range(1, 9)]
    await asyncio.gather(*(
        received(client, shop, came(salt, 1000, price=price), supplier_id=wholesaler) for price in prices
    ))  # fmt: skip
    assert await held(shop, salt) == 8_000_000
    assert abs(await cost_of(shop, salt) - sum(prices) / 8) <= 4  # each averaging rounds by half a unit at most


async def test_what_was_over_is_refused_naming_every_line_and_within_tolerance_taken(
    house: House, client: Client
) -> None:
    shop = await open_a_shop(house, receipt_tolerance_bp=1_000)
    rice, tea = await stock_up(shop, "rice"), await stock_up(shop, "tea")
    wholesaler = (await supplier(client, shop))["id"]
    order = await ordered(client, shop, wholesaler, (rice, 10, 700), (tea, 10, 50))
    told = await received(client, shop, came(rice, 12), came(tea, 11.001), order_id=order["id"], status=400)
    assert told["code"] == "OVER_RECEIVED"
    assert [(each["variant_id"], each["allowed"]) for each in told["details"]["lines"]] == [
        (str(rice), 11), (str(tea), 11),
    ]  # fmt: skip
    assert await held(shop, rice) == 10_000
    await received(client, shop, came(rice, 11), came(tea, 11), order_id=order["id"])
    told = await received(client, shop, came(rice, 0.001), order_id=order["id"], status=400)
    assert told["details"]["lines"][0]["allowed"] == 0


async def test_what_is_rejected_stays_with_the_supplier_and_is_still_awaited(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    order = await ordered(client, shop, wholesaler, (rice, 10, 700))
    line = came(rice, 6, rejected=4, reject_reason="damaged")
    receipt = await received(client, shop, line, order_id=order["id"])
    assert (receipt["lines"][0]["rejected"], receipt["lines"][0]["reject_reason"]) == (4, "damaged")
    assert await held(shop, rice) == 16_000
    assert await booked(shop, receipt["id"]) == [("1200", "2100", 4_200)]
    standing = await get(client, shop.owner, f"/api/purchase-orders/{order['id']}")
    assert standing["state"] == "part_received"
    assert (standing["lines"][0]["outstanding"], standing["lines"][0]["rejected"]) == (4, 4)


async def test_landed_costs_are_spread_by_value_to_the_last_unit(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    tea, gift = await stock_up(shop, "tea"), await stock_up(shop, "gift")
    lines = (came(rice, 1, price=100), came(tea, 1, price=200), came(gift, 3, price=0))
    receipt = await received(client, shop, *lines, supplier_id=wholesaler, freight=100)
    assert [line["landed"] for line in receipt["lines"]] == [33, 67, 0]
    free = await received(client, shop, came(rice, 1, price=0), came(tea, 2, price=0), supplier_id=wholesaler, duty=10)
    assert [line["landed"] for line in free["lines"]] == [3, 7]
    rejected = came(rice, 0, rejected=2, price=100)
    told = await received(client, shop, rejected, supplier_id=wholesaler, freight=1, status=400)
    assert told["code"] == "NOTHING_TO_LAND"


async def test_goods_below_zero_cost_what_came_last(house: House, client: Client) -> None:
    shop = await open_a_shop(house, negative_stock=True)
    salt = await stock_up(shop, "salt", quantity_milli=0, cost_minor=5)
    lines = [{"variant_id": str(salt), "quantity": 3}]
    await post(client, shop.owner, "/api/sales", {"lines": lines, "payments": [{"method": "cash", "amount": 3000}]})
    wholesaler = (await supplier(client, shop))["id"]
    await received(client, shop, came(salt, 10, price=8), supplier_id=wholesaler)
    assert await cost_of(shop, salt) == 8
    assert await held(shop, salt) == 7_000


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"freight": -1}, "VALIDATION_ERROR", 400),
        ({"duty": 10**13}, "VALIDATION_ERROR", 400),
        ({"order_id": str(new_id())}, "ORDER_NOT_FOUND", 404),
        ({"supplier_id": str(new_id())}, "SUPPLIER_NOT_FOUND", 404),
        ({"supplier_id": None}, "SUPPLIER_REQUIRED", 400),
        ({"location_id": str(new_id())}, "NOT_FOUND", 404),
        ({"lines": [came(new_id(), 1, price=1)]}, "GOODS_UNKNOWN", 404),
        ({"lines": [{"accepted": 1, "price": 1}]}, "VALIDATION_ERROR", 400),
        ({"lines": [{"order_line_id": str(new_id()), "accepted": 1}]}, "VALIDATION_ERROR", 400),
        ({"lines": []}, "VALIDATION_ERROR", 400),
        ({"id": "00000000-0000-4000-8000-000000000000"}, "VALIDATION_ERROR", 400),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_and_nothing_is_stored(
    shop: Shop, client: Client, rice: UUID, wholesaler: str, change: dict[str, object], code: str, status: int
) -> None:
    body = {"id": str(new_id()), "supplier_id": wholesaler, "lines": [came(rice, 5, price=700)]}
    told = await post(client, shop.owner, "/api/goods-receipts", body | change, status=status)
    assert told["code"] == code
    assert await held(shop, rice) == 10_000


@pytest.mark.parametrize(("accepted", "rejected"), [(0, 0), (-1, 0), (1, -1), (0.0001, 0)])
async def test_a_line_of_nothing_is_refused(
    shop: Shop, client: Client, rice: UUID, wholesaler: str, accepted: float, rejected: float
) -> None:
    line = came(rice, accepted, rejected=rejected, price=1)
    await received(client, shop, line, supplier_id=wholesaler, status=400)


async def test_more_than_can_be_booked_is_refused(shop: Shop, client: Client, rice: UUID, wholesaler: str) -> None:
    line = came(rice, 10**9, price=10**12)
    assert (await received(client, shop, line, supplier_id=wholesaler, status=400))["code"] == "VALIDATION_ERROR"


async def test_another_shops_things_are_not_there(shop: Shop, client: Client, rice: UUID, house: House) -> None:
    other = await open_a_shop(house)
    theirs = (await supplier(client, other))["id"]
    pen = await stock_up(other, "pen")
    order = await ordered(client, other, theirs, (pen, 1, 5))
    for body in ({"supplier_id": theirs}, {"order_id": order["id"]}):
        assert (await received(client, shop, came(rice, 1, price=1), status=404, **body))["code"].endswith("FOUND")
    mine = (await supplier(client, shop))["id"]
    assert (await received(client, shop, came(pen, 1, price=1), supplier_id=mine, status=404))["code"] == (
        "GOODS_UNKNOWN"
    )


async def test_goods_come_in_only_for_an_order_that_was_placed(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    body = {"id": str(new_id()), "supplier_id": wholesaler, "lines": [{"variant_id": str(rice), "quantity": 1}]}
    order = await post(client, shop.owner, "/api/purchase-orders", body)
    told = await received(client, shop, came(rice, 1), order_id=order["id"], status=400)
    assert told["details"] == {"state": "requested", "step": "receive"}
    tea = await stock_up(shop, "tea")
    placed = await ordered(client, shop, wholesaler, (rice, 1, 5))
    told = await received(client, shop, came(rice, 1), came(tea, 1, price=1), order_id=placed["id"], status=400)
    assert (told["code"], told["details"]["lines"]) == ("NOT_ON_ORDER", [1])


async def test_who_may_not_see_costs_receives_without_them(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    await hire(shop, "supervisor")
    boss = shop.people["supervisor"]
    order = await ordered(client, shop, wholesaler, (rice, 5, 700))
    told = await received(client, shop, came(rice, 5, price=1), order_id=order["id"], by=boss, status=403)
    assert told["details"] == {"permission": "products:cost"}
    receipt = await received(client, shop, came(rice, 5), order_id=order["id"], by=boss)
    assert not {"goods", "freight", "duty", "other"} & receipt.keys()
    assert not {"price", "value", "landed", "unit_cost"} & receipt["lines"][0].keys()
    assert "total" not in await get(client, boss, f"/api/purchase-orders/{order['id']}")


@pytest.mark.slow
async def test_five_hundred_lines_are_as_many_statements_as_one(
    shop: Shop, client: Client, wholesaler: str
) -> None:
    goods = [await stock_up(shop, f"thing {n}", quantity_milli=0) for n in range(500)]
    counts = []
    for some in (goods[:1], goods):
        order = await ordered(client, shop, wholesaler, *((each, 3, 7) for each in some))
        with noted() as sent:
            await received(client, shop, *(came(each, 3) for each in some), order_id=order["id"], freight=1_000)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12
    assert await held(shop, goods[-1]) == 3_000
