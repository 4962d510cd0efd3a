"""Roles: presets, roles of one's own, and that nobody gives away more than they have."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from duka.platform.ids import new_id
from duka.shops.permissions import PERMISSIONS
from duka.shops.roles import words
from tests.world import Shop, hire, open_a_shop


async def _add(client: httpx2.AsyncClient, shop: Shop, **body: Any) -> dict[str, Any]:
    answer = await client.post("/api/roles", json=body, headers=shop.owner.headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"])


async def _owner_role(client: httpx2.AsyncClient, shop: Shop) -> dict[str, Any]:
    roles = (await client.get("/api/roles", headers=shop.owner.headers)).json()["data"]
    return next(role for role in roles if role["preset"] == "owner")


def test_every_permission_has_words_and_a_group() -> None:
    described = {permission: words.describe(permission) for permission in PERMISSIONS}
    assert len(set(described.values())) == len(described)
    assert not any("{" in text for text in described.values())
    assert {permission.partition(":")[0] for permission in PERMISSIONS} == set(words.RESOURCES)


async def test_the_table_of_permissions_is_there_for_screens(client: httpx2.AsyncClient, shop: Shop) -> None:
    groups = (await client.get("/api/permissions", headers=shop.owner.headers)).json()["data"]
    shown = {line["permission"] for group in groups for line in group["permissions"]}
    assert shown == PERMISSIONS
    assert groups[0]["title"] == "Sales"


async def test_a_shop_starts_with_seven_presets(client: httpx2.AsyncClient, shop: Shop) -> None:
    answer = await client.get("/api/roles", headers=shop.owner.headers)
    names = [role["name"] for role in answer.json()["data"]]
    assert names == sorted(names)
    assert len(names) == 7
    supervisor = await hire(shop, "supervisor")
    assert (await client.get("/api/roles", headers=supervisor.headers)).status_code == 200
    cashier = await hire(shop, "staff")
    assert (await client.get("/api/roles", headers=cashier.headers)).status_code == 403


async def test_the_owner_copies_a_preset_and_ticks_one_box_more(client: httpx2.AsyncClient, shop: Shop) -> None:
    copied = await _add(client, shop, name="Senior cashier", preset_of="cashier")
    assert copied["preset"] is None
    assert copied["discount_ceiling_bp"] == 500
    assert "sales:reverse" not in copied["permissions"]
    ticked = {**copied["permissions"], "sales:reverse": "own"}
    changed = await client.put(
        f"/api/roles/{copied['id']}", json={"permissions": ticked, "discount_ceiling_bp": 800, "version": 1},
        headers=shop.owner.headers,
    )  # fmt: skip
    assert changed.status_code == 200, changed.text
    assert changed.json()["data"]["permissions"]["sales:reverse"] == "own"
    assert changed.json()["data"]["name"] == "Senior cashier"
    assert changed.json()["data"]["version"] == 2
    stale = await client.put(
        f"/api/roles/{copied['id']}", json={"name": "Other", "version": 1}, headers=shop.owner.headers
    )
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "STALE_VERSION")
    unsaid = await client.put(f"/api/roles/{copied['id']}", json={"name": "Other"}, headers=shop.owner.headers)
    assert unsaid.json()["error"]["code"] == "VERSION_REQUIRED"


async def test_a_changed_role_acts_at_the_next_request(client: httpx2.AsyncClient, shop: Shop) -> None:
    supervisor = await hire(shop, "supervisor")
    roles = (await client.get("/api/roles", headers=supervisor.headers)).json()["data"]
    role = next(role for role in roles if role["preset"] == "supervisor")
    fewer = {name: scope for name, scope in role["permissions"].items() if name != "roles:read"}
    await client.put(f"/api/roles/{role['id']}", json={"permissions": fewer},
                     headers={**shop.owner.headers, "If-Match": '"1"'})
    assert (await client.get("/api/roles", headers=supervisor.headers)).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "X", "permissions": {"sales:fly": "shop"}}, "permissions"),
        ({"name": "X", "permissions": {"sales:read": "world"}}, "permissions.sales:read"),
        ({"name": "X", "preset_of": "king"}, "preset_of"),
        ({"name": "X"}, "permissions"),
        ({"name": "X", "preset_of": "staff", "discount_ceiling_bp": 10_001}, "discount_ceiling_bp"),
        ({"name": "X", "preset_of": "staff", "shop_id": str(UUID(int=1))}, "shop_id"),
    ],
)
async def test_a_role_that_makes_no_sense_is_refused(
    client: httpx2.AsyncClient, shop: Shop, body: dict[str, Any], field: str
) -> None:
    answer = await client.post("/api/roles", json=body, headers=shop.owner.headers)
    assert answer.status_code == 400
    assert field in answer.json()["error"]["details"]


async def test_nobody_makes_or_touches_a_role_wider_than_their_own(client: httpx2.AsyncClient, shop: Shop) -> None:
    supervisor = await hire(shop, "supervisor")
    roles = (await client.get("/api/roles", headers=supervisor.headers)).json()["data"]
    mine = next(role for role in roles if role["preset"] == "supervisor")
    inventory = next(role for role in roles if role["preset"] == "inventory_manager")
    trusted = {**mine["permissions"], "roles:create": "shop", "roles:update": "shop", "roles:delete": "shop"}
    await client.put(f"/api/roles/{mine['id']}", json={"permissions": trusted, "version": 1},
                     headers=shop.owner.headers)

    narrow = {"name": "Helper", "permissions": {"sales:read": "branch"}}
    assert (await client.post("/api/roles", json=narrow, headers=supervisor.headers)).status_code == 201
    wide = {"name": "Thief", "permissions": {"sales:read": "shop", "products:cost": "own"}}
    refused = await client.post("/api/roles", json=wide, headers=supervisor.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "ROLE_TOO_WIDE")
    assert refused.json()["error"]["details"] == {"beyond": ["products:cost"]}
    generous = {"name": "Generous", "permissions": {"sales:discount": "shop"}, "discount_ceiling_bp": 9000}
    refused = await client.post("/api/roles", json=generous, headers=supervisor.headers)
    assert refused.json()["error"]["details"] == {"beyond": ["discount_ceiling_bp"]}
    lifted = {**trusted, "staff:delete": "shop"}
    refused = await client.put(f"/api/roles/{mine['id']}", json={"permissions": lifted, "version": 2},
                               headers=supervisor.headers)
    assert refused.json()["error"]["code"] == "ROLE_TOO_WIDE"
    refused = await client.delete(f"/api/roles/{inventory['id']}", headers=supervisor.headers)
    assert refused.json()["error"]["code"] == "ROLE_TOO_WIDE"


async def test_the_owners_role_stays_as_it_is(client: httpx2.AsyncClient, shop: Shop) -> None:
    role = await _owner_role(client, shop)
    refused = await client.put(f"/api/roles/{role['id']}", json={"name": "Boss", "version": 1},
                               headers=shop.owner.headers)
    assert refused.json()["error"]["code"] == "OWNER_ROLE_FIXED"
    refused = await client.delete(f"/api/roles/{role['id']}", headers=shop.owner.headers)
    assert refused.json()["error"]["code"] == "OWNER_ROLE_FIXED"


async def test_only_a_role_that_nobody_has_can_be_deleted(client: httpx2.AsyncClient, shop: Shop) -> None:
    await hire(shop, "technician")
    roles = (await client.get("/api/roles", headers=shop.owner.headers)).json()["data"]
    used = next(role for role in roles if role["preset"] == "technician")
    refused = await client.delete(f"/api/roles/{used['id']}", headers=shop.owner.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "ROLE_IN_USE")
    unused = await _add(client, shop, name="Weekend help", preset_of="staff")
    gone = await client.delete(f"/api/roles/{unused['id']}", headers=shop.owner.headers)
    assert gone.status_code == 200
    assert (await client.get(f"/api/roles/{unused['id']}", headers=shop.owner.headers)).status_code == 404


async def test_two_roles_cannot_share_a_name(client: httpx2.AsyncClient, shop: Shop) -> None:
    twice = await client.post("/api/roles", json={"name": "Owner", "preset_of": "staff"}, headers=shop.owner.headers)
    assert (twice.status_code, twice.json()["error"]["code"]) == (400, "ROLE_NAME_TAKEN")


async def test_a_role_of_another_shop_is_a_role_that_is_not_there(client: httpx2.AsyncClient, shop: Shop) -> None:
    other = await open_a_shop(shop.house)
    theirs = await _owner_role(client, other)
    for role_id in (theirs["id"], str(new_id())):
        for answer in (
            await client.get(f"/api/roles/{role_id}", headers=shop.owner.headers),
            await client.put(f"/api/roles/{role_id}", json={"name": "Mine", "version": 1}, headers=shop.owner.headers),
            await client.delete(f"/api/roles/{role_id}", headers=shop.owner.headers),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ROLE_NOT_FOUND")
