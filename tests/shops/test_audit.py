"""The audit trail: searchable, readable, and for who may read it only."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx2

from duka.platform import audit
from duka.platform.ids import new_id
from duka.shops.audit_log.rules import differences
from tests.world import Shop, hire, open_a_shop

KAMPALA = ZoneInfo("Africa/Kampala")


async def _open_branch(client: httpx2.AsyncClient, shop: Shop, name: str) -> str:
    answer = await client.post("/api/branches", json={"name": name}, headers=shop.owner.headers)
    return str(answer.json()["data"]["id"])


def test_a_difference_is_told_down_to_the_part_that_changed() -> None:
    before = {"name": "Ntinda", "settings": {"language": "en", "tax": {"rate": 18, "on": True}}, "gone": 1}
    after = {"name": "Kololo", "settings": {"language": "en", "tax": {"rate": 20, "on": True}}, "new": [1, 2]}
    assert [(each.field, each.before, each.after) for each in differences(before, after)] == [
        ("gone", 1, None), ("name", "Ntinda", "Kololo"), ("new", None, [1, 2]), ("settings.tax.rate", 18, 20),
    ]  # fmt: skip
    assert [each.field for each in differences({"phone": "(changed)"}, {"phone": "(changed)"})] == ["phone"]
    assert differences(None, None) == []


async def test_a_change_is_found_by_thing_person_action_and_day(client: httpx2.AsyncClient, shop: Shop) -> None:
    partner = await hire(shop, "owner")
    first, second = await _open_branch(client, shop, "Ntinda"), await _open_branch(client, shop, "Kololo")
    await client.put(f"/api/branches/{first}", json={"name": "Ntinda Road", "version": 1}, headers=partner.headers)

    async def found(**asked: str) -> list[tuple[str, str]]:
        answer = await client.get("/api/audit-logs", params=asked, headers=shop.owner.headers)
        assert answer.status_code == 200, answer.text
        return [(row["action"], row["entity_id"]) for row in answer.json()["data"]]

    assert await found(entity="branch") == [("update", first), ("create", second), ("create", first)]
    assert await found(entity="branch", sort="at") == [("create", first), ("create", second), ("update", first)]
    assert await found(entity="branch", action="create") == [("create", second), ("create", first)]
    assert await found(entity_id=first, staff_id=str(partner.staff_id)) == [("update", first)]
    today = datetime.now(KAMPALA).date()
    assert len(await found(entity="branch", **{"from": str(today), "to": str(today)})) == 3
    assert await found(entity="branch", to=str(today - timedelta(days=1))) == []
    assert await found(entity="branch", to="9999-12-31", **{"from": "0001-01-01"}) != []


async def test_a_change_is_found_by_part_of_who_what_and_why(client: httpx2.AsyncClient, shop: Shop) -> None:
    partner = await hire(shop, "owner", name="Ruth Achieng")
    first, second = await _open_branch(client, shop, "Ntinda"), await _open_branch(client, shop, "Kololo")
    await client.put(f"/api/branches/{first}", json={"name": "Ntinda Road", "version": 1}, headers=partner.headers)

    async def found(q: str) -> list[str]:
        asked = {"q": q, "entity": "branch"}
        answer = await client.get("/api/audit-logs", params=asked, headers=shop.owner.headers)
        return [row["entity_id"] for row in answer.json()["data"]]

    assert await found("achieng") == [first]
    assert await found("UPDA") == [first]
    assert await found(second[:13]) == [second]
    assert await found("50%") == await found("nobody") == []


async def test_one_change_is_read_with_its_values(client: httpx2.AsyncClient, shop: Shop) -> None:
    branch = await _open_branch(client, shop, "Ntinda")
    await client.put(f"/api/branches/{branch}", json={"name": "Kololo", "version": 1},
                     headers={**shop.owner.headers, "User-Agent": "Duka tests"})
    (entry,) = (await client.get(f"/api/audit-logs?entity_id={branch}&action=update",
                                 headers=shop.owner.headers)).json()["data"]
    assert (entry["staff_name"], entry["actor"], entry["changed"]) == ("Njeri", "staff", ["name"])
    full = (await client.get(f"/api/audit-logs/{entry['id']}", headers=shop.owner.headers)).json()["data"]
    assert full["changes"] == [{"field": "name", "before": "Ntinda", "after": "Kololo"}]
    assert (full["user_agent"], full["ip"]) == ("Duka tests", "127.0.0.1")


async def test_the_trail_is_paged_without_gaps(client: httpx2.AsyncClient, shop: Shop) -> None:
    async with shop.as_() as ctx:
        for _ in range(7):
            audit.record(ctx, "count", "shelf", new_id())
    seen: list[str] = []
    cursor = ""
    while True:
        answer = await client.get(f"/api/audit-logs?entity=shelf&limit=3{cursor}", headers=shop.owner.headers)
        seen += [row["id"] for row in answer.json()["data"]]
        following = answer.json()["page"]["next_cursor"]
        if following is None:
            break
        cursor = f"&cursor={following}"
    assert len(seen) == len(set(seen)) == 7


async def test_the_trail_is_saved_as_a_file(client: httpx2.AsyncClient, shop: Shop) -> None:
    await _open_branch(client, shop, "Ntinda")
    saved = await client.get("/api/audit-logs?format=csv&entity=branch", headers=shop.owner.headers)
    assert saved.status_code == 200
    assert "Njeri" in saved.text


async def test_secrets_never_stand_in_the_trail(client: httpx2.AsyncClient, shop: Shop) -> None:
    till = {"branch_id": str(shop.branch_id), "name": "Counter", "kind": "installation",
            "installation_id": str(new_id())}
    registered = (await client.post("/api/registers", json=till, headers=shop.owner.headers)).json()["data"]
    key = {"name": "Web shop", "permissions": {"branches:read": "shop"}}
    made = (await client.post("/api/api-keys", json=key, headers=shop.owner.headers)).json()["data"]
    trail = (await client.get("/api/audit-logs", headers=shop.owner.headers)).json()["data"]
    full = [(await client.get(f"/api/audit-logs/{each['id']}", headers=shop.owner.headers)).text for each in trail]
    assert not any(secret in text for text in full for secret in (registered["credential"], made["key"], "_hash"))


async def test_the_trail_is_the_owners(client: httpx2.AsyncClient, shop: Shop) -> None:
    branch = await _open_branch(client, shop, "Ntinda")
    for preset in ("supervisor", "staff", "technician"):
        person = await hire(shop, preset)
        for address in ("/api/audit-logs", f"/api/audit-logs/{branch}"):
            refused = await client.get(address, headers=person.headers)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_a_bound_owner_reads_what_the_branchs_people_did(client: httpx2.AsyncClient, shop: Shop) -> None:
    await _open_branch(client, shop, "Ntinda")
    bound = await hire(shop, "owner", branch_id=shop.branch_id)
    assert (await client.get("/api/audit-logs", headers=bound.headers)).json()["data"] == []
    place = {"branch_id": str(shop.branch_id), "name": "Van", "kind": "van"}
    await client.post("/api/locations", json=place, headers=bound.headers)
    trail = (await client.get("/api/audit-logs", headers=bound.headers)).json()["data"]
    assert [(each["action"], each["entity"]) for each in trail] == [("create", "location")]


async def test_a_foreign_entry_is_an_entry_that_is_not_there(client: httpx2.AsyncClient, shop: Shop) -> None:
    other = await open_a_shop(shop.house)
    theirs = (await client.get("/api/audit-logs", headers=other.owner.headers)).json()["data"][0]["id"]
    mine = (await client.get("/api/audit-logs", headers=shop.owner.headers)).json()["data"]
    assert theirs not in {each["id"] for each in mine}
    for entry_id in (theirs, str(new_id())):
        answer = await client.get(f"/api/audit-logs/{entry_id}", headers=shop.owner.headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ENTRY_NOT_FOUND")
