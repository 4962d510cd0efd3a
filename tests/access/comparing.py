"""Answers without what must differ between two requests: ids, moments, and the words that were asked for."""

import re
from typing import Any, Final

import httpx2

_ID: Final = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")


def plain(answer: httpx2.Response, *words: str) -> tuple[int, str]:
    """Give status and body with every id, every moment and the given words made alike."""
    text = _MOMENT.sub("<moment>", _ID.sub("<id>", answer.text))
    for word in words:
        text = text.replace(word, "<word>")
    return answer.status_code, text


def code_of(answer: httpx2.Response) -> str:
    """Give the code of a refusal; nothing when it is none."""
    if answer.status_code < 400:
        return ""
    error: dict[str, Any] = answer.json()["error"]
    return str(error["code"])


def refused_permission(answer: httpx2.Response) -> str | None:
    """Give the permission for want of which the answer is a refusal; None for any other answer."""
    if answer.status_code != 403 or code_of(answer) != "FORBIDDEN":
        return None
    return str(answer.json()["error"]["details"]["permission"])
