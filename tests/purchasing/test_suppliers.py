"""Suppliers: whom the shop buys from, what they supply, who of them is asked first."""

from uuid import UUID

import httpx2

from duka.platform.edge import House
from duka.platform.ids import new_id
from tests.purchasing.buying import came, get, ordered, received, supplier
from tests.sales.till import post
from tests.world import Shop, hire, open_a_shop, stock_up

Client = httpx2.AsyncClient


async def put(client: Client, shop: Shop, path: str, status: int = 200, **body: object) -> dict[str, object]:
    return await post(client, shop.owner, path, dict(body), status=status, method="PUT")


async def test_what_is_wrong_with_a_supplier_is_told_in_words(shop: Shop, client: Client) -> None:
    told = await post(client, shop.owner, "/api/suppliers", {"name": "", "email": "nowhere"}, status=400)
    assert told["details"] == {"name": ["This may not be empty."], "email": ["This is no e-mail address."]}


async def test_a_supplier_is_added_once_found_by_any_part_and_edited(shop: Shop, client: Client) -> None:
    body = {"id": str(new_id()), "name": "Müller & Söhne", "contact": "Grace", "phone": "0772 123456",
            "credit_days": 30, "external_ref": "V-7"}  # fmt: skip
    made = await post(client, shop.owner, "/api/suppliers", body)
    assert (made["phone"], made["currency"], made["owed"]) == ("+256772123456", "UGX", 0)
    assert (await post(client, shop.owner, "/api/suppliers", body))["id"] == made["id"]
    other = body | {"name": "Somebody"}
    assert (await post(client, shop.owner, "/api/suppliers", other, status=409))["code"] == "IDEMPOTENCY_CONFLICT"
    taken = {"name": "Other", "external_ref": "V-7"}
    assert (await post(client, shop.owner, "/api/suppliers", taken, status=400))["code"] == "SUPPLIER_REF_TAKEN"
    for part in ("muller", "GRACE", "772123"):
        assert [each["id"] for each in await get(client, shop.owner, f"/api/suppliers?q={part}")] == [made["id"]]
    path = f"/api/suppliers/{made['id']}"
    edited = await put(client, shop, path, version=1, contact="Peter", active=False, external_ref=None)
    assert (edited["contact"], edited["active"], edited["credit_days"]) == ("Peter", False, 30)
    assert await get(client, shop.owner, "/api/suppliers?q=grace") == []
    stale = await put(client, shop, path, 409, version=1, notes="x")
    assert stale["code"] == "STALE_VERSION"
    told = await get(client, shop.owner, f"/api/audit-logs?entity_id={made['id']}")
    assert "Peter" not in str(told)
    assert "Grace" not in str(told)
    file = await client.get("/api/suppliers?format=csv", headers=shop.owner.headers)
    assert "Müller & Söhne" in file.text


async def test_a_supplier_goes_only_while_no_document_names_it(shop: Shop, client: Client) -> None:
    rice = await stock_up(shop, "rice")
    unused, used = [(await supplier(client, shop, name))["id"] for name in ("A", "B")]
    for each in (unused, used):
        await put(client, shop, f"/api/suppliers/{each}/items/{rice}", version=1, supplier_code="R", price=500)
    await post(client, shop.owner, f"/api/suppliers/{unused}", status=200, method="DELETE")
    await get(client, shop.owner, f"/api/suppliers/{unused}", status=404)
    await ordered(client, shop, used, (rice, 1, 500))
    told = await post(client, shop.owner, f"/api/suppliers/{used}", status=400, method="DELETE")
    assert told["code"] == "SUPPLIER_HAS_DOCUMENTS"
    assert len(await get(client, shop.owner, f"/api/suppliers/{used}/items")) == 1


async def test_of_a_variants_suppliers_one_is_preferred(shop: Shop, client: Client) -> None:
    rice = await stock_up(shop, "rice")
    first, second = [(await supplier(client, shop, name))["id"] for name in ("A", "B")]
    await put(client, shop, f"/api/suppliers/{first}/items/{rice}", version=1, preferred=True, pack_size=12)
    set_now = await put(client, shop, f"/api/suppliers/{second}/items/{rice}", version=1, preferred=True)
    assert (set_now["preferred"], set_now["pack_size"], set_now["version"]) == (True, 1, 2)
    (item,) = await get(client, shop.owner, f"/api/suppliers/{first}/items")
    assert (item["preferred"], item["pack_size"], item["version"]) == (False, 12, 3)
    assert (await put(client, shop, f"/api/suppliers/{first}/items/{rice}", 409, version=2))["code"] == "STALE_VERSION"
    assert (await put(client, shop, f"/api/suppliers/{first}/items/{new_id()}", 404, version=1))["code"] == "NOT_FOUND"
    path = f"/api/suppliers/{first}/items/{rice}"
    await post(client, shop.owner, path, status=200, method="DELETE")
    await post(client, shop.owner, path, status=404, method="DELETE")


async def test_prices_paid_are_kept_by_variant_and_supplier(shop: Shop, client: Client) -> None:
    rice = await stock_up(shop, "rice")
    here, there = [(await supplier(client, shop, name))["id"] for name in ("A", "B")]
    for who, price in ((here, 500), (there, 480), (here, 520)):
        await received(client, shop, came(rice, 2, price=price), supplier_id=who)
    paid = await get(client, shop.owner, f"/api/purchase-prices?variant_id={rice}")
    assert [(each["supplier_id"], each["price"]) for each in paid] == [(here, 520), (there, 480), (here, 500)]
    paid = await get(client, shop.owner, f"/api/purchase-prices?variant_id={rice}&supplier_id={there}")
    assert [each["price"] for each in paid] == [480]
    order = await ordered(client, shop, here, (rice, 1, 999))
    assert order["lines"][0]["last_price"] == 520
    await hire(shop, "supervisor")
    seen = await get(client, shop.people["supervisor"], "/api/purchase-prices")
    assert "price" not in seen[0]


async def test_another_shops_supplier_is_not_there(shop: Shop, client: Client, house: House) -> None:
    theirs = await open_a_shop(house)
    foreign = UUID((await supplier(client, theirs))["id"])
    for path in (f"/api/suppliers/{foreign}", f"/api/suppliers/{foreign}/items", f"/api/suppliers/{foreign}/statement"):
        await get(client, shop.owner, path, status=404)
    # The same id may be ours as well.
    body = {"id": str(foreign), "name": "Ours"}
    assert (await post(client, shop.owner, "/api/suppliers", body))["name"] == "Ours"
