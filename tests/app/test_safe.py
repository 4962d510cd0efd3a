"""Nothing that somebody wrote into the shop ever runs, no secret lies open, and everybody can use every screen."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, ViewportSize, expect

from tests.app import acts
from tests.app.acts import Desk, button, dialog, goods
from tests.app.conftest import DESKTOP, PHONE, opened
from tests.app.judging import judged
from tests.app.places import addressed, all_places, settled
from tests.app.site import Site
from tests.world import Shop, fresh_phone, hire, stock_up

Json = dict[str, Any]

MARKER: Final = '"><img src=x onerror=alert(1)><svg onload=alert(2)>'
_WATCH: Final = """
document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`BLOCKED ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)
})
"""
_NOT_SHOWN: Final = re.compile("There is no such page|Not for your role|That did not work")
_STORED: Final = """async () => {
  const answer = (asked) => new Promise((done) => (asked.onsuccess = () => done(asked.result)))
  const readable = (_, value) => value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value
  const rows = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie]
  for (const { name } of await indexedDB.databases()) {
    const db = await answer(indexedDB.open(name))
    for (const store of db.objectStoreNames) {
      rows.push(JSON.stringify(await answer(db.transaction(store).objectStore(store).getAll()), readable))
    }
    db.close()
  }
  return rows.join('\\n')
}"""


@dataclass(slots=True)
class Watched:
    """What a browser told while pages were open."""

    blocked: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        """Note what the browser says that it blocked."""
        if "BLOCKED" in message.text or "Content Security Policy" in message.text:
            self.blocked.append(f"{message.text} at {message.page and message.page.url}")

    def see(self, request: Request) -> None:
        """Note a request that only a marker makes."""
        if request.url.endswith("/x"):
            self.fetched.append(request.url)


async def watch(page: Page) -> Watched:
    """Watch a page from now on."""
    seen = Watched()
    seen.boxes = acts.refuse_dialogs(page)
    page.on("console", lambda message: seen.hear(message))
    page.on("request", lambda request: seen.see(request))
    await page.context.add_init_script(_WATCH)
    return seen


@pytest.fixture
async def ids(shop: Shop, client: httpx2.AsyncClient) -> dict[str, str]:
    """A shop full of markers: each text that its API takes from people has one; gives what the addresses need."""
    desk = Desk(client, shop.owner)
    await stock_up(shop, MARKER, price_minor=1000)
    product = await desk.send("POST", "/api/products", {
        "name": MARKER, "brand": MARKER, "description": MARKER, "unit": MARKER[:20], "external_ref": MARKER,
        "variants": [{"price": 1000, "sku": MARKER, "barcode": MARKER}],
    }, status=201)  # fmt: skip
    customer = await desk.send("POST", "/api/customers", {
        "name": MARKER, "address": MARKER, "notes": MARKER, "phone": fresh_phone(), "tags": [MARKER[:40]],
        "external_ref": MARKER,
    }, status=201)  # fmt: skip
    await write_everywhere(desk)
    role = await desk.send("POST", "/api/roles", {"name": MARKER, "preset_of": "staff"}, status=201)
    amina = await hire(shop, "staff", branch_id=shop.branch_id, name=MARKER)
    [first, *_] = await desk.get("/api/products", q="onerror")
    line = {"variant_id": first["variants"][0]["id"], "quantity": 1}
    cart = {"name": MARKER, "branch_id": str(shop.branch_id), "content": {"lines": [line], "note": MARKER}}
    await desk.send("POST", "/api/carts", cart, status=201)
    sale = await desk.send("POST", "/api/sales", {
        "lines": [{"variant_id": str(await _sold_variant(desk)), "quantity": 1}], "customer_id": customer["id"],
        "register_id": str(shop.register_id), "payments": [{"method": "mtn_momo", "amount": 1000, "reference": MARKER}],
        "note": MARKER,
    }, status=201)  # fmt: skip
    return {
        "/sales/:id": sale["id"], "/customers/:id": customer["id"], "/products/:id": product["id"],
        "/staff/:id": str(amina.staff_id), "/roles/:id": role["id"],
        **await buy_everywhere(desk, str(line["variant_id"]), str(shop.showroom_id)), **await _moved(desk, shop),
    }  # fmt: skip


async def buy_everywhere(desk: Desk, variant_id: str, location_id: str) -> dict[str, str]:
    """Buy something under the marker, to the last paper; give what the addresses of buying need."""
    supplier = await desk.send("POST", "/api/suppliers", {
        "name": MARKER, "contact": MARKER, "address": MARKER, "tax_id": MARKER[:30], "notes": MARKER,
        "external_ref": MARKER, "stars": 4,
    }, status=201)  # fmt: skip
    whose = {"supplier_id": supplier["id"]}
    item = {"version": 1, "supplier_code": MARKER, "price": 700, "preferred": True}
    await desk.send("PUT", f"/api/suppliers/{supplier['id']}/items/{variant_id}", item)
    wanted = {
        **whose, "location_id": location_id, "note": MARKER, "lines": [{"variant_id": variant_id, "quantity": 5}],
    }  # fmt: skip
    order = await desk.send("POST", "/api/purchase-orders", wanted, status=201)
    for step in ("approve", "order"):
        await desk.send("POST", f"/api/purchase-orders/{order['id']}/{step}")
    receipt = await desk.send("POST", "/api/goods-receipts", {
        "order_id": order["id"], "delivery_note": MARKER, "note": MARKER,
        "lines": [{"variant_id": variant_id, "accepted": 3, "rejected": 1, "reject_reason": "damaged"}],
    }, status=201)  # fmt: skip
    line = {"receipt_line_id": receipt["lines"][0]["id"], "quantity": 2}
    bill = await desk.send("POST", "/api/supplier-bills", {
        **whose, "supplier_number": MARKER, "note": MARKER, "lines": [{**line, "price": 750}],
    }, status=201)  # fmt: skip
    await desk.send("POST", "/api/supplier-payments", {
        **whose, "amount": 500, "method": "mtn_momo", "reference": MARKER, "branch_id": receipt["branch_id"],
    }, status=201)  # fmt: skip
    back = {**whose, "reason": MARKER, "lines": [{**line, "quantity": 1}]}
    await desk.send("POST", "/api/supplier-returns", back, status=201)
    return {
        "/suppliers/:id": supplier["id"], "/purchasing/:id": order["id"], "/purchasing/receipts/:id": receipt["id"],
        "/purchasing/bills/:id": bill["id"],
    }  # fmt: skip


async def _moved(desk: Desk, shop: Shop) -> dict[str, str]:
    """A count that goes on, a transfer on its way, a change of prices to look at: each with the marker on it."""
    variant, showroom = str(await _sold_variant(desk)), str(shop.showroom_id)
    places = await desk.get("/api/locations", limit=100)
    other = next(place["id"] for place in places if place["id"] != showroom and place["kind"] == "warehouse")
    count = await desk.send("POST", "/api/stock-counts", {"location_id": showroom, "note": MARKER}, status=201)
    entry = {"variant_id": variant, "quantity": 3, "shelf": MARKER[:40]}
    await desk.send("POST", f"/api/stock-counts/{count['id']}/entries", {"entries": [entry]}, status=201)
    transfer = await desk.send("POST", "/api/transfers", {
        "from_location_id": showroom, "to_location_id": other, "note": MARKER,
        "lines": [{"variant_id": variant, "quantity": 1}],
    }, status=201)  # fmt: skip
    change = {"q": "onerror", "percent_bp": 500, "note": MARKER}
    prices = await desk.send("POST", "/api/price-changes", change, status=201)
    return {"/counts/:id": count["id"], "/transfers/:id": transfer["id"], "/price-changes/:id": prices["id"]}


async def _sold_variant(desk: Desk) -> str:
    stock = await desk.get("/api/stock")
    return str(next(row["variant_id"] for row in stock if row["quantity"] > 0))


async def write_everywhere(desk: Desk) -> None:
    """Write the marker into what the shop itself is called and prints."""
    version = (await desk.get("/api/settings"))["version"]
    await desk.send("PUT", "/api/settings", {
        "name": MARKER, "address": MARKER, "version": version,
        "settings": {"receipt_header": MARKER, "receipt_footer": MARKER, "negative_stock": True},
    })  # fmt: skip
    await desk.send("POST", "/api/groups", {"name": MARKER}, status=201)
    await desk.send("POST", "/api/branches", {"name": MARKER, "address": MARKER}, status=201)
    await desk.send("POST", "/api/tax-classes", {"name": MARKER, "treatment": "exempt"}, status=201)
    await desk.send("POST", "/api/api-keys", {"name": MARKER, "permissions": {"sales:read": "shop"}}, status=201)


@pytest.mark.parametrize(
    ("size", "dark"),
    [
        pytest.param(PHONE, True, id="phone-dark"),
        pytest.param(DESKTOP, False, id="desktop-light"),
        pytest.param(PHONE, False, id="phone-light", marks=pytest.mark.release),
        pytest.param(DESKTOP, True, id="desktop-dark", marks=pytest.mark.release),
    ],
)
async def test_every_screen_is_open_to_all_and_runs_nothing_that_was_written_into_it(
    chromium: Browser, site: Site, shop: Shop, ids: dict[str, str], size: ViewportSize, dark: bool
) -> None:
    wrong: dict[str, list[str]] = {}
    async with opened(chromium, site, size, dark=dark) as page:
        seen = await watch(page)
        places = list(addressed(all_places(), ids))
        for place, path in [each for each in places if each[0].is_open]:
            await page.goto(path)
            await settled(page)
            wrong[place.path] = await judged(page)
        await acts.at_the_till(page, site, shop.owner)
        for place, path in [each for each in places if not each[0].is_open]:
            await page.goto(path)
            await settled(page)
            await expect(page.get_by_text(_NOT_SHOWN)).to_have_count(0)
            wrong[place.path] = await judged(page)
        assert (seen.blocked, seen.boxes, seen.fetched) == ([], [], [])
    assert {path: found for path, found in wrong.items() if found} == {}


async def test_the_sheets_of_the_till_are_open_to_all(
    desktop: Page, site: Site, shop: Shop, ids: dict[str, str]
) -> None:
    assert ids
    seen, wrong = await watch(desktop), dict[str, list[str]]()
    await acts.at_the_till(desktop, site, shop.owner)
    await goods(desktop, MARKER).filter(has_text="UGX").first.click()  # a group has that name too
    keys = {"F4": "Customer", "F6": "Discount", "F7": "Waiting carts", "F8": "Hold", "F9": "Pay"}
    for key, title in keys.items():
        await desktop.keyboard.press(key)
        await expect(dialog(desktop, title)).to_be_visible()
        await desktop.wait_for_timeout(300)  # it fades in
        wrong[title] = await judged(desktop)
        await desktop.keyboard.press("Escape")
        await expect(desktop.get_by_role("dialog")).to_have_count(0)
    await acts.take_money(desktop)
    await acts.sold(desktop)
    wrong["Sold"] = await judged(desktop)
    await button(desktop, "Print").click()
    assert (seen.blocked, seen.boxes, seen.fetched) == ([], [], [])
    assert {title: found for title, found in wrong.items() if found} == {}


async def test_no_token_lies_open_on_the_device(desktop: Page, site: Site, shop: Shop) -> None:
    await stock_up(shop, "USB cable")
    tokens: set[str] = set()

    async def note(request: Request) -> None:
        word = request.headers.get("authorization", "").removeprefix("Bearer ")
        tokens.update([word] if word else [])

    desktop.context.on("request", note)
    await acts.at_the_till(desktop, site, shop.owner)
    await acts.sell(desktop, "USB cable")
    stored = await desktop.evaluate(_STORED)
    cookies = await desktop.context.cookies()
    secrets = tokens | {cookie.get("value", "") for cookie in cookies}
    assert len(secrets) >= 3, "a person's token, a register's credential, a cookie"
    assert [secret[:12] for secret in secrets if secret in stored] == []
    assert [cookie for cookie in cookies if not cookie.get("httpOnly")] == []
    assert not re.search(r"eyJ[\w-]+\.eyJ", stored)


@pytest.mark.slow  # it needs the built app
async def test_pages_may_run_nothing_but_the_apps_own_files(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/", headers={"accept": "text/html"})
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";") if part)
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["style-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert not re.search(r"<(script|style)(?![^>]*\bsrc=)[^>]*>|\son\w+=|\sstyle=", answer.text)


