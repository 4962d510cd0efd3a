"""A device with the app on it, and its network: cut off, given back, its storage made small."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Final

from playwright.async_api import CDPSession, Page, expect

from tests.app import acts, kept
from tests.app.site import Site

CONTROLLED: Final = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
_SMALL_BYTES: Final = 8_000_000


async def on_the_device(page: Page) -> None:
    """Wait until the app starts from the device alone, and all it needs of the shop is there too."""
    await page.wait_for_function(CONTROLLED)
    await until(lambda: _is_kept(page))


async def _is_kept(page: Page) -> bool:
    return await kept.rows(page, "catalogue") != [] and await kept.rows(page, "settings") != []


async def cut(page: Page) -> None:
    """Take the network away."""
    await page.context.set_offline(True)
    await expect(page.get_by_role("button", name=re.compile("^Offline"))).to_be_visible()


async def restore(page: Page) -> None:
    """Give the network back, and wait until everything is delivered."""
    await page.context.set_offline(False)
    await delivered(page)


async def delivered(page: Page) -> None:
    """Wait until nothing is kept for delivery, and the app says so."""
    await emptied(page)
    await acts.delivered(page)


async def emptied(page: Page) -> None:
    """Wait until nothing is kept for delivery, whoever is logged in."""
    await until(lambda: _is_delivered(page))


async def _is_delivered(page: Page) -> bool:
    return await kept.outbox(page) == []


async def until(true: Callable[[], Awaitable[bool]], seconds: int = 20) -> None:
    """Wait until something is so."""
    for _ in range(seconds * 10):
        if await true():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"not so after {seconds} s")


async def make_small(page: Page, site: Site) -> CDPSession:
    """Give the app little room on the device, so that a test can fill it; the session can give it back."""
    browser = await page.context.new_cdp_session(page)
    await browser.send("Storage.overrideQuotaForOrigin", {"origin": site.url, "quotaSize": _SMALL_BYTES})
    return browser
