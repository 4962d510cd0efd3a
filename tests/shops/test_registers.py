"""Registers: codes that are used once, credentials that are shown once, tills that are closed with a signed hole."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from duka.platform.context import Caller
from duka.platform.errors import Unauthenticated
from duka.platform.identity import KeyBearer, read_key
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry
from duka.shops import entry, series
from duka.shops.models import Register, Series
from duka.shops.registers import holes
from tests.world import Shop, hire, open_a_shop


def _till(shop: Shop, **body: Any) -> dict[str, Any]:
    return {"branch_id": str(shop.branch_id), "name": "Counter", "kind": "installation",
            "installation_id": str(new_id()), **body}


async def _register(client: httpx2.AsyncClient, shop: Shop, **body: Any) -> dict[str, Any]:
    answer = await client.post("/api/registers", json=_till(shop, **body), headers=shop.owner.headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"])


async def _opens(shop: Shop, credential: str) -> bool:
    """Say whether a credential still lets its till into the shop."""
    bearer = read_key(credential)
    assert isinstance(bearer, KeyBearer)
    async with shop.house.database.session() as db:
        try:
            ctx = await entry.open_shop(db, bearer, None, Caller(), datetime.now(UTC))
        except Unauthenticated:
            return False
        assert ctx.actor == "register"
        return True


async def test_a_devices_till_gets_codes_and_a_credential_shown_once(client: httpx2.AsyncClient, shop: Shop) -> None:
    till = await _register(client, shop)
    assert (till["code"], till["codes"]) == (
        "T1", {"invoice": "T1", "credit_note": "T1C", "debit_note": "T1D"},
    )  # fmt: skip
    assert till["credential"].startswith("duka_reg_")
    assert await _opens(shop, till["credential"])
    read = await client.get(f"/api/registers/{till['id']}", headers=shop.owner.headers)
    assert "credential" not in read.json()["data"]
    assert read.json()["data"]["has_credential"] is True
    async with shop.as_() as ctx:
        row = (await ctx.db.scalars(select(Register).where(Register.code == "T1"))).one()
    assert till["credential"].encode() not in (row.credential_hash or b"")


async def test_a_server_till_has_no_credential(client: httpx2.AsyncClient, shop: Shop) -> None:
    till = await _register(client, shop, kind="server", installation_id=None, name="Web shop")
    assert (till["code"], till["credential"], till["has_credential"]) == ("S2", None, False)
    refused = await client.post(f"/api/registers/{till['id']}/credential", headers=shop.owner.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "NO_CREDENTIAL")


async def test_a_repeated_registration_is_the_same_till_and_does_not_show_the_credential_again(
    client: httpx2.AsyncClient, shop: Shop
) -> None:
    body, headers = _till(shop), {**shop.owner.headers, "Idempotency-Key": "once"}
    first = await client.post("/api/registers", json=body, headers=headers)
    again = await client.post("/api/registers", json=body, headers=headers)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json()["data"]["id"] == first.json()["data"]["id"]
    assert (first.json()["data"]["credential"] is None, again.json()["data"]["credential"]) == (False, None)


async def test_a_code_is_never_used_twice_not_even_after_closing(client: httpx2.AsyncClient, shop: Shop) -> None:
    first = await _register(client, shop, code="sh1")
    assert first["code"] == "SH1"
    await client.post(f"/api/registers/{first['id']}/close", json={"reason": "Stolen"}, headers=shop.owner.headers)
    for code in ("SH1", "SH1C", "S1D"):
        refused = await client.post("/api/registers", json=_till(shop, code=code), headers=shop.owner.headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "CODE_TAKEN")
        assert code in refused.json()["message"]


async def test_a_note_takes_another_code_when_its_own_is_a_tills(client: httpx2.AsyncClient, shop: Shop) -> None:
    await _register(client, shop, code="K1C")
    till = await _register(client, shop, code="K1")
    assert till["codes"] == {"invoice": "K1", "credit_note": "C1", "debit_note": "K1D"}
    full = await _register(client, shop, code="MAIN")
    assert full["codes"] == {"invoice": "MAIN", "credit_note": "C2", "debit_note": "D1"}


async def test_tills_that_register_at_once_get_different_codes(client: httpx2.AsyncClient, shop: Shop) -> None:
    tills = await asyncio.gather(*[_register(client, shop) for _ in range(6)])
    assert {till["code"] for till in tills} == {f"T{number}" for number in range(1, 7)}


async def test_of_two_who_take_a_code_at_once_one_gets_it(client: httpx2.AsyncClient, shop: Shop) -> None:
    answers = await asyncio.gather(
        *[client.post("/api/registers", json=_till(shop, code="X1"), headers=shop.owner.headers) for _ in range(2)]
    )
    assert sorted(answer.status_code for answer in answers) == [201, 400]


async def test_a_till_that_makes_no_sense_is_refused(client: httpx2.AsyncClient, shop: Shop) -> None:
    for wrong in ({"code": "TOO-1"}, {"code": "ABCDE"}, {"kind": "toaster"}, {"installation_id": None},
                  {"kind": "server"}, {"credential": "x"}):
        answer = await client.post("/api/registers", json=_till(shop, **wrong), headers=shop.owner.headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


async def test_a_renewed_credential_ends_the_old_one(client: httpx2.AsyncClient, shop: Shop) -> None:
    till = await _register(client, shop)
    renewed = await client.post(f"/api/registers/{till['id']}/credential", headers=shop.owner.headers)
    assert renewed.status_code == 200, renewed.text
    assert await _opens(shop, renewed.json()["data"]["credential"])
    assert not await _opens(shop, till["credential"])


async def test_a_stolen_till_is_cut_off_and_a_closed_one_is_not(client: httpx2.AsyncClient, shop: Shop) -> None:
    lost, worn = await _register(client, shop), await _register(client, shop)
    for till in (lost, worn):
        await client.post(f"/api/registers/{till['id']}/close", json={"reason": "gone"}, headers=shop.owner.headers)
    for _ in range(2):
        cut = await client.delete(f"/api/registers/{lost['id']}/credential", headers=shop.owner.headers)
        assert (cut.status_code, cut.json()["data"]["has_credential"]) == (200, False)
    assert not await _opens(shop, lost["credential"])
    assert await _opens(shop, worn["credential"]), "what it sold before still comes"
    late = {"Authorization": f"Bearer {lost['credential']}", "Duka-Mode": "record"}
    assert (await client.post("/api/sales", json={"lines": []}, headers=late)).status_code == 401
    async with shop.asking() as ctx:
        trail = select(AuditEntry.action).where(AuditEntry.entity_id == UUID(lost["id"])).order_by(AuditEntry.id)
        assert list(await ctx.db.scalars(trail)) == ["create", "close", "revoke_credential"]


async def test_a_till_that_is_found_again_gets_a_new_credential(client: httpx2.AsyncClient, shop: Shop) -> None:
    till = await _register(client, shop)
    path = f"/api/registers/{till['id']}/credential"
    supervisor = await hire(shop, "supervisor")
    assert (await client.delete(path, headers=supervisor.headers)).status_code == 403
    assert (await client.delete(path, headers=shop.owner.headers)).status_code == 200
    renewed = (await client.post(path, headers=shop.owner.headers)).json()["data"]
    assert await _opens(shop, renewed["credential"])
    assert not await _opens(shop, till["credential"])
    server = await client.delete(f"/api/registers/{shop.register_id}/credential", headers=shop.owner.headers)
    assert server.json()["error"]["code"] == "NO_CREDENTIAL"


@pytest.mark.breaks_invariants("nine documents are said to have been seen", "series_counters")
async def test_closing_a_till_declares_what_is_awaited_and_signs_it(client: httpx2.AsyncClient, shop: Shop) -> None:
    till = await _register(client, shop)
    async with shop.as_() as ctx:
        register = (await ctx.db.scalars(select(Register).where(Register.code == "T1"))).one()
        invoices = await series.series_for(ctx, register.id, "invoice", "2627")
        invoices.highest_seen, invoices.complete_to = 9, 5
        await series.series_for(ctx, register.id, "credit_note", "2627")
    path = f"/api/registers/{till['id']}"
    closed = await client.post(f"{path}/close", json={"reason": "Phone was stolen"}, headers=shop.owner.headers)
    assert closed.status_code == 200, closed.text
    shown = {each["kind"]: each for each in closed.json()["data"]["series"]}
    hole = shown["invoice"]["declared_hole"]
    assert (hole["from"], hole["to"], hole["reason"]) == (6, 9, "Phone was stolen")
    assert hole["by"] == str(shop.owner.staff_id)
    assert shown["credit_note"]["declared_hole"] is None
    assert all(each["closed_at"] for each in shown.values())

    async with shop.as_() as ctx:
        stored = (await ctx.db.scalars(select(Series).where(Series.kind == "invoice"))).one()
    assert stored.declared_hole is not None
    assert holes.holds(shop.house.signer, stored.id, stored.declared_hole)
    for field, forged in (("to", 12), ("reason", "Never used"), ("by", ""), ("signature", "00")):
        assert not holes.holds(shop.house.signer, stored.id, {**stored.declared_hole, field: forged})
    assert not holes.holds(shop.house.signer, new_id(), stored.declared_hole)
    assert [number for number in range(1, 12) if holes.covers(stored.declared_hole, number)] == [6, 7, 8, 9]

    again = await client.post(f"{path}/close", json={"reason": "Sold it"}, headers=shop.owner.headers)
    assert again.json()["data"]["series"] == closed.json()["data"]["series"]
    assert await _opens(shop, till["credential"])
    refused = await client.post(f"{path}/credential", headers=shop.owner.headers)
    assert refused.json()["error"]["code"] == "REGISTER_CLOSED"
    in_use = await client.get("/api/registers?open=true", headers=shop.owner.headers)
    assert till["id"] not in {row["id"] for row in in_use.json()["data"]}


async def test_a_till_is_renamed_and_keeps_its_code(client: httpx2.AsyncClient, shop: Shop) -> None:
    till = await _register(client, shop)
    path = f"/api/registers/{till['id']}"
    renamed = await client.put(path, json={"name": "Door counter", "version": 1}, headers=shop.owner.headers)
    assert (renamed.json()["data"]["name"], renamed.json()["data"]["code"]) == ("Door counter", "T1")
    fixed = await client.put(path, json={"code": "T9", "version": 2}, headers=shop.owner.headers)
    assert fixed.json()["error"]["code"] == "VALIDATION_ERROR"


async def test_who_may_do_what_with_tills(client: httpx2.AsyncClient, shop: Shop) -> None:
    till = await _register(client, shop)
    supervisor, cashier = await hire(shop, "supervisor"), await hire(shop, "staff")
    seen = await client.get("/api/registers", headers=supervisor.headers)
    assert seen.status_code == 200
    assert not any(each["installation_id"] for each in seen.json()["data"]), "it is half of a till's way to PINs"
    (own,) = [each for each in (await client.get("/api/registers", headers=shop.owner.headers)).json()["data"]
              if each["id"] == till["id"]]
    assert own["installation_id"] == till["installation_id"]
    assert (await client.get("/api/registers", headers=cashier.headers)).status_code == 403
    mine = f"/{till['id']}"
    for path, body in (("", _till(shop)), (f"{mine}/close", {"reason": "Lost"}), (f"{mine}/credential", {})):
        refused = await client.post(f"/api/registers{path}", json=body, headers=supervisor.headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_a_foreign_till_is_a_till_that_is_not_there(client: httpx2.AsyncClient, shop: Shop) -> None:
    other = await open_a_shop(shop.house)
    for register_id in (other.register_id, new_id()):
        path = f"/api/registers/{register_id}"
        for answer in (
            await client.get(path, headers=shop.owner.headers),
            await client.put(path, json={"name": "X", "version": 1}, headers=shop.owner.headers),
            await client.post(f"{path}/close", json={"reason": "Lost"}, headers=shop.owner.headers),
            await client.post(f"{path}/credential", headers=shop.owner.headers),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "REGISTER_NOT_FOUND")
    theirs = await client.post("/api/registers", json=_till(other), headers=shop.owner.headers)
    assert (theirs.status_code, theirs.json()["error"]["code"]) == (404, "BRANCH_NOT_FOUND")
