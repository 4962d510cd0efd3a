"""Calling off a sale that never completed."""

from typing import Any

import httpx2

from tests.sales import books_check as books
from tests.sales.till import post, sold
from tests.world import Shop, hire, stock_up

WHY = {"reason": "the customer changed their mind"}


async def test_the_deposits_go_back_by_the_methods_they_came_by(shop: Shop, client: httpx2.AsyncClient) -> None:
    phone = await stock_up(shop, "phone", price_minor=5000)
    payments: list[dict[str, Any]] = [{"method": "mtn_momo", "amount": 700}, {"method": "cash", "amount": 300}]
    sale = await sold(client, shop, (phone, 1), payments=payments)
    path = f"/api/sales/{sale['id']}"
    await post(client, shop.owner, f"{path}/payments", {"payments": [{"method": "mtn_momo", "amount": 100}]})
    supervisor = await hire(shop, "supervisor")
    gone = await post(client, supervisor, f"{path}/cancel", WHY, status=200)
    assert (gone["state"], gone["paid"]) == ("cancelled", 0)
    out = {each["method"]: each["amount"] for each in gone["payments"] if each["direction"] == "out"}
    assert out == {"mtn_momo": 800, "cash": 300}
    assert [await books.balance(shop, account) for account in ("1000", "1010", "2300")] == [0, 0, 0]
    again = await client.post(f"{path}/cancel", json=WHY, headers=supervisor.headers)
    assert (again.status_code, again.json()["data"]) == (200, gone)
    paid = await post(
        client, shop.owner, f"{path}/payments", {"payments": [{"method": "cash", "amount": 1}]}, status=409
    )
    assert paid["code"] == "STEP_NOT_ALLOWED"
    await books.agree(shop)


async def test_a_completed_sale_is_not_cancelled(shop: Shop, client: httpx2.AsyncClient) -> None:
    phone = await stock_up(shop, "phone", price_minor=1000)
    sale = await sold(client, shop, (phone, 1), paid=1000)
    refused = await post(client, shop.owner, f"/api/sales/{sale['id']}/cancel", WHY, status=409)
    assert refused["details"] == {"step": "cancel", "state": "completed"}


async def test_a_cashier_does_not_cancel(shop: Shop, client: httpx2.AsyncClient) -> None:
    phone = await stock_up(shop, "phone", price_minor=1000)
    cashier = await hire(shop, "staff")
    sale = await sold(client, shop, (phone, 1), paid=100, by=cashier)
    refused = await post(client, cashier, f"/api/sales/{sale['id']}/cancel", WHY, status=403)
    assert refused["code"] == "FORBIDDEN"
