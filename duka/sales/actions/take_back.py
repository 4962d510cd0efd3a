"""To take goods back whose receipt nobody has: a credit note that stands for itself."""

from dataclasses import replace

from duka.platform.context import Ctx
from duka.platform.db import refusing
from duka.platform.disputes import Disputes, note_disputes
from duka.platform.errors import DukaError
from duka.platform.ids import check_made
from duka.platform.money import Amount
from duka.platform.writes import Writes
from duka.sales import sets
from duka.sales.actions.charge import line_like, sold_as
from duka.sales.actions.give_back import BROKEN, Noted, check_methods, money_out
from duka.sales.facts import gather
from duka.sales.life import steps as life
from duka.sales.life.schemas import LooseCreditNoteIn, LooseLineIn
from duka.sales.life.steps import Counter
from duka.sales.notes import queries as note_queries
from duka.sales.notes import rules as credit_rules
from duka.sales.notes import writing as notes
from duka.sales.notes.returned import with_parts
from duka.sales.notes.rules import RefundNotRight
from duka.sales.notes.writing import Note, NoteLine, fresh_line
from duka.sales.pricing import ItemNotSold, Priced, price
from duka.sales.schemas import PaymentIn, SaleIn


class _TakenBack(Disputes):
    """What is no longer on sale may still come back."""

    def add(self, refusal: DukaError) -> None:
        if not isinstance(refusal, ItemNotSold):
            super().add(refusal)


async def give_back_without_receipt(ctx: Ctx, asked: LooseCreditNoteIn) -> Noted:
    """Take goods back and pay for them, without the invoice they were sold with; such notes are counted apart.

    Goods come in at the cost they have now. Repeating the same body gives the first answer. RefundNotRight unless
    exactly the note's total is paid out, MethodNotTaken, NoPlaceForDamaged, IdempotencyConflict, and the errors of
    `life`'s checks, `facts.gather` and `pricing.price` (another price than the one in force needs
    `sales:override`).
    """
    known = await note_queries.again(ctx, asked.id, "credit_note", None)
    if known is not None:
        return Noted(known, again=True)
    at = await life.counter(ctx, asked, "credit_note", None)
    check_made(ctx, asked.id)
    disputes = _TakenBack(ctx)
    life.check_claims(ctx, asked, at, disputes)
    life.check_number(asked, asked.invoice, "invoice", at)
    check_methods(ctx, asked.refunds, disputes)
    asking = _asking(asked, at)
    facts = await gather(ctx, asking)
    place = facts.till.state_code if facts.till.country == "IN" else None
    priced = price(ctx, asking, facts, place, disputes)
    total, given = priced.bill.total_minor, sum(refund.amount for refund in asked.refunds)
    if given != total:
        raise RefundNotRight(*(Amount(minor, ctx.currency) for minor in (total, total, given, total)))
    places = [place for place in (at.till.location_id, at.damaged_id) if place]
    lines = await with_parts(ctx, _lines(asked, priced), None, places, disputes)
    note = Note(
        id=asked.id, kind="credit_note", sale_id=None, original_id=None, branch_id=at.till.branch_id,
        showroom_id=at.till.location_id, counter=at, lines=lines, bill=priced.bill,
        reason=asked.reason, refunds=money_out(asked.refunds), issued=asked.invoice, place_of_supply=place,
        customer_id=asked.customer_id if facts.customer else None,
    )  # fmt: skip
    writes = Writes(ctx)
    await notes.issue(ctx, writes, note)
    async with refusing(ctx, BROKEN):
        outcome = await writes.send()
    if not outcome.written:
        raise notes.refusal(outcome, note)
    note_disputes(ctx, "credit_note", asked.id, at.till.branch_id, disputes)
    await ctx.db.flush()
    return Noted(await note_queries.show(ctx, asked.id))


def _asking(asked: LooseCreditNoteIn, at: Counter) -> SaleIn:
    """Write the note as the sale it undoes, so that it is priced, taxed and rounded like one."""
    lines = [line_like(line, variant_id=line.variant_id, tax_class_id=line.tax_class_id) for line in asked.lines]
    refunds = [PaymentIn(method=refund.method, amount=refund.amount) for refund in asked.refunds]
    return SaleIn(
        id=asked.id, register_id=at.till.register_id, business_date=at.till.business_date, lines=lines,
        payments=refunds, customer_id=asked.customer_id,
    )  # fmt: skip


def _lines(asked: LooseCreditNoteIn, priced: Priced) -> list[NoteLine]:
    return [
        _line(given, fresh_line(sold_as(line), line.source.quantity, billed))
        for given, line, billed in zip(asked.lines, priced.lines, priced.bill.lines, strict=True)
    ]


def _line(given: LooseLineIn, line: NoteLine) -> NoteLine:
    back = sets.give_back(line.sold["components"], line.quantity_milli, 0, line.quantity_milli)
    line = replace(line, components=back)
    if given.restock == "none" or not (line.sold["stocked"] or back):
        return line
    cost = credit_rules.cost_back(line.sold["unit_cost_minor"], 0, line.quantity_milli)
    if back:
        cost = sum(each.cost_minor for each in back)
    return replace(line, restock=given.restock, cost_back_minor=cost, serials=tuple(given.serials))
