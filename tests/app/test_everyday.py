"""Small things that people meet every day: patience, first steps, amounts, several tabs, leaving without a network."""

import re
from collections.abc import Awaitable, Callable
from time import monotonic

import httpx2
import pytest
from playwright.async_api import Browser, Page, Route, expect
from sqlalchemy import select

from duka.platform.edge import House
from duka.shops.models import DeviceSession
from tests.app import acts
from tests.app.acts import Desk, button, cart, dialog, goods
from tests.app.conftest import PHONE, opened
from tests.app.device import cut, on_the_device, until
from tests.app.kept import outbox
from tests.app.site import Site
from tests.world import Shop, fresh_phone, hire, open_a_shop, stock_up

_WAIT_SECONDS = 6


@pytest.fixture
async def desk(shop: Shop, client: httpx2.AsyncClient) -> Desk:
    """Another owner, who looks at what arrived."""
    return Desk(client, await hire(shop, "owner", name="Achieng"))


@pytest.fixture
async def till(desktop: Page, site: Site, shop: Shop) -> Page:
    """The owner at a till whose app is on the device, with cables (1,000) to sell."""
    await stock_up(shop, "USB cable", price_minor=1000, quantity_milli=100_000)
    await acts.at_the_till(desktop, site, shop.owner)
    await on_the_device(desktop)
    return desktop


def too_many(times: int) -> tuple[list[float], Callable[[Route], Awaitable[None]]]:
    """Answer as a server does that asks for patience, so many times; note when it was asked, in seconds."""
    asked: list[float] = []

    async def answer(route: Route) -> None:
        asked.append(monotonic())
        if len(asked) > times:
            await route.continue_()
            return
        words = f"Too many requests. Try again in {_WAIT_SECONDS} seconds."
        failure = {"code": "RATE_LIMITED", "message": words, "details": {}}
        await route.fulfill(
            status=429, headers={"Retry-After": str(_WAIT_SECONDS)}, json={"success": False, "error": failure}
        )

    return asked, answer


async def test_a_page_says_how_long_to_wait_and_goes_on_by_itself(desktop: Page, site: Site, shop: Shop) -> None:
    await stock_up(shop, "USB cable", price_minor=1000)
    await site.log_in(desktop, shop.owner)
    _, answer = too_many(1)
    await desktop.route("**/api/products?*", answer)
    await acts.go(desktop, "/products")
    told = desktop.get_by_role("alert")
    await expect(told).to_contain_text("Too many requests")
    await expect(told).to_contain_text(re.compile(r"Try again in \d seconds?\."))
    await expect(button(told, "Try again")).to_be_disabled()
    await expect(button(desktop, "Up to date")).to_be_visible()
    await expect(desktop.get_by_role("link", name="USB cable")).to_be_visible(timeout=20_000)


async def test_what_waits_is_sent_when_the_server_wants_it(till: Page, desk: Desk) -> None:
    await cut(till)
    number = await acts.sell(till, "USB cable")
    asked, answer = too_many(1)
    await till.route("**/api/sales", answer)
    await till.context.set_offline(False)
    waits = button(till, re.compile("1 to send"))
    await expect(waits).to_be_visible()
    await expect(waits).not_to_have_accessible_name(re.compile("Offline"))
    await goods(till, "USB cable").click()
    await acts.take_money(till)
    await acts.sold(till)
    await acts.next_sale(till)
    await acts.delivered(till)
    assert asked[1] - asked[0] > _WAIT_SECONDS - 1, "a new sale does not make the till impatient"
    sales = await desk.sales()
    assert sales[0]["number"] == number
    assert len(sales) == 2


async def test_a_new_owner_is_shown_the_first_steps(desktop: Page, site: Site, shop: Shop, desk: Desk) -> None:
    await site.log_in(desktop, shop.owner)
    steps = desktop.get_by_role("region", name="First steps")
    # Somebody else works here already.
    await expect(steps).to_contain_text("1 of 5 done")
    await desk.send("POST", "/api/products", {"name": "USB cable", "price": 1000, "tracking": "none"}, status=201)
    await expect(steps).to_contain_text("2 of 5 done")
    await steps.get_by_role("link", name="Write your tax number").click()
    await desktop.get_by_label("Tax number").fill("1000123456")
    await button(desktop, "Save").click()
    await expect(desktop.get_by_text("Saved.")).to_be_visible()
    await acts.go(desktop, "/")
    await expect(steps).to_contain_text("3 of 5 done")
    await steps.get_by_role("link", name="Make this device a till").click()
    await button(desktop, "Start selling here").click()
    await acts.ready(desktop)
    await acts.go(desktop, "/")
    await expect(steps).to_contain_text("3 of 5 done")
    await steps.get_by_role("link", name="Make your first sale").click()
    await acts.sell(desktop, "USB cable")
    await acts.go(desktop, "/")
    await expect(desktop.get_by_role("region", name="To look at")).to_be_visible()
    await expect(steps).to_have_count(0)


async def test_the_first_steps_can_be_put_away(phone: Page, site: Site, shop: Shop) -> None:
    await site.log_in(phone, shop.owner)
    steps = phone.get_by_role("region", name="First steps")
    await button(steps, "Put the first steps away").click()
    await expect(steps).to_have_count(0)
    await button(phone, "Undo").click()
    await button(steps, "Put the first steps away").click()
    await phone.reload()
    await expect(phone.get_by_role("region", name="To look at")).to_be_visible()
    await expect(steps).to_have_count(0)


async def test_a_product_comes_with_price_cost_and_first_stock(
    desktop: Page, site: Site, shop: Shop, desk: Desk
) -> None:
    await site.log_in(desktop, shop.owner)
    await acts.go(desktop, "/products/new")
    await desktop.get_by_label("Name", exact=True).fill("USB cable")
    await desktop.get_by_label("Price", exact=True).fill("2500")
    await desktop.get_by_label("Cost").fill("1500")
    await desktop.get_by_label("There now").fill("12")
    await button(desktop, "Put on sale").click()
    star = button(desktop, "Favourite: USB cable")
    await star.click()
    await expect(star).to_have_attribute("aria-pressed", "true")
    [product] = await desk.get("/api/products")
    [variant] = product["variants"]
    assert (variant["price"], variant["cost"], product["favourite"]) == (2500, 1500, True)
    [balance] = await desk.get("/api/stock")
    assert (balance["quantity"], balance["location_id"]) == (12, str(shop.showroom_id))
    [movement] = await desk.get("/api/stock-movements")
    assert (movement["kind"], movement["quantity"]) == ("opening", 12)
    await acts.go(desktop, "/products")
    await button(desktop, "Favourite: USB cable").click()
    await expect(button(desktop, "Favourite: USB cable")).to_have_attribute("aria-pressed", "false")


async def test_a_first_stock_that_was_not_written_is_told(desktop: Page, site: Site, shop: Shop, desk: Desk) -> None:
    await site.log_in(desktop, shop.owner)
    await acts.go(desktop, "/products/new")
    await desktop.get_by_label("Name", exact=True).fill("USB cable")
    await desktop.get_by_label("Price", exact=True).fill("2500")
    await desktop.get_by_label("There now").fill("12")
    await desktop.route("**/api/products/*/adjust", lambda route: route.abort("connectionreset"))
    await button(desktop, "Put on sale").click()
    await expect(desktop.get_by_role("alert")).to_contain_text("its first stock was not written")
    await desktop.wait_for_url("**/products/*?tab=stock")
    assert [product["name"] for product in await desk.get("/api/products")] == ["USB cable"]
    assert await desk.get("/api/stock") == []


async def test_digits_are_grouped_as_people_type(chromium: Browser, site: Site, house: House) -> None:
    shop = await open_a_shop(house, currency="INR", country="IN", time_zone="Asia/Kolkata", state_code="29")
    async with opened(chromium, site, PHONE) as page:
        await site.log_in(page, shop.owner)
        await acts.go(page, "/products/new")
        price = page.get_by_label("Price", exact=True)
        await price.press_sequentially("1234567")
        await expect(price).to_have_value("12,34,567")
        await price.press("Home")
        await price.press("ArrowRight")
        await price.press_sequentially("99")
        await expect(price).to_have_value("19,92,34,567")
        await price.press("Backspace")
        await price.press("Backspace")
        await expect(price).to_have_value("12,34,567")
        name = page.get_by_label("Name", exact=True)
        await name.fill("1,234.50")
        await name.press("ControlOrMeta+a")
        await name.press("ControlOrMeta+c")
        await price.press("ControlOrMeta+a")
        await price.press("ControlOrMeta+v")
        await expect(price).to_have_value("1,234.50")
        await page.evaluate("localStorage.setItem('duka.language', 'hi')")
        await page.reload()
        price = page.get_by_label("दाम", exact=True)
        await price.fill("")
        await price.press_sequentially("100000.5")
        await expect(price).to_have_value("1,00,000.5")


async def test_the_focus_of_a_sheet_on_a_phone_is_at_its_title(phone: Page, site: Site, shop: Shop) -> None:
    await site.log_in(phone, shop.owner)
    await acts.go(phone, "/staff")
    opener = button(phone, "Invite").first
    await opener.click()
    box = dialog(phone, "Invite somebody")
    await expect(box.get_by_role("heading", name="Invite somebody")).to_be_focused()
    await phone.keyboard.press("Escape")
    await expect(opener).to_be_focused()


async def test_what_one_tab_delivered_no_other_tab_counts(till: Page) -> None:
    other = await till.context.new_page()
    await other.goto("/sales/new")
    await acts.ready(other)
    await cut(till)
    await acts.sell(till, "USB cable")
    waits = re.compile("1 to send")
    await expect(button(other, waits)).to_be_visible()
    # The shop's news would tell them as well, later.
    await till.context.route("**/api/sync/**", lambda route: route.abort())
    await till.context.set_offline(False)
    for page in (till, other):
        await expect(button(page, waits)).to_have_count(0)


async def test_a_customer_arrives_whoever_is_logged_in_by_then(
    desktop: Page, site: Site, shop: Shop, desk: Desk
) -> None:
    await stock_up(shop, "USB cable", price_minor=1000)
    supervisor = await hire(shop, "supervisor", name="Okello")
    await acts.at_the_till(desktop, site, shop.owner)
    await acts.log_out(desktop)
    await site.log_in(desktop, supervisor)
    await acts.go(desktop, "/sales/new")
    await acts.ready(desktop)
    await on_the_device(desktop)
    await cut(desktop)
    await goods(desktop, "USB cable").click()
    await button(cart(desktop), "Add customer", exact=False).click()
    box = dialog(desktop, "Customer")
    await box.get_by_label("Phone or name").fill(fresh_phone())
    await box.get_by_label("Name", exact=True).fill("Mama Zawadi")
    await button(box, "Register this customer").click()
    await expect(cart(desktop).get_by_text("Mama Zawadi")).to_be_visible()
    [waiting] = await outbox(desktop)
    assert waiting["kind"] == "customer"
    await desk.send("POST", f"/api/staff/{supervisor.staff_id}/suspend", {"reason": "left the shop"})
    await desktop.context.set_offline(False)
    await desktop.wait_for_url("**/login*")

    async def has_arrived() -> bool:
        return [customer["name"] for customer in await desk.get("/api/customers")] == ["Mama Zawadi"]

    await until(has_arrived)


async def test_a_logout_without_a_network_ends_the_login_at_the_next_contact(
    phone: Page, site: Site, shop: Shop
) -> None:
    await stock_up(shop, "USB cable", price_minor=1000)
    cashier = await hire(shop, "staff", name="Okello")
    await site.log_in(phone, shop.owner)
    await on_the_device(phone)
    assert await _is_logged_in(site, shop)
    await cut(phone)
    await acts.log_out(phone)
    await expect(button(phone, "Log in")).to_be_visible()
    await phone.reload()
    await phone.goto("/sales")
    await expect(button(phone, "Log in")).to_be_visible()
    assert "duka_refresh" in [cookie.get("name") for cookie in await phone.context.cookies()]
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url) if "/api/auth" in request.url else None)
    await phone.context.set_offline(False)
    await site.log_in(phone, cashier)
    order = [url.rsplit("/", 1)[1] for url in asked]
    assert set(order[: order.index("login")]) == {"logout"}  # told before anything else; twice does no harm
    assert not await _is_logged_in(site, shop)
    await expect(acts.own_menu(phone)).to_be_visible()


async def _is_logged_in(site: Site, shop: Shop) -> bool:
    """Whether a login of the owner stands at the server."""
    live = select(DeviceSession.id).where(
        DeviceSession.account_id == shop.owner.account_id, DeviceSession.ended_at.is_(None)
    )
    async with site.house.database.session("platform") as db:
        return (await db.scalars(live)).first() is not None
