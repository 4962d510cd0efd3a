"""What the books say of a sale, asked of the postings themselves."""

import json
from uuid import UUID

from duka.ledger import chart
from duka.platform.db import fetch
from duka.sales.invoices import chain
from tests.world import Shop

_BALANCE = """
SELECT coalesce(sum(CASE WHEN debit = %(account)s THEN amount_minor ELSE -amount_minor END), 0)::bigint AS balance
FROM postings WHERE shop_id = %(shop)s AND %(account)s IN (debit, credit) AND (%(sale)s::uuid IS NULL
    OR source_id = %(sale)s OR source_id IN (SELECT id FROM invoices WHERE shop_id = %(shop)s AND sale_id = %(sale)s))
"""

_WRONG = """
SELECT 'balance of the trial' AS what, sum(d)::text AS fact FROM (
    SELECT amount_minor AS d FROM postings WHERE shop_id = %(shop)s UNION ALL
    SELECT -amount_minor FROM postings WHERE shop_id = %(shop)s) t HAVING sum(d) <> 0
UNION ALL
SELECT 'stock of ' || b.variant_id, b.quantity_milli || ' but moved ' || coalesce(sum(m.quantity_milli), 0)
FROM stock_balances b LEFT JOIN stock_movements m ON m.shop_id = b.shop_id AND m.variant_id = b.variant_id
    AND m.location_id = b.location_id WHERE b.shop_id = %(shop)s GROUP BY b.variant_id, b.location_id, b.quantity_milli
HAVING b.quantity_milli <> coalesce(sum(m.quantity_milli), 0)
UNION ALL
SELECT 'paid of ' || s.number, s.paid_minor || ' but payments ' || coalesce(sum(
    CASE p.direction WHEN 'in' THEN p.amount_minor ELSE -p.amount_minor END), 0)
FROM sales s LEFT JOIN payments p ON p.shop_id = s.shop_id AND (p.source_id = s.id OR p.source_id IN (
    SELECT id FROM invoices i WHERE i.shop_id = s.shop_id AND i.sale_id = s.id))
WHERE s.shop_id = %(shop)s GROUP BY s.number, s.paid_minor
HAVING s.paid_minor <> coalesce(sum(CASE p.direction WHEN 'in' THEN p.amount_minor ELSE -p.amount_minor END), 0)
UNION ALL
SELECT 'credited of ' || s.number, s.credited_minor || ' but notes ' || coalesce(sum(i.total_minor), 0)
FROM sales s LEFT JOIN invoices i ON i.shop_id = s.shop_id AND i.sale_id = s.id AND i.kind = 'credit_note'
WHERE s.shop_id = %(shop)s GROUP BY s.number, s.credited_minor
HAVING s.credited_minor <> coalesce(sum(i.total_minor), 0)
UNION ALL
SELECT 'more paid than due of ' || s.number, s.paid_minor::text FROM sales s WHERE s.shop_id = %(shop)s
    AND s.paid_minor > s.total_minor + s.debited_minor - s.credited_minor
UNION ALL
SELECT 'owed of ' || s.number, (s.total_minor + s.debited_minor - s.credited_minor - s.paid_minor)::text
    || ' but in the books ' || coalesce(b.owed, 0) FROM sales s
LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN p.debit = '1100' THEN p.amount_minor ELSE -p.amount_minor END) AS owed FROM postings p
    WHERE p.shop_id = s.shop_id AND '1100' IN (p.debit, p.credit) AND (p.source_id = s.id OR p.source_id IN (
        SELECT id FROM invoices i WHERE i.shop_id = s.shop_id AND i.sale_id = s.id))
) b ON true WHERE s.shop_id = %(shop)s AND s.state IN ('completed', 'reversed')
    AND s.total_minor + s.debited_minor - s.credited_minor - s.paid_minor <> coalesce(b.owed, 0)
UNION ALL
SELECT 'totals of ' || i.business_date, row_to_json(d)::text FROM (
    SELECT branch_id, business_date, count(*) FILTER (WHERE kind = 'invoice') AS sales,
        coalesce(sum(net_minor) FILTER (WHERE kind <> 'credit_note'), 0) AS net,
        coalesce(sum(tax_minor) FILTER (WHERE kind <> 'credit_note'), 0) AS tax,
        coalesce(sum(total_minor) FILTER (WHERE kind <> 'credit_note'), 0) AS total,
        count(*) FILTER (WHERE kind = 'credit_note') AS notes,
        coalesce(sum(total_minor) FILTER (WHERE kind = 'credit_note'), 0) AS credited
    FROM invoices WHERE shop_id = %(shop)s GROUP BY branch_id, business_date
) i LEFT JOIN daily_totals d ON d.shop_id = %(shop)s AND d.branch_id = i.branch_id AND d.business_date = i.business_date
WHERE (i.sales, i.net, i.tax, i.total, i.notes, i.credited) IS DISTINCT FROM
    (d.sales, d.net_minor, d.tax_minor, d.total_minor, d.credit_notes, d.credited_minor)
UNION ALL
SELECT 'stock account', sum(v)::text FROM (
    SELECT CASE WHEN debit = '1200' THEN amount_minor ELSE -amount_minor END AS v FROM postings
    WHERE shop_id = %(shop)s AND '1200' IN (debit, credit) UNION ALL
    SELECT -round(quantity_milli * unit_cost_minor / 1000.0)::bigint FROM stock_movements WHERE shop_id = %(shop)s
    UNION ALL SELECT -value_minor FROM stock_cost_corrections WHERE shop_id = %(shop)s
    UNION ALL SELECT -round(l.dispatched_milli * l.unit_cost_minor / 1000.0)::bigint FROM stock_transfers t
    JOIN stock_transfer_lines l ON l.shop_id = t.shop_id AND l.transfer_id = t.id
    WHERE t.shop_id = %(shop)s AND t.state = 'dispatched') t
HAVING sum(v) <> 0
"""

_DOCUMENTS = """
SELECT i.kind, i.net_minor, i.tax_minor, i.total_minor, i.counter, i.canonical, i.previous_hash, i.hash, s.code,
    s.financial_year FROM invoices i JOIN series s ON s.shop_id = i.shop_id AND s.id = i.series_id
WHERE i.shop_id = %(shop)s ORDER BY s.code, i.counter
"""


async def balance(shop: Shop, account: str, sale_id: UUID | str | None = None) -> int:
    """Debits less credits of an account, of one sale and its notes or of the whole shop. Minor units."""
    async with shop.asking() as ctx:
        (row,) = await fetch(ctx, _BALANCE, {"account": account, "sale": sale_id and UUID(str(sale_id))})
        return int(row.balance)


async def receivable(shop: Shop, sale_id: UUID | str) -> int:
    """What the books say is owed on a sale. Minor units."""
    return await balance(shop, chart.RECEIVABLE, sale_id)


async def agree(shop: Shop) -> None:
    """Assert that the shop's caches say what its rows add up to (trial balance, stock, paid, credited, owed), that
    documents say the same as their canonical bytes, and that each series is one unbroken chain."""
    async with shop.asking() as ctx:
        wrong = [(row.what, row.fact) for row in await fetch(ctx, _WRONG, {})]
        documents = await fetch(ctx, _DOCUMENTS, {})
    assert wrong == [], wrong
    series: dict[str, list[chain.Link]] = {}
    for row in documents:
        said = json.loads(bytes(row.canonical))
        assert (said["kind"], said["totals"]["total_minor"]) == (row.kind, row.total_minor)
        assert sum(line["total_minor"] for line in said["lines"]) == row.net_minor + row.tax_minor
        link = chain.Link(row.counter, bytes(row.previous_hash), bytes(row.canonical), bytes(row.hash))
        series.setdefault(f"{row.code}/{row.financial_year}", []).append(link)
    assert [name for name, links in series.items() if chain.verify_chain(name, links, complete=True) is not None] == []


async def in_stock(shop: Shop, variant_id: UUID, kind: str = "showroom") -> int:
    """How much of a variant stands at the branch's location of a kind, in thousandths."""
    sql = """SELECT coalesce(sum(b.quantity_milli), 0)::bigint AS held FROM stock_balances b
        JOIN locations l ON l.shop_id = b.shop_id AND l.id = b.location_id
        WHERE b.shop_id = %(shop)s AND l.kind = %(kind)s AND b.variant_id = %(variant)s"""
    async with shop.asking() as ctx:
        (row,) = await fetch(ctx, sql, {"kind": kind, "variant": variant_id})
        return int(row.held)
