"""To receive: goods come into stock from outside, and what a unit costs the shop becomes the new average."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from duka.catalog.actions.costing import NewCost, set_costs
from duka.platform.context import Ctx
from duka.platform.money import divide_half_up
from duka.platform.reads import Reads
from duka.platform.writes import Writes
from duka.stock.actions import moving
from duka.stock.actions.moving import Goods, Source, put_back
from duka.stock.choosing import Part
from duka.stock.rules import average_minor


@dataclass(frozen=True, slots=True)
class Received:
    """Some of a variant that came in with one line of a document: thousandths, and what all of it cost. `tracking` and
    `parts` as for `moving.Goods`."""

    variant_id: UUID
    quantity_milli: int
    cost_minor: int
    line_id: UUID
    tracking: str = "quantity"
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the shop holds of a variant at all its locations, and what one unit costs by now (None: not known).

    `since` is the moment from which a new cost is in force: now, or the newest of the variant's latest movements where
    requests that began later were written first.
    """

    held_milli: int
    cost_minor: int | None
    since: datetime


_STANDING: Final = """
SELECT w.id AS variant_id, held.milli AS held_milli, cost.cost_minor, newest.at AS since
FROM unnest(%(stood)s::uuid[]) AS w(id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(b.quantity_milli), 0)::bigint AS milli FROM stock_balances b
    WHERE b.shop_id = %(shop)s AND b.variant_id = w.id
) held
CROSS JOIN LATERAL (
    SELECT greatest(%(stood_at)s::timestamptz, (
        SELECT max(lately.at) FROM (
            SELECT m.at FROM stock_movements m WHERE m.shop_id = %(shop)s AND m.variant_id = w.id
            ORDER BY m.id DESC LIMIT 100
        ) lately
    )) AS at
) newest
LEFT JOIN LATERAL (
    SELECT c.cost_minor FROM costs c
    WHERE c.shop_id = %(shop)s AND c.variant_id = w.id AND c.valid_from <= newest.at
    ORDER BY c.valid_from DESC, c.id DESC LIMIT 1
) cost ON true
"""


async def hold(ctx: Ctx, variants: Sequence[UUID], location_id: UUID) -> None:
    """Lock all balances of some variants, in the order in which every document locks them, before their cost is asked:
    two receipts of the same goods are averaged one after the other. One statement."""
    await moving.claim(ctx, variants, [location_id], elsewhere=True)


def ask_standing(reads: Reads, variants: Sequence[UUID]) -> None:
    """Ask what is held and what it costs (`standing`, a row for each variant). Ask it once the balances are held."""
    reads.ask("standing", _STANDING, stood=list(variants), stood_at=reads.ctx.now)


def standing(rows: Sequence[Mapping[str, object]]) -> dict[UUID, Standing]:
    """Read the answer of `ask_standing`."""
    return {
        UUID(str(row["variant_id"])): Standing(
            int(str(row["held_milli"])), None if row["cost_minor"] is None else int(str(row["cost_minor"])),
            datetime.fromisoformat(str(row["since"])),
        )
        for row in rows
    }  # fmt: skip


def receive(
    writes: Writes, goods: Sequence[Received], source: Source, location_id: UUID, held: Mapping[UUID, Standing]
) -> None:  # fmt: skip
    """Bring goods into a location: movements, balances, and the new moving average as a dated cost.

    The balances are held (`hold`) and `held` was asked since. Several lines of a variant are averaged together.
    """
    put_back(writes, [(_goods(each), location_id) for each in goods], source)
    average(writes, [(each.variant_id, each.quantity_milli, each.cost_minor) for each in goods], held)


def average(writes: Writes, came: Sequence[tuple[UUID, int, int]], held: Mapping[UUID, Standing]) -> None:
    """Write the new moving average of goods that came in: each variant, thousandths, and what all of it cost."""
    summed: dict[UUID, tuple[int, int]] = {}
    for variant_id, quantity_milli, cost_minor in came:
        milli, cost = summed.get(variant_id, (0, 0))
        summed[variant_id] = (milli + quantity_milli, cost + cost_minor)
    costs = []
    for variant_id, (quantity_milli, cost_minor) in summed.items():
        before = held[variant_id]
        unit_minor = average_minor(before.held_milli, before.cost_minor, quantity_milli, cost_minor)
        if unit_minor != before.cost_minor:
            costs.append(NewCost(variant_id, unit_minor, before.since))
    set_costs(writes, costs)


def _goods(each: Received) -> Goods:
    unit_minor = divide_half_up(each.cost_minor * 1000, each.quantity_milli)
    return Goods(
        each.variant_id, each.quantity_milli, unit_minor, each.line_id, tracking=each.tracking, parts=each.parts
    )
