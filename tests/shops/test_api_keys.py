"""API keys: shown once, never wider than who made them, ended when they should be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from duka.platform.ids import new_id
from duka.shops.models import ApiKey, Staff
from tests.world import Person, Shop, hire, open_a_shop

READS: dict[str, str] = {"branches:read": "shop"}


async def _make(client: httpx2.AsyncClient, shop: Shop, by: Person | None = None, **body: Any) -> httpx2.Response:
    wanted = {"name": "Web shop", "permissions": READS, **body}
    return await client.post("/api/api-keys", json=wanted, headers=(by or shop.owner).headers)


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_a_key_is_shown_once_and_does_what_it_may(client: httpx2.AsyncClient, shop: Shop) -> None:
    made = await _make(client, shop)
    assert made.status_code == 201, made.text
    key, key_id = made.json()["data"]["key"], made.json()["data"]["id"]
    assert key.startswith("duka_live_")
    assert key.endswith(made.json()["data"]["hint"])
    listed = await client.get("/api/api-keys", headers=shop.owner.headers)
    assert key not in listed.text
    assert [row["last_used_on"] for row in listed.json()["data"]] == [None]
    assert (await client.get("/api/branches", headers=_bearer(key))).status_code == 200
    assert (await client.get("/api/staff", headers=_bearer(key))).status_code == 403
    used = await client.get(f"/api/api-keys/{key_id}", headers=shop.owner.headers)
    assert used.json()["data"]["last_used_on"] == datetime.now(UTC).date().isoformat()
    async with shop.as_() as ctx:
        row = (await ctx.db.scalars(select(ApiKey))).one()
    assert key.encode() not in row.key_hash


async def test_a_repeated_request_makes_one_key_and_does_not_show_it_again(
    client: httpx2.AsyncClient, shop: Shop
) -> None:
    headers = {**shop.owner.headers, "Idempotency-Key": "key-1"}
    body = {"name": "Web shop", "permissions": READS}
    first = await client.post("/api/api-keys", json=body, headers=headers)
    again = await client.post("/api/api-keys", json=body, headers=headers)
    assert again.json()["data"]["id"] == first.json()["data"]["id"]
    assert (bool(first.json()["data"]["key"]), again.json()["data"]["key"]) == (True, None)


async def test_a_revoked_key_ends_at_once(client: httpx2.AsyncClient, shop: Shop) -> None:
    made = (await _make(client, shop)).json()["data"]
    for _ in range(2):
        revoked = await client.delete(f"/api/api-keys/{made['id']}", headers=shop.owner.headers)
        assert revoked.status_code == 200
        assert revoked.json()["data"]["revoked_at"]
    assert (await client.get("/api/branches", headers=_bearer(made["key"]))).status_code == 401
    listed = await client.get("/api/api-keys", headers=shop.owner.headers)
    assert [row["id"] for row in listed.json()["data"]] == [made["id"]]


async def test_a_key_ends_when_it_expires_and_when_its_maker_leaves(client: httpx2.AsyncClient, shop: Shop) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = (await _make(client, shop, expires_at=soon)).json()["data"]
    assert (await client.get("/api/branches", headers=_bearer(made["key"]))).status_code == 200
    async with shop.as_() as ctx:
        await ctx.db.execute(update(ApiKey).values(expires_at=ctx.now - timedelta(seconds=1)))
    assert (await client.get("/api/branches", headers=_bearer(made["key"]))).status_code == 401

    partner = await hire(shop, "owner")
    theirs = (await _make(client, shop, partner)).json()["data"]
    assert (await client.get("/api/branches", headers=_bearer(theirs["key"]))).status_code == 200
    await client.post(f"/api/staff/{partner.staff_id}/suspend", headers=shop.owner.headers)
    assert (await client.get("/api/branches", headers=_bearer(theirs["key"]))).status_code == 401


async def test_a_key_never_does_more_than_its_maker(client: httpx2.AsyncClient, shop: Shop) -> None:
    roles = (await client.get("/api/roles", headers=shop.owner.headers)).json()["data"]
    supervisors = next(role for role in roles if role["preset"] == "supervisor")
    may = {**supervisors["permissions"], "api_keys:create": "shop"}
    await client.put(f"/api/roles/{supervisors['id']}", json={"permissions": may, "version": 1},
                     headers=shop.owner.headers)
    supervisor = await hire(shop, "supervisor")
    refused = await _make(client, shop, supervisor, permissions={"branches:delete": "shop"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "ROLE_TOO_WIDE")
    made = (await _make(client, shop, supervisor, permissions={"staff:read": "own", **READS})).json()["data"]
    people = await client.get("/api/staff", headers=_bearer(made["key"]))
    assert [row["id"] for row in people.json()["data"]] == [str(supervisor.staff_id)]
    fewer = {name: scope for name, scope in may.items() if name != "branches:read"}
    await client.put(f"/api/roles/{supervisors['id']}", json={"permissions": fewer, "version": 2},
                     headers=shop.owner.headers)
    assert (await client.get("/api/branches", headers=_bearer(made["key"]))).status_code == 403
    async with shop.as_() as ctx:
        bound = update(Staff).where(Staff.id == supervisor.staff_id).values(branch_id=shop.branch_id)
        await ctx.db.execute(bound, execution_options={"synchronize_session": False})
    assert (await client.get("/api/staff", headers=_bearer(made["key"]))).status_code == 200


async def test_a_key_makes_no_keys(client: httpx2.AsyncClient, shop: Shop) -> None:
    made = (await _make(client, shop, permissions={"api_keys:create": "shop"})).json()["data"]
    body = {"name": "Copy", "permissions": {"api_keys:create": "shop"}}
    refused = await client.post("/api/api-keys", json=body, headers=_bearer(made["key"]))
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_a_key_works_from_its_addresses_only(client: httpx2.AsyncClient, shop: Shop) -> None:
    elsewhere = (await _make(client, shop, allowed_ips=["203.0.113.7"])).json()["data"]
    assert elsewhere["allowed_ips"] == ["203.0.113.7/32"]
    assert (await client.get("/api/branches", headers=_bearer(elsewhere["key"]))).status_code == 401
    here = (await _make(client, shop, allowed_ips=["127.0.0.0/8", "2001:db8::/32"])).json()["data"]
    assert (await client.get("/api/branches", headers=_bearer(here["key"]))).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"permissions": {}}, {"permissions": {"sales:fly": "shop"}}, {"allowed_ips": ["home"]},
        {"expires_at": "2020-01-01T00:00:00Z"}, {"expires_at": "2030-01-01T00:00:00"}, {"key": "duka_live_mine"},
        {"name": ""},
    ],
)  # fmt: skip
async def test_a_key_that_makes_no_sense_is_refused(
    client: httpx2.AsyncClient, shop: Shop, body: dict[str, Any]
) -> None:
    refused = await _make(client, shop, **body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


async def test_only_the_owner_has_to_do_with_keys(client: httpx2.AsyncClient, shop: Shop) -> None:
    made = (await _make(client, shop)).json()["data"]
    for preset in ("supervisor", "accountant"):
        person = await hire(shop, preset)
        for answer in (
            await client.get("/api/api-keys", headers=person.headers),
            await client.get(f"/api/api-keys/{made['id']}", headers=person.headers),
            await _make(client, shop, person),
            await client.delete(f"/api/api-keys/{made['id']}", headers=person.headers),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_a_foreign_key_is_a_key_that_is_not_there(client: httpx2.AsyncClient, shop: Shop) -> None:
    other = await open_a_shop(shop.house)
    theirs = (await _make(client, other)).json()["data"]
    for key_id in (theirs["id"], str(new_id())):
        for answer in (
            await client.get(f"/api/api-keys/{key_id}", headers=shop.owner.headers),
            await client.delete(f"/api/api-keys/{key_id}", headers=shop.owner.headers),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "API_KEY_NOT_FOUND")
    assert (await client.get("/api/branches", headers=_bearer(theirs["key"]))).status_code == 200
