"""Goods that move with a document: parts of the one statement by which the document is written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.platform import quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import DukaError
from duka.platform.ids import new_id
from duka.platform.writes import Writes
from duka.stock.actions import parting
from duka.stock.choosing import Part
from duka.stock.models import Movement


@dataclass(frozen=True, slots=True)
class Goods:
    """Some of a variant that moves with one line of a document. `quantity_milli` > 0, whichever way it goes.

    `tracking` is the product's; of goods with serial numbers or batches `parts` says which move, and come to the
    quantity. Without parts nobody said which they are.
    """

    variant_id: UUID
    quantity_milli: int
    unit_cost_minor: int
    line_id: UUID
    min_stock_milli: int = 0
    tracking: str = "quantity"
    parts: tuple[Part, ...] = ()
    origin_line_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The document that moves goods: its id, its business date, the words for the movement.

    `kind` is the movement's kind; `document` says what the document is where that is another word (goods that are
    written off as `damage` move by an `adjustment`).
    """

    kind: str
    id: UUID
    business_date: date
    staff_id: UUID | None
    reason: str | None = None
    note: str | None = None
    document: str | None = None


@dataclass(eq=False)
class OutOfStock(DukaError):
    """Less is there than was asked for. `short` lists each variant with what is left of it, and how much more is put
    aside for others (`reserved`) where some is; where it may be a component of a set, with its name."""

    text: ClassVar[str] = "There is not enough in stock."
    short: list[dict[str, Any]]


_BECOMES: Final = {"sale": "sold", "transfer_out": "in_transit", "receipt": "sent_back"}
"""What a unit is once it left, by the movement's kind; else written off."""

_LOCK: Final = """
SELECT w.variant_id, w.quantity_milli, w.event_id, coalesce(b.min_stock_milli, w.min_stock_milli) AS min_milli,
    b.quantity_milli AS held_milli, b.reserved_milli
FROM (
    SELECT * FROM jsonb_to_recordset(%(stock_wanted)s::jsonb)
        AS r(variant_id uuid, quantity_milli bigint, min_stock_milli bigint, event_id uuid) ORDER BY variant_id
) w CROSS JOIN LATERAL (
    SELECT h.quantity_milli, h.min_stock_milli, {reserved} AS reserved_milli FROM stock_balances h
    WHERE h.shop_id = %(shop)s AND h.variant_id = w.variant_id AND h.location_id = %(stock_location)s FOR UPDATE
) b
"""
"""Looks each balance up by its key, one after the other in the order of the variants, and locks it there."""
_RESERVED: Final = "h.reserved_milli"
_DISREGARDED: Final = "0::bigint"

_TAKE: Final = """
UPDATE stock_balances b SET quantity_milli = l.held_milli - l.quantity_milli FROM stock_locked l, first
WHERE b.shop_id = %(shop)s AND b.variant_id = l.variant_id AND b.location_id = %(stock_location)s RETURNING b.variant_id
"""

# A variant that never stood here has no balance to lock; selling it below zero makes one.
_TAKE_BELOW_ZERO: Final = """
INSERT INTO stock_balances AS b (shop_id, variant_id, location_id, quantity_milli)
SELECT %(shop)s, w.variant_id, %(stock_location)s, -w.quantity_milli
FROM first, jsonb_to_recordset(%(stock_wanted)s::jsonb) AS w(variant_id uuid, quantity_milli bigint)
ORDER BY w.variant_id
ON CONFLICT (shop_id, variant_id, location_id) DO UPDATE SET quantity_milli = b.quantity_milli + excluded.quantity_milli
RETURNING b.variant_id
"""

_WARN: Final = """
INSERT INTO outbox (shop_id, id, event, entity_id, facts, at)
SELECT %(shop)s, l.event_id, 'stock.low', l.variant_id, jsonb_build_object(
    'variant_id', l.variant_id, 'location_id', %(stock_location)s::uuid,
    'branch_id', (SELECT branch_id FROM locations WHERE shop_id = %(shop)s AND id = %(stock_location)s),
    'quantity_milli', l.held_milli - l.quantity_milli, 'min_stock_milli', l.min_milli
), %(stock_at)s FROM stock_locked l, first
WHERE l.held_milli > l.min_milli AND l.held_milli - l.quantity_milli <= l.min_milli RETURNING id
"""

_ENOUGH: Final = """(SELECT count(*) FROM stock_locked
    WHERE held_milli - reserved_milli >= quantity_milli)
    = jsonb_array_length(%(stock_wanted)s::jsonb)"""

_SHORT: Final = """
SELECT coalesce(jsonb_agg(jsonb_build_object(
    'variant_id', w.variant_id, 'left_milli', coalesce(l.held_milli - l.reserved_milli, 0),
    'reserved_milli', coalesce(l.reserved_milli, 0)
) ORDER BY w.variant_id), '[]')
FROM jsonb_to_recordset(%(stock_wanted)s::jsonb) AS w(variant_id uuid, quantity_milli bigint)
LEFT JOIN stock_locked l ON l.variant_id = w.variant_id
WHERE coalesce(l.held_milli - l.reserved_milli, 0) < w.quantity_milli
"""

_HOLD: Final = """
SELECT b.variant_id FROM stock_balances b WHERE b.shop_id = %(shop)s AND b.variant_id = ANY(%(variants)s)
    AND b.location_id = ANY(%(places)s) ORDER BY b.variant_id, b.location_id FOR UPDATE
"""

# Locks every row whether its condition holds or not, and makes one of 0 where a variant never stood: so that whoever
# else brings it there waits at the same row, in the same order. Nothing is written over what stands.
_CLAIM: Final = """
WITH held AS (
    INSERT INTO stock_balances AS b (shop_id, variant_id, location_id, quantity_milli)
    SELECT %(shop)s, h.variant_id, h.location_id, 0 FROM (
        SELECT v.id AS variant_id, p.id AS location_id
        FROM unnest(%(variants)s::uuid[]) AS v(id) CROSS JOIN unnest(%(places)s::uuid[]) AS p(id)
        UNION SELECT e.variant_id, e.location_id FROM stock_balances e
        WHERE e.shop_id = %(shop)s AND e.variant_id = ANY(%(elsewhere)s::uuid[])
    ) h ORDER BY h.variant_id, h.location_id
    ON CONFLICT (shop_id, variant_id, location_id) DO UPDATE SET quantity_milli = b.quantity_milli WHERE false
    RETURNING 1
)
SELECT count(*) FROM held
"""

_LOCK_PUT: Final = """
SELECT b.variant_id FROM jsonb_to_recordset(%(stock_put)s::jsonb) AS w(variant_id uuid, location_id uuid)
JOIN stock_balances b ON b.shop_id = %(shop)s AND b.variant_id = w.variant_id AND b.location_id = w.location_id
ORDER BY b.variant_id, b.location_id FOR UPDATE OF b
"""

_PUT: Final = """
INSERT INTO stock_balances AS b (shop_id, variant_id, location_id, quantity_milli)
SELECT %(shop)s, w.variant_id, w.location_id, w.quantity_milli
FROM first, jsonb_to_recordset(%(stock_put)s::jsonb) AS w(variant_id uuid, location_id uuid, quantity_milli bigint)
ORDER BY w.variant_id, w.location_id
ON CONFLICT (shop_id, variant_id, location_id) DO UPDATE SET quantity_milli = b.quantity_milli + excluded.quantity_milli
RETURNING b.variant_id
"""


def issue(
    writes: Writes, goods: Sequence[Goods], source: Source, location_id: UUID, *, below_zero: bool,
    gone: bool = False,
) -> None:  # fmt: skip
    """Take goods out of a location for a document, several lines of one variant together.

    Unless `below_zero`, nothing at all is written when less is free (see `refuse_short`): what is put aside for others
    is not, but where goods are `gone` already (broken, lost) all that stands there counts. The balances are locked
    in the order of their variants, so that crossing documents wait for each other and never deadlock. Who falls to
    the warning level emits `stock.low` once.
    """
    if not goods:
        return
    # Whether somebody falls to the level is known only in the statement; the relay looks either way.
    writes.ctx.emitted = True
    writes.rows("stock_wanted", _together(goods))
    writes.value("stock_location", location_id)
    writes.value("stock_at", writes.ctx.now)
    writes.lock("stock_locked", _LOCK.replace("{reserved}", _DISREGARDED if gone else _RESERVED))
    if not below_zero:
        writes.guard("stock_enough", _ENOUGH)
    writes.result("stock_short", _SHORT if below_zero else f"SELECT CASE WHEN NOT {_ENOUGH} THEN ({_SHORT}) END")
    writes.step("stock_taken", _TAKE_BELOW_ZERO if below_zero else _TAKE)
    writes.step("stock_warned", _WARN)
    rows = [_movement(writes, each, source, location_id, -each.quantity_milli) for each in goods]
    writes.insert(Movement, rows)
    tracked = _tracked(rows, goods)
    if tracked:
        parting.take_out(writes, tracked, _BECOMES.get(source.kind, "written_off"))


def put_back(writes: Writes, goods: Sequence[tuple[Goods, UUID]], source: Source) -> None:
    """Bring goods of a document back, each to its location."""
    if not goods:
        return
    summed: dict[tuple[UUID, UUID], int] = {}
    for each, location_id in goods:
        key = (each.variant_id, location_id)
        summed[key] = summed.get(key, 0) + each.quantity_milli
    rows = [{"variant_id": v, "location_id": place, "quantity_milli": q} for (v, place), q in summed.items()]
    writes.rows("stock_put", rows)
    # Goods that come back wait their turn as those that leave do: balances before the document's number.
    writes.lock("stock_put_locked", _LOCK_PUT)
    writes.step("stock_back", _PUT)
    moved = [_movement(writes, each, source, place, each.quantity_milli) for each, place in goods]
    writes.insert(Movement, moved)
    tracked = _tracked(moved, [each for each, _ in goods])
    if tracked:
        parting.bring_in(writes, tracked)


async def hold(ctx: Ctx, variants: Collection[UUID], locations: Collection[UUID]) -> None:
    """Lock the balances of some variants at some locations, in the order in which every document locks them: for an
    action that writes more than one document."""
    await fetch(ctx, _HOLD, {"variants": list(variants), "places": list(locations)})


async def claim(
    ctx: Ctx, variants: Collection[UUID], locations: Collection[UUID], *, elsewhere: bool = False
) -> None:  # fmt: skip
    """Lock balances as `hold` does, and make those that are not there yet: for what brings goods where they may never
    have stood. With `elsewhere` those at all other locations too."""
    wanted = sorted(variants)
    values = {"variants": wanted, "places": list(locations), "elsewhere": wanted if elsewhere else []}
    await fetch(ctx, _CLAIM, values)


def refuse_short(short: Sequence[dict[str, Any]], names: Mapping[UUID, str] = MappingProxyType({})) -> OutOfStock:
    """Say what is missing, in the API's quantities; by name where `names` has it."""
    return OutOfStock([
        {
            "variant_id": each["variant_id"], "left": quantity.from_milli(each["left_milli"]),
            **({"reserved": quantity.from_milli(each["reserved_milli"])} if each["reserved_milli"] else {}),
            **({"name": name} if (name := names.get(UUID(str(each["variant_id"])))) else {}),
        }
        for each in short
    ])  # fmt: skip


def _together(goods: Sequence[Goods]) -> list[dict[str, Any]]:
    summed: dict[UUID, dict[str, Any]] = {}
    for each in goods:
        row = summed.setdefault(
            each.variant_id,
            {"variant_id": each.variant_id, "quantity_milli": 0, "min_stock_milli": each.min_stock_milli},
        )
        row["quantity_milli"] += each.quantity_milli
    for row in summed.values():
        row["event_id"] = new_id()
    return list(summed.values())


def _tracked(
    rows: Sequence[dict[str, Any]], goods: Sequence[Goods]
) -> list[tuple[dict[str, Any], tuple[Part, ...]]]:
    return [
        (row, each.parts or (Part(each.quantity_milli, fault="unnamed"),))
        for row, each in zip(rows, goods, strict=True)
        if each.tracking in parting.TRACKED
    ]


def _movement(writes: Writes, goods: Goods, source: Source, location_id: UUID, change_milli: int) -> dict[str, Any]:
    return {
        "id": new_id(), "variant_id": goods.variant_id, "location_id": location_id, "kind": source.kind,
        "quantity_milli": change_milli, "unit_cost_minor": goods.unit_cost_minor,
        "source": source.document or source.kind, "source_id": source.id, "source_line_id": goods.line_id,
        "origin_line_id": goods.origin_line_id, "staff_id": source.staff_id,
        "reason": source.reason, "note": source.note, "business_date": source.business_date, "at": writes.ctx.now,
    }  # fmt: skip
