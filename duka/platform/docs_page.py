"""The API's description as pages for people: made on the server, complete without scripts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

Schemas = Mapping[str, Mapping[str, Any]]

_DEPTH_MAX: Final = 4
_METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One line of a table of parameters or fields."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing the API does, ready to be drawn."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    permission: str
    parameters: tuple[FieldRow, ...]
    fields: tuple[FieldRow, ...]
    curl: str
    body: str
    status: str
    answer: str
    refusals: tuple[tuple[str, str, str, str], ...]
    """Status, code, meaning and the example envelope."""


def overview(described: Mapping[str, Any], url: str) -> str:
    """Draw the first page: the rules of every operation, then all operations by subject. The server is at `url`."""
    chapters = str(described["info"]["description"]).split("## ")[1:]
    sections = [(heading.strip(), text) for heading, _, text in (chapter.partition("\n\n") for chapter in chapters)]
    return _draw("docs.html", title="API of Duka", subjects=_subjects(described, url), here="", sections=sections)


def subject(described: Mapping[str, Any], name: str, url: str) -> str | None:
    """Draw the page of one subject, with everything about its operations; None when there is no such subject."""
    subjects = _subjects(described, url)
    if name not in subjects:
        return None
    return _draw("docs_subject.html", title=_title(name), subjects=subjects, here=name, operations=subjects[name])


def words(text: str) -> Markup:
    """Write plain prose as HTML: paragraphs, lists of lines that begin with `-`, and `code`."""
    blocks = []
    for block in filter(None, (part.strip() for part in text.split("\n\n"))):
        lines = block.splitlines()
        if lines[0].startswith("- "):
            entries = Markup("").join(Markup("<li>{}</li>").format(_code(item)) for item in _items(lines))
            blocks.append(Markup("<ul>{}</ul>").format(entries))
        else:
            blocks.append(Markup("<p>{}</p>").format(_code(" ".join(lines))))
    return Markup("\n").join(blocks)


def _draw(template: str, **values: Any) -> str:
    return _templates().get_template(f"pages/{template}").render(values)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("duka.platform"), autoescape=select_autoescape(["html"]), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    templates.filters["words"] = words
    templates.filters["code"] = _code
    templates.filters["title"] = _title
    return templates


def _title(name: str) -> str:
    return name.replace("-", " ").replace("_", " ").capitalize()


def _items(lines: Sequence[str]) -> Iterator[str]:
    item = ""
    for line in lines:
        if line.startswith("- ") and item:
            yield item
            item = ""
        item = f"{item} {line.removeprefix('- ').strip()}".strip()
    yield item


def _code(text: str) -> Markup:
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def _subjects(described: Mapping[str, Any], url: str) -> dict[str, list[Operation]]:
    subjects: dict[str, list[Operation]] = {}
    for path, methods in described["paths"].items():
        for method in _METHODS:
            if method in methods:
                operation = methods[method]
                tag = (operation.get("tags") or ["other"])[0]
                subjects.setdefault(tag, []).append(_operation(path, method, operation, described["components"], url))
    return dict(sorted(subjects.items()))


def _operation(path: str, method: str, told: Mapping[str, Any], parts: Mapping[str, Any], url: str) -> Operation:
    schemas: Schemas = parts["schemas"]
    media = told.get("requestBody", {}).get("content", {})
    body = media.get("application/json", {})
    example = _json(_example(body)) if body else ""
    status = next((code for code in told["responses"] if code.startswith("2")), "200")
    success = told["responses"].get(status, {}).get("content", {}).get("application/json", {})
    upload = next((kind for kind in media if kind != "application/json"), None)
    described_body = media[upload] if upload else body
    return Operation(
        id=told["operationId"], method=method.upper(), path=path, summary=told.get("summary", ""),
        about=told.get("description", "").rpartition("\n\n")[0], permission=told["x-permission"],
        parameters=tuple(_parameter(row, schemas) for row in told.get("parameters", ())),
        fields=tuple(_fields(described_body.get("schema", {}), schemas)),
        curl=_curl(url + path, method, told["x-permission"], example, is_upload=upload is not None),
        body=example, status=status, answer=_json(_example(success)) if success else "",
        refusals=tuple(_refusals(told["responses"], parts.get("examples", {}))),
    )  # fmt: skip


def _parameter(row: Mapping[str, Any], schemas: Schemas) -> FieldRow:
    about = row.get("description") or row["schema"].get("description", "")
    return FieldRow(f"{row['name']} ({row['in']})", _kind(row["schema"], schemas), row.get("required", False), about)


def _fields(schema: Mapping[str, Any], schemas: Schemas, place: str = "", depth: int = 0) -> Iterator[FieldRow]:
    schema = _resolved(schema, schemas)
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        path = f"{place}{name}"
        about = inner.get("description") or _resolved(inner, schemas).get("description", "")
        yield FieldRow(path, _kind(inner, schemas), name in required, about)
        if depth < _DEPTH_MAX:
            deeper = _resolved(inner, schemas)
            is_list = deeper.get("type") == "array"
            yield from _fields(deeper.get("items", {}) if is_list else deeper, schemas,
                               f"{path}{'[]' if is_list else ''}.", depth + 1)


def _resolved(schema: Mapping[str, Any], schemas: Schemas) -> Mapping[str, Any]:
    for _ in range(_DEPTH_MAX):
        if "$ref" in schema:
            schema = schemas.get(schema["$ref"].rpartition("/")[2], {})
        elif "anyOf" in schema:
            schema = next((option for option in schema["anyOf"] if option.get("type") != "null"), {})
        else:
            break
    return schema


def _kind(schema: Mapping[str, Any], schemas: Schemas) -> str:
    options = schema.get("anyOf", [schema])
    kinds = [_one_kind(_resolved(option, schemas), schemas) for option in options]
    return " or ".join(dict.fromkeys(kinds)) + _bounds(_resolved(schema, schemas))


def _one_kind(schema: Mapping[str, Any], schemas: Schemas) -> str:
    if "const" in schema:
        return orjson.dumps(schema["const"]).decode()
    if "enum" in schema:
        return " | ".join(orjson.dumps(value).decode() for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_one_kind(_resolved(schema.get('items', {}), schemas), schemas)}"
    names = {"integer": "whole number", "string": "text", "boolean": "true or false"}
    kind = str(schema.get("type", "anything"))
    return str(schema.get("format", names.get(kind, kind)))


def _bounds(schema: Mapping[str, Any]) -> str:
    names = {
        "minimum": "at least {}", "exclusiveMinimum": "more than {}", "maximum": "at most {}",
        "minLength": "at least {} characters", "maxLength": "at most {} characters", "minItems": "at least {} entries",
        "maxItems": "at most {} entries", "default": "else {}",
    }  # fmt: skip
    told = [
        words.format(_plain(schema[name])) for name, words in names.items() if schema.get(name) not in (None, "", [])
    ]
    return f", {', '.join(told)}" if told else ""


def _plain(bound: Any) -> str:
    if isinstance(bound, bool) or not isinstance(bound, int | float):
        return orjson.dumps(bound).decode()
    return f"{int(bound):,}" if bound == int(bound) else str(bound)


def _refusals(answers: Mapping[str, Any], shared: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for status, answer in answers.items():
        examples = answer.get("content", {}).get("application/json", {}).get("examples", {})
        if not status.startswith("2"):
            for code, example in examples.items():
                told = shared[code] if "$ref" in example else example
                yield status, code, told.get("summary", ""), _json(told["value"])


def _example(content: Mapping[str, Any]) -> Any:
    examples = content.get("examples")
    return next(iter(examples.values()))["value"] if examples else content.get("example")


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _curl(address: str, method: str, permission: str, body: str, *, is_upload: bool) -> str:
    parts = [f"curl -X {method.upper()} {address}" if method != "get" else f"curl {address}"]
    if permission != "public":
        parts.append('-H "Authorization: Bearer $TOKEN"')
    if is_upload:
        parts.append("-F file=@file.csv")
    elif body:
        parts.append("-H 'Content-Type: application/json' -d @body.json")
    return " \\\n  ".join(parts)
