"""Whatever is sent, the server answers as its description says and never with a fault of its own."""

import asyncio
import os
import random

import httpx2
import pytest
import schemathesis
from fastapi import FastAPI

from duka.platform.edge import House
from tests.access.asks import Ask
from tests.access.furnished import Furnished, furnish
from tests.access.operations import Json, Operation
from tests.access.recipes import prepare
from tests.fuzz.sending import Report, Sender

CASES, CASES_OF_A_RELEASE = 2_000, 50_000
_STREAMS = {"live_listen"}
"""Answers that end when the asker has heard enough; `platform/test_live.py` tries those on real sockets."""


@pytest.mark.parametrize("cases", [
    pytest.param(CASES, marks=pytest.mark.slow), pytest.param(CASES_OF_A_RELEASE, marks=pytest.mark.release),
])  # fmt: skip
async def test_whatever_is_sent_is_answered(
    cases: int, app: FastAPI, known: list[Operation], schemas: Json, house: House, client: httpx2.AsyncClient
) -> None:
    """Each round sends every operation some requests. A run tells its seed, which DUKA_FUZZ_SEED gives again."""
    seed = int(os.environ.get("DUKA_FUZZ_SEED") or random.randrange(10**9))
    described = schemathesis.openapi.from_dict(app.openapi())
    report, many = Report(), max(6, min(60, cases // len(known) + 1))
    while report.sent < cases:
        has = await furnish(house, client, "fuzzed")
        for operation in known:
            if operation.name in _STREAMS:
                continue
            has, ask = await prepared(operation, has)
            sender = Sender(has, asyncio.get_running_loop(), report, described, schemas)
            await asyncio.to_thread(sender.fuzz, operation, ask, many, seed)
        seed += 1
    print(f"seed {seed}: {report.sent} requests, {dict(sorted(report.statuses.items()))}")
    for place, why in (report.faults | report.unlike).items():
        print(f"--- {place}\n{why}")
    assert list(report.faults) == []
    assert list(report.unlike) == []
    assert report.statuses[503] == 0


async def prepared(operation: Operation, has: Furnished) -> tuple[Furnished, Ask]:
    """Give a good request and the shop it is for: another shop where what was sent made this one useless, its owner
    logged out, its stock gone, its invitations of the day used up."""
    try:
        await has.get("/api/auth/validate")
        await has.sale()
        return has, await prepare(operation, has)
    except AssertionError:
        another = await furnish(has.shop.house, has.client, "fuzzed")
        return another, await prepare(operation, another)
