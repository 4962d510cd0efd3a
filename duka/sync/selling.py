"""The rows of what was sold lately, of carts put aside, and how many exceptions wait."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.reads import Reads
from duka.sales import queries
from duka.sales.carts.schemas import CartOut
from duka.sales.lists import queries as list_queries
from duka.sync.reach import Reach

_SECRETS: Final = frozenset({"products:cost", "sales:margins"})

_SEEN: Final = """s.shop_id = %(shop)s AND s.business_date >= %(sales_since)s
    AND (%(sales_branch)s::uuid IS NULL OR s.branch_id = %(sales_branch)s::uuid)
    AND (%(sold_by)s::uuid IS NULL OR s.staff_id = %(sold_by)s::uuid)"""
_PAGE: Final = f"""
SELECT s.business_date, s.id FROM sales s WHERE {_SEEN}
    AND (s.business_date, s.id) > (%(after_day)s::date, %(after_sale)s::uuid)
ORDER BY s.business_date, s.id LIMIT %(limit)s
"""  # noqa: S608 - no outside text
_SOME: Final = f"SELECT s.id FROM sales s WHERE {_SEEN} AND s.id = ANY(%(some_sales)s)"  # noqa: S608 - no outside text
COUNT: Final = f"SELECT count(*) AS count FROM sales s WHERE {_SEEN}"  # noqa: S608 - no outside text

_CARTS: Final = """
SELECT id, 'held' AS state, name, branch_id, content, held_by, held_at, taken_by, taken_at, version, created_at,
    updated_at
FROM carts WHERE shop_id = %(shop)s AND held_at IS NOT NULL AND taken_at IS NULL
    AND (%(cart_branch)s::uuid IS NULL OR branch_id = %(cart_branch)s::uuid)
"""

_EXCEPTIONS: Final = """
SELECT 'n' AS id, (
    SELECT count(*) FROM document_exceptions e WHERE e.shop_id = %(shop)s AND e.settled_at IS NULL
        AND (%(exceptions_branch)s::uuid IS NULL OR e.branch_id = %(exceptions_branch)s::uuid)
) + (
    SELECT count(*) FROM quarantined_documents d JOIN registers g ON g.shop_id = %(shop)s AND g.id = d.register_id
    WHERE d.shop_id = %(shop)s AND d.settled_at IS NULL
        AND (%(exceptions_branch)s::uuid IS NULL OR g.branch_id = %(exceptions_branch)s::uuid)
) AS count
"""

def seen(ctx: Ctx, reach: Reach) -> dict[str, Any]:
    """Give the values that narrow sales to those that the caller's device keeps."""
    own = ctx.permissions.get("sales:read") == "own"
    return {
        "sales_since": reach.sales_since, "sales_branch": reach.branch_id, "sold_by": ctx.staff_id if own else None,
    }  # fmt: skip


async def page(
    ctx: Ctx, reach: Reach, after: tuple[date, UUID], limit: int
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Give the next sales, by business day and id, and the key of the last."""
    values = {**seen(ctx, reach), "after_day": after[0], "after_sale": after[1], "limit": limit}
    keys = await fetch(ctx, _PAGE, values)
    rows = await _shown(ctx, [row.id for row in keys])
    return rows, (keys[-1].business_date.isoformat(), str(keys[-1].id)) if keys else ()


async def some(ctx: Ctx, reach: Reach, sales: Sequence[UUID]) -> list[dict[str, Any]]:
    """Give those of some sales that the caller's device keeps."""
    keys = await fetch(ctx, _SOME, {**seen(ctx, reach), "some_sales": list(sales)})
    return await _shown(ctx, [row.id for row in keys])


async def _shown(ctx: Ctx, sales: Sequence[UUID]) -> list[dict[str, Any]]:
    """Show sales as each is shown by itself, without costs and margins: those stay at the server."""
    may = {name: scope for name, scope in ctx.permissions.items() if name not in _SECRETS}
    plain = replace(ctx, permissions=may)
    return [list_queries.shown(plain, found) for found in await queries.wholes(ctx, sales)]


def ask_carts(reads: Reads, reach: Reach, carts: Sequence[UUID] | None) -> None:
    """Ask for the carts that wait in reach (`cart`): all, or some."""
    if carts is None:
        reads.ask("cart", _CARTS, cart_branch=reach.branch_id)
    else:
        reads.ask("cart", f"{_CARTS} AND id = ANY(%(carts)s)", cart_branch=reach.branch_id, carts=list(carts))


def cart_row(row: dict[str, Any]) -> dict[str, Any]:
    """Write a cart as it is shown by itself."""
    return CartOut.model_validate(row).model_dump(mode="json")


def ask_exceptions(ctx: Ctx, reads: Reads) -> None:
    """Ask how many exceptions and damaged documents wait (`exception_count`, one row)."""
    in_branch = ctx.permissions.get("exceptions:read") != "shop"
    reads.ask("exception_count", _EXCEPTIONS, exceptions_branch=ctx.branch_id if in_branch else None)
