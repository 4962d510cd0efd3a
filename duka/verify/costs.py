"""Closed costs: what corrections say is what the books and the sums by day say, and nothing is lost by rounding."""

from typing import Final

from duka.ledger import chart
from duka.stock.rules import AGAINST
from duka.verify.invariants import Invariant, asked

_ACCOUNTS: Final = ", ".join(f"('{kind}', '{account}')" for kind, account in AGAINST.items())

BOOKED: Final = f"""
    SELECT 'cost_closing', c.closing_id, c.booked_on, c.at, %(stock)s, a.account, sum(c.booked_minor)
    FROM stock_cost_corrections c JOIN stock_movements m ON m.shop_id = %(shop)s AND m.id = c.movement_id
    LEFT JOIN (VALUES {_ACCOUNTS}) AS a(kind, account) ON a.kind = m.kind
    WHERE c.shop_id = %(shop)s GROUP BY c.closing_id, c.booked_on, c.at, a.account
"""  # noqa: S608 - no outside text
"""What closings should have booked, in the columns of `verify.books`' comparison: for each part of a closing what came
together on a day and an account."""

_WORTH: Final = "sign(m.quantity_milli) * div(2 * abs(m.quantity_milli)::numeric * m.unit_cost_minor + 1000, 2000)"

_DAYS: Final = """
SELECT coalesce(d.location_id, c.location_id) AS location_id,
    coalesce(d.business_date, c.business_date) AS business_date, coalesce(d.kind, c.kind) AS kind, d.value_minor,
    c.value_minor AS corrected_minor
FROM (SELECT * FROM stock_cost_days WHERE shop_id = %(shop)s) d
FULL JOIN (
    SELECT m.location_id, m.business_date, m.kind, sum(c.value_minor)::bigint AS value_minor
    FROM stock_cost_corrections c JOIN stock_movements m ON m.shop_id = %(shop)s AND m.id = c.movement_id
    WHERE c.shop_id = %(shop)s GROUP BY 1, 2, 3
) c ON c.location_id = d.location_id AND c.business_date = d.business_date AND c.kind = d.kind
WHERE coalesce(d.value_minor, 0) <> coalesce(c.value_minor, 0)
"""

# Goods on their way are in no balance but in the stock account. What a sale's services cost is booked with its goods.
# Until they are closed, a credit note and a transfer may differ from their movements by their own rounding.
_ACCOUNT: Final = f"""
WITH moved AS (
    SELECT m.source_id, min(m.source) AS source, sum({_WORTH}) AS minor, count(*) AS movements,
        max(m.id::text) AS newest
    FROM stock_movements m WHERE m.shop_id = %(shop)s GROUP BY 1
), corrected AS (
    SELECT m.source_id, sum(c.value_minor) AS value_minor, sum(c.booked_minor) AS booked_minor
    FROM stock_cost_corrections c JOIN stock_movements m ON m.shop_id = %(shop)s AND m.id = c.movement_id
    WHERE c.shop_id = %(shop)s GROUP BY 1
), booked AS (
    SELECT source_id, sum(CASE WHEN debit = '{chart.STOCK}' THEN amount_minor ELSE -amount_minor END) AS minor
    FROM postings WHERE shop_id = %(shop)s AND '{chart.STOCK}' IN (debit, credit) AND source <> 'cost_closing'
    GROUP BY 1
), services AS (
    SELECT s.id AS source_id, sum(div(2 * l.unit_cost_minor::numeric * l.quantity_milli + 1000, 2000)) AS minor
    FROM sales s JOIN sale_lines l ON l.shop_id = %(shop)s AND l.sale_id = s.id AND l.revision = s.revision
    WHERE s.shop_id = %(shop)s AND s.state IN ('completed', 'reversed') AND NOT l.stocked
        AND NOT EXISTS (SELECT 1 FROM sold_components k WHERE k.shop_id = %(shop)s AND k.sale_line_id = l.id)
    GROUP BY 1
), ways AS (
    SELECT t.id AS source_id, t.state = 'dispatched' AS under_way, s.id::text AS received
    FROM stock_transfers t
    LEFT JOIN stock_transfer_steps s ON s.shop_id = %(shop)s AND s.transfer_id = t.id AND s.step = 'receive'
    WHERE t.shop_id = %(shop)s
), compared AS (
    SELECT coalesce(m.source_id, b.source_id) AS source_id, m.source,
        coalesce(b.minor, 0) + coalesce(s.minor, 0) + coalesce(c.booked_minor, 0) AS booked_minor,
        CASE WHEN w.under_way THEN 0 ELSE coalesce(m.minor, 0) + coalesce(c.value_minor, 0) END AS worth_minor,
        CASE WHEN m.source IN ('return', 'transfer')
            AND coalesce(greatest(m.newest, w.received) > k.movement_id::text, true)
            THEN m.movements ELSE 0 END AS allowed
    FROM moved m FULL JOIN booked b ON b.source_id = m.source_id
    LEFT JOIN corrected c ON c.source_id = m.source_id LEFT JOIN services s ON s.source_id = b.source_id
    LEFT JOIN ways w ON w.source_id = m.source_id LEFT JOIN stock_cost_marks k ON k.shop_id = %(shop)s
)
SELECT source_id, source, booked_minor::bigint, worth_minor::bigint FROM compared
WHERE abs(booked_minor - worth_minor) > allowed
"""  # noqa: S608 - no outside text

_SOLD_OUT: Final = f"""
WITH corrected AS (
    SELECT movement_id, sum(value_minor) AS minor FROM stock_cost_corrections WHERE shop_id = %(shop)s GROUP BY 1
)
SELECT m.variant_id, sum({_WORTH} + coalesce(c.minor, 0))::bigint AS worth_minor
FROM stock_movements m JOIN stock_cost_marks k ON k.shop_id = %(shop)s
LEFT JOIN corrected c ON c.movement_id = m.id
WHERE m.shop_id = %(shop)s GROUP BY m.variant_id, k.movement_id
HAVING sum(m.quantity_milli) = 0 AND max(m.id::text) <= k.movement_id::text
    AND sum({_WORTH} + coalesce(c.minor, 0)) <> 0
"""  # noqa: S608 - no outside text

# What came back before movements named a line names none; sets are younger than that.
_ORIGINS: Final = """
SELECT m.id AS movement_id, m.kind, m.origin_line_id, coalesce(l.sale_line_id, k.taken_id) AS left_by
FROM stock_movements m
LEFT JOIN invoice_lines l ON l.shop_id = %(shop)s AND l.id = m.source_line_id AND m.kind = 'return'
LEFT JOIN sold_components k ON k.shop_id = %(shop)s AND k.id = m.source_line_id AND m.kind = 'return'
WHERE m.shop_id = %(shop)s AND m.origin_line_id IS DISTINCT FROM coalesce(l.sale_line_id, k.taken_id)
    AND (m.origin_line_id IS NOT NULL OR k.taken_id IS NOT NULL)
"""

INVARIANTS: Final = (
    Invariant(
        3, "cost_days", "What was added up for a day is what the corrections of that day's movements come to.",
        asked(_DAYS),
    ),
    Invariant(
        4, "return_origins",
        "What came back names no line but that of the sale by which it had left, and nothing else names one.",
        asked(_ORIGINS),
    ),
    Invariant(
        13, "stock_account",
        "What every document moved in the stock account is what its movements, with their corrections, are worth.",
        asked(_ACCOUNT),
    ),
    Invariant(
        13, "sold_out", "Goods of which nothing is left, and whose costs are closed, are worth nothing.",
        asked(_SOLD_OUT),
    ),
)  # fmt: skip
