"""Where buying is easily wrong: crossing documents, parts that must come to the whole, bad days and odd roles."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest

from duka.platform.edge import House
from duka.platform.ids import new_id
from tests.purchasing.buying import booked, came, get, ordered, received, requested, supplier
from tests.sales.till import Json, post
from tests.stock.goods import held, invent
from tests.stock.places import two_branches
from tests.stock.test_adjusting import second_branch
from tests.world import Person, Shop, hire, open_a_shop, stock_up

pytestmark = pytest.mark.slow

Client = httpx2.AsyncClient


@pytest.fixture
async def rice(shop: Shop) -> UUID:
    """Ten bags of rice, at 600 each."""
    return await stock_up(shop, "rice", cost_minor=600)


@pytest.fixture
async def wholesaler(shop: Shop, client: Client) -> str:
    """Whom the shop buys from."""
    return str((await supplier(client, shop))["id"])


async def with_role(client: Client, shop: Shop, **permissions: str) -> Person:
    """Somebody who may do just this; `:` is written `__`."""
    granted = {name.replace("__", ":"): scope for name, scope in permissions.items()}
    role = await post(client, shop.owner, "/api/roles", {"name": "Odd", "permissions": granted})
    person = await hire(shop, "staff")
    path = f"/api/staff/{person.staff_id}"
    version = (await get(client, shop.owner, path))["version"]
    await post(client, shop.owner, path, {"version": version, "role_id": role["id"]}, status=200, method="PUT")
    return person


async def billed(client: Client, shop: Shop, who: str, line: Json, quantity: float, price: int, **more: Any) -> Json:
    lines = [{"receipt_line_id": line["id"], "quantity": quantity, "price": price}]
    body = {"supplier_id": who, "supplier_number": new_id().hex[-8:], "lines": lines}
    return await post(client, shop.owner, "/api/supplier-bills", body | more)


async def sent_back(
    client: Client, shop: Shop, who: str, line: Json, quantity: float, status: int = 201, **more: Any
) -> Json:  # fmt: skip
    lines = [{"receipt_line_id": line["id"], "quantity": quantity}]
    body = {"supplier_id": who, "reason": "torn", "lines": lines}
    return await post(client, shop.owner, "/api/supplier-returns", body | more, status=status)


async def test_a_receipt_and_a_transfer_of_new_goods_do_not_lock_each_other_out(
    shop: Shop, client: Client, wholesaler: str
) -> None:
    """Both bring goods to the market that never stood there beside goods that do, in whatever order."""
    two = await two_branches(shop, client)
    for _ in range(12):
        wares = [two.cable, *[await invent(shop, f"Lamp {new_id().hex[-6:]}") for _ in range(6)]]
        stock = [came(ware.variant_id, 1, price=5) for ware in wares]
        await received(client, shop, *stock, supplier_id=wholesaler, location_id=str(shop.showroom_id))
        sent = await two.on_the_way(*((ware, 1) for ware in wares))
        receipt = {
            "id": str(new_id()), "supplier_id": wholesaler, "location_id": str(two.market_showroom_id),
            "lines": [came(ware.variant_id, 1, price=5) for ware in reversed(wares)],
        }  # fmt: skip
        answers = await asyncio.gather(
            two.ask("POST", f"transfers/{sent['id']}/receive", {}, two.market),
            two.ask("POST", "goods-receipts", receipt),
        )
        assert [answer.status_code for answer in answers] == [200, 201]


async def test_tax_is_given_back_only_on_goods_that_were_billed(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    (line,) = (await received(client, shop, came(rice, 10, price=100), supplier_id=wholesaler))["lines"]
    told = await sent_back(client, shop, wholesaler, line, 4, tax=70, status=400)
    assert (told["code"], list(told["details"])) == ("VALIDATION_ERROR", ["tax"])
    await billed(client, shop, wholesaler, line, 10, 100, tax=180)
    await sent_back(client, shop, wholesaler, line, 4, tax=72)
    assert (await get(client, shop.owner, f"/api/suppliers/{wholesaler}"))["owed"] == 1_180 - 472


async def test_the_last_days_of_the_calendar_are_answered(
    shop: Shop, client: Client, rice: UUID
) -> None:
    slow = (await supplier(client, shop, credit_days=30))["id"]
    (line,) = (await received(client, shop, came(rice, 1, price=100), supplier_id=slow))["lines"]
    body = {
        "supplier_id": slow, "supplier_number": "A-1", "billed_on": "9999-12-31",
        "lines": [{"receipt_line_id": line["id"], "quantity": 1, "price": 100}],
    }  # fmt: skip
    told = await post(client, shop.owner, "/api/supplier-bills", body, status=400)
    assert (told["code"], list(told["details"])) == ("VALIDATION_ERROR", ["billed_on"])
    assert len(await get(client, shop.owner, "/api/supplier-ratings?to=0001-01-01")) == 1


async def test_a_bill_is_not_due_before_its_day(shop: Shop, client: Client, rice: UUID, wholesaler: str) -> None:
    (line,) = (await received(client, shop, came(rice, 1, price=100), supplier_id=wholesaler))["lines"]
    body = {
        "supplier_id": wholesaler, "supplier_number": "A-1", "billed_on": "2026-03-02", "due_on": "2026-03-01",
        "lines": [{"receipt_line_id": line["id"], "quantity": 1, "price": 100}],
    }  # fmt: skip
    assert (await post(client, shop.owner, "/api/supplier-bills", body, status=400))["code"] == "VALIDATION_ERROR"


async def test_a_step_sent_again_later_is_answered_as_the_order_stands(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    order = await ordered(client, shop, wholesaler, (rice, 10, 700))
    await received(client, shop, came(rice, 4), order_id=order["id"])
    for step in ("approve", "order"):
        path = f"/api/purchase-orders/{order['id']}/{step}"
        again = await client.post(path, headers=shop.owner.headers)
        assert (again.status_code, again.headers.get("idempotency-replayed")) == (200, "true")
        assert again.json()["data"]["state"] == "part_received"


async def test_who_may_do_something_need_not_be_allowed_to_look_at_papers(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    doer = await with_role(
        client, shop, purchasing__receive="shop", expenses__pay="shop", purchasing__create="shop",
        purchasing__update="shop", products__cost="shop",
    )  # fmt: skip
    order = {"supplier_id": wholesaler, "lines": [{"variant_id": str(rice), "quantity": 1, "price": 5}]}
    made = await post(client, doer, "/api/purchase-orders", order)
    path = f"/api/purchase-orders/{made['id']}"
    await post(client, doer, path, {"version": 1, "note": "please"}, status=200, method="PUT")
    await post(client, doer, f"{path}/cancel", {"reason": "too late"}, status=200)
    receipt = await received(client, shop, came(rice, 5, price=9), supplier_id=wholesaler, by=doer)
    line = {"receipt_line_id": receipt["lines"][0]["id"], "quantity": 2}
    bill = {"supplier_id": wholesaler, "supplier_number": "A-1", "lines": [line | {"price": 9}]}
    await post(client, doer, "/api/supplier-bills", bill)
    await post(client, doer, "/api/supplier-payments", {"supplier_id": wholesaler, "amount": 5, "method": "cash"})
    back = {"supplier_id": wholesaler, "reason": "torn", "lines": [line]}
    await post(client, doer, "/api/supplier-returns", back)
    for papers in ("purchase-orders", "goods-receipts", "supplier-bills", "supplier-payments", "supplier-returns"):
        await get(client, doer, f"/api/{papers}", status=403)


async def test_freight_that_makes_one_unit_cost_too_much_is_refused(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    line = came(rice, 0.001, price=1)
    told = await received(client, shop, line, supplier_id=wholesaler, freight=10**12 - 1, status=400)
    assert told["code"] == "VALIDATION_ERROR"
    assert await held(shop, rice) == 10_000


async def test_papers_are_found_by_a_name_without_its_accents(shop: Shop, client: Client, rice: UUID) -> None:
    cafe = (await supplier(client, shop, "Café Élite"))["id"]
    order = await ordered(client, shop, cafe, (rice, 1, 1))
    await received(client, shop, came(rice, 1), order_id=order["id"])
    for papers in ("purchase-orders", "goods-receipts"):
        assert len(await get(client, shop.owner, f"/api/{papers}?q=ÉLITE")) == 1
        assert len(await get(client, shop.owner, f"/api/{papers}?q=elite")) == 1


async def test_an_order_line_named_twice_in_a_receipt_counts_together(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    order = await ordered(client, shop, wholesaler, (rice, 10, 700))
    told = await received(client, shop, came(rice, 6), came(rice, 5), order_id=order["id"], status=400)
    assert told["details"]["lines"][0]["accepted"] == 11
    receipt = await received(client, shop, came(rice, 6), came(rice, 4), order_id=order["id"], freight=10)
    assert [line["landed"] for line in receipt["lines"]] == [6, 4]
    assert await booked(shop, receipt["id"]) == [("1200", "2100", 7_000), ("1200", "2110", 10)]
    assert (await get(client, shop.owner, f"/api/purchase-orders/{order['id']}"))["state"] == "received"


async def test_ids_of_lines_that_stand_elsewhere_are_refused_and_nothing_is_stored(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    line = came(rice, 1, price=1)
    await received(client, shop, line, supplier_id=wholesaler)
    told = await received(client, shop, line, supplier_id=wholesaler, status=409)
    assert told["code"] == "ID_TAKEN"
    assert await held(shop, rice) == 11_000


async def test_selling_and_receiving_the_same_goods_at_once_loses_nothing(
    shop: Shop, client: Client, wholesaler: str
) -> None:
    goods = [await stock_up(shop, f"thing {n}", quantity_milli=100_000) for n in range(5)]
    bought = (
        received(client, shop, *(came(each, 2, price=700 + n) for each in reversed(goods)), supplier_id=wholesaler)
        for n in range(10)
    )
    lines = [{"variant_id": str(each), "quantity": 1} for each in goods]
    sale = {"lines": lines, "payments": [{"method": "cash", "amount": 5_000}]}
    await asyncio.gather(*bought, *(post(client, shop.owner, "/api/sales", sale) for _ in range(20)))
    assert [await held(shop, each) for each in goods] == [100_000] * 5


async def test_a_supplier_with_nothing_but_an_order_stays(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    await requested(client, shop, wholesaler, (rice, 1, 1))
    answer = await client.delete(f"/api/suppliers/{wholesaler}", headers=shop.owner.headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "SUPPLIER_HAS_DOCUMENTS")
    assert (await get(client, shop.owner, f"/api/suppliers/{wholesaler}"))["active"]


async def test_one_bound_to_a_branch_touches_no_paper_of_another(
    house: House, client: Client
) -> None:
    shop = await open_a_shop(house)
    rice = await stock_up(shop, "rice")
    who = (await supplier(client, shop))["id"]
    market_id, _ = await second_branch(shop)
    market = await hire(shop, "inventory_manager", branch_id=market_id)
    here = {"location_id": str(shop.showroom_id)}
    order = await ordered(client, shop, who, (rice, 5, 100), **here)
    receipt = await received(client, shop, came(rice, 5), order_id=order["id"])
    line = {"receipt_line_id": receipt["lines"][0]["id"], "quantity": 1}
    bill = {"supplier_id": who, "supplier_number": "A", "lines": [line | {"price": 100}]}
    for path, body in (
        ("goods-receipts", {"order_id": order["id"], "lines": [came(rice, 1)]}),
        ("goods-receipts", {"supplier_id": who, **here, "lines": [came(rice, 1)]}),
        ("supplier-bills", bill),
        ("supplier-returns", {"supplier_id": who, "reason": "torn", "lines": [line]}),
        ("purchase-orders/from-low-stock", here),
        (f"purchase-orders/{order['id']}/close", {}),
    ):  # fmt: skip
        await post(client, market, f"/api/{path}", body, status=404)
    await get(client, market, f"/api/goods-receipts/{receipt['id']}", status=404)
    assert await get(client, market, "/api/purchase-prices") == []


async def test_stock_is_worth_in_the_books_what_its_movements_cost(
    shop: Shop, client: Client, wholesaler: str
) -> None:
    """A share of 0.4 in the freight is no whole minor unit of one screw: the rest does not stay in stock for ever."""
    screw, nut = await stock_up(shop, "screw", quantity_milli=0), await stock_up(shop, "nut", quantity_milli=0)
    receipt = await received(
        client, shop, came(screw, 10_000, price=50), came(nut, 3, price=0), supplier_id=wholesaler, freight=4_000
    )
    assert [line["unit_cost"] for line in receipt["lines"]] == [50, 0]
    assert await booked(shop, receipt["id"]) == [
        ("1200", "2100", 500_000), ("1200", "2110", 4_000), ("5200", "1200", 4_000),
    ]  # fmt: skip
    dearer = await received(client, shop, came(nut, 4, price=10), supplier_id=wholesaler, duty=3)
    assert await booked(shop, dearer["id"]) == [("1200", "2100", 40), ("1200", "2110", 3), ("1200", "5200", 1)]
    standing = (await get(client, shop.owner, "/api/stock/valuation"))["value"]
    accounts = await get(client, shop.owner, "/api/ledger-accounts")
    assert standing == next(each["balance"] for each in accounts if each["code"] == "1200") == 500_044
