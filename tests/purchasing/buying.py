"""What people of the tests do to buy: suppliers, orders, receipts, by HTTP as they would."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import select

from duka.catalog.models import Cost
from duka.ledger.models import Posting
from duka.notifications import actions
from duka.platform.ids import new_id
from duka.shops import entry
from tests.sales.till import Json, post
from tests.world import Person, Shop, hire


async def get(client: httpx2.AsyncClient, who: Person, path: str, *, status: int = 200) -> Any:
    """Read something."""
    answer = await client.get(path, headers=who.headers)
    assert answer.status_code == status, answer.text
    said = answer.json()
    return said["data"] if status < 300 else said["error"]


async def supplier(client: httpx2.AsyncClient, shop: Shop, name: str = "Kampala Wholesalers", **more: Any) -> Json:
    """Somebody to buy from."""
    return await post(client, shop.owner, "/api/suppliers", {"id": str(new_id()), "name": name, **more})


async def ordered(
    client: httpx2.AsyncClient, shop: Shop, supplier_id: str, *lines: tuple[UUID, float, int], **more: Any
) -> Json:  # fmt: skip
    """An order that was approved and placed: of each variant so many at such a price."""
    order = await requested(client, shop, supplier_id, *lines, **more)
    for step in ("approve", "order"):
        order = await post(client, shop.owner, f"/api/purchase-orders/{order['id']}/{step}", status=200)
    return order


async def requested(
    client: httpx2.AsyncClient, shop: Shop, supplier_id: str, *lines: tuple[UUID, float, int], **more: Any
) -> Json:  # fmt: skip
    """An order that waits for approval."""
    body = {
        "id": str(new_id()), "supplier_id": supplier_id,
        "lines": [{"variant_id": str(v), "quantity": quantity, "price": price} for v, quantity, price in lines],
    }  # fmt: skip
    return await post(client, shop.owner, "/api/purchase-orders", body | more)


async def link_to(client: httpx2.AsyncClient, shop: Shop, order: Json, by: Person | None = None) -> str:
    """The secret of a link to an order, as it goes to the supplier's phone."""
    path = f"/api/purchase-orders/{order['id']}/send"
    sent = await post(client, by or shop.owner, path, {"by": "whatsapp"}, status=202)
    return str(sent["link"]).partition("#")[2]


async def confirmed(client: httpx2.AsyncClient, shop: Shop, order: Json, *quantities: float, **more: Any) -> Json:
    """What the supplier sees after saying how much of each line comes."""
    token = await link_to(client, shop, order)
    said = [{"id": line["id"], "quantity": n} for line, n in zip(order["lines"], quantities, strict=True)]
    answer = await client.post("/api/order-links/confirm", json={"token": token, "lines": said, **more})
    assert answer.status_code == 200, answer.text
    seen: Json = answer.json()["data"]
    return seen


async def told_of(shop: Shop, client: httpx2.AsyncClient, kind: str) -> list[Json]:
    """What the owner is told of a kind of news about orders, once all of it has been read: here or by the app."""
    await shop.house.relay.relay(shop.shop_id)
    async with shop.house.database.session() as db:
        await actions.tell_orders(await entry.open_shop_for_system(db, shop.shop_id, datetime.now(UTC)))
        await db.commit()
    told: list[Json] = await get(client, shop.owner, f"/api/notifications?kind={kind}")
    return told


def came(variant: UUID, accepted: float, **more: Any) -> Json:
    """A line of a receipt."""
    return {"id": str(new_id()), "variant_id": str(variant), "accepted": accepted, **more}


async def received(
    client: httpx2.AsyncClient, shop: Shop, *lines: Json, status: int = 201, by: Person | None = None, **more: Any
) -> Json:  # fmt: skip
    """Goods that came in."""
    body = {"id": str(new_id()), "lines": list(lines), **more}
    return await post(client, by or shop.owner, "/api/goods-receipts", body, status=status)


async def without_costs(shop: Shop, client: httpx2.AsyncClient) -> Person:
    """Somebody who buys and may not see what goods cost."""
    buyer = await hire(shop, "inventory_manager")
    roles = await get(client, shop.owner, "/api/roles")
    role = next(each for each in roles if each["preset"] == "inventory_manager")
    permissions = {name: scope for name, scope in role["permissions"].items() if name != "products:cost"}
    body = {"version": role["version"], "permissions": permissions}
    await post(client, shop.owner, f"/api/roles/{role['id']}", body, status=200, method="PUT")
    return buyer


async def cost_of(shop: Shop, variant: UUID) -> int:
    """What one unit costs the shop by now."""
    async with shop.asking() as ctx:
        newest = select(Cost.cost_minor).where(Cost.variant_id == variant)
        return int(await ctx.db.scalar(newest.order_by(Cost.valid_from.desc(), Cost.id.desc()).limit(1)) or 0)


async def booked(shop: Shop, source_id: str) -> list[tuple[str, str, int]]:
    """What a document booked."""
    async with shop.asking() as ctx:
        rows = await ctx.db.scalars(select(Posting).where(Posting.source_id == UUID(source_id)))
        return sorted((row.debit, row.credit, row.amount_minor) for row in rows)
