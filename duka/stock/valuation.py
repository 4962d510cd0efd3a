"""What stock was worth at the end of a day, from the movements until then; and the sums by day that make it quick."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import Field

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.wire import Shown
from duka.shops import settings
from duka.stock.costs.costing import CostingMethod
from duka.stock.schemas import Held

SETTLED_MINUTES: Final = 60
"""A movement written so long ago is committed, or never will be: no request or job lasts so long."""
_ROWS_AT_ONCE: Final = 100_000

CalendarDay = date
"""A date, for models with a field of that name."""


class PlaceValue(Shown):
    """What stood at a location, in minor units."""

    location_id: UUID
    location_name: str
    branch_id: UUID
    value: int


class ValuationOut(Shown):
    """What stock was worth at the end of a day, at cost, in minor units."""

    date: date
    method: CostingMethod
    """How costs are worked out when they are closed: the shop's `costing_method`."""
    closed_until: CalendarDay | None
    """Up to this business day costs are closed; later movements are at the cost they were booked with."""
    value: int
    """Everything together, what was on its way too."""
    in_transit: int
    """Left one location and had not arrived at the other."""
    quantity: Held | None = Field(validation_alias="quantity_milli")
    """Of the one variant that was asked for, at all locations; empty for all goods."""
    locations: list[PlaceValue]


@dataclass(frozen=True, slots=True)
class At:
    """What a valuation is asked for: the end of a day, and where."""

    day: date
    location_id: UUID | None = None
    branch_id: UUID | None = None
    variant_id: UUID | None = None


def worth_sql(quantity: str, cost: str) -> str:
    """Write the sum of `stock.rules.value_minor` as SQL: half a minor unit away from zero."""
    return f"sign({quantity}) * div(2 * abs({quantity})::numeric * {cost} + 1000, 2000)"


MOVED: Final = worth_sql("m.quantity_milli", "m.unit_cost_minor")
"""What a movement `m` is worth by its own document."""

_CLOSED: Final = "SELECT until FROM stock_cost_marks WHERE shop_id = %(shop)s"
_MARK: Final = "SELECT movement_id FROM stock_days_marks WHERE shop_id = %(shop)s"
_FIRST: Final = UUID(int=0)

# The mark is named twice. The one that stands when the days are read decides; the one that was `seen` just before is
# never behind it, and its value tells the planner how few movements there are: else it reads all of them.
_ALL_GOODS: Final = f"""
SELECT location_id, value_minor, 0 AS quantity_milli FROM stock_days
WHERE shop_id = %(shop)s AND business_date <= %(day)s
UNION ALL
SELECT m.location_id, {MOVED}, 0 FROM stock_movements m
WHERE m.shop_id = %(shop)s AND m.business_date <= %(day)s AND m.id > coalesce(
    (SELECT k.movement_id FROM stock_days_marks k WHERE k.shop_id = %(shop)s), '00000000-0000-0000-0000-000000000000')
    AND m.id > %(seen)s::uuid AND m.id < 'ffffffff-ffff-ffff-ffff-ffffffffffff'
UNION ALL
SELECT location_id, value_minor, 0 FROM stock_cost_days WHERE shop_id = %(shop)s AND business_date <= %(day)s
"""  # noqa: S608 - no outside text
_ONE_VARIANT: Final = f"""
SELECT m.location_id, {MOVED} AS value_minor, m.quantity_milli FROM stock_movements m
WHERE m.shop_id = %(shop)s AND m.variant_id = %(variant)s AND m.business_date <= %(day)s
UNION ALL
SELECT m.location_id, c.value_minor, 0 FROM stock_movements m
JOIN stock_cost_corrections c ON c.shop_id = m.shop_id AND c.movement_id = m.id
WHERE m.shop_id = %(shop)s AND m.variant_id = %(variant)s AND m.business_date <= %(day)s
"""  # noqa: S608 - no outside text

# Added up before the places are joined: nothing is looked through once for each place.
_PLACES: Final = """
WITH standing AS MATERIALIZED (
    SELECT s.location_id, sum(s.value_minor)::bigint AS value, sum(s.quantity_milli)::bigint AS quantity_milli
    FROM ({moved}) s GROUP BY 1
)
SELECT l.id AS location_id, l.name AS location_name, l.branch_id, coalesce(s.value, 0) AS value,
    coalesce(s.quantity_milli, 0) AS quantity_milli
FROM locations l LEFT JOIN standing s ON s.location_id = l.id
WHERE l.shop_id = %(shop)s AND (%(location)s::uuid IS NULL OR l.id = %(location)s::uuid)
    AND (%(of_branch)s::uuid IS NULL OR l.branch_id = %(of_branch)s::uuid)
    AND (%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)
ORDER BY lower(l.name), l.id
"""

_IN_TRANSIT: Final = f"""
SELECT coalesce(
        sum({worth_sql("l.dispatched_milli", "l.unit_cost_minor")} - coalesce(closed.value_minor, 0)), 0
    )::bigint AS value,
    coalesce(sum(l.dispatched_milli), 0)::bigint AS quantity_milli
FROM stock_transfer_steps d
JOIN stock_transfers t ON t.shop_id = d.shop_id AND t.id = d.transfer_id
JOIN stock_transfer_lines l ON l.shop_id = d.shop_id AND l.transfer_id = d.transfer_id
LEFT JOIN LATERAL (
    SELECT sum(c.value_minor) AS value_minor FROM stock_movements m
    JOIN stock_cost_corrections c ON c.shop_id = m.shop_id AND c.movement_id = m.id
    WHERE m.shop_id = d.shop_id AND m.source_id = t.id AND m.source_line_id = l.id AND m.business_date <= %(day)s
) closed ON true
WHERE d.shop_id = %(shop)s AND d.step = 'dispatch' AND d.business_date <= %(day)s AND NOT EXISTS (
    SELECT 1 FROM stock_transfer_steps r WHERE r.shop_id = d.shop_id AND r.transfer_id = d.transfer_id
        AND r.step = 'receive' AND r.business_date <= %(day)s
) AND t.to_location_id = ANY(%(places)s::uuid[]) AND (%(variant)s::uuid IS NULL OR l.variant_id = %(variant)s::uuid)
"""  # noqa: S608 - no outside text

_HOLD_MARK: Final = """
INSERT INTO stock_days_marks AS k (shop_id, movement_id) VALUES (%(shop)s, '00000000-0000-0000-0000-000000000000')
ON CONFLICT (shop_id) DO UPDATE SET movement_id = k.movement_id RETURNING movement_id
"""
_ADD_UP: Final = f"""
WITH next AS MATERIALIZED (
    SELECT m.id, m.location_id, m.business_date, m.quantity_milli, m.unit_cost_minor FROM stock_movements m
    WHERE m.shop_id = %(shop)s AND m.id > %(mark)s AND m.id < %(before)s ORDER BY m.id LIMIT {_ROWS_AT_ONCE}
), days AS (
    INSERT INTO stock_days AS d (shop_id, location_id, business_date, value_minor)
    SELECT %(shop)s, m.location_id, m.business_date, sum({MOVED})::bigint FROM next m GROUP BY 2, 3 ORDER BY 2, 3
    ON CONFLICT (shop_id, location_id, business_date) DO UPDATE SET value_minor = d.value_minor + excluded.value_minor
    RETURNING 1
), moved AS (
    UPDATE stock_days_marks SET movement_id = (SELECT id FROM next ORDER BY id DESC LIMIT 1)
    WHERE shop_id = %(shop)s AND EXISTS (SELECT 1 FROM next) RETURNING 1
)
SELECT (SELECT count(*) FROM next) AS rows, (SELECT count(*) FROM days) AS days, (SELECT count(*) FROM moved) AS moved
"""  # noqa: S608 - no outside text


async def valuation(ctx: Ctx, at: At) -> Mapping[str, Any]:
    """Say what stock was worth at the end of a business day, location by location: each movement at its own cost, or at
    the one by business time as far as costs are closed.

    Whoever is bound to a branch sees its locations and what was on its way there.
    """
    moved = _ONE_VARIANT if at.variant_id else _ALL_GOODS
    values = {
        "day": at.day, "location": at.location_id, "of_branch": at.branch_id, "variant": at.variant_id,
        "branch": ctx.branch_id,
    }  # fmt: skip
    if not at.variant_id:
        marks = await fetch(ctx, _MARK, {})
        values["seen"] = marks[0].movement_id if marks else _FIRST
    # One statement: it sees the days, their mark and the movements behind it as they were at one moment.
    places = [row._mapping for row in await fetch(ctx, _PLACES.format(moved=moved), values)]
    (coming,) = await fetch(ctx, _IN_TRANSIT, {**values, "places": [place["location_id"] for place in places]})
    standing_milli = sum(place["quantity_milli"] for place in places)
    closed = await fetch(ctx, _CLOSED, {})
    return {
        "method": settings.of(ctx).costing_method, "closed_until": closed[0].until if closed else None,
        "date": at.day, "value": sum(place["value"] for place in places) + coming.value, "in_transit": coming.value,
        "quantity_milli": standing_milli + coming.quantity_milli if at.variant_id else None, "locations": places,
    }  # fmt: skip


async def add_up(ctx: Ctx, before: UUID) -> bool:
    """Add the next movements written before a moment (as an id) to the sums of their days; say whether more are left.

    Each movement is added once: who adds up holds the shop's mark.
    """
    (mark,) = await fetch(ctx, _HOLD_MARK, {})
    (done,) = await fetch(ctx, _ADD_UP, {"mark": mark.movement_id, "before": before})
    return bool(done.rows == _ROWS_AT_ONCE)


def settled(now: datetime) -> UUID:
    """Give an id that sorts before those of all movements that may still be uncommitted."""
    return UUID(int=int((now - timedelta(minutes=SETTLED_MINUTES)).timestamp() * 1000) << 80)
