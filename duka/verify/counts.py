"""Counts of stock: what was posted is what was counted, once."""

from typing import Final

from duka.verify.invariants import Invariant, asked

MOVED: Final = """
    SELECT 'count', 'count', c.id, l.id, l.variant_id, c.location_id::text, l.counted_milli - l.expected_milli,
        l.unit_cost_minor, l.business_date, c.posted_by, NULL, NULL
    FROM stock_counts c JOIN stock_count_lines l ON l.shop_id = %(shop)s AND l.count_id = c.id
    WHERE c.shop_id = %(shop)s AND l.counted_milli <> l.expected_milli
"""
"""The movements that counts should have, in the columns of `verify.stock`'s comparison."""

BOOKED: Final = """
    SELECT 'count', v.count_id, v.business_date, v.at, %(stock)s, %(loss)s, sum(v.value)
    FROM (
        SELECT count_id, business_date, at, sign(counted_milli - expected_milli) AS way,
            sign(counted_milli - expected_milli)
                * div(2 * abs(counted_milli - expected_milli)::numeric * unit_cost_minor + 1000, 2000) AS value
        FROM stock_count_lines WHERE shop_id = %(shop)s
    ) v GROUP BY v.count_id, v.business_date, v.at, v.way
"""
"""What counts should have booked, in the columns of `verify.books`' comparison: what each part of a count found too
much and, apart from it, too little."""

# Put together in another way than the count itself does it: an entry stands unless its maker recounted later, and what
# other counts of the place posted between it and the line is no difference any more.
_LINES: Final = """
WITH standing AS (
    SELECT e.* FROM stock_count_entries e WHERE e.shop_id = %(shop)s AND NOT EXISTS (
        SELECT 1 FROM stock_count_entries r WHERE r.shop_id = %(shop)s AND r.count_id = e.count_id AND r.recount
            AND r.variant_id = e.variant_id AND r.shelf = e.shelf AND r.staff_id IS NOT DISTINCT FROM e.staff_id
            AND (r.at, r.id) > (e.at, e.id)
    )
), said AS (
    SELECT DISTINCT ON (s.count_id, s.variant_id) s.count_id, s.variant_id, s.expected_milli, s.at,
        sum(s.quantity_milli) OVER (PARTITION BY s.count_id, s.variant_id) AS counted_milli
    FROM standing s ORDER BY s.count_id, s.variant_id, s.at DESC, s.id DESC
), posted AS (
    SELECT l.id, l.count_id, l.variant_id, c.location_id, l.at, l.counted_milli - l.expected_milli AS righted_milli
    FROM stock_count_lines l JOIN stock_counts c ON c.shop_id = %(shop)s AND c.id = l.count_id
    WHERE l.shop_id = %(shop)s
), looked AS (
    SELECT count_id, variant_id, max(at) AS at FROM stock_count_entries WHERE shop_id = %(shop)s GROUP BY 1, 2
), others AS (
    SELECT l.id, sum(o.righted_milli)::bigint AS righted_milli, bool_or(k.at > s.at) AS newer
    FROM posted l JOIN said s ON s.count_id = l.count_id AND s.variant_id = l.variant_id
    JOIN posted o ON o.location_id = l.location_id AND o.variant_id = l.variant_id AND o.count_id <> l.count_id
        AND o.id < l.id AND o.at > s.at
    JOIN looked k ON k.count_id = o.count_id AND k.variant_id = o.variant_id
    GROUP BY l.id
)
SELECT c.id AS count_id, c.state, coalesce(l.variant_id, s.variant_id) AS variant_id, l.counted_milli,
    s.counted_milli::bigint AS entered_milli, l.expected_milli, s.expected_milli AS expected_at_entry_milli,
    others.righted_milli AS righted_by_others_milli
FROM stock_counts c
JOIN (said s FULL JOIN (SELECT * FROM stock_count_lines WHERE shop_id = %(shop)s) l
    ON l.count_id = s.count_id AND l.variant_id = s.variant_id) ON c.id = coalesce(l.count_id, s.count_id)
LEFT JOIN others ON others.id = l.id
WHERE c.shop_id = %(shop)s AND (
    (l.id IS NOT NULL AND (c.state NOT IN ('posting', 'posted')
        OR (l.counted_milli, l.expected_milli) IS DISTINCT FROM (s.counted_milli::bigint, CASE
            WHEN others.newer THEN s.counted_milli::bigint ELSE s.expected_milli + coalesce(others.righted_milli, 0)
        END)))
    OR (l.id IS NULL AND c.state = 'posted')
)
"""

_PROGRESS: Final = """
SELECT c.id AS count_id, c.state, c.lines_done, c.lines_total, coalesce(l.lines, 0) AS lines FROM stock_counts c
LEFT JOIN (SELECT count_id, count(*) AS lines FROM stock_count_lines WHERE shop_id = %(shop)s GROUP BY 1) l
    ON l.count_id = c.id
WHERE c.shop_id = %(shop)s AND (
    c.lines_done <> coalesce(l.lines, 0)
    OR (c.state = 'posted') <> (c.finished_at IS NOT NULL AND c.lines_done = c.lines_total)
)
"""

INVARIANTS: Final = (
    Invariant(
        3, "counted_lines",
        "A posted line of a count says what the standing entries of its variant say, against what the books said at "
        "the last of them, less what other counts of the place have set right since; nothing that was counted is left "
        "out.",
        asked(_LINES),
    ),
    Invariant(
        21, "count_progress", "A count says how many of its lines are posted, and is posted when all of them are.",
        asked(_PROGRESS),
    ),
)  # fmt: skip
