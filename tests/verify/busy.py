"""A shop that had a busy day: every kind of document there is, so that every invariant has something to hold."""

from typing import Any
from uuid import UUID

import httpx2

from duka.platform.ids import new_id
from duka.stock import valuation
from duka.stock.costs import jobs as closing_jobs
from tests.purchasing.busy import buy
from tests.sales.device import VAT, Item, a_device
from tests.sales.till import Json, back, credited, post, sold
from tests.verify.busy_sets import bundle
from tests.verify.busy_units import trade
from tests.world import Shop, open_a_shop, stock_up


async def busy_shop(house: Any, client: httpx2.AsyncClient) -> Shop:
    """Open a shop and let it do everything, over HTTP as people and devices do."""
    shop = await open_a_shop(
        house, payment_policy="on_account", cash_rounding_minor=50, adjustment_approval_minor=50_000,
        reserve_held_carts=True, reserve_incomplete_sales=True,
    )  # fmt: skip
    rice = await stock_up(shop, "rice", price_minor=1017, tax_class="VAT 18 %", cost_minor=333)
    tea = await stock_up(shop, "tea", price_minor=777, tax_class="VAT 18 %", tax_included=False)
    phone = await stock_up(shop, "phone", price_minor=90_000, cost_minor=61_000)
    session = await post(
        client, shop.owner, "/api/register-sessions", {"register_id": str(shop.register_id), "float": 50_000}
    )
    await _sell(shop, client, rice, tea, phone)
    await _deliver(shop, client, rice, phone)
    await _correct_stock(shop, client, rice, phone)
    store = await _move_stock(shop, client, rice, tea)
    await _count_stock(shop, client, store, rice, tea)
    await _put_aside(shop, client, tea)
    async with shop.as_() as ctx:
        await valuation.add_up(ctx, new_id())
    await buy(shop, client, rice, tea)
    await trade(shop, client, store)
    await bundle(shop, client)
    bag = await stock_up(shop, "bag", quantity_milli=3_000, cost_minor=41)
    await sold(client, shop, (bag, 3), paid=10_000)
    async with shop.asking() as ctx:
        today = ctx.today()
    await closing_jobs.close_costs(house, shop.shop_id, today, new_id())
    await sold(client, shop, (tea, 1), paid=10_000)
    drawer = f"/api/register-sessions/{session['id']}"
    for direction, amount in (("in", 700), ("out", 5_000)):
        move = {"direction": direction, "amount": amount, "reason": "small change"}
        await post(client, shop.owner, f"{drawer}/cash-moves", move)
    await post(client, shop.owner, f"{drawer}/close", {"counted": 61_500}, status=200)
    await house.relay.relay(shop.shop_id)
    return shop


async def _sell(shop: Shop, client: httpx2.AsyncClient, rice: UUID, tea: UUID, phone: UUID) -> None:
    who = shop.owner
    amina = await post(client, who, "/api/customers", {
        "name": "Amina", "phone": "+256772000111", "credit_limit": 1_000_000
    })  # fmt: skip
    plain = await sold(client, shop, (rice, 1.7), (tea, 3), paid=10_000, discount={"amount": 311})
    for lines in ([back(plain, 0.333)], [back(plain, 1, line=1, restock="damaged")], [back(plain, 0.667)]):
        await credited(client, shop, plain, *lines)
    classes = (await client.get("/api/tax-classes", headers=who.headers)).json()["data"]
    vat = next(each["id"] for each in classes if each["name"] == "VAT 18 %")
    lines = [
        {"variant_id": str(phone), "quantity": 1, "discount": {"percent_bp": 333}},
        {"item": {"name": "Delivery", "tax_class_id": vat}, "quantity": 1, "price": 4_999},
    ]  # fmt: skip
    owed = await post(client, who, "/api/sales", {
        "lines": lines, "payments": [{"method": "mtn_momo", "amount": 20_000}], "customer_id": amina["id"],
        "on_account": True, "discount": {"percent_bp": 500},
    })  # fmt: skip
    charge = {"lines": [{"item": {"name": "Late fee", "tax_class_id": vat}, "price": 700}], "reason": "paid late"}
    await post(client, who, f"/api/invoices/{owed['invoice']['id']}/debit-notes", charge)
    await _pay(client, shop, owed, 30_000, "card")
    deposit = await sold(client, shop, (rice, 2), (phone, 1), paid=1_000)
    edited = [{"variant_id": str(rice), "quantity": 3}, {"variant_id": str(tea), "quantity": 1}]
    body = {"lines": edited, "version": deposit["version"]}
    await post(client, who, f"/api/sales/{deposit['id']}", body, status=200, method="PUT")
    more = await _pay(client, shop, deposit, 500, "mtn_momo")
    done = await _pay(client, shop, deposit, more["total"] - more["paid"], "card")
    assert done["state"] == "completed"
    await sold(client, shop, (tea, 1), paid=300)
    called_off = await sold(client, shop, (tea, 2), paid=200)
    await post(client, who, f"/api/sales/{called_off['id']}/cancel", {"reason": "changed their mind"}, status=200)
    undone = await sold(client, shop, (tea, 2), (rice, 1), paid=10_000)
    await post(client, who, f"/api/sales/{undone['id']}/reverse", {"reason": "wrong person"}, status=200)
    locked = await sold(client, shop, (tea, 1), (rice, 0.5), paid=10_000)
    await post(client, who, f"/api/sales/{locked['id']}/lock", status=200)
    loose = {
        "lines": [{"variant_id": str(tea), "quantity": 1, "price": 777}], "reason": "no receipt",
        "refunds": [{"method": "mtn_momo", "amount": 917}],
    }  # fmt: skip
    await post(client, who, "/api/credit-notes", loose)


async def _pay(client: httpx2.AsyncClient, shop: Shop, sale: Json, amount: int, method: str) -> Json:
    payment = {"payments": [{"id": str(new_id()), "method": method, "amount": amount}]}
    return await post(client, shop.owner, f"/api/sales/{sale['id']}/payments", payment)


async def _deliver(shop: Shop, client: httpx2.AsyncClient, rice: UUID, phone: UUID) -> None:
    """A device delivers in another order than it sold, one document dear, one gone for good, one damaged."""
    device = await a_device(shop, client)
    known = Item(rice, name="rice", price=1017, taxes=VAT)
    coins: dict[str, Any] = {"cash_rounding": 50}
    first = device.ring((known, 2), **coins)
    second = device.ring((Item(phone, name="phone", price=89_000), 1), (known, 1), **coins)
    gone = device.ring((Item(new_id(), name="torch", price=2_000), 1), **coins)
    damaged = device.ring((known, 1), **coins)
    damaged["invoice"]["hash"] = "0" * 64
    for body, status in ((second, 201), (first, 201), (gone, 201), (damaged, 202)):
        answer = await device.deliver(body)
        assert answer.status_code == status, answer.text


async def _correct_stock(shop: Shop, client: httpx2.AsyncClient, rice: UUID, phone: UUID) -> None:
    products = (await client.get("/api/products", headers=shop.owner.headers)).json()["data"]
    of = {each["name"]: each["id"] for each in products}
    broken = {"quantity": -1, "reason": "damage", "note": "fell down", "variant_id": str(rice)}
    await post(client, shop.owner, f"/api/products/{of['rice']}/adjust", broken)
    for decision in ("approve", "reject"):
        lost = {"quantity": -1, "reason": "loss", "variant_id": str(phone)}
        asked = await post(client, shop.owner, f"/api/products/{of['phone']}/adjust", lost)
        body = {"reason": "it was found"} if decision == "reject" else None
        await post(client, shop.owner, f"/api/stock-adjustments/{asked['id']}/{decision}", body, status=200)


async def _move_stock(shop: Shop, client: httpx2.AsyncClient, rice: UUID, tea: UUID) -> str:
    """Transfers to a store: one lost some, one sent back some, one is on its way, one was turned down."""
    who = shop.owner
    place = {"branch_id": str(shop.branch_id), "name": "Store", "kind": "warehouse"}
    store: str = (await post(client, who, "/api/locations", place))["id"]
    ends = {"from_location_id": str(shop.showroom_id), "to_location_id": store}
    lines = [{"variant_id": str(rice), "quantity": 0.4}, {"variant_id": str(tea), "quantity": 0.5}]
    for ending in ("loss", "sender", "under way", "turned down"):
        asked = await post(client, who, "/api/transfers", {**ends, "lines": lines})
        at = f"/api/transfers/{asked['id']}"
        if ending == "turned down":
            await post(client, who, f"{at}/reject", {"reason": "none to spare"}, status=200)
            continue
        await post(client, who, f"{at}/approve", status=200)
        await post(client, who, f"{at}/dispatch", {}, status=200)
        if ending != "under way":
            less = {"line_id": asked["lines"][0]["id"], "quantity": 0.25, "difference": ending}
            await post(client, who, f"{at}/receive", {"lines": [less]}, status=200)
    return store


async def _count_stock(shop: Shop, client: httpx2.AsyncClient, store: str, rice: UUID, tea: UUID) -> None:
    """A count of the store: less rice than the books say, tea as they say."""
    begun = await post(client, shop.owner, "/api/stock-counts", {"location_id": store})
    at = f"/api/stock-counts/{begun['id']}"
    entries = [
        {"variant_id": str(rice), "quantity": 9}, {"variant_id": str(rice), "quantity": 0.3, "recount": True},
        {"variant_id": str(tea), "quantity": 1},
    ]  # fmt: skip
    for entry in entries:
        await post(client, shop.owner, f"{at}/entries", {"entries": [entry]})
    await post(client, shop.owner, f"{at}/review", {}, status=200)
    await post(client, shop.owner, f"{at}/post", status=200)


async def _put_aside(shop: Shop, client: httpx2.AsyncClient, tea: UUID) -> None:
    """Tea that is kept for a cart that waits, for two customers who come later, and for one who came already."""
    line = {"variant_id": str(tea), "quantity": 0.1}
    cart = await post(client, shop.owner, "/api/carts", {"name": "waits", "content": {"lines": [line]}})
    await post(client, shop.owner, f"/api/carts/{cart['id']}/hold", status=200)
    kept = [await post(client, shop.owner, "/api/stock/reservations", line) for _ in range(3)]
    await post(client, shop.owner, f"/api/stock/reservations/{kept[0]['id']}/release", status=200)
    await sold(client, shop, (tea, 0.1), paid=1_000, reserved_for=kept[1]["id"])
