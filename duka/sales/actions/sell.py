"""To sell: the most important thing Duka does.

Three statements after the shop is set: one asks everything (`facts.gather`), one writes everything (`Writes`), and
the commit. Every branch is here; the leaves it calls each write their own rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.ledger import actions as ledger
from duka.payments import actions as payments
from duka.payments.actions import Desk, Money
from duka.payments.rules import Tender, count
from duka.platform import audit, errors, events
from duka.platform.context import Ctx
from duka.platform.db import Refusals, refusing
from duka.platform.disputes import Disputes, note_disputes
from duka.platform.errors import Busy, DukaError, IdempotencyConflict
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.money import Amount
from duka.platform.writes import Outcome, Writes
from duka.sales import books, claims, present, rows
from duka.sales.carts import keeping
from duka.sales.checks import NumberRequired, check, check_register
from duka.sales.drafts import Draft
from duka.sales.events import CREATED, SUBMITTED
from duka.sales.facts import Facts, RegisterNotUsable, gather
from duka.sales.invoices import document as invoicing
from duka.sales.invoices import issuing
from duka.sales.invoices.issuing import Document
from duka.sales.models import Sale, SaleLine, SaleParty, SaleStep, SoldComponent
from duka.sales.pricing import Priced, price
from duka.sales.queries import first_state, stands
from duka.sales.schemas import SaleIn
from duka.shops import settings
from duka.stock import actions as stock
from duka.stock.actions import Source
from duka.stock.choosing import Parts, Wanted


@dataclass(eq=False)
class MethodNotTaken(DukaError):
    """The shop does not take this method of payment."""

    text: ClassVar[str] = "This shop does not take {method}."
    method: str


@dataclass(eq=False)
class OnAccountNotAllowed(DukaError):
    """Selling on account needs the shop's policy `on_account` and a registered customer."""

    text: ClassVar[str] = "This sale cannot be put on account: {reason}."
    reason: str


@dataclass(eq=False)
class CreditLimitReached(DukaError):
    """The customer would owe more than their limit."""

    text: ClassVar[str] = "The customer may owe {limit} at most and would owe {would_owe}."
    limit: Amount
    would_owe: Amount


@dataclass(eq=False)
class IdTaken(errors.IdTaken):
    """A line or payment of another document has the id of one of these."""

    text: ClassVar[str] = "The id of a {what} belongs to another document. Nothing was stored."
    damaged: ClassVar[bool] = True
    what: str


@dataclass(eq=False)
class ExternalRefTaken(DukaError):
    """Another sale of the shop has this reference."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "Another sale has the reference {external_ref} already."
    external_ref: str


@dataclass(eq=False)
class SetAside(DukaError):
    """The very same bytes came before and were set aside as damaged."""

    text: ClassVar[str] = "This document was set aside before: {reason}."
    damaged: ClassVar[bool] = True
    reason: str


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale as answered: `shown` is `schemas.SaleOut`, `again` says that it stood already."""

    shown: Mapping[str, Any]
    at: datetime
    again: bool = False


async def sell(ctx: Ctx, sale: SaleIn) -> Sold:
    """Make a sale: complete with its invoice when it is paid or put on account, else incomplete.

    Repeating the same body gives the first answer; another body under the same id is an IdempotencyConflict.
    Refuses with the errors of `facts.gather`, `checks.check`, `pricing.price`, `payments.rules.count`, `claims`,
    `stock.pick`, and OutOfStock, SessionClosed, MethodNotTaken, OnAccountNotAllowed, CreditLimitReached, IdTaken,
    ExternalRefTaken. When recorded, whatever is not `damaged` becomes an exception of the sale instead.
    """
    check_register(ctx, sale.register_id)
    facts = await gather(ctx, sale, repeatable=True)
    if facts.existing is not None:
        return await _again(ctx, sale.id)
    if facts.set_aside is not None:
        raise SetAside(facts.set_aside)
    if facts.session_closed and not ctx.recording:
        raise payments.SessionClosed
    disputes = Disputes(ctx)
    check(ctx, sale, facts, disputes)
    place = place_of_supply(sale, facts)
    priced = price(ctx, sale, facts, place, disputes)
    draft = _decide(ctx, sale, facts, priced, place, disputes)
    wanted = rows.wanted(draft) if draft.completed else ()
    if wanted or sale.reserved_for:
        draft = replace(draft, promised=await _hold_goods(ctx, draft, wanted))
    if wanted:
        if await stands(ctx, sale.id):  # sold by a repetition that this one waited for
            return await _again(ctx, sale.id)
        draft = replace(draft, parts=await _pick(ctx, draft, wanted, disputes))
    written = await _write(ctx, draft)
    if not written.outcome.written:
        if await stands(ctx, sale.id):
            return await _again(ctx, sale.id)
        refusal = _refusal(written.outcome, draft)
        disputes.add(refusal)
        assert isinstance(refusal, ExternalRefTaken), refusal
        draft = replace(draft, sale=sale.model_copy(update={"external_ref": None}))
        written = await _write(ctx, draft)
    short = written.outcome.results.get("stock_short")
    if short:  # sold though the books say that less is there
        disputes.append(stock.refuse_short(short, _names(draft)))
    exceptions = note_disputes(ctx, "sale", sale.id, facts.till.branch_id, disputes)
    return Sold(_shown(ctx, draft, written, exceptions), ctx.now)


async def _hold_goods(ctx: Ctx, draft: Draft, wanted: Sequence[Wanted]) -> bool:
    """Lock goods before the statement that writes the sale, and take what is put aside for it; say whether there was
    any. The year's series is begun before: whoever begins one makes the others wait, and they may hold goods by then.
    """
    till, lines = draft.facts.till, draft.priced.lines
    leaving = {line.variant_id for line in lines if line.stocked and line.variant_id}
    leaving |= {each.variant_id for line in lines for each in line.components}
    if draft.completed:
        await issuing.series_of(ctx, till.register_id, "invoice", till.business_date, draft.facts.series)
    promised = draft.sale.reserved_for is not None and await stock.take(
        ctx, draft.sale.reserved_for, till.location_id, leaving, of_sale=False
    )
    if wanted:
        # All of them, in their order: whoever locks a part first and the rest later waits in a circle with others.
        await stock.hold(ctx, leaving, [till.location_id])
    return promised


async def _pick(ctx: Ctx, draft: Draft, wanted: Sequence[Wanted], disputes: Disputes) -> Mapping[UUID, Parts]:
    """Say which units and batches leave. What expires is judged by the day of the sale, not of its arrival."""
    till = draft.facts.till
    picked = await stock.pick(ctx, wanted, till.location_id, till.business_date)
    for trouble in picked.troubles:
        disputes.add(trouble)
    return picked.parts


def place_of_supply(sale: SaleIn, facts: Facts) -> str | None:
    """Say in which state a sale is taxed, where that matters (India): as told, as known of the buyer, else here."""
    if facts.till.country != "IN":
        return None
    told = sale.customer.state_code if sale.customer else None
    known = facts.customer["state_code"] if facts.customer else None
    return sale.place_of_supply or told or known or facts.till.state_code


def _decide(
    ctx: Ctx, sale: SaleIn, facts: Facts, priced: Priced, place: str | None, disputes: Disputes
) -> Draft:
    total = priced.bill.total_minor
    rules = settings.of(ctx)
    for payment in sale.payments:
        if payment.method not in rules.payment_methods:
            disputes.add(MethodNotTaken(payment.method))
    counted = count([Tender(payment.method, payment.amount) for payment in sale.payments], total)
    money = [
        Money(payment.id, payment.method, amount, payment.amount, payment.reference)
        for payment, amount in zip(sale.payments, counted, strict=True)
    ]
    owed = total - sum(counted)
    on_account = owed > 0 and (sale.on_account or sale.invoice is not None)
    if on_account:
        _check_account(ctx, sale, facts, owed, disputes)
    completed = owed == 0 or on_account
    if not facts.till.numbered_here:
        _require_number(sale, completed=completed)
    due_on = facts.till.business_date + timedelta(days=rules.credit_days) if on_account else None
    invoice_id = (sale.invoice and sale.invoice.id) or new_id()
    return Draft(sale, facts, priced, money, completed, due_on, place, invoice_id if completed else None)


def _check_account(ctx: Ctx, sale: SaleIn, facts: Facts, owed: int, disputes: Disputes) -> None:
    if settings.of(ctx).payment_policy != "on_account":
        disputes.add(OnAccountNotAllowed("the shop wants all sales paid in full"))
    elif facts.customer is None:
        disputes.add(OnAccountNotAllowed("name a registered customer"))
    elif (would_owe := facts.owed_minor + owed) > (limit := facts.customer["credit_limit_minor"]):
        disputes.add(CreditLimitReached(Amount(limit, ctx.currency), Amount(would_owe, ctx.currency)))


def _require_number(sale: SaleIn, *, completed: bool) -> None:
    if completed and sale.invoice is None:
        raise NumberRequired("invoice")
    if not completed and sale.number is None:
        raise NumberRequired("number")


_BROKEN: Final[Refusals] = {
    "pk_invoices": lambda: IdTaken("invoice"),
    "pk_sale_lines": lambda: IdTaken("line"), "pk_payments": lambda: IdTaken("payment"),
    # Deleted while the sale was being made: asked again, it is refused or recorded as unknown.
    "fk_sale_lines_variant_id": Busy, "fk_sale_lines_tax_class_id": Busy, "fk_sales_customer_id": Busy,
    "fk_sales_staff_id": Busy,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """What was sent to be written, and what came of it."""

    sale: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    party: Mapping[str, Any] | None
    document: Document | None
    outcome: Outcome


async def _write(ctx: Ctx, draft: Draft) -> Written:
    sale, till = draft.sale, draft.facts.till
    row, lines, party = rows.sale_row(ctx, draft), rows.line_rows(draft), rows.party_row(ctx, draft)
    writes = Writes(ctx)
    if draft.completed:
        source = Source("sale", sale.id, till.business_date, row["staff_id"])
        below_zero = ctx.recording or settings.of(ctx).negative_stock
        stock.issue(writes, rows.goods(draft, lines), source, till.location_id, below_zero=below_zero)
    else:
        keeping.keep_sale(writes, sale.id, rows.goods(draft, lines), till.location_id, promised=draft.promised)
    document = await _number(ctx, writes, draft, row, lines)
    components = rows.component_rows(draft, lines)
    writes.insert(SaleLine, lines)
    writes.insert(SoldComponent, components)
    writes.insert(SaleParty, [party] if party else [])
    standing = rows.standing(row, draft.invoice_id)
    writes.insert(
        SaleStep, [rows.step(ctx, sale.id, "sell", None, row["state"], standing)],
        computed={"standing": "r.standing || jsonb_build_object('number', first.number)"},
    )  # fmt: skip
    desk = Desk(till.branch_id, till.session_id, row["staff_id"], till.business_date)
    payments.receive(writes, draft.money, desk, source="sale", source_id=sale.id)
    entries = books.sold(draft.priced, draft.money) if draft.completed else books.deposited(draft.money)
    ledger.post(writes, entries, source="sale", source_id=sale.id, business_date=till.business_date)
    approval = {"approved_by": str(sale.approved_by)} if draft.facts.approver else None
    writes.insert(AuditEntry, [audit.entry(ctx, "sell", "sale", sale.id, after=approval)])
    facts = {"state": row["state"], "branch_id": str(till.branch_id), "total_minor": row["total_minor"]}
    told = [events.entry(ctx, CREATED, sale.id, facts)]
    if row["review"]:
        told.append(events.entry(ctx, SUBMITTED, sale.id, {"branch_id": str(till.branch_id)}))
    writes.insert(OutboxEvent, told)
    if draft.completed:
        rows.count_day(writes, draft)
    async with refusing(ctx, _BROKEN):
        return Written(row, rows.with_components(lines, components), party, document, await writes.send())


async def _number(
    ctx: Ctx, writes: Writes, draft: Draft, row: dict[str, Any], lines: Sequence[Mapping[str, Any]]
) -> Document | None:
    """Give the sale its number and, when it is complete, its invoice; the sale's own row is written with it."""
    till, issued = draft.facts.till, draft.sale.invoice
    if not draft.completed:
        if till.numbered_here:
            rows.number_incomplete(writes, till.register_id)
            number, reads = {"number": "register_locked.number"}, ("register_locked",)
            writes.first(Sale, row, computed=number, reads=reads, gives="id, number")
        else:
            writes.first(Sale, row | {"number": draft.sale.number}, gives="id, number")
        return None
    document = _document(ctx, draft, row, lines)
    series = await issuing.series_of(ctx, till.register_id, "invoice", till.business_date, draft.facts.series)
    if till.numbered_here:
        issuing.issue_here(writes, document, series, after="stock_locked" if rows.goods(draft, lines) else None)
        number, reads = {"number": "series_locked.number"}, ("series_locked",)
        writes.first(Sale, row, computed=number, reads=reads, gives="id, number")
    else:
        assert issued
        if all(row["id"] != str(series.id) for row in draft.facts.series):  # the others were held when asked for
            await issuing.hold(ctx, till.register_id, "invoice")
        issuing.store_issued(writes, document, series, issued)
        writes.first(Sale, row | {"number": issuing.number_of(issued)}, gives="id, number")
    return document


def _document(ctx: Ctx, draft: Draft, row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Document:
    assert draft.invoice_id
    bill, till = draft.priced.bill, draft.facts.till
    issued_at = draft.sale.invoice.issued_at if draft.sale.invoice else ctx.now
    canonical = invoicing.canonical(
        kind="invoice", sale_id=draft.sale.id, business_date=till.business_date, issued_at=issued_at,
        currency=ctx.currency, bill=bill, place_of_supply=draft.place_of_supply,
        lines=[
            # A variant that was deleted since stays on the paper, and so in what was hashed.
            invoicing.canonical_line(billed, {**row_of, "variant_id": line.source.variant_id})
            for billed, row_of, line in zip(bill.lines, lines, draft.priced.lines, strict=True)
        ],
    )  # fmt: skip
    return Document(
        id=draft.invoice_id, kind="invoice", sale_id=draft.sale.id, original_id=None, branch_id=till.branch_id,
        staff_id=row["staff_id"], currency=ctx.currency, net_minor=bill.net_minor, tax_minor=bill.tax_minor,
        rounding_minor=bill.rounding_minor, total_minor=bill.total_minor, reason=None, canonical=canonical,
        business_date=till.business_date, issued_at=issued_at,
    )  # fmt: skip


def _names(draft: Draft) -> dict[UUID, str]:
    """Name the components of a sale's sets: one that is short stands on no line."""
    return {each.variant_id: each.description for line in draft.priced.lines for each in line.components}


def _refusal(outcome: Outcome, draft: Draft) -> DukaError:
    if "stock_enough" in outcome.failed:
        return stock.refuse_short(outcome.results["stock_short"], _names(draft))
    claimed = claims.refusal(outcome, draft.sale.invoice) if draft.sale.invoice else None
    if claimed is not None:
        return claimed
    if outcome.existed:  # the sale's own row met another one, but not one of its id
        return ExternalRefTaken(draft.sale.external_ref or "")
    assert "series_open" in outcome.failed, outcome.failed
    return RegisterNotUsable("its number series is closed")


async def _again(ctx: Ctx, sale_id: UUID) -> Sold:
    """Answer a sale that stands already: the first answer for the same body, a conflict for another."""
    shown, at, stored_hash = await first_state(ctx, sale_id)
    if stored_hash != ctx.body_hash.hex():
        raise IdempotencyConflict
    return Sold(shown, at, again=True)


def _shown(ctx: Ctx, draft: Draft, written: Written, exceptions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    issued = draft.sale.invoice
    results = written.outcome.results
    document = written.document
    invoice = None
    number = draft.sale.number
    if document is not None:
        told = results["issued"] if issued is None else {
            "number": issuing.number_of(issued), "previous": issued.previous_hash, "hash": issued.hash,
        }  # fmt: skip
        number = told["number"]
        invoice = {
            "id": document.id, "kind": document.kind, "number": number, "total_minor": document.total_minor,
            "issued_at": document.issued_at, "previous_hash": told["previous"], "hash": told["hash"],
        }  # fmt: skip
    elif number is None:
        number = results["incomplete_number"]
    money = [
        {
            "id": each.id, "direction": "in", "method": each.method, "amount_minor": each.amount_minor,
            "tendered_minor": each.tendered_minor, "reference": each.reference, "at": ctx.now,
        }
        for each in sorted(draft.money, key=lambda each: each.id)
    ]  # fmt: skip
    row = {**written.sale, "number": number, "locked_at": None}
    return present.sale(ctx, row, written.lines, money, invoice, written.party, exceptions)
