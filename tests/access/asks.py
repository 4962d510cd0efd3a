"""A request to an operation: the ids in its address, its body, and which of both refer to other things."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2

from tests.access.operations import Json, Operation, ids_in


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: to whose things, with what, as whom (the shop's owner when it is not said)."""

    ids: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, bytes]] | None = None
    by: Mapping[str, str] | None = None

    def to(self, operation: Operation) -> str:
        """Give the address."""
        return operation.path.format_map(self.ids)

    async def send(self, client: httpx2.AsyncClient, operation: Operation, by: Mapping[str, str]) -> httpx2.Response:
        """Send it, as `by` unless it says itself as whom."""
        sent: dict[str, Any] = {"files": self.files} if self.files else {"json": self.body}
        headers = dict(by if self.by is None else self.by)
        return await client.request(operation.method, self.to(operation), params=self.query, headers=headers, **sent)

    def naming(self, name: str, value: str) -> "Ask":
        """The same with another id in the address."""
        return replace(self, ids={**self.ids, name: value})


def references(operation: Operation, body: Any, schemas: Json) -> list[tuple[tuple[str | int, ...], str]]:
    """Name the places of a body that refer to something else of the shop (not the ids of what is made)."""
    own = {"id", "installation_id", "device_id", "request_id"}
    return [(place, name) for place, name in ids_in(operation.told, body, schemas) if name not in own]


def put(body: Any, place: tuple[str | int, ...], value: Any) -> Any:
    """Give a body with another value at one place."""
    if not place:
        return value
    key, *rest = place
    if isinstance(body, list):
        return [put(inner, tuple(rest), value) if index == key else inner for index, inner in enumerate(body)]
    return {**body, str(key): put(body.get(key), tuple(rest), value)}
