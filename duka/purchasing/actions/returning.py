"""To send goods back to a supplier: out of stock, and off what they are owed."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.platform import quantity
from duka.platform.context import Ctx
from duka.platform.errors import IdempotencyConflict, ValidationError
from duka.platform.ids import check_made
from duka.platform.reads import Facts, Reads
from duka.platform.writes import Writes
from duka.purchasing import events as told
from duka.purchasing import money_queries, numbers, rules
from duka.purchasing.actions import owing
from duka.purchasing.actions.gathering import PLACES, place
from duka.purchasing.actions.owing import Came
from duka.purchasing.actions.packing import pack
from duka.purchasing.errors import OverReturned
from duka.purchasing.models import SupplierReturn, SupplierReturnLine
from duka.purchasing.money_schemas import ReturnIn, ReturnLineIn
from duka.purchasing.rules import Cleared
from duka.shops import settings
from duka.stock.actions.moving import Goods, Source, issue, refuse_short
from duka.stock.choosing import Parts

_COSTS: Final = """
SELECT v.id AS variant_id, v.name, p.tracking, coalesce(cost.cost_minor, 0) AS cost_minor, p.min_stock_milli
FROM variants v JOIN products p ON p.shop_id = %(shop)s AND p.id = v.product_id
LEFT JOIN LATERAL (
    SELECT c.cost_minor FROM costs c
    WHERE c.shop_id = %(shop)s AND c.variant_id = v.id AND c.valid_from <= %(costs_at)s::timestamptz
    ORDER BY c.valid_from DESC, c.id DESC LIMIT 1
) cost ON true
WHERE v.shop_id = %(shop)s AND v.id = ANY(%(costs_of)s::uuid[])
"""


async def send_back(ctx: Ctx, asked: ReturnIn) -> tuple[Mapping[str, Any], bool]:
    """Send goods back; give the return with its debit note, and whether it stood already.

    What no bill has named yet goes back first; the rest is on the debit note, at what was billed. SupplierNotFound,
    NotFound, PlaceRequired, IdempotencyConflict, the errors of `packing.pack`; ValidationError for tax on goods that
    were not billed; OverReturned, naming every line; OutOfStock where the goods no longer stand there.
    """
    check_made(ctx, asked.id)
    await owing.hold(ctx, asked.supplier_id)
    if await owing.standing(ctx, "supplier_returns", asked.id):
        return await money_queries.sent_back(ctx, asked.id, "purchasing:update"), True
    came = await owing.came(ctx, asked.supplier_id, [line.receipt_line_id for line in asked.lines])
    _refuse_over(asked, came)
    location_id = asked.location_id or came[asked.lines[0].receipt_line_id].location_id
    reads = Reads(ctx)
    reads.ask("places", PLACES, location=location_id, branch=ctx.branch_id)
    reads.ask("costs", _COSTS, costs_of=[each.variant_id for each in came.values()], costs_at=ctx.now)
    facts = await reads.send()
    where = place(facts["places"], location_id)
    costs = {UUID(row["variant_id"]): row for row in facts["costs"]}
    rows = [
        _row(asked, at, line, came[line.receipt_line_id], costs[came[line.receipt_line_id].variant_id])
        for at, line in enumerate(asked.lines)
    ]
    if asked.tax and not any(row["billed_milli"] for row in rows):
        raise ValidationError(fields={"tax": ["No bill has named these goods yet, so no tax on them was claimed."]})
    wares = {line_id: costs[of.variant_id] for line_id, of in came.items()}
    parts = await pack(ctx, asked.lines, wares, {of.receipt_id for of in came.values()}, UUID(where["id"]))
    await numbers.begin(ctx, "SR")
    writes = Writes(ctx)
    _write(writes, asked, where, rows, costs, parts)
    outcome = await writes.send()
    if outcome.failed:
        raise refuse_short(outcome.results["stock_short"])
    if not outcome.written:
        raise IdempotencyConflict
    return await money_queries.sent_back(ctx, asked.id, "purchasing:update"), False


def _refuse_over(asked: ReturnIn, came: Mapping[UUID, Came]) -> None:
    over = [
        {
            "receipt_line_id": line.receipt_line_id, "returned": quantity.from_milli(line.quantity),
            "allowed": quantity.from_milli(of.accepted_milli - of.returned_milli - of.credited_milli),
        }
        for line in asked.lines
        if line.quantity > (of := came[line.receipt_line_id]).accepted_milli - of.returned_milli - of.credited_milli
    ]  # fmt: skip
    if over:
        raise OverReturned(over)


def _row(asked: ReturnIn, position: int, line: ReturnLineIn, of: Came, cost: Facts) -> dict[str, Any]:
    unbilled = min(line.quantity, of.accepted_milli - of.cleared_milli)
    billed = line.quantity - unbilled
    booked = Cleared(of.accepted_milli, of.value_minor, of.cleared_milli)
    paid_for = Cleared(of.billed_milli, of.billed_minor, of.credited_milli)
    return {
        "id": line.id, "return_id": asked.id, "position": position, "receipt_line_id": line.receipt_line_id,
        "variant_id": of.variant_id, "unbilled_milli": unbilled, "billed_milli": billed,
        "received_minor": rules.released_minor(booked, unbilled),
        "debit_minor": rules.released_minor(paid_for, billed) if billed else 0, "unit_cost_minor": cost["cost_minor"],
    }  # fmt: skip


def _write(
    writes: Writes, asked: ReturnIn, where: Facts, rows: list[dict[str, Any]], costs: Mapping[UUID, Facts],
    parts: Mapping[UUID, Parts],
) -> None:  # fmt: skip
    ctx, rules_of_shop = writes.ctx, settings.of(writes.ctx)
    today = ctx.today(rules_of_shop.day_start_minutes)
    debit, received = sum(row["debit_minor"] for row in rows), sum(row["received_minor"] for row in rows)
    goods = [
        Goods(
            row["variant_id"], row["unbilled_milli"] + row["billed_milli"], row["unit_cost_minor"], row["id"],
            costs[row["variant_id"]]["min_stock_milli"], costs[row["variant_id"]]["tracking"],
            parts.get(row["id"], ()),
        )
        for row in rows
    ]  # fmt: skip
    cost = sum(rules.worth_minor(each.quantity_milli, each.unit_cost_minor) for each in goods)
    writes.first(SupplierReturn, {
        "id": asked.id, "number": "", "supplier_id": asked.supplier_id, "branch_id": where["branch_id"],
        "location_id": where["id"], "reason": asked.reason, "debit_minor": debit, "tax_minor": asked.tax,
        "received_minor": received, "cost_minor": cost, "staff_id": ctx.staff_id, "business_date": today,
        "at": ctx.now, "body_hash": ctx.body_hash,
    }, computed={"number": numbers.NUMBER}, reads=(numbers.HELD,))  # fmt: skip
    writes.insert(SupplierReturnLine, rows)
    source = Source("receipt", asked.id, today, ctx.staff_id, reason=asked.reason, document="supplier_return")
    issue(writes, goods, source, UUID(where["id"]), below_zero=rules_of_shop.negative_stock)
    owing.clear(writes, [
        {
            "id": row["receipt_line_id"], "billed_milli": 0, "returned_milli": row["unbilled_milli"],
            "credited_milli": row["billed_milli"],
        }
        for row in rows
    ])  # fmt: skip
    owing.owe(writes, asked.supplier_id, -debit - asked.tax)
    ledger.post(writes, [
        ledger.Entry(chart.RECEIVED_NOT_INVOICED, chart.STOCK, received),
        ledger.Entry(chart.PAYABLE, chart.STOCK, debit),
        ledger.Entry(chart.PAYABLE, chart.TAX_ON_PURCHASES, asked.tax),
        ledger.Entry(chart.PRICE_VARIANCE, chart.STOCK, cost - received - debit),
    ], source="supplier_return", source_id=asked.id, business_date=today)  # fmt: skip
    owing.tell(
        writes, told.RETURNED, "send_back", "supplier_return", asked.id, asked.supplier_id, debit + asked.tax,
        asked.reason,
    )  # fmt: skip
    numbers.take(writes, "SR")
