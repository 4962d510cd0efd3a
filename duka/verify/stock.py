"""The stock: what stands at a place is what was moved there, and what moved was moved by one line of a document."""

from typing import Final

from duka.stock.rules import GROUNDS
from duka.verify import counts, purchasing, sets, transfers
from duka.verify.invariants import Invariant, asked

_BALANCES: Final = """
SELECT coalesce(b.variant_id, m.variant_id) AS variant_id, coalesce(b.location_id, m.location_id) AS location_id,
    b.quantity_milli AS balance_milli, m.quantity_milli::bigint AS moved_milli
FROM (SELECT variant_id, location_id, quantity_milli FROM stock_balances WHERE shop_id = %(shop)s) b
FULL JOIN (
    SELECT variant_id, location_id, sum(quantity_milli) AS quantity_milli FROM stock_movements
    WHERE shop_id = %(shop)s GROUP BY 1, 2
) m ON m.variant_id = b.variant_id AND m.location_id = b.location_id
WHERE coalesce(b.quantity_milli, 0) <> coalesce(m.quantity_milli, 0)
"""

# A note says whether its goods go on sale again or to the damaged ones, not at which location: that is for the
# balances.
_SOURCES: Final = f"""
WITH expected AS (
    SELECT 'sale' AS kind, 'sale' AS source, s.id AS source_id, l.id AS line_id, l.variant_id,
        s.location_id::text AS place, -l.quantity_milli AS quantity_milli, l.unit_cost_minor, i.business_date,
        s.staff_id, NULL AS reason, NULL AS note
    FROM invoices i JOIN sales s ON s.shop_id = %(shop)s AND s.id = i.sale_id
    JOIN sale_lines l ON l.shop_id = %(shop)s AND l.sale_id = s.id AND l.revision = s.revision AND l.stocked
    WHERE i.shop_id = %(shop)s AND i.kind = 'invoice'
    UNION ALL
    SELECT 'return', 'return', i.id, l.id, l.variant_id, l.restock, l.quantity_milli, l.unit_cost_minor,
        i.business_date, i.staff_id, i.reason, NULL
    FROM invoices i JOIN invoice_lines l ON l.shop_id = %(shop)s AND l.invoice_id = i.id AND l.restock IS NOT NULL
    WHERE i.shop_id = %(shop)s AND NOT EXISTS (
        SELECT 1 FROM sold_components c WHERE c.shop_id = %(shop)s AND c.invoice_line_id = l.id
    )
    UNION ALL {sets.MOVED}
    UNION ALL
    SELECT g.kind, 'adjustment', a.id, a.id, a.variant_id, a.location_id::text, a.quantity_milli, a.unit_cost_minor,
        a.business_date, a.staff_id, a.reason, nullif(a.note, '')
    FROM stock_adjustments a
    LEFT JOIN unnest(%(reasons)s::text[], %(kinds)s::text[]) AS g(reason, kind) ON g.reason = a.reason
    WHERE a.shop_id = %(shop)s
    UNION ALL {transfers.MOVED}
    UNION ALL {counts.MOVED}
    UNION ALL {purchasing.MOVED}
), both_sides AS (
    SELECT m.kind, m.source, m.source_id, m.source_line_id AS line_id, m.variant_id, CASE
            WHEN m.source <> 'return' THEN m.location_id::text WHEN l.kind = 'damaged' THEN 'damaged' ELSE 'stock'
        END AS place, m.quantity_milli, m.unit_cost_minor, m.business_date, m.staff_id, m.reason, m.note, 1 AS moved
    FROM stock_movements m LEFT JOIN locations l ON l.shop_id = %(shop)s AND l.id = m.location_id
    WHERE m.shop_id = %(shop)s
    UNION ALL SELECT *, -1 FROM expected
)
SELECT kind, source, source_id, line_id, variant_id, place, quantity_milli, unit_cost_minor, business_date,
    CASE WHEN sum(moved) > 0 THEN 'moved, but no line says so' ELSE 'not moved' END AS wrong
FROM both_sides
GROUP BY kind, source, source_id, line_id, variant_id, place, quantity_milli, unit_cost_minor, business_date, staff_id,
    reason, note
HAVING sum(moved) <> 0
"""  # noqa: S608 - no outside text

_REQUESTS: Final = """
SELECT r.id AS request_id, r.state, a.id AS adjustment_id FROM stock_adjustment_requests r
LEFT JOIN stock_adjustments a ON a.shop_id = %(shop)s AND a.id = r.id
WHERE r.shop_id = %(shop)s AND (
    (r.state = 'approved') <> (a.id IS NOT NULL)
    OR (r.state = 'requested') <> (r.decided_at IS NULL)
    OR (a.id IS NOT NULL AND (a.variant_id, a.location_id, a.quantity_milli, a.reason, a.note, a.body_hash)
        IS DISTINCT FROM (r.variant_id, r.location_id, r.quantity_milli, r.reason, r.note, r.body_hash))
)
"""

_DAYS: Final = """
SELECT coalesce(d.location_id, m.location_id) AS location_id,
    coalesce(d.business_date, m.business_date) AS business_date, d.value_minor, m.value_minor AS moved_minor
FROM (SELECT * FROM stock_days WHERE shop_id = %(shop)s) d
FULL JOIN (
    SELECT v.location_id, v.business_date, sum(sign(v.quantity_milli)
        * div(2 * abs(v.quantity_milli)::numeric * v.unit_cost_minor + 1000, 2000))::bigint AS value_minor
    FROM stock_movements v JOIN stock_days_marks k ON k.shop_id = %(shop)s
    WHERE v.shop_id = %(shop)s AND v.id <= k.movement_id GROUP BY 1, 2
) m ON m.location_id = d.location_id AND m.business_date = d.business_date
WHERE d.value_minor IS DISTINCT FROM m.value_minor
"""

INVARIANTS: Final = (
    Invariant(
        3, "stock_balances", "What stands at a location is the sum of what was moved in and out, for every variant.",
        asked(_BALANCES),
    ),
    Invariant(
        3, "stock_days", "What was added up for a day is what the movements of that day, up to the mark, were worth.",
        asked(_DAYS),
    ),
    Invariant(
        4, "movement_sources",
        "Every movement comes from one line of a document, and every line that moves goods has its one movement of "
        "the same goods, quantity, cost and day.",
        asked(_SOURCES, reasons=list(GROUNDS), kinds=[ground.kind for ground in GROUNDS.values()]),
    ),
    Invariant(
        21, "adjustment_requests",
        "A correction that waited for approval was carried out as it was asked for if it was approved, and only then.",
        asked(_REQUESTS),
    ),
)  # fmt: skip
