"""The steps of a transfer as they are written down: the step itself, its entry in the trail, what the others hear."""

from typing import Any
from uuid import UUID

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.writes import Writes
from duka.shops.registers.claims import Claim
from duka.stock import events as told
from duka.stock.actions.moving import Source
from duka.stock.transfers.schemas import Step


def step_row(ctx: Ctx, transfer_id: UUID, step: Step, state_from: str | None, state_to: str, by: Claim,
             reason: str | None = None) -> dict[str, Any]:  # fmt: skip
    """Give the row of a step that is taken now."""
    return {
        "id": new_id(), "transfer_id": transfer_id, "step": step, "state_from": state_from, "state_to": state_to,
        "staff_id": by.staff_id, "reason": reason, "business_date": by.business_date, "at": ctx.now,
        "body_hash": ctx.body_hash,
    }  # fmt: skip


def note_step(writes: Writes, transfer_id: UUID, step: Step, state: str, ends: tuple[UUID, UUID], by: Claim,
              reason: str | None = None) -> None:  # fmt: skip
    """Enter a step in the trail. `ends` are the sender's location and the receiver's."""
    who = {"staff_id": by.staff_id} if by.staff_id != writes.ctx.staff_id else {}
    after = {**_facts(step, state, ends), **who}
    entry = audit.entry(writes.ctx, step, "stock_transfer", transfer_id, after=after, reason=reason)
    writes.insert(AuditEntry, [entry])


def tell_step(writes: Writes, transfer_id: UUID, step: Step, state: str, ends: tuple[UUID, UUID]) -> None:
    """Let the others hear of a step."""
    writes.insert(
        OutboxEvent, [events.entry(writes.ctx, told.TRANSFERRED, transfer_id, _facts(step, state, ends))]
    )


def source(transfer_id: UUID, kind: str, by: Claim) -> Source:
    """Give a transfer as what moves goods."""
    return Source(kind, transfer_id, by.business_date, by.staff_id, document="transfer")


def _facts(step: Step, state: str, ends: tuple[UUID, UUID]) -> dict[str, str]:
    return {"step": step, "state": state, "from_location_id": str(ends[0]), "to_location_id": str(ends[1])}
