"""Google's Lighthouse in its mobile preset, as locked in `bench/web`, on a page of a browser that runs already."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devtools.places import ROOT
from devtools.web import node_program, with_node

_FOLDER: Final = ROOT / "bench" / "web"
_SECONDS_MAX: Final = 120
_PROGRAM: Final = _FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"


@dataclass(frozen=True, slots=True)
class Marks:
    """What Lighthouse says of a page: two scores of at most 100, times in milliseconds, and how much the page jumps."""

    performance: float
    accessibility: float
    lcp_ms: float
    tbt_ms: float
    cls: float


def install() -> None:
    """Install it as locked, once. CalledProcessError when it cannot be had."""
    if not _PROGRAM.exists():
        print("Setting up bench/web/node_modules ...", flush=True)
        command = [*node_program("npm"), "ci", "--ignore-scripts", "--loglevel=error"]
        subprocess.run(command, cwd=_FOLDER, env=with_node(), check=True)


def marks(url: str, debug_port: int, folder: Path) -> Marks:
    """Look at a page in the browser that listens on a port. Its code is fetched anew; who is logged in stays so."""
    report = folder / "lighthouse.json"
    command = [
        *node_program("node"), str(_PROGRAM), url, f"--port={debug_port}", "--quiet", "--output=json",
        f"--output-path={report}", "--only-categories=performance,accessibility", "--no-enable-error-reporting",
        "--max-wait-for-load=20000",
    ]  # fmt: skip
    try:
        subprocess.run(command, env=with_node(), check=True, stdout=subprocess.DEVNULL, timeout=_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        # Now and then it waits for ever for its own tab; the next one comes.
        subprocess.run(command, env=with_node(), check=True, stdout=subprocess.DEVNULL, timeout=_SECONDS_MAX)
    told = json.loads(report.read_text())
    audits, scores = told["audits"], told["categories"]
    if not audits["largest-contentful-paint"].get("numericValue"):
        raise RuntimeError(f"Lighthouse saw nothing of {url}: {told.get('runtimeError')}")
    return Marks(
        performance=100 * scores["performance"]["score"],
        accessibility=100 * scores["accessibility"]["score"],
        lcp_ms=audits["largest-contentful-paint"]["numericValue"],
        tbt_ms=audits["total-blocking-time"]["numericValue"],
        cls=audits["cumulative-layout-shift"]["numericValue"],
    )
