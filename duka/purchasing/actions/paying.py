"""To pay a supplier."""

from collections.abc import Mapping
from typing import Any

from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.platform.context import Ctx
from duka.platform.errors import IdempotencyConflict
from duka.platform.ids import check_made
from duka.platform.writes import Writes
from duka.purchasing import events as told
from duka.purchasing import money_queries
from duka.purchasing.actions import owing
from duka.purchasing.errors import OverPaid
from duka.purchasing.models import SupplierPayment
from duka.purchasing.money_schemas import SupplierPaymentIn
from duka.shops import settings


async def pay(ctx: Ctx, asked: SupplierPaymentIn) -> tuple[Mapping[str, Any], bool]:
    """Pay a supplier; give the payment, and whether it stood already.

    SupplierNotFound, NotFound, BranchRequired; OverPaid where it is more than is owed and not `in_advance`;
    IdempotencyConflict.
    """
    check_made(ctx, asked.id)
    supplier = await owing.hold(ctx, asked.supplier_id)
    if await owing.standing(ctx, "supplier_payments", asked.id):
        return await money_queries.payment(ctx, asked.id, "expenses:pay"), True
    if asked.amount > supplier.owed_minor and not asked.in_advance:
        raise OverPaid(supplier.owed_minor)
    branch_id = await owing.branch(ctx, asked.branch_id)
    today = ctx.today(settings.of(ctx).day_start_minutes)
    writes = Writes(ctx)
    writes.first(SupplierPayment, {
        "id": asked.id, "supplier_id": asked.supplier_id, "branch_id": branch_id, "method": asked.method,
        "amount_minor": asked.amount, "reference": asked.reference, "note": asked.note, "staff_id": ctx.staff_id,
        "business_date": today, "at": ctx.now, "body_hash": ctx.body_hash,
    })  # fmt: skip
    owing.owe(writes, asked.supplier_id, -asked.amount)
    ledger.post(
        writes, [ledger.Entry(chart.PAYABLE, chart.TENDER[asked.method], asked.amount)], source="supplier_payment",
        source_id=asked.id, business_date=today,
    )  # fmt: skip
    owing.tell(writes, told.PAID, "pay", "supplier_payment", asked.id, asked.supplier_id, asked.amount)
    if not (await writes.send()).written:
        raise IdempotencyConflict
    return await money_queries.payment(ctx, asked.id, "expenses:pay"), False
