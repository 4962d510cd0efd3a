"""To close costs: what a late document changes, what stays, who may, and that it is done once."""

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest
from sqlalchemy import func, select

from duka.catalog.models import Cost, Variant
from duka.ledger import chart
from duka.ledger.models import Posting
from duka.platform.ids import new_id
from duka.platform.postgres import Urls, libpq
from duka.stock import actions as stock
from duka.stock.actions import closing
from duka.stock.costs import jobs as closing_jobs
from duka.stock.costs.models import CostClosing, CostCorrection
from duka.stock.schemas import AdjustIn
from tests.purchasing.buying import came, get, received, supplier
from tests.sales.till import Json, back, credited, post, sold
from tests.stock.places import TwoBranches, two_branches
from tests.world import Shop, hire, stock_up

PATH = "/api/stock/cost-closings"


@pytest.fixture
async def bought(shop: Shop, client: httpx2.AsyncClient) -> UUID:
    """Ten bags of 600 each, and ten that came for 1,000 each: one costs 800."""
    bag = await stock_up(shop, "bag")
    mills = (await supplier(client, shop))["id"]
    await received(client, shop, came(bag, 10, price=1_000), supplier_id=mills)
    return bag


async def close(client: httpx2.AsyncClient, shop: Shop, **body: Any) -> Json:
    """Close the costs up to today, as the owner."""
    return await post(client, shop.owner, PATH, body)


async def came_earlier(shop: Shop, variant: UUID, quantity: float, cost_minor: int, days: int = 3) -> None:
    """Goods that were there some days ago, of which nobody said so until now."""
    async with shop.as_() as ctx:
        ctx.now -= timedelta(days=days)
        of = {"shop_id": ctx.shop_id, "variant_id": variant}
        ctx.db.add(Cost(**of, id=new_id(), cost_minor=cost_minor, valid_from=ctx.now))
        await ctx.db.flush()
        row = (await ctx.db.scalars(select(Variant).where(Variant.id == variant))).one()
        body = {"quantity": quantity, "reason": "opening", "variant_id": variant, "location_id": shop.showroom_id}
        await stock.adjust(ctx, row.product_id, AdjustIn.model_validate(body))


async def account(shop: Shop, code: str) -> int:
    """What an account holds: debit less credit."""
    async with shop.asking() as ctx:
        rows = list(await ctx.db.scalars(select(Posting).where((Posting.debit == code) | (Posting.credit == code))))
    return sum(row.amount_minor if row.debit == code else -row.amount_minor for row in rows)


async def corrections(shop: Shop) -> int:
    async with shop.asking() as ctx:
        return int(await ctx.db.scalar(select(func.count()).select_from(CostCorrection)) or 0)


async def test_a_sale_costs_what_came_before_it(shop: Shop, client: httpx2.AsyncClient, bought: UUID) -> None:
    sale = await sold(client, shop, (bought, 4), paid=4_000)
    assert sale["margin"] == 4_000 - 4 * 800
    await came_earlier(shop, bought, 20, 1_000)
    done = await close(client, shop)
    # 10 for 600 and 20 that cost 1,000 in truth came before 10 for 1,000: 40 pieces for 36,000.
    assert (done["state"], done["method"], done["corrections"]) == ("closed", "average", 1)
    assert (done["cost_of_goods"], done["other_costs"], done["stock_value"]) == (400, 0, -400)
    assert await account(shop, chart.COST_OF_GOODS) == 3_600
    shown = await get(client, shop.owner, f"/api/sales/{sale['id']}")
    assert shown["margin"] == 400
    (moved,) = await get(client, shop.owner, f"/api/stock-movements?source_id={sale['id']}")
    assert (moved["unit_cost"], moved["cost_correction"]) == (800, -400)
    worth = await get(client, shop.owner, "/api/stock/valuation")
    assert worth["value"] == await account(shop, chart.STOCK) == 36_000 - 3_600
    assert (worth["method"], worth["closed_until"]) == ("average", done["until"])
    board = await get(client, shop.owner, "/api/dashboard")
    assert board["sales"]["today"]["profit"] == 400


async def test_closing_again_changes_nothing(shop: Shop, client: httpx2.AsyncClient, bought: UUID) -> None:
    await sold(client, shop, (bought, 3), paid=3_000)
    await came_earlier(shop, bought, 7, 123)
    await close(client, shop)
    before = await corrections(shop)
    again = await close(client, shop)
    assert (again["corrections"], again["stock_value"], await corrections(shop)) == (0, 0, before)
    assert before == 1


async def test_what_came_first_leaves_first_where_the_shop_says_so(
    shop: Shop, client: httpx2.AsyncClient, bought: UUID
) -> None:  # fmt: skip
    await sold(client, shop, (bought, 12), paid=12_000)
    await close(client, shop)
    assert await account(shop, chart.COST_OF_GOODS) == 9_600
    settings = await get(client, shop.owner, "/api/settings")
    edit = {"version": settings["version"], "settings": {"costing_method": "fifo"}}
    await post(client, shop.owner, "/api/settings", edit, status=200, method="PUT")
    done = await close(client, shop)
    assert (done["method"], done["cost_of_goods"]) == ("fifo", -1_600)
    assert await account(shop, chart.COST_OF_GOODS) == 10 * 600 + 2 * 1_000


async def test_what_comes_back_brings_its_cost(shop: Shop, client: httpx2.AsyncClient, bought: UUID) -> None:
    sale = await sold(client, shop, (bought, 3), paid=3_000)
    await credited(client, shop, sale, back(sale, 0.333))
    await credited(client, shop, sale, back(sale, 2.667))
    await came_earlier(shop, bought, 7, 1_111)
    async with shop.asking() as ctx:
        today = ctx.today()
    await closing_jobs.close_costs(shop.house, shop.shop_id, today, new_id())
    assert await account(shop, chart.COST_OF_GOODS) == 0, "all of it came back"
    worth = await get(client, shop.owner, "/api/stock/valuation")
    assert worth["value"] == await account(shop, chart.STOCK) == 6_000 + 10_000 + 7_777


@pytest.fixture
async def two(shop: Shop, client: httpx2.AsyncClient) -> TwoBranches:
    """A shop of two branches with ten cables of 3,000 in town."""
    return await two_branches(shop, client)


async def test_a_transfer_is_booked_when_it_arrives(two: TwoBranches, client: httpx2.AsyncClient) -> None:
    shop = two.shop
    on_the_way = await two.on_the_way((two.cable, 4))
    await came_earlier(shop, two.cable.variant_id, 10, 1_000)
    done = await close(client, shop)
    assert (done["corrections"], done["stock_value"]) == (1, 0), "what is on its way is in stock still"
    worth = await get(client, shop.owner, "/api/stock/valuation")
    assert (worth["value"], worth["in_transit"]) == (40_000, 8_000)
    line = on_the_way["lines"][0]["id"]
    await two.done("POST", f"transfers/{on_the_way['id']}/receive", {
        "lines": [{"line_id": line, "quantity": 3, "difference": "loss"}]
    }, two.market)  # fmt: skip
    done = await close(client, shop)
    assert (done["other_costs"], done["stock_value"]) == (-1_000, 1_000), "booked as 3,000, it was 2,000"
    worth = await get(client, shop.owner, "/api/stock/valuation")
    assert worth["value"] == await account(shop, chart.STOCK) == 38_000
    of_market = await get(client, shop.owner, f"/api/stock/valuation?branch_id={two.market_id}")
    assert of_market["value"] == 6_000


async def test_a_transfer_that_never_arrives_is_lost_at_its_cost(two: TwoBranches, client: httpx2.AsyncClient) -> None:
    shop = two.shop
    lost = await two.on_the_way((two.cable, 4))
    await came_earlier(shop, two.cable.variant_id, 10, 1_000)
    async with shop.asking() as ctx:
        today = ctx.today()
    await closing_jobs.close_costs(shop.house, shop.shop_id, today, new_id())
    line = {"line_id": lost["lines"][0]["id"], "quantity": 0, "difference": "loss"}
    await two.done("POST", f"transfers/{lost['id']}/receive", {"lines": [line]}, two.market)
    async with shop.asking() as ctx:
        today = ctx.today()
    await closing_jobs.close_costs(shop.house, shop.shop_id, today, new_id())
    assert await account(shop, chart.STOCK_LOSS) == 8_000
    assert await account(shop, chart.STOCK) == 32_000


async def test_a_day_that_is_not_reached_is_left_alone(shop: Shop, client: httpx2.AsyncClient, bought: UUID) -> None:
    await sold(client, shop, (bought, 4), paid=4_000)
    await came_earlier(shop, bought, 20, 1_000)
    async with shop.asking() as ctx:
        yesterday, today = ctx.today() - timedelta(days=1), ctx.today()
    assert (await close(client, shop, until=str(yesterday)))["corrections"] == 0
    assert (await close(client, shop))["corrections"] == 1
    earlier = await close(client, shop, until=str(yesterday))
    assert (earlier["until"], earlier["corrections"]) == (str(today), 0), "a closing never goes back"


async def test_asked_twice_it_is_one_closing(shop: Shop, client: httpx2.AsyncClient, bought: UUID) -> None:
    body = {"id": str(new_id())}
    first = await client.post(PATH, json=body, headers=shop.owner.headers)
    again = await client.post(PATH, json=body, headers=shop.owner.headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json()["data"] == again.json()["data"]
    other = await client.post(PATH, json={**body, "until": "2026-01-31"}, headers=shop.owner.headers)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    (only,) = await get(client, shop.owner, PATH)
    assert only == await get(client, shop.owner, f"{PATH}/{body['id']}")
    future = await post(client, shop.owner, PATH, {"until": "2999-01-01"}, status=400)
    assert future["details"] == {"until": ["This day has not come yet."]}
    missing = await get(client, shop.owner, f"{PATH}/{new_id()}", status=404)
    assert missing["code"] == "NOT_FOUND"


async def test_one_goes_on_at_a_time_and_a_killed_one_is_finished(
    shop: Shop, client: httpx2.AsyncClient, bought: UUID
) -> None:  # fmt: skip
    await sold(client, shop, (bought, 4), paid=4_000)
    await came_earlier(shop, bought, 20, 1_000)
    begun = new_id()
    async with shop.as_() as ctx:
        await closing.begin(ctx, begun, None, new_id())
    refused = await post(client, shop.owner, PATH, {}, status=409)
    assert refused["code"] == "COSTS_BEING_CLOSED"
    async with shop.asking() as ctx:
        today = ctx.today()
    assert await closing_jobs.close_costs(shop.house, shop.shop_id, today) is None, "there is nothing else to close"
    async with shop.asking() as ctx:
        assert list(await ctx.db.scalars(select(CostClosing.state))) == ["closed"]
    assert await account(shop, chart.COST_OF_GOODS) == 3_600


async def test_a_large_one_is_a_jobs_work(
    shop: Shop, client: httpx2.AsyncClient, bought: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    await sold(client, shop, (bought, 4), (await stock_up(shop, "tea"), 1), paid=5_000)
    await came_earlier(shop, bought, 20, 1_000)
    monkeypatch.setattr(closing, "MOVEMENTS_AT_ONCE", 1)
    body = {"id": str(new_id())}
    answer = await client.post(PATH, json=body, headers=shop.owner.headers)
    assert (answer.status_code, answer.json()["data"]["state"]) == (202, "closing")
    where = answer.headers["Location"]
    async with shop.asking() as ctx:
        today = ctx.today()
    await closing_jobs.close_costs(shop.house, shop.shop_id, today)
    shown = await get(client, shop.owner, where)
    assert (shown["state"], shown["movements"], shown["cost_of_goods"]) == ("closed", 6, 400)


async def test_who_may(shop: Shop, client: httpx2.AsyncClient) -> None:
    keeper = await hire(shop, "inventory_manager")
    made = await client.post(PATH, json={}, headers=keeper.headers)
    assert made.status_code == 201
    bound = await hire(shop, "inventory_manager", branch_id=shop.branch_id)
    for who in (bound, await hire(shop, "supervisor"), await hire(shop, "accountant")):
        assert (await client.post(PATH, json={}, headers=who.headers)).status_code == 403
    accountant = shop.people["accountant"]
    assert len(await get(client, accountant, PATH)) == 1
    here = await hire(shop, "accountant", branch_id=shop.branch_id, name="Ruth")
    for path in (PATH, f"{PATH}/{made.json()['data']['id']}"):
        assert (await client.get(path, headers=here.headers)).status_code == 403, "it is told for the whole shop"
    assert (await client.get(PATH, headers=shop.people["supervisor"].headers)).status_code == 403


async def test_a_shop_where_nothing_happened_has_nothing_to_close(shop: Shop) -> None:
    assert await closing_jobs.close_costs(shop.house, shop.shop_id, None) is None


async def test_what_came_back_before_movements_named_a_line_comes_at_what_it_left_with(
    shop: Shop, client: httpx2.AsyncClient, bought: UUID, urls: Urls
) -> None:  # fmt: skip
    sale = await sold(client, shop, (bought, 3), paid=3_000)
    await received(client, shop, came(bought, 10, price=3_000), supplier_id=(await supplier(client, shop))["id"])
    await credited(client, shop, sale, back(sale, 3))
    with psycopg.connect(libpq(urls.owner)) as owner:
        owner.execute("SELECT enter_shop(%s)", [shop.shop_id])
        owner.execute("ALTER TABLE stock_movements DISABLE TRIGGER written_once")
        owner.execute("UPDATE stock_movements SET origin_line_id = NULL")
        owner.execute("ALTER TABLE stock_movements ENABLE TRIGGER written_once")
        owner.commit()
    await came_earlier(shop, bought, 7, 1_111)
    async with shop.asking() as ctx:
        today = ctx.today()
    await closing_jobs.close_costs(shop.house, shop.shop_id, today, new_id())
    assert await account(shop, chart.COST_OF_GOODS) == 0, "all of it came back"


@pytest.mark.slow
async def test_the_command_closes_one_shop(shop: Shop, client: httpx2.AsyncClient, bought: UUID) -> None:
    await sold(client, shop, (bought, 4), paid=4_000)
    await came_earlier(shop, bought, 20, 1_000)
    async with shop.asking() as ctx:
        today = ctx.today().isoformat()

    def run(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "duka.cli", "close-costs", "--data", os.environ["DUKA_TEST_DATA"], *words]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return ended.returncode, ended.stdout + ended.stderr

    code, said = run("--shop", str(shop.shop_id), "--until", today)
    assert (code, "closed in" in said) == (0, True), said
    assert await account(shop, chart.COST_OF_GOODS) == 3_600
    code, said = run("--shop", "nobody")
    assert (code, said.strip()) == (1, "No shop is called nobody.")
