"""PINs: who takes turns at a till, where a PIN may be checked, and what is sold after a switch."""

import hashlib
import json
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from duka.platform.models import AuditEntry
from duka.shops.auth import passwords
from duka.shops.models import Account
from tests.sales.device import Device, Item
from tests.sales.till import post
from tests.sync.pulling import Copy, till_of
from tests.world import Person, Shop, hire, stock_up

pytestmark = pytest.mark.slow

Client = httpx2.AsyncClient
PASSWORD = "seven green kettles"
PIN = "4071"


async def choose(client: Client, shop: Shop, who: Person, pin: str = PIN, password: str = PASSWORD) -> httpx2.Response:
    """Choose a PIN, with a password that is set before."""
    async with shop.as_() as ctx:
        kept = await passwords.make_hash(PASSWORD)
        await ctx.db.execute(update(Account).where(Account.id == who.account_id).values(password_hash=kept))
    body = {"pin": pin, "current_password": password}
    return await client.put("/api/me/pin", json=body, headers=who.headers)


@pytest.fixture
async def amina(shop: Shop) -> Person:
    """A cashier of the shop's branch."""
    return await hire(shop, "staff", branch_id=shop.branch_id, name="Amina")


@pytest.fixture
async def till(shop: Shop, client: Client) -> Device:
    """A till on the device that the owner is logged in on."""
    return await till_of(shop, client, shop.owner)


async def test_a_till_of_the_branch_checks_a_pin_by_itself(
    app: FastAPI, client: Client, shop: Shop, amina: Person, till: Device
) -> None:
    copy = Copy(app, client, shop, shop.owner, till.register_id)
    await copy.pull()
    assert copy.of("staff")[str(amina.staff_id)]["pin"] is None
    assert (await choose(client, shop, amina)).status_code == 200
    (row,) = (await copy.pull())["staff"]
    kept = row["pin"]
    derived = hashlib.pbkdf2_hmac("sha256", PIN.encode(), bytes.fromhex(kept["salt"]), kept["iterations"])
    assert derived.hex() == kept["hash"]
    assert (row["name"], row["permissions"]["sales:create"], row["discount_ceiling_bp"]) == ("Amina", "branch", 500)
    before = kept["hash"]
    assert (await choose(client, shop, amina)).status_code == 200
    assert (await copy.pull())["staff"][0]["pin"]["hash"] != before
    assert (await client.request("DELETE", "/api/me/pin", headers=amina.headers)).status_code == 200
    assert (await copy.pull())["staff"][0]["pin"] is None


async def test_nobody_else_gets_what_checks_a_pin(
    app: FastAPI, client: Client, shop: Shop, amina: Person, till: Device
) -> None:
    await choose(client, shop, amina)
    entebbe = await post(client, shop.owner, "/api/branches", {"name": "Entebbe"})
    far = await till_of(shop, client, await hire(shop, "supervisor", branch_id=entebbe["id"]), entebbe["id"])
    elsewhere = Copy(app, client, shop, shop.people["supervisor"], far.register_id)
    without_till = Copy(app, client, shop, shop.owner)
    another_device = Copy(app, client, shop, await hire(shop, "owner"), till.register_id)
    for copy in (elsewhere, without_till, another_device):
        await copy.pull()
        assert not any(row["pin"] for row in copy.of("staff").values())
    assert str(amina.staff_id) not in elsewhere.of("staff")
    near = Copy(app, client, shop, shop.owner, till.register_id)
    await near.pull()
    assert near.of("staff")[str(amina.staff_id)]["pin"]
    credential = f"/api/registers/{till.register_id}/credential"
    await client.delete(credential, headers=shop.owner.headers)
    cut_off = Copy(app, client, shop, shop.owner, till.register_id)
    await cut_off.pull()
    assert not any(row["pin"] for row in cut_off.of("staff").values())
    await post(client, shop.owner, credential, {}, status=200)
    await post(client, shop.owner, f"/api/registers/{till.register_id}/close", {"reason": "lost"}, status=200)
    near = Copy(app, client, shop, shop.owner, till.register_id)
    await near.pull()
    assert not any(row["pin"] for row in near.of("staff").values())


@pytest.mark.parametrize("pin", ["0000", "1234", "4321", "1212", "123123", "67890", "890", "1234567", "12a4", ""])
async def test_an_easy_pin_is_refused(client: Client, shop: Shop, pin: str) -> None:
    answer = await choose(client, shop, shop.owner, pin)
    easy = 4 <= len(pin) <= 6 and pin.isdigit()
    assert answer.json()["error"]["code"] == ("PIN_TOO_EASY" if easy else "VALIDATION_ERROR")


async def test_a_pin_needs_the_password_and_leaves_no_secret_in_the_trail(
    client: Client, shop: Shop, amina: Person
) -> None:
    wrong = await choose(client, shop, amina, password="another password")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "WRONG_PASSWORD")
    assert (await choose(client, shop, amina)).status_code == 200
    path = f"/api/staff/{amina.staff_id}/pin"
    refused = await client.request("DELETE", path, headers=amina.headers)
    assert refused.status_code == 403
    assert (await client.request("DELETE", path, headers=shop.owner.headers)).status_code == 200
    async with shop.asking() as ctx:
        of_staff = select(AuditEntry).where(AuditEntry.entity == "staff").order_by(AuditEntry.at)
        trail = (await ctx.db.scalars(of_staff)).all()
    told = [(each.action, each.before, each.after) for each in trail if each.action.endswith("_pin")]
    assert told == [("set_pin", None, None), ("clear_pin", None, None)]


async def test_who_is_removed_has_no_pin(app: FastAPI, client: Client, shop: Shop, amina: Person, till: Device) -> None:
    await choose(client, shop, amina)
    copy = Copy(app, client, shop, shop.owner, till.register_id)
    await copy.pull()
    await client.request("DELETE", f"/api/staff/{amina.staff_id}", headers=shop.owner.headers)
    await copy.pull()
    assert str(amina.staff_id) not in copy.of("staff")


async def _asked(till: Device, who: Person, body: dict[str, Any]) -> httpx2.Response:
    return await till.client.post("/api/sales", content=json.dumps(body), headers=who.headers | {
        "Content-Type": "application/json"
    })  # fmt: skip


async def test_after_a_switch_the_cashier_sells_under_their_own_name_and_rights(
    client: Client, shop: Shop, amina: Person, till: Device
) -> None:
    cable = Item(await stock_up(shop, "cable"))
    mine: dict[str, Any] = {"staff_id": str(amina.staff_id)}
    asked = await _asked(till, shop.owner, till.ring((cable, 1), **mine))
    assert (asked.status_code, asked.json()["data"]["staff_id"]) == (201, str(amina.staff_id)), asked.text
    assert asked.json()["data"]["exceptions"] == []
    recorded = await till.deliver(till.ring((cable, 1), **mine))
    assert recorded.json()["data"]["staff_id"] == str(amina.staff_id)
    assert recorded.headers["Duka-Verdict"] == "applied"
    generous = till.ring((cable, 2), discount={"percent_bp": 2000}, **mine)
    refused = await _asked(till, shop.owner, generous)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "DISCOUNT_OVER_CEILING"), refused.text
    happened = await till.deliver(generous)
    assert [each["code"] for each in happened.json()["data"]["exceptions"]] == ["DISCOUNT_OVER_CEILING"]


async def test_naming_the_owner_gives_a_cashier_no_more_rights(
    client: Client, shop: Shop, amina: Person, till: Device
) -> None:
    cable = Item(await stock_up(shop, "cable"))
    generous = till.ring((cable, 2), discount={"percent_bp": 2000}, staff_id=str(shop.owner.staff_id))
    refused = await _asked(till, amina, generous)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "DISCOUNT_OVER_CEILING"), refused.text
