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

TILL_TARGET_KB: Final = 80
TILL_MOST_KB: Final = 100
PAGE_MOST_KB: Final = 40
_ASSETS: Final = web_app.FOLDER / "assets"
_STATIC: Final = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")
_PAGE: Final = re.compile(
    r'"/src/pages/([\w/]+)\.svelte":\(\)=>[\w$]+\(\(\)=>import\(`\./([\w.-]+)`\)[^,]*,(\S*?\))\)?[,}]'
)
_WORDS: Final = re.compile(r'"\./(\w+)/en\.ts":\(\)=>[\w$]+\(\(\)=>import\(`\./([\w.-]+)`\)')
_NAMES: Final = re.compile(r"m\.f=(\[[^\]]*\])")
_PLACES: Final = re.compile(r"__vite__mapDeps\(\[([\d,]*)\]\)")


@pytest.fixture(scope="module")
def pages() -> dict[str, set[str]]:
    """Each page's files beyond those that the app's start fetches."""
    if not web_app.is_built():
        pytest.fail("The app is not built: run ./dev test, which builds it first.", pytrace=False)
    start = first_files()
    scripts = [name for name in start if name.endswith(".js")]
    script = next(name for name in scripts if _PAGE.search(_text(name)))
    listed = _NAMES.search(_text(script))
    names = [Path(name).name for name in json.loads(listed[1])] if listed else []
    words = {part: name for each in scripts for part, name in _WORDS.findall(_text(each))}
    found: dict[str, set[str]] = {}
    for page, chunk, rest in _PAGE.findall(_text(script)):
        places = _PLACES.search(rest)
        beside = [names[int(place)] for place in places[1].split(",") if place] if places else []
        spoken = [name for part, name in words.items() if part == page.partition("/")[0]]
        found[page] = set(closure([chunk, *beside, *spoken])) - start
    return found


def first_files() -> set[str]:
    """What the app's one page names: its script, what that needs, its styles."""
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
    first = kilobytes(first_files() | pages["till/Till"])
    note = "" if first <= TILL_TARGET_KB else f", above the target of {TILL_TARGET_KB}"
    print(f"\nthe till's first load: {first:.1f} kB{note}")
    assert first <= TILL_MOST_KB


def test_no_page_is_large(pages: dict[str, set[str]]) -> None:
    till = pages["till/Till"]
    others = {page: files - till for page, files in pages.items() if "/parts/" not in page and page != "till/Till"}
    sizes = {page: kilobytes(files) for page, files in others.items()}
    for page, size in sorted(sizes.items(), key=lambda each: -each[1])[:8]:
        print(f"\n{page}: {size:.1f} kB", end="")
    assert {page: round(size, 1) for page, size in sizes.items() if size > PAGE_MOST_KB} == {}
    assert len(sizes) > 25
