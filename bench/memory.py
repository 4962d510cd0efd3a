"""Memory of processes and all their children, read from /proc (Linux)."""

import re
from pathlib import Path

from bench import cpu


def of_tree(pid: int) -> float:
    """Give the megabytes of a process and its live descendants; what several share is counted once (PSS)."""
    return _read(pid) + sum(of_tree(child) for child in cpu.children(pid))


def _read(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except ProcessLookupError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    assert found, text
    return int(found.group(1)) * 1024 / 1e6
