"""Logging in: who gets in, what a stranger learns, and the lock after five wrong passwords."""

import asyncio
from datetime import UTC, datetime, timedelta

import bcrypt
import httpx2
import pytest
from fastapi import FastAPI

from duka.platform import edge
from duka.platform.context import Caller
from duka.platform.ids import new_id
from duka.shops.auth import guards, passwords, upkeep
from tests.shops.visitors import PASSWORD, Visitor, code_of, house_of, in_shop, run, signed_up
from tests.world import Shop, hire


async def test_the_phone_logs_in_however_it_is_written(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    for written in (njeri.phone, "0" + njeri.phone[4:], f"{njeri.phone[:4]} {njeri.phone[4:7]}-{njeri.phone[7:]}"):
        answer = await njeri.login(login=written)
        assert answer.status_code == 200, written
    assert (await njeri.login(login="0" + njeri.phone[4:], country="KE")).status_code == 401


async def test_the_email_logs_in_in_any_case(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    address = f"Njeri.{new_id().hex}@example.com"
    await run(app, "UPDATE accounts SET email = :e WHERE phone = :p", e=address, p=njeri.phone)
    assert (await njeri.login(login=address.upper())).status_code == 200


async def test_blanks_belong_to_a_password(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client, password="  three blue cables ")
    assert (await njeri.login()).status_code == 401
    assert (await njeri.login("  three blue cables ")).status_code == 200


@pytest.mark.slow
async def test_a_stranger_and_a_wrong_password_get_the_same_answer(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    for _ in range(6):
        wrong = await njeri.login("not the password")
        nobody = await Visitor(client, phone=njeri.phone).login("x", login="nobody@example.com")
        assert wrong.status_code in (401, 429)
    stranger = Visitor(client)
    answers = [await stranger.login("not the password") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 4 + [429] * 2
    assert (wrong.status_code, code_of(wrong)) == (answers[-1].status_code, code_of(answers[-1]))
    assert nobody.json().keys() == wrong.json().keys()


async def test_an_unknown_login_costs_the_same_hash(client: httpx2.AsyncClient) -> None:
    """The hash that strangers are checked against has the cost of a real one."""
    mine = await passwords.make_hash(PASSWORD)
    assert mine.split("$")[1:4] == passwords.NOBODYS.split("$")[1:4]
    assert not (await passwords.verify(PASSWORD, None)).right


@pytest.mark.slow
async def test_five_wrong_passwords_lock_the_login_with_the_right_one_too(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    codes = [code_of(await njeri.login("not the password")) for _ in range(5)]
    assert codes == ["WRONG_LOGIN"] * 4 + ["ACCOUNT_LOCKED"]
    locked = await njeri.login()
    assert (locked.status_code, code_of(locked)) == (429, "ACCOUNT_LOCKED")
    assert 890 <= int(locked.headers["retry-after"]) <= 901


@pytest.mark.slow
async def test_the_right_password_begins_a_new_count(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    for _ in range(3):
        for _ in range(4):
            assert (await njeri.login("not the password")).status_code == 401
        assert (await njeri.login()).status_code == 200


@pytest.mark.slow
async def test_each_further_lock_lasts_twice_as_long(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    for minutes in (15, 30, 60):
        for _ in range(5):
            last = await njeri.login("not the password")
        assert minutes * 60 - 10 <= int(last.headers["retry-after"]) <= minutes * 60 + 1
        await _pass(app, minutes=minutes + 1)
    assert (await njeri.login()).status_code == 200


@pytest.mark.slow
async def test_a_day_later_old_mistakes_are_forgotten(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    for _ in range(4):
        await njeri.login("not the password")
    await _pass(app, hours=25)
    assert code_of(await njeri.login("not the password")) == "WRONG_LOGIN"
    assert (await njeri.login()).status_code == 200


@pytest.mark.slow
async def test_guessing_in_parallel_learns_no_more_than_five_in_a_row(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    answers = await asyncio.gather(*(njeri.login(f"guess number {n}") for n in range(12)))
    codes = sorted(code_of(answer) for answer in answers)
    assert codes == ["ACCOUNT_LOCKED"] * 8 + ["WRONG_LOGIN"] * 4
    assert (await njeri.login()).status_code == 429


async def test_a_right_password_that_was_judged_while_the_lock_fell_does_not_open_it(app: FastAPI) -> None:
    house = house_of(app)
    async with house.database.session("platform") as db:
        visitor = edge.Visitor(db, datetime.now(UTC), Caller(), house)
        subject = guards.subject_of(visitor, new_id(), "")
        assert [await guards.count_wrong(visitor, subject) for _ in range(5)] == [False] * 4 + [True]
        with pytest.raises(guards.AccountLocked):
            await guards.forget_wrong(visitor, subject)
        with pytest.raises(guards.AccountLocked):
            await guards.count_wrong(visitor, subject)


async def test_the_lock_is_told_to_the_shop(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    for _ in range(5):
        await njeri.login("not the password")
    shop_id = njeri.data["shops"][0]["shop_id"]
    for _ in range(200):
        told = await in_shop(app, shop_id, "SELECT 1 FROM outbox WHERE shop_id = :shop AND event = 'staff.locked_out'")
        if told:
            break
        await asyncio.sleep(0.05)
    assert len(told) == 1
    written = "SELECT entity_id FROM audit_entries WHERE shop_id = :shop AND action = 'lock' AND entity = 'account'"
    assert str((await in_shop(app, shop_id, written))[0].entity_id) == njeri.data["account"]["id"]


async def test_a_bcrypt_password_is_accepted_once_and_kept_as_argon2(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    await run(app, "UPDATE accounts SET password_hash = :h WHERE phone = :p", h=old, p=njeri.phone)
    assert (await njeri.login("x" * 100)).status_code == 401
    assert (await njeri.login()).status_code == 200
    ((kept,),) = await run(app, "SELECT password_hash FROM accounts WHERE phone = :p", p=njeri.phone)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await njeri.login()).status_code == 200


async def test_an_account_without_a_password_lets_nobody_in(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    for unusable in (None, "", "plain text"):
        await run(app, "UPDATE accounts SET password_hash = :h WHERE phone = :p", h=unusable, p=njeri.phone)
        assert (await njeri.login()).status_code == 401
        assert (await njeri.login(unusable or "x")).status_code == 401
        await _pass(app, hours=25)


async def test_a_login_is_written_down_in_the_shop(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    await njeri.login()
    shop_id = njeri.data["shops"][0]["shop_id"]
    entries = "SELECT session_id FROM audit_entries WHERE shop_id = :shop AND action = 'login' ORDER BY id"
    assert len(await in_shop(app, shop_id, entries)) == 2
    seen = "SELECT last_login_at FROM staff WHERE shop_id = :shop AND account_id IS NOT NULL"
    assert (await in_shop(app, shop_id, seen))[0].last_login_at is not None


async def test_who_is_suspended_everywhere_cannot_log_in(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    await _suspend(app, njeri)
    refused = await njeri.login()
    assert (refused.status_code, code_of(refused)) == (401, "STAFF_SUSPENDED")


async def test_who_is_suspended_is_refused_at_the_next_request(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    assert (await njeri.who()).status_code == 200
    await _suspend(app, njeri)
    refused = await njeri.who()
    assert (refused.status_code, code_of(refused)) == (401, "STAFF_SUSPENDED")


async def test_who_works_in_two_shops_chooses_one(client: httpx2.AsyncClient, app: FastAPI, shop: Shop) -> None:
    njeri = await signed_up(client)
    other = await hire(shop, "staff")
    await run(app, "UPDATE memberships SET account_id = :a WHERE shop_id = :s AND account_id = :o",
              a=njeri.data["account"]["id"], s=shop.shop_id, o=other.account_id)  # fmt: skip
    await in_shop(app, str(shop.shop_id), "UPDATE staff SET account_id = :a WHERE shop_id = :shop AND id = :s",
                  a=njeri.data["account"]["id"], s=other.staff_id)  # fmt: skip
    mine = (await client.get("/api/auth/shops", headers=njeri.headers)).json()["data"]
    assert {(place["role"], place["status"]) for place in mine} == {("Owner", "active"), ("Staff", "active")}
    assert code_of(await njeri.who()) == "SHOP_REQUIRED"
    there = await njeri.who(njeri.headers | {"X-Shop-ID": str(shop.shop_id)})
    assert (there.json()["data"]["role"], there.json()["data"]["shop"]["name"]) == ("Staff", "Njeri Phones")
    assert there.json()["data"]["permissions"]["sales:read"] == "own"
    assert "staff:create" not in there.json()["data"]["permissions"]


async def test_another_shop_is_not_there(client: httpx2.AsyncClient, shop: Shop) -> None:
    njeri = await signed_up(client)
    for foreign in (str(shop.shop_id), str(new_id()), "no id"):
        answer = await njeri.who(njeri.headers | {"X-Shop-ID": foreign})
        assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")


async def test_at_night_old_logins_are_forgotten_and_live_ones_kept(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri, gone = await signed_up(client), await signed_up(client)
    old = timedelta(days=100)
    for table, column in (("device_sessions", "id"), ("refresh_tokens", "session_id")):
        await run(app, f"UPDATE {table} SET expires_at = expires_at - :old WHERE {column} = :id",
                  old=old, id=gone.data["session_id"])  # fmt: skip
    now = (await run(app, "SELECT now() AS now"))[0].now
    await upkeep.forget(house_of(app), now)
    left = await run(app, "SELECT id FROM device_sessions WHERE id = ANY(:ids)",
                     ids=[njeri.data["session_id"], gone.data["session_id"]])  # fmt: skip
    assert [str(row.id) for row in left] == [njeri.data["session_id"]]
    assert (await njeri.refresh()).status_code == 200


async def _pass(app: FastAPI, **wait: int) -> None:
    await run(app, "UPDATE login_guards SET locked_until = locked_until - :w, failed_at = failed_at - :w",
              w=timedelta(**wait))  # fmt: skip


async def _suspend(app: FastAPI, visitor: Visitor) -> None:
    place = visitor.data["shops"][0]
    await in_shop(app, place["shop_id"], "UPDATE staff SET status = 'suspended' WHERE shop_id = :shop AND id = :s",
                  s=place["staff_id"])  # fmt: skip


