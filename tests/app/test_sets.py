"""Sets on the screen: composed on the product's page, seen at the till as what can be made, built and taken apart."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update

from duka.catalog.models import Product, Variant
from tests.app import acts
from tests.app.acts import button, dialog
from tests.app.conftest import DESKTOP, PHONE, opened
from tests.app.site import Site
from tests.stock.goods import held
from tests.world import Person, Shop, hire, stock_up


async def product_page(page: Page, shop: Shop, name: str) -> None:
    """Open a product's page where it says what it is made of."""
    async with shop.asking() as ctx:
        product_id = await ctx.db.scalar(select(Variant.product_id).where(Variant.name == name))
    await acts.go(page, f"/products/{product_id}?tab=set")


async def put_in(page: Page, title: str, *names: str) -> None:
    """Say what is in a set, by typing parts of names."""
    box = dialog(page, title)
    for name in names:
        await box.get_by_role("combobox", name=re.compile("^Add a component")).fill(name)
        await box.get_by_role("option", name=name).first.click()
    await button(box, "Save").click()
    await expect(box).to_have_count(0)


@pytest.fixture
async def achieng(shop: Shop) -> Person:
    """Another owner, who works with the screens; and the goods."""
    await stock_up(shop, "Cover", quantity_milli=9_000)
    await stock_up(shop, "Guard", quantity_milli=4_000)
    kit = await stock_up(shop, "Kit", price_minor=1_500, quantity_milli=0)
    await stock_up(shop, "Gift box", quantity_milli=0)
    async with shop.as_() as ctx:
        of_kit = select(Variant.product_id).where(Variant.id == kit).scalar_subquery()
        await ctx.db.execute(update(Product).where(Product.id == of_kit).values(tracking="none"))
    return await hire(shop, "owner", name="Achieng")


@pytest.fixture
async def phone(chromium: Browser, site: Site, achieng: Person) -> AsyncIterator[Page]:
    """Her phone, which is a till."""
    async with opened(chromium, site, PHONE) as page:
        await acts.at_the_till(page, site, achieng)
        yield page


async def test_a_set_is_composed_and_sold_from_its_components(phone: Page, shop: Shop) -> None:
    await product_page(phone, shop, "Kit")
    await button(phone, "Make it a set").click()
    await put_in(phone, "What is in one Kit", "Cover", "Guard", "Guard")
    stock = phone.get_by_role("region", name="Sets in stock")
    await expect(stock.get_by_text("Can be made: 2")).to_be_visible()
    await expect(stock.get_by_text("Guard runs out first")).to_be_visible()
    await acts.go(phone, "/sales/new")
    await acts.ready(phone)
    await expect(acts.goods(phone, "Kit")).to_contain_text("2")
    await acts.goods(phone, "Kit").click()
    await acts.take_money(phone)
    await acts.sold(phone)
    await acts.next_sale(phone)
    await expect(acts.goods(phone, "Kit")).to_contain_text("1")
    await expect(acts.goods(phone, "Cover")).to_contain_text("8")
    await acts.delivered(phone)
    async with shop.asking() as ctx:
        guard = await ctx.db.scalar(select(Variant.id).where(Variant.name == "Guard"))
    assert guard
    assert await held(shop, guard) == 2_000


async def test_boxes_are_built_and_taken_apart_with_who_and_when(
    chromium: Browser, site: Site, shop: Shop, achieng: Person
) -> None:
    async with opened(chromium, site, DESKTOP) as page:
        await site.log_in(page, achieng)
        await acts.delivered(page)
        await product_page(page, shop, "Gift box")
        await button(page, "Make it a set").click()
        await put_in(page, "What is in one Gift box", "Cover", "Guard")
        await button(page, "Build or take apart").click()
        box = dialog(page, "Build Gift box")
        await box.get_by_label("How many sets").fill("5")
        await button(box, "Build").click()
        await expect(box.get_by_text("Of Guard there is 4.")).to_be_visible()
        await box.get_by_label("How many sets").fill("3")
        await button(box, "Build").click()
        await expect(box).to_have_count(0)
        await expect(page.get_by_text("Ready: 3")).to_be_visible()
        await button(page, "Build or take apart").click()
        await box.get_by_text("Take apart", exact=True).first.click()
        await box.get_by_label("How many sets").fill("1")
        await button(box, "Take apart").click()
        await expect(page.get_by_text("Ready: 2")).to_be_visible()
        table = page.get_by_role("table", name="Built and taken apart")
        await expect(table.get_by_role("row").locator("td:last-child")).to_have_text(["−1", "+3"])
