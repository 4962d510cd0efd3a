"""Goods that were sent off without a network, by nobody's request: told later they left once, whatever else is told."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from duka.platform.ids import new_id
from duka.platform.postgres import Urls
from duka.shops.models import Location
from tests import world
from tests.purchasing.buying import came
from tests.sales.device import a_device
from tests.sales.till import sold
from tests.stock.goods import Ware, held
from tests.stock.late import Late
from tests.stock.places import Json, TwoBranches, two_branches
from tests.stock.test_counting import begun, entry, line
from tests.stock.test_told_late import in_order, made_ago, minutes_ago
from tests.stock.test_transferring import stands
from tests.stock.tracked import delivered, followed, last_day, left, phones, state
from tests.world import Shop, hire, stock_up

pytestmark = pytest.mark.slow


@pytest.fixture
async def two(shop: Shop, client: httpx2.AsyncClient) -> TwoBranches:
    """A shop of two branches with ten cables in town."""
    return await two_branches(shop, client)


@pytest.fixture
async def town(two: TwoBranches) -> Late:
    """The phone of town's keeper of stock."""
    return Late(await a_device(two.shop, two.client), two.town)


@pytest.fixture
async def market(two: TwoBranches) -> Late:
    """The phone of the market's keeper of stock."""
    return Late(await a_device(two.shop, two.client, two.market_id), two.market)


def four(two: TwoBranches, by: Late, **more: Any) -> Json:
    """Four cables that left for the market."""
    return by.body(**two.wanted((two.cable, 4)), sent=True) | more


async def test_goods_that_left_stand_once_and_the_other_side_takes_them_in(
    two: TwoBranches, town: Late, market: Late, urls: Urls
) -> None:
    body = four(two, town)
    verdict, codes, shown = await town.told("transfers", body)
    assert (verdict, codes, shown["state"]) == ("applied", [], "dispatched")
    keeper = str(two.town.staff_id)
    assert [(step["step"], step["staff_id"]) for step in shown["steps"]] == [
        ("request", keeper), ("approve", keeper), ("dispatch", keeper)
    ]  # fmt: skip
    assert await stands(two) == (6_000, 0)
    work = await two.done("GET", "sync/field-work", by=two.market)
    assert [each["id"] for each in work["transfers"]] == [body["id"]]
    assert str(two.market_showroom_id) in {each["id"] for each in work["places"]}
    await market.told(f"transfers/{body['id']}/receive", market.body())
    again = await town.tells("transfers", body)
    assert (again.headers["Duka-Verdict"], again.headers["Idempotency-Replayed"]) == ("already-applied", "true")
    assert again.json()["data"] == shown, "as it was answered first, though it has arrived since"
    assert await stands(two) == (6_000, 4_000)
    in_order(two.shop, urls)


async def test_asked_first_and_recorded_then_it_is_one_transfer(two: TwoBranches, town: Late) -> None:
    body = four(two, town)
    content = json.dumps(body).encode()
    asked = await two.client.post("/api/transfers", content=content, headers={
        **two.town.headers, "Content-Type": "application/json"
    })  # fmt: skip
    assert asked.status_code == 201, asked.text
    assert (await town.told("transfers", body))[0] == "already-applied"
    other = await town.tells("transfers", body | {"note": "another"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert await stands(two) == (6_000, 0)


async def test_asked_for_it_needs_the_right_to_let_go_the_own_branch_and_the_goods(two: TwoBranches) -> None:
    supervisor = await hire(two.shop, "supervisor", branch_id=two.shop.branch_id)
    wanted = two.wanted((two.cable, 4), sent=True)
    assert await two.refused("POST", "transfers", wanted, supervisor) == (403, "FORBIDDEN")
    assert await two.refused("POST", "transfers", wanted, two.market) == (403, "NOT_YOUR_BRANCH")
    too_many = two.wanted((two.cable, 11), sent=True)
    assert await two.refused("POST", "transfers", too_many, two.town) == (400, "OUT_OF_STOCK")
    assert await stands(two) == (10_000, 0)


async def test_who_may_not_approve_sent_it_all_the_same(two: TwoBranches, town: Late, urls: Urls) -> None:
    supervisor = await hire(two.shop, "supervisor", branch_id=two.shop.branch_id)
    verdict, codes, shown = await town.told("transfers", four(two, town, staff_id=str(supervisor.staff_id)))
    assert (verdict, codes) == ("applied-with-exceptions", ["TRANSFER_MOVED"])
    assert [step["step"] for step in shown["steps"]] == ["request", "dispatch"]
    assert await stands(two) == (6_000, 0)
    in_order(two.shop, urls)


async def test_more_than_is_there_left_and_is_noted(two: TwoBranches, town: Late, urls: Urls) -> None:
    body = town.body(**two.wanted((two.cable, 12)), sent=True)
    assert (await town.told("transfers", body))[1] == ["OUT_OF_STOCK"]
    again = await town.tells("transfers", body)
    assert [each["code"] for each in again.json()["data"]["exceptions"]] == ["OUT_OF_STOCK"]
    assert await stands(two) == (-2_000, 0)
    in_order(two.shop, urls)


@pytest.mark.parametrize("sale_first", [False, True])
async def test_sales_before_and_after_change_nothing_of_it(two: TwoBranches, town: Late, sale_first: bool) -> None:
    lamp = Ware(new_id(), await stock_up(two.shop, "lamp"))
    body = town.body(**two.wanted((lamp, 4)), sent=True)
    if not sale_first:
        await town.told("transfers", body)
    await sold(two.client, two.shop, (lamp.variant_id, 3), paid=3000)
    if sale_first:
        await town.told("transfers", body)
    assert await held(two.shop, lamp.variant_id) == 3_000


async def test_a_count_knows_that_they_had_left_before_it(two: TwoBranches, town: Late) -> None:
    at = await begun(two)
    sent = four(two, town)
    await asyncio.sleep(0.005)  # ids tell milliseconds
    counted = town.body(entries=[entry(two.cable, 6, counted_at=minutes_ago(0))])
    await town.told("transfers", sent)
    await town.told(f"{at}/entries", counted)
    shown = await line(two, at, two.cable)
    assert (shown["expected"], shown["variance"]) == (6, 0)


async def test_a_till_of_another_branch_a_stranger_and_a_clock_in_the_future_are_noted(
    two: TwoBranches, market: Late, urls: Urls
) -> None:
    ahead = datetime.now(UTC) + timedelta(days=400)
    body = four(two, market, id=made_ago(-576_000), staff_id=str(new_id()), made_at=ahead.isoformat(),
                business_date=str(ahead.date()))  # fmt: skip
    verdict, codes, _ = await market.told("transfers", body)
    assert verdict == "applied-with-exceptions"
    assert codes == ["DATE_FAR", "WORKER_UNKNOWN", "NOT_YOUR_BRANCH", "TRANSFER_MOVED"]
    assert await stands(two) == (6_000, 0)
    in_order(two.shop, urls)


async def test_who_has_no_such_right_is_noted(two: TwoBranches, town: Late) -> None:
    seller = await hire(two.shop, "staff", branch_id=two.shop.branch_id)
    codes = (await town.told("transfers", four(two, town, staff_id=str(seller.staff_id))))[1]
    assert codes == ["WORKER_NOT_ALLOWED", "TRANSFER_MOVED"]
    assert await stands(two) == (6_000, 0)


async def test_a_place_that_was_closed_meanwhile_had_sent_them(two: TwoBranches, town: Late, urls: Urls) -> None:
    async with two.shop.as_() as ctx:
        closed = update(Location).where(Location.id == two.market_showroom_id).values(active=False)
        await ctx.db.execute(closed)
    assert (await town.told("transfers", four(two, town)))[1] == ["LOCATION_CLOSED"]
    assert await two.refused("POST", "transfers", two.wanted((two.cable, 1), sent=True)) == (400, "LOCATION_CLOSED")
    assert await stands(two) == (6_000, 0)
    in_order(two.shop, urls)


async def test_what_cannot_be_a_transfer_is_set_aside_whole(two: TwoBranches, town: Late) -> None:
    body = four(two, town)
    here = body["from_location_id"]
    wrongs: tuple[Json, ...] = (
        {"to_location_id": str(new_id())}, {"to_location_id": here}, {"from_location_id": str(new_id())},
        {"lines": [{"variant_id": str(new_id()), "quantity": 1}]}, {"lines": []},
    )  # fmt: skip
    for wrong in wrongs:
        answer = await town.tells("transfers", body | {"id": str(new_id())} | wrong)
        assert (answer.status_code, answer.headers["Duka-Verdict"]) == (202, "quarantined"), answer.text
    assert await stands(two) == (10_000, 0)


async def test_goods_that_the_shop_does_not_know_stay_out_and_the_rest_left(
    two: TwoBranches, town: Late, urls: Urls
) -> None:
    body = four(two, town)
    body["lines"].append({"variant_id": str(new_id()), "quantity": 2})
    _, codes, shown = await town.told("transfers", body)
    assert (codes, len(shown["lines"])) == (["GOODS_LEFT_OUT"], 1)
    assert shown["exceptions"][0]["details"]["lines"][0]["quantity"] == 2
    assert await stands(two) == (6_000, 0)
    in_order(two.shop, urls)


async def test_which_pieces_and_batches_left_is_known(two: TwoBranches, town: Late, urls: Urls) -> None:
    here = str(two.shop.showroom_id)
    phone = await phones(two.shop, two.client, "S1", "S2", location_id=here)
    body = town.body(**two.wanted(), sent=True) | {"lines": [
        {"variant_id": str(phone), "quantity": 2, "serials": ["S2", "GONE"]}
    ]}  # fmt: skip
    _, codes, shown = await town.told("transfers", body)
    assert (codes, shown["lines"][0]["serials"]) == (["UNITS_NOT_HERE"], ["S2"])
    assert (await state(two.shop, "S2"))[0] == "in_transit"
    assert (await state(two.shop, "S1"))[0] == "in_stock"
    in_order(two.shop, urls)


async def test_batches_leave_as_named_and_else_the_first_to_expire(two: TwoBranches, town: Late, urls: Urls) -> None:
    syrup = await followed(two.shop, "syrup", "batch", price_minor=1_000, cost_minor=600)
    batches = {"A": 30, "B": 60}
    batched = [came(syrup, 5, price=600, batch={"number": each} | last_day(batches[each])) for each in batches]
    await delivered(two.shop, two.client, *batched, location_id=str(two.shop.showroom_id))
    for named in ([{"number": "B", "quantity": 2}], []):
        lines = [{"variant_id": str(syrup), "quantity": 2, "batches": named}]
        assert (await town.told("transfers", town.body(**two.wanted(), sent=True) | {"lines": lines}))[1] == []
    assert await left(two.shop, syrup) == {"A": 3_000, "B": 3_000}
    in_order(two.shop, urls)


async def test_only_what_left_is_recorded_and_only_then_are_pieces_named(two: TwoBranches, town: Late) -> None:
    for mode in ("ask", "record"):
        answer = await town.tells("transfers", town.body(**two.wanted((two.cable, 1))), mode=mode)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "NOT_FOR_REGISTERS")
    named = two.wanted((two.cable, 1))
    named["lines"][0]["serials"] = ["S1"]
    assert await two.refused("POST", "transfers", named) == (400, "VALIDATION_ERROR")
    assert await held(two.shop, two.cable.variant_id) == 10_000


async def test_another_shop_is_not_sent_to(two: TwoBranches, town: Late) -> None:
    other = await world.open_a_shop(two.shop.house)
    answer = await town.tells("transfers", four(two, town, to_location_id=str(other.showroom_id)))
    assert answer.headers["Duka-Verdict"] == "quarantined"
