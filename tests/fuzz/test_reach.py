"""Every operation can be done: who may, and sends what it asks for, gets what its description says."""

import httpx2
import pytest
import schemathesis
from fastapi import FastAPI

from duka.platform.edge import House
from tests.access.furnished import furnish
from tests.access.operations import Operation
from tests.access.recipes import prepare
from tests.fuzz.sending import unlike

REACHED_MIN = 0.95


@pytest.mark.slow
async def test_nearly_every_operation_is_reached(
    app: FastAPI, known: list[Operation], house: House, client: httpx2.AsyncClient
) -> None:
    has = await furnish(house, client, "reach")
    described = schemathesis.openapi.from_dict(app.openapi())
    missed, wrong = {}, {}
    for operation in known:
        try:
            ask = await prepare(operation, has)
        except AssertionError as failed:  # what it needs could not be made
            missed[str(operation)] = str(failed)[:300]
            continue
        answer = await ask.send(client, operation, has.shop.owner.headers)
        await answer.request.aread()
        case = described[operation.path][operation.method].Case(path_parameters=dict(ask.ids))
        why = unlike(case, answer) if answer.status_code < 500 else answer.text
        if why:
            wrong[str(operation)] = why
        if answer.status_code >= 300:
            missed[str(operation)] = answer.text[:300]
    assert wrong == {}
    print(f"{len(known) - len(missed)} of {len(known)} operations reached; not {missed}")
    assert 1 - len(missed) / len(known) >= REACHED_MIN, missed
