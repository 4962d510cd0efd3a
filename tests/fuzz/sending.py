"""Requests nobody would think of: made from the API's description, and made by bending what is right."""

import asyncio
import functools
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx2
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from duka.platform.ids import new_id
from tests.access.asks import Ask, put, references
from tests.access.furnished import Furnished
from tests.access.operations import Json, Operation

T = TypeVar("T")

BASE: Final = "http://test"
_CHECKS: Final = [status_code_conformance, content_type_conformance, response_schema_conformance]
_OUTER: Final = {413, 415, 429, 503}
"""Refusals that any address may give, described once for all."""

_WORDS: Final = st.one_of(
    st.text(max_size=40),
    st.sampled_from([
        "", " ", "\x00", "a\x00b", "\ud800", "'", "' OR 1=1 --", "%", "_%\\", "../../etc/passwd", "<i>x</i>",
        "=1+1", "\u202e", "x" * 3000, "0" * 400, "NaN", "1e400", "-0", "null", "٣", "2026-02-30",
        "9999-12-31T23:59:59Z", "0001-01-01", "2026-01-01T00:00:00+23:59", "00000000-0000-0000-0000-000000000000",
        "{}", "[]",
    ]),
)  # fmt: skip
_NUMBERS: Final = st.one_of(
    st.integers(), st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 10**12, 10**12 + 1, 10**400, 0.0005, 1e-7, 1e308]),
)  # fmt: skip
WEIRD: Final = st.one_of(
    _WORDS, _NUMBERS, st.none(), st.booleans(), st.sampled_from([[], {}, [[]], [None], {"": None}, [1] * 2000]),
    st.recursive(st.none() | _WORDS | _NUMBERS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.text(max_size=5), inner, max_size=3), max_leaves=6),
)  # fmt: skip


@dataclass(slots=True)
class Report:
    """What came back from all that was sent."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    """Server errors, the first of each operation."""
    unlike: dict[str, str] = field(default_factory=dict)
    """Where an answer is not what the description says, the first of each operation and status."""

    @property
    def sent(self) -> int:
        """How many requests were answered."""
        return self.statuses.total()


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends from a thread, as the tool that makes the requests wants it, to the app in the tests' own loop."""

    has: Furnished
    loop: asyncio.AbstractEventLoop
    report: Report
    described: Any
    schemas: Json

    def wait(self, work: Awaitable[T]) -> T:
        """Do something in the tests' loop and wait for it."""

        async def done() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(timeout=60)

    def fuzz(self, operation: Operation, ask: Ask, many: int, seed: int) -> None:
        """Send an operation what its description allows, what it forbids, and what is right but for one thing."""
        told = self.described[operation.path][operation.method]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            cases = told.as_strategy(generation_mode=mode)
            self._each(cases, many // 3, seed, lambda case: self._send(operation, ask, case))
        bent = bends(operation, ask, sorted(self.has.ids.values()))
        self._each(bent, many - 2 * (many // 3), seed, lambda each: self._send_bent(operation, told, *each))

    def _each(self, made: Any, many: int, seed: int, use: Callable[[Any], None]) -> None:
        @seeded(seed)
        @settings(max_examples=max(1, many), deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))
        @given(made)
        def run(each: Any) -> None:
            use(each)

        try:
            run()
        except Unsatisfiable:
            return  # nothing about this operation can be sent otherwise than it was prepared

    def _owned(self, operation: Operation, ask: Ask, case: Any) -> Any:
        """Let a made request name our own things, else it would meet nothing but 404."""
        if self.report.sent % 5:
            case.path_parameters.update({name: ask.ids[name] for name in operation.places})
            for place, name in references(operation, case.body, self.schemas):
                own = self.has.named(operation.path, name)
                if own and _stands(case.body, place):
                    case.body = put(case.body, place, own)
        case.headers.pop("X-Shop-ID", None)
        return case

    def _send(self, operation: Operation, ask: Ask, case: Any) -> None:
        case = self._owned(operation, ask, case)
        headers = dict(self.has.shop.owner.headers if ask.by is None else ask.by)
        try:
            drawn: Any = requests.Request(**case.as_transport_kwargs(base_url=BASE, headers=headers)).prepare()
        except (UnicodeError, ValueError):
            return  # what cannot be put on the wire cannot be sent by anybody
        body = drawn.body.encode() if isinstance(drawn.body, str) else drawn.body
        self._answered(operation, case, drawn.url, dict(drawn.headers), body)

    def _send_bent(self, operation: Operation, told: Any, ask: Ask, body: bytes | None, query: dict[str, str]) -> None:
        headers = {**(self.has.shop.owner.headers if ask.by is None else ask.by), "Content-Type": "application/json"}
        ids = {name: quote(value, safe="") for name, value in ask.ids.items()}
        case = told.Case(path_parameters=dict(ask.ids), query=query, media_type="application/json")
        address = httpx2.URL(BASE + operation.path.format_map(ids), params=query)
        self._answered(operation, case, str(address), headers, body)

    def _answered(self, operation: Operation, case: Any, url: str, headers: dict[str, str], body: bytes | None) -> None:
        request = self.has.client.build_request(operation.method, url, headers=headers, content=body)
        answer = self.wait(self.has.client.send(request))
        self.report.statuses[answer.status_code] += 1
        shown = f"{operation.method} {url}\n{(body or b'')[:1500]!r}\n{answer.status_code} {answer.text[:400]}"
        if answer.status_code >= 500 and answer.status_code != 503:
            self.report.faults.setdefault(str(operation), shown)
        else:
            why = unlike(case, answer)
            if why:
                self.report.unlike.setdefault(f"{operation} {answer.status_code}", f"{why}\n{shown}")


def unlike(case: Any, answer: httpx2.Response) -> str:
    """Say in what an answer is not as the description of its operation says; nothing when it is.

    A list asked for as a file (`format`) is a file, whose kind the parameter's own description tells.
    """
    if answer.status_code in _OUTER or answer.headers.get("content-disposition", "").startswith("attachment"):
        return ""
    try:
        case.validate_response(answer, checks=_CHECKS)
    except BaseExceptionGroup as found:
        return "; ".join(str(each)[:300] for each in found.exceptions)
    return ""


def near(value: Any, ids: list[str]) -> Any:
    """Give values of the same kind: what a hurried person or another program would send."""
    if isinstance(value, bool) or value is None:
        return st.sampled_from([True, False, None])
    if isinstance(value, int | float):
        return st.sampled_from([0, 1, -1, value + 1, value - 1, value * 2, value * 1000, value // 2, 0.5, 10**12])
    if isinstance(value, list):
        return st.sampled_from([[], value * 2, value[:1], [*value, *value[:1]]])
    if isinstance(value, dict):
        return st.sampled_from([{name: each for name, each in value.items() if name != gone} for gone in value] or [{}])
    near = st.sampled_from([value.upper(), value + "0", value[:-1]])
    return st.one_of(st.sampled_from(ids), st.text(max_size=200), near)


def bends(operation: Operation, ask: Ask, ids: list[str]) -> Any:
    """Give requests that are right but for one thing: one value of the body, one id, one parameter, or the bytes.
    `ids` are things of the shop, which may be sent where another kind of thing belongs."""
    queries = [row["name"] for row in operation.told.get("parameters", []) if row["in"] == "query"]
    places = list(_places(ask.body, ()))

    @st.composite
    def bent(draw: Any) -> tuple[Ask, bytes | None, dict[str, str]]:
        asked, body, query = ask, _with_new_ids(ask.body) if draw(st.integers(0, 4)) else ask.body, dict(ask.query)
        if operation.places and draw(st.integers(0, 5)) == 0:
            asked = ask.naming(draw(st.sampled_from(operation.places)), draw(_WORDS.filter(_may_stand_in_a_path)))
        if queries and draw(st.booleans()):
            query[draw(st.sampled_from(queries))] = draw(_WORDS.filter(_is_unicode))
        for _ in range(draw(st.integers(1, 2)) if places else 0):
            place = draw(st.sampled_from(places))
            if _stands(body, place) or not place:
                there = functools.reduce(lambda value, key: value[key], place, body)
                body = put(body, place, draw(WEIRD if draw(st.booleans()) else near(there, ids)))
        if body is None:
            return asked, None, query
        text = json.dumps(body).encode()
        return asked, (text[: len(text) // 2] if draw(st.integers(0, 30)) == 0 else text), query

    return bent()


def _with_new_ids(value: Any) -> Any:
    """Make a document another one: what it makes gets ids of its own."""
    if isinstance(value, list):
        return [_with_new_ids(inner) for inner in value]
    if isinstance(value, dict):
        return {key: str(new_id()) if key == "id" else _with_new_ids(inner) for key, inner in value.items()}
    return value


def _places(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if value is not None:
        yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from _places(each, (*place, key))


def _stands(body: Any, place: tuple[str | int, ...]) -> bool:
    for key in place:
        if isinstance(body, str):  # a letter is no place of a body
            return False
        try:
            body = body[key]
        except (KeyError, IndexError, TypeError):
            return False
    return body is not None


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _may_stand_in_a_path(text: str) -> bool:
    return bool(text.strip("./")) and _is_unicode(text)
