"""Lists of more rows than are answered at once: written in the background, fetched by whoever asked, gone in a day."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update

from duka.platform import export_jobs, exports
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.models import Export, ExportPart
from tests.world import Person, Shop, hire, open_a_shop

pytestmark = pytest.mark.slow

ADDRESS = "/api/groups?format=csv&sort=name"
NAMES = ["Adapters", "Batteries", "Cables", "Drones", "General"]
"""The last is every shop's."""


@pytest.fixture(autouse=True)
def short_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that five rows are a long list."""
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 3)
    monkeypatch.setattr(exports, "_PART_ROWS", 2)


@pytest.fixture
async def long_list(shop: Shop, client: httpx2.AsyncClient) -> Shop:
    """A shop with five groups of goods."""
    for name in NAMES[:-1]:
        body = {"id": str(new_id()), "name": name}
        made = await client.post("/api/groups", json=body, headers=shop.owner.headers)
        assert made.status_code == 201, made.text
    return shop


async def ask(client: httpx2.AsyncClient, person: Person, address: str = ADDRESS) -> httpx2.Response:
    return await client.get(address, headers=person.headers)


async def promised(client: httpx2.AsyncClient, person: Person, address: str = ADDRESS) -> dict[str, Any]:
    answer = await ask(client, person, address)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()["data"]
    assert (answer.headers["location"], answer.headers["retry-after"]) == (told["address"], "2")
    return told


async def written(client: httpx2.AsyncClient, person: Person, address: str) -> httpx2.Response:
    async with asyncio.timeout(30):
        while (answer := await ask(client, person, address)).status_code == 202:
            await asyncio.sleep(0.05)
    return answer


async def test_a_long_list_is_promised_and_then_there_for_a_day(
    long_list: Shop, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await promised(client, long_list.owner)
    assert told["state"] == "waiting"
    file = await written(client, long_list.owner, told["address"])
    assert file.status_code == 200, file.text
    assert file.headers["content-disposition"] == 'attachment; filename="groups.csv"'
    assert int(file.headers["content-length"]) == len(file.content)
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 10_000)
    assert file.content == (await ask(client, long_list.owner)).content
    assert [line.split(",")[0] for line in file.text.splitlines()[1:]] == NAMES
    again = await ask(client, long_list.owner, told["address"])
    assert again.content == file.content

    async with long_list.as_() as ctx:
        await ctx.db.execute(update(Export).values(created_at=ctx.now - timedelta(hours=exports.KEPT_HOURS, seconds=1)))
    assert (await ask(client, long_list.owner, told["address"])).status_code == 404
    async with long_list.as_() as ctx:
        await exports.drop(ctx, before=ctx.now - timedelta(hours=exports.KEPT_HOURS))
    async with long_list.asking() as ctx:
        for table in (Export, ExportPart):
            assert await ctx.db.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize("kind", ["xlsx", "json"])
async def test_every_kind_of_file_is_promised(kind: str, long_list: Shop, client: httpx2.AsyncClient) -> None:
    told = await promised(client, long_list.owner, f"/api/groups?format={kind}")
    file = await written(client, long_list.owner, told["address"])
    assert file.status_code == 200
    if kind == "json":
        assert sorted(row["name"] for row in file.json()) == NAMES
    else:
        assert file.content.startswith(b"PK")
    wrong = told["address"].replace(f"format={kind}", "format=csv")
    assert (await ask(client, long_list.owner, wrong)).status_code == 404


async def test_asking_the_same_twice_has_it_written_once(long_list: Shop, client: httpx2.AsyncClient) -> None:
    async with long_list.as_() as ctx:  # nothing begins before this ends: what was asked waits for the relay
        first = await promised(client, long_list.owner)
        second = await promised(client, long_list.owner)
        other = await promised(client, long_list.owner, "/api/groups?format=csv&sort=-name")
        del ctx
    assert first["id"] == second["id"] != other["id"]
    files = [await written(client, long_list.owner, told["address"]) for told in (first, other)]
    names = [[line.split(",")[0] for line in file.text.splitlines()[1:]] for file in files]
    assert names == [NAMES, NAMES[::-1]]


async def test_a_file_is_for_who_asked_with_the_rights_they_had(
    long_list: Shop, client: httpx2.AsyncClient, house: House
) -> None:
    told = await promised(client, long_list.owner)
    await written(client, long_list.owner, told["address"])
    colleague = await hire(long_list, "inventory_manager")
    stranger = (await open_a_shop(house)).owner
    for person in (colleague, stranger):
        answer = await ask(client, person, told["address"])
        assert (answer.status_code, answer.json()["message"]) == (404, "There is no such export.")
    technician = await hire(long_list, "technician")
    assert (await ask(client, technician, told["address"])).status_code == 403
    elsewhere = told["address"].replace("/api/groups", "/api/branches")
    assert (await ask(client, long_list.owner, elsewhere)).status_code == 404
    without = told["address"].replace("format=csv&", "")
    assert (await ask(client, long_list.owner, without)).json()["error"]["code"] == "VALIDATION_ERROR"


async def test_a_list_that_is_too_long_for_any_file_says_so_when_it_is_asked_for(
    long_list: Shop, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("duka.platform.sheets_write.EXPORT_ROWS", 4)
    told = await promised(client, long_list.owner)
    answer = await written(client, long_list.owner, told["address"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "LIST_TOO_LONG")


async def test_a_file_written_twice_is_there_once(long_list: Shop, client: httpx2.AsyncClient, app: FastAPI) -> None:
    told = await promised(client, long_list.owner)
    file = await written(client, long_list.owner, told["address"])
    running: House = app.state.house
    kept = export_jobs._Kept(running, long_list.shop_id, UUID(told["id"]))
    with open("/dev/null", "rb") as nothing:  # a worker that was thought dead comes to its end after all
        await kept.keep(nothing, 0)
    await kept.fail("EXPORT_FAILED")
    assert (await ask(client, long_list.owner, told["address"])).content == file.content


async def test_a_file_that_never_could_be_written_says_so(long_list: Shop, client: httpx2.AsyncClient) -> None:
    async with long_list.as_() as ctx:
        waiting = Export(
            shop_id=ctx.shop_id, id=new_id(), state="failed", address=ADDRESS, format="csv", filename="groups.csv",
            language="en", asked_by=exports.who(ctx), failure="EXPORT_FAILED", created_at=ctx.now,
        )  # fmt: skip
        ctx.db.add(waiting)
    answer = await ask(client, long_list.owner, f"{ADDRESS}&export={waiting.id}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "EXPORT_FAILED")


async def test_a_shop_keeps_a_few_files_and_drops_the_oldest(long_list: Shop, client: httpx2.AsyncClient) -> None:
    told = []
    for n in range(exports._KEPT_OF_A_SHOP + 2):
        told.append(await promised(client, long_list.owner, f"{ADDRESS}&q=&limit={n + 1}"))
        await written(client, long_list.owner, told[-1]["address"])
    statuses = [(await ask(client, long_list.owner, each["address"])).status_code for each in told]
    assert statuses == [404, 404] + [200] * exports._KEPT_OF_A_SHOP
