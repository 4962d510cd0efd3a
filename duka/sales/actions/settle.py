"""To settle: money is paid toward a sale that stands; paid in full, an incomplete sale completes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from duka.catalog.queries import ask_prices
from duka.ledger import actions as ledger
from duka.payments import actions as payments
from duka.payments.actions import Desk, Money
from duka.payments.rules import Tender, count
from duka.platform.context import Ctx
from duka.platform.db import refusing
from duka.platform.disputes import Disputes, note_disputes
from duka.platform.errors import DukaError, IdempotencyConflict, NotFound
from duka.platform.ids import new_id
from duka.platform.reads import Reads
from duka.platform.writes import Outcome, Writes
from duka.sales import books, claims, queries, rows, sets, stored
from duka.sales.actions.give_back import BROKEN
from duka.sales.actions.sell import MethodNotTaken
from duka.sales.carts import keeping
from duka.sales.checks import check_payment_ids
from duka.sales.facts import RegisterNotUsable
from duka.sales.invoices import document as invoicing
from duka.sales.invoices import issuing
from duka.sales.invoices.issuing import Document
from duka.sales.life import states
from duka.sales.life import steps as life
from duka.sales.life.schemas import SettleIn
from duka.sales.life.steps import Counter, Stepped
from duka.sales.notes import queries as note_queries
from duka.sales.notes.queries import OriginalUnknown
from duka.sales.queries import Whole
from duka.sales.rules import Bill, cash_rounding
from duka.shops import settings
from duka.stock import actions as stock
from duka.stock.actions import Goods, Source
from duka.stock.actions.parting import TRACKED
from duka.stock.choosing import Named, Wanted
from duka.stock.units.schemas import read

Row = Mapping[str, Any]


async def settle_invoice(ctx: Ctx, invoice_id: UUID, asked: SettleIn) -> Stepped:
    """Take money toward what is owed on an invoice or a debit note. OriginalUnknown, and the errors of `settle`."""
    document = await note_queries.head(ctx, invoice_id)
    if document["kind"] == "credit_note":
        raise OriginalUnknown
    return await settle(ctx, document["sale_id"], asked, missing=OriginalUnknown)


async def settle(
    ctx: Ctx, sale_id: UUID, asked: SettleIn, *, missing: type[NotFound] | None = None
) -> Stepped:
    """Take money toward a sale. What is paid on an incomplete sale is a deposit, until it is paid in full: then stock
    leaves, the invoice is issued and the deposits become payment.

    The same payments again get the first answer; one of their ids with other content is an IdempotencyConflict.
    NotFound, StepNotAllowed, Overpaid (cash gives change), OutOfStock, IdTaken, and the errors of `life`'s checks and
    `claims`. MethodNotTaken, which becomes an exception when recorded.
    """
    sale = await life.opened(ctx, sale_id, "payments:take", missing=missing)
    found = await queries.whole(ctx, sale_id)
    known = _step_of(found, asked)
    if known is not None:
        return Stepped(queries.state_after(ctx, found, known), again=True)
    check_payment_ids(ctx, asked.payments)
    states.after("pay", sale)
    at = await life.counter(ctx, asked, "invoice", sale["branch_id"])
    disputes = Disputes(ctx)
    life.check_claims(ctx, asked, at, disputes)
    for payment in asked.payments:
        if payment.method not in settings.of(ctx).payment_methods:
            disputes.add(MethodNotTaken(payment.method))
    bill = _bill(ctx, sale, found, asked)
    due = bill.total_minor + sale["debited_minor"] - sale["credited_minor"] - sale["paid_minor"]
    money = _count(asked, due)
    completes = sale["state"] == "incomplete" and sum(each.amount_minor for each in money) == due
    life.check_number(asked, asked.invoice, "invoice", at, needed=completes)
    if completes:
        goods = await _goods(ctx, sale, found.current_lines, at, disputes)
        short = await _complete(ctx, sale, found, asked, at, bill, money, goods)
        if short:  # handed over though the books say that less is there
            disputes.append(stock.refuse_short(short, _names(found.current_lines)))
    else:
        await _pay(ctx, sale, found, at, bill, money)
    note_disputes(ctx, "sale", sale_id, at.till.branch_id, disputes)
    await ctx.db.flush()
    return Stepped(await queries.show(ctx, sale_id))


def _step_of(found: Whole, asked: SettleIn) -> Row | None:
    """Find the step that took the same payments before. IdempotencyConflict where they were other ones."""
    wanted = {str(each.id): (each.method, each.amount, each.reference) for each in asked.payments}
    stands = {
        row["id"]: (row["method"], row["tendered_minor"], row["reference"])
        for row in found.payments
        if row["id"] in wanted
    }
    if not stands:
        return None
    for step in found.steps:
        if set(step["standing"].get("payment_ids", ())) == wanted.keys() and stands == wanted:
            return step
    raise IdempotencyConflict


def _bill(ctx: Ctx, sale: Row, found: Whole, asked: SettleIn) -> Bill:
    """Give the sale's bill. Until it has an invoice, its cash rounding follows how it is paid: in cash alone or not."""
    bill = stored.bill(sale, found.current_lines)
    if sale["state"] != "incomplete":
        return bill
    methods = {each["method"] for each in found.payments} | {each.method for each in asked.payments}
    exact = bill.net_minor + bill.tax_minor
    rounding = cash_rounding(exact, settings.of(ctx).cash_rounding_minor if methods == {"cash"} else 1)
    return replace(bill, rounding_minor=rounding, total_minor=exact + rounding)


def _count(asked: SettleIn, due_minor: int) -> list[Money]:
    counted = count([Tender(each.method, each.amount) for each in asked.payments], due_minor)
    return [
        Money(each.id, each.method, amount, each.amount, each.reference)
        for each, amount in zip(asked.payments, counted, strict=True)
    ]


async def _pay(ctx: Ctx, sale: Row, found: Whole, at: Counter, bill: Bill, money: Sequence[Money]) -> None:
    """Write money toward an invoice, or a deposit on a sale that has none yet."""
    writes = Writes(ctx)
    deposit = sale["state"] == "incomplete"
    _receive(writes, sale, at, money, books.deposited(money) if deposit else books.paid(money))
    invoice_id = found.invoice["id"] if found.invoice else None
    life.step(
        writes, sale, "pay", _paid(sale, bill, money), invoice_id=invoice_id,
        noted={"payment_ids": [each.id for each in money]},
    )  # fmt: skip
    async with refusing(ctx, BROKEN):
        await life.send(writes)


async def _complete(
    ctx: Ctx, sale: Row, found: Whole, asked: SettleIn, at: Counter, bill: Bill, money: Sequence[Money],
    goods: Sequence[Goods],
) -> list[dict[str, Any]]:
    """Write the payment that completes a sale, with all that completing means. Gives what was short in stock though it
    was handed over."""
    till, lines = at.till, found.current_lines
    if till.branch_id != sale["branch_id"]:
        raise RegisterNotUsable("the sale was made in another branch")
    writes = Writes(ctx)
    source = Source("sale", sale["id"], till.business_date, sale["staff_id"])
    below_zero = ctx.recording or settings.of(ctx).negative_stock
    stock.issue(writes, goods, source, sale["location_id"], below_zero=below_zero)
    document = _document(ctx, sale, lines, bill, asked, at)
    changes = _paid(sale, bill, money) | {
        "business_date": till.business_date, "register_session_id": till.session_id,
        "review": "submitted" if settings.of(ctx).review_sales else None,
    }  # fmt: skip
    if asked.invoice is None:
        issuing.issue_here(writes, document, at.series, after=None)
    else:
        await issuing.hold(ctx, till.register_id, "invoice")
        issuing.store_issued(writes, document, at.series, asked.invoice)
        changes["number"] = issuing.number_of(asked.invoice)
    entries = [
        *books.owed(bill, sale["cost_minor"]), *books.paid(money), *books.deposits_used(sale["paid_minor"]),
    ]  # fmt: skip
    _receive(writes, sale, at, money, entries)
    life.step(
        writes, sale, "complete", changes, invoice_id=document.id, numbered=asked.invoice is None,
        noted={"payment_ids": [each.id for each in money]},
    )  # fmt: skip
    rows.add_to_day(writes, {
        "branch_id": sale["branch_id"], "business_date": till.business_date, "sales": 1,
        "discount_minor": bill.discount_minor, "net_minor": bill.net_minor, "tax_minor": bill.tax_minor,
        "rounding_minor": bill.rounding_minor, "total_minor": bill.total_minor, "cost_minor": sale["cost_minor"],
        "credit_notes": 0, "credited_minor": 0,
    })  # fmt: skip
    async with refusing(ctx, BROKEN):
        outcome = await life.send(writes)
    if not outcome.written:
        raise _refusal(outcome, asked, lines)
    return outcome.results.get("stock_short") or []


def _paid(sale: Row, bill: Bill, money: Sequence[Money]) -> dict[str, Any]:
    return {
        "paid_minor": sale["paid_minor"] + sum(each.amount_minor for each in money),
        "rounding_minor": bill.rounding_minor, "total_minor": bill.total_minor,
    }  # fmt: skip


def _receive(writes: Writes, sale: Row, at: Counter, money: Sequence[Money], entries: Sequence[ledger.Entry]) -> None:
    till = at.till
    desk = Desk(till.branch_id, till.session_id, at.staff_id, till.business_date)
    payments.receive(writes, money, desk, source="sale", source_id=sale["id"])
    ledger.post(writes, entries, source="sale", source_id=sale["id"], business_date=till.business_date)


async def _goods(ctx: Ctx, sale: Row, lines: Sequence[Row], at: Counter, disputes: Disputes) -> list[Goods]:
    """Name what leaves the stock, with each variant's warning level as it is now, and which units and batches leave: of
    a set what it was made of when the sale was made. Disputes: what of those is not as the sale names it."""
    rows_of = {
        UUID(line["id"]): line["components"] or [line] for line in lines if line["stocked"] or line["components"]
    }
    moving = [row for rows_of_line in rows_of.values() for row in rows_of_line]
    if not moving:
        return []
    leaving = {UUID(row["variant_id"]) for row in moving}
    if keeping.keeps(ctx, sale):
        await stock.take(ctx, sale["id"], sale["location_id"], leaving, of_sale=True)
    on = at.till.business_date
    reads = Reads(ctx)
    ask_prices(reads, [UUID(row["variant_id"]) for row in moving], [], ctx.now, on)
    wares = {row["variant_id"]: row for row in (await reads.send())["prices"]}
    tracking = {variant_id: ware["tracking"] for variant_id, ware in wares.items()}
    named = {UUID(line["id"]): read(line["named"]) for line in lines}
    wanted = [each for line_id, of in rows_of.items() for each in _wanted(of, named[line_id], tracking)]
    if wanted:
        await stock.hold(ctx, leaving, [sale["location_id"]])
    picked = await stock.pick(ctx, wanted, sale["location_id"], on)
    for trouble in picked.troubles:
        disputes.add(trouble)
    return [
        Goods(
            UUID(row["variant_id"]), row["quantity_milli"], row["unit_cost_minor"], UUID(row["id"]),
            wares[row["variant_id"]]["min_stock_milli"], tracking[row["variant_id"]],
            picked.parts.get(UUID(row["id"]), ()),
        )
        for row in moving
    ]  # fmt: skip


def _wanted(goods: Sequence[Row], named: Named, tracking: Mapping[str, str]) -> list[Wanted]:
    """Name those of a line's goods of which it must be said which ones leave: the line itself, or its components."""
    shares = sets.share(named, [(tracking[row["variant_id"]], row["quantity_milli"]) for row in goods])
    return [
        Wanted(UUID(row["id"]), UUID(row["variant_id"]), row["description"], tracking[row["variant_id"]],
               row["quantity_milli"], of)
        for row, of in zip(goods, shares, strict=True) if tracking[row["variant_id"]] in TRACKED
    ]  # fmt: skip


def _document(ctx: Ctx, sale: Row, lines: Sequence[Row], bill: Bill, asked: SettleIn, at: Counter) -> Document:
    issued_at, on = asked.invoice.issued_at if asked.invoice else ctx.now, at.till.business_date
    canonical = invoicing.canonical(
        kind="invoice", sale_id=sale["id"], business_date=on, issued_at=issued_at, currency=sale["currency"], bill=bill,
        place_of_supply=sale["place_of_supply"],
        lines=[invoicing.canonical_line(billed, line) for billed, line in zip(bill.lines, lines, strict=True)],
    )  # fmt: skip
    invoice_id = (asked.invoice and asked.invoice.id) or new_id()
    return Document(
        id=invoice_id, kind="invoice", sale_id=sale["id"], original_id=None, branch_id=sale["branch_id"],
        staff_id=sale["staff_id"], currency=sale["currency"], net_minor=bill.net_minor, tax_minor=bill.tax_minor,
        rounding_minor=bill.rounding_minor, total_minor=bill.total_minor, reason=None, canonical=canonical,
        business_date=on, issued_at=issued_at,
    )  # fmt: skip


def _names(lines: Sequence[Row]) -> dict[UUID, str]:
    return {UUID(each["variant_id"]): each["description"] for line in lines for each in line["components"]}


def _refusal(outcome: Outcome, asked: SettleIn, lines: Sequence[Row]) -> DukaError:
    if "stock_enough" in outcome.failed:
        return stock.refuse_short(outcome.results["stock_short"], _names(lines))
    claimed = claims.refusal(outcome, asked.invoice) if asked.invoice else None
    assert claimed or "series_open" in outcome.failed, outcome.failed
    return claimed or RegisterNotUsable("its number series is closed")
