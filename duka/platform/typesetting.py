"""Papers by typst, from the packaged fonts only, so that every server prints the same.

What people typed reaches a template as data (`data.json`), never as template text, so nothing in a name can run or
break the page.
"""

from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import typst


_REMEMBERED: Final = 10
"""Compilations whose parts typst keeps, to be quicker with the next one."""


def typeset(
    files: Any, form: Literal["pdf", "png"], dots_per_inch: int | None = None, *, forget: bool = False
) -> list[bytes]:
    """Set a paper from files in memory (`main.typ` and what it reads): the PDF as the one thing, or a picture a page.

    `forget` lets go of what typst keeps of a large paper: tens of megabytes. `files` is typed `Any` because typst's own
    annotations leave out the dictionary of files that its manual describes.
    """
    setter = compiler()
    made = setter.compile(input=files, format=form, ppi=dots_per_inch)
    assert made is not None
    for _ in range(_REMEMBERED + 1 if forget else 0):
        setter.compile(input=b"", format="svg")
    return [made] if isinstance(made, bytes) else list(made)


def compiler() -> "typst.Compiler":
    """Give a compiler of one's own: it costs less than a millisecond and must not be shared by threads."""
    import typst  # noqa: PLC0415 - 78 MB that a process which prints nothing should not load

    return typst.Compiler(font_paths=fonts(), ignore_system_fonts=True)


@lru_cache(maxsize=1)
def fonts() -> "typst.Fonts":
    """Read the packaged fonts once; what they lack falls back to those inside typst."""
    import typst  # noqa: PLC0415 - as above

    specs = (find_spec(point.value) for point in entry_points(group="fontpkg.family"))
    folders = [str(Path(spec.origin).parent / "files") for spec in specs if spec and spec.origin]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=sorted(folders))


@lru_cache(maxsize=1)
def families() -> list[str]:
    """Name the families in the order they are tried: Noto Sans first, then its sisters for other scripts."""
    return sorted((name for name in fonts().families() if name.startswith("Noto Sans")), key=lambda n: (len(n), n))
