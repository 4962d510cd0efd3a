"""Transfers: what left is what arrived, what is on its way, or a difference that was booked."""

from typing import Final

from duka.verify.invariants import Invariant, asked

MOVED: Final = """
    SELECT way.kind, 'transfer', t.id, l.id, l.variant_id, way.place::text, way.quantity_milli, l.unit_cost_minor,
        s.business_date, s.staff_id, NULL, NULL
    FROM stock_transfers t JOIN stock_transfer_lines l ON l.shop_id = %(shop)s AND l.transfer_id = t.id
    CROSS JOIN LATERAL (VALUES
        ('transfer_out', 'dispatch', t.from_location_id, -l.dispatched_milli),
        ('transfer_in', 'receive', t.to_location_id, l.received_milli),
        ('transfer_in', 'receive', t.from_location_id, CASE WHEN l.difference = 'sender'
            THEN greatest(l.dispatched_milli - l.received_milli, 0) END),
        ('transfer_out', 'receive', t.from_location_id, CASE WHEN l.difference = 'sender'
            THEN least(l.dispatched_milli - l.received_milli, 0) END)
    ) AS way(kind, step, place, quantity_milli)
    LEFT JOIN stock_transfer_steps s ON s.shop_id = %(shop)s AND s.transfer_id = t.id AND s.step = way.step
    WHERE t.shop_id = %(shop)s AND way.quantity_milli <> 0
"""
"""The movements that transfers should have, in the columns of `verify.stock`'s comparison."""

BOOKED: Final = """
    SELECT 'transfer', l.transfer_id, s.business_date, s.at, %(stock)s, %(loss)s,
        sign(l.received_milli - l.dispatched_milli)
            * div(2 * abs(l.received_milli - l.dispatched_milli)::numeric * l.unit_cost_minor + 1000, 2000)
    FROM stock_transfer_lines l
    LEFT JOIN stock_transfer_steps s ON s.shop_id = %(shop)s AND s.transfer_id = l.transfer_id AND s.step = 'receive'
    WHERE l.shop_id = %(shop)s AND l.difference = 'loss'
"""
"""What transfers should have booked, in the columns of `verify.books`' comparison: differences only."""

_IN_TRANSIT: Final = """
SELECT l.transfer_id, l.id AS line_id, t.state, coalesce(m.away_milli, 0)::bigint AS away_milli,
    CASE WHEN t.state = 'dispatched' THEN l.dispatched_milli ELSE 0 END AS in_transit_milli,
    CASE WHEN l.difference = 'loss' THEN l.dispatched_milli - l.received_milli ELSE 0 END AS lost_milli
FROM stock_transfer_lines l JOIN stock_transfers t ON t.shop_id = %(shop)s AND t.id = l.transfer_id
LEFT JOIN (
    SELECT source_line_id, -sum(quantity_milli) AS away_milli FROM stock_movements
    WHERE shop_id = %(shop)s AND source = 'transfer' GROUP BY 1
) m ON m.source_line_id = l.id
WHERE l.shop_id = %(shop)s AND (
    coalesce(m.away_milli, 0) <> CASE WHEN t.state = 'dispatched' THEN coalesce(l.dispatched_milli, -1) ELSE 0 END
        + CASE WHEN l.difference = 'loss' THEN l.dispatched_milli - l.received_milli ELSE 0 END
    OR (l.dispatched_milli IS NOT NULL) <> (t.state IN ('dispatched', 'received'))
    OR (l.received_milli IS NOT NULL) <> (t.state = 'received')
)
"""

_STEPS: Final = """
WITH ordered AS (
    SELECT s.transfer_id, s.step, s.state_from, s.state_to, lag(s.state_to) OVER past AS before,
        lead(s.id) OVER past IS NULL AS newest
    FROM stock_transfer_steps s WHERE s.shop_id = %(shop)s
    WINDOW past AS (PARTITION BY s.transfer_id ORDER BY s.id)
), known(step, state_from, state_to) AS (VALUES
    ('request', NULL, 'requested'), ('approve', 'requested', 'approved'), ('reject', 'requested', 'rejected'),
    ('cancel', 'requested', 'cancelled'), ('cancel', 'approved', 'cancelled'), ('dispatch', 'approved', 'dispatched'),
    ('receive', 'dispatched', 'received')
), recorded(step, state_from) AS (VALUES
    ('dispatch', 'requested'), ('dispatch', 'cancelled'), ('dispatch', 'rejected')
)
SELECT o.transfer_id, o.step, o.state_from, o.state_to, 'no such step from there' AS wrong FROM ordered o
WHERE o.state_from IS DISTINCT FROM o.before OR (NOT EXISTS (
    SELECT 1 FROM known k WHERE k.step = o.step AND k.state_from IS NOT DISTINCT FROM o.state_from
        AND k.state_to = o.state_to
) AND NOT EXISTS (
    SELECT 1 FROM recorded r JOIN document_exceptions e ON e.shop_id = %(shop)s AND e.document_id = o.transfer_id
        AND e.code = 'TRANSFER_MOVED' AND e.facts ->> 'state' = r.state_from
    WHERE r.step = o.step AND r.state_from = o.state_from AND o.state_to = 'dispatched'
))
UNION ALL
SELECT t.id, o.step, o.state_to, t.state, 'the newest step led elsewhere' FROM stock_transfers t
LEFT JOIN ordered o ON o.transfer_id = t.id AND o.newest
WHERE t.shop_id = %(shop)s AND t.state IS DISTINCT FROM o.state_to
UNION ALL
SELECT s.transfer_id, s.step, s.state_from, s.state_to, 'no entry in the audit trail' FROM stock_transfer_steps s
WHERE s.shop_id = %(shop)s AND NOT EXISTS (
    SELECT 1 FROM audit_entries a WHERE a.shop_id = %(shop)s AND a.entity_id = s.transfer_id AND a.at = s.at
        AND a.action = s.step
        AND coalesce((a.after ->> 'staff_id')::uuid, a.staff_id) IS NOT DISTINCT FROM s.staff_id
)
"""

INVARIANTS: Final = (
    Invariant(
        5, "goods_in_transit",
        "What left a location by a transfer came to the other, is on its way, went back, or is a booked difference.",
        asked(_IN_TRANSIT),
    ),
    Invariant(
        21, "transfer_steps",
        "A transfer took only steps that there are, in their order, each with its entry in the trail, and stands where "
        "the newest led.",
        asked(_STEPS),
    ),
)  # fmt: skip
