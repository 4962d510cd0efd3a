"""Buying on the screen: from what runs low to the paid bill, counting with a scanner, and what each role sees of it."""

import re
from typing import Any, Final
from urllib.parse import unquote

import httpx2
import pytest
from playwright.async_api import Browser, FilePayload, Locator, Page, Route, expect

from duka.platform.ids import new_id
from tests.app import acts
from tests.app.acts import Desk, amount, button, cart, dialog, goods
from tests.app.conftest import DESKTOP, PHONE, opened
from tests.app.judging import judged, judged_in_both_looks
from tests.app.places import settled
from tests.app.site import Site
from tests.world import Shop, hire, stock_up

Json = dict[str, Any]

EAN: Final = "6001240100134"
_TABS_MAX: Final = 80
_FOCUSED: Final = """() => {
  const here = document.activeElement
  return (here?.getAttribute('aria-label') ?? here?.labels?.[0]?.innerText ?? here?.innerText ?? '').trim()
}"""


@pytest.fixture
async def desk(shop: Shop, client: httpx2.AsyncClient) -> Desk:
    """Another owner, who looks at what was done through the API."""
    return Desk(client, await hire(shop, "owner", name="Achieng"))


@pytest.fixture
async def cable(shop: Shop, desk: Desk) -> str:
    """Two cables that should be twenty, with a barcode; gives the variant's id."""
    variant = await stock_up(shop, "USB cable", price_minor=2500, quantity_milli=2_000, min_stock_milli=20_000)
    await acts.put_barcode(desk.client, shop, "USB cable", EAN)
    return str(variant)


@pytest.fixture
async def wholesaler(desk: Desk, cable: str) -> str:
    """Who supplies cables at 1,000; gives the supplier's id."""
    body = {"name": "Kampala Wholesalers", "phone": "0772 123456", "credit_days": 30, "lead_time_days": 3}
    made = await desk.send("POST", "/api/suppliers", body, status=201)
    item = {"version": 1, "supplier_code": "KW-118", "price": 1000, "preferred": True}
    await desk.send("PUT", f"/api/suppliers/{made['id']}/items/{cable}", item)
    return str(made["id"])


async def placed(desk: Desk, supplier_id: str, variant_id: str, quantity: int = 24) -> Json:
    """An order that was approved and placed."""
    body = {"supplier_id": supplier_id, "lines": [{"variant_id": variant_id, "quantity": quantity}]}
    order = await desk.send("POST", "/api/purchase-orders", body, status=201)
    for step in ("approve", "order"):
        order = await desk.send("POST", f"/api/purchase-orders/{order['id']}/{step}")
    return dict(order)


def counted(page: Page, name: str = "USB cable") -> Locator:
    """Where the accepted quantity of something is typed."""
    return page.get_by_role("textbox", name=f"Accepted: {name}")


async def test_a_supplier_confirms_an_order_on_a_phone_of_their_own(
    chromium: Browser, phone: Page, site: Site, shop: Shop, desk: Desk, wholesaler: str, cable: str
) -> None:
    order = await placed(desk, wholesaler, cable)
    sent = await desk.send("POST", f"/api/purchase-orders/{order['id']}/send", {"by": "whatsapp"}, status=202)
    token = sent["link"].partition("#")[2]
    async with opened(chromium, site, PHONE) as theirs:
        await theirs.goto(f"/order#{token}")
        await expect(theirs.get_by_role("heading", level=1)).to_have_text(f"Order {order['number']}")
        await expect(theirs.get_by_text("24 wanted")).to_be_visible()
        await theirs.get_by_role("textbox", name="How many come").fill("20")
        await expect(theirs.get_by_text("4 fewer than wanted")).to_be_visible()
        await theirs.get_by_label("Which day").fill("2031-01-15")
        await expect(theirs.get_by_text("Later than wanted")).to_be_visible()
        await theirs.get_by_label("Something to add").fill("Four next week.")
        wrong = await judged_in_both_looks(theirs, "an order that its supplier answers")
        # By the keyboard alone: the button is the next thing after the note.
        await theirs.keyboard.press("Tab")
        await theirs.keyboard.press("Enter")
        await expect(theirs.get_by_text("Thank you. The shop has been told.")).to_be_visible()
        wrong += await judged_in_both_looks(theirs, "an order that its supplier has answered")
        await site.log_in(phone, shop.owner)
        await acts.go(phone, f"/purchasing/{order['id']}")
        await expect(phone.get_by_text(re.compile(r"^20 confirmed for "))).to_be_visible()
        await expect(phone.get_by_text("4 short")).to_be_visible()
        await expect(phone.get_by_text("Comes late")).to_be_visible()
        await expect(phone.get_by_text("“Four next week.”")).to_be_visible()
        await button(phone.get_by_role("main"), "More").click()
        await button(phone, "End the supplier’s link").click()
        await button(dialog(phone, re.compile("End all links")), "End the supplier’s link").click()
        await expect(phone.get_by_text("The links have ended.")).to_be_visible()
        await theirs.reload()
        await expect(theirs.get_by_role("heading", name="This link is no longer good").first).to_be_visible()
        wrong += await judged_in_both_looks(theirs, "a link that is no longer good")
        assert wrong == []


async def test_a_supplier_sees_that_an_order_was_called_off(
    chromium: Browser, site: Site, desk: Desk, wholesaler: str, cable: str
) -> None:
    order = await placed(desk, wholesaler, cable)
    sent = await desk.send("POST", f"/api/purchase-orders/{order['id']}/send", {"by": "whatsapp"}, status=202)
    async with opened(chromium, site, PHONE) as theirs:
        await theirs.route("**/api/order-links/**", lambda route: route.abort("connectionreset"), times=1)
        await theirs.goto(f"/order#{sent['link'].partition('#')[2]}")
        await expect(button(theirs, "Try again")).to_be_visible()
        wrong = await judged_in_both_looks(theirs, "an order that cannot be fetched")
        await button(theirs, "Try again").click()
        await expect(theirs.get_by_text("24 wanted")).to_be_visible()
        await desk.send("POST", f"/api/purchase-orders/{order['id']}/cancel", {"reason": "We found it elsewhere."})
        await theirs.reload()
        await expect(theirs.get_by_role("heading", name="The shop has called this order off")).to_be_visible()
        await expect(theirs.get_by_role("textbox")).to_have_count(0)
        wrong += await judged_in_both_looks(theirs, "an order that was called off")
    assert wrong == []


async def test_a_price_list_is_tried_and_taken_in(
    phone: Page, site: Site, shop: Shop, desk: Desk, wholesaler: str, cable: str
) -> None:
    sheet = f"Barcode,Price,Pack\n{EAN},1150,12\n0000,900,\n"
    await site.log_in(phone, shop.owner)
    await acts.go(phone, f"/suppliers/{wholesaler}")
    await button(phone, "Bring in a price list").click()
    box = dialog(phone, "Bring in a price list")
    await box.get_by_label("Choose the sheet").set_input_files(
        FilePayload(name="prices.csv", mimeType="text/csv", buffer=sheet.encode())
    )
    await expect(box.get_by_role("status")).to_have_text("0 new, 1 changed, 1 left out.")
    await expect(box.get_by_text("Row 3: The shop sells nothing under this code.")).to_be_visible()
    assert await judged_in_both_looks(phone, "a price list that was tried") == []
    [item] = await desk.get(f"/api/suppliers/{wholesaler}/items")
    assert (item["variant_id"], item["price"]) == (cable, 1000)
    await button(box, "Bring in 1 row").click()
    await expect(box).to_have_count(0)
    await expect(phone.get_by_role("list", name="They supply")).to_contain_text("1,150")
    [item] = await desk.get(f"/api/suppliers/{wholesaler}/items")
    assert (item["price"], item["pack_size"], item["supplier_code"]) == (1150, 12, "KW-118")


async def test_of_an_order_called_off_the_supplier_sees_only_that(
    chromium: Browser, site: Site, desk: Desk, wholesaler: str, cable: str
) -> None:
    order = await placed(desk, wholesaler, cable)
    sent = await desk.send("POST", f"/api/purchase-orders/{order['id']}/send", {"by": "whatsapp"}, status=202)
    await desk.send("POST", f"/api/purchase-orders/{order['id']}/cancel", {"reason": "too dear"}, status=200)
    async with opened(chromium, site, PHONE) as theirs:
        await theirs.goto(f"/order#{sent['link'].partition('#')[2]}")
        await expect(theirs.get_by_role("heading", name="The shop has called this order off")).to_be_visible()
        await expect(theirs.get_by_role("heading", level=1)).to_have_text(f"Order {order['number']}")
        await expect(theirs.get_by_text("USB cable")).to_have_count(0)
        await expect(theirs.get_by_role("button", name="Send")).to_have_count(0)
        assert await judged(theirs) == []


async def test_what_runs_low_is_ordered_approved_received_billed_and_paid(
    phone: Page, site: Site, shop: Shop, desk: Desk, wholesaler: str, cable: str
) -> None:
    await site.log_in(phone, shop.owner)
    await acts.go(phone, "/products/low-stock")
    await button(phone, "Order all of it").click()
    made = dialog(phone, "1 order made")
    await made.get_by_role("link", name=re.compile("Kampala Wholesalers")).click()
    await button(phone, "Approve").click()
    await button(phone, "Send").click()
    message = dialog(phone, "Send to Kampala Wholesalers")
    await expect(message.get_by_text(re.compile(r"× USB cable \(KW-118\)"))).to_be_visible()
    assert await judged_in_both_looks(phone, "an order to send") == []
    # WhatsApp is another program; here it is enough that the browser was sent there.
    await phone.context.route("https://wa.me/**", lambda route: route.fulfill(body="WhatsApp"))
    async with phone.expect_popup() as opened:
        await button(message, "WhatsApp").click()
    there = await opened.value
    await there.wait_for_url(re.compile(r"^https://wa\.me/256772123456\?text=Order%20PO"))
    link = re.search(r"/order#([\w-]+)", unquote(there.url))
    assert link
    await there.close()
    await button(message, "It is placed").click()
    await expect(button(phone, "Receive")).to_be_visible()
    [order] = await desk.get("/api/purchase-orders")
    assert order["state"] == "ordered"
    [line] = (await desk.get(f"/api/purchase-orders/{order['id']}"))["lines"]
    asked = int(line["quantity"])
    await button(phone, "Receive").click()
    await expect(counted(phone)).to_have_value("0")
    await acts.scan(phone, EAN)
    await expect(counted(phone)).to_have_value("1")
    # Also where the focus is in another field.
    await counted(phone).click()
    await acts.scan(phone, EAN)
    await expect(counted(phone)).to_have_value("2")
    await phone.get_by_label("Delivery note").click()
    await acts.scan(phone, EAN)
    await expect(phone.get_by_label("Delivery note")).to_have_value("")
    await expect(counted(phone)).to_have_value("3")
    await button(phone, "Everything came").click()
    await expect(counted(phone)).to_have_value(str(asked))
    await phone.get_by_text("Freight, duty and other costs").click()
    await phone.get_by_label("Freight").fill("500")
    await button(phone, "Receive").dblclick()
    await expect(phone.get_by_role("heading", level=1)).to_have_text(re.compile(r"^GR"))
    [receipt] = await desk.get("/api/goods-receipts")
    assert (receipt["goods"], receipt["freight"]) == (asked * 1000, 500)
    [stock] = await desk.get("/api/stock")
    assert stock["quantity"] == 2 + asked
    await phone.get_by_role("link", name="Enter the bill").click()
    await phone.get_by_label("Number of the bill").fill("INV-7731")
    await phone.get_by_label("Billed price: USB cable").fill("1100")
    await expect(phone.get_by_text("against what came")).to_be_visible()
    await phone.get_by_label("Freight and other costs").fill("500")
    await button(phone, "Enter the bill").click()
    await expect(phone.get_by_role("heading", level=1)).to_have_text("INV-7731")
    await button(phone, "Pay").click()
    paying = dialog(phone, "Pay Kampala Wholesalers")
    await paying.get_by_label("Paid by").select_option("mtn_momo")
    await paying.get_by_label("Reference").fill("MP2611.1432")
    await button(paying, re.compile(r"^Pay UGX")).click()
    await expect(paying).to_have_count(0)
    supplier = await desk.get(f"/api/suppliers/{wholesaler}")
    [bill] = await desk.get("/api/supplier-bills")
    assert (supplier["owed"], bill["total"], bill["variance"]) == (0, asked * 1100 + 500, asked * 100)
    await phone.goto(f"/suppliers/{wholesaler}?tab=statement")
    await expect(phone.get_by_role("list", name="Statement").get_by_role("listitem")).to_have_count(2)
    await phone.goto(f"/purchasing/{order['id']}")
    await expect(phone.get_by_text(f"{asked} came").first).to_be_attached()
    assert cable == line["variant_id"]


async def test_a_lost_answer_receives_once(
    desktop: Page, site: Site, shop: Shop, desk: Desk, wholesaler: str, cable: str
) -> None:
    order = await placed(desk, wholesaler, cable, 3)
    lost: list[str] = []

    async def lose(route: Route) -> None:
        await route.fetch()
        lost.append(route.request.post_data or "")
        await route.abort()

    await site.log_in(desktop, shop.owner)
    await desktop.route("**/api/goods-receipts", lose, times=1)
    await acts.go(desktop, f"/purchasing/receive?order={order['id']}")
    await button(desktop, "Everything came").click()
    await button(desktop, "Receive").click()
    # It is kept on the device and sent again: the server has it already.
    await expect(desktop.get_by_role("link", name=re.compile(r"^GR"))).to_be_visible(timeout=20_000)
    await acts.delivered(desktop)
    assert len(lost) == 1
    [receipt] = await desk.get("/api/goods-receipts")
    [line] = (await desk.get(f"/api/goods-receipts/{receipt['id']}"))["lines"]
    assert line["accepted"] == 3


async def test_too_many_and_damaged_ones_stay_with_the_supplier(
    phone: Page, site: Site, shop: Shop, desk: Desk, wholesaler: str, cable: str
) -> None:
    order = await placed(desk, wholesaler, cable, 3)
    await site.log_in(phone, shop.owner)
    await acts.go(phone, "/purchasing/receive")
    await phone.get_by_role("link", name=re.compile("Kampala Wholesalers")).click()
    await counted(phone).fill("5")
    await expect(phone.get_by_text("2 too many")).to_be_visible()
    await button(phone, "Leave what is too many").click()
    await expect(counted(phone)).to_have_value("3")
    await phone.get_by_label("Left with the supplier").fill("1")
    await phone.get_by_label("Why").select_option("damaged")
    await counted(phone).fill("2")
    await button(phone, "Receive").click()
    await expect(phone.get_by_text("1 rejected: Damaged")).to_be_visible()
    [line] = (await desk.get(f"/api/purchase-orders/{order['id']}"))["lines"]
    assert (line["received"], line["rejected"], line["outstanding"]) == (2, 1, 1)
    await button(phone, "Send back").click()
    box = dialog(phone, re.compile("^Send back of GR"))
    await box.get_by_role("textbox", name=re.compile("^Quantity")).fill("1")
    await box.get_by_label("Reason").fill("The plug is loose.")
    await button(box, "Send back").click()
    await expect(phone.get_by_text("1 sent back")).to_be_visible()
    [stock] = await desk.get("/api/stock")
    assert stock["quantity"] == 2 + 2 - 1


async def test_pasted_serial_numbers_are_received_and_refused_where_they_stand(
    phone: Page, site: Site, shop: Shop, desk: Desk, wholesaler: str
) -> None:
    product = {"name": "Tecno Spark", "price": 400_000, "tracking": "serial"}
    made = await desk.send("POST", "/api/products", product, status=201)
    await site.log_in(phone, shop.owner)
    await acts.delivered(phone)
    for given, told in (("356000000000011\n356000000000022, 356000000000033", None), ("356000000000022", "Already")):
        await acts.go(phone, f"/purchasing/receive?supplier={wholesaler}")
        await phone.get_by_role("combobox", name="Find goods").fill("tecno")
        await phone.get_by_role("option", name=re.compile("Tecno Spark")).click()
        await phone.get_by_label("Price of one: Tecno Spark").fill("300000")
        await phone.get_by_role("textbox", name="Serial numbers: Tecno Spark").fill(given)
        await phone.keyboard.press("Enter")
        numbers = phone.get_by_role("list", name="Serial numbers: Tecno Spark").get_by_role("listitem")
        await expect(numbers).to_have_count(len(given.split()))
        await expect(counted(phone, "Tecno Spark")).to_have_value(str(len(given.split())))
        await button(phone, "Receive").click()
        if told:
            await expect(numbers).to_contain_text(told)
        else:
            await expect(phone.get_by_role("heading", level=1)).to_have_text(re.compile(r"^GR"))
    units = await desk.get("/api/stock-units")
    assert {serial for unit in units for serial in unit["serials"]} == {f"3560000000000{each}" for each in (11, 22, 33)}
    assert {unit["variant_id"] for unit in units} == {made["variants"][0]["id"]}


async def test_a_piece_is_sold_by_its_serial_number(
    desktop: Page, site: Site, shop: Shop, desk: Desk, wholesaler: str
) -> None:
    product = {"name": "Tecno Spark", "price": 400_000, "tracking": "serial"}
    variant = (await desk.send("POST", "/api/products", product, status=201))["variants"][0]["id"]
    line = {"variant_id": variant, "accepted": 2, "price": 300_000, "serials": ["356000000000011", "356000000000022"]}
    received = {"supplier_id": wholesaler, "location_id": str(shop.showroom_id), "lines": [line]}
    await desk.send("POST", "/api/goods-receipts", received, status=201)
    await acts.at_the_till(desktop, site, shop.owner)
    await goods(desktop, "Tecno Spark").click()
    await acts.pay_button(desktop).click()
    sheet = dialog(desktop, "Tecno Spark")
    await button(sheet, "Done").click()
    await acts.pay_button(desktop).click()
    await expect(dialog(desktop, "Pay")).to_be_visible()
    await desktop.keyboard.press("Escape")  # asked for once only: who cannot read a number is not held up
    await button(cart(desktop), "Tecno Spark", exact=False).click()
    await sheet.get_by_label("Serial numbers").fill("356000000000022")
    await button(sheet, "Done").click()
    await acts.take_money(desktop)
    await acts.sold(desktop)
    await acts.next_sale(desktop)
    await acts.delivered(desktop)
    units = await desk.get("/api/stock-units")
    assert {unit["serials"][0]: unit["state"] for unit in units} == {
        "356000000000011": "in_stock", "356000000000022": "sold",
    }  # fmt: skip
    assert await desk.get("/api/exceptions") == []


async def tab_to(page: Page, name: str) -> None:
    """Walk with the tab key to what is called so."""
    for _ in range(_TABS_MAX):
        await page.keyboard.press("Tab")
        if await page.evaluate(_FOCUSED) == name:
            return
    raise AssertionError(f"{name} cannot be reached by keyboard")


async def test_an_order_is_made_with_the_keyboard_alone(
    desktop: Page, site: Site, shop: Shop, desk: Desk, wholesaler: str, cable: str
) -> None:
    assert wholesaler
    await site.log_in(desktop, shop.owner)
    await acts.delivered(desktop)
    await acts.go(desktop, "/purchasing/new")
    await settled(desktop)
    await tab_to(desktop, "Supplier")
    await desktop.keyboard.type("kamp")
    await expect(desktop.get_by_role("option", name=re.compile("Kampala Wholesalers"))).to_be_visible()
    await desktop.keyboard.press("Enter")
    await tab_to(desktop, "Find goods")
    await desktop.keyboard.type("cabl")
    await expect(desktop.get_by_role("option", name=re.compile("USB cable"))).to_be_visible()
    await desktop.keyboard.press("Enter")
    await acts.scan(desktop, EAN)
    quantity = desktop.get_by_role("textbox", name="Quantity: USB cable")
    await expect(quantity).to_have_value("2")
    await expect(desktop.get_by_label("Price of one: USB cable")).to_have_value("1,000")
    await tab_to(desktop, "Quantity: USB cable")
    await desktop.keyboard.press("ArrowUp")
    await expect(quantity).to_have_value("3")
    await tab_to(desktop, "Price of one: USB cable")
    await desktop.keyboard.press("ControlOrMeta+a")
    # As slowly as people type: what comes faster is a scanner.
    await desktop.keyboard.type("1200", delay=90)
    await expect(desktop.get_by_text("+20%")).to_be_visible()
    await desktop.keyboard.press("Enter")
    await expect(desktop.get_by_role("heading", level=1)).to_have_text(re.compile(r"^PO"))
    [order] = await desk.get("/api/purchase-orders")
    [line] = (await desk.get(f"/api/purchase-orders/{order['id']}"))["lines"]
    assert (line["variant_id"], line["quantity"], line["price"]) == (cable, 3, 1200)


async def test_a_supplier_is_added_with_what_they_supply(
    phone: Page, site: Site, shop: Shop, desk: Desk, cable: str
) -> None:
    await site.log_in(phone, shop.owner)
    await acts.delivered(phone)
    await acts.go(phone, "/suppliers")
    await phone.get_by_role("link", name="New supplier").first.click()
    await phone.get_by_label("Name", exact=True).fill("Owino Traders")
    await phone.get_by_label("Delivery takes").fill("400")
    await expect(phone.get_by_text("Write a number of days from 0 to 365.")).to_be_visible()
    await phone.get_by_label("Delivery takes").fill("2")
    await button(phone, "Add supplier").click()
    await expect(phone.get_by_role("heading", level=1)).to_have_text("Owino Traders")
    await phone.get_by_role("combobox", name="Find goods").fill("cable")
    await phone.get_by_role("option", name=re.compile("USB cable")).click()
    box = dialog(phone, "USB cable")
    await box.get_by_label("Their code").fill("OT-7")
    await box.get_by_label("Price of one").fill("950")
    await button(box, "Save").click()
    await expect(phone.get_by_text("OT-7")).to_be_visible()
    await expect(phone.get_by_text(amount("950"))).to_be_visible()
    [supplier] = await desk.get("/api/suppliers")
    [item] = await desk.get(f"/api/suppliers/{supplier['id']}/items")
    assert (item["variant_id"], item["price"], item["preferred"]) == (cable, 950, True)


async def test_who_only_receives_sees_no_prices_and_approves_nothing(
    desktop: Page, site: Site, shop: Shop, desk: Desk, wholesaler: str, cable: str
) -> None:
    waiting = await desk.send(
        "POST", "/api/purchase-orders",
        {"supplier_id": wholesaler, "lines": [{"variant_id": cable, "quantity": 5}]}, status=201,
    )  # fmt: skip
    order = await placed(desk, wholesaler, cable, 3)
    okello = await hire(shop, "supervisor", branch_id=shop.branch_id, name="Okello")
    await site.log_in(desktop, okello)
    await acts.go(desktop, f"/purchasing/{waiting['id']}")
    await expect(desktop.get_by_text("USB cable")).to_be_visible()
    await expect(button(desktop, "Approve")).to_have_count(0)
    await expect(desktop.get_by_text("UGX")).to_have_count(0)
    await acts.go(desktop, f"/purchasing/receive?order={order['id']}")
    await button(desktop, "Everything came").click()
    await expect(desktop.get_by_text("UGX")).to_have_count(0)
    await button(desktop, "Receive").click()
    await expect(desktop.get_by_role("heading", level=1)).to_have_text(re.compile(r"^GR"))
    await expect(desktop.get_by_text("UGX")).to_have_count(0)
    await acts.go(desktop, "/purchasing/new")
    await expect(desktop.get_by_text("Not for your role")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_forms_of_buying_are_open_to_all(
    chromium: Browser, site: Site, shop: Shop, desk: Desk, wholesaler: str, cable: str, dark: bool
) -> None:
    order = await placed(desk, wholesaler, cable, 3)
    lines = [{"id": str(new_id()), "variant_id": cable, "accepted": 2}]
    other = await placed(desk, wholesaler, cable, 2)
    receipt = await desk.send("POST", "/api/goods-receipts", {"order_id": other["id"], "lines": lines}, status=201)
    forms = {
        f"/purchasing/receive?order={order['id']}": "Damaged or wrong",
        f"/purchasing/bills/new?supplier={wholesaler}": None,
        f"/purchasing/new?supplier={wholesaler}": None,
        f"/suppliers/{wholesaler}?edit=1": None,
        f"/suppliers/{wholesaler}?tab=rating": None,
        f"/suppliers/{wholesaler}": "Pay",
        f"/purchasing/receipts/{receipt['id']}": "Send back",
        "/purchasing?tab=receipts": None,
        "/suppliers?tab=rating": None,
    }
    wrong: dict[str, list[str]] = {}
    for size in (PHONE, DESKTOP):
        async with opened(chromium, site, size, dark=dark) as page:
            await site.log_in(page, shop.owner)
            for path, press in forms.items():
                await acts.go(page, path)
                await settled(page)
                if press:
                    await button(page, press).first.click()
                wrong[f"{path} {size['width']}"] = await judged(page)
    assert {path: found for path, found in wrong.items() if found} == {}
