"""The rows of the shop itself: its settings, its branches, its tills and how far their numbers have come."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.reads import Reads
from duka.shops import settings
from duka.sync.reach import Reach

_SHOP: Final = """
SELECT 'shop' AS id, shop_id, name, address, phone, tax_id, country, state_code, currency, time_zone, (
    SELECT l.hash FROM shop_logos l WHERE l.shop_id = %(shop)s
) AS logo
FROM shops WHERE shop_id = %(shop)s
"""
_TOLD: Final = (
    "payment_policy", "payment_methods", "credit_days", "review_sales", "negative_stock", "open_items",
    "return_window_days", "tax_included", "cash_rounding_minor", "day_start_minutes", "financial_year_month",
    "receipt_header", "receipt_footer", "receipt_layout", "upi_id", "language", "modules",
    "scale_codes",
)  # fmt: skip
"""The settings that selling and printing need."""

_BRANCH: Final = """
SELECT b.id, b.name, b.phone, b.address, b.active, s.state_code, s.tax_id, (
    SELECT l.id FROM locations l WHERE l.shop_id = %(shop)s AND l.branch_id = b.id AND l.kind = 'showroom' AND l.active
) AS showroom_location_id
FROM branches b JOIN shops s ON s.shop_id = %(shop)s
WHERE b.shop_id = %(shop)s AND (%(branch)s::uuid IS NULL OR b.id = %(branch)s::uuid)
"""
_BRANCHES_OF: Final = """ AND (b.id = ANY(%(branches)s) OR b.id IN (
    SELECT l.branch_id FROM locations l WHERE l.shop_id = %(shop)s AND l.id = ANY(%(locations)s)))
"""

_REGISTER: Final = """
SELECT g.id, g.branch_id, g.code, g.name, g.kind, g.closed_at, g.replaced_at, coalesce((
    SELECT json_object_agg(c.kind, c.code) FROM register_codes c WHERE c.shop_id = %(shop)s AND c.register_id = g.id
), '{}'::json) AS codes, coalesce((
    SELECT json_agg(json_build_object(
        'kind', e.kind, 'code', e.code, 'financial_year', e.financial_year, 'highest_seen', e.highest_seen,
        'head_hash', encode(e.head_hash, 'hex')
    ) ORDER BY e.financial_year, e.kind) FROM series e WHERE e.shop_id = %(shop)s AND e.register_id = g.id
), '[]'::json) AS series
FROM registers g WHERE g.shop_id = %(shop)s AND (g.id = %(own_register)s::uuid OR (%(sees_registers)s
    AND (%(register_branch)s::uuid IS NULL OR g.branch_id = %(register_branch)s::uuid)))
"""
_REGISTERS_OF: Final = """ AND (g.id = ANY(%(registers)s)
    OR g.id IN (SELECT a.register_id FROM sales a WHERE a.shop_id = %(shop)s AND a.id = ANY(%(documents)s))
    OR g.id IN (SELECT e.register_id FROM invoices i JOIN series e ON e.shop_id = %(shop)s AND e.id = i.series_id
        WHERE i.shop_id = %(shop)s AND (i.id = ANY(%(documents)s) OR i.sale_id = ANY(%(documents)s))))
"""


def ask_settings(reads: Reads) -> None:
    """Ask for the shop (`settings`, one row)."""
    reads.ask("settings", _SHOP)


def settings_row(ctx: Ctx, row: dict[str, Any]) -> dict[str, Any]:
    """Write the shop with the settings that selling needs and the caller's own discount ceiling."""
    told = settings.of(ctx).model_dump(mode="json", include=set(_TOLD))
    return {**row, **told, "modules": sorted(told["modules"]), "discount_ceiling_bp": ctx.discount_ceiling_bp}


def ask_branches(ctx: Ctx, reads: Reads, some: tuple[Sequence[UUID], Sequence[UUID]] | None) -> None:
    """Ask for branches (`branch`): all the caller works in, or some by their own ids and by those of locations."""
    if some is None:
        reads.ask("branch", _BRANCH, branch=ctx.branch_id)
    else:
        reads.ask(
            "branch", _BRANCH + _BRANCHES_OF, branch=ctx.branch_id, branches=list(some[0]), locations=list(some[1])
        )


def ask_registers(ctx: Ctx, reads: Reads, reach: Reach, registers: Sequence[UUID] | None) -> None:
    """Ask for tills with their codes and series (`register`): all in reach, or some and those whose numbers the
    statement's `documents` took."""
    values = {
        "own_register": reach.register_id, "sees_registers": ctx.may("registers:read"),
        "register_branch": None if ctx.permissions.get("registers:read") == "shop" else ctx.branch_id,
    }  # fmt: skip
    if registers is None:
        reads.ask("register", _REGISTER, **values)
    else:
        reads.ask("register", _REGISTER + _REGISTERS_OF, **values, registers=list(registers))
