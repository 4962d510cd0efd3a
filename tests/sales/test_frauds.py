"""What dishonest people, and devices in wrong hands, try at the till; each finds the door closed."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx2
from sqlalchemy import select

from duka.platform.ids import new_id
from duka.sales.models import Quarantined
from duka.shops.branches import actions as branches
from duka.shops.branches.schemas import BranchIn
from duka.shops.models import Role
from tests.sales.device import Device, Item, a_device
from tests.sales.test_sell import a_customer, body, of, settle
from tests.sales.till import note, post, sold
from tests.world import Person, Shop, hire, stock_up

Json = dict[str, Any]


async def opened(client: httpx2.AsyncClient, who: Person, register_id: object, **more: Any) -> str:
    """Open a drawer and give its session's id."""
    asked = {"register_id": str(register_id), "float": 10_000, **more}
    return str((await post(client, who, "/api/register-sessions", asked))["id"])


async def test_a_register_holds_no_number_of_another_one(device: Device, cable: Item, shop: Shop) -> None:
    stolen = await a_device(shop, device.client)
    for counter in (1, 2):
        forged = stolen.ring((cable, 1))
        forged["invoice"] |= {"code": device.code, "counter": counter}
        assert (await stolen.deliver(forged)).json()["data"]["reason"] == "WRONG_SERIES"
    for _ in range(2):
        assert (await device.deliver(device.ring((cable, 1)))).status_code == 201
    async with shop.asking() as ctx:
        held = (await ctx.db.scalars(select(Quarantined.claimed_series))).all()
    assert list(held) == [None, None]


async def test_a_device_that_numbers_itself_lends_no_more_than_the_limit(
    device: Device, cable: Item, shop: Shop
) -> None:
    await settle(shop, payment_policy="on_account")
    achieng = str(await a_customer(shop, limit_minor=2000))

    def lent() -> Json:
        asked = device.ring((cable, 2), paid=1, customer_id=achieng, on_account=True)
        del asked["on_account"]
        return asked | {"payments": []}

    assert (await device.deliver(lent(), mode="ask")).status_code == 201
    refused = await device.deliver(lent(), mode="ask")
    assert refused.json()["error"]["details"]["would_owe"] == 4000


async def test_of_six_who_lend_the_last_of_a_limit_at_once_one_does(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    await settle(shop, payment_policy="on_account")
    achieng = str(await a_customer(shop, limit_minor=1000))

    async def lend() -> int:
        asked = body(of(cable), on_account=True, customer_id=achieng)
        return (await client.post("/api/sales", json=asked, headers=shop.owner.headers)).status_code

    assert sorted(await asyncio.gather(*(lend() for _ in range(6)))) == [201, *[400] * 5]


async def test_nobody_bound_to_a_branch_moves_the_cash_of_another_one(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    async with shop.as_() as ctx:
        jinja = await branches.open_branch(ctx, BranchIn(name="Jinja"))
    far = await post(client, shop.owner, "/api/registers", {
        "branch_id": str(jinja.id), "name": "Jinja", "kind": "server",
    })  # fmt: skip
    drawer = await opened(client, shop.owner, far["id"])
    bound = await hire(shop, "supervisor", branch_id=shop.branch_id)
    sale = await sold(client, shop, (cable, 1), paid=1000, by=bound)
    path = f"/api/invoices/{sale['invoice']['id']}/credit-notes"
    refused = await post(client, bound, path, note(cash=1000, register_session_id=drawer), status=404)
    assert refused["details"]["what"] == "open register session"
    begun = await sold(client, shop, (cable, 1), paid=300, by=bound)
    paid = {"payments": [{"method": "cash", "amount": 700}], "register_session_id": drawer}
    await post(client, bound, f"/api/sales/{begun['id']}/payments", paid, status=404)


async def test_a_register_moves_no_cash_of_another_ones_drawer(device: Device, cable: Item, shop: Shop) -> None:
    begun = (await device.deliver(device.ring((cable, 1), paid=300))).json()["data"]
    drawer = await opened(device.client, shop.owner, shop.register_id)
    paid = {
        "payments": [{"id": str(new_id()), "method": "cash", "amount": 200}], "register_session_id": drawer,
        "business_date": str(datetime.now(UTC).date()),
    }  # fmt: skip
    path = f"/api/sales/{begun['id']}/payments"
    asked = await device.client.post(path, json=paid, headers=device.headers)
    assert asked.status_code == 404, asked.text
    recorded = await device.client.post(path, json=paid, headers=device.headers | {"Duka-Mode": "record"})
    assert recorded.status_code == 201, recorded.text
    told = recorded.json()["data"]
    assert [each["code"] for each in told["exceptions"]] == ["SESSION_UNKNOWN"]


async def test_money_goes_back_only_through_who_may_give_it_back(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    clerk = await hire(shop, "supervisor")
    async with shop.as_() as ctx:
        role = (await ctx.db.scalars(select(Role).where(Role.preset == "supervisor"))).one()
        role.permissions = {name: scope for name, scope in role.permissions.items() if name != "payments:refund"}
    sale = await sold(client, shop, (cable, 1), paid=1000)
    path = f"/api/invoices/{sale['invoice']['id']}/credit-notes"
    for asked in (note(cash=1000), note()):
        refused = await post(client, clerk, path, asked, status=403)
        assert refused["details"]["permission"] == "payments:refund"
    begun = await sold(client, shop, (cable, 1), paid=300)
    cancelled = {"reason": "changed their mind"}
    await post(client, clerk, f"/api/sales/{begun['id']}/cancel", cancelled, status=403)
    unpaid = await sold(client, shop, (cable, 1))
    await post(client, clerk, f"/api/sales/{unpaid['id']}/cancel", cancelled, status=200)


async def test_no_clock_is_so_wrong_that_the_till_stops_delivering(device: Device, cable: Item, shop: Shop) -> None:
    client, lines = device.client, [of(cable.variant_id)]
    for day in ("9999-12-31", "0001-01-01"):
        refused = await post(client, shop.owner, "/api/sales", {"lines": lines, "business_date": day}, status=400)
        assert (refused["code"], list(refused["details"])) == ("VALIDATION_ERROR", ["business_date"])
        assert (await device.deliver(device.ring((cable, 1)) | {"business_date": day})).status_code == 202
    for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        damaged = device.ring((cable, 1))
        damaged["invoice"]["issued_at"] = moment
        assert (await device.deliver(damaged)).status_code == 202
        assert (await device.deliver(device.ring((cable, 1)) | {"made_at": moment})).status_code == 202
