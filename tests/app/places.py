"""Every address of the app, read from its own list, with what the `:id` of each stands for in a shop."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import Page, expect

_ROUTES: Final = Path(__file__).parents[2] / "web/src/pages/routes.ts"
_TABS: Final = (
    "/products/:id?tab=variants", "/products/:id?tab=stock", "/products/:id?tab=prices", "/products/:id?tab=set",
    "/stock?tab=moves", "/stock?tab=asked", "/stock?tab=aside", "/stock?tab=worth", "/counts/:id?tab=lines",
)  # fmt: skip
"""What the tabs of some addresses show is drawn only when asked for."""
_ROUTE: Final = re.compile(r"\{ path: '([^']+)', page: '([^']+)'(.*?) \}")


@dataclass(frozen=True, slots=True)
class Place:
    """An address, the page that draws it, and whether strangers may open it."""

    path: str
    page: str
    is_open: bool

    @property
    def name(self) -> str:
        """A word for a file's name."""
        word = self.path.strip("/").replace("/", "-").replace(":id", "one") or "start"
        return word.replace("?tab=", "-")

    @property
    def pattern(self) -> str:
        """The address without its tab."""
        return self.path.partition("?")[0]


def all_places() -> list[Place]:
    """Every address of the app, and the tabs of those that have some."""
    found = [Place(path, page, "open: true" in rest) for path, page, rest in _ROUTE.findall(_ROUTES.read_text())]
    assert len(found) > 30
    pages = {place.path: place.page for place in found}
    return found + [Place(tab, pages[tab.partition("?")[0]], is_open=False) for tab in _TABS]


def addressed(places: list[Place], ids: dict[str, str]) -> Iterator[tuple[Place, str]]:
    """Give each place with an address that exists; `ids` says for `/sales/:id` and its like which one."""
    for place in places:
        yield place, place.path.replace(":id", ids[place.pattern]) if ":id" in place.path else place.path


async def settled(page: Page) -> None:
    """Wait until a page has drawn what it was waiting for."""
    await expect(page.locator("main, dialog[open]").first).to_be_visible()
    await expect(page.get_by_role("status", name="Loading", exact=True)).to_have_count(0)
    await expect(page.locator("main :is(h1, h2)").first).to_be_attached()
    await page.wait_for_timeout(150)
