"""What no request may carry, whatever it asks for: unknown parameters, characters that cannot be stored, and signs that
nobody can see."""

from collections import deque
from collections.abc import Iterator
from typing import Any, Final

import orjson
from fastapi import Request
from fastapi.dependencies.models import Dependant

from duka.platform.errors import ValidationError
from duka.platform.signs import unseen_in

_SURROGATE: Final = b"\\ud"
_TOLD_MAX: Final = 20
_AS_IT_IS: Final = frozenset({"printed", "password", "current_password"})
"""Fields whose texts are taken as they are: what a till printed of an item came from the catalogue."""


def refuse_unknown_query(request: Request) -> None:
    """Refuse a parameter the operation does not have: a filter with a typing error would give everything."""
    if not request.url.query:
        return
    known = _query_names(request.scope["route"].dependant)
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        words = f"There is no such parameter. Known: {', '.join(sorted(known)) or 'none'}."
        raise ValidationError(fields={name[:100]: [words] for name in unknown[:_TOLD_MAX]})


def _query_names(dependant: Dependant) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_query_names(inner) for inner in dependant.dependencies))


def refuse_unstorable(request: Request, body: bytes) -> None:
    """Refuse a JSON body with a NUL character or half a surrogate pair, which PostgreSQL cannot store; and with signs
    that nobody can see, unless it says what has happened already (`Duka-Mode: record`)."""
    kind = request.headers.get("content-type", "application/json")
    if kind.startswith("multipart/"):
        return  # an uploaded file's bytes are its reader's business
    if b"\x00" in body and kind.startswith("application/json"):
        raise ValidationError(fields={"body": ["A text holds a NUL character."]})
    if request.headers.get("duka-mode") != "record":
        _refuse_unseen(body)
    if b"\\u0000" not in body and _SURROGATE not in body.lower():
        return
    try:
        text = orjson.dumps(orjson.loads(body))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        raise ValidationError(fields={"body": ["A text holds a character that cannot be stored."]}) from None
    if b"\\u0000" in text:
        raise ValidationError(fields={"body": ["A text holds a NUL character."]})


def _refuse_unseen(body: bytes) -> None:
    if body.isascii() and b"\\" not in body and b"\x7f" not in body:
        return
    try:
        texts = _texts(orjson.loads(body))
        wrong = {place or "body": [told] for place, text in texts if (told := unseen_in(text)) and "\x00" not in text}
    except orjson.JSONDecodeError:
        return  # told where it is read
    if wrong:
        raise ValidationError(fields=dict(list(wrong.items())[:_TOLD_MAX]))


def _texts(body: Any) -> Iterator[tuple[str, str]]:
    """Give each text of a body with its dotted path, names of fields too; the outermost first, however deep it goes."""
    waiting = deque([(body, "")])
    while waiting:
        value, place = waiting.popleft()
        if isinstance(value, str):
            yield place, value
        elif isinstance(value, list):
            waiting.extend((inner, f"{place}.{number}".lstrip(".")) for number, inner in enumerate(value))
        elif isinstance(value, dict):
            for name, inner in value.items():
                if name not in _AS_IT_IS:
                    yield place, name
                    waiting.append((inner, f"{place}.{name}".lstrip(".")))
