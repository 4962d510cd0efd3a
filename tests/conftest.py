"""One real PostgreSQL a process, one shop a test; when a test ends, what always holds is verified in its shops."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from hypothesis import settings as examples

from duka import migrations
from duka.main import create_app, make_house
from duka.platform import logs, postgres
from duka.platform.edge import House
from duka.platform.postgres import Urls
from duka.platform.settings import Settings
from duka.verify import runner
from tests import world
from tests.postbox import Postbox
from tests.world import Shop, open_a_shop

SECRET = "tests-only-secret-0123456789abcdef"
_FOLDER = "DUKA_TEST_DATA"
_MEMORY = Path("/dev/shm")
_MEMORY_FREE_MIN_BYTES = 4 * 2**30

# Tests with made-up examples: few of them in every check, many where all tests run (`--hypothesis-profile=thorough`).
examples.register_profile("quick", max_examples=50, deadline=None)
examples.register_profile("thorough", max_examples=300, deadline=None)
examples.load_profile("quick")


def pytest_configure(config: pytest.Config) -> None:
    """Start a server for this process: where several share the tests, each has its own, jobs and all."""
    logs.set_up(Settings(log_format="console", log_level="error"))
    config.addinivalue_line(
        "markers", "breaks_invariants(reason, *names): its shops are left as they cannot be; only by `names`, if given"
    )
    leads_others = not hasattr(config, "workerinput") and config.getoption("numprocesses", None)
    if leads_others or config.option.collectonly:
        return
    folder = tempfile.TemporaryDirectory(prefix="duka-tests-", dir=_memory(), ignore_cleanup_errors=True)
    Path(folder.name).chmod(0o711)  # so that, started as root, the server's own user can reach it
    cluster = postgres.Cluster(Path(folder.name))
    cluster.start()
    migrations.bring_up_to_date(cluster.urls().owner)
    os.environ[_FOLDER] = folder.name
    config.stash[_STARTED] = (cluster, folder)


def _memory() -> Path | None:
    """Give a place in memory, if the machine has one with room: there thousands of commits wait for no disk. What a
    disk must keep is tried on real folders, in `faults` and `platform/test_postgres.py`."""
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _MEMORY_FREE_MIN_BYTES:
        return None
    return _MEMORY


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this process started."""
    if auditor := config.stash.get(_AUDITOR, None):
        auditor.close()
    started = config.stash.get(_STARTED, None)
    if started is not None:
        cluster, folder = started
        os.environ.pop(_FOLDER, None)
        cluster.stop()
        folder.cleanup()


_STARTED = pytest.StashKey[tuple[postgres.Cluster, "tempfile.TemporaryDirectory[str]"]]()
_AUDITOR = pytest.StashKey[psycopg.Connection[Any]]()


@pytest.fixture(autouse=True)
def what_always_holds(request: pytest.FixtureRequest) -> Iterator[None]:
    """Verify the invariants in every shop that the test opened, when it has ended."""
    world.opened.clear()
    yield
    marker = request.node.get_closest_marker("breaks_invariants")
    if not world.opened or (marker and len(marker.args) == 1):
        return
    stash = request.config.stash
    if _AUDITOR not in stash:
        url = postgres.Cluster(Path(os.environ[_FOLDER])).urls().app
        stash[_AUDITOR] = runner.connect(url, prepare_after=0)
    for shop in world.opened:
        tallies = runner.verify_shop(stash[_AUDITOR], shop.shop_id, shop.house.signer)
        broken = [each for each in runner.breaches_of(tallies) if marker is None or each.invariant not in marker.args]
        assert not broken, "\n".join(f"{each.invariant}: {dict(each.facts)}" for each in broken)


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
    """A fresh shop in Uganda: its owner Njeri, a showroom and a till, nothing to sell yet."""
    return await open_a_shop(house)


@pytest.fixture(scope="session")
async def app(options: Settings, urls: Urls) -> AsyncIterator[FastAPI]:
    """The whole app, running: its relay and its jobs too."""
    app = create_app(options, urls, SECRET)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def postbox(app: FastAPI) -> AsyncIterator[Postbox]:
    """The letters that the app sends during a test."""
    house: House = app.state.house
    before, box = house.mail, Postbox()
    house.mail = box
    yield box
    house.mail = before


@pytest.fixture(scope="session")
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who asks the app over HTTP, in this process."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
