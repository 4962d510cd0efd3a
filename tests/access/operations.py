"""Every operation of the API, read from the running app and its own description."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import FastAPI

from duka.platform import openapi

Json = dict[str, Any]
_PLACE: Final = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address: its name, the permission it asks for, and how it is described."""

    name: str
    method: str
    path: str
    permission: str
    told: Json = field(repr=False)

    @property
    def places(self) -> list[str]:
        """The parts of the address that name something."""
        return _PLACE.findall(self.path)

    @property
    def in_a_shop(self) -> bool:
        """Whether it is asked inside a shop, by somebody with a permission."""
        return ":" in self.permission

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def queries(self) -> Iterator[str]:
        """Name the query parameters that take an id."""
        for row in self.told.get("parameters", []):
            if row["in"] == "query" and _takes_id(row["schema"]):
                yield row["name"]


def operations(app: FastAPI) -> list[Operation]:
    """Give every described operation, in the order of the routes."""
    described = app.openapi()
    found = []
    for route in openapi.routes(app):
        for method in sorted(route.methods or ()):
            told = described["paths"][route.path_format].get(method.lower())
            if told is not None:
                permission = openapi.permission_of(route)
                assert permission, route.path
                assert route.path_format
                found.append(Operation(told["operationId"], method, route.path_format, permission, told))
    return found


def ids_in(told: Json, body: Any, schemas: Json) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Give every place of a body where an id can stand (what is there now, and what could be), with its field."""
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    yield from _walk(content.get("schema", {}), body, schemas, (), "")


def _walk(
    schema: Json, value: Any, schemas: Json, place: tuple[str | int, ...], name: str
) -> Iterator[tuple[tuple[str | int, ...], str]]:  # fmt: skip
    for each in _branches(schema, schemas):
        if each.get("format") == "uuid":
            yield place, name
        for key, inner in each.get("properties", {}).items():
            if isinstance(value, dict):
                yield from _walk(inner, value.get(key), schemas, (*place, key), key)
        if each.get("type") == "array" and isinstance(value, list):
            for index, item in enumerate(value):
                yield from _walk(each.get("items", {}), item, schemas, (*place, index), name)


def _branches(schema: Json, schemas: Json) -> Iterator[Json]:
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
    yield schema
    for inner in (*schema.get("anyOf", ()), *schema.get("allOf", ()), *schema.get("oneOf", ())):
        yield from _branches(inner, schemas)


def _takes_id(schema: Json) -> bool:
    return any(each.get("format") == "uuid" for each in _branches(schema, {}))
