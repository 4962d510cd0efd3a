"""Reading an audit entry: which fields differ, down to the parts of larger values."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from duka.shops.audit_log.schemas import FieldChange

_DEPTH_MAX: Final = 6


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[FieldChange]:
    """List the fields in which two states of a thing differ, by name. A thing made has no state before, one deleted
    none after.

    A note that a personal value changed stands on both sides alike and counts as a difference.
    """
    return sorted(_differences("", before or {}, after or {}, 0), key=lambda change: change.field)


def _differences(path: str, before: Mapping[str, Any], after: Mapping[str, Any], depth: int) -> Iterator[FieldChange]:
    for name in {*before, *after}:
        old, new = before.get(name), after.get(name)
        field = f"{path}{name}"
        if isinstance(old, Mapping) and isinstance(new, Mapping) and depth < _DEPTH_MAX:
            yield from _differences(f"{field}.", old, new, depth + 1)
        elif depth == 0 or old != new:
            yield FieldChange(field=field, before=old, after=new)
