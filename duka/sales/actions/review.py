"""To look at what was sold: approve it, reject it, lock it. A review of what happened, never a gate before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import DukaError
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.writes import Writes
from duka.sales import queries, rows
from duka.sales.actions.reverse import undo
from duka.sales.events import EVENTS
from duka.sales.life import states
from duka.sales.life import steps as life
from duka.sales.life.schemas import UndoIn
from duka.sales.life.states import StepName
from duka.sales.life.steps import Stepped
from duka.sales.models import SaleStep

Row = Mapping[str, Any]

_LOCK_DAY: Final = """
WITH locked AS (
    SELECT s.id FROM sales s WHERE s.shop_id = %(shop)s AND s.branch_id = %(branch)s AND s.business_date = %(day)s
        AND s.state = 'completed' AND s.locked_at IS NULL ORDER BY s.id FOR UPDATE
)
UPDATE sales s SET locked_at = %(now)s, locked_by = %(staff)s, version = s.version + 1 FROM locked
WHERE s.shop_id = %(shop)s AND s.id = locked.id RETURNING s.*,
    (SELECT i.id FROM invoices i WHERE i.shop_id = %(shop)s AND i.sale_id = s.id AND i.kind = 'invoice') AS invoice_id
"""


@dataclass(eq=False)
class NotSubmitted(DukaError):
    """The sale waits for nobody's review, or somebody decided on it before. `review` says how."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "This sale is not waiting for a review."
    review: str | None


async def approve(ctx: Ctx, sale_id: UUID) -> Stepped:
    """Approve a sale that waits for review. Done again, it changes nothing. NotFound, NotSubmitted."""
    sale = await life.opened(ctx, sale_id, "sales:approve")
    if sale["review"] == "approved":
        return Stepped(await queries.show(ctx, sale_id), again=True)
    if sale["review"] != "submitted":
        raise NotSubmitted(sale["review"])
    return await _mark(ctx, sale, "approve", {"review": "approved"})


async def reject(ctx: Ctx, sale_id: UUID, asked: UndoIn) -> Stepped:
    """Reject a sale that waits for review: it is reversed, with the reason. Done again, it changes nothing. NotFound,
    NotSubmitted, SaleLocked."""
    sale = await life.opened(ctx, sale_id, "sales:approve")
    if sale["review"] == "rejected":
        return Stepped(await queries.show(ctx, sale_id), again=True)
    if sale["review"] != "submitted":
        raise NotSubmitted(sale["review"])
    await undo(ctx, sale, "reject", asked, changes={"review": "rejected"})
    return Stepped(await queries.show(ctx, sale_id))


async def lock(ctx: Ctx, sale_id: UUID) -> Stepped:
    """Lock a completed sale: nobody edits, corrects or reverses it any more. Done again, it changes nothing. NotFound,
    StepNotAllowed."""
    sale = await life.opened(ctx, sale_id, "sales:lock")
    if sale["locked_at"] is not None:
        return Stepped(await queries.show(ctx, sale_id), again=True)
    return await _mark(ctx, sale, "lock", {"locked_at": ctx.now, "locked_by": ctx.staff_id})


async def lock_day(ctx: Ctx, branch_id: UUID, on: date) -> int:
    """Lock all completed sales of a branch's business day that are not locked yet, for the closure that counted them;
    say how many. The caller has checked who may."""
    values = {"branch": branch_id, "day": on, "now": ctx.now, "staff": ctx.staff_id}
    locked = [row._mapping for row in await fetch(ctx, _LOCK_DAY, values)]
    writes = Writes(ctx)
    for sale in locked:
        standing = life.standing(sale, sale["invoice_id"])
        step = rows.step(ctx, sale["id"], "lock", sale["state"], sale["state"], standing, revision=sale["revision"])
        writes.insert(SaleStep, [step])
        after = {"locked_at": ctx.now, "locked_by": ctx.staff_id}
        writes.insert(AuditEntry, [audit.entry(ctx, "lock", "sale", sale["id"], before={}, after=after)])
        facts = {"state": sale["state"], "branch_id": branch_id}
        writes.insert(OutboxEvent, [events.entry(ctx, EVENTS["lock"], sale["id"], facts)])
    if locked:
        await writes.send()
    return len(locked)


async def _mark(ctx: Ctx, sale: Row, step: StepName, changes: Mapping[str, Any]) -> Stepped:
    """Take a step that changes nothing but the mark it leaves on the sale."""
    states.after(step, sale)
    found = await queries.whole(ctx, sale["id"])
    writes = Writes(ctx)
    life.step(writes, sale, step, changes, invoice_id=UUID(found.invoice["id"]) if found.invoice else None)
    await life.send(writes)
    return Stepped(await queries.show(ctx, sale["id"]))
