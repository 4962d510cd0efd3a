"""One real PostgreSQL a run, one shop a test."""

import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from duka import migrations
from duka.main import create_app, make_house
from duka.platform import logs, postgres
from duka.platform.edge import House
from duka.platform.postgres import Urls
from duka.platform.settings import Settings
from tests.world import Shop, open_a_shop

SECRET = "tests-only-secret-0123456789abcdef"
_FOLDER = "DUKA_TEST_DATA"


def pytest_configure(config: pytest.Config) -> None:
    """Start the server once, in the process that leads the run; the others find its folder in the environment."""
    logs.set_up(Settings(log_format="console", log_level="error"))
    if hasattr(config, "workerinput") or os.environ.get(_FOLDER):
        return
    folder = tempfile.TemporaryDirectory(prefix="duka-tests-", ignore_cleanup_errors=True)
    Path(folder.name).chmod(0o711)  # so that, started as root, the server's own user can reach it
    cluster = postgres.Cluster(Path(folder.name))
    cluster.start()
    migrations.bring_up_to_date(cluster.urls().owner)
    os.environ[_FOLDER] = folder.name
    config.stash[_STARTED] = (cluster, folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this process started."""
    started = config.stash.get(_STARTED, None)
    if started is not None:
        cluster, folder = started
        os.environ.pop(_FOLDER, None)
        cluster.stop()
        folder.cleanup()


_STARTED = pytest.StashKey[tuple[postgres.Cluster, "tempfile.TemporaryDirectory[str]"]]()


@pytest.fixture(scope="session")
def urls() -> Urls:
    """The roles' URLs of the run's server."""
    return postgres.Cluster(Path(os.environ[_FOLDER])).urls()


@pytest.fixture(scope="session")
def options() -> Settings:
    """Settings of the tests' server: limits high enough not to be met by accident."""
    return Settings(
        mode="development", pool_size=24, requests_per_minute=1_000_000, auth_requests_per_minute=1_000_000,
        deliveries_per_minute=1_000_000,
    )  # fmt: skip


@pytest.fixture(scope="session")
async def house(options: Settings, urls: Urls) -> AsyncIterator[House]:
    """The pools and the signer, without HTTP."""
    house = make_house(options, urls, SECRET)
    yield house
    await house.database.close()


@pytest.fixture
async def shop(house: House) -> Shop:
    """A fresh shop in Uganda: its owner Njeri, ten cables, an open showroom."""
    return await open_a_shop(house)


@pytest.fixture(scope="session")
async def app(options: Settings, urls: Urls) -> AsyncIterator[FastAPI]:
    """The whole app, running: its relay and its jobs too."""
    app = create_app(options, urls, SECRET)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="session")
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who asks the app over HTTP, in this process."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
