"""The events: each has one place in the shop's order, without a gap, and nobody has read further than they go."""

from typing import Final

from duka.verify.invariants import Invariant, asked

_POSITIONS: Final = """
SELECT o.stamped, o.lowest, o.highest, coalesce(h.position, 0) AS head FROM (
    SELECT count(DISTINCT position) AS stamped, count(position) AS positions, min(position) AS lowest,
        max(position) AS highest
    FROM outbox WHERE shop_id = %(shop)s
) o LEFT JOIN event_heads h ON h.shop_id = %(shop)s
WHERE coalesce(o.highest, 0) <> coalesce(h.position, 0) OR o.positions <> coalesce(o.highest, 0)
    OR o.stamped <> o.positions OR o.lowest < 1
"""

_READERS: Final = """
SELECT c.consumer, c.position, coalesce(h.position, 0) AS head FROM event_consumers c
LEFT JOIN event_heads h ON h.shop_id = %(shop)s
WHERE c.shop_id = %(shop)s AND c.position NOT BETWEEN 0 AND coalesce(h.position, 0)
"""

INVARIANTS: Final = (
    Invariant(
        27, "event_positions", "The events of a shop are numbered from 1 to the newest, each number once.",
        asked(_POSITIONS),
    ),
    Invariant(27, "event_readers", "No reader of events is ahead of the newest event.", asked(_READERS)),
)
