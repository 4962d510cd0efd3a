"""Each change that shows on a device is told to it, made the way people make it."""

import asyncio
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from duka.platform.ids import new_id
from tests.sales import papers
from tests.sales.device import Item
from tests.sales.till import credited, post, sold
from tests.stock.tracked import medicine, phones
from tests.sync.pulling import Copy, Json, till_of
from tests.world import Shop, hire, stock_up

pytestmark = pytest.mark.slow

Client = httpx2.AsyncClient


class Day:
    """A device that follows, and somebody who changes things."""

    def __init__(self, copy: Copy) -> None:
        self.copy, self.client, self.shop = copy, copy.client, copy.shop

    async def do(self, method: str, path: str, body: Any = None, status: int = 200) -> Json:
        """Ask as the owner."""
        return await post(self.client, self.shop.owner, path, body, status=status, method=method)

    async def edit(self, path: str, **changes: Any) -> Json:
        """Change a thing from its newest version."""
        told = (await self.client.get(path, headers=self.shop.owner.headers)).json()["data"]
        return await self.do("PUT", path, {"version": told["version"], **changes})

    async def came(self, *kinds: str) -> dict[str, list[Json]]:
        """Pull, and say what came; it is of these kinds and no others."""
        came = await self.copy.pull()
        assert {kind for kind, rows in came.items() if rows} == set(kinds)
        return came


@pytest.fixture
async def day(app: FastAPI, client: Client, shop: Shop) -> Day:
    """The owner's till, with everything loaded."""
    till = await till_of(shop, client, shop.owner)
    copy = Copy(app, client, shop, shop.owner, till.register_id)
    await copy.pull()
    return Day(copy)


async def test_items_and_their_prices(day: Day) -> None:
    phones = await day.do("POST", "/api/groups", {"name": "Phones"}, 201)
    await day.came("group")
    product = await day.do("POST", "/api/products", {"name": "Case", "price": 500, "group_id": phones["id"]}, 201)
    (item,) = (await day.came("item"))["item"]
    assert (item["name"], item["group_id"], item["barcodes"]) == ("Case", phones["id"], [])
    path = f"/api/products/{product['id']}"
    await day.edit(path, name="Phone case", barcode="4006381333931")
    (item,) = (await day.came("item"))["item"]
    assert (item["name"], item["barcodes"]) == ("Phone case", ["4006381333931"])
    await day.edit(path, favourite=True)
    assert (await day.came("item"))["item"][0]["favourite"] is True
    await day.edit(path, price=700, price_from="2099-01-01T00:00:00Z")
    await day.edit(path, price=600)
    await day.came("item")
    prices = day.copy.of("item")[item["id"]]["prices"]
    assert [each["price_minor"] for each in prices] == [600, 700]
    assert prices[1]["valid_from"] == "2099-01-01T00:00:00.000Z"
    red = await day.do("POST", f"{path}/variants", {"choices": {"colour": "red"}, "price": 800}, 201)
    await day.came("item")
    assert len(day.copy.of("item")) == 2
    await day.do("DELETE", f"{path}/variants/{red['variants'][-1]['id']}")
    await day.came("item")
    assert len(day.copy.of("item")) == 1
    await day.do("DELETE", path)
    await day.came()
    assert not day.copy.of("item")


async def test_pieces_and_batches_come_with_the_stock(day: Day) -> None:
    phone = await phones(day.shop, day.client, ["B1", "B2"], "A1")
    await day.came("stock")
    place = f"{phone} {day.shop.showroom_id}"
    assert day.copy.of("stock")[place]["serials"] == [["A1"], ["B1", "B2"]]
    line = {"variant_id": str(phone), "serials": ["A1"]}
    payment = {"method": "cash", "amount": 90_000}
    await day.do("POST", "/api/sales", {"lines": [line], "payments": [payment]}, 201)
    await day.came("register", "sale", "stock")
    assert day.copy.of("stock")[place]["serials"] == [["B1", "B2"]]
    syrup = await medicine(day.shop, day.client, LATE=(2, 90), SOON=(1.5, 3))
    await day.came("stock")
    row = day.copy.of("stock")[f"{syrup} {day.shop.showroom_id}"]
    assert [(each["number"], each["quantity_milli"]) for each in row["batches"]] == [("SOON", 1_500), ("LATE", 2_000)]
    assert "serials" not in row
    begun = await day.do("POST", "/api/stock-counts", {"location_id": str(day.shop.showroom_id)}, 201)
    at = f"/api/stock-counts/{begun['id']}"
    await day.do("POST", f"{at}/entries", {"entries": [{"variant_id": str(phone), "quantity": 0}]}, 201)
    await day.do("POST", f"{at}/review", {})
    await day.do("POST", f"{at}/post")
    await day.copy.pull()
    missing = {"variant_id": str(phone), "location_id": str(day.shop.showroom_id), "missing": ["B2"]}
    await day.do("POST", "/api/stock-units", missing)
    (row,) = (await day.copy.pull())["stock"]  # that none is left may be told in the meantime
    assert row == {"variant_id": str(phone), "location_id": str(day.shop.showroom_id), "quantity_milli": 0}


async def test_a_group_that_goes_takes_its_things_along(day: Day) -> None:
    old = await day.do("POST", "/api/groups", {"name": "Old"}, 201)
    below = await day.do("POST", "/api/groups", {"name": "Below", "parent_id": old["id"]}, 201)
    new = await day.do("POST", "/api/groups", {"name": "New"}, 201)
    await day.do("POST", "/api/products", {"name": "Case", "price": 500, "group_id": old["id"]}, 201)
    await day.copy.pull()
    await day.edit(f"/api/groups/{new['id']}", name="Newer")
    await day.came("group")
    await day.do("DELETE", f"/api/groups/{old['id']}?move_to={new['id']}")
    await day.came("group", "item")
    assert {row["group_id"] for row in day.copy.of("item").values()} == {new["id"]}
    assert day.copy.of("group")[below["id"]]["parent_id"] == new["id"]
    assert old["id"] not in day.copy.of("group")


async def test_taxes_of_the_future(day: Day) -> None:
    made = await day.do("POST", "/api/tax-classes", {"name": "Levy", "treatment": "taxed", "rates": []}, 201)
    await day.came("tax_class")
    rate = {"kind": "vat", "code": "VAT", "rate_bp": 1600, "valid_from": "2099-07-01"}
    await day.do("POST", f"/api/tax-classes/{made['id']}/rates", rate, 201)
    await day.came("tax_class")
    told = day.copy.of("tax_class")[made["id"]]
    assert told["rates"] == [{"kind": "vat", "code": "VAT", "rate_bp": 1600, "valid_from": "2099-07-01"}]
    await day.edit(f"/api/tax-classes/{made['id']}", active=False)
    await day.came("tax_class")


async def test_stock_sales_and_what_customers_owe(day: Day) -> None:
    shop = day.shop
    cable = await stock_up(shop, "cable")
    await day.edit("/api/settings", settings={"payment_policy": "on_account"})
    assert (await day.came("settings"))["settings"][0]["payment_policy"] == "on_account"
    amina = await day.do("POST", "/api/customers", {"name": "Amina", "credit_limit": 10_000}, 201)
    await day.came("customer")
    key = f"{cable} {shop.showroom_id}"
    sale = await sold(day.client, shop, (cable, 2), customer_id=amina["id"], on_account=True)
    await day.came("stock", "sale", "customer", "register")
    assert day.copy.of("stock")[key]["quantity_milli"] == 8000
    assert day.copy.of("customer")[amina["id"]]["owed_minor"] == 2000
    paid = {"payments": [{"id": str(new_id()), "method": "cash", "amount": 500}]}
    await day.do("POST", f"/api/invoices/{sale['invoice']['id']}/payments", paid, 201)
    await day.copy.pull()
    assert day.copy.of("customer")[amina["id"]]["owed_minor"] == 1500
    assert day.copy.of("sale")[sale["id"]]["paid"] == 500
    back = {"sale_line_id": sale["lines"][0]["id"], "quantity": 1, "restock": "stock"}
    await credited(day.client, shop, sale, back)
    await day.copy.pull()
    assert (day.copy.of("stock")[key]["quantity_milli"], day.copy.of("sale")[sale["id"]]["credited"]) == (9000, 1000)
    other = await sold(day.client, shop, (cable, 1), paid=1000)
    await day.do("POST", f"/api/sales/{other['id']}/reverse", {"reason": "a mistake"})
    await day.copy.pull()
    assert day.copy.of("sale")[other["id"]]["state"] == "reversed"
    assert day.copy.of("stock")[key]["quantity_milli"] == 9000


async def test_a_sale_that_is_completed_changed_or_cancelled_later(day: Day) -> None:
    cable = await stock_up(day.shop, "cable")
    sale = await sold(day.client, day.shop, (cable, 2), paid=500)
    await day.came("sale", "register")
    amina = await day.do("POST", "/api/customers", {"name": "Amina"}, 201)
    await day.do("POST", f"/api/sales/{sale['id']}/customer", {"customer_id": amina["id"]})
    await day.copy.pull()
    assert day.copy.of("sale")[sale["id"]]["customer_id"] == amina["id"]
    rest = {"payments": [{"id": str(new_id()), "method": "cash", "amount": 1500}]}
    await day.do("POST", f"/api/sales/{sale['id']}/payments", rest, 201)
    came = await day.copy.pull()
    assert {"sale", "stock", "register", "customer"} <= came.keys()
    assert day.copy.of("sale")[sale["id"]]["state"] == "completed"
    other = await sold(day.client, day.shop, (cable, 1))
    await day.do("DELETE", f"/api/sales/{other['id']}", {"reason": "given up"})
    await day.copy.pull()
    assert day.copy.of("sale")[other["id"]]["state"] == "cancelled"
    await day.do("POST", f"/api/sales/{sale['id']}/lock")
    await day.came("sale", "stock", "register", "customer")
    assert day.copy.of("sale")[sale["id"]]["locked_at"]


async def test_stock_corrected_by_hand(day: Day) -> None:
    product = await day.do("POST", "/api/products", {"name": "Case", "price": 500, "cost": 300}, 201)
    body = {"quantity": 4, "reason": "found", "location_id": str(day.shop.showroom_id)}
    await day.do("POST", f"/api/products/{product['id']}/adjust", body, 201)
    came = await day.came("item", "stock")
    assert came["stock"][0]["quantity_milli"] == 4000


async def test_customers_come_change_and_go(day: Day) -> None:
    amina = await day.do("POST", "/api/customers", {"name": "Amina", "phone": "+256700123456"}, 201)
    await day.came("customer")
    await day.edit(f"/api/customers/{amina['id']}", name="Amina K.")
    assert (await day.came("customer"))["customer"][0]["name"] == "Amina K."
    await day.do("DELETE", f"/api/customers/{amina['id']}")
    await day.came()
    assert not day.copy.of("customer")


async def test_carts_wait_and_are_taken(day: Day) -> None:
    cable = await stock_up(day.shop, "cable")
    content = {"lines": [{"variant_id": str(cable), "quantity": 1.5}]}
    cart = await day.do("POST", "/api/carts", {"name": "Red shirt", "content": content}, 201)
    await day.came()
    await day.do("POST", f"/api/carts/{cart['id']}/hold")
    (held,) = (await day.came("cart"))["cart"]
    told = (await day.client.get(f"/api/carts/{cart['id']}", headers=day.shop.owner.headers)).json()["data"]
    assert held == told
    await day.do("POST", f"/api/carts/{cart['id']}/resume")
    await day.came()
    assert not day.copy.of("cart")
    await day.do("POST", f"/api/carts/{cart['id']}/hold")
    await day.came("cart")
    await day.do("DELETE", f"/api/carts/{cart['id']}")
    await day.came()
    assert not day.copy.of("cart")


async def test_people_and_roles(day: Day) -> None:
    amina = await hire(day.shop, "staff")
    path = f"/api/staff/{amina.staff_id}"
    await day.edit(path, name="Amina")
    assert (await day.came("staff"))["staff"][0]["name"] == "Amina"
    role = await day.do("POST", "/api/roles", {"name": "Helper", "permissions": {"sales:create": "shop"}}, 201)
    await day.edit(path, role_id=role["id"])
    await day.came("staff")
    await day.edit(f"/api/roles/{role['id']}", discount_ceiling_bp=300)
    assert (await day.came("staff"))["staff"][0]["discount_ceiling_bp"] == 300
    await day.edit(path, branch_id=str(day.shop.branch_id))
    assert (await day.came("staff"))["staff"][0]["permissions"] == {"sales:create": "branch"}
    await day.do("POST", f"{path}/suspend")
    assert (await day.came("staff"))["staff"][0]["status"] == "suspended"
    await day.do("POST", f"{path}/activate")
    await day.came("staff")
    await day.do("DELETE", path)
    await day.came()
    assert str(amina.staff_id) not in day.copy.of("staff")


async def test_goods_that_came_and_went_back(day: Day) -> None:
    cable = await stock_up(day.shop, "cable")
    key = f"{cable} {day.shop.showroom_id}"
    who = (await day.do("POST", "/api/suppliers", {"name": "Wholesaler"}, 201))["id"]
    line = {"id": str(new_id()), "variant_id": str(cable), "accepted": 5, "price": 100}
    await day.do("POST", "/api/goods-receipts", {"supplier_id": who, "lines": [line]}, 201)
    await day.copy.pull()
    assert day.copy.of("stock")[key]["quantity_milli"] == 15_000
    back = {"supplier_id": who, "reason": "torn", "lines": [{"receipt_line_id": line["id"], "quantity": 2}]}
    await day.do("POST", "/api/supplier-returns", back, 201)
    await day.copy.pull()
    assert day.copy.of("stock")[key]["quantity_milli"] == 13_000


async def test_branches_tills_and_the_shop(day: Day) -> None:
    branch = await day.do("POST", "/api/branches", {"name": "Entebbe"}, 201)
    await day.copy.pull()
    assert branch["id"] in day.copy.of("branch")
    await day.edit(f"/api/branches/{branch['id']}", phone="+256700123456")
    await day.came("branch")
    location = {"branch_id": branch["id"], "name": "Store", "kind": "warehouse"}
    location = await day.do("POST", "/api/locations", location, 201)
    await day.came("branch")
    renamed = {"version": location["version"], "name": "Back store"}
    await day.do("PUT", f"/api/locations/{location['id']}", renamed)
    await day.came("branch")
    till = await day.do("POST", "/api/registers", {"branch_id": branch["id"], "name": "Web", "kind": "server"}, 201)
    await day.came("register")
    await day.edit(f"/api/registers/{till['id']}", name="Web shop")
    await day.came("register")
    await day.do("POST", f"/api/registers/{till['id']}/close", {"reason": "not used"})
    assert (await day.came("register"))["register"][0]["closed_at"]
    await day.edit("/api/settings", name="Njeri & Co", settings={"receipt_footer": "Thank you"})
    (shop,) = (await day.came("settings"))["settings"]
    assert (shop["name"], shop["receipt_footer"]) == ("Njeri & Co", "Thank you")
    picture = {"file": ("logo.png", papers.png())}
    answer = await day.client.put("/api/settings/logo", files=picture, headers=day.shop.owner.headers)
    (shop,) = (await day.came("settings"))["settings"]
    assert shop["logo"] == answer.json()["data"]["logo"]


async def test_what_asks_for_attention(day: Day, client: Client) -> None:
    cable = await stock_up(day.shop, "cable", quantity_milli=4000, min_stock_milli=3000)
    till = await till_of(day.shop, client, day.shop.owner)
    await till.deliver(till.ring((Item(cable), 1.0), staff_id=str(new_id())))
    await till.deliver(b'{"id": 1}')
    await day.copy.pull()
    assert day.copy.of("exception_count")["n"]["count"] == 2
    exception = (await client.get("/api/exceptions", headers=day.shop.owner.headers)).json()["data"][0]
    await day.do("POST", f"/api/exceptions/{exception['id']}/settle", {"settlement": "it was Amina"})
    await day.copy.pull()
    assert day.copy.of("exception_count")["n"]["count"] == 1
    for _ in range(100):  # a job writes it
        await day.copy.pull()
        if day.copy.of("notification_count")["n"]["count"]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody was told that cables run low")
