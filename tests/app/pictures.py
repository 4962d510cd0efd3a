"""Take a picture of every screen, to be looked at: `python -m tests.app.pictures FOLDER`.

Each address is taken on a phone, a tablet and a PC, light and dark, in the example shop; then in a shop that is new and
empty, without a network, and with a server that fails. `--url` names a server with the example shop that runs already.
`--only` takes only addresses that begin so. The app must be built (`./dev npm run build`).
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, Route, ViewportSize, async_playwright

from tests.app import acts
from tests.app.conftest import DESKTOP, PHONE, TABLET, chromium_program
from tests.app.device import CONTROLLED
from tests.app.manual_pictures import OWNER, example_shop
from tests.app.places import Place, all_places, settled

SIZES: Final = {"phone": PHONE, "tablet": TABLET, "desktop": DESKTOP}
_LOOKS: Final = ("light", "dark")
_PATIENT: Final = {"DUKA_REQUESTS_PER_MINUTE": "100000", "DUKA_AUTH_REQUESTS_PER_MINUTE": "100000"}
"""A person never opens so many pages in a minute."""
_ONE_OF: Final = {
    "/sales/:id": "/api/sales", "/customers/:id": "/api/customers", "/products/:id": "/api/products",
    "/staff/:id": "/api/staff", "/roles/:id": "/api/roles",
}  # fmt: skip
_FIRST_ID: Final = """async ([path, token]) => {
  const answer = await fetch(`${path}?limit=1`, { headers: { Authorization: token } })
  return (await answer.json()).data[0]?.id ?? ''
}"""
State = Callable[[Page], Awaitable[None]]


def main() -> int:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", help="a running server with the example shop; without it one is started")
    parser.add_argument("--only", default="/", help="only addresses that begin so")
    arguments = parser.parse_args()
    if arguments.url:
        asyncio.run(take(arguments.url, arguments.folder, arguments.only))
        return 0
    os.environ |= _PATIENT
    with example_shop() as url:
        asyncio.run(take(url, arguments.folder, arguments.only))
    return 0


async def take(url: str, folder: Path, only: str) -> None:
    """Take all pictures and say how many there are."""
    places = [place for place in all_places() if place.path.startswith(only)]
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_program(), args=arguments)
        for name, size in SIZES.items():
            for look in _LOOKS:
                await take_all(browser, url, folder / f"{name}-{look}", places, size, dark=look == "dark")
        for state, begin in STATES.items():
            await take_all(browser, url, folder / f"phone-{state}", places, PHONE, begin=begin, empty=state == "empty")
        await browser.close()
    print(f"{len(list(folder.rglob('*.png')))} pictures in {folder}")


async def take_all(
    browser: Browser, url: str, folder: Path, places: list[Place], size: ViewportSize, *, dark: bool = False,
    begin: State | None = None, empty: bool = False,
) -> None:  # fmt: skip
    """Take each address once, as somebody who is logged in sees it; what strangers may open is taken before."""
    folder.mkdir(parents=True, exist_ok=True)
    context = await browser.new_context(
        viewport=size, color_scheme="dark" if dark else "light", locale="en-GB", base_url=url,
        has_touch=size["width"] < 1000, timezone_id="Africa/Kampala", reduced_motion="reduce",
    )  # fmt: skip
    page = await context.new_page()
    page.set_default_timeout(acts.WAIT_MS)
    for place in [each for each in places if each.is_open and begin is None]:
        await picture(page, folder, place, place.path)
    ids = await come_in(page, empty=empty)
    if begin:
        await begin(page)
    for place in [each for each in places if not each.is_open]:
        if place.path not in ids or ids[place.path]:
            await picture(page, folder, place, place.path.replace(":id", ids.get(place.path, "")))
    await context.close()


async def come_in(page: Page, *, empty: bool) -> dict[str, str]:
    """Log in, or open a new shop, and make the device a till; give one id for each address that needs one."""
    tokens: list[str] = []
    page.on("request", lambda request: tokens.append(request.headers.get("authorization", "")))
    await page.goto("/login")
    if empty:
        await open_shop(page)
    else:
        await acts.button(page, OWNER, exact=False).click()
    await page.wait_for_url(lambda address: "/login" not in address and "/sign-up" not in address)
    await page.goto("/sales/new")
    await acts.button(page, "Start selling here").click()
    await page.wait_for_timeout(2_000)
    token = [each for each in tokens if each.startswith("Bearer ey")][-1]
    return {path: await page.evaluate(_FIRST_ID, [api, token]) for path, api in _ONE_OF.items()}


async def open_shop(page: Page) -> None:
    """Open a new shop with nothing in it."""
    await page.get_by_role("link", name="Open a shop").click()
    await page.get_by_label("Phone", exact=True).fill(f"+25677{time.time_ns() // 1000 % 10_000_000:07}")
    await acts.button(page, "Send me a code").click()
    await acts.button(page, "Next").click()
    await page.get_by_label("Name of the shop").fill("Mama Ali Spares")
    await page.get_by_label("Your name").fill("Ali Hassan")
    await page.get_by_label("Choose a password").fill("goat-river-71")
    await acts.button(page, "Open my shop").click()


async def picture(page: Page, folder: Path, place: Place, path: str) -> None:
    """Open an address and take it as it stands."""
    await page.goto(path)
    try:
        await settled(page)
    except AssertionError as failure:
        print(f"{path} in {folder.name} did not settle: {str(failure).splitlines()[0]}", file=sys.stderr)
    await page.wait_for_timeout(300)
    await page.screenshot(path=folder / f"{place.name}.png", full_page=True)


async def _offline(page: Page) -> None:
    await page.wait_for_function(CONTROLLED)
    await page.context.set_offline(True)


async def _failing(page: Page) -> None:
    async def fail(route: Route) -> None:
        error = {"code": "SERVER_ERROR", "message": "Something broke."}
        await route.fulfill(status=500, json={"success": False, "error": error})

    await page.route("**/api/**", fail)


async def _nothing(_page: Page) -> None:
    return


STATES: Final[dict[str, State]] = {"empty": _nothing, "offline": _offline, "failing": _failing}

if __name__ == "__main__":
    sys.exit(main())
