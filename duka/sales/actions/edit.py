"""To edit an incomplete sale: a new revision of its lines, another customer, discount or note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

import orjson

from duka.platform.context import Ctx
from duka.platform.disputes import Disputes
from duka.platform.errors import DukaError, StaleVersion, VersionRequired
from duka.platform.ids import new_id
from duka.platform.money import Amount
from duka.platform.versions import given
from duka.platform.writes import Writes
from duka.sales import queries, rows, stored
from duka.sales.actions.sell import place_of_supply
from duka.sales.carts import keeping
from duka.sales.checks import CustomerUnknown, SellerUnknown
from duka.sales.drafts import Draft
from duka.sales.facts import Facts, gather
from duka.sales.life import states
from duka.sales.life import steps as life
from duka.sales.life.schemas import SaleEdit
from duka.sales.life.states import SaleInvoiced
from duka.sales.life.steps import Stepped
from duka.sales.models import SaleLine, SoldComponent
from duka.sales.pricing import price
from duka.sales.queries import Whole
from duka.sales.schemas import DiscountIn, LineIn, OpenItemIn, PartyIn, PaymentIn, SaleIn
from duka.stock import actions as stock
from duka.stock.units.schemas import BatchTaken, read

Row = Mapping[str, Any]

_ASKED: Final = (
    "lines", "discount", "customer_id", "customer", "place_of_supply", "note", "staff_id", "business_date"
)  # fmt: skip
"""The fields of an edit that say how the sale should be."""
_BUYER: Final = frozenset({"customer_id", "customer"})

_SET_PARTY: Final = """
INSERT INTO sale_parties AS p (shop_id, sale_id, name, phone, type, tax_id, address, state_code)
SELECT %(shop)s, r.sale_id, r.name, r.phone, r.type, r.tax_id, r.address, r.state_code
FROM first, jsonb_populate_record(NULL::sale_parties, %(party)s::jsonb) AS r
ON CONFLICT (shop_id, sale_id) DO UPDATE SET name = excluded.name, phone = excluded.phone, type = excluded.type,
    tax_id = excluded.tax_id, address = excluded.address, state_code = excluded.state_code RETURNING 1
"""
_DROP_PARTY: Final = """
DELETE FROM sale_parties p USING first WHERE p.shop_id = %(shop)s AND p.sale_id = %(stepped_sale)s RETURNING 1
"""


@dataclass(eq=False)
class PaidAlready(DukaError):
    """The sale would come to no more than what was paid on it already."""

    text: ClassVar[str] = "{paid} was paid already and the sale would come to {total}. Cancel it and sell again."
    total: Amount
    paid: Amount


async def edit(ctx: Ctx, sale_id: UUID, asked: SaleEdit, version: int | None) -> Stepped:
    """Change an incomplete sale; fields that are not named stay as they are.

    Prices and taxes are worked out again where lines, discount or customer change. VersionRequired, StaleVersion,
    NotFound, SaleInvoiced, SaleLocked, StepNotAllowed, PaidAlready, CustomerUnknown, and the errors of
    `pricing.price`; OutOfStock where the shop keeps the goods of unpaid sales and less is free.
    """
    sale = await life.opened(ctx, sale_id, "sales:update")
    if sale["state"] in ("completed", "reversed"):
        raise SaleInvoiced
    if version is None:
        raise VersionRequired
    if version != sale["version"]:
        raise StaleVersion(sale["version"])
    await change(ctx, sale, given(asked))
    return Stepped(await queries.show(ctx, sale_id))


async def change(ctx: Ctx, sale: Row, asked: Mapping[str, Any], *, reason: str | None = None) -> None:
    """Give a locked, incomplete sale other lines, customer, discount, seller, day or note, as a new revision of it."""
    states.after("edit", sale)
    found = await queries.whole(ctx, sale["id"])
    asked = {name: value for name, value in asked.items() if name in _ASKED}
    if not asked:
        return
    asking = as_asked(found, asked, sale["id"])
    facts = await gather(ctx, asking)
    check_people(asking, facts)
    place = place_of_supply(asking, facts)
    if asked.keys() <= {"note", "staff_id"}:
        await _write(ctx, sale, found, _plain(asking), reason=reason)
        return
    priced = price(ctx, asking, facts, place, Disputes(ctx))
    if 0 < sale["paid_minor"] >= priced.bill.total_minor:
        raise PaidAlready(Amount(priced.bill.total_minor, ctx.currency), Amount(sale["paid_minor"], ctx.currency))
    draft = Draft(asking, facts, priced, (), completed=False, due_on=None, place_of_supply=place, invoice_id=None)
    buyer = bool(_BUYER & asked.keys())
    await _write(ctx, sale, found, _repriced(draft, sale), draft=draft, buyer=buyer, reason=reason)


def check_people(asking: SaleIn, facts: Facts) -> None:
    """Refuse a customer or seller that the shop does not have. CustomerUnknown, SellerUnknown."""
    if asking.customer_id and facts.customer is None:
        raise CustomerUnknown(customer_id=asking.customer_id)
    if asking.staff_id and facts.seller is None:
        raise SellerUnknown(staff_id=asking.staff_id)


def as_asked(found: Whole, asked: Mapping[str, Any], sale_id: UUID) -> SaleIn:
    """Write a stored sale as the body it could have come with, with some fields changed. Lines get ids of their own."""
    sale, party = found.sale, found.party
    buyer_changed = bool(_BUYER & asked.keys())
    kept = {
        "lines": [_line(line) for line in found.current_lines],
        "discount": _discount(sale["discount"]),
        "customer_id": sale["customer_id"],
        "customer": None if buyer_changed else _party(party),
        "place_of_supply": None if buyer_changed else sale["place_of_supply"],
        "note": sale["note"], "staff_id": sale["staff_id"], "business_date": sale["business_date"],
    }  # fmt: skip
    named = {**kept, **asked}
    lines = [line.model_copy(update={"id": new_id()}) for line in named.pop("lines")]
    payments = [
        PaymentIn(method=method, amount=net)
        for method, net in stored.paid_by_method(found.payments).items()
        if net > 0
    ]
    return SaleIn(id=sale_id, register_id=sale["register_id"], lines=lines, payments=payments, **named)


def _line(line: Row) -> LineIn:
    item = None
    if line["variant_id"] is None:
        item = OpenItemIn(
            name=line["description"], tax_class_id=line["tax_class_id"], hsn=line["hsn"], unit=line["unit"]
        )
    return LineIn.model_construct(
        id=new_id(), variant_id=line["variant_id"] and UUID(line["variant_id"]), item=item,
        quantity=line["quantity_milli"], price=line["unit_price_minor"], tax_included=line["tax_included"],
        tax_class_id=UUID(line["tax_class_id"]) if line["variant_id"] and line["tax_class_id"] else None,
        discount=_discount(line["discount"]), printed=None, **_named(line),
    )  # fmt: skip


def _named(line: Row) -> dict[str, Any]:
    """Give the units and batches that a stored line names, as a body has them."""
    of = read(line["named"])
    taken = [BatchTaken.model_construct(number=each.number, quantity=each.quantity_milli) for each in of.batches]
    return {"serials": list(of.serials), "batches": taken}


def _discount(stored_as: Mapping[str, Any] | None) -> DiscountIn | None:
    return DiscountIn.model_validate(stored_as) if stored_as else None


def _party(party: Row | None) -> PartyIn | None:
    if party is None:
        return None
    fields = ("name", "phone", "tax_id", "address", "state_code")
    return PartyIn.model_validate({name: party[name] for name in fields})


def _plain(asking: SaleIn) -> dict[str, Any]:
    return {"note": asking.note, "staff_id": asking.staff_id}


def _repriced(draft: Draft, sale: Row) -> dict[str, Any]:
    bill, asking = draft.priced.bill, draft.sale
    return _plain(asking) | {
        "revision": sale["revision"] + 1, "subtotal_minor": bill.subtotal_minor,
        "discount_minor": bill.discount_minor, "net_minor": bill.net_minor, "tax_minor": bill.tax_minor,
        "rounding_minor": bill.rounding_minor, "total_minor": bill.total_minor, "cost_minor": draft.priced.cost_minor,
        "discount": asking.discount.model_dump(exclude_none=True) if asking.discount else None,
        "place_of_supply": draft.place_of_supply, "customer_id": asking.customer_id,
        "business_date": draft.facts.till.business_date,
    }  # fmt: skip


async def _write(
    ctx: Ctx, sale: Row, found: Whole, changes: Mapping[str, Any], *, draft: Draft | None = None, buyer: bool = False,
    reason: str | None = None,
) -> None:  # fmt: skip
    writes = Writes(ctx)
    audited: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {})
    if draft is not None:
        lines = rows.line_rows(draft, changes["revision"])
        goods = rows.goods(draft, lines)
        if keeping.keeps(ctx, sale):
            leaving = {each.variant_id for each in goods}
            await stock.release(ctx, sale["id"], location_id=sale["location_id"], variants=leaving)
        keeping.keep_sale(writes, sale["id"], goods, sale["location_id"], promised=sale["keeps_goods"])
        writes.insert(SaleLine, lines)
        writes.insert(SoldComponent, rows.component_rows(draft, lines))
        audited = {"lines": _told(found.current_lines)}, {"lines": _told(lines)}
    if draft is not None and buyer:
        party = rows.party_row(ctx, draft)
        if party is None:
            writes.step("party_dropped", _DROP_PARTY)
        else:
            writes.value("party", orjson.dumps(party).decode())
            writes.step("party_set", _SET_PARTY)
    life.step(writes, sale, "edit", changes, invoice_id=None, reason=reason, audited=audited)
    outcome = await life.send(writes)
    if outcome.failed:
        names = {c.variant_id: c.description for line in draft.priced.lines for c in line.components} if draft else {}
        raise stock.refuse_short(outcome.results["stock_short"], names)


def _told(lines: Sequence[Row]) -> list[dict[str, Any]]:
    """Write down for the audit what of each line somebody may have changed."""
    names = ("description", "quantity_milli", "unit_price_minor", "tax_class_id", "discount", "total_minor")
    return [{name: line[name] for name in names} for line in lines]
