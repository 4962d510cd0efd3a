"""A day of buying with every kind of paper there is, so that every invariant has something to hold."""

from uuid import UUID

import httpx2

from duka.platform.ids import new_id
from tests.purchasing.buying import came, confirmed, ordered, received, requested, supplier
from tests.sales.till import post
from tests.world import Shop


async def buy(shop: Shop, client: httpx2.AsyncClient, rice: UUID, tea: UUID) -> None:
    """Orders to every end, receipts whole and in part, bills at another price, payments, and goods that go back."""
    who, mills = shop.owner, (await supplier(client, shop, "Mills"))["id"]
    for step in ("reject", "cancel"):
        order = await requested(client, shop, mills, (rice, 1, 300))
        path = f"/api/purchase-orders/{order['id']}/{step}"
        await post(client, who, path, {"reason": "not needed"}, status=200)
    part = await ordered(client, shop, mills, (rice, 7, 337), (tea, 5, 211))
    await confirmed(client, shop, part, 5, 4)
    receipt = await received(
        client, shop, came(rice, 3.333), came(tea, 4, rejected=1, reject_reason="damaged"), order_id=part["id"],
        freight=1_001, duty=77, note="by lorry",
    )  # fmt: skip
    whole = await ordered(client, shop, mills, (rice, 2, 341))
    await received(client, shop, came(rice, 1), order_id=whole["id"])
    await received(client, shop, came(rice, 1), order_id=whole["id"])
    closed = await ordered(client, shop, mills, (tea, 2, 219))
    await received(client, shop, came(tea, 1), order_id=closed["id"])
    await post(client, who, f"/api/purchase-orders/{closed['id']}/close", status=200)
    lines = [line["id"] for line in receipt["lines"]]
    billed = [
        {"receipt_line_id": lines[0], "quantity": 2.111, "price": 339},
        {"receipt_line_id": lines[1], "quantity": 4, "price": 209},
    ]  # fmt: skip
    await post(client, who, "/api/supplier-bills", {
        "id": str(new_id()), "supplier_id": mills, "supplier_number": "M-1", "lines": billed, "tax": 280,
        "charges": 1_001,
    })  # fmt: skip
    await post(client, who, "/api/supplier-payments", {"supplier_id": mills, "amount": 900, "method": "mtn_momo"})
    back = [{"receipt_line_id": lines[0], "quantity": 2}, {"receipt_line_id": lines[1], "quantity": 0.5}]
    await post(client, who, "/api/supplier-returns", {
        "supplier_id": mills, "reason": "torn bags", "lines": back, "tax": 18,
    })  # fmt: skip
