"""Customers of the tests, registered the way a till registers them."""

from typing import Any

import httpx2

from tests.world import Person, Shop, fresh_phone


async def register(client: httpx2.AsyncClient, shop: Shop, name: str = "Achieng", by: Person | None = None,
                   **fields: Any) -> dict[str, Any]:
    """Register a customer with a phone of their own and give the answer's data."""
    body = {"name": name, "phone": fresh_phone(), **fields}
    answer = await client.post("/api/customers", json=body, headers=(by or shop.owner).headers)
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data
