"""Buying: suppliers, purchase orders, goods receipts, supplier bills, payments, returns, and their accounts.

The commands that make the tables are written out beside this file.
"""

from pathlib import Path
from typing import Final

from alembic import op

from duka.platform import schema

revision = "0010"
down_revision = "0009"

_CHANGING: Final = (
    "suppliers", "supplier_items", "purchase_counters", "purchase_orders", "purchase_order_lines",
    "goods_receipt_progress",
)  # fmt: skip
_WRITTEN_ONCE: Final = (
    "purchase_order_steps", "goods_receipts", "goods_receipt_lines", "supplier_bills", "supplier_bill_lines",
    "supplier_payments", "supplier_returns", "supplier_return_lines",
)  # fmt: skip

# Each shop's chart is its own rows behind the wall between shops, so the shops are entered one after the other.
_ACCOUNTS: Final = """
DO $$
DECLARE
    one_shop uuid;
BEGIN
    FOR one_shop IN SELECT shop_id FROM shop_directory ORDER BY shop_id LOOP
        PERFORM enter_shop(one_shop);
        INSERT INTO ledger_accounts (shop_id, code, name, kind, active)
        SELECT s.shop_id, a.code, a.name, a.kind, true FROM shops s CROSS JOIN (VALUES
            ('1300', 'Tax on purchases', 'asset'),
            ('2000', 'Owed to suppliers', 'liability'),
            ('2100', 'Goods received, not invoiced', 'liability'),
            ('2110', 'Freight and duty, not invoiced', 'liability'),
            ('5200', 'Purchase price differences', 'expense')
        ) AS a(code, name, kind)
        WHERE s.shop_id = one_shop
        ON CONFLICT (shop_id, code) DO NOTHING;
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Give every shop the accounts that buying is booked on, then make the tables, one command at a time.

    The tables come last: their keys hold branches, locations and variants until the step ends, and a thousand shops
    are not entered meanwhile.
    """
    op.execute(_ACCOUNTS)
    for command in Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split("\n;;\n"):
        if command.strip():
            op.get_bind().exec_driver_sql(command.replace("%", "%%"))
    for table in (*_CHANGING, *_WRITTEN_ONCE):
        for command in schema.protect(table, "shop", written_once=table in _WRITTEN_ONCE):
            op.execute(command)
