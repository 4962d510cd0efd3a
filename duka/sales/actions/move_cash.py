"""To put cash into a drawer or take it out, and to note where a register took out more than should have been there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from duka.payments import actions as payments
from duka.payments.schemas import CashMoveIn
from duka.platform.context import Ctx
from duka.platform.disputes import exceptions_of, note_disputes


@dataclass(frozen=True, slots=True)
class Moved:
    """A move as answered (`life_schemas.CashMovedOut`); `again` says that it stood already."""

    shown: Mapping[str, Any]
    again: bool


async def move_cash(ctx: Ctx, session_id: UUID, asked: CashMoveIn) -> Moved:
    """Put cash into a session's drawer or take it out. What a register recorded although less should have been there
    stands, with an exception. Raises what `payments.move_cash` raises."""
    moved = await payments.move_cash(ctx, session_id, asked)
    if moved.short is not None:
        note_disputes(ctx, "cash_move", asked.id, moved.branch_id, [moved.short])
        await ctx.db.flush()
    exceptions = await exceptions_of(ctx, asked.id)
    return Moved({**moved.move, "exceptions": exceptions}, moved.again)
