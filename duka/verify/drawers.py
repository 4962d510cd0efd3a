"""The drawers: what should lie in each is its float and its cash, and what was counted otherwise is in the books."""

from typing import Final

from duka.ledger import chart
from duka.verify.invariants import Invariant, asked

_SESSIONS: Final = """
WITH cash AS (
    SELECT register_session_id, CASE direction WHEN 'in' THEN amount_minor ELSE -amount_minor END AS amount
    FROM payments WHERE shop_id = %(shop)s AND method = 'cash' AND register_session_id IS NOT NULL
    UNION ALL
    SELECT l.register_session_id, CASE p.direction WHEN 'in' THEN p.amount_minor ELSE -p.amount_minor END
    FROM late_payments l JOIN payments p ON p.shop_id = %(shop)s AND p.id = l.payment_id
    WHERE l.shop_id = %(shop)s AND p.method = 'cash'
    UNION ALL
    SELECT register_session_id, CASE direction WHEN 'in' THEN amount_minor ELSE -amount_minor END
    FROM cash_moves WHERE shop_id = %(shop)s
), summed AS (
    SELECT register_session_id, sum(amount) AS amount FROM cash GROUP BY 1
)
SELECT s.id AS register_session_id, s.float_minor, coalesce(c.amount, 0)::bigint AS cash_minor, s.expected_minor,
    s.counted_minor, s.closed_at
FROM register_sessions s LEFT JOIN summed c ON c.register_session_id = s.id
WHERE s.shop_id = %(shop)s AND (
    (s.closed_at IS NULL) <> (s.counted_minor IS NULL) OR (s.closed_at IS NULL) <> (s.expected_minor IS NULL)
    OR s.expected_minor <> s.float_minor + coalesce(c.amount, 0)
)
"""

# Cash that reached a drawer after it was counted is taken from the difference by a posting of its own document.
_DIFFERENCES: Final = """
WITH posted AS (
    SELECT id, source, source_id, at, business_date, posted_on,
        CASE debit WHEN %(cash)s THEN amount_minor ELSE -amount_minor END AS amount
    FROM postings WHERE shop_id = %(shop)s AND debit IN (%(cash)s, %(difference)s)
        AND credit IN (%(cash)s, %(difference)s)
), counts AS (
    SELECT source, source_id, at, id AS session_id, business_date FROM (
        SELECT 'register_session' AS source, id AS source_id, NULL::timestamptz AS at, id, business_date
        FROM register_sessions WHERE shop_id = %(shop)s
        UNION ALL
        SELECT 'cash_move', id, at, register_session_id, business_date FROM cash_moves WHERE shop_id = %(shop)s
        UNION
        SELECT source, source_id, at, register_session_id, business_date FROM payments
        WHERE shop_id = %(shop)s AND method = 'cash' AND register_session_id IS NOT NULL
        UNION
        SELECT p.source, p.source_id, l.at, l.register_session_id, p.business_date FROM late_payments l
        JOIN payments p ON p.shop_id = %(shop)s AND p.id = l.payment_id
        WHERE l.shop_id = %(shop)s AND p.method = 'cash'
    ) t(source, source_id, at, id, business_date)
), found AS (
    SELECT p.id AS posting_id, c.session_id, p.amount FROM posted p
    LEFT JOIN counts c ON c.source = p.source AND c.source_id = p.source_id AND c.business_date = p.business_date
        AND p.posted_on = p.business_date AND (c.at IS NULL OR c.at = p.at)
), booked AS (
    SELECT session_id, sum(amount) AS amount, min(posting_id::text) AS posting_id FROM found GROUP BY 1
), closed AS (
    SELECT id AS session_id, counted_minor - expected_minor AS difference_minor FROM register_sessions
    WHERE shop_id = %(shop)s AND closed_at IS NOT NULL
)
SELECT session_id AS register_session_id, c.difference_minor, b.amount::bigint AS booked_minor, b.posting_id
FROM closed c FULL JOIN booked b USING (session_id)
WHERE session_id IS NULL OR coalesce(c.difference_minor, 0) <> coalesce(b.amount, 0)
"""

_LATE: Final = """
SELECT l.payment_id, l.register_session_id, p.register_session_id AS lies_in FROM late_payments l
JOIN payments p ON p.shop_id = %(shop)s AND p.id = l.payment_id
WHERE l.shop_id = %(shop)s AND p.register_session_id IS NOT NULL
"""

INVARIANTS: Final = (
    Invariant(
        16, "drawer_expected", "What a counted drawer should hold is its float, the cash that came in and the cash "
        "that went out; a drawer is counted when it is closed.", asked(_SESSIONS),
    ),
    Invariant(
        16, "drawer_difference", "The difference between what was counted and what should be there is in the books.",
        asked(_DIFFERENCES, cash=chart.CASH, difference=chart.CASH_DIFFERENCE),
    ),
    Invariant(16, "one_drawer", "A payment lies in one drawer at most.", asked(_LATE)),
)  # fmt: skip
