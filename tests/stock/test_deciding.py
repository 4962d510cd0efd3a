"""Corrections above the shop's limit wait for somebody who may approve them."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from duka.ledger.models import Posting
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.stock import actions as stock
from duka.stock.schemas import AdjustIn
from tests import world
from tests.stock.goods import Ware, add_variant, held, put_on_the_shelf
from tests.stock.test_adjusting import second_branch
from tests.world import Shop, open_a_shop

pytestmark = pytest.mark.slow


@pytest.fixture
async def careful(house: House) -> Shop:
    """A shop where adjustments worth more than 5,000 wait."""
    shop = await open_a_shop(house, adjustment_approval_minor=5_000)
    await world.hire(shop, "supervisor")
    await world.hire(shop, "inventory_manager")
    return shop


@pytest.fixture
async def phone(careful: Shop) -> Ware:
    """Ten phones of 3,000: what was there before anybody was careful."""
    ware = await put_on_the_shelf(careful, "Phone", 1)
    for _ in range(9):
        await put_one(careful, ware)
    return ware


async def put_one(shop: Shop, ware: Ware) -> None:
    async with shop.as_() as ctx:
        await stock.adjust(ctx, ware.product_id, AdjustIn.model_validate({"quantity": 1, "reason": "opening"}))


async def ask(client: httpx2.AsyncClient, shop: Shop, ware: Ware, **body: Any) -> dict[str, Any]:
    answer = await client.post(
        f"/api/products/{ware.product_id}/adjust", json={"quantity": -2, "reason": "damage", **body},
        headers=shop.people["supervisor"].headers,
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def decide(client: httpx2.AsyncClient, shop: Shop, adjustment_id: str, verb: str, who: str) -> httpx2.Response:
    body = {"reason": "counted wrong"} if verb == "reject" else None
    return await client.post(
        f"/api/stock-adjustments/{adjustment_id}/{verb}", json=body, headers=shop.people[who].headers
    )


async def test_up_to_the_limit_nothing_waits(careful: Shop, phone: Ware, client: httpx2.AsyncClient) -> None:
    done = await ask(client, careful, phone, quantity=-1.666)
    assert (done["state"], await held(careful, phone.variant_id)) == ("applied", 8_334)


async def test_above_the_limit_it_waits_until_it_is_approved(
    careful: Shop, phone: Ware, client: httpx2.AsyncClient
) -> None:
    asked = await ask(client, careful, phone, note="fell down")
    assert (asked["state"], asked["business_date"]) == ("requested", None)
    assert await held(careful, phone.variant_id) == 10_000
    waiting = await client.get("/api/stock-adjustments?state=requested", headers=careful.owner.headers)
    assert [each["id"] for each in waiting.json()["data"]] == [asked["id"]]
    assert waiting.json()["data"][0]["value"] == -6_000

    approved = await decide(client, careful, asked["id"], "approve", "inventory_manager")
    assert approved.status_code == 200
    shown = approved.json()["data"]
    assert (shown["state"], shown["quantity"], shown["note"]) == ("applied", -2, "fell down")
    assert shown["staff_id"] == str(careful.people["supervisor"].staff_id), "who asked"
    assert shown["decided_by"] == str(careful.people["inventory_manager"].staff_id)
    assert await held(careful, phone.variant_id) == 8_000
    async with careful.asking() as ctx:
        posting = (await ctx.db.scalars(select(Posting).where(Posting.source_id == UUID(asked["id"])))).one()
        trail = select(AuditEntry.action).where(AuditEntry.entity_id == UUID(asked["id"])).order_by(AuditEntry.id)
        steps = list(await ctx.db.scalars(trail))
        told = select(OutboxEvent.event).where(OutboxEvent.entity_id == UUID(asked["id"])).order_by(OutboxEvent.id)
        events = list(await ctx.db.scalars(told))
    assert (posting.debit, posting.credit, posting.amount_minor) == ("5100", "1200", 6_000)
    assert sorted(steps) == ["adjust", "approve", "request"]
    assert events == ["stock.adjustment_requested", "stock.adjusted"]


async def test_asking_again_after_the_approval_gives_the_first_answer(
    careful: Shop, phone: Ware, client: httpx2.AsyncClient
) -> None:
    body: dict[str, Any] = {"id": str(new_id()), "quantity": -2, "reason": "damage"}
    first = await ask(client, careful, phone, **body)
    await decide(client, careful, body["id"], "approve", "owner")
    assert await ask(client, careful, phone, **body) == first
    assert await held(careful, phone.variant_id) == 8_000
    straight = await client.get(f"/api/stock-adjustments/{body['id']}", headers=careful.owner.headers)
    assert straight.json()["data"]["state"] == "applied"


async def test_twenty_approvals_at_once_are_one(careful: Shop, phone: Ware, client: httpx2.AsyncClient) -> None:
    asked = await ask(client, careful, phone)
    answers = await asyncio.gather(*(decide(client, careful, asked["id"], "approve", "owner") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert await held(careful, phone.variant_id) == 8_000


async def test_a_rejected_one_leaves_stock_and_says_why(
    careful: Shop, phone: Ware, client: httpx2.AsyncClient
) -> None:
    asked = await ask(client, careful, phone)
    for _ in range(2):
        rejected = await decide(client, careful, asked["id"], "reject", "owner")
        assert (rejected.status_code, rejected.json()["data"]["state"]) == (200, "rejected")
        assert rejected.json()["data"]["decision_reason"] == "counted wrong"
    late = await decide(client, careful, asked["id"], "approve", "owner")
    assert (late.status_code, late.json()["error"]["code"]) == (400, "REQUEST_DECIDED")
    assert late.json()["error"]["details"] == {"state": "rejected"}
    assert await held(careful, phone.variant_id) == 10_000


async def test_what_is_gone_when_it_is_approved_still_waits(
    careful: Shop, phone: Ware, client: httpx2.AsyncClient
) -> None:
    asked = await ask(client, careful, phone, quantity=-10)
    await ask(client, careful, phone, quantity=-1)
    short = await decide(client, careful, asked["id"], "approve", "owner")
    assert (short.status_code, short.json()["error"]["code"]) == (400, "OUT_OF_STOCK")
    still = await client.get(f"/api/stock-adjustments/{asked['id']}", headers=careful.owner.headers)
    assert still.json()["data"]["state"] == "requested"
    assert await held(careful, phone.variant_id) == 9_000


async def test_who_may_not_approve_may_not(careful: Shop, phone: Ware, client: httpx2.AsyncClient) -> None:
    asked = await ask(client, careful, phone)
    for verb in ("approve", "reject"):
        assert (await decide(client, careful, asked["id"], verb, "supervisor")).status_code == 403
    branch_id, _ = await second_branch(careful)
    careful.people["elsewhere"] = await world.hire(careful, "inventory_manager", branch_id=branch_id)
    for verb in ("approve", "reject"):
        assert (await decide(client, careful, asked["id"], verb, "elsewhere")).status_code == 404
        assert (await decide(client, careful, str(new_id()), verb, "owner")).status_code == 404
    assert await held(careful, phone.variant_id) == 10_000


async def test_the_list_tells_all_of_them_apart(careful: Shop, phone: Ware, client: httpx2.AsyncClient) -> None:
    applied = await ask(client, careful, phone, quantity=-1)
    waits = await ask(client, careful, phone)
    rejected = await ask(client, careful, phone)
    await decide(client, careful, rejected["id"], "reject", "owner")
    approved = await ask(client, careful, phone)
    await decide(client, careful, approved["id"], "approve", "owner")
    other = await add_variant(careful, phone.product_id, "Other")

    async def listed(query: str) -> list[str]:
        answer = await client.get(f"/api/stock-adjustments?{query}", headers=careful.people["supervisor"].headers)
        assert not any("value" in each for each in answer.json()["data"])
        return [each["id"] for each in answer.json()["data"] if each["reason"] == "damage"]

    assert await listed("") == [approved["id"], rejected["id"], waits["id"], applied["id"]]
    assert await listed("state=applied") == [approved["id"], applied["id"]]
    assert await listed("state=rejected") == [rejected["id"]]
    assert await listed(f"variant_id={other}") == []
    assert await listed("from=2999-01-01") == []
    assert await listed(f"variant_id={phone.variant_id}&location_id={careful.showroom_id}&limit=1") == [approved["id"]]
