"""What the proofs are tried on: a busy shop, and the key of whoever could change rows past every guard."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from duka.platform import postgres
from duka.platform.edge import House
from duka.platform.postgres import libpq
from tests.verify.busy import busy_shop
from tests.world import Shop


@pytest.fixture(scope="module")
async def busy(house: House, client: httpx2.AsyncClient) -> Shop:
    """One busy shop for all tests of a file: whatever they break is rolled back."""
    return await busy_shop(house, client)


@pytest.fixture
def forger() -> Iterator[psycopg.Connection[Any]]:
    """Somebody with the server's own key: neither walls nor guards stop them. All they do is rolled back."""
    with superuser() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        yield connection
        connection.rollback()


@contextmanager
def superuser() -> Iterator[psycopg.Connection[Any]]:
    """Connect with the server's own key."""
    cluster = postgres.Cluster(Path(os.environ["DUKA_TEST_DATA"]))
    with psycopg.connect(libpq(cluster.superuser_url("duka")), prepare_threshold=0) as connection:
        yield connection
