"""An invoiced sale that was wrong: credit note and new sale in one, and the owner's override."""

from datetime import timedelta
from typing import Any

import httpx2
from sqlalchemy import select

from duka.platform.ids import new_id
from duka.platform.models import AuditEntry
from tests.sales import books_check as books
from tests.sales.till import back, credited, post, sold
from tests.world import Shop, hire, open_a_shop, stock_up


def as_it_should_be(variant: Any, quantity: float, paid: int, **more: Any) -> dict[str, Any]:
    sale = {
        "id": str(new_id()), "lines": [{"variant_id": str(variant), "quantity": quantity}],
        "payments": [{"method": "cash", "amount": paid}], **more,
    }  # fmt: skip
    return {"sale": sale, "reason": "one too many was typed"}


async def test_the_old_sale_is_credited_and_the_new_one_stands(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    supervisor = await hire(shop, "supervisor")
    wrong = await sold(client, shop, (cable, 3), paid=3540)
    await credited(client, shop, wrong, back(wrong, 1), cash=1180)
    path, body = f"/api/sales/{wrong['id']}/correct", as_it_should_be(cable, 1, 1180)
    right = await post(client, supervisor, path, body)
    assert (right["id"], right["state"], right["total"]) == (body["sale"]["id"], "completed", 1180)
    assert right["invoice"]["number"] != wrong["invoice"]["number"]
    assert await books.in_stock(shop, cable) == 9_000
    assert await books.receivable(shop, wrong["id"]) == 0
    assert await books.balance(shop, "1000") == 1180
    again = await client.post(path, json=body, headers=supervisor.headers)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.json()["data"] == right
    other = as_it_should_be(cable, 1, 1180)
    assert (await post(client, supervisor, path, other, status=409))["code"] == "STEP_NOT_ALLOWED"
    await books.agree(shop)


async def test_a_correction_that_fails_changes_nothing(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=3_000)
    wrong = await sold(client, shop, (cable, 1), paid=1000)
    path = f"/api/sales/{wrong['id']}/correct"
    unpaid = await post(client, shop.owner, path, as_it_should_be(cable, 2, 1500), status=400)
    assert (unpaid["code"], unpaid["details"]) == ("CORRECTION_NOT_PAID", {"total": 2000, "paid": 1500})
    short = await post(client, shop.owner, path, as_it_should_be(cable, 4, 4000), status=400)
    assert short["code"] == "OUT_OF_STOCK"
    assert await books.balance(shop, "1000") == 1000
    await credited(client, shop, wrong)  # still there to be given back
    await books.agree(shop)


async def test_what_waits_or_is_locked_is_not_corrected(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    waiting, done = await sold(client, shop, (cable, 1), paid=100), await sold(client, shop, (cable, 1), paid=1000)
    body = as_it_should_be(cable, 1, 1000)
    refused = await post(client, shop.owner, f"/api/sales/{waiting['id']}/correct", body, status=409)
    assert refused["code"] == "STEP_NOT_ALLOWED"
    await post(client, shop.owner, f"/api/sales/{done['id']}/lock", status=200)
    path = f"/api/sales/{done['id']}/correct"
    assert (await post(client, shop.owner, path, body, status=400))["code"] == "SALE_LOCKED"
    cashier, stranger = await hire(shop, "staff"), (await open_a_shop(shop.house)).owner
    assert (await post(client, cashier, path, body, status=403))["code"] == "FORBIDDEN"
    assert (await post(client, stranger, path, body, status=404))["code"] == "NOT_FOUND"


async def test_the_owner_overrides_price_tax_seller_and_day(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    classes = await client.get("/api/tax-classes", headers=shop.owner.headers)
    none = next(each["id"] for each in classes.json()["data"] if each["name"] == "No tax")
    seller = await hire(shop, "staff")
    async with shop.asking() as ctx:
        day = (ctx.today() - timedelta(days=3)).isoformat()
    old = await sold(client, shop, (cable, 2), paid=2360)
    line = {"variant_id": str(cable), "quantity": 2, "price": 900, "tax_class_id": none}
    body = {"reason": "agreed with the owner", "lines": [line], "staff_id": str(seller.staff_id), "business_date": day}
    new = await post(client, shop.owner, f"/api/sales/{old['id']}/override", body, status=200)
    assert (new["total"], new["tax"], new["paid"], new["state"]) == (1800, 0, 1800, "completed")
    assert (new["staff_id"], new["business_date"]) == (str(seller.staff_id), day)
    assert new["id"] != old["id"]
    assert await books.balance(shop, "1000") == 1800
    assert await books.receivable(shop, old["id"]) == 0
    supervisor = await hire(shop, "supervisor")
    assert (await post(client, supervisor, f"/api/sales/{new['id']}/override", body, status=403))["code"] == "FORBIDDEN"
    await books.agree(shop)


async def test_overriding_what_waits_edits_it_and_the_trail_says_old_and_new(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "cable", price_minor=1000)
    sale = await sold(client, shop, (cable, 2), paid=100)
    line = {"variant_id": str(cable), "quantity": 2, "price": 700}
    body = {"reason": "scratched boxes", "lines": [line]}
    changed = await post(client, shop.owner, f"/api/sales/{sale['id']}/override", body, status=200)
    assert (changed["id"], changed["total"], changed["state"]) == (sale["id"], 1400, "incomplete")
    async with shop.asking() as ctx:
        trail = (await ctx.db.scalars(select(AuditEntry).where(AuditEntry.action == "edit"))).one()
    assert trail.reason == "scratched boxes"
    assert trail.before
    assert trail.after
    assert [each["unit_price_minor"] for each in (trail.before["lines"][0], trail.after["lines"][0])] == [1000, 700]
    assert (trail.before["total_minor"], trail.after["total_minor"]) == (2000, 1400)


async def test_a_dearer_override_says_how_the_rest_is_paid(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1000)
    sale = await sold(client, shop, (cable, 1), paid=1000)
    body: dict[str, Any] = {"reason": "two were taken", "lines": [{"variant_id": str(cable), "quantity": 2}]}
    path = f"/api/sales/{sale['id']}/override"
    assert (await post(client, shop.owner, path, body, status=400))["code"] == "CORRECTION_NOT_PAID"
    body["payments"] = [{"method": "cash", "amount": 1000}, {"method": "mtn_momo", "amount": 1000}]
    new = await post(client, shop.owner, path, body, status=200)
    assert (new["total"], new["paid"]) == (2000, 2000)
    await books.agree(shop)
