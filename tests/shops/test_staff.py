"""Staff: invited by a link, moved, suspended, removed, and always one owner left."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from duka.platform.ids import new_id
from duka.shops import entry
from duka.shops.auth import passwords
from duka.shops.models import Account, Attempts, DeviceSession, Invitation, Membership, Role, Staff
from duka.shops.staff import invitations
from tests.world import Person, Shop, fresh_phone, hire, open_a_shop

pytestmark = pytest.mark.slow

PASSWORD = "matoke-na-samaki-19"


async def _role(shop: Shop, preset: str) -> str:
    async with shop.as_() as ctx:
        return str((await ctx.db.scalars(select(Role.id).where(Role.preset == preset))).one())


async def _invite(client: httpx2.AsyncClient, shop: Shop, by: Person | None = None, **body: Any) -> httpx2.Response:
    wanted = {"name": "Okello", "role_id": await _role(shop, "staff"), **body}
    if not {"phone", "email"} & body.keys():
        wanted["phone"] = fresh_phone()
    return await client.post("/api/staff", json=wanted, headers=(by or shop.owner).headers)


async def _join(client: httpx2.AsyncClient, shop: Shop, **body: Any) -> dict[str, Any]:
    """Invite somebody and let them accept; give their staff row as the owner sees it."""
    invited = await _invite(client, shop, **body)
    assert invited.status_code == 201, invited.text
    token = invited.json()["data"]["invitation_token"]
    joined = await client.post(f"/api/auth/invitations/{token}/accept", json={"password": PASSWORD})
    assert joined.status_code == 200, joined.text
    return await _read(client, shop, invited.json()["data"]["id"])


async def _read(client: httpx2.AsyncClient, shop: Shop, staff_id: object) -> dict[str, Any]:
    answer = await client.get(f"/api/staff/{staff_id}", headers=shop.owner.headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


async def test_somebody_is_invited_and_takes_the_place_with_a_new_account(
    client: httpx2.AsyncClient, shop: Shop
) -> None:
    phone = fresh_phone()
    invited = await _invite(client, shop, name="Okello James", phone=f"0{phone[4:]}")
    assert invited.status_code == 201, invited.text
    data = invited.json()["data"]
    assert (data["status"], data["phone"], data["role"]) == ("invited", phone, "Staff")

    path = f"/api/auth/invitations/{data['invitation_token']}"
    looked = (await client.get(path)).json()["data"]
    assert (looked["shop"], looked["name"], looked["role"], looked["needs_password"]) == (
        "Njeri Phones", "Okello James", "Staff", True,
    )  # fmt: skip
    without = await client.post(f"{path}/accept", json={})
    assert (without.status_code, list(without.json()["error"]["details"])) == (400, ["password"])
    weak = await client.post(f"{path}/accept", json={"password": "okello123"})
    assert (weak.status_code, weak.json()["error"]["code"]) == (400, "PASSWORD_TOO_WEAK")
    joined = await client.post(f"{path}/accept", json={"password": PASSWORD, "name": "James"})
    assert joined.status_code == 200, joined.text
    assert joined.json()["data"]["login"] == phone

    person = await _read(client, shop, data["id"])
    assert (person["status"], person["name"], person["phone"]) == ("active", "James", phone)
    login = {"login": phone, "password": PASSWORD}
    inside = await client.post("/api/auth/login", json=login)
    assert inside.status_code == 200, inside.text
    used = await client.post(f"{path}/accept", json={"password": PASSWORD})
    assert (used.status_code, used.json()["error"]["code"]) == (400, "INVITATION_NOT_VALID")
    assert (await client.get(path)).json()["error"]["code"] == "INVITATION_NOT_VALID"


async def test_only_a_hash_of_the_link_is_kept_and_the_message_has_the_link(
    client: httpx2.AsyncClient, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    token = (await _invite(client, shop)).json()["data"]["invitation_token"]
    async with shop.as_() as ctx:
        kept = (await ctx.db.scalars(select(Invitation.token_hash))).one()
    assert kept == hashlib.sha256(token.encode()).digest()
    for _ in range(100):
        said = capsys.readouterr().out
        if token in said:
            break
        await asyncio.sleep(0.1)
    assert f"/invitation#{token}" in said


async def test_who_has_an_account_joins_with_it_and_keeps_the_password(client: httpx2.AsyncClient, shop: Shop) -> None:
    other = await open_a_shop(shop.house)
    async with other.as_() as ctx:
        account = (await ctx.db.scalars(select(Account).where(Account.id == other.owner.account_id))).one()
        account.password_hash = await passwords.make_hash(PASSWORD)
        kept, phone = account.password_hash, account.phone
    invited = (await _invite(client, shop, phone=phone)).json()["data"]
    path = f"/api/auth/invitations/{invited['invitation_token']}"
    assert (await client.get(path)).json()["data"]["needs_password"] is False
    # Until they say yes, nothing changes for them: one shop, no need to name it.
    assert (await client.get("/api/branches", headers=other.owner.headers)).status_code == 200
    stolen = await client.post(f"{path}/accept", json={"password": "another-password-9"})
    assert (stolen.status_code, stolen.json()["error"]["code"]) == (400, "HAS_ACCOUNT")
    assert (await client.post(f"{path}/accept", json={})).status_code == 200
    async with other.as_() as ctx:
        account = (await ctx.db.scalars(select(Account).where(Account.id == other.owner.account_id))).one()
        shops = (await ctx.db.scalars(select(Membership.shop_id).where(Membership.account_id == account.id))).all()
    assert account.password_hash == kept
    assert set(shops) == {shop.shop_id, other.shop_id}
    here = {**other.owner.headers, "X-Shop-ID": str(shop.shop_id)}
    assert (await client.get("/api/locations", headers=here)).status_code == 200
    assert (await client.get("/api/branches", headers=here)).status_code == 403


async def test_an_invitation_by_phone_and_mail_works_once_by_either(client: httpx2.AsyncClient, shop: Shop) -> None:
    mail = f"okello-{new_id().hex}@example.com"
    data = (await _invite(client, shop, phone=fresh_phone(), email=mail.upper())).json()["data"]
    assert data["email"] == mail
    path = f"/api/auth/invitations/{data['invitation_token']}/accept"
    answers = await asyncio.gather(*[client.post(path, json={"password": PASSWORD}) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    async with shop.as_() as ctx:
        left = (await ctx.db.scalars(
            select(Invitation.id).where(Invitation.used_at.is_(None), Invitation.expires_at > ctx.now)
        )).all()  # fmt: skip
    assert left == []


async def test_an_old_a_made_up_and_a_replaced_link_are_refused_alike(client: httpx2.AsyncClient, shop: Shop) -> None:
    data = (await _invite(client, shop)).json()["data"]
    again = await client.post(f"/api/staff/{data['id']}/reset-password", headers=shop.owner.headers)
    fresh = again.json()["data"]["invitation_token"]
    assert fresh != data["invitation_token"]
    async with shop.as_() as ctx:
        late = update(Invitation).values(expires_at=ctx.now - timedelta(seconds=1))
        await ctx.db.execute(late, execution_options={"synchronize_session": False})
    made_up = fresh[:22] + fresh[22:][::-1]
    answers = [
        await client.post(f"/api/auth/invitations/{token}/accept", json={"password": PASSWORD})
        for token in (data["invitation_token"], fresh, made_up, "x", "%C3%A9", "A" * 54)
    ]
    assert {(answer.status_code, answer.json()["error"]["code"]) for answer in answers} == {
        (400, "INVITATION_NOT_VALID")
    }


async def test_nobody_is_invited_twice(client: httpx2.AsyncClient, shop: Shop) -> None:
    phone = fresh_phone()
    await _join(client, shop, phone=phone)
    refused = await _invite(client, shop, phone=phone)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "ALREADY_STAFF")
    waiting = fresh_phone()
    await _invite(client, shop, phone=waiting)
    assert (await _invite(client, shop, phone=waiting)).json()["error"]["code"] == "ALREADY_STAFF"


async def test_an_invitation_that_makes_no_sense_is_refused(client: httpx2.AsyncClient, shop: Shop) -> None:
    other = await open_a_shop(shop.house)
    role_id = await _role(shop, "staff")
    for body, status, code in (
        ({"name": "X", "role_id": role_id}, 400, "VALIDATION_ERROR"),
        ({"name": "X", "role_id": role_id, "email": "nobody"}, 400, "VALIDATION_ERROR"),
        ({"name": "X", "role_id": role_id, "phone": "12345"}, 400, "PHONE_NOT_VALID"),
        ({"name": "X", "role_id": await _role(other, "staff"), "phone": fresh_phone()}, 404, "ROLE_NOT_FOUND"),
        ({"name": "X", "role_id": role_id, "phone": fresh_phone(), "branch_id": str(other.branch_id)}, 404,
         "BRANCH_NOT_FOUND"),
    ):
        answer = await client.post("/api/staff", json=body, headers=shop.owner.headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_who_may_see_and_who_may_change_staff(client: httpx2.AsyncClient, shop: Shop) -> None:
    cashier, supervisor = await hire(shop, "staff"), await hire(shop, "supervisor")
    assert (await client.get("/api/staff", headers=cashier.headers)).status_code == 403
    seen = await client.get("/api/staff?total=true", headers=supervisor.headers)
    assert (seen.status_code, seen.json()["page"]["total"]) == (200, 3)
    assert (await client.get("/api/staff?format=csv", headers=supervisor.headers)).status_code == 403
    assert "supervisor" in (await client.get("/api/staff?format=csv", headers=shop.owner.headers)).text
    path = f"/api/staff/{cashier.staff_id}"
    for refused in (
        await _invite(client, shop, supervisor),
        await client.put(path, json={"name": "X", "version": 1}, headers=supervisor.headers),
        await client.post(f"{path}/suspend", headers=supervisor.headers),
        await client.delete(path, headers=supervisor.headers),
        await client.post(f"{path}/reset-password", headers=supervisor.headers),
        await client.get(f"{path}/activity", headers=supervisor.headers),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_a_supervisor_of_one_branch_sees_its_people(client: httpx2.AsyncClient, shop: Shop) -> None:
    colleague = await hire(shop, "staff", branch_id=shop.branch_id)
    bound = await hire(shop, "supervisor", branch_id=shop.branch_id)
    seen = await client.get("/api/staff", headers=bound.headers)
    assert {row["id"] for row in seen.json()["data"]} == {str(colleague.staff_id), str(bound.staff_id)}
    hidden = await client.get(f"/api/staff/{shop.owner.staff_id}", headers=bound.headers)
    missing = await client.get(f"/api/staff/{new_id()}", headers=bound.headers)
    assert hidden.status_code == missing.status_code == 404
    assert hidden.json()["error"] == missing.json()["error"]


async def test_foreign_staff_are_staff_that_are_not_there(client: httpx2.AsyncClient, shop: Shop) -> None:
    other = await open_a_shop(shop.house)
    for staff_id in (other.owner.staff_id, new_id()):
        path = f"/api/staff/{staff_id}"
        for answer in (
            await client.get(path, headers=shop.owner.headers),
            await client.put(path, json={"name": "X", "version": 1}, headers=shop.owner.headers),
            await client.post(f"{path}/suspend", headers=shop.owner.headers),
            await client.post(f"{path}/activate", headers=shop.owner.headers),
            await client.post(f"{path}/reset-password", headers=shop.owner.headers),
            await client.get(f"{path}/activity", headers=shop.owner.headers),
            await client.delete(path, headers=shop.owner.headers),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "STAFF_NOT_FOUND")


async def test_a_cashier_becomes_supervisor_of_a_branch(client: httpx2.AsyncClient, shop: Shop) -> None:
    cashier = await hire(shop, "staff")
    path = f"/api/staff/{cashier.staff_id}"
    change = {"role_id": await _role(shop, "supervisor"), "branch_id": str(shop.branch_id), "version": 1}
    promoted = await client.put(path, json=change, headers=shop.owner.headers)
    assert promoted.status_code == 200, promoted.text
    data = promoted.json()["data"]
    assert (data["role"], data["branch_id"], data["version"]) == ("Supervisor", str(shop.branch_id), 2)
    assert (await client.get("/api/staff", headers=cashier.headers)).status_code == 200
    freed = await client.put(path, json={"branch_id": None, "version": 2}, headers=shop.owner.headers)
    assert freed.json()["data"]["branch_id"] is None
    stale = await client.put(path, json={"name": "Okello", "version": 2}, headers=shop.owner.headers)
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "STALE_VERSION")
    unsaid = await client.put(path, json={"name": "Okello"}, headers=shop.owner.headers)
    assert unsaid.json()["error"]["code"] == "VERSION_REQUIRED"


async def test_nobody_lifts_themselves_or_acts_on_somebody_above_them(client: httpx2.AsyncClient, shop: Shop) -> None:
    personnel = {"staff:read": "shop", "staff:create": "shop", "staff:update": "shop", "staff:suspend": "shop",
                 "staff:delete": "shop"}
    added = await client.post("/api/roles", json={"name": "Personnel", "permissions": personnel},
                              headers=shop.owner.headers)
    role_id = added.json()["data"]["id"]
    officer = await hire(shop, "staff")
    await client.put(f"/api/staff/{officer.staff_id}", json={"role_id": role_id, "version": 1},
                     headers=shop.owner.headers)
    lifted = await client.put(f"/api/staff/{officer.staff_id}",
                              json={"role_id": await _role(shop, "owner"), "version": 2}, headers=officer.headers)
    assert (lifted.status_code, lifted.json()["error"]["code"]) == (403, "ROLE_TOO_WIDE")
    friend = await _invite(client, shop, officer)
    assert friend.json()["error"]["code"] == "ROLE_TOO_WIDE"
    assert (await _invite(client, shop, officer, role_id=role_id)).status_code == 201
    boss = f"/api/staff/{shop.owner.staff_id}"
    for refused in (
        await client.post(f"{boss}/suspend", headers=officer.headers),
        await client.delete(boss, headers=officer.headers),
        await client.post(f"{boss}/reset-password", headers=officer.headers),
        await client.put(boss, json={"name": "X", "version": 1}, headers=officer.headers),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "ROLE_TOO_WIDE")


async def test_a_bound_owner_hires_for_their_branch_only(client: httpx2.AsyncClient, shop: Shop) -> None:
    bound = await hire(shop, "owner", branch_id=shop.branch_id)
    anywhere = await _invite(client, shop, bound)
    assert (anywhere.status_code, list(anywhere.json()["error"]["details"])) == (400, ["branch_id"])
    here = await _invite(client, shop, bound, branch_id=str(shop.branch_id))
    assert here.status_code == 201, here.text


async def test_who_is_suspended_is_out_at_once_and_comes_back(client: httpx2.AsyncClient, shop: Shop) -> None:
    cashier = await hire(shop, "staff")
    path = f"/api/staff/{cashier.staff_id}"
    assert (await client.get("/api/locations", headers=cashier.headers)).status_code == 200
    suspended = await client.post(f"{path}/suspend", json={"reason": "Cash was missing"}, headers=shop.owner.headers)
    assert (suspended.status_code, suspended.json()["data"]["status"]) == (200, "suspended")
    out = await client.get("/api/locations", headers=cashier.headers)
    assert (out.status_code, out.json()["error"]["code"]) == (401, "STAFF_SUSPENDED")
    async with shop.as_() as ctx:
        session = await ctx.db.get(DeviceSession, cashier.session_id)
        assert session is not None
        assert session.ended_reason == "suspended"
    again = await client.post(f"{path}/suspend", headers=shop.owner.headers)
    assert (again.status_code, again.json()["data"]["version"]) == (200, 2)
    back = await client.post(f"{path}/activate", headers=shop.owner.headers)
    assert (back.json()["data"]["status"], back.json()["data"]["version"]) == ("active", 3)
    steps = await client.get(f"/api/audit-logs?entity_id={cashier.staff_id}", headers=shop.owner.headers)
    assert [(step["action"], step["reason"]) for step in steps.json()["data"]] == [
        ("activate", None), ("suspend", "Cash was missing"),
    ]  # fmt: skip


async def test_suspended_in_one_shop_is_not_logged_out_of_another(client: httpx2.AsyncClient, shop: Shop) -> None:
    other = await open_a_shop(shop.house)
    async with other.as_() as ctx:
        phone = (await ctx.db.scalars(select(Account.phone).where(Account.id == other.owner.account_id))).one()
    person = await _join(client, shop, phone=phone)
    await client.post(f"/api/staff/{person['id']}/suspend", headers=shop.owner.headers)
    here = await client.get("/api/locations", headers={**other.owner.headers, "X-Shop-ID": str(shop.shop_id)})
    assert (here.status_code, here.json()["error"]["code"]) == (401, "STAFF_SUSPENDED")
    there = await client.get("/api/locations", headers={**other.owner.headers, "X-Shop-ID": str(other.shop_id)})
    assert there.status_code == 200
    await client.delete(f"/api/staff/{person['id']}", headers=shop.owner.headers)
    assert (await client.get("/api/locations", headers=other.owner.headers)).status_code == 200


async def test_who_is_removed_leaves_their_name_and_can_come_back(client: httpx2.AsyncClient, shop: Shop) -> None:
    phone = fresh_phone()
    person = await _join(client, shop, phone=phone)
    removed = await client.delete(f"/api/staff/{person['id']}", headers=shop.owner.headers)
    assert (removed.status_code, removed.json()["data"]["status"]) == (200, "deleted")
    listed = await client.get("/api/staff", headers=shop.owner.headers)
    assert person["id"] not in {row["id"] for row in listed.json()["data"]}
    former = await client.get("/api/staff?status=deleted", headers=shop.owner.headers)
    assert [row["name"] for row in former.json()["data"]] == ["Okello"]
    gone = await client.delete(f"/api/staff/{person['id']}", headers=shop.owner.headers)
    assert gone.status_code == 404
    invited = (await _invite(client, shop, phone=phone)).json()["data"]
    accepted = await client.post(f"/api/auth/invitations/{invited['invitation_token']}/accept", json={})
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["data"]["staff_id"] != person["id"]


async def test_who_has_not_accepted_is_not_suspended_but_removed(client: httpx2.AsyncClient, shop: Shop) -> None:
    invited = (await _invite(client, shop)).json()["data"]
    path = f"/api/staff/{invited['id']}"
    for step in ("suspend", "activate"):
        refused = await client.post(f"{path}/{step}", headers=shop.owner.headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "NOT_YET_STAFF")
    assert (await client.delete(path, headers=shop.owner.headers)).status_code == 200
    late = await client.post(f"/api/auth/invitations/{invited['invitation_token']}/accept",
                             json={"password": PASSWORD})
    assert late.json()["error"]["code"] == "INVITATION_NOT_VALID"


async def test_the_last_owner_stays(client: httpx2.AsyncClient, shop: Shop) -> None:
    path = f"/api/staff/{shop.owner.staff_id}"
    demotions: list[dict[str, Any]] = [
        {"role_id": await _role(shop, "staff"), "version": 1}, {"branch_id": str(shop.branch_id), "version": 1},
    ]  # fmt: skip
    answers = [await client.put(path, json=body, headers=shop.owner.headers) for body in demotions]
    answers.append(await client.post(f"{path}/suspend", headers=shop.owner.headers))
    answers.append(await client.delete(path, headers=shop.owner.headers))
    assert {(answer.status_code, answer.json()["error"]["code"]) for answer in answers} == {(400, "LAST_OWNER")}
    await hire(shop, "owner", branch_id=shop.branch_id)
    assert (await client.delete(path, headers=shop.owner.headers)).json()["error"]["code"] == "LAST_OWNER"
    second = await hire(shop, "owner")
    assert (await client.delete(path, headers=second.headers)).status_code == 200


@pytest.mark.parametrize("how", ["delete", "suspend", "demote"])
async def test_of_two_owners_who_remove_each_other_one_stays(
    client: httpx2.AsyncClient, shop: Shop, how: str
) -> None:
    second = await hire(shop, "owner")
    staff_role = await _role(shop, "staff")

    async def remove(person: Person, by: Person) -> httpx2.Response:
        path = f"/api/staff/{person.staff_id}"
        if how == "delete":
            return await client.delete(path, headers=by.headers)
        if how == "suspend":
            return await client.post(f"{path}/suspend", headers=by.headers)
        return await client.put(path, json={"role_id": staff_role, "version": 1}, headers=by.headers)

    await asyncio.gather(remove(second, shop.owner), remove(shop.owner, second))
    async with shop.house.database.session() as db:
        ctx = await entry.open_shop_for_system(db, shop.shop_id, datetime.now(UTC))
        owners = select(Staff.id).join(Role, Role.id == Staff.role_id).where(Role.preset == "owner")
        assert len((await ctx.db.scalars(owners.where(Staff.status == "active"))).all()) == 1


async def test_the_owner_lets_somebody_choose_a_new_password(
    client: httpx2.AsyncClient, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    phone = fresh_phone()
    person = await _join(client, shop, phone=phone)
    sent = await client.post(f"/api/staff/{person['id']}/reset-password", headers=shop.owner.headers)
    assert (sent.status_code, sent.json()["data"]["invitation_token"]) == (200, None)
    for _ in range(100):
        said = capsys.readouterr().out
        if f"SMS to {phone}" in said and "code" in said:
            break
        await asyncio.sleep(0.1)
    assert f"SMS to {phone}" in said


async def test_the_owner_sees_what_somebody_did(client: httpx2.AsyncClient, shop: Shop) -> None:
    manager = await hire(shop, "inventory_manager")
    await client.post("/api/branches", json={"name": "Ntinda"}, headers=shop.owner.headers)
    mine = await client.get(f"/api/staff/{shop.owner.staff_id}/activity", headers=shop.owner.headers)
    assert ("create", "branch") in {(each["action"], each["entity"]) for each in mine.json()["data"]}
    assert {each["staff_id"] for each in mine.json()["data"]} == {str(shop.owner.staff_id)}
    theirs = await client.get(f"/api/staff/{manager.staff_id}/activity", headers=shop.owner.headers)
    assert theirs.json()["data"] == []


async def test_names_and_phones_stay_out_of_the_audit_trail(client: httpx2.AsyncClient, shop: Shop) -> None:
    phone = fresh_phone()
    person = await _join(client, shop, name="Nakato Secretname", phone=phone)
    await client.put(f"/api/staff/{person['id']}", json={"name": "Nakato Othername", "version": person["version"]},
                     headers=shop.owner.headers)
    trail = (await client.get(f"/api/audit-logs?entity_id={person['id']}", headers=shop.owner.headers)).json()["data"]
    assert {each["action"] for each in trail} == {"create", "join", "update"}
    full = [(await client.get(f"/api/audit-logs/{each['id']}", headers=shop.owner.headers)).json() for each in trail]
    values = str([each["data"]["changes"] for each in full])
    assert "(changed)" in values
    assert not any(personal in values for personal in ("Secretname", "Othername", phone))


async def test_nobody_is_flooded_with_invitations(client: httpx2.AsyncClient, shop: Shop) -> None:
    phone = fresh_phone()
    for _ in range(invitations.TO_ONE_A_DAY_MAX):
        invited = await _invite(client, shop, phone=phone)
        assert invited.status_code == 201, invited.text
        path = f"/api/staff/{invited.json()['data']['id']}"
        assert (await client.delete(path, headers=shop.owner.headers)).status_code == 200
    for flooding in (shop, await open_a_shop(shop.house)):
        refused = await _invite(client, flooding, phone=phone)
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "TOO_MANY_INVITATIONS")


async def test_a_shop_does_not_write_to_half_the_country(client: httpx2.AsyncClient, shop: Shop) -> None:
    async with shop.as_() as ctx:
        day = ctx.now.replace(hour=0, minute=0, second=0, microsecond=0)
        ctx.db.add(Attempts(
            kind="invitations_of", subject=str(shop.shop_id), window_start=day,
            count=invitations.OF_SHOP_A_DAY_MAX - 1,
        ))  # fmt: skip
    waiting = (await _invite(client, shop)).json()["data"]
    assert (await _invite(client, shop)).status_code == 429
    path = f"/api/staff/{waiting['id']}/reset-password"
    assert (await client.post(path, headers=shop.owner.headers)).status_code == 429
