"""Counts that were begun without a network: told later they began when they did, and nothing is set right twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from sqlalchemy import update

from duka.catalog.models import Group, Variant
from duka.platform.ids import new_id
from duka.platform.postgres import Urls
from duka.shops.models import Location
from duka.verify import runner
from tests.sales.device import Item, a_device
from tests.sales.till import sold
from tests.stock.goods import Ware, held
from tests.stock.late import Late
from tests.stock.places import Json, TwoBranches, put_on_the_shelf_in_town, two_branches
from tests.stock.test_counting import begun, booked, entered, entry, line, posted
from tests.stock.test_told_late import in_order, minutes_ago
from tests.verify.conftest import superuser
from tests.verify.test_command import slug_of
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
async def yard(two: TwoBranches) -> Late:
    """A second phone of town, on which the owner counts."""
    return Late(await a_device(two.shop, two.client), two.shop.owner)


@pytest.fixture
async def lamp(two: TwoBranches) -> Ware:
    """Ten lamps in town that are for sale."""
    return Ware(new_id(), await stock_up(two.shop, "lamp"))


def beginning(two: TwoBranches, by: Late, **more: object) -> Json:
    """A count of town's showroom that begins now, and is told later."""
    return by.body(location_id=str(two.shop.showroom_id)) | more


def seen(ware: Ware, quantity: float, **more: object) -> Json:
    """What is counted now, and told later."""
    return entry(ware, quantity, counted_at=minutes_ago(0), **more)


async def counted(by: Late, count: Json, *entries: Json) -> None:
    """Tell what was counted of it."""
    verdict, codes, _ = await by.told(f"stock-counts/{count['id']}/entries", by.body(entries=list(entries)))
    assert (verdict, codes) == ("applied", [])


async def test_it_began_when_it_did_and_sales_since_are_no_difference(
    two: TwoBranches, town: Late, lamp: Ware, urls: Urls
) -> None:
    count, nine = beginning(two, town), seen(lamp, 9, shelf="A3")
    await sold(two.client, two.shop, (lamp.variant_id, 3), paid=3000)
    verdict, codes, shown = await town.told("stock-counts", count)
    assert (verdict, codes, shown["state"], shown["overlapping"]) == ("applied", [], "counting", False)
    began = datetime.fromisoformat(shown["at"])
    assert abs(began - datetime.fromisoformat(count["made_at"])) < timedelta(milliseconds=1)
    assert shown["started_by"] == str(two.town.staff_id)
    await counted(town, count, nine)
    at = f"stock-counts/{count['id']}"
    found = await line(two, at, lamp)
    assert (found["expected"], found["variance"]) == (10, -1), "as the books stood before the three were sold"
    await posted(two, at)
    assert await held(two.shop, lamp.variant_id) == 6_000
    in_order(two.shop, urls)


async def test_told_twice_it_is_one_count(two: TwoBranches, town: Late) -> None:
    count = beginning(two, town)
    await town.told("stock-counts", count)
    again = await town.tells("stock-counts", count)
    assert (again.headers["Duka-Verdict"], again.headers["Idempotency-Replayed"]) == ("already-applied", "true")
    other = await town.tells("stock-counts", count | {"note": "another"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert len(await two.done("GET", "stock-counts")) == 1


async def test_what_was_counted_is_not_lost_when_it_comes_before_the_beginning(two: TwoBranches, town: Late) -> None:
    count = beginning(two, town)
    path, lines = f"stock-counts/{count['id']}/entries", town.body(entries=[entry(two.cable, 9)])
    early = await town.tells(path, lines)
    assert (early.status_code, early.headers["Duka-Verdict"]) == (202, "quarantined"), "kept with its bytes"
    await town.told("stock-counts", count)
    assert (await town.told(path, lines))[0] == "applied"
    assert (await line(two, f"stock-counts/{count['id']}", two.cable))["counted"] == 9


@pytest.mark.parametrize("later_first", [False, True])
async def test_two_who_count_the_same_shelf_both_stand_and_a_difference_is_posted_once(
    two: TwoBranches, town: Late, yard: Late, urls: Urls, later_first: bool
) -> None:
    one, other = beginning(two, town), beginning(two, yard)
    nine, seven = seen(two.cable, 9), seen(two.cable, 7)
    await town.told("stock-counts", one)
    verdict, codes, shown = await yard.told("stock-counts", other)
    assert (verdict, codes, shown["overlapping"]) == ("applied-with-exceptions", ["COUNT_UNDER_WAY"], True)
    assert shown["exceptions"][0]["details"]["count_id"] == one["id"]
    await counted(town, one, nine)
    await counted(yard, other, seven)
    order = [other, one] if later_first else [one, other]
    for count in order:
        await posted(two, f"stock-counts/{count['id']}")
    assert await held(two.shop, two.cable.variant_id) == 7_000, "as the newest counting says"
    worth = [minor for *_, minor in await booked(two.shop)]
    assert sum(worth) == 3 * 3_000
    in_order(two.shop, urls)


@pytest.mark.breaks_invariants("an entry is put behind the other count's posting", "counted_lines")
async def test_what_another_count_set_right_is_part_of_what_is_verified(
    two: TwoBranches, town: Late, yard: Late, urls: Urls
) -> None:
    one, other = beginning(two, town), beginning(two, yard)
    nine, seven = seen(two.cable, 9), seen(two.cable, 7)
    for by, count, entered_late in ((town, one, nine), (yard, other, seven)):
        await by.told("stock-counts", count)
        await counted(by, count, entered_late)
    for count in (one, other):
        await posted(two, f"stock-counts/{count['id']}")
    with superuser() as forger:
        forger.execute("SET session_replication_role = replica")
        forger.execute(
            "UPDATE stock_count_entries SET at = at + interval '1 hour' WHERE shop_id = %s AND count_id = %s",
            [two.shop.shop_id, other["id"]],
        )
        forger.commit()
    tallies = runner.verify(urls, two.shop.house.signer, slug_of(two.shop, urls))
    assert tallies is not None
    assert {breach.invariant for breach in runner.breaches_of(tallies)} == {"counted_lines"}


async def test_what_another_count_posted_meanwhile_is_shown_and_not_missed_again(
    two: TwoBranches, town: Late, urls: Urls
) -> None:
    charger = await put_on_the_shelf_in_town(two.shop, "Charger", 5)
    online = await begun(two)
    await entered(two, online, entry(two.cable, 9))
    count = beginning(two, town)
    assert (await town.told("stock-counts", count))[1] == ["COUNT_UNDER_WAY"]
    await counted(town, count, entry(charger, 5), seen(two.cable, 8))
    at = f"stock-counts/{count['id']}"
    shown = await line(two, at, two.cable)
    assert (shown["expected"], shown["variance"]) == (10, -2)
    await posted(two, online)
    shown = await line(two, at, two.cable)
    assert (shown["expected"], shown["variance"]) == (9, -1)
    await posted(two, at)
    assert (await line(two, online, two.cable))["expected"] == 10, "what is posted stays as it was posted"
    assert [await held(two.shop, ware.variant_id) for ware in (two.cable, charger)] == [8_000, 5_000]
    in_order(two.shop, urls)


async def test_a_count_that_was_over_before_this_one_was_told_found_the_same(
    two: TwoBranches, town: Late, urls: Urls
) -> None:
    early, nine = beginning(two, town), seen(two.cable, 9)
    online = await begun(two)
    await entered(two, online, entry(two.cable, 9))
    await posted(two, online)
    assert await held(two.shop, two.cable.variant_id) == 9_000
    await town.told("stock-counts", early)
    await counted(town, early, nine)
    await posted(two, f"stock-counts/{early['id']}")
    assert await held(two.shop, two.cable.variant_id) == 9_000
    in_order(two.shop, urls)


async def test_asked_for_there_is_one_count_at_a_time_also_beside_one_that_overlaps(
    two: TwoBranches, town: Late, yard: Late
) -> None:
    one, other = beginning(two, town), beginning(two, yard)
    await town.told("stock-counts", one)
    await yard.told("stock-counts", other)
    await two.done("POST", f"stock-counts/{one['id']}/cancel", {"reason": "twice"})
    place = {"location_id": str(two.shop.showroom_id)}
    assert await two.refused("POST", "stock-counts", place) == (409, "COUNT_UNDER_WAY")
    asked = await town.tells("stock-counts", beginning(two, town), mode="ask")
    assert (asked.status_code, asked.json()["error"]["code"]) == (409, "COUNT_UNDER_WAY")
    await two.done("POST", f"stock-counts/{other['id']}/cancel", {"reason": "twice"})
    await two.done("POST", "stock-counts", place)


@pytest.mark.parametrize("wrong", [timedelta(days=-20_000), timedelta(days=-36), timedelta(days=2)])
async def test_a_clock_that_says_what_cannot_be_does_not_choose_the_beginning(
    two: TwoBranches, town: Late, wrong: timedelta
) -> None:
    before = datetime.now(UTC)
    count = town.body(location_id=str(two.shop.showroom_id), made_at=(before + wrong).isoformat())
    shown = (await town.told("stock-counts", count))[2]
    assert before <= datetime.fromisoformat(shown["at"]) + timedelta(milliseconds=1)
    assert datetime.fromisoformat(shown["at"]) <= datetime.now(UTC)


async def test_another_branch_a_closed_place_and_who_may_not_count_are_noted(
    two: TwoBranches, town: Late, urls: Urls
) -> None:
    seller = await hire(two.shop, "staff", branch_id=two.shop.branch_id)
    async with two.shop.as_() as ctx:
        closed = update(Location).where(Location.id == two.market_showroom_id).values(active=False)
        await ctx.db.execute(closed)
    count = beginning(two, town, location_id=str(two.market_showroom_id), staff_id=str(seller.staff_id))
    codes = (await town.told("stock-counts", count))[1]
    assert codes == ["WORKER_NOT_ALLOWED", "LOCATION_CLOSED", "OTHER_BRANCH"]
    asked = {"location_id": str(two.market_showroom_id)}
    assert await two.refused("POST", "stock-counts", asked, two.town) == (404, "NOT_FOUND")
    in_order(two.shop, urls)


async def test_a_place_that_the_shop_never_had_is_set_aside(two: TwoBranches, town: Late) -> None:
    for wrong in ({"location_id": str(new_id())}, {"scope": "list"}):
        answer = await town.tells("stock-counts", beginning(two, town, **wrong))
        assert (answer.status_code, answer.headers["Duka-Verdict"]) == (202, "quarantined"), answer.text


async def test_what_was_deleted_meanwhile_is_left_out_and_a_deleted_group_is_everything(
    two: TwoBranches, town: Late
) -> None:
    case = await put_on_the_shelf_in_town(two.shop, "Case", 5)
    async with two.shop.as_() as ctx:
        await ctx.db.execute(update(Variant).where(Variant.id == case.variant_id).values(deleted_at=ctx.now))
    named = [str(two.cable.variant_id), str(case.variant_id)]
    some = beginning(two, town, scope="list", variant_ids=named)
    _, codes, shown = await town.told("stock-counts", some)
    assert (codes, shown["exceptions"][0]["details"]["variant_ids"]) == (["ITEMS_LEFT_OUT"], [named[1]])
    await counted(town, some, entry(two.cable, 9))
    await posted(two, f"stock-counts/{some['id']}")
    group = beginning(two, town, scope="group", group_id=str(new_id()))
    _, codes, shown = await town.told("stock-counts", group)
    assert (codes, shown["scope"]) == (["GROUP_GONE"], "full")
    await counted(town, group, entry(two.cable, 9))


async def test_a_group_and_its_goods_are_counted_as_they_are_now(two: TwoBranches, town: Late) -> None:
    async with two.shop.as_() as ctx:
        group = Group(shop_id=two.shop.shop_id, id=new_id(), name="Wires", created_at=ctx.now, updated_at=ctx.now)
        ctx.db.add(group)
        await ctx.db.flush()
        group_id = str(group.id)
    verdict, _, shown = await town.told("stock-counts", beginning(two, town, scope="group", group_id=group_id))
    assert (verdict, shown["scope"], shown["group_id"]) == ("applied", "group", group_id)


async def test_sales_of_the_same_phone_that_come_after_the_count_are_put_in_their_time(
    two: TwoBranches, town: Late, lamp: Ware, urls: Urls
) -> None:
    item = Item(lamp.variant_id, "lamp")
    count, before = beginning(two, town), town.device.ring((item, 2))
    await asyncio.sleep(0.005)  # ids tell milliseconds
    eight = seen(lamp, 8)
    await asyncio.sleep(0.005)
    after = town.device.ring((item, 1))
    for body in (before, after):
        assert (await town.device.deliver(body)).status_code == 201
    await town.told("stock-counts", count)
    await counted(town, count, eight)
    found = await line(two, f"stock-counts/{count['id']}", lamp)
    assert (found["expected"], found["variance"]) == (8, 0)
    in_order(two.shop, urls)
