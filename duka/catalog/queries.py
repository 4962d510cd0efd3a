"""What others ask of the catalogue: what a variant costs and how it is taxed at a moment of business."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from duka.platform.reads import Reads

_RATES: Final = """
coalesce((
    SELECT json_agg(json_build_object(
        'kind', r.kind, 'code', r.code, 'rate_bp', r.rate_bp, 'valid_from', r.valid_from
    ) ORDER BY r.code, r.valid_from)
    FROM tax_rates r WHERE r.shop_id = %(shop)s AND r.tax_class_id = t.id AND r.valid_from <= %(on)s::date
), '[]'::json) AS rates
"""

PRICES_SQL: Final = f"""
SELECT v.id AS variant_id, v.product_id, v.name, v.sku, p.unit, p.hsn, p.kind, p.tracking, p.min_stock_milli,
    p.warranty_months, v.active AND p.active AS active, p.tax_class_id, t.treatment, {_RATES},
    price.price_minor, price.tax_included, cost.cost_minor
FROM variants v
JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id
JOIN tax_classes t ON t.shop_id = p.shop_id AND t.id = p.tax_class_id
LEFT JOIN LATERAL (
    SELECT c.price_minor, c.tax_included FROM prices c
    WHERE c.shop_id = %(shop)s AND c.variant_id = v.id AND c.valid_from <= %(at)s::timestamptz
    ORDER BY c.valid_from DESC, c.id DESC LIMIT 1
) price ON true
LEFT JOIN LATERAL (
    SELECT c.cost_minor FROM costs c
    WHERE c.shop_id = %(shop)s AND c.variant_id = v.id AND c.valid_from <= %(at)s::timestamptz
    ORDER BY c.valid_from DESC, c.id DESC LIMIT 1
) cost ON true
WHERE v.shop_id = %(shop)s AND v.id = ANY(%(variants)s::uuid[])
"""  # noqa: S608 - no outside text
"""One row for each known variant of `variants`, as of the moment `at` and the business day `on`.

`active` is false when the variant or its product is no longer sold; `price_minor`, `tax_included` and `cost_minor`
are null before the first of them is in force. `rates` are all dated rows of the tax class up to the day, for
`catalog.rules.taxes_in_force`.
"""

TAX_CLASSES_SQL: Final = f"""
SELECT t.id AS tax_class_id, t.name, t.treatment, t.active, {_RATES}
FROM tax_classes t WHERE t.shop_id = %(shop)s AND t.id = ANY(%(tax_classes)s::uuid[])
"""  # noqa: S608 - no outside text
"""One row for each known class of `tax_classes`, with its dated rates up to the day `on`: for items sold by name."""


def ask_prices(reads: Reads, variant_ids: Sequence[UUID], tax_class_ids: Sequence[UUID], at: datetime,
               on: date) -> None:
    """Ask what variants cost and how they and open items are taxed, as of a moment and its business day.

    The answers stand under `prices` and `tax_classes`; an id the shop does not have is simply not among them.
    """
    reads.ask("prices", PRICES_SQL, variants=list(variant_ids), at=at, on=on)
    reads.ask("tax_classes", TAX_CLASSES_SQL, tax_classes=list(tax_class_ids))
