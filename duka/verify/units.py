"""Goods that are not all alike: a piece is in one place, batches add up, and together they are what the stock says."""

from typing import Final

from duka.verify.invariants import Invariant, asked

_PLACES: Final = """
WITH moved AS (
    SELECT unit_id, location_id, sum(quantity_milli)::bigint AS milli FROM stock_parts
    WHERE shop_id = %(shop)s AND unit_id IS NOT NULL AND fault IS NULL GROUP BY 1, 2
), there AS (
    SELECT unit_id, location_id, milli FROM moved WHERE milli <> 0
)
SELECT coalesce(u.id, t.unit_id) AS unit_id, u.state, u.location_id, t.location_id AS moved_to, t.milli
FROM (SELECT id, state, location_id FROM stock_units WHERE shop_id = %(shop)s) u
FULL JOIN there t ON t.unit_id = u.id
WHERE u.id IS NULL OR (u.location_id, CASE WHEN u.location_id IS NULL THEN NULL ELSE 1000 END)
    IS DISTINCT FROM (t.location_id, t.milli)
"""

# A unit that was lost on its way has left, and no movement says that it never came; one that was told to be missing has
# its last part without a movement.
_STATES: Final = """
SELECT u.id AS unit_id, u.state, last.kind, last.source FROM stock_units u
LEFT JOIN LATERAL (
    SELECT m.kind, m.source FROM stock_parts p
    LEFT JOIN stock_movements m ON m.shop_id = %(shop)s AND m.id = p.movement_id
    WHERE p.shop_id = %(shop)s AND p.unit_id = u.id AND p.fault IS NULL ORDER BY p.id DESC LIMIT 1
) last ON true
WHERE u.shop_id = %(shop)s AND CASE u.state
    WHEN 'sold' THEN last.kind IS DISTINCT FROM 'sale'
    WHEN 'in_transit' THEN last.kind IS DISTINCT FROM 'transfer_out'
    WHEN 'sent_back' THEN last.source IS DISTINCT FROM 'supplier_return'
    WHEN 'written_off' THEN last.kind IN ('sale', 'return', 'transfer_in')
    ELSE last.kind IN ('sale', 'transfer_out') END
"""

_BATCHES: Final = """
SELECT coalesce(b.batch_id, m.batch_id) AS batch_id, coalesce(b.location_id, m.location_id) AS location_id,
    b.quantity_milli AS balance_milli, m.quantity_milli::bigint AS moved_milli
FROM (SELECT batch_id, location_id, quantity_milli FROM stock_batch_balances WHERE shop_id = %(shop)s) b
FULL JOIN (
    SELECT batch_id, location_id, sum(quantity_milli) AS quantity_milli FROM stock_parts
    WHERE shop_id = %(shop)s AND batch_id IS NOT NULL AND fault IS NULL GROUP BY 1, 2
) m ON m.batch_id = b.batch_id AND m.location_id = b.location_id
WHERE coalesce(b.quantity_milli, 0) <> coalesce(m.quantity_milli, 0)
"""

# What stands is the named units or batches and what nobody has named. The stock's own sum comes from its movements.
_TRACKED: Final = """
WITH parted AS (
    SELECT variant_id, location_id, sum(quantity_milli)::bigint AS milli FROM stock_parts
    WHERE shop_id = %(shop)s GROUP BY 1, 2
)
SELECT b.variant_id, b.location_id, b.quantity_milli AS balance_milli, p.milli AS parts_milli
FROM (
    SELECT h.variant_id, h.location_id, h.quantity_milli FROM stock_balances h
    JOIN variants v ON v.shop_id = %(shop)s AND v.id = h.variant_id
    JOIN products o ON o.shop_id = %(shop)s AND o.id = v.product_id AND o.tracking IN ('batch', 'serial')
    WHERE h.shop_id = %(shop)s
) b LEFT JOIN parted p ON p.variant_id = b.variant_id AND p.location_id = b.location_id
WHERE b.quantity_milli <> coalesce(p.milli, 0)
"""

_PARTS: Final = """
SELECT p.movement_id, m.quantity_milli AS moved_milli, p.parts_milli FROM (
    SELECT movement_id, variant_id, location_id, sum(quantity_milli)::bigint AS parts_milli,
        sum(abs(quantity_milli))::bigint AS all_milli
    FROM stock_parts WHERE shop_id = %(shop)s AND movement_id IS NOT NULL GROUP BY 1, 2, 3
) p LEFT JOIN stock_movements m ON m.shop_id = %(shop)s AND m.id = p.movement_id
WHERE m.id IS NULL OR (m.variant_id, m.location_id, m.quantity_milli, abs(m.quantity_milli))
    IS DISTINCT FROM (p.variant_id, p.location_id, p.parts_milli, p.all_milli)
UNION ALL
SELECT NULL, NULL, sum(quantity_milli)::bigint FROM stock_parts WHERE shop_id = %(shop)s AND movement_id IS NULL
GROUP BY variant_id, location_id, at HAVING sum(quantity_milli) <> 0
UNION ALL
SELECT p.movement_id, NULL, p.quantity_milli FROM stock_parts p
LEFT JOIN stock_units u ON u.shop_id = %(shop)s AND u.id = p.unit_id
LEFT JOIN stock_batches b ON b.shop_id = %(shop)s AND b.id = p.batch_id
WHERE p.shop_id = %(shop)s AND p.variant_id <> coalesce(u.variant_id, b.variant_id, p.variant_id)
"""

# A unit was named that was not there: the sale stood, and somebody is told.
_TWICE: Final = """
SELECT p.id AS part_id, p.unit_id, m.source_id AS sale_id FROM stock_parts p
JOIN stock_movements m ON m.shop_id = %(shop)s AND m.id = p.movement_id AND m.kind = 'sale'
WHERE p.shop_id = %(shop)s AND p.fault IN ('not_here', 'unknown') AND NOT EXISTS (
    SELECT 1 FROM document_exceptions e WHERE e.shop_id = %(shop)s AND e.document_id = m.source_id
        AND e.code IN ('UNITS_NOT_HERE', 'BATCHES_NOT_HERE')
)
"""

INVARIANTS: Final = (
    Invariant(
        3, "batch_balances", "What is left of a batch at a location is the sum of what was moved of it, never below "
        "nothing.", asked(_BATCHES),
    ),
    Invariant(
        3, "tracked_balances",
        "Of goods with serial numbers or batches the stock is their pieces or batches and what nobody has named.",
        asked(_TRACKED),
    ),
    Invariant(
        4, "movement_parts", "What a movement is made of comes to it, goods of its own kind at its own place; naming "
        "goods later changes no quantity.", asked(_PARTS),
    ),
    Invariant(
        6, "unit_places", "A piece with a serial number is in one place at most: the one its movements brought it to.",
        asked(_PLACES),
    ),
    Invariant(
        6, "unit_states", "A piece is sold, on its way or sent back because its last movement says so.", asked(_STATES),
    ),
    Invariant(
        6, "units_sold_once", "A sale of a piece or batch that was not there has its exception.", asked(_TWICE),
    ),
)  # fmt: skip
