"""Conditions that an index can serve: lists stay fast at a million rows in spite of two obstacles.

Row-level security lets only leakproof operators reach an index, so LIKE reads every row of the shop. And plans are made
once for all values (`plan_cache_mode`), so a partial index is used only if its condition stands in the statement.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam

_LAST: Final = "\U0010ffff"


def begins_with(column: Any, text: str) -> ColumnElement[bool]:
    """Say that a text column begins with a text, as a range of its index. Case counts."""
    return and_(column >= text, column < text + _LAST)


def numbered(column: Any, text: str) -> ColumnElement[bool]:
    """Say that a document's number begins with a text.

    With digits of its counter (`S1/2627/00`) few rows do, and the index finds them. A code or year alone (`S1/`) is
    what most rows of a busy register begin with: there the list's own order is read until the page is full.
    """
    counted = text.count("/") == 2 and text[-1].isdigit()
    return begins_with(column, text) if counted else column.startswith(text, autoescape=True)


def written(value: str | int) -> Any:
    """Write a value into the statement itself, for the condition of a partial index. Never a text of a client."""
    return bindparam(None, value, literal_execute=True)
