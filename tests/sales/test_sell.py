"""Selling, as a cashier and an integrator meet it."""

from typing import Any

import httpx2

from tests.world import Shop, stock_up


def body(*lines: dict[str, Any], paid: int | None = None, **more: Any) -> dict[str, Any]:
    """A sale's body: lines, and cash unless told otherwise."""
    payments = [{"method": "cash", "amount": paid}] if paid else []
    return {"lines": list(lines), "payments": payments, **more}


async def test_a_paid_sale_is_complete_and_has_its_invoice(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    answer = await client.post("/api/sales", json=body({"variant_id": str(cable), "quantity": 2}, paid=3000), headers=shop.owner.headers)
    assert answer.status_code == 201, answer.text
    sale = answer.json()["data"]
    assert sale["state"] == "completed"
    assert (sale["net"], sale["tax"], sale["total"], sale["change"]) == (2000, 360, 2360, 640)
    assert sale["invoice"]["number"] == sale["number"]
    print(sale)
    # the same body again
    again = await client.post("/api/sales", json={**body({"variant_id": str(cable), "quantity": 2}, paid=3000), "id": sale["id"]}, headers=shop.owner.headers)
    assert again.status_code == 409
