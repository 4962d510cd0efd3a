"""From what the till sent to a bill: which price and tax each line has, who may give which discount."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from duka.catalog.rules import NoTaxRateInForce, Tax
from duka.platform.context import Ctx
from duka.platform.disputes import Disputes
from duka.platform.errors import DukaError, Forbidden, NotFound, ValidationError
from duka.platform.money import LIMIT_MINOR, Amount, divide_half_up
from duka.platform.quantity import LIMIT_MILLI
from duka.sales import rules
from duka.sales.facts import Facts, TaxClassFacts, Ware
from duka.sales.rules import Bill, BilledLine, Discount, DraftLine
from duka.sales.schemas import DiscountIn, LineIn, OpenItemIn, PrintedIn, SaleIn
from duka.sales.sets import Taken, nobodys, take
from duka.shops import settings
from duka.stock.errors import UnitsNotHere


@dataclass(eq=False)
class ItemNotSold(DukaError):
    """The variant is switched off, or it has no price yet."""

    text: ClassVar[str] = "{name} is not on sale."
    variant_id: UUID
    name: str


@dataclass(eq=False)
class ItemUnknown(NotFound):
    """The shop has no such item, or no such tax class for an item sold by name."""

    what: str = "item"
    variant_id: UUID | None = None
    tax_class_id: UUID | None = None


@dataclass(eq=False)
class LineIncomplete(DukaError):
    """The item is not known any more and the line does not say what it cost or what the receipt says of it."""

    text: ClassVar[str] = "The item of a line is not known; send its price and what was printed."
    damaged: ClassVar[bool] = True
    line_id: UUID


@dataclass(eq=False)
class PrintedOtherwise(DukaError):
    """The receipt names the item or its taxes differently from the catalogue. Rates in basis points."""

    text: ClassVar[str] = "{printed_name} is named or taxed differently now. Load the catalogue again."
    variant_id: UUID | None
    printed_name: str
    name: str
    printed_taxes: list[dict[str, Any]] = field(default_factory=list)
    taxes: list[dict[str, Any]] = field(default_factory=list)


@dataclass(eq=False)
class PriceChanged(DukaError):
    """The price sent is not the one in force, and the caller may not change prices."""

    text: ClassVar[str] = "The price of {name} is {price} now."
    variant_id: UUID
    name: str
    price: Amount
    sent: Amount


@dataclass(eq=False)
class RoundingChanged(DukaError):
    """Cash was rounded to another multiple than the shop rounds to."""

    text: ClassVar[str] = "Cash is rounded to {cash_rounding} here. Load the settings again."
    cash_rounding: Amount
    sent: Amount


@dataclass(eq=False)
class DiscountOverCeiling(DukaError):
    """The discount is more than the role may give. Basis points."""

    text: ClassVar[str] = "Your role may give less discount. Ask a supervisor."
    ceiling_bp: int
    given_bp: int


@dataclass(eq=False)
class TotalMismatch(DukaError):
    """The total sent is not what the lines come to; the right figures are in the details."""

    text: ClassVar[str] = "The total is {total}, not {sent}. Nothing was stored."
    damaged: ClassVar[bool] = True
    total: Amount
    sent: Amount
    net: Amount
    tax: Amount
    discount: Amount
    rounding: Amount


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with everything decided: what the bill needs and what the sale keeps. `variant_id` is that of a variant
    the shop has; the line itself (`source`) may name one that was deleted since."""

    source: LineIn
    variant_id: UUID | None
    description: str
    unit: str
    hsn: str | None
    tax_class_id: UUID | None
    unit_price_minor: int
    list_price_minor: int | None
    tax_included: bool
    unit_cost_minor: int
    stocked: bool
    min_stock_milli: int
    draft: DraftLine
    tracking: str = "quantity"
    components: tuple[Taken, ...] = ()
    """What a set takes out of stock in its place."""

    @property
    def cost_minor(self) -> int:
        """What the line's goods cost the shop."""
        if self.components:
            return sum(each.cost_minor for each in self.components)
        return divide_half_up(self.unit_cost_minor * self.source.quantity, 1000)


@dataclass(frozen=True, slots=True)
class Priced:
    """The lines and the bill they come to; `cost_minor` is the cost of all goods."""

    lines: tuple[PricedLine, ...]
    bill: Bill
    cost_minor: int


@dataclass(frozen=True, slots=True)
class Rights:
    """What whoever sells may decide: their own prices, discounts, and how much (basis points of a line)."""

    override: bool
    discount: bool
    ceiling_bp: int


def price(ctx: Ctx, sale: SaleIn, facts: Facts, place_of_supply: str | None, disputes: Disputes) -> Priced:
    """Price all lines and make the bill; every price, discount and tax is the server's own.

    Disputes: ItemUnknown, ItemNotSold, PriceChanged, PrintedOtherwise, DiscountOverCeiling, NoTaxRateInForce, and
    Forbidden for discounts, prices or open items that the role may not give. What a register has sold already is billed
    as it was sold. TotalMismatch, LineIncomplete and the errors of `rules.bill` always refuse.
    """
    rights = _rights(ctx, sale, facts)
    lines = tuple(_line(ctx, line, facts, place_of_supply, rights, disputes) for line in sale.lines)
    bill = rules.bill(
        [line.draft for line in lines],
        discount=_discount(sale.discount),
        cash_rounding_minor=_cash_rounding(ctx, sale, disputes),
    )
    _check_discounts(bill, rights, disputes)
    if sale.total is not None and sale.total != bill.total_minor:
        told = (
            bill.total_minor, sale.total, bill.net_minor, bill.tax_minor, bill.discount_minor, bill.rounding_minor
        )  # fmt: skip
        raise TotalMismatch(*(Amount(minor, ctx.currency) for minor in told))
    return Priced(lines, bill, sum(line.cost_minor for line in lines))


def _rights(ctx: Ctx, sale: SaleIn, facts: Facts) -> Rights:
    """Say what the seller may do.

    It is the caller, or for a register's own delivery whom the sale names. Colleagues take turns at a till that one of
    them is logged in to: what both may do holds for what such a till sells under another's name.
    """
    named = _rights_of(facts.seller) if facts.seller else None
    if ctx.actor == "register":
        return _with_approval(named or Rights(override=False, discount=False, ceiling_bp=0), facts.approver)
    mine = Rights(ctx.may("sales:override"), ctx.may("sales:discount"), ctx.discount_ceiling_bp)
    if named is None or (sale.invoice is None and sale.number is None):
        return mine
    return Rights(
        mine.override and named.override, mine.discount and named.discount, min(mine.ceiling_bp, named.ceiling_bp)
    )


def _with_approval(own: Rights, approver: Mapping[str, Any] | None) -> Rights:
    """Give the seller as much discount as whoever allowed it at the till may give. Never a price of their own."""
    lent = _rights_of(approver) if approver else None
    if lent is None or not lent.discount:
        return own
    return Rights(own.override, True, max(own.ceiling_bp if own.discount else 0, lent.ceiling_bp))


def _rights_of(seller: Mapping[str, Any]) -> Rights:
    granted = seller["permissions"]
    return Rights("sales:override" in granted, "sales:discount" in granted, seller["discount_ceiling_bp"])


def _line(ctx: Ctx, line: LineIn, facts: Facts, place: str | None, rights: Rights, disputes: Disputes) -> PricedLine:
    if line.item is not None:
        return _open_item(ctx, line, line.item, facts, place, rights, disputes)
    ware = facts.wares.get(line.variant_id) if line.variant_id else None
    if ware is None:
        disputes.add(ItemUnknown(variant_id=line.variant_id))
        return _gone(ctx, line)
    return _ware(ctx, line, ware, facts, place, rights, disputes)


def _ware(
    ctx: Ctx, line: LineIn, ware: Ware, facts: Facts, place: str | None, rights: Rights, disputes: Disputes
) -> PricedLine:
    if not ware.active or ware.price_minor is None:
        disputes.add(ItemNotSold(ware.variant_id, ware.name))
    listed = ware.price_minor
    unit_price = listed if line.price is None else line.price
    if line.price is not None and listed is not None and line.price != listed and not rights.override:
        price_now, sent = Amount(listed, ctx.currency), Amount(line.price, ctx.currency)
        disputes.add(PriceChanged(ware.variant_id, ware.name, price_now, sent))
    included = ware.tax_included if line.tax_included is None else line.tax_included
    if included != ware.tax_included and not rights.override:
        disputes.add(Forbidden("sales:override"))
    tax_class_id, taxed = _taxed(line, ware, facts, rights, disputes)
    taxes = _taxes(line, taxed, ware.name, facts, place, disputes)
    named: PrintedIn | Ware = line.printed or ware
    components = take(ware.components, line.quantity)
    _check_components(ware, components)
    _check_serials(line, ware, components, disputes)
    return PricedLine(
        source=line, variant_id=ware.variant_id, description=named.name, unit=named.unit, hsn=named.hsn,
        tax_class_id=tax_class_id, unit_price_minor=unit_price or 0, list_price_minor=listed,
        tax_included=included, unit_cost_minor=ware.cost_minor, stocked=ware.stocked,
        min_stock_milli=ware.min_stock_milli, draft=_draft(line, unit_price or 0, included, taxes),
        tracking=ware.tracking, components=components,
    )  # fmt: skip


def _check_components(ware: Ware, components: Sequence[Taken]) -> None:
    """Refuse sets of so much, or of so dear, that it cannot be counted or booked. ValidationError."""
    milli = max((each.quantity_milli for each in components), default=0)
    cost = sum(each.cost_minor for each in components)
    if milli > LIMIT_MILLI or cost > LIMIT_MINOR or (components and ware.cost_minor > LIMIT_MINOR):
        raise ValidationError(fields={"lines": [f"{ware.name}: more than Duka can count or book"]})


def _check_serials(line: LineIn, ware: Ware, components: Sequence[Taken], disputes: Disputes) -> None:
    """Refuse more serial numbers than pieces: of a set, than pieces of its components that have such."""
    if not components and 1000 * len(line.serials) > line.quantity:
        raise ValidationError(fields={"lines": [f"{ware.name}: no more serials than pieces"]})
    too_many = nobodys(components, line.serials)
    if too_many:
        told = [{"variant_id": ware.variant_id, "serial": serial, "state": "unknown"} for serial in too_many]
        disputes.add(UnitsNotHere(told))


def _taxed(
    line: LineIn, ware: Ware, facts: Facts, rights: Rights, disputes: Disputes
) -> tuple[UUID, Ware | TaxClassFacts]:
    """Say by which class a variant is taxed: its product's, or another one that somebody entitled chose."""
    if line.tax_class_id in (None, ware.tax_class_id):
        return ware.tax_class_id, ware
    if not rights.override:
        disputes.add(Forbidden("sales:override"))
    chosen = facts.tax_classes.get(line.tax_class_id) if line.tax_class_id else None
    if line.tax_class_id is None or chosen is None:
        disputes.add(ItemUnknown(what="tax class", tax_class_id=line.tax_class_id))
        return ware.tax_class_id, ware
    return line.tax_class_id, chosen


def _open_item(
    ctx: Ctx, line: LineIn, item: OpenItemIn, facts: Facts, place: str | None, rights: Rights, disputes: Disputes
) -> PricedLine:
    assert line.price is not None
    if not settings.of(ctx).open_items and not rights.override:
        disputes.add(Forbidden("sales:override"))
    taxed = facts.tax_classes.get(item.tax_class_id)
    if taxed is None:
        disputes.add(ItemUnknown(what="tax class", tax_class_id=item.tax_class_id))
        return _gone(ctx, line)
    included = settings.of(ctx).tax_included if line.tax_included is None else line.tax_included
    taxes = _taxes(line, taxed, item.name, facts, place, disputes)
    return PricedLine(
        source=line, variant_id=None, description=item.name, unit=item.unit, hsn=item.hsn,
        tax_class_id=item.tax_class_id, unit_price_minor=line.price, list_price_minor=None, tax_included=included,
        unit_cost_minor=0, stocked=False, min_stock_milli=0, draft=_draft(line, line.price, included, taxes),
    )  # fmt: skip


def _gone(ctx: Ctx, line: LineIn) -> PricedLine:
    """Bill what the shop does not know any more as the receipt has it; no stock moves. LineIncomplete."""
    printed = line.printed
    if printed is None or line.price is None:
        raise LineIncomplete(line.id)
    included = settings.of(ctx).tax_included if line.tax_included is None else line.tax_included
    return PricedLine(
        source=line, variant_id=None, description=printed.name, unit=printed.unit, hsn=printed.hsn, tax_class_id=None,
        unit_price_minor=line.price, list_price_minor=None, tax_included=included, unit_cost_minor=0, stocked=False,
        min_stock_milli=0, draft=_draft(line, line.price, included, _printed_taxes(printed)),
    )  # fmt: skip


def _taxes(line: LineIn, of: Ware | TaxClassFacts, name: str, facts: Facts, place: str | None,
           disputes: Disputes) -> Sequence[Tax]:
    """Give the taxes a line is billed with: those in force, or those of the receipt where that was given already."""
    taxes: Sequence[Tax] = ()
    try:
        taxes = facts.taxes(of, place)
    except NoTaxRateInForce as refusal:
        disputes.add(refusal)
    if line.printed is None:
        return taxes
    printed = _printed_taxes(line.printed)
    if line.printed.name != name or printed != tuple(taxes):
        disputes.add(
            PrintedOtherwise(line.variant_id, line.printed.name, name, _told(printed), _told(taxes))
        )
    return printed


def _printed_taxes(printed: PrintedIn) -> tuple[Tax, ...]:
    return tuple(Tax(tax.code, tax.rate_bp, tax.parts) for tax in printed.taxes)


def _told(taxes: Sequence[Tax]) -> list[dict[str, Any]]:
    return [{"code": tax.code, "rate_bp": tax.rate_bp, "parts": tax.parts} for tax in taxes]


def _draft(line: LineIn, unit_price: int, included: bool, taxes: Sequence[Tax]) -> DraftLine:
    return DraftLine(line.quantity, unit_price, tuple(taxes), included, _discount(line.discount))


def _discount(given: DiscountIn | None) -> Discount | None:
    return None if given is None else Discount(given.percent_bp, given.amount)


def _cash_rounding(ctx: Ctx, sale: SaleIn, disputes: Disputes) -> int:
    # Only what is paid in cash alone is rounded: other methods pay the exact sum.
    if not sale.payments or any(payment.method != "cash" for payment in sale.payments):
        return 1
    increment = settings.of(ctx).cash_rounding_minor
    if sale.cash_rounding not in (None, increment):
        sent = sale.cash_rounding or increment
        disputes.add(RoundingChanged(Amount(increment, ctx.currency), Amount(sent, ctx.currency)))
    return sale.cash_rounding or increment


def _check_discounts(bill: Bill, rights: Rights, disputes: Disputes) -> None:
    if bill.discount_minor == 0:
        return
    if not rights.discount:
        disputes.add(Forbidden("sales:discount"))
        return
    given_bp = max(_share_bp(line) for line in bill.lines)
    if given_bp > rights.ceiling_bp:
        disputes.add(DiscountOverCeiling(rights.ceiling_bp, given_bp))


def _share_bp(line: BilledLine) -> int:
    off = line.line_discount_minor + line.cart_discount_minor
    # Rounded down, so that a minor unit of rounding in the spread never makes a permitted discount too large.
    return 0 if line.gross_before_minor == 0 else (off * 10_000) // line.gross_before_minor
