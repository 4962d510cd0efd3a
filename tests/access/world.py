"""What the tests of access, of the walls and of anything at all sent to the API stand on."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI

from duka.platform.edge import House
from duka.platform.postgres import Urls
from duka.verify import runner
from tests.access.checks import Neighbours, Prepared
from tests.access.furnished import furnish
from tests.access.operations import Json, Operation, operations
from tests.access.recipes import prepare


@pytest.fixture(scope="module")
async def neighbours(house: House, client: httpx2.AsyncClient, urls: Urls) -> AsyncIterator[Neighbours]:
    """Our shop with a colleague of each preset role, and a shop whose things must never show in it; what always holds
    is verified in both at the end."""
    ours = await furnish(house, client, "ours")
    await ours.people()
    theirs = await furnish(house, client, "theirs")
    yield Neighbours(ours, theirs)
    with runner.connect(urls.app) as connection:
        for has in (ours, theirs):
            tallies = runner.verify_shop(connection, has.shop.shop_id, house.signer)
            assert runner.breaches_of(tallies) == []


@pytest.fixture(scope="module")
async def prepared(known: list[Operation], neighbours: Neighbours) -> list[Prepared]:
    """A request for each operation, to our own things."""
    return [Prepared(each, await prepare(each, neighbours.ours)) for each in known]


@pytest.fixture(scope="session")
def known(app: FastAPI) -> list[Operation]:
    """Every operation of the API."""
    return operations(app)


@pytest.fixture(scope="session")
def schemas(app: FastAPI) -> Json:
    """The shapes that the operations' bodies and answers are described with."""
    described: Json = app.openapi()["components"]["schemas"]
    return described
