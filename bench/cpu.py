"""CPU seconds of processes and all their children, read from /proc (Linux)."""

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def of_tree(pid: int) -> float:
    """Give user and system seconds of a process, of its live descendants, and of those it has waited for."""
    own = _read(pid)
    return own + sum(of_tree(child) for child in children(pid))


def _read(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(fields[n]) for n in (11, 12, 13, 14)) / _TICK


def children(pid: int) -> list[int]:
    """Give the live children of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return found


def postmaster(folder: Path) -> int:
    """Give the process of the embedded server that serves a data folder."""
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if command and command[0].endswith(b"/postgres") and str(folder).encode() in b" ".join(command):
            return int(process.name)
    raise LookupError(f"no server runs on {folder}")
