"""What runs low is ordered by itself where its product says so: once, of whom it is bought, for somebody to approve."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import delete, select, update

from duka.catalog.models import Product, Variant
from duka.platform.models import AuditEntry, EventConsumer
from duka.purchasing.actions import auto_ordering
from duka.shops import entry
from tests.purchasing.buying import get, requested, supplier, told_of
from tests.sales.till import Json, post, sold
from tests.world import Shop, hire, stock_up

Client = httpx2.AsyncClient


@pytest.fixture
async def wholesaler(shop: Shop, client: Client) -> str:
    """Whom the shop buys from."""
    return str((await supplier(client, shop))["id"])


async def ordered_by_itself(shop: Shop, client: Client, who: str, name: str, **item: Any) -> UUID:
    """A product with ten in stock, warned of at five, that is ordered by itself of a supplier."""
    variant = await stock_up(shop, name, min_stock_milli=5_000)
    product = await _product(shop, variant)
    shown = await get(client, shop.owner, f"/api/products/{product}")
    assert shown["auto_reorder"] is False
    change = {"version": shown["version"], "auto_reorder": True}
    changed = await post(client, shop.owner, f"/api/products/{product}", change, status=200, method="PUT")
    assert changed["auto_reorder"] is True
    body = {"version": 1, "preferred": True, "pack_size": 4, "price": 90} | item
    await post(client, shop.owner, f"/api/suppliers/{who}/items/{variant}", body, status=200, method="PUT")
    return variant


async def _product(shop: Shop, variant: UUID) -> UUID:
    async with shop.asking() as ctx:
        found: UUID = (await ctx.db.scalars(select(Variant.product_id).where(Variant.id == variant))).one()
    return found


async def settled(shop: Shop) -> None:
    """What ran low by now has been read: by this, or by the app's own reader of such events."""
    await shop.house.relay.relay(shop.shop_id)
    read = 1
    while read:
        async with shop.house.database.session() as db:
            ctx = await entry.open_shop_for_system(db, shop.shop_id, datetime.now(UTC))
            read = await auto_ordering.order_what_ran_low(ctx)
            await db.commit()


async def orders(shop: Shop, client: Client) -> list[Json]:
    """The shop's orders with their lines, the oldest first."""
    listed = await get(client, shop.owner, "/api/purchase-orders?sort=id")
    return [await get(client, shop.owner, f"/api/purchase-orders/{each['id']}") for each in listed]


async def test_what_falls_to_its_level_is_ordered_once(shop: Shop, client: Client, wholesaler: str) -> None:
    salt = await ordered_by_itself(shop, client, wholesaler, "salt")
    await sold(client, shop, (salt, 4), paid=4_000)
    await settled(shop)
    assert await orders(shop, client) == []
    await sold(client, shop, (salt, 2), paid=2_000)  # 4 left, warned of at 5: 6 more make twice the level
    await settled(shop)
    (order,) = await orders(shop, client)
    assert (order["state"], order["automatic"], order["created_by"], order["total"]) == ("requested", True, None, 720)
    assert [(line["variant_id"], line["quantity"], line["price"]) for line in order["lines"]] == [(str(salt), 8, 90)]
    async with shop.as_() as ctx:
        made = (await ctx.db.scalars(select(AuditEntry).where(AuditEntry.entity_id == UUID(order["id"])))).one()
        assert (made.actor, made.action, made.staff_id) == ("system", "request", None)
        # Told the same again, from the first event on.
        await ctx.db.execute(delete(EventConsumer).where(EventConsumer.consumer == auto_ordering.CONSUMER))
    await settled(shop)
    assert [each["version"] for each in await orders(shop, client)] == [order["version"]]


async def test_the_open_draft_grows_until_somebody_approves_it(shop: Shop, client: Client, wholesaler: str) -> None:
    salt, sugar, soap = [await ordered_by_itself(shop, client, wholesaler, name) for name in ("salt", "sugar", "soap")]
    by_hand = await requested(client, shop, wholesaler, (soap, 1, 1))
    for variant in (salt, sugar):
        await sold(client, shop, (variant, 6), paid=6_000)
        await settled(shop)
    mine, draft = await orders(shop, client)
    assert (mine["id"], mine["version"], len(mine["lines"])) == (by_hand["id"], 1, 1)
    assert ([line["variant_id"] for line in draft["lines"]], draft["total"]) == ([str(salt), str(sugar)], 1_440)
    await post(client, shop.owner, f"/api/purchase-orders/{draft['id']}/approve", status=200)
    await sold(client, shop, (soap, 6), paid=6_000)
    await settled(shop)
    whole = await orders(shop, client)
    assert [[line["variant_id"] for line in each["lines"]] for each in whole[1:]] == [
        [str(salt), str(sugar)], [str(soap)],
    ]  # fmt: skip


async def test_more_of_what_is_on_the_draft_makes_its_line_larger(
    shop: Shop, client: Client, wholesaler: str
) -> None:
    salt = await ordered_by_itself(shop, client, wholesaler, "salt", pack_size=1)
    await sold(client, shop, (salt, 6), paid=6_000)
    await settled(shop)
    body = {"quantity": 4, "location_id": str(shop.showroom_id), "reason": "found"}
    await post(client, shop.owner, f"/api/products/{await _product(shop, salt)}/adjust", body)
    await sold(client, shop, (salt, 8), paid=8_000)  # 0 left, 6 on order, 10 wanted
    await settled(shop)
    (order,) = await orders(shop, client)
    assert ([line["quantity"] for line in order["lines"]], order["total"], order["version"]) == ([10], 900, 2)


async def test_many_sales_at_once_make_one_order(shop: Shop, client: Client, wholesaler: str) -> None:
    wanted = [await ordered_by_itself(shop, client, wholesaler, f"thing {n}") for n in range(5)]
    await asyncio.gather(*(sold(client, shop, (variant, 6), paid=6_000) for variant in wanted))
    await asyncio.gather(*(settled(shop) for _ in range(3)))
    (order,) = await orders(shop, client)
    assert sorted(line["variant_id"] for line in order["lines"]) == sorted(str(variant) for variant in wanted)


async def test_nothing_is_ordered_that_need_not_be(shop: Shop, client: Client, wholesaler: str) -> None:
    off, coming, orphan = [
        await ordered_by_itself(shop, client, wholesaler, name) for name in ("off", "coming", "orphan")
    ]
    async with shop.as_() as ctx:
        await ctx.db.execute(update(Product).where(Product.name == "off").values(auto_reorder=False))
    by_hand = await requested(client, shop, wholesaler, (coming, 9, 90))
    path = f"/api/suppliers/{wholesaler}/items/{orphan}"
    await post(client, shop.owner, path, {"version": 2, "preferred": False}, status=200, method="PUT")
    for variant in (off, coming, orphan):
        await sold(client, shop, (variant, 6), paid=6_000)
    await settled(shop)
    assert [order["id"] for order in await orders(shop, client)] == [by_hand["id"]]


async def test_who_may_order_is_told(shop: Shop, client: Client, wholesaler: str) -> None:
    clerk = await hire(shop, "staff")
    salt = await ordered_by_itself(shop, client, wholesaler, "salt")
    await sold(client, shop, (salt, 6), paid=6_000)
    await settled(shop)
    (order,) = await orders(shop, client)
    told = await told_of(shop, client, "order_made")
    assert (told[0]["entity_id"], told[0]["facts"]["number"], told[0]["facts"]["lines"]) == (
        order["id"], order["number"], 1
    )  # fmt: skip
    assert await get(client, clerk, "/api/notifications?kind=order_made") == []
