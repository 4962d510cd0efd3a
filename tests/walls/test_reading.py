"""Each of the two walls between shops holds alone: with one taken down, nothing of the neighbours shows.

Everything that can be read is read with one wall down, and must say exactly what it says with both. With both down it
must not, which proves that these comparisons can fail.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import pytest

from tests.access.asks import Ask
from tests.access.checks import Neighbours, Prepared

pytestmark = pytest.mark.slow

_MOMENT = re.compile(r'"(timestamp|last_seen_at|server_time)":"[^"]+"')


@dataclass(slots=True)
class Seen:
    """What was asked with one wall down, and where the neighbours showed."""

    asked: int = 0
    showing: list[tuple[Any, ...]] = field(default_factory=list)


def readings(prepared: list[Prepared]) -> Iterator[tuple[Prepared, Ask]]:
    """Give every way to read: each list plain, counted, searched and as a file; each thing by its id."""
    for each in prepared:
        if each.operation.method != "GET" or each.operation.permission == "public":
            continue
        yield each, each.ask
        takes = {row["name"] for row in each.operation.told.get("parameters", []) if row["in"] == "query"}
        for name, value in (("total", "true"), ("q", "theirs"), ("format", "csv"), ("limit", "50")):
            if name in takes:
                yield each, replace(each.ask, query={**each.ask.query, name: value})


def _said(answer: httpx2.Response) -> tuple[int, Any]:
    text = _MOMENT.sub(r'"\1":""', answer.text)
    kind = answer.headers["content-type"].partition(";")[0]
    if kind == "application/pdf":
        return answer.status_code, None
    return answer.status_code, json.loads(text) if kind == "application/json" else text


async def compare_readings(prepared: list[Prepared], of: Neighbours, both: httpx2.AsyncClient,
                           one: httpx2.AsyncClient) -> Seen:
    """Read everything of ours with both walls and with one; note where the answers differ or the neighbours show."""
    seen = Seen()
    headers = of.ours.shop.owner.headers
    # A ready list is everybody's, so its name is no sign of the neighbours.
    own = {word for name, word in of.theirs.ids.items() if name != "catalogue.kind"}
    foreign = {of.theirs.mark, str(of.theirs.shop.shop_id), *own}
    for each, ask in readings(prepared):
        whole = await ask.send(both, each.operation, headers)
        answer = await ask.send(one, each.operation, headers)
        assert whole.status_code == 200, (str(each.operation), whole.text)
        seen.asked += 1
        alike = _said(answer) == _said(whole)
        if not alike:  # something may have been noted in between: what is told of later is told by both
            whole = await ask.send(both, each.operation, headers)
            alike = _said(await ask.send(one, each.operation, headers)) == _said(whole)
        shown = [word for word in foreign if word in answer.text and word not in str(ask.query)]
        if not alike or shown:
            seen.showing.append((str(each.operation), dict(ask.query), answer.status_code, shown, answer.text[:300]))
    return seen


async def test_with_row_level_security_bypassed_nothing_of_the_neighbours_shows(
    prepared: list[Prepared], neighbours: Neighbours, client: httpx2.AsyncClient, only_the_filter: httpx2.AsyncClient
) -> None:
    seen = await compare_readings(prepared, neighbours, client, only_the_filter)
    assert seen.showing == []
    assert seen.asked > 50


async def test_with_the_filter_off_nothing_of_the_neighbours_shows(
    prepared: list[Prepared], neighbours: Neighbours, client: httpx2.AsyncClient, only_the_database: httpx2.AsyncClient
) -> None:
    seen = await compare_readings(prepared, neighbours, client, only_the_database)
    assert seen.showing == []
    assert seen.asked > 50


async def test_with_both_walls_down_the_neighbours_show(
    prepared: list[Prepared], neighbours: Neighbours, client: httpx2.AsyncClient, neither: httpx2.AsyncClient
) -> None:
    """Otherwise the tests above would prove nothing."""
    seen = await compare_readings(prepared, neighbours, client, neither)
    shown = {operation for operation, *_ in seen.showing}
    assert {"GET /api/customers", "GET /api/sales", "GET /api/groups", "GET /api/audit-logs"} <= shown
