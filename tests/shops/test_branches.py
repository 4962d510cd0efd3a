"""Branches and their locations: a new one sells at once, one with history stays, and the last one too."""

import asyncio
from typing import Any

import httpx2
from sqlalchemy import select

from duka.platform.ids import new_id
from duka.shops import series
from duka.shops.models import Register
from tests.world import Shop, hire, open_a_shop


async def _open(client: httpx2.AsyncClient, shop: Shop, name: str = "Ntinda", **body: Any) -> dict[str, Any]:
    answer = await client.post("/api/branches", json={"name": name, **body}, headers=shop.owner.headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/branches/{answer.json()['data']['id']}"
    return dict(answer.json()["data"])


async def _locations(client: httpx2.AsyncClient, shop: Shop, branch_id: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/locations?branch_id={branch_id}", headers=shop.owner.headers)
    return list(answer.json()["data"])


async def test_a_new_branch_can_sell_at_once(client: httpx2.AsyncClient, shop: Shop) -> None:
    branch = await _open(client, shop, address="Plot 7", phone="0772 123456", manager_id=str(shop.owner.staff_id))
    assert branch["phone"] == "+256772123456"
    assert branch["active"] is True
    kinds = {location["kind"] for location in await _locations(client, shop, branch["id"])}
    assert kinds == {"showroom", "warehouse", "damaged"}
    tills = await client.get(f"/api/registers?branch_id={branch['id']}", headers=shop.owner.headers)
    (till,) = tills.json()["data"]
    assert (till["kind"], till["code"], till["name"]) == ("server", "S2", "Back office")


async def test_two_branches_cannot_share_a_name(client: httpx2.AsyncClient, shop: Shop) -> None:
    await _open(client, shop)
    twice = await client.post("/api/branches", json={"name": "Ntinda"}, headers=shop.owner.headers)
    assert (twice.status_code, twice.json()["error"]["code"]) == (400, "BRANCH_NAME_TAKEN")


async def test_a_branch_is_changed_from_the_version_that_was_read(client: httpx2.AsyncClient, shop: Shop) -> None:
    branch = await _open(client, shop, phone="0772123456")
    path = f"/api/branches/{branch['id']}"
    changed = await client.put(path, json={"name": "Ntinda Road", "phone": None, "version": 1},
                               headers=shop.owner.headers)
    assert changed.status_code == 200, changed.text
    data = changed.json()["data"]
    assert (data["name"], data["phone"], data["version"]) == ("Ntinda Road", None, 2)
    stale = await client.put(path, json={"name": "Elsewhere", "version": 1}, headers=shop.owner.headers)
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "STALE_VERSION")
    nobody = await client.put(path, json={"manager_id": str(new_id()), "version": 2}, headers=shop.owner.headers)
    assert (nobody.status_code, nobody.json()["error"]["code"]) == (404, "MANAGER_NOT_FOUND")
    wrong = await client.put(path, json={"phone": "call me", "version": 2}, headers=shop.owner.headers)
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "PHONE_NOT_VALID")


async def test_a_branch_where_nothing_happened_is_deleted(client: httpx2.AsyncClient, shop: Shop) -> None:
    branch = await _open(client, shop)
    gone = await client.delete(f"/api/branches/{branch['id']}", headers=shop.owner.headers)
    assert (gone.status_code, gone.json()["message"]) == (200, "Branch deleted.")
    assert (await client.get(f"/api/branches/{branch['id']}", headers=shop.owner.headers)).status_code == 404
    assert await _locations(client, shop, branch["id"]) == []


async def test_a_branch_with_history_is_deactivated_and_can_be_taken_up_again(
    client: httpx2.AsyncClient, shop: Shop
) -> None:
    branch = await _open(client, shop)
    async with shop.as_() as ctx:
        till = (await ctx.db.scalars(select(Register).where(Register.code == "S2"))).one()
        await series.series_for(ctx, till.id, "invoice", "2627")
    kept = await client.delete(f"/api/branches/{branch['id']}", headers=shop.owner.headers)
    assert kept.status_code == 200, kept.text
    assert kept.json()["data"]["active"] is False
    in_use = await client.get("/api/branches?active=true", headers=shop.owner.headers)
    assert branch["id"] not in {row["id"] for row in in_use.json()["data"]}
    again = await client.put(f"/api/branches/{branch['id']}", json={"active": True},
                             headers={**shop.owner.headers, "If-Match": "2"})
    assert again.json()["data"]["active"] is True


async def test_a_branch_with_a_devices_till_is_only_deactivated(client: httpx2.AsyncClient, shop: Shop) -> None:
    branch = await _open(client, shop)
    till = {"branch_id": branch["id"], "name": "Counter", "kind": "installation", "installation_id": str(new_id())}
    assert (await client.post("/api/registers", json=till, headers=shop.owner.headers)).status_code == 201
    kept = await client.delete(f"/api/branches/{branch['id']}", headers=shop.owner.headers)
    assert kept.json()["data"]["active"] is False


async def test_a_branch_that_people_work_in_stays(client: httpx2.AsyncClient, shop: Shop) -> None:
    branch = await _open(client, shop)
    async with shop.as_() as ctx:
        till = (await ctx.db.scalars(select(Register).where(Register.code == "S2"))).one()
    await hire(shop, "staff", branch_id=till.branch_id)
    refused = await client.delete(f"/api/branches/{branch['id']}", headers=shop.owner.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "BRANCH_HAS_STAFF")
    assert refused.json()["error"]["details"] == {"people": 1}


async def test_of_two_branches_closed_at_once_one_stays(client: httpx2.AsyncClient, shop: Shop) -> None:
    second = await _open(client, shop)
    answers = await asyncio.gather(
        *[client.delete(f"/api/branches/{branch_id}", headers=shop.owner.headers)
          for branch_id in (second["id"], str(shop.branch_id))]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    refused = next(answer for answer in answers if answer.status_code == 400)
    assert refused.json()["error"]["code"] == "LAST_BRANCH"
    in_use = await client.get("/api/branches?active=true", headers=shop.owner.headers)
    assert len(in_use.json()["data"]) == 1


async def test_somebody_of_one_branch_sees_that_branch_only(client: httpx2.AsyncClient, shop: Shop) -> None:
    second = await _open(client, shop)
    supervisor = await hire(shop, "supervisor", branch_id=shop.branch_id)
    seen = await client.get("/api/branches", headers=supervisor.headers)
    assert [row["id"] for row in seen.json()["data"]] == [str(shop.branch_id)]
    hidden = await client.get(f"/api/branches/{second['id']}", headers=supervisor.headers)
    missing = await client.get(f"/api/branches/{new_id()}", headers=supervisor.headers)
    assert hidden.status_code == missing.status_code == 404
    assert hidden.json()["error"] == missing.json()["error"]
    places = await client.get("/api/locations", headers=supervisor.headers)
    assert {row["branch_id"] for row in places.json()["data"]} == {str(shop.branch_id)}
    assert (await client.post("/api/branches", json={"name": "Own"}, headers=supervisor.headers)).status_code == 403


async def test_a_bound_owner_does_not_open_branches(client: httpx2.AsyncClient, shop: Shop) -> None:
    bound = await hire(shop, "owner", branch_id=shop.branch_id)
    refused = await client.post("/api/branches", json={"name": "Own"}, headers=bound.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_a_foreign_branch_is_a_branch_that_is_not_there(client: httpx2.AsyncClient, shop: Shop) -> None:
    other = await open_a_shop(shop.house)
    for branch_id in (str(other.branch_id), str(new_id())):
        place = {"branch_id": branch_id, "name": "Van", "kind": "van"}
        for answer in (
            await client.get(f"/api/branches/{branch_id}", headers=shop.owner.headers),
            await client.put(f"/api/branches/{branch_id}", json={"name": "X", "version": 1},
                             headers=shop.owner.headers),
            await client.delete(f"/api/branches/{branch_id}", headers=shop.owner.headers),
            await client.post("/api/locations", json=place, headers=shop.owner.headers),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "BRANCH_NOT_FOUND")


async def test_branches_are_saved_as_a_file_by_who_may(client: httpx2.AsyncClient, shop: Shop) -> None:
    await _open(client, shop)
    saved = await client.get("/api/branches?format=csv", headers=shop.owner.headers)
    assert saved.status_code == 200
    assert "Ntinda" in saved.text
    supervisor = await hire(shop, "supervisor")
    assert (await client.get("/api/branches?format=csv", headers=supervisor.headers)).status_code == 403


async def test_a_branch_gets_a_van_but_no_second_showroom(client: httpx2.AsyncClient, shop: Shop) -> None:
    place = {"branch_id": str(shop.branch_id), "name": "Blue van", "kind": "van"}
    van = await client.post("/api/locations", json=place, headers=shop.owner.headers)
    assert van.status_code == 201, van.text
    twice = await client.post("/api/locations", json=place, headers=shop.owner.headers)
    assert twice.json()["error"]["code"] == "LOCATION_NAME_TAKEN"
    second = await client.post("/api/locations", json={**place, "name": "Annex", "kind": "showroom"},
                               headers=shop.owner.headers)
    assert (second.status_code, second.json()["error"]["code"]) == (400, "SHOWROOM_EXISTS")
    cashier = await hire(shop, "staff")
    assert (await client.post("/api/locations", json=place, headers=cashier.headers)).status_code == 403
    vans = await client.get("/api/locations?kind=van", headers=cashier.headers)
    assert [row["name"] for row in vans.json()["data"]] == ["Blue van"]


async def test_a_location_is_renamed_and_taken_out_of_use_but_never_the_showroom(
    client: httpx2.AsyncClient, shop: Shop
) -> None:
    places = {row["kind"]: row for row in await _locations(client, shop, str(shop.branch_id))}
    store = f"/api/locations/{places['warehouse']['id']}"
    renamed = await client.put(store, json={"name": "Back store", "active": False, "version": 1},
                               headers=shop.owner.headers)
    assert (renamed.json()["data"]["name"], renamed.json()["data"]["active"]) == ("Back store", False)
    stale = await client.put(store, json={"name": "Old store", "version": 1}, headers=shop.owner.headers)
    assert stale.status_code == 409
    showroom = f"/api/locations/{places['showroom']['id']}"
    refused = await client.put(showroom, json={"active": False, "version": 1}, headers=shop.owner.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "SHOWROOM_NEEDED")
    other = await open_a_shop(shop.house)
    foreign = await client.put(f"/api/locations/{other.showroom_id}", json={"name": "X", "version": 1},
                               headers=shop.owner.headers)
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (404, "LOCATION_NOT_FOUND")
