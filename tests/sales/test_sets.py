"""Sets at the till: sold at one price, taken from their components, and given back to them."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from duka.platform.ids import new_id
from duka.sales.models import Sale, SaleLine, SoldComponent
from duka.stock.models import Movement
from tests import statements
from tests.sales.device import Item, a_device
from tests.sales.sets import a_set, composed
from tests.sales.till import Json, back, credited, post, sold
from tests.stock.goods import held
from tests.stock.tracked import faults, left, medicine, phones, state, watches
from tests.world import Person, Shop, hire, stock_up

Client = httpx2.AsyncClient


@pytest.fixture
async def cover(shop: Shop) -> UUID:
    return await stock_up(shop, "cover", cost_minor=300)


@pytest.fixture
async def guard(shop: Shop) -> UUID:
    return await stock_up(shop, "guard", cost_minor=101)


@pytest.fixture
async def kit(shop: Shop, client: Client, cover: UUID, guard: UUID) -> UUID:
    """A set of one cover and a guard and a half."""
    return await a_set(shop, client, "kit", (cover, 1), (guard, 1.5), price_minor=900, tax_class="VAT 18 %")


async def test_a_set_is_one_line_at_one_price_and_takes_its_components(
    shop: Shop, client: Client, kit: UUID, cover: UUID, guard: UUID
) -> None:
    sale = await sold(client, shop, (kit, 2), paid=1800)
    (line,) = sale["lines"]
    assert (line["total"], line["tax"], line["description"]) == (1800, 275, "kit")  # the set's own tax class
    assert line["components"] == [
        {"variant_id": str(cover), "description": "cover", "quantity": 2},
        {"variant_id": str(guard), "description": "guard", "quantity": 3},
    ]
    assert (await held(shop, cover), await held(shop, guard)) == (8_000, 7_000)
    assert sale["margin"] == 1800 - 275 - (2 * 300 + 3 * 101)
    async with shop.asking() as ctx:
        taken = dict((await ctx.db.execute(select(SoldComponent.id, SoldComponent.sale_line_id))).all())
        moved = (await ctx.db.execute(select(Movement).where(Movement.kind == "sale"))).scalars().all()
    assert {taken[each.source_line_id] for each in moved} == {UUID(line["id"])}
    assert {each.variant_id for each in moved} == {cover, guard}


async def test_the_answer_is_the_same_again_and_when_shown(shop: Shop, client: Client, kit: UUID) -> None:
    body = {
        "id": str(new_id()), "lines": [{"variant_id": str(kit)}],
        "payments": [{"id": str(new_id()), "method": "cash", "amount": 900}],
    }  # fmt: skip
    first, again = [await client.post("/api/sales", json=body, headers=shop.owner.headers) for _ in range(2)]
    assert (first.status_code, first.content) == (201, again.content)
    shown = await client.get(f"/api/sales/{body['id']}", headers=shop.owner.headers)
    assert shown.json()["data"]["lines"] == first.json()["data"]["lines"]


async def test_what_a_set_and_a_line_need_of_one_item_is_counted_together(
    shop: Shop, client: Client, kit: UUID, cover: UUID, guard: UUID
) -> None:
    lines = [{"variant_id": str(cover), "quantity": 6}, {"variant_id": str(kit), "quantity": 5}]
    body = {"lines": lines, "payments": [{"method": "cash", "amount": 10_500}]}
    told = await post(client, shop.owner, "/api/sales", body, status=400)
    assert (told["code"], told["details"]["short"]) == (
        "OUT_OF_STOCK", [{"variant_id": str(cover), "left": 10, "name": "cover"}]
    )  # fmt: skip
    assert (await held(shop, cover), await held(shop, guard)) == (10_000, 10_000)


async def test_of_many_who_want_the_last_sets_no_more_get_one_than_there_are(
    shop: Shop, client: Client, cover: UUID, guard: UUID
) -> None:
    one = await a_set(shop, client, "one", (cover, 2), (guard, 1))
    other = await a_set(shop, client, "other", (guard, 1), (cover, 2))
    bodies = [
        {"lines": [{"variant_id": str(each)} for each in (one, other)[:: 1 - 2 * (turn % 2)]],
         "payments": [{"method": "cash", "amount": 2000}]}
        for turn in range(8)
    ]  # fmt: skip
    answers = await asyncio.gather(
        *(client.post("/api/sales", json=body, headers=shop.owner.headers) for body in bodies)
    )
    assert sorted(each.status_code for each in answers) == [201] * 2 + [400] * 6
    assert await held(shop, cover) == 2_000


async def test_a_sale_of_sets_sends_no_statement_more(shop: Shop, client: Client, kit: UUID, cover: UUID) -> None:
    counted = []
    for variant in (cover, kit):
        await sold(client, shop, (variant, 1), paid=1000)
        with statements.noted() as sent:
            await sold(client, shop, (variant, 1), paid=1000)
        counted.append(len(sent))
    assert counted[0] == counted[1]


async def test_what_comes_back_in_parts_comes_to_exactly_what_was_taken(
    shop: Shop, client: Client, cover: UUID, guard: UUID
) -> None:
    odd = await a_set(shop, client, "odd", (cover, 0.333), (guard, 1), price_minor=1000)
    sale = await sold(client, shop, (odd, 3), paid=3000)
    assert await held(shop, cover) == 10_000 - 999
    notes = [await credited(client, shop, sale, back(sale, part)) for part in (0.5, 1, 1.5)]
    assert (await held(shop, cover), await held(shop, guard)) == (10_000, 10_000)
    assert sum(note["total"] for note in notes) == 3000
    async with shop.asking() as ctx:
        query = select(SoldComponent.quantity_milli).where(
            SoldComponent.invoice_line_id.is_not(None), SoldComponent.variant_id == cover
        )
        parts = (await ctx.db.scalars(query.order_by(SoldComponent.id))).all()
    assert list(parts) == [167, 333, 499]


async def test_a_set_that_changed_gives_back_what_it_took_when_it_was_sold(
    shop: Shop, client: Client, kit: UUID, cover: UUID, guard: UUID
) -> None:
    sale = await sold(client, shop, (kit, 2), paid=1800)
    await composed(shop, client, kit, (guard, 1))
    shown = (await client.get(f"/api/sales/{sale['id']}", headers=shop.owner.headers)).json()["data"]
    assert shown["lines"] == sale["lines"]
    await post(client, shop.owner, f"/api/sales/{sale['id']}/reverse", {"reason": "wrong set"}, status=200)
    assert (await held(shop, cover), await held(shop, guard)) == (10_000, 10_000)
    await sold(client, shop, (kit, 1), paid=900)
    assert (await held(shop, cover), await held(shop, guard)) == (10_000, 9_000)


async def test_a_set_let_off_without_its_goods_brings_nothing_back(
    shop: Shop, client: Client, kit: UUID, cover: UUID
) -> None:
    sale = await sold(client, shop, (kit, 2), paid=1800)
    await credited(client, shop, sale, back(sale, 1, restock="none"))
    assert await held(shop, cover) == 8_000
    await credited(client, shop, sale, back(sale, 1, restock="damaged"))
    assert await held(shop, cover) == 8_000


async def test_a_set_without_its_receipt_comes_back_as_it_is_made_now(
    shop: Shop, client: Client, kit: UUID, cover: UUID, guard: UUID
) -> None:
    body = {
        "reason": "no receipt", "lines": [{"variant_id": str(kit), "quantity": 1, "price": 900, "restock": "stock"}],
        "refunds": [{"method": "cash", "amount": 900}],
    }  # fmt: skip
    await post(client, shop.owner, "/api/credit-notes", body)
    assert (await held(shop, cover), await held(shop, guard)) == (11_000, 11_500)


async def test_a_sale_that_is_paid_up_later_takes_what_the_set_was_then(
    shop: Shop, client: Client, kit: UUID, cover: UUID, guard: UUID
) -> None:
    waiting = await sold(client, shop, (cover, 1), paid=100)
    changed = {"version": waiting["version"], "lines": [{"variant_id": str(kit), "quantity": 2}]}
    await post(client, shop.owner, f"/api/sales/{waiting['id']}", changed, status=200, method="PUT")
    await composed(shop, client, kit, (cover, 9))
    payment = {"payments": [{"id": str(new_id()), "method": "cash", "amount": 1700}]}
    done = await post(client, shop.owner, f"/api/sales/{waiting['id']}/payments", payment)
    assert done["state"] == "completed"
    assert (await held(shop, cover), await held(shop, guard)) == (8_000, 7_000)


async def test_a_corrected_sale_takes_the_sets_of_the_new_one(
    shop: Shop, client: Client, kit: UUID, cover: UUID, guard: UUID
) -> None:
    sale = await sold(client, shop, (kit, 4), paid=3600)
    new = {"lines": [{"variant_id": str(kit), "quantity": 1}], "payments": [{"method": "cash", "amount": 900}]}
    body = {"sale": new, "reason": "one was meant"}
    await post(client, shop.owner, f"/api/sales/{sale['id']}/correct", body)
    assert (await held(shop, cover), await held(shop, guard)) == (9_000, 8_500)


async def test_a_set_sold_offline_takes_its_components_below_zero_and_says_so(
    shop: Shop, client: Client, cover: UUID, guard: UUID
) -> None:
    pair = await a_set(shop, client, "pair", (cover, 1), (guard, 6), price_minor=1000)
    device = await a_device(shop, client)
    answer = await device.deliver(device.ring((Item(pair, name="pair"), 2)))
    assert answer.status_code == 201, answer.text
    (told,) = answer.json()["data"]["exceptions"]
    assert (told["code"], told["details"]["short"][0]["name"]) == ("OUT_OF_STOCK", "guard")
    assert (await held(shop, cover), await held(shop, guard)) == (8_000, -2_000)


async def test_a_set_with_a_phone_names_it_and_takes_what_expires_first(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1", "C1")
    syrup = await medicine(shop, client, SOON=(1, 3), LATE=(5, 90))
    box = await a_set(shop, client, "box", (phone, 1), (syrup, 0.75), price_minor=100)

    def line(*serials: str) -> dict[str, Any]:
        return {"variant_id": str(box), "quantity": 2, "serials": list(serials)}

    paid = {"payments": [{"method": "cash", "amount": 200}]}
    told = await post(client, shop.owner, "/api/sales", {"lines": [line("A1")], **paid}, status=400)
    assert (told["code"], told["details"]["lines"][0]["name"]) == ("SERIALS_REQUIRED", "phone")
    told = await post(client, shop.owner, "/api/sales", {"lines": [line("A1", "B1", "C1")], **paid}, status=400)
    assert (told["code"], told["details"]["units"][0]["serial"]) == ("UNITS_NOT_HERE", "C1")
    sale = await post(client, shop.owner, "/api/sales", {"lines": [line("A1", "B1")], **paid})
    assert (await state(shop, "B1"))[0] == "sold"
    assert await left(shop, syrup) == {"LATE": 4_500}
    await credited(client, shop, sale, back(sale, 1) | {"serials": ["B1"]})
    assert await state(shop, "B1") == ("in_stock", shop.showroom_id)
    assert (await state(shop, "A1"))[0] == "sold"
    await credited(client, shop, sale)
    assert (await state(shop, "A1"))[0] == "in_stock"
    assert await left(shop, syrup) == {"SOON": 1_000, "LATE": 5_000}
    assert await faults(shop, phone) == []


async def test_of_sets_with_several_phones_those_that_were_named_come_back(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1", "C1", "D1", "E1")
    watch = await watches(shop, client, "W1", "W2")
    box = await a_set(shop, client, "box", (phone, 2), (watch, 1), price_minor=100)
    cart = {"variant_id": str(box), "quantity": 2, "serials": ["A1", "B1", "C1", "D1", "W1", "W2"]}
    paid = [{"method": "cash", "amount": 200}]
    sale = await post(client, shop.owner, "/api/sales", {"lines": [cart], "payments": paid})

    async def refused(*serials: str) -> Json:
        return await credited(client, shop, sale, back(sale, 1) | {"serials": list(serials)}, status=400)

    told = await refused("W2", "C1")
    assert (told["code"], told["details"]["lines"]) == (
        "SERIALS_REQUIRED", [{"variant_id": str(phone), "name": "phone", "pieces": 2, "named": 1}]
    )  # fmt: skip
    told = await refused("E1", "A1", "W1", "B1", "X9", "W2")
    assert told["code"] == "UNITS_NOT_HERE"
    assert {(each["serial"], each["state"]) for each in told["details"]["units"]} == {
        ("E1", "unknown"), ("X9", "unknown"), ("W2", "sold")
    }  # fmt: skip
    await credited(client, shop, sale, back(sale, 1) | {"serials": ["W2", "C1", "A1"]})
    assert [(await state(shop, each))[0] for each in ("A1", "B1", "C1", "D1", "W1", "W2")] == [
        "in_stock", "sold", "in_stock", "sold", "sold", "in_stock"
    ]  # fmt: skip
    told = await refused("W1", "A1", "D1")
    assert told["details"]["units"] == [{"variant_id": str(phone), "serial": "A1", "state": "unknown"}]
    await credited(client, shop, sale)
    assert await faults(shop, phone) == await faults(shop, watch) == []


async def test_sets_with_phones_come_back_without_their_receipt(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    box = await a_set(shop, client, "box", (phone, 2), price_minor=100)
    cart = {"variant_id": str(box), "quantity": 1, "serials": ["A1", "B1"]}
    paid = [{"method": "cash", "amount": 100}]
    await post(client, shop.owner, "/api/sales", {"lines": [cart], "payments": paid})
    loose = {"lines": [cart | {"price": 100, "serials": ["B1", "A1", "C1"]}], "reason": "no receipt", "refunds": paid}
    told = await post(client, shop.owner, "/api/credit-notes", loose, status=400)
    assert told["details"]["units"] == [{"variant_id": str(phone), "serial": "C1", "state": "unknown"}]
    loose["lines"] = [cart | {"price": 100, "serials": ["B1", "A1"]}]
    await post(client, shop.owner, "/api/credit-notes", loose)
    assert await state(shop, "A1") == await state(shop, "B1") == ("in_stock", shop.showroom_id)


async def test_numbers_of_a_set_without_numbered_goods_are_told(shop: Shop, client: Client, kit: UUID) -> None:
    sale = await sold(client, shop, (kit, 1), paid=900)
    told = await credited(client, shop, sale, back(sale, 1) | {"serials": ["A1"]}, status=400)
    assert told["details"]["units"] == [{"variant_id": str(kit), "serial": "A1", "state": "unknown"}]


async def test_a_component_stays_on_sale_while_a_set_needs_it(
    shop: Shop, client: Client, kit: UUID, cover: UUID
) -> None:
    products = (await client.get("/api/products?q=cover", headers=shop.owner.headers)).json()["data"]
    path = f"/api/products/{products[0]['id']}"
    refused = [
        await post(client, shop.owner, path, {"version": products[0]["version"], **change}, status=400, method="PUT")
        for change in ({"active": False}, {"tracking": "none"})
    ]
    refused.append(await post(client, shop.owner, path, status=400, method="DELETE"))
    assert [(each["code"], each["details"]["sets"]) for each in refused] == [("PART_OF_SETS", ["kit"])] * 3
    sku = products[0]["variants"][0]["sku"]
    for column, value in (("Tracking", "none"), ("Active", "no")):
        sheet = {"file": ("goods.csv", f"Name,SKU,Price,{column}\ncover,{sku},300,{value}\n".encode())}
        answer = await client.post("/api/products/import", files=sheet, headers=shop.owner.headers)
        assert answer.json()["data"]["failed"] == 1, answer.text
    await composed(shop, client, kit)
    assert (await post(client, shop.owner, path, status=200, method="DELETE"))["outcome"] == "deactivated"
    sale = await sold(client, shop, (kit, 1), paid=900)
    assert "components" not in sale["lines"][0]


async def test_what_cannot_be_part_of_a_set_is_refused(
    shop: Shop, client: Client, kit: UUID, cover: UUID, guard: UUID
) -> None:
    other = await stock_up(shop, "other")
    phone = await phones(shop, client, "A1")
    for variant, component, code in (
        (other, other, "COMPONENT_NOT_FIT"), (other, kit, "COMPONENT_NOT_FIT"), (cover, other, "PART_OF_SETS"),
        (phone, cover, "SET_FOLLOWED"),
    ):  # fmt: skip
        told = await composed(shop, client, variant, (component, 1), status=400)
        assert told["code"] == code, told
    assert (await composed(shop, client, other, (new_id(), 1), status=404))["code"] == "COMPONENT_UNKNOWN"
    built = await a_set(shop, client, "built", (guard, 1), built=True)
    told = await composed(shop, client, other, (built, 1), status=400)
    assert told["details"]["reason"] == "it is a set"
    told = await composed(shop, client, other, (cover, 1), (cover, 2), status=400)
    assert told["code"] == "VALIDATION_ERROR"


async def test_two_sets_made_of_each_other_at_once_are_one_set(shop: Shop, client: Client) -> None:
    one, other = await stock_up(shop, "one"), await stock_up(shop, "other")
    answers = await asyncio.gather(
        *(composed(shop, client, of, (made_of, 1), status=200) for of, made_of in ((one, other), (other, one))),
        return_exceptions=True,
    )
    assert sorted(isinstance(answer, AssertionError) for answer in answers) == [False, True]


async def test_tills_get_what_sets_are_made_of(shop: Shop, client: Client, kit: UUID, cover: UUID, guard: UUID) -> None:
    answer = await client.get("/api/sync/changes", headers=shop.owner.headers)
    items = {row["id"]: row for part in answer.json()["data"]["changes"] if part["kind"] == "item"
             for row in part["rows"]}  # fmt: skip
    assert items[str(kit)]["components"] == [
        {"variant_id": str(cover), "quantity_milli": 1000}, {"variant_id": str(guard), "quantity_milli": 1500}
    ]
    assert "components" not in items[str(cover)]


async def test_how_many_sets_there_are_is_said_for_each_location(
    shop: Shop, client: Client, kit: UUID, cover: UUID, guard: UUID
) -> None:
    products = (await client.get("/api/products?q=kit", headers=shop.owner.headers)).json()["data"]
    asked = await client.get(f"/api/products/{products[0]['id']}/components", headers=shop.owner.headers)
    (made,) = asked.json()["data"]["sets"]
    assert (made["variant_id"], made["built_beforehand"]) == (str(kit), False)
    assert [(each["name"], each["quantity"]) for each in made["components"]] == [("cover", 1), ("guard", 1.5)]
    assert [(each["location_id"], each["can_make"], each["scarce"]) for each in made["stock"]] == [
        (str(shop.showroom_id), 6, "guard")
    ]
    guards = (await client.get("/api/products?q=guard", headers=shop.owner.headers)).json()["data"]
    asked = await client.get(f"/api/products/{guards[0]['id']}/components", headers=shop.owner.headers)
    assert [each["name"] for each in asked.json()["data"]["part_of"]] == ["kit"]
    nobody = await client.get(f"/api/products/{new_id()}/components", headers=shop.owner.headers)
    assert nobody.status_code == 404


async def test_the_list_of_products_says_how_many_sets_there_are(
    shop: Shop, client: Client, kit: UUID, cover: UUID, guard: UUID
) -> None:
    async def listed(who: Person) -> dict[str, Any]:
        answer = await client.get("/api/products", headers=who.headers)
        return {each["name"]: each["variants"][0].get("can_make") for each in answer.json()["data"]}

    assert await listed(shop.owner) == {"kit": 6, "cover": None, "guard": None}
    await sold(client, shop, (guard, 2), paid=2_000)
    await client.get("/api/products", headers=shop.owner.headers)
    with statements.noted() as one_set:
        assert (await listed(shop.owner))["kit"] == 5
    await a_set(shop, client, "none", (await stock_up(shop, "gone", quantity_milli=0), 1))
    await a_set(shop, client, "built", (cover, 1), built=True)
    with statements.noted() as three_sets:
        assert await listed(shop.owner) == {
            "kit": 5, "none": 0, "built": None, "cover": None, "guard": None, "gone": None
        }  # fmt: skip
    assert len(one_set) == len(three_sets)
    assert set((await listed(await without_stock(shop, client))).values()) == {None}


async def without_stock(shop: Shop, client: Client) -> Person:
    """Somebody who sells and may not see stock."""
    cashier = await hire(shop, "staff")
    roles = (await client.get("/api/roles", headers=shop.owner.headers)).json()["data"]
    role = next(each for each in roles if each["preset"] == "staff")
    permissions = {name: scope for name, scope in role["permissions"].items() if name != "stock:read"}
    body = {"version": role["version"], "permissions": permissions}
    await post(client, shop.owner, f"/api/roles/{role['id']}", body, status=200, method="PUT")
    return cashier


async def test_a_line_keeps_that_the_set_itself_moved_nothing(shop: Shop, client: Client, kit: UUID) -> None:
    sale = await sold(client, shop, (kit, 1), paid=900)
    async with shop.asking() as ctx:
        (line,) = (await ctx.db.scalars(select(SaleLine).where(SaleLine.sale_id == UUID(sale["id"])))).all()
        cost = await ctx.db.scalar(select(Sale.cost_minor).where(Sale.id == UUID(sale["id"])))
    assert (line.stocked, line.unit_cost_minor, cost) == (False, 452, 300 + 152)
