"""Believable examples for the API's description: of refusals, and of bodies and answers by their schema."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from duka.platform.errors import DukaError, ValidationError
from duka.platform.failures import envelope
from duka.platform.money import Amount
from duka.platform.wire import AN_ID

_ID: Final = AN_ID
_MOMENT: Final = "2026-01-15T10:30:00.000Z"
_DEPTH_MAX: Final = 8
_WORDS: Final[dict[str, Any]] = {
    "device": "Tecno Spark 10", "at": _MOMENT, "permission": "sales:reverse", "what": "sale", "sku": "CABLE-C1",
    "barcode": "4006381333931", "name": "USB-C cable", "phone": "+256700123456", "email": "njeri@example.com",
    "currency": "UGX", "country": "UG", "time_zone": "Africa/Kampala", "language": "en", "code": "T1",
    "password": "seven green kettles", "reason": "The customer changed their mind", "number": "T1/2627/000123",
    "slug": "njeri-phones", "financial_year": "2627", "unit": "piece", "method": "cash", "status": "active",
}  # fmt: skip
_BY_FORMAT: Final[dict[str, Any]] = {
    "uuid": _ID, "date-time": _MOMENT, "date": "2026-01-15", "email": "njeri@example.com",
    "uri": "https://shop.example.com", "binary": "...",
}  # fmt: skip
_BY_ENDING: Final[dict[str, Any]] = {
    "_minor": 150_000, "_milli": 2_000, "_bp": 1_800, "_at": _MOMENT, "_date": "2026-01-15", "_id": _ID,
    "_seconds": 60, "_days": 30, "_minutes": 10, "_bytes": 1_000_000, "price": 150_000, "total": 150_000,
    "phone": "+256700123456", "version": 3,
}  # fmt: skip


def example_error(error: type[DukaError]) -> dict[str, Any]:
    """Give the failure envelope of an error with believable facts."""
    if error is ValidationError:
        example: DukaError = ValidationError(fields={"lines.0.quantity": ["This must be more than 0."]})
    else:
        example = error(**{field.name: _fact(field) for field in dataclasses.fields(error)})
    said: dict[str, Any] = orjson.loads(envelope(example, example.message(), example.details()))
    return {**said, "timestamp": _MOMENT}


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON schema on its way to an example: the named schemas it refers to, the name of the field it is for, how deep
    it lies, and whether fields that may be left out are."""

    schemas: Mapping[str, Any]
    sparse: bool = False
    name: str = ""
    depth: int = 0

    def inside(self, name: str) -> "Shape":
        """Go one level down, to a field."""
        return replace(self, name=name, depth=self.depth + 1)


def example_value(schema: Mapping[str, Any], shape: Shape) -> Any:
    """Give a value of a JSON schema: its own example or default where it has one, else one made up by its shape."""
    schema = _resolved(schema, shape)
    for key in ("example", "const"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    if schema.get("default") is not None:
        return schema["default"]
    if shape.depth > _DEPTH_MAX:
        return None
    options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if options:
        told = [option for option in options if option.get("type") != "null"]
        return example_value(told[0], shape.inside(shape.name)) if told else None
    return _by_type(schema, shape)


def _by_type(schema: Mapping[str, Any], shape: Shape) -> Any:
    name = shape.name
    match schema.get("type"):
        case "object":
            fields = _fields_shown(schema, shape)
            return {key: example_value(inner, shape.inside(key)) for key, inner in fields.items()}
        case "array":
            inner = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
            return [example_value(inner, shape.inside(name.removesuffix("s")))]
        case "integer" | "number":
            return _number(schema, name)
        case "boolean":
            return name == "success"
        case "null":
            return None
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    return _text(name)[: schema.get("maxLength", 200)]


def _fields_shown(schema: Mapping[str, Any], shape: Shape) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = schema.get("properties", {})
    if not shape.sparse:
        return fields
    needed = schema.get("required", ())
    shown = {key: inner for key, inner in fields.items() if key in needed or _has_example(_resolved(inner, shape))}
    return shown or fields


def _has_example(schema: Mapping[str, Any]) -> bool:
    return "example" in schema or bool(schema.get("examples"))


def _resolved(schema: Mapping[str, Any], shape: Shape) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    target: Mapping[str, Any] = shape.schemas.get(schema["$ref"].rpartition("/")[2], {})
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def _number(schema: Mapping[str, Any], name: str) -> int | float:
    guess = next((value for ending, value in _BY_ENDING.items() if name.endswith(ending)), 1)
    number = guess if isinstance(guess, int) else 1
    if "exclusiveMinimum" in schema:
        number = max(number, int(schema["exclusiveMinimum"]) + 1)
    number = max(number, int(schema.get("minimum", number)))
    return min(number, int(schema.get("maximum", number)))


def _text(name: str) -> str:
    if name in _WORDS:
        return str(_WORDS[name])
    guess = next((value for ending, value in _BY_ENDING.items() if name.endswith(ending)), None)
    return guess if isinstance(guess, str) else name.replace("_", " ")


def _fact(field: dataclasses.Field[Any]) -> Any:
    kind = str(field.type)
    if field.default is not dataclasses.MISSING and field.default not in ("", 0, None):
        return field.default
    if field.name in _WORDS and "str" in kind:
        return _WORDS[field.name]
    guess = next((value for ending, value in _BY_ENDING.items() if field.name.endswith(ending)), None)
    if "int" in kind:
        return guess if isinstance(guess, int) else 3
    if "Amount" in kind:
        return Amount(150_000, "UGX")
    if "UUID" in kind:
        return _ID
    if "dict" in kind or "Mapping" in kind:
        return {}
    if any(word in kind for word in ("list", "tuple", "Sequence", "frozenset")):
        return [_text(field.name.removesuffix("s"))]
    return guess or _text(field.name)
