"""What the books say of a sale, asked of the postings themselves."""

from uuid import UUID

from duka.ledger import chart
from duka.platform.db import fetch
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
SELECT 'stock account', sum(v)::text FROM (
    SELECT CASE WHEN debit = '1200' THEN amount_minor ELSE -amount_minor END AS v FROM postings
    WHERE shop_id = %(shop)s AND '1200' IN (debit, credit) UNION ALL
    SELECT -round(quantity_milli * unit_cost_minor / 1000.0)::bigint FROM stock_movements WHERE shop_id = %(shop)s) t
HAVING sum(v) <> 0
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
    """Assert that the shop's caches say what its rows add up to: trial balance, stock, paid, credited, owed."""
    async with shop.asking() as ctx:
        wrong = [(row.what, row.fact) for row in await fetch(ctx, _WRONG, {})]
    assert wrong == []


async def in_stock(shop: Shop, variant_id: UUID, kind: str = "showroom") -> int:
    """How much of a variant stands at the branch's location of a kind, in thousandths."""
    sql = """SELECT coalesce(sum(b.quantity_milli), 0)::bigint AS held FROM stock_balances b
        JOIN locations l ON l.shop_id = b.shop_id AND l.id = b.location_id
        WHERE b.shop_id = %(shop)s AND l.kind = %(kind)s AND b.variant_id = %(variant)s"""
    async with shop.asking() as ctx:
        (row,) = await fetch(ctx, sql, {"kind": kind, "variant": variant_id})
        return int(row.held)
