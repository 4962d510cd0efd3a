"""A browser to measure: Debian's Chromium with a profile on the disk, slowed down to a cheap phone on a weak network.

What happens in a page is timed in the page itself, from the event that began it until the next frame has been painted.
"""

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import BrowserContext, CDPSession, Page, ViewportSize, async_playwright

from devtools.web import CHROMIUM

PHONE: Final = ViewportSize(width=390, height=844)
_CPU_SLOWDOWN: Final = 4
_SLOW_4G: Final = {
    "offline": False, "latency": 562.5, "downloadThroughput": 1_474_560 / 8, "uploadThroughput": 675_000 / 8,
}  # fmt: skip
"""What Chromium's own tools call "Slow 4G": the latency is that of a whole request, first connection and all."""

_FAST: Final = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}

CARD: Final = ".cards > button"
_PROBE: Final = """(() => {
  const seen = (window.benchSeen = { product: null, added: null, paid: null, painted: [] })
  const now = () => performance.now()
  const messages = new MessageChannel()
  const waiting = []
  messages.port1.onmessage = () => waiting.shift()()
  // A message that is sent at the beginning of a frame arrives when that frame was drawn.
  const whenPainted = (then) => requestAnimationFrame(() => (waiting.push(then), messages.port2.postMessage(0)))
  const until = (find, then) => {
    const found = find()
    if (found) then(found)
    else requestAnimationFrame(() => until(find, then))
  }
  const button = (name) => [...document.querySelectorAll('button')].find((each) =>
    each.textContent.trim().startsWith(name))
  const canPay = () => button('Pay')?.disabled === false
  until(
    () => document.querySelector(CARD),
    (card) => {
      if (TAP) card.click()
      whenPainted(() => (seen.product = now()))
      if (TAP) until(canPay, () => whenPainted(() => (seen.added = now())))
    },
  )
  const time = (event) => {
    whenPainted(() => seen.painted.push([event.type, event.key ?? '', now() - event.timeStamp]))
    if (event.type !== 'click' || !event.target.closest('button')?.textContent.trim().startsWith('Take')) return
    seen.paid = null
    window.print = () => (seen.paid = now() - event.timeStamp)
    until(() => document.querySelector('dialog .paper'), () => whenPainted(() => button('Print').click()))
  }
  addEventListener('keydown', time, true)
  addEventListener('click', time, true)
})()"""


@dataclass(frozen=True, slots=True)
class Tab:
    """One open page with the wire to its browser."""

    page: Page
    wire: CDPSession

    async def slow(self, *, network: bool = False, offline: bool = False) -> None:
        """Make it a cheap phone; with its network too, or without any."""
        await self.wire.send("Emulation.setCPUThrottlingRate", {"rate": _CPU_SLOWDOWN})
        if network or offline:
            await self.wire.send("Network.emulateNetworkConditions", _SLOW_4G | {"offline": offline})

    async def bypass_worker(self) -> None:
        """Fetch everything from the server, whatever the device keeps."""
        await self.wire.send("Network.setBypassServiceWorker", {"bypass": True})
        await self.wire.send("Network.setCacheDisabled", {"cacheDisabled": True})

    async def take_gzip(self) -> None:
        """Ask for files as a browser does that knows no Brotli: an address without TLS that is not this machine's."""
        await self.wire.send("Network.setExtraHTTPHeaders", {"headers": {"Accept-Encoding": "gzip"}})

    async def fast(self) -> None:
        """Take the slowness off again."""
        await self.wire.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        await self.wire.send("Network.emulateNetworkConditions", _FAST)

    async def seen(self) -> dict[str, Any]:
        """Give what the page noted, times in milliseconds since it was asked for."""
        noted: dict[str, Any] = await self.page.evaluate("() => window.benchSeen")
        return noted

    async def wait_for(self, name: str, seconds: float = 60) -> float:
        """Wait until the page has noted a moment; give its milliseconds. TimeoutError when it does not."""
        for _ in range(int(seconds * 20)):
            noted = await self.seen()
            if noted and noted[name] is not None:
                return float(noted[name])
            await self.page.wait_for_timeout(50)
        raise TimeoutError(f"{self.page.url} showed no {name} within {seconds:.0f} s")

    async def painted(self, event: str, key: str = "") -> list[float]:
        """Give how long each event of a kind took to be painted, and forget them."""
        await self.page.wait_for_timeout(150)
        noted = (await self.seen())["painted"]
        await self.page.evaluate("() => { window.benchSeen.painted = [] }")
        return [ms for kind, pressed, ms in noted if kind == event and (not key or pressed == key)]

    async def heap_bytes(self) -> int:
        """Give what the page holds after everything unused was swept away: objects, and the columns beside them."""
        for _ in range(2):
            await self.wire.send("HeapProfiler.collectGarbage")
        usage = await self.wire.send("Runtime.getHeapUsage")
        return int(usage["usedSize"] + usage.get("backingStorageSize", 0))


@asynccontextmanager
async def profile(folder: Path, url: str, debug_port: int) -> AsyncIterator[BrowserContext]:
    """Open a browser with a profile of its own in a folder, on the app's address."""
    program = os.environ.get("DUKA_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    arguments = [f"--remote-debugging-port={debug_port}"]
    # As root it starts only without its sandbox.
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder, executable_path=program, args=arguments, viewport=PHONE, has_touch=True, locale="en-GB",
            timezone_id="Africa/Kampala", base_url=url,
        )  # fmt: skip
        context.set_default_timeout(60_000)
        yield context
        await context.close()


@asynccontextmanager
async def tab(context: BrowserContext, *, tap: bool = False) -> AsyncIterator[Tab]:
    """Open a page that notes its own times. `tap`: it taps the first product as soon as there is one."""
    page = await context.new_page()
    wire = await context.new_cdp_session(page)
    await wire.send("Network.enable")
    probe = _PROBE.replace("CARD", json.dumps(CARD)).replace("TAP", json.dumps(tap))
    await wire.send("Page.enable")
    await wire.send("Page.addScriptToEvaluateOnNewDocument", {"source": probe})
    yield Tab(page, wire)
    await page.close()


async def stop_workers(context: BrowserContext) -> None:
    """Let service workers sleep, as they do a while after the app was closed."""
    async with tab(context) as empty:
        await empty.wire.send("ServiceWorker.enable")
        await empty.wire.send("ServiceWorker.stopAllWorkers")


async def forget_code(context: BrowserContext, url: str) -> None:
    """Take the app's code off the device: its worker, its stores of files, the browser's cache. What it knows stays."""
    async with tab(context) as empty:
        await empty.wire.send("Storage.clearDataForOrigin", {
            "origin": url, "storageTypes": "service_workers,cache_storage,shader_cache",
        })  # fmt: skip
        await empty.wire.send("Network.clearBrowserCache")
