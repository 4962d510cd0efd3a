"""The sums: documents are the sum of their lines, and no more is taken back than was charged."""

from typing import Final

from duka.verify.invariants import Invariant, asked

_LINES: Final = """
WITH lines AS (
    SELECT 'sale' AS document, sale_id AS document_id, id, net_minor, tax_minor, total_minor, taxes,
        gross_minor - line_discount_minor - cart_discount_minor AS charged_minor, tax_included,
        unit_cost_minor
    FROM sale_lines WHERE shop_id = %(shop)s
    UNION ALL
    SELECT 'note', invoice_id, id, net_minor, tax_minor, total_minor, taxes, NULL, NULL,
        unit_cost_minor
    FROM invoice_lines WHERE shop_id = %(shop)s
)
SELECT l.document, l.document_id, l.id AS line_id, l.net_minor, l.tax_minor, t.taxes_minor::bigint, l.charged_minor,
    l.total_minor
FROM lines l CROSS JOIN LATERAL (
    SELECT coalesce(sum((tax ->> 'amount_minor')::bigint), 0) AS taxes_minor FROM jsonb_array_elements(l.taxes) AS tax
) t
WHERE l.unit_cost_minor < 0 OR l.tax_minor <> t.taxes_minor OR l.total_minor <> l.net_minor + l.tax_minor
    OR l.charged_minor <> CASE WHEN l.tax_included THEN l.total_minor ELSE l.net_minor END
"""

# The current lines against the sale's own row; lines of an earlier revision against what its last step wrote down.
_SALES: Final = """
WITH said AS (
    SELECT id AS sale_id, revision, subtotal_minor, discount_minor, net_minor, tax_minor, rounding_minor, total_minor,
        cost_minor
    FROM sales WHERE shop_id = %(shop)s
    UNION ALL (
        SELECT DISTINCT ON (t.sale_id, t.revision) t.sale_id, t.revision, r.subtotal_minor, r.discount_minor,
            r.net_minor, r.tax_minor, r.rounding_minor, r.total_minor, r.cost_minor
        FROM sale_steps t JOIN sales s ON s.shop_id = %(shop)s AND s.id = t.sale_id AND s.revision <> t.revision
        CROSS JOIN jsonb_to_record(t.standing) AS r(subtotal_minor bigint, discount_minor bigint, net_minor bigint,
            tax_minor bigint, rounding_minor bigint, total_minor bigint, cost_minor bigint)
        WHERE t.shop_id = %(shop)s ORDER BY t.sale_id, t.revision, t.id DESC
    )
), summed AS (
    SELECT sale_id, revision, sum(gross_minor) AS subtotal_minor,
        sum(line_discount_minor + cart_discount_minor) AS discount_minor, sum(net_minor) AS net_minor,
        sum(tax_minor) AS tax_minor, sum(coalesce(
            of_set.cost_minor, div(2 * unit_cost_minor::numeric * quantity_milli + 1000, 2000)
        )) AS cost_minor,
        count(*) AS lines, max(position) AS last, min(position) AS first
    FROM sale_lines LEFT JOIN (
        SELECT sale_line_id, sum(div(2 * unit_cost_minor::numeric * quantity_milli + 1000, 2000)) AS cost_minor
        FROM sold_components WHERE shop_id = %(shop)s AND sale_line_id IS NOT NULL GROUP BY 1
    ) of_set ON of_set.sale_line_id = sale_lines.id
    WHERE shop_id = %(shop)s GROUP BY 1, 2
)
SELECT sale_id, revision, said.total_minor, said.net_minor, summed.net_minor::bigint AS lines_net_minor,
    said.tax_minor, summed.tax_minor::bigint AS lines_tax_minor, said.cost_minor,
    summed.cost_minor::bigint AS lines_cost_minor, summed.lines
FROM said FULL JOIN summed USING (sale_id, revision)
WHERE (said.subtotal_minor, said.discount_minor, said.net_minor, said.tax_minor, said.cost_minor)
        IS DISTINCT FROM
        (summed.subtotal_minor, summed.discount_minor, summed.net_minor, summed.tax_minor, summed.cost_minor)
    OR said.total_minor <> said.net_minor + said.tax_minor + said.rounding_minor
    OR summed.first <> 1 OR summed.last <> summed.lines
"""

_INVOICES: Final = """
WITH lines AS (
    SELECT invoice_id, sum(net_minor) AS net_minor, sum(tax_minor) AS tax_minor, count(*) AS lines,
        max(position) AS last, min(position) AS first
    FROM invoice_lines WHERE shop_id = %(shop)s GROUP BY 1
)
SELECT i.id AS invoice_id, i.kind, i.number, i.net_minor, i.tax_minor, i.rounding_minor, i.total_minor, l.lines,
    coalesce(s.net_minor, l.net_minor)::bigint AS sum_net_minor,
    coalesce(s.tax_minor, l.tax_minor)::bigint AS sum_tax_minor, s.total_minor AS sale_total_minor
FROM invoices i
LEFT JOIN sales s ON i.kind = 'invoice' AND s.shop_id = %(shop)s AND s.id = i.sale_id
LEFT JOIN lines l ON l.invoice_id = i.id
WHERE i.shop_id = %(shop)s AND (
    i.total_minor <> i.net_minor + i.tax_minor + i.rounding_minor
    OR (i.kind = 'invoice') <> (l.invoice_id IS NULL)
    OR (i.kind = 'invoice' AND (i.net_minor, i.tax_minor, i.rounding_minor, i.total_minor)
        IS DISTINCT FROM (s.net_minor, s.tax_minor, s.rounding_minor, s.total_minor))
    OR (i.kind <> 'invoice' AND (i.net_minor, i.tax_minor) IS DISTINCT FROM (l.net_minor, l.tax_minor))
    OR l.first <> 1 OR l.last <> l.lines
)
"""

_NOTES_OF_SALES: Final = """
SELECT s.id AS sale_id, s.total_minor, s.credited_minor, coalesce(n.credited, 0)::bigint AS credit_notes_minor,
    s.debited_minor, coalesce(n.debited, 0)::bigint AS debit_notes_minor
FROM sales s LEFT JOIN (
    SELECT sale_id, sum(total_minor) FILTER (WHERE kind = 'credit_note') AS credited,
        sum(total_minor) FILTER (WHERE kind = 'debit_note') AS debited
    FROM invoices WHERE shop_id = %(shop)s AND kind <> 'invoice' GROUP BY 1
) n ON n.sale_id = s.id
WHERE s.shop_id = %(shop)s AND (
    s.credited_minor <> coalesce(n.credited, 0) OR s.debited_minor <> coalesce(n.debited, 0)
    OR s.credited_minor > s.total_minor + s.debited_minor
)
"""

_ORIGINALS: Final = """
SELECT o.id AS invoice_id, o.number, o.total_minor, sum(c.total_minor)::bigint AS credited_minor,
    min(c.id::text) AS note_id
FROM invoices c LEFT JOIN invoices o ON o.shop_id = %(shop)s AND o.id = c.original_id
WHERE c.shop_id = %(shop)s AND c.kind <> 'invoice' AND c.sale_id IS NOT NULL
GROUP BY o.id, o.number, o.total_minor, o.kind, o.sale_id, c.kind, c.sale_id
HAVING o.id IS NULL OR o.sale_id IS DISTINCT FROM c.sale_id
    OR (c.kind = 'credit_note' AND (o.kind = 'credit_note' OR sum(c.total_minor) > o.total_minor))
    OR (c.kind = 'debit_note' AND o.kind <> 'invoice')
UNION ALL
SELECT id, number, total_minor, NULL, id::text FROM invoices
WHERE shop_id = %(shop)s AND CASE kind
    WHEN 'invoice' THEN sale_id IS NULL OR original_id IS NOT NULL
    WHEN 'debit_note' THEN sale_id IS NULL OR original_id IS NULL
    ELSE (sale_id IS NULL) <> (original_id IS NULL) END
"""

# All that is credited of a line by now, half up, less what was credited before: so a line's parts add up to it.
_PARTS: Final = """
WITH noted AS (
    SELECT (standing ->> 'credit_note_id')::uuid AS invoice_id, min(id::text) AS step_id FROM sale_steps
    WHERE shop_id = %(shop)s AND standing ? 'credit_note_id' GROUP BY 1
), credited AS (
    SELECT l.*, sum(l.quantity_milli) OVER (PARTITION BY l.sale_line_id ORDER BY n.step_id, l.position) AS by_now
    FROM invoice_lines l JOIN invoices i ON i.shop_id = %(shop)s AND i.id = l.invoice_id AND i.kind = 'credit_note'
    LEFT JOIN noted n ON n.invoice_id = l.invoice_id WHERE l.shop_id = %(shop)s AND l.sale_line_id IS NOT NULL
)
SELECT c.invoice_id, c.id AS line_id, c.sale_line_id, c.quantity_milli, c.by_now::bigint AS credited_milli,
    s.quantity_milli AS sold_milli, c.net_minor, p.net_minor::bigint AS part_net_minor
FROM credited c LEFT JOIN invoices i ON i.shop_id = %(shop)s AND i.id = c.invoice_id
LEFT JOIN sale_lines s ON s.shop_id = %(shop)s AND s.id = c.sale_line_id
LEFT JOIN LATERAL (
    SELECT taxed.taxes, CASE WHEN s.tax_included
            THEN div(2 * s.total_minor * c.by_now + s.quantity_milli, 2 * s.quantity_milli)
                - div(2 * s.total_minor * (c.by_now - c.quantity_milli) + s.quantity_milli, 2 * s.quantity_milli)
                - taxed.tax_minor
            ELSE div(2 * s.net_minor * c.by_now + s.quantity_milli, 2 * s.quantity_milli)
                - div(2 * s.net_minor * (c.by_now - c.quantity_milli) + s.quantity_milli, 2 * s.quantity_milli)
            END AS net_minor
    FROM (
        SELECT coalesce(sum(part.amount_minor), 0) AS tax_minor,
            coalesce(jsonb_agg(jsonb_build_object('code', part.code, 'rate_bp', part.rate_bp, 'parts', part.parts,
                'amount_minor', part.amount_minor) ORDER BY part.place), '[]') AS taxes
        FROM (
            SELECT t.place, t.code, t.rate_bp, t.parts,
                div(2 * t.amount_minor * c.by_now + s.quantity_milli, 2 * s.quantity_milli)
                    - div(2 * t.amount_minor * (c.by_now - c.quantity_milli) + s.quantity_milli, 2 * s.quantity_milli)
                    AS amount_minor
            FROM ROWS FROM (jsonb_to_recordset(s.taxes) AS (code text, rate_bp bigint, parts int, amount_minor bigint))
                WITH ORDINALITY AS t(code, rate_bp, parts, amount_minor, place)
        ) part
    ) taxed
) p ON true
WHERE s.id IS NULL OR s.sale_id IS DISTINCT FROM i.sale_id OR c.by_now > s.quantity_milli
    OR (c.variant_id, c.description, c.unit, c.hsn, c.unit_price_minor, c.unit_cost_minor)
        IS DISTINCT FROM (s.variant_id, s.description, s.unit, s.hsn, s.unit_price_minor, s.unit_cost_minor)
    OR c.net_minor <> p.net_minor OR c.taxes <> p.taxes
UNION ALL
SELECT l.invoice_id, l.id, l.sale_line_id, l.quantity_milli, NULL, NULL, l.net_minor, NULL FROM invoice_lines l
JOIN invoices i ON i.shop_id = %(shop)s AND i.id = l.invoice_id
LEFT JOIN invoices o ON o.shop_id = %(shop)s AND o.id = i.original_id
WHERE l.shop_id = %(shop)s
    AND (l.sale_line_id IS NOT NULL) <> (i.kind = 'credit_note' AND o.kind IS NOT DISTINCT FROM 'invoice')
"""

INVARIANTS: Final = (
    Invariant(
        7, "line_totals", "A line's total is its net and taxes, and its price less discounts; its taxes add up; "
        "its goods did not cost less than nothing.",
        asked(_LINES),
    ),
    Invariant(
        7, "sale_totals", "A sale is the sum of its lines: net, taxes, discounts, cost; its lines count from 1.",
        asked(_SALES),
    ),
    Invariant(
        7, "invoice_totals", "An invoice is its sale to the unit; a credit or debit note is the sum of its lines.",
        asked(_INVOICES),
    ),
    Invariant(
        17, "notes_of_sales", "What a sale counts as credited and debited is what its notes say, and never more is "
        "credited than was charged.", asked(_NOTES_OF_SALES),
    ),
    Invariant(
        17, "notes_of_documents", "A note corrects a document of its own sale, and the credit notes of a document "
        "never come to more than it.", asked(_ORIGINALS),
    ),
    Invariant(
        17, "credited_parts", "What is credited of an invoice are parts of its sold lines: not more of one than was "
        "sold, net and each tax in proportion, the whole exactly.", asked(_PARTS),
    ),
)  # fmt: skip
