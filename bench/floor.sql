-- One sale as plain SQL, one statement a table. @names@ are filled in for each seller; :i0 to :i2 choose the goods.
BEGIN;
SELECT * FROM use_shop('@shop_id@', '@session_id@');
SELECT variant_id, quantity_milli FROM stock_balances WHERE shop_id = '@shop_id@' AND location_id = '@location_id@'
    AND variant_id IN (SELECT variant_id FROM floor_variants WHERE shop_id = '@shop_id@' AND n IN (:i0 * 3, :i1 * 3 + 1,
    :i2 * 3 + 2)) ORDER BY variant_id FOR UPDATE;
SELECT highest_seen FROM series WHERE shop_id = '@shop_id@' AND register_id = '@register_id@' AND kind = 'invoice'
    FOR UPDATE;
SELECT uuidv7() AS sale, uuidv7() AS invoice \gset
INSERT INTO sales (shop_id, id, body_hash, body_schema, register_id, branch_id, location_id, staff_id, session_id,
    number, state, revision, currency, subtotal_minor, discount_minor, net_minor, tax_minor, rounding_minor,
    total_minor, cost_minor, paid_minor, credited_minor, business_date, made_at, received_at, version) VALUES
    ('@shop_id@', :sale::uuid, sha256(:sale::text::bytea), 1, '@register_id@', '@branch_id@', '@location_id@',
    '@staff_id@', '@session_id@', :sale::text, 'completed', 1, 'UGX', 3540, 0, 3000, 540, 0, 3540, 2100, 3540, 0,
    '2026-11-21', now(), now(), 1);
INSERT INTO sale_lines (shop_id, id, sale_id, revision, position, variant_id, tax_class_id, description, unit,
    quantity_milli, unit_price_minor, list_price_minor, tax_included, gross_minor, line_discount_minor,
    cart_discount_minor, net_minor, taxes, tax_minor, total_minor, unit_cost_minor, stocked) SELECT '@shop_id@',
    uuidv7(), :sale::uuid, 1, f.place, f.variant_id, '@tax_class_id@', 'Item 00001', 'piece', 1000, 1180, 1180, true,
    1180, 0, 0, 1000, '[{"code": "VAT", "rate_bp": 1800, "parts": 1, "amount_minor": 180}]', 180, 1180, 700, true FROM
    (SELECT variant_id, row_number() OVER () AS place FROM floor_variants WHERE shop_id = '@shop_id@' AND n IN (:i0 * 3,
    :i1 * 3 + 1, :i2 * 3 + 2)) f;
UPDATE stock_balances SET quantity_milli = quantity_milli - 1000 WHERE shop_id = '@shop_id@' AND location_id =
    '@location_id@' AND variant_id IN (SELECT variant_id FROM floor_variants WHERE shop_id = '@shop_id@' AND n IN (:i0 *
    3, :i1 * 3 + 1, :i2 * 3 + 2));
INSERT INTO stock_movements (shop_id, id, variant_id, location_id, kind, quantity_milli, unit_cost_minor, source,
    source_id, source_line_id, staff_id, business_date, at) SELECT '@shop_id@', uuidv7(), variant_id, '@location_id@',
    'sale', -1000, 700, 'sale', :sale::uuid, :sale::uuid, '@staff_id@', '2026-11-21', now() FROM floor_variants WHERE
    shop_id = '@shop_id@' AND n IN (:i0 * 3, :i1 * 3 + 1, :i2 * 3 + 2);
INSERT INTO sale_steps (shop_id, id, sale_id, step, state_to, revision, staff_id, standing, at) VALUES ('@shop_id@',
    uuidv7(), :sale::uuid, 'sell', 'completed', 1, '@staff_id@', '{"state": "completed", "subtotal_minor": 3540,
    "discount_minor": 0, "net_minor": 3000, "tax_minor": 540, "rounding_minor": 0, "total_minor": 3540, "cost_minor":
    2100, "paid_minor": 3540}', now());
INSERT INTO payments (shop_id, id, source, source_id, direction, method, amount_minor, tendered_minor, branch_id,
    staff_id, business_date, at) VALUES ('@shop_id@', uuidv7(), 'sale', :sale::uuid, 'in', 'cash', 3540, 3540,
    '@branch_id@', '@staff_id@', '2026-11-21', now());
INSERT INTO postings (shop_id, id, debit, credit, amount_minor, source, source_id, business_date, posted_on, at)
    SELECT '@shop_id@', uuidv7(), p.debit, p.credit, p.amount, 'sale', :sale::uuid, '2026-11-21', '2026-11-21', now()
    FROM (VALUES ('1100', '4000', 3000), ('1100', '2200', 540), ('5000', '1200', 2100), ('1000', '1100', 3540)) p(debit,
    credit, amount);
INSERT INTO audit_entries (shop_id, id, at, actor, staff_id, session_id, ip, request_id, entity, entity_id, action)
    VALUES ('@shop_id@', uuidv7(), now(), 'staff', '@staff_id@', '@session_id@', '127.0.0.1', :sale::text, 'sale',
    :sale::uuid, 'sell');
INSERT INTO outbox (shop_id, id, event, entity_id, facts, at) VALUES ('@shop_id@', uuidv7(), 'sale.created',
    :sale::uuid, '{"state": "completed", "total_minor": 3540}', now());
UPDATE series SET highest_seen = highest_seen + 1, complete_to = highest_seen + 1, head_hash = sha256(head_hash ||
    int8send(highest_seen + 1)) WHERE shop_id = '@shop_id@' AND register_id = '@register_id@' AND kind = 'invoice'
    RETURNING id AS series, highest_seen AS counter \gset
INSERT INTO invoices (shop_id, id, kind, series_id, counter, number, sale_id, branch_id, staff_id, currency,
    net_minor, tax_minor, rounding_minor, total_minor, canonical, previous_hash, hash, business_date, issued_at) VALUES
    ('@shop_id@', :invoice::uuid, 'invoice', :series::uuid, :counter::bigint, :series::text || '/' || :counter::text,
    :sale::uuid, '@branch_id@', '@staff_id@', 'UGX', 3000, 540, 0, 3540, repeat('x', 1300)::bytea, sha256('a'),
    sha256('b'), '2026-11-21', now());
INSERT INTO daily_totals (shop_id, branch_id, business_date, sales, discount_minor, net_minor, tax_minor,
    rounding_minor, total_minor, cost_minor, credit_notes, credited_minor) VALUES ('@shop_id@', '@branch_id@',
    '2026-11-21', 1, 0, 3000, 540, 0, 3540, 2100, 0, 0) ON CONFLICT (shop_id, branch_id, business_date) DO UPDATE SET
    sales = daily_totals.sales + 1, net_minor = daily_totals.net_minor + 3000, tax_minor = daily_totals.tax_minor + 540,
    total_minor = daily_totals.total_minor + 3540, cost_minor = daily_totals.cost_minor + 2100;
COMMIT;
