"""A day with phones and medicine: pieces and batches move every way there is."""

from typing import Any
from uuid import UUID

import httpx2

from duka.platform.ids import new_id
from tests.purchasing.buying import came
from tests.sales.device import Item, a_device
from tests.sales.till import back, credited, post
from tests.stock.tracked import delivered, medicine, phones
from tests.world import Shop


async def trade(shop: Shop, client: httpx2.AsyncClient, store: str) -> None:
    """Sell, take back, move, write off and send back phones and syrup; a till sells a phone that is gone."""
    phone = await phones(shop, client, *(f"P{number}" for number in range(1, 9)))
    syrup = await medicine(shop, client, OVER=(1, -3), SOON=(3, 3), LATE=(5, 90))
    sale = await _sold(shop, client, _pieces(phone, "P1", "P2"), 180_000)
    await credited(client, shop, sale, back(sale, 1) | {"serials": ["P2"]})
    await _sold(shop, client, {"variant_id": str(syrup), "quantity": 4}, 4_000)
    await _moved(shop, client, store, (phone, {"quantity": 2, "serials": ["P3", "P4"]}), (syrup, {"quantity": 0.5}))
    await _written_off(shop, client, {"quantity": -1, "serials": ["P5"]})
    receipt = await delivered(shop, client, came(phone, 1, serials=["Q1"], price=61_000))
    line = {"receipt_line_id": receipt["lines"][0]["id"], "quantity": 1}
    returned = {"supplier_id": receipt["supplier_id"], "reason": "scratched", "lines": [line]}
    await post(client, shop.owner, "/api/supplier-returns", returned)
    device = await a_device(shop, client)
    gone = device.ring((Item(phone, name="phone", price=90_000), 1), (Item(syrup, name="syrup"), 2), cash_rounding=50)
    gone["lines"][0]["serials"] = ["P1"]
    gone["lines"][1]["batches"] = [{"number": "OVER", "quantity": 1}]
    answer = await device.deliver(gone)
    assert [each["code"] for each in answer.json()["data"]["exceptions"]] == ["UNITS_NOT_HERE", "BATCH_EXPIRED"]


def _pieces(phone: UUID, *serials: str) -> dict[str, Any]:
    return {"variant_id": str(phone), "quantity": len(serials), "serials": list(serials)}


async def _sold(shop: Shop, client: httpx2.AsyncClient, line: dict[str, Any], paid: int) -> dict[str, Any]:
    body = {"lines": [line], "payments": [{"method": "mtn_momo", "amount": paid}]}
    return await post(client, shop.owner, "/api/sales", body)


async def _moved(
    shop: Shop, client: httpx2.AsyncClient, store: str, *goods: tuple[UUID, dict[str, Any]]
) -> None:
    """Two transfers to the store: one arrives, one is on its way."""
    ends = {"from_location_id": str(shop.showroom_id), "to_location_id": store}
    for arrives in (True, False):
        lines = [{"variant_id": str(variant), "quantity": said["quantity"]} for variant, said in goods]
        if not arrives:
            goods = ((goods[0][0], {"quantity": 1, "serials": ["P6"]}),)
            lines = [{"variant_id": str(goods[0][0]), "quantity": 1}]
        asked = await post(client, shop.owner, "/api/transfers", {"id": str(new_id()), **ends, "lines": lines})
        at = f"/api/transfers/{asked['id']}"
        await post(client, shop.owner, f"{at}/approve", status=200)
        sent = [
            {"line_id": line["id"], **said} for line, (_, said) in zip(asked["lines"], goods, strict=True)
        ]
        await post(client, shop.owner, f"{at}/dispatch", {"lines": sent}, status=200)
        if arrives:
            await post(client, shop.owner, f"{at}/receive", {}, status=200)


async def _written_off(shop: Shop, client: httpx2.AsyncClient, change: dict[str, Any]) -> None:
    product = (await client.get("/api/products?tracking=serial", headers=shop.owner.headers)).json()["data"][0]
    path = f"/api/products/{product['id']}/adjust"
    asked = await post(client, shop.owner, path, {"reason": "loss", **change})
    await post(client, shop.owner, f"/api/stock-adjustments/{asked['id']}/approve", status=200)
