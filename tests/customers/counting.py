"""Counting the statements that a request sends: a hot route must not grow another one unnoticed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from duka.platform.edge import House

_OTHERS_WORK = ("use_shop", "outbox", "event_heads", "event_consumers", "procrastinate")
"""Opening the shop, and what the relay and the jobs do beside the request."""


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """Collect what is sent to the database while the block runs, the opening of the shop left out."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not any(word in statement for word in _OTHERS_WORK):
            sent.append(statement)

    engines = (house.database.shop.sync_engine, house.database.platform.sync_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
