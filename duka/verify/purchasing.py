"""Buying: what came in is what lines say, orders are as far as their receipts, suppliers are owed what papers say."""

from typing import Final

from duka.ledger import chart
from duka.verify.invariants import Invariant, asked

# A receipt of rejected goods alone moves and books nothing.
MOVED: Final = """
    SELECT 'receipt', 'goods_receipt', r.id, l.id, l.variant_id, r.location_id::text, l.accepted_milli,
        l.unit_cost_minor, r.business_date, r.staff_id, NULL, nullif(r.note, '')
    FROM goods_receipts r JOIN goods_receipt_lines l ON l.shop_id = %(shop)s AND l.receipt_id = r.id
    WHERE r.shop_id = %(shop)s AND l.accepted_milli > 0
    UNION ALL
    SELECT 'receipt', 'supplier_return', r.id, l.id, l.variant_id, r.location_id::text,
        -l.unbilled_milli - l.billed_milli, l.unit_cost_minor, r.business_date, r.staff_id, r.reason, NULL
    FROM supplier_returns r JOIN supplier_return_lines l ON l.shop_id = %(shop)s AND l.return_id = r.id
    WHERE r.shop_id = %(shop)s
"""
"""The movements that receipts and returns say there are, for `movement_sources`."""

BOOKED: Final = f"""
    SELECT 'goods_receipt', r.id, r.business_date, r.at, a.debit, a.credit, a.amount
    FROM goods_receipts r JOIN (
        SELECT receipt_id, sum(div(2 * accepted_milli::numeric * unit_cost_minor + 1000, 2000)) AS moved_minor
        FROM goods_receipt_lines WHERE shop_id = %(shop)s GROUP BY 1
    ) l ON l.receipt_id = r.id
    CROSS JOIN LATERAL (SELECT r.freight_minor + r.duty_minor + r.other_minor AS landed_minor) c
    CROSS JOIN LATERAL (VALUES
        ('{chart.STOCK}', '{chart.RECEIVED_NOT_INVOICED}', r.goods_minor),
        ('{chart.STOCK}', '{chart.LANDED_COSTS}', c.landed_minor),
        ('{chart.PRICE_VARIANCE}', '{chart.STOCK}', r.goods_minor + c.landed_minor - l.moved_minor)
    ) AS a(debit, credit, amount) WHERE r.shop_id = %(shop)s
    UNION ALL
    SELECT 'supplier_bill', b.id, b.business_date, b.at, a.account, '{chart.PAYABLE}', a.amount
    FROM supplier_bills b CROSS JOIN LATERAL (VALUES
        ('{chart.RECEIVED_NOT_INVOICED}', b.net_minor - b.variance_minor),
        ('{chart.PRICE_VARIANCE}', b.variance_minor), ('{chart.TAX_ON_PURCHASES}', b.tax_minor),
        ('{chart.LANDED_COSTS}', b.charges_minor)
    ) AS a(account, amount) WHERE b.shop_id = %(shop)s
    UNION ALL
    SELECT 'supplier_payment', p.id, p.business_date, p.at, '{chart.PAYABLE}', m.account, p.amount_minor
    FROM supplier_payments p
    LEFT JOIN unnest(%(methods)s::text[], %(tenders)s::text[]) AS m(method, account) ON m.method = p.method
    WHERE p.shop_id = %(shop)s
    UNION ALL
    SELECT 'supplier_return', r.id, r.business_date, r.at, a.debit, a.credit, a.amount
    FROM supplier_returns r CROSS JOIN LATERAL (VALUES
        ('{chart.RECEIVED_NOT_INVOICED}', '{chart.STOCK}', r.received_minor),
        ('{chart.PAYABLE}', '{chart.STOCK}', r.debit_minor),
        ('{chart.PAYABLE}', '{chart.TAX_ON_PURCHASES}', r.tax_minor),
        ('{chart.PRICE_VARIANCE}', '{chart.STOCK}', r.cost_minor - r.received_minor - r.debit_minor)
    ) AS a(debit, credit, amount) WHERE r.shop_id = %(shop)s
"""  # noqa: S608 - no outside text
"""What the papers of buying say is booked, for `booked_documents`."""

_RECEIPTS: Final = """
WITH lines AS (
    SELECT receipt_id, sum(value_minor) AS goods, sum(landed_minor) AS landed,
        count(*) FILTER (WHERE value_minor <> div(2 * accepted_milli::numeric * price_minor + 1000, 2000)
            OR (accepted_milli > 0 AND unit_cost_minor <> div(
                2000 * (value_minor + landed_minor)::numeric + accepted_milli, 2 * accepted_milli))) AS wrong
    FROM goods_receipt_lines WHERE shop_id = %(shop)s GROUP BY 1
)
SELECT r.id AS receipt_id, r.goods_minor, l.goods::bigint AS lines_minor, l.landed::bigint AS landed_minor,
    l.wrong AS wrong_lines
FROM goods_receipts r LEFT JOIN lines l ON l.receipt_id = r.id
WHERE r.shop_id = %(shop)s AND (l.goods, l.landed, l.wrong)
    IS DISTINCT FROM (r.goods_minor::numeric, (r.freight_minor + r.duty_minor + r.other_minor)::numeric, 0::bigint)
"""

_PROGRESS: Final = """
SELECT l.order_id, l.id AS order_line_id, l.received_milli, coalesce(c.accepted, 0)::bigint AS accepted_milli,
    l.rejected_milli, coalesce(c.rejected, 0)::bigint AS counted_milli
FROM purchase_order_lines l LEFT JOIN (
    SELECT order_line_id, sum(accepted_milli) AS accepted, sum(rejected_milli) AS rejected FROM goods_receipt_lines
    WHERE shop_id = %(shop)s AND order_line_id IS NOT NULL GROUP BY 1
) c ON c.order_line_id = l.id
WHERE l.shop_id = %(shop)s
    AND (l.received_milli, l.rejected_milli) IS DISTINCT FROM (coalesce(c.accepted, 0), coalesce(c.rejected, 0))
"""

_STEPS: Final = """
WITH steps AS (
    SELECT s.order_id, s.step, s.state_from, s.state_to, EXISTS (
            SELECT 1 FROM audit_entries a WHERE a.shop_id = %(shop)s AND a.entity_id = s.order_id
                AND a.entity = 'purchase_order' AND a.action = s.step AND a.at = s.at
        ) AS audited,
        lag(s.state_to) OVER (PARTITION BY s.order_id ORDER BY s.id) AS before,
        lead(s.id) OVER (PARTITION BY s.order_id ORDER BY s.id) IS NULL AS newest
    FROM purchase_order_steps s WHERE s.shop_id = %(shop)s
), came AS (
    SELECT order_id, bool_or(received_milli > 0) AS some, bool_and(received_milli >= quantity_milli) AS whole
    FROM purchase_order_lines WHERE shop_id = %(shop)s GROUP BY 1
)
SELECT o.id AS order_id, o.state, s.step, s.state_from, s.state_to FROM purchase_orders o
LEFT JOIN steps s ON s.order_id = o.id LEFT JOIN came c ON c.order_id = o.id
WHERE o.shop_id = %(shop)s AND (
    s.order_id IS NULL OR NOT s.audited OR s.state_from IS DISTINCT FROM s.before
    OR (s.newest AND s.state_to <> o.state)
    OR (s.step = 'request') <> (s.state_from IS NULL) OR NOT (s.step, coalesce(s.state_from, ''), s.state_to) IN (
        ('request', '', 'requested'), ('approve', 'requested', 'approved'), ('reject', 'requested', 'rejected'),
        ('order', 'approved', 'ordered'), ('cancel', 'requested', 'cancelled'), ('cancel', 'approved', 'cancelled'),
        ('cancel', 'ordered', 'cancelled'), ('receive', 'ordered', 'ordered'), ('receive', 'ordered', 'part_received'),
        ('receive', 'ordered', 'received'), ('receive', 'part_received', 'part_received'),
        ('receive', 'part_received', 'received'), ('receive', 'received', 'received'),
        ('close', 'part_received', 'closed'), ('close', 'received', 'closed'), ('confirm', 'approved', 'approved'),
        ('confirm', 'ordered', 'ordered'), ('confirm', 'part_received', 'part_received')
    )
    OR (s.newest AND o.state = 'received' AND NOT c.whole) OR (s.newest AND o.state = 'part_received' AND NOT c.some)
)
"""

# An order's lines may change before it is approved, so what was confirmed never belongs to a line of before.
_CONFIRMED: Final = """
WITH said AS (
    SELECT order_id, max(at) AS at FROM purchase_order_steps WHERE shop_id = %(shop)s AND step = 'confirm' GROUP BY 1
), lines AS (
    SELECT order_id, count(*) AS lines FROM purchase_order_lines
    WHERE shop_id = %(shop)s AND (confirmed_milli IS NOT NULL OR confirmed_on IS NOT NULL) GROUP BY 1
)
SELECT o.id AS order_id, o.confirmed_at, s.at AS said_at, coalesce(l.lines, 0)::bigint AS confirmed_lines
FROM purchase_orders o LEFT JOIN said s ON s.order_id = o.id LEFT JOIN lines l ON l.order_id = o.id
WHERE o.shop_id = %(shop)s
    AND (o.confirmed_at IS DISTINCT FROM s.at OR (coalesce(l.lines, 0) > 0) <> (s.at IS NOT NULL))
"""

_CLEARED: Final = """
WITH billed AS (
    SELECT receipt_line_id, sum(quantity_milli) AS quantity FROM supplier_bill_lines
    WHERE shop_id = %(shop)s GROUP BY 1
), back AS (
    SELECT receipt_line_id, sum(unbilled_milli) AS unbilled, sum(billed_milli) AS billed FROM supplier_return_lines
    WHERE shop_id = %(shop)s GROUP BY 1
)
SELECT l.id AS receipt_line_id, l.accepted_milli, p.billed_milli, p.returned_milli, p.credited_milli
FROM goods_receipt_lines l
LEFT JOIN goods_receipt_progress p ON p.shop_id = %(shop)s AND p.receipt_line_id = l.id
LEFT JOIN billed b ON b.receipt_line_id = l.id LEFT JOIN back r ON r.receipt_line_id = l.id
WHERE l.shop_id = %(shop)s AND (
    (p.billed_milli, p.returned_milli, p.credited_milli)
        IS DISTINCT FROM (coalesce(b.quantity, 0), coalesce(r.unbilled, 0), coalesce(r.billed, 0))
    OR p.billed_milli + p.returned_milli > l.accepted_milli
)
"""

_GRNI: Final = """
WITH said AS (
    SELECT (SELECT coalesce(sum(value_minor), 0) FROM goods_receipt_lines WHERE shop_id = %(shop)s)
        - (SELECT coalesce(sum(received_minor), 0) FROM supplier_bill_lines WHERE shop_id = %(shop)s)
        - (SELECT coalesce(sum(received_minor), 0) FROM supplier_return_lines WHERE shop_id = %(shop)s) AS minor
), booked AS (
    SELECT coalesce(sum(CASE WHEN credit = %(grni)s THEN amount_minor ELSE -amount_minor END), 0) AS minor
    FROM postings WHERE shop_id = %(shop)s AND %(grni)s IN (debit, credit)
)
SELECT said.minor::bigint AS received_not_invoiced_minor, booked.minor::bigint AS booked_minor FROM said, booked
WHERE said.minor <> booked.minor
"""

_BILLS: Final = """
SELECT b.id AS bill_id, b.net_minor, b.variance_minor, coalesce(l.net, 0)::bigint AS lines_minor,
    coalesce(l.received, 0)::bigint AS received_minor
FROM supplier_bills b LEFT JOIN (
    SELECT bill_id, sum(net_minor) AS net, sum(received_minor) AS received,
        count(*) FILTER (WHERE net_minor <> div(2 * quantity_milli::numeric * price_minor + 1000, 2000)) AS wrong
    FROM supplier_bill_lines WHERE shop_id = %(shop)s GROUP BY 1
) l ON l.bill_id = b.id
WHERE b.shop_id = %(shop)s AND (b.net_minor, b.variance_minor, 0::bigint)
    IS DISTINCT FROM (coalesce(l.net, 0), coalesce(l.net - l.received, 0), coalesce(l.wrong, 0))
UNION ALL
SELECT r.id, r.debit_minor, r.received_minor, l.debit::bigint, l.received::bigint
FROM supplier_returns r LEFT JOIN (
    SELECT return_id, sum(debit_minor) AS debit, sum(received_minor) AS received,
        sum(div(2 * (unbilled_milli + billed_milli)::numeric * unit_cost_minor + 1000, 2000)) AS cost
    FROM supplier_return_lines WHERE shop_id = %(shop)s GROUP BY 1
) l ON l.return_id = r.id
WHERE r.shop_id = %(shop)s
    AND (r.debit_minor, r.received_minor, r.cost_minor) IS DISTINCT FROM (l.debit, l.received, l.cost)
"""

_OWED: Final = """
WITH papers AS (
    SELECT supplier_id, net_minor + tax_minor + charges_minor AS amount FROM supplier_bills WHERE shop_id = %(shop)s
    UNION ALL SELECT supplier_id, -amount_minor FROM supplier_payments WHERE shop_id = %(shop)s
    UNION ALL SELECT supplier_id, -debit_minor - tax_minor FROM supplier_returns WHERE shop_id = %(shop)s
), said AS (
    SELECT supplier_id, sum(amount) AS minor FROM papers GROUP BY 1
)
SELECT s.id AS supplier_id, s.owed_minor, coalesce(p.minor, 0)::bigint AS papers_minor FROM suppliers s
LEFT JOIN said p ON p.supplier_id = s.id
WHERE s.shop_id = %(shop)s AND s.owed_minor <> coalesce(p.minor, 0)
"""

_NUMBERS: Final = """
WITH numbered AS (
    SELECT number FROM purchase_orders WHERE shop_id = %(shop)s
    UNION ALL SELECT number FROM goods_receipts WHERE shop_id = %(shop)s
    UNION ALL SELECT number FROM supplier_returns WHERE shop_id = %(shop)s
), runs AS (
    SELECT split_part(number, '/', 1) AS kind, split_part(number, '/', 2) AS financial_year, count(*) AS papers,
        max(split_part(number, '/', 3)::bigint) AS highest
    FROM numbered GROUP BY 1, 2
)
SELECT kind, financial_year, r.papers, r.highest, c.last FROM runs r
FULL JOIN (SELECT kind, financial_year, last FROM purchase_counters WHERE shop_id = %(shop)s AND last > 0) c
    USING (kind, financial_year)
WHERE (r.papers, r.highest) IS DISTINCT FROM (c.last, c.last)
"""

INVARIANTS: Final = (
    Invariant(
        2, "received_not_invoiced",
        "Goods received, not invoiced, stand in the books at what receipts brought, less what bills and returns named.",
        asked(_GRNI, grni=chart.RECEIVED_NOT_INVOICED),
    ),
    Invariant(
        17, "supplier_balances", "What a supplier is owed is its bills, less payments and debit notes.", asked(_OWED)
    ),
    Invariant(
        17, "supplier_papers", "Bills and returns to suppliers are the sums of their lines.", asked(_BILLS)
    ),
    Invariant(
        21, "purchase_order_steps",
        "An order stands where its last step led, took listed steps only, each with its audit entry.",
        asked(_STEPS),
    ),
    Invariant(
        21, "order_confirmations", "What a supplier confirmed of an order is a step of its history, made at that time.",
        asked(_CONFIRMED),
    ),
    Invariant(
        22, "receipt_totals",
        "A receipt is the sum of its lines, its freight and duty spread over them to the last unit.", asked(_RECEIPTS),
    ),
    Invariant(
        22, "order_progress", "What a line of an order has received is the sum of its receipts.", asked(_PROGRESS)
    ),
    Invariant(
        22, "receipts_cleared",
        "What is billed and went back of a receipt's line is the sum of its bills and returns, never more than came.",
        asked(_CLEARED),
    ),
    Invariant(
        9, "purchase_numbers", "Orders, receipts and returns are numbered without a gap, in each financial year.",
        asked(_NUMBERS),
    ),
)  # fmt: skip
