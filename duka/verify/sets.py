"""Sets: what they took and gave back of their components, and what was built of them is worth what went in."""

from typing import Final

from duka.verify.invariants import Invariant, asked

MOVED: Final = """
    SELECT 'sale', 'sale', s.id, c.id, c.variant_id, s.location_id::text, -c.quantity_milli, c.unit_cost_minor,
        i.business_date, s.staff_id, NULL, NULL
    FROM invoices i JOIN sales s ON s.shop_id = %(shop)s AND s.id = i.sale_id
    JOIN sale_lines l ON l.shop_id = %(shop)s AND l.sale_id = s.id AND l.revision = s.revision
    JOIN sold_components c ON c.shop_id = %(shop)s AND c.sale_line_id = l.id
    WHERE i.shop_id = %(shop)s AND i.kind = 'invoice'
    UNION ALL
    SELECT 'return', 'return', i.id, c.id, c.variant_id, l.restock, c.quantity_milli, c.unit_cost_minor,
        i.business_date, i.staff_id, i.reason, NULL
    FROM sold_components c JOIN invoice_lines l ON l.shop_id = %(shop)s AND l.id = c.invoice_line_id
    JOIN invoices i ON i.shop_id = %(shop)s AND i.id = l.invoice_id
    WHERE c.shop_id = %(shop)s AND l.restock IS NOT NULL
    UNION ALL
    SELECT 'assembly', 'assembly', a.id, l.id, l.variant_id, a.location_id::text, l.quantity_milli, l.unit_cost_minor,
        a.business_date, a.staff_id, NULL, nullif(a.note, '')
    FROM stock_assemblies a JOIN stock_assembly_lines l ON l.shop_id = %(shop)s AND l.assembly_id = a.id
    WHERE a.shop_id = %(shop)s
"""
"""The movements that sets should have, in the columns of `verify.stock`'s comparison."""

# Notes take their turn in the order of the sale's steps, as for their cost; what was credited of a line before is known
# from there, whether its goods came back or not.
_SHARES: Final = """
WITH noted AS (
    SELECT (standing ->> 'credit_note_id')::uuid AS invoice_id, min(id::text) AS step_id FROM sale_steps
    WHERE shop_id = %(shop)s AND standing ? 'credit_note_id' GROUP BY 1
), credited AS (
    SELECT l.id, l.sale_line_id, l.quantity_milli, sum(l.quantity_milli) OVER (
        PARTITION BY l.sale_line_id ORDER BY n.step_id, l.position) AS by_now_milli
    FROM invoice_lines l LEFT JOIN noted n ON n.invoice_id = l.invoice_id
    WHERE l.shop_id = %(shop)s AND l.sale_line_id IS NOT NULL
), expected AS (
    SELECT d.id AS line_id, c.id AS taken_id, c.variant_id, c.unit_cost_minor,
        div(2 * c.quantity_milli * d.by_now_milli + s.quantity_milli, 2 * s.quantity_milli)
        - div(2 * c.quantity_milli * (d.by_now_milli - d.quantity_milli) + s.quantity_milli, 2 * s.quantity_milli)
        AS milli
    FROM credited d JOIN sale_lines s ON s.shop_id = %(shop)s AND s.id = d.sale_line_id
    JOIN sold_components c ON c.shop_id = %(shop)s AND c.sale_line_id = s.id
), stored AS (
    SELECT invoice_line_id AS line_id, taken_id, variant_id, unit_cost_minor, quantity_milli AS milli
    FROM sold_components WHERE shop_id = %(shop)s AND taken_id IS NOT NULL
)
SELECT coalesce(e.line_id, s.line_id) AS invoice_line_id, coalesce(e.taken_id, s.taken_id) AS taken_id,
    e.milli::bigint AS expected_milli, s.milli AS given_back_milli
FROM (SELECT * FROM expected WHERE milli <> 0) e FULL JOIN stored s ON s.line_id = e.line_id AND s.taken_id = e.taken_id
WHERE (e.variant_id, e.unit_cost_minor, e.milli) IS DISTINCT FROM (s.variant_id, s.unit_cost_minor, s.milli)
"""

_WORTH: Final = """
WITH lines AS (
    SELECT l.assembly_id, l.variant_id = a.variant_id AS is_set,
        sign(l.quantity_milli) = sign(a.quantity_milli) AS with_it, l.quantity_milli, sign(l.quantity_milli)
            * div(2 * abs(l.quantity_milli)::numeric * l.unit_cost_minor + 1000, 2000) AS value
    FROM stock_assembly_lines l JOIN stock_assemblies a ON a.shop_id = %(shop)s AND a.id = l.assembly_id
    WHERE l.shop_id = %(shop)s
), summed AS (
    SELECT assembly_id, sum(value) AS value, sum(quantity_milli) FILTER (WHERE is_set) AS sets_milli,
        bool_and(is_set = with_it) AS ways FROM lines GROUP BY 1
)
SELECT a.id AS assembly_id, a.quantity_milli, s.sets_milli::bigint, s.value::bigint AS worth_minor
FROM stock_assemblies a LEFT JOIN summed s ON s.assembly_id = a.id
WHERE a.shop_id = %(shop)s AND (s.value IS DISTINCT FROM 0 OR s.sets_milli IS DISTINCT FROM a.quantity_milli
    OR NOT s.ways)
"""

_INSIDE: Final = """
SELECT c.variant_id AS set_id, c.component_id, v.deleted_at AS component_deleted_at FROM variant_components c
JOIN variants s ON s.shop_id = %(shop)s AND s.id = c.variant_id AND s.deleted_at IS NULL
JOIN variants v ON v.shop_id = %(shop)s AND v.id = c.component_id
WHERE c.shop_id = %(shop)s AND (v.deleted_at IS NOT NULL OR EXISTS (
    SELECT 1 FROM variant_components d WHERE d.shop_id = %(shop)s AND d.variant_id = c.component_id
))
"""

INVARIANTS: Final = (
    Invariant(
        4, "sets_in_sets", "No set is part of a set, and what a set is made of is there.", asked(_INSIDE),
    ),
    Invariant(
        5, "assemblies", "What is built of components is worth what went in, and what is taken apart what comes out, "
        "to the last minor unit.", asked(_WORTH),
    ),
    Invariant(
        17, "components_given_back", "Of a set's components exactly the share comes back that was credited of the set.",
        asked(_SHARES),
    ),
)  # fmt: skip
