"""The life of sales: listed steps only, an invoice exactly when it is final, money that adds up, days that add up."""

from typing import Final

from duka.sales.life.states import STEPS
from duka.verify.invariants import Invariant, asked

_MONEY: Final = """
SELECT s.id AS sale_id, s.state, s.total_minor, s.debited_minor, s.credited_minor, s.paid_minor,
    coalesce(m.amount, 0)::bigint AS payments_minor
FROM sales s LEFT JOIN (
    SELECT coalesce(i.sale_id, p.source_id) AS sale_id,
        sum(CASE p.direction WHEN 'in' THEN p.amount_minor ELSE -p.amount_minor END) AS amount
    FROM payments p LEFT JOIN invoices i ON i.shop_id = %(shop)s AND i.id = p.source_id AND p.source <> 'sale'
    WHERE p.shop_id = %(shop)s GROUP BY 1
) m ON m.sale_id = s.id
WHERE s.shop_id = %(shop)s AND (
    s.paid_minor <> coalesce(m.amount, 0) OR s.paid_minor < 0
    OR s.paid_minor > s.total_minor + s.debited_minor - s.credited_minor
)
"""

_SOURCES: Final = """
SELECT p.id AS payment_id, p.source, p.source_id, p.direction, p.amount_minor FROM payments p
LEFT JOIN sales s ON p.source = 'sale' AND s.shop_id = %(shop)s AND s.id = p.source_id
LEFT JOIN invoices i ON i.kind = p.source AND i.shop_id = %(shop)s AND i.id = p.source_id
WHERE p.shop_id = %(shop)s AND ((s.id IS NULL AND i.id IS NULL) OR (i.kind = 'credit_note' AND p.direction <> 'out')
    OR i.kind = 'debit_note')
"""

_INVOICED: Final = """
SELECT s.id AS sale_id, s.state, s.number, count(i.id) AS invoices, min(i.number) AS invoice_number
FROM sales s LEFT JOIN invoices i ON i.shop_id = %(shop)s AND i.sale_id = s.id AND i.kind = 'invoice'
WHERE s.shop_id = %(shop)s GROUP BY s.shop_id, s.id
HAVING count(i.id) <> (s.state IN ('completed', 'reversed'))::int
    OR bool_or((i.number, i.branch_id, i.staff_id, i.currency, i.business_date)
        IS DISTINCT FROM (s.number, s.branch_id, s.staff_id, s.currency, s.business_date))
        FILTER (WHERE i.id IS NOT NULL)
"""

_IDENTITY: Final = """
SELECT 'sale' AS document, id AS document_id, encode(body_hash, 'hex') AS body_hash FROM sales
WHERE shop_id = %(shop)s AND (length(body_hash) <> 32 OR body_schema < 1)
UNION ALL
SELECT kind, id, encode(body_hash, 'hex') FROM invoices
WHERE shop_id = %(shop)s AND (kind = 'invoice') <> (body_hash IS NULL)
UNION ALL
SELECT kind, id, encode(body_hash, 'hex') FROM invoices
WHERE shop_id = %(shop)s AND length(body_hash) <> 32
"""

_STEPS: Final = """
WITH steps AS (
    SELECT *, lag(state_to) OVER life AS before, lag(id) OVER life IS NULL AS is_first,
        lead(id) OVER life IS NULL AS is_last
    FROM sale_steps WHERE shop_id = %(shop)s WINDOW life AS (PARTITION BY sale_id ORDER BY id)
)
SELECT t.sale_id, t.id AS step_id, t.step, t.state_from, t.state_to, t.before FROM steps t
LEFT JOIN unnest(%(steps)s::text[], %(from)s::text[], %(to)s::text[]) AS l(step, state_from, state_to)
    ON l.step = t.step AND l.state_to = t.state_to AND l.state_from IS NOT DISTINCT FROM t.state_from
WHERE l.step IS NULL OR t.is_first <> (t.step = 'sell') OR (NOT t.is_first AND t.before <> t.state_from)
UNION ALL
SELECT s.id, NULL, NULL, NULL, s.state, NULL FROM sales s
WHERE s.shop_id = %(shop)s AND NOT EXISTS (SELECT 1 FROM sale_steps t WHERE t.shop_id = %(shop)s AND t.sale_id = s.id)
"""

_STANDING: Final = """
SELECT s.id AS sale_id, t.id AS step_id, t.step, t.state_to, s.state, r.total_minor AS step_total_minor, s.total_minor,
    r.paid_minor AS step_paid_minor, s.paid_minor, i.id AS invoice_id
FROM sales s JOIN (
    SELECT DISTINCT ON (sale_id) * FROM sale_steps WHERE shop_id = %(shop)s ORDER BY sale_id, id DESC
) t ON t.sale_id = s.id
LEFT JOIN invoices i ON i.shop_id = %(shop)s AND i.sale_id = s.id AND i.kind = 'invoice'
CROSS JOIN jsonb_to_record(t.standing) AS r(state text, number text, subtotal_minor bigint, discount_minor bigint,
    net_minor bigint, tax_minor bigint, rounding_minor bigint, total_minor bigint, cost_minor bigint, paid_minor bigint,
    credited_minor bigint, debited_minor bigint, business_date date, place_of_supply text, invoice_id uuid)
WHERE s.shop_id = %(shop)s AND (
    (t.state_to, r.state, t.revision, r.number, r.subtotal_minor, r.discount_minor, r.net_minor, r.tax_minor,
        r.rounding_minor, r.total_minor, r.cost_minor, r.paid_minor, coalesce(r.credited_minor, 0),
        coalesce(r.debited_minor, 0), r.business_date, r.place_of_supply)
    IS DISTINCT FROM
    (s.state, s.state, s.revision, s.number, s.subtotal_minor, s.discount_minor, s.net_minor, s.tax_minor,
        s.rounding_minor, s.total_minor, s.cost_minor, s.paid_minor, s.credited_minor, s.debited_minor,
        s.business_date, s.place_of_supply)
    OR r.invoice_id IS DISTINCT FROM i.id
)
"""

_AUDITED: Final = """
SELECT t.sale_id, t.id AS step_id, t.step FROM sale_steps t
WHERE t.shop_id = %(shop)s AND NOT EXISTS (
    SELECT 1 FROM audit_entries a WHERE a.shop_id = %(shop)s AND a.entity_id = t.sale_id AND a.entity = 'sale'
        AND a.action = t.step AND a.at = t.at AND a.staff_id IS NOT DISTINCT FROM t.staff_id
        AND a.reason IS NOT DISTINCT FROM t.reason
)
"""

_DAYS: Final = """
WITH counted AS (
    SELECT branch_id, business_date, 1 AS sales, discount_minor, net_minor, tax_minor, rounding_minor, total_minor,
        cost_minor, 0 AS credit_notes, 0 AS credited_minor
    FROM sales WHERE shop_id = %(shop)s AND state IN ('completed', 'reversed')
    UNION ALL
    SELECT branch_id, business_date, 0, 0, net_minor, tax_minor, rounding_minor, total_minor, 0, 0, 0
    FROM invoices WHERE shop_id = %(shop)s AND kind = 'debit_note'
    UNION ALL
    SELECT branch_id, business_date, 0, 0, 0, 0, 0, 0, 0, 1, total_minor
    FROM invoices WHERE shop_id = %(shop)s AND kind = 'credit_note'
), days AS (
    SELECT branch_id, business_date, sum(sales) AS sales, sum(discount_minor) AS discount_minor,
        sum(net_minor) AS net_minor, sum(tax_minor) AS tax_minor, sum(rounding_minor) AS rounding_minor,
        sum(total_minor) AS total_minor, sum(cost_minor) AS cost_minor, sum(credit_notes) AS credit_notes,
        sum(credited_minor) AS credited_minor
    FROM counted GROUP BY 1, 2
)
SELECT branch_id, business_date, t.sales, d.sales::bigint AS sales_found, t.total_minor,
    d.total_minor::bigint AS total_found_minor, t.credited_minor, d.credited_minor::bigint AS credited_found_minor
FROM (SELECT * FROM daily_totals WHERE shop_id = %(shop)s) t FULL JOIN days d USING (branch_id, business_date)
WHERE (t.sales, t.discount_minor, t.net_minor, t.tax_minor, t.rounding_minor, t.total_minor, t.cost_minor,
        t.credit_notes, t.credited_minor)
    IS DISTINCT FROM (d.sales, d.discount_minor, d.net_minor, d.tax_minor, d.rounding_minor, d.total_minor,
        d.cost_minor, d.credit_notes, d.credited_minor)
"""

_LISTED: Final = [("sell", None, "completed"), ("sell", None, "incomplete")] + [
    (step, before, after) for step, leads in STEPS.items() for before, after in leads.items()
]

INVARIANTS: Final = (
    Invariant(
        8, "paid", "What is paid on a sale is its payments less what was paid back: not below zero, not above what is "
        "charged.", asked(_MONEY),
    ),
    Invariant(
        8, "payment_documents", "Every payment belongs to a document that takes or gives money.", asked(_SOURCES)
    ),
    Invariant(
        8, "invoice_when_final", "A completed or reversed sale has exactly one invoice, which says the same number, "
        "branch, seller and day; any other sale has none.", asked(_INVOICED),
    ),
    Invariant(
        12, "request_fingerprints", "Every document keeps the fingerprint of the request that made it, so that a "
        "repetition is known from another request.", asked(_IDENTITY),
    ),
    Invariant(
        18, "daily_totals", "The totals of every branch and day are the sums of that day's sales and notes.",
        asked(_DAYS),
    ),
    Invariant(
        21, "sale_steps", "A sale begins by being sold and takes listed steps only, each from the state the last one "
        "led to.", asked(
            _STEPS, steps=[step for step, _, _ in _LISTED], to=[after for _, _, after in _LISTED],
            **{"from": [before for _, before, _ in _LISTED]},
        ),
    ),
    Invariant(
        21, "sale_standing", "A sale stands as its last step wrote down: state, number, figures, day, invoice.",
        asked(_STANDING),
    ),
    Invariant(
        21, "steps_audited", "Every step has its entry in the audit trail, of the same moment and person, with its "
        "reason.", asked(_AUDITED),
    ),
)  # fmt: skip
