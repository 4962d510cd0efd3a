"""What the dashboard asks, all in one statement. It reads the tables of other domains and writes none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from duka.dashboard import rules
from duka.dashboard.schemas import (
    AttentionPart,
    BranchToday,
    DashboardOut,
    Day,
    MethodTaken,
    MinePart,
    MonthPart,
    MovementShown,
    OpenDrawer,
    OwedPart,
    SalesPart,
    StockPart,
    TopItem,
)
from duka.platform import quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound
from duka.platform.reads import Reads
from duka.shops import settings

Rows = Mapping[str, list[dict[str, Any]]]

_NOWHERE: Final = UUID(int=0)
_SHOP_WIDE: Final = ("reports:view_all", "reports:view_limited")

# A handful of rows each: starting other processes, or compiling, would take longer than all of the questions.
_PLAINLY: Final = "SELECT set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)"

_ASKED: Final = "SELECT id FROM branches WHERE shop_id = %(shop)s AND id = %(asked_branch)s::uuid"

# What closing the costs changed of what was sold stands in sums of its own, by location.
_DAYS: Final = """
SELECT business_date, sum(sales)::bigint AS sales, sum(discount_minor)::bigint AS discount_minor,
    sum(net_minor)::bigint AS net_minor, sum(tax_minor)::bigint AS tax_minor,
    sum(total_minor)::bigint AS total_minor, (sum(cost_minor) - coalesce((
        SELECT sum(c.value_minor) FROM locations l JOIN stock_cost_days c ON c.shop_id = l.shop_id
            AND c.location_id = l.id AND c.business_date = t.business_date AND c.kind = 'sale'
        WHERE l.shop_id = %(shop)s AND (%(sales_branch)s::uuid IS NULL OR l.branch_id = %(sales_branch)s::uuid)
    ), 0))::bigint AS cost_minor, sum(credited_minor)::bigint AS credited_minor
FROM daily_totals t WHERE shop_id = %(shop)s AND business_date BETWEEN %(since)s AND %(today)s
    AND (%(sales_branch)s::uuid IS NULL OR branch_id = %(sales_branch)s::uuid)
GROUP BY business_date
"""

_BRANCHES: Final = """
SELECT b.id AS branch_id, b.name, coalesce(d.sales, 0) AS count, coalesce(d.total_minor, 0) AS total
FROM branches b LEFT JOIN daily_totals d
    ON d.shop_id = b.shop_id AND d.branch_id = b.id AND d.business_date = %(today)s
WHERE b.shop_id = %(shop)s AND (b.active OR d.sales > 0)
    AND (%(sales_branch)s::uuid IS NULL OR b.id = %(sales_branch)s::uuid)
ORDER BY total DESC, b.name
"""

_METHODS: Final = """
SELECT method, count(*) FILTER (WHERE direction = 'in') AS count,
    sum(CASE direction WHEN 'in' THEN amount_minor ELSE -amount_minor END)::bigint AS amount
FROM payments WHERE shop_id = %(shop)s AND business_date = %(today)s
    AND (%(sales_branch)s::uuid IS NULL OR branch_id = %(sales_branch)s::uuid)
GROUP BY method ORDER BY amount DESC, method
"""

_TOP_ITEMS: Final = """
SELECT l.variant_id, min(l.description) AS name, sum(l.quantity_milli)::bigint AS quantity_milli,
    sum(l.total_minor)::bigint AS total
FROM sales s JOIN sale_lines l ON l.shop_id = s.shop_id AND l.sale_id = s.id AND l.revision = s.revision
WHERE s.shop_id = %(shop)s AND s.business_date = %(today)s AND s.state = 'completed' AND l.variant_id IS NOT NULL
    AND (%(sales_branch)s::uuid IS NULL OR s.branch_id = %(sales_branch)s::uuid)
GROUP BY l.variant_id ORDER BY total DESC, l.variant_id LIMIT 5
"""

_CREDITED_TAX: Final = """
SELECT coalesce(sum(tax_minor), 0)::bigint AS tax_minor FROM invoices
WHERE shop_id = %(shop)s AND kind = 'credit_note' AND business_date BETWEEN %(month)s AND %(today)s
    AND (%(sales_branch)s::uuid IS NULL OR branch_id = %(sales_branch)s::uuid)
"""

_OWED: Final = """
SELECT count(*) AS count, coalesce(sum(owed), 0)::bigint AS amount,
    coalesce(sum(owed) FILTER (WHERE due_on < %(today)s), 0)::bigint AS overdue
FROM (
    SELECT total_minor + debited_minor - credited_minor - paid_minor AS owed, due_on FROM sales
    WHERE shop_id = %(shop)s AND state = 'completed'
        AND total_minor + debited_minor - credited_minor - paid_minor > 0
        AND (%(sales_branch)s::uuid IS NULL OR branch_id = %(sales_branch)s::uuid)
) o
"""

_EXCEPTIONS: Final = """
SELECT count(*) AS count FROM (
    SELECT 1 FROM document_exceptions WHERE shop_id = %(shop)s AND settled_at IS NULL
        AND (%(exceptions_branch)s::uuid IS NULL OR branch_id = %(exceptions_branch)s::uuid) LIMIT 1000
) o
"""

_SET_ASIDE: Final = """
SELECT count(*) AS count FROM (
    SELECT 1 FROM quarantined_documents q JOIN registers g ON g.shop_id = q.shop_id AND g.id = q.register_id
    WHERE q.shop_id = %(shop)s AND q.settled_at IS NULL
        AND (%(exceptions_branch)s::uuid IS NULL OR g.branch_id = %(exceptions_branch)s::uuid)
    LIMIT 1000
) o
"""

_REVIEWS: Final = """
SELECT count(*) AS count FROM (
    SELECT 1 FROM sales WHERE shop_id = %(shop)s AND review = 'submitted'
        AND (%(reviews_branch)s::uuid IS NULL OR branch_id = %(reviews_branch)s::uuid) LIMIT 1000
) o
"""

_DRAWERS: Final = """
SELECT s.id, s.register_id, g.code AS register_code, g.name AS register_name, s.opened_by,
    p.name AS opened_by_name, s.opened_at, s.business_date, s.float_minor AS float
FROM register_sessions s JOIN registers g ON g.shop_id = s.shop_id AND g.id = s.register_id
JOIN staff p ON p.shop_id = s.shop_id AND p.id = s.opened_by
WHERE s.shop_id = %(shop)s AND s.closed_at IS NULL AND """
_THERE: Final = """(%(drawers_branch)s::uuid IS NULL OR g.branch_id = %(drawers_branch)s::uuid)
ORDER BY s.opened_at DESC, s.id LIMIT 200
"""
_BY_ME: Final = """s.opened_by = %(me)s
ORDER BY s.opened_at DESC, s.id LIMIT 1
"""

_MINE: Final = """
SELECT count(*) AS count, coalesce(sum(total_minor), 0)::bigint AS total FROM sales
WHERE shop_id = %(shop)s AND business_date = %(today)s AND staff_id = %(me)s AND state IN ('completed', 'reversed')
"""

_CARTS: Final = """
SELECT count(*) AS count FROM carts WHERE shop_id = %(shop)s AND taken_at IS NULL AND held_at IS NOT NULL
    AND (%(my_branch)s::uuid IS NULL OR branch_id = %(my_branch)s::uuid)
"""

# The second half: what never stood anywhere is low in each showroom, as the list of what runs low has it.
_SHELVES: Final = """
SELECT count(*) FILTER (WHERE b.quantity_milli <= coalesce(b.min_stock_milli, p.min_stock_milli)) + (
        SELECT count(*) FROM variants v JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id
        JOIN locations l ON l.shop_id = v.shop_id AND l.active AND l.kind = 'showroom'
        WHERE v.shop_id = %(shop)s AND v.active AND v.deleted_at IS NULL AND p.active AND p.kind = 'goods'
            AND p.tracking <> 'none' AND p.min_stock_milli >= 0
            AND (%(stock_branch)s::uuid IS NULL OR l.branch_id = %(stock_branch)s::uuid)
            AND NOT EXISTS (SELECT 1 FROM stock_balances e WHERE e.shop_id = v.shop_id AND e.variant_id = v.id)
    ) AS low, count(*) FILTER (WHERE b.quantity_milli < 0) AS negative
FROM stock_balances b JOIN variants v ON v.shop_id = b.shop_id AND v.id = b.variant_id
JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id
JOIN locations l ON l.shop_id = b.shop_id AND l.id = b.location_id
WHERE b.shop_id = %(shop)s AND v.active AND v.deleted_at IS NULL AND p.active AND p.kind = 'goods'
    AND p.tracking <> 'none' AND l.active AND l.kind NOT IN ('damaged', 'transit')
    AND (%(stock_branch)s::uuid IS NULL OR l.branch_id = %(stock_branch)s::uuid)
"""

_MOVEMENTS: Final = """
SELECT m.id, m.variant_id, v.name, m.location_id, m.kind, m.quantity_milli, m.at
FROM stock_movements m JOIN variants v ON v.shop_id = m.shop_id AND v.id = m.variant_id
JOIN locations l ON l.shop_id = m.shop_id AND l.id = m.location_id
WHERE m.shop_id = %(shop)s AND (%(stock_branch)s::uuid IS NULL OR l.branch_id = %(stock_branch)s::uuid)
ORDER BY m.id DESC LIMIT 10
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which parts the reader gets, and of which branch; None where the part is not for them."""

    sales: bool
    month: bool
    exceptions: bool
    reviews: bool
    drawers: bool
    mine: bool
    stock: bool


async def dashboard(ctx: Ctx, branch_id: UUID | None) -> DashboardOut:
    """Give the dashboard of the caller, of one branch or all of theirs. NotFound for a branch that is not theirs."""
    if ctx.branch_id is not None and branch_id not in (None, ctx.branch_id):
        raise NotFound(what="branch")
    today, reach = ctx.today(settings.of(ctx).day_start_minutes), _reach(ctx)
    reads = Reads(ctx)
    reads.bind(today=today, since=rules.first_needed(today), month=today.replace(day=1), me=ctx.staff_id)
    _ask(ctx, reads, reach, branch_id)
    await fetch(ctx, _PLAINLY, {})
    rows = await reads.send()
    if branch_id is not None and not rows["asked"]:
        raise NotFound(what="branch")
    return _shown(ctx, rows, reach, today, ctx.branch_id or branch_id)


def _reach(ctx: Ctx) -> Reach:
    wide = any(ctx.permissions.get(each) in ("shop", "branch") for each in _SHOP_WIDE)
    return Reach(
        sales=wide, month=ctx.permissions.get("reports:view_all") in ("shop", "branch"),
        exceptions=ctx.may("exceptions:read"), reviews=ctx.may("sales:update"),
        drawers=ctx.permissions.get("register_sessions:read") in ("shop", "branch"), mine=ctx.may("sales:create"),
        stock=ctx.may("stock:read") and (wide or ctx.may("reports:view_stock")),
    )  # fmt: skip


def _ask(ctx: Ctx, reads: Reads, reach: Reach, asked: UUID | None) -> None:
    if reach.sales:
        reads.bind(sales_branch=_branch(ctx, asked, *_SHOP_WIDE))
        parts = {"days": _DAYS, "branches": _BRANCHES, "methods": _METHODS, "top_items": _TOP_ITEMS, "owed": _OWED}
        for name, sql in parts.items():
            reads.ask(name, sql)
    if reach.month:
        reads.ask("credited_tax", _CREDITED_TAX)
    if reach.exceptions:
        reads.bind(exceptions_branch=_branch(ctx, asked, "exceptions:read"))
        reads.ask("exceptions", _EXCEPTIONS)
        reads.ask("set_aside", _SET_ASIDE)
    if reach.reviews:
        reads.ask("reviews", _REVIEWS, reviews_branch=_branch(ctx, asked, "sales:update"))
    if reach.drawers:
        there = _branch(ctx, asked, "register_sessions:read")
        reads.ask("drawers", _DRAWERS + _THERE, drawers_branch=there)
    if reach.mine:
        reads.ask("mine", _MINE)
        reads.ask("carts", _CARTS, my_branch=ctx.branch_id or asked)
        reads.ask("my_drawer", _DRAWERS + _BY_ME)
    if reach.stock:
        reads.bind(stock_branch=_branch(ctx, asked, "stock:read"))
        reads.ask("shelves", _SHELVES)
        reads.ask("movements", _MOVEMENTS)
    reads.ask("asked", _ASKED, asked_branch=asked)


def _branch(ctx: Ctx, asked: UUID | None, *permissions: str) -> UUID | None:
    """Give the branch that the widest of some permissions ends at; None for the whole shop."""
    if any(ctx.permissions.get(each) == "shop" for each in permissions):
        return asked
    return ctx.branch_id or _NOWHERE


def _shown(ctx: Ctx, rows: Rows, reach: Reach, today: date, branch_id: UUID | None) -> DashboardOut:
    by_day = {date.fromisoformat(row["business_date"]): row for row in rows.get("days", ())}
    margins = ctx.may("sales:margins")
    month = None
    if reach.month:
        credited_tax = rows["credited_tax"][0]["tax_minor"]
        month = MonthPart(**rules.month(today, by_day, credited_tax, margins=margins))
    attention = AttentionPart(
        exceptions=_count(rows, "exceptions"), set_aside=_count(rows, "set_aside"), reviews=_count(rows, "reviews")
    )
    return DashboardOut(
        business_date=today, currency=ctx.currency, branch_id=branch_id,
        sales=_sales(rows, by_day, today, margins=margins) if reach.sales else None, month=month,
        owed=OwedPart.model_validate(rows["owed"][0]) if reach.sales else None, attention=attention,
        drawers=[OpenDrawer.model_validate(row) for row in rows["drawers"]] if reach.drawers else None,
        mine=_mine(rows) if reach.mine else None, stock=_stock(rows) if reach.stock else None,
    )  # fmt: skip


def _sales(rows: Rows, by_day: Mapping[date, dict[str, Any]], today: date, *, margins: bool) -> SalesPart:
    days = [Day(**each) for each in rules.chart(today, by_day, margins=margins)]
    return SalesPart(
        today=days[-1], yesterday=days[-2], last_week=days[-1 - rules.WEEK_DAYS], days=days,
        methods=[MethodTaken.model_validate(row) for row in rows["methods"]],
        top_items=[
            TopItem(variant_id=row["variant_id"], name=row["name"], total=row["total"],
                    quantity=quantity.from_milli(row["quantity_milli"])) for row in rows["top_items"]
        ],
        branches=[BranchToday.model_validate(row) for row in rows["branches"]],
    )  # fmt: skip


def _mine(rows: Rows) -> MinePart:
    drawers = [OpenDrawer.model_validate(row) for row in rows["my_drawer"]]
    return MinePart(**rows["mine"][0], held_carts=rows["carts"][0]["count"], drawer=drawers[0] if drawers else None)


def _stock(rows: Rows) -> StockPart:
    movements = [
        MovementShown.model_validate({**row, "quantity": quantity.from_milli(row["quantity_milli"])})
        for row in rows["movements"]
    ]
    return StockPart(**rows["shelves"][0], movements=movements)


def _count(rows: Rows, name: str) -> int | None:
    return int(rows[name][0]["count"]) if name in rows else None
