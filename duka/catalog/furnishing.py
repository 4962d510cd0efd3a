"""What a new shop's catalogue starts with: the tax classes of its country and a first group."""

from datetime import date
from typing import Final

from duka.catalog.models import Group, TaxClass, TaxRate
from duka.platform.context import Ctx
from duka.platform.ids import new_id

_Rates = tuple[tuple[str, str, int, date], ...]

_STANDARD: Final[dict[str, tuple[tuple[str, _Rates], ...]]] = {
    "UG": (("VAT 18 %", (("vat", "VAT", 1800, date(2005, 7, 1)),)),),
    "KE": (("VAT 16 %", (("vat", "VAT", 1600, date(2021, 1, 1)),)),),
    "TZ": (("VAT 18 %", (("vat", "VAT", 1800, date(2009, 7, 1)),)),),
    "RW": (("VAT 18 %", (("vat", "VAT", 1800, date(2002, 1, 1)),)),),
    "IN": tuple(
        (f"GST {rate // 100} %", (("gst", "GST", rate, date(2017, 7, 1)),)) for rate in (1800, 500, 1200, 2800)
    ),
    "GB": (("VAT 20 %", (("vat", "VAT", 2000, date(2011, 1, 4)),)),),
}
"""Classes by country; the first one is offered for new products. Rates are dated rows, so that a change of law is a
new row: Uganda VAT Act s. 78, Kenya VAT Act 2013 s. 5 as amended, India CGST rate schedules of 2017."""


async def furnish(ctx: Ctx, country: str) -> None:
    """Give a new shop the usual tax classes of `country` (ISO 3166, two letters), "No tax" among them, and a group."""
    dated = {"created_at": ctx.now, "updated_at": ctx.now}
    for name, rates in _STANDARD.get(country, ()):
        tax_class = TaxClass(shop_id=ctx.shop_id, id=new_id(), name=name, treatment="taxed", **dated)
        ctx.db.add(tax_class)
        await ctx.db.flush()
        for kind, code, rate_bp, valid_from in rates:
            ctx.db.add(
                TaxRate(
                    shop_id=ctx.shop_id, id=new_id(), tax_class_id=tax_class.id, kind=kind, code=code, rate_bp=rate_bp,
                    valid_from=valid_from,
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
    ctx.db.add(TaxClass(shop_id=ctx.shop_id, id=new_id(), name="No tax", treatment="exempt", **dated))
    ctx.db.add(Group(shop_id=ctx.shop_id, id=new_id(), parent_id=None, name="General", position=0, **dated))
    await ctx.db.flush()
