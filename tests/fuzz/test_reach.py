"""Every operation can be done: somebody who may, and who sends what it asks for, gets what its description says."""

import httpx2

from duka.platform.edge import House
from tests.access.asks import prepare
from tests.access.furnished import furnish
from tests.access.operations import Operation

REACHED_MIN = 0.95


async def test_nearly_every_operation_is_reached(
    known: list[Operation], house: House, client: httpx2.AsyncClient
) -> None:
    has = await furnish(house, client, "reach")
    missed, broken = {}, {}
    for operation in known:
        try:
            ask = await prepare(operation, has)
        except AssertionError as failed:
            missed[str(operation)] = str(failed)[:300]
            continue
        answer = await ask.send(client, operation, has.shop.owner.headers)
        if answer.status_code >= 500:
            broken[str(operation)] = answer.text
        elif answer.status_code >= 300:
            missed[str(operation)] = answer.text[:300]
    for name, why in missed.items():
        print(name, why)
    assert broken == {}
    assert 1 - len(missed) / len(known) >= REACHED_MIN, missed
