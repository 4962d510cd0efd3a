"""What the people of a shop are told, and what they are not."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import func, select, update

from duka.notifications import actions, jobs
from duka.notifications.models import Notification
from duka.platform import events
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.jobs import Reader
from duka.platform.models import DocumentException, OutboxEvent
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
        await events.stamp(ctx.db, [ctx.shop_id])
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
    assert heading == "Time,Kind,Variant,Location,Left,Minimum,What,Number,Total"
    assert row.endswith(f"low_stock,{cable},{shop.showroom_id},2.5,3,,,")


# Read and unread


async def mark(client: httpx2.AsyncClient, person: Person, path: str) -> Any:
    answer = await client.post(f"/api/notifications/{path}", headers=person.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def unread(client: httpx2.AsyncClient, person: Person) -> int:
    answer = await client.get("/api/notifications/unread", headers=person.headers)
    return int(answer.json()["data"]["count"])


async def test_what_one_has_read_others_still_have_to_read(client: httpx2.AsyncClient, shop: Shop) -> None:
    clerk = await world.hire(shop, "staff")
    first, _ = [await run_low(shop, shop.branch_id) for _ in range(2)]
    notice = next(row for row in (await told(client, shop.owner))["data"] if row["entity_id"] == str(first))
    assert notice["read"] is False
    for _ in range(2):
        assert (await mark(client, shop.owner, f"{notice['id']}/read"))["read"] is True
    assert [row["id"] for row in (await told(client, shop.owner, unread=False))["data"]] == [notice["id"]]
    assert len((await told(client, shop.owner, unread=True))["data"]) == 1
    assert (await unread(client, shop.owner), await unread(client, clerk)) == (1, 2)


async def test_everything_is_marked_in_one_go(client: httpx2.AsyncClient, shop: Shop) -> None:
    for _ in range(3):
        await run_low(shop, shop.branch_id)
    assert await mark(client, shop.owner, "read-all") == {"marked": 3}
    assert await mark(client, shop.owner, "read-all") == {"marked": 0}
    assert await unread(client, shop.owner) == 0
    async with shop.asking() as ctx:  # other devices of hers are told once
        read = select(func.count()).select_from(OutboxEvent).where(OutboxEvent.event == "notification.read")
        assert (await ctx.db.scalars(read)).one() == 1
    await run_low(shop, shop.branch_id)
    assert await unread(client, shop.owner) == 1


async def test_what_is_old_counts_as_read(client: httpx2.AsyncClient, shop: Shop) -> None:
    await run_low(shop, shop.branch_id)
    async with shop.as_() as ctx:
        theirs = Notification.shop_id == shop.shop_id
        await ctx.db.execute(update(Notification).where(theirs).values(at=ctx.now - timedelta(days=31)))
    assert await unread(client, shop.owner) == 0


async def test_nobody_marks_what_is_not_told_to_them(client: httpx2.AsyncClient, shop: Shop) -> None:
    clerk = await world.hire(shop, "staff", branch_id=shop.branch_id)
    await run_low(shop, await a_branch(shop, "Town"))
    (notice,) = (await told(client, shop.owner))["data"]
    for path in (f"{notice['id']}/read", f"{new_id()}/read"):
        answer = await client.post(f"/api/notifications/{path}", headers=clerk.headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOTIFICATION_NOT_FOUND")


# The other kinds


async def happened(shop: Shop, reader: Reader, kind: str, entity_id: UUID, facts: dict[str, Any]) -> None:
    """Something happened, and its reader has done its work."""
    async with shop.as_() as ctx:
        events.emit(ctx, kind, entity_id, facts)
    async with shop.as_() as ctx:
        await events.stamp(ctx.db, [ctx.shop_id])
    async with shop.as_() as ctx:
        assert await reader.read(ctx) >= 1


def reader(name: str) -> Reader:
    return next(each for each in jobs.READERS if each.name == f"notifications.{name}")


@pytest.mark.breaks_invariants("the document it is about was never delivered", "register_verdicts")
async def test_a_disagreement_is_told_to_who_settles_it(client: httpx2.AsyncClient, shop: Shop) -> None:
    clerk, supervisor = await world.hire(shop, "staff"), await world.hire(shop, "supervisor")
    exception, sale = new_id(), new_id()
    async with shop.as_() as ctx:
        ctx.db.add(DocumentException(
            shop_id=shop.shop_id, id=exception, document="sale", document_id=sale, code="PRICE_DIFFERS",
            facts={}, branch_id=shop.branch_id, at=ctx.now,
        ))  # fmt: skip
    await happened(shop, reader("exceptions"), "exception.noted", exception, {"document": "sale"})
    (notice,) = (await told(client, supervisor))["data"]
    assert (notice["kind"], notice["entity_id"]) == ("exception", str(exception))
    assert notice["facts"] == {"document": "sale", "document_id": str(sale), "code": "PRICE_DIFFERS"}
    assert (await told(client, clerk))["data"] == []


async def test_a_damaged_document_is_told_too(client: httpx2.AsyncClient, shop: Shop) -> None:
    facts = {"reason": "TOTALS_WRONG", "document": "/api/sales"}
    await happened(shop, reader("exceptions"), "document.set_aside", new_id(), facts)
    (notice,) = (await told(client, shop.owner, kind="document_set_aside"))["data"]
    assert notice["facts"] == {"document": "/api/sales", "document_id": None, "code": "TOTALS_WRONG"}


async def test_a_new_device_is_told_to_its_person_only(client: httpx2.AsyncClient, shop: Shop) -> None:
    clerk = await world.hire(shop, "staff")
    await happened(shop, reader("logins"), "staff.new_device", clerk.staff_id, {"account_id": str(clerk.account_id)})
    (notice,) = (await told(client, clerk))["data"]
    assert (notice["kind"], notice["facts"]) == ("new_device", {})
    assert (await told(client, shop.owner))["data"] == []
    assert (await unread(client, clerk), await unread(client, shop.owner)) == (1, 0)


async def test_a_large_correction_is_told_to_who_approves(client: httpx2.AsyncClient, shop: Shop) -> None:
    supervisor, keeper = await world.hire(shop, "supervisor"), await world.hire(shop, "inventory_manager")
    facts = {
        "variant_id": str(new_id()), "location_id": str(shop.showroom_id), "quantity_milli": -1500, "reason": "theft",
    }  # fmt: skip
    await happened(shop, reader("adjustments"), "stock.adjustment_requested", new_id(), facts)
    (notice,) = (await told(client, keeper))["data"]
    assert (notice["kind"], notice["facts"]["quantity"], notice["branch_id"]) == (
        "adjustment_waiting", -1.5, str(shop.branch_id),
    )  # fmt: skip
    assert (await told(client, supervisor))["data"] == []


async def test_a_sale_that_waits_for_review_is_told_to_supervisors(client: httpx2.AsyncClient, house: House) -> None:
    shop = await open_a_shop(house, review_sales=True)
    clerk, supervisor = await world.hire(shop, "staff"), await world.hire(shop, "supervisor")
    cable = await world.stock_up(shop, "cable", price_minor=1000)
    body = {"lines": [{"variant_id": str(cable)}], "payments": [{"method": "cash", "amount": 1000}]}
    sale = (await client.post("/api/sales", json=body, headers=clerk.headers)).json()["data"]
    async with shop.as_() as ctx:
        await events.stamp(ctx.db, [ctx.shop_id])
    async with shop.as_() as ctx:
        await actions.tell_reviews(ctx)
    (notice,) = (await told(client, supervisor, kind="review_waiting"))["data"]
    assert (notice["entity_id"], notice["facts"]) == (sale["id"], {"number": sale["number"], "total": 1000})
    assert (await told(client, clerk))["data"] == []


async def test_only_shops_that_review_sales_have_them_read(
    house: House, shop: Shop, client: httpx2.AsyncClient
) -> None:
    reviewing = await open_a_shop(house, review_sales=True)
    for each, waits in ((shop, False), (reviewing, True)):
        cable = await world.stock_up(each, "cable", price_minor=1000)
        body = {"lines": [{"variant_id": str(cable)}], "payments": [{"method": "cash", "amount": 1000}]}
        sold = await client.post("/api/sales", json=body, headers=each.owner.headers)
        assert sold.status_code == 201
        async with each.asking() as ctx:
            kinds = set(await ctx.db.scalars(select(OutboxEvent.event)))
        assert ("sale.submitted" in kinds, "sale.created" in kinds) == (waits, True)
    assert reader("reviews").events == {"sale.submitted"}
