"""The disk is full: who writes is told so in plain words, who reads goes on, and with room again all goes on alone."""

import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.program import Line, Program, installed
from tests.faults.selling import Market, open_market

pytestmark = pytest.mark.slow

SIZE = "400m"
SOLD_FIRST = 20
READS = 20


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of its own, so small that it can be filled."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk to fill")
    with tempfile.TemporaryDirectory(prefix="duka-disk-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "tmpfs", folder]
        if subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("mounting is not allowed here")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def fill(disk: Path) -> Path:
    """Leave no byte free."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
    return filler


async def refusal(program: Program, market: Market) -> tuple[int, dict[str, object]]:
    """Sell until it is refused, and give the refusal; every sale before it is one more that must stand."""
    seller, line = market.sellers[-1], Line(program.port)
    for _ in range(20_000):
        body = seller.ring()
        answer = await line.ask("POST", "/api/sales", seller.right(), json.dumps(body).encode())
        assert answer is not None, program.words()
        said = json.loads(answer.body)
        if answer.status != 201:
            return answer.status, dict(said["error"])
        seller.acknowledged[str(body["id"])] = str(said["data"]["number"])
    raise AssertionError("the disk never was full")


async def test_a_full_disk_is_said_and_loses_nothing(small_disk: Path) -> None:
    with installed(small_disk) as program:
        program.start()
        await program.ready()
        market = await open_market(program)
        async with market.selling():
            while len(market.acknowledged) < SOLD_FIRST:
                await asyncio.sleep(0.01)

        filler = fill(small_disk)
        status, error = await refusal(program, market)
        assert (status, error["code"]) == (503, "UNAVAILABLE")
        assert "full" in str(error["message"])
        owner, line = market.shop.owner.token, Line(program.port)
        for _ in range(READS):
            answer = await line.ask("GET", "/api/sales?limit=5", owner)
            assert answer is not None
            assert answer.status == 200, answer.body
            status, error = await refusal(program, market)
            assert status == 503

        filler.unlink()
        before = len(market.acknowledged)
        async with market.selling(), asyncio.timeout(60):
            while len(market.acknowledged) < before + SOLD_FIRST:
                await asyncio.sleep(0.05)
        market.prove()
