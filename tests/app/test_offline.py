"""Selling without a network: whatever is cut, killed, lost or full, each sale is sold once and none is lost."""

import asyncio
import os
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final

import pytest
from playwright.async_api import Browser, BrowserContext, Error, Page, Request, Route, async_playwright, expect

from tests.app import acts, kept
from tests.app.acts import Desk, button, cart, dialog, goods
from tests.app.conftest import DESKTOP, chromium_program, opened
from tests.app.device import cut, delivered, emptied, make_small, on_the_device, restore, until
from tests.app.site import Site
from tests.world import Shop

_KILLED_LATEST_MS: Final = 500


async def test_the_network_is_cut_in_each_step_of_a_sale(till: Page, desk: Desk) -> None:
    numbers = []
    for step in range(5):
        if step == 0:
            await cut(till)
        await goods(till, "USB cable").click()
        if step == 1:
            await cut(till)
        await acts.pay_button(till).click()
        if step == 2:
            await cut(till)
        if step == 3:
            await till.route("**/api/sales", _cut_while_asked)
        await button(dialog(till, "Pay"), re.compile("^Take")).click()
        numbers.append(await acts.sold(till))
        if step == 4:
            await cut(till)
        await till.unroute_all()
        await acts.next_sale(till)
        await restore(till)
    sales = await desk.sales()
    assert [sale["number"] for sale in sales] == numbers
    assert [sale["invoice"]["number"][-6:] for sale in sales] == [f"{n:06d}" for n in range(1, 6)]
    assert await desk.check_chains() == 5


async def _cut_while_asked(route: Route) -> None:
    await route.request.frame.page.context.set_offline(True)
    with suppress(Error):  # the cut may have ended the request by itself
        await route.abort("internetdisconnected")


async def test_three_sales_and_a_restart_without_a_network(till: Page, desk: Desk) -> None:
    await cut(till)
    first = await acts.sell(till, "USB cable")
    await till.reload()
    await acts.ready(till)
    second = await acts.sell(till, "Fast charger")
    await goods(till, "USB cable").click()
    await acts.take_money(till, "2000")
    third = await acts.sold(till)
    await expect(dialog(till, "Sold").get_by_text("Kept on this device")).to_be_visible()
    await button(till, "Print").click()
    [paper] = await till.evaluate("window.papers")
    assert third in paper
    assert "Njeri Phones" in paper
    await acts.next_sale(till)
    await expect(button(till, re.compile("3 to send"))).to_be_visible()
    assert [item["label"] for item in await kept.outbox(till)] == [first, second, third]
    assert await desk.sales() == []
    await restore(till)
    sales = await desk.sales()
    assert [(sale["number"], sale["total"]) for sale in sales] == [(first, 1000), (second, 25_000), (third, 1000)]
    assert all(sale["exceptions"] == [] for sale in sales)
    assert await desk.check_chains() == 3


async def test_an_answer_that_was_lost_after_the_sale_was_stored(till: Page, desk: Desk) -> None:
    modes: list[str | None] = []

    async def lose(route: Route) -> None:
        modes.append(route.request.headers.get("duka-mode"))
        await route.fetch()
        if len(modes) <= 2:
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await till.route("**/api/sales", lose)
    await goods(till, "USB cable").click()
    await acts.take_money(till)
    number = await acts.sold(till)
    await acts.next_sale(till)
    await acts.delivered(till)
    assert modes == ["ask", "record", "record"]
    [sale] = await desk.sales()
    assert (sale["number"], sale["paid"]) == (number, 1000)
    assert await desk.check_chains() == 1


async def test_two_tabs_deliver_one_outbox_once(till: Page, desk: Desk) -> None:
    other = await till.context.new_page()
    await other.goto("/sales/new")
    await acts.ready(other)
    await till.context.set_offline(True)
    numbers = []
    for page in (till, other, other, till):
        await page.bring_to_front()
        numbers.append(await acts.sell(page, "USB cable"))
    sent: Counter[str] = Counter()
    till.context.on("request", lambda request: sent.update(_document(request)))
    await restore(till)
    await acts.delivered(other)
    assert sorted(sale["number"] for sale in await desk.sales()) == numbers
    assert await desk.check_chains() == 4
    assert len(sent) == 4
    assert set(sent.values()) == {1}


def _document(request: Request) -> list[str]:
    body = request.post_data_json if request.method == "POST" and request.url.endswith("/api/sales") else None
    return [str(body["id"])] if body else []


async def test_nobody_logs_out_while_documents_wait(till: Page) -> None:
    await cut(till)
    await acts.sell(till, "USB cable")
    await acts.log_out(till)
    await expect(till.get_by_text("1 document on this device is not delivered yet")).to_be_visible()
    await expect(acts.own_menu(till)).to_be_visible()
    await button(till, "Show what waits").first.click()
    await till.wait_for_url("**/outbox")
    await restore(till)
    await acts.log_out(till)
    await expect(button(till, "Log in")).to_be_visible()


async def test_a_replaced_device_still_delivers_all_it_sold(
    till: Page, chromium: Browser, site: Site, shop: Shop, desk: Desk
) -> None:
    await cut(till)
    numbers = [await acts.sell(till, "USB cable") for _ in range(5)]
    async with opened(chromium, site, DESKTOP) as other:
        await site.log_in(other, shop.owner)
        await till.context.set_offline(False)
        await expect(till.get_by_text("What you sold on this device is safe")).to_be_visible(timeout=15_000)
    await until(lambda: _has(desk, numbers))
    await emptied(till)
    assert await desk.check_chains() == 5


async def _has(desk: Desk, numbers: list[str]) -> bool:
    return [sale["number"] for sale in await desk.sales()] == numbers


async def test_what_an_older_version_left_is_delivered(till: Page, desk: Desk) -> None:
    await cut(till)
    number = await acts.sell(till, "USB cable")
    await kept.make_old(till)
    [item] = await kept.outbox(till)
    assert "schema" not in item
    await restore(till)
    assert [sale["number"] for sale in await desk.sales()] == [number]


async def test_a_full_device_says_so_and_prints_nothing(
    desktop: Page, site: Site, shop: Shop, desk: Desk
) -> None:
    await make_small(desktop, site)
    await acts.at_the_till(desktop, site, shop.owner)
    await on_the_device(desktop)
    await cut(desktop)
    await goods(desktop, "USB cable").click()
    await acts.pay_button(desktop).click()
    await kept.fill_up(desktop)
    await button(dialog(desktop, "Pay"), re.compile("^Take")).click()
    await expect(desktop.get_by_role("alert").get_by_text("no space left")).to_be_visible()
    await expect(dialog(desktop, "Sold")).to_have_count(0)
    for table in ("outbox", "sales", "heads"):
        assert await kept.rows(desktop, table) == []
    await desktop.context.set_offline(False)
    await acts.delivered(desktop)
    assert await desk.sales() == []


@asynccontextmanager
async def killable(site: Site, folder: Path) -> AsyncIterator[tuple[BrowserContext, Callable[[], None]]]:
    """A browser on its own folder, and what ends it as a dead battery would."""
    arguments = [
        chromium_program(), "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder}",
        "--no-first-run", "--disable-gpu", "--lang=en-GB", *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]  # fmt: skip
    port = folder / "DevToolsActivePort"
    port.unlink(missing_ok=True)
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*arguments, stdout=quiet, stderr=quiet, start_new_session=True)

    def kill() -> None:
        os.killpg(process.pid, signal.SIGKILL)

    try:
        await until(lambda: asyncio.to_thread(lambda: port.exists() and len(port.read_text().split()) == 2))
        address = "http://127.0.0.1:" + port.read_text().split()[0]
        async with async_playwright() as playwright:
            browser = await playwright.chromium.connect_over_cdp(address)
            yield browser.contexts[0], kill
    finally:
        if process.returncode is None:
            kill()
        await process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("kills", [5, pytest.param(20, marks=pytest.mark.release)])
async def test_the_browser_is_killed_in_the_middle_of_sales(
    site: Site, shop: Shop, desk: Desk, tmp_path: Path, kills: int
) -> None:
    chance = Random(kills)
    printed: list[str] = []
    async with killable(site, tmp_path) as (context, _):
        page = await _start(context, site, shop, first=True)
        await button(page, "Start selling here").click()
        await _at_the_goods(page)
    for turn in range(kills):
        async with killable(site, tmp_path) as (context, kill):
            page = await _start(context, site, shop)
            await _at_the_goods(page)
            await page.context.set_offline(turn % 2 == 0)
            await goods(page, "USB cable").click()
            await acts.pay_button(page).click()
            await button(dialog(page, "Pay"), re.compile("^Take")).click(no_wait_after=True)
            await asyncio.sleep(chance.uniform(0, _KILLED_LATEST_MS) / 1000)
            printed += [str(await page.evaluate("document.querySelector('.paper')?.innerText ?? ''"))]
            kill()
    async with killable(site, tmp_path) as (context, _):
        page = await _start(context, site, shop)
        await _at_the_goods(page)
        await delivered(page)
    sales = await desk.sales()
    numbers = [sale["invoice"]["number"] for sale in sales]
    assert [int(number[-6:]) for number in numbers] == list(range(1, len(numbers) + 1))
    shown = [re.findall(r"\b[0-9A-Z]+/\d{4}/\d+\b", paper)[0] for paper in printed if paper]
    assert set(shown) <= set(numbers)
    assert len(sales) <= kills
    assert await desk.check_chains() == len(sales)


async def _start(context: BrowserContext, site: Site, shop: Shop, *, first: bool = False) -> Page:
    """Open the till. A browser that is killed may not have kept its newest cookie: the person logs in once more."""
    page = await context.new_page()
    page.set_default_timeout(20_000)
    await page.set_viewport_size(DESKTOP)
    if not first:
        async with page.expect_response("**/api/auth/refresh") as asked:
            await page.goto(f"{site.url}/sales/new")
        if (await asked.value).ok:
            return page
        await expect(button(page, "Log in")).to_be_visible()
    await site.log_in(page, shop.owner)
    await page.goto(f"{site.url}/sales/new")
    return page


async def _at_the_goods(page: Page) -> None:
    """Wait for the goods, and put away what the last life left: a receipt that nobody saw, goods in the cart."""
    await acts.ready(page)
    await on_the_device(page)
    await page.wait_for_function("localStorage.getItem('duka.till.selling') === null")
    await page.wait_for_timeout(300)  # a receipt that is left over opens now
    if await button(page, re.compile("^New sale")).count():
        await acts.next_sale(page)
    if await button(cart(page), "Empty the cart").count():
        await button(cart(page), "Empty the cart").click()
