"""Quantities: thousandths inside (1.5 kg = 1500), a JSON number with at most three decimals on the wire."""

from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

LIMIT_MILLI: Final = 10**12
_MILLI: Final = Decimal(1000)


def to_milli(value: Any) -> int:
    """Read a wire quantity into thousandths. ValueError when it is no number or finer than 0.001."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("a number with at most 3 decimals")
    # A float's shortest text is what the sender wrote, as long as it had at most 15 digits.
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite() or abs(exact) > LIMIT_MILLI:
        raise ValueError("a number with at most 3 decimals, within limits")
    milli = exact * _MILLI
    if milli != milli.to_integral_value():
        raise ValueError("at most 3 decimals")
    return int(milli)


def from_milli(milli: int) -> int | float:
    """Write thousandths as a JSON number: 2000 -> 2, 1500 -> 1.5."""
    return milli // 1000 if milli % 1000 == 0 else milli / 1000


def text(milli: int) -> str:
    """Write thousandths for a person, without needless zeros: 1500 -> `1.5`."""
    sign = "-" if milli < 0 else ""
    whole, part = divmod(abs(milli), 1000)
    return f"{sign}{whole}" if part == 0 else f"{sign}{whole}.{part:03d}".rstrip("0")


_WIRE = WithJsonSchema({"type": "number", "multipleOf": 0.001})
_BEFORE = BeforeValidator(to_milli, json_schema_input_type=float)
_AFTER = PlainSerializer(from_milli, return_type=float)

Quantity = Annotated[int, Field(gt=0, le=LIMIT_MILLI), _BEFORE, _AFTER, _WIRE]
"""How much is sold, received, counted: more than nothing. Held in thousandths."""

SignedQuantity = Annotated[int, Field(ge=-LIMIT_MILLI, le=LIMIT_MILLI), _BEFORE, _AFTER, _WIRE]
"""A change or a balance, which may be negative. Held in thousandths."""

QuantityOrZero = Annotated[int, Field(ge=0, le=LIMIT_MILLI), _BEFORE, _AFTER, _WIRE]
"""A level that may be nothing. Held in thousandths."""
