"""A sale that is sent again gets its first answer, byte for byte, whatever happened to it since."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
from sqlalchemy import update

from duka.platform.ids import new_id
from duka.sales.models import Sale
from tests.sales.device import Item, a_device
from tests.sales.test_sell import a_customer, body, of, settle
from tests.sales.till import credited, post
from tests.world import Shop, hire, stock_up

Json = dict[str, Any]


async def send(client: httpx2.AsyncClient, shop: Shop, content: bytes) -> httpx2.Response:
    headers = shop.owner.headers | {"Content-Type": "application/json"}
    answer = await client.post("/api/sales", content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer


def written(sale: Json) -> bytes:
    return json.dumps({"id": str(new_id()), **sale}).encode()


async def test_after_a_return(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    sale = written(body(of(cable, 3, discount={"amount": 40}), of(cable, 0.5), paid=5000, note="thank you"))
    first = await send(client, shop, sale)
    await credited(client, shop, first.json()["data"])
    now = (await client.get(f"/api/sales/{first.json()['data']['id']}", headers=shop.owner.headers)).json()["data"]
    assert now["credited"] == now["total"]
    again = await send(client, shop, sale)
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]


async def test_after_it_was_paid_up(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = written(body(of(cable, 2), paid=500))
    first = await send(client, shop, sale)
    path = f"/api/sales/{first.json()['data']['id']}"
    await post(client, shop.owner, f"{path}/payments", {"payments": [{"method": "cash", "amount": 1500}]})
    now = (await client.get(path, headers=shop.owner.headers)).json()["data"]
    assert (now["state"], now["paid"]) == ("completed", 2000)
    assert (await send(client, shop, sale)).content == first.content


async def test_after_its_day_of_payment_has_passed(shop: Shop, client: httpx2.AsyncClient) -> None:
    await settle(shop, payment_policy="on_account", credit_days=0)
    cable = await stock_up(shop, "cable")
    achieng = str(await a_customer(shop, limit_minor=9000))
    sale = written(body(of(cable), on_account=True, customer_id=achieng))
    first = await send(client, shop, sale)
    assert first.json()["data"]["payment_status"] == "unpaid"
    path = f"/api/sales/{first.json()['data']['id']}"
    async with shop.as_() as ctx:
        await ctx.db.execute(update(Sale).values(due_on=date(2026, 1, 1)))
    now = (await client.get(path, headers=shop.owner.headers)).json()["data"]
    assert now["payment_status"] == "overdue"
    assert (await send(client, shop, sale)).content == first.content


async def test_payments_with_ids_in_any_order(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    ids = sorted((str(new_id()) for _ in range(3)), reverse=True)
    payments = [{"id": each, "method": "card", "amount": 300 + place} for place, each in enumerate(ids)]
    sale = written({"lines": [of(cable)], "payments": payments})
    first = await send(client, shop, sale)
    assert (await send(client, shop, sale)).content == first.content


async def test_with_exceptions_and_after_they_are_settled(shop: Shop, client: httpx2.AsyncClient) -> None:
    device = await a_device(shop, client)
    cable = Item(await stock_up(shop, "cable"), price=900)
    sale = device.ring((cable, 12), staff_id=str(new_id()))
    first = await device.deliver(sale)
    assert len(first.json()["data"]["exceptions"]) == 3
    listed = (await client.get("/api/exceptions", headers=shop.owner.headers)).json()["data"]
    for each in listed:
        await post(client, shop.owner, f"/api/exceptions/{each['id']}/settle", {"settlement": "seen"}, status=200)
    assert (await device.deliver(sale)).content == first.content


async def test_what_each_may_see_stays_so(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    supervisor = await hire(shop, "supervisor")
    sale = written(body(of(cable), paid=1000))
    first = await send(client, shop, sale)
    headers = supervisor.headers | {"Content-Type": "application/json"}
    theirs = await client.post("/api/sales", content=sale, headers=headers)
    assert "margin" in first.json()["data"]
    assert "margin" not in theirs.json()["data"]


async def test_the_first_step_is_told_in_the_history(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    first = await send(client, shop, written(body(of(cable), paid=1000)))
    shown = (await client.get(first.headers["Location"], headers=shop.owner.headers)).json()["data"]
    assert [(step["step"], step["state_to"]) for step in shown["history"]] == [("sell", "completed")]
    assert datetime.fromisoformat(shown["history"][0]["at"]) > datetime.now(UTC) - timedelta(minutes=5)
