"""Sales that stand in the books already: rows as selling leaves them, on the day the test says."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from duka.catalog.models import TaxClass
from duka.platform.ids import new_id
from duka.sales.models import Sale, SaleLine, SaleParty
from tests.world import Person, Shop

FIRST_DAY = date(2026, 7, 1)


async def bought(
    shop: Shop, *items: str, customer_id: UUID | str | None = None, phone: str | None = None, name: str | None = None,
    state: str = "completed", day: int = 0, total_minor: int = 1000, credited_minor: int = 0,
    by: Person | None = None, locked: bool = False,
) -> UUID:  # fmt: skip
    """Put a sale of some open items, one of each, into the books, `day` days after the first day. `phone` and `name`
    are what the buyer said at the till."""
    on = FIRST_DAY + timedelta(days=day)
    sale_id = new_id()
    async with shop.as_() as ctx:
        moment = datetime.combine(on, ctx.now.timetz())
        ctx.db.add(Sale(
            shop_id=shop.shop_id, id=sale_id, body_hash=sale_id.bytes, body_schema=1, register_id=shop.register_id,
            register_session_id=None, branch_id=shop.branch_id, location_id=shop.showroom_id,
            staff_id=(by or shop.owner).staff_id, customer_id=UUID(str(customer_id)) if customer_id else None,
            session_id=None, number=f"S1-{sale_id.hex[-6:]}", state=state, revision=1, currency="UGX",
            subtotal_minor=total_minor, discount_minor=0, net_minor=total_minor, tax_minor=0, rounding_minor=0,
            total_minor=total_minor, cost_minor=0, paid_minor=total_minor, credited_minor=credited_minor,
            discount=None, place_of_supply=None, note=None, external_ref=None, due_on=None, review=None,
            locked_at=ctx.now if locked else None, locked_by=None, business_date=on, made_at=moment,
            received_at=moment, version=1,
        ))  # fmt: skip
        await ctx.db.flush()
        if phone or name:
            ctx.db.add(SaleParty(shop_id=shop.shop_id, sale_id=sale_id, name=name, phone=phone, type=None, tax_id=None,
                                 address=None, state_code=None))
        tax_class_id = (await ctx.db.scalars(select(TaxClass.id).limit(1))).one()
        ctx.db.add_all(_line(shop, sale_id, tax_class_id, place, item) for place, item in enumerate(items, start=1))
    return sale_id


def _line(shop: Shop, sale_id: UUID, tax_class_id: UUID, position: int, item: str) -> SaleLine:
    return SaleLine(
        shop_id=shop.shop_id, id=new_id(), sale_id=sale_id, revision=1, position=position, variant_id=None,
        tax_class_id=tax_class_id, description=item, unit="piece", hsn=None, quantity_milli=1500, unit_price_minor=0,
        list_price_minor=None, tax_included=False, gross_minor=0, discount=None, line_discount_minor=0,
        cart_discount_minor=0, net_minor=0, taxes=[], tax_minor=0, total_minor=0, unit_cost_minor=0, stocked=False,
    )  # fmt: skip
