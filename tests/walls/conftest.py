"""The app with one of its two walls between shops taken down, beside the app as it is."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from duka.main import create_app
from duka.platform import postgres
from duka.platform.db import Database
from duka.platform.postgres import Urls
from duka.platform.settings import Settings
from tests.access.world import known, neighbours, prepared, schemas
from tests.conftest import SECRET

__all__ = ["known", "neighbours", "prepared", "schemas"]


class Unfiltered(Database):
    """Pools whose sessions do not add the shop to what the ORM asks: the first wall is down."""

    @asynccontextmanager
    async def session(self, role: str = "shop") -> AsyncIterator[AsyncSession]:
        """Open a transaction without the first wall."""
        async with super().session(role) as session:
            session.sync_session.info["first_wall_off"] = True
            yield session


@pytest.fixture(scope="session")
def superuser(urls: Urls) -> str:
    """The URL of a role that row-level security does not hold."""
    assert urls
    return postgres.Cluster(Path(os.environ["DUKA_TEST_DATA"])).superuser_url(database="duka")


@asynccontextmanager
async def _asking(options: Settings, urls: Urls, database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who asks the app while it works with these pools. Its relay and jobs do not run."""
    app = create_app(options, urls, SECRET)
    await app.state.house.database.close()
    app.state.house.database = database
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
    await database.close()


@pytest.fixture(scope="module")
async def only_the_filter(options: Settings, urls: Urls, superuser: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Who asks while row-level security is bypassed."""
    async with _asking(options, urls, Database(superuser, superuser, options)) as client:
        yield client


@pytest.fixture(scope="module")
async def only_the_database(options: Settings, urls: Urls) -> AsyncIterator[httpx2.AsyncClient]:
    """Who asks while the ORM's filter is off."""
    async with _asking(options, urls, Unfiltered(urls.app, urls.platform, options)) as client:
        yield client


@pytest.fixture(scope="module")
async def neither(options: Settings, urls: Urls, superuser: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Who asks while both walls are down."""
    async with _asking(options, urls, Unfiltered(superuser, superuser, options)) as client:
        yield client
