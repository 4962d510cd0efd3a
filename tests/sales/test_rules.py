"""The bill agrees with the cases worked out by hand, with the oracle on any cart, and with itself in parts."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duka.catalog.rules import Tax
from duka.platform import money
from duka.platform.errors import DukaError
from duka.platform.money import LIMIT_MINOR, divide_half_up
from duka.sales import rules
from duka.sales.rules import Bill, BilledLine, CreditTooLarge, Discount, DraftLine, LineTax
from tests.sales import golden, oracle
from tests.sales.by_hand import by_hand
from tests.sales.carts import NO_TAX, cart, line
from tests.sales.oracle import Json

GOLDEN: Final[Json] = json.loads((golden.FOLDER / "bills.json").read_text(encoding="utf-8"))

MINOR = st.one_of(st.integers(0, 500), st.integers(0, 10**7), st.integers(0, LIMIT_MINOR))
MILLI = st.one_of(st.just(1000), st.integers(1, 5000), st.integers(1, 10**6))
TAXES = st.lists(
    st.builds(
        lambda code, rate_bp, parts: {"code": code, "rate_bp": rate_bp, "parts": parts},
        st.sampled_from(["CGST", "SGST", "IGST", "VAT", "CESS"]),
        st.one_of(st.sampled_from([0, 25, 300, 500, 1200, 1600, 1800, 2800, 29000]), st.integers(0, 10_000)),
        st.integers(1, 3),
    ),
    max_size=3,
    unique_by=lambda tax: str(tax["code"]),
)
LINES = st.lists(
    st.builds(
        lambda milli, price, taxes, included, bp: line(milli, price, taxes, included=included, bp=bp),
        MILLI,
        MINOR,
        TAXES,
        st.booleans(),
        st.one_of(st.none(), st.integers(0, 10_000)),
    ),
    max_size=8,
)
CARTS = st.builds(
    lambda lines, bp, coin: cart(*lines, bp=bp, cash=coin),
    LINES,
    st.one_of(st.none(), st.integers(0, 10_000)),
    st.sampled_from([1, 5, 50, 100, 500]),
)
TAXED_LINES = st.builds(
    lambda milli, price, taxes, included, bp: line(milli, price, taxes, included=included, bp=bp),
    MILLI,
    st.integers(0, 10**9),
    TAXES,
    st.booleans(),
    st.integers(0, 10_000),
)


def drafted(lines: list[Json]) -> list[DraftLine]:
    """Read lines of the golden shape into what the till hands over."""
    return [
        DraftLine(
            found["quantity_milli"],
            found["unit_price_minor"],
            tuple(Tax(**tax) for tax in found["taxes"]),
            found["tax_included"],
            discounted(found),
        )
        for found in oracle.unrolled(lines)
    ]


def discounted(found: Json) -> Discount | None:
    return Discount(**found["discount"]) if "discount" in found else None


def billed(found: Json) -> Bill:
    return rules.bill(
        drafted(found["lines"]),
        discount=discounted(found),
        cash_rounding_minor=found.get("cash_rounding_minor", 1),
    )


def plain(worked: Bill | BilledLine) -> Json:
    """Write a bill or a line in the golden shape."""
    found: Json = asdict(worked)
    if isinstance(worked, Bill):
        found["lines"] = [plain(line) for line in worked.lines]
        found["taxes"] = [asdict(tax) for tax in worked.taxes]
    else:
        found["taxes"] = [tax._asdict() for tax in worked.taxes]
    return found


def answered(found: Json) -> Json:
    """What the bill says to a cart: the bill in the golden shape, or the code of its refusal."""
    try:
        return plain(billed(found))
    except DukaError as refusal:
        return {"error": refusal.code}


def read(found: Json) -> BilledLine:
    return BilledLine(**{**found, "taxes": tuple(LineTax(**tax) for tax in found["taxes"])})


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_bill_is_the_golden_one(case: Json) -> None:
    expected = case["expected"]
    if "lines" in expected:
        expected = {**expected, "lines": oracle.unrolled(expected["lines"])}
    assert answered(case["input"]) == expected


@pytest.mark.parametrize("case", GOLDEN["credits"], ids=lambda case: case["name"])
def test_credit_is_the_golden_one(case: Json) -> None:
    sold, before = read(case["line"]), 0
    for part_milli, expected in zip(case["parts_milli"], case["expected"], strict=True):
        assert plain(rules.credited(sold, case["sold_milli"], before, part_milli)) == expected
        before += part_milli


@pytest.mark.slow
def test_golden_bills_are_what_hand_and_oracle_say() -> None:
    assert (golden.FOLDER / "bills.json").read_text(encoding="utf-8") == golden.bills_text()


@pytest.mark.parametrize("case", by_hand(), ids=lambda case: case["name"])
def test_oracle_agrees_with_what_was_worked_out_by_hand(case: Json) -> None:
    assert oracle.bill(case["input"]) == case["expected"]


def test_golden_names_are_told_apart() -> None:
    names = [case["name"] for case in GOLDEN["cases"]]
    assert len(names) == len(set(names)) >= 150


@given(CARTS)
def test_any_bill_is_the_oracles(found: Json) -> None:
    assert answered(found) == oracle.bill(found)


@given(LINES, st.integers(0, 10**6))
def test_any_bill_with_an_amount_off_is_the_oracles(lines: list[Json], off: int) -> None:
    found = cart(*lines, off=off)
    assert answered(found) == oracle.bill(found)


@given(CARTS)
def test_totals_are_the_sums_of_their_lines(found: Json) -> None:
    answer = answered(found)
    if "error" in answer:
        assert answer["error"] == "AMOUNT_TOO_LARGE"
        return
    lines = answer["lines"]
    assert answer["total_minor"] == sum(line["total_minor"] for line in lines) + answer["rounding_minor"]
    assert answer["total_minor"] == answer["net_minor"] + answer["tax_minor"] + answer["rounding_minor"]
    assert answer["tax_minor"] == sum(tax["tax_minor"] for tax in answer["taxes"])
    assert answer["total_minor"] % found["cash_rounding_minor"] == 0
    assert 2 * abs(answer["rounding_minor"]) <= found["cash_rounding_minor"]


@given(TAXED_LINES, st.data())
def test_credits_in_parts_give_back_exactly_the_whole(found: Json, data: st.DataObject) -> None:
    sold = rules.bill(drafted([found]), discount=Discount(bp=777)).lines[0]
    milli = found["quantity_milli"]
    cuts = data.draw(st.sets(st.integers(1, max(1, milli - 1)), max_size=5))
    edges = [0, *sorted(cuts - {milli}), milli]
    spans = [(start, end - start) for start, end in pairwise(edges)]
    expected = [oracle.credited(plain(sold), milli, *span) for span in spans]
    if None in expected:
        with pytest.raises(rules.CreditTooSmall):
            rules.credited(sold, milli, *spans[expected.index(None)])
        return
    parts = [rules.credited(sold, milli, before, credit) for before, credit in spans]
    assert _added(parts) == plain(sold)
    assert list(map(plain, parts)) == expected


def _added(parts: Sequence[BilledLine]) -> Json:
    """Add credited parts up, field by field and tax by tax."""
    found = [plain(part) for part in parts]
    whole: dict[str, Any] = {name: sum(part[name] for part in found) for name in found[0] if name.endswith("_minor")}
    taxes = [
        {**tax, "amount_minor": sum(part["taxes"][place]["amount_minor"] for part in found)}
        for place, tax in enumerate(found[0]["taxes"])
    ]
    return {**whole, "taxes": taxes}


@given(st.lists(st.integers(0, LIMIT_MINOR), min_size=1, max_size=30).filter(any), st.data())
def test_a_spread_amount_adds_up_and_no_share_is_a_unit_off(weights: list[int], data: st.DataObject) -> None:
    whole = sum(weights)
    amount = data.draw(st.integers(0, whole))
    shares = money.spread(amount, weights)
    assert sum(shares) == amount
    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))
    assert all(abs(share * whole - amount * weight) < whole for share, weight in zip(shares, weights, strict=True))


def test_of_equal_lines_the_first_ones_bear_the_odd_units() -> None:
    assert money.spread(5, [1, 1, 1]) == [2, 2, 1]
    assert money.spread(2, [0, 3, 3, 3]) == [0, 1, 1, 0]


@given(st.integers(0, LIMIT_MINOR), st.integers(1, 10**4))
def test_rounding_is_the_same_for_paying_and_paying_back(total: int, coin: int) -> None:
    assert divide_half_up(-total, coin) == -divide_half_up(total, coin)
    assert rules.cash_rounding(-total, coin) == -rules.cash_rounding(total, coin)


def test_a_credit_note_sums_up_like_a_bill() -> None:
    sold = billed(cart(line(3000, 10000, [{"code": "VAT", "rate_bp": 1800, "parts": 1}], included=True), cash=50))
    note = rules.sum_up((rules.credited(sold.lines[0], 3000, 0, 3000),), cash_rounding_minor=50)
    assert note == sold


@pytest.mark.parametrize(("before", "credit", "left"), [(0, 3001, 3000), (2000, 1001, 1000), (3000, 1, 0)])
def test_no_more_is_credited_than_was_sold(before: int, credit: int, left: int) -> None:
    sold = billed(cart(line(3000, 100, NO_TAX))).lines[0]
    with pytest.raises(CreditTooLarge) as refusal:
        rules.credited(sold, 3000, before, credit)
    assert refusal.value.left == left / 1000


@pytest.mark.parametrize(
    ("found", "facts"),
    [
        (cart(line(1000, 100, NO_TAX, off=101)), {"discount": 101, "amount": 100}),
        (cart(line(1000, 100, NO_TAX, repeat=1001)), {"lines": 1001, "limit": 1000}),
        (cart(line(2000, 10**12, NO_TAX)), {"amount": 2 * 10**12, "limit": 10**12}),
    ],
)
def test_a_refusal_carries_the_facts(found: Json, facts: Json) -> None:
    with pytest.raises(DukaError) as refusal:
        billed(found)
    assert refusal.value.details() == facts
    assert refusal.value.status == 400


def test_a_discount_is_a_share_or_an_amount() -> None:
    with pytest.raises(AssertionError):
        Discount()
    with pytest.raises(AssertionError):
        Discount(bp=100, amount_minor=100)
