"""The two shops that must know nothing of each other."""

from dataclasses import dataclass

import httpx2
import pytest
from fastapi import FastAPI

from duka.platform.edge import House
from tests.access.furnished import Furnished, furnish
from tests.access.operations import Json, Operation, operations


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Two shops with one of everything each."""

    ours: Furnished
    theirs: Furnished


@pytest.fixture(scope="module")
async def neighbours(house: House, client: httpx2.AsyncClient) -> Neighbours:
    """Our shop, and one whose things must never show in it."""
    ours = await furnish(house, client, "ours")
    await ours.people()
    return Neighbours(ours, await furnish(house, client, "theirs"))


@pytest.fixture(scope="session")
def known(app: FastAPI) -> list[Operation]:
    """Every operation of the API."""
    return operations(app)


@pytest.fixture(scope="session")
def schemas(app: FastAPI) -> Json:
    """The shapes that the operations' bodies and answers are described with."""
    described: Json = app.openapi()["components"]["schemas"]
    return described
