"""The audit trail: each change writes who, when, from where, what, old and new, in its own transaction.

Personal values never go in: an entry names the changed field and the row. Secrets neither. For documents whose rows
are never changed the entry points to the document.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry

PERSONAL: Final = frozenset({
    "name", "phone", "email", "address", "tax_id", "id_number", "born_on", "gender", "notes", "search",
})  # fmt: skip
"""Fields of a person whose value the trail replaces by a note that it changed."""

SECRET: Final = frozenset({
    "password", "password_hash", "token_hash", "key_hash", "credential_hash", "code_hash", "pin",
})  # fmt: skip
_CHANGED: Final = "(changed)"


def entry(ctx: Ctx, action: str, entity: str, entity_id: UUID, *, before: Mapping[str, Any] | None = None,
          after: Mapping[str, Any] | None = None, reason: str | None = None) -> dict[str, Any]:
    """Make the row of one audit entry, for `Writes.insert(AuditEntry, [...])`."""
    caller = ctx.caller
    return {
        "id": new_id(), "at": ctx.now, "actor": ctx.actor, "staff_id": ctx.staff_id, "session_id": ctx.session_id,
        "register_id": ctx.register_id, "ip": caller.ip, "user_agent": caller.user_agent,
        "request_id": caller.request_id, "entity": entity, "entity_id": entity_id, "action": action,
        "before": before, "after": after, "reason": reason,
    }  # fmt: skip


def record(ctx: Ctx, action: str, entity: str, entity_id: UUID, *, before: Mapping[str, Any] | None = None,
           after: Mapping[str, Any] | None = None, reason: str | None = None,
           personal: Collection[str] = ()) -> None:
    """Add an audit entry to the transaction. `before` and `after` hold only what changed (see `changes`);
    the fields named in `personal` are noted without their value."""
    row = entry(ctx, action, entity, entity_id, before=_safe(before, personal), after=_safe(after, personal),
                reason=reason)
    ctx.db.add(AuditEntry(shop_id=ctx.shop_id, **row))


def changes(row: object, new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Compare a row with the values it is about to get: what differs, as it was and as it becomes."""
    differing = [name for name, value in new.items() if getattr(row, name) != value]
    return {name: getattr(row, name) for name in differing}, {name: new[name] for name in differing}


def _safe(values: Mapping[str, Any] | None, personal: Collection[str]) -> dict[str, Any] | None:
    if values is None:
        return None
    return {
        name: _CHANGED if name in personal else _json(value)
        for name, value in values.items()
        if name not in SECRET
    }


def _json(value: Any) -> Any:
    if value is None or isinstance(value, str | int | bool | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _json(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_json(inner) for inner in value]
    return value.hex() if isinstance(value, bytes) else str(value)
