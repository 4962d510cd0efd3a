"""The comparisons that every wall must pass: another shop's thing is answered like one that never was."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx2

from duka.platform.ids import new_id
from tests.access.asks import Ask, put, references
from tests.access.comparing import code_of, plain
from tests.access.furnished import Furnished
from tests.access.operations import Json, Operation
from tests.access.recipes import prepare

_NO_SHOPS: Final = {"token", "kind"}
"""What stands in an address as a secret, or is the same for every shop: there is no other shop's one to know."""
_KEPT_UNREAD: Final = {"content"}
"""A cart keeps its lines as they were put down; what they name is looked up when the cart is sold."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Two shops with one of everything each; nothing of theirs may show in ours."""

    ours: Furnished
    theirs: Furnished


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation with a request to our own things that would succeed for who may do it."""

    operation: Operation
    ask: Ask


@dataclass(slots=True)
class Found:
    """What a comparison saw: how much it compared, and what was not alike."""

    compared: int = 0
    unlike: list[tuple[Any, ...]] = field(default_factory=list)
    refused: set[tuple[str, str]] = field(default_factory=set)

    def note(self, operation: Operation, place: object, told: list[httpx2.Response]) -> None:
        """Keep what was not alike."""
        self.unlike.append((str(operation), place, *((each.status_code, each.text[:300]) for each in told)))


def missing_like(name: str) -> str:
    """Give something of the kind that a place of an address takes, and that nobody has."""
    if name.endswith("phone"):
        return "+256700000001"
    return "NOBODYS-CODE" if name == "code" else str(new_id())


def named(each: Prepared, theirs: Furnished) -> Iterator[tuple[str, str, str]]:
    """Give the places of an address with another shop's thing and one that never was."""
    for name in each.operation.places:
        foreign = theirs.named(each.operation.path, name)
        if foreign is not None and name not in _NO_SHOPS:
            yield name, foreign, missing_like(name)


async def compare_addresses(
    prepared: list[Prepared], of: Neighbours, client: httpx2.AsyncClient, headers: dict[str, str],
    granted: Container[str],
) -> Found:  # fmt: skip
    """Ask for another shop's thing and for one that never was, in each place of each address that may be asked."""
    found = Found()
    for each in prepared:
        if each.operation.in_a_shop and each.operation.permission not in granted:
            continue
        for name, foreign, missing in named(each, of.theirs):
            asks = (each.ask.naming(name, value) for value in (foreign, missing))
            told = [await ask.send(client, each.operation, headers) for ask in asks]
            found.compared += 1
            gone = told[0].status_code == 404 or not name.endswith("_id") or headers != of.ours.shop.owner.headers
            if plain(told[0], foreign) != plain(told[1], missing) or not gone:
                found.note(each.operation, name, told)
    return found


async def compare_bodies(
    prepared: list[Prepared], of: Neighbours, client: httpx2.AsyncClient, schemas: Json
) -> Found:
    """Send another shop's id and one that never was, in each place of each body where an id can stand."""
    found = Found()
    for each in prepared:
        operation = each.operation
        for place, name in references(operation, each.ask.body, schemas):
            foreign = of.theirs.named(operation.path, name)
            if foreign is None:
                continue
            told = []
            for value in (foreign, str(new_id())):
                ask = await prepare(operation, of.ours)
                ask = replace(ask, body=put(ask.body, place, value))
                told.append(await ask.send(client, operation, of.ours.shop.owner.headers))
            found.compared += 1
            alike = (told[0].status_code, code_of(told[0])) == (told[1].status_code, code_of(told[1]))
            if told[0].status_code >= 400:
                found.refused.add((operation.name, name))
                alike = alike and _lessened(told[0], of.ours.mark) == _lessened(told[1], of.ours.mark)
            elif _stands(each.ask.body, place) and place[0] not in _KEPT_UNREAD:
                alike = False
            if not alike:
                found.note(operation, place, told)
    return found


async def compare_filters(prepared: list[Prepared], of: Neighbours, client: httpx2.AsyncClient) -> Found:
    """Filter each list by another shop's id and by one that never was."""
    found = Found()
    for each in prepared:
        for name in each.operation.queries():
            foreign = of.theirs.named(each.operation.path, name)
            if foreign is None:
                continue
            told = []
            for value in (foreign, str(new_id())):
                ask = replace(each.ask, query={**each.ask.query, name: value, "total": "true"})
                told.append(await ask.send(client, each.operation, of.ours.shop.owner.headers))
            found.compared += 1
            if plain(told[0]) != plain(told[1]):
                found.note(each.operation, name, told)
    return found


def _stands(body: object, place: tuple[str | int, ...]) -> bool:
    for key in place:
        if isinstance(body, dict):
            body = body.get(str(key))
        elif isinstance(body, list):
            body = body[int(key)]
    return body is not None


def _lessened(answer: httpx2.Response, mark: str) -> str:
    """The refusal without the words made for one request."""
    text = plain(answer)[1]
    before, found, after = text.partition(mark)
    while found:
        text = f"{before}<made>{after[7:]}"
        before, found, after = text.partition(mark)
    return text
