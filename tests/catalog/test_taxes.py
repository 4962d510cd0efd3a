"""A shop says how its goods are taxed, from when."""

from typing import Any

import httpx2

from duka.platform.edge import House
from duka.platform.ids import new_id
from tests import world
from tests.catalog.till import Till
from tests.world import Shop

VAT = {"kind": "vat", "code": "VAT", "rate_bp": 1800, "valid_from": "2026-07-01"}


async def _make(njeri: Till, name: str, status: int = 201, **fields: Any) -> dict[str, Any]:
    return await njeri.ask("POST", "/api/tax-classes", status, json={"name": name, **fields})


async def test_a_new_shop_has_the_classes_of_its_country(njeri: Till) -> None:
    listed: Any = await njeri.ask("GET", "/api/tax-classes")
    assert {one["name"]: [rate["rate_bp"] for rate in one["rates"]] for one in listed} == {
        "VAT 18 %": [1800], "Zero-rated": [0], "No tax": [],
    }  # fmt: skip


async def test_an_indian_shop_sells_at_the_rates_of_the_reform_and_knows_the_former_ones(
    client: httpx2.AsyncClient, house: House
) -> None:
    asha = Till(client, (await world.open_a_shop(house, country="IN", currency="INR")).owner)
    listed: Any = await asha.ask("GET", "/api/tax-classes")
    rates = {
        one["name"]: [(rate["rate_bp"], rate["valid_from"]) for rate in one["rates"]] for one in listed if one["active"]
    }
    assert rates == {
        "GST 18 %": [(1800, "2017-07-01")], "GST 5 %": [(500, "2017-07-01")], "GST 40 %": [(4000, "2025-09-22")],
        "Zero-rated": [(0, "2000-01-01")], "No tax": [],
    }  # fmt: skip
    former = {one["name"]: one for one in listed if not one["active"]}
    assert {name: one["rates"][0]["rate_bp"] for name, one in former.items()} == {
        "GST 12 % (until 21 September 2025)": 1200, "GST 28 % (until 21 September 2025)": 2800,
    }  # fmt: skip
    fridge = {"name": "Fridge", "price": 100, "tax_class_id": former["GST 28 % (until 21 September 2025)"]["id"]}
    assert (await asha.ask("POST", "/api/products", 400, json=fridge))["code"] == "TAX_CLASS_NOT_IN_USE"


async def test_a_rate_is_followed_by_a_newer_one_and_never_changed(njeri: Till) -> None:
    made = await _make(njeri, "Reduced", rates=[VAT])
    path = f"/api/tax-classes/{made['id']}"
    grown = await njeri.ask("POST", f"{path}/rates", 201, json={**VAT, "rate_bp": 1600, "valid_from": "2027-01-01"})
    assert [(rate["rate_bp"], rate["valid_from"]) for rate in grown["rates"]] == [
        (1800, "2026-07-01"), (1600, "2027-01-01"),
    ]  # fmt: skip
    again = await njeri.ask("POST", f"{path}/rates", 400, json={**VAT, "rate_bp": 1700})
    assert (again["code"], again["details"]) == ("TAX_RATE_STANDS", {"tax_code": "VAT", "valid_from": "2026-07-01"})
    cess = {"kind": "cess", "code": "LUX", "rate_bp": 1200, "valid_from": "2026-07-01"}
    assert len((await njeri.ask("POST", f"{path}/rates", 201, json=cess))["rates"]) == 3
    assert "rate_bp" in (await njeri.ask("POST", f"{path}/rates", 400, json={**VAT, "rate_bp": 18.5}))["details"]
    assert (await njeri.ask("PUT", f"{path}/rates", 405, json=VAT))["code"] == "METHOD_NOT_ALLOWED"


async def test_a_class_without_tax_bears_no_rate(njeri: Till) -> None:
    refused = await _make(njeri, "Bread", 400, treatment="exempt", rates=[VAT])
    assert refused["code"] == "RATE_DOES_NOT_FIT"
    assert (await _make(njeri, "Export", 400, treatment="zero", rates=[VAT]))["code"] == "RATE_DOES_NOT_FIT"
    await _make(njeri, "Export", treatment="zero", rates=[{**VAT, "rate_bp": 0}])
    twice = await _make(njeri, "Twice", 400, rates=[VAT, VAT])
    assert twice["code"] == "VALIDATION_ERROR"


async def test_a_class_that_is_switched_off_keeps_its_goods_and_takes_no_new_ones(njeri: Till) -> None:
    made = await _make(njeri, "Old", rates=[VAT])
    lamp = {"name": "Lamp", "price": 9000, "tax_class_id": made["id"]}
    product = await njeri.ask("POST", "/api/products", 201, json=lamp)
    path = f"/api/tax-classes/{made['id']}"
    off = await njeri.ask("PUT", path, json={"active": False, "version": 1})
    assert (off["active"], off["version"]) == (False, 2)
    assert (await njeri.ask("PUT", path, 409, json={"active": True, "version": 1}))["code"] == "STALE_VERSION"
    kept = await njeri.ask("GET", f"/api/products/{product['id']}")
    assert kept["tax_class"]["name"] == "Old"
    refused = await njeri.ask("POST", "/api/products", 400, json={**lamp, "name": "Torch"})
    assert refused["code"] == "TAX_CLASS_NOT_IN_USE"
    in_use: Any = await njeri.ask("GET", "/api/tax-classes?active=true&q=old")
    assert in_use == []


async def test_names_and_ids_are_used_once(njeri: Till) -> None:
    made = await _make(njeri, "Books")
    assert (await _make(njeri, "Books", 400))["code"] == "TAX_CLASS_NAME_TAKEN"
    assert (await _make(njeri, "Papers", 409, id=made["id"]))["code"] == "ID_TAKEN"
    other = await _make(njeri, "Papers")
    renamed = await njeri.ask("PUT", f"/api/tax-classes/{other['id']}", 400, json={"name": "Books", "version": 1})
    assert renamed["code"] == "TAX_CLASS_NAME_TAKEN"


async def test_only_the_owner_changes_taxes(client: httpx2.AsyncClient, shop: Shop, njeri: Till) -> None:
    made = await _make(njeri, "Books")
    manager = Till(client, await world.hire(shop, "inventory_manager"))
    path = f"/api/tax-classes/{made['id']}"
    await manager.ask("GET", path)
    assert (await _make(manager, "Mine", 403))["code"] == "FORBIDDEN"
    assert (await manager.ask("PUT", path, 403, json={"name": "Mine", "version": 1}))["code"] == "FORBIDDEN"
    assert (await manager.ask("POST", f"{path}/rates", 403, json=VAT))["code"] == "FORBIDDEN"


async def test_a_neighbour_cannot_tell_our_classes_from_none(
    client: httpx2.AsyncClient, house: House, njeri: Till
) -> None:
    made = await _make(njeri, "Books")
    neighbour = Till(client, (await world.open_a_shop(house)).owner)
    for class_id in (made["id"], str(new_id())):
        path = f"/api/tax-classes/{class_id}"
        for refused in (
            await neighbour.ask("GET", path, 404),
            await neighbour.ask("PUT", path, 404, json={"name": "Mine", "version": 1}),
            await neighbour.ask("POST", f"{path}/rates", 404, json=VAT),
            await neighbour.ask("POST", "/api/products", 404, json={"name": "X", "price": 1, "tax_class_id": class_id}),
        ):
            assert (refused["code"], refused["details"]) == ("NOT_FOUND", {"what": "tax class"})
