"""The shop's logo from the settings to the receipt, with and without a network."""

import re
from typing import Final

from playwright.async_api import FilePayload, Locator, Page, expect

from tests.app import acts, kept
from tests.app.acts import Desk, button, dialog
from tests.app.device import cut, until
from tests.app.judging import judged
from tests.sales import papers
from tests.world import Shop, hire

_WIDE: Final = FilePayload(name="logo.png", mimeType="image/png", buffer=papers.png(1200, 300, (15, 118, 110)))
_NO_PICTURE: Final = FilePayload(name="logo.png", mimeType="image/png", buffer=b"no picture")
_WIDTH: Final = "picture => picture.decode().then(() => picture.naturalWidth)"
_COUNT_PICTURES: Final = """() => {
  window.print = () => window.papers.push(document.querySelectorAll('.printed img').length)
}"""
_PRINTER: Final = """() => {
  window.sent = []
  const writer = { write: async (bytes) => window.sent.push(...bytes), releaseLock: () => undefined }
  const port = { writable: { getWriter: () => writer } }
  Object.defineProperty(navigator, 'serial', { value: { getPorts: async () => [port] } })
  localStorage.setItem('duka.printer', 'serial')
}"""


def field(page: Page) -> Locator:
    """Where the logo is set."""
    return page.get_by_role("group", name="Logo")


async def set_elsewhere(shop: Shop, desk: Desk) -> None:
    """Have the owner's partner set a small logo, 48 x 16, on another device."""
    partner = await hire(shop, "owner", name="Achieng")
    picture = {"file": ("logo.png", papers.png(48, 16), "image/png")}
    answer = await desk.client.put("/api/settings/logo", files=picture, headers=partner.headers)
    assert answer.status_code == 200, answer.text


async def choose(page: Page, file: FilePayload) -> None:
    """Choose a picture on the device."""
    async with page.expect_file_chooser() as chooser:
        await button(field(page), re.compile("^(Choose a picture|Replace)$")).click()
    await (await chooser.value).set_files(file)


async def on_receipt(page: Page) -> Locator:
    """Sell something and give the place of the logo on the receipt."""
    await acts.goods(page, "USB cable").click()
    await acts.take_money(page)
    await acts.sold(page)
    return dialog(page, "Sold").locator(".paper img")


async def is_kept(page: Page) -> bool:
    """Whether the device has a logo's file."""
    return any(isinstance(row, dict) and row.get("type") == "image/png" for row in await kept.rows(page, "meta"))


async def is_printed(page: Page) -> bool:
    """Whether a paper has come out."""
    papers_out: int = await page.evaluate("window.papers.length")
    return papers_out > 0


async def test_a_logo_stands_on_receipts_also_without_a_network(till: Page, desk: Desk) -> None:
    await expect(await on_receipt(till)).to_have_count(0)
    await acts.next_sale(till)
    await acts.go(till, "/settings?group=receipt")
    await choose(till, _NO_PICTURE)
    await expect(till.get_by_role("alert")).to_contain_text("no picture that can be opened")
    assert await judged(till) == []
    await choose(till, _WIDE)
    await expect(till.get_by_text("The logo is set.")).to_be_visible()
    await expect(till.get_by_role("alert")).to_have_count(0)
    assert await field(till).get_by_role("img", name="Logo").evaluate(_WIDTH) == 512, "made smaller before it is sent"
    assert await judged(till) == []
    await acts.go(till, "/sales/new")
    await acts.ready(till)
    await cut(till)
    await till.reload()
    await acts.ready(till)
    assert await (await on_receipt(till)).evaluate(_WIDTH) == 512
    await till.evaluate(_COUNT_PICTURES)
    await button(dialog(till, "Sold"), "Print").click()
    await until(lambda: is_printed(till))
    assert await till.evaluate("window.papers") == [1]
    await acts.next_sale(till)
    await till.context.set_offline(False)
    await acts.delivered(till)
    assert (await desk.get("/api/settings"))["logo"]


async def test_a_removed_logo_can_be_put_back_and_leaves_the_receipts(till: Page, shop: Shop, desk: Desk) -> None:
    await set_elsewhere(shop, desk)
    await until(lambda: is_kept(till))
    await acts.go(till, "/settings?group=receipt")
    await button(field(till), "Remove").click()
    await button(till, "Undo").click()
    await expect(field(till).get_by_role("img", name="Logo")).to_be_visible()
    await button(field(till), "Remove").click()
    await expect(button(field(till), "Choose a picture")).to_be_visible()
    await acts.go(till, "/sales/new")
    await acts.ready(till)
    await expect(await on_receipt(till)).to_have_count(0)
    assert (await desk.get("/api/settings"))["logo"] is None


async def test_a_receipt_printer_gets_the_logo_as_dots(till: Page, shop: Shop, desk: Desk) -> None:
    await set_elsewhere(shop, desk)
    await until(lambda: is_kept(till))
    await till.evaluate(_PRINTER)
    await on_receipt(till)
    await button(dialog(till, "Sold"), "Print").click()
    await expect(button(dialog(till, "Sold"), "Print a copy")).to_be_visible()
    sent = bytes(await till.evaluate("window.sent"))
    at = sent.index(b"\x1dv0\0")
    # 40 mm of an 80 mm strip: 320 dots, 40 bytes; 107 rows, to the next eight.
    assert sent[at + 4 : at + 8] == bytes([40, 0, 112, 0])
    assert sent[:at].endswith(b"\x1ba\x01"), "in the middle"
    assert any(sent[at + 8 : at + 8 + 40 * 107])
    assert sent.index(b"Njeri Phones") > at
