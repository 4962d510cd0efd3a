"""What a till tells of its own safety: its right to deliver was ended, its memory is short, or all of it is gone."""

import re

from playwright.async_api import Page, expect

from tests.app import acts, kept
from tests.app.acts import Desk, button
from tests.app.device import cut
from tests.app.judging import judged_in_both_looks
from tests.world import Shop, hire

_SHORT = "navigator.storage.estimate = () => Promise.resolve({ quota: 15e6, usage: 3e6 })"
"""No setting of the browser makes it tell less room than it has."""
_NAME = "indexedDB.databases().then((all) => all.find((each) => /^duka-[0-9a-f]{8}-/.test(each.name)).name)"
_FORGET = "(name) => new Promise((done) => { indexedDB.deleteDatabase(name).onsuccess = () => done() })"


async def the_register(desk: Desk) -> str:
    """Give the id of the device's register."""
    registers = await desk.get("/api/registers")
    (own,) = [each for each in registers if each["kind"] == "installation"]
    return str(own["id"])


async def test_a_till_that_was_cut_off_is_let_deliver_again(till: Page, shop: Shop, desk: Desk) -> None:
    await cut(till)
    await acts.sell(till, "USB cable")
    owner = Desk(desk.client, await hire(shop, "owner", name="Akello"))
    await owner.send("DELETE", f"/api/registers/{await the_register(owner)}/credential")
    await till.context.set_offline(False)
    await acts.go(till, "/outbox")
    told = till.get_by_role("alert").filter(has_text="The server takes nothing more from this till")
    await expect(told).to_be_visible()
    assert await desk.sales() == []
    assert await judged_in_both_looks(till, "a till that may deliver nothing") == []
    await button(told, "Let this till deliver again").click()
    await expect(till.get_by_text("Everything is delivered")).to_be_visible()
    await expect(told).to_have_count(0)
    (sale,) = await desk.sales()
    assert (sale["total"], sale["exceptions"]) == (1000, [])


async def test_memory_that_runs_short_is_told(till: Page) -> None:
    await acts.go(till, "/outbox")
    await expect(till.get_by_text(re.compile(r"^Duka holds \d+ MB on this device"))).to_be_visible()
    await expect(till.get_by_role("alert")).to_have_count(0)
    await till.add_init_script(_SHORT)
    await till.reload()
    await expect(till.get_by_role("alert").filter(has_text="Only 12 MB are left")).to_be_visible()
    assert await judged_in_both_looks(till, "memory that runs short") == []


async def test_a_till_whose_memory_was_deleted_says_so_once(till: Page) -> None:
    (register,) = await kept.rows(till, "credentials")
    name = await till.evaluate(_NAME)
    await till.goto("/icons/duka.svg")  # a page of the same origin that holds no database open
    await till.evaluate(_FORGET, name)
    await acts.go(till, "/sales/new")
    told = till.get_by_role("alert").filter(has_text=f"This device was the till {register['code']}")
    await expect(told.get_by_role("link", name="Take in a file")).to_be_visible()
    assert await judged_in_both_looks(till, "a till that was lost") == []
    await button(told, "I have read this").click()
    await expect(told).to_have_count(0)
    await till.reload()
    await expect(button(till, "Start selling here")).to_be_visible()
    await expect(told).to_have_count(0)
