"""Selling, as a cashier and an integrator meet it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import func, select, update

from duka.catalog.models import TaxClass, Variant
from duka.customers.models import Customer
from duka.ledger.models import Posting
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.sales.models import DailyTotal, Invoice, Sale
from duka.shops.models import Role
from duka.shops.models import Shop as ShopTable
from duka.stock.models import Balance
from tests.sales.till import post, sold
from tests.world import Shop, hire, open_a_shop, stock_up

Json = dict[str, Any]


def body(*lines: Json, paid: int | None = None, method: str = "cash", **more: Any) -> Json:
    """A sale's body: lines, and cash unless told otherwise."""
    payments = [{"method": method, "amount": paid}] if paid else []
    return {"lines": list(lines), "payments": payments, **more}


def of(variant: UUID, quantity: float = 1, **more: Any) -> Json:
    return {"variant_id": str(variant), "quantity": quantity, **more}


async def settle(shop: Shop, **changes: Any) -> None:
    """Change the shop's settings."""
    async with shop.as_() as ctx:
        row = (await ctx.db.scalars(select(ShopTable))).one()
        row.settings = {**row.settings, **changes}


async def a_customer(shop: Shop, limit_minor: int = 0, state_code: str | None = None) -> UUID:
    async with shop.as_() as ctx:
        customer = Customer(
            shop_id=shop.shop_id, id=new_id(), name="Achieng", phone=None, search="achieng", type="retail", tags=[],
            credit_limit_minor=limit_minor, state_code=state_code, created_by=ctx.staff_id, created_at=ctx.now,
            updated_at=ctx.now,
        )  # fmt: skip
        ctx.db.add(customer)
        return customer.id


async def on_hand(shop: Shop) -> int:
    async with shop.asking() as ctx:
        return int((await ctx.db.scalars(select(func.sum(Balance.quantity_milli)))).one())


async def test_a_paid_sale_is_complete_and_has_its_invoice(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    sale = await sold(client, shop, (cable, 2), paid=3000)
    assert sale["state"] == "completed"
    assert (sale["net"], sale["tax"], sale["total"], sale["change"]) == (2000, 360, 2360, 640)
    assert sale["invoice"]["number"] == sale["number"] == "S1/2627/000001"
    assert sale["payments"][0] | {"id": "", "at": ""} == {
        "id": "", "direction": "in", "method": "cash", "amount": 2360, "tendered": 3000, "change": 640,
        "reference": None, "at": "",
    }  # fmt: skip
    assert await on_hand(shop) == 8000


async def test_a_sale_says_who_sold_where_when_and_through_what(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    amina = await hire(shop, "staff")
    made_at = datetime.now(UTC) - timedelta(minutes=3)
    party = {"name": "Okello", "phone": "0772 123456"}
    sale = await sold(client, shop, (cable, 1), paid=1000, by=amina, made_at=made_at.isoformat(), customer=party)
    assert (sale["staff_id"], sale["branch_id"]) == (str(amina.staff_id), str(shop.branch_id))
    assert sale["register_id"] == str(shop.register_id)
    assert sale["customer"] == {
        "name": "Okello", "phone": "+256772123456", "type": None, "tax_id": None, "address": None, "state_code": None,
    }  # fmt: skip
    assert sale["made_at"][:16] == made_at.isoformat()[:16]
    assert sale["received_at"] > sale["made_at"]
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(Sale.session_id))).one() == amina.session_id


async def test_the_next_sale_gets_the_next_number_and_continues_the_chain(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "cable")
    first, second = [await sold(client, shop, (cable, 1), paid=1000) for _ in range(2)]
    assert second["number"] == "S1/2627/000002"
    assert second["invoice"]["previous_hash"] == first["invoice"]["hash"]


async def test_a_part_payment_is_not_an_invoice(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 2), paid=500)
    assert (sale["state"], sale["number"], sale["invoice"]) == ("incomplete", "S1-1", None)
    assert (sale["payment_status"], sale["owed"]) == ("partly_paid", 0)
    assert await on_hand(shop) == 10_000
    async with shop.asking() as ctx:
        assert sorted((await ctx.db.scalars(select(Posting.source))).all()) == ["adjustment", "sale"]
        assert (await ctx.db.scalars(select(DailyTotal))).all() == []


async def test_on_account_needs_policy_customer_and_limit(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    achieng = str(await a_customer(shop, limit_minor=2500))
    asked = body(of(cable, 2), on_account=True, customer_id=achieng)
    refused = await post(client, shop.owner, "/api/sales", asked, status=400)
    assert refused["code"] == "ON_ACCOUNT_NOT_ALLOWED"
    await settle(shop, payment_policy="on_account", credit_days=14)
    nobody = await post(client, shop.owner, "/api/sales", body(of(cable), on_account=True), status=400)
    assert nobody["details"]["reason"] == "name a registered customer"
    sale = await post(client, shop.owner, "/api/sales", asked)
    assert (sale["state"], sale["payment_status"], sale["owed"]) == ("completed", "unpaid", 2000)
    assert sale["due_on"] == str(date.fromisoformat(sale["business_date"]) + timedelta(days=14))
    assert sale["invoice"]
    more = body(of(cable), on_account=True, customer_id=achieng)
    over = await post(client, shop.owner, "/api/sales", more, status=400)
    assert (over["code"], over["details"]["would_owe"]) == ("CREDIT_LIMIT_REACHED", 3000)
    assert over["message"] == "The customer may owe UGX 2,500 at most and would owe UGX 3,000."


async def test_discounts_up_to_the_roles_ceiling(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    amina = await hire(shop, "staff")
    given = of(cable, 2, discount={"amount": 50})
    sale = await post(client, amina, "/api/sales", body(given, paid=1950, total=1950))
    assert (sale["discount"], sale["lines"][0]["line_discount"]) == (50, 50)
    over = body(of(cable, 2, discount={"percent_bp": 550}), paid=2000)
    refused = await post(client, amina, "/api/sales", over, status=400)
    assert (refused["code"], refused["details"]["ceiling_bp"]) == ("DISCOUNT_OVER_CEILING", 500)
    cart = await post(client, shop.owner, "/api/sales", body(of(cable), of(cable), paid=1400, discount={"amount": 601}))
    assert [line["cart_discount"] for line in cart["lines"]] == [301, 300]
    assert cart["change"] == 1


async def test_who_may_not_discount_is_told_so(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    amina = await hire(shop, "staff")
    async with shop.as_() as ctx:
        role = (await ctx.db.scalars(select(Role).where(Role.preset == "staff"))).one()
        role.permissions = {name: scope for name, scope in role.permissions.items() if name != "sales:discount"}
    given = body(of(cable, discount={"amount": 1}), paid=999)
    refused = await post(client, amina, "/api/sales", given, status=403)
    assert refused["details"]["permission"] == "sales:discount"
    technician = await hire(shop, "technician")
    refused = await post(client, technician, "/api/sales", body(of(cable), paid=1000), status=403)
    assert refused["details"]["permission"] == "sales:create"


async def test_a_price_of_ones_own_needs_the_right(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    amina = await hire(shop, "staff")
    cheaper = body(of(cable, price=900), paid=900)
    refused = await post(client, amina, "/api/sales", cheaper, status=400)
    assert (refused["code"], refused["details"]["price"]) == ("PRICE_CHANGED", 1000)
    assert (await post(client, shop.owner, "/api/sales", cheaper))["total"] == 900


async def test_an_item_that_is_not_in_the_catalogue(shop: Shop, client: httpx2.AsyncClient) -> None:
    amina = await hire(shop, "staff")
    async with shop.asking() as ctx:
        classes = {row.name: str(row.id) for row in (await ctx.db.scalars(select(TaxClass))).all()}
    item = {"name": "Key cutting", "tax_class_id": classes["VAT 18 %"], "unit": "job"}
    asked = body({"item": item, "price": 1180}, paid=1180)
    line = (await post(client, amina, "/api/sales", asked))["lines"][0]
    assert (line["description"], line["unit"], line["net"], line["tax"]) == ("Key cutting", "job", 1000, 180)
    await settle(shop, open_items=False)
    assert (await post(client, amina, "/api/sales", asked, status=403))["details"]["permission"] == "sales:override"
    assert (await post(client, shop.owner, "/api/sales", asked))["state"] == "completed"
    unknown = body({"item": item | {"tax_class_id": str(new_id())}, "price": 1}, paid=1)
    assert (await post(client, shop.owner, "/api/sales", unknown, status=404))["details"]["what"] == "tax class"


async def test_tax_on_top_and_tax_inside(shop: Shop, client: httpx2.AsyncClient) -> None:
    on_top = await stock_up(shop, "on top", price_minor=1000, tax_class="VAT 18 %", tax_included=False)
    inside = await stock_up(shop, "inside", price_minor=1000, tax_class="VAT 18 %")
    sale = await sold(client, shop, (on_top, 1), (inside, 1), paid=2180)
    figures = [(line["net"], line["tax"], line["total"]) for line in sale["lines"]]
    assert figures == [(1000, 180, 1180), (847, 153, 1000)]
    assert (sale["net"], sale["tax"], sale["total"]) == (1847, 333, 2180)


async def test_another_total_is_refused_with_the_right_figures(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    refused = await post(client, shop.owner, "/api/sales", body(of(cable, 2), paid=2000, total=2000), status=400)
    assert refused["code"] == "TOTAL_MISMATCH"
    assert refused["details"] == {
        "total": 2360, "sent": 2000, "net": 2000, "tax": 360, "discount": 0, "rounding": 0,
    }  # fmt: skip
    assert await on_hand(shop) == 10_000


async def test_gst_is_halved_within_a_state_and_whole_between_two(house: House, client: httpx2.AsyncClient) -> None:
    asha = await open_a_shop(
        house, country="IN", currency="INR", time_zone="Asia/Kolkata", state_code="29", financial_year_month=4
    )
    phone = await stock_up(asha, "phone", price_minor=100_001, tax_class="GST 18 %", tax_included=False)
    here = await sold(client, asha, (phone, 1), paid=118_001)
    halves = [{"code": code, "rate_bp": 1800, "parts": 2, "amount": 9000} for code in ("CGST", "SGST")]
    assert (here["place_of_supply"], here["lines"][0]["taxes"]) == ("29", halves)
    away = await sold(client, asha, (phone, 1), paid=118_001, customer={"state_code": "07"})
    assert (away["place_of_supply"], away["total"]) == ("07", 118_001)
    assert away["lines"][0]["taxes"] == [{"code": "IGST", "rate_bp": 1800, "parts": 1, "amount": 18_000}]
    delhi = str(await a_customer(asha, state_code="07"))
    known = await sold(client, asha, (phone, 1), paid=118_001, customer_id=delhi)
    assert known["lines"][0]["taxes"][0]["code"] == "IGST"


async def test_only_what_is_paid_in_cash_alone_is_rounded(shop: Shop, client: httpx2.AsyncClient) -> None:
    await settle(shop, cash_rounding_minor=50)
    sweets = await stock_up(shop, "sweets", price_minor=1030)
    cash = await sold(client, shop, (sweets, 1), paid=2000)
    assert (cash["total"], cash["rounding"], cash["change"]) == (1050, 20, 950)
    card = await sold(client, shop, (sweets, 1), paid=1030, method="card")
    assert (card["total"], card["rounding"]) == (1030, 0)


async def test_money_is_split_over_methods_and_only_cash_gives_change(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    split = {"lines": [of(cable, 2)], "payments": [
        {"method": "cash", "amount": 1500}, {"method": "mtn_momo", "amount": 800, "reference": "MP7"},
    ]}  # fmt: skip
    sale = await post(client, shop.owner, "/api/sales", split)
    assert sorted((each["method"], each["amount"], each["change"]) for each in sale["payments"]) == [
        ("cash", 1200, 300), ("mtn_momo", 800, 0),
    ]  # fmt: skip
    over = await post(client, shop.owner, "/api/sales", body(of(cable), paid=1001, method="card"), status=400)
    assert (over["code"], over["details"]) == ("OVERPAID", {"due": 1000, "paid": 1001})
    untaken = await post(client, shop.owner, "/api/sales", body(of(cable), paid=1000, method="upi"), status=400)
    assert untaken["code"] == "METHOD_NOT_TAKEN"


async def test_nothing_is_sold_that_is_not_there_unless_the_shop_wants_it(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=2000)
    refused = await post(client, shop.owner, "/api/sales", body(of(cable, 3), paid=3000), status=400)
    assert refused["details"]["short"] == [{"variant_id": str(cable), "left": 2}]
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(Invoice))).all() == []
    await settle(shop, negative_stock=True)
    sale = await sold(client, shop, (cable, 3), paid=3000)
    assert [each["code"] for each in sale["exceptions"]] == ["OUT_OF_STOCK"]
    assert await on_hand(shop) == -1000


async def test_the_same_variant_on_two_lines_is_counted_together(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=3000)
    refused = await post(client, shop.owner, "/api/sales", body(of(cable, 2), of(cable, 2), paid=4000), status=400)
    assert refused["code"] == "OUT_OF_STOCK"
    await sold(client, shop, (cable, 1.5), (cable, 1.5), paid=3000)
    assert await on_hand(shop) == 0


async def test_a_server_register_gives_the_numbers_itself(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    claimed = {
        "code": "S1", "financial_year": "2627", "counter": 7, "previous_hash": "0" * 64, "hash": "0" * 64,
        "issued_at": "2026-11-21T10:00:00Z",
    }  # fmt: skip
    refused = await post(client, shop.owner, "/api/sales", body(of(cable), paid=1000, invoice=claimed), status=400)
    assert (refused["code"], refused["details"]["field"]) == ("NUMBER_NOT_YOURS", "invoice")


@pytest.mark.parametrize(("field", "code"), [
    ("staff_id", "SELLER_UNKNOWN"), ("customer_id", "NOT_FOUND"), ("register_id", "NOT_FOUND"),
    ("register_session_id", "SESSION_UNKNOWN"),
])  # fmt: skip
async def test_who_and_what_the_shop_does_not_have_is_refused(
    shop: Shop, client: httpx2.AsyncClient, field: str, code: str
) -> None:
    cable = await stock_up(shop, "cable")
    asked = body(of(cable), paid=1000, **{field: str(new_id())})
    assert (await post(client, shop.owner, "/api/sales", asked, status=404))["code"] == code


async def test_a_far_day_needs_the_right_to_choose_it(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    amina = await hire(shop, "staff")
    day = str(datetime.now(UTC).date() - timedelta(days=9))
    asked = body(of(cable), paid=1000, business_date=day)
    assert (await post(client, amina, "/api/sales", asked, status=400))["code"] == "DATE_FAR"
    assert (await post(client, shop.owner, "/api/sales", asked))["business_date"] == day


async def test_an_item_that_is_switched_off_is_not_sold(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    async with shop.as_() as ctx:
        await ctx.db.execute(update(Variant).values(active=False))
    refused = await post(client, shop.owner, "/api/sales", body(of(cable), paid=1000), status=400)
    assert refused["code"] == "ITEM_NOT_SOLD"


async def test_a_sale_of_nothing_or_of_too_much_is_refused(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    for wrong in (
        body(paid=1000), body(of(cable, 0), paid=1), body(of(cable, 1.2345), paid=1), body(of(cable, 10**13), paid=1),
        body({"quantity": 1}), body(of(cable, price=-1)), body(of(cable), payments=[{"method": "barter", "amount": 1}]),
        body(of(cable, discount={})), body(of(cable), colour="red"),
    ):
        refused = await post(client, shop.owner, "/api/sales", wrong, status=400)
        assert refused["code"] == "VALIDATION_ERROR", wrong
    giant = body(of(cable, 10**9, price=10**12), paid=1)
    assert (await post(client, shop.owner, "/api/sales", giant, status=400))["code"] == "AMOUNT_TOO_LARGE"


async def test_a_free_sale_is_complete_without_a_payment(shop: Shop, client: httpx2.AsyncClient) -> None:
    sticker = await stock_up(shop, "sticker", price_minor=0)
    sale = await post(client, shop.owner, "/api/sales", body(of(sticker)))
    assert (sale["state"], sale["total"], sale["payment_status"]) == ("completed", 0, "paid")


async def test_totals_of_the_day_follow_the_sales(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %", cost_minor=600)
    await sold(client, shop, (cable, 2), paid=2360)
    await sold(client, shop, (cable, 1), paid=1180)
    async with shop.asking() as ctx:
        day = (await ctx.db.scalars(select(DailyTotal))).one()
    assert (day.sales, day.net_minor, day.tax_minor, day.total_minor, day.cost_minor) == (2, 3000, 540, 3540, 1800)


async def test_margins_and_costs_are_for_those_who_may_see_them(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", cost_minor=600)
    amina = await hire(shop, "staff")
    mine = await sold(client, shop, (cable, 1), paid=1000)
    theirs = await sold(client, shop, (cable, 1), paid=1000, by=amina)
    assert (mine["margin"], mine["lines"][0]["cost"]) == (400, 600)
    assert "margin" not in theirs
    assert "cost" not in theirs["lines"][0]
