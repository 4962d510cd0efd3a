"""Goods are received, counted and taken in where there is no network: all arrives once, and the stock is right."""

import re
from collections.abc import AsyncIterator
from uuid import UUID

import httpx2
import pytest
from playwright.async_api import Browser, Page, Route, expect

from duka.platform.postgres import Urls
from tests.app import acts, kept
from tests.app.acts import Desk, button
from tests.app.conftest import PHONE, opened
from tests.app.device import cut, on_the_device, restore, until
from tests.app.judging import judged_in_both_looks
from tests.app.site import Site
from tests.app.test_stock_stories import begun, counter, find
from tests.purchasing.buying import ordered, supplier
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


async def knows_the_work(page: Page) -> bool:
    """Whether the device keeps what goods work needs."""
    return any(row["key"] == "field-work" for row in await kept.rows(page, "seen"))


@pytest.fixture
async def rice(shop: Shop) -> UUID:
    """Ten bags of rice."""
    return await stock_up(shop, "Rice", cost_minor=600)


@pytest.fixture
async def yard(chromium: Browser, site: Site, okello: Person, rice: UUID) -> AsyncIterator[Page]:
    """A phone that is a till and knows of the rice."""
    assert rice
    async with opened(chromium, site, PHONE) as page:
        await acts.at_the_till(page, site, okello)
        await on_the_device(page)
        yield page


async def receive_all(page: Page) -> None:
    """Open the awaited order and receive all of it."""
    await acts.go(page, "/purchasing/receive")
    await page.get_by_role("link", name=re.compile("Kampala Wholesalers")).click()
    await button(page, "Everything came").click()
    await button(page, "Receive").click()


async def test_receiving_counting_and_taking_in_without_a_network(
    chromium: Browser, site: Site, shop: Shop, two: TwoBranches, okello: Person, desk: Desk, urls: Urls
) -> None:
    goods = [await stock_up(shop, name, cost_minor=600) for name in ("USB cable", "Fast charger", "Rice")]
    wholesaler = await supplier(desk.client, shop)
    order = await ordered(desk.client, shop, wholesaler["id"], *((each, 5, 700) for each in goods),
                          location_id=str(shop.showroom_id))  # fmt: skip
    coming = await two.on_the_way()
    count = await begun(desk, shop)
    async with opened(chromium, site, PHONE) as yard:
        await acts.at_the_till(yard, site, okello)
        await on_the_device(yard)
        await until(lambda: knows_the_work(yard))
        await cut(yard)

        await acts.go(yard, f"/counts/{count['id']}")
        await find(yard, "USB cable")
        await counter(yard).get_by_label("How many are there?").fill("9")
        await button(counter(yard), "Counted").click()
        await expect(counter(yard)).to_contain_text("1 part of your counting waits")
        wrong = await judged_in_both_looks(yard, "counting that waits")

        await receive_all(yard)
        await expect(yard.get_by_text("1 receipt waits on this device")).to_be_visible()
        wrong += await judged_in_both_looks(yard, "a receipt that waits")

        await acts.go(yard, f"/transfers/{coming['id']}")
        await button(yard, "Receive it").click()
        await button(yard.locator("form"), "Receive it").click()
        await expect(yard.get_by_text("What you did with this transfer waits")).to_be_visible()
        wrong += await judged_in_both_looks(yard, "a transfer that waits")
        await acts.go(yard, "/outbox")
        await expect(yard.get_by_text("3 documents wait")).to_be_visible()
        wrong += await judged_in_both_looks(yard, "goods work in the outbox")
        assert wrong == []
        await restore(yard)
    stock = {(row["variant_name"], row["location_id"]): row["quantity"] for row in await desk.get("/api/stock")}
    town = str(shop.showroom_id)
    assert [stock[name, town] for name in ("USB cable", "Fast charger", "Rice")] == [15, 15, 15]
    assert stock["Cable", str(two.market_showroom_id)] == 4
    assert (await desk.get(f"/api/purchase-orders/{order['id']}"))["state"] == "received"
    (entry,) = await desk.get(f"/api/stock-counts/{count['id']}/entries")
    assert entry["quantity"] == 9
    lines = await desk.get(f"/api/stock-counts/{count['id']}/lines", show="counted")
    assert [(line["expected"], line["variance"]) for line in lines] == [(10, -1)], "what came later is not missed"
    told = [each["code"] for each in await desk.get("/api/exceptions")]
    assert told == ["NOT_YOUR_BRANCH"], "the phone is a till of the branch that sent"
    in_order(shop, urls)


async def test_an_answer_that_got_lost_is_one_receipt(
    yard: Page, shop: Shop, client: httpx2.AsyncClient, desk: Desk, rice: UUID
) -> None:
    wholesaler = await supplier(client, shop)
    await ordered(client, shop, wholesaler["id"], (rice, 5, 700))

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort("connectionreset")

    await yard.route("**/api/goods-receipts", lose, times=1)
    await receive_all(yard)
    await expect(yard.get_by_text("Kept on this device")).to_be_visible(timeout=20_000)
    await restore(yard)
    (receipt,) = await desk.get("/api/goods-receipts")
    shown = await desk.get(f"/api/goods-receipts/{receipt['id']}")
    assert shown["exceptions"] == []
    (row,) = await desk.get("/api/stock")
    assert row["quantity"] == 15
