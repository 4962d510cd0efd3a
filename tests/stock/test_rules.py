"""The sums of stock."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duka.ledger.chart import ACCOUNTS
from duka.stock.models import KINDS
from duka.stock.rules import GROUNDS, reorder_milli, value_minor
from duka.stock.schemas import Kind, Reason


@pytest.mark.parametrize(
    ("quantity_milli", "unit_cost_minor", "value"),
    [(2_000, 3_000, 6_000), (-2_000, 3_000, -6_000), (500, 1, 1), (-500, 1, -1), (499, 1, 0), (1_000, 0, 0)],
)
def test_worth_is_rounded_half_up_away_from_zero(quantity_milli: int, unit_cost_minor: int, value: int) -> None:
    assert value_minor(quantity_milli, unit_cost_minor) == value


@given(st.integers(-(10**12), 10**12), st.integers(0, 10**12))
def test_taking_away_what_was_put_there_is_worth_as_much(quantity_milli: int, unit_cost_minor: int) -> None:
    assert value_minor(quantity_milli, unit_cost_minor) == -value_minor(-quantity_milli, unit_cost_minor)


@pytest.mark.parametrize(
    ("held", "level", "own", "suggested"),
    [(5, 5, None, 5), (0, 5, None, 10), (-3, 5, None, 13), (1, 5, 24, 24), (0, 0, None, 0), (1, 5, 0, 9)],
)
def test_what_is_low_is_filled_up_to_twice_its_level(held: int, level: int, own: int | None, suggested: int) -> None:
    assert reorder_milli(held, level, own) == suggested


def test_each_reason_on_the_wire_has_its_meaning() -> None:
    assert GROUNDS.keys() == set(get_args(Reason))
    assert set(get_args(Kind)) == set(KINDS)


def test_each_reason_books_against_an_account_that_exists() -> None:
    accounts = {code for code, _, _ in ACCOUNTS}
    assert all(ground.against in accounts and ground.kind in KINDS for ground in GROUNDS.values())
