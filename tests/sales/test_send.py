"""The customer asks for the invoice by e-mail."""

from io import BytesIO

import httpx2
import pytest
from pypdf import PdfReader
from sqlalchemy import select, text

from duka.platform.models import AuditEntry
from tests.postbox import Postbox
from tests.sales.till import post, sold
from tests.world import Shop, hire, stock_up


async def test_an_invoice_is_sent_as_pdf(shop: Shop, client: httpx2.AsyncClient, postbox: Postbox) -> None:
    cable = await stock_up(shop, "cable", price_minor=15_000)
    sale = await sold(client, shop, (cable, 1), paid=15_000)
    path = f"/api/invoices/{sale['invoice']['id']}/send"
    await post(client, shop.owner, path, {"to": "okello@example.com"}, status=202)
    to, subject, words, attachment = await postbox.first()
    assert (to, subject) == ("okello@example.com", f"Invoice {sale['number']} from Njeri Phones")
    assert "15,000" in words
    assert attachment
    assert (attachment.name, attachment.kind) == ("S1-2627-000001.pdf", "application/pdf")
    assert sale["number"] in PdfReader(BytesIO(attachment.content)).pages[0].extract_text()
    async with shop.asking() as ctx:
        entry = (await ctx.db.scalars(select(AuditEntry).where(AuditEntry.action == "send"))).one()
    assert "okello" not in str((entry.before, entry.after, entry.reason))


async def test_only_what_one_may_read_is_sent(shop: Shop, client: httpx2.AsyncClient, postbox: Postbox) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    amina, technician = await hire(shop, "staff"), await hire(shop, "technician")
    path = f"/api/invoices/{sale['invoice']['id']}/send"
    await post(client, amina, path, {"to": "a@example.com"}, status=404)
    await post(client, technician, path, {"to": "a@example.com"}, status=403)
    await post(client, shop.owner, path, {"to": "nobody"}, status=400)
    async with shop.house.database.session("platform") as db:
        asked = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'send_document' AND args->>'invoice' = :id"
        assert (await db.execute(text(asked), {"id": sale["invoice"]["id"]})).scalar_one() == 0
    assert postbox.letters == []


async def test_so_many_letters_a_day_and_no_more(
    shop: Shop, client: httpx2.AsyncClient, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("duka.sales.actions.send.OF_SHOP_A_DAY_MAX", 11)
    cable = await stock_up(shop, "cable")
    first, second = [await sold(client, shop, (cable, 1), paid=1000) for _ in range(2)]
    to = {"to": "okello@example.com"}
    path = f"/api/invoices/{first['invoice']['id']}/send"
    for _ in range(10):
        await post(client, shop.owner, path, to, status=202)
    refused = await post(client, shop.owner, path, to, status=429)
    assert (refused["code"], refused["details"]) == ("TOO_MANY_LETTERS", {"limit": 10, "whose": "of this document"})
    other = f"/api/invoices/{second['invoice']['id']}/send"
    await post(client, shop.owner, other, to, status=202)
    refused = await post(client, shop.owner, other, to, status=429)
    assert refused["message"].startswith("Today 11 letters were sent by this shop already,")
