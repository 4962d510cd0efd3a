"""What always holds in a shop, each invariant seen to fail: a busy shop breaks none, whoever forges a row is named."""

from typing import Any, Final

import psycopg
import pytest

from duka.verify import registry, runner
from duka.verify.invariants import Look
from tests.world import Shop

FORGERIES: Final[list[tuple[str, str, set[str]]]] = [
    # what is forged, by which statement, which invariants name it (the first of them is the one that is tried)
    (
        "posting_accounts", "UPDATE postings SET debit = '9999' WHERE {one} AND source = 'adjustment'",
        {"trial_balance", "booked_documents"},
    ),
    ("trial_balance", "DELETE FROM ledger_accounts WHERE shop_id = :shop AND code = '5910'", {"posting_accounts"}),
    ("booked_documents", "UPDATE postings SET amount_minor = amount_minor + 1 WHERE {one} AND debit = '5000'", set()),
    ("booked_documents", "DELETE FROM postings WHERE {one} AND source = 'cash_move'", set()),
    ("booked_documents", "UPDATE postings SET posted_on = posted_on + 1 WHERE {one} AND source = 'credit_note'", set()),
    ("owed_in_books", "UPDATE postings SET credit = '2300' WHERE {one} AND credit = '1100'", {"booked_documents"}),
    ("stock_balances", "UPDATE stock_balances SET quantity_milli = quantity_milli + 1 WHERE {balance}", set()),
    ("stock_balances", "DELETE FROM stock_balances WHERE {balance}", set()),
    ("movement_sources", "UPDATE stock_movements SET unit_cost_minor = unit_cost_minor + 1 WHERE {one}", set()),
    ("movement_sources", "DELETE FROM stock_movements WHERE {one} AND kind = 'return'", {"stock_balances"}),
    ("movement_sources", "UPDATE invoice_lines SET restock = NULL WHERE {one} AND restock = 'damaged'",
     {"booked_documents"}),
    ("adjustment_requests", "UPDATE stock_adjustment_requests SET state = 'rejected' WHERE {one} AND state = 'approved'",
     set()),
    ("line_totals", "UPDATE sale_lines SET taxes = '[]' WHERE {one} AND tax_minor > 0 AND sale_id = {open_sale}", set()),
    ("sale_totals", "UPDATE sales SET cost_minor = cost_minor + 1 WHERE id = {open_sale}", {"sale_standing"}),
    ("sale_totals", "UPDATE sale_lines SET position = 7 WHERE {one} AND sale_id = {open_sale}", set()),
    ("sale_totals", "DELETE FROM sale_lines WHERE {one} AND revision = 1 AND sale_id = {edited_sale}", set()),
    ("invoice_totals", "UPDATE invoices SET net_minor = net_minor + 1, tax_minor = tax_minor - 1 WHERE {one}",
     {"booked_documents"}),
    ("notes_of_sales", "UPDATE sales SET credited_minor = credited_minor - 1 WHERE {one} AND credited_minor > 0",
     {"sale_standing", "owed_in_books"}),
    ("notes_of_documents", "UPDATE invoices SET original_id = {other_invoice} WHERE {one} AND kind = 'debit_note'",
     {"documents_as_hashed"}),
    ("notes_of_documents", "UPDATE invoices SET sale_id = NULL WHERE {one} AND kind = 'debit_note'",
     {"documents_as_hashed", "notes_of_sales", "owed_in_books"}),
    ("credited_parts", "UPDATE sale_lines SET quantity_milli = 1 WHERE {one} AND id IN (SELECT sale_line_id FROM "
     "invoice_lines WHERE shop_id = :shop AND restock = 'damaged')",
     {"documents_as_hashed", "movement_sources", "sale_totals"}),
    ("paid", "UPDATE payments SET amount_minor = amount_minor - 1 WHERE {one} AND method = 'card'", {"booked_documents"}),
    ("payment_documents", "UPDATE payments SET source = 'repair' WHERE {one} AND method = 'card'", {"booked_documents"}),
    ("invoice_when_final", "UPDATE invoices SET staff_id = NULL WHERE {one} AND kind = 'invoice' AND staff_id IS NOT NULL",
     set()),
    ("request_fingerprints", "UPDATE sales SET body_hash = 'x' WHERE {one}", set()),
    ("request_fingerprints", "UPDATE invoices SET body_hash = NULL WHERE {one} AND kind = 'credit_note'", set()),
    ("daily_totals", "UPDATE daily_totals SET sales = sales + 1 WHERE shop_id = :shop", set()),
    ("daily_totals", "DELETE FROM daily_totals WHERE shop_id = :shop", set()),
    ("sale_steps", "UPDATE sale_steps SET step = 'approve' WHERE {one} AND step = 'lock'", {"steps_audited"}),
    ("sale_steps", "DELETE FROM sale_steps WHERE {one} AND step = 'sell' AND sale_id = {edited_sale}", set()),
    ("sale_standing", "UPDATE sales SET number = 'S1-99' WHERE id = {open_sale}", set()),
    ("steps_audited", "DELETE FROM audit_entries WHERE {one} AND action = 'lock'", set()),
    ("series_counters", "UPDATE series SET highest_seen = highest_seen + 1 WHERE {one} AND kind = 'debit_note' "
     "AND highest_seen > 0", set()),
    ("series_counters", "UPDATE series SET complete_to = 0 WHERE {one} AND complete_to > 1", set()),
    ("document_numbers", "UPDATE invoices SET number = 'S1C/2627/000099' WHERE {one} AND kind = 'credit_note'", set()),
    ("held_numbers", "UPDATE quarantined_documents SET claimed_counter = 1, at = at - interval '1 day' WHERE {one}",
     set()),
    ("closed_series", "UPDATE series SET closed_at = now(), declared_hole = "
     "'{\"from\": 9, \"to\": 9, \"reason\": \"\", \"at\": \"\", \"by\": \"\", \"signature\": \"0\"}' WHERE {one}", set()),
    ("register_verdicts", "UPDATE quarantined_documents SET body = 'x' WHERE {one}", set()),
    ("register_verdicts", "UPDATE document_exceptions SET document_id = :shop WHERE {one}", set()),
    ("hash_chain", "UPDATE invoices SET previous_hash = sha256('x') WHERE {one} AND kind = 'debit_note'", set()),
    ("documents_as_hashed", "UPDATE sale_lines SET description = 'gold' WHERE {one} AND description = 'Delivery'", set()),
    ("drawer_expected", "UPDATE register_sessions SET counted_minor = counted_minor + 1, "
     "expected_minor = expected_minor + 1 WHERE {one}", set()),
    ("drawer_difference", "UPDATE register_sessions SET counted_minor = counted_minor + 1 WHERE {one}", set()),
    ("event_positions", "DELETE FROM outbox WHERE {one} AND position > 1", set()),
    ("event_readers", "INSERT INTO event_consumers (shop_id, consumer, position) VALUES (:shop, 'hasty', 10000)", set()),
    ("documents_audited", "DELETE FROM audit_entries WHERE {one} AND entity = 'cash_move'", set()),
    ("documents_audited", "UPDATE invoices SET reason = 'none' WHERE {one} AND kind = 'debit_note'", set()),
    ("no_secrets_in_trail", "UPDATE audit_entries SET after = '{\"new\": {\"password\": \"1234\"}}' WHERE {one}", set()),
    ("no_personal_values_in_trail", "UPDATE audit_entries SET after = '{\"phone\": \"+256\"}' WHERE {one} "
     "AND entity = 'customer'", set()),
]  # fmt: skip

# Which row a forgery takes: the first that fits what is said after it.
PLACES: Final = {
    "{balance}": "shop_id = :shop AND (variant_id, location_id) = (SELECT variant_id, location_id FROM stock_balances "
    "WHERE shop_id = :shop ORDER BY 1, 2 LIMIT 1)",
    "{open_sale}": "(SELECT id FROM sales WHERE shop_id = :shop AND state = 'incomplete')",
    "{edited_sale}": "(SELECT sale_id FROM sale_lines WHERE shop_id = :shop AND revision = 2 LIMIT 1)",
    "{other_invoice}": "(SELECT id FROM invoices WHERE shop_id = :shop AND kind = 'invoice' AND sale_id NOT IN ("
    "SELECT sale_id FROM invoices WHERE shop_id = :shop AND kind = 'debit_note') LIMIT 1)",
}


def forge(forger: psycopg.Connection[Any], shop: Shop, sql: str) -> None:
    """Run a forgery; `{one}` makes it take the first row of the shop that fits the rest of its condition."""
    for place, text in PLACES.items():
        sql = sql.replace(place, text)
    if "{one}" in sql:
        head, condition = sql.split("{one}")
        table = sql.split(" FROM ", 1)[1].split()[0] if sql.startswith("DELETE") else sql.split()[1]
        chosen = f"SELECT id FROM {table} WHERE shop_id = :shop {condition} ORDER BY id LIMIT 1"
        sql = f"{head} shop_id = :shop AND id = ({chosen})"
    done = forger.execute(sql.replace("%", "%%").replace(":shop", "%(shop)s").encode(), {"shop": shop.shop_id})
    assert done.rowcount >= 1, sql


def broken(forger: psycopg.Connection[Any], shop: Shop) -> set[str]:
    """Name the invariants that do not hold."""
    look = Look(forger, shop.shop_id, shop.house.signer)
    return {each.invariant for each in runner.breaches_of(runner.examine(look))}


def test_a_busy_shop_breaks_nothing(busy: Shop, forger: psycopg.Connection[Any]) -> None:
    assert broken(forger, busy) == set()


@pytest.mark.parametrize(("name", "sql", "also"), FORGERIES, ids=[f"{name}-{n}" for n, (name, _, _) in
                                                                  enumerate(FORGERIES)])
def test_a_forged_row_is_named_by_its_invariant(
    busy: Shop, forger: psycopg.Connection[Any], name: str, sql: str, also: set[str]
) -> None:
    forge(forger, busy, sql)
    assert broken(forger, busy) == {name} | also


def test_every_invariant_of_a_shop_was_seen_to_fail() -> None:
    assert {each.name for each in registry.OF_SHOP} == {name for name, _, _ in FORGERIES}


def test_names_are_unique_and_every_invariant_says_what_it_means() -> None:
    every = [*registry.OF_SHOP, *registry.OF_INSTALLATION, *registry.OF_SCHEMA]
    assert len({each.name for each in every}) == len(every)
    assert all(each.says.endswith(".") and each.number > 0 for each in every)
