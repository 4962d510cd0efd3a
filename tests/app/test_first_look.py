"""A browser comes to Duka."""

from playwright.async_api import Page, expect

from tests.app.site import Site
from tests.world import Shop


async def test_an_owner_logs_in_and_sees_the_shop(phone: Page, site: Site, shop: Shop) -> None:
    await site.log_in(phone, shop.owner)
    await expect(phone.get_by_text("Njeri Phones").first).to_be_visible()


async def test_a_stranger_is_led_to_the_login(phone: Page, site: Site) -> None:
    await phone.goto(f"{site.url}/sales")
    await phone.wait_for_url("**/login?next=*")
    await expect(phone.get_by_role("button", name="Log in", exact=True)).to_be_visible()
