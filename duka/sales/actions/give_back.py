"""To give back: goods return, or an amount is let off, and a credit note says so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.payments.actions import Money
from duka.platform.context import Ctx
from duka.platform.db import Refusals, refusing
from duka.platform.disputes import Disputes, note_disputes
from duka.platform.errors import Busy, DukaError, NotFound
from duka.platform.ids import check_made
from duka.platform.money import Amount
from duka.platform.writes import Writes
from duka.sales import queries, sets, stored
from duka.sales.actions.sell import IdTaken, MethodNotTaken
from duka.sales.life import states
from duka.sales.life import steps as life
from duka.sales.life.schemas import CreditLineIn, CreditNoteIn, RefundIn
from duka.sales.life.steps import Counter
from duka.sales.notes import queries as note_queries
from duka.sales.notes import rules as credit_rules
from duka.sales.notes import writing as notes
from duka.sales.notes.queries import Credited, OriginalUnknown
from duka.sales.notes.returned import with_parts
from duka.sales.notes.rules import RefundNotRight
from duka.sales.notes.writing import Note, NoteLine, fresh_line
from duka.sales.queries import Whole
from duka.sales.rules import credited
from duka.shops import settings

Row = Mapping[str, Any]

# A note that met its own repetition is found standing when it is sent again.
BROKEN: Final[Refusals] = {"pk_invoices": Busy, "pk_payments": lambda: IdTaken("payment")}


@dataclass(eq=False)
class ReturnWindowPassed(DukaError):
    """The invoice is older than the shop takes goods back."""

    text: ClassVar[str] = "Goods are taken back for {window_days} days; this was bought {days} days ago."
    window_days: int
    days: int


@dataclass(eq=False)
class NothingLeftToCredit(DukaError):
    """Everything of the document was credited before."""

    text: ClassVar[str] = "Everything of this document is credited already."
    damaged: ClassVar[bool] = True


@dataclass(eq=False)
class NotCreditable(DukaError):
    """A credit note takes back an invoice or a debit note, not another credit note."""

    text: ClassVar[str] = "Only an invoice or a debit note can be credited."
    damaged: ClassVar[bool] = True


@dataclass(eq=False)
class LineUnknown(NotFound):
    """The document that is credited has no such line."""

    damaged: ClassVar[bool] = True
    what: str = "line of this sale"


@dataclass(frozen=True, slots=True)
class Noted:
    """A note as answered: `shown` is `life_schemas.NoteOut`, `again` says that it stood already."""

    shown: Mapping[str, Any]
    again: bool = False


async def give_back(ctx: Ctx, invoice_id: UUID, asked: CreditNoteIn) -> Noted:
    """Give a credit note against an invoice or a debit note: goods come back, money is paid back or less is owed.

    Repeating the same body gives the first answer. OriginalUnknown, LineUnknown, NotCreditable, StepNotAllowed,
    CreditTooLarge for more of a line than is left, CreditTooSmall, NothingLeftToCredit, RefundNotRight,
    NoPlaceForDamaged, IdempotencyConflict, and the errors of `life`'s checks. ReturnWindowPassed and MethodNotTaken,
    which become exceptions of a recorded note.
    """
    original = await note_queries.head(ctx, invoice_id)
    if original["sale_id"] is None:
        raise NotCreditable
    sale = await life.opened(ctx, original["sale_id"], "invoices:correct", missing=OriginalUnknown)
    known = await note_queries.again(ctx, asked.id, "credit_note", invoice_id)
    if known is not None:
        return Noted(known, again=True)
    states.after("credit", sale)
    at = await life.counter(ctx, asked, "credit_note", sale["branch_id"])
    check_made(ctx, asked.id)
    disputes = Disputes(ctx)
    life.check_claims(ctx, asked, at, disputes)
    life.check_number(asked, asked.invoice, "invoice", at)
    days, window = note_queries.days_since(original, at.till.business_date), settings.of(ctx).return_window_days
    if days > window and not ctx.may("sales:override"):
        disputes.add(ReturnWindowPassed(window, days))
    check_methods(ctx, asked.refunds or (), disputes)
    await credit(
        ctx, sale, original, asked, at, branch_id=at.till.branch_id, showroom_id=at.till.location_id, disputes=disputes
    )
    note_disputes(ctx, "credit_note", asked.id, at.till.branch_id, disputes)
    await ctx.db.flush()
    return Noted(await note_queries.show(ctx, asked.id))


def check_methods(ctx: Ctx, refunds: Sequence[RefundIn], disputes: Disputes) -> None:
    """Dispute methods that the shop does not use."""
    for refund in refunds:
        if refund.method not in settings.of(ctx).payment_methods:
            disputes.add(MethodNotTaken(refund.method))


def money_out(refunds: Sequence[RefundIn]) -> list[Money]:
    """Read what is paid back; nobody hands over more than counts."""
    return [Money(each.id, each.method, each.amount, each.amount, each.reference) for each in refunds]


async def credit(
    ctx: Ctx, sale: Row, original: Row, asked: CreditNoteIn, at: Counter, *, branch_id: UUID, showroom_id: UUID,
    disputes: Disputes,
) -> dict[str, Any]:  # fmt: skip
    """Write a credit note against a locked sale, and the step it is in the sale's life. Gives the sale's new row.
    Disputes: those of `returned.with_parts`."""
    found = await queries.whole(ctx, sale["id"])
    before = await note_queries.credited(ctx, original)
    if original["kind"] == "invoice":
        lines = list(_of_sale(found.current_lines, asked, before))
    elif original["kind"] == "debit_note":
        lines = _of_debit_note(await note_queries.lines(ctx, original["id"]), asked, before)
    else:
        raise NotCreditable
    if not lines:
        raise NothingLeftToCredit
    places = [place for place in (showroom_id, at.damaged_id) if place]
    lines = await with_parts(ctx, lines, sale["id"], places, disputes)
    paid_by = stored.paid_by_method(found.payments)
    coin = _coin(ctx, asked.refunds, paid_by)
    bill = credit_rules.credit_bill([line.billed for line in lines], before.original, cash_rounding_minor=coin)
    refunds = _refunds(sale, asked.refunds, bill.total_minor, paid_by)
    note = Note(
        id=asked.id, kind="credit_note", sale_id=sale["id"], original_id=original["id"], branch_id=branch_id,
        showroom_id=showroom_id, counter=at, lines=lines, bill=bill, reason=asked.reason, refunds=refunds,
        issued=asked.invoice, place_of_supply=sale["place_of_supply"],
        customer_id=sale["customer_id"],
    )  # fmt: skip
    writes = Writes(ctx)
    await notes.issue(ctx, writes, note)
    changes = {
        "credited_minor": sale["credited_minor"] + bill.total_minor,
        "paid_minor": sale["paid_minor"] - sum(each.amount_minor for each in refunds),
    }  # fmt: skip
    noted = {"credit_note_id": note.id, "payment_ids": [each.id for each in refunds]}
    invoice_id = found.invoice["id"] if found.invoice else None
    now = life.step(writes, sale, "credit", changes, invoice_id=invoice_id, reason=asked.reason, noted=noted)
    async with refusing(ctx, BROKEN):
        outcome = await life.send(writes)
    if not outcome.written:
        raise notes.refusal(outcome, note)
    return now


async def is_open(ctx: Ctx, found: Whole, original: Row) -> bool:
    """Say whether anything of an invoice or debit note is left to credit."""
    before = await note_queries.credited(ctx, original)
    if original["kind"] != "invoice":
        return before.notes == 0
    return any(
        before.by_line_milli.get(UUID(line["id"]), 0) < line["quantity_milli"] for line in found.current_lines
    )


def _of_sale(lines: Sequence[Row], asked: CreditNoteIn, before: Credited) -> Iterator[NoteLine]:
    """Work out the lines asked for, or all that is left of each. A line may be named twice, for two places."""
    by_id = {UUID(line["id"]): line for line in lines}
    credited_milli = dict(before.by_line_milli)
    for wanted in asked.lines or _left(by_id, asked, credited_milli):
        line = by_id.get(wanted.sale_line_id)
        if line is None:
            raise LineUnknown
        already = credited_milli.get(wanted.sale_line_id, 0)
        part = credited(stored.billed(line), line["quantity_milli"], already, wanted.quantity)
        credited_milli[wanted.sale_line_id] = already + wanted.quantity
        back = sets.give_back(line["components"], line["quantity_milli"], already, wanted.quantity)
        restock = wanted.restock if line["stocked"] or back else "none"
        cost = credit_rules.cost_back(line["unit_cost_minor"], already, wanted.quantity)
        if line["components"]:
            cost = sum(each.cost_minor for each in back)
        yield fresh_line(
            line, wanted.quantity, part, sale_line_id=wanted.sale_line_id, restock=restock,
            cost_back_minor=0 if restock == "none" else cost, serials=tuple(wanted.serials), components=back,
        )  # fmt: skip


def _left(by_id: Mapping[UUID, Row], asked: CreditNoteIn, credited_milli: Mapping[UUID, int]) -> list[CreditLineIn]:
    left = {line_id: line["quantity_milli"] - credited_milli.get(line_id, 0) for line_id, line in by_id.items()}
    return [
        CreditLineIn.model_construct(sale_line_id=line_id, quantity=milli, restock=asked.restock)
        for line_id, milli in left.items()
        if milli
    ]


def _of_debit_note(lines: Sequence[Row], asked: CreditNoteIn, before: Credited) -> list[NoteLine]:
    if asked.lines:
        raise LineUnknown
    if before.notes:
        return []
    return [fresh_line(_debited(line), line["quantity_milli"], stored.billed_note(line)) for line in lines]


def _debited(line: Row) -> dict[str, Any]:
    included = stored.billed_note(line).gross_before_minor == line["total_minor"]
    return {**line, "tax_included": included, "stocked": False, "components": []}


def _coin(ctx: Ctx, refunds: Sequence[RefundIn] | None, paid_by: Mapping[str, int]) -> int:
    # As for a sale: only what is paid in cash alone is rounded to the smallest coin.
    methods = [m for m, net in paid_by.items() if net > 0] if refunds is None else [each.method for each in refunds]
    cash_only = bool(methods) and all(method == "cash" for method in methods)
    return settings.of(ctx).cash_rounding_minor if cash_only else 1


def _refunds(
    sale: Row, asked: Sequence[RefundIn] | None, total_minor: int, paid_by: Mapping[str, int]
) -> Sequence[Money]:
    paid = sale["paid_minor"]
    owed = sale["total_minor"] + sale["debited_minor"] - sale["credited_minor"] - paid
    least, most = credit_rules.refund_limits(total_minor, owed, paid)
    if asked is None:
        shares = credit_rules.same_methods(paid_by, least)
        return money_out([RefundIn.model_validate({"method": method, "amount": amount}) for method, amount in shares])
    given = sum(refund.amount for refund in asked)
    if not least <= given <= most:
        raise RefundNotRight(*(Amount(minor, sale["currency"]) for minor in (least, most, given, total_minor)))
    return money_out(asked)
