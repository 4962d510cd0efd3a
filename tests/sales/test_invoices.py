"""Invoices and notes: listed, read, checked; nobody changes one, and who tries is found."""

import hashlib
from typing import Any

import httpx2
import pytest
from sqlalchemy import create_engine, select, text

from duka.platform.ids import new_id
from duka.platform.postgres import Urls
from duka.sales.models import Invoice
from duka.shops.models import Series
from tests.sales.device import Item, a_device
from tests.sales.till import back, credited, post, sold
from tests.world import Shop, hire, stock_up

Json = dict[str, Any]


async def asked(client: httpx2.AsyncClient, shop: Shop, path: str) -> Any:
    answer = await client.get(path, headers=shop.owner.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def tamper(urls: Urls, shop: Shop, sql: str, **values: Any) -> None:
    """Change rows as somebody with the database's own key could, past the guard that refuses it."""
    engine = create_engine(urls.owner)
    with engine.begin() as connection:
        connection.execute(text("SELECT enter_shop(:shop)"), {"shop": shop.shop_id})
        for table in ("invoices", "sale_lines"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER written_once"))
        assert connection.execute(text(sql), values).rowcount == 1
        for table in ("invoices", "sale_lines"):
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER written_once"))
    engine.dispose()


async def test_invoices_and_notes_are_listed_beside_each_other(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    sale = await sold(client, shop, (cable, 2), paid=2360)
    note = await credited(client, shop, sale, back(sale, 1))
    rows = await asked(client, shop, "/api/invoices")
    assert [(row["kind"], row["total"]) for row in rows] == [("credit_note", 1180), ("invoice", 2360)]
    assert [row["number"] for row in await asked(client, shop, "/api/invoices?kind=invoice")] == [sale["number"]]
    begins = note["number"].lower()[:-2]
    assert [row["id"] for row in await asked(client, shop, f"/api/invoices?q={begins}")] == [note["id"]]
    assert len(await asked(client, shop, "/api/invoices?q=1")) == 2, "digits alone are a counter in every series"
    assert await asked(client, shop, f"/api/invoices?q={note['number'][1:]}") == []
    assert await asked(client, shop, "/api/invoices?amount_min=2361") == []
    file = await client.get("/api/invoices?format=csv", headers=shop.owner.headers)
    assert file.content.decode("utf-8-sig").splitlines()[0].startswith("Number,Document,Date")


async def test_an_invoice_is_read_with_its_lines_and_the_notes_beside_it(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    sale = await sold(client, shop, (cable, 2), paid=2360, customer={"name": "Okello"})
    note = await credited(client, shop, sale, back(sale, 1))
    shown = await asked(client, shop, f"/api/invoices/{sale['invoice']['id']}")
    line = shown["lines"][0]
    assert (line["description"], line["quantity"], line["unit"], line["net"], line["total"]) == (
        "cable", 2, "piece", 2000, 2360,
    )  # fmt: skip
    assert shown["taxes"] == [{"code": "VAT", "rate_bp": 1800, "parts": 1, "net": 2000, "tax": 360}]
    assert (shown["customer"]["name"], shown["original"]) == ("Okello", None)
    assert [each["id"] for each in shown["notes"]] == [note["id"]]
    assert "Okello" not in shown["canonical"]
    content = hashlib.sha256(shown["canonical"].encode()).digest()
    tied = bytes.fromhex(shown["previous_hash"]) + b"S1/2627" + (1).to_bytes(8, "big") + content
    assert hashlib.sha256(tied).hexdigest() == shown["hash"]
    of_note = await asked(client, shop, f"/api/invoices/{note['id']}")
    assert (of_note["original"]["number"], of_note["lines"][0]["quantity"]) == (sale["number"], 1)


async def test_staff_see_their_own_and_others_get_nothing(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    amina, brian = await hire(shop, "staff"), await hire(shop, "staff", name="Brian")
    sale = await sold(client, shop, (cable, 1), paid=1000, by=amina)
    for suffix in ("", "/verify", "/pdf"):
        path = f"/api/invoices/{sale['invoice']['id']}{suffix}"
        assert (await client.get(path, headers=amina.headers)).status_code == 200
        assert (await client.get(path, headers=brian.headers)).status_code == 404
        assert (await client.get(f"/api/invoices/{new_id()}{suffix}", headers=amina.headers)).status_code == 404
    technician = await hire(shop, "technician")
    assert (await client.get("/api/invoices", headers=technician.headers)).status_code == 403


async def test_nobody_changes_or_deletes_an_invoice(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    path = f"/api/invoices/{sale['invoice']['id']}"
    for method in ("PUT", "PATCH", "DELETE"):
        assert (await client.request(method, path, headers=shop.owner.headers)).status_code == 405
    for sql in ("UPDATE invoices SET total_minor = 1, net_minor = 1", "DELETE FROM invoices"):
        with pytest.raises(Exception, match="permission denied"):
            async with shop.as_() as ctx:
                await ctx.db.execute(text(sql))


async def test_a_sound_chain_holds(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    sales = [await sold(client, shop, (cable, 1), paid=1180) for _ in range(3)]
    note = await credited(client, shop, sales[1])
    for document in (*(sale["invoice"] for sale in sales), note):
        checked = await asked(client, shop, f"/api/invoices/{document['id']}/verify")
        assert checked["holds"], checked
        assert checked["computed_hash"] == document["hash"]
    found = [each["found"] for each in checked["checks"]]
    assert found[-2:] == ["the first of its series", "the last of its series"]
    middle = await asked(client, shop, f"/api/invoices/{sales[1]['invoice']['id']}/verify")
    assert [each["found"] for each in middle["checks"]][-2:] == [
        f"follows {sales[0]['number']}", f"followed by {sales[2]['number']}",
    ]  # fmt: skip


async def test_what_has_not_come_yet_is_awaited(shop: Shop, client: httpx2.AsyncClient) -> None:
    device = await a_device(shop, client)
    cable = Item(await stock_up(shop, "cable"))
    device.ring((cable, 1))
    answer = await device.deliver(device.ring((cable, 1)))
    checked = await asked(client, shop, f"/api/invoices/{answer.json()['data']['invoice']['id']}/verify")
    assert (checked["holds"], checked["highest_seen"], checked["complete_to"]) == (True, 2, 0)
    assert checked["checks"][3]["found"] == "the one before it has not come yet"


@pytest.mark.breaks_invariants("rows are changed behind the program's back")
@pytest.mark.parametrize(("sql", "broken"), [
    ("UPDATE invoices SET total_minor = total_minor - 1, net_minor = net_minor - 1 WHERE id = :id", ["content"]),
    ("UPDATE invoices SET canonical = overlay(canonical PLACING '9' FROM position('1180' IN canonical)) WHERE id = :id",
     ["content", "hash"]),
    ("UPDATE invoices SET hash = sha256(hash) WHERE id = :id", ["hash", "next"]),
    ("UPDATE invoices SET previous_hash = sha256(hash) WHERE id = :id", ["hash", "previous"]),
    ("UPDATE sale_lines SET description = 'gold' WHERE sale_id = (SELECT sale_id FROM invoices WHERE id = :id)",
     ["content"]),
    ("UPDATE invoices SET canonical = canonical || ' '::bytea WHERE id = :id", ["form", "hash"]),
])  # fmt: skip
async def test_whatever_is_changed_is_found(
    shop: Shop, client: httpx2.AsyncClient, urls: Urls, sql: str, broken: list[str]
) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    sales = [await sold(client, shop, (cable, 1), paid=1180) for _ in range(3)]
    tamper(urls, shop, sql, id=sales[1]["invoice"]["id"])
    answer = await client.get(f"/api/invoices/{sales[1]['invoice']['id']}/verify", headers=shop.owner.headers)
    checked = answer.json()
    assert checked["message"] == "The chain does not hold here."
    assert [each["what"] for each in checked["data"]["checks"] if not each["holds"]] == broken


@pytest.mark.breaks_invariants("rows are changed behind the program's back")
async def test_a_last_document_cut_off_is_found(shop: Shop, client: httpx2.AsyncClient, urls: Urls) -> None:
    cable = await stock_up(shop, "cable")
    first, second = [await sold(client, shop, (cable, 1), paid=1000) for _ in range(2)]
    tamper(urls, shop, "DELETE FROM invoices WHERE id = :id", id=second["invoice"]["id"])
    async with shop.asking() as ctx:
        series = (await ctx.db.scalars(select(Series))).one()
        assert (await ctx.db.scalars(select(Invoice.counter))).all() == [1]
    assert series.highest_seen == 2
    checked = await asked(client, shop, f"/api/invoices/{first['invoice']['id']}/verify")
    assert checked["checks"][-1]["found"] == "the one after it has not come yet"
    tamper(urls, shop, "UPDATE series SET highest_seen = 1, complete_to = 1 WHERE id = :id", id=series.id)
    checked = await asked(client, shop, f"/api/invoices/{first['invoice']['id']}/verify")
    assert (checked["holds"], checked["checks"][-1]["found"]) == (False, "the series ends with another hash")


async def test_a_note_that_took_everything_back_is_sound(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=999, tax_class="VAT 18 %", tax_included=False)
    line = {"variant_id": str(cable), "quantity": 3, "discount": {"percent_bp": 333}}
    sale = await post(client, shop.owner, "/api/sales", {
        "lines": [line], "payments": [{"method": "cash", "amount": 9000}], "discount": {"amount": 7},
    })  # fmt: skip
    for quantity in (1, 2):
        note = await credited(client, shop, sale, back(sale, quantity))
        checked = await asked(client, shop, f"/api/invoices/{note['id']}/verify")
        assert checked["holds"], checked
