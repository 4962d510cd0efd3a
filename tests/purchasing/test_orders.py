"""Orders: they take listed steps only, by whom may take them, and come by themselves from what runs low."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import update

from duka.catalog.models import Product
from duka.platform.ids import new_id
from tests.purchasing.buying import came, get, ordered, received, requested, supplier
from tests.sales.till import Json, post
from tests.world import Person, Shop, hire, stock_up

Client = httpx2.AsyncClient


@pytest.fixture
async def rice(shop: Shop) -> UUID:
    """Ten bags of rice, at 600 each."""
    return await stock_up(shop, "rice", cost_minor=600)


@pytest.fixture
async def wholesaler(shop: Shop, client: Client) -> str:
    """Whom the shop buys from, three days away."""
    return str((await supplier(client, shop, lead_time_days=3))["id"])


async def step(
    client: Client, shop: Shop, order: Json, name: str, status: int = 200, by: Person | None = None
) -> Json:  # fmt: skip
    body = {"reason": "changed our mind"} if name in ("reject", "cancel") else None
    return await post(client, by or shop.owner, f"/api/purchase-orders/{order['id']}/{name}", body, status=status)


async def test_an_order_is_asked_for_approved_placed_received_and_closed(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    order = await requested(client, shop, wholesaler, (rice, 10, 700))
    assert (order["state"], order["total"], order["expected_on"]) == ("requested", 7_000, None)
    assert order["number"].endswith("/000001")
    await step(client, shop, order, "approve")
    placed = await step(client, shop, order, "order")
    async with shop.asking() as ctx:
        days = (ctx.today().fromisoformat(placed["expected_on"]) - ctx.today()).days
    assert days == 3
    await received(client, shop, came(rice, 4), order_id=order["id"])
    assert (await get(client, shop.owner, f"/api/purchase-orders/{order['id']}"))["state"] == "part_received"
    told = await step(client, shop, order, "cancel", 400)
    assert told["code"] == "ORDER_PART_RECEIVED"
    closed = await step(client, shop, order, "close")
    assert [each["state_to"] for each in closed["steps"]] == [
        "requested", "approved", "ordered", "part_received", "closed",
    ]  # fmt: skip
    told = await received(client, shop, came(rice, 1), order_id=order["id"], status=400)
    assert told["details"]["state"] == "closed"


@pytest.mark.parametrize(
    ("taken", "refused"),
    [
        ([], ["order", "close"]),
        (["approve"], ["reject", "close"]),
        (["reject"], ["approve", "order", "cancel", "close"]),
        (["approve", "order"], ["reject", "close"]),
        (["approve", "order", "cancel"], ["reject", "close"]),
    ],
)
async def test_no_step_is_taken_that_is_not_listed(
    shop: Shop, client: Client, rice: UUID, wholesaler: str, taken: list[str], refused: list[str]
) -> None:
    order = await requested(client, shop, wholesaler, (rice, 1, 1))
    for name in taken:
        order = await step(client, shop, order, name)
    for name in refused:
        assert (await step(client, shop, order, name, 400))["code"] == "ORDER_STEP_NOT_ALLOWED"
    for name in taken:
        again = await step(client, shop, order, name)
        assert (again["version"], again["steps"]) == (order["version"], order["steps"])


async def test_steps_need_their_permissions(shop: Shop, client: Client, rice: UUID, wholesaler: str) -> None:
    await hire(shop, "supervisor")
    boss = shop.people["supervisor"]
    order = await requested(client, shop, wholesaler, (rice, 1, 1))
    for name in ("approve", "reject", "order", "cancel", "close"):
        assert (await step(client, shop, order, name, 403, by=boss))["code"] == "FORBIDDEN"


async def test_one_who_works_in_a_branch_sees_its_orders_only(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    branch = await post(client, shop.owner, "/api/branches", {"id": str(new_id()), "name": "Jinja"})
    await hire(shop, "inventory_manager", branch_id=UUID(branch["id"]))
    ruth = shop.people["inventory_manager"]
    order = await requested(client, shop, wholesaler, (rice, 1, 1), location_id=str(shop.showroom_id))
    assert await get(client, ruth, "/api/purchase-orders") == []
    await get(client, ruth, f"/api/purchase-orders/{order['id']}", status=404)
    await step(client, shop, order, "approve", 404, by=ruth)
    body = {"supplier_id": wholesaler, "location_id": str(shop.showroom_id),
            "lines": [{"variant_id": str(rice), "quantity": 1}]}  # fmt: skip
    await post(client, ruth, "/api/purchase-orders", body, status=404)


async def test_an_order_changes_until_somebody_approves_it(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    tea = await stock_up(shop, "tea")
    order = await requested(client, shop, wholesaler, (rice, 10, 700))
    path = f"/api/purchase-orders/{order['id']}"
    lines = [{"variant_id": str(tea), "quantity": 2, "price": 50}, {"variant_id": str(rice), "quantity": 1}]
    body: dict[str, Any] = {"version": 1, "lines": lines, "note": "hurry"}
    changed = await post(client, shop.owner, path, body, status=200, method="PUT")
    assert (changed["total"], changed["version"], len(changed["lines"])) == (700, 2, 2)
    assert (await post(client, shop.owner, path, body, status=409, method="PUT"))["code"] == "STALE_VERSION"
    await step(client, shop, order, "approve")
    told = await post(client, shop.owner, path, body | {"version": 3}, status=400, method="PUT")
    assert told["code"] == "ORDER_STEP_NOT_ALLOWED"


async def test_the_same_order_sent_twice_is_one(shop: Shop, client: Client, rice: UUID, wholesaler: str) -> None:
    lines = [{"id": str(new_id()), "variant_id": str(rice), "quantity": 1, "price": 1}]
    body = {"id": str(new_id()), "supplier_id": wholesaler, "lines": lines}
    sent = (client.post("/api/purchase-orders", json=body, headers=shop.owner.headers) for _ in range(8))
    done = await asyncio.gather(*sent)
    assert {each.status_code for each in done} == {201}
    assert len(await get(client, shop.owner, "/api/purchase-orders")) == 1
    await post(client, shop.owner, "/api/purchase-orders", body | {"note": "other"}, status=409)


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"supplier_id": str(new_id())}, "SUPPLIER_NOT_FOUND", 404),
        ({"lines": [{"variant_id": str(new_id()), "quantity": 1}]}, "GOODS_UNKNOWN", 404),
        ({"lines": []}, "VALIDATION_ERROR", 400),
        ({"location_id": str(new_id())}, "NOT_FOUND", 404),
        ({"expected_on": "soon"}, "VALIDATION_ERROR", 400),
    ],
)
async def test_an_order_that_cannot_be_is_refused(
    shop: Shop, client: Client, rice: UUID, wholesaler: str, change: Json, code: str, status: int
) -> None:
    body = {"supplier_id": wholesaler, "lines": [{"variant_id": str(rice), "quantity": 1}]}
    assert (await post(client, shop.owner, "/api/purchase-orders", body | change, status=status))["code"] == code


async def test_nothing_is_ordered_from_a_supplier_that_was_deactivated(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    path = f"/api/suppliers/{wholesaler}"
    await post(client, shop.owner, path, {"version": 1, "active": False}, status=200, method="PUT")
    body = {"supplier_id": wholesaler, "lines": [{"variant_id": str(rice), "quantity": 1}]}
    assert (await post(client, shop.owner, "/api/purchase-orders", body, status=400))["code"] == "SUPPLIER_INACTIVE"


async def test_what_runs_low_is_ordered_once_of_each_preferred_supplier_in_whole_packs(
    shop: Shop, client: Client, wholesaler: str
) -> None:
    other = (await supplier(client, shop, "Jinja Mills"))["id"]
    salt, sugar, soap, tea = [
        await stock_up(shop, name, quantity_milli=1_000, min_stock_milli=5_000)
        for name in ("salt", "sugar", "soap", "tea")
    ]
    for variant, who in ((salt, wholesaler), (sugar, wholesaler), (soap, other)):
        body = {"version": 1, "preferred": True, "pack_size": 6, "price": 90}
        await post(client, shop.owner, f"/api/suppliers/{who}/items/{variant}", body, status=200, method="PUT")
    twice = [client.post("/api/purchase-orders/from-low-stock", json={}, headers=shop.owner.headers) for _ in "ab"]
    done = [each.json()["data"] for each in await asyncio.gather(*twice)]
    made = [order for each in done for order in each["orders"]]
    assert sorted(order["supplier_id"] for order in made) == sorted([wholesaler, other])
    whole = [await get(client, shop.owner, f"/api/purchase-orders/{order['id']}") for order in made]
    lines = {line["variant_id"]: line for order in whole for line in order["lines"]}
    assert lines.keys() == {str(salt), str(sugar), str(soap)}
    assert {(line["quantity"], line["price"]) for line in lines.values()} == {(12, 90)}  # 9 asked, packs of 6
    why = [{row["variant_id"]: row["why"] for row in each["left_out"]} for each in done]
    assert sorted(why, key=len) == [
        {str(tea): "no_supplier"},
        {str(tea): "no_supplier", str(salt): "on_order", str(sugar): "on_order", str(soap): "on_order"},
    ]


async def test_low_stock_is_ordered_of_one_location(shop: Shop, client: Client, wholesaler: str) -> None:
    salt = await stock_up(shop, "salt", quantity_milli=1_000, min_stock_milli=5_000)
    async with shop.as_() as ctx:
        await ctx.db.execute(update(Product).where(Product.name == "salt").values(reorder_quantity_milli=40_000))
    body: dict[str, Any] = {"version": 1, "preferred": True}
    await post(client, shop.owner, f"/api/suppliers/{wholesaler}/items/{salt}", body, status=200, method="PUT")
    path = "/api/purchase-orders/from-low-stock"
    await post(client, shop.owner, path, {"location_id": str(new_id())}, status=404)
    done = await post(client, shop.owner, path, {"location_id": str(shop.showroom_id)})
    assert [order["total"] for order in done["orders"]] == [24_000]  # 40 at what they cost the shop


async def test_lists_narrow_by_state_and_come_as_files(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    waiting = await requested(client, shop, wholesaler, (rice, 1, 1))
    placed = await ordered(client, shop, wholesaler, (rice, 1, 1))
    path = "/api/purchase-orders"
    assert [each["id"] for each in await get(client, shop.owner, f"{path}?state=requested")] == [waiting["id"]]
    assert [each["id"] for each in await get(client, shop.owner, f"{path}?q={placed['number']}")] == [placed["id"]]
    assert len(await get(client, shop.owner, f"{path}?outstanding=true&supplier_id={wholesaler}")) == 2
    file = await client.get(f"{path}?format=csv", headers=shop.owner.headers)
    assert placed["number"] in file.text
