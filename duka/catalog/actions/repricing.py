"""Changing many prices at once: worked out first for people to look at, then applied just as it was shown.

A change goes `drafting -> ready -> applying -> applied`, batch by batch, so that one of 50,000 variants holds nothing
for long. `stopped` is one whose job gave up half way: applied again it goes on where it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from duka.catalog import price_queries
from duka.catalog.errors import (
    PriceChangeNotApplied,
    PriceChangeNotReady,
    PriceInThePast,
    PricesMoved,
)
from duka.catalog.models import Price, PriceChange, PriceChangeLine
from duka.catalog.price_queries import Chosen, PlannedLine, Priced
from duka.catalog.repricing import Formula, new_price
from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import IdempotencyConflict, NotFound
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.writes import Writes, ids

VARIANTS_AT_ONCE: Final = 2_000
"""Variants whose prices are worked out or applied before the answer; more are the work of a job."""
WAITING_MAX: Final = 20
"""Changes of a shop that were worked out and not applied: the oldest beyond these are thrown away."""

_BATCH: Final = 500
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_COUNTED: Final = ("changed", "raised", "lowered", "unchanged", "without_price", "left_out", "applied", "kept",
                   "sum_before", "sum_after")  # fmt: skip
_LOOSE: Final = ("ready", "failed")
"""States of changes that changed nothing and on which nobody works."""


@dataclass(frozen=True, slots=True)
class NewChange:
    """What somebody wants: which items (`wanted`, as it was asked), and how their prices change."""

    chosen: Chosen
    formula: Formula
    asked: Mapping[str, Any]
    note: str = ""
    price_from: datetime | None = None
    id: UUID | None = None


async def plan(ctx: Ctx, new: NewChange) -> PriceChange:
    """Begin to work out a change of prices; `go_on` until it is `ready`.

    NotFound for a group or variant that the shop does not have, PriceInThePast. Sent again with its id it is the same
    change; IdempotencyConflict where that one was asked otherwise.
    """
    if new.id is not None and (stands := await _standing(ctx, new.id)) is not None:
        return _same(stands, new)
    if new.price_from is not None and new.price_from < ctx.now - _CLOCKS_DIFFER:
        raise PriceInThePast
    if new.chosen.variant_ids is not None:
        await price_queries.need_variants(ctx, new.chosen.variant_ids)
    return await _begin(ctx, new, await price_queries.count_chosen(ctx, await _resolved(ctx, new.chosen)), None)


async def plan_undo(ctx: Ctx, change_id: UUID) -> PriceChange:
    """Begin to work out the change that takes an applied one back: prices that were set anew since stay as they are.
    It begins when the other one does, or now. NotFound, PriceChangeNotApplied."""
    done = await held(ctx, change_id)
    if done.state != "applied":
        raise PriceChangeNotApplied
    later = done.price_from if done.price_from is not None and done.price_from > ctx.now else None
    undo = NewChange(Chosen(), Formula(), {"undoes": str(change_id)}, done.note, later)
    return await _begin(ctx, undo, int(done.totals["changed"]), change_id)


async def _begin(ctx: Ctx, new: NewChange, variants: int, undoes_id: UUID | None) -> PriceChange:
    loose = select(PriceChange.id).where(PriceChange.state.in_(_LOOSE)).order_by(PriceChange.created_at.desc())
    old = loose.offset(WAITING_MAX - 1).with_for_update(skip_locked=True)
    await _delete(ctx, (await ctx.db.scalars(old)).all())
    change_id = new.id or new_id()
    made = await ctx.db.scalars(insert(PriceChange).values(
        shop_id=ctx.shop_id, id=change_id, note=new.note, state="drafting", asked=dict(new.asked),
        undoes_id=undoes_id, price_from=new.price_from, rows_total=variants, rows_done=0, reached=None,
        totals=dict.fromkeys(_COUNTED, 0), created_at=ctx.now, created_by=ctx.staff_id,
    ).on_conflict_do_nothing().returning(PriceChange))  # fmt: skip
    change = made.one_or_none()
    return change if change is not None else _same(await held(ctx, change_id), new)


def _same(stands: PriceChange, new: NewChange) -> PriceChange:
    """Give the change that stands already, if it was asked for in the same way. IdempotencyConflict."""
    if (stands.asked, stands.note, stands.price_from) != (new.asked, new.note, new.price_from):
        raise IdempotencyConflict
    return stands


async def apply(ctx: Ctx, change_id: UUID) -> PriceChange:
    """Begin to apply a change as its preview showed it; `go_on` until it is `applied`.

    NotFound, PriceChangeNotReady, PricesMoved where a price is not what the preview shows any more, PriceInThePast
    where the day it was to begin has gone by.
    """
    change = await held(ctx, change_id)
    if change.state not in ("ready", "stopped"):
        raise PriceChangeNotReady(state=change.state)
    if change.price_from is not None and change.price_from < ctx.now - _CLOCKS_DIFFER and change.state == "ready":
        raise PriceInThePast
    after = change.reached if change.state == "stopped" else None
    moved = await price_queries.count_moved(ctx, change_id, after, _begins(ctx, change))
    if moved:
        raise PricesMoved(moved=moved)
    if change.state == "ready":
        change.rows_total, change.rows_done, change.reached = int(change.totals["changed"]), 0, None
    change.state, change.applied_by = "applying", ctx.staff_id
    audit.record(ctx, "apply", "price_change", change_id, after={"prices": change.rows_total, "note": change.note})
    await ctx.db.flush()
    return change


async def drop(ctx: Ctx, change_id: UUID) -> None:
    """Delete a change that was not applied, with its lines. NotFound, PriceChangeNotReady."""
    change = await held(ctx, change_id)
    if change.state not in _LOOSE:
        raise PriceChangeNotReady(state=change.state)
    await _delete(ctx, [change_id])


async def _delete(ctx: Ctx, change_ids: Sequence[UUID]) -> None:
    if change_ids:
        await ctx.db.execute(delete(PriceChangeLine).where(PriceChangeLine.change_id.in_(change_ids)))
        await ctx.db.execute(delete(PriceChange).where(PriceChange.id.in_(change_ids)))


async def go_on(ctx: Ctx, change_id: UUID) -> PriceChange:
    """Do the next batch of a change; it is done when its state is neither `drafting` nor `applying`."""
    change = await held(ctx, change_id)
    if change.state == "drafting":
        await (_draft_undo(ctx, change) if change.undoes_id else _draft(ctx, change))
    elif change.state == "applying":
        ctx.staff_id = change.applied_by
        await _apply_some(ctx, change)
    await ctx.db.flush()
    return change


async def give_up(ctx: Ctx, change_id: UUID) -> None:
    """Note that a change cannot go on by itself."""
    change = await held(ctx, change_id)
    if change.state in ("drafting", "applying"):
        change.state = "failed" if change.state == "drafting" else "stopped"


async def held(ctx: Ctx, change_id: UUID) -> PriceChange:
    """Give a change and keep others from working on it. NotFound."""
    change = await _standing(ctx, change_id)
    if change is None:
        raise NotFound(what="price change")
    return change


async def _standing(ctx: Ctx, change_id: UUID) -> PriceChange | None:
    query = select(PriceChange).where(PriceChange.id == change_id).with_for_update()
    return (await ctx.db.scalars(query, execution_options={"populate_existing": True})).one_or_none()


def _begins(ctx: Ctx, change: PriceChange) -> datetime:
    return ctx.now if change.price_from is None else max(change.price_from, ctx.now)


async def _resolved(ctx: Ctx, chosen: Chosen) -> Chosen:
    """Name the groups below the chosen one too."""
    if chosen.group_ids is None:
        return chosen
    groups = [each for group_id in chosen.group_ids for each in await price_queries.groups_within(ctx, group_id)]
    return Chosen(groups, chosen.variant_ids, chosen.brand, chosen.q, chosen.inactive)


async def _draft(ctx: Ctx, change: PriceChange) -> None:
    chosen, formula = read_asked(change.asked)
    at = _begins(ctx, change)
    batch = await price_queries.next_chosen(ctx, await _resolved(ctx, chosen), change.reached, at, _BATCH)
    await _add_lines(ctx, change, batch, {
        each.variant_id: new_price(each.price_minor, formula) for each in batch if each.price_minor is not None
    })  # fmt: skip
    _step(change, [each.variant_id for each in batch], "ready")


async def _draft_undo(ctx: Ctx, change: PriceChange) -> None:
    assert change.undoes_id
    found = await price_queries.next_lines(ctx, change.undoes_id, change.reached, _begins(ctx, change), _BATCH)
    batch = [Priced(each.variant_id, each.now_minor, each.now_included) for each in found]
    await _add_lines(ctx, change, batch, {
        each.variant_id: each.before_minor if each.now_id == each.id and not each.gone else None for each in found
    })  # fmt: skip
    _step(change, [each.variant_id for each in batch], "ready")


async def _add_lines(ctx: Ctx, change: PriceChange, batch: Sequence[Priced],
                     becomes: Mapping[UUID, int | None]) -> None:
    """Store the prices of a batch that change, and count what becomes of the others."""
    rows, counted = [], dict.fromkeys(_COUNTED, 0)
    for each in batch:
        price = becomes.get(each.variant_id)
        if each.price_minor is None:
            counted["without_price"] += 1
        elif price is None:
            counted["left_out"] += 1
        elif price == each.price_minor:
            counted["unchanged"] += 1
        else:
            counted["changed"] += 1
            counted["raised" if price > each.price_minor else "lowered"] += 1
            counted["sum_before"] += each.price_minor
            counted["sum_after"] += price
            rows.append({"id": new_id(), "change_id": change.id, "variant_id": each.variant_id,
                         "before_minor": each.price_minor, "price_minor": price, "tax_included": each.tax_included})
    change.totals = {name: change.totals[name] + counted[name] for name in _COUNTED}
    writes = Writes(ctx)
    if writes.insert(PriceChangeLine, rows):
        await writes.send()


def _step(change: PriceChange, done: Sequence[UUID], end: str) -> None:
    """Note how far the step is; a batch that is not full was the last one."""
    if done:
        change.reached = done[-1]
    change.rows_done = min(change.rows_done + len(done), change.rows_total)
    if len(done) < _BATCH:
        change.state, change.rows_done = end, change.rows_total


_HOLD: Final = """
SELECT p.id FROM products p WHERE p.shop_id = %(shop)s AND p.id = ANY(%(products)s::uuid[])
ORDER BY p.id FOR NO KEY UPDATE
"""
_COUNT_VARIANTS: Final = """
UPDATE variants v SET version = v.version + 1, updated_at = %(now)s::timestamptz
FROM first WHERE v.shop_id = %(shop)s AND v.id = ANY(%(repriced)s::uuid[]) RETURNING v.id
"""
_COUNT_PRODUCTS: Final = """
UPDATE products p SET version = p.version + 1, updated_at = %(now)s::timestamptz
FROM first WHERE p.shop_id = %(shop)s AND p.id = ANY(%(touched)s::uuid[]) RETURNING p.id
"""


async def _apply_some(ctx: Ctx, change: PriceChange) -> None:
    """Let the next prices begin. What somebody changed in the meantime stays as they wanted it and is counted."""
    begins = _begins(ctx, change)
    seen = await price_queries.next_lines(ctx, change.id, change.reached, begins, _BATCH)
    await fetch(ctx, _HOLD, {"products": sorted({each.product_id for each in seen})})
    lines = await price_queries.next_lines(ctx, change.id, change.reached, begins, _BATCH)
    stand = [each for each in lines if not each.gone
             and (each.now_minor, each.now_included) == (each.before_minor, each.tax_included)]  # fmt: skip
    await _write(ctx, stand, begins)
    change.totals = {**change.totals, "applied": change.totals["applied"] + len(stand),
                     "kept": change.totals["kept"] + len(lines) - len(stand)}  # fmt: skip
    _step(change, [each.variant_id for each in lines], "applied")
    if change.state == "applied":
        change.applied_at = ctx.now


async def _write(ctx: Ctx, lines: Sequence[PlannedLine], begins: datetime) -> None:
    if not lines:
        return
    products = sorted({each.product_id for each in lines})
    later = {"price_from": str(begins)} if begins > ctx.now else {}
    writes = Writes(ctx)
    writes.insert(Price, [
        {"id": each.id, "variant_id": each.variant_id, "price_minor": each.price_minor,
         "tax_included": each.tax_included, "valid_from": begins} for each in lines
    ])  # fmt: skip
    writes.insert(AuditEntry, [
        audit.entry(ctx, "update", "product", each.product_id, before={"price_minor": each.before_minor},
                    after={"price_minor": each.price_minor, "variant": str(each.variant_id), **later})
        for each in lines
    ])  # fmt: skip
    writes.insert(OutboxEvent, [events.entry(ctx, "product.updated", product_id) for product_id in products])
    writes.value("now", ctx.now)
    writes.value("repriced", [each.variant_id for each in lines])
    writes.value("touched", products)
    writes.step("count_variants", _COUNT_VARIANTS)
    writes.step("count_products", _COUNT_PRODUCTS)
    assert (await writes.send()).written


def asked_of(chosen: Chosen, formula: Formula) -> dict[str, Any]:
    """Write down which items and how, to be read again by `read_asked`."""
    return {
        "group_ids": ids(chosen.group_ids) if chosen.group_ids is not None else None,
        "variant_ids": ids(chosen.variant_ids) if chosen.variant_ids is not None else None,
        "brand": chosen.brand, "q": chosen.q, "inactive": chosen.inactive, "percent_bp": formula.percent_bp,
        "amount": formula.amount_minor, "round_to": formula.round_to_minor, "ending": formula.ending_minor,
        "rounding": formula.rounding,
    }  # fmt: skip


def read_asked(asked: Mapping[str, Any]) -> tuple[Chosen, Formula]:
    """Read which items and how."""
    groups, variants = ([UUID(each) for each in asked[name]] if asked[name] is not None else None
                        for name in ("group_ids", "variant_ids"))  # fmt: skip
    chosen = Chosen(groups, variants, asked["brand"], asked["q"], asked["inactive"])
    return chosen, Formula(asked["percent_bp"], asked["amount"], asked["round_to"], asked["ending"], asked["rounding"])
