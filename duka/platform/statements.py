"""Hand-written SQL on the fast road: psycopg's raw cursor on the transaction that SQLAlchemy holds.

A sale's cost is mostly Python's part of each statement. SQLAlchemy's execution layer and psycopg's parsing of
`%(name)s` (which it remembers only for short texts) take longer than the sale's own sums, so statements written by
hand go past both: names become `$1`, `$2` once for each text, and the server prepares it once for each connection.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson
import psycopg
from psycopg.types.json import set_json_loads
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

set_json_loads(orjson.loads)

_DRIVER: Final = "driver_connection"
_PLACE: Final = re.compile(r"%\((\w+)\)s|%%")


async def execute(db: AsyncSession, sql: str, values: Mapping[str, Any]) -> list[Any]:
    """Run SQL with `%(name)s` places in the session's transaction and give its rows.

    A row is a named tuple: by position, by column name as attribute, whole as a mapping by `_mapping`. Raises
    psycopg's errors; a lost connection also empties the pool, so that the next request gets a fresh one.
    """
    driver = await _driver(db)
    text, names = _numbered(sql)
    cursor = psycopg.AsyncRawCursor(driver, row_factory=_rows)
    try:
        await cursor.execute(text, [values[name] for name in names])
        return await cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []
    except psycopg.OperationalError:
        if driver.closed:
            connection = await db.connection()
            await connection.invalidate()
            connection.sync_engine.dispose(close=False)
        raise
    finally:
        await cursor.close()


async def _driver(db: AsyncSession) -> psycopg.AsyncConnection[Any]:
    known: psycopg.AsyncConnection[Any] | None = db.sync_session.info.get(_DRIVER)
    if known is None:
        raw = await (await db.connection()).get_raw_connection()
        known = raw.driver_connection
        assert isinstance(known, psycopg.AsyncConnection)
        db.sync_session.info[_DRIVER] = known
    return known


@event.listens_for(Session, "after_transaction_end")
def _forget_driver(session: Session, _transaction: SessionTransaction) -> None:
    # The next transaction of this session may get another connection from the pool.
    session.info.pop(_DRIVER, None)


@lru_cache(maxsize=2048)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    numbers: dict[str, int] = {}

    def number(place: re.Match[str]) -> str:
        name = place.group(1)
        return "%" if name is None else f"${numbers.setdefault(name, len(numbers) + 1)}"

    return _PLACE.sub(number, sql).encode(), tuple(numbers)


def _rows(cursor: psycopg.AsyncCursor[Any] | psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], Any]:
    # Not `cursor.description`, which makes an object for each column of each answer.
    result = cursor.pgresult
    if result is None or not result.nfields:
        return tuple
    make: Callable[[Sequence[Any]], Any] = _row_class(tuple(result.fname(n) for n in range(result.nfields)))._make
    return make


@lru_cache(maxsize=2048)
def _row_class(columns: tuple[bytes | None, ...]) -> Any:
    names = [(column or b"").decode() for column in columns]
    base: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc] # known only when the query runs
    whole = property(lambda row: dict(zip(names, row, strict=True)))
    return type("Row", (base,), {"__slots__": (), "_mapping": whole})
