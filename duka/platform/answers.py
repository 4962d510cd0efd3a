"""Answers written straight to bytes, in the envelopes of `platform.wire`: for what is asked often or is long.

Building a model for each row and reading it back into JSON takes longer than finding the row. What is written here has
its schema's shape already; the endpoint still declares the schema, and tests hold the answers against it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi import Response

from duka.platform.context import Ctx
from duka.platform.wire import PageInfo, utc_text


def one(
    ctx: Ctx, shown: Mapping[str, Any], message: str = "", *, status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """Answer with one thing, as `wire.Answer` would. Values are JSON's, UUIDs and dates; moments are text already."""
    body = {"success": True, "data": shown, "message": message, "timestamp": utc_text(ctx.now)}
    return Response(orjson.dumps(body), status, headers, "application/json")


def page(ctx: Ctx, rows: Sequence[Mapping[str, Any]], info: PageInfo) -> Response:
    """Answer with a part of a list, as `wire.Page` would. Values as for `one`."""
    told = {"next_cursor": info.next_cursor, "limit": info.limit, "total": info.total}
    body = {"success": True, "data": rows, "page": told, "message": "", "timestamp": utc_text(ctx.now)}
    return Response(orjson.dumps(body), 200, None, "application/json")
