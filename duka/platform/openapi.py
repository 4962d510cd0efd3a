"""The API described for programs (`/api/openapi.json`) and for people (`/api/docs`), from the routes themselves.

FastAPI describes parameters, bodies and answers. Added here is what is true of every operation because the edge makes
it so: the permission, who may call, the shared headers, and the refusals each with an example of its envelope.
"""

from collections.abc import Iterator
from importlib.resources import files as files_of
from typing import Any, Final, Literal

import orjson
from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import BaseModel
from starlette.responses import HTMLResponse, Response

from duka.platform import docs_page, files, quantity
from duka.platform.edge import Door, Gate
from duka.platform.errors import (
    Busy,
    DukaError,
    Forbidden,
    IdempotencyConflict,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
    ValidationError,
)
from duka.platform.exports import ExportFailed, ExportOut
from duka.platform.openapi_examples import Shape, example_error, example_value
from duka.platform.saving import TooManyFiles
from duka.platform.sheets_limits import ListTooLong
from duka.platform.wire import Answer

INTRODUCTION: Final = files_of("duka.platform").joinpath("introduction.md").read_text(encoding="utf-8")
"""The rules that hold for every operation, in Markdown."""

_THOUSANDTH: Final = 0.001
_NO_LOGIN: Final[list[type[DukaError]]] = [ValidationError, RateLimited, Busy, Unavailable]
_LOGGED_IN: Final[list[type[DukaError]]] = [Unauthenticated, *_NO_LOGIN]
_IN_A_SHOP: Final[list[type[DukaError]]] = [Forbidden, *_LOGGED_IN]
_BEARER: Final = "bearer"


class Refusal(BaseModel):
    """What went wrong, for a program (`code`) and for a person (`message`, which says what to do)."""

    code: str
    message: str
    details: dict[str, Any]


class Failure(BaseModel):
    """The envelope of every refusal."""

    success: Literal[False]
    message: str
    error: Refusal
    timestamp: str


def refusals(*errors: type[DukaError]) -> dict[int | str, dict[str, Any]]:
    """Describe an operation's own refusals, for `responses=` of its route: by status, each with its example.

    What every operation can answer (not logged in, too many requests and so on) is added by itself.
    """
    described: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        answer = described.setdefault(error.status, {"model": Failure, **_no_refusal()})
        _add_refusal(answer, error)
    return described


RECORDED: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "Duka-Mode", "in": "header", "required": False,
            "schema": {"type": "string", "enum": ["ask", "record"], "default": "ask"},
            "description": "`record`: a register tells with its credential what has happened already; it is never "
            "refused for a business reason. The answer's `Duka-Verdict` says what became of it.",
        }
    ]
}  # fmt: skip
"""For `openapi_extra=` of a route whose documents a register may record."""


def permission_of(route: RouteContext | APIRoute) -> str | None:
    """Give the permission a route names in its signature, or `public` or `self`; None when it names nothing."""
    for dependency in route.dependant.dependencies:
        if isinstance(dependency.call, Gate | Door):
            return dependency.call.permission
    return None


def routes(app: FastAPI) -> Iterator[RouteContext]:
    """Give every route of the API that is described."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema and route.path_format:
            yield route


def describe(app: FastAPI) -> dict[str, Any]:
    """Make the whole description, OpenAPI 3.1."""
    described = get_openapi(
        title=app.title, version=app.version, openapi_version="3.1.0", description=app.description, routes=app.routes,
        separate_input_output_schemas=True,
    )  # fmt: skip
    parts = described.setdefault("components", {})
    schemas: dict[str, Any] = parts.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    _say_defaults_as_sent(schemas)
    for model in (Refusal, Failure):
        schemas[model.__name__] = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas[model.__name__].pop("$defs", None)
    parts["securitySchemes"] = {
        _BEARER: {
            "type": "http", "scheme": "bearer",
            "description": "An access token of a login, an API key, or a register's credential.",
        }
    }  # fmt: skip
    for route in routes(app):
        for method in sorted(route.methods or ()):
            operation = described["paths"][route.path_format].get(method.lower())
            if operation is not None:
                _complete(operation, method.lower(), route, schemas)
                _say_once(operation["responses"], parts.setdefault("examples", {}))
    return described


def mount(app: FastAPI) -> None:
    """Serve the description, as JSON and as pages. Both are made at the first request and kept."""
    made: dict[str, bytes] = {}
    url = app.state.house.settings.public_url

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign] # FastAPI asks for it to be replaced so

    @app.get("/api/openapi.json", include_in_schema=False)
    async def description(request: Request) -> Response:
        if "json" not in made:
            made["json"] = orjson.dumps(described())
        return files.cacheable(request, made["json"], "application/json")

    @app.get("/api/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        if "docs" not in made:
            made["docs"] = docs_page.overview(described(), url).encode()
        return HTMLResponse(made["docs"])

    @app.get("/api/docs/{subject}", include_in_schema=False)
    async def docs_of(subject: str) -> HTMLResponse:
        page = docs_page.subject(described(), subject, url)
        if page is None:
            raise NotFound(what="page")
        return HTMLResponse(page)


def _complete(operation: dict[str, Any], method: str, route: RouteContext, schemas: dict[str, Any]) -> None:
    permission = permission_of(route) or "public"
    in_a_shop = ":" in permission
    operation["x-permission"] = permission
    operation["description"] = f"{operation.get('description', '')}\n\n{_who(permission)}".strip()
    operation["security"] = [] if permission == "public" else [{_BEARER: []}]
    if in_a_shop:
        operation.setdefault("parameters", []).extend(_headers(method))
    common = [*(_IN_A_SHOP if in_a_shop else _NO_LOGIN if permission == "public" else _LOGGED_IN)]
    if "{" in (route.path_format or ""):
        common.append(NotFound)
    if in_a_shop and method == "post":
        common.append(IdempotencyConflict)
    if any(told["name"] == "export" for told in operation.get("parameters", ())):
        common += [ListTooLong, NotFound, ExportFailed, TooManyFiles]
        operation["responses"].setdefault("202", _promise(schemas))
    answers = operation["responses"]
    answers.pop("422", None)
    for error in common:
        answer = answers.setdefault(str(error.status), _no_refusal())
        if error.code not in answer["description"]:
            _add_refusal(answer, error)
    operation["responses"] = dict(sorted(answers.items()))
    _add_example(operation.get("requestBody", {}), Shape(schemas, sparse=method == "post"))
    for status, answer in answers.items():
        if status.startswith("2"):
            _add_example(answer, Shape(schemas))


def _promise(schemas: dict[str, Any]) -> dict[str, Any]:
    name = "Answer_ExportOut_"
    if name not in schemas:
        made = Answer[ExportOut].model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        schemas |= made.pop("$defs", {})
        schemas[name] = made
    return {
        "description": "The list is long: its file is being written. `Location` is where to ask for it.",
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
    }


def _who(permission: str) -> str:
    if permission == "public":
        return "Anybody may ask; no login is needed."
    if permission == "self":
        return "Whoever is logged in may ask, about themselves."
    return f"Permission: `{permission}`."


def _headers(method: str) -> Iterator[dict[str, Any]]:
    yield {
        "name": "X-Shop-ID", "in": "header", "required": False, "schema": {"type": "string", "format": "uuid"},
        "description": "Which shop, when the account works in several.",
    }  # fmt: skip
    if method == "post":
        yield {
            "name": "Idempotency-Key", "in": "header", "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            "description": "Your own key for this request. Repeated with the same body within 90 days, it gets the "
            "first answer again and nothing is done twice. A document's own `id` does the same for ever.",
        }  # fmt: skip


def _no_refusal() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Failure"}
    return {"description": "", "content": {"application/json": {"schema": schema, "examples": {}}}}


def _add_refusal(answer: dict[str, Any], error: type[DukaError]) -> None:
    meaning = " ".join((error.__doc__ or "").split("\n\n")[0].split())
    line = f"`{error.code}`: {meaning}"
    answer["description"] = f"{answer.get('description', '')}\n\n{line}".strip()
    content = answer.setdefault("content", {}).setdefault("application/json", {})
    content.setdefault("examples", {})[error.code] = {"summary": meaning, "value": example_error(error)}


def _say_once(answers: dict[str, Any], shared: dict[str, Any]) -> None:
    """Move the examples of refusals to one place, named by their code; there are few codes and many operations."""
    for answer in answers.values():
        examples = answer.get("content", {}).get("application/json", {}).get("examples", {})
        for code, example in examples.items():
            shared.setdefault(code, example)
            if shared[code] == example:
                examples[code] = {"$ref": f"#/components/examples/{code}"}


def _add_example(described: dict[str, Any], shape: Shape) -> None:
    content = described.get("content", {}).get("application/json")
    if content and "example" not in content and "examples" not in content:
        content["example"] = example_value(content.get("schema", {}), shape)


def _say_defaults_as_sent(schema: Any) -> None:
    """Write the defaults of quantities as a client would: they are kept in thousandths, and told as numbers."""
    if isinstance(schema, list):
        for inner in schema:
            _say_defaults_as_sent(inner)
    if isinstance(schema, dict):
        if schema.get("multipleOf") == _THOUSANDTH and isinstance(schema.get("default"), int):
            schema["default"] = quantity.from_milli(schema["default"])
        for inner in schema.values():
            _say_defaults_as_sent(inner)
