"""To receive goods: what came, where it stands now, what it cost, in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from duka.platform import quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch, refusing
from duka.platform.disputes import Disputes, note_disputes
from duka.platform.errors import IdempotencyConflict
from duka.platform.ids import check_made
from duka.platform.reads import Facts, Reads
from duka.platform.writes import Writes
from duka.purchasing import errors, numbers, order_queries, rules
from duka.purchasing.actions import matching
from duka.purchasing.actions.booking import Receipt, write
from duka.purchasing.actions.matching import ORDER_LINES, Line
from duka.purchasing.actions.unpacking import unpack
from duka.purchasing.order_schemas import ReceiptIn
from duka.shops import settings
from duka.shops.registers.claims import claim
from duka.stock.actions import receiving as stock
from duka.stock.actions.registering import REFUSALS


@dataclass(frozen=True, slots=True)
class Posted:
    """A receipt as answered: `shown` is `order_schemas.ReceiptOut`, `again` says that it stood already."""

    shown: Mapping[str, Any]
    again: bool = False


_STANDING: Final = """
SELECT encode(body_hash, 'hex') AS hash_text FROM goods_receipts WHERE shop_id = %(shop)s AND id = %(standing)s
"""

_HOLD_ORDER: Final = "SELECT state FROM purchase_orders WHERE shop_id = %(shop)s AND id = %(order)s FOR UPDATE"


async def receive(ctx: Ctx, asked: ReceiptIn) -> Posted:
    """Receive goods, against an order or without one. Repeating the same body gives the first answer.

    OrderNotFound, SupplierNotFound, NotFound, SupplierRequired, SupplierOfOrder, SupplierInactive, PlaceRequired,
    GoodsUnknown, NoStockKept, NotOnOrder, PriceUnknown, NothingToLand; OrderStepNotAllowed for an order that is not
    placed, or closed; OverReceived beyond the shop's tolerance, naming every line; SerialsMismatch, SerialsTaken,
    BatchRequired, BatchExpiryDiffers, NotTrackedSo, each naming all that are meant; IdempotencyConflict; Forbidden for
    a price or landed cost without `products:cost`; WorkerUnknown, DateFar.

    What a register recorded came in: all of that are exceptions then, and only a receipt from a supplier the shop does
    not have, or of nothing it knows, is damaged.
    """
    needed = ["purchasing:receive"]
    if any(line.price is not None for line in asked.lines) or asked.freight + asked.duty + asked.other:
        needed.append("products:cost")
    if ctx.actor != "register":
        ctx.need(needed[-1])
    disputes = Disputes(ctx)
    reads = Reads(ctx)
    reads.ask("standing", _STANDING, standing=asked.id)
    matching.ask(reads, asked)
    facts = await reads.send()
    if facts["standing"]:
        return await _again(ctx, asked.id, facts["standing"])
    check_made(ctx, asked.id)
    by = await claim(ctx, asked, disputes, *needed)
    known = await matching.match(ctx, asked, facts, disputes)
    receipt = Receipt(
        known.asked, by, known.supplier_id, known.branch_id, known.location_id, known.lines, known.order
    )
    return await _receive(ctx, receipt, disputes)


async def _receive(ctx: Ctx, receipt: Receipt, disputes: Disputes) -> Posted:
    """Hold the order and the balances, look again at what others may have changed, and write."""
    asked = receipt.asked
    if receipt.order:
        receipt = await _hold_order(ctx, receipt, receipt.order, disputes)
    accepted = sorted({line.variant_id for line in receipt.lines if line.asked.accepted})
    await stock.hold(ctx, accepted, receipt.location_id)
    reads = Reads(ctx)
    reads.bind(order=asked.order_id)
    stock.ask_standing(reads, accepted)
    reads.ask("lines", ORDER_LINES)
    reads.ask("receipt", _STANDING, standing=asked.id)
    facts = await reads.send()
    if facts["receipt"]:
        return await _again(ctx, asked.id, facts["receipt"])
    progress = _progress(ctx, receipt.lines, facts["lines"], disputes) if receipt.order else []
    came = [(line.asked, line.variant_id, line.tracking) for line in receipt.lines]
    named = await unpack(ctx, came, receipt.location_id, disputes)
    await numbers.begin(ctx, "GR")
    writes = Writes(ctx)
    named.write(writes)
    write(writes, replace(receipt, progress=progress, parts=named.parts), stock.standing(facts["standing"]))
    async with refusing(ctx, REFUSALS):
        outcome = await writes.send()
    if outcome.written:
        note_disputes(ctx, "goods_receipt", asked.id, receipt.branch_id, disputes)
        await ctx.db.flush()
        return Posted(await order_queries.receipt(ctx, asked.id, "purchasing:receive", as_made=True))
    reads = Reads(ctx)
    reads.ask("receipt", _STANDING, standing=asked.id)
    return await _again(ctx, asked.id, (await reads.send())["receipt"])


async def _hold_order(ctx: Ctx, receipt: Receipt, order: Facts, disputes: Disputes) -> Receipt:
    """Lock the order: whoever receives of one order at once goes one after the other. An order that awaits nothing any
    more is left as it is. For `disputes`: OrderStepNotAllowed."""
    state = str((await fetch(ctx, _HOLD_ORDER, {"order": UUID(order["id"])}))[0].state)
    if state in rules.RECEIVING:
        return replace(receipt, order={**order, "state": state})
    disputes.add(errors.OrderStepNotAllowed(state, "receive"))
    return replace(receipt, order=None, lines=[replace(line, order_line_id=None) for line in receipt.lines])


def _progress(
    ctx: Ctx, lines: Sequence[Line], ordered: Sequence[Facts], disputes: Disputes
) -> list[tuple[int, int]]:  # fmt: skip
    """Say how far each line of the order will be. For `disputes`: OverReceived, naming every line that is beyond the
    tolerance."""
    tolerance_bp = settings.of(ctx).receipt_tolerance_bp
    came: dict[str, int] = {}
    for line in lines:
        came[str(line.order_line_id)] = came.get(str(line.order_line_id), 0) + line.asked.accepted
    over = [
        {
            "order_line_id": row["id"], "variant_id": row["variant_id"],
            "ordered": quantity.from_milli(row["quantity_milli"]),
            "received": quantity.from_milli(row["received_milli"]), "accepted": quantity.from_milli(came[row["id"]]),
            "allowed": quantity.from_milli(
                max(0, rules.most_milli(row["quantity_milli"], tolerance_bp) - row["received_milli"])
            ),
        }
        for row in ordered
        if came.get(row["id"])
        and row["received_milli"] + came[row["id"]] > rules.most_milli(row["quantity_milli"], tolerance_bp)
    ]  # fmt: skip
    if over:
        disputes.add(errors.OverReceived(over))
    return [(row["quantity_milli"], row["received_milli"] + came.get(row["id"], 0)) for row in ordered]


async def _again(ctx: Ctx, receipt_id: UUID, standing: Sequence[Facts]) -> Posted:
    if standing[0]["hash_text"] != ctx.body_hash.hex():
        raise IdempotencyConflict
    try:
        return Posted(await order_queries.receipt(ctx, receipt_id, "purchasing:receive", as_made=True), again=True)
    except errors.ReceiptNotFound:
        raise IdempotencyConflict from None
