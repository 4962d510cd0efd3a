"""The single steps of making, starting, awaiting and ending one PostgreSQL server."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Final

from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from duka.platform.postgres.errors import DataFromOtherVersion, DiskFull, ServerNotStarting
from duka.platform.postgres.places import PACKAGE, Place, Say, give, own_name, run
from duka.platform.postgres.roles import APP, BACKUP, OWNER, PLATFORM

DATABASE: Final = "duka"
SUPERUSER: Final = "postgres"
DISK_FULL: Final = "No space left on device"

_LOG_BYTES_MAX: Final = 10_000_000
_SILENCE_SECONDS_MAX: Final = 60
_STOP_SECONDS_MAX: Final = 60
_WORD_EVERY_SECONDS: Final = 3

# For a small machine; written into the cluster's postgresql.conf once, where its operator may change them.
# Nothing here touches fsync, full_page_writes or synchronous_commit: they stay on.
_SETTINGS: Final = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    # A new shop imports its catalogue and sells at once: plans made while tables were empty must not last.
    "autovacuum_naptime": "10s",
    "wal_level": "replica",
    # Incremental backups need it.
    "summarize_wal": "on",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # The long form quotes the values of a refused row, and people's names and phones don't belong in a log.
    "log_error_verbosity": "terse",
}

# The programs get no more of our environment than this: it may hold secrets, and PG... variables would mislead.
_ENVIRONMENT: Final = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}


def disk_full(home: Path) -> DiskFull:
    """Make the error for a full disk, with what is free on it."""
    return DiskFull(home, shutil.disk_usage(home).free // 1_000_000)


def _letters() -> list[str]:
    # The trigram index asks the C library what a letter is; in plain C only English has any, and searching a Hindi or
    # Arabic name with a typing error would find nothing. It orders nothing, so it cannot differ between machines.
    program = shutil.which("locale")
    if program is None:
        return []
    names = subprocess.run([program, "-a"], capture_output=True, text=True, check=False).stdout.split()  # noqa: S603 - found on our own path
    return next(([f"--lc-ctype={name}"] for name in ("C.UTF-8", "C.utf8") if name in names), [])


def make_cluster(place: Place) -> None:
    """Make an empty cluster: aside first, then moved into place, so that a killed one is never taken for whole.

    Text is UTF-8 and sorts by code point, the same on every machine: the builtin C.UTF-8, no system locale.
    """
    for draft in place.home.glob("postgres.new.*"):
        shutil.rmtree(draft, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix="postgres.new.", dir=place.home))
    give(draft, place.account)
    initdb = [str(place.programs / "initdb"), "-D", str(draft)]
    options = [
        f"--username={SUPERUSER}",
        "--auth-local=peer",
        "--auth-host=reject",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        *_letters(),
        *(f"--set={name}={value}" for name, value in _SETTINGS.items()),
    ]
    # Written unsynced and synced once at the end: many times faster on a slow disk.
    for command in ([*initdb, *options, "--no-sync"], [*initdb, "--sync-only"]):
        done = run(place.account, command, place.home, _ENVIRONMENT)
        if done.returncode == 0:
            continue
        shutil.rmtree(draft, ignore_errors=True)
        if DISK_FULL in done.stderr:
            raise disk_full(place.home)
        raise ServerNotStarting("PostgreSQL could not make its folder; it says:", done.stderr.strip())
    draft.rename(place.cluster)
    _sync_folder(place.home)


def check_version(place: Place) -> None:
    """Refuse a cluster that another major version of PostgreSQL wrote."""
    found = (place.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    needed = version(PACKAGE).partition(".")[0]
    if found != needed:
        raise DataFromOtherVersion(place.data, found, needed)


def write_access(place: Place) -> None:
    """Write who may connect: our own user of the machine as superuser by the socket, all else by password."""
    quoted = '"{}"'.format(own_name().replace('"', '""'))
    _write_public(place.home / "pg_ident.conf", f"duka {quoted} {SUPERUSER}\n")
    _write_public(
        place.home / "pg_hba.conf",
        f"local all {SUPERUSER} peer map=duka\n"
        f"local replication {BACKUP} scram-sha-256\n"
        "local all all scram-sha-256\n"
        f"host all {OWNER},{APP},{PLATFORM},{BACKUP} samehost scram-sha-256\n",
    )


def spawn(place: Place, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the server process. It gets a session of its own, so that Ctrl-C in our terminal doesn't reach it."""
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    account = place.account
    with open_private(place.log, "ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own program with our own words
            [str(place.programs / "postgres"), "-D", str(place.cluster), *options],
            cwd=place.home,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def wait_until_ready(process: subprocess.Popen[bytes], sockets: Path, port: int, say: Say) -> None:
    """Wait for a server as long as it says that it is starting or repairing itself."""
    began = heard = spoke = time.monotonic()
    while True:
        if process.poll() is not None:
            raise ServerNotStarting("PostgreSQL did not start; it says:")
        answer = ping(sockets, port)
        if answer == Ping.OK:
            return
        now = time.monotonic()
        if answer == Ping.REJECT:
            heard = now
        if now - heard > _SILENCE_SECONDS_MAX:
            raise ServerNotStarting(f"PostgreSQL has not answered for {_SILENCE_SECONDS_MAX} seconds.")
        if now - spoke > _WORD_EVERY_SECONDS:
            say(f"PostgreSQL is getting ready, after a crash or power cut it repairs itself ({now - began:.0f} s)")
            spoke = now
        time.sleep(0.02)


def ping(sockets: Path, port: int) -> Ping:
    """Ask the server whether it takes connections; no role or password is involved."""
    asked = make_conninfo(host=str(sockets), port=port, user=SUPERUSER, dbname=SUPERUSER, connect_timeout=5)
    return Ping(PGconn.ping(asked.encode()))


def end(process: subprocess.Popen[bytes]) -> None:
    """End the server: fast, and when that takes too long at once (it repairs itself at the next start)."""
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS_MAX)


def ensure_database(connection: Connection[Any]) -> None:
    """Make the database `duka`, which belongs to the owner's role and opens for Duka's roles only."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
        )
    roles = sql.SQL(", ").join(map(sql.Identifier, (APP, PLATFORM, BACKUP)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(DATABASE)))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(DATABASE), roles))


def holds_socket(folder: Path, port: int) -> bool:
    """Tell by trying whether a socket can lie in a folder: its path must be short and its disk know sockets."""
    trial = folder / f".s.TRIAL.{port}"
    trial.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(str(trial))
        except OSError:
            return False
    trial.unlink()
    return True


def rotate_log(log: Path) -> int:
    """Put a grown log aside, keeping one old one, and give where the next start's words begin, in bytes."""
    if not log.exists():
        return 0
    if log.stat().st_size > _LOG_BYTES_MAX:
        log.replace(log.with_name(f"{log.name}.1"))
        return 0
    return log.stat().st_size


def open_private(path: Path, mode: str) -> IO[Any]:
    """Open a file that only its owner may read."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))


def _write_public(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o644)
    draft.replace(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
