"""To charge on top: a debit note adds an amount to what an invoice's customer owes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import refusing
from duka.platform.disputes import Disputes, note_disputes
from duka.platform.ids import check_made, new_id
from duka.platform.writes import Writes
from duka.sales.actions.give_back import BROKEN, NotCreditable, Noted
from duka.sales.facts import gather
from duka.sales.life import states
from duka.sales.life import steps as life
from duka.sales.life.schemas import DebitLineIn, DebitNoteIn, LooseLineIn
from duka.sales.notes import queries as note_queries
from duka.sales.notes import writing as notes
from duka.sales.notes.queries import OriginalUnknown
from duka.sales.notes.writing import Note, fresh_line
from duka.sales.pricing import PricedLine, price
from duka.sales.schemas import LineIn, SaleIn
from duka.shops import settings


async def charge(ctx: Ctx, invoice_id: UUID, asked: DebitNoteIn) -> Noted:
    """Add open items to what is owed on an invoice, with their tax, by a debit note.

    Repeating the same body gives the first answer. OriginalUnknown, NotCreditable for what is no invoice,
    StepNotAllowed, IdempotencyConflict, and the errors of `life`'s checks and `pricing.price`.
    """
    original = await note_queries.head(ctx, invoice_id)
    if original["sale_id"] is None:
        raise NotCreditable
    sale = await life.opened(ctx, original["sale_id"], "invoices:correct", missing=OriginalUnknown)
    if original["kind"] != "invoice":
        raise NotCreditable
    known = await note_queries.again(ctx, asked.id, "debit_note", invoice_id)
    if known is not None:
        return Noted(known, again=True)
    states.after("debit", sale)
    at = await life.counter(ctx, asked, "debit_note", sale["branch_id"])
    check_made(ctx, asked.id)
    disputes = Disputes(ctx)
    life.check_claims(ctx, asked, at, disputes)
    life.check_number(asked, asked.invoice, "invoice", at)
    lines = [_line(line) for line in asked.lines]
    asking = SaleIn(id=asked.id, register_id=at.till.register_id, business_date=at.till.business_date, lines=lines)
    priced = price(ctx, asking, await gather(ctx, asking), sale["place_of_supply"], disputes)
    note = Note(
        id=asked.id, kind="debit_note", sale_id=sale["id"], original_id=invoice_id, branch_id=at.till.branch_id,
        showroom_id=at.till.location_id, counter=at, bill=priced.bill, reason=asked.reason, issued=asked.invoice,
        place_of_supply=sale["place_of_supply"], customer_id=sale["customer_id"],
        lines=[
            fresh_line(sold_as(line), line.source.quantity, billed)
            for line, billed in zip(priced.lines, priced.bill.lines, strict=True)
        ],
    )  # fmt: skip
    writes = Writes(ctx)
    await notes.issue(ctx, writes, note)
    due_on = sale["due_on"] or at.till.business_date + timedelta(days=settings.of(ctx).credit_days)
    changes = {"debited_minor": sale["debited_minor"] + priced.bill.total_minor, "due_on": due_on}
    life.step(
        writes, sale, "debit", changes, invoice_id=invoice_id, reason=asked.reason, noted={"debit_note_id": note.id}
    )
    async with refusing(ctx, BROKEN):
        outcome = await life.send(writes)
    if not outcome.written:
        raise notes.refusal(outcome, note)
    note_disputes(ctx, "debit_note", asked.id, at.till.branch_id, disputes)
    await ctx.db.flush()
    return Noted(await note_queries.show(ctx, asked.id))


def sold_as(line: PricedLine) -> Mapping[str, Any]:
    """Name what a freshly priced line is, as a stored line of a sale does."""
    return {
        "variant_id": line.variant_id, "description": line.description, "unit": line.unit, "hsn": line.hsn,
        "unit_price_minor": line.unit_price_minor, "tax_included": line.tax_included,
        "unit_cost_minor": line.unit_cost_minor, "stocked": line.stocked,
        "components": [
            {
                "variant_id": each.variant_id, "description": each.description, "quantity_milli": each.quantity_milli,
                "unit_cost_minor": each.unit_cost_minor,
            }
            for each in line.components
        ],
    }  # fmt: skip


def line_like(line: DebitLineIn | LooseLineIn, *, variant_id: UUID | None, tax_class_id: UUID | None) -> LineIn:
    """Write a note's line as a sale's, to have it priced. Its quantity is in thousandths already, so nothing is read
    from the wire again."""
    return LineIn.model_construct(
        id=new_id(), variant_id=variant_id, item=line.item, quantity=line.quantity, price=line.price,
        tax_class_id=tax_class_id, tax_included=line.tax_included, discount=None, printed=None,
    )  # fmt: skip


def _line(line: DebitLineIn) -> LineIn:
    return line_like(line, variant_id=None, tax_class_id=None)
