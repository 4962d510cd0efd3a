"""Goods that were counted, sent and received without a network: told later, they stand, once, in whatever order."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from duka.platform.ids import new_id
from duka.platform.models import DocumentException
from duka.platform.postgres import Urls
from duka.verify import runner
from tests.sales.device import Item, a_device
from tests.sales.till import sold
from tests.stock.goods import Ware, held
from tests.stock.late import Late
from tests.stock.places import Json, TwoBranches, two_branches
from tests.stock.test_counting import begun, entered, entry, line, posted
from tests.stock.test_transferring import stands
from tests.verify.conftest import superuser
from tests.verify.test_command import slug_of
from tests.world import Shop, stock_up

pytestmark = pytest.mark.slow


@pytest.fixture
async def two(shop: Shop, client: httpx2.AsyncClient) -> TwoBranches:
    """A shop of two branches with ten cables in town."""
    return await two_branches(shop, client)


@pytest.fixture
async def town(two: TwoBranches) -> Late:
    """The phone of town's keeper of stock."""
    return Late(await a_device(two.shop, two.client), two.town)


@pytest.fixture
async def market(two: TwoBranches) -> Late:
    """The phone of the market's keeper of stock."""
    return Late(await a_device(two.shop, two.client, two.market_id), two.market)


def in_order(shop: Shop, urls: Urls) -> None:
    """Nothing of the shop breaks an invariant."""
    tallies = runner.verify(urls, shop.house.signer, slug_of(shop, urls))
    assert tallies is not None
    assert runner.breaches_of(tallies) == []


async def approved(two: TwoBranches) -> str:
    """Four cables that the market may get; give the transfer's address."""
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 4)), two.market)
    await two.done("POST", f"transfers/{asked['id']}/approve", by=two.town)
    return f"transfers/{asked['id']}"


async def line_of(two: TwoBranches, at: str) -> str:
    """The only line of a transfer."""
    return str((await two.done("GET", at))["lines"][0]["id"])


def minutes_ago(minutes: float) -> str:
    """A moment by the device's clock."""
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def made_ago(minutes: float) -> str:
    """The id of a document that was made some minutes ago."""
    made = datetime.now(UTC) - timedelta(minutes=minutes)
    return str(UUID(int=int(made.timestamp() * 1000) << 80 | new_id().int & ((1 << 80) - 1)))


async def test_sent_and_received_without_a_network_the_goods_move_once(
    two: TwoBranches, town: Late, market: Late, urls: Urls
) -> None:
    at = await approved(two)
    sent, came = town.body(), market.body()
    assert (await town.told(f"{at}/dispatch", sent))[:2] == ("applied", [])
    assert (await market.told(f"{at}/receive", came))[:2] == ("applied", [])
    assert await stands(two) == (6_000, 4_000)
    again = await market.tells(f"{at}/receive", came)
    assert (again.headers["Duka-Verdict"], again.headers["Idempotency-Replayed"]) == ("already-applied", "true")
    assert await stands(two) == (6_000, 4_000)
    shown = await two.done("GET", at)
    assert [step["staff_id"] for step in shown["steps"][2:]] == [str(two.town.staff_id), str(two.market.staff_id)]
    in_order(two.shop, urls)


async def test_the_same_body_asked_first_is_one_step(two: TwoBranches, market: Late) -> None:
    sent = await two.on_the_way()
    at, body = f"transfers/{sent['id']}/receive", market.body()
    asked = await market.tells(at, body, mode="ask")
    assert asked.status_code == 200, asked.text
    assert (await market.told(at, body))[0] == "already-applied"
    assert await stands(two) == (6_000, 4_000)


@pytest.mark.parametrize("receiver_first", [False, True])
async def test_the_order_in_which_both_ends_tell_changes_no_stock(
    two: TwoBranches, town: Late, market: Late, urls: Urls, receiver_first: bool
) -> None:
    at = await approved(two)
    first = {"line_id": await line_of(two, at), "quantity": 3}
    sent, came = town.body(lines=[first]), market.body(lines=[first])
    if receiver_first:
        assert (await market.told(f"{at}/receive", came))[1] == ["TRANSFER_MOVED"]
        assert (await town.told(f"{at}/dispatch", sent))[1] == ["TRANSFER_MOVED", "NOTHING_MOVED"]
    else:
        await town.told(f"{at}/dispatch", sent)
        assert (await market.told(f"{at}/receive", came))[:2] == ("applied", [])
    assert await stands(two) == (7_000, 3_000)
    assert (await two.done("GET", at))["state"] == "received"
    in_order(two.shop, urls)


async def test_what_was_called_off_meanwhile_moved_all_the_same(two: TwoBranches, town: Late, urls: Urls) -> None:
    at = await approved(two)
    await two.done("POST", f"{at}/cancel", {"reason": "found elsewhere"}, two.market)
    verdict, codes, shown = await town.told(f"{at}/dispatch", town.body())
    assert (verdict, codes, shown["state"]) == ("applied-with-exceptions", ["TRANSFER_MOVED"], "dispatched")
    assert await stands(two) == (6_000, 0)
    in_order(two.shop, urls)


async def test_what_somebody_else_received_is_not_received_twice(two: TwoBranches, market: Late) -> None:
    sent = await two.on_the_way()
    at = f"transfers/{sent['id']}/receive"
    await two.done("POST", at, {}, two.market)
    body = market.body(lines=[{"line_id": sent["lines"][0]["id"], "quantity": 3, "difference": "loss"}])
    first = await market.tells(at, body)
    assert first.headers["Duka-Verdict"] == "applied-with-exceptions"
    (exception,) = first.json()["data"]["exceptions"]
    assert (exception["code"], exception["details"]["lines"][0]["quantity"]) == ("NOTHING_MOVED", 3)
    again = await market.tells(at, body)
    assert again.json()["data"] == first.json()["data"]
    assert again.headers["Duka-Verdict"] == "already-applied"
    assert await stands(two) == (6_000, 4_000)


async def test_more_left_than_the_books_have_and_a_difference_nobody_named(
    two: TwoBranches, town: Late, market: Late, urls: Urls
) -> None:
    at = await approved(two)
    await two.done("POST", f"products/{two.cable.product_id}/adjust", {"quantity": -8, "reason": "loss",
                   "location_id": str(two.shop.showroom_id)})  # fmt: skip
    assert (await town.told(f"{at}/dispatch", town.body()))[1] == ["OUT_OF_STOCK"]
    assert await stands(two) == (-2_000, 0)
    arrived = market.body(lines=[{"line_id": await line_of(two, at), "quantity": 3}])
    assert (await market.told(f"{at}/receive", arrived))[1][-1] == "DIFFERENCE_UNNAMED"
    assert await stands(two) == (-1_000, 3_000)
    in_order(two.shop, urls)


async def test_more_left_than_was_asked_for(two: TwoBranches, town: Late, market: Late, urls: Urls) -> None:
    at = await approved(two)
    sent = town.body(lines=[{"line_id": await line_of(two, at), "quantity": 6}])
    asked = await town.tells(f"{at}/dispatch", sent, mode="ask")
    assert (asked.status_code, asked.json()["error"]["code"]) == (400, "MORE_THAN_ASKED")
    verdict, codes, shown = await town.told(f"{at}/dispatch", sent)
    assert (verdict, codes) == ("applied-with-exceptions", ["MORE_THAN_ASKED"])
    (line,) = shown["exceptions"][0]["details"]["lines"]
    assert (line["asked"], line["left"]) == (4, 6)
    assert await stands(two) == (4_000, 0)
    assert (await town.told(f"{at}/dispatch", sent))[0] == "already-applied"
    await market.told(f"{at}/receive", market.body())
    assert await stands(two) == (4_000, 6_000)
    in_order(two.shop, urls)


@pytest.mark.parametrize("step", ["dispatch", "receive"])
async def test_a_transfer_of_nothing_happened_too(
    two: TwoBranches, town: Late, market: Late, urls: Urls, step: str
) -> None:
    at = await approved(two)
    nothing = {"line_id": await line_of(two, at), "quantity": 0}
    teller = town if step == "dispatch" else market
    verdict, codes, shown = await teller.told(f"{at}/{step}", teller.body(lines=[nothing]))
    assert verdict == "applied-with-exceptions"
    assert "NOTHING_LEFT" in codes
    assert shown["state"] == ("dispatched" if step == "dispatch" else "received")
    assert await stands(two) == (10_000, 0)
    in_order(two.shop, urls)


async def test_a_shelf_of_signs_that_nobody_sees_is_counted(two: TwoBranches, town: Late) -> None:
    at = await begun(two)
    body = town.body(entries=[entry(two.cable, 9, shelf="A\x1d3")])
    asked = await town.tells(f"{at}/entries", body, mode="ask")
    assert (asked.status_code, list(asked.json()["error"]["details"])) == (400, ["entries.0.shelf"])
    assert (await town.told(f"{at}/entries", body))[0] == "applied"
    assert (await line(two, at, two.cable))["counted"] == 9


async def test_a_till_of_another_branch_and_somebody_who_left_are_told(
    two: TwoBranches, town: Late, market: Late
) -> None:
    at = await approved(two)
    stranger = town.body(staff_id=str(new_id()), business_date="2020-01-01")
    wrong = Late(market.device, two.town)
    assert (await wrong.told(f"{at}/dispatch", stranger))[1] == ["NOT_YOUR_BRANCH", "DATE_FAR", "WORKER_UNKNOWN"]
    asked = await town.tells(f"{at}/receive", stranger, mode="ask")
    assert (asked.status_code, asked.json()["error"]["code"]) == (403, "NOT_YOUR_BRANCH")


async def test_a_transfer_that_is_not_the_shops_or_has_no_id_is_set_aside(two: TwoBranches, town: Late) -> None:
    for path, body in (
        (f"transfers/{new_id()}/dispatch", town.body()),
        (f"{await approved(two)}/dispatch", {"lines": []}),
        (f"{await approved(two)}/dispatch", town.body(lines=[{"line_id": str(new_id()), "quantity": 1}])),
    ):
        answer = await town.tells(path, body)
        assert (answer.status_code, answer.headers["Duka-Verdict"]) == (202, "quarantined"), answer.text
    assert await stands(two) == (10_000, 0)


async def test_what_was_counted_is_held_against_the_books_of_its_own_time(
    two: TwoBranches, town: Late, urls: Urls
) -> None:
    at, device = await begun(two), town.device
    variant_id = await stock_up(two.shop, "charger")
    cable, charger = Item(variant_id, "charger"), Ware(new_id(), variant_id)
    before = device.ring((cable, 2), id=made_ago(20))
    counted = town.body(entries=[entry(charger, 8, shelf="A3", counted_at=minutes_ago(0))])
    after = device.ring((cable, 1), id=made_ago(-1))
    await sold(two.client, two.shop, (variant_id, 3), paid=3000)
    for body in (before, after):
        assert (await device.deliver(body)).status_code == 201
    verdict, _, taken = await town.told(f"{at}/entries", counted)
    assert (verdict, taken["entries"]) == ("applied", 1)
    shown = await line(two, at, charger)
    assert (shown["counted"], shown["expected"], shown["variance"]) == (8, 8, 0), "two were sold before, four after"
    again = await town.tells(f"{at}/entries", counted)
    assert (again.headers["Duka-Verdict"], again.json()["data"]["entries"]) == ("already-applied", 1)
    await posted(two, at)
    assert await held(two.shop, variant_id) == 4_000
    in_order(two.shop, urls)


async def test_entries_stand_in_the_order_in_which_they_were_counted(two: TwoBranches, town: Late) -> None:
    at = await begun(two)
    await entered(two, at, entry(two.cable, 9), by=two.town)
    late = town.body(entries=[entry(two.cable, 5, recount=True, counted_at=minutes_ago(30))])
    await town.told(f"{at}/entries", late)
    assert (await line(two, at, two.cable))["counted"] == 14, "what was counted anew before replaces nothing after it"


async def test_what_is_counted_while_others_look_through_it_still_counts(two: TwoBranches, town: Late) -> None:
    at = await begun(two)
    await two.done("POST", f"{at}/review", {})
    verdict, codes, _ = await town.told(f"{at}/entries", town.body(entries=[entry(two.cable, 7)]))
    assert (verdict, codes) == ("applied-with-exceptions", ["COUNT_MOVED"])
    assert (await line(two, at, two.cable))["counted"] == 7


async def test_what_comes_after_the_posting_is_kept_to_settle(
    two: TwoBranches, town: Late, market: Late, urls: Urls
) -> None:
    at = await begun(two)
    await entered(two, at, entry(two.cable, 10))
    await posted(two, at)
    body = market.body(entries=[entry(two.cable, 7, shelf="B1")])
    first = await market.tells(f"{at}/entries", body)
    codes = [each["code"] for each in first.json()["data"]["exceptions"]]
    assert codes == ["OTHER_BRANCH", "ENTRIES_LEFT_OUT"]
    details = first.json()["data"]["exceptions"][1]["details"]
    assert (details["reason"], details["entries"][0]["shelf"], details["entries"][0]["quantity"]) == ("posted", "B1", 7)
    again = await market.tells(f"{at}/entries", body)
    assert again.json()["data"] == first.json()["data"]
    assert (first.headers["Duka-Verdict"], again.headers["Duka-Verdict"]) == (
        "applied-with-exceptions", "already-applied",
    )  # fmt: skip
    async with two.shop.asking() as ctx:
        assert len((await ctx.db.scalars(select(DocumentException))).all()) == 2
    assert await held(two.shop, two.cable.variant_id) == 10_000
    in_order(two.shop, urls)


async def test_what_the_count_is_not_about_is_left_out_and_the_rest_counts(two: TwoBranches, town: Late) -> None:
    at = await begun(two, scope="list", variant_ids=[str(two.cable.variant_id)])
    stranger: Json = entry(two.cable, 2) | {"variant_id": str(new_id())}
    verdict, codes, taken = await town.told(f"{at}/entries", town.body(entries=[entry(two.cable, 9), stranger]))
    assert (verdict, codes, taken["entries"]) == ("applied-with-exceptions", ["ENTRIES_LEFT_OUT"], 1)
    assert (await line(two, at, two.cable))["counted"] == 9


async def test_a_person_enters_in_their_own_name(two: TwoBranches) -> None:
    at = await begun(two)
    body = {"staff_id": str(two.market.staff_id), "entries": [entry(two.cable, 1)]}
    assert await two.refused("POST", f"{at}/entries", body, two.town) == (404, "WORKER_UNKNOWN")


@pytest.mark.breaks_invariants("an exception is taken away", "transfer_steps")
async def test_a_step_out_of_turn_needs_its_exception(two: TwoBranches, town: Late, urls: Urls) -> None:
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 4)), two.market)
    await town.told(f"transfers/{asked['id']}/dispatch", town.body())
    in_order(two.shop, urls)
    with superuser() as forger:
        forger.execute("DELETE FROM document_exceptions WHERE shop_id = %s", [two.shop.shop_id])
        forger.commit()
    tallies = runner.verify(urls, two.shop.house.signer, slug_of(two.shop, urls))
    assert tallies is not None
    assert {breach.invariant for breach in runner.breaches_of(tallies)} == {"transfer_steps"}


async def test_a_clock_at_1970_does_not_choose_what_the_books_said(two: TwoBranches, town: Late) -> None:
    at = await begun(two)
    told = town.body(entries=[entry(two.cable, 10, counted_at="1970-01-01T00:00:00Z")])
    assert (await town.told(f"{at}/entries", told))[0] == "applied"
    shown = await line(two, at, two.cable)
    assert (shown["counted"], shown["expected"], shown["variance"]) == (10, 10, 0)


async def test_a_credential_delivers_what_was_done_and_takes_no_step_of_its_own(two: TwoBranches, town: Late) -> None:
    at, path = await begun(two), await approved(two)
    why = {"reason": "no need"}
    steps: dict[str, Json] = {
        f"{at}/review": {}, f"{at}/reopen": {}, f"{at}/cancel": why, f"{path}/cancel": why,
    }  # fmt: skip
    for each, body in steps.items():
        for mode in ("ask", "record"):
            answer = await town.tells(each, body, mode=mode)
            told = (answer.status_code, answer.json()["error"]["code"])
            assert told == (403, "NOT_FOR_REGISTERS"), (each, answer.text)


async def test_what_nobody_is_said_to_have_done_is_looked_at(two: TwoBranches, town: Late) -> None:
    at = await begun(two)
    told = town.body(staff_id=None, entries=[entry(two.cable, 9)])
    assert (await town.told(f"{at}/entries", told))[1] == ["WORKER_UNKNOWN"]
