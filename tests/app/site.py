"""The app's address, and people who can log in at it."""

from dataclasses import dataclass
from typing import Final

from playwright.async_api import Page
from sqlalchemy import select, update

from duka.platform.edge import House
from duka.shops.auth import passwords
from duka.shops.models import Account
from tests.world import Person

PASSWORD: Final = "seven green kettles"


@dataclass(frozen=True, slots=True)
class Site:
    """A running server."""

    url: str
    house: House

    async def log_in(self, page: Page, person: Person) -> None:
        """Log a person in on the login page and wait for the shop's first page."""
        login = await self.login_of(person)
        await page.goto(f"{self.url}/login")
        await page.get_by_label("Phone or e-mail").fill(login)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Log in", exact=True).click()
        await page.wait_for_url(lambda url: "/login" not in url)

    async def login_of(self, person: Person) -> str:
        """Give what a person logs in with; their password becomes `PASSWORD`."""
        hashed = await passwords.make_hash(PASSWORD)
        async with self.house.database.session("platform") as db:
            await db.execute(update(Account).where(Account.id == person.account_id).values(password_hash=hashed))
            phone = (await db.scalars(select(Account.phone).where(Account.id == person.account_id))).one()
            await db.commit()
        assert phone
        return phone
