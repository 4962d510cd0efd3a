"""Canonical bytes, hashes and numbers of documents, and that a tampered chain is always found."""

import copy
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from duka.sales.invoices import chain
from duka.sales.invoices.chain import GENESIS, InvoiceNotCanonical, Link, SeriesFull
from tests.sales import golden
from tests.sales.oracle import Json

GOLDEN: Final[list[Json]] = json.loads((golden.FOLDER / "invoices.json").read_text(encoding="utf-8"))["documents"]
SERIES: Final = "T1/2627"


def links(series: str = SERIES) -> list[Link]:
    """The stored documents of one golden series."""
    return [
        Link(
            found["number"],
            bytes.fromhex(found["previous"]),
            found["canonical"].encode(),
            bytes.fromhex(found["hash"]),
        )
        for found in GOLDEN
        if found["series"] == series
    ]


def invoice(**changed: object) -> Json:
    return {**copy.deepcopy(GOLDEN[0]["invoice"]), **changed}


@pytest.mark.parametrize("found", GOLDEN, ids=lambda found: found["name"])
def test_canonical_bytes_and_hash_are_the_golden_ones(found: Json) -> None:
    written = chain.canonical(found["invoice"])
    assert written.decode() == found["canonical"]
    assert chain.invoice_hash(
        bytes.fromhex(found["previous"]), found["series"], found["number"], written
    ) == bytes.fromhex(found["hash"])
    code, year = found["series"].split("/")
    assert chain.document_number(code, year, found["number"]) == found["document_number"]


def test_golden_invoices_are_what_the_standard_library_writes() -> None:
    assert (golden.FOLDER / "invoices.json").read_text(encoding="utf-8") == golden.invoices_text()


def test_the_hash_is_made_of_the_documented_bytes() -> None:
    document = hashlib.sha256(b"{}").digest()
    expected = hashlib.sha256(b"\x00" * 32 + b"T1/2627" + b"\x00\x00\x00\x00\x00\x00\x01\x02" + document)
    assert chain.invoice_hash(GENESIS, "T1/2627", 258, b"{}") == expected.digest()


def test_the_order_of_keys_does_not_matter() -> None:
    assert chain.canonical(dict(reversed(invoice().items()))) == chain.canonical(invoice())


@pytest.mark.parametrize("value", [1.5, 1.0, None, True, 10**12 + 1, -(10**12) - 1, "100"])
def test_a_number_is_a_whole_number_within_the_limit(value: object) -> None:
    found = invoice()
    found["lines"][0]["taxes"][0]["amount_minor"] = value
    with pytest.raises(InvoiceNotCanonical) as refusal:
        chain.canonical(found)
    assert refusal.value.path == "lines.0.taxes.0.amount_minor"


@pytest.mark.parametrize("value", [1, 1.5, None, True, ["cable"], {"en": "cable"}, "\ud800"])
def test_a_text_is_a_text(value: object) -> None:
    found = invoice()
    found["lines"][0]["description"] = value
    with pytest.raises(InvoiceNotCanonical):
        chain.canonical(found)


@pytest.mark.parametrize("key", ["number", "previous", "customer_name", "phone", "address", "tax_id"])
@pytest.mark.parametrize("place", [lambda found: found, lambda found: found["lines"][0]], ids=["top", "line"])
def test_no_number_hash_or_person_gets_into_the_bytes(key: str, place: Callable[[Json], Json]) -> None:
    found = invoice()
    place(found)[key] = "x"
    with pytest.raises(InvoiceNotCanonical) as refusal:
        chain.canonical(found)
    assert key in refusal.value.reason


@pytest.mark.parametrize("key", sorted(chain.REQUIRED_KEYS))
def test_nothing_that_must_be_there_may_be_missing(key: str) -> None:
    found = invoice()
    del found[key]
    with pytest.raises(InvoiceNotCanonical):
        chain.canonical(found)


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 2},
        {"kind": "receipt"},
        {"original": "01930e1c-7a5b-7000-8000-000000000001"},
        {"kind": "credit_note"},
        {"business_date": "21.11.2026"},
        {"issued_at": "2026-11-21T10:15:30Z"},
        {"issued_at": "2026-11-21T10:15:30.000+03:00"},
        {"lines": {}},
        {"lines": [[]]},
        {"totals": []},
        {"taxes": None},
    ],
    ids=str,
)
def test_a_wrong_shape_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InvoiceNotCanonical):
        chain.canonical(invoice(**changed))


def test_tax_included_is_yes_or_no() -> None:
    found = invoice()
    found["lines"][0]["tax_included"] = "perhaps"
    with pytest.raises(InvoiceNotCanonical):
        chain.canonical(found)


def test_the_chains_hold() -> None:
    lengths: dict[str, int] = defaultdict(int)
    for found in GOLDEN:
        lengths[found["series"]] += 1
    assert len(lengths) >= 5
    for series, length in lengths.items():
        assert len(links(series)) == length
        assert chain.verify_chain(series, links(series), complete=True) is None


@given(place=st.integers(0, 5), bit=st.integers(0, 10**6))
def test_any_flipped_bit_is_found(place: int, bit: int) -> None:
    stored = links()
    document = bytearray(stored[place].canonical_bytes)
    document[bit // 8 % len(document)] ^= 1 << bit % 8
    stored[place] = replace(stored[place], canonical_bytes=bytes(document))
    assert chain.verify_chain(SERIES, stored) == place


def test_a_document_hashed_anew_breaks_at_its_neighbour() -> None:
    stored = links()
    forged = stored[2].canonical_bytes.replace(b"07", b"29")
    anew = chain.invoice_hash(stored[2].previous, SERIES, 3, forged)
    stored[2] = replace(stored[2], canonical_bytes=forged, hash=anew)
    assert chain.verify_chain(SERIES, stored) == 3


def test_swapped_documents_are_found() -> None:
    first, second, *rest = links()
    swapped = [replace(second, number=1), replace(first, number=2), *rest]
    assert chain.verify_chain(SERIES, swapped) == 0


def test_a_number_used_twice_is_found() -> None:
    first, *rest = links()
    assert chain.verify_chain(SERIES, [first, first, *rest]) == 1


def test_a_chain_of_another_series_is_found() -> None:
    assert chain.verify_chain("T2/2627", links()) == 0


def test_a_first_document_that_follows_something_is_found() -> None:
    first = links()[0]
    previous = b"\x01" * 32
    moved = replace(first, previous=previous, hash=chain.invoice_hash(previous, SERIES, 1, first.canonical_bytes))
    assert chain.verify_chain(SERIES, [moved]) == 0


@pytest.mark.parametrize("missing", [0, 2])
def test_a_missing_number_is_awaited_until_the_series_is_complete(missing: int) -> None:
    stored = links()
    del stored[missing]
    assert chain.verify_chain(SERIES, stored) is None
    assert chain.verify_chain(SERIES, stored, complete=True) == missing


def test_an_empty_series_holds() -> None:
    assert chain.verify_chain(SERIES, [], complete=True) is None


@pytest.mark.parametrize(
    ("on", "first_month", "year"),
    [
        (date(2026, 11, 21), 4, "2627"),
        (date(2027, 3, 31), 4, "2627"),
        (date(2027, 4, 1), 4, "2728"),
        (date(2026, 6, 30), 7, "2526"),
        (date(2026, 7, 1), 7, "2627"),
        (date(2026, 1, 1), 1, "2626"),
        (date(2026, 12, 31), 1, "2626"),
        (date(2026, 12, 1), 12, "2627"),
        (date(2099, 12, 1), 4, "9900"),
    ],
)
def test_a_financial_year_is_named_by_its_first_and_last_day(on: date, first_month: int, year: str) -> None:
    assert chain.financial_year(on, first_month) == year


def test_a_number_has_at_most_16_characters() -> None:
    assert chain.document_number("T1", "2627", 123) == "T1/2627/000123"
    assert chain.document_number("TILL", "2627", 999_999) == "TILL/2627/999999"
    assert chain.document_number("T", "2627", 123_456_789) == "T/2627/123456789"
    with pytest.raises(SeriesFull) as refusal:
        chain.document_number("TILL", "2627", 1_000_000)
    assert refusal.value.details() == {"series": "TILL/2627", "counter": 1_000_000}


@pytest.mark.parametrize("code", ["", "t1", "TOOLONG", "T-1", "T/1", "Ż"])
def test_a_code_is_of_capital_letters_and_digits(code: str) -> None:
    with pytest.raises(AssertionError):
        chain.document_number(code, "2627", 1)


def test_a_moment_is_written_in_utc_to_the_millisecond() -> None:
    nairobi = timezone(timedelta(hours=3))
    assert chain.instant(datetime(2026, 11, 21, 13, 15, 30, 999_999, nairobi)) == "2026-11-21T10:15:30.999Z"
    assert chain.instant(datetime(2026, 11, 21, 10, 15, 30, tzinfo=UTC)) == "2026-11-21T10:15:30.000Z"


@given(st.dictionaries(st.text(alphabet="abcdefghij_", min_size=1), st.text() | st.integers(-(10**12), 10**12)))
def test_the_quick_writer_agrees_with_the_library_of_the_rfc(document: dict[str, Any]) -> None:
    assert orjson.dumps(document, option=orjson.OPT_SORT_KEYS) == rfc8785.dumps(document)
