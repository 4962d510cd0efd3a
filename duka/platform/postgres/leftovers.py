"""What a PostgreSQL that fell, or whose Duka fell, leaves behind, and how the next start gets past it."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from duka.platform.postgres.errors import ServerNotStarting
from duka.platform.postgres.places import Place, Say

_FAST_SECONDS_MAX: Final = 60
_IMMEDIATE_SECONDS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class LockFile:
    """What a server notes about itself in `postmaster.pid`."""

    process_id: int
    port: int
    sockets: Path | None


def read_lock_file(cluster: Path) -> LockFile | None:
    """Read the running (or fallen) server's lock file; None when there is none or it is damaged."""
    try:
        lines = (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    port = int(lines[3]) if len(lines) > 3 and lines[3].isdigit() else 0
    sockets = Path(lines[4]) if len(lines) > 4 and lines[4] else None
    return LockFile(int(lines[0]), port, sockets)


def clear_leftovers(place: Place, say: Say) -> None:
    """Stop a server that outlived its Duka, and make a dead one's lock files harmless.

    To be called by the holder of the folder's lock only: then any server found here belongs to nobody.
    """
    lock_file = place.cluster / "postmaster.pid"
    noted = read_lock_file(place.cluster)
    if noted is not None and is_server(noted.process_id, place.cluster):
        say("A PostgreSQL of a Duka that fell is still running on this folder; stopping it first.")
        _stop_stranger(noted.process_id, place.cluster)
    if lock_file.exists():
        _disown(lock_file)
    for path in (place.home / "run").glob(".s.PGSQL.*"):
        path.unlink(missing_ok=True)


def is_server(process_id: int, cluster: Path) -> bool:
    """Tell whether a process is this cluster's PostgreSQL server, and not one that got a dead one's number."""
    if Path("/proc/self").exists():
        try:
            words = Path(f"/proc/{process_id}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return os.fsencode(cluster) in words and words[0].endswith(b"postgres")
    ask = ["/bin/ps", "-ww", "-o", "args=", "-p", str(process_id)]
    shown = subprocess.run(ask, capture_output=True, check=False)  # noqa: S603 - a fixed program and a number
    return b"postgres -D " + os.fsencode(cluster) in shown.stdout


def _stop_stranger(process_id: int, cluster: Path) -> None:
    for how, seconds in ((signal.SIGINT, _FAST_SECONDS_MAX), (signal.SIGQUIT, _IMMEDIATE_SECONDS_MAX)):
        with suppress(ProcessLookupError):
            os.kill(process_id, how)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not is_server(process_id, cluster):
                return
            time.sleep(0.05)
    raise ServerNotStarting(f"The PostgreSQL process {process_id} runs on {cluster} and can't be stopped.")


def _disown(lock_file: Path) -> None:
    """Write our own process number into a dead server's lock file, or delete an empty one.

    The number in it may belong to any process by now, and PostgreSQL would take that for the server. A lock file
    that names the parent of the new server counts as stale. Deleting it would also work, and would throw away
    the note of the shared memory by which PostgreSQL finds children of the dead server that still write.
    """
    # Root must not be led elsewhere by a link that the server's account put here.
    with os.fdopen(os.open(lock_file, os.O_RDWR | os.O_NOFOLLOW), "r+", encoding="utf-8") as file:
        lines = file.readlines()
        file.seek(0)
        file.write("".join([f"{os.getpid()}\n", *lines[1:]]))
        file.truncate()
    if not lines:
        lock_file.unlink()
