"""Undoing a sale: reversed, voided, and nothing is left in the books."""

from typing import Any

import httpx2

from duka.platform.ids import new_id
from tests.sales import books_check as books
from tests.sales.till import back, credited, post, sold
from tests.world import Shop, hire, open_a_shop, stock_up

WHY = {"reason": "sold to the wrong person"}


async def test_a_reversed_sale_leaves_nothing_behind(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    case = await stock_up(shop, "case", price_minor=500, cost_minor=333)
    payments = [{"method": "mtn_momo", "amount": 1000}, {"method": "cash", "amount": 5000}]
    sale = await sold(client, shop, (cable, 3), (case, 1.5), payments=payments)
    await credited(client, shop, sale, back(sale, 1), cash=1180)
    undone = await post(client, shop.owner, f"/api/sales/{sale['id']}/reverse", WHY, status=200)
    assert (undone["state"], undone["paid"], undone["credited"], undone["owed"]) == ("reversed", 0, sale["total"], 0)
    back_by_momo = [each["amount"] for each in undone["payments"] if each["method"] == "mtn_momo"]
    assert back_by_momo == [1000, 1000]
    assert (await books.in_stock(shop, cable), await books.in_stock(shop, case)) == (10_000, 10_000)
    for account in ("1000", "1010", "1100", "2200", "4000", "5000"):
        assert await books.balance(shop, account) == 0
    await books.agree(shop)


async def test_reversing_twice_is_reversing_once(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    first = await post(client, shop.owner, f"/api/sales/{sale['id']}/reverse", WHY, status=200)
    again = await client.post(f"/api/sales/{sale['id']}/reverse", json=WHY, headers=shop.owner.headers)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.json()["data"] == first
    assert await books.in_stock(shop, cable) == 10_000
    gone = await credited(client, shop, sale, status=409)
    assert (gone["code"], gone["details"]["state"]) == ("STEP_NOT_ALLOWED", "reversed")


async def test_a_charge_on_top_is_undone_too(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    classes = await client.get("/api/tax-classes", headers=shop.owner.headers)
    item = {"name": "Delivery", "tax_class_id": classes.json()["data"][0]["id"]}
    charge = {"lines": [{"item": item, "price": 700}], "reason": "delivered"}
    await post(client, shop.owner, f"/api/invoices/{sale['invoice']['id']}/debit-notes", charge)
    payment = {"payments": [{"method": "mtn_momo", "amount": 300}]}
    await post(client, shop.owner, f"/api/sales/{sale['id']}/payments", payment)
    undone = await post(client, shop.owner, f"/api/sales/{sale['id']}/reverse", WHY, status=200)
    assert (undone["state"], undone["paid"], undone["credited"]) == ("reversed", 0, sale["total"] + undone["debited"])
    await books.agree(shop)


async def test_a_locked_sale_is_not_reversed_but_goods_still_come_back(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 2), paid=2000)
    locked = await post(client, shop.owner, f"/api/sales/{sale['id']}/lock", status=200)
    assert locked["locked_at"]
    refused = await post(client, shop.owner, f"/api/sales/{sale['id']}/reverse", WHY, status=400)
    assert refused["code"] == "SALE_LOCKED"
    await credited(client, shop, sale, back(sale, 1))
    await books.agree(shop)


async def test_voiding_cancels_what_is_incomplete_and_reverses_what_is_complete(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "cable")
    waiting, done = await sold(client, shop, (cable, 1), paid=300), await sold(client, shop, (cable, 1), paid=1000)
    for sale, state in ((waiting, "cancelled"), (done, "reversed")):
        gone = await post(client, shop.owner, f"/api/sales/{sale['id']}", method="DELETE", status=200)
        assert (gone["state"], gone["paid"]) == (state, 0)
        await post(client, shop.owner, f"/api/sales/{sale['id']}", method="DELETE", status=200)
    assert await books.balance(shop, "1000") == 0
    await books.agree(shop)


async def test_only_the_owner_reverses_and_voids(shop: Shop, client: httpx2.AsyncClient, house: Any) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    supervisor, stranger = await hire(shop, "supervisor"), (await open_a_shop(house)).owner
    path = f"/api/sales/{sale['id']}"
    assert (await post(client, supervisor, f"{path}/reverse", WHY, status=403))["code"] == "FORBIDDEN"
    assert (await post(client, supervisor, path, method="DELETE", status=403))["code"] == "FORBIDDEN"
    foreign = await post(client, stranger, f"{path}/reverse", WHY, status=404)
    assert await post(client, stranger, f"/api/sales/{new_id()}/reverse", WHY, status=404) == foreign
