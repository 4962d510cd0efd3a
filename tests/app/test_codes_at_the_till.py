"""Codes that say more than the item, batches chosen by hand, carts that wait with what was named: at the till."""

import httpx2
import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update

from duka.catalog.models import Product, Variant
from tests.app import acts
from tests.app.acts import Desk, button, cart, dialog, goods
from tests.app.site import Site
from tests.catalog.test_gs1 import coded
from tests.sales.test_sell import settle
from tests.stock.tracked import medicine, phones
from tests.world import Shop, hire, stock_up

GTIN = "09506000134352"


@pytest.fixture
async def desk(shop: Shop, client: httpx2.AsyncClient) -> Desk:
    """Another owner, who looks at what the screens did."""
    return Desk(client, await hire(shop, "owner", name="Achieng"))


@pytest.fixture
async def furnished(desktop: Page, site: Site, shop: Shop, client: httpx2.AsyncClient) -> Page:
    """A till with sugar from the scale, a phone by its number, syrup in two batches."""
    sugar = await stock_up(shop, "Sugar", price_minor=4000)
    await phones(shop, client, "A1", "B1")
    await medicine(shop, client, L1=(2, 20), L2=(2, 90))
    await acts.put_barcode(client, shop, "phone", GTIN)
    async with shop.as_() as ctx:
        product = update(Product).where(Product.name == "Sugar").values(unit="kg")
        await ctx.db.execute(product)
        await ctx.db.execute(update(Variant).where(Variant.id == sugar).values(sku="42"))
    await settle(shop, scale_codes=["21IIIIIWWWWWC", "22IIIIIPPPPPC"])
    await acts.at_the_till(desktop, site, shop.owner)
    return desktop


async def typed(page: Page, code: str) -> None:
    """Enter a code where no pause between two keys can be too long, however busy the machine is."""
    await page.get_by_role("searchbox", name="Search or scan").fill(code)
    await page.keyboard.press("Enter")


async def test_weight_price_serial_and_batch_are_read_and_sold(furnished: Page, desk: Desk) -> None:
    page, basket = furnished, cart(furnished)
    await typed(page, coded("210004201250"))
    await expect(basket).to_contain_text("1.25")
    await typed(page, coded("220004202000"))
    await expect(basket).to_contain_text("1.75")
    await typed(page, f"(01){GTIN}(21)B1")
    await expect(basket).to_contain_text("phone")
    await typed(page, f"(01){GTIN}(17)200131(21)A1")
    await expect(page.get_by_text("has expired and cannot be sold")).to_be_visible()

    await goods(page, "syrup").click()
    await basket.get_by_role("button", name="syrup").first.click()
    await dialog(page, "syrup").get_by_label("Batch").select_option("L2")
    await button(dialog(page, "syrup"), "Done").click()
    await button(page, "Hold").click()
    await button(page.get_by_role("dialog"), "Hold").click()
    await button(page, "Waiting carts").first.click()
    await page.get_by_role("dialog").get_by_role("button").filter(has_text="Sugar").first.click()
    await expect(basket).to_contain_text("syrup")
    await acts.take_money(page)
    await acts.sold(page)
    paper = page.locator(".paper")
    await expect(paper).to_contain_text("S/N B1")
    await expect(paper).to_contain_text("Batch L2")
    (sale,) = await desk.sales()
    named = [(line["description"], line.get("serials"), line.get("batches")) for line in sale["lines"]]
    assert named == [
        ("Sugar", None, None), ("phone", ["B1"], None), ("syrup", None, [{"number": "L2", "quantity": None}]),
    ]  # fmt: skip
    assert sale["lines"][0]["quantity"] == 1.75
