"""A shop sorts its goods into groups."""

import asyncio
from typing import Any

import httpx2

from duka.platform.edge import House
from duka.platform.ids import new_id
from tests import world
from tests.catalog.till import Till
from tests.world import Shop


async def test_groups_are_nested_and_ordered(njeri: Till) -> None:
    phones = await njeri.make("Phones", position=2, colour="#00ff88", icon="phone")
    cables = await njeri.make("Cables", position=1)
    await njeri.make("Chargers", parent_id=phones["id"])
    listed: Any = await njeri.ask("GET", "/api/groups")
    assert [(one["name"], one["parent_id"]) for one in listed] == [
        ("General", None), ("Chargers", phones["id"]), ("Cables", None), ("Phones", None),
    ]  # fmt: skip
    below: Any = await njeri.ask("GET", f"/api/groups?parent_id={phones['id']}")
    assert [one["name"] for one in below] == ["Chargers"]
    assert (phones["colour"], phones["icon"]) == ("#00ff88", "phone")
    assert (await njeri.ask("GET", f"/api/groups/{cables['id']}"))["position"] == 1
    found: Any = await njeri.ask("GET", "/api/groups?q=CHARG")
    assert [one["name"] for one in found] == ["Chargers"]


async def test_a_group_is_renamed_cleared_and_moved(njeri: Till) -> None:
    phones = await njeri.make("Phones", colour="#00ff88", icon="phone")
    cables = await njeri.make("Cables")
    path = f"/api/groups/{cables['id']}"
    moved = await njeri.ask("PUT", path, json={"parent_id": phones["id"], "version": 1})
    assert (moved["parent_id"], moved["name"], moved["version"]) == (phones["id"], "Cables", 2)
    renamed = await njeri.ask("PUT", path, json={"name": "USB cables", "parent_id": None}, headers={"If-Match": '"2"'})
    assert (renamed["name"], renamed["parent_id"]) == ("USB cables", None)
    cleared = await njeri.ask("PUT", f"/api/groups/{phones['id']}", json={"icon": None, "version": 1})
    assert (cleared["icon"], cleared["colour"]) == (None, "#00ff88")


async def test_an_edit_from_an_old_version_changes_nothing(njeri: Till) -> None:
    phones = await njeri.make("Phones")
    path = f"/api/groups/{phones['id']}"
    await njeri.ask("PUT", path, json={"name": "Telephones", "version": 1})
    stale = await njeri.ask("PUT", path, 409, json={"name": "Mobiles", "version": 1})
    assert (stale["code"], stale["details"]) == ("STALE_VERSION", {"current_version": 2})
    assert (await njeri.ask("PUT", path, 400, json={"name": "Mobiles"}))["code"] == "VERSION_REQUIRED"
    both = await njeri.ask("PUT", path, 400, json={"name": "M", "version": 2}, headers={"If-Match": "1"})
    assert "version" in both["details"]
    assert "If-Match" in (await njeri.ask("PUT", path, 400, json={}, headers={"If-Match": "*"}))["details"]
    assert "name" in (await njeri.ask("PUT", path, 400, json={"name": None, "version": 2}))["details"]
    assert (await njeri.ask("GET", path))["name"] == "Telephones"
    same = await njeri.ask("PUT", path, json={"name": "Telephones", "version": 2})
    assert same["version"] == 2, "an edit that changes nothing is none"


async def test_a_group_never_stands_in_itself_nor_too_deep(njeri: Till) -> None:
    parent: str | None = None
    chain = []
    for name in ("1", "2", "3", "4", "5"):
        group = await njeri.make(name, parent_id=parent)
        parent = group["id"]
        chain.append(group)
    assert (await njeri.make("6", 400, parent_id=parent))["code"] == "GROUP_TOO_DEEP"
    for group, into in ((chain[0], chain[2]), (chain[4], chain[4])):
        move = {"parent_id": into["id"], "version": 1}
        refused = await njeri.ask("PUT", f"/api/groups/{group['id']}", 400, json=move)
        assert refused["code"] == "GROUP_INSIDE_ITSELF"
    two = await njeri.make("two")
    low = await njeri.make("low", parent_id=two["id"])
    circle = await njeri.ask("PUT", f"/api/groups/{two['id']}", 400, json={"parent_id": low["id"], "version": 1})
    assert circle["code"] == "GROUP_INSIDE_ITSELF"
    pair = await njeri.ask("PUT", f"/api/groups/{two['id']}", 400, json={"parent_id": chain[3]["id"], "version": 1})
    assert pair["code"] == "GROUP_TOO_DEEP"


async def test_a_name_stands_once_in_a_place(njeri: Till) -> None:
    phones = await njeri.make("Phones")
    taken = await njeri.make("Phones", 400)
    assert (taken["code"], taken["details"]["name"]) == ("GROUP_NAME_TAKEN", "Phones")
    await njeri.make("Phones", parent_id=phones["id"])
    assert (await njeri.make("Other", 409, id=phones["id"]))["code"] == "ID_TAKEN"


async def test_a_full_group_is_not_deleted_before_somebody_says_where_its_goods_go(njeri: Till) -> None:
    phones, cables = await njeri.make("Phones"), await njeri.make("Cables")
    await njeri.make("Chargers", parent_id=phones["id"])
    product = await njeri.ask("POST", "/api/products", 201, json={"name": "X1", "price": 9, "group_id": phones["id"]})
    path = f"/api/groups/{phones['id']}"
    full = await njeri.ask("DELETE", path, 400)
    assert (full["code"], full["details"]) == ("GROUP_NOT_EMPTY", {"products": 1, "groups": 1})
    assert (await njeri.ask("DELETE", f"{path}?move_to={new_id()}", 404))["code"] == "NOT_FOUND"
    assert (await njeri.ask("DELETE", f"{path}?move_to={phones['id']}", 400))["code"] == "GROUP_INSIDE_ITSELF"
    await njeri.ask("DELETE", f"{path}?move_to={cables['id']}")
    await njeri.ask("GET", path, 404)
    below: Any = await njeri.ask("GET", f"/api/groups?parent_id={cables['id']}")
    assert [one["name"] for one in below] == ["Chargers"]
    assert (await njeri.ask("GET", f"/api/products/{product['id']}"))["group_id"] == cables["id"]
    await njeri.ask("DELETE", f"/api/groups/{below[0]['id']}")


async def test_staff_see_groups_and_change_none(client: httpx2.AsyncClient, shop: Shop, njeri: Till) -> None:
    phones = await njeri.make("Phones")
    otieno = Till(client, await world.hire(shop, "staff"))
    await otieno.ask("GET", f"/api/groups/{phones['id']}")
    path = f"/api/groups/{phones['id']}"
    for refused in (
        await otieno.make("Mine", 403),
        await otieno.ask("PUT", path, 403, json={"name": "Mine", "version": 1}),
        await otieno.ask("DELETE", path, 403),
        await otieno.ask("GET", "/api/groups?format=csv", 403),
    ):
        assert refused["code"] == "FORBIDDEN"
    stores = Till(client, await world.hire(shop, "inventory_manager"))
    await stores.make("Hers")


async def test_a_neighbour_cannot_tell_our_groups_from_none(
    client: httpx2.AsyncClient, house: House, njeri: Till
) -> None:
    phones = await njeri.make("Phones")
    neighbour = Till(client, (await world.open_a_shop(house)).owner)
    for group_id in (phones["id"], str(new_id())):
        path = f"/api/groups/{group_id}"
        for refused in (
            await neighbour.ask("GET", path, 404),
            await neighbour.ask("PUT", path, 404, json={"name": "Mine", "version": 1}),
            await neighbour.ask("DELETE", path, 404),
            await neighbour.make("Mine", 404, parent_id=group_id),
        ):
            assert (refused["code"], refused["details"]) == ("NOT_FOUND", {"what": "group"})


async def test_what_is_not_known_is_refused(njeri: Till) -> None:
    assert "shop_id" in (await njeri.make("X", 400, shop_id=str(new_id())))["details"]
    assert "colour" in (await njeri.make("X", 400, colour="red"))["details"]
    assert "name" in (await njeri.make("  ", 400))["details"]


async def test_the_list_is_a_file_too(client: httpx2.AsyncClient, njeri: Till) -> None:
    await njeri.make("=Phones")
    answer = await client.get("/api/groups?format=csv", headers=njeri.headers)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="groups.csv"'
    assert "'=Phones" in answer.text


async def test_two_moves_at_once_close_no_circle(njeri: Till) -> None:
    one, two = await njeri.make("One"), await njeri.make("Two")
    answers = await asyncio.gather(*(
        njeri.client.put(f"/api/groups/{group['id']}", json={"parent_id": into["id"], "version": 1},
                         headers=njeri.headers)
        for group, into in ((one, two), (two, one))
    ))  # fmt: skip
    assert sorted(answer.status_code for answer in answers) == [200, 400]
