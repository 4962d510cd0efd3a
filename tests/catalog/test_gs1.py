"""What GS1 codes and the labels of scales say, read by hand, and asked at the till."""

from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from duka.catalog.gs1 import Facts, Gs1Code, ScaleLabel, read_gs1, read_scale_label
from tests.catalog.till import Till

TODAY = date(2026, 11, 21)
GTIN = "09506000134352"
GS = "\x1d"


def read(text: str, places: int = 2) -> Gs1Code | None:
    """Read a code on one day, in a currency of two decimals."""
    return read_gs1(text, TODAY, places)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (f"(01){GTIN}", Facts()),
        (f"01{GTIN}", Facts()),
        (f"(01){GTIN}(10)ABC123(17)270228", Facts("ABC123", date(2027, 2, 28))),
        (f"01{GTIN}1727022810ABC123", Facts("ABC123", date(2027, 2, 28))),
        (f"]C101{GTIN}10ABC123{GS}17270228", Facts("ABC123", date(2027, 2, 28))),
        (f"]d2{GS}01{GTIN}21S/N-7{GS}10L1", Facts("L1", serial="S/N-7")),
        (f"]Q301{GTIN}17270200", Facts(expiry=date(2027, 2, 28))),
        (f"]e001{GTIN}17280200", Facts(expiry=date(2028, 2, 29))),
        (f"01{GTIN}3103001250", Facts(quantity_milli=1_250)),
        (f"01{GTIN}3101000125", Facts(quantity_milli=12_500)),
        (f"01{GTIN}3106001500", Facts(quantity_milli=2)),
        (f"01{GTIN}31030012503922499", Facts(quantity_milli=1_250, price_minor=499)),
        (f"(01){GTIN}(3920)12", Facts(price_minor=1_200)),
        (f"(01){GTIN}(3923)1995", Facts(price_minor=200)),
        (f"(02){GTIN}(37)24", Facts(quantity_milli=24_000)),
        (f"01{GTIN}3012{GS}10B", Facts("B", quantity_milli=12_000)),
        (f"01{GTIN}11260101400ORDER-7{GS}10B{GS}", Facts("B")),
        (f"(01){GTIN}(3203)001250", Facts()),
    ],
)
def test_what_a_code_says(text: str, facts: Facts) -> None:
    assert read(text) == Gs1Code(GTIN, facts)


@pytest.mark.parametrize(
    ("digits", "year"), [("75", 2075), ("76", 2076), ("77", 1977), ("99", 1999), ("00", 2000), ("26", 2026)]
)
def test_the_century_of_a_date(digits: str, year: int) -> None:
    found = read(f"01{GTIN}17{digits}0115")
    assert found is not None
    assert found.facts.expiry == date(year, 1, 15)


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "6001087340014", "ABC-1", f"01{GTIN[:-1]}3", f"01{GTIN}17271301", f"01{GTIN}17270230", f"01{GTIN}10",
        f"01{GTIN}1727", f"01{GTIN}3103ABCDEF", f"01{GTIN}10{'x' * 21}", f"(01){GTIN}(10)A(10)B", f"(01){GTIN}(10)",
        f"(01){GTIN}10A", "(10)ABC", f"]C1{GTIN}", f"01{GTIN}10A~", f"(01){GTIN}(10)é", f"01{GTIN}{GS}{GS}10A",
        f"(01){GTIN}(3920)1234567890123456", f"(01){GTIN}(3920)99999999999999", f"01{GTIN}AB", "01" * 40,
    ],
)  # fmt: skip
def test_what_is_no_code_of_gs1_is_none(text: str) -> None:
    assert read(text) is None


def test_a_currency_without_decimals_has_its_own_price() -> None:
    found = read(f"(01){GTIN}(3920)12500", 0)
    assert found is not None
    assert found.facts.price_minor == 12_500


@given(st.text(max_size=60) | st.from_regex(r"\A(\]C1)?(01[0-9]{14})?([0-9]{2,4}[0-9A-Z\x1d]{0,12}){0,4}\Z"))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = read(text)
    assert found is None or ean.is_valid(found.gtin)
    read_scale_label(text, ["21IIIIIWWWWWC"])


@given(st.from_regex(r"\A[0-9A-Za-z/-]{1,20}\Z"), st.from_regex(r"\A[0-9A-Za-z]{1,20}\Z"),
       st.dates(date(2000, 1, 1), date(2049, 12, 31)), st.integers(1, 999_999))  # fmt: skip
def test_what_is_written_is_read(batch: str, serial: str, expiry: date, grams: int) -> None:
    facts = Facts(batch, expiry, serial, grams)
    raw = f"]C101{GTIN}17{expiry:%y%m%d}3103{grams:06d}10{batch}{GS}21{serial}"
    shown = f"(01){GTIN}(10){batch}(17){expiry:%y%m%d}(21){serial}(3103){grams:06d}"
    assert read(raw) == read(shown) == Gs1Code(GTIN, facts)


def coded(body: str) -> str:
    """Put the check digit behind twelve digits."""
    return body + str(ean.calc_check_digit(body))


def test_the_labels_of_scales() -> None:
    patterns = ["21IIIIIWWWWWC", "22IIIIIXPPPPC"]
    assert read_scale_label(coded("210004201250"), patterns) == ScaleLabel(
        (coded("210004200000"), "2100042"), ("2100042", "00042", "42"), Facts(quantity_milli=1_250)
    )
    priced = read_scale_label(coded("220004290750"), patterns)
    assert priced is not None
    assert priced.facts == Facts(price_minor=750)
    assert read_scale_label(coded("230004201250"), patterns) is None
    assert read_scale_label("2100042012500", patterns) is None
    assert read_scale_label(coded("210004201250"), []) is None
    empty = read_scale_label(coded("210004200000"), patterns)
    assert empty is not None
    assert empty.facts == Facts()


async def find(till: Till, code: str, status: int = 200) -> dict[str, Any]:
    """Scan a code."""
    return await till.ask("GET", f"/api/products/barcode/{quote(code, safe='')}", status)


async def test_a_gs1_code_finds_its_product_and_tells_the_rest(njeri: Till) -> None:
    milk = await njeri.sell("Milk", price=3_000, barcode="9506000134352")
    found = await find(njeri, f"]C101{GTIN}10LOT/7{GS}17270228")
    assert (found["variant_id"], found["product"]["name"]) == (milk["variants"][0]["id"], "Milk")
    assert (found["batch"], found["expiry"], found["serial"]) == ("LOT/7", "2027-02-28", None)
    weighed = await find(njeri, f"(01){GTIN}(3103)001250(3920)3750")
    assert (weighed["quantity"], weighed["price"]) == (1.25, 3_750)
    plain = await find(njeri, "9506000134352")
    assert [plain[name] for name in ("batch", "expiry", "serial", "quantity", "price")] == [None] * 5
    assert (await find(njeri, "(01)09506000134369(10)A", 404))["code"] == "NOT_FOUND"
    await find(njeri, "x" * 201, 400)


async def test_an_item_with_just_this_code_comes_first(njeri: Till) -> None:
    await njeri.sell("Milk", price=1, barcode="9506000134352")
    sticker = await njeri.sell("Sticker", price=1, barcode=f"01{GTIN}10ABC")
    found = await find(njeri, f"01{GTIN}10ABC")
    assert (found["variant_id"], found["batch"]) == (sticker["variants"][0]["id"], None)


async def test_the_till_reads_the_labels_of_the_shops_scale(njeri: Till) -> None:
    label = coded("210004201250")
    await njeri.sell("Sugar", price=4_000, unit="kg", sku="42")
    await find(njeri, label, 404)
    shown = await njeri.ask("GET", "/api/settings")
    settings = shown["settings"] | {"scale_codes": ["21IIIIIWWWWWC", "22IIIIIPPPPPC"]}
    await njeri.ask("PUT", "/api/settings", json={"version": shown["version"], "settings": settings})
    found = await find(njeri, label)
    assert (found["product"]["name"], found["quantity"], found["price"]) == ("Sugar", 1.25, None)
    beans = await njeri.sell("Beans", price=5_000, barcode=coded("220007700000"))
    found = await find(njeri, coded("220007706250"))
    assert (found["variant_id"], found["quantity"], found["price"]) == (beans["variants"][0]["id"], None, 6_250)
    first = await njeri.sell("Sugar by code", price=4_000, barcode="2100042")
    assert (await find(njeri, label))["variant_id"] == first["variants"][0]["id"], "a barcode before a SKU"


@pytest.mark.parametrize("pattern", ["21IIIIIWWWWW", "11IIIIIWWWWWC", "21IIIIIWWPPPC", "21IIIIIWWWWWWC", "x"])
async def test_a_pattern_that_no_scale_has_is_refused(njeri: Till, pattern: str) -> None:
    shown = await njeri.ask("GET", "/api/settings")
    body = {"version": shown["version"], "settings": shown["settings"] | {"scale_codes": [pattern]}}
    assert (await njeri.ask("PUT", "/api/settings", 400, json=body))["code"] == "VALIDATION_ERROR"
