"""Numbers and links that a device gives itself: in whatever order its documents arrive, none is used twice."""

import asyncio
import itertools
import random

import httpx2
import pytest
from sqlalchemy import select

from duka.platform.ids import new_id
from duka.sales.models import Quarantined
from duka.shops.models import Series
from duka.stock.models import Balance
from tests.sales.device import Device, Item, a_device
from tests.world import Shop, stock_up

pytestmark = pytest.mark.slow


def verdict(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers["Duka-Verdict"]


async def test_a_number_is_never_used_twice(device: Device, cable: Item) -> None:
    first = device.ring((cable, 1))
    assert (await device.deliver(first)).status_code == 201
    device.counter, device.head = 0, "0" * 64
    second = device.ring((cable, 2))
    assert (await device.deliver(second, mode="ask")).json()["error"]["code"] == "NUMBER_TAKEN"
    answer = await device.deliver(second)
    assert (answer.status_code, answer.json()["data"]["reason"]) == (202, "NUMBER_TAKEN")


async def test_a_number_of_a_document_set_aside_is_held(device: Device, cable: Item, shop: Shop) -> None:
    damaged = device.ring((cable, 1)) | {"total": 1}
    assert (await device.deliver(damaged)).status_code == 202
    device.counter, device.head = 0, "0" * 64
    answer = await device.deliver(device.ring((cable, 1)))
    assert answer.json()["data"]["reason"] == "NUMBER_TAKEN"
    async with shop.asking() as ctx:
        held = (await ctx.db.scalars(select(Quarantined).where(Quarantined.reason == "TOTAL_MISMATCH"))).one()
    assert (held.claimed_series, held.claimed_counter) == (f"{device.code}/2627", 1)
    assert held.claimed_id == damaged["id"]


async def test_a_refused_number_is_used_again(device: Device, cable: Item) -> None:
    refused = device.ring((cable, 11))
    assert (await device.deliver(refused, mode="ask")).json()["error"]["code"] == "OUT_OF_STOCK"
    device.counter, device.head = 0, "0" * 64
    answer = await device.deliver(device.ring((cable, 1)), mode="ask")
    assert (answer.status_code, answer.json()["data"]["number"]) == (201, f"{device.code}/2627/000001")


async def test_a_document_beside_another_chain_is_set_aside(device: Device, cable: Item) -> None:
    first, second = device.ring((cable, 1)), device.ring((cable, 1))
    cloned = Device(device.shop, device.register_id, device.code, device.credential, device.client)
    cloned.ring((cable, 3))
    rival, after = cloned.ring((cable, 1)), cloned.ring((cable, 1))
    assert (await device.deliver(first)).status_code == 201
    answer = await device.deliver(rival)
    assert answer.json()["data"]["reason"] == "CHAIN_BROKEN"
    assert (await device.deliver(second)).json()["data"].get("reason") == "NUMBER_TAKEN"
    assert (await device.deliver(after)).status_code == 201  # its neighbour is not there: awaited


async def test_every_order_of_four_ends_the_same(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = Item(await stock_up(shop, "cable", quantity_milli=100_000))
    for order in itertools.permutations(range(4)):
        device = await a_device(shop, client)
        bodies = [device.ring((cable, 1)) for _ in range(4)]
        for place in order:
            assert (await device.deliver(bodies[place])).status_code == 201
        async with shop.asking() as ctx:
            series = (await ctx.db.scalars(select(Series).where(Series.register_id == device.register_id))).one()
            assert (series.highest_seen, series.complete_to, series.head_hash.hex()) == (4, 4, device.head), order


async def test_documents_arrive_in_any_order(device: Device, cable: Item, shop: Shop) -> None:
    count = 40
    bodies = [device.ring((cable, 1)) for _ in range(count)]
    order = list(range(count))
    random.Random(7).shuffle(order)
    there: set[int] = set()
    for place in order:
        answer = await device.deliver(bodies[place])
        assert answer.status_code == 201, answer.text
        there.add(place + 1)
        complete = next(n for n in range(count + 1) if n + 1 not in there)
        async with shop.asking() as ctx:
            series = (await ctx.db.scalars(select(Series).where(Series.register_id == device.register_id))).one()
            assert (series.highest_seen, series.complete_to) == (max(there), complete)
            head = bodies[max(there) - 1]["invoice"]["hash"]
            assert series.head_hash.hex() == head


async def test_documents_that_arrive_at_once_leave_no_gap(device: Device, cable: Item, shop: Shop) -> None:
    bodies = [device.ring((cable, 1)) for _ in range(20)]
    random.Random(11).shuffle(bodies)
    answers = await asyncio.gather(*(device.deliver(body) for body in bodies + bodies))
    assert [answer.status_code for answer in answers] == [201] * 40
    assert sum(verdict(answer)[1] == "already-applied" for answer in answers) == 20
    async with shop.asking() as ctx:
        series = (await ctx.db.scalars(select(Series).where(Series.register_id == device.register_id))).one()
        assert (series.highest_seen, series.complete_to) == (20, 20)
        assert (await ctx.db.scalars(select(Balance.quantity_milli))).one() == -10_000


async def test_a_note_of_another_register_is_set_aside(device: Device, cable: Item, shop: Shop) -> None:
    sale = (await device.deliver(device.ring((cable, 1)))).json()["data"]
    path = f"/api/invoices/{sale['invoice']['id']}/credit-notes"
    body = {"id": str(new_id()), "whole": True, "reason": "came back", "register_id": str(shop.register_id)}
    answer = await device.client.post(path, json=body, headers=device.headers | {"Duka-Mode": "record"})
    assert (answer.status_code, answer.json()["data"]["reason"]) == (202, "WRONG_REGISTER")
