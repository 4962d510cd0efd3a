"""Documents arrive in any order: what came before the opening of its drawer lies in it all the same."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from duka.payments import actions as payments
from duka.payments.schemas import SessionIn
from duka.platform import events
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, DocumentException
from duka.sales.jobs import AWAITED_DRAWERS
from tests.sales.device import Device, Item, a_device
from tests.world import Shop

Json = dict[str, Any]


async def send(device: Device, path: str, body: Json) -> Json:
    """Deliver something that has happened."""
    headers = device.headers | {"Duka-Mode": "record"}
    answer = await device.client.post(f"/api{path}", json=body, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    data: Json = answer.json()["data"]
    return data


async def seen(device: Device, path: str) -> Any:
    answer = await device.client.get(f"/api{path}", headers=device.shop.owner.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def opening(device: Device, session_id: str) -> Json:
    return {
        "id": session_id, "register_id": str(device.register_id), "float": 5000,
        "staff_id": str(device.shop.owner.staff_id), "business_date": str(datetime.now(UTC).date()),
    }  # fmt: skip


def counting(device: Device, counted: int) -> Json:
    return {"counted": counted, "staff_id": str(device.shop.owner.staff_id)}


async def look(device: Device, session_id: str, sale_id: str) -> Json:
    """What can be seen of a drawer and of a sale that went through it."""
    drawer = await seen(device, f"/register-sessions/{session_id}")
    money = await seen(device, f"/payments?register_session_id={session_id}&sort=id")
    return {
        "expected": drawer["expected"], "difference": drawer["difference"],
        "money": [(each["method"], each["direction"], each["amount"], each["register_session_id"]) for each in money],
        "sale": (await seen(device, f"/sales/{sale_id}"))["register_session_id"],
        "waiting": await seen(device, "/exceptions?settled=false"),
    }  # fmt: skip


async def test_the_opening_may_come_last(device: Device, cable: Item, shop: Shop) -> None:
    session_id = str(new_id())
    sale = device.ring((cable, 2), register_session_id=session_id)
    told = await send(device, "/sales", sale)
    assert [each["code"] for each in told["exceptions"]] == ["SESSION_UNKNOWN"]
    assert told["register_session_id"] is None
    await send(device, "/register-sessions", opening(device, session_id))
    closed = await send(device, f"/register-sessions/{session_id}/close", counting(device, 6900))
    assert (closed["expected"], closed["difference"]) == (7000, -100)
    assert await look(device, session_id, sale["id"]) == {
        "expected": 7000, "difference": -100, "money": [("cash", "in", 2000, session_id)], "sale": session_id,
        "waiting": [],
    }  # fmt: skip
    (settled,) = await seen(device, f"/exceptions?document_id={sale['id']}")
    assert settled["settlement"] == "The opening of the drawer came later."
    async with shop.asking() as ctx:
        trail = select(AuditEntry.action).where(AuditEntry.entity_id.in_([UUID(sale["id"]), UUID(settled["id"])]))
        assert sorted(await ctx.db.scalars(trail)) == ["put_in_drawer", "sell", "settle"]
    again = await send(device, "/sales", sale)
    assert again["register_session_id"] is None, "a repetition gets the first answer"


async def test_every_order_gives_the_same_drawer(shop: Shop, client: httpx2.AsyncClient, cable: Item) -> None:
    pictures = []
    for place in range(3):
        device, session_id = await a_device(shop, client), str(new_id())
        begun = device.ring((cable, 1), paid=300, register_session_id=session_id)
        more = {
            "payments": [{"id": str(new_id()), "method": "cash", "amount": 200}],
            "business_date": begun["business_date"], "register_session_id": session_id,
        }  # fmt: skip
        documents = [("/sales", begun), (f"/sales/{begun['id']}/payments", more)]
        documents.insert(place, ("/register-sessions", opening(device, session_id)))
        for path, body in documents:
            await send(device, path, body)
        await send(device, f"/register-sessions/{session_id}/close", counting(device, 5500))
        picture = await look(device, session_id, begun["id"])
        pictures.append(str(picture).replace(session_id, "here"))
    assert len(set(pictures)) == 1, pictures
    assert "'expected': 5500" in pictures[0]
    assert "'sale': 'here'" in pictures[0]


async def test_only_its_own_registers_documents_are_put_into_a_drawer(
    device: Device, cable: Item, shop: Shop, client: httpx2.AsyncClient
) -> None:
    session_id = str(new_id())
    sale = device.ring((cable, 1), register_session_id=session_id)
    await send(device, "/sales", sale)
    other = await a_device(shop, client)
    await send(other, "/register-sessions", opening(other, session_id))
    found = await look(other, session_id, sale["id"])
    assert (found["money"], found["sale"], len(found["waiting"])) == ([], None, 1)


async def test_what_somebody_settled_by_hand_is_put_in_place_and_keeps_their_words(device: Device, cable: Item) -> None:
    session_id = str(new_id())
    sale = device.ring((cable, 1), register_session_id=session_id)
    await send(device, "/sales", sale)
    (waiting,) = await seen(device, "/exceptions?settled=false")
    path = f"/api/exceptions/{waiting['id']}/settle"
    by_hand = {"settlement": "The phone was lost."}
    assert (await device.client.post(path, json=by_hand, headers=device.shop.owner.headers)).status_code == 200
    await send(device, "/register-sessions", opening(device, session_id))
    assert (await look(device, session_id, sale["id"]))["sale"] == session_id
    (settled,) = await seen(device, f"/exceptions?document_id={sale['id']}")
    assert settled["settlement"] == "The phone was lost."


async def test_a_drawer_counted_before_its_sale_was_found_is_amended(device: Device, cable: Item, shop: Shop) -> None:
    session_id = str(new_id())
    sale = device.ring((cable, 1), register_session_id=session_id)
    await send(device, "/sales", sale)
    async with shop.as_() as ctx:  # opened at the very moment in which the sale was stored: neither saw the other
        await payments.open_session(ctx, SessionIn.model_validate(opening(device, session_id)))
    closed = await send(device, f"/register-sessions/{session_id}/close", counting(device, 6000))
    assert (closed["expected"], closed["difference"]) == (5000, 1000)
    async with shop.as_() as ctx:
        exception = (await ctx.db.scalars(select(DocumentException))).one()
        events.emit(ctx, "exception.noted", exception.id)
        await ctx.db.flush()
        await events.stamp(ctx.db, [ctx.shop_id])
        assert await AWAITED_DRAWERS.read(ctx)
    assert await look(device, session_id, sale["id"]) == {
        "expected": 6000, "difference": 0, "money": [("cash", "in", 1000, session_id)], "sale": session_id,
        "waiting": [],
    }  # fmt: skip


@pytest.mark.slow
async def test_sales_and_their_opening_sent_at_once_find_each_other(device: Device, cable: Item) -> None:
    session_id = str(new_id())
    sales = [device.ring((cable, 1), register_session_id=session_id) for _ in range(8)]
    sent = [send(device, "/sales", sale) for sale in sales]
    sent.insert(4, send(device, "/register-sessions", opening(device, session_id)))
    await asyncio.gather(*sent)
    for _ in range(100):
        if not await seen(device, "/exceptions?settled=false&code=SESSION_UNKNOWN"):
            break
        await asyncio.sleep(0.1)
    closed = await send(device, f"/register-sessions/{session_id}/close", counting(device, 13_000))
    assert (closed["expected"], closed["difference"]) == (13_000, 0)
