"""Starts PostgreSQL on a data folder, waits until it is ready, and looks after it."""

import errno
import fcntl
import os
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Final, Self

import psycopg
from psycopg.pq import Ping

from duka.platform.postgres import server
from duka.platform.postgres.errors import DataFolderInUse, DataFolderNotWritable, ServerNotStarting, StartError
from duka.platform.postgres.leftovers import clear_leftovers, read_lock_file
from duka.platform.postgres.places import Place, Say, find_home, find_place, give, give_all, make_folder
from duka.platform.postgres.roles import (
    APP,
    BACKUP,
    OWNER,
    PLATFORM,
    Urls,
    ensure_roles,
    libpq,
    read_secret,
    role_password,
    socket_url,
)

_PORT: Final = 5432
_HELD_SECONDS_MAX: Final = 30
_PAUSE_SECONDS: Final = 0.5
_PAUSE_SECONDS_MAX: Final = 30.0
_STILL_HELD: Final = "pre-existing shared memory block"


class Cluster:
    """The embedded PostgreSQL of one data folder.

    `secret` is the operator's own (DUKA_SECRET), else the data folder's. With `tcp_port` the server also listens
    on 127.0.0.1; without, it can be reached by its socket only.
    """

    def __init__(self, data: Path, *, secret: str | None = None, tcp_port: int | None = None) -> None:
        self.data = data.expanduser().resolve()
        self._given_secret = secret
        self._tcp_port = tcp_port
        self._held = ExitStack()
        self._place: Place | None = None
        self._sockets: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, say: Say = print) -> None:
        """Start the server, on the first run after making it; return when it takes connections.

        Says every few seconds what it waits for: repairing itself after a power cut can take minutes. Raises a
        `StartError`, whose text tells the person at the terminal what to do; then nothing is left running.
        """
        assert self._process is None, "the cluster is started already"
        try:
            self._start(say)
        except OSError as refused:
            self.stop()
            if refused.errno == errno.ENOSPC:
                raise server.disk_full(self.data) from None
            why = f"{refused.strerror or refused} ({refused.filename or self.data})"
            raise DataFolderNotWritable(self.data, why) from refused
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server: running statements are ended, what was committed is safe. Harmless when not started."""
        if self._process is not None:
            server.end(self._process)
            self._process = None
        self._sockets = None
        self._held.close()

    def alive(self) -> bool:
        """Tell whether the server takes connections, whoever started it."""
        try:
            folder, port = self._socket()
        except (OSError, StartError):
            return False
        return server.ping(folder, port) == Ping.OK

    def url(self, role: str) -> str:
        """Give the SQLAlchemy URL of a role; it holds the role's password."""
        folder, port = self._socket()
        secret = read_secret(self.data, self._given_secret)
        return socket_url(f"{role}:{role_password(secret, role)}", folder, port, server.DATABASE)

    def urls(self) -> Urls:
        """Give the URLs of all four roles."""
        return Urls(owner=self.url(OWNER), app=self.url(APP), platform=self.url(PLATFORM), backup=self.url(BACKUP))

    def superuser_url(self, database: str = server.SUPERUSER) -> str:
        """Give the URL of the server's superuser, for tests and repairs; it opens for our own user only."""
        folder, port = self._socket()
        return socket_url(server.SUPERUSER, folder, port, database)

    def keep_running(self, stopped: Event, say: Say = print) -> None:
        """Start the server again whenever it falls, until `stopped` is set; meant for a thread of its own.

        Set `stopped` and join the thread before calling `stop`. Between failing tries it waits longer each time,
        30 seconds at most, and never gives up: a full disk may have room again.
        """
        assert self._place is not None, "only a started cluster can be kept running"
        pause_seconds = _PAUSE_SECONDS
        while not stopped.wait(pause_seconds):
            if self._process is not None and self._process.poll() is None:
                pause_seconds = _PAUSE_SECONDS
                continue
            say("PostgreSQL ended by itself; starting it again.")
            try:
                self._launch(self._place, say)
            except (StartError, OSError) as refused:
                say(str(refused))
                pause_seconds = min(pause_seconds * 2, _PAUSE_SECONDS_MAX)

    def __enter__(self) -> Self:
        """Start it for the length of a `with` block."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it at the end of the block."""
        self.stop()

    def _start(self, say: Say) -> None:
        make_folder(self.data)
        self._hold(self.data)
        place = find_place(self.data, say)
        if place.home != place.data:
            # Two copies of one data folder point to the same cluster.
            self._hold(place.home)
        secret = read_secret(self.data, self._given_secret)
        if not place.cluster.exists():
            say("Making the database; this happens once.")
            server.make_cluster(place)
        give_all(place.cluster, place.account)
        server.check_version(place)
        self._place = place
        self._launch(place, say)
        try:
            with psycopg.connect(libpq(self.superuser_url()), autocommit=True) as connection:
                ensure_roles(connection, secret, (OWNER, APP, PLATFORM, BACKUP))
                server.ensure_database(connection)
        except psycopg.errors.DiskFull:
            raise server.disk_full(place.home) from None
        except psycopg.Error as refused:
            raise ServerNotStarting(
                "PostgreSQL started, but its roles can't be set up; it says:", str(refused)
            ) from None

    def _hold(self, folder: Path) -> None:
        """Lock a folder for this process; the system lets go of it when the process ends, however it ends."""
        file = self._held.enter_context(server.open_private(folder / "duka.lock", "a+"))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise DataFolderInUse(self.data, file.read().strip()) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()

    def _launch(self, place: Place, say: Say) -> None:
        """Clear what a fallen server left behind, start a new one and wait for it."""
        clear_leftovers(place, say)
        sockets = self._sockets = self._sockets or self._socket_folder(place)
        server.write_access(place)
        settings = {
            "unix_socket_directories": '"{}"'.format(str(sockets).replace('"', '""')),
            "unix_socket_permissions": "0700",
            "listen_addresses": "127.0.0.1" if self._tcp_port else "",
            "port": str(self._port),
            "hba_file": str(place.home / "pg_hba.conf"),
            "ident_file": str(place.home / "pg_ident.conf"),
        }
        deadline = time.monotonic() + _HELD_SECONDS_MAX
        while True:
            words_begin = server.rotate_log(place.log)
            self._process = server.spawn(place, settings)
            try:
                server.wait_until_ready(self._process, sockets, self._port, say)
                return
            except ServerNotStarting as failed:
                server.end(self._process)
                self._process = None
                words = place.log.read_bytes()[words_begin:].decode(errors="replace").strip()
                # The children of a killed server need a moment to notice that it is gone.
                if _STILL_HELD not in words or time.monotonic() > deadline:
                    raise _named(failed, words, place) from None
                time.sleep(0.2)

    @property
    def _port(self) -> int:
        return self._tcp_port or _PORT

    def _socket(self) -> tuple[Path, int]:
        """Give the folder and port of the socket: our own server's, or those a running one has noted."""
        if self._sockets is not None:
            return self._sockets, self._port
        home = find_home(self.data)
        noted = read_lock_file(home / "postgres")
        if noted is not None and noted.sockets is not None:
            return noted.sockets, noted.port
        return home / "run", self._port

    def _socket_folder(self, place: Place) -> Path:
        """Give a folder for the socket: beside the cluster, or a temporary one where that path is too long."""
        folder = place.home / "run"
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            give(folder, place.account)
        if server.holds_socket(folder, self._port):
            return folder
        elsewhere = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="duka-")))
        give(elsewhere, place.account)
        if server.holds_socket(elsewhere, self._port):
            return elsewhere
        raise ServerNotStarting(f"No socket can be made in {folder} or {elsewhere}. Use a shorter --data path.")


def _named(failed: ServerNotStarting, words: str, place: Place) -> StartError:
    """Name a failed start by the server's last words in its log."""
    if server.DISK_FULL in words:
        return server.disk_full(place.home)
    tail = "\n".join(words.splitlines()[-8:])
    return ServerNotStarting(str(failed), f"{tail}\nThe whole log: {place.log}")
