"""The example shop: a small season of it, believable to the last shilling."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx2
import orjson
import pytest
from sqlalchemy import select
from stdnum import ean

from duka.demo import goods, make
from duka.demo.make import Season
from duka.demo.people import PASSWORD, SHOP_NAME, SLUG, STAFF, buyers
from duka.demo.shop import ZONE
from duka.demo.stage import id_at
from duka.platform.context import Caller, Ctx
from duka.platform.db import fetch
from duka.platform.edge import House
from duka.shops import entry
from duka.shops.models import Location, Register
from tests.sales import books_check as books
from tests.world import Person, Shop

SMALL = Season(days=4, customers=20, every=4)

_COUNTS = """
SELECT (SELECT count(*) FROM sales WHERE shop_id = %(shop)s) AS sales,
    (SELECT count(*) FROM products WHERE shop_id = %(shop)s) AS products,
    (SELECT count(*) FROM customers WHERE shop_id = %(shop)s) AS customers,
    (SELECT count(*) FROM stock_adjustments WHERE shop_id = %(shop)s AND reason = 'opening') AS opening,
    (SELECT count(*) FROM audit_entries WHERE shop_id = %(shop)s) AS audit,
    (SELECT count(*) FROM carts WHERE shop_id = %(shop)s AND held_at IS NOT NULL AND taken_at IS NULL) AS held,
    (SELECT count(*) FROM document_exceptions WHERE shop_id = %(shop)s) AS disputes,
    (SELECT count(*) FROM outbox WHERE shop_id = %(shop)s AND position IS NULL AND event LIKE 'sale.%%') AS unplaced
"""
_BACK_ROOM = """
SELECT (SELECT array_agg(DISTINCT state ORDER BY state) FROM purchase_orders WHERE shop_id = %(shop)s) AS orders,
    (SELECT count(*) FROM suppliers WHERE shop_id = %(shop)s) AS suppliers,
    (SELECT count(*) FROM stock_transfers WHERE shop_id = %(shop)s AND state = 'dispatched') AS on_the_way,
    (SELECT array_agg(dispatched_milli - received_milli) FROM stock_transfer_lines
        WHERE shop_id = %(shop)s AND received_milli < dispatched_milli) AS lost,
    (SELECT count(*) FROM stock_reservations WHERE shop_id = %(shop)s AND state = 'open') AS aside,
    (SELECT array_agg(quantity_milli) FROM stock_assemblies WHERE shop_id = %(shop)s) AS boxes,
    (SELECT count(*) FROM sold_components WHERE shop_id = %(shop)s) AS taken_for_sets,
    (SELECT count(*) FROM stock_counts WHERE shop_id = %(shop)s AND state = 'counting') AS counting,
    (SELECT string_agg(number || state || total_minor, ' ' ORDER BY number) FROM purchase_orders
        WHERE shop_id = %(shop)s) AS told
"""
_FOLLOWED = """
SELECT (SELECT array_agg(state ORDER BY state) FROM stock_units WHERE shop_id = %(shop)s) AS phones,
    (SELECT count(*) FROM stock_unit_codes WHERE shop_id = %(shop)s) AS numbers,
    (SELECT count(*) FROM stock_batches b JOIN stock_batch_balances h ON h.shop_id = b.shop_id AND h.batch_id = b.id
        WHERE b.shop_id = %(shop)s AND h.quantity_milli > 0 AND b.expires_on < current_date + 30
            AND b.warned_at IS NOT NULL) AS soon_over,
    (SELECT count(*) FROM stock_parts WHERE shop_id = %(shop)s AND fault IS NOT NULL) AS unknown,
    (SELECT array_agg(s.name) FROM purchase_orders o JOIN suppliers s ON s.shop_id = o.shop_id AND s.id = o.supplier_id
        WHERE o.shop_id = %(shop)s AND o.automatic AND o.state = 'requested') AS ordered_itself,
    (SELECT count(*) FROM purchase_order_lines l JOIN purchase_orders o ON o.shop_id = l.shop_id AND o.id = l.order_id
        WHERE l.shop_id = %(shop)s AND o.automatic) AS things
"""
_DAYS = """
SELECT business_date, count(*) AS sales, sum(total_minor)::bigint AS total_minor,
    bool_and((made_at AT TIME ZONE 'Africa/Kampala')::date = business_date) AS on_time
FROM sales WHERE shop_id = %(shop)s GROUP BY business_date ORDER BY business_date
"""
_TURNS = """
SELECT business_date, counted_minor - expected_minor AS off_minor, closed_at FROM register_sessions
WHERE shop_id = %(shop)s
"""
_ORDER = "SELECT business_date FROM sales WHERE shop_id = %(shop)s ORDER BY id"


@pytest.mark.slow
async def test_a_season_that_ends_yesterday(
    house: House, client: httpx2.AsyncClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = replace(house, settings=house.settings.model_copy(update={"data": tmp_path}))
    assert await make.run(mine, SMALL) == 0
    assert "Made in" in capsys.readouterr().out
    shop = await visit(house, client)
    async with shop.asking() as ctx:
        counts = await row(ctx, _COUNTS)
        assert (counts["products"], counts["customers"], counts["held"]) == (81, 20, 1)
        assert (counts["disputes"], counts["unplaced"]) == (0, 0)
        await believable_days(ctx)
        await counted_drawers(ctx)
        back = await row(ctx, _BACK_ROOM)
        assert back["orders"] == ["approved", "ordered", "part_received", "rejected", "requested"]
        assert (back["suppliers"], back["on_the_way"], back["counting"]) == (4, 1, 1)
        assert (back["boxes"], back["taken_for_sets"]) == ([4_000], 3)
        assert (back["lost"], back["aside"]) == ([1_000], 1)
        followed = await row(ctx, _FOLLOWED)
        assert followed["phones"] == ["in_stock"] * 3 + ["sold"] * 3
        assert (followed["numbers"], followed["soon_over"], followed["unknown"]) == (12, 1, 0)
        assert (followed["ordered_itself"], followed["things"]) == (["Owino Accessories"], 2)
    await books.agree(shop)

    assert await make.run(mine, SMALL) == 0
    assert "Made in" not in capsys.readouterr().out
    async with shop.asking() as ctx:
        assert await row(ctx, _COUNTS) == counts
    await everybody_gets_in(client, orjson.loads((tmp_path / "demo.json").read_bytes()))


async def visit(house: House, client: httpx2.AsyncClient) -> Shop:
    """Come in as the owner, with the password that everybody knows."""
    said = await logged_in(client, STAFF[0].phone, PASSWORD)
    bearer = house.signer.check(said["access_token"])
    place = said["shops"][0]
    assert (place["name"], place["slug"]) == (SHOP_NAME, SLUG)
    owner = Person(bearer.account_id, bearer.session_id, UUID(place["staff_id"]), said["access_token"])
    shop_id = UUID(place["shop_id"])
    async with house.database.session("platform") as db:
        bound = await entry.open_shop(db, bearer, shop_id, Caller(), datetime.now(UTC))
        till = (await db.scalars(select(Register).order_by(Register.code))).first()
        assert till
        room = (await db.scalars(select(Location.id).where(Location.branch_id == till.branch_id))).first()
        assert room
    return Shop(house, bound.shop_id, owner, till.branch_id, room, till.id)


async def logged_in(client: httpx2.AsyncClient, phone: str, password: str) -> dict[str, Any]:
    answer = await client.post("/api/auth/login", json={"login": phone, "password": password})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()["data"]
    return said


async def believable_days(ctx: Ctx) -> None:
    """Each of the days up to yesterday had its customers, at its own time."""
    days = await rows(ctx, _DAYS)
    yesterday = ctx.now.astimezone(ZONE).date() - timedelta(days=1)
    assert [day["business_date"] for day in days] == [yesterday - timedelta(days=back) for back in (3, 2, 1, 0)]
    assert all(day["on_time"] for day in days)
    assert all(5 <= day["sales"] <= 40 for day in days)
    assert all(100_000 < day["total_minor"] < 15_000_000 for day in days)
    in_order = [each["business_date"] for each in await rows(ctx, _ORDER)]
    assert in_order == sorted(in_order)


async def counted_drawers(ctx: Ctx) -> None:
    """Each day's drawers were opened and counted; what was off was small."""
    turns = await rows(ctx, _TURNS)
    assert 4 <= len(turns) <= 8
    assert all(turn["closed_at"] for turn in turns)
    assert all(abs(turn["off_minor"]) <= 5000 for turn in turns)


async def everybody_gets_in(client: httpx2.AsyncClient, told: dict[str, Any]) -> None:
    """The logins that are shown work, each with its role."""
    assert told["shop"] == SHOP_NAME
    roles = []
    for login in told["logins"]:
        said = await logged_in(client, login["phone"], login["password"])
        roles.append((said["shops"][0]["role"], said["account"]["name"]))
    assert roles == [(login["role"], login["name"]) for login in told["logins"]]
    assert [role for role, _ in roles] == [
        "Owner", "Supervisor", "Staff", "Staff", "Inventory Manager", "Accountant",
    ]  # fmt: skip


async def test_nothing_is_made_beside_real_shops(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "SLUG", "not-made-yet")
    live = shop.house.settings.model_copy(update={"data": tmp_path, "mode": "demo"})
    assert await make.run(replace(shop.house, settings=live)) == 1
    assert "Nothing was made" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_three_hundred_products_with_codes_of_their_own() -> None:
    range_ = goods.all_goods()
    wares = [ware for good in range_ for ware in good.wares]
    assert (len(range_), len(goods.GROUPS)) == (300, 12)
    assert unique([good.name for good in range_])
    assert unique([ware.sku for ware in wares])
    barcodes = [ware.barcode for ware in wares if ware.barcode]
    assert unique(barcodes)
    assert all(code.startswith("20") and len(code) == 13 and ean.is_valid(code) for code in barcodes)
    assert all(0 <= ware.cost_minor < ware.price_minor * 100 // 118 for ware in wares)  # each sale earns something


def test_customers_differ() -> None:
    people = list(buyers(Random(1), 150))
    assert len(people) == 150
    assert unique([each.name for each in people])
    assert unique([each.phone for each in people])
    assert {each.wholesale for each in people} == {True, False}


def test_ids_carry_the_moment_and_repeat_with_the_seed() -> None:
    moment = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)
    made, again = id_at(Random(5), moment), id_at(Random(5), moment)
    assert made == again
    assert made.version == 7
    assert made.int >> 80 == int(moment.timestamp() * 1000)
    assert id_at(Random(5), moment + timedelta(milliseconds=1)) > made


def unique(values: Sequence[str]) -> bool:
    return len(set(values)) == len(values)


async def rows(ctx: Ctx, sql: str) -> list[dict[str, Any]]:
    return [dict(each._mapping) for each in await fetch(ctx, sql, {})]


async def row(ctx: Ctx, sql: str) -> dict[str, Any]:
    (one,) = await rows(ctx, sql)
    return one
