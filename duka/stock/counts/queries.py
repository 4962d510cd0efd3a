"""What is asked about counts: which there are, what was entered, and what that comes to for each variant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from duka.catalog.queries import IN_FORCE
from duka.platform import lists
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.disputes import exceptions_of
from duka.platform.errors import NotFound
from duka.platform.lists import Listing, Sort
from duka.platform.wire import PageInfo, Paging
from duka.stock.counts.schemas import CountState, Show


@dataclass(frozen=True, slots=True)
class Sought:
    """What a list of counts is narrowed to."""

    state: CountState | None = None
    location_id: UUID | None = None


SCOPED_SQL: Final = """(
    c.scope = 'full'
    OR (c.scope = 'list' AND EXISTS (SELECT 1 FROM stock_count_items i
        WHERE i.shop_id = c.shop_id AND i.count_id = c.id AND i.variant_id = v.id))
    OR (c.scope = 'group' AND p.group_id IN (
        WITH RECURSIVE below AS (
            SELECT g.id FROM groups g WHERE g.shop_id = c.shop_id AND g.id = c.group_id
            UNION SELECT g.id FROM groups g JOIN below b ON g.shop_id = c.shop_id AND g.parent_id = b.id
        ) SELECT id FROM below))
)"""
"""Whether a count `c` is about the variant `v` of the product `p`."""

_COUNTED: Final = """
SELECT k.variant_id, k.counted_milli, k.entries, k.counted_at, k.disturbed,
    CASE WHEN others.newer THEN k.counted_milli ELSE k.expected_milli + coalesce(others.righted_milli, 0) END
        AS expected_milli
FROM (
SELECT s.variant_id, sum(s.quantity_milli)::bigint AS counted_milli, count(*) AS entries, max(s.at) AS counted_at,
    (array_agg(s.expected_milli ORDER BY s.nth DESC))[1] AS expected_milli,
    min(s.expected_milli) <> max(s.expected_milli) AS disturbed
FROM (
    SELECT o.*, max(o.nth) FILTER (WHERE o.recount) OVER (PARTITION BY o.variant_id, o.staff_id, o.shelf) AS since
    FROM (
        SELECT e.*, row_number() OVER (ORDER BY e.at, e.id) AS nth FROM stock_count_entries e
        WHERE e.shop_id = %(shop)s AND e.count_id = %(count)s {some}
    ) o
) s WHERE s.since IS NULL OR s.nth >= s.since GROUP BY s.variant_id
) k LEFT JOIN LATERAL (
    SELECT sum(l.counted_milli - l.expected_milli)::bigint AS righted_milli, bool_or((
        SELECT max(e.at) FROM stock_count_entries e
        WHERE e.shop_id = %(shop)s AND e.count_id = l.count_id AND e.variant_id = l.variant_id
    ) > k.counted_at) AS newer
    FROM stock_count_lines l
    WHERE l.shop_id = %(shop)s AND l.variant_id = k.variant_id AND l.at > k.counted_at AND l.count_id = ANY(ARRAY(
        SELECT o.id FROM stock_counts o JOIN stock_counts c ON c.shop_id = %(shop)s AND c.id = %(count)s
        WHERE o.shop_id = %(shop)s AND o.location_id = c.location_id AND o.id <> c.id
            AND (o.state = 'posting' OR o.finished_at > c.at)
    ))
) others ON true
"""
COUNTED_SQL: Final = _COUNTED.format(some="")
"""What the entries of a count come to for each variant: each person's entries for each shelf since their last recount,
added up, beside what the books said at the last of them. What other counts of the place have set right since is not
missed once more; where one of them looked later than this one, there is nothing to set right."""
COUNTED_NEXT_SQL: Final = _COUNTED.format(some="AND e.variant_id IN (SELECT variant_id FROM next)")
"""The same for the variants of a part `next` of the statement."""

# Of a line that is posted, what it was posted against.
_EXPECTED: Final = "coalesce(n.expected_milli, k.expected_milli)"
_VARIANCE: Final = f"(k.counted_milli - {_EXPECTED})"
_COST: Final = "coalesce(n.unit_cost_minor, cost.cost_minor, 0)"
_WORTH: Final = f"sign({_VARIANCE}) * div(2 * abs({_VARIANCE})::numeric * {_COST} + 1000, 2000)"

_LINES: Final = f"""(
    SELECT v.id AS variant_id, v.name AS variant_name, v.sku, p.unit, lower(v.name) AS name, k.counted_milli,
        coalesce(k.entries, 0) AS entries, k.counted_at,
        coalesce({_EXPECTED}, b.quantity_milli) AS expected_milli,
        {_VARIANCE} AS variance_milli, coalesce(k.disturbed, false) AS disturbed, {_WORTH} AS value
    FROM stock_counts c
    CROSS JOIN LATERAL (SELECT * FROM variants v WHERE v.shop_id = c.shop_id) v
    JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id
    LEFT JOIN ({COUNTED_SQL}) k ON k.variant_id = v.id
    LEFT JOIN stock_balances b ON b.shop_id = c.shop_id AND b.variant_id = v.id AND b.location_id = c.location_id
    LEFT JOIN stock_count_lines n ON n.shop_id = c.shop_id AND n.count_id = c.id AND n.variant_id = v.id
    {IN_FORCE}
    WHERE c.shop_id = %(shop)s AND c.id = %(count)s
        AND (k.variant_id IS NOT NULL OR (c.state IN ('counting', 'review') AND b.quantity_milli <> 0 AND {SCOPED_SQL}))
) r"""  # noqa: S608 - no outside text

_LINE_LIST: Final = Listing(
    "SELECT r.*", _LINES, "", "r.variant_id", {"name": Sort("r.name", "text")}, "name"
)  # fmt: skip
_SHOWN: Final[Mapping[Show, str]] = {
    "counted": "r.counted_milli IS NOT NULL", "uncounted": "r.counted_milli IS NULL",
    "differing": "r.variance_milli <> 0", "disturbed": "r.disturbed",
}  # fmt: skip

_TOTALS: Final = f"""
SELECT count(*) FILTER (WHERE r.counted_milli IS NOT NULL) AS counted,
    count(*) FILTER (WHERE r.counted_milli IS NULL) AS uncounted,
    count(*) FILTER (WHERE r.variance_milli <> 0) AS differing, count(*) FILTER (WHERE r.disturbed) AS disturbed,
    coalesce(sum(r.value) FILTER (WHERE r.value > 0), 0)::bigint AS gain,
    coalesce(-sum(r.value) FILTER (WHERE r.value < 0), 0)::bigint AS loss FROM {_LINES}
"""  # noqa: S608 - no outside text

_COLUMNS: Final = """
SELECT c.id, c.state, c.location_id, l.name AS location_name, l.branch_id, c.scope, c.group_id, c.blind, c.note,
    c.overlapping, c.uncounted, c.started_by, c.at, c.posted_by, c.lines_total, c.lines_done, c.business_date,
    c.finished_at
"""
_PLACE: Final = "JOIN locations l ON l.shop_id = c.shop_id AND l.id = c.location_id"
_LIST: Final = Listing(
    _COLUMNS, f"stock_counts c {_PLACE}", "", "c.id",
    {"id": Sort("c.id", "uuid"), "at": Sort("c.at", "timestamptz")}, "-id",
)  # fmt: skip
_ONE: Final = f"""{_COLUMNS} FROM stock_counts c {_PLACE} WHERE c.shop_id = %(shop)s AND c.id = %(count)s
    AND (%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)
"""

_ENTRY_LIST: Final = Listing(
    """SELECT e.id, e.variant_id, v.name AS variant_name, v.sku, e.quantity_milli, e.shelf, e.recount, e.staff_id,
    e.at""",
    "stock_count_entries e", "JOIN variants v ON v.shop_id = e.shop_id AND v.id = e.variant_id", "e.id",
    {"id": Sort("e.id", "uuid"), "at": Sort("e.at", "timestamptz")}, "-id",
)  # fmt: skip


async def counts(ctx: Ctx, asked: Paging, sought: Sought) -> tuple[Sequence[Mapping[str, Any]], PageInfo]:
    """List counts, the newest first; those of their own branch for whoever is bound to one."""
    conditions = ["c.shop_id = %(shop)s", "(%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)"]
    if sought.state:
        conditions.append("c.state = %(state)s")
    if sought.location_id:
        conditions.append("c.location_id = %(location)s")
    values = {"branch": ctx.branch_id, "state": sought.state, "location": sought.location_id}
    rows, info = await lists.page(ctx, _LIST, asked, conditions, values)
    return [row._mapping for row in rows], info


async def count(ctx: Ctx, count_id: UUID) -> dict[str, Any]:
    """Give a count with what it comes to. NotFound when the shop has none, or its location is in another branch."""
    row = await bare(ctx, count_id)
    told = await totals(ctx, count_id)
    hidden = ["differing", "disturbed", "gain", "loss"] if _is_hidden(ctx, row) else []
    if not ctx.may("products:cost"):
        hidden += ["gain", "loss"]
    shown = {name: value for name, value in told.items() if name not in hidden}
    return {**row, "totals": shown, "exceptions": await exceptions_of(ctx, count_id)}


async def totals(ctx: Ctx, count_id: UUID) -> Mapping[str, Any]:
    """Give what a count comes to so far: how many variants are counted, uncounted, differ; what is too much and too
    little, in minor units."""
    (row,) = await fetch(ctx, _TOTALS, {"count": count_id, "at": ctx.now})
    mapping: Mapping[str, Any] = row._mapping
    return mapping


async def bare(ctx: Ctx, count_id: UUID) -> Mapping[str, Any]:
    """Give a count by itself. NotFound as for `count`."""
    branch = None if ctx.recording else ctx.branch_id  # what happened at another branch is answered too
    found = await fetch(ctx, _ONE, {"count": count_id, "branch": branch})
    if not found:
        raise NotFound(what="stock count")
    row: Mapping[str, Any] = found[0]._mapping
    return row


async def lines(
    ctx: Ctx, count_id: UUID, asked: Paging, show: Show | None, variant_id: UUID | None = None
) -> tuple[Sequence[Mapping[str, Any]], PageInfo]:
    """List what a count says of each variant, or of one, by name; `q` finds by part of name or SKU. NotFound; Forbidden
    where a filter would tell what is hidden."""
    blind = _is_hidden(ctx, await bare(ctx, count_id))
    if blind and show in ("differing", "disturbed"):
        ctx.need("stock:approve")
    conditions = [_SHOWN[show]] if show else ["true"]
    values: dict[str, Any] = {"count": count_id, "at": ctx.now}
    if variant_id:
        conditions.append("r.variant_id = %(variant)s")
        values["variant"] = variant_id
    if asked.q:
        conditions.append("(strpos(r.name, lower(%(q)s)) > 0 OR strpos(lower(r.sku), lower(%(q)s)) > 0)")
        values["q"] = asked.q
    rows, info = await lists.page(ctx, _LINE_LIST, asked, conditions, values)
    hidden = {"expected_milli", "variance_milli", "disturbed", "value"} if blind else set()
    if not ctx.may("products:cost"):
        hidden |= {"value"}
    return [{name: value for name, value in each._mapping.items() if name not in hidden} for each in rows], info


async def entries(ctx: Ctx, count_id: UUID, asked: Paging) -> tuple[Sequence[Mapping[str, Any]], PageInfo]:
    """List the entries of a count, the newest first. NotFound."""
    await bare(ctx, count_id)
    conditions = ["e.shop_id = %(shop)s", "e.count_id = %(count)s"]
    rows, info = await lists.page(ctx, _ENTRY_LIST, asked, conditions, {"count": count_id})
    return [row._mapping for row in rows], info


def _is_hidden(ctx: Ctx, count: Mapping[str, Any]) -> bool:
    """Whoever counts blind does not see what the books say; who may approve does."""
    return bool(count["blind"]) and count["state"] == "counting" and not ctx.may("stock:approve")
