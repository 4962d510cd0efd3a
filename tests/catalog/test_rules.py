"""Which taxes an item bears, by day, by state and by treatment."""

from datetime import date

import pytest

from duka.catalog.rules import NoTaxRateInForce, Tax, TaxRate, TaxTreatment, label, taxes_in_force

TODAY = date(2026, 11, 21)
GST = [TaxRate("gst", "GST", 2800, date(2017, 7, 1)), TaxRate("gst", "GST", 1800, date(2025, 9, 22))]
CESS = TaxRate("cess", "CESS", 1200, date(2017, 7, 1))
VAT = TaxRate("vat", "VAT", 1800, date(2006, 7, 1))


def taxes(
    rates: list[TaxRate],
    on: date = TODAY,
    *,
    treatment: TaxTreatment = "taxed",
    seller: str | None = "29",
    place: str | None = "29",
) -> tuple[Tax, ...]:
    return taxes_in_force(treatment, rates, on, seller_state=seller, place_of_supply=place)


def test_vat_is_charged_as_it_stands() -> None:
    assert taxes([VAT]) == (Tax("VAT", 1800),)


def test_gst_within_a_state_is_two_halves() -> None:
    assert taxes(GST) == (Tax("CGST", 1800, 2), Tax("SGST", 1800, 2))


def test_gst_between_states_is_one_whole() -> None:
    assert taxes(GST, place="07") == (Tax("IGST", 1800),)


@pytest.mark.parametrize(("seller", "place"), [("29", None), (None, "29"), (None, None)])
def test_an_unknown_state_counts_as_the_sellers_own(seller: str | None, place: str | None) -> None:
    assert [tax.code for tax in taxes(GST, seller=seller, place=place)] == ["CGST", "SGST"]


@pytest.mark.parametrize(
    ("on", "rate_bp"), [(date(2017, 7, 1), 2800), (date(2025, 9, 21), 2800), (date(2025, 9, 22), 1800)]
)
@pytest.mark.parametrize("rates", [GST, GST[::-1]])
def test_the_newest_rate_of_the_day_counts(rates: list[TaxRate], on: date, rate_bp: int) -> None:
    assert taxes(rates, on, place="07") == (Tax("IGST", rate_bp),)


def test_cess_comes_beside_gst_and_last() -> None:
    assert taxes([CESS, *GST]) == (Tax("CGST", 1800, 2), Tax("SGST", 1800, 2), Tax("CESS", 1200))


def test_a_cess_set_to_nothing_has_ended() -> None:
    ended = TaxRate("cess", "CESS", 0, date(2025, 9, 22))
    assert taxes([CESS, ended, *GST], place="07") == (Tax("IGST", 1800),)
    assert taxes([CESS, ended, *GST], date(2025, 9, 21), place="07") == (Tax("IGST", 2800), Tax("CESS", 1200))


def test_a_zero_rated_item_shows_in_the_summary_under_its_code() -> None:
    assert taxes([CESS, VAT], treatment="zero") == (Tax("VAT", 0),)
    assert taxes([], treatment="zero") == (Tax("ZERO", 0),)


@pytest.mark.parametrize("treatment", ["exempt", "nil"])
def test_exempt_and_nil_bear_no_tax(treatment: TaxTreatment) -> None:
    assert taxes([VAT], treatment=treatment) == ()


@pytest.mark.parametrize("rates", [[], GST])
def test_a_taxed_item_without_a_rate_that_day_is_refused(rates: list[TaxRate]) -> None:
    day = date(2017, 6, 30)
    with pytest.raises(NoTaxRateInForce) as refusal:
        taxes(rates, day)
    assert refusal.value.on == day
    assert "2017-06-30" in refusal.value.message()


@pytest.mark.parametrize(
    ("tax", "text"),
    [
        (Tax("CGST", 1800, 2), "CGST 9%"),
        (Tax("SGST", 25, 2), "SGST 0.125%"),
        (Tax("IGST", 25), "IGST 0.25%"),
        (Tax("VAT", 1600), "VAT 16%"),
        (Tax("VAT", 0), "VAT 0%"),
        (Tax("CESS", 29000), "CESS 290%"),
    ],
)
def test_a_tax_is_named_with_its_own_share(tax: Tax, text: str) -> None:
    assert label(tax) == text
