"""Somebody who asks the catalogue over HTTP."""

from typing import Any

import httpx2

from tests.world import Person


class Till:
    """Somebody of the shop who asks the catalogue and says what came."""

    def __init__(self, client: httpx2.AsyncClient, person: Person) -> None:
        self.client, self.headers = client, person.headers

    async def make(self, name: str, status: int = 201, **fields: Any) -> dict[str, Any]:
        """Make a group."""
        return await self.ask("POST", "/api/groups", status, json={"name": name, **fields})

    async def sell(self, name: str, status: int = 201, **fields: Any) -> dict[str, Any]:
        """Put a product on sale."""
        return await self.ask("POST", "/api/products", status, json={"name": name, **fields})

    async def names(self, path: str) -> list[str]:
        """Give the names in a list."""
        listed: Any = await self.ask("GET", path)
        return [one["name"] for one in listed]

    async def ask(self, method: str, path: str, status: int = 200, **rest: Any) -> dict[str, Any]:
        """Ask for anything, expecting a status; give the data or the refusal."""
        answer = await self.client.request(method, path, headers={**self.headers, **rest.pop("headers", {})}, **rest)
        assert answer.status_code == status, answer.text
        body = answer.json()
        told: dict[str, Any] = body["data"] if body["success"] else body["error"]
        return told
