"""Prices over time: who set which, and many changed at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from duka.catalog import jobs
from duka.catalog.actions import repricing
from duka.catalog.actions.products import NewProduct, NewVariant, add_products
from duka.catalog.models import Price, PriceChangeLine
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, OutboxEvent
from tests import world
from tests.catalog.till import Till
from tests.world import Shop


async def plan(till: Till, status: int = 201, **body: Any) -> dict[str, Any]:
    """Have a change worked out."""
    return await till.ask("POST", "/api/price-changes", status, json=body)


async def lines(till: Till, change: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Give what a change does, by item."""
    listed: Any = await till.ask("GET", f"/api/price-changes/{change['id']}/lines?limit=200")
    return {one["variant_name"]: (one["price_before"], one["price"]) for one in listed}


async def prices(till: Till) -> dict[str, int]:
    """Give what each item costs now."""
    listed: Any = await till.ask("GET", "/api/products?limit=200")
    return {one["name"]: one["price"] for product in listed for one in product["variants"]}


async def history(till: Till, product: dict[str, Any], more: str = "") -> list[dict[str, Any]]:
    """Give a product's prices and costs."""
    listed: Any = await till.ask("GET", f"/api/products/{product['id']}/prices?{more}")
    assert isinstance(listed, list)
    return listed


async def test_the_history_tells_each_price_and_who_set_it(
    client: httpx2.AsyncClient, shop: Shop, njeri: Till
) -> None:
    cable = await njeri.sell("Cable", price=5000, cost=3000)
    path = f"/api/products/{cable['id']}"
    otieno = Till(client, await world.hire(shop, "inventory_manager", name="Otieno"))
    await otieno.ask("PUT", path, json={"price": 5500, "version": 1})
    soon = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    await njeri.ask("PUT", path, json={"price": 6000, "cost": 3500, "price_from": soon, "version": 2})
    told = await history(njeri, cable)
    assert [(one["kind"], one["amount"], one["set_by_name"]) for one in sorted(told, key=lambda o: o["amount"])] == [
        ("cost", 3000, "Njeri"), ("cost", 3500, "Njeri"), ("price", 5000, "Njeri"), ("price", 5500, "Otieno"),
        ("price", 6000, "Njeri"),
    ]  # fmt: skip
    assert [one["valid_from"] for one in told] == sorted((one["valid_from"] for one in told), reverse=True)
    later = next(one for one in told if one["amount"] == 6000)
    assert later["set_at"] < later["valid_from"]
    first = await njeri.client.get(f"{path}/prices?limit=2&total=true", headers=njeri.headers)
    assert (first.json()["page"]["total"], len(first.json()["data"])) == (5, 2)
    rest = await history(njeri, cable, f"cursor={first.json()['page']['next_cursor']}")
    assert [one["id"] for one in first.json()["data"] + rest] == [one["id"] for one in told]
    file = await njeri.client.get(f"{path}/prices?format=csv", headers=njeri.headers)
    assert (file.status_code, file.text.count("\n")) == (200, 6)


async def test_costs_stay_with_those_who_may_see_them_and_unknown_setters_are_nobody(
    client: httpx2.AsyncClient, shop: Shop, njeri: Till
) -> None:
    await world.stock_up(shop, "Lamp", price_minor=900)
    (lamp,) = await njeri.ask("GET", "/api/products")
    assert isinstance(lamp, dict)
    assert {one["kind"] for one in await history(njeri, lamp)} == {"price", "cost"}
    seller = Till(client, await world.hire(shop, "staff"))
    (price,) = await history(seller, lamp)
    assert (price["amount"], price["set_by"], price["set_at"], price["set_by_name"]) == (900, None, None, None)
    await seller.ask("GET", f"/api/products/{lamp['id']}/prices?format=csv", 403)
    await njeri.ask("GET", f"/api/products/{new_id()}/prices", 404)
    await njeri.ask("GET", f"/api/products/{lamp['id']}/prices?sort=amount", 400)
    await njeri.ask("GET", f"/api/products/{lamp['id']}/prices?cursor=zz", 400)


async def test_the_history_of_one_variant(njeri: Till) -> None:
    shirt = await njeri.sell("Shirt", price=100, generate=True, attributes={"size": ["S", "M"]})
    small = shirt["variants"][0]
    (row,) = await history(njeri, shirt, f"variant_id={small['id']}")
    assert (row["variant_name"], row["sku"]) == ("Shirt (S)", small["sku"])


async def test_many_prices_are_worked_out_then_changed(njeri: Till, shop: Shop) -> None:
    phones = await njeri.make("Phones")
    below = await njeri.make("Cases", parent_id=phones["id"])
    await njeri.sell("Nokia", price=80_010, group_id=phones["id"])
    await njeri.sell("Case", price=5_000, group_id=below["id"])
    await njeri.sell("Gift", price=0, group_id=phones["id"])
    await njeri.sell("Sticker", price=20, group_id=phones["id"])
    await njeri.sell("Bread", price=4_000)
    old = await njeri.sell("Old", price=70_000, group_id=phones["id"])
    await njeri.ask("PUT", f"/api/products/{old['id']}", json={"active": False, "version": 1})
    before = await prices(njeri)
    change = await plan(njeri, group_id=phones["id"], percent_bp=1_000, round_to=100, note="New dollar")
    assert (change["state"], change["rows_total"], change["rows_done"]) == ("ready", 4, 4)
    assert await lines(njeri, change) == {"Nokia": (80_010, 88_000), "Case": (5_000, 5_500)}
    totals = {"changed": 2, "raised": 2, "lowered": 0, "unchanged": 0, "without_price": 0, "left_out": 2, "applied": 0,
              "kept": 0, "sum_before": 85_010, "sum_after": 93_500}  # fmt: skip
    assert change["totals"] == totals
    assert await prices(njeri) == before
    applied = await njeri.ask("POST", f"/api/price-changes/{change['id']}/apply")
    assert (applied["state"], applied["totals"]) == ("applied", {**totals, "applied": 2})
    assert applied["applied_by"] == str(shop.owner.staff_id)
    assert await prices(njeri) == before | {"Nokia": 88_000, "Case": 5_500}
    listed: Any = await njeri.ask("GET", "/api/products?q=nokia")
    assert (listed[0]["version"], listed[0]["variants"][0]["version"]) == (2, 2)
    (newest, _) = await history(njeri, listed[0])
    assert (newest["amount"], newest["set_by_name"]) == (88_000, "Njeri")
    shown: Any = await njeri.ask("GET", f"/api/price-changes/{change['id']}/lines")
    assert all(one["applied"] for one in shown)
    again = await njeri.ask("POST", f"/api/price-changes/{change['id']}/apply", 400)
    assert again["code"] == "PRICE_CHANGE_NOT_READY"
    async with shop.asking() as ctx:
        entries = (await ctx.db.scalars(select(AuditEntry.entity).where(AuditEntry.action == "apply"))).all()
        assert entries == ["price_change"]
        told = select(func.count()).select_from(OutboxEvent).where(OutboxEvent.event == "product.updated")
        assert (await ctx.db.scalars(told)).one() == 3  # the two, and Old when it was taken off sale


async def test_items_are_chosen_by_brand_words_and_list(njeri: Till) -> None:
    one = await njeri.sell("Charger 20W", price=100, brand="Oraimo")
    await njeri.sell("Charger 65W", price=200, brand="oraimo")
    await njeri.sell("Cable 100%", price=300, brand="Anker")
    assert set(await lines(njeri, await plan(njeri, brand="ORAIMO", amount=1))) == {"Charger 20W", "Charger 65W"}
    assert set(await lines(njeri, await plan(njeri, q="charger 65w", amount=1))) == {"Charger 65W"}
    assert set(await lines(njeri, await plan(njeri, q="100%", amount=1))) == {"Cable 100%"}
    assert await lines(njeri, await plan(njeri, q="100_", amount=1)) == {}
    listed = [one["variants"][0]["id"]]
    assert set(await lines(njeri, await plan(njeri, variant_ids=listed, amount=1))) == {"Charger 20W"}
    assert set(await lines(njeri, await plan(njeri, brand="Oraimo", q="20w", amount=1))) == {"Charger 20W"}
    assert len(await lines(njeri, await plan(njeri, everything=True, percent_bp=-5_000))) == 3


@pytest.mark.parametrize(
    "body",
    [
        {"percent_bp": 100}, {"everything": True}, {"everything": True, "q": "x", "amount": 1},
        {"everything": True, "amount": 1, "ending": 1}, {"everything": True, "amount": 1.5},
        {"everything": True, "percent_bp": -10_000}, {"everything": True, "percent_bp": 100_001},
        {"everything": True, "amount": 1, "rounding": "sideways"}, {"everything": True, "amount": 10**13},
        {"everything": True, "amount": 1, "round_to": 0}, {"variant_ids": [], "amount": 1},
        {"everything": True, "amount": 1, "price_from": "tomorrow"},
        {"everything": True, "amount": 1, "price_from": "2030-01-01T00:00:00"}, {"brand": "", "amount": 1},
        {"everything": True, "amount": 1, "note": "a\u202eb"}, {"everything": True, "amount": 1, "unknown": 1},
    ],
)  # fmt: skip
async def test_bad_input_is_told(njeri: Till, body: dict[str, Any]) -> None:
    assert (await plan(njeri, 400, **body))["code"] == "VALIDATION_ERROR"


async def test_what_is_not_there_or_not_allowed(client: httpx2.AsyncClient, shop: Shop, njeri: Till) -> None:
    cable = await njeri.sell("Cable", price=100)
    assert (await plan(njeri, 404, group_id=str(new_id()), amount=1))["code"] == "NOT_FOUND"
    ids = [cable["variants"][0]["id"], str(new_id())]
    assert (await plan(njeri, 404, variant_ids=ids, amount=1))["code"] == "NOT_FOUND"
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    assert (await plan(njeri, 400, everything=True, amount=1, price_from=past))["code"] == "PRICE_IN_THE_PAST"
    for step in ("apply", "undo"):
        await njeri.ask("POST", f"/api/price-changes/{new_id()}/{step}", 404)
    await njeri.ask("GET", f"/api/price-changes/{new_id()}/lines", 404)
    change = await plan(njeri, everything=True, amount=1)
    seller = Till(client, await world.hire(shop, "staff"))
    await plan(seller, 403, everything=True, amount=1)
    await seller.ask("POST", f"/api/price-changes/{change['id']}/apply", 403)
    assert len(await lines(seller, change)) == 1
    await njeri.ask("POST", f"/api/price-changes/{change['id']}/undo", 400)


async def test_a_change_sent_twice_is_one(njeri: Till) -> None:
    await njeri.sell("Cable", price=100)
    body: dict[str, Any] = {"id": str(new_id()), "everything": True, "amount": 5}
    first = await plan(njeri, **body)
    assert await plan(njeri, **body) == first
    assert (await plan(njeri, 409, **{**body, "amount": 6}))["code"] == "IDEMPOTENCY_CONFLICT"
    assert len(await njeri.ask("GET", "/api/price-changes?state=ready")) == 1


async def test_a_change_sent_six_times_at_once_is_one(njeri: Till) -> None:
    await njeri.sell("Cable", price=100)
    body: dict[str, Any] = {"id": str(new_id()), "everything": True, "amount": 5}
    sent = (njeri.client.post("/api/price-changes", json=body, headers=njeri.headers) for _ in range(6))
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["data"]["id"] for answer in answers}) == 1
    assert (await njeri.ask("GET", f"/api/price-changes/{body['id']}"))["totals"]["changed"] == 1


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "1899-12-31T00:00:00Z"])
async def test_a_moment_beyond_the_calendar_is_refused(njeri: Till, moment: str) -> None:
    await njeri.sell("Cable", price=100)
    assert (await plan(njeri, 400, everything=True, amount=5, price_from=moment))["code"] == "VALIDATION_ERROR"
    await njeri.ask("GET", "/api/price-changes")


async def test_a_preview_that_is_not_true_any_more_is_not_applied(njeri: Till) -> None:
    cable = await njeri.sell("Cable", price=100)
    await njeri.sell("Lamp", price=200)
    change = await plan(njeri, everything=True, amount=10)
    await njeri.ask("PUT", f"/api/products/{cable['id']}", json={"price": 150, "version": 1})
    refused = await njeri.ask("POST", f"/api/price-changes/{change['id']}/apply", 409)
    assert (refused["code"], refused["details"]) == ("PRICES_MOVED", {"moved": 1})
    assert await prices(njeri) == {"Cable": 150, "Lamp": 200}
    await njeri.ask("DELETE", f"/api/price-changes/{change['id']}")
    await njeri.ask("GET", f"/api/price-changes/{change['id']}", 404)
    gone = await plan(njeri, everything=True, amount=10)
    await njeri.ask("DELETE", f"/api/products/{cable['id']}")
    assert (await njeri.ask("POST", f"/api/price-changes/{gone['id']}/apply", 409))["details"] == {"moved": 1}


async def test_new_prices_begin_on_their_day(njeri: Till, shop: Shop) -> None:
    cable = await njeri.sell("Cable", price=100, tax_included=False)
    begins = datetime.now(UTC) + timedelta(days=2)
    change = await plan(njeri, everything=True, percent_bp=1_000, price_from=begins.isoformat())
    await njeri.ask("POST", f"/api/price-changes/{change['id']}/apply")
    shown = await njeri.ask("GET", f"/api/products/{cable['id']}")
    variant = shown["variants"][0]
    later = variant["next_price"]
    assert (variant["price"], later["price"], later["tax_included"]) == (100, 110, False)
    (row, _) = await history(njeri, cable)
    assert (row["amount"], row["set_by_name"]) == (110, "Njeri")
    undo = await njeri.ask("POST", f"/api/price-changes/{change['id']}/undo", 201)
    assert (undo["price_from"], undo["undoes_id"]) == (change["price_from"], change["id"])
    await njeri.ask("POST", f"/api/price-changes/{undo['id']}/apply")
    shown = await njeri.ask("GET", f"/api/products/{cable['id']}")
    assert shown["variants"][0]["next_price"]["price"] == 100
    async with shop.asking() as ctx:
        stored = (await ctx.db.scalars(select(func.count()).select_from(Price))).one()
    assert stored == 3


async def test_a_change_is_taken_back_but_for_what_was_set_anew(njeri: Till) -> None:
    await njeri.sell("Cable", price=100)
    lamp = await njeri.sell("Lamp", price=200)
    change = await plan(njeri, everything=True, percent_bp=5_000)
    await njeri.ask("POST", f"/api/price-changes/{change['id']}/apply")
    await njeri.ask("PUT", f"/api/products/{lamp['id']}", json={"price": 250, "version": 2})
    undo = await njeri.ask("POST", f"/api/price-changes/{change['id']}/undo", 201)
    assert (undo["totals"]["changed"], undo["totals"]["left_out"], undo["state"]) == (1, 1, "ready")
    assert await lines(njeri, undo) == {"Cable": (150, 100)}
    await njeri.ask("POST", f"/api/price-changes/{undo['id']}/apply")
    assert await prices(njeri) == {"Cable": 100, "Lamp": 250}


async def test_only_so_many_previews_wait(njeri: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repricing, "WAITING_MAX", 2)
    await njeri.sell("Cable", price=100)
    made = [await plan(njeri, everything=True, amount=1) for _ in range(2)]
    await njeri.ask("POST", f"/api/price-changes/{made[0]['id']}/apply")
    made += [await plan(njeri, everything=True, amount=1) for _ in range(2)]
    kept: Any = await njeri.ask("GET", "/api/price-changes")
    assert [one["id"] for one in kept] == [made[3]["id"], made[2]["id"], made[0]["id"]]
    assert (await njeri.ask("DELETE", f"/api/price-changes/{made[0]['id']}", 400))["code"] == "PRICE_CHANGE_NOT_READY"


async def test_an_item_that_only_had_its_price_changed_can_be_deleted_for_good(njeri: Till) -> None:
    cable = await njeri.sell("Cable", price=100)
    change = await plan(njeri, everything=True, amount=1)
    await njeri.ask("POST", f"/api/price-changes/{change['id']}/apply")
    assert (await njeri.ask("DELETE", f"/api/products/{cable['id']}"))["outcome"] == "deleted"


@pytest.fixture
def background(app: FastAPI) -> None:
    """The app does the jobs of the catalogue."""
    house: House = app.state.house
    if "change_prices" not in house.queue._tasks:
        jobs.register(house)


async def _until(till: Till, path: str, state: str) -> dict[str, Any]:
    seen: list[int] = []
    while True:
        change = await till.ask("GET", path)
        seen.append(change["rows_done"])
        if change["state"] == state:
            assert seen == sorted(seen)
            return change
        await asyncio.sleep(0.05)


@pytest.mark.slow
@pytest.mark.usefixtures("background")
async def test_a_large_change_is_a_jobs_work(njeri: Till, shop: Shop) -> None:
    for part in range(3):
        async with shop.as_() as ctx:
            await add_products(ctx, [
                NewProduct(f"Item {part} {number}", [NewVariant(1_000 + number)]) for number in range(700)
            ])  # fmt: skip
    change = await plan(njeri, 202, everything=True, percent_bp=1_000, round_to=50)
    path = f"/api/price-changes/{change['id']}"
    assert (change["state"], change["rows_total"]) == ("drafting", 2_100)
    assert (await njeri.ask("POST", f"{path}/apply", 400))["code"] == "PRICE_CHANGE_NOT_READY"
    ready = await _until(njeri, path, "ready")
    assert ready["totals"]["changed"] == 2_100
    await njeri.ask("POST", f"{path}/apply", 202)
    applied = await _until(njeri, path, "applied")
    assert (applied["totals"]["applied"], applied["totals"]["kept"]) == (2_100, 0)
    async with shop.asking() as ctx:
        lines_and_prices = select(func.count()).join(Price, Price.id == PriceChangeLine.id)
        same = lines_and_prices.where(Price.price_minor == PriceChangeLine.price_minor)
        assert (await ctx.db.scalars(same.select_from(PriceChangeLine))).one() == 2_100
        entry = (await ctx.db.scalars(
            select(AuditEntry).where(AuditEntry.action == "update", AuditEntry.entity == "product").limit(1)
        )).one()  # fmt: skip
        assert entry.staff_id == shop.owner.staff_id


async def test_a_stopped_change_goes_on_where_it_was(njeri: Till, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repricing, "_BATCH", 1)
    for name in ("Cable", "Lamp", "Torch"):
        await njeri.sell(name, price=100)
    change = await plan(njeri, everything=True, amount=10)
    async with shop.as_() as ctx:
        stopped = await repricing.apply(ctx, change["id"])
        await repricing.go_on(ctx, stopped.id)
        await repricing.give_up(ctx, stopped.id)
    path = f"/api/price-changes/{change['id']}"
    assert (await njeri.ask("GET", path))["state"] == "stopped"
    assert sorted((await prices(njeri)).values()) == [100, 100, 110]
    await njeri.ask("POST", f"{path}/apply")
    assert sorted((await prices(njeri)).values()) == [110, 110, 110]
