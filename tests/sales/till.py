"""What people of the tests do at the till, by HTTP as they would."""

from typing import Any
from uuid import UUID

import httpx2

from tests.world import Person, Shop

Json = dict[str, Any]


async def post(
    client: httpx2.AsyncClient, who: Person, path: str, body: Json | None = None, *, status: int = 201,
    method: str = "POST",
) -> Json:  # fmt: skip
    """Send a body and give the answer's data (or its error), asserting the status."""
    answer = await client.request(method, path, json=body, headers=who.headers)
    assert answer.status_code == status, answer.text
    said: Json = answer.json()
    part: Json = said["data"] if answer.status_code < 300 else said["error"]
    return part


async def sold(
    client: httpx2.AsyncClient, shop: Shop, *items: tuple[UUID, float], paid: int | None = None, method: str = "cash",
    by: Person | None = None, **more: Any,
) -> Json:  # fmt: skip
    """Sell some of each variant, paid by one method."""
    lines = [{"variant_id": str(variant), "quantity": quantity} for variant, quantity in items]
    payments = [{"method": method, "amount": paid}] if paid else []
    return await post(client, by or shop.owner, "/api/sales", {"lines": lines, "payments": payments, **more})


def back(sale: Json, quantity: float, *, line: int = 0, restock: str = "stock") -> Json:
    """Name some of a sold line for a credit note."""
    return {"sale_line_id": sale["lines"][line]["id"], "quantity": quantity, "restock": restock}


def note(*lines: Json, cash: int | None = None, **more: Any) -> Json:
    """A credit note's body: lines (none: the whole), cash paid back, and a reason."""
    body: Json = {"reason": "the customer brought it back", **more}
    body |= {"lines": list(lines)} if lines else {"whole": True}
    return body if cash is None else body | {"refunds": [{"method": "cash", "amount": cash}] if cash else []}


async def credited(client: httpx2.AsyncClient, shop: Shop, sale: Json, *lines: Json, status: int = 201,
                   by: Person | None = None, **more: Any) -> Json:
    """Give a credit note for some lines of a sale, or for the whole."""
    path = f"/api/invoices/{sale['invoice']['id']}/credit-notes"
    return await post(client, by or shop.owner, path, note(*lines, **more), status=status)
