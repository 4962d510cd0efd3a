"""To adjust: to say that more or less is there than the books think, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.catalog.queries import ask_prices
from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.platform import audit, events, quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch, refusing
from duka.platform.disputes import Disputes
from duka.platform.errors import DukaError, IdempotencyConflict, NotFound, ValidationError
from duka.platform.ids import check_made
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.money import LIMIT_MINOR
from duka.platform.reads import Reads
from duka.platform.writes import Outcome, Writes
from duka.shops import settings
from duka.stock import events as told
from duka.stock import queries
from duka.stock.actions.moving import Goods, Source, hold, issue, put_back, refuse_short
from duka.stock.actions.parting import TRACKED
from duka.stock.actions.picking import pick, refuse_troubles
from duka.stock.actions.registering import REFUSALS, Coming, NewBatch, check_coming, register
from duka.stock.choosing import Named, NamedBatch, Parts, Wanted
from duka.stock.errors import SerialsTaken, UnitsNotHere
from duka.stock.models import Adjustment, AdjustmentRequest
from duka.stock.rules import GROUNDS, value_minor
from duka.stock.schemas import AdjustIn, BatchIn, Reason, units_of


@dataclass(eq=False)
class VariantRequired(DukaError):
    """The product has several variants and none was named."""

    text: ClassVar[str] = "This product has several variants: say which one with variant_id."
    variant_ids: list[UUID]


@dataclass(eq=False)
class LocationRequired(DukaError):
    """The shop has several showrooms (or none) and the location was not named."""

    text: ClassVar[str] = "Say with location_id where the stock stands."


@dataclass(eq=False)
class NotStocked(DukaError):
    """A service, or goods whose quantity the shop does not follow."""

    text: ClassVar[str] = "The shop keeps no stock of {name}."
    name: str


@dataclass(eq=False)
class WrongWay(DukaError):
    """The reason can only mean more, or only less; the quantity says the opposite."""

    text: ClassVar[str] = "The reason {reason} cannot change stock by {quantity}."
    reason: str
    quantity: float


@dataclass(eq=False)
class LevelAlready(DukaError):
    """What was counted is what the books say: there is nothing to correct."""

    text: ClassVar[str] = "The books say {quantity} as well. There is nothing to adjust."
    quantity: float


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A correction as answered: `shown` is `schemas.AdjustmentOut`, `again` says that it stood already."""

    shown: Mapping[str, Any]
    again: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One correction with everything decided. The change in thousandths, the cost of one unit in minor units."""

    id: UUID
    variant_id: UUID
    location_id: UUID
    quantity_milli: int
    unit_cost_minor: int
    min_stock_milli: int
    reason: Reason
    note: str
    body_hash: bytes
    tracking: str = "quantity"
    serials: Sequence[Sequence[str]] = ()
    batch: NewBatch | None = None
    """Which goods were named, and how the shop follows them."""

    @property
    def value_minor(self) -> int:
        """What the change is worth, with its sign."""
        return value_minor(self.quantity_milli, self.unit_cost_minor)


_VARIANTS: Final = """
SELECT v.id AS variant_id, v.name, p.kind, p.tracking FROM variants v
JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id
WHERE v.shop_id = %(shop)s AND v.product_id = %(product)s AND v.deleted_at IS NULL ORDER BY v.id
"""

_PLACES: Final = """
SELECT l.id FROM locations l WHERE l.shop_id = %(shop)s AND l.active
    AND (%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)
    AND (l.id = %(location)s::uuid OR (%(location)s::uuid IS NULL AND l.kind = 'showroom'))
ORDER BY l.id LIMIT 2
"""

_STANDING: Final = """
SELECT encode(body_hash, 'hex') AS hash_text, variant_id FROM stock_adjustments
WHERE shop_id = %(shop)s AND id = %(adjustment)s
UNION
SELECT encode(body_hash, 'hex'), variant_id FROM stock_adjustment_requests
WHERE shop_id = %(shop)s AND id = %(adjustment)s
"""

# Holds the balance and gives its level, making one of 0 for a variant that never stood there.
_HOLD: Final = """
INSERT INTO stock_balances AS b (shop_id, variant_id, location_id, quantity_milli)
VALUES (%(shop)s, %(variant)s, %(location)s, 0)
ON CONFLICT (shop_id, variant_id, location_id) DO UPDATE SET quantity_milli = b.quantity_milli
RETURNING quantity_milli
"""


async def adjust(ctx: Ctx, product_id: UUID, asked: AdjustIn) -> Adjusted:
    """Correct the stock of a product's variant at a location, by a change or to what was counted.

    Worth more than the shop's `adjustment_approval_minor`, it only waits for approval. Repeating the same body gives
    the first answer; another body under the same id is an IdempotencyConflict. NotFound for a product or location
    that the shop does not have or that is out of the caller's scope. VariantRequired, LocationRequired, NotStocked,
    WrongWay, LevelAlready, and the errors of `carry_out`; OutOfStock when it would go below zero and the shop does not
    allow that.
    """
    standing, variants, places = await _facts(ctx, product_id, asked)
    if standing:
        return await _again(ctx, asked.id, standing[0], variants)
    check_made(ctx, asked.id)
    chosen = _variant(variants, asked.variant_id)
    variant, tracking = UUID(chosen["variant_id"]), chosen["tracking"]
    if asked.location_id and not places:
        raise NotFound(what="location")
    if len(places) != 1:
        raise LocationRequired
    location_id = UUID(places[0]["id"])
    change_milli = asked.quantity
    if asked.counted is not None:
        change_milli = asked.counted - await _held(ctx, variant, location_id)
        if change_milli == 0:
            return await _again_or_refuse(ctx, asked.id, LevelAlready(quantity.from_milli(asked.counted)))
    assert change_milli
    change = await _priced(ctx, asked, variant, location_id, change_milli, tracking)
    limit = settings.of(ctx).adjustment_approval_minor
    waits = limit is not None and abs(change.value_minor) > limit
    try:
        async with refusing(ctx, REFUSALS):
            outcome = await (_request if waits else _apply)(ctx, change)
    except (SerialsTaken, UnitsNotHere) as refusal:  # the same request, sent twice at once, was here first
        return await _again_or_refuse(ctx, asked.id, refusal)
    if outcome.failed:
        return await _again_or_refuse(ctx, asked.id, refuse_short(outcome.results["stock_short"]))
    if outcome.existed:
        return await _again_or_refuse(ctx, asked.id, IdempotencyConflict())
    return Adjusted(await queries.adjustment(ctx, asked.id))


async def carry_out(writes: Writes, change: Change) -> None:
    """Write a correction: its document, its movement, what it is worth in the books, its audit entry, its event.

    NotTrackedSo, SerialsMismatch, SerialsTaken, BatchExpiryDiffers, and the troubles of `picking.pick`.
    """
    parts = await _parts(writes, change)
    ctx, ground, rules = writes.ctx, GROUNDS[change.reason], settings.of(writes.ctx)
    today = ctx.today(rules.day_start_minutes)
    writes.first(Adjustment, {
        "id": change.id, "variant_id": change.variant_id, "location_id": change.location_id,
        "quantity_milli": change.quantity_milli, "unit_cost_minor": change.unit_cost_minor, "reason": change.reason,
        "note": change.note, "staff_id": ctx.staff_id, "business_date": today, "at": ctx.now,
        "body_hash": change.body_hash,
    })  # fmt: skip
    source = Source(
        ground.kind, change.id, today, ctx.staff_id, reason=change.reason, note=change.note or None,
        document="adjustment",
    )  # fmt: skip
    goods = Goods(
        change.variant_id, abs(change.quantity_milli), change.unit_cost_minor, change.id, change.min_stock_milli,
        change.tracking, parts,
    )  # fmt: skip
    if change.quantity_milli < 0:
        issue(writes, [goods], source, change.location_id, below_zero=rules.negative_stock, gone=True)
    else:
        put_back(writes, [(goods, change.location_id)], source)
    worth = ledger.Entry(chart.STOCK, ground.against, change.value_minor)
    ledger.post(writes, [worth], source="adjustment", source_id=change.id, business_date=today)
    facts = facts_of(change)
    entry = audit.entry(ctx, "adjust", "stock_adjustment", change.id, after=facts, reason=change.reason)
    writes.insert(AuditEntry, [entry])
    writes.insert(OutboxEvent, [events.entry(ctx, told.ADJUSTED, change.id, facts)])


async def _parts(writes: Writes, change: Change) -> Parts:
    """Say which units and batches come in or go; none for goods that are all alike."""
    ctx, coming = writes.ctx, _coming(change)
    if change.tracking not in TRACKED and not change.serials and not change.batch:
        return ()
    await hold(ctx, [change.variant_id], [change.location_id])
    if change.quantity_milli > 0:
        registered = await register(ctx, [coming], change.location_id, unnamed=True)
        registered.write(writes)
        return registered.parts.get(change.id, ())
    check_coming([coming], Disputes(ctx), unnamed=True)
    batches = (NamedBatch(change.batch.called),) if change.batch else ()
    named = Named(tuple(serials[0] for serials in change.serials), batches)
    wanted = Wanted(change.id, change.variant_id, "", change.tracking, coming.quantity_milli, named)
    picked = await pick(ctx, [wanted], change.location_id, ctx.today(), expired="first")
    refuse_troubles(picked)
    return picked.parts[change.id]


def _coming(change: Change) -> Coming:
    milli = abs(change.quantity_milli)
    return Coming(change.id, 0, change.variant_id, change.tracking, milli, change.serials, change.batch)


def facts_of(change: Change) -> dict[str, Any]:
    """Say what a correction does, for its audit entry and its event."""
    return {
        "variant_id": str(change.variant_id), "location_id": str(change.location_id),
        "quantity_milli": change.quantity_milli, "reason": change.reason,
    }  # fmt: skip


async def _facts(
    ctx: Ctx, product_id: UUID, asked: AdjustIn
) -> tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]:
    reads = Reads(ctx)
    reads.ask("standing", _STANDING, adjustment=asked.id)
    reads.ask("variants", _VARIANTS, product=product_id)
    reads.ask("places", _PLACES, location=asked.location_id, branch=ctx.branch_id)
    answers = await reads.send()
    return answers["standing"], answers["variants"], answers["places"]


def _variant(variants: Sequence[Mapping[str, Any]], asked_id: UUID | None) -> Mapping[str, Any]:
    if not variants:
        raise NotFound(what="product")
    chosen = [each for each in variants if asked_id is None or each["variant_id"] == str(asked_id)]
    if not chosen:
        raise NotFound(what="variant of this product")
    if len(chosen) > 1:
        raise VariantRequired([UUID(each["variant_id"]) for each in chosen])
    if chosen[0]["kind"] == "service" or chosen[0]["tracking"] == "none":
        raise NotStocked(chosen[0]["name"])
    return chosen[0]


async def _held(ctx: Ctx, variant_id: UUID, location_id: UUID) -> int:
    (row,) = await fetch(ctx, _HOLD, {"variant": variant_id, "location": location_id})
    return int(row.quantity_milli)


async def _priced(ctx: Ctx, asked: AdjustIn, variant_id: UUID, location_id: UUID, change_milli: int,
                  tracking: str) -> Change:  # fmt: skip
    way = GROUNDS[asked.reason].way
    if way * change_milli < 0:
        raise WrongWay(asked.reason, quantity.from_milli(change_milli))
    reads = Reads(ctx)
    ask_prices(reads, [variant_id], [], ctx.now, ctx.today())
    (price,) = (await reads.send())["prices"]
    change = Change(
        asked.id, variant_id, location_id, change_milli, price["cost_minor"] or 0, price["min_stock_milli"],
        asked.reason, asked.note, ctx.body_hash, tracking, units_of(asked.serials), batch_of(asked.batch),
    )  # fmt: skip
    if abs(change.value_minor) > LIMIT_MINOR:
        raise ValidationError(fields={"quantity": ["This is worth more than Duka can book."]})
    return change


async def _apply(ctx: Ctx, change: Change) -> Outcome:
    writes = Writes(ctx)
    await carry_out(writes, change)
    return await writes.send()


async def _request(ctx: Ctx, change: Change) -> Outcome:
    check_coming([_coming(change)], Disputes(ctx), unnamed=True)
    writes = Writes(ctx)
    writes.first(AdjustmentRequest, {
        "id": change.id, "variant_id": change.variant_id, "location_id": change.location_id,
        "quantity_milli": change.quantity_milli, "unit_cost_minor": change.unit_cost_minor, "reason": change.reason,
        "note": change.note, "state": "requested", "requested_by": ctx.staff_id, "at": ctx.now,
        "body_hash": change.body_hash, "named": _kept(change),
    })  # fmt: skip
    facts = facts_of(change)
    entry = audit.entry(ctx, "request", "stock_adjustment", change.id, after=facts, reason=change.reason)
    writes.insert(AuditEntry, [entry])
    writes.insert(OutboxEvent, [events.entry(ctx, told.ADJUSTMENT_REQUESTED, change.id, facts)])
    return await writes.send()


def batch_of(batch: BatchIn | None) -> NewBatch | None:
    """Read a batch as a body names it."""
    return NewBatch(batch.number, batch.expires_on) if batch else None


def _kept(change: Change) -> dict[str, Any] | None:
    """Write down which goods a request names, until it is decided."""
    batch = change.batch and {"number": change.batch.number, "expires_on": change.batch.expires_on}
    return {"serials": change.serials, "batch": batch} if change.serials or batch else None


async def _again_or_refuse(ctx: Ctx, adjustment_id: UUID, refusal: DukaError) -> Adjusted:
    # The same request sent twice at once meets itself: the second one waited for the first, and finds its goods gone.
    reads = Reads(ctx)
    reads.ask("standing", _STANDING, adjustment=adjustment_id)
    standing = (await reads.send())["standing"]
    if not standing:
        raise refusal
    return await _again(ctx, adjustment_id, standing[0], None)


async def _again(
    ctx: Ctx, adjustment_id: UUID, standing: Mapping[str, Any], variants: Sequence[Mapping[str, Any]] | None
) -> Adjusted:
    elsewhere = variants is not None and standing["variant_id"] not in {each["variant_id"] for each in variants}
    if standing["hash_text"] != ctx.body_hash.hex() or elsewhere:
        raise IdempotencyConflict
    return Adjusted(await queries.first_state(ctx, adjustment_id), again=True)
