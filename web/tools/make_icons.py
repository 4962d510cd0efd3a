"""Draw the app's PNG icons from `public/icons/duka.svg`, in Chromium: `.venv/bin/python web/tools/make_icons.py`.

Run it after the drawing has changed, and commit what it writes.
"""

from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

ICONS: Final = Path(__file__).resolve().parents[1] / "public" / "icons"
BRAND: Final = "#0b6b57"
MASKED_SHARE: Final = 0.8
"""Of a maskable icon only the middle is sure to be seen (W3C Web App Manifest, 2.5.5)."""


def draw(page: Page, name: str, size_px: int, *, whole: bool = False, share: float = 1.0) -> None:
    """Write one icon. `whole`: no transparent corners, for systems that cut their own; `share`: how much of it the
    drawing takes."""
    picture = (ICONS / "duka.svg").read_text()
    drawn_px = round(size_px * share)
    ground = BRAND if whole else "transparent"
    page.set_viewport_size({"width": size_px, "height": size_px})
    page.set_content(
        f"<style>html,body{{margin:0;background:{ground}}}body{{display:grid;place-items:center;height:{size_px}px}}"
        f"svg{{width:{drawn_px}px;height:{drawn_px}px}}</style>{picture}"
    )
    page.screenshot(path=ICONS / name, omit_background=True)


def main() -> None:
    """Write all icons."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        draw(page, "duka-192.png", 192)
        draw(page, "duka-512.png", 512)
        draw(page, "duka-maskable-512.png", 512, whole=True, share=MASKED_SHARE)
        draw(page, "duka-180.png", 180, whole=True)
        browser.close()


if __name__ == "__main__":
    main()
