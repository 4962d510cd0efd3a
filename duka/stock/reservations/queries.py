"""What is asked about goods put aside: which they are, for whom, until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from duka.platform import lists
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound
from duka.platform.lists import Listing, Sort
from duka.platform.wire import PageInfo, Paging
from duka.stock.reservations.models import Purpose, ReservationState


@dataclass(frozen=True, slots=True)
class Kept:
    """What a list of reservations is narrowed to."""

    state: ReservationState | None = None
    purpose: Purpose | None = None
    variant_id: UUID | None = None
    location_id: UUID | None = None
    branch_id: UUID | None = None
    document_id: UUID | None = None
    customer_id: UUID | None = None


_COLUMNS: Final = """
SELECT r.id, r.state, r.purpose, r.document_id, r.variant_id, v.name AS variant_name, v.sku, v.product_id, p.unit,
    r.location_id, l.name AS location_name, l.branch_id, r.quantity_milli, r.customer_id, r.note, r.until, r.made_by,
    r.at, r.closed_by, r.closed_at
"""
_NAMED: Final = """stock_reservations r
JOIN locations l ON l.shop_id = r.shop_id AND l.id = r.location_id
JOIN variants v ON v.shop_id = r.shop_id AND v.id = r.variant_id
JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id"""
_LISTING: Final = Listing(
    _COLUMNS, _NAMED, "", "r.id", {"id": Sort("r.id", "uuid"), "at": Sort("r.at", "timestamptz")}, "-id"
)
_MINE: Final = "(%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)"
"""Who is bound to a branch sees what is put aside there."""
_ONE: Final = f"{_COLUMNS} FROM {_NAMED} WHERE r.shop_id = %(shop)s AND r.id = %(reservation)s AND {_MINE}"


async def reservations(ctx: Ctx, asked: Paging, kept: Kept) -> tuple[Sequence[Mapping[str, Any]], PageInfo]:
    """List what is put aside or was, the newest first; that of their own branch for whoever is bound to one."""
    narrowings: dict[str, tuple[str, str | UUID | None]] = {
        "state": ("r.state", kept.state), "purpose": ("r.purpose", kept.purpose),
        "variant": ("r.variant_id", kept.variant_id), "location": ("r.location_id", kept.location_id),
        "of_branch": ("l.branch_id", kept.branch_id), "document": ("r.document_id", kept.document_id),
        "customer": ("r.customer_id", kept.customer_id),
    }  # fmt: skip
    conditions = ["r.shop_id = %(shop)s", _MINE]
    conditions += [f"{column} = %({name})s" for name, (column, value) in narrowings.items() if value is not None]
    values: dict[str, Any] = {name: value for name, (_, value) in narrowings.items() if value is not None}
    if asked.q:
        conditions.append("strpos(v.search, %(part)s) > 0")
        values["part"] = asked.q.lower()
    rows, info = await lists.page(ctx, _LISTING, asked, conditions, {"branch": ctx.branch_id, **values})
    return [row._mapping for row in rows], info


async def reservation(ctx: Ctx, reservation_id: UUID) -> Mapping[str, Any]:
    """Give one reservation as it stands. NotFound where the shop has none, or it is in another branch than the
    caller's."""
    found = await fetch(ctx, _ONE, {"reservation": reservation_id, "branch": ctx.branch_id})
    if not found:
        raise NotFound(what="reservation")
    row: Mapping[str, Any] = found[0]._mapping
    return row


async def first_state(ctx: Ctx, reservation_id: UUID) -> Mapping[str, Any]:
    """Give a reservation as it was first answered: open, whatever became of it since. NotFound."""
    shown = await reservation(ctx, reservation_id)
    return {**shown, "state": "open", "closed_by": None, "closed_at": None}
