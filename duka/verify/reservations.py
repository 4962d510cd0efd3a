"""Goods put aside: a balance knows how much of it is kept, and nothing is kept for what is over."""

from typing import Final

from duka.verify.invariants import Invariant, asked

_SUMS: Final = """
SELECT coalesce(b.variant_id, r.variant_id) AS variant_id, coalesce(b.location_id, r.location_id) AS location_id,
    b.reserved_milli AS balance_milli, r.quantity_milli AS kept_milli
FROM (
    SELECT variant_id, location_id, reserved_milli FROM stock_balances
    WHERE shop_id = %(shop)s AND reserved_milli <> 0
) b FULL JOIN (
    SELECT variant_id, location_id, sum(quantity_milli)::bigint AS quantity_milli FROM stock_reservations
    WHERE shop_id = %(shop)s AND state = 'open' GROUP BY 1, 2
) r ON r.variant_id = b.variant_id AND r.location_id = b.location_id
WHERE b.reserved_milli IS DISTINCT FROM r.quantity_milli
"""

_DOCUMENTS: Final = """
SELECT r.id AS reservation_id, r.purpose, r.document_id, CASE r.purpose
    WHEN 'customer' THEN 'not its own document' ELSE 'its document does not wait any more' END AS wrong
FROM stock_reservations r
LEFT JOIN carts c ON c.shop_id = %(shop)s AND c.id = r.document_id AND c.held_at IS NOT NULL AND c.taken_at IS NULL
LEFT JOIN sales s ON s.shop_id = %(shop)s AND s.id = r.document_id AND s.state = 'incomplete'
WHERE r.shop_id = %(shop)s AND r.state = 'open' AND (
    r.purpose = 'cart' AND c.id IS NULL OR r.purpose = 'sale' AND s.id IS NULL
    OR r.purpose = 'customer' AND r.document_id <> r.id
)
"""

INVARIANTS: Final = (
    Invariant(
        3, "reserved_stock", "How much of a balance is put aside is the sum of its open reservations.", asked(_SUMS)
    ),
    Invariant(
        21, "reservation_documents",
        "Goods are kept for a cart only while it waits, and for a sale only until it is paid or cancelled.",
        asked(_DOCUMENTS),
    ),
)  # fmt: skip
