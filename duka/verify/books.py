"""The books: every amount stands between two accounts, and every document is booked as it says, to the last unit."""

from typing import Final

from duka.ledger import chart
from duka.stock.rules import GROUNDS
from duka.verify import costs, counts, purchasing, transfers
from duka.verify.invariants import Invariant, asked

_ACCOUNTS: Final = """
SELECT p.id AS posting_id, p.source, p.source_id, p.debit, p.credit, p.amount_minor FROM postings p
LEFT JOIN ledger_accounts d ON d.shop_id = %(shop)s AND d.code = p.debit
LEFT JOIN ledger_accounts c ON c.shop_id = %(shop)s AND c.code = p.credit
WHERE p.shop_id = %(shop)s AND (d.code IS NULL OR c.code IS NULL OR p.amount_minor <= 0 OR p.debit = p.credit)
"""

_TRIAL: Final = """
SELECT sum(s.amount)::bigint AS difference_minor FROM ledger_accounts a JOIN (
    SELECT debit AS code, amount_minor AS amount FROM postings WHERE shop_id = %(shop)s
    UNION ALL SELECT credit, -amount_minor FROM postings WHERE shop_id = %(shop)s
) s ON s.code = a.code
WHERE a.shop_id = %(shop)s HAVING sum(s.amount) <> 0
"""

# What each document should have booked, and when, put together from its own rows; a negative amount is booked the
# other way round. A drawer's differences are left out on both sides: `drawer_difference` knows what they come to.
_BOOKED: Final = f"""
WITH completed AS (
    SELECT sale_id, min(at) AS at FROM sale_steps
    WHERE shop_id = %(shop)s AND state_to = 'completed' AND state_from IS DISTINCT FROM 'completed' GROUP BY 1
), issued AS (
    SELECT entity_id, min(at) AS at FROM audit_entries WHERE shop_id = %(shop)s AND action = 'issue' GROUP BY 1
), documents AS (
    SELECT i.id AS invoice_id, i.sale_id, s.revision, CASE i.kind WHEN 'invoice' THEN 'sale' ELSE i.kind END AS source,
        CASE i.kind WHEN 'invoice' THEN i.sale_id ELSE i.id END AS source_id, i.kind, i.business_date AS day,
        CASE i.kind WHEN 'invoice' THEN c.at ELSE n.at END AS at,
        CASE i.kind WHEN 'credit_note' THEN -1 ELSE 1 END AS sign, i.net_minor, i.rounding_minor,
        CASE i.kind WHEN 'invoice' THEN s.cost_minor ELSE 0 END AS cost_minor
    FROM invoices i LEFT JOIN sales s ON s.shop_id = %(shop)s AND s.id = i.sale_id
    LEFT JOIN completed c ON c.sale_id = i.sale_id LEFT JOIN issued n ON n.entity_id = i.id
    WHERE i.shop_id = %(shop)s
), noted AS (
    SELECT (standing ->> 'credit_note_id')::uuid AS invoice_id, min(id::text) AS step_id FROM sale_steps
    WHERE shop_id = %(shop)s AND standing ? 'credit_note_id' GROUP BY 1
), of_sets AS (
    SELECT * FROM sold_components WHERE shop_id = %(shop)s AND invoice_line_id IS NOT NULL
), returned AS (
    SELECT l.invoice_id, l.restock, coalesce(c.unit_cost_minor, l.unit_cost_minor) AS unit_cost_minor,
        coalesce(c.quantity_milli, l.quantity_milli) AS quantity_milli,
        sum(coalesce(c.quantity_milli, l.quantity_milli)) OVER (
            PARTITION BY coalesce(c.taken_id, c.id, l.sale_line_id, l.id) ORDER BY n.step_id, l.position
        ) AS by_now_milli
    FROM invoice_lines l JOIN documents d ON d.invoice_id = l.invoice_id AND d.kind = 'credit_note'
    LEFT JOIN of_sets c ON c.invoice_line_id = l.id
    LEFT JOIN noted n ON n.invoice_id = l.invoice_id WHERE l.shop_id = %(shop)s
), cost_back AS (
    SELECT invoice_id, sum(div(2 * unit_cost_minor * by_now_milli + 1000, 2000)
        - div(2 * unit_cost_minor * (by_now_milli - quantity_milli) + 1000, 2000)) AS cost_minor
    FROM returned WHERE restock IS NOT NULL GROUP BY 1
), taxed AS (
    SELECT d.source, d.source_id, d.day, d.at, sum(t.amount_minor) * d.sign AS amount
    FROM documents d JOIN sale_lines l ON l.shop_id = %(shop)s AND l.sale_id = d.sale_id AND l.revision = d.revision
    CROSS JOIN jsonb_to_recordset(l.taxes) AS t(code text, rate_bp bigint, parts int, amount_minor bigint)
    WHERE d.kind = 'invoice' GROUP BY 1, 2, 3, 4, d.sign, t.code, t.rate_bp, t.parts
    UNION ALL
    SELECT d.source, d.source_id, d.day, d.at, sum(t.amount_minor) * d.sign
    FROM documents d JOIN invoice_lines l ON l.shop_id = %(shop)s AND l.invoice_id = d.invoice_id
    CROSS JOIN jsonb_to_recordset(l.taxes) AS t(code text, rate_bp bigint, parts int, amount_minor bigint)
    WHERE d.kind <> 'invoice' GROUP BY 1, 2, 3, 4, d.sign, t.code, t.rate_bp, t.parts
), money AS (
    SELECT p.source, p.source_id, p.business_date AS day, p.at, m.account,
        CASE p.direction WHEN 'in' THEN p.amount_minor ELSE -p.amount_minor END AS amount,
        p.source = 'sale' AND (c.at IS NULL OR p.at < c.at) AS deposit
    FROM payments p LEFT JOIN completed c ON c.sale_id = p.source_id
    LEFT JOIN unnest(%(methods)s::text[], %(tenders)s::text[]) AS m(method, account) ON m.method = p.method
    WHERE p.shop_id = %(shop)s
), expected AS (
    SELECT source, source_id, day, at, %(receivable)s AS debit, %(sales)s AS credit,
        (sign * net_minor)::numeric AS amount
    FROM documents
    UNION ALL SELECT source, source_id, day, at, %(receivable)s, %(rounding)s, sign * rounding_minor FROM documents
    UNION ALL SELECT source, source_id, day, at, %(receivable)s, %(tax)s, amount FROM taxed
    UNION ALL SELECT source, source_id, day, at, %(cost)s, %(stock)s, cost_minor FROM documents
    UNION ALL
    SELECT d.source, d.source_id, d.day, d.at, %(cost)s, %(stock)s, -b.cost_minor
    FROM cost_back b JOIN documents d ON d.invoice_id = b.invoice_id
    UNION ALL
    SELECT source, source_id, day, at, account, CASE WHEN deposit THEN %(deposits)s ELSE %(receivable)s END, amount
    FROM money
    UNION ALL
    SELECT d.source, d.source_id, d.day, d.at, %(deposits)s, %(receivable)s, sum(m.amount)
    FROM documents d JOIN money m ON m.source = d.source AND m.source_id = d.source_id AND m.deposit
    GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT 'adjustment', a.id, a.business_date, a.at, %(stock)s, g.account,
        sign(a.quantity_milli) * div(2 * abs(a.quantity_milli)::numeric * a.unit_cost_minor + 1000, 2000)
    FROM stock_adjustments a
    LEFT JOIN unnest(%(reasons)s::text[], %(grounds)s::text[]) AS g(reason, account) ON g.reason = a.reason
    WHERE a.shop_id = %(shop)s
    UNION ALL
    SELECT 'cash_move', id, business_date, at, %(cash)s, %(drawer_other)s,
        CASE direction WHEN 'in' THEN amount_minor ELSE -amount_minor END
    FROM cash_moves WHERE shop_id = %(shop)s
    UNION ALL {transfers.BOOKED}
    UNION ALL {counts.BOOKED}
    UNION ALL {costs.BOOKED}
    UNION ALL {purchasing.BOOKED}
), both_sides AS (
    SELECT source, source_id, debit, credit, amount_minor::numeric AS amount, business_date, posted_on, at,
        1 AS booked
    FROM postings WHERE shop_id = %(shop)s
        AND NOT (debit IN (%(cash)s, %(difference)s) AND credit IN (%(cash)s, %(difference)s))
    UNION ALL
    SELECT source, source_id, CASE WHEN amount > 0 THEN debit ELSE credit END,
        CASE WHEN amount > 0 THEN credit ELSE debit END, abs(amount), day, day, at, -1
    FROM expected WHERE amount <> 0
)
SELECT source, source_id, debit, credit, amount::bigint AS amount_minor, business_date, posted_on,
    CASE WHEN sum(booked) > 0 THEN 'booked, but no document says so' ELSE 'not booked' END AS wrong,
    abs(sum(booked)) AS times
FROM both_sides GROUP BY source, source_id, debit, credit, amount, business_date, posted_on, at
HAVING sum(booked) <> 0
"""  # noqa: S608 - no outside text

_OWED: Final = """
WITH of_sale AS (
    SELECT id AS source_id, id AS sale_id FROM sales WHERE shop_id = %(shop)s
    UNION ALL
    SELECT id, coalesce(sale_id, id) FROM invoices WHERE shop_id = %(shop)s AND kind <> 'invoice'
), sides AS (
    SELECT source_id, debit AS account, amount_minor AS amount FROM postings
    WHERE shop_id = %(shop)s AND debit IN (%(receivable)s, %(deposits)s)
    UNION ALL
    SELECT source_id, credit, -amount_minor FROM postings
    WHERE shop_id = %(shop)s AND credit IN (%(receivable)s, %(deposits)s)
), booked AS (
    SELECT o.sale_id, sum(amount) FILTER (WHERE account = %(receivable)s) AS owed,
        -sum(amount) FILTER (WHERE account = %(deposits)s) AS deposited
    FROM sides p JOIN of_sale o ON o.source_id = p.source_id GROUP BY 1
), said AS (
    SELECT id AS sale_id, CASE WHEN state IN ('completed', 'reversed')
            THEN total_minor + debited_minor - credited_minor - paid_minor ELSE 0 END AS owed,
        CASE WHEN state IN ('completed', 'reversed') THEN 0 ELSE paid_minor END AS deposited
    FROM sales WHERE shop_id = %(shop)s
)
SELECT sale_id, said.owed AS owed_minor, coalesce(booked.owed, 0)::bigint AS booked_owed_minor,
    said.deposited AS deposited_minor, coalesce(booked.deposited, 0)::bigint AS booked_deposited_minor
FROM said FULL JOIN booked USING (sale_id)
WHERE coalesce(said.owed, 0) <> coalesce(booked.owed, 0)
    OR coalesce(said.deposited, 0) <> coalesce(booked.deposited, 0)
"""

INVARIANTS: Final = (
    Invariant(
        1, "posting_accounts", "Every posting moves an amount above zero between two different accounts of the shop.",
        asked(_ACCOUNTS),
    ),
    Invariant(
        2, "trial_balance", "Over all accounts of the shop, debits and credits are the same.", asked(_TRIAL)
    ),
    Invariant(
        2, "booked_documents",
        "Every document is booked exactly as it says (revenue, taxes, rounding, cost, money), once, on its day; "
        "nothing is booked without a document.",
        asked(
            _BOOKED, receivable=chart.RECEIVABLE, sales=chart.SALES, rounding=chart.ROUNDING, tax=chart.TAX_PAYABLE,
            cost=chart.COST_OF_GOODS, stock=chart.STOCK,
            loss=chart.STOCK_LOSS, deposits=chart.CUSTOMER_DEPOSITS, cash=chart.CASH,
            difference=chart.CASH_DIFFERENCE, drawer_other=chart.DRAWER_OTHER, methods=list(chart.TENDER),
            tenders=list(chart.TENDER.values()), reasons=list(GROUNDS),
            grounds=[ground.against for ground in GROUNDS.values()],
        ),
    ),
    Invariant(
        2, "owed_in_books",
        "What the books say a sale's customer owes is its total and debit notes less credit notes and payments; what "
        "was paid before there is an invoice stands as a deposit.",
        asked(_OWED, receivable=chart.RECEIVABLE, deposits=chart.CUSTOMER_DEPOSITS),
    ),
)  # fmt: skip
