"""To book a receipt: the parts of the one statement by which goods come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.platform import audit, events
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.reads import Facts
from duka.platform.writes import Writes
from duka.purchasing import events as told
from duka.purchasing import numbers, rules
from duka.purchasing.actions.matching import Line
from duka.purchasing.actions.ordering import step_row
from duka.purchasing.models import GoodsReceipt, GoodsReceiptLine, GoodsReceiptProgress, PurchaseOrderStep
from duka.purchasing.order_schemas import ReceiptIn
from duka.shops.registers.claims import Claim
from duka.stock.actions import receiving as stock
from duka.stock.actions.moving import Source
from duka.stock.choosing import Part

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


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt with everything decided. `progress` are the order's lines with ordered and received, as they will be,
    known once the order is held."""

    asked: ReceiptIn
    by: Claim
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


def write(writes: Writes, receipt: Receipt, held: Mapping[UUID, stock.Standing]) -> None:
    """Write a receipt: its rows, what moved, what it cost, what it is worth in the books, how far the order is."""
    ctx, asked = writes.ctx, receipt.asked
    today = receipt.by.business_date
    writes.first(GoodsReceipt, {
        "id": asked.id, "number": "", "supplier_id": receipt.supplier_id, "order_id": asked.order_id,
        "branch_id": receipt.branch_id, "location_id": receipt.location_id, "delivery_note": asked.delivery_note,
        "note": asked.note, "freight_minor": asked.freight, "duty_minor": asked.duty, "other_minor": asked.other,
        "goods_minor": receipt.goods_minor, "staff_id": receipt.by.staff_id, "business_date": today, "at": ctx.now,
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
    source = Source("receipt", asked.id, today, receipt.by.staff_id, note=asked.note or None, document="goods_receipt")
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
    worth: dict[str, Any] = {"goods_minor": receipt.goods_minor, "landed_minor": receipt.landed_minor}
    if receipt.by.staff_id != ctx.staff_id:
        worth |= {"staff_id": receipt.by.staff_id, "made_at": asked.made_at}
    entries = [audit.entry(ctx, "receive", "goods_receipt", asked.id, after={**facts, **worth})]
    happened = [events.entry(ctx, told.RECEIVED, asked.id, facts)]
    if receipt.order:
        entries.append(_advance(writes, receipt, receipt.order))
        happened.append(events.entry(ctx, told.ORDER_STEPS["receive"], UUID(receipt.order["id"]), facts))
    writes.insert(AuditEntry, entries)
    writes.insert(OutboxEvent, happened)
    numbers.take(writes, "GR")


def _advance(writes: Writes, receipt: Receipt, order: Facts) -> dict[str, Any]:
    """Take the order further; give the audit entry."""
    ctx, order_id = writes.ctx, UUID(order["id"])
    summed: dict[UUID, dict[str, Any]] = {}
    for line in receipt.lines:
        if line.order_line_id is None:
            continue
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


def _remember_prices(writes: Writes, receipt: Receipt, today: date) -> None:
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


