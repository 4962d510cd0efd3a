"""The numbers: none twice, none missing in a closed series, and every document that a register sent has its verdict."""

from collections.abc import Iterable
from typing import Any, Final

from duka.shops.registers import holes
from duka.shops.series import GENESIS
from duka.verify.invariants import BREACHES_MAX, Facts, Invariant, Look, asked

_COUNTERS: Final = """
WITH numbered AS (
    SELECT series_id, counter, hash, lead(counter) OVER (PARTITION BY series_id ORDER BY counter) AS following
    FROM invoices WHERE shop_id = %(shop)s
), seen AS (
    SELECT series_id, max(counter) AS highest, count(*) AS documents, count(DISTINCT counter) AS numbers,
        CASE WHEN min(counter) = 1 THEN min(counter) FILTER (WHERE following IS DISTINCT FROM counter + 1) ELSE 0 END
            AS complete
    FROM numbered GROUP BY 1
)
SELECT s.id AS series_id, s.code || '/' || s.financial_year AS series, s.highest_seen, s.complete_to, n.highest,
    n.complete, n.documents, n.numbers
FROM (SELECT * FROM series WHERE shop_id = %(shop)s) s FULL JOIN seen n ON n.series_id = s.id
LEFT JOIN numbered h ON h.series_id = n.series_id AND h.counter = n.highest
WHERE (s.highest_seen, s.complete_to, s.head_hash)
        IS DISTINCT FROM (coalesce(n.highest, 0), coalesce(n.complete, 0), coalesce(h.hash, %(genesis)s))
    OR n.documents <> n.numbers
"""

_NUMBERS: Final = """
SELECT i.id AS invoice_id, i.number, i.kind, i.counter, s.code || '/' || s.financial_year AS series FROM invoices i
LEFT JOIN series s ON s.shop_id = %(shop)s AND s.id = i.series_id
LEFT JOIN register_codes c ON c.shop_id = %(shop)s AND c.code = s.code AND c.register_id = s.register_id
    AND c.kind = s.kind
WHERE i.shop_id = %(shop)s AND (
    c.code IS NULL OR i.kind <> s.kind OR i.number <> s.code || '/' || s.financial_year || '/'
        || lpad(i.counter::text, greatest(6, length(i.counter::text)), '0')
)
"""

# A number that a damaged document held before this one came; one that came after it was set aside because of it.
_HELD: Final = """
SELECT i.id AS invoice_id, i.number, q.id AS quarantined_id FROM quarantined_documents q
JOIN series s ON s.shop_id = %(shop)s AND s.code || '/' || s.financial_year = q.claimed_series
JOIN invoices i ON i.shop_id = %(shop)s AND i.series_id = s.id AND i.counter = q.claimed_counter
JOIN LATERAL (
    SELECT min(t.at) AS at FROM sale_steps t WHERE i.kind = 'invoice' AND t.shop_id = %(shop)s
        AND t.sale_id = i.sale_id AND t.state_to = 'completed'
    UNION ALL
    SELECT min(a.at) FROM audit_entries a WHERE i.kind <> 'invoice' AND a.shop_id = %(shop)s AND a.entity_id = i.id
) arrived ON arrived.at > q.at
WHERE q.shop_id = %(shop)s
"""

# What is missing below the highest number of a closed series, less what damaged documents hold.
_CLOSED: Final = """
WITH gaps AS (
    SELECT series_id, counter - 1 AS upto,
        coalesce(lag(counter) OVER (PARTITION BY series_id ORDER BY counter), 0) + 1 AS since
    FROM invoices WHERE shop_id = %(shop)s
), closed AS (
    SELECT id, code || '/' || financial_year AS name, closed_at, declared_hole,
        (declared_hole ->> 'from')::bigint AS hole_from, (declared_hole ->> 'to')::bigint AS hole_to
    FROM series WHERE shop_id = %(shop)s AND (closed_at IS NOT NULL OR declared_hole IS NOT NULL)
)
SELECT c.id AS series_id, c.name AS series, c.declared_hole, c.closed_at IS NULL AS is_open, coalesce((
    SELECT sum(upto - since + 1 - greatest(0, least(upto, hole_to) - greatest(since, hole_from) + 1) - (
        SELECT count(DISTINCT claimed_counter) FROM quarantined_documents
        WHERE shop_id = %(shop)s AND claimed_series = c.name AND claimed_counter BETWEEN since AND upto
            AND (hole_from IS NULL OR claimed_counter NOT BETWEEN hole_from AND hole_to)
    )) FROM gaps g WHERE g.series_id = c.id AND upto >= since
), 0)::bigint AS missing, (SELECT min(since) FROM gaps g WHERE g.series_id = c.id AND upto >= since) AS first_missing
FROM closed c ORDER BY c.name
"""

_EXCEPTIONS: Final = """
SELECT e.id AS exception_id, e.document, e.document_id, e.code FROM document_exceptions e
LEFT JOIN sales s ON e.document = 'sale' AND s.shop_id = %(shop)s AND s.id = e.document_id
LEFT JOIN invoices i ON i.kind = e.document AND i.shop_id = %(shop)s AND i.id = e.document_id
LEFT JOIN cash_moves m ON e.document = 'cash_move' AND m.shop_id = %(shop)s AND m.id = e.document_id
LEFT JOIN goods_receipts r ON e.document = 'goods_receipt' AND r.shop_id = %(shop)s AND r.id = e.document_id
LEFT JOIN stock_transfers t ON e.document = 'transfer' AND t.shop_id = %(shop)s AND t.id = e.document_id
LEFT JOIN stock_counts c ON e.document = 'stock_count' AND c.shop_id = %(shop)s AND c.id = e.document_id
WHERE e.shop_id = %(shop)s AND (
    coalesce(s.id, i.id, m.id, r.id, t.id, c.id) IS NULL OR (e.settled_at IS NULL) <> (e.settlement IS NULL)
)
UNION ALL
SELECT q.id, q.document, NULL, q.reason FROM quarantined_documents q
LEFT JOIN registers g ON g.shop_id = %(shop)s AND g.id = q.register_id
WHERE q.shop_id = %(shop)s AND (
    g.id IS NULL OR q.body_hash <> sha256(q.body) OR (q.settled_at IS NULL) <> (q.settlement IS NULL)
    OR NOT EXISTS (SELECT 1 FROM audit_entries a WHERE a.shop_id = %(shop)s AND a.entity_id = q.id
        AND a.action = 'set_aside')
)
"""


def _gaps(look: Look) -> Iterable[Facts]:
    for row in look.rows(_CLOSED)[:BREACHES_MAX]:
        wrong = _wrong(look, row)
        if wrong:
            yield {
                "series_id": row["series_id"], "series": row["series"], "wrong": wrong, "missing": row["missing"],
                "first_missing": row["first_missing"],
            }  # fmt: skip


def _wrong(look: Look, row: dict[str, Any]) -> str | None:
    hole = row["declared_hole"]
    if row["is_open"]:
        return "a hole is declared though the series is open"
    if row["missing"]:
        return "numbers are missing and not declared"
    if hole is not None and look.signer is not None and not holes.holds(look.signer, row["series_id"], hole):
        return "the declared hole is not the server's own"
    return None


INVARIANTS: Final = (
    Invariant(
        9, "series_counters", "A series knows its highest number, up to where it is complete, and its newest hash; no "
        "number stands twice.", asked(_COUNTERS, genesis=GENESIS),
    ),
    Invariant(
        9, "document_numbers", "Every number is its series and its place in it, of the register and kind that the "
        "code was given to.", asked(_NUMBERS),
    ),
    Invariant(
        9, "held_numbers", "A number that a damaged document claims is given to no document that came later.",
        asked(_HELD),
    ),
    Invariant(
        9, "closed_series", "A closed series has no gap but one that was declared and signed by the server.", _gaps
    ),
    Invariant(
        15, "register_verdicts", "What a register recorded is a document, perhaps with exceptions to settle, or is "
        "kept aside byte for byte.", asked(_EXCEPTIONS),
    ),
)  # fmt: skip
