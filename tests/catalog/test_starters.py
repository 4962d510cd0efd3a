"""A new shop begins with what shops of its kind usually sell."""

from typing import Any

import httpx2
import pytest

from duka.catalog import starters
from duka.catalog.starters import Kind
from duka.platform.edge import House
from tests import world
from tests.catalog.till import Till
from tests.world import Shop

pytestmark = pytest.mark.slow

KINDS: tuple[Kind, ...] = tuple(starters.TITLES)


async def everything(till: Till) -> list[dict[str, Any]]:
    """Give all products of a shop."""
    listed: Any = await till.ask("GET", "/api/products?limit=200")
    assert isinstance(listed, list)
    return listed


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("country", "currency"), [("UG", "UGX"), ("KE", "KES"), ("IN", "INR"), ("TZ", "TZS")])
def test_the_catalogues_are_whole(kind: Kind, country: str, currency: str) -> None:
    items = starters.items(kind, country, currency)
    assert 40 <= len(items) <= 80
    assert len({item.name.casefold() for item in items}) == len(items)
    assert all(item.name == item.name.strip() and item.group and item.unit for item in items)
    assert {item.tracking for item in items} <= {"quantity", "serial", "none"}
    priced = [item for item in items if item.price]
    assert len(priced) == (0 if country == "TZ" else len(items))
    assert all(int(item.price) > 0 for item in priced)
    if country == "IN":
        assert {item.tax_rate for item in items} <= {"", "5", "18", "40"}
        assert all(2 <= len(item.hsn) <= 8 for item in items)
    else:
        assert {item.tax_class for item in items} <= {"", "Zero-rated", "No tax"}
        assert {item.tax_rate + item.hsn for item in items} == {""}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_starter_is_added_once_and_undone(njeri: Till, kind: Kind) -> None:
    shown = await njeri.ask("GET", f"/api/catalogue/starters/{kind}")
    before = await njeri.names("/api/groups?limit=200")
    started = await njeri.ask("POST", f"/api/catalogue/starters/{kind}", 201)
    report = started["report"]
    assert (report["created"], report["failed"], started["left_alone"]) == (shown["items"], 0, [])
    products = await everything(njeri)
    prices = {one["name"]: one["variants"][0]["price"] for one in products}
    assert prices == {item["name"]: item["price"] for item in shown["content"]}
    assert all(one["active"] for one in products)
    assert set(await njeri.names("/api/groups?limit=200")) == {*before, *shown["groups"]}
    again = await njeri.ask("POST", f"/api/catalogue/starters/{kind}", 201)
    assert (again["report"]["created"], again["report"]["updated"], len(again["left_alone"])) == (0, 0, shown["items"])
    await njeri.ask("POST", f"/api/products/import/{report['id']}/undo")
    assert await everything(njeri) == []
    assert await njeri.names("/api/groups?limit=200") == before


async def test_names_that_stand_are_left_alone(njeri: Till) -> None:
    mine = await njeri.sell("tempered GLASS", price=1)
    started = await njeri.ask("POST", "/api/catalogue/starters/phone_accessories", 201)
    assert started["left_alone"] == ["Tempered glass"]
    kept = await njeri.ask("GET", f"/api/products/{mine['id']}")
    assert (kept["variants"][0]["price"], kept["version"], kept["group_id"]) == (1, 1, None)


async def test_goods_bear_the_tax_they_usually_do(client: httpx2.AsyncClient, house: House, njeri: Till) -> None:
    async def taxes(till: Till) -> dict[str, str]:
        await till.ask("POST", "/api/catalogue/starters/grocery", 201)
        return {one["name"]: one["tax_class"]["name"] for one in await everything(till)}

    ugandan = await taxes(njeri)
    assert (ugandan["Sugar"], ugandan["Beans"], ugandan["Maize flour 1 kg"]) == ("VAT 18 %", "No tax", "Zero-rated")
    mumbai = await world.open_a_shop(house, country="IN", currency="INR", time_zone="Asia/Kolkata", state_code="27")
    asha = Till(client, mumbai.owner)
    indian = await taxes(asha)
    assert (indian["Sugar"], indian["Beans"], indian["Soda 500 ml"]) == ("GST 5 %", "No tax", "GST 40 %")
    (sugar,) = [one for one in await everything(asha) if one["name"] == "Sugar"]
    assert (sugar["hsn"], sugar["unit"], sugar["variants"][0]["price"]) == ("1701", "kg", 48_00)


async def test_a_shop_that_charges_no_tax_gets_none(njeri: Till, shop: Shop) -> None:
    listed: Any = await njeri.ask("GET", "/api/tax-classes")
    vat = next(one for one in listed if one["name"] == "VAT 18 %")
    for one in listed:
        if one["name"] in ("VAT 18 %", "Zero-rated"):
            await njeri.ask("PUT", f"/api/tax-classes/{one['id']}", json={"active": False, "version": one["version"]})
    assert vat["active"]
    await njeri.ask("POST", "/api/catalogue/starters/grocery", 201)
    assert {one["tax_class"]["name"] for one in await everything(njeri)} == {"No tax"}


async def test_where_no_prices_are_known_nothing_is_on_sale_yet(client: httpx2.AsyncClient, house: House) -> None:
    arusha = await world.open_a_shop(house, country="TZ", currency="TZS", time_zone="Africa/Dar_es_Salaam")
    baraka = Till(client, arusha.owner)
    listed: Any = await baraka.ask("GET", "/api/catalogue/starters")
    assert [(one["kind"], one["priced"]) for one in listed] == [(kind, 0) for kind in KINDS]
    started = await baraka.ask("POST", "/api/catalogue/starters/electrical", 201)
    assert started["without_price"] == started["report"]["created"] == listed[1]["items"]
    assert {(one["active"], one["variants"][0]["price"]) for one in await everything(baraka)} == {(False, 0)}


async def test_who_may_add_one_and_which_there_are(client: httpx2.AsyncClient, shop: Shop, njeri: Till) -> None:
    assert (await njeri.ask("GET", "/api/catalogue/starters/bakery", 400))["code"] == "VALIDATION_ERROR"
    assert (await njeri.ask("POST", "/api/catalogue/starters/bakery", 400))["code"] == "VALIDATION_ERROR"
    seller = Till(client, await world.hire(shop, "staff"))
    assert len(await seller.ask("GET", "/api/catalogue/starters")) == 5
    await seller.ask("POST", "/api/catalogue/starters/grocery", 403)
    assert await everything(njeri) == []
