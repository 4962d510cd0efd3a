"""The paper a customer takes home: what stands on it, for whom, under which tax regime."""

from io import BytesIO
from typing import Any

import httpx2
from pypdf import PdfReader
from sqlalchemy import select

from duka.catalog.models import Variant
from duka.platform.edge import House
from duka.sales.invoices import paper
from duka.sales.invoices import pdf as invoice_pdf
from duka.sales.invoices import queries as invoice_queries
from duka.sales.invoices.view import InvoiceView
from duka.shops.models import Shop as ShopTable
from tests.sales.test_sell import a_customer, settle
from tests.sales.till import back, credited, sold
from tests.stock.tracked import medicine, phones
from tests.world import Shop, open_a_shop, stock_up

GSTIN = "29ABCDE1234F1ZW"


async def tell(shop: Shop, **changes: Any) -> None:
    """Change what the shop says of itself."""
    async with shop.as_() as ctx:
        row = (await ctx.db.scalars(select(ShopTable))).one()
        for name, value in changes.items():
            setattr(row, name, value)


async def printed(client: httpx2.AsyncClient, shop: Shop, path: str) -> str:
    answer = await client.get(path, headers=shop.owner.headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    return text.replace("\u200b", "").replace("\u00a0", " ")


async def seen(shop: Shop, sale: dict[str, Any], *, copy: bool = False) -> InvoiceView:
    """What is decided to stand on a sale's paper."""
    async with shop.asking() as ctx:
        found = await invoice_queries.paper_of_sale(ctx, sale["id"])
    return paper.set_down(found, "a4", copy=copy)


async def test_a_receipt_says_what_was_sold_and_paid(shop: Shop, client: httpx2.AsyncClient) -> None:
    await tell(shop, address="Plot 7, Market Street\nKampala", phone="+256772123456", tax_id="1000123456")
    await settle(shop, receipt_header="Open till late", receipt_footer="Webale nnyo!")
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    sale = await sold(client, shop, (cable, 2), paid=3000, customer={"name": "Okello", "phone": "0772 123456"})
    text = await printed(client, shop, f"/api/sales/receipt/{sale['id']}?layout=a4")
    for said in (
        "Njeri Phones", "Plot 7, Market Street", "1000123456", sale["number"], "cable", "2,360", "3,000", "640",
        "Okello", "+256772123456", "Open till late", "Webale nnyo!", "VAT 18%", "360", "Njeri", "S1",
        "Two Thousand Three Hundred Sixty",
    ):  # fmt: skip
        assert said in text, said
    assert "COPY" not in text


async def test_a_reprint_is_marked(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    for layout in ("a4", "80mm", "58mm"):
        path = f"/api/sales/receipt/{sale['id']}?copy=true&layout={layout}"
        assert "COPY" in await printed(client, shop, path)
    assert sale["number"] in await printed(client, shop, f"/api/invoices/{sale['invoice']['id']}/pdf")
    wrong = await client.get(f"/api/sales/receipt/{sale['id']}?layout=a3", headers=shop.owner.headers)
    assert wrong.status_code == 400


async def test_a_part_payment_is_confirmed_and_called_no_invoice(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 2), paid=500)
    text = await printed(client, shop, f"/api/sales/receipt/{sale['id']}?layout=a4")
    assert "This is not an invoice." in text
    assert "1,500" in text
    view = await seen(shop, sale)
    assert (view.kind, view.number, view.balance_minor, view.verification) == ("payment_receipt", "S1-1", 1500, "")


async def test_the_code_on_the_paper_tells_its_hash(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    view = await seen(shop, sale)
    assert view.verification.replace(" ", "") == sale["invoice"]["hash"][:16]
    assert view.qr.split(" ")[0] == sale["number"]
    assert view.qr.endswith(sale["invoice"]["hash"])
    assert view.regime == "plain"
    assert invoice_pdf.draw(view)


async def test_a_credit_note_names_the_invoice_it_corrects(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    sale = await sold(client, shop, (cable, 3), paid=3540)
    note = await credited(client, shop, sale, back(sale, 2))
    text = await printed(client, shop, f"/api/invoices/{note['id']}/pdf")
    for said in ("Credit note", note["number"], sale["number"], "2,360"):
        assert said in text, said
    assert "640" not in text


async def asha(house: House) -> Shop:
    """A phone shop in Mysuru, registered for GST."""
    shop = await open_a_shop(
        house, country="IN", currency="INR", time_zone="Asia/Kolkata", state_code="29", financial_year_month=4,
        payment_policy="on_account", upi_id="asha@okbank",
    )  # fmt: skip
    await tell(shop, tax_id=GSTIN)
    return shop


async def test_a_gst_tax_invoice_has_what_the_law_asks_for(house: House, client: httpx2.AsyncClient) -> None:
    shop = await asha(house)
    phone = await stock_up(shop, "phone", price_minor=100_000, tax_class="GST 18 %", tax_included=False)
    buyer = {"name": "Kaveri Electricals", "tax_id": "29PQRSX9876K1Z2", "state_code": "29", "address": "Mysuru"}
    sale = await sold(client, shop, (phone, 1), paid=118_000, customer=buyer)
    text = await printed(client, shop, f"/api/invoices/{sale['invoice']['id']}/pdf")
    for said in (
        "Tax invoice", GSTIN, "29PQRSX9876K1Z2", "Karnataka (29)", "CGST", "SGST", "9%", "90.00", "1,180.00",
        "Taxable value", "One Thousand One Hundred Eighty", "Reverse charge",
    ):  # fmt: skip
        assert said in text, said
    view = await seen(shop, sale)
    assert (view.kind, view.regime, view.place_of_supply) == ("tax_invoice", "gst", "Karnataka (29)")
    assert [tax.amount_minor for tax in view.hsn_rows[0].taxes] == [9000, 9000]


async def test_what_is_owed_is_paid_by_upi(house: House, client: httpx2.AsyncClient) -> None:
    shop = await asha(house)
    phone = await stock_up(shop, "phone", price_minor=100_000, tax_class="GST 18 %", tax_included=False)
    kaveri = str(await a_customer(shop, limit_minor=10**7, state_code="29"))
    sale = await sold(client, shop, (phone, 1), paid=18_000, on_account=True, customer_id=kaveri)
    view = await seen(shop, sale)
    assert view.qr == "upi://pay?pa=asha@okbank&pn=Njeri%20Phones&am=1000.00&cu=INR&tr=S1-2627-000001"
    assert [detail.label for detail in view.details] == ["Due date"]
    await printed(client, shop, f"/api/sales/receipt/{sale['id']}?layout=80mm")


async def test_untaxed_goods_are_on_a_bill_of_supply(house: House, client: httpx2.AsyncClient) -> None:
    shop = await asha(house)
    book = await stock_up(shop, "book", price_minor=50_000)
    view = await seen(shop, await sold(client, shop, (book, 1), paid=50_000))
    assert (view.kind, view.regime, view.tax_totals) == ("bill_of_supply", "gst", ())


async def test_prices_with_and_without_tax_on_one_paper_add_up(shop: Shop, client: httpx2.AsyncClient) -> None:
    on_top = await stock_up(shop, "on top", price_minor=1000, tax_class="VAT 18 %", tax_included=False)
    inside = await stock_up(shop, "inside", price_minor=1180, tax_class="VAT 18 %")
    view = await seen(shop, await sold(client, shop, (on_top, 1), (inside, 2), paid=9000))
    assert not view.prices_include_tax
    assert [line.price_minor for line in view.lines] == [1000, 1000]
    assert view.subtotal_minor - view.discount_minor == view.net_minor == 3000
    assert view.net_minor + view.tax_totals[0].amount_minor == view.total_minor


async def test_what_the_paper_says_stays_when_the_catalogue_changes(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    async with shop.as_() as ctx:
        (await ctx.db.scalars(select(Variant))).one().name = "gold chain"
    assert [line.description for line in (await seen(shop, sale)).lines] == ["cable"]


async def test_the_numbers_of_pieces_and_batches_stand_on_the_paper(shop: Shop, client: httpx2.AsyncClient) -> None:
    phone = await phones(shop, client, "356938035643809")
    syrup = await medicine(shop, client, L7=(2, 30))
    lines = [
        {"variant_id": str(phone), "quantity": 1, "serials": ["356938035643809"]},
        {"variant_id": str(syrup), "quantity": 1, "batches": [{"number": "L7"}]},
        {"variant_id": str(syrup), "quantity": 1},
    ]
    sale = await sold(client, shop, paid=92_000, lines=lines)
    view = await seen(shop, sale)
    assert [line.note for line in view.lines] == ["S/N 356938035643809", "Batch L7", ""]
    for layout in ("a4", "80mm", "58mm"):
        assert "356938035643809" in await printed(client, shop, f"/api/sales/receipt/{sale['id']}?layout={layout}")
    invoice = (await client.get(f"/api/invoices/{sale['invoice']['id']}", headers=shop.owner.headers)).json()["data"]
    assert "356938035643809" not in invoice["canonical"], "what is hashed names no piece"
