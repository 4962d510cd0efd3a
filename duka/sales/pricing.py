"""From what the till sent to a bill: which price and tax each line has, who may give which discount."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.errors import DukaError, Forbidden, NotFound
from duka.platform.money import divide_half_up
from duka.sales import rules
from duka.sales.facts import Facts, TaxClassFacts, Ware
from duka.sales.rules import Bill, BilledLine, Discount, DraftLine
from duka.sales.schemas import DiscountIn, LineIn, SaleIn
from duka.shops import settings


@dataclass(eq=False)
class ItemNotSold(DukaError):
    """The variant is switched off, or it has no price yet."""

    text: ClassVar[str] = "{name} is not on sale."
    variant_id: UUID
    name: str


@dataclass(eq=False)
class PriceChanged(DukaError):
    """The price sent is not the one in force, and the caller may not change prices. Minor units."""

    text: ClassVar[str] = "The price of {name} is {price} now."
    variant_id: UUID
    name: str
    price: int
    sent: int


@dataclass(eq=False)
class DiscountOverCeiling(DukaError):
    """The discount is more than the role may give. Basis points."""

    text: ClassVar[str] = "Your role may give less discount. Ask a supervisor."
    ceiling_bp: int
    given_bp: int


@dataclass(eq=False)
class TotalMismatch(DukaError):
    """The total sent is not what the lines come to; the right figures are in the details. Minor units."""

    text: ClassVar[str] = "The total is {total}, not {sent}. Nothing was stored."
    total: int
    sent: int
    net: int
    tax: int
    discount: int
    rounding: int


class Disputes(list[DukaError]):
    """What a document disagrees with. Asked for, the first one refuses it; recorded, all of them wait to be settled."""

    def __init__(self, ctx: Ctx) -> None:
        super().__init__()
        self._recording = ctx.recording

    def add(self, refusal: DukaError) -> None:
        """Refuse, or note that it happened all the same."""
        if not self._recording:
            raise refusal
        self.append(refusal)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with everything decided: what the bill needs and what the sale keeps."""

    source: LineIn
    description: str
    unit: str
    hsn: str | None
    tax_class_id: UUID
    unit_price_minor: int
    list_price_minor: int | None
    tax_included: bool
    unit_cost_minor: int
    stocked: bool
    min_stock_milli: int
    draft: DraftLine


@dataclass(frozen=True, slots=True)
class Priced:
    """The lines and the bill they come to; `cost_minor` is the cost of all goods."""

    lines: tuple[PricedLine, ...]
    bill: Bill
    cost_minor: int


def price(ctx: Ctx, sale: SaleIn, facts: Facts, place_of_supply: str | None, disputes: Disputes) -> Priced:
    """Price all lines and make the bill; every price, discount and tax is the server's own.

    NotFound for a variant or tax class the shop does not have. Disputes: ItemNotSold, PriceChanged,
    DiscountOverCeiling, TotalMismatch, and Forbidden for discounts, prices or open items that the role may not give.
    """
    lines = tuple(_line(ctx, line, facts, place_of_supply, disputes) for line in sale.lines)
    bill = rules.bill(
        [line.draft for line in lines],
        discount=_discount(sale.discount),
        cash_rounding_minor=_cash_rounding(ctx, sale),
    )
    _check_discounts(ctx, sale, bill, disputes)
    if sale.total is not None and sale.total != bill.total_minor:
        wrong = TotalMismatch(
            bill.total_minor, sale.total, bill.net_minor, bill.tax_minor, bill.discount_minor, bill.rounding_minor
        )
        disputes.add(wrong)
    cost = sum(divide_half_up(line.unit_cost_minor * line.source.quantity, 1000) for line in lines)
    return Priced(lines, bill, cost)


def _line(ctx: Ctx, line: LineIn, facts: Facts, place_of_supply: str | None, disputes: Disputes) -> PricedLine:
    return _ware(ctx, line, facts, place_of_supply, disputes) if line.variant_id else _open_item(
        ctx, line, facts, place_of_supply, disputes
    )


def _ware(ctx: Ctx, line: LineIn, facts: Facts, place_of_supply: str | None, disputes: Disputes) -> PricedLine:
    assert line.variant_id
    ware = facts.wares.get(line.variant_id)
    if ware is None:
        raise NotFound(what="item")
    if not ware.active or ware.price_minor is None:
        disputes.add(ItemNotSold(ware.variant_id, ware.name))
    listed = ware.price_minor
    unit_price = listed if line.price is None else line.price
    if line.price is not None and listed is not None and line.price != listed and not ctx.may("sales:override"):
        disputes.add(PriceChanged(ware.variant_id, ware.name, listed, line.price))
    included = ware.tax_included if line.tax_included is None else line.tax_included
    if included != ware.tax_included and not ctx.may("sales:override"):
        disputes.add(Forbidden("sales:override"))
    return PricedLine(
        source=line, description=ware.name, unit=ware.unit, hsn=ware.hsn, tax_class_id=ware.tax_class_id,
        unit_price_minor=unit_price or 0, list_price_minor=listed, tax_included=included,
        unit_cost_minor=ware.cost_minor, stocked=ware.stocked, min_stock_milli=ware.min_stock_milli,
        draft=_draft(line, unit_price or 0, included, ware, facts, place_of_supply),
    )  # fmt: skip


def _open_item(ctx: Ctx, line: LineIn, facts: Facts, place_of_supply: str | None, disputes: Disputes) -> PricedLine:
    assert line.item
    assert line.price is not None
    taxed = facts.tax_classes.get(line.item.tax_class_id)
    if taxed is None:
        raise NotFound(what="tax class")
    if not settings.of(ctx).open_items and not ctx.may("sales:override"):
        disputes.add(Forbidden("sales:override"))
    included = settings.of(ctx).tax_included if line.tax_included is None else line.tax_included
    return PricedLine(
        source=line, description=line.item.name, unit=line.item.unit, hsn=line.item.hsn,
        tax_class_id=line.item.tax_class_id, unit_price_minor=line.price, list_price_minor=None,
        tax_included=included, unit_cost_minor=0, stocked=False, min_stock_milli=0,
        draft=_draft(line, line.price, included, taxed, facts, place_of_supply),
    )  # fmt: skip


def _draft(line: LineIn, unit_price: int, included: bool, of: Ware | TaxClassFacts, facts: Facts,
           place_of_supply: str | None) -> DraftLine:
    return DraftLine(line.quantity, unit_price, facts.taxes(of, place_of_supply), included, _discount(line.discount))


def _discount(given: DiscountIn | None) -> Discount | None:
    return None if given is None else Discount(given.percent_bp, given.amount)


def _cash_rounding(ctx: Ctx, sale: SaleIn) -> int:
    # Only what is paid in cash alone is rounded: other methods pay the exact sum.
    cash_only = bool(sale.payments) and all(payment.method == "cash" for payment in sale.payments)
    return settings.of(ctx).cash_rounding_minor if cash_only else 1


def _check_discounts(ctx: Ctx, sale: SaleIn, bill: Bill, disputes: Disputes) -> None:
    if bill.discount_minor == 0 or ctx.recording:
        return
    ctx.need("sales:discount")
    given_bp = max(_share_bp(line) for line in bill.lines)
    if given_bp > ctx.discount_ceiling_bp:
        disputes.add(DiscountOverCeiling(ctx.discount_ceiling_bp, given_bp))


def _share_bp(line: BilledLine) -> int:
    off = line.line_discount_minor + line.cart_discount_minor
    # Rounded down, so that a minor unit of rounding in the spread never makes a permitted discount too large.
    return 0 if line.gross_before_minor == 0 else (off * 10_000) // line.gross_before_minor
