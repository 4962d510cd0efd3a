"""Amounts on paper in words, so that nobody can add a digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duka.platform import money
from duka.sales.invoices.words import amount_in_words


@pytest.mark.parametrize(
    ("amount_minor", "currency", "words"),
    [
        (0, "INR", "Rupees Zero Only"),
        (50, "INR", "Rupees Zero and Paise Fifty Only"),
        (10_000_500, "INR", "Rupees One Lakh Five Only"),
        (
            12_345_678,
            "INR",
            "Rupees One Lakh Twenty-Three Thousand Four Hundred Fifty-Six and Paise Seventy-Eight Only",
        ),
        (1_000_000_000, "INR", "Rupees One Crore Only"),
        (10**12, "INR", "Rupees One Thousand Crore Only"),
        (15_000, "UGX", "Uganda Shillings Fifteen Thousand Only"),
        (1_250_019, "UGX", "Uganda Shillings One Million Two Hundred Fifty Thousand Nineteen Only"),
        (10**12, "UGX", "Uganda Shillings One Trillion Only"),
        (1_050, "KES", "Kenya Shillings Ten and Cents Fifty Only"),
        (5_005, "KWD", "Kuwaiti Dinars Five and Fils Five Only"),
        (-2_000, "USD", "Minus US Dollars Twenty Only"),
    ],
)
def test_words(amount_minor: int, currency: str, words: str) -> None:
    assert amount_in_words(amount_minor, currency) == words


@pytest.mark.parametrize("currency", sorted(money.CURRENCIES))
def test_every_currency_has_a_name_for_its_unit_and_its_part(currency: str) -> None:
    one_of_each = 10 ** money.exponent(currency) + (1 if money.exponent(currency) else 0)
    words = amount_in_words(one_of_each, currency)
    assert words.count("One") == (2 if money.exponent(currency) else 1)
    assert "  " not in words


_VALUES = {
    "Zero": 0, "One": 1, "Two": 2, "Three": 3, "Four": 4, "Five": 5, "Six": 6, "Seven": 7, "Eight": 8, "Nine": 9,
    "Ten": 10, "Eleven": 11, "Twelve": 12, "Thirteen": 13, "Fourteen": 14, "Fifteen": 15, "Sixteen": 16,
    "Seventeen": 17, "Eighteen": 18, "Nineteen": 19, "Twenty": 20, "Thirty": 30, "Forty": 40, "Fifty": 50,
    "Sixty": 60, "Seventy": 70, "Eighty": 80, "Ninety": 90,
}  # fmt: skip
_SIZES = {
    "Hundred": 100, "Thousand": 10**3, "Lakh": 10**5, "Million": 10**6, "Crore": 10**7, "Billion": 10**9,
    "Trillion": 10**12,
}  # fmt: skip


def _read(words: list[str]) -> int:
    """Read number words back: the largest step splits them into a count before it and a rest after it."""
    sizes = [_SIZES[word] for word in words if word in _SIZES]
    if not sizes:
        return sum(_VALUES[word] for word in words)
    # The last place of the largest step: `One Thousand Crore` splits at Crore.
    at = max(index for index, word in enumerate(words) if _SIZES.get(word) == max(sizes))
    return _read(words[:at]) * max(sizes) + _read(words[at + 1 :])


@given(st.integers(0, money.LIMIT_MINOR), st.sampled_from(["INR", "UGX", "KES", "KWD"]))
def test_the_words_read_back_to_the_amount(amount_minor: int, currency: str) -> None:
    names = {"Rupees", "Paise", "Uganda", "Kenya", "Shillings", "Cents", "Kuwaiti", "Dinars", "Fils", "Only"}
    whole, _, part = amount_in_words(amount_minor, currency).replace("-", " ").partition(" and ")
    numbers = [_read([word for word in text.split() if word not in names]) for text in (whole, part)]
    assert numbers[0] * 10 ** money.exponent(currency) + numbers[1] == amount_minor
