"""To cancel: a sale that never completed is called off, and its deposits go back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from duka.ledger import actions as ledger
from duka.payments import actions as payments
from duka.payments.actions import Desk, Money
from duka.platform.context import Ctx
from duka.platform.ids import new_id
from duka.platform.writes import Writes
from duka.sales import books, queries, stored
from duka.sales.carts import keeping
from duka.sales.life import states
from duka.sales.life import steps as life
from duka.sales.life.schemas import AtRegister, UndoIn
from duka.sales.life.steps import Stepped
from duka.sales.notes import rules as credit_rules
from duka.stock import actions as stock

Row = Mapping[str, Any]


async def cancel(ctx: Ctx, sale_id: UUID, asked: UndoIn) -> Stepped:
    """Call an incomplete sale off; what was paid on it goes back by the same methods.

    Done again, it changes nothing. NotFound, StepNotAllowed, SaleLocked.
    """
    sale = await life.opened(ctx, sale_id, "sales:update")
    if sale["state"] == "cancelled":
        return Stepped(await queries.show(ctx, sale_id), again=True)
    await hand_back(ctx, sale, asked)
    return Stepped(await queries.show(ctx, sale_id))


async def hand_back(ctx: Ctx, sale: Row, asked: UndoIn) -> None:
    """Cancel a locked sale, return its deposits and put what was kept for it back on sale."""
    states.after("cancel", sale)
    found = await queries.whole(ctx, sale["id"])
    drawer = AtRegister(register_session_id=asked.register_session_id)
    till = (await life.counter(ctx, drawer, "invoice", sale["branch_id"])).till
    if keeping.keeps(ctx, sale):
        await stock.release(ctx, sale["id"])
    shares = credit_rules.same_methods(stored.paid_by_method(found.payments), sale["paid_minor"])
    money = [Money(new_id(), method, amount, amount) for method, amount in shares]
    writes = Writes(ctx)
    desk = Desk(sale["branch_id"], till.session_id, ctx.staff_id, till.business_date)
    payments.refund(writes, money, desk, source="sale", source_id=sale["id"])
    ledger.post(
        writes, books.deposits_returned(money), source="sale", source_id=sale["id"], business_date=till.business_date
    )
    life.step(
        writes, sale, "cancel", {"paid_minor": 0}, invoice_id=None, reason=asked.reason,
        noted={"payment_ids": [each.id for each in money]},
    )  # fmt: skip
    await life.send(writes)
