"""How much of the app a page makes a phone fetch: worked out from the built files, as a browser would follow them.

The till is measured from nothing; every other page by what it needs beyond the till.
"""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from duka.platform import web_app

TILL_MOST_KB: Final = 80
PAGE_MOST_KB: Final = 40
_TILL: Final = "/sales/new"
_ASSETS: Final = web_app.FOLDER / "assets"
_STATIC: Final = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")


@pytest.fixture(scope="module")
def pages() -> dict[str, set[str]]:
    """Each address's files beyond those that the app's start fetches, as the build wrote them down for the server."""
    if not web_app.is_built():
        pytest.fail("The app is not built: run ./dev test, which builds it first.", pytrace=False)
    links: dict[str, list[str]] = json.loads((web_app.FOLDER / "links.json").read_text())
    start = first_files()
    return {address: set(closure(Path(file).name for file in files)) - start for address, files in links.items()}


def first_files() -> set[str]:
    """What the app's one page names: its scripts, what those need, its styles."""
    html = (web_app.FOLDER / "index.html").read_text()
    named = re.findall(r'(?:src|href)="/assets/([\w.-]+\.(?:js|css))"', html)
    return set(closure(named))


def closure(names: Iterable[str]) -> Iterator[str]:
    """Follow what files import at once, each file once."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        if name.endswith(".js"):
            waiting += _STATIC.findall(_text(name))


def kilobytes(names: Iterable[str]) -> float:
    """What the files come to over the wire, compressed."""
    return sum(_packed(name) for name in names) / 1000


@cache
def _text(name: str) -> str:
    return (_ASSETS / name).read_text()


@cache
def _packed(name: str) -> int:
    return len(gzip.compress((_ASSETS / name).read_bytes(), 9))


def test_the_till_starts_with_little(pages: dict[str, set[str]]) -> None:
    first = kilobytes(first_files() | pages[_TILL])
    print(f"\nthe till's first load: {first:.1f} kB")
    assert any(name.startswith("till-") for name in pages[_TILL])
    assert first <= TILL_MOST_KB


def test_no_page_is_large(pages: dict[str, set[str]]) -> None:
    till = pages[_TILL]
    sizes = {address: kilobytes(files - till) for address, files in pages.items() if address != _TILL}
    for address, size in sorted(sizes.items(), key=lambda each: -each[1])[:8]:
        print(f"\n{address}: {size:.1f} kB", end="")
    assert {address: round(size, 1) for address, size in sizes.items() if size > PAGE_MOST_KB} == {}
    assert min(sizes.values()) > 1
    assert len(sizes) > 25


def test_pages_that_are_opened_first_come_in_few_files(pages: dict[str, set[str]]) -> None:
    """A browser fetches six files at a time; a seventh would wait for a whole round."""
    for address in ("/", "/login", _TILL):
        assert len(first_files() | pages[address]) <= 6, address
    # Nothing of the page's own stands in the way of what its address needs: all of it is named before it is asked for.
    html = (web_app.FOLDER / "index.html").read_text()
    assert all(name in html for name in first_files())


@pytest.mark.slow
def test_every_file_lies_there_compressed() -> None:
    for path in [web_app.FOLDER / "index.html", *_ASSETS.glob("*.js"), *_ASSETS.glob("*.css")]:
        plain = path.read_bytes()
        if len(plain) >= 1000:
            assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == plain
            assert path.with_name(f"{path.name}.br").stat().st_size < len(plain)
