"""How goods of sets are followed: no edit, no import and no undoing of one takes from a set what it needs."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from tests.catalog.test_import import take_in
from tests.catalog.till import Till
from tests.sales.device import Item, a_device
from tests.sales.sets import a_set, composed, product_of
from tests.sales.till import Json, post
from tests.stock.goods import held
from tests.stock.tracked import phones
from tests.world import Shop, stock_up

Client = httpx2.AsyncClient


async def found(till: Till, name: str) -> Json:
    """The product of that name."""
    listed: Any = await till.ask("GET", f"/api/products?q={name}")
    (one,) = listed
    product: Json = one
    return product


async def undo(till: Till, report: Json) -> tuple[int, int]:
    """Undo an import; give how many things were undone and kept."""
    undone = await till.ask("POST", f"/api/products/import/{report['id']}/undo")
    return undone["undone"], undone["kept"]


async def a_set_of(till: Till, shop: Shop, client: Client, name: str) -> UUID:
    """A set of one piece of a product that stands."""
    component = UUID((await found(till, name))["variants"][0]["id"])
    return await a_set(shop, client, "kit", (component, 1))


async def test_undoing_an_import_keeps_a_components_stock_in_sight(njeri: Till, shop: Shop, client: Client) -> None:
    await njeri.sell("Cover", price=1, cost=1, sku="CVR", tracking="none")
    report = await take_in(njeri, "Name,SKU,Tracking,Brand\nCover,CVR,quantity,New\n")
    await a_set_of(njeri, shop, client, "cover")
    assert await undo(njeri, report) == (1, 0)
    cover = await found(njeri, "cover")
    assert (cover["tracking"], cover["brand"]) == ("quantity", "")


async def test_undoing_an_import_leaves_how_a_set_is_followed(njeri: Till, shop: Shop, client: Client) -> None:
    cover = await stock_up(shop, "cover")
    await a_set(shop, client, "kit", (cover, 1))
    sku = (await found(njeri, "kit"))["variants"][0]["sku"]
    report = await take_in(njeri, f"Name,SKU,Tracking\nkit,{sku},quantity\n")
    assert await undo(njeri, report) == (1, 0)
    assert (await found(njeri, "kit"))["tracking"] == "quantity"


async def test_what_an_import_brought_stays_on_sale_once_a_set_needs_it(
    njeri: Till, shop: Shop, client: Client
) -> None:
    report = await take_in(njeri, "Name,SKU,Price\nCover,CVR,1\nLamp,LMP,1\n")
    await a_set_of(njeri, shop, client, "cover")
    assert await undo(njeri, report) == (1, 1)
    assert (await found(njeri, "cover"))["active"]


async def test_goods_stay_followed_while_a_numbered_piece_stands_though_the_balance_is_nothing(
    shop: Shop, client: Client
) -> None:
    phone = await phones(shop, client, "A1")
    device = await a_device(shop, client)
    await device.deliver(device.ring((Item(phone, name="phone", price=90_000), 1)))  # sold without its number
    assert await held(shop, phone) == 0
    product_id, _ = await product_of(shop, phone)
    change = {"version": 1, "tracking": "quantity"}
    told = await post(client, shop.owner, f"/api/products/{product_id}", change, status=400, method="PUT")
    assert told["code"] == "TRACKING_HAS_STOCK"


@pytest.mark.parametrize("way", ["serial", "batch"])
async def test_a_set_is_never_followed_by_number_or_batch(njeri: Till, shop: Shop, client: Client, way: str) -> None:
    cover = await stock_up(shop, "cover")
    kit = await stock_up(shop, "kit", quantity_milli=0)
    await composed(shop, client, kit, (cover, 1))
    product = await found(njeri, "kit")
    change = {"version": product["version"], "tracking": way}
    told = await post(client, shop.owner, f"/api/products/{product['id']}", change, status=400, method="PUT")
    assert told["code"] == "SET_FOLLOWED"
    report = await take_in(njeri, f"Name,SKU,Tracking\nkit,{product['variants'][0]['sku']},{way}\n")
    assert (report["failed"], list(report["failed_rows"][0]["problems"])) == (1, ["tracking"])
    assert (await found(njeri, "kit"))["tracking"] == "quantity"
