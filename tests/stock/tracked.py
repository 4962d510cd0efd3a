"""Goods of the tests that are not all alike: phones with serial numbers, medicine in batches."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import select, update

from duka.catalog.models import Product, Variant
from duka.platform.ids import new_id
from duka.stock.units.models import Batch, BatchBalance, Part, Unit, UnitCode
from tests.purchasing.buying import came, received, supplier
from tests.sales.till import Json
from tests.world import Shop, stock_up


async def followed(shop: Shop, name: str, tracking: str, **more: Any) -> UUID:
    """A product that the shop follows by serial number or batch, none of it there yet; give its variant."""
    variant = await stock_up(shop, name, quantity_milli=0, **more)
    async with shop.as_() as ctx:
        product = select(Variant.product_id).where(Variant.id == variant).scalar_subquery()
        await ctx.db.execute(update(Product).where(Product.id == product).values(tracking=tracking))
    return variant


async def phones(shop: Shop, client: httpx2.AsyncClient, *serials: str | list[str], **more: Any) -> UUID:
    """Phones that came in with their serial numbers."""
    variant = await followed(shop, "phone", "serial", price_minor=90_000, cost_minor=60_000)
    await delivered(shop, client, came(variant, len(serials), serials=list(serials), price=60_000), **more)
    return variant


async def watches(shop: Shop, client: httpx2.AsyncClient, *serials: str) -> UUID:
    """Watches that came in with their serial numbers."""
    variant = await followed(shop, "watch", "serial", price_minor=9_000, cost_minor=6_000)
    await delivered(shop, client, came(variant, len(serials), serials=list(serials), price=6_000))
    return variant


async def delivered(shop: Shop, client: httpx2.AsyncClient, *lines: Json, **more: Any) -> Json:
    """Goods that came from a new supplier."""
    seller = await supplier(client, shop, f"Supplier {new_id().hex[-8:]}")
    return await received(client, shop, *lines, supplier_id=seller["id"], **more)


async def medicine(shop: Shop, client: httpx2.AsyncClient, **batches: tuple[float, int | None]) -> UUID:
    """Medicine in batches: of each number so much, with its last day in so many days (None: none is printed)."""
    variant = await followed(shop, "syrup", "batch", price_minor=1_000, cost_minor=600)
    lines = [
        came(variant, quantity, price=600, batch={"number": number} | last_day(days))
        for number, (quantity, days) in batches.items()
    ]
    await delivered(shop, client, *lines)
    return variant


def last_day(days: int | None) -> Json:
    """The last day on a package, so many days from now."""
    return {} if days is None else {"expires_on": str(today() + timedelta(days=days))}


def today() -> date:
    """The day it is in the shop's zone."""
    return (datetime.now(UTC) + timedelta(hours=3)).date()


async def left(shop: Shop, variant: UUID, place: UUID | None = None) -> dict[str, int]:
    """How many thousandths of each batch stand at a location (the showroom), those that are gone left out."""
    async with shop.asking() as ctx:
        rows = await ctx.db.execute(
            select(Batch.number, BatchBalance.quantity_milli)
            .join(BatchBalance, (BatchBalance.shop_id == Batch.shop_id) & (BatchBalance.batch_id == Batch.id))
            .where(Batch.variant_id == variant, BatchBalance.location_id == (place or shop.showroom_id))
        )
        return {number: milli for number, milli in rows if milli}


async def state(shop: Shop, serial: str) -> tuple[str, UUID | None]:
    """What became of a unit, and where it stands."""
    async with shop.asking() as ctx:
        (row,) = await ctx.db.execute(
            select(Unit.state, Unit.location_id)
            .join(UnitCode, (UnitCode.shop_id == Unit.shop_id) & (UnitCode.unit_id == Unit.id))
            .where(UnitCode.code == serial)
        )
        return row.state, row.location_id


async def faults(shop: Shop, variant: UUID) -> list[tuple[str, int]]:
    """What of a variant moved without the books knowing which it was, in the order of moving."""
    async with shop.asking() as ctx:
        rows = await ctx.db.scalars(
            select(Part).where(Part.variant_id == variant, Part.fault.is_not(None)).order_by(Part.id)
        )
        return [(row.fault or "", row.quantity_milli) for row in rows]
