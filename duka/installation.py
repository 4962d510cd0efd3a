"""An installation of Duka: its settings, its database (embedded or external), its secret."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import structlog

from duka import migrations
from duka.platform import postgres
from duka.platform.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the data is and who may read it."""

    options: Settings
    urls: postgres.Urls
    secret: str


def find(options: Settings) -> Installation:
    """Give the installation of these settings, without starting anything."""
    secret = postgres.read_secret(options.data, options.secret)
    if options.database_url:
        return Installation(options, postgres.urls(options.database_url, secret), secret)
    return Installation(options, postgres.Cluster(options.data, secret=options.secret).urls(), secret)


@contextmanager
def running(options: Settings) -> Iterator[Installation]:
    """Have the database running and its schema up to date while the block runs.

    An embedded server that another Duka on the same folder has started is used, and left running. Raises a
    `postgres.StartError` whose text is for the terminal.
    """
    if options.database_url:
        installation = find(options)
        with psycopg.connect(postgres.libpq(options.database_url), autocommit=True) as owner:
            postgres.ensure_roles(owner, installation.secret)
        yield _ready(installation)
        return
    options.data.mkdir(parents=True, exist_ok=True)
    cluster = postgres.Cluster(options.data, secret=options.secret)
    if not _looks_after(cluster):
        yield _ready(find(options))
        return
    stopped = threading.Event()
    keeper = threading.Thread(target=cluster.keep_running, args=(stopped,), kwargs={"say": _say}, daemon=True)
    keeper.start()
    try:
        yield _ready(find(options))
    finally:
        stopped.set()
        keeper.join(timeout=10)
        cluster.stop()


def _looks_after(cluster: postgres.Cluster) -> bool:
    """Start the server and look after it from now on; False where another Duka that runs does so already.

    Who holds the folder's lock counts, not whether a server answers: one that outlived a killed Duka would be looked
    after by nobody, so it is replaced.
    """
    try:
        cluster.start(say=_say)
    except postgres.DataFolderInUse:
        if not cluster.alive():
            raise
        return False
    return True


def _ready(installation: Installation) -> Installation:
    if migrations.bring_up_to_date(installation.urls.owner):
        log.info("schema_brought_up_to_date", newest=migrations.newest())
    with psycopg.connect(postgres.libpq(installation.urls.app)) as app:
        postgres.check_durability(app)
    return installation


def _say(text: str) -> None:
    print(text, flush=True)
