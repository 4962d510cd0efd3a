"""To put goods aside and to let them go: for a held cart, a sale that is not paid yet, an order, a repair, a customer.

Nothing moves: what is put aside stands where it stood, and its balance says how much of it others may not take. A
reservation is opened and closed only under the lock of its balance, so that the balance always holds the sum of the
open ones and a sale needs to read nothing else.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from duka.platform import events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.ids import new_id
from duka.platform.models import OutboxEvent
from duka.platform.statements import execute
from duka.platform.writes import Writes
from duka.stock.events import RELEASED, RESERVED
from duka.stock.reservations.models import Purpose, Reservation

Shortage = Literal["refuse", "some", "all"]
"""What to do where less is free than is to be put aside: nothing at all, only what is free, or all of it all the same
(where the shop sells what it does not have, or it was promised already)."""


@dataclass(frozen=True, slots=True)
class Aside:
    """Some of a variant to put aside. `quantity_milli` > 0."""

    variant_id: UUID
    quantity_milli: int


@dataclass(frozen=True, slots=True)
class For:
    """Whom goods are put aside for: the document, and until when; without `until` as long as the document wants."""

    purpose: Purpose
    document_id: UUID
    until: datetime | None = None
    customer_id: UUID | None = None
    note: str = ""


_LOCK: Final = """
SELECT w.id, w.variant_id, w.quantity_milli AS wanted_milli, coalesce(b.free_milli, 0) AS free_milli,
    coalesce(b.reserved_milli, 0) AS reserved_milli, {kept} AS kept_milli
FROM (
    SELECT * FROM jsonb_to_recordset(%(aside)s::jsonb) AS r(id uuid, variant_id uuid, quantity_milli bigint)
    ORDER BY variant_id
) w LEFT JOIN LATERAL (
    SELECT h.quantity_milli - h.reserved_milli AS free_milli, h.reserved_milli FROM stock_balances h
    WHERE h.shop_id = %(shop)s AND h.variant_id = w.variant_id AND h.location_id = %(aside_location)s FOR UPDATE
) b ON true
"""
_WANTED: Final = "w.quantity_milli"
_FREE: Final = "least(w.quantity_milli, greatest(coalesce(b.free_milli, 0), 0))"

_ENOUGH: Final = "NOT EXISTS (SELECT 1 FROM aside_locked WHERE free_milli < wanted_milli)"
_SHORT: Final = """
SELECT coalesce(jsonb_agg(jsonb_build_object(
    'variant_id', k.variant_id, 'left_milli', k.free_milli, 'reserved_milli', k.reserved_milli
) ORDER BY k.variant_id), '[]') FROM aside_locked k WHERE k.free_milli < k.wanted_milli
"""

# A variant that never stood here has no balance yet; what is kept of it needs one.
_COUNT: Final = """
INSERT INTO stock_balances AS b (shop_id, variant_id, location_id, quantity_milli, reserved_milli)
SELECT %(shop)s, k.variant_id, %(aside_location)s, 0, k.kept_milli FROM aside_locked k, first
WHERE k.kept_milli > 0 ORDER BY k.variant_id
ON CONFLICT (shop_id, variant_id, location_id) DO UPDATE SET reserved_milli = b.reserved_milli + excluded.reserved_milli
RETURNING b.variant_id
"""
_KEEP: Final = """
INSERT INTO stock_reservations (shop_id, id, variant_id, location_id, quantity_milli, purpose, document_id, customer_id,
    note, until, state, made_by, at)
SELECT %(shop)s, k.id, k.variant_id, %(aside_location)s, k.kept_milli, %(aside_purpose)s, %(aside_document)s,
    %(aside_customer)s::uuid, %(aside_note)s, %(aside_until)s::timestamptz, 'open', %(aside_by)s::uuid, %(aside_at)s
FROM aside_locked k, first WHERE k.kept_milli > 0 RETURNING id
"""

# The balances first, in the order in which every document locks them; then the reservations, as they are by then: one
# that somebody else closed while this waited is not closed twice.
_CLOSE: Final = """
WITH places AS MATERIALIZED (
    SELECT r.variant_id, r.location_id FROM stock_reservations r
    WHERE r.shop_id = %(shop)s AND r.state = 'open' AND {which}
    UNION SELECT v.id, %(also_at)s::uuid FROM unnest(%(also)s::uuid[]) AS v(id)
), held AS MATERIALIZED (
    SELECT b.variant_id FROM (SELECT * FROM places ORDER BY variant_id, location_id) p CROSS JOIN LATERAL (
        SELECT h.variant_id FROM stock_balances h WHERE h.shop_id = %(shop)s AND h.variant_id = p.variant_id
            AND h.location_id = p.location_id FOR UPDATE
    ) b
), closing AS MATERIALIZED (
    SELECT r.id, r.variant_id, r.location_id, r.quantity_milli, r.document_id, r.purpose FROM stock_reservations r
    WHERE r.shop_id = %(shop)s AND r.state = 'open' AND {which} AND (SELECT count(*) FROM held) >= 0
    ORDER BY r.id FOR UPDATE
), closed AS (
    UPDATE stock_reservations r SET state = %(state)s, closed_at = %(at)s, closed_by = %(by)s FROM closing c
    WHERE r.shop_id = %(shop)s AND r.id = c.id RETURNING r.id
), freed AS (
    UPDATE stock_balances b SET reserved_milli = b.reserved_milli - s.quantity_milli FROM (
        SELECT variant_id, location_id, sum(quantity_milli)::bigint AS quantity_milli FROM closing GROUP BY 1, 2
    ) s WHERE b.shop_id = %(shop)s AND b.variant_id = s.variant_id AND b.location_id = s.location_id
    RETURNING b.variant_id
)
SELECT DISTINCT document_id, purpose, location_id FROM closing
"""
_OF_DOCUMENT: Final = """r.document_id = %(document)s
    AND (%(at_location)s::uuid IS NULL OR r.location_id = %(at_location)s::uuid)"""
_OVERDUE: Final = """
SELECT id FROM stock_reservations WHERE shop_id = %(shop)s AND state = 'open' AND until <= %(now)s
ORDER BY until LIMIT %(most)s
"""
_AT_ONCE: Final = 100
_SHOPS: Final = "SELECT shop_id FROM shops_with_overdue_reservations(%(now)s) AS o(shop_id)"


def reserve(
    writes: Writes, goods: Sequence[Aside], location_id: UUID, whom: For, *, shortage: Shortage,
    document: bool = False,
) -> None:  # fmt: skip
    """Put goods of one location aside: parts of the one statement by which their document is written.

    Where `shortage` is `refuse` and less is free, nothing is written: the guard `stock_enough` fails. What was short is
    told by the result `stock_short`, as for `moving.issue`. With `document` the reservation, of one variant, is the
    document itself, and its id that of `whom`.
    """
    summed: dict[UUID, int] = {}
    for each in goods:
        summed[each.variant_id] = summed.get(each.variant_id, 0) + each.quantity_milli
    if not summed:
        return
    ctx = writes.ctx
    rows = [
        {"id": whom.document_id if document else new_id(), "variant_id": variant_id, "quantity_milli": milli}
        for variant_id, milli in summed.items()
    ]
    writes.rows("aside", rows)
    writes.value("aside_location", location_id)
    writes.lock("aside_locked", _LOCK.replace("{kept}", _FREE if shortage == "some" else _WANTED))
    if shortage == "refuse":
        writes.guard("stock_enough", _ENOUGH)
    writes.result("stock_short", _SHORT)
    if document:
        (row,) = rows
        writes.first(Reservation, {
            **row, "location_id": location_id, "purpose": whom.purpose, "document_id": whom.document_id,
            "customer_id": whom.customer_id, "note": whom.note, "until": whom.until, "state": "open",
            "made_by": ctx.staff_id, "at": ctx.now, "body_hash": ctx.body_hash,
        })  # fmt: skip
    else:
        kept_for = {
            "purpose": whom.purpose, "document": whom.document_id, "customer": whom.customer_id, "note": whom.note,
            "until": whom.until, "by": ctx.staff_id, "at": ctx.now,
        }  # fmt: skip
        for name, value in kept_for.items():
            writes.value(f"aside_{name}", value)
        writes.step("aside_kept", _KEEP)
    writes.step("aside_counted", _COUNT)
    facts = {"purpose": whom.purpose, "location_id": str(location_id)}
    writes.insert(OutboxEvent, [events.entry(ctx, RESERVED, whom.document_id, facts)])


async def take(
    ctx: Ctx, document_id: UUID, location_id: UUID, variants: Collection[UUID], *, of_sale: bool
) -> bool:  # fmt: skip
    """Close what is put aside at a location for a document whose goods leave now, and say whether there was any. What
    it does not need is free again.

    The balances of all `variants` that leave are locked with it: whatever takes the goods afterwards, in the same
    transaction, finds them free and waits for nobody. `of_sale`: it is the unpaid sale itself for which they are kept;
    no other document takes what is kept for one.
    """
    wanted = {"document": document_id, "at_location": location_id, "also": sorted(variants), "also_at": location_id}
    which = f"{_OF_DOCUMENT} AND (r.purpose = 'sale') = %(of_sale)s"
    return await _close(ctx, which, "taken", wanted | {"of_sale": of_sale})


async def release(
    ctx: Ctx, document_id: UUID, *, location_id: UUID | None = None, variants: Collection[UUID] = ()
) -> bool:
    """Put what was put aside for a document back on sale; say whether there was any. `variants` at `location_id` are
    locked with it, for a document that puts others aside instead."""
    wanted = {"document": document_id, "at_location": None, "also": sorted(variants), "also_at": location_id}
    return await _close(ctx, _OF_DOCUMENT, "released", wanted)


async def shops_with_overdue(db: AsyncSession, now: datetime) -> list[UUID]:
    """Say in which shops `expire` has something to do, in one statement: every few minutes there is mostly nothing."""
    return [shop_id for (shop_id,) in await execute(db, _SHOPS, {"now": now})]


async def expire(ctx: Ctx) -> bool:
    """Put back on sale what was put aside until now and not fetched, some at a time; say whether there may be more."""
    overdue = [row.id for row in await fetch(ctx, _OVERDUE, {"now": ctx.now, "most": _AT_ONCE})]
    if overdue:
        await _close(ctx, "r.id = ANY(%(ids)s::uuid[])", "expired", {"ids": overdue, "also": [], "also_at": None})
    return len(overdue) == _AT_ONCE


async def _close(ctx: Ctx, which: str, state: str, values: dict[str, Any]) -> bool:
    closed = await fetch(
        ctx, _CLOSE.replace("{which}", which), {**values, "state": state, "at": ctx.now, "by": ctx.staff_id}
    )
    for row in closed:
        facts = {"purpose": row.purpose, "state": state, "location_id": str(row.location_id)}
        events.emit(ctx, RELEASED, row.document_id, facts)
    return bool(closed)
