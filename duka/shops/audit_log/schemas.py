"""The audit trail on the wire."""

from typing import Any
from uuid import UUID

from duka.platform.wire import Moment, Shown


class EntryOut(Shown):
    """One change. `changed` names the fields; the entry's own address shows their values."""

    id: UUID
    at: Moment
    actor: str
    staff_id: UUID | None
    staff_name: str | None
    register_id: UUID | None
    entity: str
    entity_id: UUID
    action: str
    changed: list[str]
    reason: str | None
    ip: str | None
    user_agent: str | None
    request_id: str


class FieldChange(Shown):
    """One field, as it was and as it became; a part of a larger value is named with dots: `settings.language`."""

    field: str
    before: Any
    after: Any


class EntryInFull(EntryOut):
    """One change with every value it changed."""

    changes: list[FieldChange]
