"""What the example shop sells: names, groups, prices and codes. Brands and models are invented.

Prices are Uganda shillings with VAT in them; a cost is what the shop paid, without VAT.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from duka.catalog import codes

Choice = tuple[Mapping[str, str], int]
"""A variant's choices, and how much more it costs than the product's price."""

_PLAIN: Final[tuple[Choice, ...]] = (({}, 0),)


@dataclass(frozen=True, slots=True)
class Ware:
    """One variant to sell. `demand` is how often it is asked for beside the others, `usual` the quantities that people
    buy at once (thousandths)."""

    choices: Mapping[str, str]
    sku: str
    barcode: str | None
    price_minor: int
    cost_minor: int
    demand: float
    usual: Sequence[int]


@dataclass(frozen=True, slots=True)
class Good:
    """A product with its variants."""

    name: str
    group: str
    brand: str
    unit: str
    kind: str
    warranty_months: int
    min_stock_milli: int
    wares: tuple[Ware, ...]


@dataclass(frozen=True, slots=True)
class _Family:
    """Products that differ in one word of their name (`{}`) and in price."""

    brand: str
    name: str
    prices: Mapping[str, int]
    demand: float
    choices: tuple[Choice, ...] = _PLAIN
    cost_percent: int = 62
    min_stock: int = 4
    warranty_months: int = 0
    usual: tuple[int, ...] = (1,)
    unit: str = "piece"
    kind: str = "goods"


def _in(attribute: str, *values: str) -> tuple[Choice, ...]:
    return tuple(({attribute: value}, 0) for value in values)


_MEMORY: Final[tuple[Choice, ...]] = (
    ({"storage": "64 GB", "colour": "black"}, 0), ({"storage": "128 GB", "colour": "black"}, 90_000),
    ({"storage": "128 GB", "colour": "blue"}, 90_000),
)  # fmt: skip
_BODY: Final = _in("colour", "black", "blue")
_COVER: Final = _in("colour", "clear", "black", "red")
_LIGHT: Final = _in("light", "daylight", "warm white")
_WIRE: Final = _in("colour", "red", "black", "green/yellow")
_FEW: Final = (1, 1, 1, 2)
_SOME: Final = (1, 2, 2, 4, 6)
_METRES: Final = (5, 10, 10, 15, 20, 30)
_BOX: Final = (2, 4, 5, 10)

_SAVANNA: Final = {
    "A1": 285_000, "A3": 365_000, "A5": 455_000, "A7 Pro": 620_000, "Note 10": 560_000, "Note 12 Pro": 785_000,
    "Max 6": 690_000,
}  # fmt: skip
_NILO: Final = {
    "Spark 4": 320_000, "Spark 5": 395_000, "Spark 6 Pro": 540_000, "Hero 9": 840_000, "Hero 10": 1_050_000,
    "Hero 10 Plus": 1_290_000,
}  # fmt: skip
_ZURI: Final = {"S2": 250_000, "S3": 310_000, "S4 Plus": 420_000, "S5": 475_000, "View 2": 230_000}
_MODELS: Final = (
    *(f"Savanna {model}" for model in _SAVANNA), *(f"Nilo {model}" for model in _NILO),
    *(f"Zuri {model}" for model in _ZURI),
)  # fmt: skip


def _same(names: Sequence[str], price_minor: int) -> dict[str, int]:
    return dict.fromkeys(names, price_minor)


GROUPS: Final[Mapping[str, tuple[_Family, ...]]] = {
    "Smartphones": (
        _Family("Savanna", "Savanna {}", _SAVANNA, 1.5, _MEMORY, 68, 1, 12),
        _Family("Nilo", "Nilo {}", _NILO, 1.1, _MEMORY, 69, 1, 12),
        _Family("Zuri", "Zuri {}", _ZURI, 1.4, _BODY, 68, 1, 12),
    ),
    "Feature phones": (
        _Family("Kazi", "Kazi {}", {"106": 48_000, "110": 55_000, "112": 62_000, "130 Torch": 72_000,
                "200 Dual": 85_000, "210 Radio": 79_000, "300 Big Button": 95_000, "305 4G": 125_000,
                "400 Music": 110_000}, 2.4, _BODY, 67, 3, 6),
        _Family("Simu", "Simu {}", {"One": 58_000, "One Plus": 68_000, "Two Camera": 89_000, "Three": 105_000,
                "Mini": 49_000, "Flip": 118_000}, 1.4, _BODY, 66, 3, 6),
    ),
    "Chargers and power banks": (
        _Family("Kasi", "Kasi wall charger {}", {"5 W": 12_000, "10 W": 18_000, "18 W": 32_000, "25 W": 48_000,
                "33 W": 65_000, "45 W": 85_000}, 5, min_stock=6, warranty_months=3),
        _Family("Kasi", "Kasi car charger {}", {"single USB": 15_000, "dual USB": 22_000, "USB-C 30 W": 45_000}, 2),
        _Family("Tembo", "Tembo power bank {} mAh", {"5,000": 55_000, "10,000": 85_000, "20,000": 135_000,
                "30,000": 195_000}, 2.2, _BODY, warranty_months=6),
        _Family("Tembo", "Tembo wireless charger {} W", {"10": 60_000, "15": 85_000}, 0.7, warranty_months=6),
        _Family("Kasi", "Universal battery charger {}", {"single": 8_000, "with display": 14_000}, 1.5),
        _Family("Kazi", "Phone battery BL-{}", {"4C": 12_000, "5C": 12_000, "5J": 15_000, "4UL": 14_000,
                "5CB": 15_000}, 3, warranty_months=1),
    ),
    "Data cables and adapters": (
        _Family("Kasi", "Data cable {}", {"Micro-USB 1 m": 8_000, "Micro-USB 2 m": 12_000, "USB-C 1 m": 10_000,
                "USB-C 2 m": 15_000, "USB-C to USB-C 1 m": 20_000, "8-pin 1 m": 15_000, "3-in-1": 18_000}, 8,
                min_stock=10, usual=_FEW),
        _Family("Kasi", "{} adapter", {"OTG Micro-USB": 6_000, "OTG USB-C": 8_000, "USB-C to audio jack": 15_000,
                "HDMI to VGA": 35_000, "USB-C to HDMI": 75_000, "USB LAN": 55_000, "Bluetooth USB": 25_000}, 2),
        _Family("Waya", "HDMI cable {}", {"1.5 m": 15_000, "3 m": 25_000, "5 m": 40_000, "10 m": 70_000}, 2),
        _Family("Waya", "Aux cable {}", {"1 m": 6_000, "1.8 m": 9_000}, 2.5),
        _Family("Waya", "Patch cable Cat 6 {}", {"1 m": 8_000, "3 m": 15_000, "5 m": 22_000, "10 m": 35_000}, 1.2,
                usual=_FEW),
    ),
    "Covers and glass": (
        _Family("", "Silicone cover {}", _same(_MODELS, 15_000), 2.2, _COVER, 45, 3),
        _Family("", "Tempered glass {}", _same(_MODELS, 10_000), 4, cost_percent=35, min_stock=5),
        _Family("", "Flip cover {}", _same(_MODELS[:6], 25_000), 0.8, _in("colour", "black", "brown"), 48, 2),
    ),
    "Audio": (
        _Family("Ngoma", "Ngoma earphones {}", {"E1": 10_000, "E2 with mic": 15_000, "E5 bass": 25_000,
                "E7 metal": 35_000}, 6, _in("colour", "black", "white"), min_stock=5),
        _Family("Ngoma", "Ngoma earbuds {}", {"Air 2": 65_000, "Air 3": 95_000, "Air Pro": 145_000}, 1.8,
                _in("colour", "black", "white"), warranty_months=6),
        _Family("Ngoma", "Ngoma headphones {}", {"H1": 45_000, "H3 Bluetooth": 85_000, "H5 Bluetooth": 120_000}, 1,
                warranty_months=6),
        _Family("Ngoma", "Ngoma Bluetooth speaker {}", {"Mini": 45_000, "Go": 75_000, "Party 20": 185_000,
                "Party 40": 320_000}, 1, warranty_months=6),
        _Family("Sauti", "Sauti radio {}", {"FM pocket": 28_000, "FM/AM with USB": 55_000, "solar with torch": 85_000},
                1.2, warranty_months=6),
        _Family("Sauti", "Sauti subwoofer {}", {"2.1": 260_000, "3.1": 380_000}, 0.4, min_stock=2, warranty_months=12),
    ),
    "Memory and storage": (
        _Family("Hifadhi", "Memory card {}", {"16 GB": 18_000, "32 GB": 25_000, "64 GB": 38_000, "128 GB": 65_000}, 4,
                min_stock=6, warranty_months=12),
        _Family("Hifadhi", "Flash disk {}", {"16 GB": 20_000, "32 GB": 28_000, "64 GB": 42_000, "128 GB": 75_000}, 3.5,
                min_stock=6, warranty_months=12),
        _Family("Hifadhi", "External disk {}", {"500 GB": 185_000, "1 TB": 245_000, "2 TB": 340_000,
                "4 TB": 560_000}, 0.5, min_stock=2, warranty_months=12),
        _Family("Hifadhi", "Card reader {}", {"USB": 8_000, "USB-C": 12_000}, 1.2),
    ),
    "Bulbs and lamps": (
        _Family("Taa", "Taa LED bulb {} B22", {"3 W": 4_000, "5 W": 5_000, "7 W": 6_000, "9 W": 7_500, "12 W": 9_500,
                "15 W": 12_000, "18 W": 15_000}, 9, _LIGHT, min_stock=15, usual=_SOME, warranty_months=12),
        _Family("Taa", "Taa LED bulb {} E27", {"5 W": 5_000, "9 W": 7_500, "12 W": 9_500, "20 W": 18_000,
                "30 W": 28_000}, 6, _LIGHT, min_stock=12, usual=_SOME, warranty_months=12),
        _Family("Taa", "Taa rechargeable bulb {}", {"7 W": 18_000, "9 W": 22_000, "12 W": 28_000}, 3, usual=_FEW,
                warranty_months=6),
        _Family("Taa", "Taa LED tube {}", {"2 ft": 12_000, "4 ft": 18_000, "4 ft with fitting": 28_000}, 3, usual=_FEW),
        _Family("Taa", "Taa flood light {}", {"20 W": 45_000, "50 W": 85_000, "100 W": 165_000, "200 W": 290_000}, 0.9,
                min_stock=2, warranty_months=12),
        _Family("Taa", "Taa panel light {}", {"6 W": 16_000, "12 W": 24_000, "18 W": 32_000, "24 W": 42_000}, 2,
                _in("shape", "round", "square"), usual=_SOME),
        _Family("Taa", "Lamp holder {}", {"B22 batten": 3_500, "B22 pendant": 3_000, "E27 batten": 4_500,
                "E27 angled": 5_000}, 5, min_stock=12, usual=_SOME),
        _Family("Mulika", "Mulika torch {}", {"pocket": 10_000, "rechargeable": 25_000, "head": 28_000,
                "search": 55_000}, 2.2),
    ),
    "Wiring": (
        _Family("Waya", "Single cable {}", {"1.0 mm²": 1_200, "1.5 mm²": 1_700, "2.5 mm²": 2_600, "4.0 mm²": 4_200,
                "6.0 mm²": 6_300}, 4, _WIRE, 72, 60, usual=_METRES, unit="metre"),
        _Family("Waya", "Twin with earth {}", {"1.5 mm²": 4_200, "2.5 mm²": 6_500, "4.0 mm²": 10_500}, 3.5,
                cost_percent=72, min_stock=50, usual=_METRES, unit="metre"),
        _Family("Waya", "Flexible cable 3-core {}", {"0.75 mm²": 3_000, "1.5 mm²": 5_200, "2.5 mm²": 8_000}, 2.5,
                cost_percent=70, min_stock=40, usual=_METRES, unit="metre"),
        _Family("Waya", "Armoured cable 2-core {}", {"6 mm²": 18_000, "10 mm²": 27_000, "16 mm²": 41_000}, 0.5,
                cost_percent=76, min_stock=20, usual=(20, 30, 40), unit="metre"),
        _Family("Waya", "Speaker wire {}", {"0.5 mm²": 1_000, "1.0 mm²": 1_800}, 1.2, min_stock=40, usual=_METRES,
                unit="metre"),
        _Family("Bomba", "PVC conduit {}", {"20 mm": 4_500, "25 mm": 6_500}, 3, min_stock=15, usual=_BOX),
        _Family("Bomba", "Trunking {}", {"16 x 16 mm": 5_000, "25 x 16 mm": 7_500, "40 x 25 mm": 14_000}, 2,
                min_stock=10, usual=_BOX),
        _Family("Bomba", "Conduit {} 20 mm", {"bend": 800, "coupling": 500, "saddle": 300, "round box": 1_500}, 3,
                min_stock=30, usual=(5, 10, 20)),
        _Family("Bomba", "Cable clips {}, 100 pieces", {"4 mm": 3_500, "8 mm": 5_000, "12 mm": 7_000}, 3,
                usual=_FEW, unit="packet"),
        _Family("Bomba", "Insulating tape {}", {"black": 2_000, "red": 2_000, "green/yellow": 2_000}, 4, min_stock=12,
                usual=_FEW, unit="roll"),
    ),
    "Switches and sockets": (
        _Family("Imara", "Imara switch {}", {"1 gang": 5_500, "2 gang": 8_000, "3 gang": 11_000, "4 gang": 15_000,
                "bell": 6_500, "20 A with neon": 16_000, "45 A cooker": 38_000}, 4, min_stock=10, usual=_SOME),
        _Family("Imara", "Imara socket {}", {"single 13 A": 8_500, "double 13 A": 14_000, "double with USB": 32_000,
                "shaver": 35_000, "TV": 9_000, "data Cat 6": 15_000}, 4, min_stock=10, usual=_SOME),
        _Family("Imara", "Back box {}", {"single metal": 2_500, "double metal": 3_500, "single PVC": 2_000,
                "double PVC": 3_000}, 4, min_stock=20, usual=_SOME),
        _Family("Imara", "Imara breaker {}", {"6 A": 12_000, "10 A": 12_000, "16 A": 12_000, "20 A": 12_500,
                "32 A": 13_500, "63 A 2-pole": 35_000, "RCD 63 A": 95_000}, 2, usual=_FEW),
        _Family("Imara", "Consumer unit {}", {"4 way": 55_000, "6 way": 75_000, "8 way": 95_000, "12 way": 140_000},
                0.7, min_stock=2),
        _Family("Imara", "Extension cable {}", {"3 way 2 m": 25_000, "4 way 3 m": 35_000, "5 way 5 m": 48_000,
                "6 way with USB": 60_000}, 3, warranty_months=6),
        _Family("Imara", "Plug top {}", {"13 A": 4_000, "13 A rubber": 6_500, "15 A": 7_000}, 4, min_stock=12,
                usual=_FEW),
        _Family("Imara", "Voltage guard {}", {"for fridge": 65_000, "for TV": 55_000, "AVS 30": 180_000}, 1,
                min_stock=2, warranty_months=12),
    ),
    "Solar and batteries": (
        _Family("Jua", "Jua solar panel {}", {"20 W": 75_000, "50 W": 145_000, "100 W": 260_000, "200 W": 480_000,
                "300 W": 690_000}, 0.6, cost_percent=72, min_stock=2, warranty_months=24),
        _Family("Jua", "Jua charge controller {}", {"10 A": 45_000, "20 A": 75_000, "30 A": 110_000}, 0.5,
                min_stock=2, warranty_months=12),
        _Family("Jua", "Jua solar lantern {}", {"Mini": 35_000, "Home": 65_000, "Home 3 bulbs": 145_000,
                "Street 60 W": 185_000}, 1.3, warranty_months=12),
        _Family("Tembo", "Tembo solar battery {}", {"12 V 7 Ah": 75_000, "12 V 50 Ah": 420_000,
                "12 V 100 Ah": 780_000}, 0.4, cost_percent=75, min_stock=2, warranty_months=12),
        _Family("Tembo", "Tembo inverter {}", {"300 W": 145_000, "500 W": 210_000, "1000 W": 390_000}, 0.4,
                cost_percent=72, min_stock=2, warranty_months=12),
        _Family("Tembo", "Dry cells {}, pair", {"AA": 3_000, "AAA": 3_000, "C": 5_000, "D": 6_000}, 5, min_stock=15,
                usual=_FEW, unit="pair"),
        _Family("Tembo", "Button cell {}", {"CR2032": 3_000, "LR44": 1_500}, 2, min_stock=10, usual=_FEW),
    ),
    "Tools and services": (
        _Family("Fundi", "Fundi {}", {"screwdriver set": 25_000, "phase tester": 5_000, "pliers 8 inch": 22_000,
                "side cutter": 18_000, "wire stripper": 28_000, "digital multimeter": 55_000,
                "soldering iron 60 W": 30_000, "phone repair kit": 45_000, "tape measure 5 m": 12_000, "hammer": 20_000,
                "fish tape 15 m": 38_000, "drill bit set": 32_000, "cable ties, 100 pieces": 8_000}, 1.1, min_stock=3,
                warranty_months=1),
        _Family("", "Service: {}", {"fitting a glass protector": 5_000, "phone software update": 20_000,
                "data transfer": 15_000, "phone cleaning": 10_000, "socket fitting at home": 30_000,
                "wiring one point": 25_000}, 2.5,
                cost_percent=0, kind="service"),
    ),
}  # fmt: skip
"""The shop's groups in the order of the till, with what stands in each."""


def all_goods() -> tuple[Good, ...]:
    """Give the whole range, group by group. SKUs and barcodes follow from the place in the list."""
    return tuple(_numbered())


def _numbered() -> Iterator[Good]:
    number = 0
    for place, (group, families) in enumerate(GROUPS.items(), start=1):
        for family in families:
            for word, price_minor in family.prices.items():
                number += 1
                base = f"{group[:3].upper()}-{place:02d}{number:03d}"
                yield _good(group, family, word, price_minor, base, number)


def _good(group: str, family: _Family, word: str, price_minor: int, base: str, number: int) -> Good:
    skus = codes.variant_skus(base, [choices for choices, _ in family.choices])
    wares = tuple(
        Ware(
            choices, sku, barcode(number * 10 + at) if family.kind == "goods" else None, price_minor + more,
            _cost(price_minor + more, family.cost_percent), family.demand / len(family.choices),
            tuple(quantity * 1000 for quantity in family.usual),
        )
        for at, ((choices, more), sku) in enumerate(zip(family.choices, skus, strict=True))
    )  # fmt: skip
    return Good(
        family.name.format(word), group, family.brand, family.unit, family.kind, family.warranty_months,
        family.min_stock * 1000, wares,
    )  # fmt: skip


def _cost(price_minor: int, percent: int) -> int:
    """Give a cost in whole hundreds, rounded down where goods cost that much."""
    cost = price_minor * percent // 100
    return cost // 100 * 100 if cost > 1000 else cost // 10 * 10


def barcode(number: int) -> str:
    """Make an EAN-13 of the prefix 20, which GS1 leaves to shops for codes of their own; its last digit checks it."""
    body = f"20{number:010d}"
    return body + codes.check_digit(body + "0")
