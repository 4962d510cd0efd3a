"""Goods go from one branch to the other: asked for, approved, sent off, received, with what was missing on the way."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from duka.ledger.models import Posting
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry
from duka.shops.models import Branch
from duka.stock.actions import transferring
from duka.stock.models import Movement
from duka.stock.transfers.schemas import DispatchIn
from tests import world
from tests.stock.goods import held, invent
from tests.stock.places import TwoBranches, put_on_the_shelf_in_town, two_branches
from tests.world import Shop, open_a_shop

pytestmark = pytest.mark.slow


@pytest.fixture
async def two(shop: Shop, client: httpx2.AsyncClient) -> TwoBranches:
    """A shop of two branches with ten cables in town."""
    return await two_branches(shop, client)


async def stands(two: TwoBranches) -> tuple[int, int]:
    """How many thousandths of the cable stand in town and on the market."""
    variant_id = two.cable.variant_id
    return await held(two.shop, variant_id), await held(two.shop, variant_id, two.market_showroom_id)


async def booked(shop: Shop) -> list[tuple[str, str, int]]:
    async with shop.asking() as ctx:
        rows = await ctx.db.scalars(select(Posting).where(Posting.source == "transfer"))
        return [(row.debit, row.credit, row.amount_minor) for row in rows]


async def test_goods_leave_when_sent_and_enter_when_received(two: TwoBranches) -> None:
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 4), note="for Saturday"), two.market)
    assert (asked["state"], asked["quantity"], asked["note"]) == ("requested", 4, "for Saturday")
    at = f"transfers/{asked['id']}"
    assert (await two.done("POST", f"{at}/approve", by=two.town))["state"] == "approved"
    assert await stands(two) == (10_000, 0)
    sent = await two.done("POST", f"{at}/dispatch", {}, two.town)
    assert (sent["state"], sent["lines"][0]["dispatched"], sent["lines"][0]["unit_cost"]) == ("dispatched", 4, 3000)
    assert await stands(two) == (6_000, 0)
    received = await two.done("POST", f"{at}/receive", {}, two.market)
    assert (received["state"], received["lines"][0]["received"]) == ("received", 4)
    assert [step["step"] for step in received["steps"]] == ["request", "approve", "dispatch", "receive"]
    assert [step["staff_id"] for step in received["steps"]] == [
        str(person.staff_id) for person in (two.market, two.town, two.town, two.market)
    ]
    assert await stands(two) == (6_000, 4_000)
    assert await booked(two.shop) == [], "goods that stay in the shop are worth in the books what they were"
    async with two.shop.asking() as ctx:
        rows = await ctx.db.scalars(select(Movement).where(Movement.source == "transfer").order_by(Movement.id))
        moved = [(row.kind, row.quantity_milli, row.unit_cost_minor, str(row.source_id)) for row in rows]
        trail = select(AuditEntry.action).where(AuditEntry.entity == "stock_transfer").order_by(AuditEntry.id)
        steps = list(await ctx.db.scalars(trail))
    assert moved == [("transfer_out", -4_000, 3000, asked["id"]), ("transfer_in", 4_000, 3000, asked["id"])]
    assert steps == ["request", "approve", "dispatch", "receive"]


async def test_a_line_may_leave_with_less_or_not_at_all(two: TwoBranches) -> None:
    case = await put_on_the_shelf_in_town(two.shop, "Case", 5)
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 4), (case, 2)), two.market)
    at, (cable, cases) = f"transfers/{asked['id']}", [line["id"] for line in asked["lines"]]
    await two.done("POST", f"{at}/approve", by=two.town)

    async def sends(*lines: tuple[str, float]) -> tuple[int, str]:
        body = {"lines": [{"line_id": line, "quantity": quantity} for line, quantity in lines]}
        return await two.refused("POST", f"{at}/dispatch", body, two.town)

    assert await sends((cable, 5)) == (400, "MORE_THAN_ASKED")
    assert await sends((cable, 0), (cases, 0)) == (400, "NOTHING_LEFT")
    assert await sends((str(new_id()), 1)) == (404, "NOT_FOUND")
    body = {"lines": [{"line_id": cable, "quantity": 2.5}, {"line_id": cases, "quantity": 0}]}
    sent = await two.done("POST", f"{at}/dispatch", body, two.town)
    assert [line["dispatched"] for line in sent["lines"]] == [2.5, 0]
    await two.done("POST", f"{at}/receive", {}, two.market)
    assert await stands(two) == (7_500, 2_500)
    assert await held(two.shop, case.variant_id) == 5_000


@pytest.mark.parametrize(
    ("arrived", "difference", "town", "market", "postings"),
    [
        (3, "loss", 6_000, 3_000, [("5100", "1200", 3000)]),
        (3, "sender", 7_000, 3_000, []),
        (5.5, "loss", 6_000, 5_500, [("1200", "5100", 4500)]),
        (5.5, "sender", 4_500, 5_500, []),
        (0, "loss", 6_000, 0, [("5100", "1200", 12000)]),
    ],
)  # fmt: skip
async def test_a_difference_is_lost_or_the_senders(
    two: TwoBranches, arrived: float, difference: str, town: int, market: int, postings: list[tuple[str, str, int]]
) -> None:
    sent = await two.on_the_way()
    at, line = f"transfers/{sent['id']}/receive", {"line_id": sent["lines"][0]["id"], "quantity": arrived}
    assert await two.refused("POST", at, {"lines": [line]}, two.market) == (400, "DIFFERENCE_UNNAMED")
    received = await two.done("POST", at, {"lines": [line | {"difference": difference}]}, two.market)
    assert (received["lines"][0]["received"], received["lines"][0]["difference"]) == (arrived, difference)
    assert await stands(two) == (town, market)
    assert await booked(two.shop) == postings


async def test_what_is_over_and_the_senders_must_be_there(two: TwoBranches) -> None:
    sent = await two.on_the_way((two.cable, 10))
    at = f"transfers/{sent['id']}/receive"
    line = {"line_id": sent["lines"][0]["id"], "quantity": 11, "difference": "sender"}
    assert await two.refused("POST", at, {"lines": [line]}, two.market) == (400, "OUT_OF_STOCK")
    assert await stands(two) == (0, 0)
    assert (await two.done("GET", f"transfers/{sent['id']}"))["state"] == "dispatched"


async def test_a_line_is_named_once(two: TwoBranches) -> None:
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 4)), two.market)
    await two.done("POST", f"transfers/{asked['id']}/approve", by=two.town)
    twice = {"lines": [{"line_id": asked["lines"][0]["id"], "quantity": quantity} for quantity in (1, 2)]}
    assert await two.refused("POST", f"transfers/{asked['id']}/dispatch", twice, two.town) == (400, "VALIDATION_ERROR")
    await two.done("POST", f"transfers/{asked['id']}/dispatch", {}, two.town)
    assert await two.refused("POST", f"transfers/{asked['id']}/receive", twice, two.market) == (400, "VALIDATION_ERROR")
    assert await stands(two) == (6_000, 0)


async def test_steps_stand_in_the_order_in_which_they_were_taken(two: TwoBranches) -> None:
    """Whoever began to ask first may have waited for the other one."""
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 4)), two.market)
    transfer_id = UUID(asked["id"])
    async with two.shop.as_() as ctx:
        began_first = ctx.now
    await two.done("POST", f"transfers/{transfer_id}/approve")
    async with two.shop.as_(now=began_first) as ctx:
        await transferring.dispatch(ctx, transfer_id, DispatchIn())
    shown = await two.done("GET", f"transfers/{transfer_id}")
    assert [step["step"] for step in shown["steps"]] == ["request", "approve", "dispatch"]


async def test_no_more_leaves_than_is_there(two: TwoBranches) -> None:
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 11)), two.market)
    await two.done("POST", f"transfers/{asked['id']}/approve", by=two.town)
    answer = await two.ask("POST", f"transfers/{asked['id']}/dispatch", {}, two.town)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "OUT_OF_STOCK")
    assert answer.json()["error"]["details"] == {"short": [{"variant_id": str(two.cable.variant_id), "left": 10}]}
    assert await stands(two) == (10_000, 0)


async def test_where_the_shop_sells_below_zero_it_sends_below_zero(house: House, client: httpx2.AsyncClient) -> None:
    two = await two_branches(await open_a_shop(house, negative_stock=True), client)
    sent = await two.on_the_way((two.cable, 11))
    await two.done("POST", f"transfers/{sent['id']}/receive", {}, two.market)
    assert await stands(two) == (-1_000, 11_000)


async def test_what_has_left_can_only_be_received(two: TwoBranches) -> None:
    sent = await two.on_the_way()
    at, why = f"transfers/{sent['id']}", {"reason": "not needed"}
    for verb in ("cancel", "reject"):
        assert await two.refused("POST", f"{at}/{verb}", why) == (400, "TRANSFER_MOVED")
    approved = await two.ask("POST", f"{at}/approve")
    assert approved.headers["idempotency-replayed"] == "true", "a step that was taken is not taken again"
    assert approved.json()["data"] == sent
    assert await stands(two) == (6_000, 0)
    await two.done("POST", f"{at}/receive", {}, two.market)
    assert await two.refused("POST", f"{at}/cancel", why) == (400, "TRANSFER_MOVED")


async def test_before_it_leaves_it_may_be_called_off_or_turned_down(two: TwoBranches) -> None:
    why = {"reason": "not needed"}
    for verb, by, state in (("cancel", two.market, "cancelled"), ("reject", two.town, "rejected")):
        asked = await two.done("POST", "transfers", two.wanted((two.cable, 4)), two.market)
        at = f"transfers/{asked['id']}"
        stopped = await two.done("POST", f"{at}/{verb}", why, by)
        assert (stopped["state"], stopped["steps"][-1]["reason"]) == (state, "not needed")
        assert await two.refused("POST", f"{at}/approve", by=two.town) == (400, "TRANSFER_MOVED")
        assert await two.refused("POST", f"{at}/dispatch", {}, two.town) == (400, "TRANSFER_MOVED")
        assert await two.refused("POST", f"{at}/receive", {}, two.market) == (400, "TRANSFER_MOVED")
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 4)), two.market)
    await two.done("POST", f"transfers/{asked['id']}/approve", by=two.town)
    assert (await two.done("POST", f"transfers/{asked['id']}/cancel", why, two.town))["state"] == "cancelled"
    assert await stands(two) == (10_000, 0)


async def test_the_sender_sends_and_the_receiver_receives(two: TwoBranches) -> None:
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 4)), two.market)
    at, why = f"transfers/{asked['id']}", {"reason": "not ours"}
    for verb, body in (("approve", None), ("reject", why), ("dispatch", {})):
        assert await two.refused("POST", f"{at}/{verb}", body, two.market) == (403, "NOT_YOUR_BRANCH")
    await two.done("POST", f"{at}/approve", by=two.town)
    await two.done("POST", f"{at}/dispatch", {}, two.town)
    assert await two.refused("POST", f"{at}/receive", {}, two.town) == (403, "NOT_YOUR_BRANCH")
    await two.done("POST", f"{at}/receive", {}, two.shop.owner)
    assert await stands(two) == (6_000, 4_000)


async def test_a_third_branch_sees_nothing_of_it(two: TwoBranches) -> None:
    async with two.shop.as_() as ctx:
        branch = Branch(
            shop_id=ctx.shop_id, id=new_id(), name="Airport", created_at=ctx.now, updated_at=ctx.now
        )  # fmt: skip
        ctx.db.add(branch)
    stranger = await world.hire(two.shop, "inventory_manager", branch_id=branch.id)
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 4)), two.market)
    at = f"transfers/{asked['id']}"
    assert await two.done("GET", "transfers", by=stranger) == []
    assert await two.refused("GET", at, by=stranger) == (404, "NOT_FOUND")
    for verb, body in (("approve", None), ("dispatch", {}), ("receive", {}), ("cancel", {"reason": "because"})):
        assert await two.refused("POST", f"{at}/{verb}", body, stranger) == (404, "NOT_FOUND")
    assert await two.refused("POST", "transfers", two.wanted((two.cable, 1)), stranger) == (403, "NOT_YOUR_BRANCH")


async def test_who_may_do_what(two: TwoBranches) -> None:
    supervisor, cashier = await world.hire(two.shop, "supervisor"), await world.hire(two.shop, "staff")
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 4)), supervisor)
    assert "unit_cost" not in asked["lines"][0], "a supervisor sees no costs"
    at = f"transfers/{asked['id']}"
    assert await two.refused("POST", f"{at}/approve", by=supervisor) == (403, "FORBIDDEN")
    assert await two.refused("POST", "transfers", two.wanted((two.cable, 4)), cashier) == (403, "FORBIDDEN")
    assert (await two.done("GET", at, by=cashier))["state"] == "requested"
    await two.done("POST", f"{at}/approve")
    sent = await two.done("POST", f"{at}/dispatch", {}, supervisor)
    assert "unit_cost" not in sent["lines"][0]
    await two.done("POST", f"{at}/receive", {}, supervisor)


async def test_asking_twice_is_asking_once(two: TwoBranches) -> None:
    body = two.wanted((two.cable, 4))
    first = await two.ask("POST", "transfers", body, two.market)
    assert first.headers["location"] == f"/api/transfers/{body['id']}"
    await two.done("POST", f"transfers/{body['id']}/approve", by=two.town)
    again = await two.ask("POST", "transfers", body, two.market)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json()["data"] == first.json()["data"], "the first answer, whatever was done since"
    other = await two.refused("POST", "transfers", body | {"note": "more"}, two.market)
    assert other == (409, "IDEMPOTENCY_CONFLICT")


async def test_twenty_at_once_are_one(two: TwoBranches) -> None:
    body = two.wanted((two.cable, 4))
    answers = await asyncio.gather(*(two.ask("POST", "transfers", body, two.market) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    at = f"transfers/{body['id']}"
    for verb, sent, by in (("approve", None, two.town), ("dispatch", {}, two.town), ("receive", {}, two.market)):
        steps = [two.ask("POST", f"{at}/{verb}", sent, by) for _ in range(10)]
        answers = await asyncio.gather(*steps)
        assert {answer.status_code for answer in answers} == {200}
        assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert await stands(two) == (6_000, 4_000)


async def test_two_receivers_who_say_different_things_are_one(two: TwoBranches) -> None:
    sent = await two.on_the_way()
    line = {"line_id": sent["lines"][0]["id"], "difference": "loss"}
    bodies = [{"lines": [line | {"quantity": quantity}]} for quantity in (1, 2, 3)]
    asks = [two.ask("POST", f"transfers/{sent['id']}/receive", body, two.market) for body in bodies]
    answers = await asyncio.gather(*asks)
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    (winner,) = [answer.json()["data"] for answer in answers if answer.status_code == 200]
    assert (await stands(two))[1] == winner["lines"][0]["received"] * 1000


async def test_crossing_transfers_wait_for_each_other(two: TwoBranches) -> None:
    wares = [two.cable, *[await put_on_the_shelf_in_town(two.shop, f"Ware {n}", 10) for n in range(4)]]
    there = await two.on_the_way(*((ware, 10) for ware in wares))
    await two.done("POST", f"transfers/{there['id']}/receive", {}, two.market)
    transfers = []
    for turn in range(8):
        ends = (two.market_showroom_id, two.shop.showroom_id)
        order = wares if turn % 2 else wares[::-1]
        body = two.wanted(*((ware, 1) for ware in order)) | {
            "from_location_id": str(ends[0]), "to_location_id": str(ends[1])
        }  # fmt: skip
        asked = await two.done("POST", "transfers", body)
        await two.done("POST", f"transfers/{asked['id']}/approve")
        transfers.append(asked["id"])
    for verb in ("dispatch", "receive"):
        answers = await asyncio.gather(*(two.ask("POST", f"transfers/{each}/{verb}", {}) for each in transfers))
        assert {answer.status_code for answer in answers} == {200}
    assert await stands(two) == (8_000, 2_000)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to_location_id": "from"}, "VALIDATION_ERROR"), ({"lines": []}, "VALIDATION_ERROR"),
        ({"lines": "twice"}, "VALIDATION_ERROR"), ({"from_location_id": str(new_id())}, "NOT_FOUND"),
        ({"lines": [{"variant_id": str(new_id()), "quantity": 1}]}, "NOT_FOUND"),
        ({"id": "11111111-1111-4111-8111-111111111111"}, "VALIDATION_ERROR"),
    ],
)  # fmt: skip
async def test_a_request_that_makes_no_sense_is_refused(two: TwoBranches, change: dict[str, Any], code: str) -> None:
    body = two.wanted((two.cable, 1)) | change
    if body["to_location_id"] == "from":
        body["to_location_id"] = body["from_location_id"]
    if body["lines"] == "twice":
        body["lines"] = two.wanted((two.cable, 1), (two.cable, 2))["lines"]
    assert (await two.refused("POST", "transfers", body))[1] == code
    assert await two.done("GET", "transfers") == []


async def test_services_and_another_shops_things_do_not_move(
    two: TwoBranches, house: House, client: httpx2.AsyncClient
) -> None:
    repair = await invent(two.shop, "Repair", kind="service", tracking="none")
    assert await two.refused("POST", "transfers", two.wanted((repair, 1))) == (400, "NOT_STOCKED")
    theirs = await two_branches(await open_a_shop(house), client)
    foreign = two.wanted((two.cable, 1)) | {"to_location_id": str(theirs.market_showroom_id)}
    assert await two.refused("POST", "transfers", foreign) == (404, "NOT_FOUND")
    assert await two.refused("POST", "transfers", two.wanted((theirs.cable, 1))) == (404, "NOT_FOUND")
    sent = await theirs.on_the_way()
    for verb in ("approve", "dispatch", "receive"):
        body: Any = None if verb == "approve" else {}
        assert await two.refused("POST", f"transfers/{sent['id']}/{verb}", body) == (404, "NOT_FOUND")
    mine = await two.on_the_way()
    line = {"line_id": sent["lines"][0]["id"], "quantity": 4}
    at = f"transfers/{mine['id']}/receive"
    assert await two.refused("POST", at, {"lines": [line]}) == (404, "NOT_FOUND")


async def test_the_list_tells_what_is_on_its_way(two: TwoBranches) -> None:
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 1)), two.market)
    sent = await two.on_the_way((two.cable, 2))

    async def listed(query: str) -> list[str]:
        return [row["id"] for row in await two.done("GET", f"transfers?{query}", by=two.town)]

    assert await listed("") == [sent["id"], asked["id"]]
    assert await listed("state=dispatched") == [sent["id"]]
    assert await listed(f"location_id={two.market_showroom_id}&sort=id&limit=1") == [asked["id"]]
    assert await listed(f"branch_id={new_id()}") == []
    page = (await two.ask("GET", f"transfers?total=true&branch_id={two.market_id}")).json()["page"]
    assert page["total"] == 2
    sheet = await two.ask("GET", "transfers?format=csv")
    assert sheet.text.count("\n") == 3
    assert "Showroom" in sheet.text


async def test_who_is_bound_to_a_branch_can_name_the_places_of_the_others(two: TwoBranches) -> None:
    places = await two.done("GET", "transfers/places", by=two.market)
    assert {(place["branch_name"], place["name"]) for place in places} >= {("Market", "Showroom")}
    assert {place["branch_id"] for place in places} == {str(two.shop.branch_id), str(two.market_id)}
    sent = await two.on_the_way()
    (row,) = await two.done("GET", "transfers", by=two.market)
    town = next(place["branch_name"] for place in places if place["branch_id"] == str(two.shop.branch_id))
    assert (row["id"], row["from_branch_name"], row["to_branch_name"]) == (sent["id"], town, "Market")
