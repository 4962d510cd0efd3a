"""What an invariant is, and what a breach of one says."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from duka.platform.identity import Signer

BREACHES_MAX: Final = 1000
"""Of one invariant in one shop at most so many breaches are named: who has as many needs the first ones."""

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """Where an invariant looks: a transaction that sees one shop (or, with no shop, the installation) at one moment.

    Without `signer` the signatures of declared holes are not checked.
    """

    connection: psycopg.Connection[Any]
    shop_id: UUID | None
    signer: Signer | None = None

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Run SQL whose `%(shop)s` is the shop and give its rows."""
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(sql.encode(), {"shop": self.shop_id, **(values or {})}).fetchall()

    def stream(self, sql: str, values: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Run SQL whose answer is too large to hold, and give its rows one by one."""
        with self.connection.cursor("verify", row_factory=dict_row) as cursor:
            cursor.itersize = 2000
            yield from cursor.execute(sql.encode(), {"shop": self.shop_id, **(values or {})})


Find = Callable[[Look], Iterable[Facts]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that always holds. `says` puts it in a sentence; `find` gives the facts of each breach."""

    number: int
    name: str
    says: str
    find: Find


@dataclass(frozen=True, slots=True)
class Breach:
    """A row, or a sum, that cannot be: which invariant it breaks, in which shop, and the ids and figures to find it
    by. No personal values."""

    invariant: str
    shop_id: UUID | None
    facts: Facts


def asked(sql: str, **values: Any) -> Find:
    """Make a finder of SQL whose rows are the breaches. It names `shop_id` for every table it reads."""
    limited = f"SELECT * FROM ({sql}) AS breach LIMIT {BREACHES_MAX}"  # noqa: S608 - no outside text

    def find(look: Look) -> Iterable[Facts]:
        return look.rows(limited, values)

    return find
