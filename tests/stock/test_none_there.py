"""Goods that nobody counted and of which none is there: what came while the count went on is not written off."""

import asyncio

import httpx2
import pytest

from duka.platform.ids import new_id
from duka.platform.postgres import Urls
from tests.sales.device import a_device
from tests.sales.till import sold
from tests.stock.goods import Ware, held, put_on_the_shelf
from tests.stock.late import Late
from tests.stock.places import TwoBranches, put_on_the_shelf_in_town, two_branches
from tests.stock.test_begun_late import beginning, counted, seen
from tests.stock.test_counting import begun, entered, entry, line, posted
from tests.stock.test_told_late import in_order
from tests.world import Shop, stock_up

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
async def lamp(two: TwoBranches) -> Ware:
    """Ten lamps in town that are for sale."""
    return Ware(new_id(), await stock_up(two.shop, "lamp"))


async def moved(two: TwoBranches, ware: Ware, pieces: int) -> None:
    """Some pieces more, or fewer, in town's showroom."""
    reason = "found" if pieces > 0 else "loss"
    body = {"quantity": pieces, "reason": reason, "note": "moved", "location_id": str(two.shop.showroom_id)}
    await two.done("POST", f"products/{ware.product_id}/adjust", body)


@pytest.mark.parametrize(
    ("moves", "left"),
    [((), 0), ((6,), 6_000), ((-4,), 0), ((6, -4), 2_000), ((6, -8), 0)],
    ids=["nothing", "came", "went", "more-came", "more-went"],
)
async def test_what_came_since_the_count_began_stays_and_what_went_is_not_missed_twice(
    two: TwoBranches, urls: Urls, moves: tuple[int, ...], left: int
) -> None:
    case = await put_on_the_shelf_in_town(two.shop, "Case", 10)
    at = await begun(two)
    await entered(two, at, entry(two.cable, 10))
    for pieces in moves:
        await moved(two, case, pieces)
    await posted(two, at, uncounted="zero")
    assert await held(two.shop, case.variant_id) == left
    in_order(two.shop, urls)


async def test_what_came_new_while_it_was_counted_is_no_difference(two: TwoBranches) -> None:
    case = await put_on_the_shelf(two.shop, "Case", 0)
    at = await begun(two)
    await moved(two, case, 6)
    await two.done("POST", f"{at}/review", {"uncounted": "zero"})
    assert (await line(two, at, case))["variance"] == 0


async def test_a_count_told_late_holds_what_nobody_counted_against_its_own_beginning(
    two: TwoBranches, town: Late, urls: Urls
) -> None:
    case = await put_on_the_shelf_in_town(two.shop, "Case", 10)
    count, ten = beginning(two, town), seen(two.cable, 10)
    await moved(two, case, 6)
    await town.told("stock-counts", count)
    await counted(town, count, ten)
    await posted(two, f"stock-counts/{count['id']}", uncounted="zero")
    assert await held(two.shop, case.variant_id) == 6_000
    in_order(two.shop, urls)


async def test_what_somebody_counted_and_told_after_the_end_is_there(
    two: TwoBranches, town: Late, lamp: Ware, urls: Urls
) -> None:
    at = await begun(two)
    await entered(two, at, entry(two.cable, 10))
    await asyncio.sleep(0.005)  # ids tell milliseconds
    ten = seen(lamp, 10)
    await sold(two.client, two.shop, (lamp.variant_id, 3), paid=3000)
    await two.done("POST", f"{at}/review", {"uncounted": "zero"})
    assert (await town.told(f"{at}/entries", town.body(entries=[ten])))[1] == ["COUNT_MOVED"]
    await two.done("POST", f"{at}/post")
    assert await held(two.shop, lamp.variant_id) == 7_000, "ten were seen, and three of them sold"
    in_order(two.shop, urls)


@pytest.mark.parametrize("looked_first", [True, False])
async def test_what_another_count_set_right_is_written_off_only_where_it_looked_before(
    two: TwoBranches, town: Late, urls: Urls, looked_first: bool
) -> None:
    case = await put_on_the_shelf_in_town(two.shop, "Case", 10)
    if looked_first:
        late, four = beginning(two, town), seen(case, 4)
        await asyncio.sleep(0.005)
    at = await begun(two)
    if not looked_first:
        late, four = beginning(two, town), seen(case, 4)
    await entered(two, at, entry(two.cable, 10))
    await town.told("stock-counts", late)
    await counted(town, late, four)
    await posted(two, f"stock-counts/{late['id']}")
    assert await held(two.shop, case.variant_id) == 4_000
    await moved(two, case, 5)
    await posted(two, at, uncounted="zero")
    assert await held(two.shop, case.variant_id) == (5_000 if looked_first else 9_000)
    in_order(two.shop, urls)
