"""A sale after it was sold, without a network: it is listed, opened, printed again, paid up and brought back."""

import re

import httpx2
from playwright.async_api import Locator, Page, expect

from tests.app import acts, kept
from tests.app.acts import Desk, amount, button, cart, dialog, goods
from tests.app.device import cut, make_small, on_the_device, restore, until
from tests.app.site import Site
from tests.world import Shop, hire


async def pay_in_two_ways(page: Page) -> str:
    """Sell a charger for 10,000 by MoMo and 15,000 in cash; give the invoice's number."""
    await goods(page, "Fast charger").click()
    await acts.pay_button(page).click()
    box = dialog(page, "Pay")
    await box.get_by_role("radio", name="MTN MoMo").click()
    await box.get_by_label("Amount").fill("10000")
    await button(box, "Add MTN MoMo", exact=False).click()
    await box.get_by_role("radio", name="Cash").click()
    await button(box, re.compile("^Take")).click()
    number = await acts.sold(page)
    await acts.next_sale(page)
    return number


async def leave_incomplete(page: Page) -> str:
    """Take 5,000 of 25,000 for a charger; give the sale's number."""
    await goods(page, "Fast charger").click()
    await acts.pay_button(page).click()
    box = dialog(page, "Pay")
    await box.get_by_label("Cash given").fill("5000")
    await box.get_by_text("Pay only a part now").click()
    await button(box, re.compile("^Save as incomplete")).click()
    words = await dialog(page, "Saved as incomplete").locator(".paper").inner_text()
    found = re.search(r"\b[0-9A-Z]+-\d+\b", words)
    assert found, words
    await acts.next_sale(page)
    return found[0]


def waiting_sales(page: Page) -> Locator:
    """What stands above the list of sales."""
    return page.get_by_role("region", name=re.compile("to be sent$"))


def money_back(page: Page) -> Locator:
    """How much goes back by which method."""
    return page.get_by_role("region", name="Money back")


async def synced(page: Page, number: str) -> None:
    """Wait until the device has a sale as the server tells it."""

    async def is_here() -> bool:
        rows = await kept.rows(page, "sales")
        return any(row["number"] == number and (row["sale"]["invoice"] or {"id": 1})["id"] for row in rows)

    await until(is_here)


async def test_a_sale_that_waits_is_listed_opened_and_printed_again(till: Page) -> None:
    early = await acts.sell(till, "USB cable")
    await acts.delivered(till)
    await synced(till, early)
    await cut(till)
    late = await acts.sell(till, "Fast charger")
    await till.goto("/sales")
    above = waiting_sales(till)
    await expect(above.get_by_text("waiting to be sent")).to_be_visible()
    await expect(above.get_by_text(late)).to_be_visible()
    await expect(above.get_by_text(early)).to_have_count(0)
    await expect(till.get_by_role("table").get_by_text(early)).to_be_visible()
    await expect(till.get_by_text("Offline. Shown as it was")).to_be_visible()
    await above.get_by_text(late).click()
    await expect(till.get_by_text("This sale waits to be sent")).to_be_visible()
    await expect(till.get_by_text("Fast charger")).to_be_visible()
    await button(till, "Print").click()
    await button(dialog(till, f"Receipt {late}"), "Print a copy").click()
    [paper] = await till.evaluate("window.papers")
    assert late in paper
    assert "COPY" in paper
    await till.keyboard.press("Escape")
    await till.context.set_offline(False)
    await expect(till.get_by_text("This sale waits to be sent")).to_have_count(0, timeout=20_000)
    await till.goto("/sales")
    await expect(till.get_by_role("table").get_by_text(late)).to_be_visible()
    await expect(waiting_sales(till)).to_have_count(0)


async def test_the_list_of_sales_is_filtered_without_a_network(till: Page) -> None:
    first = await acts.sell(till, "USB cable")
    second = await pay_in_two_ways(till)
    await acts.delivered(till)
    await synced(till, second)
    await cut(till)
    await till.goto("/sales?method=mtn_momo")
    rows = till.get_by_role("table")
    await expect(rows.get_by_text(second)).to_be_visible()
    await expect(rows.get_by_text(first)).to_have_count(0)
    await till.goto(f"/sales?q={first[-6:]}")
    await expect(rows.get_by_text(first)).to_be_visible()
    await expect(rows.get_by_text(second)).to_have_count(0)


async def test_goods_of_a_synced_sale_come_back_without_a_network(till: Page, desk: Desk) -> None:
    number = await pay_in_two_ways(till)
    await acts.delivered(till)
    await synced(till, number)
    [sale] = await desk.sales()
    await cut(till)
    await till.goto(f"/sales/{sale['id']}")
    await button(till, "Return goods").first.click()
    box = dialog(till, f"Return goods of {number}")
    await button(box, "All of it").click()
    for method, worth in (("MTN MoMo", "10,000"), ("Cash", "15,000")):
        line = money_back(till).get_by_role("listitem").filter(has_text=method)
        await expect(line.get_by_text(amount(worth))).to_be_visible()
    await box.get_by_label("Reason").fill("does not charge")
    await button(box, "Issue the credit note").click()
    done = dialog(till, "Returned")
    await expect(done.get_by_text(re.compile("^Credit note .* is issued"))).to_be_visible()
    await expect(money_back(till).get_by_role("listitem")).to_have_count(2)
    slip = done.get_by_role("region", name="Credit note")
    for words in (number, "does not charge", "Paid back: MTN MoMo", "Paid back: Cash"):
        await expect(slip.get_by_text(words)).to_be_visible()
    await button(done, "Done").click()
    await expect(till.get_by_text("A payment or a return of this sale waits to be sent")).to_be_visible()
    await restore(till)
    [sale] = await desk.sales()
    paid_back = sorted((each["method"], each["amount"]) for each in sale["payments"] if each["direction"] == "out")
    assert (sale["credited"], sale["paid"], sale["exceptions"]) == (25_000, 0, [])
    assert paid_back == [("cash", 15_000), ("mtn_momo", 10_000)]
    assert await desk.check_chains() == 2


async def test_goods_of_a_sale_that_waits_come_back_without_a_network(till: Page, desk: Desk) -> None:
    await cut(till)
    number = await pay_in_two_ways(till)
    await till.goto("/sales")
    await waiting_sales(till).get_by_text(number).click()
    await button(till, "Return goods").click()
    await give_all_back(till, number)
    await expect(till.get_by_text("This sale waits to be sent")).to_be_visible()
    await restore(till)
    [sale] = await desk.sales()
    assert (sale["credited"], sale["paid"], sale["exceptions"]) == (25_000, 0, [])
    assert await desk.check_chains() == 2


async def test_a_sale_that_waits_is_paid_up_on_its_page(till: Page, desk: Desk) -> None:
    await cut(till)
    number = await leave_incomplete(till)
    await till.goto("/sales")
    await waiting_sales(till).get_by_text(number).click()
    await button(till, "Take payment").click()
    box = dialog(till, f"Take payment for {number}")
    await button(box, re.compile("^Take .*20,000")).click()
    await expect(till.get_by_text("Paid in full. Invoice")).to_be_visible()
    await expect(till.get_by_text("This sale waits to be sent")).to_be_visible()
    await restore(till)
    [sale] = await desk.sales()
    assert (sale["state"], sale["paid"], sale["owed"], sale["exceptions"]) == ("completed", 25_000, 0, [])
    assert await desk.check_chains() == 1


async def test_an_incomplete_sale_is_taken_up_in_the_till_from_its_list(till: Page, desk: Desk) -> None:
    number = await leave_incomplete(till)
    await acts.delivered(till)
    await synced(till, number)
    await goods(till, "USB cable").click()
    await cut(till)
    await till.goto("/sales/incomplete")
    await till.get_by_role("link", name="Take up in the till").click()
    box = dialog(till, "Pay")
    await expect(box.get_by_text(number)).to_be_visible()
    await expect(box.get_by_text(re.compile(r"5,000\s*is paid already"))).to_be_visible()
    await box.get_by_label("Cash given").fill("50000")
    await button(box, re.compile("^Take")).click()
    await expect(dialog(till, "Sold").get_by_text(re.compile("Give .*30,000 change"))).to_be_visible()
    invoice = await acts.sold(till)
    await acts.next_sale(till)
    await expect(cart(till).get_by_text("USB cable")).to_be_visible()
    await till.goto("/sales/incomplete")
    await expect(till.get_by_text("Nothing waits to be paid")).to_be_visible()
    await restore(till)
    [sale] = await desk.sales()
    assert (sale["number"], sale["state"], sale["paid"], sale["exceptions"]) == (invoice, "completed", 25_000, [])
    assert await desk.check_chains() == 1


async def test_an_incomplete_sale_is_taken_up_from_what_waits_at_the_till(till: Page, desk: Desk) -> None:
    await cut(till)
    number = await leave_incomplete(till)
    await button(cart(till), "Waiting carts").click()
    await button(dialog(till, "Waiting carts"), re.compile(re.escape(number))).click()
    box = dialog(till, "Pay")
    await box.get_by_role("radio", name="MTN MoMo").click()
    await button(box, re.compile("^Take")).click()
    await acts.sold(till)
    await acts.next_sale(till)
    await restore(till)
    [sale] = await desk.sales()
    assert (sale["state"], sale["paid"], sale["exceptions"]) == ("completed", 25_000, [])


async def test_goods_come_back_at_the_till_by_the_number_of_the_receipt(till: Page, desk: Desk) -> None:
    number = await pay_in_two_ways(till)
    await acts.sell(till, "USB cable")
    await acts.delivered(till)
    await synced(till, number)
    await cut(till)
    await button(till, "Return").click()
    finding = dialog(till, "Goods come back")
    await finding.get_by_label("Number on the receipt").fill(number.lower())
    await button(finding, "Find").click()
    await give_all_back(till, number)
    await restore(till)
    sale = next(each for each in await desk.sales() if each["number"] == number)
    assert (sale["credited"], sale["paid"], sale["exceptions"]) == (25_000, 0, [])
    assert await desk.check_chains() == 3


async def test_goods_come_back_at_the_till_by_a_scan_of_the_receipt(till: Page, desk: Desk) -> None:
    number = await acts.sell(till, "USB cable")
    [sale] = await desk.sales()
    await till.get_by_role("searchbox", name="Search or scan").blur()
    await acts.scan(till, f"{number} {sale['business_date']} UGX 1000 {sale['invoice']['hash']}")
    await give_all_back(till, number)
    [sale] = await desk.sales()
    assert (sale["credited"], sale["paid"]) == (1000, 0)


async def give_all_back(page: Page, number: str) -> None:
    """Bring back all of a sale whose box is open."""
    box = dialog(page, f"Return goods of {number}")
    await button(box, "All of it").click()
    await box.get_by_label("Reason").fill("the wrong one")
    await button(box, "Issue the credit note").click()
    await button(dialog(page, "Returned"), "Done").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_receipt_of_another_till_is_found_only_with_a_network(till: Page) -> None:
    await cut(till)
    await button(till, "Return").click()
    finding = dialog(till, "Goods come back")
    await finding.get_by_label("Number on the receipt").fill("ZZ9/2627/000077")
    await button(finding, "Find").click()
    await expect(finding.get_by_text("is not on this device. Connect to the network to find it.")).to_be_visible()


async def test_a_full_device_says_at_once_that_the_cart_is_not_kept(
    desktop: Page, site: Site, shop: Shop, desk: Desk
) -> None:
    assert desk
    browser = await make_small(desktop, site)
    await acts.at_the_till(desktop, site, shop.owner)
    await on_the_device(desktop)
    await kept.fill_up(desktop)
    await goods(desktop, "USB cable").click()
    warning = desktop.get_by_role("alert").filter(has_text="the cart is on the screen only")
    await expect(warning).to_be_visible()
    await expect(cart(desktop).get_by_text("USB cable")).to_be_visible()
    await browser.send("Storage.overrideQuotaForOrigin", {"origin": site.url})
    await button(warning, "Try again").click()
    await expect(warning).to_have_count(0)
    await desktop.reload()
    await expect(cart(desktop).get_by_text("USB cable")).to_be_visible()


async def test_going_back_to_oneself_asks_for_ones_pin(
    desktop: Page, site: Site, shop: Shop, client: httpx2.AsyncClient
) -> None:
    amina = await hire(shop, "staff", branch_id=shop.branch_id, name="Amina")
    await acts.give_pin(client, site, amina, "4071")
    await acts.give_pin(client, site, shop.owner, "8812")
    await acts.at_the_till(desktop, site, shop.owner)
    await until(lambda: _has_pins(desktop, 2))
    who = desktop.get_by_title("Who sells?")
    owner = (await who.inner_text()).strip()
    box = dialog(desktop, "Who sells?")
    await who.click()
    await expect(box.get_by_text("PIN of Amina")).to_be_visible()
    await desktop.keyboard.type("4071")
    await desktop.keyboard.press("Enter")
    await expect(who).to_have_text("Amina")
    await who.click()
    await expect(box.get_by_text(f"PIN of {owner}")).to_be_visible()
    await desktop.keyboard.type("1234")
    await desktop.keyboard.press("Enter")
    await expect(box.get_by_text("This is not the PIN")).to_be_visible()
    await desktop.keyboard.type("8812")
    await desktop.keyboard.press("Enter")
    await expect(who).to_have_text(owner)


async def _has_pins(page: Page, count: int) -> bool:
    return sum(1 for row in await kept.rows(page, "staff") if row.get("pin")) == count


async def test_a_group_without_items_says_how_they_get_there(
    desktop: Page,
    site: Site,
    shop: Shop,
    desk: Desk,
) -> None:
    answer = await desk.client.post("/api/groups", json={"name": "Batteries"}, headers=shop.owner.headers)
    assert answer.status_code == 201, answer.text
    await acts.at_the_till(desktop, site, shop.owner)
    await button(desktop, "Batteries").click()
    await expect(desktop.get_by_text("Nothing in this group yet")).to_be_visible()
    await button(desktop, "Show everything").click()
    await expect(goods(desktop, "USB cable")).to_be_visible()
