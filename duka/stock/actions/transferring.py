"""To move goods from one location to another: asked for, approved, sent off, received."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from duka.catalog.queries import ask_prices
from duka.platform import quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.disputes import Disputes, heard, note_disputes
from duka.platform.errors import DukaError, IdempotencyConflict, NotFound, ValidationError
from duka.platform.ids import check_made, new_id
from duka.platform.reads import Reads
from duka.platform.writes import Outcome, Writes
from duka.shops import settings
from duka.shops.registers.claims import Claim, check_person, claim
from duka.stock.actions.adjusting import NotStocked
from duka.stock.actions.loading import load, settle, unload, unpack
from duka.stock.actions.moving import claim as hold_both
from duka.stock.actions.moving import issue, refuse_short
from duka.stock.actions.stepping import note_step, source, step_row, tell_step
from duka.stock.models import Transfer, TransferLine, TransferStep
from duka.stock.transfers import queries
from duka.stock.transfers.schemas import DispatchIn, ReceiveIn, SentLine, Step, TransferIn

STEPS: Final[Mapping[str, Mapping[Step, str]]] = MappingProxyType({
    "requested": {"approve": "approved", "reject": "rejected", "cancel": "cancelled"},
    "approved": {"dispatch": "dispatched", "cancel": "cancelled"},
    "dispatched": {"receive": "received"},
    "received": {}, "cancelled": {}, "rejected": {},
})  # fmt: skip
"""Which step leads from a state to which. What has left can only be received: its differences are said there."""

_LEADS: Final[Mapping[Step, str]] = MappingProxyType(
    {step: state for steps in STEPS.values() for step, state in steps.items()}
)

SIDES: Final[Mapping[Step, Literal["from", "to", "either"]]] = MappingProxyType(
    {"approve": "from", "reject": "from", "dispatch": "from", "receive": "to", "cancel": "either"}
)
"""Whose step it is, for people who are bound to a branch."""


@dataclass(eq=False)
class TransferMoved(DukaError):
    """The transfer is in a state in which this step cannot be taken."""

    text: ClassVar[str] = "This transfer is {state}: that is not possible any more, or not yet."
    state: str


@dataclass(eq=False)
class TransferUnknown(NotFound):
    """The shop has no such transfer, or neither end is in the caller's branch."""

    code: ClassVar[str] = NotFound.code
    damaged: ClassVar[bool] = True
    what: str = "transfer"


@dataclass(eq=False)
class NothingMoved(DukaError):
    """A register recorded a step that had been taken in another way by then: nothing moved again. `lines` says what was
    recorded of which line."""

    text: ClassVar[str] = "This transfer is {state} already: what was recorded of it moved nothing."
    state: str
    step: str
    lines: list[dict[str, Any]]


@dataclass(eq=False)
class NotYourBranch(DukaError):
    """The step is the other branch's: the sender sends, the receiver receives."""

    status: ClassVar[int] = 403
    text: ClassVar[str] = "The other branch does this: the sender sends, the receiver receives."


@dataclass(frozen=True, slots=True)
class Transferred:
    """A transfer as answered: `shown` is `transfer_schemas.TransferOut`, `again` says that it stood so already,
    `disputes` what a recorded step disagrees with."""

    shown: Mapping[str, Any]
    again: bool = False
    disputes: Sequence[DukaError] = ()


@dataclass(frozen=True, slots=True)
class _Touched:
    """A transfer that is held for a step, and what is disputed of that. It `goes_on` unless the step was taken before:
    with the same body (`again`), or in another way."""

    transfer: Mapping[str, Any]
    disputes: Disputes
    goes_on: bool = True
    again: bool = False


STANDING: Final = """
SELECT encode(body_hash, 'hex') AS hash_text FROM stock_transfers WHERE shop_id = %(shop)s AND id = %(transfer)s
"""
_ENDS: Final = """
SELECT id, branch_id FROM locations WHERE shop_id = %(shop)s AND active AND id = ANY(%(places)s::uuid[])
"""

FROM_HERE: Final[Mapping[Step, tuple[str, ...]]] = MappingProxyType({
    "dispatch": ("requested", "cancelled", "rejected"),
    "receive": ("requested", "approved", "cancelled", "rejected"),
})  # fmt: skip
"""From which other states a step leads on that was recorded: the goods moved, whatever the books say. Goods that were
received before it was known that they were sent are sent first."""

_TOUCH: Final = """
SELECT t.id, t.state, t.from_location_id, t.to_location_id, f.branch_id AS from_branch_id, o.branch_id AS to_branch_id
FROM stock_transfers t JOIN locations f ON f.shop_id = t.shop_id AND f.id = t.from_location_id
JOIN locations o ON o.shop_id = t.shop_id AND o.id = t.to_location_id
WHERE t.shop_id = %(shop)s AND t.id = %(transfer)s
    AND (%(branch)s::uuid IS NULL OR %(branch)s::uuid IN (f.branch_id, o.branch_id)) FOR UPDATE OF t
"""
_TAKEN: Final = """
SELECT body_hash FROM stock_transfer_steps WHERE shop_id = %(shop)s AND transfer_id = %(transfer)s AND step = %(step)s
"""
_LINES: Final = """
SELECT l.id, l.variant_id, v.name AS variant_name, p.tracking, l.requested_milli, l.dispatched_milli,
    l.unit_cost_minor, p.min_stock_milli
FROM stock_transfer_lines l JOIN variants v ON v.shop_id = l.shop_id AND v.id = l.variant_id
JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id
WHERE l.shop_id = %(shop)s AND l.transfer_id = %(transfer)s ORDER BY l.position
"""
_MOVE_ON: Final = """
UPDATE stock_transfers t SET state = %(state_to)s FROM first WHERE t.shop_id = %(shop)s AND t.id = %(transfer)s
RETURNING t.id
"""
_SEND_LINES: Final = """
UPDATE stock_transfer_lines l SET dispatched_milli = r.quantity_milli, unit_cost_minor = r.cost_minor
FROM first, jsonb_to_recordset(%(sent)s::jsonb) AS r(line_id uuid, quantity_milli bigint, cost_minor bigint)
WHERE l.shop_id = %(shop)s AND l.id = r.line_id RETURNING l.id
"""
_RECEIVE_LINES: Final = """
UPDATE stock_transfer_lines l SET received_milli = r.quantity_milli, difference = r.difference
FROM first, jsonb_to_recordset(%(arrived)s::jsonb) AS r(line_id uuid, quantity_milli bigint, difference text)
WHERE l.shop_id = %(shop)s AND l.id = r.line_id RETURNING l.id
"""


async def request(ctx: Ctx, asked: TransferIn) -> Transferred:
    """Ask for goods of another location. Nothing moves yet.

    Repeating the same body gives the first answer; another body under the same id is an IdempotencyConflict. NotFound
    for a location or variant that the shop does not have; NotYourBranch where neither end is the caller's; NotStocked.
    """
    check_person(ctx)
    by = await claim(ctx, asked, Disputes(ctx), "stock:transfer")
    reads = Reads(ctx)
    reads.ask("standing", STANDING, transfer=asked.id)
    reads.ask("ends", _ENDS, places=[asked.from_location_id, asked.to_location_id])
    ask_prices(reads, [line.variant_id for line in asked.lines], [], ctx.now, ctx.today())
    facts = await reads.send()
    if facts["standing"]:
        return await again(ctx, asked.id, facts["standing"][0]["hash_text"])
    check_made(ctx, asked.id)
    _check(ctx, asked, facts["ends"], facts["prices"])
    writes = Writes(ctx)
    writes.first(Transfer, {
        "id": asked.id, "from_location_id": asked.from_location_id, "to_location_id": asked.to_location_id,
        "state": "requested", "note": asked.note, "requested_by": by.staff_id, "at": ctx.now,
        "body_hash": ctx.body_hash,
    })  # fmt: skip
    writes.insert(TransferLine, [
        {"id": new_id(), "transfer_id": asked.id, "position": position, "variant_id": line.variant_id,
         "requested_milli": line.quantity}
        for position, line in enumerate(asked.lines)
    ])  # fmt: skip
    ends = (asked.from_location_id, asked.to_location_id)
    writes.insert(TransferStep, [step_row(ctx, asked.id, "request", None, "requested", by)])
    note_step(writes, asked.id, "request", "requested", ends, by)
    tell_step(writes, asked.id, "request", "requested", ends)
    if (await writes.send()).existed:
        (standing,) = await fetch(ctx, STANDING, {"transfer": asked.id})
        return await again(ctx, asked.id, standing.hash_text)
    return Transferred(await queries.transfer(ctx, asked.id))


async def approve(ctx: Ctx, transfer_id: UUID) -> Transferred:
    """Let the goods go, on the sender's side. NotFound, NotYourBranch, TransferMoved."""
    return await _take(ctx, transfer_id, "approve")


async def reject(ctx: Ctx, transfer_id: UUID, reason: str) -> Transferred:
    """Turn a request down, on the sender's side. NotFound, NotYourBranch, TransferMoved."""
    return await _take(ctx, transfer_id, "reject", reason)


async def cancel(ctx: Ctx, transfer_id: UUID, reason: str) -> Transferred:
    """Call a transfer off before anything has left; either side may. NotFound, TransferMoved."""
    return await _take(ctx, transfer_id, "cancel", reason)


async def dispatch(ctx: Ctx, transfer_id: UUID, asked: DispatchIn) -> Transferred:
    """Send the goods off: they leave the sender's stock and are on their way, at the cost in force now.

    TransferUnknown, LineUnknown, NotYourBranch, TransferMoved; MoreThanAsked, NothingLeft; OutOfStock
    unless the shop allows selling below zero; WorkerUnknown, DateFar. What a register recorded left: it leaves the
    sender's stock, unless it is known already that it did.
    """
    touched = await _touch(ctx, transfer_id, "dispatch", asked)
    if touched.goes_on:
        by = await claim(ctx, asked, touched.disputes, "stock:transfer")
        await _send_off(ctx, touched, {each.line_id: each for each in asked.lines}, by)
    return await _told(ctx, touched, asked)


async def receive(ctx: Ctx, transfer_id: UUID, asked: ReceiveIn) -> Transferred:
    """Take the goods in, at the cost they left with, and say what becomes of each difference.

    A `loss` is booked against stock differences (more than left is a gain); with `sender` what is short goes back to
    the sender's stock and what is over comes out of it. TransferUnknown, LineUnknown, NotYourBranch, TransferMoved,
    DifferenceUnnamed; OutOfStock where the sender does not have what is over; WorkerUnknown, DateFar. What a register
    recorded arrived: it is taken in, unless it is known already that it was.
    """
    touched = await _touch(ctx, transfer_id, "receive", asked)
    if touched.goes_on:
        by = await claim(ctx, asked, touched.disputes, "stock:receive")
        if touched.transfer["state"] != "dispatched":
            # Both ends at once, as whoever else moves these goods does: not the sender first and the rest later.
            ends = (touched.transfer["from_location_id"], touched.transfer["to_location_id"])
            rows = await fetch(ctx, _LINES, {"transfer": transfer_id})
            await hold_both(ctx, {row.variant_id for row in rows}, ends)
            touched = await _send_off(ctx, touched, await _as_arrived(ctx, transfer_id, asked), by)
        await _take_in(ctx, touched, asked, by)
    return await _told(ctx, touched, asked)


async def _send_off(ctx: Ctx, touched: _Touched, said: Mapping[UUID, SentLine], by: Claim) -> _Touched:
    transfer, disputes, rules = touched.transfer, touched.disputes, settings.of(ctx)
    lines = await fetch(ctx, _LINES, {"transfer": transfer["id"]})
    goods = await load(ctx, lines, said, transfer["from_location_id"], disputes)
    writes = Writes(ctx)
    _move_on(writes, transfer, "dispatch", None, by)
    writes.rows("sent", [
        {"line_id": each.line_id, "quantity_milli": each.quantity_milli, "cost_minor": each.unit_cost_minor}
        for each in goods
    ])  # fmt: skip
    writes.step("lines_sent", _SEND_LINES)
    leaving = [each for each in goods if each.quantity_milli]
    issue(writes, leaving, source(transfer["id"], "transfer_out", by), transfer["from_location_id"],
          below_zero=rules.negative_stock or ctx.recording)  # fmt: skip
    refuse(await writes.send(), disputes, below_zero=rules.negative_stock)
    return replace(touched, transfer={**transfer, "state": "dispatched"})


async def _take_in(ctx: Ctx, touched: _Touched, asked: ReceiveIn, by: Claim) -> None:
    transfer, disputes = touched.transfer, touched.disputes
    lines = await fetch(ctx, _LINES, {"transfer": transfer["id"]})
    said = {each.line_id: each for each in asked.lines}
    arrived = unload(lines, said, disputes)
    ends = (transfer["from_location_id"], transfer["to_location_id"])
    await hold_both(ctx, {each.goods.variant_id for each in arrived}, ends)
    arrived = await unpack(ctx, transfer["id"], arrived, lines, said, disputes)
    writes = Writes(ctx)
    _move_on(writes, transfer, "receive", None, by)
    writes.rows("arrived", [
        {"line_id": each.goods.line_id, "quantity_milli": each.received_milli, "difference": each.difference}
        for each in arrived
    ])  # fmt: skip
    writes.step("lines_arrived", _RECEIVE_LINES)
    out, back = source(transfer["id"], "transfer_out", by), source(transfer["id"], "transfer_in", by)
    settle(writes, arrived, out, back, *ends)
    refuse(await writes.send(), disputes, below_zero=settings.of(ctx).negative_stock)


async def _as_arrived(ctx: Ctx, transfer_id: UUID, asked: ReceiveIn) -> dict[UUID, SentLine]:
    """Say what must have left, of a transfer of which only that it arrived is known: as much, and no more than was
    asked for."""
    most = {line.id: line.requested_milli for line in await fetch(ctx, _LINES, {"transfer": transfer_id})}
    return {
        each.line_id: SentLine.model_construct(
            line_id=each.line_id, quantity=min(each.quantity, most[each.line_id]), serials=each.serials, batches=[]
        )
        for each in asked.lines if each.line_id in most
    }  # fmt: skip


def _check(ctx: Ctx, asked: TransferIn, ends: Sequence[Mapping[str, Any]], prices: Sequence[Mapping[str, Any]]) -> None:
    if len(ends) != 2:
        raise NotFound(what="location")
    if ctx.branch_id and str(ctx.branch_id) not in {end["branch_id"] for end in ends}:
        raise NotYourBranch
    if len(prices) != len(asked.lines):
        raise NotFound(what="variant")
    for price in prices:
        if price["kind"] == "service" or price["tracking"] == "none":
            raise NotStocked(price["name"])


async def again(ctx: Ctx, transfer_id: UUID, hash_text: str) -> Transferred:
    """Answer a transfer that stands already as it was answered first. IdempotencyConflict where another body has its
    id."""
    if hash_text != ctx.body_hash.hex():
        raise IdempotencyConflict
    return Transferred(await queries.first_state(ctx, transfer_id), again=True)


async def _take(ctx: Ctx, transfer_id: UUID, step: Step, reason: str | None = None) -> Transferred:
    """Take a step that moves nothing."""
    check_person(ctx)
    touched = await _touch(ctx, transfer_id, step)
    if not touched.goes_on:
        return Transferred(await queries.transfer(ctx, transfer_id), again=True)
    writes = Writes(ctx)
    _move_on(writes, touched.transfer, step, reason, Claim(ctx.staff_id, _today(ctx)))
    await writes.send()
    return Transferred(await queries.transfer(ctx, transfer_id))


async def _touch(ctx: Ctx, transfer_id: UUID, step: Step, asked: DispatchIn | ReceiveIn | None = None) -> _Touched:
    """Lock a transfer for a step. TransferUnknown, NotYourBranch, TransferMoved; the last two are disputes of what was
    recorded (`asked`), and NothingMoved."""
    disputes = Disputes(ctx)
    branch = None if ctx.recording else ctx.branch_id
    found = await fetch(ctx, _TOUCH, {"transfer": transfer_id, "branch": branch})
    if not found:
        raise TransferUnknown
    transfer: Mapping[str, Any] = found[0]._mapping
    if ctx.recording and asked and asked.id is None:
        raise ValidationError(fields={"id": ["What is recorded needs an id."]})
    taken = await fetch(ctx, _TAKEN, {"transfer": transfer_id, "step": step})
    same = bool(taken) and taken[0].body_hash == ctx.body_hash and step not in STEPS[transfer["state"]]
    if same or (ctx.recording and asked and asked.id and await heard(ctx, transfer_id, asked.id)):
        return _Touched(transfer, disputes, goes_on=False, again=True)
    side = SIDES[step]
    if ctx.branch_id and side != "either" and transfer[f"{side}_branch_id"] != ctx.branch_id:
        disputes.add(NotYourBranch())
    if step in STEPS[transfer["state"]]:
        return _Touched(transfer, disputes)
    if not ctx.recording or asked is None:
        raise TransferMoved(transfer["state"])
    if transfer["state"] in FROM_HERE[step] and not taken:
        disputes.add(TransferMoved(transfer["state"]))
        return _Touched(transfer, disputes)
    lines = [{"line_id": each.line_id, "quantity": quantity.from_milli(each.quantity)} for each in asked.lines]
    disputes.add(NothingMoved(transfer["state"], step, lines))
    return _Touched(transfer, disputes, goes_on=False)


async def _told(ctx: Ctx, touched: _Touched, asked: DispatchIn | ReceiveIn) -> Transferred:
    """Note what is disputed, and answer."""
    transfer_id, branch_id = touched.transfer["id"], ctx.branch_id or touched.transfer["to_branch_id"]
    note_disputes(ctx, "transfer", transfer_id, branch_id, touched.disputes, recorded_id=asked.id)
    await ctx.db.flush()
    return Transferred(await queries.transfer(ctx, transfer_id), touched.again, touched.disputes)


def _move_on(writes: Writes, transfer: Mapping[str, Any], step: Step, reason: str | None, by: Claim) -> None:
    state, transfer_id = transfer["state"], transfer["id"]
    state_to = _LEADS[step]
    writes.first(TransferStep, step_row(writes.ctx, transfer_id, step, state, state_to, by, reason))
    writes.value("transfer", transfer_id)
    writes.value("state_to", state_to)
    writes.step("moved_on", _MOVE_ON)
    ends = (transfer["from_location_id"], transfer["to_location_id"])
    note_step(writes, transfer_id, step, state_to, ends, by, reason)
    tell_step(writes, transfer_id, step, state_to, ends)


def _today(ctx: Ctx) -> Any:
    return ctx.today(settings.of(ctx).day_start_minutes)


def refuse(outcome: Outcome, disputes: Disputes, *, below_zero: bool) -> None:
    """Say what is missing at the sender, unless stock may go `below_zero`: a refusal, or a dispute of what was
    recorded."""
    short = None if below_zero else outcome.results.get("stock_short")
    if short:
        disputes.add(refuse_short(short))
    assert outcome.written
