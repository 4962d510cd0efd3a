"""The sums of giving back, for any bill cut up in any way."""

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from duka.catalog.rules import Tax
from duka.sales import rules
from duka.sales.notes.rules import Original, cost_back, credit_bill, refund_limits, same_methods
from duka.sales.rules import Bill, BilledLine, DraftLine

TAXES = st.sampled_from([(), (Tax("VAT", 1800),), (Tax("CGST", 1800, 2), Tax("SGST", 1800, 2))])
LINES = st.lists(
    st.builds(DraftLine, st.integers(1, 5000), st.integers(0, 100_000), TAXES, st.booleans()), min_size=1, max_size=4
)
COINS = st.sampled_from([1, 50, 100])


@given(LINES, COINS, st.data())
def test_however_it_is_cut_up_the_parts_give_back_the_whole(
    lines: list[DraftLine], coin: int, data: st.DataObject
) -> None:
    sold = rules.bill(lines, cash_rounding_minor=coin)
    left = [line.quantity_milli for line in lines]
    gross = sold.net_minor + sold.tax_minor
    notes: list[Bill] = []
    while any(left):
        parts: list[BilledLine] = []
        for place, line in enumerate(lines):
            taken = data.draw(st.integers(0, left[place])) if len(notes) < 3 else left[place]
            if taken:
                before = line.quantity_milli - left[place]
                try:
                    parts.append(rules.credited(sold.lines[place], line.quantity_milli, before, taken))
                except rules.CreditTooSmall:
                    reject()  # refused, and nobody is given anything
                left[place] -= taken
        credited_gross = sum(note.net_minor + note.tax_minor for note in notes)
        original = Original(gross, sold.total_minor, credited_gross, sum(note.total_minor for note in notes))
        note = credit_bill(parts, original, cash_rounding_minor=data.draw(COINS))
        assert note.total_minor >= 0
        assert note.total_minor == note.net_minor + note.tax_minor + note.rounding_minor
        notes.append(note)
    for name in ("net_minor", "tax_minor", "rounding_minor", "total_minor"):
        assert sum(getattr(note, name) for note in notes) == getattr(sold, name)


def test_paid_out_in_cash_a_part_is_rounded_as_a_sale_is() -> None:
    line = DraftLine(3000, 1017, (), tax_included=True)
    sold = rules.bill([line], cash_rounding_minor=50)
    assert (sold.total_minor, sold.rounding_minor) == (3050, -1)
    one = rules.credited(sold.lines[0], 3000, 0, 1000)
    original = Original(3051, 3050)
    assert credit_bill([one], original, cash_rounding_minor=50).total_minor == 1000
    assert credit_bill([one], original).total_minor == 1017


@pytest.mark.parametrize(
    ("total", "owed", "paid", "limits"),
    [(500, 0, 2000, (500, 500)), (500, 300, 2000, (200, 500)), (500, 900, 200, (0, 200)), (500, 500, 0, (0, 0))],
)
def test_what_must_and_may_be_paid_out(total: int, owed: int, paid: int, limits: tuple[int, int]) -> None:
    assert refund_limits(total, owed, paid) == limits


def test_money_goes_back_the_way_it_came() -> None:
    assert same_methods({"mtn_momo": 700, "cash": 300}, 800) == [("mtn_momo", 700), ("cash", 100)]
    assert same_methods({"cash": -200, "mtn_momo": 1000}, 800) == [("mtn_momo", 800)]
    assert same_methods({"cash": 500}, 0) == []


def test_the_cost_of_parts_is_the_cost_of_the_whole() -> None:
    assert [cost_back(333, before, 500) for before in (0, 500, 1000)] == [167, 166, 167]
    assert sum(cost_back(333, before, 500) for before in (0, 500, 1000)) == cost_back(333, 0, 1500)
