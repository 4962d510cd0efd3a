"""Stock is counted, sent on, priced and labelled on the screen, by several people, each with a device of their own."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.app import acts
from tests.app.acts import Desk, Json, amount, button, dialog
from tests.app.conftest import DESKTOP, PHONE, opened
from tests.app.device import on_the_device
from tests.app.site import Site
from tests.purchasing.buying import came
from tests.sales.till import sold
from tests.stock.places import TwoBranches, two_branches
from tests.stock.tracked import delivered, followed, last_day, phones
from tests.world import Person, Shop, hire, stock_up

EAN = "6001240100134"


@pytest.fixture
async def desk(shop: Shop, client: httpx2.AsyncClient) -> Desk:
    """Another owner, who looks at what the screens did."""
    return Desk(client, await hire(shop, "owner", name="Achieng"))


@asynccontextmanager
async def at_work(chromium: Browser, site: Site, person: Person, *, phone: bool = False) -> AsyncIterator[Page]:
    """Somebody who is logged in on a device of their own that knows the shop's goods."""
    async with opened(chromium, site, PHONE if phone else DESKTOP) as page:
        await site.log_in(page, person)
        await acts.delivered(page)
        yield page


async def begun(desk: Desk, shop: Shop, **how: bool) -> Json:
    """A count of the showroom."""
    asked = {"location_id": str(shop.showroom_id), **how}
    count: Json = await desk.send("POST", "/api/stock-counts", asked, status=201)
    return count


async def find(page: Page, text: str) -> None:
    """Find something by typing a part of its name, in the field that scanners use too."""
    await page.get_by_role("combobox", name=re.compile("^Scan or find")).fill(text)
    await page.get_by_role("option", name=text).first.click()


def counter(page: Page) -> Locator:
    """Where one counts."""
    return page.get_by_role("region", name="Count here")


def tile(page: Page, name: str) -> Locator:
    """A figure of the count."""
    return page.locator("dl > div").filter(has=page.get_by_text(name, exact=True)).locator("dd")


def shown(page: Page, name: str) -> Locator:
    """The row about something, in a table."""
    return page.get_by_role("row").filter(has_text=name)


async def test_two_people_count_while_the_shop_sells(
    chromium: Browser, site: Site, shop: Shop, client: httpx2.AsyncClient, desk: Desk
) -> None:
    cable = await stock_up(shop, "USB cable", price_minor=1000, cost_minor=600)
    await stock_up(shop, "Fast charger", price_minor=25_000, quantity_milli=5_000)
    await acts.put_barcode(client, shop, "USB cable", EAN)
    okello = await hire(shop, "inventory_manager", branch_id=shop.branch_id, name="Okello")
    async with (
        at_work(chromium, site, shop.owner) as owner, at_work(chromium, site, okello, phone=True) as other,
    ):  # fmt: skip
        await acts.go(owner, "/counts")
        await button(owner, "Begin a count").first.click()
        await button(dialog(owner, "Begin a count"), "Begin a count").click()
        await expect(counter(owner)).to_be_visible()
        # In the field no pause between two keys can be too long, however busy the machine is.
        await owner.get_by_role("combobox", name=re.compile("^Scan or find")).focus()
        for pieces in ("1", "2", "3"):
            await acts.scan(owner, EAN)
            await expect(counter(owner).get_by_label("How many are there?")).to_have_value(pieces)
        await button(counter(owner), "Counted").click()
        await expect(counter(owner)).to_contain_text("3 counted in all")
        await expect(counter(owner)).to_contain_text("the books say 10: -7")

        await acts.go(other, "/counts")
        await other.get_by_role("link", name="Showroom").first.click()
        await find(other, "USB cable")
        await counter(other).get_by_label("How many are there?").fill("6")
        await button(counter(other), "Counted").click()
        await expect(counter(other)).to_contain_text("9 counted in all")

        await sold(client, shop, (cable, 1), paid=1000, by=desk.who)
        await expect(shown(owner, "Okello")).to_contain_text("6", timeout=20_000)
        await button(owner, "End the counting").click()
        await button(dialog(owner, "End the counting"), "End the counting").click()
        await expect(owner.get_by_text("To look through")).to_be_visible()
        await expect(tile(owner, "Differ")).to_have_text("1")
        await expect(shown(owner, "USB cable")).to_contain_text("-1")
        await expect(shown(owner, "USB cable")).to_contain_text(amount("600"))
        await button(owner, "Post the count").click()
        await button(owner.get_by_role("dialog"), "Post the count").click()
        await expect(owner.get_by_text("Posted", exact=True)).to_be_visible()
    stock = {row["variant_name"]: row["quantity"] for row in await desk.get("/api/stock")}
    assert stock == {"USB cable": 8, "Fast charger": 5}


async def test_what_was_counted_so_far_fits_beside_where_one_counts(
    chromium: Browser, site: Site, shop: Shop, desk: Desk
) -> None:
    charger = await stock_up(shop, "Tembo wireless charger 15 W, white", cost_minor=61_300)
    count = await begun(desk, shop)
    entered = {"entries": [{"variant_id": str(charger), "quantity": 7}]}
    await desk.send("POST", f"/api/stock-counts/{count['id']}/entries", entered, status=201)
    async with at_work(chromium, site, shop.owner) as page:
        await acts.go(page, f"/counts/{count['id']}?tab=lines")
        table = page.get_by_role("region", name="Items", exact=True)
        await expect(table).to_contain_text(amount("183,900"))
        assert await table.evaluate("(box) => box.scrollWidth - box.clientWidth") == 0


async def test_who_counts_blind_is_not_told_and_may_count_a_shelf_anew(
    chromium: Browser, site: Site, shop: Shop, desk: Desk
) -> None:
    await stock_up(shop, "USB cable")
    count = await begun(desk, shop, blind=True)
    amina = await hire(shop, "supervisor", branch_id=shop.branch_id, name="Amina")
    async with at_work(chromium, site, amina, phone=True) as page:
        await acts.go(page, f"/counts/{count['id']}")
        for quantity in ("4", "7"):
            await find(page, "USB cable")
            await counter(page).get_by_label("How many are there?").fill(quantity)
            if quantity == "7":
                await counter(page).get_by_label("This replaces what I counted").check()
            await button(counter(page), "Counted").click()
            await expect(counter(page)).to_contain_text(f"{quantity} counted in all")
        await expect(page.get_by_text("the books say")).to_have_count(0)
        await expect(tile(page, "Differ")).to_have_count(0)
    (line,) = await desk.get(f"/api/stock-counts/{count['id']}/lines")
    assert line["counted"] == 7


async def test_what_is_counted_without_a_network_is_kept_and_sent_later(
    chromium: Browser, site: Site, shop: Shop, desk: Desk
) -> None:
    await stock_up(shop, "USB cable")
    count = await begun(desk, shop)
    async with at_work(chromium, site, shop.owner, phone=True) as page:
        await acts.go(page, f"/counts/{count['id']}")
        await expect(counter(page)).to_be_visible()
        await page.route("**/entries", lambda route: route.abort())
        await find(page, "USB cable")
        await button(counter(page), "Counted").click()
        await expect(counter(page)).to_contain_text("1 part of your counting waits")
        await page.reload()
        await expect(counter(page)).to_contain_text("1 part of your counting waits")
        await page.unroute("**/entries")
        await expect(counter(page)).not_to_contain_text("waits on this device", timeout=20_000)
    assert len(await desk.get(f"/api/stock-counts/{count['id']}/entries")) == 1


async def test_a_transfer_is_seen_from_both_sides_and_arrives_with_a_difference(
    chromium: Browser, site: Site, shop: Shop, client: httpx2.AsyncClient
) -> None:
    two: TwoBranches = await two_branches(shop, client)
    desk = Desk(client, await hire(shop, "owner", name="Achieng"))
    async with (
        at_work(chromium, site, two.market, phone=True) as market, at_work(chromium, site, two.town) as town,
    ):  # fmt: skip
        await acts.go(market, "/transfers/new")
        await market.get_by_label("To", exact=True).select_option(str(two.market_showroom_id))
        await market.get_by_label("From", exact=True).select_option(str(shop.showroom_id))
        await find(market, "Cable")
        await market.get_by_label("Quantity: Cable").fill("4")
        await expect(market.get_by_text("10 there")).to_be_visible()
        await button(market, "Ask for it").click()
        await expect(market.get_by_role("heading", name="What happened")).to_be_visible()
        await expect(button(market, "Approve")).to_have_count(0)

        await acts.go(town, "/transfers")
        await expect(town.get_by_text("Your turn").locator("visible=true")).to_be_visible()
        await town.get_by_role("row").nth(1).get_by_role("link").click()
        await button(town, "Approve").click()
        await button(town, "Send it off").click()
        await button(town.locator("form"), "Send it off").click()
        await expect(town.get_by_text("in transit")).to_be_visible()

        await market.reload()
        await expect(market.get_by_text("in transit")).to_be_visible()
        await button(market, "Receive it").click()
        await market.get_by_label("Arrived: Cable").fill("3")
        await expect(button(market.locator("form"), "Receive it")).to_be_disabled()
        await market.get_by_text("It is lost").click()
        await button(market.locator("form"), "Receive it").click()
        await expect(market.get_by_text("Lost", exact=True).locator("visible=true")).to_be_visible()
    stock = {row["location_id"]: row["quantity"] for row in await desk.get("/api/stock")}
    assert stock == {str(shop.showroom_id): 6, str(two.market_showroom_id): 3}


async def test_who_may_let_goods_go_sends_them_at_once_and_each_button_is_on_the_screen(
    chromium: Browser, site: Site, shop: Shop, client: httpx2.AsyncClient
) -> None:
    two: TwoBranches = await two_branches(shop, client)
    async with at_work(chromium, site, two.town, phone=True) as town:
        await acts.go(town, "/transfers/new")
        await expect(town.get_by_label("To", exact=True)).to_have_value(str(shop.showroom_id))
        await town.get_by_label("From", exact=True).select_option(str(shop.showroom_id))
        await expect(town.get_by_label("To", exact=True)).to_have_value("")
        await town.get_by_label("To", exact=True).select_option(str(two.market_showroom_id))
        await expect(town.get_by_text("Or send them from here at once")).to_be_visible()
        await find(town, "Cable")
        await expect(town.get_by_role("link", name="Cancel")).to_be_in_viewport(ratio=1)
        await button(town, "Send them now").click()
        await expect(town.get_by_text("in transit")).to_be_visible()
        await acts.go(town, "/transfers")
        await expect(town.get_by_text("1 item, 1 in all").locator("visible=true")).to_be_visible()


async def test_phones_and_batches_are_named_as_they_leave_and_as_they_arrive(
    chromium: Browser, site: Site, shop: Shop, client: httpx2.AsyncClient
) -> None:
    two: TwoBranches = await two_branches(shop, client)
    here = str(shop.showroom_id)
    phone = await phones(shop, client, "S1", "S2", "S3", location_id=here)
    syrup = await followed(shop, "syrup", "batch", price_minor=1_000, cost_minor=600)
    batches = [came(syrup, 5, price=600, batch={"number": number} | last_day(30)) for number in ("A", "B")]
    await delivered(shop, client, *batches, location_id=here)
    lines = [{"variant_id": str(phone), "quantity": 2}, {"variant_id": str(syrup), "quantity": 1}]
    asked = await two.done("POST", "transfers", two.wanted() | {"lines": lines}, two.market)
    await two.done("POST", f"transfers/{asked['id']}/approve", by=two.town)
    async with at_work(chromium, site, two.town, phone=True) as town:
        await acts.go(town, f"/transfers/{asked['id']}")
        await button(town, "Send it off").click()
        sending = town.locator("form")
        await expect(sending).to_contain_text("0 of 2 named")
        await button(sending, "Send it off").click()
        await expect(sending.get_by_role("alert")).to_contain_text("serial")
        await town.get_by_label("Serial numbers: phone").fill("s3\nS1")
        await expect(sending).to_contain_text("2 of 2 named")
        await town.get_by_label("Batch: syrup").fill("B")
        await button(sending, "Send it off").click()
        await expect(town.get_by_text("Batch B: 1").locator("visible=true")).to_be_visible()
        await expect(town.get_by_text(re.compile("S3, S1|S1, S3")).locator("visible=true")).to_be_visible()
    async with at_work(chromium, site, two.market, phone=True) as market:
        await acts.go(market, f"/transfers/{asked['id']}")
        await button(market, "Receive it").click()
        await market.get_by_label("Arrived: phone").fill("1")
        await market.get_by_text("It is lost").click()
        await expect(button(market.locator("form"), "Receive it")).to_be_disabled()
        await market.get_by_role("checkbox", name="S1").uncheck()
        await button(market.locator("form"), "Receive it").click()
        await expect(market.get_by_text("Received", exact=True).first).to_be_visible()
    units = {unit["serials"][0]: unit["state"] for unit in await two.done("GET", "stock-units")}
    assert units == {"S1": "written_off", "S2": "in_stock", "S3": "in_stock"}


async def test_a_code_that_nothing_here_has_takes_no_other_goods(
    chromium: Browser, site: Site, shop: Shop, client: httpx2.AsyncClient
) -> None:
    two: TwoBranches = await two_branches(shop, client)
    await acts.put_barcode(client, shop, "Cable", EAN)
    async with at_work(chromium, site, two.town) as town:
        await acts.go(town, "/transfers/new")
        await on_the_device(town)
        field = town.get_by_role("combobox", name=re.compile("^Scan or find"))
        await field.click()
        await expect(town.get_by_role("option", name="Cable")).to_be_visible()
        await acts.scan(town, "6001240199999")
        await expect(town.get_by_text("Nothing here has the code 6001240199999.")).to_be_visible()
        await expect(town.get_by_label("Quantity: Cable")).to_have_count(0)
        await acts.scan(town, EAN)
        await expect(town.get_by_label("Quantity: Cable")).to_have_value("1")


async def test_goods_on_their_way_and_what_moved_show_with_the_product(
    chromium: Browser, site: Site, shop: Shop, client: httpx2.AsyncClient
) -> None:
    two = await two_branches(shop, client)
    await two.done("POST", f"products/{two.cable.product_id}/adjust", {"quantity": 2, "reason": "found",
        "location_id": str(two.market_showroom_id)})  # fmt: skip
    await two.on_the_way((two.cable, 4))
    async with at_work(chromium, site, shop.owner) as page:
        await acts.go(page, f"/products/{two.cable.product_id}?tab=stock")
        await expect(page.get_by_text("4 on the way here")).to_be_visible()
        table = page.get_by_role("table", name="Movements")
        after = table.get_by_role("row").locator("td:last-child")
        await expect(after).to_have_text([re.compile(rf"\b{level}$") for level in (8, 12, 10)])
        await page.get_by_role("tab", name="Prices over time").click()
        await expect(page.get_by_role("table", name="Price and cost over time").first).to_be_visible()
        await acts.go(page, "/stock?tab=worth")
        await expect(page.get_by_text("On the way between places")).to_be_visible()
        costs = page.get_by_role("region", name="Costs by business time")
        await expect(costs).to_contain_text("Not closed yet")
        await button(page, "Close the costs now").click()
        await expect(costs).to_contain_text("Closed up to")
        await expect(costs).to_contain_text("found nothing to change")


async def test_prices_change_as_they_were_shown_and_are_taken_back(
    chromium: Browser, site: Site, shop: Shop, desk: Desk
) -> None:
    await stock_up(shop, "USB cable", price_minor=1000)
    await stock_up(shop, "Fast charger", price_minor=25_010)

    async def prices() -> dict[str, int]:
        rows = await desk.get("/api/products")
        return {row["name"]: row["variants"][0]["price"] for row in rows}

    async with at_work(chromium, site, shop.owner) as page:
        await acts.go(page, "/price-changes/new")
        await page.get_by_text("Everything", exact=True).click()
        await page.get_by_label("Percent", exact=True).last.fill("10")
        await page.get_by_label("Round to").fill("50")
        await button(page, "Show the new prices").click()
        await expect(shown(page, "Fast charger")).to_contain_text(amount("27,500"))
        await expect(shown(page, "USB cable")).to_contain_text(amount("1,100"))
        assert await prices() == {"USB cable": 1000, "Fast charger": 25_010}
        await button(page, "Apply 2 prices").click()
        await expect(page.get_by_text("2 prices are changed.")).to_be_visible()
        assert await prices() == {"USB cable": 1100, "Fast charger": 27_500}
        await button(page, "Take it back").click()
        await expect(page.get_by_role("heading", name="Take a price change back")).to_be_visible()
        assert await prices() == {"USB cable": 1100, "Fast charger": 27_500}, "it is looked at first"
        await button(page, "Apply 2 prices").click()
        await expect(page.get_by_text("Applied", exact=True).first).to_be_visible()
        assert await prices() == {"USB cable": 1000, "Fast charger": 25_010}


async def test_labels_come_as_a_file(chromium: Browser, site: Site, shop: Shop, client: httpx2.AsyncClient) -> None:
    await stock_up(shop, "USB cable")
    await acts.put_barcode(client, shop, "USB cable", EAN)
    async with at_work(chromium, site, shop.owner) as page:
        await acts.go(page, "/products")
        await page.get_by_role("checkbox", name="Choose USB cable").check()
        await page.get_by_role("link", name="Print labels").click()
        await page.get_by_label("Labels: USB cable").fill("70")
        await expect(page.get_by_text("on 2 sheets")).to_be_visible()
        async with page.expect_download() as saving:
            await button(page, "Save the PDF").click()
        file = await (await saving.value).path()
        assert file.read_bytes().startswith(b"%PDF-")


async def test_a_new_shop_begins_with_a_ready_list(chromium: Browser, site: Site, shop: Shop, desk: Desk) -> None:
    async with at_work(chromium, site, shop.owner, phone=True) as page:
        await acts.go(page, "/products")
        await page.get_by_role("link", name="Begin with a ready list").click()
        await button(page, "Look inside: Grocery").click()
        await expect(dialog(page, "Grocery").get_by_role("listitem").first).to_be_visible()
        await button(dialog(page, "Grocery"), "Add it").click()
        await expect(page.get_by_role("heading", name=re.compile(r"^\d+ items added: Grocery$"))).to_be_visible()
        assert len(await desk.get("/api/products", limit=200)) > 50
        await button(page, "Undo it all").click()
        await button(page.get_by_role("dialog"), "Undo it all").click()
        await expect(page.get_by_text(re.compile("^Taken back"))).to_be_visible()
    assert await desk.get("/api/products") == []
