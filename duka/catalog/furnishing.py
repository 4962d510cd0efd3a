"""What a new shop's catalogue starts with: the tax classes of its country and a first group."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from duka.catalog.models import Group, TaxClass, TaxRate
from duka.platform.context import Ctx
from duka.platform.ids import new_id

_GST_BEGAN: Final = date(2017, 7, 1)
_GST_REFORMED: Final = date(2025, 9, 22)
"""Since when India taxes most goods at 5, 18 or 40 %: notification 9/2025-Central Tax (Rate) of 17 September 2025,
which replaces 1/2017-Central Tax (Rate), as the 56th meeting of the GST Council recommended."""


@dataclass(frozen=True, slots=True)
class _Taxed:
    """A class of taxed goods as a new shop gets it: one tax, its rate in basis points, since when it is in force."""

    name: str
    rate_bp: int
    valid_from: date
    code: str = "VAT"
    active: bool = True


def _gst(percent: int, valid_from: date = _GST_BEGAN) -> _Taxed:
    return _Taxed(f"GST {percent} %", percent * 100, valid_from, "GST")


def _former_gst(percent: int) -> _Taxed:
    return _Taxed(f"GST {percent} % (until 21 September 2025)", percent * 100, _GST_BEGAN, "GST", active=False)


_STANDARD: Final[dict[str, tuple[_Taxed, ...]]] = {
    "UG": (_Taxed("VAT 18 %", 1800, date(2005, 7, 1)),),
    "KE": (_Taxed("VAT 16 %", 1600, date(2021, 1, 1)),),
    "TZ": (_Taxed("VAT 18 %", 1800, date(2009, 7, 1)),),
    "RW": (_Taxed("VAT 18 %", 1800, date(2002, 1, 1)),),
    "IN": (_gst(18), _gst(5), _gst(40, _GST_REFORMED), _former_gst(12), _former_gst(28)),
    "GB": (_Taxed("VAT 20 %", 2000, date(2011, 1, 4)),),
}
"""Classes by country; the first one is offered for new products. Rates are dated rows, so that a change of law is a
new row. Uganda: VAT Act s. 78. Kenya: VAT Act 2013 s. 5, 16 % again since 2021. Tanzania: the mainland's standard rate
(Zanzibar has 15 %); the lower 16 % that the Finance Act 2025 has in store for private buyers hangs on how they pay, and
was put off. Rwanda: standard rate of the VAT law.

India: what was taxed at 12 and 28 % before 22 September 2025 went to 5, 18 or 40 %, each kind of goods its own way.
Those two classes are there for sales of before, and switched off, so that nothing new is put into them; a shop that
sells one of the few goods which kept an old rate, or one of gold or stones, adds a class for it. The compensation cess
ended with the reform for nearly everything but tobacco, so no class bears it."""


async def furnish(ctx: Ctx, country: str, *, registered: bool = True) -> None:
    """Give a new shop the usual tax classes of `country` (ISO 3166, two letters), "No tax" among them, and a group.

    A shop that is not `registered` for tax may charge none: its "No tax" is the class that new products begin with.
    """
    dated = {"created_at": ctx.now, "updated_at": ctx.now}
    if not registered:
        await _untaxed(ctx)
    for goods in _STANDARD.get(country, ()):
        tax_class = TaxClass(
            shop_id=ctx.shop_id, id=new_id(), name=goods.name, treatment="taxed", active=goods.active, **dated
        )
        ctx.db.add(tax_class)
        await ctx.db.flush()
        ctx.db.add(
            TaxRate(
                shop_id=ctx.shop_id, id=new_id(), tax_class_id=tax_class.id, kind=goods.code.lower(), code=goods.code,
                rate_bp=goods.rate_bp, valid_from=goods.valid_from,
            )
        )  # fmt: skip
    zero = TaxClass(shop_id=ctx.shop_id, id=new_id(), name="Zero-rated", treatment="zero", **dated)
    ctx.db.add(zero)
    await ctx.db.flush()
    ctx.db.add(
        TaxRate(
            shop_id=ctx.shop_id, id=new_id(), tax_class_id=zero.id, kind="gst" if country == "IN" else "vat",
            code="GST" if country == "IN" else "VAT", rate_bp=0, valid_from=date(2000, 1, 1),
        )
    )  # fmt: skip
    if registered:
        await _untaxed(ctx)
    ctx.db.add(Group(shop_id=ctx.shop_id, id=new_id(), parent_id=None, name="General", position=0, **dated))
    await ctx.db.flush()


async def _untaxed(ctx: Ctx) -> None:
    dated = {"created_at": ctx.now, "updated_at": ctx.now}
    ctx.db.add(TaxClass(shop_id=ctx.shop_id, id=new_id(), name="No tax", treatment="exempt", **dated))
    await ctx.db.flush()
