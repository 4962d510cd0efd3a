"""Several questions, one statement: the reading half of `platform.writes`.

A leaf adds a named SELECT; `send()` asks them all at once. Rows come back as dicts of plain JSON values (ids as
text), for sums that need many small facts. Lists for people are ordinary ORM queries, not this.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from duka.platform.context import Ctx
from duka.platform.db import fetch

Facts = Mapping[str, Any]


@dataclass(slots=True)
class Reads:
    """Questions of several domains, asked in one round trip."""

    ctx: Ctx
    _parts: list[tuple[str, str]] = field(default_factory=list)
    _values: dict[str, Any] = field(default_factory=dict)

    def ask(self, name: str, sql: str, **values: Any) -> None:
        """Add a SELECT (which names shop_id = %(shop)s for every table). Value names are unique in the statement."""
        self._parts.append((name, sql))
        self._values.update(values)

    def bind(self, **values: Any) -> None:
        """Give values that several parts read."""
        self._values.update(values)

    async def send(self) -> dict[str, list[dict[str, Any]]]:
        """Ask everything and give each question's rows, in its own order."""
        sql = " UNION ALL ".join(
            f"SELECT '{name}' AS part, to_json(q) AS fact FROM ({part}) q"  # noqa: S608 - no outside text
            for name, part in self._parts
        )
        answers: dict[str, list[dict[str, Any]]] = {name: [] for name, _ in self._parts}
        for part, fact in await fetch(self.ctx, sql, self._values):
            answers[part].append(fact)
        return answers
