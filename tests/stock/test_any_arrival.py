"""A month of documents that arrive in any order costs the same: by document, by account, by day, in stock."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from duka.ledger.models import Posting
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.stock import valuation
from duka.stock.costs import jobs as closing_jobs
from duka.stock.costs.models import CostCorrection
from duka.stock.models import Balance, Movement
from duka.stock.rules import value_minor
from duka.stock.valuation import At
from tests.stock.month import MONTH, Place, happen, open_place, shuffled
from tests.world import open_a_shop

pytestmark = pytest.mark.slow

Figures = Mapping[Any, int]
LAST_DAY = date(2026, 4, 30)


async def arrived(house: House, seed: int | None, method: str) -> Place:
    """A shop to which the month's documents came in an order of their own (None: as they happened)."""
    shop = await open_a_shop(house, negative_stock=True, costing_method=method)
    place = await open_place(shop)
    await happen(place, MONTH if seed is None else shuffled(MONTH, seed))
    return place


async def costs(place: Place) -> Figures:
    """What each document moved of each thing was worth, with its corrections."""
    names = {variant: name for name, variant in place.goods.items()}
    found: dict[Any, int] = {}
    async with place.shop.asking() as ctx:
        corrected = {
            row[0]: int(row[1]) for row in await ctx.db.execute(
                select(CostCorrection.movement_id, func.sum(CostCorrection.value_minor))
                .group_by(CostCorrection.movement_id)
            )
        }  # fmt: skip
        for row in await ctx.db.scalars(select(Movement)):
            key = (row.source_id, row.kind, names[row.variant_id])
            worth = value_minor(row.quantity_milli, row.unit_cost_minor) + corrected.get(row.id, 0)
            found[key] = found.get(key, 0) + worth
    return found


async def books(place: Place) -> Figures:
    """What every account got on every day."""
    found: dict[Any, int] = {}
    async with place.shop.asking() as ctx:
        for row in await ctx.db.scalars(select(Posting)):
            for account, minor in ((row.debit, row.amount_minor), (row.credit, -row.amount_minor)):
                found[account, row.posted_on] = found.get((account, row.posted_on), 0) + minor
    return {key: minor for key, minor in found.items() if minor}


async def stock(place: Place) -> Figures:
    """What stands where, and what all of it is worth."""
    names = {variant: name for name, variant in place.goods.items()}
    async with place.shop.asking() as ctx:
        held = {
            (names[row.variant_id], row.location_id == place.store_id): row.quantity_milli
            for row in await ctx.db.scalars(select(Balance)) if row.quantity_milli
        }  # fmt: skip
        worth = (await valuation.valuation(ctx, At(LAST_DAY)))["value"]
    return held | {("worth", True): worth}


@pytest.mark.parametrize("method", ["average", "fifo"])
async def test_five_orders_of_arrival_come_to_one_result(house: House, method: str) -> None:
    places = [await arrived(house, seed, method) for seed in (None, 1, 2, 3, 4)]
    before = [await costs(place) for place in places]
    assert any(each != before[0] for each in before), "as they were booked, costs depend on the order"
    for place in places:
        assert await closing_jobs.close_costs(house, place.shop.shop_id, LAST_DAY, new_id())
    assert sum((await costs(places[0])).values()) != sum(before[0].values())
    for what in (costs, books, stock):
        first, *others = [await what(place) for place in places]
        for other in others:
            assert other == first
        assert await what(places[0]) == first


async def test_closed_half_way_and_again_it_comes_to_the_same(house: House) -> None:
    """Whoever closes every few days, with late documents in between, ends where one closing at the end does."""
    once = await arrived(house, None, "average")
    await closing_jobs.close_costs(house, once.shop.shop_id, LAST_DAY, new_id())
    shop = await open_a_shop(house, negative_stock=True)
    often = await open_place(shop)
    late = shuffled(MONTH, 7)
    for begin in range(0, len(late), 6):
        await happen(often, late[begin:begin + 6])
        await closing_jobs.close_costs(house, shop.shop_id, date(2026, 3, 4 + begin), new_id())
    await closing_jobs.close_costs(house, shop.shop_id, LAST_DAY, new_id())
    for what in (costs, books, stock):
        assert await what(often) == await what(once)
