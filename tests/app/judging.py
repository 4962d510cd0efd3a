"""Whether everybody can use a screen, as axe judges it.

With the environment variable DUKA_PICTURES set to a folder, each state that is judged leaves its pictures there.
"""

import os
import re
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from tests.app.node import WEB

_AXE: Final = WEB / "node_modules/axe-core/axe.min.js"
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
_LOOKS: Final = ("dark", "light")
_JUDGE: Final = """async (rules) => {
  // What fades in is looked at when it stands.
  const moving = document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime !== Infinity)
  await Promise.allSettled(moving.map((each) => each.finished))
  const { violations } = await axe.run(document, { runOnly: rules })
  const where = (nodes) => nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')
  return violations.map(({ id, nodes }) => `${id}: ${where(nodes)}`)
}"""


async def judged(page: Page) -> list[str]:
    """Have axe look at a page; give what it finds wrong by WCAG 2.1 A and AA."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_AXE.read_text())
    found: list[str] = await page.evaluate(_JUDGE, _RULES)
    return found


async def judged_in_both_looks(page: Page, state: str) -> list[str]:
    """Have axe look at what a page shows just now, dark and light; `state` names it."""
    found = []
    for look in _LOOKS:
        await page.emulate_media(color_scheme="dark" if look == "dark" else "light")
        found += [f"{state}, {look}: {each}" for each in await judged(page)]
        if folder := os.environ.get("DUKA_PICTURES"):
            width = page.viewport_size["width"] if page.viewport_size else 0
            name = re.sub(r"\W+", "-", f"{state} {width} {look}")
            await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    return found
