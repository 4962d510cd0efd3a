"""What people do at the till, done in a slowed-down browser and timed."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import BrowserContext, Locator, Page, expect

from bench import browser, place
from bench.browser import CARD, Tab

PATH: Final = "/sales/new"
_ROUTES: Final = Path(__file__).parent.parent / "web" / "src" / "pages" / "routes.ts"
_ANY_ID: Final = "0192f3a0-0000-7000-8000-000000000000"
_TYPED: Final = ("galaxy a", "coff", "milk 5", "sug bro", "b0012")
_TAPPED: Final = (0, 1, 2, 0, 3, 1, 4, 5)
_SCANNED: Final = (7, 4_321, 49_999, 12_345, 37_000, 888)
_SALES: Final = 4

_FROM_SERVER: Final = ("catalogue", "stock", "groups", "tax_classes", "customers", "sales", "carts")
_IN_SHOPS_DATABASE: Final = """
  const name = (await indexedDB.databases()).map((each) => each.name).find((name) => /^duka-[0-9a-f]{8}-/.test(name))
  const done = (request) => new Promise((good) => (request.onsuccess = () => good(request.result)))
  const db = await done(indexedDB.open(name))
"""
_EMPTY: Final = f"""async (stores) => {{{_IN_SHOPS_DATABASE}
  const tx = db.transaction([...stores, 'meta'], 'readwrite')
  for (const store of stores) tx.objectStore(store).clear()
  if (stores.includes('catalogue')) for (const key of ['cursor', 'synced_at']) tx.objectStore('meta').delete(key)
  await new Promise((good) => (tx.oncomplete = good))
  db.close()
}}"""
_READ: Final = f"""async () => {{{_IN_SHOPS_DATABASE}
  const stores = ['catalogue', 'stock', 'groups', 'tax_classes']
  const began = performance.now()
  const tx = db.transaction(stores)
  await Promise.all(stores.map((store) => done(tx.objectStore(store).getAll())))
  const took = performance.now() - began
  db.close()
  return took
}}"""
_FETCHED: Final = """() => performance.getEntriesByType('resource').map((each) => [
  new URL(each.name).pathname, each.encodedBodySize, each.responseEnd
]).filter(([path]) => /\\.(js|css)$/.test(path))"""


@dataclass(frozen=True, slots=True)
class Worked:
    """How long the till took for what is done all day, in milliseconds, and what it held afterwards."""

    keys_ms: list[float]
    taps_ms: list[float]
    scans_ms: list[float]
    read_ms: float
    heap_bytes: int


async def set_up(context: BrowserContext, login: str, password: str) -> None:
    """Log in, make the browser a till, load the whole shop, and let the service worker take the app in."""
    async with browser.tab(context) as opened:
        page = opened.page
        await page.goto("/login")
        await page.get_by_label("Phone or e-mail").fill(login)
        await page.get_by_label("Password", exact=True).fill(password)
        await page.get_by_role("button", name="Log in", exact=True).click()
        await page.wait_for_url(lambda url: "/login" not in url)
        await page.goto(PATH)
        await page.get_by_role("button", name="Start selling here").click()
        await opened.wait_for("product")
        await _settled(page)


async def second_start(context: BrowserContext, *, offline: bool) -> float:
    """Open the till on a device that has everything; give the milliseconds until products are painted."""
    await browser.stop_workers(context)
    async with browser.tab(context) as opened:
        await opened.slow(network=True, offline=offline)
        await opened.page.goto(PATH)
        return await opened.wait_for("product")


async def first_tap(context: BrowserContext, url: str) -> float:
    """Open the till on a device that has the products but not the app's code, and tap the first product as soon as it
    is there; give the milliseconds until the total is painted."""
    await browser.forget_code(context, url)
    async with browser.tab(context, tap=True) as opened:
        await opened.slow(network=True)
        await opened.page.goto(PATH)
        took = await opened.wait_for("added")
    await _forget(context, "working")
    return took


async def cold_start(context: BrowserContext, url: str) -> float:
    """Open the till on a device that has neither products nor the app's code; give the milliseconds until the first
    product is painted."""
    await _forget(context, *_FROM_SERVER)
    await browser.forget_code(context, url)
    async with browser.tab(context) as opened:
        await opened.slow(network=True)
        await opened.page.goto(PATH)
        took = await opened.wait_for("product")
        await opened.fast()
        await _settled(opened.page)
    return took


async def first_download(context: BrowserContext) -> float:
    """Load the whole shop anew; give the milliseconds from opening the till until all is there. The progress must have
    been shown."""
    await _forget(context, *_FROM_SERVER)
    async with browser.tab(context) as opened:
        await opened.slow()
        await opened.page.goto(PATH)
        progress = opened.page.get_by_role("progressbar")
        await expect(progress.first).to_be_visible()
        await expect(progress).to_have_count(0, timeout=120_000)
        took: float = await opened.page.evaluate("() => performance.now()")
        await opened.fast()
        await _settled(opened.page)
    return took


async def weigh(context: BrowserContext) -> tuple[list[float], list[float]]:
    """Give the kilobytes (thousands of bytes, gzip) of JS and CSS that the till fetches before its first product, and
    of each other page what only it fetches, the largest alone."""
    fetched: dict[str, dict[str, float]] = {}
    open_to_all = set()
    till_bytes = 0.0
    for path, rest in re.findall(r"path: '([^']+)'(.*)", _ROUTES.read_text()):
        if "open: true" in rest:
            open_to_all.add(path)
        async with browser.tab(context) as opened:
            await opened.bypass_worker()
            await opened.take_gzip()
            await opened.page.goto(path.replace(":id", _ANY_ID))
            await expect(opened.page.get_by_role("heading").first).to_be_attached()
            until = await opened.wait_for("product") if path == PATH else float("inf")
            await opened.page.wait_for_timeout(700)
            rows: list[tuple[str, float, float]] = await opened.page.evaluate(_FETCHED)
        fetched[path] = {name: size for name, size, ended in rows if ended <= until}
        till_bytes = sum(fetched[path].values()) if path == PATH else till_bytes
    # The frame around all pages is nobody's own.
    shared = set.intersection(*(set(files) for path, files in fetched.items() if path not in {PATH, *open_to_all}))
    own = {path: sum(size for name, size in files.items() if name not in shared) for path, files in fetched.items()}
    largest = max((path for path in own if path != PATH), key=own.__getitem__)
    print(f"the heaviest page is {largest} with {own[largest] / 1000:.1f} kB of its own")
    return [till_bytes / 1000], [own[largest] / 1000]


async def work(context: BrowserContext) -> Worked:
    """Type, tap and scan at the till."""
    async with browser.tab(context) as opened:
        page = opened.page
        await page.goto(PATH)
        await opened.wait_for("product")
        await _settled(page)
        await opened.slow()
        read_ms: float = await page.evaluate(_READ)
        keys, taps, scans = await _type(opened), await _tap(opened), await _scan(opened)
        await page.wait_for_timeout(500)
        worked = Worked(keys, taps, scans, read_ms, await opened.heap_bytes())
    await _forget(context, "working")
    return worked


async def _type(opened: Tab) -> list[float]:
    took = []
    search = opened.page.get_by_role("searchbox", name="Search or scan")
    for text in _TYPED:
        await search.click()
        await opened.painted("click")
        for letter in text:
            await opened.page.keyboard.press("Space" if letter == " " else letter)
            took += await opened.painted("keydown")
        await search.fill("")
    return took


async def _tap(opened: Tab) -> list[float]:
    took = []
    for turn in _TAPPED:
        await opened.page.locator(CARD).nth(turn).click()
        took += await opened.painted("click")
    await expect(_pay_button(opened.page)).to_be_enabled()
    return took


async def _scan(opened: Tab) -> list[float]:
    page = opened.page
    took = []
    for number in _SCANNED:
        before = await _pay_button(page).inner_text()
        await page.evaluate("() => document.activeElement?.blur()")
        await page.keyboard.type(place.barcode(number), delay=5)
        await page.keyboard.press("Enter")
        took += await opened.painted("keydown", "Enter")
        await expect(_pay_button(page)).not_to_have_text(before)
    return took


async def pay(context: BrowserContext) -> list[float]:
    """Sell without a network; give the milliseconds from taking the money until the receipt is painted and handed to
    the printer, of each sale."""
    took = []
    async with browser.tab(context) as opened:
        page = opened.page
        await page.goto(PATH)
        await opened.wait_for("product")
        await _settled(page)
        await opened.slow(offline=True)
        for turn in range(_SALES):
            await page.locator(CARD).nth(turn).click()
            await _pay_button(page).click()
            await page.get_by_role("dialog", name="Pay").get_by_role("button", name=re.compile(r"^Take\b")).click()
            took.append(await opened.wait_for("paid"))
            await page.get_by_role("button", name=re.compile(r"^New sale")).click()
            await expect(page.get_by_role("dialog")).to_have_count(0)
        await opened.fast()
        await _settled(page)
    return took


def _pay_button(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile(r"^Pay\b"))


async def _settled(page: Page) -> None:
    """Wait until everything is loaded and delivered and the service worker holds the app."""
    await expect(page.get_by_role("button", name="Up to date")).to_be_visible(timeout=120_000)
    await expect(page.get_by_role("progressbar")).to_have_count(0, timeout=120_000)
    await page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    await page.wait_for_timeout(1500)


async def _forget(context: BrowserContext, *stores: str) -> None:
    """Empty tables of the shop's database on the device."""
    async with browser.tab(context) as opened:
        await opened.page.goto("/icons/duka.svg")
        await opened.page.evaluate(_EMPTY, list(stores))
