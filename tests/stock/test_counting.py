"""What stands on the shelves is counted by several people while the shop goes on selling, and posted once."""

import asyncio
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from duka.catalog.models import Group, Variant
from duka.ledger.models import Posting
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.stock.models import CountEntry, CountLine, Movement
from tests import world
from tests.sales.till import sold
from tests.stock.goods import Ware, held, invent, put_on_the_shelf
from tests.stock.places import Json, TwoBranches, put_on_the_shelf_in_town, two_branches
from tests.world import Person, Shop, open_a_shop, stock_up


@pytest.fixture
async def two(shop: Shop, client: httpx2.AsyncClient) -> TwoBranches:
    """A shop of two branches with ten cables in town."""
    return await two_branches(shop, client)


def entry(ware: Ware, quantity: float, **more: Any) -> Json:
    return {"id": str(new_id()), "variant_id": str(ware.variant_id), "quantity": quantity, **more}


async def begun(two: TwoBranches, by: Person | None = None, **body: Any) -> str:
    """Begin a count of town's showroom; give its address."""
    asked = {"id": str(new_id()), "location_id": str(two.shop.showroom_id), **body}
    return f"stock-counts/{(await two.done('POST', 'stock-counts', asked, by))['id']}"


async def entered(two: TwoBranches, at: str, *entries: Json, by: Person | None = None) -> None:
    await two.done("POST", f"{at}/entries", {"entries": list(entries)}, by)


async def posted(two: TwoBranches, at: str, **review: Any) -> Json:
    await two.done("POST", f"{at}/review", review)
    shown: Json = await two.done("POST", f"{at}/post")
    return shown


async def line(two: TwoBranches, at: str, ware: Ware, by: Person | None = None) -> Json:
    rows: list[Json] = await two.done("GET", f"{at}/lines", by=by)
    (found,) = [row for row in rows if row["variant_id"] == str(ware.variant_id)]
    return found


async def booked(shop: Shop) -> list[tuple[str, str, int]]:
    async with shop.asking() as ctx:
        rows = await ctx.db.scalars(select(Posting).where(Posting.source == "count").order_by(Posting.debit))
        return [(row.debit, row.credit, row.amount_minor) for row in rows]


async def test_a_count_becomes_movements_and_stands_in_the_books(two: TwoBranches) -> None:
    case = await put_on_the_shelf_in_town(two.shop, "Case", 5)
    lamp = await put_on_the_shelf_in_town(two.shop, "Lamp", 1)
    at = await begun(two, two.town)
    await entered(two, at, entry(two.cable, 8), entry(case, 6.5), entry(lamp, 1), by=two.town)
    shown = await two.done("GET", at)
    assert shown["totals"] == {
        "counted": 3, "uncounted": 0, "differing": 2, "disturbed": 0, "gain": 4500, "loss": 6000
    }
    found = await line(two, at, two.cable)
    assert (found["counted"], found["expected"], found["variance"], found["value"]) == (8, 10, -2, -6000)
    assert await held(two.shop, two.cable.variant_id) == 10_000, "nothing moves before it is posted"
    done = await posted(two, at)
    assert (done["state"], done["lines_done"], done["lines_total"]) == ("posted", 3, 3)
    assert done["posted_by"] == str(two.shop.owner.staff_id)
    assert [await held(two.shop, ware.variant_id) for ware in (two.cable, case, lamp)] == [8_000, 6_500, 1_000]
    assert await booked(two.shop) == [("1200", "5100", 4500), ("5100", "1200", 6000)]
    moved = await two.done("GET", f"stock-movements?source_id={done['id']}")
    assert {(row["kind"], row["quantity"], row["source"]) for row in moved} == {
        ("count", -2, "count"), ("count", 1.5, "count")
    }  # fmt: skip
    assert (await line(two, at, lamp))["variance"] == 0, "what was right stands in the count too"


@pytest.mark.slow
async def test_what_is_sold_after_an_entry_does_not_disturb_it(
    house: House, client: httpx2.AsyncClient
) -> None:
    """300 sales between the entries and the posting."""
    shop = await open_a_shop(house)
    rice = Ware(new_id(), await stock_up(shop, "rice", quantity_milli=400_000))
    two = TwoBranches(shop, client, shop.branch_id, shop.showroom_id, shop.owner, shop.owner, rice)
    at = await begun(two)
    await asyncio.gather(*(sold(client, shop, (rice.variant_id, 1), paid=1000) for _ in range(20)))
    await entered(two, at, entry(rice, 378))
    for _ in range(14):
        await asyncio.gather(*(sold(client, shop, (rice.variant_id, 1), paid=1000) for _ in range(20)))
    found = await line(two, at, rice)
    assert (found["expected"], found["variance"], found["disturbed"]) == (380, -2, False)
    await posted(two, at)
    assert await held(shop, rice.variant_id) == (400 - 300 - 2) * 1000


@pytest.mark.slow
async def test_sales_while_entries_and_the_posting_go_on_lose_nothing(
    house: House, client: httpx2.AsyncClient
) -> None:
    shop = await open_a_shop(house)
    wares = [Ware(new_id(), await stock_up(shop, f"rice {n}", quantity_milli=100_000)) for n in range(5)]
    two = TwoBranches(shop, client, shop.branch_id, shop.showroom_id, shop.owner, shop.owner, wares[0])
    at = await begun(two)
    selling = [sold(client, shop, *((ware.variant_id, 1) for ware in wares), paid=5000) for _ in range(30)]
    counting = [entered(two, at, entry(ware, 60)) for ware in wares]
    await asyncio.gather(*selling[:15], *counting)
    await two.done("POST", f"{at}/review", {})
    await asyncio.gather(*selling[15:], two.done("POST", f"{at}/post"))
    rows = await two.done("GET", f"{at}/lines")
    for ware in wares:
        (found,) = [row for row in rows if row["variant_id"] == str(ware.variant_id)]
        assert await held(shop, ware.variant_id) == 70_000 + 60_000 - found["expected"] * 1000


async def test_two_people_count_one_shelf_and_their_pieces_add_up(two: TwoBranches) -> None:
    supervisor = await world.hire(two.shop, "supervisor")
    at = await begun(two)
    await asyncio.gather(*(
        entered(two, at, entry(two.cable, 1, shelf="A1"), by=person)
        for person in (supervisor, two.town) for _ in range(4)
    ))  # fmt: skip
    await entered(two, at, entry(two.cable, 1, shelf="B7"), by=supervisor)
    found = await line(two, at, two.cable)
    assert (found["counted"], found["entries"], found["variance"]) == (9, 9, -1)


async def test_what_a_count_says_of_one_thing_is_found_by_it_or_by_its_name(two: TwoBranches) -> None:
    case = await put_on_the_shelf_in_town(two.shop, "Phone case", 5)
    at = await begun(two)
    await entered(two, at, entry(case, 4))
    (found,) = await two.done("GET", f"{at}/lines?variant_id={case.variant_id}")
    assert (found["variant_name"], found["variance"]) == ("Phone case", -1)
    assert [row["variant_id"] for row in await two.done("GET", f"{at}/lines?q=NE CA")] == [str(case.variant_id)]
    assert await two.done("GET", f"{at}/lines?q=case&show=uncounted") == []
    assert await two.done("GET", f"{at}/lines?q=%25") == []


async def test_a_recount_replaces_what_the_same_person_found_on_the_shelf(two: TwoBranches) -> None:
    supervisor = await world.hire(two.shop, "supervisor")
    at = await begun(two)
    await entered(two, at, entry(two.cable, 3, shelf="A1"), entry(two.cable, 2, shelf="B1"), by=two.town)
    await entered(two, at, entry(two.cable, 4, shelf="A1"), by=supervisor)
    await entered(two, at, entry(two.cable, 1, shelf="A1", recount=True), by=two.town)
    assert (await line(two, at, two.cable))["counted"] == 1 + 2 + 4
    await entered(two, at, entry(two.cable, 1, shelf="A1"), by=two.town)
    assert (await line(two, at, two.cable))["counted"] == 2 + 2 + 4
    rows = await two.done("GET", f"{at}/entries")
    assert [(row["quantity"], row["shelf"], row["recount"]) for row in rows] == [
        (1, "A1", False), (1, "A1", True), (4, "A1", False), (2, "B1", False), (3, "A1", False)
    ]  # fmt: skip
    await posted(two, at)
    assert await held(two.shop, two.cable.variant_id) == 8_000


async def test_what_moves_between_two_entries_is_flagged(two: TwoBranches) -> None:
    at = await begun(two)
    await entered(two, at, entry(two.cable, 5, shelf="A1"))
    product = two.cable.product_id
    lost = {"quantity": -1, "reason": "loss", "location_id": str(two.shop.showroom_id)}
    await two.done("POST", f"products/{product}/adjust", lost)
    await entered(two, at, entry(two.cable, 4, shelf="B1"))
    found = await line(two, at, two.cable)
    assert (found["expected"], found["variance"], found["disturbed"]) == (9, 0, True)
    assert [row["variant_id"] for row in await two.done("GET", f"{at}/lines?show=disturbed")] == [found["variant_id"]]
    for shelf, quantity in (("A1", 4), ("B1", 4)):
        await entered(two, at, entry(two.cable, quantity, shelf=shelf, recount=True))
    assert (await line(two, at, two.cable))["disturbed"] is False


async def test_who_counts_blind_does_not_see_the_books(two: TwoBranches) -> None:
    supervisor = await world.hire(two.shop, "supervisor")
    at = await begun(two, blind=True)
    await entered(two, at, entry(two.cable, 8), by=supervisor)
    hidden = {"expected", "variance", "disturbed", "value"}
    assert not hidden & (await line(two, at, two.cable, supervisor)).keys()
    assert (await two.done("GET", at, by=supervisor))["totals"] == {"counted": 1, "uncounted": 0}
    assert await two.refused("GET", f"{at}/lines?show=differing", by=supervisor) == (403, "FORBIDDEN")
    assert hidden <= (await line(two, at, two.cable)).keys(), "who approves sees them"
    await two.done("POST", f"{at}/review", {}, supervisor)
    seen = await line(two, at, two.cable, supervisor)
    assert (seen["variance"], "value" in seen) == (-2, False), "a supervisor sees no costs"
    assert "loss" not in (await two.done("GET", at, by=supervisor))["totals"]


@pytest.mark.parametrize(("uncounted", "left"), [("leave", 5_000), ("zero", 0)])
async def test_what_nobody_counted_is_left_or_is_nothing(two: TwoBranches, uncounted: str, left: int) -> None:
    case = await put_on_the_shelf_in_town(two.shop, "Case", 5)
    at = await begun(two)
    await entered(two, at, entry(two.cable, 10))
    missing = await two.done("GET", f"{at}/lines?show=uncounted")
    assert [(row["variant_name"], row["counted"], row["expected"]) for row in missing] == [("Case", None, 5)]
    assert (await two.done("GET", at))["totals"]["uncounted"] == 1
    done = await posted(two, at, uncounted=uncounted)
    assert done["uncounted"] == uncounted
    assert await held(two.shop, case.variant_id) == left
    assert await held(two.shop, two.cable.variant_id) == 10_000


async def test_a_count_is_about_a_group_with_those_below_it_or_a_list(two: TwoBranches) -> None:
    upper, lower = new_id(), new_id()
    async with two.shop.as_() as ctx:
        dated = {"shop_id": ctx.shop_id, "created_at": ctx.now, "updated_at": ctx.now, "position": 0}
        ctx.db.add(Group(id=upper, name="Phones", **dated))
        await ctx.db.flush()
        ctx.db.add(Group(id=lower, name="Cases", parent_id=upper, **dated))
    case = await invent(two.shop, "Case", group_id=lower)
    lamp = await put_on_the_shelf_in_town(two.shop, "Lamp", 1)
    at = await begun(two, scope="group", group_id=str(upper))
    await entered(two, at, entry(case, 2))
    answer = await two.ask("POST", f"{at}/entries", {"entries": [entry(case, 1), entry(lamp, 1)]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "NOT_IN_COUNT")
    assert answer.json()["error"]["details"] == {"variant_ids": [str(lamp.variant_id)]}
    assert (await line(two, at, case))["counted"] == 2, "nothing of it was written"
    await posted(two, at, uncounted="zero")
    assert [await held(two.shop, ware.variant_id) for ware in (two.cable, case, lamp)] == [10_000, 2_000, 1_000]
    at = await begun(two, scope="list", variant_ids=[str(lamp.variant_id), str(case.variant_id)])
    assert await two.refused("POST", f"{at}/entries", {"entries": [entry(two.cable, 1)]}) == (400, "NOT_IN_COUNT")
    await posted(two, at, uncounted="zero")
    assert [await held(two.shop, ware.variant_id) for ware in (two.cable, case, lamp)] == [10_000, 0, 0]


async def test_one_count_of_a_location_at_a_time(two: TwoBranches) -> None:
    bodies = [{"id": str(new_id()), "location_id": str(two.shop.showroom_id)} for _ in range(5)]
    answers = await asyncio.gather(*(two.ask("POST", "stock-counts", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    codes = {answer.json()["error"]["code"] for answer in answers if answer.status_code == 409}
    assert codes == {"COUNT_UNDER_WAY"}
    (first,) = [answer.json()["data"]["id"] for answer in answers if answer.status_code == 201]
    await two.done("POST", f"stock-counts/{first}/cancel", {"reason": "another day"})
    await begun(two)


async def test_the_steps_of_a_count(two: TwoBranches) -> None:
    at = await begun(two)
    assert await two.refused("POST", f"{at}/post") == (400, "COUNT_MOVED")
    await two.done("POST", f"{at}/review", {})
    assert await two.refused("POST", f"{at}/post") == (400, "NOTHING_COUNTED")
    assert await two.refused("POST", f"{at}/entries", {"entries": [entry(two.cable, 1)]}) == (400, "COUNT_MOVED")
    again = await two.ask("POST", f"{at}/review", {})
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert (await two.done("POST", f"{at}/reopen"))["state"] == "counting"
    await entered(two, at, entry(two.cable, 9))
    await posted(two, at)
    for verb, body in (("review", {}), ("reopen", None), ("cancel", {"reason": "too late"})):
        assert await two.refused("POST", f"{at}/{verb}", body) == (400, "COUNT_MOVED")
    assert await held(two.shop, two.cable.variant_id) == 9_000


async def test_an_entry_sent_twice_is_one(two: TwoBranches) -> None:
    at = await begun(two)
    body = {"entries": [entry(two.cable, 4), entry(two.cable, 3, shelf="B")]}
    answers = await asyncio.gather(*(two.ask("POST", f"{at}/entries", body) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert (await line(two, at, two.cable))["counted"] == 7
    changed = {"entries": [body["entries"][0] | {"quantity": 5}, entry(two.cable, 1)]}
    assert await two.refused("POST", f"{at}/entries", changed) == (409, "IDEMPOTENCY_CONFLICT")
    assert (await line(two, at, two.cable))["counted"] == 7


async def test_posting_at_once_ten_times_is_posting_once(two: TwoBranches) -> None:
    at = await begun(two)
    await entered(two, at, entry(two.cable, 4))
    await two.done("POST", f"{at}/review", {})
    answers = await asyncio.gather(*(two.ask("POST", f"{at}/post") for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert await held(two.shop, two.cable.variant_id) == 4_000
    assert await booked(two.shop) == [("5100", "1200", 18_000)]


async def test_where_sales_took_what_was_missing_the_balance_goes_below_zero(two: TwoBranches) -> None:
    at = await begun(two)
    await entered(two, at, entry(two.cable, 8))
    await two.done("POST", f"products/{two.cable.product_id}/adjust",
                   {"quantity": -9, "reason": "loss", "location_id": str(two.shop.showroom_id)})
    await posted(two, at)
    assert await held(two.shop, two.cable.variant_id) == -1_000


async def test_who_may_count_and_where(two: TwoBranches, house: House, client: httpx2.AsyncClient) -> None:
    cashier, supervisor = await world.hire(two.shop, "staff"), await world.hire(two.shop, "supervisor")
    body = {"id": str(new_id()), "location_id": str(two.shop.showroom_id)}
    assert await two.refused("POST", "stock-counts", body, cashier) == (403, "FORBIDDEN")
    assert await two.refused("POST", "stock-counts", body, two.market) == (404, "NOT_FOUND")
    at = await begun(two, supervisor)
    await entered(two, at, entry(two.cable, 9), by=supervisor)
    for method, path, sent in (
        ("GET", "", None), ("GET", "/lines", None), ("GET", "/entries", None), ("POST", "/review", {}),
        ("POST", "/entries", {"entries": [entry(two.cable, 1)]}), ("POST", "/post", None), ("POST", "/reopen", None),
        ("POST", "/cancel", {"reason": "not mine"}),
    ):  # fmt: skip
        assert await two.refused(method, at + path, sent, two.market) == (404, "NOT_FOUND")
    assert await two.done("GET", "stock-counts", by=two.market) == []
    await two.done("POST", f"{at}/review", {}, supervisor)
    assert await two.refused("POST", f"{at}/post", by=supervisor) == (403, "FORBIDDEN")
    assert (await two.done("POST", f"{at}/post", by=two.town))["state"] == "posted"


async def test_another_shops_things_are_not_there(two: TwoBranches, house: House, client: httpx2.AsyncClient) -> None:
    theirs = await two_branches(await open_a_shop(house), client)
    foreign = {"id": str(new_id()), "location_id": str(theirs.shop.showroom_id)}
    assert await two.refused("POST", "stock-counts", foreign) == (404, "NOT_FOUND")
    listed = {"location_id": str(two.shop.showroom_id), "scope": "list", "variant_ids": [str(theirs.cable.variant_id)]}
    assert await two.refused("POST", "stock-counts", listed) == (404, "NOT_FOUND")
    group = {"location_id": str(two.shop.showroom_id), "scope": "group", "group_id": str(new_id())}
    assert await two.refused("POST", "stock-counts", group) == (404, "NOT_FOUND")
    at = await begun(two)
    assert await two.refused("POST", f"{at}/entries", {"entries": [entry(theirs.cable, 1)]}) == (404, "NOT_FOUND")
    repair = await invent(two.shop, "Repair", kind="service", tracking="none")
    assert await two.refused("POST", f"{at}/entries", {"entries": [entry(repair, 1)]}) == (404, "NOT_FOUND")
    assert await theirs.refused("GET", at) == (404, "NOT_FOUND")


async def test_beginning_twice_is_beginning_once(two: TwoBranches) -> None:
    body = {"id": str(new_id()), "location_id": str(two.shop.showroom_id), "blind": True}
    answers = await asyncio.gather(*(two.ask("POST", "stock-counts", body) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert await two.refused("POST", "stock-counts", body | {"blind": False}) == (409, "IDEMPOTENCY_CONFLICT")


@pytest.mark.parametrize(
    "body",
    [
        {"scope": "group"}, {"scope": "list"}, {"group_id": str(new_id())}, {"variant_ids": [str(new_id())]},
        {"scope": "shelf"}, {"id": "11111111-1111-4111-8111-111111111111"},
    ],
)  # fmt: skip
async def test_a_count_that_makes_no_sense_is_refused(two: TwoBranches, body: Json) -> None:
    asked = {"location_id": str(two.shop.showroom_id), **body}
    assert await two.refused("POST", "stock-counts", asked) == (400, "VALIDATION_ERROR")


@pytest.mark.slow
async def test_thousands_of_lines_are_posted_by_a_job_with_progress(
    house: House, client: httpx2.AsyncClient, shop: Shop
) -> None:
    sheet = "Name,SKU,Price,Cost\n" + "".join(f"Ware {n},W{n},500,{100 + n}\n" for n in range(1200))
    files = {"file": ("wares.csv", sheet.encode())}
    taken = await client.post("/api/products/import", files=files, headers=shop.owner.headers)
    assert taken.json()["data"]["created"] == 1200, taken.text
    async with shop.asking() as ctx:
        variants = list(await ctx.db.scalars(select(Variant.id)))
    two = TwoBranches(shop, client, shop.branch_id, shop.showroom_id, shop.owner, shop.owner, Ware(new_id(), new_id()))
    at = await begun(two)
    for start in range(0, 1200, 400):
        await entered(two, at, *(entry(Ware(new_id(), each), 3) for each in variants[start : start + 400]))
    await two.done("POST", f"{at}/review", {})
    answers = await asyncio.gather(*(two.ask("POST", f"{at}/post") for _ in range(3)))
    assert {answer.status_code for answer in answers} == {202}
    assert answers[0].headers["location"] == f"/api/{at}"
    shown = answers[0].json()["data"]
    for _ in range(200):
        shown = await two.done("GET", at)
        if shown["state"] == "posted":
            break
        await asyncio.sleep(0.1)
    assert (shown["state"], shown["lines_done"], shown["lines_total"]) == ("posted", 1200, 1200)
    assert shown["totals"]["gain"] == sum(3 * (100 + n) for n in range(1200))
    async with shop.asking() as ctx:
        moved = select(func.count(), func.sum(Movement.quantity_milli)).where(Movement.kind == "count")
        lines = select(func.count()).select_from(CountLine)
        entries = select(func.count()).select_from(CountEntry)
        assert (await ctx.db.execute(moved)).one() == (1200, 3_600_000)
        assert (await ctx.db.scalar(lines), await ctx.db.scalar(entries)) == (1200, 1200)
    assert len(await booked(shop)) == 12, "one for each part"


async def test_lists_of_counts_come_as_files(two: TwoBranches) -> None:
    at = await begun(two, note="=1+1")
    await entered(two, at, entry(two.cable, 9))
    for path, words in (("stock-counts", "counting"), (f"{at}/lines", "Cable"), (f"{at}/entries", "Cable")):
        sheet = await two.ask("GET", f"{path}?format=csv")
        assert sheet.status_code == 200, sheet.text
        assert words in sheet.text
    rows = await two.done("GET", f"stock-counts?state=counting&location_id={two.shop.showroom_id}")
    assert [f"stock-counts/{row['id']}" for row in rows] == [at]
    assert await two.done("GET", "stock-counts?state=posted") == []


async def test_goods_that_were_never_here_are_found(two: TwoBranches) -> None:
    lamp = await put_on_the_shelf(two.shop, "Lamp", 0)
    at = await begun(two)
    await entered(two, at, entry(lamp, 2))
    await posted(two, at)
    assert await held(two.shop, lamp.variant_id) == 2_000
