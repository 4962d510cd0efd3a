"""Which taxes an item bears on a day: picks the rates in force and says where each one goes.

Pure: takes plain values, reads no database and no clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final, Literal

from duka.platform import quantity
from duka.platform.errors import DukaError
from duka.platform.money import divide_half_up

TaxKind = Literal["gst", "vat", "cess"]
"""`gst` is split by place of supply, `vat` is charged as it stands, `cess` comes beside either."""

TaxTreatment = Literal["taxed", "zero", "exempt", "nil"]
"""`zero` is taxed at 0 % and shown in the tax summary; `exempt` and `nil` bear no tax at all."""

ZERO_CODE: Final = "ZERO"
"""The code a zero-rated sale is summed under when its tax class names none."""

_KIND_ORDER: Final[dict[TaxKind, int]] = {"gst": 0, "vat": 1, "cess": 2}


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax on a line, as the receipt names it: its share of the net is `rate_bp / (10000 * parts)`.

    `parts` keeps halves exact: CGST of an 18 % GST is `Tax("CGST", 1800, 2)`, 9 % of the net.
    """

    code: str
    rate_bp: int
    parts: int = 1


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate of a tax class, in force from a day until a newer one of the same code takes over."""

    kind: TaxKind
    code: str
    rate_bp: int
    valid_from: date


@dataclass(eq=False)
class NoTaxRateInForce(DukaError):
    """The item is taxed, but its tax class has no rate for that day."""

    text: ClassVar[str] = "This item's tax class has no rate in force on {on}. Add one in the tax settings."
    on: date


def taxes_in_force(
    treatment: TaxTreatment,
    rates: Sequence[TaxRate],
    on: date,
    *,
    seller_state: str | None,
    place_of_supply: str | None,
) -> tuple[Tax, ...]:
    """Say which taxes a sale of this tax class bears on the business day `on`.

    Of each code the newest rate with `valid_from <= on` counts. Indian GST is halved into CGST and SGST within
    one state and is IGST between two (sections 8 and 7 of the IGST Act, 2017); a state that is not known counts
    as the seller's own, as for a walk-in customer. A cess is charged beside it, on the same net. Zero-rated
    gives one tax of rate 0, under the code of its class; exempt and nil give none.

    Order: GST, VAT, then cess, each by code. Raises `NoTaxRateInForce` for a taxed class without a rate that day.
    """
    if treatment in ("exempt", "nil"):
        return ()
    current = _newest(rates, on)
    if treatment == "zero":
        code = next((rate.code for rate in current if rate.kind != "cess"), ZERO_CODE)
        return (Tax(code, 0),)
    if not current:
        raise NoTaxRateInForce(on)
    same_state = seller_state is None or place_of_supply is None or seller_state == place_of_supply
    return tuple(tax for rate in current for tax in _charged(rate, same_state=same_state))


def label(tax: Tax) -> str:
    """Name a tax for the receipt with its own share: `CGST 9%`, `SGST 0.125%`, `VAT 18%`."""
    percent_milli = divide_half_up(tax.rate_bp * 10, tax.parts)
    return f"{tax.code} {quantity.text(percent_milli)}%"


def _newest(rates: Iterable[TaxRate], on: date) -> list[TaxRate]:
    """Keep the newest row of each code that is in force on the day, in the order of the receipt."""
    newest: dict[str, TaxRate] = {}
    for rate in rates:
        if rate.valid_from <= on and (rate.code not in newest or newest[rate.code].valid_from < rate.valid_from):
            newest[rate.code] = rate
    return sorted(newest.values(), key=lambda rate: (_KIND_ORDER[rate.kind], rate.code))


def _charged(rate: TaxRate, *, same_state: bool) -> tuple[Tax, ...]:
    """Turn one rate into the taxes it is charged as. A cess set to 0 has ended, so it is not shown."""
    if rate.kind == "gst":
        if same_state:
            return (Tax("CGST", rate.rate_bp, 2), Tax("SGST", rate.rate_bp, 2))
        return (Tax("IGST", rate.rate_bp),)
    if rate.kind == "cess" and rate.rate_bp == 0:
        return ()
    return (Tax(rate.code, rate.rate_bp),)
