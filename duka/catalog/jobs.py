"""Large imports, their undoing and large changes of prices, batch by batch in the background.

A killed worker's job goes on where it was."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from duka.catalog.actions import importing, repricing, undoing
from duka.catalog.models import ImportRun
from duka.platform.context import Ctx
from duka.platform.edge import House
from duka.shops import entry

_IMPORT: Final = "import_products"
_UNDO: Final = "undo_import"
_REPRICE: Final = "change_prices"


def register(house: House) -> None:
    """Tell the house's queue how these jobs are done."""

    async def take_in(shop: str, run: str) -> None:
        shop_id, run_id = UUID(shop), UUID(run)
        async with house.database.session() as db:
            await _open(db, shop_id)
            kept = (await db.scalars(select(ImportRun).where(ImportRun.id == run_id))).one()
        if kept.file is None:
            return
        source = await importing.read(kept.file, kept.filename, kept.columns, kept.preset)
        more = True
        while more:
            async with house.database.session() as db:
                ctx = await _open(db, shop_id)
                more = await importing.go_on(ctx, run_id, source)
                await db.commit()
        await house.relay.relay(shop_id)

    async def undo(shop: str, run: str) -> None:
        state = "undoing"
        while state == "undoing":
            async with house.database.session() as db:
                ctx = await _open(db, UUID(shop))
                state = (await undoing.undo_some(ctx, UUID(run))).state
                await db.commit()
        await house.relay.relay(UUID(shop))

    async def give_up(shop: str, run: str) -> None:
        async with house.database.session() as db:
            ctx = await _open(db, UUID(shop))
            failed = await importing.held(ctx, UUID(run))
            failed.state, failed.finished_at, failed.file = "failed", ctx.now, None
            await db.commit()

    async def reprice(shop: str, change: str) -> None:
        state = "drafting"
        while state in ("drafting", "applying"):
            async with house.database.session() as db:
                ctx = await _open(db, UUID(shop))
                state = (await repricing.go_on(ctx, UUID(change))).state
                await db.commit()
        await house.relay.relay(UUID(shop))

    async def stop_repricing(shop: str, change: str) -> None:
        async with house.database.session() as db:
            await repricing.give_up(await _open(db, UUID(shop)), UUID(change))
            await db.commit()

    house.queue.register(_IMPORT, take_in, given_up=give_up)
    house.queue.register(_UNDO, undo)
    house.queue.register(_REPRICE, reprice, given_up=stop_repricing)


async def defer_import(ctx: Ctx, house: House, run_id: UUID) -> None:
    """Have an import done after the commit. Needs a transaction of the platform role."""
    await house.queue.defer(ctx.db, _IMPORT, shop=str(ctx.shop_id), run=str(run_id))


async def defer_undo(ctx: Ctx, house: House, run_id: UUID) -> None:
    """Have an import undone after the commit. Needs a transaction of the platform role."""
    await house.queue.defer(ctx.db, _UNDO, shop=str(ctx.shop_id), run=str(run_id))


async def defer_repricing(ctx: Ctx, house: House, change_id: UUID) -> None:
    """Have a change of prices worked out or applied after the commit. Needs a transaction of the platform role."""
    await house.queue.defer(ctx.db, _REPRICE, shop=str(ctx.shop_id), change=str(change_id))


async def _open(db: AsyncSession, shop_id: UUID) -> Ctx:
    return await entry.open_shop_for_system(db, shop_id, datetime.now(UTC))
