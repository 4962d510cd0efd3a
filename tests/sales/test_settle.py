"""Paying up: deposits on a sale without invoice, and money toward what is owed."""

from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import select

from duka.payments.models import Payment
from duka.platform.ids import new_id
from duka.sales.models import Invoice
from tests.sales import books_check as books
from tests.sales.till import back, credited, post, sold
from tests.world import Shop, hire, open_a_shop, stock_up


def cash(amount: int, method: str = "cash") -> dict[str, Any]:
    return {"payments": [{"id": str(new_id()), "method": method, "amount": amount}]}


async def test_a_deposit_is_paid_up_and_then_the_invoice_is_issued(shop: Shop, client: httpx2.AsyncClient) -> None:
    phone = await stock_up(shop, "phone", price_minor=1180, tax_class="VAT 18 %")
    sale = await sold(client, shop, (phone, 3), paid=1000)
    assert (sale["state"], sale["number"], sale["invoice"]) == ("incomplete", "S1-1", None)
    path = f"/api/sales/{sale['id']}/payments"
    more = await post(client, shop.owner, path, cash(500, "mtn_momo"))
    assert (more["state"], more["paid"], more["number"]) == ("incomplete", 1500, "S1-1")
    assert await books.balance(shop, "2300") == -1500  # held for the customer, no revenue yet
    assert await books.balance(shop, "4000") == 0
    assert await books.in_stock(shop, phone) == 10_000
    done = await post(client, shop.owner, path, cash(2500))
    assert (done["state"], done["paid"], done["change"], done["owed"]) == ("completed", 3540, 460, 0)
    assert done["number"] == done["invoice"]["number"] != "S1-1"
    assert await books.in_stock(shop, phone) == 7_000
    assert [await books.balance(shop, account) for account in ("2300", "4000", "2200")] == [0, -3000, -540]
    assert await books.receivable(shop, sale["id"]) == 0
    await books.agree(shop)


async def test_the_same_payment_twice_is_one_payment(shop: Shop, client: httpx2.AsyncClient) -> None:
    phone = await stock_up(shop, "phone", price_minor=1000)
    sale = await sold(client, shop, (phone, 3), paid=500)
    path, first = f"/api/sales/{sale['id']}/payments", cash(700)
    answered = await post(client, shop.owner, path, first)
    await post(client, shop.owner, path, cash(1800))
    again = await client.post(path, json=first, headers=shop.owner.headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["data"] == answered  # as it stood then: incomplete, 1200 paid
    payment = first["payments"][0] | {"amount": 600}
    assert (await post(client, shop.owner, path, {"payments": [payment]}, status=409))["code"] == "IDEMPOTENCY_CONFLICT"
    other = await sold(client, shop, (phone, 1), paid=100)
    elsewhere = f"/api/sales/{other['id']}/payments"
    assert (await post(client, shop.owner, elsewhere, first, status=409))["code"] == "ID_TAKEN"
    await books.agree(shop)


async def test_nobody_pays_more_than_is_due(shop: Shop, client: httpx2.AsyncClient) -> None:
    phone = await stock_up(shop, "phone", price_minor=1000)
    sale = await sold(client, shop, (phone, 1), paid=400)
    path = f"/api/sales/{sale['id']}/payments"
    assert (await post(client, shop.owner, path, cash(601, "mtn_momo"), status=400))["code"] == "OVERPAID"
    done = await post(client, shop.owner, path, cash(1000))
    assert (done["state"], done["change"]) == ("completed", 400)
    assert (await post(client, shop.owner, path, cash(1), status=400))["code"] == "OVERPAID"


async def test_what_was_sold_meanwhile_cannot_be_handed_over(shop: Shop, client: httpx2.AsyncClient) -> None:
    phone = await stock_up(shop, "phone", price_minor=1000, quantity_milli=2_000)
    sale = await sold(client, shop, (phone, 2), paid=1500)
    await sold(client, shop, (phone, 1), paid=1000)
    refused = await post(client, shop.owner, f"/api/sales/{sale['id']}/payments", cash(500), status=400)
    assert refused["code"] == "OUT_OF_STOCK"
    part = await post(client, shop.owner, f"/api/sales/{sale['id']}/payments", cash(400))
    assert (part["state"], part["paid"]) == ("incomplete", 1900)
    await books.agree(shop)


async def test_an_account_is_paid_off_in_parts(client: httpx2.AsyncClient, house: Any) -> None:
    shop = await open_a_shop(house, payment_policy="on_account")
    cable = await stock_up(shop, "cable", price_minor=1000)
    buyer = {"name": "Amina", "phone": "+256772000222", "credit_limit": 10_000}
    customer = await post(client, shop.owner, "/api/customers", buyer)
    sale = await sold(client, shop, (cable, 3), customer_id=customer["id"], on_account=True)
    assert (sale["payment_status"], sale["owed"]) == ("unpaid", 3000)
    path = f"/api/invoices/{sale['invoice']['id']}/payments"
    part = await post(client, shop.owner, path, cash(1000, "airtel_money"))
    assert (part["payment_status"], part["owed"]) == ("partly_paid", 2000)
    done = await post(client, shop.owner, path, cash(2000))
    assert (done["payment_status"], done["owed"]) == ("paid", 0)
    assert await books.receivable(shop, sale["id"]) == 0
    await books.agree(shop)


async def test_paid_in_cash_alone_the_total_is_rounded_to_the_coin(client: httpx2.AsyncClient, house: Any) -> None:
    shop = await open_a_shop(house, cash_rounding_minor=50)
    sugar = await stock_up(shop, "sugar", price_minor=1024)
    sale = await sold(client, shop, (sugar, 1))
    assert sale["total"] == 1024
    done = await post(client, shop.owner, f"/api/sales/{sale['id']}/payments", cash(1000))
    assert (done["state"], done["total"], done["rounding"], done["owed"]) == ("completed", 1000, -24, 0)
    mixed = await sold(client, shop, (sugar, 1), paid=500)
    assert mixed["total"] == 1000
    done = await post(client, shop.owner, f"/api/sales/{mixed['id']}/payments", cash(524, "mtn_momo"))
    assert (done["state"], done["total"], done["rounding"]) == ("completed", 1024, 0)
    await books.agree(shop)


async def test_who_may_take_payment(shop: Shop, client: httpx2.AsyncClient, house: Any) -> None:
    phone = await stock_up(shop, "phone", price_minor=1000)
    sale = await sold(client, shop, (phone, 1), paid=400)
    path = f"/api/sales/{sale['id']}/payments"
    executive, cashier = await hire(shop, "sales_executive"), await hire(shop, "staff")
    assert (await post(client, executive, path, cash(100), status=403))["code"] == "FORBIDDEN"
    await post(client, cashier, path, cash(100))
    stranger = (await open_a_shop(house)).owner
    foreign = await post(client, stranger, path, cash(100), status=404)
    assert await post(client, stranger, f"/api/sales/{new_id()}/payments", cash(100), status=404) == foreign


async def test_whoever_stood_at_the_till_took_the_money_and_gave_it_back(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    """A cashier who switched in on the owner's till is named in each document."""
    phone, grace = await stock_up(shop, "phone", price_minor=1000), await hire(shop, "staff")
    sale = await sold(client, shop, (phone, 2), paid=400)
    path, named = f"/api/sales/{sale['id']}/payments", str(grace.staff_id)
    done = await post(client, shop.owner, path, cash(1600) | {"staff_id": named})
    given = await credited(client, shop, done, back(done, 1), staff_id=named)
    async with shop.asking() as ctx:
        took = {(row.direction, row.amount_minor): row.staff_id for row in await ctx.db.scalars(select(Payment))}
        wrote = {row.id: row.staff_id for row in await ctx.db.scalars(select(Invoice))}
    owner, cashier = shop.owner.staff_id, grace.staff_id
    assert took == {("in", 400): owner, ("in", 1600): cashier, ("out", 1000): cashier}
    assert wrote[UUID(given["id"])] == cashier
    nobody = cash(1) | {"staff_id": str(new_id())}
    assert (await post(client, shop.owner, path, nobody, status=404))["code"] == "PERSON_UNKNOWN"
    await books.agree(shop)
