"""To warn of batches whose last day comes soon, once each."""

from datetime import timedelta
from typing import Final

from duka.platform import events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.shops import settings
from duka.stock.events import EXPIRING

BATCHES_AT_ONCE: Final = 500

_WARN: Final = """
UPDATE stock_batches b SET warned_at = %(now)s
WHERE b.shop_id = %(shop)s AND b.id IN (
    SELECT n.id FROM stock_batches n
    WHERE n.shop_id = %(shop)s AND n.expires_on <= %(until)s AND n.warned_at IS NULL AND EXISTS (
        SELECT 1 FROM stock_batch_balances h
        WHERE h.shop_id = %(shop)s AND h.batch_id = n.id AND h.quantity_milli > 0
    ) ORDER BY n.expires_on, n.id LIMIT %(limit)s
) RETURNING b.id, b.variant_id, b.number, b.expires_on
"""

_PLACES: Final = """
SELECT h.batch_id, l.branch_id, sum(h.quantity_milli)::bigint AS quantity_milli FROM stock_batch_balances h
JOIN locations l ON l.shop_id = %(shop)s AND l.id = h.location_id
WHERE h.shop_id = %(shop)s AND h.batch_id = ANY(%(batches)s) AND h.quantity_milli > 0
GROUP BY h.batch_id, l.branch_id ORDER BY h.batch_id, l.branch_id
"""


async def warn_of_expiry(ctx: Ctx) -> bool:
    """Tell each branch of the batches it has whose last day comes within the shop's days of warning, or is over; each
    batch once. Say whether there may be more."""
    rules = settings.of(ctx)
    until = ctx.today(rules.day_start_minutes) + timedelta(days=rules.expiry_warning_days)
    found = await fetch(ctx, _WARN, {"until": until, "now": ctx.now, "limit": BATCHES_AT_ONCE})
    batches = {row.id: row for row in found}
    for place in await fetch(ctx, _PLACES, {"batches": list(batches)}) if batches else ():
        batch = batches[place.batch_id]
        events.emit(ctx, EXPIRING, batch.id, {
            "variant_id": str(batch.variant_id), "number": batch.number, "expires_on": str(batch.expires_on),
            "branch_id": str(place.branch_id), "quantity_milli": place.quantity_milli,
        })  # fmt: skip
    return len(found) == BATCHES_AT_ONCE
