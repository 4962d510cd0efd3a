"""What the people of a shop are told, and what they are not."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import func, select, update

from duka.notifications import actions
from duka.notifications.models import Notification
from duka.platform import events
from duka.platform.ids import new_id
from duka.platform.models import OutboxEvent
from duka.shops.models import Branch
from tests import world
from tests.world import Person, Shop, open_a_shop


async def run_low(shop: Shop, branch_id: UUID, quantity_milli: int = 2500) -> UUID:
    """Stock falls to its minimum in a branch, and the reader of such events has done its work."""
    variant_id = new_id()
    async with shop.as_() as ctx:
        events.emit(ctx, "stock.low", variant_id, {
            "variant_id": str(variant_id), "location_id": str(shop.showroom_id), "branch_id": str(branch_id),
            "quantity_milli": quantity_milli, "min_stock_milli": 3000,
        })  # fmt: skip
    async with shop.as_() as ctx:
        await events.stamp(ctx)
    async with shop.as_() as ctx:
        assert await actions.tell_low_stock(ctx) == 1
    return variant_id


async def told(client: httpx2.AsyncClient, person: Person, **query: Any) -> Any:
    answer = await client.get("/api/notifications", headers=person.headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_owner_is_told_that_cables_run_low(client: httpx2.AsyncClient, shop: Shop) -> None:
    cable = await run_low(shop, shop.branch_id)
    (notice,) = (await told(client, shop.owner))["data"]
    assert notice["kind"] == "low_stock"
    assert notice["entity_id"] == str(cable)
    assert notice["facts"] == {
        "variant_id": str(cable), "location_id": str(shop.showroom_id), "quantity": 2.5, "min_stock": 3,
    }  # fmt: skip


async def test_staff_of_one_branch_are_not_told_about_another(client: httpx2.AsyncClient, shop: Shop) -> None:
    town = await a_branch(shop, "Town")
    clerk = await world.hire(shop, "staff", branch_id=shop.branch_id)
    here = await run_low(shop, shop.branch_id)
    await run_low(shop, town)
    assert [row["entity_id"] for row in (await told(client, clerk))["data"]] == [str(here)]
    assert len((await told(client, shop.owner))["data"]) == 2


async def test_who_may_not_see_stock_is_not_told(client: httpx2.AsyncClient, shop: Shop) -> None:
    clerk = await world.hire(shop, "staff")
    await run_low(shop, shop.branch_id)
    async with shop.as_() as ctx:
        theirs = Notification.shop_id == shop.shop_id
        await ctx.db.execute(update(Notification).where(theirs).values(permission="journal:read"))
    assert (await told(client, clerk))["data"] == []
    assert len((await told(client, shop.owner))["data"]) == 1


async def test_another_shop_is_told_nothing(client: httpx2.AsyncClient, shop: Shop) -> None:
    await run_low(shop, shop.branch_id)
    stranger = await open_a_shop(shop.house)
    assert (await told(client, stranger.owner))["data"] == []


async def test_nobody_is_told_without_logging_in(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/notifications")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "UNAUTHENTICATED"


async def test_a_long_list_comes_in_pages_newest_first(client: httpx2.AsyncClient, shop: Shop) -> None:
    low = [str(await run_low(shop, shop.branch_id)) for _ in range(3)]
    first = await told(client, shop.owner, limit=2, total=True)
    assert [row["entity_id"] for row in first["data"]] == [low[2], low[1]]
    assert first["page"]["total"] == 3
    rest = await told(client, shop.owner, limit=2, cursor=first["page"]["next_cursor"])
    assert [row["entity_id"] for row in rest["data"]] == [low[0]]
    assert rest["page"]["next_cursor"] is None


async def test_the_same_event_told_again_is_one_notification(shop: Shop) -> None:
    await run_low(shop, shop.branch_id)
    async with shop.as_() as ctx:
        ((event_id, facts),) = (await ctx.db.execute(select(Notification.event_id, Notification.facts))).all()
    async with shop.as_() as ctx:
        event = OutboxEvent(id=event_id, event="stock.low", entity_id=new_id(), facts=facts, at=ctx.now)
        await actions.tell(ctx, [event])
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(func.count()).select_from(Notification))).one() == 1


async def a_branch(shop: Shop, name: str) -> UUID:
    now = datetime.now(UTC)
    async with shop.as_() as ctx:
        branch = Branch(shop_id=shop.shop_id, id=new_id(), name=name, created_at=now, updated_at=now)
        ctx.db.add(branch)
        return branch.id


async def test_the_list_comes_as_a_file(client: httpx2.AsyncClient, shop: Shop) -> None:
    cable = await run_low(shop, shop.branch_id)
    answer = await client.get("/api/notifications?format=csv", headers=shop.owner.headers)
    assert answer.headers["content-type"].startswith("text/csv")
    heading, row = answer.text.lstrip("\ufeff").strip().splitlines()
    assert heading == "Time,Kind,Variant,Location,Left,Minimum"
    assert row.endswith(f"low_stock,{cable},{shop.showroom_id},2.5,3")
