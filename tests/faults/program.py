"""Duka as its keeper sees it: a program with a data folder and a port, that can be killed and started again."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import IO

from duka import installation
from duka.installation import Installation
from duka.platform import postgres
from duka.platform.postgres.leftovers import is_server, read_lock_file
from duka.platform.postgres.places import find_home
from duka.platform.settings import Settings

READY_SECONDS_MAX = 90


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: the status and the body."""

    status: int
    body: bytes


@dataclass(slots=True)
class Line:
    """One connection to the server, made anew whenever it is lost; it knows nothing but bytes."""

    port: int
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, token: str, body: bytes = b"", *, wait_seconds: float = 5,
                  **headers: str) -> Answered | None:
        """Send a request and give the answer; None when none came."""
        told = {"Content_Type": "application/json", **headers}
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
        request = (
            f"{method} {path} HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {token}\r\n{more}"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        try:
            return await asyncio.wait_for(self._exchange(request), wait_seconds)
        except (OSError, EOFError, TimeoutError, ValueError):
            self.drop()
            return None

    async def _exchange(self, request: bytes) -> Answered:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        if b"connection: close" in head:
            self.drop()
        return Answered(int(head[9:12]), body)

    def drop(self) -> None:
        """Let go of the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


@dataclass(slots=True)
class Program:
    """An installation in a folder of its own, as the command `duka` runs it."""

    data: Path
    port: int
    log: IO[bytes]
    workers: int = 1
    """Web processes; of several the first only watches over the others."""
    process: subprocess.Popen[bytes] | None = None
    ready_seconds: list[float] = field(default_factory=list)

    def launch(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a part of Duka on the folder."""
        generous = {
            "DUKA_MODE": "development", "DUKA_LOG_LEVEL": "error", "DUKA_REQUESTS_PER_MINUTE": "1000000",
            "DUKA_DELIVERIES_PER_MINUTE": "1000000", "DUKA_AUTH_REQUESTS_PER_MINUTE": "1000000",
            "DUKA_WORKERS": str(self.workers),
        }  # fmt: skip
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DUKA_")} | generous
        command = [sys.executable, "-m", "duka.cli", *words, "--data", str(self.data), "--port", str(self.port)]
        return subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log)

    def start(self) -> None:
        """Start everything in one process."""
        self.process = self.launch()

    async def ready(self) -> float:
        """Wait until it can serve; give how long that took, in seconds."""
        began, line = time.monotonic(), Line(self.port)
        while True:
            answer = await line.ask("GET", "/readyz", "", wait_seconds=2)
            if answer is not None and answer.status == 200:
                line.drop()
                return time.monotonic() - began
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"Duka ended by itself:\n{self.words()}")
            assert time.monotonic() - began < READY_SECONDS_MAX, f"never ready:\n{self.words()}"
            await asyncio.sleep(0.05)

    def kill(self) -> None:
        """Kill the server's process, which may be doing anything."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def web_processes(self) -> list[int]:
        """Give the process ids of the web processes that the first one watches over."""
        assert self.process is not None
        first = self.process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]

    def kill_one(self, process_id: int) -> None:
        """Kill one of the web processes."""
        os.kill(process_id, signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill every process of the server at once, the first one first, so that it can start no other."""
        assert self.process is not None
        doomed = [self.process.pid, *self.web_processes()]
        for process_id in doomed:
            os.kill(process_id, signal.SIGKILL)
        self.process.wait()

    def kill_database(self) -> None:
        """Kill PostgreSQL's first process."""
        noted = read_lock_file(find_home(self.data) / "postgres")
        if noted is not None:
            with suppress(ProcessLookupError):
                os.kill(noted.process_id, signal.SIGKILL)

    def found(self) -> Installation:
        """Give the installation: where its database is and what signs its tokens."""
        return installation.find(Settings(data=self.data, mode="development"))

    def superuser(self) -> str:
        """Give the URL of a role that sees all shops."""
        return postgres.libpq(postgres.Cluster(self.data).superuser_url(database="duka"))

    def words(self) -> str:
        """What it has printed lately."""
        return Path(self.log.name).read_text(errors="replace")[-4000:]

    def stop(self) -> None:
        """End it as its keeper would; at once where that does not help."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
            if self.process.poll() is None:
                self.kill()
        home = find_home(self.data)
        noted = read_lock_file(home / "postgres")
        if noted is not None and is_server(noted.process_id, home / "postgres"):
            os.kill(noted.process_id, signal.SIGKILL)


@contextmanager
def installed(above: Path | None = None, *, workers: int = 1) -> Iterator[Program]:
    """Have an installation in a folder that every user can reach (the database has an account of its own)."""
    with tempfile.TemporaryDirectory(prefix="duka-faults-", ignore_cleanup_errors=True) as folder, socket() as probe:
        Path(folder).chmod(0o755)
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        with (Path(folder) / "log").open("wb") as log:
            program = Program((above or Path(folder)) / "shop", port, log, workers)
            try:
                yield program
            finally:
                program.stop()
