"""Signs that nobody can see: control characters, and those that turn other text around. Typed in, they are refused by
name; what was sold with them already is taken."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from duka.platform.ids import new_id
from duka.platform.signs import unseen_in
from duka.sales.models import Sale
from duka.shops.models import Shop as ShopTable
from tests.sales.device import Item, a_device
from tests.world import Shop, stock_up

UNSEEN = ["\x01", "\x08", "\x0b", "\x1b", "\x7f", "\x85", "\x9f", "\u202a", "\u202e", "\u2066", "\u2069"]
WRITTEN = ["José", "محل نجيري\u200f", "क्\u200dष", "👩\u200d🔧", "O’Neill & Sons", "a\u00a0b", "line\nline\ttab\r\n"]


@pytest.mark.parametrize("sign", UNSEEN, ids=lambda sign: f"{ord(sign):04X}")
def test_a_sign_that_nobody_sees_is_named(sign: str) -> None:
    assert f"U+{ord(sign):04X}" in (unseen_in(f"Njeri{sign}Phones") or "")


@pytest.mark.parametrize("text", WRITTEN)
def test_what_people_write_in_any_script_is_let_in(text: str) -> None:
    assert unseen_in(text) is None


async def refused(client: httpx2.AsyncClient, shop: Shop, path: str, body: dict[str, Any], method: str = "POST") -> Any:
    answer = await client.request(method, path, json=body, headers=shop.owner.headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR"), answer.text
    return answer.json()["error"]["details"]


@pytest.mark.parametrize("sign", ["\u202e", "\x1b", "\x7f", "\x9c", "\u2067"])
async def test_who_types_one_is_told_where(sign: str, shop: Shop, client: httpx2.AsyncClient) -> None:
    told = [f"This holds a sign that nobody can see (U+{ord(sign):04X}). Type it anew."]
    name = f"Nje{sign}ri"
    for path in ("/api/customers", "/api/groups", "/api/roles"):
        assert (await refused(client, shop, path, {"name": name, "permissions": {}}))["name"] == told
    assert await refused(client, shop, "/api/customers", {"name": "Njeri", "notes": name}) == {"notes": told}
    assert await refused(client, shop, "/api/customers", {"name": "Njeri", "tags": ["a", name]}) == {"tags.1": told}
    assert await refused(client, shop, "/api/customers", {"name": "Njeri", f"na{sign}me": 1}) == {"body": told}
    details = await refused(client, shop, "/api/settings", {"settings": {"receipt_footer": name}, "version": 1}, "PUT")
    assert details == {"settings.receipt_footer": told}


async def test_a_name_has_one_line_and_a_note_several(shop: Shop, client: httpx2.AsyncClient) -> None:
    told = {"name": ["Write this on one line, without tabs."]}
    for name in ("Nje\nri", "Nje\tri", "Nje\rri"):
        assert await refused(client, shop, "/api/customers", {"name": name}) == told
    body = {"name": "Njeri\n", "notes": "calls\n\tat noon"}
    made = (await client.post("/api/customers", json=body, headers=shop.owner.headers)).json()["data"]
    assert (made["name"], made["notes"]) == ("Njeri", "calls\n\tat noon")


async def test_a_sale_that_is_asked_for_is_refused_and_one_that_happened_is_taken(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = Item(await stock_up(shop, "ca\u202ebl\x07e"), "ca\u202ebl\x07e", 1000)
    device = await a_device(shop, client)
    as_catalogued = await device.deliver(device.ring((cable, 1)), mode="ask")
    assert as_catalogued.status_code == 201, as_catalogued.text  # the name is the catalogue's, not the cashier's
    typed = device.ring((cable, 1)) | {"note": "paid \u202elater"}
    asked = await device.deliver(typed, mode="ask")
    assert (asked.status_code, list(asked.json()["error"]["details"])) == (400, ["note"])
    happened = await device.deliver(typed)
    assert (happened.status_code, happened.headers["duka-verdict"]) == (201, "applied")
    async with shop.asking() as ctx:
        notes = (await ctx.db.scalars(select(Sale.note).where(Sale.note.is_not(None)))).all()
    assert notes == ["paid \u202elater"]


async def test_an_import_tells_the_row(shop: Shop, client: httpx2.AsyncClient) -> None:
    for path, titles in (("/api/customers/import", "Name,Notes"), ("/api/products/import", "Name,Description,Price")):
        price = ",5000" if "Price" in titles else ""
        rows = f"Achieng,fine{price}\nBos\u202eco,fine{price}\nCissy,no\x01tes{price}\n"
        files = {"file": ("book.csv", f"{titles}\n{rows}".encode(), "text/csv")}
        report = (await client.post(path, files=files, headers=shop.owner.headers)).json()["data"]
        assert (report["created"], report["failed"]) == (1, 2), report
        told = [(row["row"], *row["problems"].values()) for row in report["failed_rows"]]
        assert told == [
            (3, ["This holds a sign that nobody can see (U+202E). Type it anew."]),
            (4, ["This holds a sign that nobody can see (U+0001). Type it anew."]),
        ]


async def test_what_was_stored_before_is_still_read(shop: Shop, client: httpx2.AsyncClient) -> None:
    async with shop.as_() as ctx:
        await ctx.db.execute(update(ShopTable).values(settings={"receipt_header": "old\u202e"}))
    for path in ("/api/settings", "/api/settings/till", "/api/dashboard"):
        answer = await client.get(path, headers=shop.owner.headers)
        assert answer.status_code == 200, answer.text
    body = {"id": str(new_id()), "name": "Mary"}
    assert (await client.post("/api/customers", json=body, headers=shop.owner.headers)).status_code == 201
