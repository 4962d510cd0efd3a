"""What is asked about transfers: which there are, and one with its lines and steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from duka.platform import lists
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.disputes import exceptions_of, heard
from duka.platform.errors import NotFound
from duka.platform.lists import Listing, Sort
from duka.platform.wire import PageInfo, Paging
from duka.stock.transfers.schemas import TransferState


@dataclass(frozen=True, slots=True)
class Sought:
    """What a list of transfers is narrowed to. `location_id` and `branch_id` mean either end."""

    state: TransferState | None = None
    location_id: UUID | None = None
    branch_id: UUID | None = None


_COLUMNS: Final = """
SELECT t.id, t.state, t.from_location_id, f.name AS from_location_name, f.branch_id AS from_branch_id,
    fb.name AS from_branch_name, t.to_location_id, o.name AS to_location_name, o.branch_id AS to_branch_id,
    ob.name AS to_branch_name, t.note, t.requested_by, t.at,
    (SELECT count(*) FROM stock_transfer_lines l WHERE l.shop_id = t.shop_id AND l.transfer_id = t.id) AS line_count,
    (SELECT coalesce(sum(coalesce(l.received_milli, l.dispatched_milli, l.requested_milli)), 0)::bigint
        FROM stock_transfer_lines l WHERE l.shop_id = t.shop_id AND l.transfer_id = t.id) AS quantity_milli
"""
_PLACES: Final = """JOIN locations f ON f.shop_id = t.shop_id AND f.id = t.from_location_id
JOIN locations o ON o.shop_id = t.shop_id AND o.id = t.to_location_id
JOIN branches fb ON fb.shop_id = f.shop_id AND fb.id = f.branch_id
JOIN branches ob ON ob.shop_id = o.shop_id AND ob.id = o.branch_id"""

_LISTING: Final = Listing(
    _COLUMNS, "stock_transfers t", _PLACES, "t.id", {"id": Sort("t.id", "uuid"), "at": Sort("t.at", "timestamptz")},
    "-id",
)  # fmt: skip

_END: Final = """EXISTS (SELECT 1 FROM locations e WHERE e.shop_id = %(shop)s
    AND e.id IN (t.from_location_id, t.to_location_id) AND e.branch_id = %({branch})s::uuid)"""
_MINE: Final = f"(%(branch)s::uuid IS NULL OR {_END.format(branch='branch')})"
"""Who is bound to a branch sees what leaves it and what comes to it."""

_ONE: Final = f"""{_COLUMNS} FROM stock_transfers t {_PLACES}
WHERE t.shop_id = %(shop)s AND t.id = %(transfer)s AND {_MINE}
"""

_LINES: Final = """
SELECT l.id, l.variant_id, v.name AS variant_name, v.sku, p.unit, l.requested_milli, l.dispatched_milli,
    l.received_milli, l.difference, l.unit_cost_minor AS unit_cost, left_with.serials, left_with.batches
FROM stock_transfer_lines l JOIN variants v ON v.shop_id = l.shop_id AND v.id = l.variant_id
JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id
LEFT JOIN LATERAL (
    SELECT jsonb_agg(c.code ORDER BY a.id) FILTER (WHERE c.code IS NOT NULL) AS serials,
        jsonb_agg(jsonb_build_object('number', b.number, 'expires_on', b.expires_on,
            'quantity_milli', -a.quantity_milli) ORDER BY a.id) FILTER (WHERE b.id IS NOT NULL) AS batches
    FROM stock_movements m
    JOIN stock_parts a ON a.shop_id = m.shop_id AND a.movement_id = m.id AND a.fault IS NULL AND a.quantity_milli < 0
    LEFT JOIN stock_unit_codes c ON c.shop_id = a.shop_id AND c.unit_id = a.unit_id AND c.position = 0
    LEFT JOIN stock_batches b ON b.shop_id = a.shop_id AND b.id = a.batch_id
    WHERE m.shop_id = l.shop_id AND m.source_id = l.transfer_id AND m.source_line_id = l.id
) left_with ON true
WHERE l.shop_id = %(shop)s AND l.transfer_id = %(transfer)s ORDER BY l.position
"""

_STEPS: Final = """
SELECT step, state_to, staff_id, reason, business_date, at FROM stock_transfer_steps
WHERE shop_id = %(shop)s AND transfer_id = %(transfer)s ORDER BY id
"""


_ENDS: Final = """
SELECT l.id, l.name, l.kind, l.branch_id, b.name AS branch_name FROM locations l
JOIN branches b ON b.shop_id = l.shop_id AND b.id = l.branch_id
WHERE l.shop_id = %(shop)s AND l.active AND b.active ORDER BY b.name, b.id, l.name, l.id
"""


async def ends(ctx: Ctx) -> Sequence[Mapping[str, Any]]:
    """List where goods can go from and to: the locations in use of all branches, branch by branch."""
    return [row._mapping for row in await fetch(ctx, _ENDS, {})]


async def transfers(ctx: Ctx, asked: Paging, sought: Sought) -> tuple[Sequence[Mapping[str, Any]], PageInfo]:
    """List transfers, the newest first; those of their own branch's ends for whoever is bound to one."""
    conditions = ["t.shop_id = %(shop)s", _MINE]
    if sought.state:
        conditions.append("t.state = %(state)s")
    if sought.location_id:
        conditions.append("%(location)s::uuid IN (t.from_location_id, t.to_location_id)")
    if sought.branch_id:
        conditions.append(_END.format(branch="of_branch"))
    values = {
        "branch": ctx.branch_id, "state": sought.state, "location": sought.location_id, "of_branch": sought.branch_id
    }
    rows, info = await lists.page(ctx, _LISTING, asked, conditions, values)
    return [row._mapping for row in rows], info


async def first_state(ctx: Ctx, transfer_id: UUID) -> dict[str, Any]:
    """Give a transfer as it was first answered: as it was asked for, or as it left where it was sent at once, whatever
    became of it since. NotFound."""
    shown = await transfer(ctx, transfer_id)
    steps = [step for step in shown["steps"] if step["at"] == shown["at"]]
    state = steps[-1]["state_to"]
    later = ["received_milli", "difference"]
    if state != "dispatched":
        later += ["dispatched_milli", "serials", "batches", "unit_cost"]
    lines = [{**line, **{name: None for name in later if name in line}} for line in shown["lines"]]
    meant_milli = sum(line["dispatched_milli"] or line["requested_milli"] for line in lines)
    return {**shown, "state": state, "quantity_milli": meant_milli, "lines": lines, "steps": steps,
            "exceptions": await heard(ctx, transfer_id, transfer_id)}


async def transfer(ctx: Ctx, transfer_id: UUID) -> dict[str, Any]:
    """Give a transfer with its lines and steps. NotFound when the shop has none, or neither end is in the caller's
    branch."""
    branch = None if ctx.recording else ctx.branch_id  # what happened at another branch is answered too
    found = await fetch(ctx, _ONE, {"transfer": transfer_id, "branch": branch})
    if not found:
        raise NotFound(what="transfer")
    of = {"transfer": transfer_id}
    lines = [dict(row._mapping) for row in await fetch(ctx, _LINES, of)]
    if not ctx.may("products:cost"):
        for line in lines:
            del line["unit_cost"]
    steps = [row._mapping for row in await fetch(ctx, _STEPS, of)]
    return {
        **found[0]._mapping, "lines": lines, "steps": steps, "exceptions": await exceptions_of(ctx, transfer_id)
    }  # fmt: skip
