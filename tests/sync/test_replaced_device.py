"""A device whose person logged in elsewhere: what it sold before still arrives, and it gets to know nothing more."""

from uuid import UUID

import httpx2
from fastapi import FastAPI

from duka.platform.ids import new_id
from tests.sales.device import Device, Item
from tests.shops.visitors import house_of, signed_up
from tests.sync.pulling import Copy
from tests.world import Person, Shop

Client = httpx2.AsyncClient


def codes(answer: httpx2.Response) -> list[str]:
    """What a document's answer disagrees with."""
    return [each["code"] for each in answer.json()["data"]["exceptions"]]


async def test_what_a_replaced_device_sold_arrives_late_and_is_looked_at(app: FastAPI, client: Client) -> None:
    njeri = await signed_up(client)
    branch = (await client.get("/api/branches", headers=njeri.headers)).json()["data"][0]
    till = {
        "id": str(new_id()), "branch_id": branch["id"], "name": "Counter", "kind": "installation",
        "installation_id": njeri.device_id,
    }  # fmt: skip
    opened = (await client.post("/api/registers", json=till, headers=njeri.headers)).json()["data"]
    product = {"name": "cable", "price": 1000}
    made = (await client.post("/api/products", json=product, headers=njeri.headers)).json()["data"]
    cable = Item(UUID(made["variants"][0]["id"]))
    shop_id = UUID(njeri.data["shops"][0]["shop_id"])
    me = Person(new_id(), new_id(), new_id(), njeri.data["access_token"])
    shop = Shop(house_of(app), shop_id, me, UUID(branch["id"]), new_id(), UUID(opened["id"]))
    device = Device(shop, UUID(opened["id"]), opened["code"], opened["credential"], client)
    copy = Copy(app, client, shop, me, device.register_id)
    await copy.pull()
    late, still_later = device.ring((cable, 1)), device.ring((cable, 1))

    elsewhere = (await njeri.login(device_id=str(new_id()), device_name="Phone")).json()["data"]
    refused = await copy.ask()
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "SESSION_REPLACED")
    arrived = await device.deliver(late)
    assert arrived.status_code == 201, arrived.text
    assert "DELIVERED_LATE" in codes(arrived)
    for path in ("/api/sync/changes", "/api/sales", "/api/products", "/api/customers", "/api/me", "/api/settings/till"):
        answer = await client.get(path, headers=device.headers)
        assert answer.status_code in (401, 403), path
    now = {"Authorization": f"Bearer {elsewhere['access_token']}"}
    told = (await client.get(f"/api/registers/{opened['id']}", headers=now)).json()["data"]
    assert told["replaced_at"]

    njeri.data = (await njeri.login()).json()["data"]
    told = (await client.get(f"/api/registers/{opened['id']}", headers=njeri.headers)).json()["data"]
    assert told["replaced_at"] is None
    again = await device.deliver(still_later)
    assert again.status_code == 201, again.text
    assert "DELIVERED_LATE" not in codes(again)
