"""A transfer and a count that begin where there is no network: both are there at once and arrive once, in order."""

import re

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from duka.platform.postgres import Urls
from tests.app import acts, kept
from tests.app.acts import Desk, button, dialog
from tests.app.conftest import PHONE, opened
from tests.app.device import cut, on_the_device, restore, until
from tests.app.site import Site
from tests.app.test_stock_stories import counter, find
from tests.stock.places import TwoBranches, two_branches
from tests.stock.test_told_late import in_order
from tests.world import Person, Shop, hire, stock_up


@pytest.fixture
async def desk(shop: Shop, client: httpx2.AsyncClient) -> Desk:
    """The owner, who looks at what the screens did."""
    return Desk(client, shop.owner)


@pytest.fixture
async def okello(shop: Shop) -> Person:
    """Who works in the yard behind the shop."""
    return await hire(shop, "owner", name="Okello")


@pytest.fixture
async def two(shop: Shop, client: httpx2.AsyncClient) -> TwoBranches:
    """A shop of two branches with ten cables in town."""
    return await two_branches(shop, client)


async def knows_the_places(page: Page) -> bool:
    """Whether the device keeps where goods stand."""
    return any(row["key"] == "transfer-places" for row in await kept.rows(page, "seen"))


async def away(page: Page, site: Site, person: Person) -> None:
    """A till that knows what it needs, and then has no network."""
    await acts.at_the_till(page, site, person)
    await on_the_device(page)
    await until(lambda: knows_the_places(page))
    await cut(page)


async def test_a_transfer_that_is_sent_without_a_network_is_there_at_once_and_arrives_once(
    chromium: Browser, site: Site, shop: Shop, two: TwoBranches, okello: Person, desk: Desk, urls: Urls
) -> None:
    async with opened(chromium, site, PHONE) as yard:
        await away(yard, site, okello)
        await acts.go(yard, "/transfers/new")
        await expect(yard.get_by_text("Without a network goods can be sent, not asked for")).to_be_visible()
        await expect(yard.get_by_label("From")).to_have_value(str(shop.showroom_id))
        await yard.get_by_label("To", exact=True).select_option(str(two.market_showroom_id))
        await find(yard, "Cable")
        await yard.get_by_label("Quantity: Cable").fill("12")
        await button(yard, "Send them now").click()

        await expect(yard.get_by_text("What you did with this transfer waits")).to_be_visible()
        await expect(yard.get_by_text("On its way", exact=True).first).to_be_visible()
        await expect(button(yard, "Receive it")).to_have_count(0)
        await acts.go(yard, "/transfers")
        begun = yard.get_by_role("region", name=re.compile("1 transfer was sent here"))
        told = begun.get_by_role("link", name=re.compile("1 item, 12 in all"))
        await expect(told).to_contain_text("waits to be sent")
        await restore(yard)
        await expect(begun).to_have_count(0)
        await expect(yard.get_by_role("link", name=re.compile("Market"))).to_be_visible()
    (sent,) = await desk.get("/api/transfers")
    shown = await desk.get(f"/api/transfers/{sent['id']}")
    assert (shown["state"], shown["lines"][0]["dispatched"]) == ("dispatched", 12)
    assert [each["code"] for each in shown["exceptions"]] == ["OUT_OF_STOCK"], "more left than the books had"
    assert [step["staff_id"] for step in shown["steps"]] == [str(okello.staff_id)] * 3
    stock = {(row["variant_name"], row["location_id"]): row["quantity"] for row in await desk.get("/api/stock")}
    assert stock["Cable", str(shop.showroom_id)] == -2
    in_order(shop, urls)


async def test_a_count_that_is_begun_without_a_network_keeps_its_time_and_its_entries(
    chromium: Browser, site: Site, shop: Shop, okello: Person, desk: Desk, urls: Urls
) -> None:
    rice = await stock_up(shop, "Rice", cost_minor=600)
    async with opened(chromium, site, PHONE) as yard:
        await away(yard, site, okello)
        await acts.go(yard, "/counts")
        await button(yard, "Begin a count").first.click()
        await button(dialog(yard, "Begin a count"), "Begin a count").click()
        await expect(counter(yard)).to_be_visible()
        await find(yard, "Rice")
        await counter(yard).get_by_label("Shelf").fill("A3")
        await counter(yard).get_by_label("How many are there?").fill("9")
        await button(counter(yard), "Counted").click()
        here = yard.get_by_role("region", name="Counted on this device")
        await expect(here).to_contain_text("Rice")
        await expect(button(yard, "End the counting")).to_have_count(0)
        await yard.reload()
        await expect(here).to_contain_text("Rice")
        await acts.go(yard, "/counts")
        begun = yard.get_by_role("region", name=re.compile("1 count was begun here"))
        await expect(begun.get_by_role("link", name=re.compile("Showroom"))).to_contain_text("waits to be sent")

        more = {"location_id": str(shop.showroom_id), "quantity": 5, "reason": "found"}
        product = (await desk.get(f"/api/stock?variant={rice}"))[0]["product_id"]
        await desk.send("POST", f"/api/products/{product}/adjust", more, status=201)
        await restore(yard)
        await begun.wait_for(state="detached")
        (count,) = await desk.get("/api/stock-counts")
        await acts.go(yard, f"/counts/{count['id']}")
        await expect(button(yard, "End the counting")).to_be_visible()
    assert (count["state"], count["started_by"]) == ("counting", str(okello.staff_id))
    (line,) = await desk.get(f"/api/stock-counts/{count['id']}/lines", show="counted")
    assert (line["counted"], line["expected"], line["variance"]) == (9, 10, -1), "what came later is not missed"
    in_order(shop, urls)
