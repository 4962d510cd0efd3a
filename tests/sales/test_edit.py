"""Changing a sale that has no invoice yet."""

from typing import Any

import httpx2

from duka.platform.db import fetch
from duka.platform.ids import new_id
from tests.sales import books_check as books
from tests.sales.till import Json, post, sold
from tests.world import Shop, hire, open_a_shop, stock_up


async def put(client: httpx2.AsyncClient, who: Any, sale: Json, status: int = 200, **body: Any) -> Json:
    return await post(client, who, f"/api/sales/{sale['id']}", body, status=status, method="PUT")


async def test_other_lines_are_a_new_revision_and_the_old_ones_stay(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable, case = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %"), await stock_up(shop, "case")
    supervisor = await hire(shop, "supervisor")
    sale = await sold(client, shop, (cable, 3), paid=500)
    lines = [{"variant_id": str(cable), "quantity": 1}, {"variant_id": str(case), "quantity": 2}]
    changed = await put(client, supervisor, sale, lines=lines, note="collects on Friday", version=sale["version"])
    assert [(line["description"], line["quantity"]) for line in changed["lines"]] == [("cable", 1), ("case", 2)]
    assert (changed["total"], changed["tax"], changed["note"]) == (3180, 180, "collects on Friday")
    assert (changed["paid"], changed["version"], changed["number"]) == (500, 2, sale["number"])
    async with shop.asking() as ctx:
        stands = await fetch(ctx, "SELECT revision FROM sale_lines WHERE shop_id = %(shop)s ORDER BY revision", {})
    assert [row.revision for row in stands] == [1, 2, 2]
    payment = {"payments": [{"method": "cash", "amount": 2680}]}
    done = await post(client, shop.owner, f"/api/sales/{sale['id']}/payments", payment)
    assert (done["state"], done["invoice"]["total"], len(done["lines"])) == ("completed", 3180, 2)
    assert await books.in_stock(shop, cable) == 9_000
    await books.agree(shop)


async def test_what_is_not_named_stays(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1000)
    buyer = {"name": "Amina", "phone": "+256772000333"}
    sale = await sold(client, shop, (cable, 2), paid=500, discount={"amount": 200}, customer=buyer)
    noted = await put(client, shop.owner, sale, note="call first", version=1)
    assert (noted["total"], noted["discount"], noted["note"]) == (1800, 200, "call first")
    dearer = await put(client, shop.owner, sale, discount=None, version=2)
    assert (dearer["total"], dearer["discount"], dearer["note"]) == (2000, 0, "call first")
    assert dearer["customer"]["name"] == "Amina"
    nobody = await put(client, shop.owner, sale, customer=None, version=3)
    assert nobody["customer"] is None
    registered = await post(client, shop.owner, "/api/customers", {"name": "Brian", "phone": "+256772000444"})
    named = await put(client, shop.owner, sale, customer_id=registered["id"], version=4)
    assert (named["customer"]["name"], named["customer_id"]) == ("Brian", registered["id"])


async def test_a_stale_edit_is_refused_with_the_newer_version(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 2), paid=500)
    await put(client, shop.owner, sale, note="first", version=1)
    stale = await put(client, shop.owner, sale, status=409, note="second", version=1)
    assert (stale["code"], stale["details"]) == ("STALE_VERSION", {"current_version": 2})
    assert (await put(client, shop.owner, sale, status=400, note="third"))["code"] == "VERSION_REQUIRED"


async def test_an_invoiced_sale_is_not_edited(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    assert (await put(client, shop.owner, sale, status=400, note="x", version=1))["code"] == "SALE_INVOICED"


async def test_a_sale_is_not_edited_below_its_deposits(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1000)
    sale = await sold(client, shop, (cable, 3), paid=1500)
    line = {"variant_id": str(cable), "quantity": 1}
    refused = await put(client, shop.owner, sale, status=400, lines=[line], version=1)
    assert (refused["code"], refused["details"]) == ("PAID_ALREADY", {"total": 1000, "paid": 1500})


async def test_who_may_edit(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 2), paid=500)
    cashier, stranger = await hire(shop, "staff"), (await open_a_shop(shop.house)).owner
    assert (await put(client, cashier, sale, status=403, note="x", version=1))["code"] == "FORBIDDEN"
    foreign = await put(client, stranger, sale, status=404, note="x", version=1)
    assert await put(client, stranger, {"id": str(new_id())}, status=404, note="x", version=1) == foreign
