"""Who is this, what did they buy: customers looked up at the till and in the office."""

from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from duka.catalog.models import TaxClass
from duka.customers.queries import Filters
from duka.platform.db import bind_shop
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry
from duka.platform.wire import Paging
from duka.sales.customers import queries as customer_queries
from duka.sales.models import Sale, SaleParty
from duka.shops.country import country
from tests import statements
from tests.customers.people import register
from tests.sales.past import bought
from tests.world import Person, Shop, fresh_phone, hire, open_a_shop

Client = httpx2.AsyncClient

pytestmark = pytest.mark.breaks_invariants("its sales are bare rows, without the steps and invoices of real ones")


async def ask(client: Client, shop: Shop, path: str, by: Person | None = None, **query: Any) -> httpx2.Response:
    return await client.get(f"/api/customers{path}", params=query or None, headers=(by or shop.owner).headers)


async def names(client: Client, shop: Shop, path: str = "/search", **query: Any) -> list[str]:
    answer = await ask(client, shop, path, **query)
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()["data"]]


async def test_a_phone_finds_the_customer_with_their_orders(client: Client, shop: Shop) -> None:
    customer = await register(client, shop)
    for state in ("completed", "incomplete", "cancelled", "reversed"):
        await bought(shop, customer_id=customer["id"], state=state)
    local = "0" + customer["phone"].removeprefix("+256")
    for typed in (customer["phone"], local, f"{local[:4]} {local[4:]}"):
        answer = await ask(client, shop, f"/phone/{quote(typed, safe='')}")
        assert answer.json()["data"] == {**customer, "orders": 2}


async def test_the_look_up_at_the_till_is_one_statement(app: FastAPI, client: Client, shop: Shop) -> None:
    customer = await register(client, shop)
    await bought(shop, customer_id=customer["id"])
    with statements.noted() as sent:
        answer = await ask(client, shop, f"/phone/{customer['phone']}")
    assert answer.json()["data"]["orders"] == 1
    assert len(sent) == 2  # the opening of the shop and the look-up


async def test_the_look_up_reads_by_index(shop: Shop) -> None:
    async with shop.asking() as ctx:
        await ctx.db.execute(text("SET LOCAL enable_seqscan = off"))
        query = text("EXPLAIN SELECT * FROM customers WHERE shop_id = :shop AND phone = '+256772000000'")
        plan = "\n".join((await ctx.db.scalars(query, {"shop": shop.shop_id})).all())
    assert "uq_customers_phone" in plan


async def test_an_unknown_phone_says_so_and_nonsense_too(client: Client, shop: Shop) -> None:
    unknown = await ask(client, shop, f"/phone/{fresh_phone()}")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "CUSTOMER_NOT_FOUND")
    nonsense = await ask(client, shop, "/phone/12")
    assert (nonsense.status_code, nonsense.json()["error"]["code"]) == (400, "PHONE_NOT_VALID")


async def test_a_deactivated_customer_is_shown_as_such(client: Client, shop: Shop) -> None:
    customer = await register(client, shop)
    change = {"active": False, "version": 1}
    await client.put(f"/api/customers/{customer['id']}", json=change, headers=shop.owner.headers)
    answer = await ask(client, shop, f"/phone/{customer['phone']}")
    assert (answer.status_code, answer.json()["data"]["active"]) == (200, False)
    assert await names(client, shop, "", active="true") == []
    assert await names(client, shop, "", active="false") == ["Achieng"]


async def test_a_customer_with_sales_must_stay(client: Client, shop: Shop) -> None:
    customer = await register(client, shop)
    await bought(shop, customer_id=customer["id"], state="cancelled")
    answer = await client.delete(f"/api/customers/{customer['id']}", headers=shop.owner.headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "CUSTOMER_HAS_ORDERS")
    assert "eactivate" in answer.json()["message"]
    assert (await ask(client, shop, f"/{customer['id']}")).status_code == 200


async def test_a_list_costs_one_statement_and_counts_each_ones_orders(
    app: FastAPI, client: Client, shop: Shop
) -> None:
    bosco, achieng = await register(client, shop, "bosco"), await register(client, shop, "Achieng")
    await bought(shop, customer_id=bosco["id"])
    await bought(shop, customer_id=bosco["id"])
    with statements.noted() as sent:
        answer = await ask(client, shop, "", sort="name")
    assert [(row["name"], row["orders"]) for row in answer.json()["data"]] == [("Achieng", 0), ("bosco", 2)]
    assert len(sent) == 2
    newest_first = await ask(client, shop, "")
    assert [row["id"] for row in newest_first.json()["data"]] == [achieng["id"], bosco["id"]]


@pytest.mark.parametrize("sort", ["name", "-name", "created_at", "-created_at"])
async def test_pages_together_are_the_whole_list(client: Client, shop: Shop, sort: str) -> None:
    everybody = sorted([(await register(client, shop, name))["id"] for name in ("Abe", "abe", "Cissy", "Dan", "Ema")])
    seen: list[str] = []
    cursor = None
    while cursor is not None or not seen:
        query: dict[str, Any] = {"cursor": cursor} if cursor else {}
        body = (await ask(client, shop, "", sort=sort, limit=2, total=True, **query)).json()
        seen += [row["id"] for row in body["data"]]
        assert body["page"]["total"] == 5
        cursor = body["page"]["next_cursor"]
    assert sorted(seen) == everybody


async def test_a_list_is_narrowed_by_type_and_tag(client: Client, shop: Shop) -> None:
    await register(client, shop, "Shop next door", type="wholesale", tags=["school", "vip"])
    await register(client, shop, "Achieng", tags=["vip"])
    assert await names(client, shop, "", type="wholesale") == ["Shop next door"]
    assert sorted(await names(client, shop, "", tag="vip")) == ["Achieng", "Shop next door"]
    assert await names(client, shop, "", tag="school") == ["Shop next door"]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Achieng Auma", "acheng"), ("Achieng Auma", "AUMA"), ("Mohamed Ssali", "mohammed"), ("José Müller", "jose m"),
        ("Nakato Grace", "Nakatto"), ("मोहित कुमार", "कुमार"), ("فاطمة الزهراء", "فاطمة"),
        ("فاطمة الزهراء", "الزهرا"),
    ],
)  # fmt: skip
async def test_a_name_is_found_by_part_and_with_typing_errors(
    client: Client, shop: Shop, name: str, typed: str
) -> None:
    await register(client, shop, name)
    await register(client, shop, "Wilberforce Opio")
    assert await names(client, shop, name=typed) == [name]


async def test_the_likeliest_comes_first(client: Client, shop: Shop) -> None:
    for name in ("Nakitte", "Nakato", "Nakatta"):
        await register(client, shop, name)
    assert await names(client, shop, name="nakat") == ["Nakato", "Nakatta"]
    assert (await names(client, shop, name="nakattta"))[0] == "Nakatta"


async def test_a_part_of_a_phone_or_address_finds_its_owner(client: Client, shop: Shop) -> None:
    customer = await register(client, shop, email="Achieng@Example.com")
    await register(client, shop, "Okello", email="okello@example.org")
    local = "0" + customer["phone"].removeprefix("+256")
    for query in ({"phone": local}, {"phone": local[-7:]}, {"phone": customer["phone"]}, {"email": "achieng@exam"},
                  {"name": "achieng", "email": "example"}):  # fmt: skip
        assert await names(client, shop, **query) == ["Achieng"], query
    assert await names(client, shop, name="achieng", email="example.org") == []
    for q in (local, "ACHI", "achieng@"):
        assert await names(client, shop, "", q=q) == ["Achieng"], q


async def test_signs_of_patterns_find_only_themselves(client: Client, shop: Shop) -> None:
    await register(client, shop, "Half 50% Price_Shop")
    await register(client, shop, "Plain Okello")
    for sign in ("%", "_", "f 50%", "price_s"):  # digits alone would be looked for in phones too
        assert await names(client, shop, "", q=sign) == ["Half 50% Price_Shop"], sign
    assert await names(client, shop, "", q="\\") == []
    assert await names(client, shop, email="%") == []


async def test_a_search_for_nothing_is_refused(client: Client, shop: Shop) -> None:
    for query in ("", "?phone=abc", "?name=%20%20"):
        answer = await ask(client, shop, f"/search{query}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


async def test_a_profile_tells_how_often_how_much_and_what(app: FastAPI, client: Client, shop: Shop) -> None:
    customer = await register(client, shop)
    buys = {"customer_id": customer["id"]}
    await bought(shop, "airtime", "cable", **buys, day=0, total_minor=1000)
    await bought(shop, "airtime", **buys, day=0, total_minor=500)
    await bought(shop, "airtime", **buys, day=3, total_minor=2001, credited_minor=1000)
    last = await bought(shop, "case", **buys, day=7, total_minor=700, state="incomplete")
    await bought(shop, "phone", **buys, day=30, total_minor=90_000, state="cancelled")
    await bought(shop, "phone", day=40, total_minor=90_000)
    with statements.noted() as sent:
        profile = (await ask(client, shop, f"/{customer['id']}")).json()["data"]
    assert len(sent) == 5
    assert profile["orders"] == 4
    assert profile["purchases"] == {
        "count": 4, "visits": 3, "first_visit": "2026-07-01", "last_visit": "2026-07-08", "days_between_visits": 4,
        "total": 2501, "average": 834,
    }  # fmt: skip
    assert [(each["description"], each["times"], each["quantity"]) for each in profile["favourites"]] == [
        ("airtime", 3, 4.5), ("cable", 1, 1.5),
    ]  # fmt: skip
    assert len(profile["last_sales"]) == 5
    assert profile["last_sales"][1]["id"] == str(last)


async def test_a_sale_made_at_the_till_is_in_the_history_at_once(client: Client, shop: Shop) -> None:
    customer = await register(client, shop)
    async with shop.asking() as ctx:
        untaxed = (await ctx.db.scalars(select(TaxClass.id).where(TaxClass.name == "No tax"))).one()
    line = {"item": {"name": "Screen guard", "tax_class_id": str(untaxed)}, "quantity": 2, "price": 5000}
    sale = {"customer_id": customer["id"], "lines": [line], "payments": [{"method": "cash", "amount": 10_000}]}
    sold = await client.post("/api/sales", json=sale, headers=shop.owner.headers)
    assert sold.status_code == 201, sold.text
    profile = (await ask(client, shop, f"/{customer['id']}")).json()["data"]
    assert [each["id"] for each in profile["last_sales"]] == [sold.json()["data"]["id"]]
    assert (profile["orders"], profile["purchases"]["total"]) == (1, 10_000)
    assert profile["favourites"] == [{"variant_id": None, "description": "Screen guard", "times": 1, "quantity": 2.0}]
    written = (await ask(client, shop, f"/phone/{customer['phone']}/purchases")).json()
    assert written["summary"]["count"] == 1
    gone = await client.delete(f"/api/customers/{customer['id']}", headers=shop.owner.headers)
    assert gone.json()["error"]["code"] == "CUSTOMER_HAS_ORDERS"


async def test_a_new_customer_has_an_empty_history(client: Client, shop: Shop) -> None:
    customer = await register(client, shop)
    profile = (await ask(client, shop, f"/{customer['id']}")).json()["data"]
    assert profile["purchases"] == {
        "count": 0, "visits": 0, "first_visit": None, "last_visit": None, "days_between_visits": None,
        "total": 0, "average": 0,
    }  # fmt: skip
    assert (profile["last_sales"], profile["favourites"]) == ([], [])


async def test_the_profile_shows_ten_sales_and_the_history_all(client: Client, shop: Shop) -> None:
    customer = await register(client, shop)
    made = [str(await bought(shop, customer_id=customer["id"], day=day)) for day in range(12)]
    profile = (await ask(client, shop, f"/{customer['id']}")).json()["data"]
    assert [sale["id"] for sale in profile["last_sales"]] == made[:1:-1]
    first = (await ask(client, shop, f"/{customer['id']}/purchases", limit=7)).json()
    rest = (await ask(client, shop, f"/{customer['id']}/purchases", cursor=first["page"]["next_cursor"])).json()
    assert [sale["id"] for sale in first["data"] + rest["data"]] == made[::-1]
    assert first["summary"] == rest["summary"]
    assert (first["summary"]["count"], first["summary"]["total"]) == (12, 12_000)


async def test_a_phone_alone_finds_walk_in_sales_too(client: Client, shop: Shop) -> None:
    phone = fresh_phone()
    before = await bought(shop, phone=phone, name="a lady")
    unregistered = (await ask(client, shop, f"/phone/{phone}/purchases")).json()
    assert [sale["id"] for sale in unregistered["data"]] == [str(before)]
    customer = await register(client, shop, phone=phone)
    both = await bought(shop, phone=phone, customer_id=customer["id"])
    named = await bought(shop, customer_id=customer["id"])
    await bought(shop, phone=fresh_phone())
    found = (await ask(client, shop, f"/phone/{phone}/purchases")).json()
    assert [sale["id"] for sale in found["data"]] == [str(named), str(both), str(before)]
    assert (found["summary"]["count"], found["summary"]["total"]) == (3, 3000)
    nobody = (await ask(client, shop, f"/phone/{fresh_phone()}/purchases")).json()
    assert (nobody["data"], nobody["summary"]["count"]) == ([], 0)


async def test_another_shops_sales_to_the_same_phone_are_not_told(client: Client, shop: Shop) -> None:
    phone = fresh_phone()
    other = await open_a_shop(shop.house)
    theirs = await register(client, other, phone=phone)
    await bought(other, phone=phone, customer_id=theirs["id"])
    answer = (await ask(client, shop, f"/phone/{phone}/purchases")).json()
    assert (answer["data"], answer["summary"]["count"]) == ([], 0)


@pytest.mark.parametrize("wall", ["filter", "policies"])
async def test_each_wall_between_shops_holds_alone(client: Client, shop: Shop, wall: str) -> None:
    phone = fresh_phone()
    other = await open_a_shop(shop.house)
    theirs = await register(client, other, phone=phone)
    await bought(other, "cable", phone=phone, customer_id=theirs["id"])
    asked = Paging(50, None, None, None, False, None)
    async with shop.as_() as ctx:
        await country(ctx)
        if wall == "policies":
            ctx.db.sync_session.info["first_wall_off"] = True
        else:
            await ctx.db.execute(text("SELECT enter_shop(:other)"), {"other": other.shop_id})
            bind_shop(ctx.db, shop.shop_id)
        history = await customer_queries.purchases_of_phone(ctx, phone, asked)
        listed, _ = await customer_queries.page(ctx, Filters(), asked)
    assert (history.purchases, history.summary.count, listed) == ([], 0, [])


async def test_staff_see_the_figures_but_only_their_own_sales(client: Client, shop: Shop) -> None:
    cashier = await hire(shop, "staff")
    customer = await register(client, shop)
    await bought(shop, customer_id=customer["id"])
    mine = await bought(shop, customer_id=customer["id"], by=cashier)
    profile = (await ask(client, shop, f"/{customer['id']}", by=cashier)).json()["data"]
    assert profile["purchases"]["count"] == 2
    assert [sale["id"] for sale in profile["last_sales"]] == [str(mine)]
    history = (await ask(client, shop, f"/phone/{customer['phone']}/purchases", by=cashier)).json()
    assert [sale["id"] for sale in history["data"]] == [str(mine)]
    assert history["summary"]["count"] == 2


async def test_a_technician_sees_customers_but_no_sales(client: Client, shop: Shop) -> None:
    technician = await hire(shop, "technician")
    customer = await register(client, shop)
    await bought(shop, customer_id=customer["id"])
    profile = await ask(client, shop, f"/{customer['id']}", by=technician)
    assert (profile.status_code, profile.json()["data"]["last_sales"]) == (200, [])
    assert (await ask(client, shop, f"/{customer['id']}/purchases", by=technician)).status_code == 403
    keeper = await hire(shop, "inventory_manager")
    assert (await ask(client, shop, f"/{customer['id']}", by=keeper)).status_code == 403


async def test_a_walk_in_sale_is_put_to_a_customers_name(client: Client, shop: Shop) -> None:
    customer = await register(client, shop)
    sale_id = await bought(shop, name="a lady", phone="+256700000001")
    address, body = f"/api/sales/{sale_id}/customer", {"customer_id": customer["id"]}
    for _ in range(2):
        answer = await client.post(address, json=body, headers=shop.owner.headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["customer_id"] == customer["id"]
        assert answer.json()["data"]["version"] == 2
    assert (await ask(client, shop, f"/phone/{customer['phone']}")).json()["data"]["orders"] == 1
    other = await register(client, shop, "Okello")
    taken = await client.post(address, json={"customer_id": other["id"]}, headers=shop.owner.headers)
    assert (taken.status_code, taken.json()["error"]["code"]) == (400, "SALE_HAS_CUSTOMER")
    async with shop.asking() as ctx:
        party = (await ctx.db.scalars(select(SaleParty).where(SaleParty.sale_id == sale_id))).one()
        entries = (await ctx.db.scalars(select(AuditEntry).where(AuditEntry.entity_id == sale_id))).all()
    assert (party.name, party.phone) == ("a lady", "+256700000001"), "what was said at the till stays"
    assert [(entry.action, entry.after) for entry in entries] == [
        ("attach_customer", {"customer_id": customer["id"]})
    ]


async def test_what_cannot_be_attached_stays_as_it_is(client: Client, shop: Shop) -> None:
    customer = await register(client, shop)
    locked, open_sale = await bought(shop, locked=True), await bought(shop)
    foreign = await bought(await open_a_shop(shop.house))
    cashier = await hire(shop, "staff")

    async def attach(sale_id: Any, customer_id: Any, by: Person = shop.owner) -> tuple[int, str]:
        body = {"customer_id": str(customer_id)}
        answer = await client.post(f"/api/sales/{sale_id}/customer", json=body, headers=by.headers)
        return answer.status_code, answer.json()["error"]["code"]

    assert await attach(locked, customer["id"]) == (400, "SALE_LOCKED")
    assert await attach(foreign, customer["id"]) == (404, "NOT_FOUND")
    assert await attach(new_id(), customer["id"]) == (404, "NOT_FOUND")
    assert await attach(open_sale, new_id()) == (404, "CUSTOMER_NOT_FOUND")
    assert await attach(open_sale, customer["id"], by=cashier) == (403, "FORBIDDEN")
    change = {"active": False, "version": 1}
    await client.put(f"/api/customers/{customer['id']}", json=change, headers=shop.owner.headers)
    assert await attach(open_sale, customer["id"]) == (400, "CUSTOMER_INACTIVE")
    async with shop.asking() as ctx:
        sales = (await ctx.db.scalars(select(Sale))).all()
    assert {sale.customer_id for sale in sales} == {None}


async def test_a_list_of_customers_is_a_file_for_those_who_may(client: Client, shop: Shop) -> None:
    await register(client, shop, "=cmd()", tags=["vip", "school"], credit_limit=5000)
    answer = await ask(client, shop, "", format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    title, row = answer.content.decode("utf-8-sig").splitlines()
    assert title.startswith("Name,Phone,E-mail")
    assert row.startswith("'=cmd(),")
    assert '"vip, school",5000' in row
    as_json = (await ask(client, shop, "", format="json")).json()
    assert [each["name"] for each in as_json] == ["=cmd()"]
    cashier = await hire(shop, "staff")
    assert (await ask(client, shop, "", by=cashier, format="csv")).status_code == 403
