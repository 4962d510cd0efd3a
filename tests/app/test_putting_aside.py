"""Goods are put aside on the screen, decided corrections are looked up, and some chosen items are counted."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from duka.platform.ids import new_id
from tests.app import acts
from tests.app.acts import Desk, button, dialog
from tests.app.conftest import PHONE, opened
from tests.app.judging import judged_in_both_looks
from tests.app.site import Site
from tests.purchasing import buying
from tests.sales.test_sell import settle
from tests.stock.goods import put_on_the_shelf
from tests.world import Shop, hire, stock_up


@pytest.fixture
async def desk(shop: Shop, client: httpx2.AsyncClient) -> Desk:
    """Another owner, who looks at what the screens did."""
    return Desk(client, await hire(shop, "owner", name="Achieng"))


@asynccontextmanager
async def at_work(chromium: Browser, site: Site, shop: Shop) -> AsyncIterator[Page]:
    """The owner with a phone that knows the shop's goods."""
    async with opened(chromium, site, PHONE) as page:
        await site.log_in(page, shop.owner)
        await acts.delivered(page)
        yield page


async def choose(box: Locator, text: str) -> None:
    """Find something by typing a part of its name, in the field that scanners use too."""
    await box.get_by_placeholder("Name, SKU or barcode").fill(text)
    await box.get_by_role("option", name=text).first.click()


async def test_goods_are_put_aside_and_back_on_sale(
    chromium: Browser, site: Site, shop: Shop, desk: Desk, client: httpx2.AsyncClient
) -> None:
    ware = await put_on_the_shelf(shop, "USB cable", 5)
    supplier = await buying.supplier(client, shop)
    await buying.ordered(client, shop, supplier["id"], (ware.variant_id, 12, 100), location_id=str(shop.showroom_id))
    async with at_work(chromium, site, shop) as page:
        await acts.go(page, "/stock?tab=aside")
        await expect(page.get_by_text("Nothing is put aside")).to_be_visible()
        await button(page, "Put aside").click()
        box = dialog(page, "Put goods aside")
        wrong = await judged_in_both_looks(page, "putting aside")
        await choose(box, "USB cable")
        await box.get_by_label("How much").fill("2")
        await box.get_by_label("For whom").fill("Grace, on Friday")
        await button(box, "Put aside").click()
        await expect(page.get_by_role("listitem").filter(has_text="Grace, on Friday")).to_contain_text("USB cable")
        wrong += await judged_in_both_looks(page, "what is put aside")
        assert wrong == []
        (row,) = await desk.get("/api/stock")
        assert (row["quantity"], row["reserved"], row["available"]) == (5, 2, 3)
        await acts.go(page, f"/products/{ware.product_id}?tab=stock")
        for words in ("2 put aside", "3 free to sell", "12 on order"):
            await expect(page.get_by_text(words)).to_be_visible()
        await acts.go(page, "/stock?tab=aside")
        await button(page, "Back on sale").click()
        await button(page.get_by_role("dialog"), "Back on sale").click()
        await expect(page.get_by_text("Nothing is put aside")).to_be_visible()
    (kept,) = await desk.get("/api/stock/reservations")
    assert (kept["state"], kept["note"]) == ("released", "Grace, on Friday")


async def test_what_is_put_aside_is_sold_to_whom_it_is_kept_for(
    chromium: Browser, site: Site, shop: Shop, desk: Desk
) -> None:
    last = await stock_up(shop, "USB cable", quantity_milli=1_000)
    charger = await stock_up(shop, "Fast charger", quantity_milli=1_000)
    for variant in (last, charger):
        await desk.send("POST", "/api/stock/reservations", {"variant_id": str(variant), "quantity": 1}, status=201)
    async with at_work(chromium, site, shop) as page:
        await acts.set_up(page)
        await acts.go(page, "/stock?tab=aside")
        for name in ("USB cable", "Fast charger"):
            card = page.get_by_role("listitem").filter(has_text=name)
            await button(card, "Sell it").click()
            if name == "USB cable":
                await expect(acts.pay_button(page)).to_be_visible()
                await page.go_back()
        # What lies in the cart already is not lost by it.
        await expect(page.get_by_text("Finish the cart at the till first")).to_be_visible()
        await acts.go(page, "/sales/new")
        await acts.ready(page)
        await acts.take_money(page)
        await acts.sold(page)
        await acts.next_sale(page)
        await acts.delivered(page)
        await acts.go(page, "/stock?tab=aside")
        await expect(page.get_by_role("listitem").filter(has_text="Fast charger")).to_be_visible()
        await expect(page.get_by_role("listitem").filter(has_text="USB cable")).to_have_count(0)
    (sale,) = await desk.sales()
    assert (sale["state"], sale["lines"][0]["description"], sale["exceptions"]) == ("completed", "USB cable", [])
    kept = {row["variant_name"]: row["state"] for row in await desk.get("/api/stock/reservations")}
    assert kept == {"USB cable": "taken", "Fast charger": "open"}


async def test_a_till_hears_what_is_free_to_sell(
    chromium: Browser, site: Site, shop: Shop, desk: Desk, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "USB cable", quantity_milli=5_000)
    supplier = await buying.supplier(client, shop)
    asked = {"variant_id": str(cable), "quantity": 2}
    async with at_work(chromium, site, shop) as page:
        await acts.set_up(page)
        await expect(acts.goods(page, "USB cable")).to_contain_text("5")
        await desk.send("POST", "/api/stock/reservations", asked, status=201)
        await expect(acts.goods(page, "USB cable")).to_contain_text("3")
        came = {"id": str(new_id()), "supplier_id": supplier["id"], "lines": [buying.came(cable, 4, price=100)]}
        await desk.send("POST", "/api/goods-receipts", came, status=201)
        await expect(acts.goods(page, "USB cable")).to_contain_text("7")


async def test_who_decided_a_correction_is_seen_below_what_waits(
    chromium: Browser, site: Site, shop: Shop, desk: Desk
) -> None:
    await settle(shop, adjustment_approval_minor=1)
    ware = await put_on_the_shelf(shop, "USB cable", 5)
    (waiting,) = await desk.get("/api/stock-adjustments", state="requested")
    await desk.send("POST", f"/api/stock-adjustments/{waiting['id']}/reject", {"reason": "count again"}, status=200)
    assert [each["id"] for each in await desk.get("/api/stock-adjustments", decided="true")] == [waiting["id"]]
    assert await desk.get("/api/stock-adjustments", decided="false") == []
    async with at_work(chromium, site, shop) as page:
        await acts.go(page, "/stock?tab=asked")
        decided = page.get_by_role("listitem").filter(has=page.locator(f'a[href*="{ware.product_id}"]'))
        await expect(decided).to_contain_text(re.compile("Rejected.*by Achieng.*count again", re.DOTALL))


async def test_some_chosen_items_are_counted(chromium: Browser, site: Site, shop: Shop, desk: Desk) -> None:
    for name in ("USB cable", "Fast charger", "Power bank"):
        await stock_up(shop, name)
    async with at_work(chromium, site, shop) as page:
        await acts.go(page, "/counts")
        await button(page, "Begin a count").first.click()
        box = dialog(page, "Begin a count")
        await box.get_by_text("Some items", exact=True).click()
        for name in ("USB cable", "Power bank", "Fast charger"):
            await choose(box, name)
        await button(box, "Leave out: Power bank").click()
        await button(box, "Begin a count").click()
        await page.wait_for_url("**/counts/*")
    (count,) = await desk.get("/api/stock-counts")
    assert count["scope"] == "list"
    charger = (await desk.get("/api/products", q="charger"))[0]["variants"][0]["id"]
    bank = (await desk.get("/api/products", q="bank"))[0]["variants"][0]["id"]
    entries = f"/api/stock-counts/{count['id']}/entries"
    await desk.send("POST", entries, {"entries": [{"variant_id": charger, "quantity": 1}]}, status=201)
    await desk.send("POST", entries, {"entries": [{"variant_id": bank, "quantity": 1}]}, status=400)
