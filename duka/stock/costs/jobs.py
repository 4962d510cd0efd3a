"""Costs closed by business time in the background, each night and when somebody asks. A killed worker's closing is gone
on with where it was."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.shops import entry, settings
from duka.stock import valuation
from duka.stock.actions import closing
from duka.stock.costs import queries as cost_queries

_CLOSE_COSTS: Final = "close_costs"
_PAUSE_SECONDS: Final = 0.1
"""Between the parts of a closing: whoever sells meanwhile comes first."""


def register(house: House) -> None:
    """Tell the house's queue how these jobs are done."""

    async def go_on_closing(shop: str, begun: str) -> None:
        await _close(house, UUID(shop), UUID(begun))

    async def close_all() -> None:
        async for shop_id in house.queue.shops():
            await close_costs(house, shop_id, None)

    house.queue.register(_CLOSE_COSTS, go_on_closing)
    # It may take long in a large shop: what takes its turn with the rest must not wait for it.
    house.queue.by_clock("close-costs", "50 2 * * *", close_all, turns="close-costs")


async def defer_closing(ctx: Ctx, house: House, closing_id: UUID) -> None:
    """Have a closing of costs gone on with after the commit. Needs a transaction of the platform role."""
    await house.queue.defer(ctx.db, _CLOSE_COSTS, shop=str(ctx.shop_id), begun=str(closing_id))


async def close_costs(
    house: House, shop_id: UUID, until: date | None, settled: UUID | None = None
) -> UUID | None:  # fmt: skip
    """Close a shop's costs up to a business day (none: yesterday; today at most) and give the closing; None where
    nothing has happened since the last. A closing that was left half way is finished first. `settled` as for
    `closing.begin`, an hour ago if left out."""
    async with house.database.session() as db:
        ctx = await entry.open_shop_for_system(db, shop_id, datetime.now(UTC))
        left = await cost_queries.unfinished(ctx)
    if left:
        await _close(house, shop_id, left)
    async with house.database.session() as db:
        ctx = await entry.open_shop_for_system(db, shop_id, datetime.now(UTC))
        rules = settings.of(ctx)
        today = ctx.today(rules.day_start_minutes)
        day = min(until or today - timedelta(days=1), today)
        if not await cost_queries.has_news(ctx, day, rules.costing_method):
            return None
        begun = new_id()
        await closing.begin(ctx, begun, day, settled or valuation.settled(ctx.now))
        await db.commit()
    await _close(house, shop_id, begun)
    return begun


async def _close(house: House, shop_id: UUID, closing_id: UUID) -> None:
    more = True
    while more:
        async with house.database.session() as db:
            ctx = await entry.open_shop_for_system(db, shop_id, datetime.now(UTC))
            more = await closing.close_some(ctx, closing_id)
            await db.commit()
        await asyncio.sleep(_PAUSE_SECONDS if more else 0)
