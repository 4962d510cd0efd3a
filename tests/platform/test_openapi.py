"""The description of the API is whole and true: every operation has its permission, words, examples and refusals."""

import inspect
import re
from html.parser import HTMLParser
from typing import Any

import httpx2
import orjson
import pydantic
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from duka.platform import docs_page, openapi
from duka.platform.errors import Forbidden, StaleVersion, Unauthenticated, ValidationError
from duka.platform.openapi_examples import Shape, example_error, example_value
from duka.shops.permissions import PERMISSIONS


@pytest.fixture(scope="module")
async def described(client: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/openapi.json")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, told) for path, methods in described["paths"].items() for method, told in methods.items()]


def test_every_route_names_who_may_ask(app: FastAPI) -> None:
    nameless = [route.path for route in openapi.routes(app) if openapi.permission_of(route) is None]
    assert nameless == []


def test_every_permission_named_is_one_there_is(app: FastAPI) -> None:
    named = {openapi.permission_of(route) for route in openapi.routes(app)}
    assert named - PERMISSIONS <= {"public", "self"}


def test_no_request_waits_for_a_thread(app: FastAPI) -> None:
    calls = {each.call for route in openapi.routes(app) for each in asked_by(route.dependant)}
    assert [call for call in calls if not inspect.iscoroutinefunction(getattr(call, "func", call))
            and not inspect.iscoroutinefunction(type(call).__call__)] == []  # fmt: skip


def asked_by(dependant: Dependant) -> list[Dependant]:
    return [dependant, *(inner for each in dependant.dependencies for inner in asked_by(each))]


def test_only_api_addresses_are_described(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    assert all(path.startswith("/api/") for path in described["paths"])


def test_every_operation_has_its_words(described: dict[str, Any]) -> None:
    ids = [told["operationId"] for _, _, told in operations(described)]
    assert len(ids) == len(set(ids))
    for path, method, told in operations(described):
        assert told.get("summary"), (method, path)
        assert told["x-permission"] in told["description"] or told["x-permission"] in ("public", "self"), path
        assert told["tags"], path


def test_every_operation_shows_its_refusals(described: dict[str, Any]) -> None:
    for path, method, told in operations(described):
        answers = told["responses"]
        assert "422" not in answers, path
        assert {"400", "429", "503"} <= set(answers), path
        if told["x-permission"] != "public":
            assert "401" in answers, path
            assert told["security"], path
        if ":" in told["x-permission"]:
            assert "403" in answers, path
            headers = {row["name"] for row in told["parameters"] if row["in"] == "header"}
            assert "X-Shop-ID" in headers, path
            assert ("Idempotency-Key" in headers) == (method == "post"), path
        for status, answer in answers.items():
            assert answer["description"], (path, status)
            examples = answer.get("content", {}).get("application/json", {}).get("examples", {})
            for code, example in examples.items():
                told_once = described["components"]["examples"][code] if "$ref" in example else example
                assert told_once["value"]["error"]["code"] == code, path


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    text = str(described)
    for kind, name in set(re.findall(r"#/components/(\w+)/([^'\"]+)", text)):
        assert name in described["components"][kind]
    assert "HTTPValidationError" not in text


def test_refusals_are_grouped_by_status() -> None:
    told = openapi.refusals(Forbidden, ValidationError, StaleVersion)
    assert sorted(map(str, told)) == ["400", "403", "409"]
    assert "`STALE_VERSION`" in told[409]["description"]
    example = told[409]["content"]["application/json"]["examples"]["STALE_VERSION"]["value"]
    assert example["error"]["details"] == {"current_version": 3}


def test_an_example_is_the_envelope_itself() -> None:
    assert example_error(Unauthenticated) == {
        "success": False, "message": "Please log in.", "timestamp": "2026-01-15T10:30:00.000Z",
        "error": {"code": "UNAUTHENTICATED", "message": "Please log in.", "details": {}},
    }  # fmt: skip


SCHEMAS = {
    "Line": {
        "type": "object", "required": ["name"],
        "properties": {
            "name": {"type": "string"}, "price": {"type": "integer", "maximum": 5}, "note": {"type": "string"},
        },
    },
    "Loop": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Loop"}}},
}  # fmt: skip


def test_an_example_follows_its_schema() -> None:
    line = {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}
    assert example_value(line, Shape(SCHEMAS, name="lines")) == [{"name": "USB-C cable", "price": 5, "note": "note"}]
    assert example_value(line, Shape(SCHEMAS, sparse=True)) == [{"name": "USB-C cable"}]
    assert example_value({"anyOf": [{"type": "null"}, {"const": "cash"}]}, Shape({})) == "cash"
    assert example_value({"type": "integer", "exclusiveMinimum": 7}, Shape({})) == 8


def test_every_body_that_is_shown_would_be_accepted(app: FastAPI, described: dict[str, Any]) -> None:
    wrong = {}
    for route in openapi.routes(app):
        original = route.original_route
        assert isinstance(original, APIRoute)
        body = original.body_field
        for method in route.methods or ():
            told = described["paths"][route.path_format][method.lower()].get("requestBody", {}).get("content", {})
            if body is None or "application/json" not in told:
                continue
            example = orjson.dumps(told["application/json"]["example"])
            try:
                TypeAdapter[Any](body.field_info.annotation).validate_json(example)  # type: ignore[arg-type] # a body has one
            except pydantic.ValidationError as refused:
                wrong[f"{method} {route.path_format}"] = str(refused)
    assert wrong == {}


def test_an_example_of_a_schema_that_holds_itself_ends() -> None:
    assert example_value({"$ref": "#/components/schemas/Loop"}, Shape(SCHEMAS)) is not None


def test_the_default_of_a_quantity_is_told_as_it_is_sent(described: dict[str, Any]) -> None:
    defaults = [
        schema["default"] for schema in walk(described["components"]["schemas"])
        if schema.get("multipleOf") == 0.001 and schema.get("default") is not None
    ]  # fmt: skip
    assert all(default < 1000 for default in defaults)


def walk(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for inner in value for found in walk(inner)]
    if isinstance(value, dict):
        return [value, *(found for inner in value.values() for found in walk(inner))]
    return []


# The pages


class Page(HTMLParser):
    """What a page refers to, and what it must not have."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.forbidden: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one tag."""
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            if name == "id" and value:
                assert value not in self.ids, value
                self.ids.add(value)
            if name == "style" or name.startswith("on"):
                self.forbidden.append(f"{tag} {name}")
        if tag in ("script", "style", "iframe"):
            self.forbidden.append(tag)


@pytest.mark.slow
async def test_every_subject_has_a_page_and_every_link_leads_somewhere(
    client: httpx2.AsyncClient, described: dict[str, Any]
) -> None:
    subjects = {told["tags"][0] for _, _, told in operations(described)}
    pages = {}
    for address in ["/api/docs", *(f"/api/docs/{name.replace(' ', '%20')}" for name in subjects)]:
        answer = await client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        pages[address] = Page(answer.text)
    for address, page in pages.items():
        assert page.forbidden == [], address
        for link in page.links:
            place, _, anchor = link.partition("#")
            if place == "" or place in pages:
                assert not anchor or anchor in pages[place or address].ids, (address, link)
            else:
                assert place.startswith("/"), f"{address} reaches for {link}"
                assert (await client.get(place)).status_code == 200, link


async def test_a_page_shows_the_whole_operation(client: httpx2.AsyncClient) -> None:
    text = (await client.get("/api/docs/notifications")).text
    for part in ("List what you are told", "/api/notifications", "notifications:read", "X-Shop-ID", "RATE_LIMITED",
                 "curl http://127.0.0.1:8000/api/notifications", "at most 200"):
        assert part in text


async def test_a_subject_that_is_not_there(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/docs/<b>nothing")
    assert answer.status_code == 404
    assert "<b>" not in answer.text


def test_prose_is_escaped_and_its_code_marked() -> None:
    assert docs_page.words("Send `a < b` & go\n\n- one\n  more\n- two") == (
        "<p>Send <code>a &lt; b</code> &amp; go</p>\n<ul><li>one more</li><li>two</li></ul>"
    )
