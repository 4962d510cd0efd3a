"""Take the pictures of the user manual: `python -m tests.app.manual_pictures docs/manual/pictures`.

It runs the example shop in a folder and on a port of its own, opens a shop and sells with a phone's browser as the
manual tells it, and writes a small picture of each step. `--url` names a server with the example shop that runs
already. The app must be built (`./dev npm run build`).
"""

import argparse
import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Locator, Page, async_playwright

from duka.demo.people import DEALERS
from tests.app import acts
from tests.app.conftest import PHONE, chromium_program

OWNER: Final = "Sarah Nakato"
CASHIER: Final = "Grace Achieng"
_READY_SECONDS: Final = 300
_SETTLED_MS: Final = 700
_TOASTS_GONE_MS: Final = 5_500


def main() -> int:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", help="a running server with the example shop; without it one is started")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.url:
        asyncio.run(take(arguments.url, arguments.folder))
        return 0
    with example_shop() as url:
        asyncio.run(take(url, arguments.folder))
    return 0


@contextmanager
def example_shop() -> Iterator[str]:
    """Run a server with the example shop until the block ends; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as data:
        words = [sys.executable, "-m", "duka.cli", "--data", data, "--port", str(port), "--demo"]
        server = subprocess.Popen(words, stdout=subprocess.DEVNULL, env=os.environ | {"DUKA_LOG_LEVEL": "error"})
        try:
            _wait_for(f"{url}/readyz")
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)


def _wait_for(address: str) -> None:
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise TimeoutError(address)


async def take(url: str, folder: Path) -> None:
    """Take all pictures, chapter by chapter."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_program(), args=["--no-sandbox"])
        for chapter in (quick_start, selling, buying):
            page = await _phone(browser, url)
            await chapter(page, folder)
            await page.context.close()
        await browser.close()


async def _phone(browser: Browser, url: str) -> Page:
    context = await browser.new_context(
        viewport=PHONE, color_scheme="light", locale="en-GB", base_url=url, has_touch=True, is_mobile=True,
        timezone_id="Africa/Kampala", reduced_motion="reduce",
    )  # fmt: skip
    page = await context.new_page()
    page.set_default_timeout(acts.WAIT_MS)
    return page


async def picture(page: Page, folder: Path, name: str, *, of: Locator | None = None) -> None:
    """Write a picture of the screen as it stands, or of one part of it."""
    await page.wait_for_timeout(_SETTLED_MS)
    await (of or page).screenshot(path=folder / f"{name}.png")


async def quick_start(page: Page, folder: Path) -> None:
    """From the empty page to the first invoice, as the quick start tells it; prints its taps and seconds."""
    hand = acts.Hand()
    began = time.monotonic()
    await page.goto("/login")
    await hand.tap(page.get_by_role("link", name="Open a shop"))
    await hand.write(page.get_by_label("Phone", exact=True), f"0772{int(time.time()) % 1_000_000:06}")
    await picture(page, folder, "start-phone")
    await hand.tap(acts.button(page, "Send me a code"))
    await hand.tap(acts.button(page, "Next"))
    await hand.write(page.get_by_label("Name of the shop"), "Mama Ali Spares")
    await hand.write(page.get_by_label("Your name"), "Ali Hassan")
    await hand.write(page.get_by_label("Choose a password"), "goat-river-71")
    await picture(page, folder, "start-shop")
    await hand.tap(acts.button(page, "Open my shop"))
    await hand.tap(page.get_by_role("link", name="New sale"))
    await acts.button(page, "Start selling here").wait_for()
    await picture(page, folder, "start-till")
    await hand.tap(acts.button(page, "Start selling here"))
    await hand.write(page.get_by_label("What do you sell?"), "Brake pads")
    await hand.write(page.get_by_label("Price", exact=True), "45000")
    await picture(page, folder, "start-item")
    await hand.tap(acts.button(page, "Add and sell"))
    await hand.tap(_pay(page))
    await hand.tap(acts.button(acts.dialog(page, "Pay"), re.compile(r"^Take\b")))
    await acts.dialog(page, "Sold").wait_for()
    seconds = time.monotonic() - began
    print(f"From the empty page to the first invoice: {hand.taps} taps, {seconds:.0f} seconds without typing time.")
    await picture(page, folder, "start-sold")


async def selling(page: Page, folder: Path) -> None:
    """What a cashier does all day, with and without a network, as the chapters "Selling" and "Offline" tell it."""
    await _enter(page, OWNER)
    await page.goto("/sales/new")
    await acts.button(page, "Start selling here").click()
    await acts.ready(page)
    await _leave(page)
    await _enter(page, CASHIER)
    await page.goto("/sales/new")
    await acts.ready(page)
    await _drawer_opened(page, folder)
    await _cart_filled(page, folder)
    await _paid(page, folder)
    await _offline(page, folder)
    await _drawer_closed(page, folder)
    await _leave(page)
    await _enter(page, OWNER)
    await _return(page, folder)


async def _enter(page: Page, name: str) -> None:
    await page.goto("/login")
    await page.get_by_role("button", name=re.compile(f"^{name}")).click()
    await page.wait_for_url(lambda url: "/login" not in url)
    await acts.delivered(page)


async def _leave(page: Page) -> None:
    await page.get_by_role("button", name=re.compile(r"\bYour menu$")).click()
    await acts.button(page, "Log out").click()
    await page.wait_for_url("**/login**")


def _pay(page: Page) -> Locator:
    return page.locator("main").get_by_role("button", name=re.compile(r"^Pay\b"))


async def _find(page: Page, words: str, name: str) -> None:
    await page.get_by_role("searchbox", name="Search or scan").fill(words)
    await acts.goods(page, name).first.click()


async def _drawer_opened(page: Page, folder: Path) -> None:
    await page.goto("/drawer")
    await page.get_by_label("Cash in the drawer now").fill("50000")
    await picture(page, folder, "drawer-open")
    await acts.button(page, "Open the drawer").click()
    await acts.button(page, "Count and close").wait_for()


async def _cart_filled(page: Page, folder: Path) -> None:
    await page.goto("/sales/new")
    await acts.ready(page)
    await page.get_by_role("searchbox", name="Search or scan").fill("usb")
    await picture(page, folder, "till")
    await acts.goods(page, "USB LAN adapter").click()
    await _find(page, "aux", "Aux cable 1 m")
    await _find(page, "aux", "Aux cable 1 m")
    await page.get_by_role("button", name=re.compile(r"^3 items")).click()
    cart = acts.dialog(page, "Cart")
    await acts.button(cart, "Add customer").click()
    await acts.dialog(page, "Customer").get_by_role("searchbox").fill("0772000316")
    await picture(page, folder, "customer")
    await page.get_by_role("button", name=re.compile("^Agnes Amongin")).click()
    await acts.button(cart, "Discount").click()
    await acts.button(acts.dialog(page, "Discount"), re.compile(r"^5")).click()
    await picture(page, folder, "discount")
    await acts.button(acts.dialog(page, "Discount"), "Done").click()
    await cart.wait_for()
    await picture(page, folder, "cart")


async def _paid(page: Page, folder: Path) -> None:
    await acts.button(acts.dialog(page, "Cart"), re.compile(r"^Pay\b")).click()
    box = acts.dialog(page, "Pay")
    await box.get_by_label("Cash given").fill("100000")
    await picture(page, folder, "pay")
    await box.get_by_role("radio", name="MTN MoMo").click()
    await box.get_by_label("Amount").fill("30000")
    await acts.button(box, re.compile("^Add MTN")).click()
    await picture(page, folder, "split")
    await acts.button(box, re.compile(r"^Take\b")).click()
    await acts.dialog(page, "Sold").wait_for()
    await picture(page, folder, "sold")
    await acts.next_sale(page)


async def _offline(page: Page, folder: Path) -> None:
    await acts.delivered(page)
    await page.context.set_offline(True)
    await _find(page, "aux", "Aux cable 1 m")
    await _pay(page).click()
    await acts.button(acts.dialog(page, "Pay"), re.compile(r"^Take\b")).click()
    await acts.dialog(page, "Sold").wait_for()
    await acts.next_sale(page)
    await page.get_by_role("button", name=re.compile("^Offline")).click()
    await picture(page, folder, "offline")
    await page.get_by_role("link", name="Show what waits").click()
    await page.get_by_text(re.compile("document waits")).first.wait_for()
    await picture(page, folder, "to-deliver")
    await page.context.set_offline(False)
    await acts.delivered(page)


async def _drawer_closed(page: Page, folder: Path) -> None:
    await page.goto("/drawer")
    await acts.button(page, "Count and close").click()
    box = acts.dialog(page, "Count and close")
    await box.get_by_label("Cash counted").fill("90000")
    await acts.button(box, "Close the drawer").click()
    await page.get_by_text("Expected", exact=True).wait_for()
    await picture(page, folder, "drawer-closed")
    await acts.delivered(page)


async def _return(page: Page, folder: Path) -> None:
    await page.goto("/sales")
    await page.get_by_role("link", name=re.compile("Agnes Amongin")).first.click()
    await picture(page, folder, "sale")
    await acts.button(page, "Return goods").click()
    box = page.get_by_role("dialog", name=re.compile("^Return goods"))
    await acts.button(box, "More by one").first.click()
    await box.get_by_label("Reason").fill("Does not fit")
    await picture(page, folder, "return")


async def buying(page: Page, folder: Path) -> None:
    """From what runs low to the bill, as the chapter "Buying" tells it."""
    await _enter(page, OWNER)
    await page.goto("/products/low-stock")
    await acts.button(page, "Order all of it").click()
    box = page.get_by_role("dialog", name=re.compile("orders? made"))
    await box.wait_for()
    await picture(page, folder, "low-stock-ordered")
    await box.get_by_role("link").first.click()
    await acts.button(page, "Approve").click()
    await acts.button(page, "Send").click()
    async with page.expect_response(re.compile("/send$")) as answered:
        await acts.button(page, "WhatsApp").click()
    link = (await (await answered.value).json())["data"]["link"]
    await acts.button(page, "It is placed").click()
    await acts.button(page, "Receive").wait_for()
    await page.wait_for_timeout(_TOASTS_GONE_MS)
    await picture(page, folder, "order")
    await _as_supplier(page, folder, link.partition("#")[2])
    await acts.button(page, "Receive").click()
    await acts.button(page, "Everything came").click()
    await acts.button(page, "Damaged or wrong").first.click()
    await picture(page, folder, "receive")
    await acts.button(page, "Receive").click()
    await page.get_by_role("link", name="Enter the bill").click()
    await page.get_by_label("Number of the bill").fill("INV-7731")
    billed = page.get_by_label(re.compile("^Billed price")).first
    asked = int((await billed.input_value()).replace(",", ""))
    await billed.fill(str(asked + 100))
    await page.wait_for_timeout(_TOASTS_GONE_MS)
    await picture(page, folder, "bill")
    await page.goto("/suppliers")
    await page.get_by_role("link", name=re.compile(DEALERS[1].name)).click()
    await page.get_by_role("list", name="They supply").wait_for()
    await picture(page, folder, "supplier")
    await page.get_by_role("link", name="Order here").click()
    find = page.get_by_role("combobox", name="Find goods")
    for at in range(2):
        await find.click()
        await page.get_by_role("listbox", name="Find goods").get_by_role("option").nth(at).click()
    await picture(page, folder, "order-new")


async def _as_supplier(page: Page, folder: Path, token: str) -> None:
    phone = await page.context.new_page()
    await phone.goto(f"/order#{token}")
    await acts.button(phone, "Less by one").first.click()
    await picture(phone, folder, "order-link")
    await phone.close()


if __name__ == "__main__":
    sys.exit(main())
