"""What people do in the app, told in their words: each act is done on the screen as a person would do it."""

import re
import time
from dataclasses import dataclass
from typing import Any, Final

import httpx2
from playwright.async_api import Dialog, Locator, Page, expect

from tests.app.site import PASSWORD, Site
from tests.world import Person, Shop

Json = dict[str, Any]
WAIT_MS: Final = 10_000
SCANNER_PAUSE_SECONDS: Final = 0.002


@dataclass(slots=True)
class Hand:
    """A hand at a touch screen that counts its taps; typing begins with a tap into the field."""

    taps: int = 0

    async def tap(self, target: Locator) -> None:
        """Tap on something."""
        await target.click()
        self.taps += 1

    async def write(self, field: Locator, text: str) -> None:
        """Tap into a field and type."""
        await self.tap(field)
        await field.fill(text)


def button(where: Page | Locator, name: str | re.Pattern[str], *, exact: bool = True) -> Locator:
    """A button by its name."""
    return where.get_by_role("button", name=name, exact=exact and isinstance(name, str))


def dialog(page: Page, title: str | re.Pattern[str]) -> Locator:
    """The sheet or box with this title."""
    return page.get_by_role("dialog", name=title, exact=isinstance(title, str))


def goods(page: Page, name: str) -> Locator:
    """The card of something to sell."""
    return page.get_by_role("region", name="Till").get_by_role("button", name=re.compile(rf"^{re.escape(name)}(?!\w)"))


def cart(page: Page) -> Locator:
    """The cart beside the goods, on wide screens."""
    return page.get_by_role("complementary", name="Cart")


def pay_button(page: Page) -> Locator:
    """What opens the payment."""
    return page.get_by_role("button", name=re.compile(r"^Pay\b"))


def amount(text: str) -> re.Pattern[str]:
    """An amount with its currency, however the browser spaces them: `amount("1,500")`."""
    return re.compile(rf"(?<![\d,]){re.escape(text)}(?![\d,])")


async def set_up(page: Page) -> None:
    """Make the device a till, on the till's own page, and wait until it can sell."""
    await go(page, "/sales/new")
    await button(page, "Start selling here").click()
    await ready(page)


async def ready(page: Page) -> None:
    """Wait until the till can sell."""
    await expect(page.get_by_role("searchbox", name="Search or scan")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"^Loading your items"))).to_have_count(0)


async def go(page: Page, path: str) -> None:
    """Open an address of the app."""
    await page.goto(path)


async def at_the_till(page: Page, site: Site, person: Person) -> None:
    """Log in and make the device a till."""
    await site.log_in(page, person)
    await set_up(page)


async def take_money(page: Page, given: str | None = None) -> None:
    """Open the payment, type what the customer hands over (nothing: exactly what is due) and take it."""
    await pay_button(page).click()
    box = dialog(page, "Pay")
    if given is not None:
        await box.get_by_label("Cash given").fill(given)
    await button(box, re.compile(r"^Take\b")).click()


async def sold(page: Page) -> str:
    """Wait for the receipt and give the document's number."""
    box = dialog(page, "Sold")
    await expect(box).to_be_visible()
    return await number_in(box)


async def number_in(box: Locator) -> str:
    """Read the invoice's number off a receipt."""
    words = await box.locator(".paper").inner_text()
    found = re.search(r"\b[0-9A-Z]+/\d{4}/\d+\b", words)
    assert found, words
    return found[0]


async def next_sale(page: Page) -> None:
    """Put the receipt away."""
    await button(page, re.compile(r"^New sale")).click()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def sell(page: Page, *names: str) -> str:
    """Sell one of each for exact cash; give the invoice's number."""
    for name in names:
        await goods(page, name).click()
    await take_money(page)
    number = await sold(page)
    await next_sale(page)
    return number


async def scan(page: Page, code: str) -> None:
    """Read a barcode with a scanner that types: each key bears its moment, however slow the page is."""
    keyboard = await page.context.new_cdp_session(page)
    began = time.time()
    for place, sign in enumerate([*code, "Enter"]):
        key = {"key": sign, "text": sign, "timestamp": began + place * SCANNER_PAUSE_SECONDS}
        if sign == "Enter":
            key |= {"text": "\r", "windowsVirtualKeyCode": 13}
        await keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", **key})
        await keyboard.send("Input.dispatchKeyEvent", {**key, "type": "keyUp"})
    await keyboard.detach()


async def delivered(page: Page) -> None:
    """Wait until nothing waits to be delivered."""
    await expect(page.get_by_role("button", name="Up to date")).to_be_visible(timeout=20_000)


def own_menu(page: Page) -> Locator:
    """What opens the person's own menu."""
    return page.get_by_role("button", name=re.compile("Your menu$"))


async def log_out(page: Page) -> None:
    """Log out by the person's own menu."""
    await own_menu(page).click()
    await button(page, "Log out").click()


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who looks at the shop through the API, to see what the screens did."""

    client: httpx2.AsyncClient
    who: Person

    async def get(self, path: str, **query: str | int) -> Any:
        """Ask for something and give its data."""
        answer = await self.client.get(path, params=query, headers=self.who.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def send(self, method: str, path: str, body: Json | None = None, *, status: int = 200) -> Any:
        """Send something and give the answer's data."""
        answer = await self.client.request(method, path, json=body, headers=self.who.headers)
        assert answer.status_code == status, answer.text
        return answer.json().get("data")

    async def sales(self) -> list[Json]:
        """All sales, the oldest first, each as its page shows it."""
        rows = await self.get("/api/sales", limit=100)
        whole = [await self.get(f"/api/sales/{row['id']}") for row in rows]
        return sorted(whole, key=lambda row: str(row["made_at"]))

    async def check_chains(self) -> int:
        """Have the server check each invoice of the shop; give how many there are."""
        invoices = await self.get("/api/invoices", limit=100)
        for invoice in invoices:
            verdict = await self.get(f"/api/invoices/{invoice['id']}/verify")
            assert verdict["holds"], verdict
        return len(invoices)


async def give_pin(client: httpx2.AsyncClient, site: Site, person: Person, pin: str) -> None:
    """Have a person choose a PIN."""
    await site.login_of(person)
    body = {"pin": pin, "current_password": PASSWORD}
    answer = await client.put("/api/me/pin", json=body, headers=person.headers)
    assert answer.status_code == 200, answer.text


async def put_barcode(client: httpx2.AsyncClient, shop: Shop, name: str, code: str) -> None:
    """Put a barcode on something the shop sells."""
    headers = shop.owner.headers
    found = await client.get("/api/products", params={"q": name}, headers=headers)
    product = found.json()["data"][0]
    path = f"/api/products/{product['id']}/variants/{product['variants'][0]['id']}"
    change = {"barcode": code, "version": product["variants"][0]["version"]}
    answer = await client.put(path, json=change, headers=headers)
    assert answer.status_code == 200, answer.text


def refuse_dialogs(page: Page) -> list[str]:
    """Note every box that a script opens (`alert` and its like), and close it."""
    opened: list[str] = []

    async def note(box: Dialog) -> None:
        opened.append(box.message)
        await box.dismiss()

    page.on("dialog", note)
    return opened
