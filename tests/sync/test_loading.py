"""The first load: everything a person may read, page by page, and nothing else."""

from base64 import urlsafe_b64encode
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import delete

from duka.platform.models import OutboxEvent
from tests.sales.till import post, sold
from tests.sync.pulling import Copy, statements, till_of
from tests.world import Shop, hire, stock_up

Client = httpx2.AsyncClient


@pytest.fixture
def mine(app: FastAPI, client: Client, shop: Shop) -> Copy:
    """The owner's device, with nothing on it."""
    return Copy(app, client, shop, shop.owner)


def names_in(value: Any) -> set[str]:
    """Every name of a field, however deep."""
    if isinstance(value, dict):
        return {str(name) for name in value} | {name for inner in value.values() for name in names_in(inner)}
    return {name for inner in value for name in names_in(inner)} if isinstance(value, list) else set()


async def test_a_new_device_gets_everything_it_needs_to_sell(mine: Copy, client: Client, shop: Shop) -> None:
    cable = await stock_up(shop, "cable", price_minor=1000, tax_class="VAT 18 %", min_stock_milli=3000)
    amina = await post(client, shop.owner, "/api/customers", {"name": "Amina", "phone": "+256700123456"})
    sale = await sold(client, shop, (cable, 2), paid=2000, customer_id=amina["id"])
    await mine.pull()
    item = mine.of("item")[str(cable)]
    assert (item["name"], item["min_stock_milli"], item["active"]) == ("cable", 3000, True)
    assert [price["price_minor"] for price in item["prices"]] == [1000]
    tax_class = mine.of("tax_class")[item["tax_class_id"]]
    assert [(rate["code"], rate["rate_bp"]) for rate in tax_class["rates"]] == [("VAT", 1800)]
    branch = mine.of("branch")[str(shop.branch_id)]
    assert branch["showroom_location_id"] == str(shop.showroom_id)
    assert mine.of("stock")[f"{cable} {shop.showroom_id}"]["quantity_milli"] == 8000
    assert mine.of("customer")[amina["id"]]["owed_minor"] == 0
    kept = mine.of("sale")[sale["id"]]
    assert (kept["total"], len(kept["lines"]), kept["history"][0]["step"]) == (2000, 1, "sell")
    till = mine.of("register")[str(shop.register_id)]
    assert [each["highest_seen"] for each in till["series"] if each["kind"] == "invoice"] == [1]
    assert mine.of("settings")["shop"]["currency"] == "UGX"
    assert mine.of("staff")[str(shop.owner.staff_id)]["discount_ceiling_bp"] == 10_000
    assert mine.of("exception_count")["n"]["count"] == 0
    assert mine.total == sum(len(rows) for rows in mine.rows.values())
    assert await mine.pull() == {}


async def test_a_page_is_few_statements_and_pages_meet_without_a_gap(
    mine: Copy, app: FastAPI, client: Client, shop: Shop
) -> None:
    for name in ("cable", "charger", "case", "torch", "radio"):
        variant = await stock_up(shop, name)
        await sold(client, shop, (variant, 1), paid=1000)
        await post(client, shop.owner, "/api/customers", {"name": name})
    mine.limit = 2
    await mine.pull()
    assert [len(mine.of(kind)) for kind in ("item", "stock", "customer", "sale")] == [5, 5, 5, 5]
    fresh = Copy(app, client, shop, shop.owner, shop.register_id)
    with statements() as sent:
        first = await fresh.ask()
    assert len(sent) == 6, sent  # the shop, the till, the position, the rows, the first goods, what is unread
    for _ in range(4):
        fresh.cursor = first.json()["data"]["cursor"]
        with statements() as sent:
            first = await fresh.ask()
        assert len(sent) <= 5, sent
    variant = await stock_up(shop, "fan")
    await sold(client, shop, (variant, 1), paid=1000)
    await app.state.house.relay.relay(shop.shop_id)
    fresh.cursor = first.json()["data"]["cursor"]
    with statements() as sent:
        later = await fresh.ask()
    assert {change["kind"] for change in later.json()["data"]["changes"]} >= {"stock", "sale", "register"}
    assert len(sent) <= 6, sent  # the shop, the till, the events, the rows, the sales by id, the sales


async def test_what_changes_while_it_loads_is_told_after_the_load(mine: Copy, client: Client, shop: Shop) -> None:
    cable = await stock_up(shop, "cable")
    await stock_up(shop, "charger")
    await mine.app.state.house.relay.relay(shop.shop_id)
    mine.limit = 1
    page = (await mine.ask()).json()["data"]
    while not any(change["kind"] == "stock" for change in page["changes"]):
        mine.cursor = page["cursor"]
        page = (await mine.ask()).json()["data"]
    await sold(client, shop, (cable, 4), paid=4000)
    mine.cursor = page["cursor"]
    await mine.pull()
    assert mine.of("stock")[f"{cable} {shop.showroom_id}"]["quantity_milli"] == 6000
    assert len(mine.of("sale")) == 1


async def test_nobody_gets_what_they_may_not_read(app: FastAPI, client: Client, shop: Shop) -> None:
    cable = await stock_up(shop, "cable")
    await sold(client, shop, (cable, 1), paid=1000)
    amina = await hire(shop, "staff", branch_id=shop.branch_id)
    own = await sold(client, shop, (cable, 1), paid=1000, by=amina)
    bare = Copy(app, client, shop, await hire(shop, "inventory_manager"))
    await bare.pull()
    assert not bare.of("customer")
    assert not bare.of("sale")
    assert not bare.of("cart")
    seller = Copy(app, client, shop, amina)
    await seller.pull()
    assert list(seller.of("sale")) == [own["id"]]
    assert list(seller.of("staff")) == [str(amina.staff_id)]
    assert not seller.of("register")
    assert not seller.of("exception_count")
    owner = Copy(app, client, shop, shop.owner)
    await owner.pull()
    for copy in (bare, seller, owner):
        assert not names_in(copy.rows) & {"cost", "margin", "cost_minor", "unit_cost_minor"}


async def test_another_branch_keeps_its_own(app: FastAPI, client: Client, shop: Shop) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    other = await post(client, shop.owner, "/api/branches", {"name": "Entebbe"})
    there = await hire(shop, "supervisor", branch_id=other["id"])
    copy = Copy(app, client, shop, there)
    await copy.pull()
    assert list(copy.of("branch")) == [other["id"]]
    assert (copy.of("sale"), copy.of("stock")) == ({}, {})
    till = await till_of(shop, client, shop.owner)
    near = Copy(app, client, shop, shop.owner, till.register_id)
    await near.pull()
    assert list(near.of("sale")) == [sale["id"]]
    far = Copy(app, client, shop, there, till.register_id)
    assert (await far.ask()).status_code == 404
    nobody = await client.get("/api/sync/changes", headers=till.headers)
    assert nobody.status_code == 403


@pytest.mark.breaks_invariants("its events are cleared away", "event_positions")
async def test_a_damaged_cursor_is_refused_and_an_old_one_too(mine: Copy, client: Client, shop: Shop) -> None:
    await post(client, shop.owner, "/api/groups", {"name": "Phones"})
    await mine.pull()
    good = mine.cursor or ""
    changed = good[:20] + ("A" if good[20] != "A" else "B") + good[21:]
    no_text = urlsafe_b64encode(b"\xff" * 40).decode()
    for bad in ("x", good[:-4], changed, "é", no_text):
        mine.cursor = bad
        answer = await mine.ask()
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "CURSOR_NOT_VALID"), bad
    mine.cursor = good
    async with shop.as_() as ctx:
        await ctx.db.execute(delete(OutboxEvent))
    answer = await mine.ask()
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "CURSOR_TOO_OLD")


async def test_another_role_or_branch_begins_anew(app: FastAPI, client: Client, shop: Shop) -> None:
    amina = await hire(shop, "staff")
    copy = Copy(app, client, shop, amina)
    await copy.pull()
    assert (await copy.ask()).status_code == 200
    staff = (await client.get(f"/api/staff/{amina.staff_id}", headers=shop.owner.headers)).json()["data"]
    edited = {"version": staff["version"], "branch_id": str(shop.branch_id)}
    await post(client, shop.owner, f"/api/staff/{amina.staff_id}", edited, method="PUT", status=200)
    answer = await copy.ask()
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "CURSOR_TOO_OLD")
    copy.cursor = None
    await copy.pull()
    roles = (await client.get("/api/roles", headers=shop.owner.headers)).json()["data"]
    role = next(each for each in roles if each["preset"] == "supervisor")
    moved = {"version": staff["version"] + 1, "role_id": role["id"]}
    await post(client, shop.owner, f"/api/staff/{amina.staff_id}", moved, method="PUT", status=200)
    assert (await copy.ask()).status_code == 410
