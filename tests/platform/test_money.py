"""Money as people read it: grouped by the custom of its currency, and in the words of a refusal."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duka.platform import money
from duka.platform.errors import DukaError
from duka.platform.money import Amount


@dataclass(eq=False)
class TillFull(DukaError):
    """A refusal of these tests."""

    text: ClassVar[str] = "The till holds {held} already, {days} days long."
    held: Amount
    days: int


@pytest.mark.parametrize(
    ("amount_minor", "currency", "figures"),
    [
        (0, "INR", "0.00"),
        (5, "INR", "0.05"),
        (99_999, "INR", "999.99"),
        (100_000, "INR", "1,000.00"),
        (10_000_000, "INR", "1,00,000.00"),
        (1_234_567_890, "INR", "1,23,45,678.90"),
        (-10_000_000, "INR", "-1,00,000.00"),
        (999, "UGX", "999"),
        (1_500_000, "UGX", "1,500,000"),
        (123_456_789, "KES", "1,234,567.89"),
        (1_234_567, "KWD", "1,234.567"),
    ],
)
def test_figures_are_grouped_by_the_custom_of_the_currency(amount_minor: int, currency: str, figures: str) -> None:
    assert money.in_figures(amount_minor, currency) == figures


@given(st.integers(-money.LIMIT_MINOR, money.LIMIT_MINOR), st.sampled_from(sorted(money.CURRENCIES)))
def test_grouping_changes_no_digit(amount_minor: int, currency: str) -> None:
    assert money.in_figures(amount_minor, currency).replace(",", "") == money.decimal_text(amount_minor, currency)


def test_a_refusal_tells_an_amount_as_people_write_it_and_its_facts_in_minor_units() -> None:
    refusal = TillFull(Amount(25_000_050, "KES"), 3)
    assert refusal.message() == "The till holds KES 250,000.50 already, 3 days long."
    assert refusal.details() == {"held": 25_000_050, "days": 3}
