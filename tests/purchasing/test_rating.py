"""How suppliers have delivered: on time or late, all of it or less, good or damaged, dearer or cheaper."""

from datetime import timedelta
from uuid import UUID

import httpx2

from duka.purchasing.actions import stepping
from tests.purchasing.buying import came, get, ordered, received, supplier
from tests.world import Shop, stock_up

Client = httpx2.AsyncClient


async def test_a_supplier_is_rated_by_what_came_and_when(shop: Shop, client: Client) -> None:
    rice = await stock_up(shop, "rice")
    mills, new = [(await supplier(client, shop, name))["id"] for name in ("Mills", "New")]
    async with shop.asking() as ctx:
        today = ctx.today()
    days = {"early": 2, "late": -4, "missing": -8}
    orders = {
        name: await ordered(client, shop, mills, (rice, 10, 100), expected_on=str(today + timedelta(days=ahead)))
        for name, ahead in days.items()
    }
    await received(client, shop, came(rice, 10), order_id=orders["early"]["id"])
    until = today + timedelta(days=30)
    line = came(rice, 10, rejected=5, reject_reason="damaged", price=110)
    await received(client, shop, line, order_id=orders["late"]["id"])
    rated = {each["supplier_id"]: each for each in await get(client, shop.owner, f"/api/supplier-ratings?to={until}")}
    got = rated[mills]
    assert (got["orders"], got["on_time_bp"], got["delay_days"]) == (3, 3333, 6.0)
    assert (got["fill_bp"], got["reject_bp"], got["price_trend_bp"]) == (6667, 2000, 1000)
    assert (rated[new]["orders"], rated[new]["on_time_bp"], rated[new]["reject_bp"]) == (0, None, None)
    ranked = await get(client, shop.owner, f"/api/supplier-ratings?sort=-on_time&to={until}")
    assert [each["supplier_id"] for each in ranked] == [mills, new]
    past = await get(client, shop.owner, f"/api/supplier-ratings?q=mills&to={today - timedelta(days=6)}")
    assert [(each["orders"], each["fill_bp"], each["reject_bp"]) for each in past] == [(1, 0, None)]
    file = await client.get("/api/supplier-ratings?format=csv", headers=shop.owner.headers)
    assert "Mills" in file.text


async def test_an_order_closed_short_grows_no_later(shop: Shop, client: Client) -> None:
    rice = await stock_up(shop, "rice")
    mills = (await supplier(client, shop, "Mills"))["id"]
    async with shop.asking() as ctx:
        now, today = ctx.now, ctx.today()
    day = str(today - timedelta(days=10))
    late, early = [
        await ordered(client, shop, mills, (rice, 10, 100), expected_on=expected)
        for expected in (day, str(today + timedelta(days=3)))
    ]
    for order in (late, early):
        await received(client, shop, came(rice, 4), order_id=order["id"])
    path = f"/api/supplier-ratings?to={today + timedelta(days=30)}"
    (waiting,) = await get(client, shop.owner, path)
    assert (waiting["orders"], waiting["delay_days"]) == (1, 10.0)
    for order, days in ((late, 6), (early, 1)):
        async with shop.as_(now=now - timedelta(days=days)) as ctx:
            await stepping.take(ctx, UUID(order["id"]), "close", "purchasing:update")
    (closed,) = await get(client, shop.owner, path)
    # Four days late when it was given up; the other was given up before its day.
    assert (closed["orders"], closed["delay_days"], closed["fill_bp"]) == (2, 2.0, 4000)
