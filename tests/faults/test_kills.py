"""Somebody pulls the plug while registers sell: of the server, of PostgreSQL, of both; again and again.

Every sale that a till was told is stored is there afterwards, once, whole, under the number it was told; what a till
was not told about it says again with the same bytes, and that makes one sale.
"""

import asyncio
import itertools
import random

import pytest

from tests.faults.program import installed
from tests.faults.selling import open_market

CYCLES, CYCLES_OF_A_RELEASE = 20, 500
KINDS = ("server", "database", "both")


@pytest.mark.parametrize("cycles", [
    pytest.param(CYCLES, marks=pytest.mark.slow), pytest.param(CYCLES_OF_A_RELEASE, marks=pytest.mark.release),
])  # fmt: skip
async def test_nothing_that_was_acknowledged_is_lost_doubled_or_torn(cycles: int) -> None:
    seed = random.randrange(10**6)
    dice = random.Random(seed)
    waits: list[float] = []
    with installed() as program:
        program.start()
        await program.ready()
        market = await open_market(program)
        async with market.selling():
            for kind in itertools.islice(itertools.cycle(KINDS), cycles):
                before = len(market.acknowledged)
                async with asyncio.timeout(60):
                    while len(market.acknowledged) < before + 5:
                        await asyncio.sleep(0.01)
                await asyncio.sleep(dice.random() * 0.3)
                if kind != "server":
                    program.kill_database()
                if kind != "database":
                    program.kill()
                    program.start()
                waits.append(await program.ready())
        market.prove()
        again = sum(seller.told_again for seller in market.sellers)
    waits.sort()
    p95 = waits[int(0.95 * (len(waits) - 1))]
    print(f"seed {seed}: {cycles} kills, {len(market.acknowledged)} sales, {again} sent again, "
          f"ready again after {p95:.1f} s (p95), {waits[-1]:.1f} s at most")
    assert again > 0, "no till ever noticed a kill"
