"""What no request may carry, whatever it asks for: unknown parameters and characters that cannot be stored."""

from typing import Final

import orjson
from fastapi import Request
from fastapi.dependencies.models import Dependant

from duka.platform.errors import ValidationError

_SURROGATE: Final = b"\\ud"
_UNKNOWN_TOLD_MAX: Final = 20


def refuse_unknown_query(request: Request) -> None:
    """Refuse a parameter the operation does not have: a filter with a typing error would give everything."""
    if not request.url.query:
        return
    known = _query_names(request.scope["route"].dependant)
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        words = f"There is no such parameter. Known: {', '.join(sorted(known)) or 'none'}."
        raise ValidationError(fields={name[:100]: [words] for name in unknown[:_UNKNOWN_TOLD_MAX]})


def _query_names(dependant: Dependant) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_query_names(inner) for inner in dependant.dependencies))


def refuse_unstorable(request: Request, body: bytes) -> None:
    """Refuse a JSON body with a NUL character or half a surrogate pair, which PostgreSQL cannot store."""
    kind = request.headers.get("content-type", "application/json")
    if kind.startswith("multipart/"):
        return  # an uploaded file's bytes are its reader's business
    if b"\x00" in body and kind.startswith("application/json"):
        raise ValidationError(fields={"body": ["A text holds a NUL character."]})
    if b"\\u0000" not in body and _SURROGATE not in body.lower():
        return
    try:
        text = orjson.dumps(orjson.loads(body))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        raise ValidationError(fields={"body": ["A text holds a character that cannot be stored."]}) from None
    if b"\\u0000" in text:
        raise ValidationError(fields={"body": ["A text holds a NUL character."]})
