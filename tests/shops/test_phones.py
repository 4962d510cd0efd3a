"""Phone numbers: the forms people write, the one that is stored, and what is no number."""

import pytest

from duka.shops import phones


@pytest.mark.parametrize(("written", "country", "stored"), [
    ("0772 123456", "UG", "+256772123456"), ("0772-123-456", None, "+256772123456"),
    ("(0772) 123.456", "ug", "+256772123456"), ("772123456", "UG", "+256772123456"),
    ("256772123456", "UG", "+256772123456"), ("00254712345678", "KE", "+254712345678"),
    ("000256772123456", "UG", "+256772123456"), ("+254 712 345678", "UG", "+254712345678"),
    ("0712345678", "KE", "+254712345678"), ("098765 43210", "IN", "+919876543210"),
    ("०९८७६५ ४३२१०", "IN", "+919876543210"), ("٠٧٧٢١٢٣٤٥٦", "UG", "+256772123456"),
    (" +256772123456 ", "IN", "+256772123456"), ("07400 123456", "GB", "+447400123456"),
])  # fmt: skip
def test_any_local_form_is_stored_one_way(written: str, country: str | None, stored: str) -> None:
    assert phones.e164(written, country) == stored
    assert phones.e164(stored, "IN") == stored


@pytest.mark.parametrize("written", [
    "", "   ", "0772", "0772 12345", "0772 1234567", "112", "phone", "0800 FLOWERS", "+", "+999 1234567",
    "0772123456 ext. 5", "0772123456;ext=5", "0" * 41, "+256" + "1" * 30, "<script>", "0772123456\n0772123457",
])  # fmt: skip
def test_what_cannot_be_called_is_no_phone(written: str) -> None:
    with pytest.raises(phones.PhoneNotValid):
        phones.e164(written, "UG")


def test_a_country_that_is_none_reads_only_whole_numbers() -> None:
    assert phones.e164("+256772123456", "XX") == "+256772123456"
    with pytest.raises(phones.PhoneNotValid):
        phones.e164("0772123456", "XX")


@pytest.mark.parametrize(("phone", "country"), [
    ("+256772123456", "UG"), ("+254712345678", "KE"), ("+919876543210", "IN"), ("+250788123456", "RW"),
    ("+12025550123", "US"), ("+14165550123", "CA"), ("+447400123456", "GB"), ("+80012345678", None),
])  # fmt: skip
def test_a_number_tells_its_country(phone: str, country: str | None) -> None:
    assert phones.country_of(phone) == country
