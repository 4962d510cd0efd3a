"""Staying logged in: the chain of refresh tokens, one device at a time, and how a login ends."""

import asyncio
from datetime import timedelta

import httpx2
import pytest
from fastapi import FastAPI

from duka.platform.ids import new_id
from tests.shops.visitors import Post, Visitor, code_of, in_shop, run, signed_up

pytestmark = pytest.mark.slow


async def test_a_refresh_gives_the_next_token_and_spends_the_last(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    first = (await njeri.refresh()).json()["data"]
    assert first["refresh_token"] != njeri.data["refresh_token"]
    assert first["session_id"] == njeri.data["session_id"]
    second = await njeri.refresh(first["refresh_token"])
    assert second.status_code == 200
    bearer = {"Authorization": f"Bearer {second.json()['data']['access_token']}"}
    assert (await njeri.who(bearer)).status_code == 200


async def test_a_repeated_request_gets_the_same_successor(client: httpx2.AsyncClient) -> None:
    njeri, request = await signed_up(client), str(new_id())
    answers = await asyncio.gather(*(njeri.refresh(request_id=request) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["data"]["refresh_token"] for answer in answers}) == 1
    assert (await njeri.who()).status_code == 200


async def test_ten_requests_with_one_token_are_one_success_and_the_end_of_the_login(
    client: httpx2.AsyncClient, app: FastAPI
) -> None:
    njeri = await signed_up(client)
    answers = await asyncio.gather(*(njeri.refresh() for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9
    refused = {code_of(answer) for answer in answers if answer.status_code == 401}
    assert "REFRESH_REUSED" in refused
    assert refused <= {"REFRESH_REUSED", "SESSION_ENDED"}
    won = next(answer for answer in answers if answer.status_code == 200).json()["data"]
    assert code_of(await njeri.refresh(won["refresh_token"])) == "SESSION_ENDED"
    assert code_of(await njeri.who({"Authorization": f"Bearer {won['access_token']}"})) == "SESSION_ENDED"
    entries = (
        "SELECT after FROM audit_entries WHERE shop_id = :shop AND entity = 'session' AND action = 'end' "
        "AND entity_id = :session"
    )
    shop_id = njeri.data["shops"][0]["shop_id"]
    written = await in_shop(app, shop_id, entries, session=njeri.data["session_id"])
    assert [row.after for row in written] == [{"reason": "reused"}]


async def test_a_repetition_after_a_minute_is_reuse(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri, request = await signed_up(client), str(new_id())
    assert (await njeri.refresh(request_id=request)).status_code == 200
    await run(app, "UPDATE refresh_tokens SET spent_at = spent_at - :w WHERE session_id = :s",
              w=timedelta(seconds=61), s=njeri.data["session_id"])  # fmt: skip
    assert code_of(await njeri.refresh(request_id=request)) == "REFRESH_REUSED"


@pytest.mark.parametrize(("remember", "days"), [(False, 7), (True, 30)])
async def test_a_login_lasts_seven_days_or_thirty(
    client: httpx2.AsyncClient, app: FastAPI, remember: bool, days: int
) -> None:
    njeri = await signed_up(client, remember=remember)
    lives = "SELECT expires_at - created_at AS life FROM device_sessions WHERE id = :s"
    ((life,),) = await run(app, lives, s=njeri.data["session_id"])
    assert life == timedelta(days=days)
    for table, column in (("device_sessions", "id"), ("refresh_tokens", "session_id")):
        await run(app, f"UPDATE {table} SET expires_at = expires_at - :w WHERE {column} = :s",
                  w=timedelta(days=days), s=njeri.data["session_id"])  # fmt: skip
    assert code_of(await njeri.refresh()) == "REFRESH_NOT_VALID"
    assert (await njeri.who()).status_code == 401


@pytest.mark.parametrize("token", ["x" * 43, "A" * 200])
async def test_an_invented_refresh_token_is_refused(client: httpx2.AsyncClient, token: str) -> None:
    assert code_of(await Visitor(client).refresh(token)) == "REFRESH_NOT_VALID"


async def test_only_hashes_of_refresh_tokens_are_kept(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    rows = await run(app, "SELECT to_json(t)::text FROM refresh_tokens t WHERE session_id = :s",
                     s=njeri.data["session_id"])  # fmt: skip
    assert len(rows) == 1
    assert njeri.data["refresh_token"] not in rows[0][0]


async def test_a_login_elsewhere_replaces_and_says_where(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    assert (await njeri.login(device_id=str(new_id()), device_name="Njeri's phone")).status_code == 200
    refused = await njeri.who()
    assert (refused.status_code, code_of(refused)) == (401, "SESSION_REPLACED")
    assert refused.json()["error"]["details"]["device"] == "Njeri's phone"
    for path in ("/api/auth/sessions", "/api/auth/shops", "/api/me"):
        assert code_of(await client.get(path, headers=njeri.headers)) == "SESSION_REPLACED"
    assert code_of(await njeri.refresh()) == "SESSION_REPLACED"


async def test_the_same_device_renews_and_its_other_tab_goes_on(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    again = (await njeri.login()).json()["data"]
    assert again["session_id"] == njeri.data["session_id"]
    assert (await njeri.who()).status_code == 200
    assert code_of(await njeri.refresh()) == "REFRESH_NOT_VALID"
    assert (await njeri.refresh(again["refresh_token"])).status_code == 200


async def test_a_shop_may_allow_more_devices_and_the_strictest_counts(
    client: httpx2.AsyncClient, app: FastAPI
) -> None:
    njeri = await signed_up(client)
    place = njeri.data["shops"][0]
    await in_shop(app, place["shop_id"], "UPDATE shops SET settings = settings || '{\"devices_per_account\": 2}' "
                  "WHERE shop_id = :shop")  # fmt: skip
    second = (await njeri.login(device_id=str(new_id()))).json()["data"]
    assert (await njeri.who()).status_code == 200
    listed = (await client.get("/api/auth/sessions", headers=njeri.headers)).json()["data"]
    assert {session["id"] for session in listed} == {njeri.data["session_id"], second["session_id"]}
    assert [session["current"] for session in listed if session["id"] == njeri.data["session_id"]] == [True]
    await njeri.login(device_id=str(new_id()))
    assert code_of(await njeri.who()) == "SESSION_REPLACED"
    assert (await njeri.who({"Authorization": f"Bearer {second['access_token']}"})).status_code == 200


async def test_logins_at_the_same_moment_leave_one_device(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    answers = await asyncio.gather(*(njeri.login(device_id=str(new_id())) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    live = "SELECT count(*) FROM device_sessions WHERE account_id = :a AND ended_at IS NULL"
    ((count,),) = await run(app, live, a=njeri.data["account"]["id"])
    assert count == 1


async def test_ending_a_login_from_another_device(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    await in_shop(app, njeri.data["shops"][0]["shop_id"],
                  "UPDATE shops SET settings = settings || '{\"devices_per_account\": 3}' WHERE shop_id = :shop")
    other = (await njeri.login(device_id=str(new_id()))).json()["data"]
    path = f"/api/auth/sessions/{other['session_id']}"
    assert (await client.delete(path, headers=njeri.headers)).status_code == 200
    assert code_of(await njeri.who({"Authorization": f"Bearer {other['access_token']}"})) == "SESSION_ENDED"
    assert (await client.delete(path, headers=njeri.headers)).status_code == 404


async def test_nobody_ends_another_persons_login(client: httpx2.AsyncClient) -> None:
    njeri, okello = await signed_up(client), await signed_up(client)
    path = f"/api/auth/sessions/{njeri.data['session_id']}"
    missing = await client.delete(f"/api/auth/sessions/{new_id()}", headers=okello.headers)
    foreign = await client.delete(path, headers=okello.headers)
    assert (foreign.status_code, foreign.json()["error"]) == (404, missing.json()["error"])
    assert (await njeri.who()).status_code == 200


@pytest.mark.parametrize("by_bearer", [True, False])
async def test_logging_out_ends_the_login(client: httpx2.AsyncClient, by_bearer: bool) -> None:
    njeri = await signed_up(client)
    if by_bearer:
        out = await client.post("/api/auth/logout", headers=njeri.headers)
    else:
        out = await client.post("/api/auth/logout", json={"refresh_token": njeri.data["refresh_token"]})
    assert out.status_code == 200
    assert code_of(await njeri.who()) == "SESSION_ENDED"
    assert code_of(await njeri.refresh()) == "SESSION_ENDED"


async def test_logging_out_without_a_login_is_refused(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/api/auth/logout")).status_code == 401


async def test_a_first_login_on_a_new_device_is_told_by_letter(
    client: httpx2.AsyncClient, app: FastAPI, post: Post
) -> None:
    njeri = await signed_up(client)
    address = f"{new_id().hex}@example.com"
    await run(app, "UPDATE accounts SET email = :e WHERE phone = :p", e=address, p=njeri.phone)
    await njeri.login()
    await njeri.login(device_id=str(new_id()), device_name="Stranger's phone")
    assert "Stranger's phone" in await post.to(address)
    assert not [to for to, _ in post.messages if to == address]
    told = "SELECT 1 FROM outbox WHERE shop_id = :shop AND event = 'staff.new_device'"
    assert len(await in_shop(app, njeri.data["shops"][0]["shop_id"], told)) == 1
