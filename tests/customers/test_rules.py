"""How names are compared, and what a tax number must look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duka.customers import rules
from duka.customers.rules import TaxIdNotValid


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("  José   MÜLLER ", "jose muller"),
        ("Straße", "strasse"),
        ("मोहित कुमार", "मोहित कुमार"),
        ("فاطمة", "فاطمة"),
        ("ﻓﺎﻃﻤﺔ", "فاطمة"),
    ],
)
def test_names_are_compared_without_case_accents_and_spaces(typed: str, folded: str) -> None:
    assert rules.fold(typed) == folded


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert rules.fold(rules.fold(text)) == rules.fold(text)


def test_signs_of_patterns_stand_for_themselves() -> None:
    assert rules.part(r"50%_\a") == r"%50\%\_\\a%"


@pytest.mark.parametrize(
    ("typed", "digits"), [("0772-12", "77212"), ("+256 772", "256772"), ("٠٧٧٢", "772"), ("Achieng", "")]
)
def test_a_part_of_a_phone_is_its_digits_without_the_leading_zero(typed: str, digits: str) -> None:
    assert rules.phone_digits(typed) == digits


def test_a_gstin_is_checked_in_india_and_nowhere_else() -> None:
    assert rules.tax_id("27aapfu0939f1zv", "IN") == "27AAPFU0939F1ZV"
    with pytest.raises(TaxIdNotValid):
        rules.tax_id("27AAPFU0939F1ZX", "IN")
    assert rules.tax_id("100 012 3456", "UG") == "1000123456"
