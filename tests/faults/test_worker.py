"""The program is killed in the middle of a job: the next one does it to its end, and nothing twice."""

import asyncio
import json
from typing import Any

import psycopg
import pytest

from duka.main import make_house
from tests.faults.program import Line, Program, installed
from tests.world import open_a_shop

pytestmark = pytest.mark.slow

ROWS = 6_000
_BOUNDARY = "a-line-that-no-sheet-has"


def sheet() -> bytes:
    """Goods, as a browser uploads a file of them."""
    rows = "".join(f"Thing {n},THING-{n},{n + 1}\n" for n in range(ROWS))
    return (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="goods.csv"\r\n\r\n'
        f"Name,SKU,Price\n{rows}\r\n--{_BOUNDARY}--\r\n"
    ).encode()


async def shown(line: Line, token: str, run_id: str) -> dict[str, Any]:
    """How far the import has come."""
    answer = await line.ask("GET", f"/api/products/import/{run_id}", token)
    assert answer is not None
    assert answer.status == 200, answer.body
    told: dict[str, Any] = json.loads(answer.body)["data"]
    return told


async def test_a_job_whose_worker_was_killed_is_done_by_the_next() -> None:
    with installed() as program:
        program.start()
        await program.ready()
        token, line = await _owner(program), Line(program.port)
        sent = await line.ask(
            "POST", "/api/products/import", token, sheet(), wait_seconds=30,
            Content_Type=f"multipart/form-data; boundary={_BOUNDARY}",
        )  # fmt: skip
        assert sent is not None
        assert sent.status == 202, sent.body
        run_id = json.loads(sent.body)["data"]["id"]
        async with asyncio.timeout(60):
            while (await shown(line, token, run_id))["rows_done"] == 0:
                await asyncio.sleep(0.01)
        program.kill()
        line.drop()
        with psycopg.connect(program.superuser()) as database:
            state, done = database.execute("SELECT state, rows_done FROM import_runs").fetchone() or ("", 0)
            database.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '5 minutes'")
        assert (state, 0 < done < ROWS) == ("running", True), "the import was over before the kill"

        program.start()
        await program.ready()
        await _call_the_rescue(program)
        async with asyncio.timeout(90):
            while (told := await shown(line, token, run_id))["state"] == "running":
                await asyncio.sleep(0.1)
        assert (told["state"], told["rows_done"], told["created"], told["failed"]) == ("done", ROWS, ROWS, 0)
        with psycopg.connect(program.superuser()) as database:
            assert database.execute("SELECT count(*), count(DISTINCT name) FROM products").fetchone() == (ROWS, ROWS)


async def _owner(program: Program) -> str:
    found = program.found()
    house = make_house(found.options, found.urls, found.secret)
    try:
        return (await open_a_shop(house)).owner.token
    finally:
        await house.database.close()


async def _call_the_rescue(program: Program) -> None:
    """It comes by the clock each minute; not to wait for it, it is called."""
    found = program.found()
    house = make_house(found.options, found.urls, found.secret)
    async with house.queue.app.open_async():
        await house.queue.app.configure_task("rescue").defer_async(timestamp=0)
    await house.database.close()
