"""To tell apart later: which serial number or batch goods have that came, went or were counted without a name."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from duka.catalog.queries import ask_prices
from duka.platform import audit, events, quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch, refusing
from duka.platform.errors import NotFound
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.reads import Reads
from duka.platform.writes import Writes
from duka.stock.actions.adjusting import batch_of
from duka.stock.actions.moving import hold
from duka.stock.actions.parting import move_batches, move_units, part_row
from duka.stock.actions.picking import pick, refuse_troubles, unnamed_milli
from duka.stock.actions.registering import REFUSALS, Coming, register
from duka.stock.choosing import Named, NamedBatch, Part, Parts, Wanted
from duka.stock.errors import NotThatManyUnnamed
from duka.stock.events import TOLD_APART
from duka.stock.schemas import units_of
from duka.stock.units import models as unit_models
from duka.stock.units.schemas import BatchTold, UnitsTold

_PLACE: Final = """
SELECT l.id FROM locations l WHERE l.shop_id = %(shop)s AND l.id = %(location)s
    AND (%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)
"""


async def tell_units(ctx: Ctx, told: UnitsTold) -> int:
    """Give serial numbers to pieces that stand at a location without one, or say which known pieces are those that the
    books miss. No quantity changes. Gives how much is still without one, in thousandths.

    NotFound for a variant or location the caller does not reach; NotThatManyUnnamed, and the errors of
    `registering.register` and `picking.pick`.
    """
    milli = 1000 * len(told.serials or told.missing)
    tracking = await _begin(ctx, told.variant_id, told.location_id, milli if told.serials else -milli)
    line_id, units = new_id(), units_of(told.serials)
    writes = Writes(ctx)
    if told.serials:
        coming = Coming(line_id, 0, told.variant_id, tracking, milli, units)
        registered = await register(ctx, [coming], told.location_id)
        registered.write(writes)
        parts = registered.parts[line_id]
    else:
        named = Named(tuple(told.missing))
        parts = await _picked(ctx, Wanted(line_id, told.variant_id, "", tracking, milli, named), told.location_id)
    _write(writes, told.variant_id, told.location_id, parts, 1 if told.serials else -1)
    async with refusing(ctx, REFUSALS):
        await writes.send()
    return await unnamed_milli(ctx, told.variant_id, tracking, told.location_id)


async def tell_batch(ctx: Ctx, told: BatchTold) -> int:
    """Say that some goods that stand at a location without a batch are of one, or (negative) that what the books miss
    was of one. No quantity changes. Gives how much is still of none. Errors as for `tell_units`."""
    tracking = await _begin(ctx, told.variant_id, told.location_id, told.quantity)
    line_id, batch = new_id(), batch_of(told.batch)
    assert batch
    writes = Writes(ctx)
    if told.quantity > 0:
        coming = Coming(line_id, 0, told.variant_id, tracking, told.quantity, batch=batch)
        registered = await register(ctx, [coming], told.location_id)
        registered.write(writes)
        parts = registered.parts[line_id]
    else:
        named = Named(batches=(NamedBatch(batch.called),))
        wanted = Wanted(line_id, told.variant_id, "", tracking, -told.quantity, named)
        parts = await _picked(ctx, wanted, told.location_id)
    _write(writes, told.variant_id, told.location_id, parts, 1 if told.quantity > 0 else -1)
    async with refusing(ctx, REFUSALS):
        await writes.send()
    return await unnamed_milli(ctx, told.variant_id, tracking, told.location_id)


async def _begin(ctx: Ctx, variant_id: UUID, location_id: UUID, milli: int) -> str:
    """Hold the balance, check that as much stands there, or is missing, without a name; give how the goods are
    followed."""
    if not await fetch(ctx, _PLACE, {"location": location_id, "branch": ctx.branch_id}):
        raise NotFound(what="location")
    reads = Reads(ctx)
    ask_prices(reads, [variant_id], [], ctx.now, ctx.today())
    prices = (await reads.send())["prices"]
    if not prices:
        raise NotFound(what="variant")
    tracking = str(prices[0]["tracking"])
    await hold(ctx, [variant_id], [location_id])
    unnamed = await unnamed_milli(ctx, variant_id, tracking, location_id)
    if not (0 < milli <= unnamed or unnamed <= milli < 0):
        raise NotThatManyUnnamed(quantity.from_milli(unnamed))
    return tracking


async def _picked(ctx: Ctx, wanted: Wanted, location_id: UUID) -> Parts:
    picked = await pick(ctx, [wanted], location_id, ctx.today(), expired="first")
    refuse_troubles(picked)
    return picked.parts[wanted.line_id]


def _write(writes: Writes, variant_id: UUID, location_id: UUID, parts: Sequence[Part], sign: int) -> None:
    """Write the goods with their name, and as many without one the other way."""
    ctx = writes.ctx
    place: dict[str, Any] = {"id": None, "variant_id": variant_id, "location_id": location_id}
    nameless = Part(sum(part.quantity_milli for part in parts), fault="unnamed")
    rows = [part_row(part, sign * part.quantity_milli, place, ctx.now) for part in parts]
    writes.insert(unit_models.Part, [*rows, part_row(nameless, -sign * nameless.quantity_milli, place, ctx.now)])
    states = ("in_stock", location_id) if sign > 0 else ("written_off", None)
    move_units(writes, "units_told", [(part.unit_id, *states) for part in parts])
    move_batches(writes, "batches_told", [(place, parts)], out=sign < 0)
    facts = {"location_id": location_id, "quantity_milli": sign * nameless.quantity_milli}
    writes.insert(AuditEntry, [audit.entry(ctx, "tell_apart", "variant", variant_id, after=facts)])
    writes.insert(OutboxEvent, [events.entry(ctx, TOLD_APART, variant_id, {"location_id": str(location_id)})])
