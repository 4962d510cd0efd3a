"""Codes: who gets one, how often, and how often it may be guessed."""

import asyncio
import re

import httpx2
import pytest
from fastapi import FastAPI

from tests.shops.visitors import Post, Visitor, code_of, later, run, signed_up


async def test_a_code_is_sent_to_the_phone_in_any_form_it_is_written(client: httpx2.AsyncClient, post: Post) -> None:
    njeri = Visitor(client)
    local = "0" + njeri.phone.removeprefix("+256")
    sent = await client.post("/api/auth/otp", json={"phone": local, "purpose": "sign_up", "country": "ug"})
    assert sent.json()["data"]["phone"] == njeri.phone
    assert sent.json()["data"]["expires_in"] == 300
    assert sent.json()["data"]["code"] in await post.to(njeri.phone)


async def test_a_server_with_real_shops_never_answers_the_code(
    client: httpx2.AsyncClient, app: FastAPI, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.house.settings, "mode", "production")
    njeri = Visitor(client)
    sent = await client.post("/api/auth/otp", json={"phone": njeri.phone, "purpose": "sign_up"})
    assert sent.json()["data"]["code"] is None
    code = re.search(r"\b\d{6}\b", await post.to(njeri.phone))
    assert code
    assert code[0] not in sent.text
    assert (await njeri.register(code[0])).status_code == 201


async def test_what_is_no_phone_is_refused(client: httpx2.AsyncClient) -> None:
    sent = await client.post("/api/auth/otp", json={"phone": "0772 12", "purpose": "sign_up"})
    assert (sent.status_code, code_of(sent)) == (400, "PHONE_NOT_VALID")


async def test_the_next_code_waits_thirty_seconds(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = Visitor(client)
    await njeri.code()
    again = await client.post("/api/auth/otp", json={"phone": njeri.phone, "purpose": "password_reset"})
    assert (again.status_code, code_of(again)) == (429, "CODE_SENT_ALREADY")
    assert 1 <= int(again.headers["retry-after"]) <= 31
    await later(app, njeri.phone, seconds=30)
    await njeri.code()


async def test_a_number_gets_five_codes_an_hour_at_most(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = Visitor(client)
    for _ in range(5):
        await njeri.code()
        await later(app, njeri.phone, minutes=1)
    sixth = await client.post("/api/auth/otp", json={"phone": njeri.phone, "purpose": "sign_up"})
    assert (sixth.status_code, code_of(sixth)) == (429, "TOO_MANY_CODES")
    await later(app, njeri.phone, minutes=56)
    await njeri.code()


async def test_asked_for_at_the_same_moment_one_code_is_sent(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = Visitor(client)
    body = {"phone": njeri.phone, "purpose": "sign_up"}
    answers = await asyncio.gather(*(client.post("/api/auth/otp", json=body) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [429] * 7
    ((count,),) = await run(app, "SELECT count(*) FROM one_time_codes WHERE recipient = :p", p=njeri.phone)
    assert count == 1


async def test_the_fifth_wrong_guess_spoils_the_code(client: httpx2.AsyncClient) -> None:
    njeri = Visitor(client)
    code = await njeri.code()
    for guess in _wrong(code, 5):
        assert code_of(await njeri.register(guess)) == "CODE_NOT_VALID"
    assert code_of(await njeri.register(code)) == "CODE_NOT_VALID"


async def test_four_wrong_guesses_leave_the_code_good(client: httpx2.AsyncClient) -> None:
    njeri = Visitor(client)
    code = await njeri.code()
    for guess in _wrong(code, 4):
        assert (await njeri.register(guess)).status_code == 400
    assert (await njeri.register(code)).status_code == 201


async def test_guessing_in_parallel_gives_no_more_than_five_tries(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = Visitor(client)
    code = await njeri.code()
    answers = await asyncio.gather(*(njeri.register(guess) for guess in _wrong(code, 12)))
    assert {code_of(answer) for answer in answers} == {"CODE_NOT_VALID"}
    ((tries,),) = await run(app, "SELECT tries FROM one_time_codes WHERE recipient = :p", p=njeri.phone)
    assert tries == 5
    assert code_of(await njeri.register(code)) == "CODE_NOT_VALID"


@pytest.mark.parametrize(("wait_seconds", "status"), [(290, 201), (301, 400)])
async def test_a_code_is_good_for_five_minutes(
    client: httpx2.AsyncClient, app: FastAPI, wait_seconds: int, status: int
) -> None:
    njeri = Visitor(client)
    code = await njeri.code()
    await later(app, njeri.phone, seconds=wait_seconds)
    assert (await njeri.register(code)).status_code == status


async def test_a_newer_code_takes_the_place_of_the_older(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = Visitor(client)
    older = await njeri.code()
    await later(app, njeri.phone, seconds=31)
    newer = await njeri.code()
    if older != newer:
        assert code_of(await njeri.register(older)) == "CODE_NOT_VALID"
    assert (await njeri.register(newer)).status_code == 201


async def test_a_code_for_one_thing_is_no_code_for_another(client: httpx2.AsyncClient) -> None:
    njeri = Visitor(client)
    assert code_of(await njeri.register(await njeri.code("change_phone"))) == "CODE_NOT_VALID"


async def test_codes_are_kept_as_keyed_hashes_only(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = Visitor(client)
    code = await njeri.code()
    ((row,),) = await run(app, "SELECT to_json(c)::text FROM one_time_codes c WHERE recipient = :p", p=njeri.phone)
    assert code not in row.replace(njeri.phone, "")


async def test_a_code_for_a_password_goes_only_to_who_has_an_account(
    client: httpx2.AsyncClient, app: FastAPI, post: Post
) -> None:
    stranger, njeri = Visitor(client), await signed_up(client)
    await post.to(njeri.phone)
    await later(app, njeri.phone, seconds=31)
    first = await client.post("/api/auth/otp", json={"phone": stranger.phone, "purpose": "password_reset"})
    second = await client.post("/api/auth/otp", json={"phone": njeri.phone, "purpose": "password_reset"})
    assert first.json()["message"] == second.json()["message"]
    assert first.json()["data"].keys() == second.json()["data"].keys()
    await post.to(njeri.phone)
    assert not [to for to, _ in post.messages if to == stranger.phone]


async def test_an_address_gets_no_more_codes_than_its_allowance(client: httpx2.AsyncClient, app: FastAPI) -> None:
    allowed = app.state.house.settings.auth_requests_per_minute
    await Visitor(client).code()
    await run(app, "UPDATE attempts SET count = :n WHERE kind = 'codes_to'", n=allowed - 1)
    try:
        await Visitor(client).code()
        body = {"phone": Visitor(client).phone, "purpose": "sign_up"}
        assert code_of(await client.post("/api/auth/otp", json=body)) == "TOO_MANY_CODES"
    finally:
        await run(app, "DELETE FROM attempts WHERE kind = 'codes_to'")




def _wrong(code: str, count: int) -> list[str]:
    return [f"{(int(code) + step) % 10**6:06d}" for step in range(1, count + 1)]
