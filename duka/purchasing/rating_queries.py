"""How suppliers have delivered, worked out of orders and receipts alone."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from duka.platform import lists
from duka.platform.context import Ctx
from duka.platform.lists import Listing, Sort
from duka.platform.wire import PageInfo, Paging

_PERIOD: Final = timedelta(days=365)

# An order counts once it has come whole, was closed, or its day has passed. What never came was late until the day the
# shop stopped waiting for it; else a supplier would grow worse every day by an order that is long forgotten.
_COLUMNS: Final = """
WITH ordered AS (
    SELECT o.id, o.supplier_id, o.expected_on, sum(l.quantity_milli) AS asked_milli,
        sum(least(l.quantity_milli, l.received_milli)) AS filled_milli,
        bool_and(l.received_milli >= l.quantity_milli) AS whole, (
            SELECT max(r.business_date) FROM goods_receipts r WHERE r.shop_id = %(shop)s AND r.order_id = o.id
        ) AS came_on, (
            SELECT max((s.at AT TIME ZONE %(zone)s::text)::date) FROM purchase_order_steps s
            WHERE s.shop_id = %(shop)s AND s.order_id = o.id AND s.step = 'close'
        ) AS closed_on
    FROM purchase_orders o JOIN purchase_order_lines l ON l.shop_id = %(shop)s AND l.order_id = o.id
    WHERE o.shop_id = %(shop)s AND o.state IN ('ordered', 'part_received', 'received', 'closed')
        AND o.expected_on BETWEEN %(since)s::date AND %(until)s::date
        AND (%(branch)s::uuid IS NULL OR o.branch_id = %(branch)s::uuid)
        AND (o.state IN ('received', 'closed') OR o.expected_on < %(today)s::date)
    GROUP BY o.id, o.supplier_id, o.expected_on
), due AS (
    SELECT supplier_id, count(*) AS orders,
        round(10000.0 * count(*) FILTER (WHERE whole AND came_on <= expected_on) / count(*))::bigint AS on_time_bp,
        round(avg(greatest(
            (CASE WHEN whole THEN came_on ELSE coalesce(closed_on, %(today)s::date) END) - expected_on, 0
        )) FILTER (WHERE NOT (whole AND came_on <= expected_on)), 1)::float AS delay_days,
        round(10000.0 * sum(filled_milli) / sum(asked_milli))::bigint AS fill_bp
    FROM ordered GROUP BY supplier_id
), came AS (
    SELECT r.supplier_id, l.variant_id, l.id, l.accepted_milli, l.rejected_milli, l.price_minor,
        first_value(l.price_minor) OVER by_time AS first_minor,
        row_number() OVER (PARTITION BY r.supplier_id, l.variant_id ORDER BY l.id DESC) AS from_last
    FROM goods_receipts r JOIN goods_receipt_lines l ON l.shop_id = %(shop)s AND l.receipt_id = r.id
    WHERE r.shop_id = %(shop)s AND r.business_date BETWEEN %(since)s::date AND %(until)s::date
        AND (%(branch)s::uuid IS NULL OR r.branch_id = %(branch)s::uuid)
    WINDOW by_time AS (PARTITION BY r.supplier_id, l.variant_id ORDER BY l.id)
), kept AS (
    SELECT supplier_id,
        round(10000.0 * sum(rejected_milli) / sum(accepted_milli + rejected_milli))::bigint AS reject_bp,
        round(10000.0 * avg((price_minor - first_minor)::numeric / nullif(first_minor, 0))
            FILTER (WHERE from_last = 1))::bigint AS price_trend_bp
    FROM came GROUP BY supplier_id
)
SELECT s.id AS supplier_id, s.name AS supplier_name, s.stars, coalesce(due.orders, 0) AS orders, due.on_time_bp,
    due.delay_days, due.fill_bp, kept.reject_bp, kept.price_trend_bp
"""

_RATINGS: Final = Listing(
    columns=_COLUMNS, table="suppliers s",
    joins="LEFT JOIN due ON due.supplier_id = s.id LEFT JOIN kept ON kept.supplier_id = s.id", key="s.id",
    sorts={
        "name": Sort("lower(s.name)", "text"), "on_time": Sort("coalesce(due.on_time_bp, -1)", "bigint"),
        "fill": Sort("coalesce(due.fill_bp, -1)", "bigint"), "reject": Sort("coalesce(kept.reject_bp, -1)", "bigint"),
    },
    default="name",
)  # fmt: skip


async def ratings(
    ctx: Ctx, asked: Paging, since: date | None, until: date | None
) -> tuple[Sequence[dict[str, Any]], PageInfo]:
    """Rate the active suppliers by what was due and came in a period, the last year unless said otherwise; by their
    own branch's for whoever is bound to one. Without `products:cost` the price trend is left out."""
    last = until or ctx.today()
    values = {
        "shop": ctx.shop_id, "since": since or max(last, date.min + _PERIOD) - _PERIOD, "until": last,
        "today": ctx.today(), "zone": ctx.time_zone, "branch": ctx.branch_id, "q": (asked.q or "").lower(),
    }  # fmt: skip
    conditions = ["s.shop_id = %(shop)s", "s.active", "strpos(s.search, %(q)s::text) > 0"]
    rows, info = await lists.page(ctx, _RATINGS, asked, conditions, values)
    told = [dict(row._mapping) for row in rows]
    if not ctx.may("products:cost"):
        for each in told:
            each["price_trend_bp"] = None
    return told, info
