"""What GS1 codes and the labels of scales say, read by hand, and asked at the till."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from duka.catalog import codes
from duka.catalog.gs1 import Facts, Gs1Code, ScaleLabel, read_gs1, read_scale_label
from tests.catalog.till import Till

TODAY = date(2026, 11, 21)
GTIN = "09506000134352"
GS = "\x1d"


def read(text: str, places: int = 2) -> Gs1Code | None:
    """Read a code on one day, in a currency of two decimals."""
    return read_gs1(text, TODAY, places)


GOLDEN: Final[dict[str, Any]] = json.loads(Path(__file__).parents[1].joinpath("golden", "gs1.json").read_text("utf-8"))
"""What the app's reader must agree with too."""


@pytest.mark.parametrize("case", GOLDEN["codes"], ids=lambda case: repr(case["text"]))
def test_what_a_code_says(case: dict[str, Any]) -> None:
    found = read_gs1(case["text"], date.fromisoformat(GOLDEN["today"]), case["currency_digits"])
    assert (found and told(found)) == case["expected"]


@pytest.mark.parametrize("case", GOLDEN["labels"], ids=lambda case: f"{case['text']} {case['patterns']}")
def test_what_the_label_of_a_scale_says(case: dict[str, Any]) -> None:
    found = read_scale_label(case["text"], case["patterns"])
    assert (found and told(found)) == case["expected"]


@pytest.mark.parametrize("case", GOLDEN["same"], ids=lambda case: case["code"])
def test_how_else_a_barcode_is_written(case: dict[str, Any]) -> None:
    assert codes.same_barcodes(case["code"]) == case["same"]


def told(found: Gs1Code | ScaleLabel) -> dict[str, Any]:
    """What was read, as the golden cases have it."""
    facts: dict[str, Any] = json.loads(json.dumps(asdict(found), default=str))
    return facts


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
