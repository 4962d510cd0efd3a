"""Many writes, one statement: what makes a sale fast and still lets every domain write its own rows.

What a sale costs is mostly the number of statements that pass through Python. So a leaf does not send its rows: it
adds a *part* to the action's `Writes`, and `send()` makes one data-modifying statement of all the parts:

    WITH <locks>, gate AS (SELECT ... WHERE <every guard holds>), <first>, <inserts and steps>, <counters> SELECT ...

- A **lock** reads rows `FOR UPDATE` in the order of their ids, before anything else; several locks are taken one
  after the other, in the order in which they were added.
- A **guard** is a condition on what the locks read. If one fails nothing is written and `Outcome.failed` names it.
- **First** is the document's own row (`INSERT .. ON CONFLICT DO NOTHING`): when it stands already, nothing is written.
- An **insert** writes one table's rows, given as plain dicts; a **step** is hand-written SQL with `RETURNING`.
  Both run only if the gate is open and the document is new. A step that takes a counter comes last by reading
  the parts it must wait for.
The text of the statement depends only on the kinds of parts, never on how many lines there are, so it is prepared
once per connection. Rows travel as one JSON value a part.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.tables import ShopTable

Row = Mapping[str, Any]

_TYPES: Final[tuple[tuple[type[Any], str], ...]] = (
    (Uuid, "uuid"), (BigInteger, "bigint"), (Integer, "integer"), (Boolean, "boolean"), (Date, "date"),
    (DateTime, "timestamptz"), (JSONB, "jsonb"), (LargeBinary, "text"), (ARRAY, "jsonb"), (Text, "text"),
)  # fmt: skip


def _sql_type(column: Any) -> str:
    return next(name for kind, name in _TYPES if isinstance(column.type, kind))


@lru_cache(maxsize=512)
def _insert_sql(model: type[ShopTable], columns: tuple[str, ...], computed: tuple[tuple[str, str], ...],
                sources: tuple[str, ...], ending: str) -> str:
    table = model.__table__
    given = [name for name in columns if name not in dict(computed)]
    names = ["shop_id", *given, *(name for name, _ in computed)]
    values = ["%(shop)s"]
    for name in given:
        binary = isinstance(table.c[name].type, LargeBinary)
        values.append(f"decode(r.{name}, 'hex')" if binary else f"r.{name}")
    values += [expression for _, expression in computed]
    shape = ", ".join(f"{name} {_sql_type(table.c[name])}" for name in columns)
    return (
        f"INSERT INTO {model.__tablename__} ({', '.join(names)}) SELECT {', '.join(values)} "  # noqa: S608 - names from models
        f"FROM {', '.join(sources)}, jsonb_to_recordset(%(@)s::jsonb) AS r({shape}) {ending}"
    )


def _taken(lock: str) -> str:
    """Give a condition that is always true and known only when the lock is held."""
    return f"(SELECT count(*) FROM {lock}) >= 0"  # noqa: S608 - a name of ours


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the statement did: `failed` names the guards that did not hold, `existed` says the document stood
    already (then nothing was written), `results` holds what the parts were asked to give back."""

    failed: tuple[str, ...]
    existed: bool
    results: Mapping[str, Any]

    @property
    def written(self) -> bool:
        """Whether everything was written (else nothing was)."""
        return not self.failed and not self.existed


@dataclass(slots=True)
class Writes:
    """The writes of one document, collected from the leaves and sent together."""

    ctx: Ctx
    _locks: list[tuple[str, str]] = field(default_factory=list)
    _guards: list[tuple[str, str]] = field(default_factory=list)
    _first: str | None = None
    _parts: list[tuple[str, str]] = field(default_factory=list)
    _results: list[tuple[str, str]] = field(default_factory=list)
    _values: dict[str, Any] = field(default_factory=dict)
    _rows: dict[str, list[Row]] = field(default_factory=dict)
    _places: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def value(self, name: str, value: Any) -> None:
        """Bind a value that hand-written parts read as `%(name)s`. Names are unique in the statement."""
        assert name not in self._values, name
        self._values[name] = value

    def rows(self, name: str, rows: Sequence[Row]) -> None:
        """Bind rows as one JSON value that a hand-written part reads with `jsonb_to_recordset(%(name)s::jsonb)`."""
        self.value(name, orjson.dumps(rows, default=_plain).decode())

    def lock(self, name: str, sql: str) -> None:
        """Add a `SELECT .. ORDER BY .. FOR UPDATE` that runs before everything else, once the locks added earlier are
        held. Other parts may read it."""
        self._locks.append((name, sql))

    def locks(self, name: str) -> bool:
        """Say whether a lock was added already, for leaves that several parts of a document call."""
        return any(name == added for added, _ in self._locks)

    def guard(self, name: str, condition: str) -> None:
        """Add a condition (SQL, reading the locks). Where it is not true nothing is written."""
        self._guards.append((name, condition))

    def first(self, model: type[ShopTable], row: Row, *, computed: Mapping[str, str] | None = None,
              reads: tuple[str, ...] = (), gives: str = "id") -> None:
        """Name the document's own row: where its id stands already, nothing is written and `existed` is said.

        `computed` and `reads` as for `insert` (it may read locks); `gives` are the columns others read of `first`.
        """
        assert self._first is None
        sql = _insert_sql(
            model, tuple(row), tuple((computed or {}).items()), ("gate", *reads),
            f"ON CONFLICT DO NOTHING RETURNING {gives}",
        )  # fmt: skip
        self._first = sql.replace("%(@)s", "%(rows_first)s")
        self.rows("rows_first", [row])

    def insert(self, model: type[ShopTable], rows: Sequence[Row], *, computed: Mapping[str, str] | None = None,
               reads: tuple[str, ...] = ()) -> str:
        """Add rows to a table. `computed` gives columns as SQL over `r` (the row) and the parts named in `reads`.

        Rows of one shape for one table share one part, whoever adds them. Gives the part's name, for `reads` of
        others. Nothing is added for no rows.
        """
        if not rows:
            return ""
        key = (model, tuple(rows[0]), tuple((computed or {}).items()), reads)
        name = self._places.get(key)
        if name is None:
            name = f"{model.__tablename__}_{len(self._places)}"
            self._places[key] = name
            self._rows[name] = []
            ending = "RETURNING id" if "id" in model.__table__.c else "RETURNING 1"
            sql = _insert_sql(model, key[1], key[2], ("first", *reads), ending)
            self._parts.append((name, sql.replace("%(@)s", f"%(rows_{name})s")))
        self._rows[name].extend(rows)
        return name

    def step(self, name: str, sql: str) -> None:
        """Add hand-written SQL with `RETURNING`. It must read `first`, so that it runs only if all holds."""
        self._parts.append((name, sql))

    def result(self, name: str, sql: str) -> None:
        """Ask for a value back: a scalar SQL expression over the parts, told also when a guard failed."""
        self._results.append((name, sql))

    def text(self) -> str:
        """Give the whole statement, for `send()`, for the benchmark's reading and for EXPLAIN."""
        guards = " AND ".join([*(_taken(name) for name, _ in self._locks), *(f"({sql})" for _, sql in self._guards)])
        parts = list(self._lock_parts())
        parts.append(f"gate AS MATERIALIZED (SELECT 1 AS open WHERE {guards or 'true'})")
        parts.append(f"first AS ({self._first or 'SELECT open FROM gate'})")  # noqa: S608 - no outside text
        parts += [f"{name} AS ({sql})" for name, sql in self._parts]
        told = ["(SELECT count(*) FROM first) AS first_rows, (SELECT count(*) FROM gate) AS gate_rows"]
        # Which guard failed is asked again only when one did.
        told += [
            f"EXISTS (SELECT 1 FROM gate) OR coalesce(({sql}), false) AS guard_{name}"  # noqa: S608 - no outside text
            for name, sql in self._guards
        ]
        told += [f"({sql}) AS {name}" for name, sql in self._results]
        return f"WITH {', '.join(parts)} SELECT {', '.join(told)}"

    def _lock_parts(self) -> Iterator[str]:
        # A CTE runs when somebody reads it. Each lock reads the one before, and the gate reads all of them: so they
        # are taken in this order and before any row is written, whatever plan is chosen.
        before = ""
        for name, sql in self._locks:
            waiting = f"SELECT * FROM ({sql}) AS taken WHERE {_taken(before)}" if before else sql  # noqa: S608 - no outside text
            yield f"{name} AS MATERIALIZED ({waiting})"
            before = name

    async def send(self) -> Outcome:
        """Write everything in one statement and say what happened. Sent once."""
        for name, rows in self._rows.items():
            self.rows(f"rows_{name}", rows)
        (row,) = await fetch(self.ctx, self.text(), self._values)
        facts = row._mapping
        failed = tuple(name for name, _ in self._guards if not facts[f"guard_{name}"])
        existed = bool(facts["gate_rows"]) and not facts["first_rows"]
        return Outcome(failed, existed, {name: facts[name] for name, _ in self._results})


def ids(values: Sequence[UUID]) -> list[str]:
    """Write ids as text, for a JSON value."""
    return [str(value) for value in values]
