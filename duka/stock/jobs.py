"""Large counts, posted part by part in the background, costs closed by business time, the days' sums of stock's value,
and what expires soon. A killed worker's job goes on where it was."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.shops import entry, settings
from duka.stock import cost_queries, valuation
from duka.stock.actions import closing, expiring, posting

_POST_COUNT: Final = "post_stock_count"
_CLOSE_COSTS: Final = "close_costs"
_PAUSE_SECONDS: Final = 0.1
"""Between the parts of a count or a closing: whoever sells meanwhile comes first."""


def register(house: House) -> None:
    """Tell the house's queue how these jobs are done."""

    async def post_count(shop: str, count: str) -> None:
        more = True
        while more:
            async with house.database.session() as db:
                ctx = await entry.open_shop_for_system(db, UUID(shop), datetime.now(UTC))
                more = await posting.post_some(ctx, UUID(count), posting.LINES_OF_A_PART)
                await db.commit()
            await asyncio.sleep(_PAUSE_SECONDS)
        await house.relay.relay(UUID(shop))

    async def add_up_days() -> None:
        async for shop_id in house.queue.shops():
            more = True
            while more:
                async with house.database.session() as db:
                    ctx = await entry.open_shop_for_system(db, shop_id, datetime.now(UTC))
                    more = await valuation.add_up(ctx, valuation.settled(ctx.now))
                    await db.commit()

    async def warn_of_expiry() -> None:
        async for shop_id in house.queue.shops():
            more = True
            while more:
                async with house.database.session() as db:
                    ctx = await entry.open_shop_for_system(db, shop_id, datetime.now(UTC))
                    more = await expiring.warn_of_expiry(ctx)
                    await db.commit()
                if ctx.emitted:
                    await house.relay.relay(shop_id)

    house.queue.register(_POST_COUNT, post_count)
    house.queue.by_clock("add-up-stock-days", "40 1 * * *", add_up_days)
    house.queue.by_clock("warn-of-expiry", "10 2 * * *", warn_of_expiry)
    _register_closing(house)


def _register_closing(house: House) -> None:
    async def go_on_closing(shop: str, begun: str) -> None:
        await _close(house, UUID(shop), UUID(begun))

    async def close_all() -> None:
        async for shop_id in house.queue.shops():
            await close_costs(house, shop_id, None)

    house.queue.register(_CLOSE_COSTS, go_on_closing)
    # It may take long in a large shop: what takes its turn with the rest must not wait for it.
    house.queue.by_clock("close-costs", "50 2 * * *", close_all, turns="close-costs")


async def defer_posting(ctx: Ctx, house: House, count_id: UUID) -> None:
    """Have a count posted after the commit. Needs a transaction of the platform role."""
    await house.queue.defer(ctx.db, _POST_COUNT, shop=str(ctx.shop_id), count=str(count_id))


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
