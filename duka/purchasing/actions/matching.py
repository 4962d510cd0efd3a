"""To match what came with what the shop knows: its order, supplier, place, goods and prices.

Asked for, whatever does not fit refuses the receipt. What came already is matched as far as it goes; the rest is for
the receipt's disputes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from duka.platform import quantity
from duka.platform.context import Ctx
from duka.platform.disputes import Disputes
from duka.platform.errors import ValidationError
from duka.platform.reads import Facts, Reads
from duka.purchasing import errors, rules
from duka.purchasing.actions.gathering import (
    PLACES,
    SOME_PLACE,
    Ware,
    ask_goods,
    goods_by_id,
    goods_kept,
    place,
    refuse_too_much,
)
from duka.purchasing.order_schemas import ReceiptIn, ReceiptLineIn
from duka.purchasing.rules import Came, Landed
from duka.shops.registers.claims import OtherBranch


@dataclass(frozen=True, slots=True)
class Line:
    """A line with everything decided: its goods and how they are followed, its price, the order's line it belongs
    to."""

    asked: ReceiptLineIn
    variant_id: UUID
    tracking: str
    order_line_id: UUID | None
    price_minor: int
    landed: Landed


@dataclass(frozen=True, slots=True)
class Matched:
    """A receipt as the shop understands it. `asked` has the costs that its goods bear; `order` awaits these goods, or
    is None."""

    asked: ReceiptIn
    supplier_id: UUID
    branch_id: UUID
    location_id: UUID
    lines: Sequence[Line]
    order: Facts | None


_ORDER: Final = """
SELECT o.id, o.state, o.supplier_id, o.location_id, o.branch_id FROM purchase_orders o
WHERE o.shop_id = %(shop)s AND o.id = %(order)s AND (%(branch)s::uuid IS NULL OR o.branch_id = %(branch)s::uuid)
"""

ORDER_LINES: Final = """
SELECT l.id, l.variant_id, l.quantity_milli, l.received_milli, l.price_minor FROM purchase_order_lines l
WHERE l.shop_id = %(shop)s AND l.order_id = %(order)s ORDER BY l.position
"""

_SUPPLIER: Final = "SELECT id, active FROM suppliers WHERE shop_id = %(shop)s AND id = %(supplier)s"


def ask(reads: Reads, asked: ReceiptIn) -> None:
    """Ask about the order of a receipt (`order`, `lines`)."""
    ctx = reads.ctx
    reads.bind(order=asked.order_id, branch=None if ctx.recording else ctx.branch_id)
    reads.ask("order", _ORDER)
    reads.ask("lines", ORDER_LINES)


async def match(ctx: Ctx, asked: ReceiptIn, facts: Mapping[str, Sequence[Facts]], disputes: Disputes) -> Matched:
    """Match a receipt with what `ask` found. Errors as for `receiving.receive`."""
    order = _order(asked, facts["order"], disputes)
    if order is None:
        asked = asked.model_copy(update={"order_id": None})
    supplier_id = UUID(order["supplier_id"]) if order else asked.supplier_id
    if supplier_id is None:
        raise errors.SupplierRequired
    awaited = order if order and order["state"] in rules.RECEIVING else None
    if order and not awaited:
        disputes.add(errors.OrderStepNotAllowed(order["state"], "receive"))
    on_order = _matched(asked.lines, facts["lines"], disputes) if order else [None] * len(asked.lines)
    came = list(zip(asked.lines, [_variant(line, of) for line, of in zip(asked.lines, on_order, strict=True)],
                    on_order, strict=True))  # fmt: skip
    known = await _ask_rest(ctx, asked, supplier_id, [variant for _, variant, _ in came if variant], order)
    if not order and not known["supplier"][0]["active"]:
        disputes.add(errors.SupplierInactive())
    wares, came = _kept(ctx, came, known["goods"], disputes)
    where = _place(ctx, asked.location_id, known["places"], disputes)
    asked = _bearable(asked, [line for line, _, _ in came], disputes)
    lines = _priced(asked, came, wares, disputes)
    if not awaited:
        lines = [replace(line, order_line_id=None) for line in lines]
    return Matched(asked, supplier_id, UUID(where["branch_id"]), UUID(where["id"]), lines, awaited)


_Came = tuple[ReceiptLineIn, UUID | None, Facts | None]
"""A line, its variant, and the order's line it belongs to."""


def _order(asked: ReceiptIn, found: Sequence[Facts], disputes: Disputes) -> Facts | None:
    if asked.order_id is None:
        return None
    if not found:
        disputes.add(errors.OrderNotFound(order_id=asked.order_id))
        return None
    if asked.supplier_id is not None and str(asked.supplier_id) != found[0]["supplier_id"]:
        disputes.add(errors.SupplierOfOrder())
        return None
    return found[0]


def _matched(
    lines: Sequence[ReceiptLineIn], ordered: Sequence[Facts], disputes: Disputes
) -> list[Facts | None]:  # fmt: skip
    """Find the order's line for each line of the receipt. For `disputes`: NotOnOrder, naming all that have none."""
    by_id = {row["id"]: row for row in ordered}
    of_variant: dict[str, list[Facts]] = {}
    for row in ordered:
        of_variant.setdefault(row["variant_id"], []).append(row)
    matched: list[Facts | None] = []
    for line in lines:
        named = by_id.get(str(line.order_line_id))
        found = [named] if named else [] if line.order_line_id else of_variant.get(str(line.variant_id), [])
        fits = len(found) == 1 and str(line.variant_id or found[0]["variant_id"]) == found[0]["variant_id"]
        matched.append(found[0] if fits else None)
    missing = [at for at, of in enumerate(matched) if of is None]
    if missing:
        disputes.add(errors.NotOnOrder(missing))
    return matched


def _variant(line: ReceiptLineIn, of: Facts | None) -> UUID | None:
    return UUID(of["variant_id"]) if of else line.variant_id


async def _ask_rest(
    ctx: Ctx, asked: ReceiptIn, supplier_id: UUID, variants: Sequence[UUID], order: Facts | None
) -> Mapping[str, Sequence[Facts]]:  # fmt: skip
    reads = Reads(ctx)
    location_id = asked.location_id or (UUID(order["location_id"]) if order else None)
    reads.ask("places", SOME_PLACE if ctx.recording else PLACES, location=location_id, branch=ctx.branch_id)
    reads.ask("supplier", _SUPPLIER, supplier=supplier_id)
    ask_goods(reads, variants, supplier_id)
    facts = await reads.send()
    if not facts["supplier"]:
        raise errors.SupplierNotFound
    return facts


def _place(ctx: Ctx, named: UUID | None, rows: Sequence[Facts], disputes: Disputes) -> Facts:
    where = rows[0] if ctx.recording and rows else place(rows, named)
    if named is not None and str(named) != where["id"]:
        disputes.add(errors.PlaceUnknown(named))
    if ctx.recording and str(ctx.branch_id) != where["branch_id"]:
        disputes.add(OtherBranch(UUID(where["branch_id"])))
    return where


def _kept(
    ctx: Ctx, came: Sequence[_Came], rows: Sequence[Facts], disputes: Disputes
) -> tuple[Mapping[UUID, Ware], list[_Came]]:  # fmt: skip
    """Give the goods, and of what came already the lines that can be taken in. GoodsUnknown, NoStockKept; for
    `disputes` LinesLeftOut."""
    if not ctx.recording:
        if any(variant is None or (line.order_line_id and of is None) for line, variant, of in came):
            raise ValidationError(fields={"lines": ["order_line_id needs order_id; give variant_id without an order."]})
        return goods_by_id([variant for _, variant, _ in came if variant], rows), list(came)
    wares = goods_kept(rows)
    gone = tuple(UUID(row["variant_id"]) for row in rows if row["gone"])
    if gone:
        disputes.add(errors.GoodsUnknown(variant_ids=gone))
    kept = [each for each in came if each[1] in wares]
    if not kept:
        raise errors.NothingKnown
    if len(kept) < len(came):
        disputes.add(errors.LinesLeftOut([_told(line) for line, variant, _ in came if variant not in wares]))
    return wares, kept


def _told(line: ReceiptLineIn) -> dict[str, Any]:
    return {
        "variant_id": line.variant_id, "accepted": quantity.from_milli(line.accepted),
        "rejected": quantity.from_milli(line.rejected), "price": line.price, "serials": line.serials,
        "batch": line.batch.model_dump(mode="json") if line.batch else None,
    }  # fmt: skip


def _bearable(asked: ReceiptIn, lines: Sequence[ReceiptLineIn], disputes: Disputes) -> ReceiptIn:
    """Leave out costs that nothing could bear. For `disputes`: NothingToLand."""
    costs = asked.freight + asked.duty + asked.other
    if not costs or any(line.accepted for line in lines):
        return asked
    disputes.add(errors.NothingToLand(costs))
    return asked.model_copy(update={"freight": 0, "duty": 0, "other": 0})


def _priced(
    asked: ReceiptIn, came: Sequence[_Came], wares: Mapping[UUID, Ware], disputes: Disputes
) -> list[Line]:  # fmt: skip
    """Give each line its price and its share of the landed costs. For `disputes`: PriceUnknown."""
    goods = [(line, variant, of) for line, variant, of in came if variant]
    prices = [
        line.price if line.price is not None else of["price_minor"] if of else wares[variant].price_minor
        for line, variant, of in goods
    ]
    unknown = [at for at, price in enumerate(prices) if price is None]
    if unknown:
        disputes.add(errors.PriceUnknown(unknown))
    worth = [Came(line.accepted, price or 0) for (line, _, _), price in zip(goods, prices, strict=True)]
    costs = asked.freight + asked.duty + asked.other
    refuse_too_much([costs, *(each.value_minor for each in worth)])
    landed = rules.land(worth, costs)
    for one in landed:
        refuse_too_much([one.unit_cost_minor])
    return [
        Line(line, variant, wares[variant].tracking, UUID(of["id"]) if of else None, each.price_minor, one)
        for (line, variant, of), each, one in zip(goods, worth, landed, strict=True)
    ]
