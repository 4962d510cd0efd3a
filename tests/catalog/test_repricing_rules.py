"""What prices become: sums done by hand, and what holds for any sum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duka.catalog.repricing import Formula, Way, new_price
from duka.platform.money import LIMIT_MINOR


@pytest.mark.parametrize(
    ("price", "formula", "becomes"),
    [
        (1_000, Formula(percent_bp=500), 1_050),
        (1_010, Formula(percent_bp=500), 1_061),  # 1,060.5: halves go up
        (1_000, Formula(percent_bp=-1_500, amount_minor=7), 857),
        (1_230, Formula(round_to_minor=50), 1_250),
        (1_225, Formula(round_to_minor=50), 1_250),
        (1_224, Formula(round_to_minor=50), 1_200),
        (1_201, Formula(round_to_minor=50, rounding="up"), 1_250),
        (1_250, Formula(round_to_minor=50, rounding="up"), 1_250),
        (1_249, Formula(round_to_minor=50, rounding="down"), 1_200),
        (12_30, Formula(round_to_minor=100, ending_minor=99), 11_99),
        (12_50, Formula(round_to_minor=100, ending_minor=99), 12_99),
        (12_00, Formula(round_to_minor=100, ending_minor=99, rounding="up"), 12_99),
        (12_98, Formula(round_to_minor=100, ending_minor=99, rounding="down"), 11_99),
        (20, Formula(round_to_minor=50), None),
        (500, Formula(amount_minor=-500), None),
        (0, Formula(amount_minor=500), None),
        (LIMIT_MINOR, Formula(amount_minor=1), None),
        (40, Formula(round_to_minor=100, ending_minor=99, rounding="down"), None),
    ],
)
def test_prices_as_worked_out_by_hand(price: int, formula: Formula, becomes: int | None) -> None:
    assert new_price(price, formula) == becomes


@given(
    st.integers(1, 10**9), st.integers(-9_900, 20_000), st.integers(-10**6, 10**6), st.integers(1, 10**4),
    st.integers(0, 10**4), st.sampled_from(["nearest", "up", "down"]),
)  # fmt: skip
def test_a_new_price_ends_as_asked_and_is_near(
    price: int, percent_bp: int, amount: int, step: int, ending: int, rounding: Way
) -> None:
    formula = Formula(percent_bp, amount, step, ending % step, rounding)
    becomes = new_price(price, formula)
    exact = price * (10_000 + percent_bp) / 10_000 + amount
    if becomes is None:
        assert exact < step + 1
    else:
        assert becomes > 0
        assert becomes % step == ending % step
        away = becomes - exact
        allowed = {"nearest": (-step / 2 - 1, step / 2 + 1), "up": (-1, step + 1), "down": (-step - 1, 1)}
        assert allowed[rounding][0] <= away <= allowed[rounding][1]
