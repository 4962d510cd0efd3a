"""Numbered pieces come back on the screen: some of several are chosen by ticking, scanning or typing."""

import re

import httpx2
import pytest
from playwright.async_api import Locator, Page, expect

from tests.app import acts, kept
from tests.app.acts import Desk, button, cart, dialog, goods
from tests.app.conftest import PHONE
from tests.app.device import cut, on_the_device, restore, until
from tests.app.judging import judged_in_both_looks
from tests.app.site import Site
from tests.sales.sets import a_set
from tests.stock.tracked import phones, state, watches
from tests.world import Shop, hire

BOXED = ("3501", "3502", "3503", "3504", "W801", "W802")


@pytest.fixture
async def desk(shop: Shop, client: httpx2.AsyncClient) -> Desk:
    """The supervisor; phones by their numbers (3505 has a second one, 9905), and boxes of two phones and a watch."""
    phone = await phones(shop, client, *BOXED[:4], ["3505", "9905"])
    watch = await watches(shop, client, *BOXED[4:])
    await a_set(shop, client, "box", (phone, 2), (watch, 1), price_minor=150_000)
    return Desk(client, await hire(shop, "supervisor", name="Okello"))


@pytest.fixture
async def till(desktop: Page, site: Site, shop: Shop, desk: Desk) -> Page:
    """Another owner at a till whose app is on the device."""
    assert desk
    await acts.at_the_till(desktop, site, await hire(shop, "owner", name="Achieng"))
    await on_the_device(desktop)
    return desktop


async def sell(page: Page, name: str, *serials: str, quantity: int | None = None) -> str:
    """Sell goods by the numbers of their pieces; give the invoice's number when the device has the server's word."""
    await goods(page, name).click()
    await cart(page).get_by_role("button", name=name).first.click()
    box = dialog(page, name)
    await box.get_by_label("Serial numbers").fill(" ".join(serials))
    await box.get_by_label("Serial numbers").blur()
    if quantity:
        await box.get_by_label("Quantity").fill(str(quantity))
    await button(box, "Done").click()
    await acts.take_money(page)
    number = await acts.sold(page)
    await acts.next_sale(page)
    await acts.delivered(page)

    async def is_here() -> bool:
        return any(row["number"] == number and row["delivery"] == "delivered" for row in await kept.rows(page, "sales"))

    await until(is_here)
    return number


async def find(page: Page, number: str) -> Locator:
    """Open what of a receipt comes back, at the till."""
    await button(page, "Return").click()
    await dialog(page, "Goods come back").get_by_label("Number on the receipt").fill(number)
    await button(dialog(page, "Goods come back"), "Find").click()
    return dialog(page, f"Return goods of {number}")


async def give(box: Locator) -> None:
    """Issue the note."""
    await box.get_by_label("Reason").fill("does not charge")
    await button(box, "Issue the credit note").click()


def piece(box: Locator, serial: str) -> Locator:
    """The box to tick for a piece."""
    return box.get_by_role("checkbox", name=re.compile(f"^{serial}\\b"))


def count_of(box: Locator, name: str) -> Locator:
    """How many of a line come back."""
    return box.get_by_role("textbox", name=name, exact=True)


async def states(shop: Shop, *serials: str) -> str:
    """Which pieces are back (b) and which are still sold (s), in their order."""
    return "".join(["b" if (await state(shop, each))[0] == "in_stock" else "s" for each in serials])


async def test_some_of_several_phones_come_back_by_their_numbers(till: Page, shop: Shop, desk: Desk) -> None:
    number = await sell(till, "phone", "3501", "3502", "3503", "3505")
    box = await find(till, number)
    await piece(box, "3502").check()
    await expect(count_of(box, "phone")).to_have_value("1")
    await button(box, "More by one").click()
    await expect(box.get_by_role("status")).to_contain_text("Still to be chosen: 1")
    assert await judged_in_both_looks(till, "phones come back") == []
    await box.get_by_label("Reason").fill("does not charge")
    await expect(button(box, "Issue the credit note")).to_be_disabled()
    await expect(box.get_by_text("Choose the pieces first")).to_be_visible()

    # Read from the box of the phone: a number that it has beside the one on the receipt.
    await box.get_by_label("Scan or type a serial number").fill("9905")
    await till.keyboard.press("Enter")
    await expect(piece(box, "9905")).to_be_checked()
    await give(box)
    await expect(dialog(till, "Returned").get_by_role("region", name="Credit note")).to_contain_text("S/N 3502, 9905")
    await button(dialog(till, "Returned"), "Done").click()
    await acts.delivered(till)
    assert await states(shop, "3501", "3502", "3503", "3505") == "sbsb"

    box = await find(till, number)
    await expect(piece(box, "3502")).to_have_count(0)
    await piece(box, "3505").check()
    await give(box)
    await expect(box.get_by_role("alert")).to_contain_text("Not of this sale, or back already: 3505")
    await expect(piece(box, "3505")).to_have_count(0)
    await button(box, "All of it").click()
    await expect(piece(box, "3501")).to_be_checked()
    await give(box)
    await button(dialog(till, "Returned"), "Done").click()
    await acts.delivered(till)
    assert await states(shop, "3501", "3502", "3503", "3505") == "bbbb"
    [sale] = await desk.sales()
    assert (sale["credited"], sale["exceptions"]) == (sale["total"], [])


async def test_pieces_of_sets_come_back_without_a_network(till: Page, shop: Shop, desk: Desk) -> None:
    number = await sell(till, "box", *BOXED, quantity=2)
    await cut(till)
    box = await find(till, number)
    await box.get_by_role("group", name="watch").get_by_role("checkbox", name="W802").check()
    await expect(count_of(box, "box")).to_have_value("1")
    await expect(box.get_by_role("status")).to_contain_text("Still to be chosen: 2")
    await acts.scan(till, "3503")
    await expect(piece(box, "3503")).to_be_checked()
    await till.set_viewport_size(PHONE)
    assert await judged_in_both_looks(till, "sets come back") == []
    await piece(box, "3501").check()
    await expect(box.get_by_role("group", name="phone")).to_contain_text("2 of 2 chosen")
    await give(box)
    await button(dialog(till, "Returned"), "Done").click()
    # What came back is known before it is sent.
    box = await find(till, number)
    await expect(box.get_by_text("1 left")).to_be_visible()
    await till.keyboard.press("Escape")
    await restore(till)
    assert await states(shop, *BOXED) == "bsbssb"
    [sale] = await desk.sales()
    assert (sale["credited"], sale["exceptions"]) == (150_000, [])
