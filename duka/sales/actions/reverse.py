"""To reverse: everything a sale did is undone by counter-entries; nothing is erased."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.disputes import Disputes
from duka.platform.writes import Writes
from duka.sales import queries
from duka.sales.actions.cancel import hand_back
from duka.sales.actions.give_back import credit, is_open
from duka.sales.life import states
from duka.sales.life import steps as life
from duka.sales.life.schemas import AtRegister, CreditNoteIn, UndoIn
from duka.sales.life.states import StepName
from duka.sales.life.steps import Stepped
from duka.sales.notes import queries as note_queries

Row = Mapping[str, Any]


async def reverse(ctx: Ctx, sale_id: UUID, asked: UndoIn) -> Stepped:
    """Undo a completed sale: a credit note for all that is left of it, what was paid goes back by the same methods,
    the goods go back to where they were sold from.

    Done again, it changes nothing. NotFound, StepNotAllowed, SaleLocked, RegisterNotUsable.
    """
    sale = await life.opened(ctx, sale_id, "sales:reverse")
    if sale["state"] == "reversed":
        return Stepped(await queries.show(ctx, sale_id), again=True)
    await undo(ctx, sale, "reverse", asked)
    return Stepped(await queries.show(ctx, sale_id))


async def void(ctx: Ctx, sale_id: UUID, asked: UndoIn) -> Stepped:
    """Do away with a sale, whatever it has come to: an incomplete one is cancelled, a completed one reversed. The rows
    stay. NotFound, SaleLocked."""
    sale = await life.opened(ctx, sale_id, "sales:delete")
    if sale["state"] in ("reversed", "cancelled"):
        return Stepped(await queries.show(ctx, sale_id), again=True)
    if sale["state"] == "incomplete":
        await hand_back(ctx, sale, asked)
    else:
        await undo(ctx, sale, "reverse", asked)
    return Stepped(await queries.show(ctx, sale_id))


async def undo(
    ctx: Ctx, sale: Row, step: StepName, asked: UndoIn, *, changes: Mapping[str, Any] | None = None,
    noted: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Undo a locked sale and take the step that says why."""
    states.after(step, sale)
    found = await queries.whole(ctx, sale["id"])
    assert found.invoice
    drawer = AtRegister(register_session_id=asked.register_session_id)
    at = await life.counter(ctx, drawer, "credit_note", sale["branch_id"])
    now: Row = sale
    for document_id in (UUID(found.invoice["id"]), *await note_queries.uncredited_debit_notes(ctx, sale["id"])):
        original = await note_queries.head(ctx, document_id)
        if not await is_open(ctx, found, original):
            continue
        note = CreditNoteIn(whole=True, reason=asked.reason)
        now = await credit(
            ctx, now, original, note, at, branch_id=sale["branch_id"], showroom_id=sale["location_id"],
            disputes=Disputes(ctx),
        )  # fmt: skip
    writes = Writes(ctx)
    life.step(
        writes, now, step, changes or {}, invoice_id=UUID(found.invoice["id"]), reason=asked.reason, noted=noted
    )
    await life.send(writes)
