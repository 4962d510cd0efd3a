"""The door to the audit trail."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, PageInfo, Paging
from duka.shops.audit_log import queries
from duka.shops.audit_log.queries import EntryNotFound, Filters
from duka.shops.audit_log.schemas import EntryInFull, EntryOut

router = edge.router("/audit-logs", "audit trail")

_COLUMNS = (
    Column("at", "When", "time"), Column("staff_name", "Who"), Column("actor", "As"), Column("action", "Did"),
    Column("entity", "To what"), Column("entity_id", "Id"), Column("changed", "Fields"), Column("reason", "Reason"),
    Column("ip", "Address"), Column("user_agent", "Device"),
)  # fmt: skip
_Word = Annotated[str | None, Query(max_length=50)]


@router.get("", summary="Read the audit trail", response_model=Page[EntryOut], responses=refusals(BadCursor))
async def list_entries(
    ctx: Annotated[Ctx, allow("audit_logs:read")],
    asked: Annotated[Paging, Depends(wire.paging)],
    entity: _Word = None,
    entity_id: UUID | None = None,
    staff_id: UUID | None = None,
    action: _Word = None,
    from_: Annotated[date | None, Query(alias="from", description="The first day.")] = None,
    to: Annotated[date | None, Query(description="The last day.")] = None,
) -> Page[EntryOut] | Response:
    """Who changed what in the shop, when and from where, the newest first.

    `entity` is the kind of thing (`product`, `sale`, `staff`), `entity_id` the thing itself, `staff_id` who did it,
    `action` what they did (`create`, `update`, `suspend`). Days are the shop's own, both included.
    `q` is part of who, what, to which kind of thing, why, or of the thing's id.
    """
    file_format = exports.wanted(ctx, asked, "audit_logs:export")
    filters = Filters(entity, entity_id, staff_id, action, from_, to, asked.q)
    query = queries.entries(ctx, filters)

    async def page_of(part: Paging) -> tuple[Sequence[EntryOut], PageInfo]:
        rows, page = await wire.page(ctx, query, part, queries.SORTS, queries.KEY, default="-at")
        return queries.shown(rows), page

    def cells(each: EntryOut) -> dict[str, Any]:
        return {**dict(each), "at": each.at.astimezone(ctx.zone()), "changed": ", ".join(each.changed)}

    if file_format:
        parts = exports.parts(asked, page_of)
        return await exports.file_response(ctx, parts, _COLUMNS, "audit-trail", file_format, cells=cells)
    shown, page = await page_of(asked)
    return Page(data=shown, page=page)


@router.get("/{entry_id}", summary="Read one change", responses=refusals(EntryNotFound))
async def read_entry(ctx: Annotated[Ctx, allow("audit_logs:read")], entry_id: UUID) -> Answer[EntryInFull]:
    """One entry with every field it changed, as it was and as it became. Personal values are only said to have
    changed."""
    return Answer(data=await queries.entry(ctx, entry_id))
