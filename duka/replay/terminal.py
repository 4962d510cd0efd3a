"""`duka import online-retail`: an import as a person at a terminal sees it."""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from duka.installation import Installation
from duka.platform.db import Database
from duka.platform.errors import DukaError
from duka.replay import report
from duka.replay.report import Report
from duka.replay.run import Progress, replay
from duka.replay.shop import SLUG

_COLLECT_AFTER: Final = 20_000
"""New objects after which Python looks for garbage: its own 700 has it walk all lines read again and again."""
_BAR_WIDTH: Final = 30
_REDRAW_SECONDS: Final = 0.2
_LINES_WITHOUT_SCREEN: Final = 10
"""How often progress is told where nothing can be drawn over: in a log."""


def import_files(
    found: Installation, files: Sequence[Path], *, again: bool, report_to: Path | None, slug: str = SLUG
) -> int:
    """Import files and print what became of them. Gives the exit code: 0 when every month is equal to the penny but
    for the lines that are listed, else 1."""
    started = time.monotonic()
    gc.set_threshold(_COLLECT_AFTER)
    try:
        made = asyncio.run(_replay(found, files, slug, again=again))
    except DukaError as refusal:
        print(refusal.message(), file=sys.stderr)
        return 1
    print(report.text(made))
    print(f"Imported in {time.monotonic() - started:.1f} s.")
    if report_to:
        report_to.write_text(json.dumps(report.as_json(made), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if made.equal else 1


async def _replay(found: Installation, files: Sequence[Path], slug: str, *, again: bool) -> Report:
    database = Database(found.urls.app, found.urls.platform, found.options)
    try:
        now = datetime.now(UTC)
        return await replay(database, files, now, slug=slug, again=again, say=_say, progress=bar(sys.stderr))
    finally:
        await database.close()


def _say(text: str) -> None:
    print(text, flush=True)


def bar(screen: TextIO) -> Progress:
    """Make a progress bar that draws itself on a screen; in a log it is a line now and then."""
    started = drawn = 0.0
    live = screen.isatty()

    def draw(done: int, of: int) -> None:
        nonlocal started, drawn
        now = time.monotonic()
        started = started or now
        due = now - drawn >= _REDRAW_SECONDS if live else done % max(1, of // _LINES_WITHOUT_SCREEN) == 0
        if not due and done < of:
            return
        drawn = now
        rate = done / max(now - started, 0.001)
        filled = _BAR_WIDTH * done // of
        told = f"[{'#' * filled}{'.' * (_BAR_WIDTH - filled)}] {done:,}/{of:,} documents, {rate:,.0f}/s, "
        told += f"{(of - done) / rate:,.0f} s left"
        ending = "\n" if not live or done == of else ""
        screen.write(f"{chr(13) if live else ''}{told:<79}{ending}")
        screen.flush()

    return draw
