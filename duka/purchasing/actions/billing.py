"""To enter a supplier's invoice: matched to what was ordered and received, the difference in price shown."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.platform import quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import IdempotencyConflict, ValidationError
from duka.platform.ids import check_made
from duka.platform.writes import Writes
from duka.purchasing import events as told
from duka.purchasing import money_queries, rules
from duka.purchasing.actions import owing
from duka.purchasing.actions.gathering import refuse_too_much
from duka.purchasing.actions.owing import Came
from duka.purchasing.errors import BillNumberTaken, OverBilled
from duka.purchasing.models import SupplierBill, SupplierBillLine
from duka.purchasing.money_schemas import BillIn, BillLineIn
from duka.purchasing.rules import Cleared
from duka.shops import settings

_NUMBERED = """
SELECT id FROM supplier_bills WHERE shop_id = %(shop)s AND supplier_id = %(supplier)s AND supplier_number = %(number)s
"""


async def bill(ctx: Ctx, asked: BillIn) -> tuple[Mapping[str, Any], bool]:
    """Enter a supplier's invoice; give it, and whether it stood already.

    SupplierNotFound, NotFound, BranchRequired, BillNumberTaken; OverBilled beyond what was received and is not billed
    yet, naming every line; IdempotencyConflict; ValidationError for a day that cannot be; Forbidden without
    `products:cost`.
    """
    ctx.need("products:cost")
    check_made(ctx, asked.id)
    supplier = await owing.hold(ctx, asked.supplier_id)
    if await owing.standing(ctx, "supplier_bills", asked.id):
        return await money_queries.bill(ctx, asked.id, "purchasing:update"), True
    if await fetch(ctx, _NUMBERED, {"supplier": asked.supplier_id, "number": asked.supplier_number}):
        raise BillNumberTaken(asked.supplier_number)
    days = _days(ctx, asked, supplier.credit_days)
    came = await owing.came(ctx, asked.supplier_id, [line.receipt_line_id for line in asked.lines])
    _refuse_over(asked, came)
    rows = [_row(asked, at, line, came[line.receipt_line_id]) for at, line in enumerate(asked.lines)]
    refuse_too_much([asked.tax, asked.charges, *(row["net_minor"] for row in rows)])
    for_branch = came[asked.lines[0].receipt_line_id].branch_id if asked.lines else None
    writes = Writes(ctx)
    _write(writes, asked, for_branch or await owing.branch(ctx, asked.branch_id), rows, days)
    if not (await writes.send()).written:
        raise IdempotencyConflict
    return await money_queries.bill(ctx, asked.id, "purchasing:update"), False


def _refuse_over(asked: BillIn, came: Mapping[UUID, Came]) -> None:
    over = [
        {
            "receipt_line_id": line.receipt_line_id, "billed": quantity.from_milli(line.quantity),
            "allowed": quantity.from_milli(of.accepted_milli - of.cleared_milli),
        }
        for line in asked.lines
        if line.quantity > (of := came[line.receipt_line_id]).accepted_milli - of.cleared_milli
    ]  # fmt: skip
    if over:
        raise OverBilled(over)


def _row(asked: BillIn, position: int, line: BillLineIn, of: Came) -> dict[str, Any]:
    booked = Cleared(of.accepted_milli, of.value_minor, of.cleared_milli)
    return {
        "id": line.id, "bill_id": asked.id, "position": position, "receipt_line_id": line.receipt_line_id,
        "quantity_milli": line.quantity, "price_minor": line.price,
        "net_minor": rules.worth_minor(line.quantity, line.price),
        "received_minor": rules.released_minor(booked, line.quantity),
    }  # fmt: skip


def _days(ctx: Ctx, asked: BillIn, credit_days: int) -> tuple[date, date]:
    """Give the bill's day and the day it is due. ValidationError where that is before it."""
    billed_on = asked.billed_on or _today(ctx)
    due_on = asked.due_on or billed_on + timedelta(days=credit_days)
    if due_on < billed_on:
        raise ValidationError(fields={"due_on": ["A bill is not due before its own day."]})
    return billed_on, due_on


def _today(ctx: Ctx) -> date:
    return ctx.today(settings.of(ctx).day_start_minutes)


def _write(
    writes: Writes, asked: BillIn, branch_id: UUID, rows: list[dict[str, Any]], days: tuple[date, date]
) -> None:  # fmt: skip
    ctx = writes.ctx
    today = _today(ctx)
    billed_on, due_on = days
    net, received = sum(row["net_minor"] for row in rows), sum(row["received_minor"] for row in rows)
    total = net + asked.tax + asked.charges
    writes.first(SupplierBill, {
        "id": asked.id, "supplier_id": asked.supplier_id, "branch_id": branch_id,
        "supplier_number": asked.supplier_number, "billed_on": billed_on,
        "due_on": due_on, "net_minor": net, "tax_minor": asked.tax,
        "charges_minor": asked.charges, "variance_minor": net - received, "note": asked.note,
        "staff_id": ctx.staff_id, "business_date": today, "at": ctx.now, "body_hash": ctx.body_hash,
    })  # fmt: skip
    writes.insert(SupplierBillLine, rows)
    owing.clear(writes, [
        {"id": row["receipt_line_id"], "billed_milli": row["quantity_milli"], "returned_milli": 0, "credited_milli": 0}
        for row in rows
    ])  # fmt: skip
    owing.owe(writes, asked.supplier_id, total)
    ledger.post(writes, [
        ledger.Entry(chart.RECEIVED_NOT_INVOICED, chart.PAYABLE, received),
        ledger.Entry(chart.PRICE_VARIANCE, chart.PAYABLE, net - received),
        ledger.Entry(chart.TAX_ON_PURCHASES, chart.PAYABLE, asked.tax),
        ledger.Entry(chart.LANDED_COSTS, chart.PAYABLE, asked.charges),
    ], source="supplier_bill", source_id=asked.id, business_date=today)  # fmt: skip
    owing.tell(writes, told.BILLED, "bill", "supplier_bill", asked.id, asked.supplier_id, total)
