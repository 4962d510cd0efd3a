"""Carts that are put aside at one till and taken up at another."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx2

from duka.platform.ids import new_id
from duka.shops.models import Branch
from tests.payments.tills import a_device
from tests.sales.till import post
from tests.world import Person, Shop, hire, stock_up

Json = dict[str, Any]


async def a_second_branch(shop: Shop) -> Branch:
    """A branch in Jinja beside the first."""
    async with shop.as_() as ctx:
        branch = Branch(shop_id=shop.shop_id, id=new_id(), name="Jinja", created_at=ctx.now, updated_at=ctx.now)
        ctx.db.add(branch)
        return branch


async def a_cart(client: httpx2.AsyncClient, who: Person, shop: Shop, **more: Any) -> Json:
    """A cart with two cables, put down at the server."""
    cable = await stock_up(shop, "cable")
    content = {"lines": [{"variant_id": str(cable), "quantity": 1.5, "discount": {"amount": 10}}], "note": "for Monday"}
    return await post(client, who, "/api/carts", {"name": "the lady in red", "content": content, **more})


async def test_a_cart_held_at_one_till_goes_on_at_another(shop: Shop, client: httpx2.AsyncClient) -> None:
    amina, brian = await hire(shop, "staff"), await hire(shop, "staff", name="Brian")
    cart = await a_cart(client, amina, shop)
    assert (cart["state"], cart["branch_id"], cart["version"]) == ("open", str(shop.branch_id), 1)
    held = await post(client, amina, f"/api/carts/{cart['id']}/hold", status=200)
    assert (held["state"], held["held_by"]) == ("held", str(amina.staff_id))
    listed = (await client.get("/api/carts?state=held", headers=brian.headers)).json()["data"]
    assert [each["id"] for each in listed] == [cart["id"]]
    taken = await post(client, brian, f"/api/carts/{cart['id']}/resume", status=200)
    assert (taken["state"], taken["taken_by"]) == ("taken", str(brian.staff_id))
    line = taken["content"]["lines"][0]
    assert (line["quantity"], line["discount"]["amount"]) == (1.5, 10)
    assert (await client.get("/api/carts?state=held", headers=amina.headers)).json()["data"] == []


async def test_of_two_tills_that_take_it_up_at_once_one_gets_it(shop: Shop, client: httpx2.AsyncClient) -> None:
    cart = await a_cart(client, shop.owner, shop)
    for _ in range(3):
        await post(client, shop.owner, f"/api/carts/{cart['id']}/hold", status=200)
        path = f"/api/carts/{cart['id']}/resume"
        answers = await asyncio.gather(*(client.post(path, headers=shop.owner.headers) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
        told = next(answer.json()["error"] for answer in answers if answer.status_code == 409)
        assert (told["code"], told["details"]["taken_by"]) == ("CART_TAKEN", str(shop.owner.staff_id))


async def test_a_cart_that_was_never_put_aside_cannot_be_taken_up(shop: Shop, client: httpx2.AsyncClient) -> None:
    cart = await a_cart(client, shop.owner, shop)
    assert (await post(client, shop.owner, f"/api/carts/{cart['id']}/resume", status=409))["code"] == "CART_TAKEN"


async def test_a_cart_is_changed_from_the_version_that_was_read(shop: Shop, client: httpx2.AsyncClient) -> None:
    cart = await a_cart(client, shop.owner, shop)
    path = f"/api/carts/{cart['id']}"
    changed = await post(
        client, shop.owner, path, {"version": 1, "content": {"lines": []}}, status=200, method="PUT"
    )
    assert (changed["content"]["lines"], changed["name"], changed["version"]) == ([], "the lady in red", 2)
    stale = await post(client, shop.owner, path, {"version": 1, "name": "x"}, status=409, method="PUT")
    assert stale["details"]["current_version"] == 2
    none = await post(client, shop.owner, path, {"name": "x"}, status=400, method="PUT")
    assert none["code"] == "VERSION_REQUIRED"


async def test_a_cart_sold_is_deleted(shop: Shop, client: httpx2.AsyncClient) -> None:
    cart = await a_cart(client, shop.owner, shop)
    path = f"/api/carts/{cart['id']}"
    assert (await post(client, shop.owner, path, status=200, method="DELETE"))["id"] == cart["id"]
    assert (await client.get(path, headers=shop.owner.headers)).status_code == 404
    assert (await client.delete(path, headers=shop.owner.headers)).status_code == 404


async def test_the_same_cart_sent_again_is_one_cart(shop: Shop, client: httpx2.AsyncClient) -> None:
    asked = {"id": str(new_id()), "name": "table 4"}
    first = await post(client, shop.owner, "/api/carts", asked)
    assert await post(client, shop.owner, "/api/carts", asked) == first
    other = await post(client, shop.owner, "/api/carts", asked | {"name": "table 5"}, status=409)
    assert other["code"] == "IDEMPOTENCY_CONFLICT"


async def test_carts_stay_in_their_branch(shop: Shop, client: httpx2.AsyncClient) -> None:
    jinja = await a_second_branch(shop)
    unsaid = await post(client, shop.owner, "/api/carts", {"name": "where?"}, status=400)
    assert unsaid["code"] == "BRANCH_REQUIRED"
    cart = await post(client, shop.owner, "/api/carts", {"name": "here", "branch_id": str(shop.branch_id)})
    await post(client, shop.owner, f"/api/carts/{cart['id']}/hold", status=200)
    okello = await hire(shop, "staff", branch_id=jinja.id)
    assert (await client.get("/api/carts", headers=okello.headers)).json()["data"] == []
    assert (await client.post(f"/api/carts/{cart['id']}/resume", headers=okello.headers)).status_code == 404
    elsewhere = {"name": "mine", "branch_id": str(shop.branch_id)}
    assert (await post(client, okello, "/api/carts", elsewhere, status=404))["code"] == "NOT_FOUND"
    assert (await post(client, okello, "/api/carts", {"name": "mine"}))["branch_id"] == str(jinja.id)


async def test_who_does_not_sell_has_no_carts(shop: Shop, client: httpx2.AsyncClient) -> None:
    accountant = await hire(shop, "accountant")
    assert (await client.get("/api/carts", headers=accountant.headers)).status_code == 403
    assert (await client.post("/api/carts", json={"name": "x"}, headers=accountant.headers)).status_code == 403


async def test_what_lies_in_a_cart_has_the_shape_of_a_sale(shop: Shop, client: httpx2.AsyncClient) -> None:
    shapes: list[list[Json]] = [[{"quantity": 1}], [{"variant_id": str(new_id()), "quantity": 0}], [{}] * 1001]
    for lines in shapes:
        wrong = {"name": "x", "content": {"lines": lines}}
        assert (await post(client, shop.owner, "/api/carts", wrong, status=400))["code"] == "VALIDATION_ERROR"


async def test_a_registers_credential_opens_no_cart(shop: Shop, client: httpx2.AsyncClient) -> None:
    cart = await a_cart(client, shop.owner, shop)
    await post(client, shop.owner, f"/api/carts/{cart['id']}/hold", status=200)
    device = await a_device(shop)
    headers = {"Authorization": f"Bearer {device.credential}"}
    path = f"/api/carts/{cart['id']}"
    for answer in (
        await client.get("/api/carts", headers=headers), await client.get(path, headers=headers),
        await client.post("/api/carts", json={"name": "mine"}, headers=headers),
        await client.put(path, json={"version": 1, "name": "mine"}, headers=headers),
        await client.post(f"{path}/hold", headers=headers), await client.post(f"{path}/resume", headers=headers),
        await client.delete(path, headers=headers),
    ):  # fmt: skip
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "NOT_FOR_REGISTERS")
    kept = (await client.get(path, headers=shop.owner.headers)).json()["data"]
    assert (kept["state"], kept["name"]) == ("held", "the lady in red")


async def test_a_carts_id_sorts_by_time(shop: Shop, client: httpx2.AsyncClient) -> None:
    refused = await post(client, shop.owner, "/api/carts", {"id": str(uuid4()), "name": "mine"}, status=400)
    assert list(refused["details"]) == ["id"]
