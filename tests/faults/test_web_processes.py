"""Several web processes share the work, and somebody kills one of them, the one that watches over them, or all.

A till that talked to the killed one gets no answer and says its sale again; nothing that any of them acknowledged is
missing, and the server is whole again by itself, or when it is started anew.
"""

import asyncio
import random

import pytest

from tests.faults.program import Program, installed
from tests.faults.selling import Market, open_market

pytestmark = pytest.mark.slow

WORKERS = 2
KILLS_OF_ONE = 3


async def sell_some(market: Market, sales: int = 20) -> None:
    """Wait until so many more sales are acknowledged."""
    before = len(market.acknowledged)
    async with asyncio.timeout(120):
        while len(market.acknowledged) < before + sales:
            await asyncio.sleep(0.01)


async def whole_again(program: Program, without: list[int]) -> None:
    """Wait until as many web processes run as before, none of which was killed."""
    async with asyncio.timeout(120):
        while len(running := program.web_processes()) < WORKERS or set(running) & set(without):
            await asyncio.sleep(0.05)
    await program.ready()


async def test_nothing_acknowledged_is_lost_whichever_process_is_killed() -> None:
    dice = random.Random(7)
    with installed(workers=WORKERS) as program:
        program.start()
        await program.ready()
        market = await open_market(program, devices=5)
        async with market.selling():
            for _ in range(KILLS_OF_ONE):
                await sell_some(market)
                victim = dice.choice(program.web_processes())
                program.kill_one(victim)
                await whole_again(program, [victim])
            for kill in (program.kill_all, program.kill):
                await sell_some(market)
                killed = program.web_processes()
                kill()
                program.start()
                await whole_again(program, killed)
            await sell_some(market)
        market.prove()
        assert sum(seller.told_again for seller in market.sellers) > 0, "no till ever noticed a kill"
