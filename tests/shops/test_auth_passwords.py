"""Passwords: which are refused, how one is changed, and what happens when it is forgotten."""

import re

import httpx2
import pytest
from fastapi import FastAPI

from duka.platform.ids import new_id
from duka.shops.auth import passwords
from tests.shops.visitors import PASSWORD, Post, Visitor, code_of, later, run, signed_up

pytestmark = pytest.mark.slow

NEW = "seven green phones"
ABOUT = ("Njeri Wanjiru", "Njeri Phones", "+256772123456", "wanjiru@example.com")


@pytest.mark.parametrize("easy", [
    "short", "1234567", "aaaaaaaa", "abababab", "abcabcabc", "12345678", "87654321", "qwertyuiop", "poiuytrewq",
    "password", "Password1", "PASSWORD123!", "p@ssw0rd", "Pa55word", "welcome1", "kampala2026", "iloveyou!!",
    "njeriphones", "Wanjiru2026", "0772123456", "256772123456", "1q2w3e4r5t", "123123123",
])  # fmt: skip
def test_what_others_would_try_first_is_refused(easy: str) -> None:
    with pytest.raises(passwords.PasswordTooWeak):
        passwords.check_strength(easy, ABOUT)


@pytest.mark.parametrize("fine", [
    PASSWORD, NEW, "xk4-mmz-91q", "njeri loves blue cables", "mto wa samaki 7", "पासवर्ड-लंबा-है", "p455ing thr0ugh",
])  # fmt: skip
def test_what_takes_long_to_guess_is_taken(fine: str) -> None:
    passwords.check_strength(fine, ABOUT)


def test_the_list_of_common_passwords_is_as_it_is_compared() -> None:
    words = passwords._common()
    assert len(words) > 200
    assert all(word == word.casefold() for word in words)


async def test_a_weak_password_does_not_use_up_the_code(client: httpx2.AsyncClient) -> None:
    njeri = Visitor(client)
    code = await njeri.code()
    assert code_of(await njeri.register(code, password="password1")) == "PASSWORD_TOO_WEAK"
    assert (await njeri.register(code)).status_code == 201


async def test_changing_the_password_ends_the_other_logins_only(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri, elsewhere = await _on_two_devices(client, app)
    changed = await _change(njeri, PASSWORD, NEW)
    assert changed.status_code == 200, changed.text
    assert (await njeri.who()).status_code == 200
    assert code_of(await njeri.who(elsewhere)) == "SESSION_ENDED"
    assert (await njeri.login()).status_code == 401
    assert (await njeri.login(NEW)).status_code == 200


async def test_the_current_password_is_asked_for_and_guesses_are_counted(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    codes = [code_of(await _change(njeri, "not the password", NEW)) for _ in range(5)]
    assert codes == ["WRONG_PASSWORD"] * 4 + ["ACCOUNT_LOCKED"]
    assert code_of(await _change(njeri, PASSWORD, NEW)) == "ACCOUNT_LOCKED"


async def test_a_weak_new_password_is_refused(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    assert code_of(await _change(njeri, PASSWORD, "kampala1")) == "PASSWORD_TOO_WEAK"
    assert (await njeri.login()).status_code == 200


async def test_a_forgotten_password_is_reset_by_the_code_on_the_phone(
    client: httpx2.AsyncClient, app: FastAPI, post: Post
) -> None:
    njeri = await signed_up(client)
    code = await _forgot_by_phone(njeri, app, post)
    body = {"login": njeri.phone, "code": code, "password": NEW}
    done = await client.post("/api/auth/password/reset", json=body)
    assert done.status_code == 200, done.text
    assert code_of(await njeri.who()) == "SESSION_ENDED"
    assert (await njeri.login(NEW)).status_code == 200
    again = await client.post("/api/auth/password/reset", json=body)
    assert code_of(again) == "CODE_NOT_VALID"


async def test_a_reset_opens_a_locked_login(client: httpx2.AsyncClient, app: FastAPI, post: Post) -> None:
    njeri = await signed_up(client)
    for _ in range(5):
        await njeri.login("not the password")
    code = await _forgot_by_phone(njeri, app, post)
    await client.post("/api/auth/password/reset", json={"login": njeri.phone, "code": code, "password": NEW})
    assert (await njeri.login(NEW)).status_code == 200


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 400)])
async def test_a_link_is_good_for_thirty_minutes(
    client: httpx2.AsyncClient, app: FastAPI, post: Post, minutes: int, status: int
) -> None:
    njeri, address = await _with_email(client, app)
    token = await _forgot_by_email(client, address, post)
    await later(app, address, minutes=minutes)
    done = await client.post("/api/auth/password/reset", json={"token": token, "password": NEW})
    assert done.status_code == status
    assert (await njeri.login(NEW)).status_code == (200 if status == 200 else 401)


async def test_a_link_works_once(client: httpx2.AsyncClient, app: FastAPI, post: Post) -> None:
    _, address = await _with_email(client, app)
    token = await _forgot_by_email(client, address, post)
    assert (await client.post("/api/auth/password/reset", json={"token": token, "password": NEW})).status_code == 200
    again = await client.post("/api/auth/password/reset", json={"token": token, "password": NEW})
    assert code_of(again) == "LINK_NOT_VALID"


async def test_a_link_changed_for_another_account_is_not_valid(
    client: httpx2.AsyncClient, app: FastAPI, post: Post
) -> None:
    _, address = await _with_email(client, app)
    okello = await signed_up(client)
    token = await _forgot_by_email(client, address, post)
    forged = token[:32] + okello.data["account"]["id"].replace("-", "") + token[64:]
    done = await client.post("/api/auth/password/reset", json={"token": forged, "password": NEW})
    assert code_of(done) == "LINK_NOT_VALID"
    assert (await okello.login(NEW)).status_code == 401


async def test_a_link_to_an_address_that_the_account_left_is_not_valid(
    client: httpx2.AsyncClient, app: FastAPI, post: Post
) -> None:
    njeri, address = await _with_email(client, app)
    token = await _forgot_by_email(client, address, post)
    await run(app, "UPDATE accounts SET email = NULL WHERE phone = :p", p=njeri.phone)
    done = await client.post("/api/auth/password/reset", json={"token": token, "password": NEW})
    assert code_of(done) == "LINK_NOT_VALID"


async def test_the_host_header_does_not_get_into_the_link(
    client: httpx2.AsyncClient, app: FastAPI, post: Post
) -> None:
    _, address = await _with_email(client, app)
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    await client.post("/api/auth/password/forgot", json={"login": address}, headers=forged)
    letter = await post.to(address)
    assert "evil.example" not in letter
    assert f"{app.state.house.settings.public_url}/reset-password#" in letter


async def test_forgetting_says_the_same_for_a_stranger(client: httpx2.AsyncClient, post: Post) -> None:
    njeri, stranger = await signed_up(client), Visitor(client)
    answers = [
        (await client.post("/api/auth/password/forgot", json={"login": login})).json()
        for login in (njeri.phone, stranger.phone, "nobody@example.com", "no login at all")
    ]
    assert len({(answer["success"], answer["message"], str(answer["data"])) for answer in answers}) == 1
    assert stranger.phone not in [to for to, _ in post.messages]


async def test_a_right_code_of_a_stranger_resets_nothing(client: httpx2.AsyncClient) -> None:
    stranger = Visitor(client)
    body = {"login": stranger.phone, "code": await stranger.code("password_reset"), "password": NEW}
    assert code_of(await client.post("/api/auth/password/reset", json=body)) == "CODE_NOT_VALID"


@pytest.mark.parametrize("proof", [
    {}, {"code": "123456"}, {"token": "x" * 70, "code": "123456", "login": "+256772123456"}, {"token": "short"},
])  # fmt: skip
async def test_a_reset_needs_one_proof(client: httpx2.AsyncClient, proof: dict[str, str]) -> None:
    refused = await client.post("/api/auth/password/reset", json={**proof, "password": NEW})
    assert code_of(refused) == "VALIDATION_ERROR"


async def _change(visitor: Visitor, current: str, new: str) -> httpx2.Response:
    body = {"current_password": current, "password": new}
    return await visitor.client.post("/api/me/password", json=body, headers=visitor.headers)


async def _on_two_devices(client: httpx2.AsyncClient, app: FastAPI) -> tuple[Visitor, dict[str, str]]:
    njeri = await signed_up(client)
    elsewhere = (await njeri.login(device_id=str(new_id()))).json()["data"]
    await run(app, "UPDATE device_sessions SET ended_at = NULL, ended_reason = NULL WHERE id = :s",
              s=njeri.data["session_id"])  # fmt: skip
    return njeri, {"Authorization": f"Bearer {elsewhere['access_token']}"}


async def _with_email(client: httpx2.AsyncClient, app: FastAPI) -> tuple[Visitor, str]:
    njeri, address = await signed_up(client), f"{new_id().hex}@example.com"
    await run(app, "UPDATE accounts SET email = :e WHERE phone = :p", e=address, p=njeri.phone)
    return njeri, address


async def _forgot_by_phone(njeri: Visitor, app: FastAPI, post: Post) -> str:
    await post.to(njeri.phone)
    await later(app, njeri.phone, seconds=31)
    await njeri.client.post("/api/auth/password/forgot", json={"login": njeri.phone})
    found = re.search(r"\b\d{6}\b", await post.to(njeri.phone))
    assert found
    return found[0]


async def _forgot_by_email(client: httpx2.AsyncClient, address: str, post: Post) -> str:
    await client.post("/api/auth/password/forgot", json={"login": address})
    found = re.search(r"/reset-password#([A-Za-z0-9_-]+)", await post.to(address))
    assert found
    return found[1]
