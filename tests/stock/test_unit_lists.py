"""Looking units and batches up: where a piece is and was, what expires, who took a batch; and naming goods later."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from duka.notifications import actions as notifications
from duka.stock.actions.expiring import warn_of_expiry
from tests.purchasing.buying import came, get
from tests.sales.device import Item, a_device
from tests.sales.till import Json, back, credited, post, sold
from tests.stock.goods import held
from tests.stock.tracked import delivered, faults, followed, last_day, left, medicine, phones, state
from tests.world import Shop, hire, stock_up

pytestmark = pytest.mark.slow

Client = httpx2.AsyncClient
PRICE = 90_000


async def bought(client: Client, shop: Shop, variant: UUID, serial: str, **more: Any) -> Json:
    """A phone that somebody bought."""
    body = {
        "lines": [{"variant_id": str(variant), "serials": [serial]}],
        "payments": [{"method": "cash", "amount": PRICE}], **more,
    }  # fmt: skip
    return await post(client, shop.owner, "/api/sales", body)


async def test_a_phone_is_found_by_any_number_and_shows_its_way(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, ["A1", "A2"], "B1")
    amina = await post(client, shop.owner, "/api/customers", {"name": "Amina", "phone": "+256772000111"})
    sale = await bought(client, shop, phone, "A2", customer_id=amina["id"])
    await credited(client, shop, sale, back(sale, 1))
    (found,) = await get(client, shop.owner, "/api/stock-units?serial=a%202")
    assert (found["serials"], found["state"], found["location_id"]) == (
        ["A1", "A2"], "in_stock", str(shop.showroom_id)
    )  # fmt: skip
    whole = await get(client, shop.owner, f"/api/stock-units/{found['id']}")
    assert [(step["kind"], step["direction"]) for step in whole["history"]] == [
        ("receipt", "in"), ("sale", "out"), ("return", "in")
    ]  # fmt: skip
    told = whole["history"][1]
    assert (told["number"], told["sale_id"], told["customer_id"]) == (sale["number"], sale["id"], amina["id"])
    assert whole["history"][2]["number"] != sale["number"]
    assert whole["history"][0]["number"] is None


async def test_phones_are_listed_by_state_place_and_part_of_a_number(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, ["A1", "A2"], "B1", "B2")
    await bought(client, shop, phone, "B1")
    for query, serials in (
        ("state=sold", [["B1"]]), (f"location_id={shop.showroom_id}", [["B2"], ["A1", "A2"]]),
        ("q=b", [["B2"], ["B1"]]),
        (f"variant_id={phone}&limit=1", [["B2"]]), ("serial=C1", []),
    ):  # fmt: skip
        found = await get(client, shop.owner, f"/api/stock-units?{query}")
        assert [each["serials"] for each in found] == serials, query
    sheet = await client.get("/api/stock-units?format=csv", headers=shop.owner.headers)
    assert "A1, A2" in sheet.text


async def test_a_sale_that_a_person_may_not_see_has_no_number_on_the_way(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1")
    await bought(client, shop, phone, "A1")
    keeper = await hire(shop, "inventory_manager")
    (found,) = await get(client, keeper, "/api/stock-units?serial=A1")
    way = (await get(client, keeper, f"/api/stock-units/{found['id']}"))["history"]
    assert (way[1]["kind"], way[1]["number"], way[1]["customer_id"]) == ("sale", None, None)


async def test_a_phone_sold_twice_shows_both_sales_on_its_way(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1")
    for _ in range(2):
        device = await a_device(shop, client)
        body = device.ring((Item(phone, name="phone", price=PRICE), 1))
        body["lines"][0]["serials"] = ["A1"]
        await device.deliver(body)
    (found,) = await get(client, shop.owner, "/api/stock-units?serial=A1")
    way = (await get(client, shop.owner, f"/api/stock-units/{found['id']}"))["history"]
    assert [(step["kind"], step["fault"]) for step in way] == [
        ("receipt", None), ("sale", None), ("sale", "not_here")
    ]  # fmt: skip
    assert way[1]["number"] != way[2]["number"]


async def test_batches_are_listed_by_their_last_day(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, NEVER=(1, None), LATE=(5, 90), OVER=(2, -2), SOON=(3, 29))
    listed = await get(client, shop.owner, f"/api/stock-batches?variant_id={syrup}")
    assert [(each["number"], each["days_left"], each["quantity"]) for each in listed] == [
        ("OVER", -2, 2), ("SOON", 29, 3), ("LATE", 90, 5), ("NEVER", None, 1)
    ]  # fmt: skip
    assert listed[0]["places"] == [{
        "location_id": str(shop.showroom_id), "location_name": listed[0]["places"][0]["location_name"],
        "branch_id": str(shop.branch_id), "quantity": 2,
    }]  # fmt: skip
    for query, numbers in (
        ("expiring=true", ["OVER", "SOON"]), ("expiring=true&days=28", ["OVER"]), ("expiring=false", ["LATE", "NEVER"]),
        ("q=soo", ["SOON"]), ("limit=1&total=true", ["OVER"]),
    ):  # fmt: skip
        found = await get(client, shop.owner, f"/api/stock-batches?{query}")
        assert [each["number"] for each in found] == numbers, query
    await sold(client, shop, (syrup, 3), paid=3_000)
    assert [each["number"] for each in await get(client, shop.owner, "/api/stock-batches?expiring=true")] == ["OVER"]
    sheet = await client.get("/api/stock-batches?format=csv", headers=shop.owner.headers)
    assert "LATE" in sheet.text


async def test_who_took_a_batch_is_named_for_a_recall(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, BAD=(5, 30), GOOD=(5, 90))
    buyer = {"name": "Amina", "phone": "+256772000111"}
    first = await sold(client, shop, (syrup, 4), paid=4_000, customer=buyer)
    second = await sold(client, shop, (syrup, 2), paid=2_000)
    await sold(client, shop, (syrup, 1), paid=1_000)
    await credited(client, shop, first, back(first, 3))
    batches = {each["number"]: each["id"] for each in await get(client, shop.owner, "/api/stock-batches")}
    took = await get(client, shop.owner, f"/api/stock-batches/{batches['BAD']}/sales")
    assert [(each["number"], each["name"], each["sold"], each["returned"]) for each in took] == [
        (second["number"], None, 1, 0), (first["number"], "Amina", 4, 3)
    ]  # fmt: skip
    nobody = await get(client, shop.owner, f"/api/stock-batches/{first['id']}/sales", status=404)
    assert nobody["code"] == "BATCH_NOT_FOUND"
    seller = await hire(shop, "sales_executive", branch_id=shop.branch_id)
    assert await get(client, seller, f"/api/stock-batches/{batches['BAD']}/sales") == []


async def test_a_batch_that_expires_soon_is_told_once(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, SOON=(2.5, 30), LATE=(2, 31), GONE=(1, 0))
    await sold(client, shop, (syrup, 1), paid=1_000)
    for _ in range(2):
        async with shop.as_() as ctx:
            assert await warn_of_expiry(ctx) is False
        await shop.house.relay.relay(shop.shop_id)
        async with shop.as_() as ctx:
            await notifications.tell_expiring(ctx)
    told = [each for each in await get(client, shop.owner, "/api/notifications") if each["kind"] == "expiring"]
    assert [(each["facts"], each["branch_id"]) for each in told] == [({
        "variant_id": str(syrup), "number": "SOON", "expires_on": last_day(30)["expires_on"], "quantity": 2.5,
    }, str(shop.branch_id))]  # fmt: skip


@pytest.fixture
async def nameless(shop: Shop, client: Client) -> UUID:
    """Two phones that came without anybody writing their numbers down."""
    phone = await followed(shop, "phone", "serial", price_minor=PRICE)
    product = (await client.get("/api/products", headers=shop.owner.headers)).json()["data"][0]
    opening = {"quantity": 2, "reason": "opening"}
    await post(client, shop.owner, f"/api/products/{product['id']}/adjust", opening)
    return phone


async def test_phones_get_their_numbers_later(shop: Shop, client: Client, nameless: UUID) -> None:
    body = {"variant_id": str(nameless), "location_id": str(shop.showroom_id), "serials": ["A1"]}
    told = await post(client, shop.owner, "/api/stock-units", body, status=200)
    assert told["unnamed"] == 1
    assert await state(shop, "A1") == ("in_stock", shop.showroom_id)
    again = await post(client, shop.owner, "/api/stock-units", body, status=400)
    assert again["code"] == "SERIALS_TAKEN"
    many = await post(client, shop.owner, "/api/stock-units", body | {"serials": ["B1", "C1"]}, status=400)
    assert (many["code"], many["details"]["unnamed"]) == ("NOT_THAT_MANY_UNNAMED", 1)
    assert await held(shop, nameless) == 2_000
    await bought(client, shop, nameless, "A1")


async def test_after_a_count_the_missing_phone_is_named(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    begun = await post(client, shop.owner, "/api/stock-counts", {"location_id": str(shop.showroom_id)})
    at = f"/api/stock-counts/{begun['id']}"
    await post(client, shop.owner, f"{at}/entries", {"entries": [{"variant_id": str(phone), "quantity": 1}]})
    await post(client, shop.owner, f"{at}/review", {}, status=200)
    await post(client, shop.owner, f"{at}/post", status=200)
    body = {"variant_id": str(phone), "location_id": str(shop.showroom_id), "missing": ["A1"]}
    told = await post(client, shop.owner, "/api/stock-units", body, status=200)
    assert (told["unnamed"], await state(shop, "A1")) == (0, ("written_off", None))
    assert await held(shop, phone) == 1_000
    too_many = await post(client, shop.owner, "/api/stock-units", body | {"missing": ["B1"]}, status=400)
    assert too_many["code"] == "NOT_THAT_MANY_UNNAMED"


async def test_goods_are_told_to_be_of_a_batch_and_what_was_missing_too(shop: Shop, client: Client) -> None:
    syrup = await followed(shop, "syrup", "batch")
    product = (await client.get("/api/products", headers=shop.owner.headers)).json()["data"][0]
    adjust = f"/api/products/{product['id']}/adjust"
    await post(client, shop.owner, adjust, {"quantity": 5, "reason": "opening"})
    body = {"variant_id": str(syrup), "location_id": str(shop.showroom_id), "batch": {"number": "LOT1"}}
    told = await post(client, shop.owner, "/api/stock-batches", body | {"quantity": 4.5}, status=200)
    assert (told["unnamed"], await left(shop, syrup)) == (0.5, {"LOT1": 4_500})
    more = await post(client, shop.owner, "/api/stock-batches", body | {"quantity": -1}, status=400)
    assert more["code"] == "NOT_THAT_MANY_UNNAMED"
    assert await faults(shop, syrup) == [("unnamed", 5_000), ("unnamed", -4_500)]


async def test_how_goods_are_told_apart_changes_only_while_none_is_there(shop: Shop, client: Client) -> None:
    await stock_up(shop, "radio")
    product = (await client.get("/api/products", headers=shop.owner.headers)).json()["data"][0]
    path, edit = f"/api/products/{product['id']}", {"version": product["version"], "tracking": "serial"}
    told = await post(client, shop.owner, path, edit, status=400, method="PUT")
    assert told["code"] == "TRACKING_HAS_STOCK"
    await post(client, shop.owner, f"{path}/adjust", {"quantity": -10, "reason": "correction"})
    changed = await post(client, shop.owner, path, edit, status=200, method="PUT")
    assert changed["tracking"] == "serial"
    radio = UUID(changed["variants"][0]["id"])
    await delivered(shop, client, came(radio, 1, serials=["R1"], price=600))
    sheet = f"Name,SKU,Price,Tracking\nradio,{changed['variants'][0]['sku']},10,quantity\n"
    file = {"file": ("goods.csv", sheet.encode())}
    done = await client.post("/api/products/import", files=file, headers=shop.owner.headers)
    assert done.json()["data"]["failed_rows"][0]["problems"].keys() == {"tracking"}
