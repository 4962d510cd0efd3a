"""A shop fills its shelves over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from duka.catalog import shelf
from duka.catalog.actions import editing, products
from duka.catalog.models import Cost, Price, Product
from duka.platform.edge import House
from duka.platform.errors import Forbidden
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.stock.models import Balance
from tests import statements, world
from tests.catalog.till import Till
from tests.world import Shop

EAN = "6001087340014"


async def test_a_simple_product_is_on_sale_at_once(njeri: Till) -> None:
    group = await njeri.make("Cables")
    made = await njeri.sell(
        "USB cable", group_id=group["id"], sku="CBL-1", barcode=EAN, price=5000, cost=3000, unit="piece",
        brand="Anker", hsn="8544", min_stock=2.5, warranty_months=6, external_ref="lv-17", description="One metre",
    )  # fmt: skip
    assert made == await njeri.ask("GET", f"/api/products/{made['id']}")
    (variant,) = made["variants"]
    assert (variant["name"], variant["sku"], variant["barcode"]) == ("USB cable", "CBL-1", EAN)
    assert (variant["price"], variant["cost"], variant["tax_included"]) == (5000, 3000, True)
    assert variant["next_price"] is None
    assert made["tax_class"] == {
        "id": made["tax_class"]["id"], "name": "VAT 18 %", "treatment": "taxed",
        "rates": [{"kind": "vat", "code": "VAT", "rate_bp": 1800}],
    }  # fmt: skip
    assert (made["min_stock"], made["reorder_level"]) == (2.5, None)
    assert (made["tracking"], made["kind"]) == ("quantity", "goods")
    found = await njeri.ask("GET", f"/api/products/barcode/{EAN}")
    assert (found["variant_id"], found["product"]["id"]) == (variant["id"], made["id"])


async def test_where_it_stands_is_told(client: httpx2.AsyncClient, njeri: Till) -> None:
    answer = await client.post("/api/products", json={"name": "Lamp", "price": 1}, headers=njeri.headers)
    assert answer.headers["location"] == f"/api/products/{answer.json()['data']['id']}"


async def test_every_combination_of_the_choices_becomes_a_variant(njeri: Till) -> None:
    made = await njeri.sell("T-shirt", price=20000, cost=9000, generate=True,
                            attributes={"size": ["S", "M"], "colour": ["red", "नीला", "काला"]})
    assert [variant["name"] for variant in made["variants"]] == [
        "T-shirt (S, red)", "T-shirt (S, नीला)", "T-shirt (S, काला)", "T-shirt (M, red)", "T-shirt (M, नीला)",
        "T-shirt (M, काला)",
    ]  # fmt: skip
    assert len({variant["sku"] for variant in made["variants"]}) == 6
    assert {(variant["price"], variant["cost"]) for variant in made["variants"]} == {(20000, 9000)}
    assert made["variants"][0]["choices"] == {"size": "S", "colour": "red"}
    too_many = {"number": [str(number) for number in range(101)], "colour": ["red", "blue"]}
    refused = await njeri.sell("Beads", 400, price=1, generate=True, attributes=too_many)
    assert (refused["code"], refused["details"]) == ("TOO_MANY_VARIANTS", {"asked": 202, "limit": 200})


async def test_generated_variants_share_the_beginning_of_their_sku(njeri: Till) -> None:
    made = await njeri.sell("Cap", price=1, sku="CAP", generate=True, attributes={"colour": ["red", "blue"]})
    assert [variant["sku"] for variant in made["variants"]] == ["CAP-RED", "CAP-BLUE"]


async def test_variants_have_their_own_codes_and_prices(njeri: Till) -> None:
    made = await njeri.sell("Phone X", variants=[
        {"choices": {"storage": "64"}, "sku": "X-64", "price": 500, "cost": 400},
        {"choices": {"storage": "128"}, "sku": "X-128", "barcode": EAN, "price": 700, "tax_included": False},
    ])  # fmt: skip
    assert made["attributes"] == {"storage": ["64", "128"]}
    assert [(each["sku"], each["price"], each.get("cost")) for each in made["variants"]] == [
        ("X-64", 500, 400), ("X-128", 700, None),
    ]  # fmt: skip
    refused = await njeri.ask("PUT", f"/api/products/{made['id']}", 400, json={"price": 1, "version": 1})
    assert (refused["code"], refused["details"]) == ("SEVERAL_VARIANTS", {"field": "price"})
    grown = await njeri.ask("POST", f"/api/products/{made['id']}/variants", 201,
                            json={"choices": {"storage": "256"}, "price": 900})
    assert grown["attributes"] == {"storage": ["64", "128", "256"]}
    assert grown["version"] == 2
    twice = await njeri.ask("POST", f"/api/products/{made['id']}/variants", 400,
                            json={"choices": {"storage": "256"}, "price": 900})
    assert twice["code"] == "VARIANT_STANDS"


async def test_a_variant_is_changed_and_removed_on_its_own(njeri: Till) -> None:
    made = await njeri.sell("Phone X", price=500, generate=True, attributes={"storage": ["64", "128"]})
    first, second = made["variants"]
    path = f"/api/products/{made['id']}/variants/{first['id']}"
    changed = await njeri.ask("PUT", path, json={"price": 550, "barcode": EAN, "version": 1})
    mine = changed["variants"][0]
    assert (mine["price"], mine["barcode"], mine["version"], changed["version"]) == (550, EAN, 2, 2)
    assert changed["variants"][1] == second
    assert (await njeri.ask("PUT", path, 409, json={"price": 560, "version": 1}))["code"] == "STALE_VERSION"
    assert (await njeri.ask("DELETE", path))["outcome"] == "deleted"
    await njeri.ask("PUT", path, 404, json={"price": 560, "version": 3})
    last = f"/api/products/{made['id']}/variants/{second['id']}"
    assert (await njeri.ask("DELETE", last, 400))["code"] == "LAST_VARIANT"
    assert len((await njeri.ask("GET", f"/api/products/{made['id']}"))["variants"]) == 1
    await njeri.sell("Other", price=1, barcode=EAN)


async def test_codes_are_used_once(njeri: Till) -> None:
    await njeri.sell("Cable", price=1, sku="CBL", barcode=EAN, external_ref="1")
    sku = await njeri.sell("Lamp", 400, price=1, sku="CBL")
    assert (sku["code"], sku["details"]) == ("SKU_TAKEN", {"sku": "CBL", "field": "sku"})
    barcode = await njeri.sell("Lamp", 400, variants=[
        {"choices": {"size": "S"}, "price": 1}, {"choices": {"size": "M"}, "price": 1, "barcode": EAN},
    ])  # fmt: skip
    assert (barcode["code"], barcode["details"]) == ("BARCODE_TAKEN", {"barcode": EAN, "field": "variants.1.barcode"})
    assert (await njeri.sell("Lamp", 400, price=1, external_ref="1"))["code"] == "EXTERNAL_REF_TAKEN"
    lamp = await njeri.sell("Lamp", price=1, sku="LMP")
    path = f"/api/products/{lamp['id']}"
    for change, code in (
        ({"sku": "CBL"}, "SKU_TAKEN"), ({"barcode": EAN}, "BARCODE_TAKEN"),
        ({"external_ref": "1"}, "EXTERNAL_REF_TAKEN"),
    ):  # fmt: skip
        assert (await njeri.ask("PUT", path, 400, json={**change, "version": 1}))["code"] == code
    assert (await njeri.ask("PUT", path, json={"sku": "LMP", "version": 1}))["version"] == 1
    assert (await njeri.sell("Other", 409, price=1, id=lamp["id"]))["code"] == "ID_TAKEN"


@pytest.mark.parametrize(
    ("barcode", "right"),
    [
        (EAN, True), ("6001087340013", False), ("96385074", True), ("96385075", False), ("036000291452", True),
        ("036000291453", False), ("10614141000415", True), ("2000000000008", True), ("12345", True), ("ABC-12", True),
    ],
)  # fmt: skip
async def test_the_check_digit_of_a_gtin_is_looked_at(njeri: Till, barcode: str, right: bool) -> None:
    answer = await njeri.sell("Thing", 201 if right else 400, price=1, barcode=barcode)
    if right:
        assert answer["variants"][0]["barcode"] == barcode
    else:
        assert "last one should be" in answer["details"]["barcode"][0]


async def test_a_upc_is_found_as_the_ean_that_scanners_make_of_it(njeri: Till) -> None:
    made = await njeri.sell("Soap", price=1, barcode="036000291452")
    for scanned in ("036000291452", "0036000291452"):
        assert (await njeri.ask("GET", f"/api/products/barcode/{scanned}"))["product"]["id"] == made["id"]
    await njeri.ask("GET", "/api/products/barcode/000", 404)


async def test_a_new_price_is_a_new_row_and_the_old_one_stays(njeri: Till, shop: Shop) -> None:
    made = await njeri.sell("Cable", price=5000, cost=3000)
    path = f"/api/products/{made['id']}"
    changed = await njeri.ask("PUT", path, json={"price": 6000, "cost": 3500, "version": 1})
    assert (changed["variants"][0]["price"], changed["variants"][0]["cost"], changed["version"]) == (6000, 3500, 2)
    same = await njeri.ask("PUT", path, json={"price": 6000, "cost": 3500, "tax_included": True, "version": 2})
    assert same["version"] == 2
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(Price.price_minor).order_by(Price.id))).all() == [5000, 6000]
        assert (await ctx.db.scalars(select(Cost.cost_minor).order_by(Cost.id))).all() == [3000, 3500]
        told = await ctx.db.scalars(select(AuditEntry).where(AuditEntry.entity == "product").order_by(AuditEntry.id))
        made_entry, price_entry = told.all()
        events = (await ctx.db.scalars(select(OutboxEvent.event).order_by(OutboxEvent.id))).all()
    assert made_entry.action == "create"
    assert price_entry.before == {"price_minor": 5000, "tax_included": True, "cost_minor": 3000}
    assert price_entry.after == {"price_minor": 6000, "tax_included": True, "cost_minor": 3500}
    assert events == ["product.created", "product.updated"]


async def test_a_price_may_begin_later(njeri: Till) -> None:
    made = await njeri.sell("Cable", price=5000)
    path = f"/api/products/{made['id']}"
    monday = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    changed = await njeri.ask("PUT", path, json={"price": 6000, "price_from": monday.isoformat(), "version": 1})
    (variant,) = changed["variants"]
    assert variant["price"] == 5000
    assert variant["next_price"]["price"] == 6000
    assert datetime.fromisoformat(variant["next_price"]["valid_from"]) == monday
    past = {"price": 1, "price_from": "2020-01-01T00:00:00Z", "version": 2}
    assert (await njeri.ask("PUT", path, 400, json=past))["code"] == "PRICE_IN_THE_PAST"
    no_zone = {"price": 1, "price_from": "2030-01-01T00:00:00", "version": 2}
    assert "price_from" in (await njeri.ask("PUT", path, 400, json=no_zone))["details"]


async def test_a_change_merges(njeri: Till) -> None:
    made = await njeri.sell("Cable", price=1, brand="Anker", hsn="8544", barcode=EAN, reorder_level=3)
    path = f"/api/products/{made['id']}"
    changed = await njeri.ask("PUT", path, json={"name": "Kabel", "hsn": None, "barcode": None, "reorder_level": 1.5},
                              headers={"If-Match": "1"})
    assert (changed["name"], changed["hsn"], changed["brand"]) == ("Kabel", None, "Anker")
    assert changed["reorder_level"] == 1.5
    assert (changed["variants"][0]["name"], changed["variants"][0]["barcode"]) == ("Kabel", None)
    assert await njeri.names("/api/products?q=kabel") == ["Kabel"]
    assert (await njeri.ask("PUT", path, 409, json={"name": "C", "version": 1}))["details"] == {"current_version": 2}
    assert (await njeri.ask("PUT", path, 400, json={"name": "C"}))["code"] == "VERSION_REQUIRED"
    assert "price" in (await njeri.ask("PUT", path, 400, json={"price": None, "version": 2}))["details"]
    service = await njeri.sell("Repair", price=1, kind="service")
    assert service["tracking"] == "none"
    refused = await njeri.ask("PUT", f"/api/products/{service['id']}", 400, json={"tracking": "serial", "version": 1})
    assert "tracking" in refused["details"]


async def test_what_nothing_happened_to_is_deleted_and_its_codes_are_free(njeri: Till) -> None:
    made = await njeri.sell("Cable", price=1, sku="CBL", barcode=EAN, external_ref="1")
    gone = await njeri.ask("DELETE", f"/api/products/{made['id']}")
    assert gone == {"id": made["id"], "outcome": "deleted"}
    await njeri.ask("GET", f"/api/products/{made['id']}", 404)
    await njeri.ask("DELETE", f"/api/products/{made['id']}", 404)
    await njeri.ask("GET", f"/api/products/barcode/{EAN}", 404)
    assert await njeri.names("/api/products?q=cbl") == []
    await njeri.sell("Cable", price=1, sku="CBL", barcode=EAN, external_ref="1")


async def test_what_has_history_is_taken_off_sale_and_stays(njeri: Till, shop: Shop) -> None:
    made = await njeri.sell("Cable", price=1, sku="CBL")
    async with shop.as_() as ctx:
        variant_id = made["variants"][0]["id"]
        ctx.db.add(Balance(shop_id=ctx.shop_id, variant_id=variant_id, location_id=shop.showroom_id, quantity_milli=0))
    answer = await njeri.ask("DELETE", f"/api/products/{made['id']}")
    assert answer["outcome"] == "deactivated"
    kept = await njeri.ask("GET", f"/api/products/{made['id']}")
    assert kept["active"] is False
    assert await njeri.names("/api/products?active=true") == []
    assert (await njeri.sell("Other", 400, price=1, sku="CBL"))["code"] == "SKU_TAKEN"
    back = await njeri.ask("PUT", f"/api/products/{made['id']}", json={"active": True, "version": kept["version"]})
    assert back["active"] is True


async def test_things_are_found_by_part_and_in_spite_of_typing_errors(njeri: Till) -> None:
    await njeri.sell("Samsung 25W charger", price=1, sku="SAM-25W", brand="Samsung")
    await njeri.sell("Café lamp 100% LED", price=1, barcode=EAN)
    await njeri.sell("हिंदी किताब", price=1)
    for asked, found in (
        ("charg", "Samsung 25W charger"), ("charger samsung", "Samsung 25W charger"), ("m-25", "Samsung 25W charger"),
        ("cafe", "Café lamp 100% LED"), (EAN[4:9], "Café lamp 100% LED"), ("100%25", "Café lamp 100% LED"),
        ("किताब", "हिंदी किताब"), ("chargre", "Samsung 25W charger"), ("samsnug", "Samsung 25W charger"),
    ):  # fmt: skip
        assert await njeri.names(f"/api/products?q={asked}") == [found], asked
    assert await njeri.names("/api/products?q=bicycle") == []
    assert await njeri.names("/api/products?q=_") == []


async def test_the_list_is_filtered_sorted_and_paged(njeri: Till) -> None:
    group = await njeri.make("Cables")
    for number, tracking in enumerate(("serial", "quantity", "none")):
        await njeri.sell(f"Item {number}", price=1, tracking=tracking, group_id=group["id"] if number else None)
    await njeri.sell("Lamp", price=1, external_ref="web-17")
    assert await njeri.names("/api/products?external_ref=web-17") == ["Lamp"]
    file = await njeri.client.get("/api/products?external_ref=web-17&format=json", headers=njeri.headers)
    assert [row["name"] for row in file.json()] == ["Lamp"]
    assert await njeri.names("/api/products?external_ref=web") == []
    assert await njeri.names("/api/products?tracking=serial") == ["Item 0"]
    assert await njeri.names(f"/api/products?group_id={group['id']}&sort=-name") == ["Item 2", "Item 1"]
    pages, cursor = [], ""
    while cursor is not None:
        answer = await njeri.client.get(f"/api/products?limit=1&total=true{cursor and '&cursor=' + cursor}",
                                        headers=njeri.headers)
        body = answer.json()
        pages += [one["name"] for one in body["data"]]
        assert body["page"]["total"] == 4
        cursor = body["page"]["next_cursor"]
    assert pages == ["Item 0", "Item 1", "Item 2", "Lamp"]


async def test_what_is_nearly_written_so_comes_on_one_page_the_closest_first(njeri: Till) -> None:
    for name in ("Charger for cars", "Charges", "Chargre", "Lamp"):
        await njeri.sell(name, price=1)
    answer = (await njeri.client.get("/api/products?q=chargree", headers=njeri.headers)).json()
    assert answer["data"][0]["name"] == "Chargre"
    assert {one["name"] for one in answer["data"]} == {"Chargre", "Charges", "Charger for cars"}
    assert answer["page"]["next_cursor"] is None


async def test_the_list_is_one_statement_however_long(njeri: Till) -> None:
    for number in range(5):
        await njeri.sell(f"Shirt {number}", price=1, cost=1, generate=True, attributes={"size": ["S", "M"]})
    with statements.noted() as sent:
        listed: Any = await njeri.ask("GET", "/api/products?q=shirt")
    assert [len(one["variants"]) for one in listed] == [2] * 5
    assert len(sent) == 2, sent  # set the shop, ask for the list


async def test_a_scanned_barcode_is_one_statement(njeri: Till) -> None:
    await njeri.sell("Cable", price=1, barcode="4006381333931")
    with statements.noted() as sent:
        found: Any = await njeri.ask("GET", "/api/products/barcode/4006381333931")
    assert found["product"]["name"] == "Cable"
    assert len(sent) == 2, sent  # set the shop, find it


async def test_costs_are_absent_for_who_may_not_see_them(client: httpx2.AsyncClient, njeri: Till, shop: Shop) -> None:
    made = await njeri.sell("Cable", price=5000, cost=3000, barcode=EAN)
    otieno = Till(client, await world.hire(shop, "staff"))
    for shown in (
        await otieno.ask("GET", f"/api/products/{made['id']}"),
        (await otieno.ask("GET", f"/api/products/barcode/{EAN}"))["product"],
        *(await otieno.ask("GET", "/api/products")),
    ):
        assert isinstance(shown, dict)
        assert "cost" not in shown["variants"][0]
        assert shown["variants"][0]["price"] == 5000
    accountant = Till(client, await world.hire(shop, "accountant"))
    assert (await accountant.ask("GET", f"/api/products/{made['id']}"))["variants"][0]["cost"] == 3000


async def test_each_role_does_what_it_may(client: httpx2.AsyncClient, njeri: Till, shop: Shop) -> None:
    made = await njeri.sell("Cable", price=5000)
    path, variant = f"/api/products/{made['id']}", made["variants"][0]["id"]
    supervisor = Till(client, await world.hire(shop, "supervisor"))
    for refused in (
        await supervisor.sell("Mine", 403, price=1),
        await supervisor.ask("PUT", path, 403, json={"price": 1, "version": 1}),
        await supervisor.ask("DELETE", path, 403),
        await supervisor.ask("POST", f"{path}/variants", 403, json={"price": 1}),
        await supervisor.ask("PUT", f"{path}/variants/{variant}", 403, json={"version": 1}),
        await supervisor.ask("DELETE", f"{path}/variants/{variant}", 403),
        await supervisor.ask("DELETE", f"/api/products/{new_id()}", 403),
    ):
        assert refused["code"] == "FORBIDDEN"
    stores = Till(client, await world.hire(shop, "inventory_manager"))
    assert (await stores.ask("PUT", path, json={"price": 1, "version": 1}))["variants"][0]["price"] == 1


async def test_prices_and_costs_need_their_own_permission(shop: Shop, njeri: Till) -> None:
    made = await njeri.sell("Cable", price=5000, cost=3000)
    async with shop.as_(permissions={"products:update": "shop", "products:create": "shop"}) as ctx:
        product_id = UUID(made["id"])
        with pytest.raises(Forbidden, match="prices:update"):
            await editing.edit_product(ctx, product_id, {"price_minor": 1}, 1)
        with pytest.raises(Forbidden, match="products:cost"):
            await editing.edit_product(ctx, product_id, {"cost_minor": 1}, 1)
        with pytest.raises(Forbidden, match="products:cost"):
            await products.add_product(
                ctx, products.NewProduct(name="X", variants=[products.NewVariant(price_minor=1, cost_minor=1)])
            )
        await editing.edit_product(ctx, product_id, {"name": "Kabel", "price_minor": 5000}, 1)


async def test_a_neighbour_cannot_tell_our_goods_from_none(
    client: httpx2.AsyncClient, house: House, njeri: Till
) -> None:
    made = await njeri.sell("Cable", price=1, sku="CBL", barcode=EAN)
    group = await njeri.make("Ours")
    neighbour = Till(client, (await world.open_a_shop(house)).owner)
    ours = await neighbour.sell("Mine", price=1, sku="CBL", barcode=EAN)
    for product_id, variant_id in ((made["id"], made["variants"][0]["id"]), (new_id(), new_id())):
        path = f"/api/products/{product_id}"
        for refused in (
            await neighbour.ask("GET", path, 404),
            await neighbour.ask("PUT", path, 404, json={"name": "X", "version": 1}),
            await neighbour.ask("DELETE", path, 404),
            await neighbour.ask("POST", f"{path}/variants", 404, json={"price": 1}),
            await neighbour.ask("PUT", f"{path}/variants/{variant_id}", 404, json={"version": 1}),
            await neighbour.ask("DELETE", f"{path}/variants/{variant_id}", 404),
        ):
            assert (refused["code"], refused["details"]) == ("NOT_FOUND", {"what": "product"})
    wrong = f"/api/products/{ours['id']}/variants/{made['variants'][0]['id']}"
    assert (await neighbour.ask("DELETE", wrong, 404))["details"] == {"what": "variant"}
    for group_id in (group["id"], str(new_id())):
        for refused in (
            await neighbour.sell("X", 404, price=1, group_id=group_id),
            await neighbour.ask("PUT", f"/api/products/{ours['id']}", 404, json={"group_id": group_id, "version": 1}),
        ):
            assert refused["details"] == {"what": "group"}
    assert await neighbour.names("/api/products") == ["Mine"]


async def test_bodies_are_checked(njeri: Till) -> None:
    for field, fields in (
        ("shop_id", {"price": 1, "shop_id": str(new_id())}), ("price", {"price": 1.5}), ("price", {"price": -1}),
        ("price", {"price": 10**12 + 1}), ("price", {"price": "5"}), ("min_stock", {"price": 1, "min_stock": 0.0001}),
        ("hsn", {"price": 1, "hsn": "abc"}), ("picture", {"price": 1, "picture": "javascript:alert(1)"}),
        ("tracking", {"price": 1, "tracking": "weight"}), ("body", {}), ("body", {"price": 1, "generate": True}),
        ("body", {"price": 1, "variants": [{"price": 1}]}), ("variants.0.price", {"variants": [{"sku": "A"}]}),
    ):  # fmt: skip
        assert list((await njeri.sell("X", 400, **fields))["details"]) == [field]
    assert "sort" in (await njeri.ask("GET", "/api/products?sort=price", 400))["details"]
    assert "product_id" in (await njeri.ask("GET", "/api/products/7", 400))["details"]


async def test_a_repeated_request_with_its_key_makes_one_product(njeri: Till) -> None:
    key = {"Idempotency-Key": "tap-1"}
    first = await njeri.ask("POST", "/api/products", 201, json={"name": "Cable", "price": 1}, headers=key)
    again = await njeri.ask("POST", "/api/products", 201, json={"name": "Cable", "price": 1}, headers=key)
    assert first == again
    assert await njeri.names("/api/products") == ["Cable"]


async def test_history_is_asked_of_every_table_that_refers_to_goods(shop: Shop) -> None:
    async with shop.asking() as ctx:
        assert await shelf.with_history(ctx, [new_id()]) == set()
        assert (await ctx.db.scalars(select(Product))).all() == []
    assert "stock_movements" in shelf._history_sql()
    assert "sale_lines" in shelf._history_sql()


async def test_ten_who_want_one_sku_at_once_get_it_once(njeri: Till) -> None:
    body = {"name": "Cable", "price": 1, "sku": "CBL"}
    answers = await asyncio.gather(
        *(njeri.client.post("/api/products", json=body, headers=njeri.headers) for _ in range(10))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(201) == 1
    assert set(codes) <= {201, 400, 503}
    assert await njeri.names("/api/products") == ["Cable"]


async def test_two_edits_from_one_version_are_one(njeri: Till) -> None:
    made = await njeri.sell("Cable", price=1)
    path = f"/api/products/{made['id']}"
    answers = await asyncio.gather(*(
        njeri.client.put(path, json={"price": price, "version": 1}, headers=njeri.headers) for price in (2, 3, 4, 5)
    ))  # fmt: skip
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
