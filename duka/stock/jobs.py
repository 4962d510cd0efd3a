"""Large counts, posted part by part in the background, the days' sums of stock's value, what expires soon, and what was
put aside and not fetched. A killed worker's job goes on where it was."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.edge import House
from duka.shops import entry
from duka.stock import valuation
from duka.stock.actions import expiring, posting, reserving

_POST_COUNT: Final = "post_stock_count"
_PAUSE_SECONDS: Final = 0.1
"""Between the parts of a count: whoever sells meanwhile comes first."""


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
        await _in_every_shop(house, lambda ctx: valuation.add_up(ctx, valuation.settled(ctx.now)))

    async def warn_of_expiry() -> None:
        await _in_every_shop(house, expiring.warn_of_expiry)

    async def end_reservations() -> None:
        async with house.database.session() as db:
            overdue = await reserving.shops_with_overdue(db, datetime.now(UTC))
        for shop_id in overdue:
            await _in_shop(house, shop_id, reserving.expire)

    house.queue.register(_POST_COUNT, post_count)
    house.queue.by_clock("add-up-stock-days", "40 1 * * *", add_up_days)
    house.queue.by_clock("warn-of-expiry", "10 2 * * *", warn_of_expiry)
    house.queue.by_clock("end-reservations", "3-58/5 * * * *", end_reservations)


async def defer_posting(ctx: Ctx, house: House, count_id: UUID) -> None:
    """Have a count posted after the commit. Needs a transaction of the platform role."""
    await house.queue.defer(ctx.db, _POST_COUNT, shop=str(ctx.shop_id), count=str(count_id))


async def _in_every_shop(house: House, some: Callable[[Ctx], Awaitable[bool]]) -> None:
    """Do some work in one shop after the other."""
    async for shop_id in house.queue.shops():
        await _in_shop(house, shop_id, some)


async def _in_shop(house: House, shop_id: UUID, some: Callable[[Ctx], Awaitable[bool]]) -> None:
    """Do some work in a shop, again until it says that no more is left there."""
    more = True
    while more:
        async with house.database.session() as db:
            ctx = await entry.open_shop_for_system(db, shop_id, datetime.now(UTC))
            more = await some(ctx)
            await db.commit()
        if ctx.emitted:
            await house.relay.relay(shop_id)
