"""A real browser before the real server: Debian's Chromium, driven by Playwright, on a port of the loopback."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

from duka.platform import web_app
from tests.app import acts
from tests.app.acts import Desk
from tests.app.device import on_the_device
from tests.app.site import Site
from tests.world import Shop, hire, stock_up

PHONE: Final = ViewportSize(width=390, height=844)
TABLET: Final = ViewportSize(width=820, height=1180)
DESKTOP: Final = ViewportSize(width=1280, height=800)
_PRINTED: Final = """
window.papers = []
window.print = () => window.papers.push(document.querySelector('.printed').innerText)
"""
_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the built app or a browser takes seconds: `./dev check` leaves it out."""
    for item in items:
        if {"chromium", "site", "pages"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


def chromium_program() -> str:
    """Find a Chromium on this machine; fails in plain words where there is none."""
    named = os.environ.get("DUKA_CHROMIUM")
    found = named or next((path for path in map(shutil.which, _CHROMIUM) if path), None)
    if found is None:
        pytest.fail(
            "The browser tests need Chromium and there is none: install it (on Debian and Ubuntu "
            "`apt-get install -y chromium`), or name one in DUKA_CHROMIUM.", pytrace=False,
        )  # fmt: skip
    return found


@asynccontextmanager
async def web_server(app: FastAPI, port: int = 0) -> AsyncIterator[tuple[str, uvicorn.Server]]:
    """Serve an app that runs already on the loopback until the block ends."""
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "the server ended at once"
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", server
    app.state.house.live.close()
    server.should_exit = True
    await running


@pytest.fixture(scope="session")
async def site(app: FastAPI) -> AsyncIterator[Site]:
    """The server with the app that the build made. It is the one app of this process: two would take each other's jobs,
    and what one was asked to send the other would print."""
    if not web_app.is_built():
        pytest.fail("The app is not built: run ./dev test, which builds it first.", pytrace=False)
    async with web_server(app) as (url, _):
        yield Site(url, app.state.house)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser, once for the run. As root it starts only without its sandbox."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_program(), args=arguments)
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(browser: Browser, site: Site, size: ViewportSize, *, dark: bool = False) -> AsyncIterator[Page]:
    """Open a browser profile of its own on the app's address. What a page throws fails the test."""
    context: BrowserContext = await browser.new_context(
        viewport=size, color_scheme="dark" if dark else "light", locale="en-GB", base_url=site.url,
        has_touch=size["width"] < 1000, timezone_id="Africa/Kampala",
    )  # fmt: skip
    thrown: list[str] = []
    context.on("weberror", lambda error: thrown.append(str(error.error)))
    page = await context.new_page()
    page.set_default_timeout(10_000)
    yield page
    await context.close()
    assert thrown == []


@pytest.fixture
async def phone(chromium: Browser, site: Site) -> AsyncIterator[Page]:
    """A cheap phone."""
    async with opened(chromium, site, PHONE) as page:
        yield page


@pytest.fixture
async def desktop(chromium: Browser, site: Site) -> AsyncIterator[Page]:
    """A PC at a counter."""
    async with opened(chromium, site, DESKTOP) as page:
        yield page


@pytest.fixture
async def desk(shop: Shop, client: httpx2.AsyncClient) -> Desk:
    """The supervisor, who looks at what arrived."""
    await stock_up(shop, "USB cable", price_minor=1000, quantity_milli=100_000)
    await stock_up(shop, "Fast charger", price_minor=25_000, quantity_milli=100_000)
    return Desk(client, await hire(shop, "supervisor", name="Okello"))


@pytest.fixture
async def till(desktop: Page, site: Site, shop: Shop, desk: Desk) -> Page:
    """The owner at a till whose app is on the device."""
    assert desk
    await desktop.context.add_init_script(_PRINTED)
    await acts.at_the_till(desktop, site, shop.owner)
    await on_the_device(desktop)
    return desktop
