"""Which numbers of a till have arrived, and which are awaited."""

from typing import Any

import httpx2

from tests.sales.device import Device, Item, a_device
from tests.sales.till import post
from tests.world import Shop, hire


async def numbers(client: httpx2.AsyncClient, shop: Shop, register_id: Any) -> list[dict[str, Any]]:
    """Ask as the owner."""
    answer = await client.get(f"/api/registers/{register_id}/series", headers=shop.owner.headers)
    assert answer.status_code == 200, answer.text
    series: list[dict[str, Any]] = answer.json()["data"]
    return series


async def test_what_has_not_arrived_is_awaited_in_ranges(
    device: Device, cable: Item, shop: Shop, client: httpx2.AsyncClient
) -> None:
    assert await numbers(client, shop, device.register_id) == []
    bodies = [device.ring((cable, 1)) for _ in range(9)]
    for place in (0, 4, 8):
        await device.deliver(bodies[place])
    (series,) = await numbers(client, shop, device.register_id)
    assert (series["highest_seen"], series["complete_to"], series["awaited_count"]) == (9, 1, 6)
    assert series["awaited"] == [{"first": 2, "last": 4}, {"first": 6, "last": 8}]
    damaged = await device.deliver({**bodies[6], "total": 1})
    assert damaged.status_code == 202, damaged.text
    (series,) = await numbers(client, shop, device.register_id)
    assert series["awaited"] == [{"first": 2, "last": 4}, {"first": 6, "last": 6}, {"first": 8, "last": 8}]
    assert (series["awaited_count"], series["set_aside"]) == (5, [7])
    for body in bodies[1:6]:
        await device.deliver(body)
    (series,) = await numbers(client, shop, device.register_id)
    assert (series["awaited"], series["complete_to"]) == ([{"first": 8, "last": 8}], 6)


async def test_what_was_declared_lost_is_awaited_no_more(
    device: Device, cable: Item, shop: Shop, client: httpx2.AsyncClient
) -> None:
    bodies = [device.ring((cable, 1)) for _ in range(3)]
    await device.deliver(bodies[2])
    lost = {"reason": "the phone fell into the lake"}
    await post(client, shop.owner, f"/api/registers/{device.register_id}/close", lost, status=200)
    (series,) = await numbers(client, shop, device.register_id)
    assert (series["awaited"], series["awaited_count"]) == ([], 0)
    assert (series["declared_hole"]["from"], series["declared_hole"]["to"]) == (1, 3)


async def test_a_till_out_of_reach_is_not_there(shop: Shop, device: Device, client: httpx2.AsyncClient) -> None:
    entebbe = await post(client, shop.owner, "/api/branches", {"name": "Entebbe"})
    far = await a_device(shop, client, entebbe["id"])
    there = await hire(shop, "supervisor", branch_id=entebbe["id"])
    cashier = await hire(shop, "staff")
    for register_id, who, status in (
        (far.register_id, there, 200), (device.register_id, there, 404), (device.register_id, cashier, 403),
    ):  # fmt: skip
        answer = await client.get(f"/api/registers/{register_id}/series", headers=who.headers)
        assert answer.status_code == status, answer.text
