"""Which units and batches a movement moved, written in the statement that writes the movement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from duka.platform.ids import new_id
from duka.platform.writes import Writes
from duka.stock.choosing import Part
from duka.stock.units import models as unit_models

TRACKED: Final = ("batch", "serial")

_UNITS: Final = """
UPDATE stock_units u SET state = r.state, location_id = r.location_id, changed_at = r.at
FROM first, jsonb_to_recordset(%({name})s::jsonb) AS r(id uuid, state text, location_id uuid, at timestamptz)
WHERE u.shop_id = %(shop)s AND u.id = r.id RETURNING u.id
"""

_BATCHES_OUT: Final = """
UPDATE stock_batch_balances b SET quantity_milli = b.quantity_milli - r.quantity_milli
FROM first, jsonb_to_recordset(%({name})s::jsonb) AS r(batch_id uuid, location_id uuid, quantity_milli bigint)
WHERE b.shop_id = %(shop)s AND b.batch_id = r.batch_id AND b.location_id = r.location_id RETURNING b.batch_id
"""

_BATCHES_IN: Final = """
INSERT INTO stock_batch_balances AS b (shop_id, batch_id, location_id, quantity_milli)
SELECT %(shop)s, r.batch_id, r.location_id, r.quantity_milli
FROM first, jsonb_to_recordset(%({name})s::jsonb) AS r(batch_id uuid, location_id uuid, quantity_milli bigint)
ORDER BY r.batch_id, r.location_id
ON CONFLICT (shop_id, batch_id, location_id) DO UPDATE SET quantity_milli = b.quantity_milli + excluded.quantity_milli
RETURNING b.batch_id
"""


def take_out(writes: Writes, moved: Sequence[tuple[Mapping[str, Any], Sequence[Part]]], becomes: str) -> None:
    """Write what left: parts of movements (their rows, with what each is made of), and where that leaves the units, in
    the state `becomes`. Units and batches are held (`picking`)."""
    _write(writes, moved, -1)
    units = [(part.unit_id, becomes, None) for _, parts in moved for part in parts if part.fault is None]
    move_units(writes, "units_out", units)
    move_batches(writes, "batches_out", moved, out=True)


def bring_in(writes: Writes, moved: Sequence[tuple[Mapping[str, Any], Sequence[Part]]]) -> None:
    """Write what came: parts of movements, units stand where their movement brought them, batches grow."""
    _write(writes, moved, 1)
    units = [
        (part.unit_id, "in_stock", row["location_id"]) for row, parts in moved for part in parts if part.fault is None
    ]
    move_units(writes, "units_in", units)
    move_batches(writes, "batches_in", moved, out=False)


def part_row(part: Part, quantity_milli: int, place: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Make a part's row. `place` has `variant_id`, `location_id` and the movement's `id`, None without one."""
    return {
        "id": new_id(), "movement_id": place["id"], "variant_id": place["variant_id"],
        "location_id": place["location_id"], "unit_id": part.unit_id, "batch_id": part.batch_id,
        "quantity_milli": quantity_milli, "fault": part.fault, "at": at,
    }  # fmt: skip


def _write(writes: Writes, moved: Sequence[tuple[Mapping[str, Any], Sequence[Part]]], sign: int) -> None:
    rows = []
    for row, parts in moved:
        assert sum(part.quantity_milli for part in parts) == abs(row["quantity_milli"])
        rows += [part_row(part, sign * part.quantity_milli, row, writes.ctx.now) for part in parts]
    writes.insert(unit_models.Part, rows)


def move_units(writes: Writes, name: str, units: Sequence[tuple[UUID | None, str, UUID | None]]) -> None:
    """Set the state and place of units. `name` is unique in the statement."""
    rows = [
        {"id": unit_id, "state": state, "location_id": place, "at": writes.ctx.now}
        for unit_id, state, place in units
        if unit_id is not None
    ]
    if rows:
        writes.rows(name, rows)
        writes.step(f"{name}_moved", _UNITS.format(name=name))


def move_batches(
    writes: Writes, name: str, moved: Sequence[tuple[Mapping[str, Any], Sequence[Part]]], *, out: bool
) -> None:
    """Take what is of a batch off its balance, or add it. `name` is unique in the statement."""
    summed: dict[tuple[UUID, UUID], int] = {}
    for row, parts in moved:
        for part in parts:
            if part.batch_id is not None and part.fault is None:
                key = part.batch_id, row["location_id"]
                summed[key] = summed.get(key, 0) + part.quantity_milli
    if summed:
        writes.rows(name, [
            {"batch_id": batch, "location_id": place, "quantity_milli": milli}
            for (batch, place), milli in summed.items()
        ])  # fmt: skip
        writes.step(f"{name}_moved", (_BATCHES_OUT if out else _BATCHES_IN).format(name=name))
