"""Credit and debit notes: from worked-out lines to the rows that are written, and to what is shown of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.ledger import actions as ledger
from duka.payments import actions as payments
from duka.payments.actions import Desk, Money
from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.errors import DukaError
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.writes import Outcome, Writes
from duka.sales import books, claims, rows, sets
from duka.sales.events import DEBIT_ISSUED, NOTE_ISSUED
from duka.sales.facts import RegisterNotUsable
from duka.sales.invoices import document as invoicing
from duka.sales.invoices import issuing
from duka.sales.invoices.issuing import Document
from duka.sales.life.schemas import Restock
from duka.sales.life.steps import Counter
from duka.sales.models import InvoiceLine, SoldComponent
from duka.sales.rules import Bill, BilledLine
from duka.sales.schemas import IssuedIn
from duka.sales.sets import Returned
from duka.shops.series import Kind
from duka.stock import actions as stock
from duka.stock.actions import Goods, Source
from duka.stock.choosing import Parts

Row = Mapping[str, Any]


@dataclass(eq=False)
class NoPlaceForDamaged(DukaError):
    """The branch has no location for damaged goods."""

    text: ClassVar[str] = "This branch has no place for damaged goods. Add a location for them."
    damaged: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A line of a note, worked out. `sold` has the stored names of what was sold: `description`, `unit`, `hsn`,
    `variant_id`, `unit_price_minor`, `tax_included`, `unit_cost_minor`, `stocked`, `components`."""

    id: UUID
    sold: Row
    quantity_milli: int
    billed: BilledLine
    sale_line_id: UUID | None = None
    restock: Restock = "none"
    cost_back_minor: int = 0
    serials: tuple[str, ...] = ()
    """The pieces that were named as coming back."""
    tracking: str = "quantity"
    parts: Parts = ()
    """Which units and batches come back (`returned.with_parts`)."""
    components: tuple[Returned, ...] = ()
    """Of a set: what comes back in its place."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note with everything decided, before it is written. `showroom_id` is where goods go back on sale."""

    id: UUID
    kind: Kind
    sale_id: UUID | None
    original_id: UUID | None
    branch_id: UUID
    showroom_id: UUID
    counter: Counter
    lines: Sequence[NoteLine]
    bill: Bill
    reason: str
    refunds: Sequence[Money] = ()
    issued: IssuedIn | None = None
    place_of_supply: str | None = None
    customer_id: UUID | None = None

    @property
    def business_date(self) -> date:
        """The day whose document it is."""
        return self.counter.till.business_date


_EVENT: Final = {"credit_note": NOTE_ISSUED, "debit_note": DEBIT_ISSUED}


async def issue(ctx: Ctx, writes: Writes, note: Note) -> None:
    """Add all that a note writes to a statement: the goods that come back, the document with its number, its lines,
    what is paid back, the books, audit and event, the totals of the day.

    Raises NoPlaceForDamaged, and what `issuing.store_issued` raises; see `refusal` for what the statement may find.
    """
    _bring_back(writes, note, note.counter.staff_id)
    await _number(ctx, writes, note)
    writes.insert(InvoiceLine, [_line_row(note, line, place) for place, line in enumerate(note.lines, 1)])
    of_sets = [row for line in note.lines for row in sets.rows(line.components, invoice_line_id=line.id)]
    writes.insert(SoldComponent, of_sets)
    desk = Desk(note.branch_id, note.counter.till.session_id, note.counter.staff_id, note.business_date)
    payments.refund(writes, note.refunds, desk, source=note.kind, source_id=note.id)
    cost_back = sum(line.cost_back_minor for line in note.lines)
    entries = books.credited(note.bill, cost_back) if note.kind == "credit_note" else books.owed(note.bill, 0)
    entries += books.refunded(note.refunds)
    ledger.post(writes, entries, source=note.kind, source_id=note.id, business_date=note.business_date)
    maker = note.counter.staff_id
    named = {"staff_id": str(maker)} if maker != ctx.staff_id else {}  # the trail tells who asked and in whose name
    writes.insert(AuditEntry, [audit.entry(ctx, "issue", note.kind, note.id, after=named, reason=note.reason)])
    facts = {
        "sale_id": note.sale_id, "branch_id": note.branch_id, "total_minor": note.bill.total_minor,
        "customer_id": note.customer_id, "without_receipt": note.original_id is None,
    }  # fmt: skip
    writes.insert(OutboxEvent, [events.entry(ctx, _EVENT[note.kind], note.id, facts)])
    rows.add_to_day(writes, _day(note))


def refusal(outcome: Outcome, note: Note) -> DukaError:
    """Say why a note's statement wrote nothing."""
    claimed = claims.refusal(outcome, note.issued) if note.issued else None
    assert claimed or "series_open" in outcome.failed, outcome.failed
    return claimed or RegisterNotUsable("its number series is closed")


def _bring_back(writes: Writes, note: Note, staff_id: UUID | None) -> None:
    goods: list[tuple[Goods, UUID]] = []
    for line in note.lines:
        if line.restock == "none" or not (line.sold["stocked"] or line.components):
            continue
        place = note.showroom_id if line.restock == "stock" else note.counter.damaged_id
        if place is None:
            raise NoPlaceForDamaged
        goods += [(what, place) for what in _goods(line)]
    stock.put_back(writes, goods, Source("return", note.id, note.business_date, staff_id, note.reason))


def _goods(line: NoteLine) -> list[Goods]:
    """Name what comes back with a line: its own variant, or a set's components."""
    if line.components:
        return [
            Goods(each.variant_id, each.quantity_milli, each.unit_cost_minor, each.id, tracking=each.tracking,
                  parts=each.parts, origin_line_id=each.taken_id)
            for each in line.components
        ]  # fmt: skip
    variant_id, cost_minor = UUID(str(line.sold["variant_id"])), line.sold["unit_cost_minor"]
    return [
        Goods(variant_id, line.quantity_milli, cost_minor, line.id, tracking=line.tracking, parts=line.parts,
              origin_line_id=line.sale_line_id)
    ]  # fmt: skip


async def _number(ctx: Ctx, writes: Writes, note: Note) -> None:
    till, bill = note.counter.till, note.bill
    issued_at = note.issued.issued_at if note.issued else ctx.now
    # A note without receipt corrects nothing but stands for itself: the canonical form names it twice.
    canonical = invoicing.canonical(
        kind=note.kind, sale_id=note.sale_id or note.id, business_date=note.business_date, issued_at=issued_at,
        currency=ctx.currency, bill=bill, place_of_supply=note.place_of_supply,
        original_id=note.original_id or note.id,
        lines=[
            invoicing.canonical_line(line.billed, {**line.sold, "quantity_milli": line.quantity_milli})
            for line in note.lines
        ],
    )  # fmt: skip
    document = Document(
        id=note.id, kind=note.kind, sale_id=note.sale_id, original_id=note.original_id, branch_id=note.branch_id,
        staff_id=note.counter.staff_id, currency=ctx.currency, net_minor=bill.net_minor, tax_minor=bill.tax_minor,
        rounding_minor=bill.rounding_minor, total_minor=bill.total_minor, reason=note.reason, canonical=canonical,
        business_date=note.business_date, issued_at=issued_at, body_hash=ctx.body_hash,
    )  # fmt: skip
    series = note.counter.series
    if till.numbered_here:
        issuing.issue_here(writes, document, series, after=None)
        return
    assert note.issued
    await issuing.hold(ctx, till.register_id, note.kind)
    issuing.store_issued(writes, document, series, note.issued)


def _line_row(note: Note, line: NoteLine, position: int) -> dict[str, Any]:
    sold, billed = line.sold, line.billed
    return {
        "id": line.id, "invoice_id": note.id, "position": position, "sale_line_id": line.sale_line_id,
        "variant_id": sold["variant_id"], "description": sold["description"], "unit": sold["unit"],
        "hsn": sold["hsn"], "quantity_milli": line.quantity_milli, "unit_price_minor": sold["unit_price_minor"],
        "net_minor": billed.net_minor, "taxes": rows.tax_rows(billed.taxes), "tax_minor": billed.tax_minor,
        "total_minor": billed.total_minor, "unit_cost_minor": sold["unit_cost_minor"],
        "restock": None if line.restock == "none" else line.restock,
    }  # fmt: skip


def _day(note: Note) -> dict[str, Any]:
    """What a note adds to its day. Sales stay as they were sold, credit notes are counted beside them; a debit note
    adds to what was sold."""
    bill, credit = note.bill, note.kind == "credit_note"
    return {
        "branch_id": note.branch_id, "business_date": note.business_date, "sales": 0,
        "discount_minor": 0 if credit else bill.discount_minor, "net_minor": 0 if credit else bill.net_minor,
        "tax_minor": 0 if credit else bill.tax_minor, "rounding_minor": 0 if credit else bill.rounding_minor,
        "total_minor": 0 if credit else bill.total_minor, "cost_minor": 0, "credit_notes": int(credit),
        "credited_minor": bill.total_minor if credit else 0,
    }  # fmt: skip


def fresh_line(sold: Row, quantity_milli: int, billed: BilledLine, **more: Any) -> NoteLine:
    """Make a line of a new note, with an id of its own."""
    return NoteLine(new_id(), sold, quantity_milli, billed, **more)
