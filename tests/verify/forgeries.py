"""Rows forged past every guard, each with the invariants that name it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from tests.world import Shop


@dataclass(frozen=True, slots=True)
class Forgery:
    """A statement that leaves a shop as it cannot be. `tries` is the invariant it is made for, `also` the others that
    notice it. `{one}` takes the first row of the shop that fits the rest of the condition."""

    tries: str
    sql: str
    also: frozenset[str] = frozenset()


def _tries(name: str, sql: str, *also: str) -> Forgery:
    return Forgery(name, sql, frozenset(also))


FORGERIES: Final = (
    _tries(
        "posting_accounts",
        "UPDATE postings SET debit = '9999' WHERE {one} AND source = 'adjustment'",
        "booked_documents", "stock_account", "trial_balance",
    ),
    _tries(
        "trial_balance",
        "DELETE FROM ledger_accounts WHERE shop_id = :shop AND code = '5910'",
        "posting_accounts",
    ),
    _tries(
        "booked_documents", "UPDATE postings SET amount_minor = amount_minor + 1 WHERE {one} AND debit = '5000'",
        "stock_account",
    ),
    _tries("booked_documents", "DELETE FROM postings WHERE {one} AND source = 'cash_move'"),
    _tries(
        "booked_documents",
        "UPDATE postings SET posted_on = posted_on + 1 WHERE {one} AND source = 'credit_note'",
    ),
    _tries(
        "booked_documents",
        "UPDATE postings SET at = at + interval '1 s' WHERE {one} AND source = 'adjustment'",
        "documents_audited",
    ),
    _tries(
        "owed_in_books",
        "UPDATE postings SET credit = '2300' WHERE {one} AND credit = '1100'",
        "booked_documents",
    ),
    _tries("stock_balances", "UPDATE stock_balances SET quantity_milli = quantity_milli + 1 WHERE {balance}"),
    _tries("stock_balances", "DELETE FROM stock_balances WHERE {balance}"),
    _tries("reserved_stock", "UPDATE stock_balances SET reserved_milli = reserved_milli + 1 WHERE {balance}"),
    _tries("reserved_stock", "DELETE FROM stock_reservations WHERE {one} AND state = 'open'"),
    _tries(
        "reserved_stock",
        "UPDATE stock_reservations SET state = 'open', closed_at = NULL WHERE {one} AND state = 'taken' "
        "AND purpose = 'customer'",
    ),
    _tries(
        "reservation_documents",
        "UPDATE carts SET taken_at = held_at WHERE {one} AND held_at IS NOT NULL",
    ),
    _tries("reservation_documents", "DELETE FROM carts WHERE {one} AND held_at IS NOT NULL"),
    _tries(
        "reservation_documents",
        "UPDATE stock_reservations SET document_id = variant_id WHERE {one} AND state = 'open' AND purpose = 'sale'",
    ),
    _tries(
        "reservation_documents",
        "UPDATE stock_reservations SET document_id = variant_id WHERE {one} AND state = 'open' "
        "AND purpose = 'customer'",
    ),
    _tries(
        "movement_sources", "UPDATE stock_movements SET unit_cost_minor = unit_cost_minor + 1 WHERE {one}",
        "stock_account", "stock_days",
    ),
    _tries("movement_sources", "DELETE FROM stock_movements WHERE {one} AND kind = 'return'",
           "stock_account", "stock_balances", "stock_days"),
    _tries(
        "movement_sources",
        "UPDATE invoice_lines SET restock = NULL WHERE {one} AND restock = 'damaged'",
        "booked_documents",
    ),
    _tries(
        "adjustment_requests",
        "UPDATE stock_adjustment_requests SET state = 'rejected' WHERE {one} AND state = 'approved'",
    ),
    _tries("stock_days", "UPDATE stock_days SET value_minor = value_minor + 1 WHERE shop_id = :shop"),
    _tries("stock_days", "DELETE FROM stock_days_marks WHERE shop_id = :shop"),
    _tries("cost_days", "UPDATE stock_cost_days SET value_minor = value_minor + 1 WHERE {cost_day}"),
    _tries(
        "cost_days",
        "UPDATE stock_cost_corrections SET value_minor = value_minor + 1 WHERE {one} AND booked_minor <> 0",
        "stock_account",
    ),
    _tries(
        "stock_account",
        "UPDATE stock_cost_corrections SET booked_minor = booked_minor + 1 WHERE {one} AND value_minor <> 0",
        "booked_documents",
    ),
    _tries("booked_documents", "DELETE FROM postings WHERE {one} AND source = 'cost_closing'"),
    _tries(
        "sold_out",
        "INSERT INTO stock_cost_corrections (shop_id, id, closing_id, movement_id, value_minor, booked_minor, "
        "booked_on, at) SELECT m.shop_id, m.id, c.id, m.id, 5, 0, m.business_date, m.at FROM stock_movements m "
        "JOIN variants v ON v.shop_id = m.shop_id AND v.id = m.variant_id AND v.name = 'bag' "
        "JOIN stock_cost_closings c ON c.shop_id = m.shop_id WHERE m.shop_id = :shop AND m.kind = 'sale'",
        "cost_days", "stock_account",
    ),
    _tries(
        "return_origins", "UPDATE stock_movements SET origin_line_id = id WHERE {one} AND origin_line_id IS NOT NULL"
    ),
    _tries(
        "goods_in_transit",
        "UPDATE stock_transfer_lines SET dispatched_milli = dispatched_milli - 1 "
        "WHERE {one} AND dispatched_milli IS NOT NULL AND received_milli IS NULL",
        "movement_sources",
    ),
    _tries(
        "goods_in_transit",
        "UPDATE stock_transfer_lines SET difference = 'sender' WHERE {one} AND difference = 'loss'",
        "booked_documents", "movement_sources",
    ),
    _tries(
        "goods_in_transit",
        "UPDATE stock_transfers SET state = 'received' WHERE {one} AND state = 'dispatched'",
        "stock_account", "transfer_steps",
    ),
    _tries("transfer_steps", "UPDATE stock_transfer_steps SET state_from = NULL WHERE {one} AND step = 'dispatch'"),
    _tries("transfer_steps", "DELETE FROM stock_transfer_steps WHERE {one} AND step = 'reject'"),
    _tries(
        "transfer_steps", "DELETE FROM audit_entries WHERE {one} AND action = 'reject' AND entity = 'stock_transfer'"
    ),
    _tries("counted_lines", "UPDATE stock_count_entries SET quantity_milli = 7 WHERE {one} AND recount"),
    _tries("counted_lines", "UPDATE stock_count_entries SET expected_milli = 7 WHERE {one} AND recount"),
    _tries("count_progress", "UPDATE stock_counts SET lines_done = 0 WHERE {one}"),
    _tries(
        "count_progress",
        "DELETE FROM stock_count_lines WHERE {one} AND counted_milli = expected_milli",
        "counted_lines",
    ),
    _tries("batch_balances", "UPDATE stock_batch_balances SET quantity_milli = quantity_milli + 1 WHERE {batch}"),
    _tries("batch_balances", "DELETE FROM stock_batch_balances WHERE {batch}"),
    _tries("unit_places", "UPDATE stock_units SET location_id = {store} WHERE {one} AND location_id = {showroom}"),
    _tries("unit_places", "DELETE FROM stock_units WHERE {one} AND state = 'in_stock'"),
    _tries("unit_states", "UPDATE stock_units SET state = 'written_off' WHERE {one} AND state = 'sold'"),
    _tries("unit_states", "UPDATE stock_units SET state = 'sold' WHERE {one} AND state = 'in_transit'"),
    _tries(
        "units_sold_once",
        "DELETE FROM document_exceptions WHERE {one} AND code = 'UNITS_NOT_HERE'",
    ),
    _tries(
        "tracked_balances",
        "DELETE FROM stock_parts WHERE shop_id = :shop AND fault = 'not_here'",
    ),
    _tries(
        "movement_parts",
        "UPDATE stock_parts SET quantity_milli = quantity_milli + 1 WHERE {one} AND batch_id IS NOT NULL",
        "batch_balances", "tracked_balances",
    ),
    _tries("movement_parts", "UPDATE stock_parts SET movement_id = NULL WHERE {one} AND fault = 'not_here'"),
    _tries(
        "movement_sources",
        "UPDATE stock_movements SET unit_cost_minor = unit_cost_minor + 1 WHERE {one} AND source = 'goods_receipt'",
        "stock_account",
    ),
    _tries(
        "movement_sources",
        "DELETE FROM stock_movements WHERE {one} AND source = 'supplier_return'",
        "booked_documents", "cost_days", "stock_account", "stock_balances",
    ),
    _tries(
        "received_not_invoiced",
        "UPDATE postings SET credit = '2110' WHERE {one} AND credit = '2100'",
        "booked_documents",
    ),
    _tries("supplier_balances", "UPDATE suppliers SET owed_minor = owed_minor + 1 WHERE {one}"),
    _tries("supplier_balances", "DELETE FROM supplier_payments WHERE {one}", "booked_documents"),
    _tries(
        "supplier_papers",
        "UPDATE supplier_bills SET net_minor = net_minor + 1, tax_minor = tax_minor - 1 WHERE {one}",
        "booked_documents",
    ),
    _tries("supplier_papers", "UPDATE supplier_return_lines SET debit_minor = debit_minor + 1 WHERE {one}"),
    _tries(
        "purchase_order_steps", "UPDATE purchase_orders SET state = 'closed' WHERE {one} AND state = 'part_received'"
    ),
    _tries("purchase_order_steps", "DELETE FROM purchase_order_steps WHERE {one} AND step = 'approve'"),
    _tries(
        "purchase_order_steps",
        "DELETE FROM audit_entries WHERE {one} AND entity = 'purchase_order' AND action = 'approve'",
    ),
    _tries(
        "order_confirmations", "UPDATE purchase_orders SET confirmed_at = NULL WHERE {one} AND confirmed_at IS NOT NULL"
    ),
    _tries(
        "order_confirmations",
        "UPDATE purchase_order_lines SET confirmed_milli = 5 WHERE {one} AND order_id IN "
        "(SELECT id FROM purchase_orders WHERE shop_id = :shop AND confirmed_at IS NULL)",
    ),
    _tries("receipt_totals", "UPDATE goods_receipt_lines SET landed_minor = landed_minor + 1 WHERE {one}"),
    _tries("receipt_totals", "UPDATE goods_receipts SET goods_minor = goods_minor + 1 WHERE {one}", "booked_documents"),
    _tries(
        "order_progress",
        "UPDATE purchase_order_lines SET received_milli = received_milli + 1 WHERE {one} AND received_milli > 0",
    ),
    _tries(
        "receipts_cleared",
        "UPDATE goods_receipt_progress SET billed_milli = billed_milli + 1 WHERE shop_id = :shop AND billed_milli > 0",
    ),
    _tries("purchase_numbers", "UPDATE purchase_counters SET last = last + 1 WHERE shop_id = :shop AND kind = 'GR'"),
    _tries("purchase_numbers", "UPDATE goods_receipts SET number = 'GR/2627/000099' WHERE {one}"),
    _tries("line_totals", "UPDATE sale_lines SET taxes = '[]' WHERE {one} AND sale_id = {open_sale}"),
    _tries("sale_totals", "UPDATE sales SET cost_minor = cost_minor + 1 WHERE id = {open_sale}", "sale_standing"),
    _tries("sale_totals", "UPDATE sale_lines SET position = 7 WHERE {one} AND sale_id = {open_sale}"),
    _tries("sale_totals", "DELETE FROM sale_lines WHERE {one} AND revision = 1 AND sale_id = {edited_sale}"),
    _tries(
        "invoice_totals",
        "UPDATE invoices SET net_minor = net_minor + 1, tax_minor = tax_minor - 1 WHERE {one}",
        "booked_documents",
    ),
    _tries(
        "notes_of_sales",
        "UPDATE sales SET credited_minor = credited_minor - 1 WHERE {one} AND credited_minor > 0",
        "owed_in_books", "sale_standing",
    ),
    _tries(
        "notes_of_documents",
        "UPDATE invoices SET original_id = {other_invoice} WHERE {one} AND kind = 'debit_note'",
        "documents_as_hashed",
    ),
    _tries(
        "notes_of_documents",
        "UPDATE invoices SET sale_id = NULL WHERE {one} AND kind = 'debit_note'",
        "documents_as_hashed", "notes_of_sales", "owed_in_books",
    ),
    _tries(
        "credited_parts",
        "UPDATE sale_lines SET quantity_milli = 1 WHERE {one} AND id = {returned_line}",
        "documents_as_hashed", "movement_sources", "sale_totals",
    ),
    _tries(
        "paid",
        "UPDATE payments SET amount_minor = amount_minor - 1 WHERE {one} AND method = 'card'",
        "booked_documents",
    ),
    _tries(
        "payment_documents",
        "UPDATE payments SET source = 'repair' WHERE {one} AND method = 'card'",
        "booked_documents",
    ),
    _tries(
        "invoice_when_final",
        "UPDATE invoices SET staff_id = NULL WHERE {one} AND kind = 'invoice' AND staff_id = {njeri}",
    ),
    _tries("request_fingerprints", "UPDATE sales SET body_hash = 'x' WHERE {one}"),
    _tries("request_fingerprints", "UPDATE invoices SET body_hash = NULL WHERE {one} AND kind = 'credit_note'"),
    _tries("daily_totals", "UPDATE daily_totals SET sales = sales + 1 WHERE shop_id = :shop"),
    _tries("daily_totals", "DELETE FROM daily_totals WHERE shop_id = :shop"),
    _tries("sale_steps", "UPDATE sale_steps SET step = 'cancel' WHERE {one} AND step = 'lock'", "steps_audited"),
    _tries(
        "sale_steps",
        "DELETE FROM sale_steps WHERE {one} AND step = 'sell' AND sale_id = {edited_sale}",
        "sale_totals",
    ),
    _tries("sale_standing", "UPDATE sales SET number = 'S1-99' WHERE id = {open_sale}"),
    _tries("steps_audited", "DELETE FROM audit_entries WHERE {one} AND action = 'lock'"),
    _tries(
        "series_counters",
        "UPDATE series SET highest_seen = highest_seen + 1 WHERE {one} AND kind = 'debit_note' AND highest_seen > 0",
    ),
    _tries("series_counters", "UPDATE series SET complete_to = 0 WHERE {one} AND complete_to > 1"),
    _tries("document_numbers", "UPDATE invoices SET number = 'S1C/2627/000099' WHERE {one} AND kind = 'credit_note'"),
    _tries(
        "held_numbers",
        "UPDATE quarantined_documents SET claimed_counter = 1, at = at - interval '1 day' WHERE {one}",
    ),
    _tries(
        "closed_series",
        (
            "UPDATE series SET closed_at = now(), declared_hole = jsonb_build_object("
            "'from', 9, 'to', 9, 'reason', '', 'at', '', 'by', '', 'signature', '0') WHERE {one}"
        ),
    ),
    _tries("register_verdicts", "UPDATE quarantined_documents SET body = 'x' WHERE {one}"),
    _tries("register_verdicts", "UPDATE document_exceptions SET document_id = :shop WHERE {one}"),
    _tries("hash_chain", "UPDATE invoices SET previous_hash = sha256('x') WHERE {one} AND kind = 'debit_note'"),
    _tries(
        "documents_as_hashed",
        "UPDATE sale_lines SET description = 'gold' WHERE {one} AND description = 'Delivery'",
    ),
    _tries(
        "drawer_expected",
        (
            "UPDATE register_sessions SET counted_minor = counted_minor + 1, expected_minor = expected_minor + 1 "
            "WHERE {one}"
        ),
    ),
    _tries("drawer_difference", "UPDATE register_sessions SET counted_minor = counted_minor + 1 WHERE {one}"),
    _tries(
        "drawer_difference",
        "UPDATE postings SET posted_on = posted_on + 1 WHERE {one} AND source = 'register_session'",
    ),
    _tries(
        "movement_sources", "DELETE FROM sold_components WHERE {one} AND sale_line_id IS NOT NULL",
        "components_given_back", "sale_totals",
    ),
    _tries("movement_sources", "UPDATE stock_movements SET note = 'x' WHERE {one} AND kind = 'assembly'"),
    _tries(
        "sets_in_sets",
        "INSERT INTO variant_components (shop_id, variant_id, component_id, position, quantity_milli) "
        "SELECT shop_id, component_id, variant_id, 1, 1000 FROM variant_components WHERE shop_id = :shop LIMIT 1",
    ),
    _tries(
        "assemblies",
        "UPDATE stock_assembly_lines SET unit_cost_minor = unit_cost_minor + 4 WHERE {one} AND quantity_milli < 0",
        "movement_sources",
    ),
    _tries("assemblies", "UPDATE stock_assemblies SET quantity_milli = -quantity_milli WHERE {one}"),
    _tries(
        "components_given_back",
        "UPDATE sold_components SET taken_id = NULL WHERE {one} AND taken_id IS NOT NULL",
        "booked_documents", "return_origins",
    ),
    _tries(
        "one_drawer",
        "INSERT INTO late_payments (shop_id, id, payment_id, register_session_id, at) SELECT shop_id, id, id, "
        "register_session_id, at FROM payments WHERE shop_id = :shop AND register_session_id IS NOT NULL "
        "AND method <> 'cash' LIMIT 1",
    ),
    _tries("event_positions", "DELETE FROM outbox WHERE {one} AND position > 1"),
    _tries(
        "event_readers",
        "INSERT INTO event_consumers (shop_id, consumer, position) VALUES (:shop, 'hasty', 10000)",
    ),
    _tries("documents_audited", "DELETE FROM audit_entries WHERE {one} AND entity = 'cash_move'"),
    _tries("documents_audited", "UPDATE invoices SET reason = 'none' WHERE {one} AND kind = 'debit_note'"),
    _tries(
        "no_secrets_in_trail",
        "UPDATE audit_entries SET after = '{\"new\": {\"password\": \"1234\"}}' WHERE {one}",
    ),
    _tries(
        "no_personal_values_in_trail",
        "UPDATE audit_entries SET after = '{\"phone\": \"+256\"}' WHERE {one} AND entity = 'customer'",
    ),
)  # fmt: skip

_ROWS: Final[Mapping[str, str]] = {
    "{balance}": (
        "shop_id = :shop AND (variant_id, location_id) = (SELECT variant_id, location_id FROM stock_balances "
        "WHERE shop_id = :shop ORDER BY 1, 2 LIMIT 1)"
    ),
    "{cost_day}": (
        "shop_id = :shop AND (location_id, business_date, kind) = (SELECT location_id, business_date, kind "
        "FROM stock_cost_days WHERE shop_id = :shop ORDER BY 1, 2, 3 LIMIT 1)"
    ),
    "{batch}": (
        "shop_id = :shop AND (batch_id, location_id) = (SELECT batch_id, location_id FROM stock_batch_balances "
        "WHERE shop_id = :shop AND quantity_milli > 0 ORDER BY 1, 2 LIMIT 1)"
    ),
    "{store}": "(SELECT id FROM locations WHERE shop_id = :shop AND kind = 'warehouse' ORDER BY id LIMIT 1)",
    "{showroom}": "(SELECT id FROM locations WHERE shop_id = :shop AND kind = 'showroom' ORDER BY id LIMIT 1)",
    "{open_sale}": "(SELECT id FROM sales WHERE shop_id = :shop AND state = 'incomplete')",
    "{edited_sale}": "(SELECT sale_id FROM sale_lines WHERE shop_id = :shop AND revision = 2 LIMIT 1)",
    "{returned_line}": (
        "(SELECT sale_line_id FROM invoice_lines WHERE shop_id = :shop AND restock = 'damaged')"
    ),
    "{njeri}": "(SELECT min(staff_id::text)::uuid FROM sales WHERE shop_id = :shop)",
    "{other_invoice}": (
        "(SELECT id FROM invoices WHERE shop_id = :shop AND kind = 'invoice' AND sale_id NOT IN (SELECT sale_id "
        "FROM invoices WHERE shop_id = :shop AND kind = 'debit_note') LIMIT 1)"
    ),
}
"""Rows that several forgeries mean."""


def forge(forger: psycopg.Connection[Any], shop: Shop, sql: str) -> None:
    """Run a forgery in the forger's transaction."""
    for place, text in _ROWS.items():
        sql = sql.replace(place, text)
    if "{one}" in sql:
        head, condition = sql.split("{one}")
        table = sql.split(" FROM ", 1)[1].split()[0] if sql.startswith("DELETE") else sql.split()[1]
        chosen = f"SELECT id FROM {table} WHERE shop_id = :shop {condition} ORDER BY id LIMIT 1"
        sql = f"{head} shop_id = :shop AND id = ({chosen})"
    values = {"shop": shop.shop_id}
    done = forger.execute(sql.replace("%", "%%").replace(":shop", "%(shop)s").encode(), values)
    assert done.rowcount >= 1, sql
