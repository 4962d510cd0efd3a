"""Two people at once: whatever they do to one sale, it is done one after the other."""

import asyncio
from collections import Counter
from typing import Any

import httpx2
import pytest

from duka.platform.ids import new_id
from tests.sales import books_check as books
from tests.sales.till import Json, back, note, sold
from tests.world import Shop, open_a_shop, stock_up


async def at_once(client: httpx2.AsyncClient, shop: Shop, *asked: tuple[str, Json]) -> list[httpx2.Response]:
    """Send several requests together."""
    sent = (client.post(path, json=body, headers=shop.owner.headers) for path, body in asked)
    return list(await asyncio.gather(*sent))


def outcomes(answers: list[httpx2.Response]) -> Counter[str]:
    """Count the answers by status, refusals by code."""
    refused = (each.json().get("error", {}).get("code") for each in answers)
    return Counter(code or str(each.status_code) for code, each in zip(refused, answers, strict=True))


async def test_the_last_piece_comes_back_once(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 2), paid=2000)
    path = f"/api/invoices/{sale['invoice']['id']}/credit-notes"
    answers = await at_once(client, shop, *[(path, note(back(sale, 1), cash=1000)) for _ in range(8)])
    assert outcomes(answers) == {"201": 2, "CREDIT_TOO_LARGE": 6}
    assert await books.balance(shop, "1000") == 0
    await books.agree(shop)


async def test_one_note_sent_many_times_at_once_is_one_note(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 3), paid=3000)
    path = f"/api/invoices/{sale['invoice']['id']}/credit-notes"
    body = note(back(sale, 1), cash=1000, id=str(new_id()))
    answers = await at_once(client, shop, *[(path, body)] * 8)
    assert outcomes(answers) == {"201": 8}
    assert len({each.json()["data"]["number"] for each in answers}) == 1
    assert await books.in_stock(shop, cable) == 8_000
    await books.agree(shop)


async def test_approving_and_rejecting_at_once_is_one_decision(client: httpx2.AsyncClient, house: Any) -> None:
    shop = await open_a_shop(house, review_sales=True)
    cable = await stock_up(shop, "cable")
    for _ in range(3):
        sale = await sold(client, shop, (cable, 1), paid=1000)
        path = f"/api/sales/{sale['id']}"
        reason = {"reason": "not as agreed"}
        answers = await at_once(client, shop, *[(f"{path}/approve", {}), (f"{path}/reject", reason)] * 3)
        assert outcomes(answers) == {"200": 3, "NOT_SUBMITTED": 3}
    await books.agree(shop)


async def test_a_sale_is_paid_up_once(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=400)
    body: Json = {"payments": [{"method": "mtn_momo", "amount": 600}]}
    answers = await at_once(client, shop, *[(f"/api/sales/{sale['id']}/payments", body)] * 6)
    assert outcomes(answers) == {"201": 1, "OVERPAID": 5}
    assert await books.in_stock(shop, cable) == 9_000
    await books.agree(shop)


async def test_reversed_cancelled_and_credited_at_once(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 2), paid=2000)
    why, path = {"reason": "everybody saw it"}, f"/api/sales/{sale['id']}"
    returned = (f"/api/invoices/{sale['invoice']['id']}/credit-notes", note(back(sale, 1), cash=1000))
    answers = await at_once(client, shop, (f"{path}/reverse", why), returned, (f"{path}/reverse", why), returned)
    assert all(each.status_code < 500 for each in answers)
    assert await books.in_stock(shop, cable) == 10_000
    assert await books.balance(shop, "1000") == 0
    await books.agree(shop)


@pytest.mark.slow
async def test_selling_correcting_and_returning_the_same_goods_at_once(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    goods = [await stock_up(shop, name, quantity_milli=100_000) for name in ("cable", "case", "charger")]
    asked: list[tuple[str, Json]] = []
    for turn in range(6):
        basket = [goods[(turn + step) % 3] for step in range(3)]
        sale = await sold(client, shop, *[(each, 1) for each in basket], paid=3000)
        lines = [{"variant_id": str(each), "quantity": 2} for each in reversed(basket)]
        new: Json = {"lines": lines, "payments": [{"method": "cash", "amount": 6000}]}
        asked.append(("/api/sales", new))
        if turn % 2:
            asked.append((f"/api/sales/{sale['id']}/correct", {"sale": new, "reason": "twice as many"}))
        else:
            asked.append((f"/api/invoices/{sale['invoice']['id']}/credit-notes", note(cash=3000)))
    answers = await at_once(client, shop, *asked)
    assert outcomes(answers) == {"201": 12}
    assert [await books.in_stock(shop, each) for each in goods] == [100_000 - 9 * 2_000] * 3
    await books.agree(shop)
