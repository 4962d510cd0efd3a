"""Labels for goods: what is printed is read back by a scanner, from every paper."""

import io
import math
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest
import zxingcpp
from pypdf import PdfReader
from sqlalchemy import select
from stdnum import ean

from duka.catalog.label_layouts import PAPERS, LabelPaper, Paper, module_um, symbology_of
from duka.catalog.label_pdf import CodeTooLong, Label, LabelSheet, draw, render
from duka.catalog.models import Variant
from duka.platform.ids import new_id
from tests import world
from tests.catalog.till import Till
from tests.sales.test_invoice_pdf import shades
from tests.world import Shop

pytestmark = pytest.mark.slow

ROLLS: Sequence[Paper] = ("80mm", "58mm", "2x1in")
SHEETS: Sequence[Paper] = ("a4_65", "a4_40", "a4_24")
KINDS = {
    "6001087340014": zxingcpp.BarcodeFormat.EAN13, "96385074": zxingcpp.BarcodeFormat.EAN8,
    "036000291452": zxingcpp.BarcodeFormat.UPCA, "CBL-0042": zxingcpp.BarcodeFormat.Code128,
    "ओम-7": zxingcpp.BarcodeFormat.QRCode,
}  # fmt: skip
LONG = "USB-C cable, braided, two metres, for every phone that was ever made and some that were not"


def scan(page: bytes) -> list[tuple[str, Any]]:
    """Read every code of a page as a scanner does."""
    return [(code.text, code.format) for code in zxingcpp.read_barcodes(shades(page))]


async def pdf(till: Till, **body: Any) -> bytes:
    """Have labels printed."""
    answer = await till.client.post("/api/products/labels", json=body, headers=till.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return answer.content


def words(printed: bytes) -> str:
    """Give the texts of a PDF."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages)


@pytest.mark.parametrize("paper", ROLLS)
def test_a_roll_is_read_back_at_the_dots_of_its_printer(paper: Paper) -> None:
    labels = [Label(code, LONG, "UGX 1,500,000", "CBL-0042") for code in KINDS]
    pages = draw(LabelSheet(labels, paper), 203)
    assert len(pages) == len(KINDS)
    for page, (text, kind) in zip(pages, KINDS.items(), strict=True):
        [(read, read_kind)] = scan(page)
        assert read.lstrip("0") == text.lstrip("0")
        assert read_kind == kind or (text, read_kind) == ("036000291452", zxingcpp.BarcodeFormat.EAN13)


@pytest.mark.parametrize("paper", SHEETS)
def test_a_full_sheet_is_read_back(paper: Paper) -> None:
    labels = [Label(code, LONG, "UGX 1,500,000", "CBL-0042") for code in KINDS]
    labels = [*labels, *(Label(f"N{n:04d}", "Nail") for n in range(PAPERS[paper].labels - len(KINDS)))]
    [page] = draw(LabelSheet(labels, paper), 254)
    found = {text.lstrip("0") for text, _ in scan(page)}
    assert found == {label.code.lstrip("0") for label in labels}


@pytest.mark.parametrize("paper", PAPERS)
def test_every_label_lies_on_its_page_and_none_on_another(paper: Paper) -> None:
    page = PAPERS[paper]
    corners = [page.place(at) for at in range(page.labels)]
    assert len(set(corners)) == page.labels
    for left, top in corners:
        assert 0 <= left <= page.page_width_um - page.width_um
        assert 0 <= top <= page.page_height_um - page.height_um
    for left, top in corners:
        beside = [other for other in corners if other != (left, top)]
        assert all(abs(left - x) >= page.width_um or abs(top - y) >= page.height_um for x, y in beside)


def test_copies_fill_sheets_after_the_places_that_are_used() -> None:
    sheets = PdfReader(io.BytesIO(render(LabelSheet([Label("A1", copies=66)], "a4_65", skip=64)))).pages
    assert [page.extract_text().count("A1") for page in sheets] == [1, 65]
    assert [float(side) for side in sheets[0].mediabox[2:]] == pytest.approx([595.28, 841.89], abs=0.1)
    small = PdfReader(io.BytesIO(render(LabelSheet([Label("A1", copies=2)], "2x1in")))).pages
    assert [float(side) for side in small[0].mediabox[2:]] == pytest.approx([144, 72], abs=0.1)
    assert len(small) == 2


def test_a_bar_is_never_finer_than_a_scanner_reads_and_on_rolls_whole_dots() -> None:
    for paper in PAPERS.values():
        for modules in range(60, 500):
            wide = module_um(paper, "code128", modules)
            if wide is not None:
                assert 190 <= wide <= 375
                assert (modules + 20) * wide <= paper.width_um - 2 * paper.quiet_um
                assert paper.dot_um == 0 or wide % paper.dot_um == 0
        assert module_um(paper, "ean13", 95) is not None, "every paper takes an EAN-13"


def test_what_is_too_long_for_bars_becomes_a_square_or_is_refused() -> None:
    long = "A-VERY-LONG-SKU-OF-A-SUPPLIER-WITH-TOO-MUCH-TIME-0123456789"
    [page] = draw(LabelSheet([Label(long, "Nail")], "58mm"))
    assert scan(page) == [(long, zxingcpp.BarcodeFormat.QRCode)]
    with pytest.raises(CodeTooLong) as refused:
        render(LabelSheet([Label(long, "Nail")], "58mm", "barcode"))
    assert refused.value.details() == {"barcode": long}
    [page] = draw(LabelSheet([Label("6001087340014")], "58mm", "qr"))
    assert scan(page) == [("6001087340014", zxingcpp.BarcodeFormat.QRCode)]


@pytest.mark.parametrize(
    ("text", "symbology"),
    [("6001087340014", "ean13"), ("06001087340014", "ean13"), ("16001087340011", "code128"), ("96385074", "ean8"),
     ("036000291452", "upca"), ("036000291453", "code128"), ("12", "code128"), ("١٢", "qr"), ("é", "qr")],
)  # fmt: skip
def test_each_text_has_its_kind_of_code(text: str, symbology: str) -> None:
    assert symbology_of(text) == symbology


def test_the_same_labels_are_the_same_bytes() -> None:
    sheet = LabelSheet([Label("CBL-0042", "Cable *bold* #rect() $x$", "UGX 1")], "80mm")
    assert render(sheet) == render(sheet)
    assert "#rect()" in words(render(sheet))


async def test_labels_say_what_the_item_is_and_costs(njeri: Till) -> None:
    cable = await njeri.sell("USB-C cable", price=15_000, sku="CBL-1", barcode="6001087340014")
    lamp = await njeri.sell("Lamp", price=9_000, sku="LMP-1")
    items = [{"variant_id": cable["variants"][0]["id"], "copies": 3}, {"variant_id": lamp["variants"][0]["id"]}]
    printed = words(await pdf(njeri, items=items, paper="80mm"))
    assert (printed.count("USB-C cable"), printed.count("UGX 15,000"), printed.count("6001087340014")) == (3, 3, 3)
    assert (printed.count("Lamp"), printed.count("LMP-1"), printed.count("CBL-1")) == (1, 1, 3)
    plain = words(await pdf(njeri, items=items, show_name=False, show_price=False, show_sku=False))
    assert ("cable" in plain, "UGX" in plain, "CBL-1" in plain, "6001087340014" in plain) == (False, False, False, True)


async def test_items_without_a_barcode_get_one_of_the_shops_own(njeri: Till, shop: Shop) -> None:
    lamp = await njeri.sell("Lamp", price=9_000)
    cable = await njeri.sell("Cable", price=1, barcode="ABC")
    shirt = await njeri.sell("Shirt", price=1, generate=True, attributes={"size": ["S", "M"]})
    ids = [one["id"] for made in (lamp, cable, shirt) for one in made["variants"]]
    await pdf(njeri, items=[{"variant_id": ids[0]}], make_codes=True)
    coded: Any = await njeri.ask("POST", "/api/products/internal-codes", json={"variant_ids": ids})
    assert [one["made"] for one in coded] == [False, False, True, True]
    codes = [one["barcode"] for one in coded]
    assert codes[1] == "ABC"
    for code in (codes[0], *codes[2:]):
        assert ean.is_valid(code)
        assert (len(code), code[:2]) == (13, "29")
    assert len(set(codes)) == 4
    found = await njeri.ask("GET", f"/api/products/barcode/{codes[2]}")
    assert (found["variant_id"], found["product"]["version"]) == (ids[2], 3)
    searched: Any = await njeri.ask("GET", f"/api/products?q={codes[0]}")
    assert [one["name"] for one in searched] == ["Lamp"]


async def test_a_number_that_is_taken_is_passed_over_and_scales_keep_theirs(njeri: Till, shop: Shop) -> None:
    lamp = await njeri.sell("Lamp", price=1)
    variant = lamp["variants"][0]["id"]
    number = int(variant.replace("-", "")[-16:], 16) % 10**10
    body = f"29{number:010d}"
    await njeri.sell("Taken", price=1, barcode=body + ean.calc_check_digit(body))
    (coded,) = await njeri.ask("POST", "/api/products/internal-codes", json={"variant_ids": [variant]})
    assert isinstance(coded, dict)
    assert coded["barcode"][:12] == f"29{(number + 1) % 10**10:010d}"
    shown = await njeri.ask("GET", "/api/settings")
    settings = shown["settings"] | {"scale_codes": ["29IIIIIWWWWWC", "28IIIIIXPPPPC"]}
    await njeri.ask("PUT", "/api/settings", json={"version": shown["version"], "settings": settings})
    torch = await njeri.sell("Torch", price=1)
    async with shop.asking() as ctx:
        ids = list(await ctx.db.scalars(select(Variant.id).where(Variant.product_id == torch["id"])))
    (next_one,) = await njeri.ask("POST", "/api/products/internal-codes", json={"variant_ids": [str(ids[0])]})
    assert isinstance(next_one, dict)
    assert next_one["barcode"][:2] == "27"


async def test_who_may_print_and_who_may_make_codes(client: httpx2.AsyncClient, shop: Shop, njeri: Till) -> None:
    lamp = await njeri.sell("Lamp", price=9_000)
    items = [{"variant_id": lamp["variants"][0]["id"]}]
    seller = Till(client, await world.hire(shop, "staff"))
    assert await pdf(seller, items=items)
    refused = await seller.ask("POST", "/api/products/labels", 403, json={"items": items, "make_codes": True})
    assert refused["details"] == {"permission": "products:update"}
    await seller.ask("POST", "/api/products/internal-codes", 403, json={"variant_ids": [items[0]["variant_id"]]})
    async with shop.asking() as ctx:
        assert list(await ctx.db.scalars(select(Variant.barcode))) == [None]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"items": []}, 400), ({}, 400), ({"items": [{"variant_id": str(new_id())}]}, 404),
        ({"items": [{"variant_id": "x"}]}, 400), ({"items": [{"variant_id": str(new_id()), "copies": 0}]}, 400),
        ({"items": [{"variant_id": str(new_id()), "copies": 1_001}] * 2}, 400),
        ({"items": [{"variant_id": str(new_id())}], "paper": "a5"}, 400),
        ({"items": [{"variant_id": str(new_id())}], "skip": 65}, 400),
        ({"items": [{"variant_id": str(new_id())}], "make_codes": True}, 404),
    ],
)  # fmt: skip
async def test_bad_input_is_told(njeri: Till, body: dict[str, Any], status: int) -> None:
    refused = await njeri.ask("POST", "/api/products/labels", status, json=body)
    assert refused["code"] == ("NOT_FOUND" if status == 404 else "VALIDATION_ERROR")


async def test_a_deleted_item_gets_no_label_and_a_code_only_once(njeri: Till) -> None:
    lamp = await njeri.sell("Lamp", price=9_000)
    variant = lamp["variants"][0]["id"]
    await njeri.ask("DELETE", f"/api/products/{lamp['id']}")
    await njeri.ask("POST", "/api/products/labels", 404, json={"items": [{"variant_id": variant}]})
    await njeri.ask("POST", "/api/products/internal-codes", 404, json={"variant_ids": [variant]})
    torch = await njeri.sell("Torch", price=1)
    twice = [torch["variants"][0]["id"]] * 2
    assert len(await njeri.ask("POST", "/api/products/internal-codes", json={"variant_ids": twice})) == 1


def test_the_papers_are_as_they_are_sold() -> None:
    def millimetres(paper: LabelPaper) -> tuple[float, float]:
        return paper.width_um / 1_000, paper.height_um / 1_000

    assert [PAPERS[paper].labels for paper in SHEETS] == [65, 40, 24]
    assert [millimetres(PAPERS[paper]) for paper in SHEETS] == [(38.1, 21.2), (45.7, 25.4), (63.5, 33.9)]
    assert math.isclose(PAPERS["2x1in"].width_um, 2 * 25_400)
