"""To correct an invoiced sale: a credit note for the old one and a new sale, together or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from duka.catalog.sets import component_ids
from duka.platform.context import Ctx
from duka.platform.disputes import Disputes
from duka.platform.errors import DukaError
from duka.platform.ids import new_id
from duka.platform.money import Amount
from duka.platform.versions import given
from duka.sales import queries, stored
from duka.sales.actions.edit import as_asked, change, check_people
from duka.sales.actions.reverse import undo
from duka.sales.actions.sell import Sold, place_of_supply, sell
from duka.sales.facts import gather, hold_debtor
from duka.sales.invoices import issuing
from duka.sales.life import states
from duka.sales.life import steps as life
from duka.sales.life.schemas import AtRegister, CorrectIn, OverrideIn, UndoIn
from duka.sales.life.steps import Stepped
from duka.sales.notes import rules as credit_rules
from duka.sales.pricing import price
from duka.sales.queries import Whole
from duka.sales.schemas import PaymentIn, SaleIn
from duka.stock import actions as stock

Row = Mapping[str, Any]


@dataclass(eq=False)
class CorrectionNotPaid(DukaError):
    """The corrected sale would be left without invoice."""

    text: ClassVar[str] = "The corrected sale comes to {total} and only {paid} of it is paid. Say how the rest is paid."
    total: Amount
    paid: Amount


async def correct(ctx: Ctx, sale_id: UUID, asked: CorrectIn) -> Sold:
    """Replace an invoiced sale by the one it should have been: all of the old one is credited and what was paid goes
    back by the same methods; the new one is sold with its own payments. Gives the new sale.

    Repeating the same body gives the first answer. NotFound, StepNotAllowed, SaleLocked, CorrectionNotPaid, and the
    errors of `sell`.
    """
    sale = await life.opened(ctx, sale_id, "sales:update")
    if sale["state"] == "reversed" and await _replaced_by(ctx, sale_id) == str(asked.sale.id):
        return await sell(ctx, asked.sale)
    return await _replace(ctx, sale, asked.sale, UndoIn(
        reason=asked.reason, register_session_id=asked.register_session_id
    ))  # fmt: skip


async def override(ctx: Ctx, sale_id: UUID, asked: OverrideIn) -> Stepped:
    """Change whatever must be changed of an unlocked sale, with the reason, old and new values audited.

    An incomplete sale is edited; an invoiced one is corrected, and what was paid on it is carried over to the new one
    unless told otherwise. NotFound, StepNotAllowed, SaleLocked, PaidAlready, CorrectionNotPaid, CustomerUnknown,
    SellerUnknown, and the errors of `sell`.
    """
    sale = await life.opened(ctx, sale_id, "sales:override")
    fields = {name: value for name, value in given(asked).items() if name not in ("reason", "payments")}
    if sale["state"] == "incomplete":
        await change(ctx, sale, fields, reason=asked.reason)
        return Stepped(await queries.show(ctx, sale_id))
    states.after("correct", sale)
    found = await queries.whole(ctx, sale_id)
    # The server cannot number for a device's register: the new sale is made at the branch's own.
    till = (await life.counter(ctx, AtRegister(), "invoice", sale["branch_id"])).till
    new = as_asked(found, {"business_date": None, **fields}, new_id())
    new = new.model_copy(update={"register_id": till.register_id})
    payments = asked.payments if "payments" in asked.model_fields_set else await _carried_over(ctx, new, found)
    new = new.model_copy(update={"payments": payments, "on_account": sale["due_on"] is not None})
    sold = await _replace(ctx, sale, new, UndoIn(reason=asked.reason))
    return Stepped(sold.shown)


async def _replace(ctx: Ctx, sale: Row, new: SaleIn, asked: UndoIn) -> Sold:
    states.after("correct", sale)
    await _hold(ctx, sale, new)
    await undo(ctx, sale, "correct", asked, noted={"replaced_by": new.id})
    sold = await sell(ctx, new)
    if sold.shown["state"] != "completed":
        raise CorrectionNotPaid(Amount(sold.shown["total"], ctx.currency), Amount(sold.shown["paid"], ctx.currency))
    return sold


async def _hold(ctx: Ctx, sale: Row, new: SaleIn) -> None:
    """Lock what two documents in one transaction will need, in the order in which every single one does: who will owe,
    the balances, then the series; the day's totals come after. Else a sale of the same goods could wait for this one
    and be waited for."""
    await hold_debtor(ctx, new)
    found = await queries.whole(ctx, sale["id"])
    await life.counter(ctx, AtRegister(), "credit_note", sale["branch_id"])
    till = (await life.counter(ctx, AtRegister(register_id=new.register_id), "invoice", sale["branch_id"])).till
    variants = {UUID(line["variant_id"]) for line in found.current_lines if line["variant_id"]}
    variants |= {UUID(each["variant_id"]) for line in found.current_lines for each in line["components"]}
    coming = {line.variant_id for line in new.lines if line.variant_id}
    variants |= coming | await component_ids(ctx, coming)
    await stock.hold(ctx, variants, {sale["location_id"], till.location_id})
    await issuing.hold(ctx, till.register_id, "invoice")


async def _replaced_by(ctx: Ctx, sale_id: UUID) -> str | None:
    found = await queries.whole(ctx, sale_id)
    replaced: str | None = found.steps[-1]["standing"].get("replaced_by")
    return replaced


async def _carried_over(ctx: Ctx, new: SaleIn, found: Whole) -> list[PaymentIn]:
    """Say what of the old sale's money pays the new one: up to its total, by the same methods."""
    facts = await gather(ctx, new)
    check_people(new, facts)
    total = price(ctx, new, facts, place_of_supply(new, facts), Disputes(ctx)).bill.total_minor
    paid_by = stored.paid_by_method(found.payments)
    shares = credit_rules.same_methods(paid_by, min(total, found.sale["paid_minor"]))
    return [PaymentIn.model_validate({"method": method, "amount": amount}) for method, amount in shares]
