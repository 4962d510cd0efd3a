"""What to order: from how fast goods sell, how long a delivery takes, what is here and what is coming."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from duka.platform import lists
from duka.platform.context import Ctx
from duka.platform.lists import Listing, Sort
from duka.platform.wire import PageInfo, Paging
from duka.purchasing.order_queries import AWAITED
from duka.purchasing.rules import OPEN

SOLD_DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class Pace:
    """What suggestions are worked out for. `lead_days` is how long a delivery takes where the supplier says nothing,
    `cover_days` how long what is ordered should last."""

    lead_days: int
    cover_days: int
    location_id: UUID | None = None
    branch_id: UUID | None = None
    supplier_id: UUID | None = None


# Movements' ids begin with the time they were written: the key finds the last days without another index (as in
# `stock.valuation`, both ends are named for the plan's sake).
# Stock and catalogue are read by name here, and never written.
_SUGGESTIONS: Final = f"""(
    WITH sold AS (
        SELECT m.variant_id, m.location_id, greatest(-sum(m.quantity_milli), 0)::bigint AS sold_milli
        FROM stock_movements m WHERE m.shop_id = %(shop)s AND m.id >= %(since)s
            AND m.id < 'ffffffff-ffff-ffff-ffff-ffffffffffff' AND m.kind IN ('sale', 'return')
        GROUP BY 1, 2
    ), coming AS (
        SELECT l.variant_id, t.to_location_id AS location_id, sum(l.dispatched_milli)::bigint AS in_transit_milli
        FROM stock_transfers t JOIN stock_transfer_lines l ON l.shop_id = t.shop_id AND l.transfer_id = t.id
        WHERE t.shop_id = %(shop)s AND t.state = 'dispatched' GROUP BY 1, 2
    ), ordered AS (
        SELECT l.variant_id, o.location_id, sum({AWAITED})::bigint AS on_order_milli
        FROM purchase_orders o JOIN purchase_order_lines l ON l.shop_id = o.shop_id AND l.order_id = o.id
        WHERE o.shop_id = %(shop)s AND o.state = ANY(%(open)s::text[]) GROUP BY 1, 2
    ), known AS (
        SELECT v.id AS variant_id, v.name AS variant_name, v.sku, v.product_id, p.unit, v.search,
            lower(v.name) || E'\\x1f' || v.id::text AS by_name, l.id AS location_id, l.name AS location_name,
            l.branch_id, b.quantity_milli, coalesce(c.in_transit_milli, 0) AS in_transit_milli,
            coalesce(o.on_order_milli, 0) AS on_order_milli, coalesce(s.sold_milli, 0) AS sold_milli,
            coalesce(b.min_stock_milli, p.min_stock_milli) AS min_stock_milli, u.id AS supplier_id,
            u.name AS supplier_name, coalesce(nullif(u.lead_time_days, 0), %(lead_days)s)::bigint AS lead_days,
            coalesce(i.pack_size_milli, 1000) AS pack_milli
        FROM stock_balances b
        JOIN variants v ON v.shop_id = b.shop_id AND v.id = b.variant_id AND v.active AND v.deleted_at IS NULL
        JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id AND p.active AND p.kind = 'goods'
            AND p.tracking <> 'none'
        JOIN locations l ON l.shop_id = b.shop_id AND l.id = b.location_id AND l.active
            AND l.kind NOT IN ('damaged', 'transit')
        LEFT JOIN sold s ON s.variant_id = b.variant_id AND s.location_id = b.location_id
        LEFT JOIN coming c ON c.variant_id = b.variant_id AND c.location_id = b.location_id
        LEFT JOIN ordered o ON o.variant_id = b.variant_id AND o.location_id = b.location_id
        LEFT JOIN supplier_items i ON i.shop_id = b.shop_id AND i.variant_id = b.variant_id AND i.preferred
        LEFT JOIN suppliers u ON u.shop_id = i.shop_id AND u.id = i.supplier_id AND u.active
        WHERE b.shop_id = %(shop)s
    )
    SELECT k.*, CASE WHEN k.sold_milli > 0
            THEN greatest(k.quantity_milli, 0) * {SOLD_DAYS} / k.sold_milli END AS days_left,
        (ceil((k.sold_milli * (k.lead_days + %(cover_days)s)::numeric / {SOLD_DAYS} + k.min_stock_milli
            - k.quantity_milli - k.in_transit_milli - k.on_order_milli) / k.pack_milli) * k.pack_milli)::bigint
            AS suggested_milli
    FROM known k
    WHERE k.quantity_milli + k.in_transit_milli + k.on_order_milli
        <= k.min_stock_milli + k.sold_milli * k.lead_days / {SOLD_DAYS} AND k.sold_milli > 0
) r"""  # noqa: S608 - no outside text

_LIST: Final = Listing(
    "SELECT r.*", _SUGGESTIONS, "", "r.location_id",
    {"name": Sort("r.by_name", "text")}, "name",
)  # fmt: skip


async def suggestions(ctx: Ctx, asked: Paging, pace: Pace) -> tuple[Sequence[Mapping[str, Any]], PageInfo]:
    """List what to order: what sold in the last 28 days and, with what is coming, lasts no longer than a delivery
    takes. As much is suggested as lasts for the delivery and the days to cover, above the level to warn at."""
    since = ctx.now - timedelta(days=SOLD_DAYS)
    values = {
        "since": UUID(int=int(since.timestamp() * 1000) << 80), "lead_days": pace.lead_days,
        "cover_days": pace.cover_days, "location": pace.location_id, "of_branch": pace.branch_id,
        "supplier": pace.supplier_id, "part": asked.q.lower() if asked.q else None,
        "open": list(OPEN),
    }  # fmt: skip
    conditions = ["r.suggested_milli > 0"]
    narrowings = (
        (pace.location_id, "r.location_id = %(location)s"), (pace.branch_id, "r.branch_id = %(of_branch)s"),
        (pace.supplier_id, "r.supplier_id = %(supplier)s"), (asked.q, "strpos(r.search, %(part)s) > 0"),
    )  # fmt: skip
    conditions += [condition for value, condition in narrowings if value]
    rows, info = await lists.page(ctx, _LIST, asked, conditions, values)
    return [row._mapping for row in rows], info
