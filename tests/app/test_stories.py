"""A day at the counter, as people live it on the screen: from an empty page to the counted drawer."""

import re
from time import monotonic

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from duka.platform.messages import ConsoleSms
from tests.app import acts
from tests.app.acts import Desk, Hand, amount, button, cart, dialog, goods
from tests.app.conftest import DESKTOP, PHONE, opened
from tests.app.site import Site
from tests.shops.visitors import Post
from tests.world import Shop, fresh_phone, hire, stock_up

EAN = "6001240100134"
TAPS_MAX = 25
MINUTES_MAX = 3


@pytest.fixture
async def desk(shop: Shop, client: httpx2.AsyncClient) -> Desk:
    """The supervisor, who looks at what was sold through the API."""
    return Desk(client, await hire(shop, "supervisor", name="Okello"))


@pytest.fixture
async def till(desktop: Page, site: Site, shop: Shop, desk: Desk) -> Page:
    """The owner at a till on a PC, with cables (1,000) and chargers (25,000) to sell; no script fails meanwhile."""
    assert desk
    await stock_up(shop, "USB cable", price_minor=1000)
    await stock_up(shop, "Fast charger", price_minor=25_000)
    await acts.put_barcode(desk.client, shop, "USB cable", EAN)
    await acts.at_the_till(desktop, site, shop.owner)
    return desktop


async def test_from_an_empty_page_to_the_first_invoice(phone: Page, site: Site) -> None:
    hand, began = Hand(), monotonic()
    await phone.goto(f"{site.url}/")
    await hand.tap(phone.get_by_role("link", name="Open a shop"))
    await phone.get_by_label("Country").select_option("UG")
    await hand.write(phone.get_by_label("Phone", exact=True), fresh_phone())
    await hand.tap(button(phone, "Send me a code"))
    await expect(phone.get_by_label("Code", exact=True)).to_have_value(re.compile(r"^\d{6}$"))
    await hand.tap(button(phone, "Next"))
    await hand.write(phone.get_by_label("Name of the shop"), "Amina's Corner")
    await hand.write(phone.get_by_label("Your name"), "Amina")
    await hand.write(phone.get_by_label("Choose a password"), "nine quiet hippos")
    await hand.tap(button(phone, "Open my shop"))
    await hand.tap(phone.get_by_role("navigation").get_by_role("link", name="Till"))
    await hand.tap(button(phone, "Start selling here"))
    await hand.write(phone.get_by_label("What do you sell?"), "Airtime 1000")
    await hand.write(phone.get_by_label("Price"), "1000")
    await hand.tap(button(phone, "Add and sell"))
    await hand.tap(acts.pay_button(phone))
    await hand.tap(button(dialog(phone, "Pay"), re.compile(r"^Take\b")))
    number = await acts.sold(phone)
    assert number.endswith("/000001"), number
    assert hand.taps <= TAPS_MAX, f"{hand.taps} taps"
    assert monotonic() - began < 60 * MINUTES_MAX
    print(f"\n{hand.taps} taps, {monotonic() - began:.1f} s")


async def test_a_wrong_password_is_told_and_the_right_one_lets_in(phone: Page, site: Site, shop: Shop) -> None:
    login = await site.login_of(shop.owner)
    await phone.goto("/login")
    await phone.get_by_label("Phone or e-mail").fill(login)
    await phone.get_by_label("Password", exact=True).fill("not the password")
    await button(phone, "Log in").click()
    await expect(phone.get_by_text("do not belong together")).to_be_visible()
    await site.log_in(phone, shop.owner)
    await acts.log_out(phone)
    await expect(button(phone, "Log in")).to_be_visible()
    await phone.goto("/sales")
    await phone.wait_for_url("**/login?next=*")


async def test_a_lost_password_is_set_anew_by_the_code_on_the_phone(
    phone: Page, site: Site, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = await site.login_of(shop.owner)
    kept = Post()

    async def keep(_: ConsoleSms, to: str, text: str) -> None:
        kept.messages.append((to, text))

    # Whichever of this run's servers does the job: they share one database and its queue.
    monkeypatch.setattr(ConsoleSms, "send", keep)
    await phone.goto("/login")
    await phone.get_by_role("link", name="Forgot the password?").click()
    await phone.get_by_label("Phone or e-mail").fill(login)
    await button(phone, "Send it").click()
    found = re.search(r"\b\d{6}\b", await kept.to(login))
    assert found
    await phone.get_by_label("Code", exact=True).fill(found[0])
    await phone.get_by_label("Choose a password").fill("eight loud giraffes")
    await button(phone, "Set the password").click()
    await expect(phone.get_by_text("Your new password is set")).to_be_visible()
    await phone.get_by_label("Phone or e-mail").fill(login)
    await phone.get_by_label("Password", exact=True).fill("eight loud giraffes")
    await button(phone, "Log in").click()
    await expect(phone.get_by_text("Njeri Phones").first).to_be_visible()


async def test_a_device_that_was_replaced_is_told_at_once(chromium: Browser, site: Site, shop: Shop) -> None:
    async with opened(chromium, site, PHONE) as first, opened(chromium, site, DESKTOP) as second:
        await site.log_in(first, shop.owner)
        await expect(first.get_by_text("Njeri Phones").first).to_be_visible()
        await site.log_in(second, shop.owner)
        await expect(first.get_by_text("What you sold on this device is safe")).to_be_visible(timeout=5_000)
        await expect(button(first, "Log in")).to_be_visible()


async def test_selling_by_tap_search_and_scanner(till: Page, desk: Desk) -> None:
    await goods(till, "Fast charger").click()
    search = till.get_by_role("searchbox", name="Search or scan")
    await search.fill("cabl")
    await search.press("Enter")
    await expect(search).to_have_value("")
    await search.blur()
    await acts.scan(till, EAN)
    await expect(cart(till).get_by_role("status")).to_have_text("3 items")
    await acts.take_money(till)
    number = await acts.sold(till)
    [sale] = await desk.sales()
    assert (sale["number"], sale["total"], sale["state"]) == (number, 27_000, "completed")
    lines = [(line["description"], line["quantity"]) for line in sale["lines"]]
    assert lines == [("Fast charger", 1), ("USB cable", 2)]
    assert await desk.check_chains() == 1


async def test_a_payment_in_two_parts_with_change(till: Page, desk: Desk) -> None:
    await goods(till, "Fast charger").click()
    await acts.pay_button(till).click()
    box = dialog(till, "Pay")
    await box.get_by_role("radio", name="MTN MoMo").click()
    await box.get_by_label("Amount").fill("10000")
    await box.get_by_label("Reference").fill("MP240912.1830")
    await button(box, "Add MTN MoMo", exact=False).click()
    await box.get_by_role("radio", name="Cash").click()
    await box.get_by_label("Cash given").fill("20000")
    await button(box, re.compile("^Take")).click()
    await acts.sold(till)
    await expect(dialog(till, "Sold").get_by_text(re.compile("Give .*5,000 change"))).to_be_visible()
    [sale] = await desk.sales()
    paid = [(each["method"], each["amount"], each["reference"]) for each in sale["payments"]]
    assert sorted(paid) == [("cash", 15_000, None), ("mtn_momo", 10_000, "MP240912.1830")]
    assert (sale["paid"], sale["owed"]) == (25_000, 0)


async def test_a_sale_left_incomplete_is_taken_up_and_paid(till: Page, desk: Desk) -> None:
    await goods(till, "Fast charger").click()
    await acts.pay_button(till).click()
    box = dialog(till, "Pay")
    await box.get_by_label("Cash given").fill("5000")
    await box.get_by_text("Pay only a part now").click()
    await button(box, re.compile("^Save as incomplete")).click()
    await expect(dialog(till, "Saved as incomplete")).to_be_visible()
    await acts.next_sale(till)
    [sale] = await desk.sales()
    assert (sale["state"], sale["paid"], sale["invoice"]) == ("incomplete", 5000, None)
    await till.get_by_role("navigation").get_by_role("link", name="Incomplete sales").click()
    await till.get_by_text(sale["number"]).first.click()
    await button(till, "Take payment").first.click()
    box = dialog(till, f"Take payment for {sale['number']}")
    await button(box, re.compile("^Take")).click()
    await expect(till.get_by_text("Paid in full. Invoice")).to_be_visible()
    await expect(till.get_by_text(re.compile(r"\b[0-9A-Z]+/\d{4}/000001\b")).first).to_be_visible()
    [sale] = await desk.sales()
    assert (sale["state"], sale["paid"], sale["owed"]) == ("completed", 25_000, 0)
    assert await desk.check_chains() == 1


async def test_a_cart_is_held_and_taken_up_again(till: Page, desk: Desk) -> None:
    await goods(till, "Fast charger").click()
    await button(cart(till), "Hold").click()
    await dialog(till, "Hold").get_by_label("Name of the cart").fill("the man in the blue shirt")
    await button(dialog(till, "Hold"), "Hold").click()
    await expect(cart(till).get_by_text("The cart is empty")).to_be_visible()
    await acts.sell(till, "USB cable")
    await button(cart(till), "Waiting carts").click()
    await button(dialog(till, "Waiting carts"), re.compile("the man in the blue shirt")).click()
    await expect(cart(till).get_by_text("Fast charger")).to_be_visible()
    await acts.take_money(till)
    await acts.sold(till)
    assert [sale["total"] for sale in await desk.sales()] == [1000, 25_000]
    await acts.next_sale(till)
    await button(cart(till), "Waiting carts").click()
    await expect(dialog(till, "Waiting carts").get_by_text("No cart waits.")).to_be_visible()


async def test_part_of_a_sale_is_brought_back(till: Page, desk: Desk) -> None:
    await goods(till, "USB cable").click()
    number = await acts.sell(till, "USB cable", "Fast charger")
    [sale] = await desk.sales()
    await till.goto(f"/sales/{sale['id']}")
    await expect(till.get_by_text(number).first).to_be_visible()
    await button(till, "Return goods").first.click()
    box = dialog(till, f"Return goods of {number}")
    await box.get_by_role("textbox", name="USB cable").fill("1")
    await box.get_by_label("Reason").fill("the wrong plug")
    await button(box, "Issue the credit note").click()
    await expect(till.get_by_text(re.compile("^Credit note .* is issued"))).to_be_visible()
    [sale] = await desk.sales()
    assert (sale["credited"], sale["paid"]) == (1000, 26_000)
    assert await desk.check_chains() == 2


async def test_a_customer_is_registered_in_place(till: Page, desk: Desk) -> None:
    phone = fresh_phone()
    await goods(till, "USB cable").click()
    await button(cart(till), "Add customer", exact=False).click()
    box = dialog(till, "Customer")
    await box.get_by_label("Phone or name").fill(phone)
    await box.get_by_label("Name", exact=True).fill("Mama Zawadi")
    await button(box, "Register this customer").click()
    await expect(cart(till).get_by_text("Mama Zawadi")).to_be_visible()
    await acts.take_money(till)
    await acts.sold(till)
    await acts.next_sale(till)
    await acts.delivered(till)
    [customer] = await desk.get("/api/customers/search", name="Zawadi")
    [sale] = await desk.sales()
    assert (customer["phone"], sale["customer_id"]) == (phone, customer["id"])


async def test_a_colleague_switches_in_by_pin(
    desktop: Page, site: Site, shop: Shop, desk: Desk, client: httpx2.AsyncClient
) -> None:
    await stock_up(shop, "USB cable", price_minor=1000)
    amina = await hire(shop, "staff", branch_id=shop.branch_id, name="Amina")
    await acts.give_pin(client, site, amina, "4071")
    await acts.at_the_till(desktop, site, shop.owner)
    await _switch(desktop, "9999")
    await expect(dialog(desktop, "Who sells?").get_by_text("This is not the PIN of Amina.")).to_be_visible()
    await desktop.keyboard.type("4071")
    await desktop.keyboard.press("Enter")
    await expect(desktop.get_by_role("dialog")).to_have_count(0)
    await acts.sell(desktop, "USB cable")
    [sale] = await desk.sales()
    assert sale["staff_id"] == str(amina.staff_id)


async def _switch(page: Page, pin: str) -> None:
    await page.get_by_title("Who sells?").click()
    chooser = button(dialog(page, "Who sells?"), re.compile("^Amina"))
    await expect(chooser.or_(dialog(page, "Who sells?").get_by_text("PIN of Amina"))).to_be_visible()
    if await chooser.count():
        await chooser.click()
    await page.keyboard.type(pin)
    await page.keyboard.press("Enter")


async def test_a_discount_above_the_ceiling_needs_a_supervisor(
    chromium: Browser, desktop: Page, site: Site, shop: Shop, desk: Desk, client: httpx2.AsyncClient
) -> None:
    await stock_up(shop, "Fast charger", price_minor=25_000)
    await acts.give_pin(client, site, desk.who, "5093")
    grace = await hire(shop, "staff", branch_id=shop.branch_id, name="Grace")
    await acts.at_the_till(desktop, site, shop.owner)
    await acts.log_out(desktop)
    await site.log_in(desktop, grace)
    await desktop.goto("/sales/new")
    await acts.ready(desktop)
    await goods(desktop, "Fast charger").click()
    await button(cart(desktop), "Discount").click()
    box = dialog(desktop, "Discount")
    await box.get_by_label("Percent").last.fill("10")
    await expect(box.get_by_text("That is more than your 5 %")).to_be_visible()
    await button(box, "Done").click()
    await acts.pay_button(desktop).click()
    await expect(dialog(desktop, "Pay")).to_have_count(0)
    await button(dialog(desktop, "Discount"), "Ask a supervisor").click()
    await expect(dialog(desktop, "A supervisor allows it").get_by_text("PIN of Okello")).to_be_visible()
    await desktop.keyboard.type("5093")
    await desktop.keyboard.press("Enter")
    await expect(dialog(desktop, "Discount").get_by_text("Allowed by Okello")).to_be_visible()
    await button(dialog(desktop, "Discount"), "Done").click()
    await acts.take_money(desktop)
    await acts.sold(desktop)
    await acts.next_sale(desktop)
    await acts.delivered(desktop)
    [sale] = await desk.sales()
    assert (sale["total"], sale["discount"]) == (22_500, 2_500)


async def test_the_drawer_is_opened_filled_emptied_and_counted(till: Page, desk: Desk) -> None:
    await till.goto("/drawer")
    await till.get_by_label("Cash in the drawer now").fill("10000")
    await button(till, "Open the drawer").click()
    await expect(till.get_by_text(re.compile("^Open since"))).to_be_visible()
    await _move(till, "Put cash in", "2000", "coins from the bank")
    await _move(till, "Take cash out", "500", "tea")
    await till.goto("/sales/new")
    await acts.sell(till, "USB cable")
    await till.goto("/drawer")
    await button(till, "Count and close").click()
    box = dialog(till, "Count and close")
    await box.get_by_label("Cash counted").fill("12000")
    await button(box, "Close the drawer").click()
    await expect(till.get_by_role("status").get_by_text(re.compile("500 is missing"))).to_be_visible()
    [turn] = await desk.get("/api/register-sessions")
    assert (turn["state"], turn["expected"], turn["counted"], turn["difference"]) == ("closed", 12_500, 12_000, -500)


async def _move(page: Page, name: str, cash: str, reason: str) -> None:
    await button(page, name).click()
    box = dialog(page, name)
    await box.get_by_label("Amount").fill(cash)
    await box.get_by_label("Reason").fill(reason)
    await button(box, name).click()
    await expect(page.get_by_text("Noted").first).to_be_visible()


async def test_a_sale_without_touching_the_mouse(till: Page, desk: Desk) -> None:
    keys = till.keyboard
    await till.locator("body").press("F2")
    await keys.type("2*cable")
    await keys.press("Enter")
    await keys.press("F4")
    await expect(dialog(till, "Customer").get_by_label("Phone or name")).to_be_focused()
    await keys.type("Mama Zawadi")
    await expect(dialog(till, "Customer").get_by_text("No customer with")).to_be_visible()
    await keys.press("Enter")
    await expect(cart(till).get_by_text("Mama Zawadi")).to_be_visible()
    await keys.press("F9")
    await expect(dialog(till, "Pay").get_by_label("Cash given")).to_be_focused()
    await keys.type("5000")
    await keys.press("Enter")
    await expect(dialog(till, "Sold").get_by_text(re.compile("Give .*3,000 change"))).to_be_visible()
    await keys.press("Enter")
    await expect(till.get_by_role("dialog")).to_have_count(0)
    await keys.type("?")
    await expect(dialog(till, "Keyboard shortcuts")).to_be_visible()
    await keys.press("Escape")
    [sale] = await desk.sales()
    assert (sale["total"], sale["customer"]["name"]) == (2000, "Mama Zawadi")


async def test_a_cart_survives_a_reload(till: Page) -> None:
    await goods(till, "Fast charger").click()
    await expect(cart(till).get_by_text(amount("25,000")).first).to_be_visible()
    await till.reload()
    await expect(cart(till).get_by_text("Fast charger")).to_be_visible()


