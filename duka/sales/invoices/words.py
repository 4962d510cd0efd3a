"""Amounts in English words, counted in lakh and crore or in thousands and millions by the currency's custom.

The words are the same in every language of the document: tax offices and banks there read them in English.
"""

from typing import Final

from duka.platform import money

_UNIT_NAMES: Final = {
    "AED": ("UAE Dirhams", "Fils"), "BDT": ("Taka", "Poisha"), "BHD": ("Bahraini Dinars", "Fils"),
    "BIF": ("Burundi Francs", ""), "BWP": ("Pula", "Thebe"), "CDF": ("Congolese Francs", "Centimes"),
    "DJF": ("Djibouti Francs", ""), "ETB": ("Birr", "Santim"), "EUR": ("Euros", "Cents"),
    "GBP": ("Pounds Sterling", "Pence"), "GHS": ("Ghana Cedis", "Pesewas"), "INR": ("Rupees", "Paise"),
    "KES": ("Kenya Shillings", "Cents"), "KMF": ("Comorian Francs", ""), "KWD": ("Kuwaiti Dinars", "Fils"),
    "LKR": ("Sri Lankan Rupees", "Cents"), "MUR": ("Mauritian Rupees", "Cents"),
    "MWK": ("Malawi Kwacha", "Tambala"), "MZN": ("Meticais", "Centavos"), "NGN": ("Naira", "Kobo"),
    "NPR": ("Nepalese Rupees", "Paisa"), "OMR": ("Omani Rials", "Baisa"), "PKR": ("Pakistani Rupees", "Paisa"),
    "QAR": ("Qatari Riyals", "Dirhams"), "RWF": ("Rwanda Francs", ""), "SAR": ("Saudi Riyals", "Halalas"),
    "SOS": ("Somali Shillings", "Cents"), "SSP": ("South Sudanese Pounds", "Piastres"),
    "TZS": ("Tanzania Shillings", "Cents"), "UGX": ("Uganda Shillings", ""), "USD": ("US Dollars", "Cents"),
    "XAF": ("CFA Francs", ""), "XOF": ("CFA Francs", ""), "ZAR": ("Rand", "Cents"),
    "ZMW": ("Zambian Kwacha", "Ngwee"),
}  # fmt: skip

_SMALL: Final = (
    "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
    "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
)  # fmt: skip
_TENS: Final = ("", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")
_LAKH_STEPS: Final = ((10_000_000, "Crore"), (100_000, "Lakh"), (1_000, "Thousand"), (100, "Hundred"))
_MILLION_STEPS: Final = (
    (1_000_000_000_000, "Trillion"),
    (1_000_000_000, "Billion"),
    (1_000_000, "Million"),
    (1_000, "Thousand"),
    (100, "Hundred"),
)


def amount_in_words(amount_minor: int, currency: str, language: str = "en") -> str:
    """Spell an amount out so that nobody can add a digit: `Rupees One Lakh Five and Paise Fifty Only`.

    `amount_minor` is in minor units, within `money.LIMIT_MINOR`. Every `language` gets English words today; the
    parameter stands so that callers need not change when another language is added. KeyError for a currency
    Duka does not know.
    """
    assert abs(amount_minor) <= money.LIMIT_MINOR
    unit, part_unit = _UNIT_NAMES[currency]
    whole, part = divmod(abs(amount_minor), 10 ** money.exponent(currency))
    steps = _LAKH_STEPS if currency in money.LAKH_CURRENCIES else _MILLION_STEPS
    said = f"{unit} {_spell(whole, steps)}"
    if part:
        said += f" and {part_unit} {_spell(part, steps)}"
    return f"{'Minus ' if amount_minor < 0 else ''}{said} Only"


def _spell(number: int, steps: tuple[tuple[int, str], ...]) -> str:
    """Spell a whole number >= 0 by the given steps, largest first; a thousand crore is said as such."""
    for size, name in steps:
        if number >= size:
            count, rest = divmod(number, size)
            said = f"{_spell(count, steps)} {name}"
            return f"{said} {_spell(rest, steps)}" if rest else said
    if number < 20:
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]}-{_SMALL[ones]}" if ones else _TENS[tens]
