"""The paper a customer takes home, read back: its text with pypdf, its code with a barcode reader."""

import io
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from duka.platform import pictures
from duka.platform.printing import TEXT_MAX, clean
from duka.sales.invoices.pdf import QrTextTooLong, draw, render
from duka.sales.invoices.texts import set_out
from duka.sales.invoices.view import (
    BuyerBlock,
    Detail,
    InvoiceView,
    Kind,
    Layout,
    LineView,
    PaymentView,
    Regime,
    TaxAmount,
    TaxTotal,
)
from tests.sales import papers

LAYOUTS: tuple[Layout, ...] = get_args(Layout)
MARKUP = ("#import", "$x$", "<script>", "#panic(1)", "*bold*", "@ref", "\\", '"', "= Head", "`raw`", "{page}")


def read(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def squeeze(text: str) -> str:
    """Take out the white space and break marks that layout puts in, so that wrapped text compares equal."""
    return "".join(text.replace("\u200b", "").split())


def shades(png: bytes) -> memoryview:
    """Unpack typst's PNG (8-bit RGBA or RGB, not interlaced) into rows of brightness."""
    width, height, depth, colour = (
        int.from_bytes(png[16:20]),
        int.from_bytes(png[20:24]),
        png[24],
        png[25],
    )
    assert depth == 8
    step = {2: 3, 6: 4}[colour]
    packed, at = b"", 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + size]
        at += size + 12
    raw, stride = zlib.decompress(packed), width * step
    above, out = bytearray(stride), bytearray()
    for row in range(height):
        start = row * (stride + 1)
        line = bytearray(raw[start + 1 : start + 1 + stride])
        _unfilter(raw[start], line, above, step)
        out += line[0::step]
        above = line
    return memoryview(bytes(out)).cast("B", (height, width))


def _unfilter(kind: int, line: bytearray, above: bytearray, step: int) -> None:
    for i in range(len(line)):
        left = line[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        if kind == 1:
            line[i] = (line[i] + left) & 255
        elif kind == 2:
            line[i] = (line[i] + above[i]) & 255
        elif kind == 3:
            line[i] = (line[i] + (left + above[i]) // 2) & 255
        elif kind == 4:
            near = min((left, above[i], corner), key=lambda value: abs(left + above[i] - corner - value))
            line[i] = (line[i] + near) & 255


def with_text_everywhere(part: Any, text: str) -> Any:
    """Put `text` into every free text of a view, whatever it is nested in."""
    kept = {"kind", "regime", "layout", "language", "currency", "logo", "qr"}
    if isinstance(part, tuple):
        return tuple(with_text_everywhere(item, text) for item in part)
    if is_dataclass(part) and not isinstance(part, type):
        own = {f.name: getattr(part, f.name) for f in fields(part) if f.name not in kept}
        return replace(part, **{name: with_text_everywhere(value, text) for name, value in own.items()})
    return text if isinstance(part, str) else part


# ---- what the law and the customer want to read


def test_a_gst_tax_invoice_has_every_field_the_rule_asks_for() -> None:
    text = squeeze(read(render(papers.tax_invoice())))
    for wanted in (
        "Tax invoice", "ORIGINAL FOR RECIPIENT", "Chamundi Mobiles", "14, Devaraja Urs Road", "29ABCDE1234F1Z5",
        "T2/2627/000123", "14 Nov 2026, 18:42", "Kaveri Electricals", "22, Sayyaji Rao Road", "29PQRSX9876K1Z2",
        "Karnataka (29)", "Place of supply", "Reverse charge", "85171300", "1 pc", "15,677.97", "9%", "1,411.02",
        "CGST", "SGST", "₹ 19,998.00", "Rupees Nineteen Thousand Nine Hundred Ninety-Eight Only",
        "For Chamundi Mobiles", "Authorised signatory", "IMEI 356938035643809", "9f3a 27c1 e08b 5d44", "Page 1 of 1",
    ):  # fmt: skip
        assert squeeze(wanted) in text, wanted
    assert "COPY" not in text


def test_a_ugandan_receipt_shows_tin_vat_summary_and_change() -> None:
    text = squeeze(read(render(papers.vat_invoice())))
    for wanted in ("TIN 1000123456", "UGX 60,500", "VAT 18% 45,763 8,237 54,000", "Cash 64,000", "Change 3,500"):
        assert squeeze(wanted) in text, wanted


def test_a_sale_between_states_shows_integrated_tax_and_cess() -> None:
    taxes = (
        TaxAmount(code="CESS", rate="12%", amount_minor=12_000),
        TaxAmount(code="IGST", rate="28%", amount_minor=28_000),
    )
    line = LineView(
        description="Cola", hsn="22021010", quantity="10", price_minor=10_000, net_minor=100_000, taxes=taxes,
        total_minor=140_000,
    )  # fmt: skip
    view = replace(papers.tax_invoice((line,)), place_of_supply="Kerala (32)", reverse_charge=True)
    paper = set_out(view)
    assert paper["codes"] == ["IGST", "CESS"]
    assert [cell["amount"] for cell in paper["lines"][0]["taxes"]] == ["280.00", "120.00"]
    assert {"label": "Reverse charge", "value": "Yes"} in paper["facts"]
    assert squeeze("28% · 280.00 12% · 120.00 400.00") in squeeze(read(render(view)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_reprint_says_copy_and_nothing_else_does(layout: Layout) -> None:
    view = replace(papers.tax_invoice(), layout=layout)
    assert "COPY" not in read(render(view))
    assert "COPY" in read(render(replace(view, copy=True)))


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("regime", get_args(Regime))
def test_every_kind_prints_under_every_regime(kind: Kind, regime: Regime) -> None:
    view = replace(papers.vat_invoice(), kind=kind, regime=regime, layout="a4")
    text = squeeze(read(render(view)))
    assert "K1/2627/004711" in text
    assert ("Thisisnotaninvoice." in text) == (kind in ("payment_receipt", "quotation"))


def test_a_credit_note_names_the_invoice_it_corrects() -> None:
    note = replace(
        papers.vat_invoice(), kind="credit_note", original_number="K1/2627/004000", original_date="1 Nov 2026"
    )
    text = squeeze(read(render(note)))
    assert "K1/2627/004000" in text
    assert "1Nov2026" in text


def test_what_is_owed_and_what_was_paid_stand_below_the_total() -> None:
    paid = PaymentView(method="MTN MoMo", reference="8812345", amount_minor=20_000)
    view = replace(papers.vat_invoice(), payments=(paid,), change_minor=0, balance_minor=40_500)
    text = squeeze(read(render(view)))
    assert "MTNMoMo881234520,000" in text
    assert "BalancedueUGX40,500" in text


# ---- the column of sums adds up as it is read


def minor(text: str) -> int:
    return int("".join(letter for letter in text if letter in "-0123456789"))


@pytest.mark.parametrize("prices_include_tax", [False, True])
@pytest.mark.parametrize("discount_minor", [0, 1_000])
@pytest.mark.parametrize("rounding_minor", [0, -3])
@pytest.mark.parametrize("regime", get_args(Regime))
def test_the_sums_add_up(regime: Regime, rounding_minor: int, discount_minor: int, prices_include_tax: bool) -> None:
    net_minor, tax_minor = 100_000, 0 if regime == "plain" else 18_000
    gross_minor = net_minor + tax_minor
    view = replace(
        papers.vat_invoice(),
        regime=regime,
        currency="INR",
        prices_include_tax=prices_include_tax,
        subtotal_minor=(gross_minor if prices_include_tax else net_minor) + discount_minor,
        discount_minor=discount_minor,
        net_minor=net_minor,
        tax_totals=(TaxTotal(code="T", rate="18%", net_minor=net_minor, amount_minor=tax_minor),) if tax_minor else (),
        rounding_minor=rounding_minor,
        total_minor=gross_minor + rounding_minor,
    )
    *rows, total = [(row["label"], minor(row["value"])) for row in set_out(view)["sums"]]
    # The taxable value is a sum in between, unless the column starts with it.
    parts = [amount for at, (label, amount) in enumerate(rows) if at == 0 or label != "Taxable value"]
    assert sum(parts) == total[1] == view.total_minor


# ---- pages and rolls


@pytest.mark.slow
def test_three_hundred_lines_run_over_pages_with_head_and_page_numbers() -> None:
    lines = tuple(papers.gst_line(f"Item {n}", "85171300", 2, 12_345 + n, 18) for n in range(300))
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(render(papers.tax_invoice(lines)))).pages]
    assert len(pages) > 5
    for at, page in enumerate(pages, start=1):
        assert "Taxable value" in page
        assert f"Page {at} of {len(pages)}" in page
        assert "T2/2627/000123" in page
    text = "\n".join(pages)
    assert all(f"Item {n} 85171300" in text for n in range(300))


@pytest.mark.parametrize(("layout", "width_mm"), [("80mm", 80), ("58mm", 58)])
def test_a_receipt_is_as_wide_as_the_roll_and_as_long_as_it_needs(layout: Layout, width_mm: int) -> None:
    short = replace(papers.vat_invoice(), layout=layout)
    long = replace(papers.vat_invoice(short.lines * 20), layout=layout)
    [small], [tall] = (PdfReader(io.BytesIO(render(view))).pages for view in (short, long))
    assert float(small.mediabox.width) == pytest.approx(width_mm / 25.4 * 72, abs=0.1)
    assert float(tall.mediabox.height) > 3 * float(small.mediabox.height)


def test_a_receipt_longer_than_a_pdf_page_can_be_is_cut_into_several() -> None:
    view = papers.vat_invoice(tuple(papers.vat_line(f"Item {n}", 1, 1_000) for n in range(300)))
    pages = PdfReader(io.BytesIO(render(view))).pages
    assert len(pages) > 1
    assert max(float(page.mediabox.height) for page in pages) < 14_400


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_runs_over_the_edge_of_the_paper(layout: Layout) -> None:
    endless = papers.gst_line("W" * 300, "8" * 40, 1, 10**11, 18, note="i" * 300)
    view = replace(
        papers.tax_invoice((endless,)), layout=layout, buyer=BuyerBlock(name="M" * 200, address=("M" * 200,)), qr=""
    )
    pixels: Any = shades(draw(view, 72)[0]).tolist()
    assert all(min(row[:4]) == 255 and min(row[-4:]) == 255 for row in pixels)


# ---- typed text is text


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_markup_comes_out_as_it_was_typed(layout: Layout) -> None:
    for view in (papers.tax_invoice(), papers.vat_invoice()):
        plain = squeeze(read(render(replace(view, layout=layout))))
        text = squeeze(read(render(with_text_everywhere(replace(view, layout=layout), " ".join(MARKUP)))))
        for mark in MARKUP:
            assert text.count(squeeze(mark)) >= 10, mark
        assert "#import" not in plain


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_text_that_no_printer_can_print_is_left_out(layout: Layout) -> None:
    text = "a\0b\x1b[31m\ud800c\u202ed\ufffe\U0001f600e"
    view = with_text_everywhere(replace(papers.tax_invoice(), layout=layout, copy=True), text)
    assert "ab[31mcde" in squeeze(read(render(view)))


@given(st.text())
def test_clean_text_has_no_controls_and_a_limit(text: str) -> None:
    kept = clean(text * 3)
    assert not any(ord(letter) < 32 and letter != "\n" for letter in kept)
    assert len(kept.replace("\u200b", "")) <= TEXT_MAX
    kept.encode()


def test_a_text_over_the_limit_ends_with_an_ellipsis() -> None:
    assert clean("ab " * TEXT_MAX) == ("ab " * TEXT_MAX)[: TEXT_MAX - 1] + "…"


def test_a_long_word_may_break_but_never_inside_a_syllable() -> None:
    assert clean("3569380356438090003569380") == "356938\u200b035643\u200b809000\u200b356938\u200b0"
    assert clean("क्षत्रिय" * 5).replace("\u200b", "") == "क्षत्रिय" * 5
    assert "\u094d\u200b" not in clean("क्षत्रिय" * 50)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.sampled_from(LAYOUTS), st.sampled_from(["en", "hi", "ar"]))
def test_any_text_prints(text: str, layout: Layout, language: str) -> None:
    view = replace(papers.vat_invoice(), layout=layout, language=language)
    assert render(with_text_everywhere(view, text)).startswith(b"%PDF-")


# ---- scripts


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Nakasero"), ("hi", "चामुंडी मोबाइल्स क्षत्रिय"), ("ar", "متجر النور للإلكترونيات"), ("sw", "Duka la Juma")],
)
def test_every_letter_comes_from_the_packaged_fonts(language: str, name: str) -> None:
    view = replace(papers.vat_invoice(), language=language, header=name, footer=f"₹ ₦ € {name}")
    [page] = PdfReader(io.BytesIO(render(view))).pages
    resources: Any = page["/Resources"]
    fonts = resources["/Font"]
    assert fonts
    assert all("NotoSans" in font.get_object()["/BaseFont"] for font in fonts.values())


# ---- code and logo


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_code_reads_back_from_the_page(layout: Layout) -> None:
    view = replace(papers.tax_invoice(), layout=layout, lines=papers.tax_invoice().lines[:1])
    [code] = zxingcpp.read_barcodes(shades(draw(view, 110)[0]))
    assert code.text == view.qr


def test_a_signed_e_invoice_code_fits_and_a_longer_one_is_refused() -> None:
    assert render(replace(papers.tax_invoice(), qr="eyJ" + "x" * 1_400))
    with pytest.raises(QrTextTooLong) as caught:
        render(replace(papers.tax_invoice(), qr="न" * 501))
    assert caught.value.details() == {"limit_bytes": 1_500}


def test_a_logo_is_printed() -> None:
    def images(logo: bytes | None) -> int:
        view = replace(papers.tax_invoice(), shop=replace(papers.MYSURU, logo=logo))
        return render(view).count(b"/Subtype/Image")

    assert [images(logo) for logo in (papers.png(), papers.JPEG, None)] == [1, 1, 0]


@pytest.mark.parametrize(
    "logo",
    [
        b"",
        b"GIF89a" + b"\0" * 50,
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        papers.png()[:40],
        papers.png()[:-30],
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x10" + b"\x01" * 40,
        papers.png(3_000, 3_000),
        papers.png() + b"\0" * pictures.BYTES_MAX,
    ],
)
def test_a_logo_that_cannot_be_printed_never_stops_the_invoice(logo: bytes) -> None:
    view = replace(papers.tax_invoice(), shop=replace(papers.MYSURU, logo=logo))
    assert "T2/2627/000123" in read(render(view))


# ---- the same paper every time


@pytest.mark.slow
def test_the_same_document_gives_the_same_bytes() -> None:
    assert render(papers.tax_invoice()) == render(papers.tax_invoice())


@pytest.mark.slow
def test_several_tills_print_at_once() -> None:
    views: list[InvoiceView] = [replace(papers.vat_invoice(), number=f"K{n}/2627/000001") for n in range(8)]
    alone = [render(view) for view in views]
    with ThreadPoolExecutor(max_workers=8) as pool:
        assert list(pool.map(render, views * 3)) == alone * 3


def test_further_facts_stand_in_the_head() -> None:
    view = replace(papers.vat_invoice(), details=(Detail(label="FDN", value="123456789012"),))
    assert "FDN123456789012" in squeeze(read(render(view)))
