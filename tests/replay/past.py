"""The small past of these tests, and how they read and import it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.replay import online_retail
from duka.replay.report import Report
from duka.replay.run import Progress, replay

FOLDER = Path(__file__).parent
FILES = (FOLDER / "past-1.csv", FOLDER / "past-2.csv")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def fresh_slug() -> str:
    """A web name that no shop has."""
    return f"past-{new_id().hex[-12:]}"


def documents(files: Sequence[Path] = FILES) -> tuple[list[online_retail.Document], list[online_retail.Line]]:
    """The files' documents, and the lines that belong to none."""
    return online_retail.group(online_retail.read(files))


async def imported(
    house: House, slug: str, files: Sequence[Path] = FILES, *, again: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> Report:  # fmt: skip
    """Import files into a shop of that name."""
    return await replay(house.database, files, NOW, slug=slug, again=again, say=lambda _text: None, progress=progress)
