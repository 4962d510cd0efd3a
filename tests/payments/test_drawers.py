"""A person's turn at a till: a float, cash in and out, a count, and a difference that the books know."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import select

from duka.ledger import queries as books
from duka.ledger.models import Posting
from duka.payments.models import RegisterSession
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry
from duka.shops.models import Register
from tests import world
from tests.payments.tills import Device, a_device, take
from tests.stock.test_adjusting import second_branch
from tests.world import Person, Shop

pytestmark = pytest.mark.breaks_invariants(
    "money comes with made-up documents", "payment_documents", "booked_documents", "documents_audited"
)

Client = httpx2.AsyncClient


async def open_drawer(client: Client, shop: Shop, who: Person | None = None, **body: Any) -> httpx2.Response:
    return await client.post(
        "/api/register-sessions", json={"register_id": str(shop.register_id), "float": 50_000, **body},
        headers=(who or shop.owner).headers,
    )  # fmt: skip


async def opened(client: Client, shop: Shop, who: Person | None = None, **body: Any) -> str:
    answer = await open_drawer(client, shop, who, **body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["id"])


async def move(client: Client, shop: Shop, session_id: str, direction: str, amount: int, who: Person | None = None,
               **body: Any) -> httpx2.Response:
    return await client.post(
        f"/api/register-sessions/{session_id}/cash-moves",
        json={"direction": direction, "amount": amount, "reason": "small change", **body},
        headers=(who or shop.owner).headers,
    )  # fmt: skip


async def close(client: Client, shop: Shop, session_id: str, counted: int, who: Person | None = None,
                **body: Any) -> httpx2.Response:
    return await client.post(
        f"/api/register-sessions/{session_id}/close", json={"counted": counted, **body},
        headers=(who or shop.owner).headers,
    )  # fmt: skip


async def balances(shop: Shop) -> dict[str, int]:
    """What the accounts hold, those that hold nothing left out; together they are 0."""
    async with shop.asking() as ctx:
        rows = await books.trial_balance(ctx, None, None)
    held = {row.code: row.balance for row in rows if row.balance}
    assert sum(held.values()) == 0
    return held


async def test_a_turn_from_the_float_to_the_count(shop: Shop, client: Client) -> None:
    answer = await open_drawer(client, shop)
    session = answer.json()["data"]
    assert answer.headers["location"] == f"/api/register-sessions/{session['id']}"
    assert (session["state"], session["float"], session["expected"]) == ("open", 50_000, None)
    assert session["opened_by"] == str(shop.owner.staff_id)
    await take(shop, session["id"], [("cash", 20_000), ("card", 9_000)], back=[("cash", 3_000), ("mtn_momo", 1_000)])
    await take(shop, None, [("cash", 777)])
    assert (await move(client, shop, session["id"], "in", 5_000)).status_code == 201
    assert (await move(client, shop, session["id"], "out", 12_000)).status_code == 201

    closed = (await close(client, shop, session["id"], 59_500, note="a note was torn")).json()["data"]
    assert (closed["expected"], closed["counted"], closed["difference"]) == (60_000, 59_500, -500)
    assert (closed["state"], closed["note"], closed["closed_by"]) == (
        "closed", "a note was torn", str(shop.owner.staff_id),
    )  # fmt: skip
    held = await balances(shop)
    assert held["5900"] == 500, "what is missing was lost"
    assert held["5910"] == 7_000
    assert held["1000"] == 59_500 - 50_000 + 777

    whole = (await client.get(f"/api/register-sessions/{session['id']}", headers=shop.owner.headers)).json()["data"]
    assert [(each["direction"], each["amount"]) for each in whole["cash_moves"]] == [("in", 5_000), ("out", 12_000)]
    assert {name: whole[name] for name in closed} == closed
    async with shop.asking() as ctx:
        trail = select(AuditEntry.action).where(AuditEntry.entity_id == UUID(session["id"])).order_by(AuditEntry.at)
        assert list(await ctx.db.scalars(trail)) == ["open", "close"]


async def test_too_much_in_the_drawer_is_a_gain_and_nothing_when_it_is_right(shop: Shop, client: Client) -> None:
    session_id = await opened(client, shop)
    assert (await close(client, shop, session_id, 50_700)).json()["data"]["difference"] == 700
    assert await balances(shop) == {"1000": 700, "5900": -700}
    session_id = await opened(client, shop)
    assert (await close(client, shop, session_id, 50_000)).json()["data"]["difference"] == 0
    assert await balances(shop) == {"1000": 700, "5900": -700}


async def test_a_register_has_one_open_session(shop: Shop, client: Client) -> None:
    first = await opened(client, shop)
    refused = await open_drawer(client, shop)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "REGISTER_SESSION_OPEN")
    assert refused.json()["error"]["details"] == {"register_session_id": first}
    await close(client, shop, first, 50_000)
    assert (await open_drawer(client, shop)).status_code == 201


async def test_of_twelve_who_open_a_drawer_at_once_one_does(shop: Shop, client: Client) -> None:
    answers = await asyncio.gather(*(open_drawer(client, shop) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 11


@pytest.mark.slow
async def test_the_same_documents_sent_twenty_times_are_written_once(shop: Shop, client: Client) -> None:
    opening: dict[str, Any] = {"id": str(new_id())}
    answers = await asyncio.gather(*(open_drawer(client, shop, **opening) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    first = answers[0].json()["data"]
    moving: dict[str, Any] = {"id": str(new_id())}
    answers = await asyncio.gather(*(move(client, shop, first["id"], "in", 100, **moving) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({repr(answer.json()["data"]) for answer in answers}) == 1
    answers = await asyncio.gather(*(close(client, shop, first["id"], 50_000) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert answers[0].json()["data"]["expected"] == 50_100
    assert await balances(shop) == {"5910": -100, "5900": 100}
    late = await open_drawer(client, shop, **opening)
    assert late.json()["data"] == first, "the first answer, for ever"
    assert (await move(client, shop, first["id"], "in", 100, **moving)).headers["idempotency-replayed"] == "true"


async def test_other_content_under_the_same_id_is_a_conflict(shop: Shop, client: Client) -> None:
    first, moved = str(new_id()), str(new_id())
    await opened(client, shop, id=first)
    conflicts = [await open_drawer(client, shop, id=first, float=1)]
    await move(client, shop, first, "in", 100, id=moved)
    conflicts.append(await move(client, shop, first, "in", 200, id=moved))
    await close(client, shop, first, 50_100)
    second = await opened(client, shop)
    conflicts.append(await move(client, shop, second, "in", 100, id=moved))
    assert [(each.status_code, each.json()["error"]["code"]) for each in conflicts] == (
        [(409, "IDEMPOTENCY_CONFLICT")] * 3
    )


async def test_a_closed_drawer_takes_nothing_and_is_not_counted_again(shop: Shop, client: Client) -> None:
    session_id = await opened(client, shop)
    await close(client, shop, session_id, 50_000)
    for refused in (await move(client, shop, session_id, "in", 1), await close(client, shop, session_id, 49_000)):
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "REGISTER_SESSION_CLOSED")
    assert await balances(shop) == {}


async def test_no_more_is_taken_out_than_should_be_there(shop: Shop, client: Client) -> None:
    session_id = await opened(client, shop)
    await take(shop, session_id, [("cash", 20_000), ("card", 9_000)], back=[("cash", 3_000)])
    refused = (await move(client, shop, session_id, "out", 67_001)).json()["error"]
    assert (refused["code"], refused["details"]) == ("DRAWER_SHORT", {"asked": 67_001, "held": 67_000})
    assert refused["message"] == "This drawer should hold UGX 67,000; UGX 67,001 cannot be taken out of it."
    assert (await move(client, shop, session_id, "out", 67_000)).status_code == 201
    assert (await move(client, shop, session_id, "out", 1)).json()["error"]["code"] == "DRAWER_SHORT"
    assert (await close(client, shop, session_id, 0)).json()["data"]["difference"] == 0


async def test_whoever_counts_their_own_drawer_is_not_told_what_should_be_in_it(shop: Shop, client: Client) -> None:
    cashier = await world.hire(shop, "staff")
    session_id = await opened(client, shop, cashier)
    refused = (await move(client, shop, session_id, "out", 50_001, cashier)).json()["error"]
    assert (refused["code"], refused["details"]) == ("DRAWER_SHORT", {"asked": 50_001})
    assert "50,000" not in refused["message"]


async def test_of_six_who_empty_a_drawer_at_once_one_does(shop: Shop, client: Client) -> None:
    session_id = await opened(client, shop)
    answers = await asyncio.gather(*(move(client, shop, session_id, "out", 50_000) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400, 400, 400]
    assert (await close(client, shop, session_id, 0)).json()["data"]["difference"] == 0


async def test_cash_on_its_way_and_the_count_agree(shop: Shop, client: Client) -> None:
    """Sales and the count at once: what came before is expected, what came after amends it. Nothing is missed."""
    session_id = await opened(client, shop)
    counting = close(client, shop, session_id, 60_000)
    selling = [take(shop, session_id, [("cash", 1_000)], back=[("cash", 100)]) for _ in range(16)]
    await asyncio.gather(*selling[:8], counting, *selling[8:])
    shown = (await client.get(f"/api/register-sessions/{session_id}", headers=shop.owner.headers)).json()["data"]
    assert shown["expected"] == 50_000 + 16 * 900
    held = await balances(shop)
    assert held["1000"] == 10_000, "the books hold what was counted, less the float"
    assert held["5900"] == 16 * 900 - 10_000


async def test_staff_have_their_own_drawer_and_see_no_other(shop: Shop, client: Client) -> None:
    cashier, other = await world.hire(shop, "staff", name="Amina"), await world.hire(shop, "staff", name="Bosco")
    supervisor = await world.hire(shop, "supervisor")
    mine = await opened(client, shop, cashier)
    for answer in (
        await move(client, shop, mine, "in", 100, other), await close(client, shop, mine, 50_000, other),
        await client.get(f"/api/register-sessions/{mine}", headers=other.headers),
        await open_drawer(client, shop, other, staff_id=str(cashier.staff_id)),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert (await client.get("/api/register-sessions", headers=other.headers)).json()["data"] == []
    listed = (await client.get("/api/register-sessions?state=open", headers=cashier.headers)).json()["data"]
    assert [each["id"] for each in listed] == [mine]
    assert (await move(client, shop, mine, "out", 100, cashier)).status_code == 201
    assert (await close(client, shop, mine, 49_900, supervisor)).status_code == 200
    accountant = await world.hire(shop, "accountant")
    assert (await open_drawer(client, shop, accountant)).status_code == 403
    assert len((await client.get("/api/register-sessions", headers=accountant.headers)).json()["data"]) == 1


async def test_staff_of_a_branch_work_in_their_branch(shop: Shop, client: Client) -> None:
    branch_id, _ = await second_branch(shop)
    there = await world.hire(shop, "supervisor", branch_id=branch_id)
    assert (await open_drawer(client, shop, there)).status_code == 404
    session_id = await opened(client, shop)
    assert (await close(client, shop, session_id, 50_000, there)).status_code == 404
    assert (await client.get("/api/register-sessions", headers=there.headers)).json()["data"] == []
    device = await a_device(shop, branch_id)
    assert (await open_drawer(client, shop, there, register_id=str(device.register_id))).status_code == 201


async def test_the_business_day_is_fixed_when_the_drawer_opens(shop: Shop, client: Client) -> None:
    async with shop.asking() as ctx:
        today = ctx.today()
    tomorrow = (today + timedelta(days=1)).isoformat()
    refused = await open_drawer(client, shop, business_date=tomorrow)
    assert refused.status_code == 400, "a server register has the shop's date"
    assert "business_date" in refused.json()["error"]["details"]
    device = await a_device(shop)
    ahead = await opened(client, shop, register_id=str(device.register_id), business_date=tomorrow)
    shown = (await client.get(f"/api/register-sessions/{ahead}", headers=shop.owner.headers)).json()["data"]
    assert shown["business_date"] == tomorrow
    moved = (await move(client, shop, ahead, "in", 100)).json()["data"]
    assert moved["business_date"] == tomorrow
    async with shop.asking() as ctx:
        posted = (await ctx.db.scalars(select(Posting).where(Posting.source_id == UUID(moved["id"])))).one()
        assert posted.business_date.isoformat() == tomorrow


@pytest.fixture
async def device(shop: Shop) -> Device:
    """A tablet that was at the market, without a network."""
    return await a_device(shop)


async def record(client: Client, device: Device, url: str, **body: Any) -> httpx2.Response:
    return await client.post(f"/api/register-sessions{url}", json=body, headers=device.records)


async def test_a_recorded_turn_happened_whatever_stands_open(shop: Shop, client: Client, device: Device) -> None:
    person = {"staff_id": str(shop.owner.staff_id)}
    forgotten = await opened(client, shop, register_id=str(device.register_id))
    clock = datetime(2026, 11, 20, 6, 0, tzinfo=UTC).isoformat()
    told = await record(
        client, device, "", id=str(new_id()), register_id=str(device.register_id), float=1_000, opened_at=clock,
        business_date="2026-11-20", **person,
    )  # fmt: skip
    assert told.status_code == 201, told.text
    session = told.json()["data"]
    assert (session["opened_at"], session["business_date"]) == ("2026-11-20T06:00:00.000Z", "2026-11-20")
    assert session["received_at"] != session["opened_at"]
    counted = await record(client, device, f"/{session['id']}/close", counted=1_000, closed_at=clock, **person)
    assert (counted.status_code, counted.json()["data"]["difference"]) == (200, 0)
    assert (await close(client, shop, forgotten, 50_000)).status_code == 200, "somebody still counts the other"
    unsigned = await record(client, device, "", register_id=str(device.register_id), float=1)
    assert unsigned.status_code == 202, "nobody is said to have opened it: it is set aside"


async def test_a_recorded_move_amends_a_drawer_that_was_counted(shop: Shop, client: Client, device: Device) -> None:
    session_id = await opened(client, shop, register_id=str(device.register_id))
    await close(client, shop, session_id, 49_000)
    assert await balances(shop) == {"1000": -1_000, "5900": 1_000}
    late = {"id": str(new_id()), "direction": "out", "amount": 1_500, "reason": "paid the boy"}
    for _ in range(2):
        assert (await record(client, device, f"/{session_id}/cash-moves", **late)).status_code == 201
    shown = (await client.get(f"/api/register-sessions/{session_id}", headers=shop.owner.headers)).json()["data"]
    assert (shown["expected"], shown["difference"]) == (48_500, 500)
    assert await balances(shop) == {"1000": -1_000, "5900": -500, "5910": 1_500}


async def test_more_taken_out_than_was_there_is_an_exception(shop: Shop, client: Client, device: Device) -> None:
    session_id = await opened(client, shop, register_id=str(device.register_id))
    taken = {"id": str(new_id()), "direction": "out", "amount": 50_001, "reason": "paid the supplier"}
    noted = [{"code": "DRAWER_SHORT", "details": {"asked": 50_001, "held": 50_000}}]
    for replayed in (None, "true"):
        answer = await record(client, device, f"/{session_id}/cash-moves", **taken)
        assert (answer.status_code, answer.json()["data"]["exceptions"]) == (201, noted)
        assert answer.headers.get("idempotency-replayed") == replayed
    waits = (await client.get("/api/exceptions?code=DRAWER_SHORT", headers=shop.owner.headers)).json()["data"]
    assert [(each["document"], each["document_id"]) for each in waits] == [("cash_move", taken["id"])]
    asking = {"Authorization": f"Bearer {device.credential}"}
    more = {"direction": "out", "amount": 1, "reason": "paid the supplier"}
    refused = await client.post(f"/api/register-sessions/{session_id}/cash-moves", json=more, headers=asking)
    assert refused.json()["error"]["details"] == {"asked": 1}


async def test_an_id_that_does_not_sort_by_time_is_refused_and_taken_where_it_happened(
    shop: Shop, client: Client, device: Device
) -> None:
    random_id = str(uuid4())
    asked = await open_drawer(client, shop, id=random_id)
    assert (asked.status_code, list(asked.json()["error"]["details"])) == (400, ["id"])
    session_id = await opened(client, shop, register_id=str(device.register_id))
    refused = await move(client, shop, session_id, "in", 5, id=random_id)
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, ["id"])
    moving = {"id": random_id, "direction": "in", "amount": 5, "reason": "small change"}
    assert (await record(client, device, f"/{session_id}/cash-moves", **moving)).status_code == 201


async def test_a_second_count_of_a_drawer_is_set_aside(shop: Shop, client: Client, device: Device) -> None:
    session_id = await opened(client, shop, register_id=str(device.register_id))
    await close(client, shop, session_id, 50_000)
    assert (await record(client, device, f"/{session_id}/close", counted=50_000)).status_code == 200
    assert (await record(client, device, f"/{session_id}/close", counted=49_000)).status_code == 202
    assert await balances(shop) == {}


async def test_a_move_names_whoever_made_it(shop: Shop, client: Client, device: Device) -> None:
    cashier = await world.hire(shop, "staff")
    session_id = await opened(client, shop, register_id=str(device.register_id))
    said = {"direction": "in", "amount": 5, "reason": "small change", "staff_id": str(cashier.staff_id)}
    moved = await record(client, device, f"/{session_id}/cash-moves", **said)
    assert moved.json()["data"]["staff_id"] == str(cashier.staff_id)
    unknown = await move(client, shop, session_id, "in", 5, staff_id=str(new_id()))
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "PERSON_UNKNOWN")


async def test_a_register_delivers_its_own_and_nothing_else(shop: Shop, client: Client, device: Device) -> None:
    other = await a_device(shop)
    theirs = await opened(client, shop, register_id=str(other.register_id))
    move_in = {"direction": "in", "amount": 1, "reason": "small change"}
    opening = {"register_id": str(other.register_id), "float": 0, "staff_id": str(shop.owner.staff_id)}
    for url, body in (("", opening), (f"/{theirs}/cash-moves", move_in), (f"/{theirs}/close", {"counted": 0})):
        set_aside = await record(client, device, url, **body)
        assert set_aside.status_code == 202
        asking = device.records | {"Duka-Mode": "ask"}
        refused = await client.post(f"/api/register-sessions{url}", json=body, headers=asking)
        assert refused.status_code == 404
    shown = (await client.get(f"/api/register-sessions/{theirs}", headers=shop.owner.headers)).json()["data"]
    assert (shown["state"], shown["cash_moves"]) == ("open", [])
    assert (await client.get("/api/register-sessions", headers=device.records)).status_code == 403


async def test_a_closed_till_opens_no_drawer_but_tells_of_one(shop: Shop, client: Client, device: Device) -> None:
    async with shop.as_() as ctx:
        register = (await ctx.db.scalars(select(Register).where(Register.id == device.register_id))).one()
        register.closed_at = ctx.now
    body: dict[str, Any] = {"register_id": str(device.register_id), "staff_id": str(shop.owner.staff_id)}
    refused = await open_drawer(client, shop, **body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "REGISTER_CLOSED")
    assert (await record(client, device, "", float=0, **body)).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"float": -1}, {"float": 1.5}, {"float": 10**13}, {"float": "1"}, {"register_id": None}, {"opened_at": "now"},
        {"opened_at": "9999-12-31T23:59:59-14:00"}, {"opened_at": "2026-11-20T06:00:00"}, {"schema": 2},
        {"shop_id": "x"},
    ],
)  # fmt: skip
async def test_a_drawer_is_opened_with_sense(shop: Shop, client: Client, body: dict[str, Any]) -> None:
    refused = await open_drawer(client, shop, **body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(RegisterSession))).all() == []


async def test_who_and_what_must_exist(shop: Shop, client: Client) -> None:
    nobody: list[dict[str, Any]] = [{"register_id": str(new_id())}, {"staff_id": str(new_id())}]
    for body in nobody:
        assert (await open_drawer(client, shop, **body)).status_code == 404
    assert (await move(client, shop, str(new_id()), "in", 1)).status_code == 404
    assert (await close(client, shop, str(new_id()), 1)).status_code == 404


async def test_sessions_are_found_by_register_day_and_state(shop: Shop, client: Client) -> None:
    device = await a_device(shop)
    one = await opened(client, shop)
    two = await opened(client, shop, register_id=str(device.register_id), business_date="2026-01-02")
    await close(client, shop, one, 50_000)

    async def found(query: str) -> list[str]:
        answer = await client.get(f"/api/register-sessions?{query}", headers=shop.owner.headers)
        return [each["id"] for each in answer.json()["data"]]

    assert await found("") == [two, one]
    assert await found("sort=business_date") == [two, one]
    assert await found("state=open") == [two]
    assert await found("state=closed") == [one]
    assert await found(f"register_id={device.register_id}") == [two]
    assert await found("to=2026-01-02&from=2026-01-02") == [two]
    assert await found(f"branch_id={new_id()}") == []
    csv = await client.get("/api/register-sessions?format=csv", headers=shop.owner.headers)
    assert len(csv.text.splitlines()) == 3
