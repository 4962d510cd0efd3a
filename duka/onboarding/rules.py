"""What follows from a shop's country and name."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Final

SLUG_MAX: Final = 40
RESERVED_SLUGS: Final = frozenset({
    "admin", "api", "app", "auth", "demo", "docs", "duka", "help", "mail", "shop", "static", "status", "support", "www",
})  # fmt: skip
"""Web names that are the installation's own."""

_SIGNS: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Home:
    """What is usual in a country: currency (ISO 4217), time zone (IANA), first month of the financial year, how people
    pay where they pay otherwise than in East Africa."""

    currency: str
    time_zone: str
    financial_year_month: int = 1
    payment_methods: tuple[str, ...] | None = None


_INDIAN: Final = ("cash", "upi", "card", "bank_transfer", "other")
_ELSEWHERE: Final = Home("UGX", "Africa/Kampala")

HOMES: Final[dict[str, Home]] = {
    "UG": Home("UGX", "Africa/Kampala", 7), "KE": Home("KES", "Africa/Nairobi", 7),
    "TZ": Home("TZS", "Africa/Dar_es_Salaam", 7), "RW": Home("RWF", "Africa/Kigali", 7),
    "BI": Home("BIF", "Africa/Bujumbura", 7), "SS": Home("SSP", "Africa/Juba", 7),
    "ET": Home("ETB", "Africa/Addis_Ababa", 7), "SO": Home("SOS", "Africa/Mogadishu"),
    "DJ": Home("DJF", "Africa/Djibouti"), "CD": Home("CDF", "Africa/Kinshasa"), "ZM": Home("ZMW", "Africa/Lusaka"),
    "MW": Home("MWK", "Africa/Blantyre", 4), "MZ": Home("MZN", "Africa/Maputo"), "NG": Home("NGN", "Africa/Lagos"),
    "GH": Home("GHS", "Africa/Accra"), "ZA": Home("ZAR", "Africa/Johannesburg", 3),
    "BW": Home("BWP", "Africa/Gaborone", 4), "MU": Home("MUR", "Indian/Mauritius", 7),
    "KM": Home("KMF", "Indian/Comoro"), "CM": Home("XAF", "Africa/Douala"), "SN": Home("XOF", "Africa/Dakar"),
    "CI": Home("XOF", "Africa/Abidjan"), "IN": Home("INR", "Asia/Kolkata", 4, _INDIAN),
    "PK": Home("PKR", "Asia/Karachi", 7),
    "BD": Home("BDT", "Asia/Dhaka", 7), "LK": Home("LKR", "Asia/Colombo", 4), "NP": Home("NPR", "Asia/Kathmandu", 7),
    "AE": Home("AED", "Asia/Dubai"), "SA": Home("SAR", "Asia/Riyadh"), "QA": Home("QAR", "Asia/Qatar", 1),
    "KW": Home("KWD", "Asia/Kuwait", 4), "BH": Home("BHD", "Asia/Bahrain"), "OM": Home("OMR", "Asia/Muscat"),
    "GB": Home("GBP", "Europe/London", 4), "IE": Home("EUR", "Europe/Dublin"), "DE": Home("EUR", "Europe/Berlin"),
    "FR": Home("EUR", "Europe/Paris"), "US": Home("USD", "America/New_York"),
}  # fmt: skip
"""Countries whose usual settings Duka knows; a shop anywhere else begins like one in Uganda and says otherwise."""


def home(country: str) -> Home:
    """Give what is usual in a country (ISO 3166, two letters)."""
    return HOMES.get(country, _ELSEWHERE)


def slug(name: str) -> str:
    """Make a web name of a shop's name: `Njeri's Phones` becomes `njeri-s-phones`. A name with no Latin letter or
    digit becomes `duka-` and six random ones."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = _SIGNS.sub("-", plain).strip("-")[:SLUG_MAX].strip("-")
    return made if len(made) >= 3 and made not in RESERVED_SLUGS else another(made or "duka")


def another(taken: str) -> str:
    """Make a web name that resembles one that is taken."""
    return f"{taken[: SLUG_MAX - 7].rstrip('-')}-{secrets.token_hex(3)}"
