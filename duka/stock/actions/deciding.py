"""To decide about a correction that is worth more than the shop lets pass unseen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.catalog.queries import ask_prices
from duka.platform import audit
from duka.platform.context import Ctx
from duka.platform.db import fetch, refusing
from duka.platform.errors import DukaError, NotFound
from duka.platform.models import AuditEntry
from duka.platform.reads import Reads
from duka.platform.writes import Writes
from duka.stock import queries
from duka.stock.actions.adjusting import Adjusted, Change, batch_of, carry_out
from duka.stock.actions.moving import refuse_short
from duka.stock.actions.registering import REFUSALS
from duka.stock.schemas import BatchIn

STEPS: Final[Mapping[str, tuple[str, ...]]] = {"requested": ("approved", "rejected"), "approved": (), "rejected": ()}
"""What may become of a request."""


@dataclass(eq=False)
class RequestDecided(DukaError):
    """Somebody decided the other way before."""

    text: ClassVar[str] = "This adjustment was {state} before."
    state: str


_TOUCH: Final = """
SELECT r.*, l.branch_id FROM stock_adjustment_requests r
JOIN locations l ON l.shop_id = r.shop_id AND l.id = r.location_id
WHERE r.shop_id = %(shop)s AND r.id = %(request)s AND (%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)
FOR UPDATE OF r
"""

_DECIDE: Final = """
UPDATE stock_adjustment_requests r SET state = %(decision)s, decided_by = %(decider)s, decided_at = %(decided_at)s,
    decision_reason = %(decision_reason)s
FROM first WHERE r.shop_id = %(shop)s AND r.id = %(request)s RETURNING r.id
"""


async def approve(ctx: Ctx, request_id: UUID) -> Adjusted:
    """Carry out a requested correction, at the cost in force now. Approving it again changes nothing.

    NotFound; RequestDecided when it was rejected; OutOfStock when the goods are no longer there; the errors of
    `adjusting.carry_out`.
    """
    request = await _touch(ctx, request_id, "approved")
    if request["state"] == "approved":
        return Adjusted(await queries.adjustment(ctx, request_id), again=True)
    reads = Reads(ctx)
    ask_prices(reads, [request["variant_id"]], [], ctx.now, ctx.today())
    (price,) = (await reads.send())["prices"]
    writes = Writes(ctx)
    _decide(writes, request_id, "approved", None)
    named, batch = request["named"] or {}, (request["named"] or {}).get("batch")
    await carry_out(writes, Change(
        request_id, request["variant_id"], request["location_id"], request["quantity_milli"], price["cost_minor"] or 0,
        price["min_stock_milli"], request["reason"], request["note"], request["body_hash"],
        price["tracking"], named.get("serials", ()), batch_of(BatchIn.model_validate(batch) if batch else None),
    ))  # fmt: skip
    writes.insert(AuditEntry, [audit.entry(ctx, "approve", "stock_adjustment", request_id)])
    async with refusing(ctx, REFUSALS):
        outcome = await writes.send()
    if outcome.failed:
        raise refuse_short(outcome.results["stock_short"])
    assert outcome.written
    return Adjusted(await queries.adjustment(ctx, request_id))


async def reject(ctx: Ctx, request_id: UUID, reason: str) -> Adjusted:
    """Turn a requested correction down. Rejecting it again changes nothing.

    NotFound; RequestDecided when it was approved.
    """
    request = await _touch(ctx, request_id, "rejected")
    if request["state"] == "rejected":
        return Adjusted(await queries.adjustment(ctx, request_id), again=True)
    writes = Writes(ctx)
    _decide(writes, request_id, "rejected", reason)
    writes.insert(AuditEntry, [audit.entry(ctx, "reject", "stock_adjustment", request_id, reason=reason)])
    await writes.send()
    return Adjusted(await queries.adjustment(ctx, request_id))


async def _touch(ctx: Ctx, request_id: UUID, decision: str) -> Mapping[str, Any]:
    """Lock a request for its decision and give it."""
    rows = await fetch(ctx, _TOUCH, {"request": request_id, "branch": ctx.branch_id})
    if not rows:
        raise NotFound(what="stock adjustment")
    request: Mapping[str, Any] = rows[0]._mapping
    if request["state"] != decision and decision not in STEPS[request["state"]]:
        raise RequestDecided(request["state"])
    return request


def _decide(writes: Writes, request_id: UUID, decision: str, reason: str | None) -> None:
    writes.value("request", request_id)
    writes.value("decision", decision)
    writes.value("decider", writes.ctx.staff_id)
    writes.value("decided_at", writes.ctx.now)
    writes.value("decision_reason", reason)
    writes.step("decided", _DECIDE)
