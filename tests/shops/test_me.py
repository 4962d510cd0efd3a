"""My profile: what I may change about myself, and what has to be proven first."""

import asyncio
import re
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from duka.platform.ids import new_id
from tests.shops.visitors import PASSWORD, Post, Visitor, code_of, in_shop, later, run, signed_up
from tests.world import fresh_phone

pytestmark = pytest.mark.slow


async def test_i_see_myself(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    me = (await client.get("/api/me", headers=njeri.headers)).json()["data"]
    assert (me["name"], me["phone"], me["email"], me["language"]) == ("Njeri", njeri.phone, None, "en")
    assert "password_hash" not in me


async def test_name_and_language_change_and_what_is_left_out_stays(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    edited = await _edit(njeri, name="Njeri Wanjiru", language="sw")
    assert edited.status_code == 200, edited.text
    me = edited.json()["data"]
    assert (me["name"], me["language"], me["phone"]) == ("Njeri Wanjiru", "sw", njeri.phone)
    written = "SELECT after FROM audit_entries WHERE shop_id = :shop AND action = 'update' AND entity = 'account'"
    entries = await in_shop(app, njeri.data["shops"][0]["shop_id"], written)
    assert [row.after for row in entries] == [{"name": "(changed)", "language": "(changed)"}]


async def test_a_change_says_which_version_it_was_made_from(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    bare = await client.put("/api/me", json={"name": "Wanjiru"}, headers=njeri.headers)
    assert code_of(bare) == "VERSION_REQUIRED"
    assert (await _edit(njeri, name="Wanjiru")).status_code == 200
    stale = await client.put("/api/me", json={"name": "Njoki"}, headers=njeri.headers | {"If-Match": "1"})
    assert (stale.status_code, code_of(stale)) == (409, "STALE_VERSION")


async def test_of_changes_made_at_once_from_one_version_one_stands(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    bodies = [{"version": 1, "name": f"Njeri {n}"} for n in range(8)]
    answers = await asyncio.gather(*(client.put("/api/me", json=body, headers=njeri.headers) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    me = (await client.get("/api/me", headers=njeri.headers)).json()["data"]
    assert me["version"] == 2


@pytest.mark.parametrize("field", ["password_hash", "version_x", "id", "created_at", "failed_logins"])
async def test_fields_that_are_not_mine_to_set_are_refused(client: httpx2.AsyncClient, field: str) -> None:
    njeri = await signed_up(client)
    assert code_of(await _edit(njeri, **{field: "x"})) == "VALIDATION_ERROR"


async def test_another_phone_needs_the_code_sent_to_it_and_the_password(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    new = Visitor(client)
    code = await new.code("change_phone")
    assert code_of(await _edit(njeri, phone=new.phone)) == "VALIDATION_ERROR"
    assert code_of(await _edit(njeri, phone=new.phone, phone_code=code)) == "VALIDATION_ERROR"
    wrong = await _edit(njeri, phone=new.phone, phone_code=code, password="not the password")
    assert code_of(wrong) == "WRONG_PASSWORD"
    other = f"{(int(code) + 1) % 10**6:06d}"
    assert code_of(await _edit(njeri, phone=new.phone, phone_code=other, password=PASSWORD)) == "CODE_NOT_VALID"
    changed = await _edit(njeri, phone=new.phone, phone_code=code, password=PASSWORD)
    assert changed.json()["data"]["phone"] == new.phone
    assert (await njeri.login()).status_code == 401
    assert (await njeri.login(login=new.phone)).status_code == 200


async def test_a_phone_that_another_account_has_is_told_only_after_the_code(
    client: httpx2.AsyncClient, app: FastAPI
) -> None:
    njeri, okello = await signed_up(client), await signed_up(client)
    await later(app, okello.phone, seconds=31)
    code = await okello.code("change_phone")
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert code_of(await _edit(njeri, phone=okello.phone, phone_code=wrong, password=PASSWORD)) == "CODE_NOT_VALID"
    taken = await _edit(njeri, phone=okello.phone, phone_code=code, password=PASSWORD)
    assert code_of(taken) == "ACCOUNT_EXISTS"


async def test_the_same_phone_written_otherwise_is_no_change(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    same = await _edit(njeri, phone="0" + njeri.phone[4:], country="UG")
    assert (same.status_code, same.json()["data"]["version"]) == (200, 1)


async def test_an_email_becomes_mine_with_the_code_sent_to_it(client: httpx2.AsyncClient, post: Post) -> None:
    njeri, address = await signed_up(client), f"Njeri-{new_id().hex}@example.com"
    code = await _email_code(njeri, address, post)
    assert code_of(await _edit(njeri, email=address, password=PASSWORD)) == "VALIDATION_ERROR"
    mine = await _edit(njeri, email=address, email_code=code, password=PASSWORD)
    assert mine.status_code == 200, mine.text
    assert (await njeri.login(login=address.lower())).status_code == 200


async def test_an_email_that_another_account_has_is_refused(
    client: httpx2.AsyncClient, app: FastAPI, post: Post
) -> None:
    njeri, okello, address = await signed_up(client), await signed_up(client), f"{new_id().hex}@example.com"
    await run(app, "UPDATE accounts SET email = :e WHERE phone = :p", e=address, p=okello.phone)
    code = await _email_code(njeri, address.upper(), post)
    taken = await _edit(njeri, email=address.upper(), email_code=code, password=PASSWORD)
    assert code_of(taken) == "EMAIL_TAKEN"


async def test_asking_for_an_email_needs_the_password(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    body = {"email": "njeri@example.com", "password": "not the password"}
    refused = await client.post("/api/me/email", json=body, headers=njeri.headers)
    assert code_of(refused) == "WRONG_PASSWORD"


async def test_the_email_is_cleared_but_never_the_last_way_in(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri, address = await signed_up(client), f"{new_id().hex}@example.com"
    await run(app, "UPDATE accounts SET email = :e WHERE phone = :p", e=address, p=njeri.phone)
    assert code_of(await _edit(njeri, email=None)) == "VALIDATION_ERROR"
    assert (await _edit(njeri, email=None, password=PASSWORD)).json()["data"]["email"] is None
    await run(app, "UPDATE accounts SET email = :e, phone = NULL WHERE phone = :p", e=address, p=njeri.phone)
    assert code_of(await _edit(njeri, email=None, password=PASSWORD)) == "VALIDATION_ERROR"
    assert code_of(await _edit(njeri, phone=None, password=PASSWORD)) == "VALIDATION_ERROR"


async def test_nobody_changes_me_without_a_login(client: httpx2.AsyncClient) -> None:
    assert (await client.put("/api/me", json={"name": "x", "version": 1})).status_code == 401
    assert (await client.get("/api/me")).status_code == 401
    assert (await client.post("/api/me/password", json={"current_password": "x", "password": "y"})).status_code == 401


async def test_what_is_no_phone_is_refused_here_too(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    assert code_of(await _edit(njeri, phone=fresh_phone()[:6])) == "PHONE_NOT_VALID"


async def _edit(visitor: Visitor, **changes: Any) -> httpx2.Response:
    me = (await visitor.client.get("/api/me", headers=visitor.headers)).json()["data"]
    return await visitor.client.put("/api/me", json={"version": me["version"], **changes}, headers=visitor.headers)


async def _email_code(visitor: Visitor, address: str, post: Post) -> str:
    body = {"email": address, "password": PASSWORD}
    asked = await visitor.client.post("/api/me/email", json=body, headers=visitor.headers)
    assert asked.status_code == 200, asked.text
    name, _, domain = address.partition("@")
    found = re.search(r"\b\d{6}\b", await post.to(f"{name}@{domain.lower()}"))
    assert found
    return found[0]
