"""Counting what a request asks of the database."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg


@contextmanager
def noted() -> Iterator[list[str]]:
    """Note the statements that the caller's own task sends, whichever way they go; the relay and jobs work beside it.
    BEGIN and COMMIT are not among them."""
    sent: list[str] = []
    me, execute = asyncio.current_task(), psycopg.AsyncCursor.execute

    async def note(cursor: Any, query: Any, *values: Any, **more: Any) -> Any:
        if asyncio.current_task() is me:
            sent.append(str(query)[:60])
        return await execute(cursor, query, *values, **more)

    psycopg.AsyncCursor.execute = note  # type: ignore[method-assign,assignment] # for the block
    try:
        yield sent
    finally:
        psycopg.AsyncCursor.execute = execute  # type: ignore[method-assign] # put back
