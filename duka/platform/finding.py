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


def written(value: str | int) -> Any:
    """Write a value into the statement itself, for the condition of a partial index. Never a text of a client."""
    return bindparam(None, value, literal_execute=True)
