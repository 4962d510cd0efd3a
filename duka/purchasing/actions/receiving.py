"""To receive goods: what came, where it stands now, what it cost, in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.platform import audit, events, quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch, refusing
from duka.platform.errors import IdempotencyConflict, ValidationError
from duka.platform.ids import check_made
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.reads import Facts, Reads
from duka.platform.writes import Writes
from duka.purchasing import errors, numbers, order_queries, rules
from duka.purchasing import events as told
from duka.purchasing.actions.gathering import PLACES, Ware, ask_goods, goods_by_id, place, refuse_too_much
from duka.purchasing.actions.ordering import step_row
from duka.purchasing.actions.unpacking import unpack
from duka.purchasing.models import GoodsReceipt, GoodsReceiptLine, GoodsReceiptProgress, PurchaseOrderStep
from duka.purchasing.order_schemas import ReceiptIn, ReceiptLineIn
from duka.purchasing.rules import Came, Landed
from duka.shops import settings
from duka.stock.actions import receiving as stock
from duka.stock.actions.moving import Source
from duka.stock.actions.registering import REFUSALS
from duka.stock.choosing import Part


@dataclass(frozen=True, slots=True)
class Posted:
    """A receipt as answered: `shown` is `order_schemas.ReceiptOut`, `again` says that it stood already."""

    shown: Mapping[str, Any]
    again: bool = False


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


_STANDING: Final = """
SELECT encode(body_hash, 'hex') AS hash_text FROM goods_receipts WHERE shop_id = %(shop)s AND id = %(standing)s
"""

_ORDER: Final = """
SELECT o.id, o.state, o.supplier_id, o.location_id, o.branch_id FROM purchase_orders o
WHERE o.shop_id = %(shop)s AND o.id = %(order)s AND (%(branch)s::uuid IS NULL OR o.branch_id = %(branch)s::uuid)
"""

_ORDER_LINES: Final = """
SELECT l.id, l.variant_id, l.quantity_milli, l.received_milli, l.price_minor FROM purchase_order_lines l
WHERE l.shop_id = %(shop)s AND l.order_id = %(order)s ORDER BY l.position
"""

_SUPPLIER: Final = "SELECT id, active FROM suppliers WHERE shop_id = %(shop)s AND id = %(supplier)s"

_HOLD_ORDER: Final = "SELECT state FROM purchase_orders WHERE shop_id = %(shop)s AND id = %(order)s FOR UPDATE"

_PROGRESS: Final = """
UPDATE purchase_order_lines l SET received_milli = l.received_milli + r.accepted_milli,
    rejected_milli = l.rejected_milli + r.rejected_milli
FROM first, jsonb_to_recordset(%(came)s::jsonb) AS r(id uuid, accepted_milli bigint, rejected_milli bigint)
WHERE l.shop_id = %(shop)s AND l.id = r.id RETURNING l.id
"""

_ADVANCE: Final = """
UPDATE purchase_orders o SET state = %(order_state)s, version = o.version + 1, updated_at = %(order_at)s FROM first
WHERE o.shop_id = %(shop)s AND o.id = %(order_id)s RETURNING o.id
"""

_PRICES: Final = """
INSERT INTO supplier_items AS i (
    shop_id, supplier_id, variant_id, supplier_code, pack_size_milli, price_minor, priced_on, preferred, version
)
SELECT %(shop)s, %(priced_by)s, r.variant_id, '', 1000, r.price_minor, %(priced_on)s, false, 1
FROM first, jsonb_to_recordset(%(priced)s::jsonb) AS r(variant_id uuid, price_minor bigint) ORDER BY r.variant_id
ON CONFLICT (shop_id, supplier_id, variant_id) DO UPDATE
SET price_minor = excluded.price_minor, priced_on = excluded.priced_on, version = i.version + 1
RETURNING i.variant_id
"""


async def receive(ctx: Ctx, asked: ReceiptIn) -> Posted:
    """Receive goods, against an order or without one. Repeating the same body gives the first answer.

    OrderNotFound, SupplierNotFound, NotFound, SupplierRequired, SupplierOfOrder, SupplierInactive, PlaceRequired,
    GoodsUnknown, NoStockKept, NotOnOrder, PriceUnknown, NothingToLand; OrderStepNotAllowed for an order that is not
    placed, or closed; OverReceived beyond the shop's tolerance, naming every line; SerialsMismatch, SerialsTaken,
    BatchRequired, BatchExpiryDiffers, NotTrackedSo, each naming all that are meant; IdempotencyConflict; Forbidden for
    a price or landed cost without `products:cost`.
    """
    if any(line.price is not None for line in asked.lines) or asked.freight + asked.duty + asked.other:
        ctx.need("products:cost")
    reads = Reads(ctx)
    reads.bind(order=asked.order_id, branch=ctx.branch_id)
    reads.ask("standing", _STANDING, standing=asked.id)
    reads.ask("order", _ORDER)
    reads.ask("lines", _ORDER_LINES)
    facts = await reads.send()
    if facts["standing"]:
        return await _again(ctx, asked.id, facts["standing"])
    check_made(ctx, asked.id)
    order = _order(asked, facts["order"])
    supplier_id = UUID(order["supplier_id"]) if order else asked.supplier_id
    if supplier_id is None:
        raise errors.SupplierRequired
    on_order = _matched(asked.lines, facts["lines"]) if order else [None] * len(asked.lines)
    variants = [
        UUID(of["variant_id"]) if of else _variant(line) for line, of in zip(asked.lines, on_order, strict=True)
    ]
    wares, where = await _known(ctx, asked, supplier_id, variants, order)
    lines = _priced(asked, variants, on_order, wares)
    place_ids = UUID(where["branch_id"]), UUID(where["id"])
    return await _receive(ctx, _Receipt(asked, supplier_id, *place_ids, lines, order))


@dataclass(frozen=True, slots=True)
class _Receipt:
    """A receipt with everything decided. `progress` are the order's lines with ordered and received, as they will be,
    known once the order is held."""

    asked: ReceiptIn
    supplier_id: UUID
    branch_id: UUID
    location_id: UUID
    lines: Sequence[Line]
    order: Facts | None
    progress: Sequence[tuple[int, int]] = ()
    parts: Mapping[UUID, tuple[Part, ...]] = field(default_factory=dict)
    """Which units, or which batch, came with a line."""

    @property
    def goods_minor(self) -> int:
        return sum(line.landed.value_minor for line in self.lines)

    @property
    def landed_minor(self) -> int:
        return self.asked.freight + self.asked.duty + self.asked.other

    @property
    def unspread_minor(self) -> int:
        """What whole minor units of one unit cannot say: stock is booked at what its movements are worth."""
        moved = sum(rules.worth_minor(line.asked.accepted, line.landed.unit_cost_minor) for line in self.lines)
        return self.goods_minor + self.landed_minor - moved


async def _receive(ctx: Ctx, receipt: _Receipt) -> Posted:
    """Hold the order and the balances, look again at what others may have changed, and write."""
    asked, order = receipt.asked, receipt.order
    if order:
        state = await _hold_order(ctx, UUID(order["id"]))
        if state not in rules.RECEIVING:
            raise errors.OrderStepNotAllowed(state, "receive")
        order = {**order, "state": state}
    accepted = sorted({line.variant_id for line in receipt.lines if line.asked.accepted})
    await stock.hold(ctx, accepted, receipt.location_id)
    reads = Reads(ctx)
    reads.bind(order=asked.order_id)
    stock.ask_standing(reads, accepted)
    reads.ask("lines", _ORDER_LINES)
    reads.ask("receipt", _STANDING, standing=asked.id)
    facts = await reads.send()
    if facts["receipt"]:
        return await _again(ctx, asked.id, facts["receipt"])
    progress = _progress(ctx, receipt.lines, facts["lines"]) if order else []
    came = [(line.asked, line.variant_id, line.tracking) for line in receipt.lines]
    named = await unpack(ctx, came, receipt.location_id)
    await numbers.begin(ctx, "GR")
    writes = Writes(ctx)
    named.write(writes)
    whole = replace(receipt, order=order, progress=progress, parts=named.parts)
    _write(writes, whole, stock.standing(facts["standing"]))
    async with refusing(ctx, REFUSALS):
        outcome = await writes.send()
    if outcome.written:
        return Posted(await order_queries.receipt(ctx, asked.id, "purchasing:receive", as_made=True))
    reads = Reads(ctx)
    reads.ask("receipt", _STANDING, standing=asked.id)
    return await _again(ctx, asked.id, (await reads.send())["receipt"])


def _order(asked: ReceiptIn, found: Sequence[Facts]) -> Facts | None:
    if asked.order_id is None:
        return None
    if not found:
        raise errors.OrderNotFound
    if asked.supplier_id is not None and str(asked.supplier_id) != found[0]["supplier_id"]:
        raise errors.SupplierOfOrder
    return found[0]


def _matched(lines: Sequence[ReceiptLineIn], ordered: Sequence[Facts]) -> list[Facts | None]:
    """Find the order's line for each line of the receipt. NotOnOrder, naming all that have none."""
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
        raise errors.NotOnOrder(missing)
    return matched


def _variant(line: ReceiptLineIn) -> UUID:
    if line.variant_id is None or line.order_line_id is not None:
        raise ValidationError(fields={"lines": ["order_line_id needs order_id; give variant_id without an order."]})
    return line.variant_id


async def _known(
    ctx: Ctx, asked: ReceiptIn, supplier_id: UUID, variants: Sequence[UUID], order: Facts | None
) -> tuple[dict[UUID, Ware], Facts]:
    reads = Reads(ctx)
    location_id = asked.location_id or (UUID(order["location_id"]) if order else None)
    reads.ask("places", PLACES, location=location_id, branch=ctx.branch_id)
    reads.ask("supplier", _SUPPLIER, supplier=supplier_id)
    ask_goods(reads, variants, supplier_id)
    facts = await reads.send()
    if not facts["supplier"]:
        raise errors.SupplierNotFound
    if not order and not facts["supplier"][0]["active"]:
        raise errors.SupplierInactive
    return goods_by_id(variants, facts["goods"]), place(facts["places"], location_id)


def _priced(
    asked: ReceiptIn, variants: Sequence[UUID], on_order: Sequence[Facts | None], wares: Mapping[UUID, Ware]
) -> list[Line]:
    """Give each line its price and its share of the landed costs."""
    prices = [
        line.price if line.price is not None else of["price_minor"] if of else wares[variant].price_minor
        for line, variant, of in zip(asked.lines, variants, on_order, strict=True)
    ]
    unknown = [at for at, price in enumerate(prices) if price is None]
    if unknown:
        raise errors.PriceUnknown(unknown)
    came = [Came(line.accepted, price or 0) for line, price in zip(asked.lines, prices, strict=True)]
    costs = asked.freight + asked.duty + asked.other
    if costs and not any(line.accepted for line in asked.lines):
        raise errors.NothingToLand
    refuse_too_much([costs, *(each.value_minor for each in came)])
    landed = rules.land(came, costs)
    for one in landed:
        refuse_too_much([one.unit_cost_minor])
    return [
        Line(line, variant, wares[variant].tracking, UUID(of["id"]) if of else None, each.price_minor, one)
        for line, variant, of, each, one in zip(asked.lines, variants, on_order, came, landed, strict=True)
    ]


async def _hold_order(ctx: Ctx, order_id: UUID) -> str:
    """Lock the order and give its state: whoever receives of one order at once goes one after the other."""
    return str((await fetch(ctx, _HOLD_ORDER, {"order": order_id}))[0].state)


def _progress(ctx: Ctx, lines: Sequence[Line], ordered: Sequence[Facts]) -> list[tuple[int, int]]:
    """Say how far each line of the order will be. OverReceived, naming every line that is beyond the tolerance."""
    tolerance_bp = settings.of(ctx).receipt_tolerance_bp
    came: dict[str, int] = {}
    for line in lines:
        came[str(line.order_line_id)] = came.get(str(line.order_line_id), 0) + line.asked.accepted
    over = [
        {
            "order_line_id": row["id"], "variant_id": row["variant_id"],
            "ordered": quantity.from_milli(row["quantity_milli"]),
            "received": quantity.from_milli(row["received_milli"]), "accepted": quantity.from_milli(came[row["id"]]),
            "allowed": quantity.from_milli(
                max(0, rules.most_milli(row["quantity_milli"], tolerance_bp) - row["received_milli"])
            ),
        }
        for row in ordered
        if came.get(row["id"])
        and row["received_milli"] + came[row["id"]] > rules.most_milli(row["quantity_milli"], tolerance_bp)
    ]  # fmt: skip
    if over:
        raise errors.OverReceived(over)
    return [(row["quantity_milli"], row["received_milli"] + came.get(row["id"], 0)) for row in ordered]


def _write(writes: Writes, receipt: _Receipt, held: Mapping[UUID, stock.Standing]) -> None:
    """Write a receipt: its rows, what moved, what it cost, what it is worth in the books, how far the order is."""
    ctx, asked = writes.ctx, receipt.asked
    today = ctx.today(settings.of(ctx).day_start_minutes)
    writes.first(GoodsReceipt, {
        "id": asked.id, "number": "", "supplier_id": receipt.supplier_id, "order_id": asked.order_id,
        "branch_id": receipt.branch_id, "location_id": receipt.location_id, "delivery_note": asked.delivery_note,
        "note": asked.note, "freight_minor": asked.freight, "duty_minor": asked.duty, "other_minor": asked.other,
        "goods_minor": receipt.goods_minor, "staff_id": ctx.staff_id, "business_date": today, "at": ctx.now,
        "body_hash": ctx.body_hash,
    }, computed={"number": numbers.NUMBER}, reads=(numbers.HELD,))  # fmt: skip
    writes.insert(GoodsReceiptLine, [_row(asked.id, at, line) for at, line in enumerate(receipt.lines)])
    writes.insert(GoodsReceiptProgress, [
        {"receipt_line_id": line.asked.id, "billed_milli": 0, "returned_milli": 0, "credited_milli": 0}
        for line in receipt.lines
    ])  # fmt: skip
    goods = [
        stock.Received(
            line.variant_id, line.asked.accepted, line.landed.value_minor + line.landed.landed_minor, line.asked.id,
            line.tracking, receipt.parts.get(line.asked.id, ()),
        )
        for line in receipt.lines if line.asked.accepted
    ]  # fmt: skip
    source = Source("receipt", asked.id, today, ctx.staff_id, note=asked.note or None, document="goods_receipt")
    stock.receive(writes, goods, source, receipt.location_id, held)
    ledger.post(writes, [
        ledger.Entry(chart.STOCK, chart.RECEIVED_NOT_INVOICED, receipt.goods_minor),
        ledger.Entry(chart.STOCK, chart.LANDED_COSTS, receipt.landed_minor),
        ledger.Entry(chart.PRICE_VARIANCE, chart.STOCK, receipt.unspread_minor),
    ], source="goods_receipt", source_id=asked.id, business_date=today)  # fmt: skip
    _remember_prices(writes, receipt, today)
    facts = {
        "supplier_id": receipt.supplier_id, "order_id": asked.order_id, "location_id": receipt.location_id,
        "branch_id": receipt.branch_id,
    }  # fmt: skip
    worth = {"goods_minor": receipt.goods_minor, "landed_minor": receipt.landed_minor}
    entries = [audit.entry(ctx, "receive", "goods_receipt", asked.id, after={**facts, **worth})]
    happened = [events.entry(ctx, told.RECEIVED, asked.id, facts)]
    if receipt.order:
        entries.append(_advance(writes, receipt, receipt.order))
        happened.append(events.entry(ctx, told.ORDER_STEPS["receive"], UUID(receipt.order["id"]), facts))
    writes.insert(AuditEntry, entries)
    writes.insert(OutboxEvent, happened)
    numbers.take(writes, "GR")


def _advance(writes: Writes, receipt: _Receipt, order: Facts) -> dict[str, Any]:
    """Take the order further; give the audit entry."""
    ctx, order_id = writes.ctx, UUID(order["id"])
    summed: dict[UUID, dict[str, Any]] = {}
    for line in receipt.lines:
        assert line.order_line_id
        row = summed.setdefault(line.order_line_id, {
            "id": line.order_line_id, "accepted_milli": 0, "rejected_milli": 0
        })  # fmt: skip
        row["accepted_milli"] += line.asked.accepted
        row["rejected_milli"] += line.asked.rejected
    state = rules.state_after(receipt.progress)
    writes.rows("came", list(summed.values()))
    writes.step("order_progress", _PROGRESS)
    for name, value in (("order_state", state), ("order_at", ctx.now), ("order_id", order_id)):
        writes.value(name, value)
    writes.step("order_advanced", _ADVANCE)
    writes.insert(PurchaseOrderStep, [step_row(ctx, order_id, "receive", order["state"], state)])
    return audit.entry(ctx, "receive", "purchase_order", order_id, before={"state": order["state"]},
                       after={"state": state, "goods_receipt_id": receipt.asked.id})


def _remember_prices(writes: Writes, receipt: _Receipt, today: date) -> None:
    """Keep what was paid as the supplier's last price of each variant; of several lines the last one counts."""
    paid = {line.variant_id: line.price_minor for line in receipt.lines if line.asked.accepted}
    writes.rows("priced", [{"variant_id": variant, "price_minor": price} for variant, price in paid.items()])
    writes.value("priced_by", receipt.supplier_id)
    writes.value("priced_on", today)
    writes.step("prices_kept", _PRICES)


def _row(receipt_id: UUID, position: int, line: Line) -> dict[str, Any]:
    asked, landed = line.asked, line.landed
    return {
        "id": asked.id, "receipt_id": receipt_id, "position": position, "order_line_id": line.order_line_id,
        "variant_id": line.variant_id, "accepted_milli": asked.accepted, "rejected_milli": asked.rejected,
        "reject_reason": asked.reject_reason, "price_minor": line.price_minor, "value_minor": landed.value_minor,
        "landed_minor": landed.landed_minor, "unit_cost_minor": landed.unit_cost_minor,
    }  # fmt: skip


async def _again(ctx: Ctx, receipt_id: UUID, standing: Sequence[Facts]) -> Posted:
    if standing[0]["hash_text"] != ctx.body_hash.hex():
        raise IdempotencyConflict
    try:
        return Posted(await order_queries.receipt(ctx, receipt_id, "purchasing:receive", as_made=True), again=True)
    except errors.ReceiptNotFound:
        raise IdempotencyConflict from None
