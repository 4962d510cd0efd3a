"""What is asked of the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Text, cast, false, or_, select

from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.models import AuditEntry
from duka.shops.audit_log import rules
from duka.shops.audit_log.schemas import EntryInFull, EntryOut
from duka.shops.models import Staff

SORTS: Final[dict[str, Any]] = {"at": AuditEntry.at}
KEY: Final = AuditEntry.id
_SHOWN: Final[tuple[Any, ...]] = (AuditEntry, Staff.name)


@dataclass(eq=False)
class EntryNotFound(NotFound):
    """The shop's audit trail has no such entry, or the caller may not read it."""

    what: str = "audit entry"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the trail is narrowed to. `first_day` and `last_day` are days of the shop's own calendar, both included."""

    entity: str | None = None
    entity_id: UUID | None = None
    staff_id: UUID | None = None
    action: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    q: str | None = None
    """Part of who did it, what they did, to which kind of thing, or why; or the thing's whole id."""


def entries(ctx: Ctx, filters: Filters) -> Select[Any]:
    """Select audit entries with the name of who did it. Somebody bound to a branch reads what its people did."""
    query = select(*_SHOWN).outerjoin(
        Staff, (Staff.shop_id == AuditEntry.shop_id) & (Staff.id == AuditEntry.staff_id)
    )
    match ctx.permissions.get("audit_logs:read"):
        case None:
            query = query.where(false())
        case "own":
            query = query.where(AuditEntry.staff_id == ctx.staff_id)
        case "branch":
            query = query.where(Staff.branch_id == ctx.branch_id)
    wanted = {
        AuditEntry.entity: filters.entity, AuditEntry.entity_id: filters.entity_id,
        AuditEntry.staff_id: filters.staff_id, AuditEntry.action: filters.action,
    }  # fmt: skip
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    if filters.q:
        said = (Staff.name, AuditEntry.action, AuditEntry.entity, AuditEntry.reason, cast(AuditEntry.entity_id, Text()))
        query = query.where(or_(*(column.icontains(filters.q, autoescape=True) for column in said)))
    if filters.first_day is not None:
        query = query.where(AuditEntry.at >= _midnight(ctx, filters.first_day))
    if filters.last_day is not None and filters.last_day < date.max:
        query = query.where(AuditEntry.at < _midnight(ctx, filters.last_day + timedelta(days=1)))
    return query


async def entry(ctx: Ctx, entry_id: UUID) -> EntryInFull:
    """Give one entry with every value it changed. EntryNotFound."""
    found = (await ctx.db.execute(entries(ctx, Filters()).where(AuditEntry.id == entry_id))).one_or_none()
    if found is None:
        raise EntryNotFound
    changes = rules.differences(found[0].before, found[0].after)
    return EntryInFull(**_shown(found[0], found[1]).model_dump(), changes=changes)


def shown(rows: Sequence[Any]) -> list[EntryOut]:
    """Give the rows of `entries` as they are listed."""
    return [_shown(row[0], row[1]) for row in rows]


def _shown(row: AuditEntry, staff_name: str | None) -> EntryOut:
    changed = sorted({*(row.before or {}), *(row.after or {})})
    return EntryOut(
        id=row.id, at=row.at, actor=row.actor, staff_id=row.staff_id, staff_name=staff_name,
        register_id=row.register_id, entity=row.entity, entity_id=row.entity_id, action=row.action, changed=changed,
        reason=row.reason, ip=row.ip, user_agent=row.user_agent, request_id=row.request_id,
    )  # fmt: skip


def _midnight(ctx: Ctx, day: date) -> datetime:
    return datetime.combine(day, time.min, ctx.zone())
