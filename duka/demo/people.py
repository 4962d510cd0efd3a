"""Who works and who buys in the example shop. All are invented; any likeness is chance."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

SHOP_NAME: Final = "Nakato Phones & Electricals"
SLUG: Final = "nakato-phones-electricals"
PASSWORD: Final = "blue-matatu-88"  # noqa: S105 - everybody may know it: it is printed for visitors
FIRST_BRANCH: Final = "Kampala Road"
SECOND_BRANCH: Final = "Ntinda"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the staff: the preset of their role, and the branch they are bound to, if any."""

    preset: str
    name: str
    phone: str
    branch: str | None = None


STAFF: Final = (
    Colleague("owner", "Sarah Nakato", "+256772000101"),
    Colleague("supervisor", "Joseph Mukasa", "+256701000102"),
    Colleague("staff", "Grace Achieng", "+256782000103", FIRST_BRANCH),
    Colleague("staff", "Brian Ssemakula", "+256755000104", SECOND_BRANCH),
    Colleague("inventory_manager", "Peter Okello", "+256776000105"),
    Colleague("accountant", "Ruth Tumusiime", "+256704000106"),
)
"""The owner comes first; the cashiers have a branch each."""


@dataclass(frozen=True, slots=True)
class Dealer:
    """Somebody the shop buys from: what they deal in (groups of goods), how long they take and wait for their money."""

    name: str
    contact: str
    phone: str
    groups: tuple[str, ...]
    lead_time_days: int
    credit_days: int
    stars: int | None = None


DEALERS: Final = (
    Dealer("Lakeside Telecom Supplies", "Ivan Ssebuliba", "+256414000210", ("Smartphones", "Feature phones"), 4, 14, 5),
    Dealer("Owino Accessories", "Halima Nakku", "+256414000211", (), 2, 7),
    Dealer("Equator Electricals", "Tom Mugerwa", "+256414000212", (
        "Bulbs and lamps", "Wiring", "Switches and sockets",
    ), 3, 30, 4),
    Dealer("Jinja Road Solar", "Sylvia Anyango", "+256414000213", ("Solar and batteries",), 6, 0, 2),
)  # fmt: skip
"""The one without groups deals in all that no other one has."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer to register. `credit_limit_minor` above 0 is for who buys on account."""

    name: str
    phone: str
    address: str
    credit_limit_minor: int = 0

    @property
    def wholesale(self) -> bool:
        """Whether it is a business that buys on account."""
        return self.credit_limit_minor > 0


_BUSINESSES: Final = (
    ("Kisekka Electrical Works", "Kisekka Market, Kampala", 4_000_000),
    ("Bright Future Contractors", "Ntinda Industrial Area", 6_000_000),
    ("Mirembe Hotel", "Bukoto Street, Kampala", 3_000_000),
    ("St. Jude Primary School", "Kyambogo", 2_500_000),
    ("Lubega & Sons Builders", "Kireka", 5_000_000),
    ("Hope Medical Centre", "Naalya", 2_000_000),
    ("Pearl Phone Repairs", "Wilson Road, Kampala", 1_500_000),
    ("Nile View Apartments", "Kiwatule", 2_500_000),
    ("Okot Wiring Services", "Wandegeya", 3_000_000),
)
_FIRST: Final = (
    "Agnes", "Aisha", "Allan", "Annet", "Betty", "Charles", "Christine", "Daniel", "David", "Deborah", "Denis",
    "Doreen", "Emmanuel", "Esther", "Fatuma", "Florence", "Francis", "Gloria", "Godfrey", "Hamza", "Harriet", "Henry",
    "Ibrahim", "Irene", "Isaac", "James", "Jane", "John", "Joyce", "Juliet", "Kenneth", "Lydia", "Margaret", "Mariam",
    "Martin", "Moses", "Patrick", "Phiona", "Prossy", "Rashid", "Rebecca", "Robert", "Ronald", "Rose", "Samuel",
    "Sharon", "Simon", "Stella", "Susan", "Yusuf",
)  # fmt: skip
_LAST: Final = (
    "Acen", "Adong", "Akello", "Amongin", "Apio", "Asiimwe", "Atim", "Auma", "Babirye", "Byaruhanga", "Kabuye",
    "Kaggwa", "Kato", "Katusiime", "Kiggundu", "Kirabo", "Kizza", "Kyomuhendo", "Lubega", "Lule", "Lwanga", "Matovu",
    "Mbabazi", "Mugisha", "Mutebi", "Mwesigwa", "Nabirye", "Nakibuuka", "Nalwoga", "Namukasa", "Nansubuga", "Nantongo",
    "Natukunda", "Ochieng", "Odongo", "Ojok", "Okot", "Opio", "Otim", "Rwothungeyo", "Sebunya", "Ssali", "Tusiime",
    "Wafula", "Wasswa", "Were",
)  # fmt: skip
_AREAS: Final = (
    "Bukoto", "Bweyogerere", "Kamwokya", "Kawempe", "Kireka", "Kisaasi", "Kyaliwajjala", "Makindye", "Mengo",
    "Mukono", "Mulago", "Muyenga", "Naalya", "Najjera", "Nakawa", "Namugongo", "Nansana", "Ntinda", "Rubaga",
    "Wandegeya",
)  # fmt: skip
_NETWORKS: Final = ("76", "77", "78", "70", "74", "75")


def buyers(rng: Random, count: int) -> Iterator[Buyer]:
    """Name so many customers, businesses first; each with a name and phone of its own."""
    for at, (name, area, limit_minor) in enumerate(_BUSINESSES[:count]):
        yield Buyer(name, f"+25639{3_000_200 + at}", area, limit_minor)
    pairs = [f"{first} {last}" for first in _FIRST for last in _LAST]
    for at, name in enumerate(rng.sample(pairs, max(0, count - len(_BUSINESSES)))):
        yield Buyer(name, f"+256{rng.choice(_NETWORKS)}{2_000_300 + at}", rng.choice(_AREAS))
