"""The shop's own database server: PostgreSQL, shipped with Duka, started and looked after by it.

    from duka.platform import postgres

    cluster = postgres.Cluster(Path(".data"))        # secret=None: made in the folder; tcp_port=None: socket only
    cluster.start(say=print)                         # raises a StartError whose str() is for the terminal
    cluster.url("duka_app")                          # postgresql+psycopg://duka_app:...@/duka?host=...&port=5432
    cluster.urls()                                   # Urls(owner, app, platform, backup)
    cluster.superuser_url(database="postgres")       # for tests and repairs: opens for our own user only
    cluster.alive()                                  # True when it takes connections
    cluster.keep_running(stopped, say=print)         # blocks; run it in a thread: starts a fallen server again
    cluster.stop()                                   # fast shutdown; `with postgres.Cluster(data) as c:` does both

A command run beside a Duka that is up (`duka verify`) makes a `Cluster` on the same data folder, does not start
it, and uses `urls()` when `alive()`. Starting it there raises `DataFolderInUse`.

With a server of one's own (`DATABASE_URL`, as the owner of the database):

    secret = postgres.read_secret(data, given)             # given (DUKA_SECRET), else <data>/secret, made once
    postgres.urls(owner_url, secret)                       # Urls: same server, the other roles and their passwords
    postgres.ensure_roles(connection, secret)              # makes the roles app, platform, backup
    postgres.check_durability(connection)                  # as duka_app: raises ServerTooOld,
                                                           # DurabilityOff, RoleTooPowerful

`connection` is a psycopg connection; `postgres.libpq(url)` turns an SQLAlchemy URL into one it takes.
"""

from duka.platform.postgres.cluster import Cluster
from duka.platform.postgres.errors import (
    DatabaseMissing,
    DataFolderInUse,
    DataFolderNotReachable,
    DataFolderNotWritable,
    DataFromOtherVersion,
    DiskFull,
    DurabilityOff,
    PostgresNotInstalled,
    RoleTooPowerful,
    SecretTooShort,
    ServerNotStarting,
    ServerTooOld,
    StartError,
)
from duka.platform.postgres.roles import (
    APP,
    BACKUP,
    OWNER,
    PLATFORM,
    Urls,
    check_durability,
    ensure_roles,
    libpq,
    read_secret,
    role_password,
    urls,
)

__all__ = [
    "APP",
    "BACKUP",
    "OWNER",
    "PLATFORM",
    "Cluster",
    "DataFolderInUse",
    "DataFolderNotReachable",
    "DataFolderNotWritable",
    "DataFromOtherVersion",
    "DatabaseMissing",
    "DiskFull",
    "DurabilityOff",
    "PostgresNotInstalled",
    "RoleTooPowerful",
    "SecretTooShort",
    "ServerNotStarting",
    "ServerTooOld",
    "StartError",
    "Urls",
    "check_durability",
    "ensure_roles",
    "libpq",
    "read_secret",
    "role_password",
    "urls",
]
