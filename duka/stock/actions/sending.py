"""To send goods off that nobody asked for first: a transfer that is made and leaves in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.catalog.queries import ask_prices
from duka.platform import quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.disputes import Disputes, note_disputes
from duka.platform.errors import DukaError, NotFound
from duka.platform.ids import check_made, new_id
from duka.platform.reads import Facts, Reads
from duka.platform.writes import Writes
from duka.shops import settings
from duka.shops.registers.claims import Claim, claim
from duka.stock.actions.adjusting import NotStocked
from duka.stock.actions.loading import load
from duka.stock.actions.moving import Goods, issue
from duka.stock.actions.stepping import note_step, source, step_row, tell_step
from duka.stock.actions.transferring import (
    STANDING,
    NotYourBranch,
    TransferMoved,
    Transferred,
    again,
    refuse,
)
from duka.stock.errors import LocationClosed, LocationUnknown
from duka.stock.models import Transfer, TransferLine, TransferStep
from duka.stock.transfers import queries
from duka.stock.transfers.schemas import SentLine, Step, TransferIn, TransferLineIn


@dataclass(eq=False)
class GoodsUnknown(NotFound):
    """The shop keeps stock of none of these goods: nothing could move."""

    code: ClassVar[str] = NotFound.code
    damaged: ClassVar[bool] = True
    what: str = "variant"


@dataclass(eq=False)
class GoodsLeftOut(DukaError):
    """Some goods that a register recorded are not among those the shop keeps stock of: nothing of them moved. `lines`
    says what was recorded of them."""

    text: ClassVar[str] = "Some of these goods are not among those that the shop keeps stock of."
    lines: list[dict[str, Any]]


_WAY: Final[tuple[tuple[Step, str], ...]] = (
    ("request", "requested"), ("approve", "approved"), ("dispatch", "dispatched"),
)  # fmt: skip
"""The steps of goods that leave at once. Whoever may approve approves with it."""

_ENDS: Final = """
SELECT id, branch_id, name, active FROM locations WHERE shop_id = %(shop)s AND id = ANY(%(places)s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line to load."""

    id: UUID
    variant_id: UUID
    requested_milli: int


async def send(ctx: Ctx, asked: TransferIn) -> Transferred:
    """Make a transfer and send it off in one: its goods leave the sender's stock at the cost in force now.

    Repeating the same body gives the first answer; another body under the same id is an IdempotencyConflict. NotFound
    for a location or variant that the shop does not have, LocationClosed, NotStocked; NotYourBranch unless it is the
    sender's; Forbidden without `stock:approve`; OutOfStock unless the shop allows selling below zero; the errors of
    `picking.pick`; WorkerUnknown, DateFar.

    What a register recorded left, whoever let it go: without the right to approve its steps say so, with TransferMoved.
    Goods that the shop does not know stay out and are told whole (GoodsLeftOut).
    """
    reads = Reads(ctx)
    reads.ask("standing", STANDING, transfer=asked.id)
    reads.ask("ends", _ENDS, places=[asked.from_location_id, asked.to_location_id])
    ask_prices(reads, [line.variant_id for line in asked.lines], [], ctx.now, ctx.today())
    facts = await reads.send()
    if facts["standing"]:
        return await again(ctx, asked.id, facts["standing"][0]["hash_text"])
    check_made(ctx, asked.id)
    disputes = Disputes(ctx)
    by = await claim(ctx, asked, disputes, "stock:transfer")
    branch_id = _check_ends(ctx, asked, facts["ends"], disputes)
    kept = _kept(ctx, asked.lines, facts["prices"], disputes)
    steps = _steps(ctx, by, disputes)
    lines = [_Line(new_id(), line.variant_id, line.quantity) for line in kept]
    said = {line.id: _said(line.id, of) for line, of in zip(lines, kept, strict=True)}
    goods = await load(ctx, lines, said, asked.from_location_id, disputes)
    if not await _write(ctx, asked, goods, steps, by, disputes):
        (standing,) = await fetch(ctx, STANDING, {"transfer": asked.id})
        return await again(ctx, asked.id, standing.hash_text)
    note_disputes(ctx, "transfer", asked.id, branch_id, disputes, recorded_id=asked.id)
    await ctx.db.flush()
    return Transferred(await queries.transfer(ctx, asked.id), disputes=disputes)


async def _write(
    ctx: Ctx, asked: TransferIn, goods: Sequence[Goods], steps: Sequence[tuple[Step, str]], by: Claim,
    disputes: Disputes,
) -> bool:  # fmt: skip
    """Write the transfer with all it moves; False where it stood already."""
    writes, rules = Writes(ctx), settings.of(ctx)
    ends = (asked.from_location_id, asked.to_location_id)
    writes.first(Transfer, {
        "id": asked.id, "from_location_id": ends[0], "to_location_id": ends[1], "state": "dispatched",
        "note": asked.note, "requested_by": by.staff_id, "at": ctx.now, "body_hash": ctx.body_hash,
    })  # fmt: skip
    writes.insert(TransferLine, [
        {"id": each.line_id, "transfer_id": asked.id, "position": position, "variant_id": each.variant_id,
         "requested_milli": each.quantity_milli, "dispatched_milli": each.quantity_milli,
         "unit_cost_minor": each.unit_cost_minor}
        for position, each in enumerate(goods)
    ])  # fmt: skip
    before: str | None = None
    for step, state in steps:
        writes.insert(TransferStep, [step_row(ctx, asked.id, step, before, state, by)])
        note_step(writes, asked.id, step, state, ends, by)
        before = state
    tell_step(writes, asked.id, "dispatch", "dispatched", ends)
    leaving = source(asked.id, "transfer_out", by)
    issue(writes, goods, leaving, ends[0], below_zero=rules.negative_stock or ctx.recording)
    outcome = await writes.send()
    if outcome.existed:
        return False
    refuse(outcome, disputes, below_zero=rules.negative_stock)
    return True


def _check_ends(ctx: Ctx, asked: TransferIn, rows: Sequence[Facts], disputes: Disputes) -> UUID:
    """Check both ends; give the branch that settles what is disputed: the caller's, else the sender's."""
    ends = {UUID(row["id"]): row for row in rows}
    if len(ends) != 2:
        raise LocationUnknown
    for row in rows:
        if not row["active"]:
            disputes.add(LocationClosed(row["name"]))
    sender = UUID(ends[asked.from_location_id]["branch_id"])
    if ctx.branch_id and ctx.branch_id != sender:
        disputes.add(NotYourBranch())
    return ctx.branch_id or sender


def _kept(
    ctx: Ctx, lines: Sequence[TransferLineIn], prices: Sequence[Facts], disputes: Disputes
) -> list[TransferLineIn]:  # fmt: skip
    """Give the lines of goods that the shop keeps stock of. NotFound, NotStocked; for `disputes` GoodsLeftOut."""
    stocked = {UUID(price["variant_id"]) for price in prices if _is_stocked(price)}
    kept = [line for line in lines if line.variant_id in stocked]
    if len(kept) == len(lines):
        return kept
    if not ctx.recording:
        if len(prices) != len(lines):
            raise NotFound(what="variant")
        raise NotStocked(next(price["name"] for price in prices if not _is_stocked(price)))
    if not kept:
        raise GoodsUnknown
    disputes.add(GoodsLeftOut([
        {"variant_id": line.variant_id, "quantity": quantity.from_milli(line.quantity), "serials": line.serials}
        for line in lines if line.variant_id not in stocked
    ]))  # fmt: skip
    return kept


def _is_stocked(price: Facts) -> bool:
    return bool(price["kind"] != "service" and price["tracking"] != "none")


def _steps(ctx: Ctx, by: Claim, disputes: Disputes) -> list[tuple[Step, str]]:
    """Give the steps that are taken. Forbidden where it is asked; for `disputes` TransferMoved: nobody let it go."""
    if "stock:approve" in by.permissions:
        return list(_WAY)
    if not ctx.recording:
        ctx.need("stock:approve")
    disputes.add(TransferMoved("requested"))
    return [step for step in _WAY if step[0] != "approve"]


def _said(line_id: UUID, of: TransferLineIn) -> SentLine:
    return SentLine.model_construct(line_id=line_id, quantity=of.quantity, serials=of.serials, batches=of.batches)
