"""The words every endpoint shares: the base of all bodies, the envelopes, lists and their pages."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Generic, Literal, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import Query, Request
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
)
from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.sql.elements import KeyedColumnElement

from duka.platform.context import Ctx
from duka.platform.errors import DukaError, ValidationError
from duka.platform.signs import unseen_in

T = TypeVar("T")


class Body(BaseModel):
    """What a client sends. Unknown fields are refused, so that a typing error is noticed; texts are trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, use_attribute_docstrings=True)


AN_ID: Final = "0197a3c2-5b1e-7c40-9a6d-3f1e8b2c4d50"
"""The id that stands in examples for one of the reader's own."""
ANOTHER_ID: Final = "0197a3c2-5b1e-7c40-9a6d-3f1e8b2c4d51"
"""One that differs from it."""


def shown_as(**example: Any) -> ConfigDict:
    """Say how a body looks in the API's description: one that is accepted as it stands, but for `AN_ID`."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class Shown(BaseModel):
    """What a client gets; read from rows by attribute."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)


def utc_text(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(utc_text, return_type=str)]
Clock = Annotated[
    AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))
]
"""What a clock or a person said, however wrong it is."""
Day = Annotated[date, Field(ge=date(1900, 1, 1), lt=date(2200, 1, 1))]
"""A day, however wrong, from which days can still be counted on and back."""
RecordedName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
RecordedText = Annotated[str, StringConstraints(max_length=200)]
RecordedNote = Annotated[str, StringConstraints(max_length=2000)]
RecordedReason = Annotated[str, StringConstraints(min_length=3, max_length=500)]
"""Texts of what a register may record. What has happened is taken with whatever signs its receipt was printed with; who
asks is refused unseen signs before (`platform.asked`)."""

STORED: Final = {"stored": True}
"""Context in which a model reads what was stored: it is taken as it is."""


def _seen(text: str, info: ValidationInfo) -> str:
    return _checked(text, info, lines=True)


def _seen_on_a_line(text: str, info: ValidationInfo) -> str:
    return _checked(text, info, lines=False)


def _checked(text: str, info: ValidationInfo, *, lines: bool) -> str:
    told = None if info.context and info.context.get("stored") else unseen_in(text, lines=lines)
    if told:
        raise ValueError(told)
    return text


OneLine: Final = AfterValidator(_seen_on_a_line)
"""Refuses a text with signs that nobody can see, or of several lines."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]
ShortText = Annotated[str, StringConstraints(max_length=200), OneLine]
LongText = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_seen)]
Reason = Annotated[str, StringConstraints(min_length=3, max_length=500), AfterValidator(_seen)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$"), OneLine]


class Answer(BaseModel, Generic[T]):
    """The envelope of one thing."""

    success: bool = True
    data: T
    message: str = ""
    timestamp: Moment = Field(default_factory=lambda: datetime.now(UTC))


class PageInfo(BaseModel):
    """Where a list goes on: send `next_cursor` as `cursor`; null at the end. `total` only when asked for."""

    next_cursor: str | None
    limit: int
    total: int | None = None


class Page(BaseModel, Generic[T]):
    """The envelope of a list."""

    success: bool = True
    data: list[T]
    page: PageInfo
    message: str = ""
    timestamp: Moment = Field(default_factory=lambda: datetime.now(UTC))


class Nothing(BaseModel):
    """No data: the message says it all."""


@dataclass(eq=False)
class BadCursor(DukaError):
    """The cursor was not made by this list with this sorting."""

    text = "This cursor does not belong to this list. Start again without it."


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list was asked for."""

    limit: int
    cursor: str | None
    sort: str | None
    q: str | None
    total: bool
    format: str | None
    address: str = ""
    """Path and query it was asked by, without `export`; empty for a list that is short by its nature."""
    export: UUID | None = None
    """The file that was promised for it (`platform.exports`)."""


Limit = Annotated[int, Query(ge=1, le=200, description="Rows of a page.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before.")]
Sort = Annotated[str | None, Query(max_length=50, description="A field; `-` before it for descending.")]
Part = Annotated[str | None, Query(max_length=100, description="Part of a name, or what a code or number begins with.")]
Total = Annotated[bool, Query(description="Count all rows too.")]
FileFormat = Annotated[
    Literal["csv", "xlsx", "json"] | None,
    Query(description="Give the whole list as a file; `limit` and `cursor` do not count. More than 10,000 rows are "
          "written in the background: the answer is 202, and its `Location` is where to ask for the file."),
]
Promised = Annotated[UUID | None, Query(description="The file that a 202 promised, kept for a day. With `format`.")]


async def paging(
    request: Request, limit: Limit = 50, cursor: Cursor = None, sort: Sort = None, q: Part = None, total: Total = False,
    format: FileFormat = None,  # noqa: A002 - the parameter's name on the wire
    export: Promised = None,
) -> Paging:  # fmt: skip
    """Read the parameters of a list that also comes as a file."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "export"]
    return Paging(limit, cursor, sort, q, total, format, f"{request.scope['path']}?{urlencode(asked)}", export)


async def paging_only(
    limit: Limit = 50, cursor: Cursor = None, sort: Sort = None, q: Part = None, total: Total = False
) -> Paging:
    """Read the parameters of a list that comes in pages only."""
    return Paging(limit, cursor, sort, q, total, None)


Sorts = Mapping[str, KeyedColumnElement[Any] | ColumnElement[Any]]


async def page(ctx: Ctx, query: Select[Any], asked: Paging, sorts: Sorts, key: Any, *,
               default: str) -> tuple[Sequence[Any], PageInfo]:
    """Run a list query and give one page of it, by key set: cost does not grow with the page's number.

    `sorts` names the columns a client may sort by, `key` is the id column that breaks ties, `default` the sort when
    none is asked for. The query's rows must have the sort column as attribute or be entities that do.
    """
    name = asked.sort or default
    descending, name = name.startswith("-"), name.removeprefix("-")
    if name not in sorts:
        raise ValidationError(fields={"sort": [f"one of {', '.join(sorted(sorts))}, with - before it to reverse"]})
    column = sorts[name]
    whole = query
    if asked.cursor:
        after = tuple_(column, key)
        place = read_cursor(asked.cursor, asked.sort or default, column.type.python_type)
        query = query.where(after < place if descending else after > place)
    order = (column.desc(), key.desc()) if descending else (column.asc(), key.asc())
    sorted_query = query.add_columns(column.label("_sort"), key.label("_key")).order_by(*order).limit(asked.limit + 1)
    rows = (await ctx.db.execute(sorted_query)).all()
    more = len(rows) > asked.limit
    rows = rows[: asked.limit]
    cursor = cursor_at(asked.sort or default, rows[-1]._sort, rows[-1]._key) if more else None
    total = None
    if asked.total:
        total = (await ctx.db.execute(select(func.count()).select_from(whole.order_by(None).subquery()))).scalar_one()
    single = len(query.column_descriptions) == 1
    return [row[0] if single else row for row in rows], PageInfo(next_cursor=cursor, limit=asked.limit, total=total)


def cursor_at(sort: str, value: Any, key: UUID) -> str:
    """Write where a page ended: the sort it was asked with, the last row's value and id."""
    value = value.isoformat() if isinstance(value, date) else value
    return urlsafe_b64encode(orjson.dumps([sort, value, key])).decode().rstrip("=")


def read_cursor(cursor: str, sort: str, kind: type[Any]) -> tuple[Any, UUID]:
    """Read the last row's value, of a kind, and its id. BadCursor for any text that `cursor_at` did not write for this
    sort."""
    try:
        made_for, value, key = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if issubclass(kind, date):
            value = kind.fromisoformat(value)
        elif issubclass(kind, UUID):
            value = UUID(value)
        if made_for != sort or not isinstance(value, kind) or (isinstance(value, int) and abs(value) >= 2**63):
            raise BadCursor
        if isinstance(value, str) and "\x00" in value:
            raise BadCursor
        return value, UUID(key)
    except (ValueError, TypeError, AttributeError):  # the last is UUID's own for what is no text
        raise BadCursor from None
