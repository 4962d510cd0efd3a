"""Failures as answers: every error that leaves Duka has the same envelope and the reader's language."""

import re
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import psycopg
import structlog
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from duka.platform import i18n
from duka.platform.db import error_from
from duka.platform.errors import (
    BodyTooLarge,
    DukaError,
    MethodNotAllowed,
    NotFound,
    ServerError,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationError,
)
from duka.platform.mistakes import in_words
from duka.platform.wire import utc_text

log = structlog.get_logger()
_FIELDS_MAX: Final = 50
_PROBLEM: Final = "application/problem+json"


def of(failure: BaseException) -> DukaError:
    """Say any exception in Duka's words. What nobody expected is logged and becomes a `ServerError`."""
    if isinstance(failure, DukaError):
        return failure
    if isinstance(failure, RequestValidationError):
        return ValidationError(fields=_fields(failure))
    if isinstance(failure, HTTPException):
        if isinstance(failure.__cause__, DukaError):
            return failure.__cause__
        return _of_status(failure.status_code)
    if isinstance(failure, SQLAlchemyError | psycopg.Error | OSError | TimeoutError):
        told = error_from(failure)
        log.warning("database_failure", told=told.code, error=str(failure)[:500])
        if not isinstance(told, ServerError):
            return told
    log.error("unexpected_failure", exc_info=failure)
    return ServerError()


def answer(request: Request, failure: DukaError) -> Response:
    """Make the failure envelope; the same as RFC 9457 problem details when the client asks for those."""
    message = failure.message(language_of(request))
    details = failure.details()
    headers = failure.headers()
    if _PROBLEM in request.headers.get("accept", ""):
        problem = {"type": "about:blank", "title": message, "status": failure.status, "code": failure.code}
        problem |= {"details": details} if details else {}
        return Response(orjson.dumps(problem, default=str), failure.status, headers, _PROBLEM)
    return Response(envelope(failure, message, details), failure.status, headers, "application/json")


def envelope(failure: DukaError, message: str, details: dict[str, Any]) -> bytes:
    """Write the failure envelope as JSON."""
    return orjson.dumps(
        {
            "success": False,
            "message": message,
            "error": {"code": failure.code, "message": message, "details": details},
            "timestamp": utc_text(datetime.now(UTC)),
        },
        default=str,
    )


def language_of(request: Request) -> str:
    """Say which language the answer's words should have."""
    return i18n.choose(request.headers.get("accept-language"))


def _of_status(status: int) -> DukaError:
    by_status: dict[int, DukaError] = {
        401: Unauthenticated(), 404: NotFound(), 405: MethodNotAllowed(), 413: BodyTooLarge(),
        415: UnsupportedMediaType(),
    }  # fmt: skip
    return by_status.get(status, ValidationError(fields={"body": ["This cannot be read."]}))


_OF_JSON: Final = {
    "string_pattern_mismatch": "This must match {pattern}.",
    "datetime_parsing": "Write the moment like 2026-09-30T14:05:00Z.",
    "datetime_from_date_parsing": "Write the moment like 2026-09-30T14:05:00Z.",
    "datetime_type": "Write the moment like 2026-09-30T14:05:00Z.",
}


_PARTS: Final = ("body", "query", "path", "header")
_KIND: Final = re.compile(r"[\[(]|^constrained-")
"""Where a value may be of several kinds the checker names the kind it tried, which is no field."""


def _fields(failure: RequestValidationError) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for problem in failure.errors()[:_FIELDS_MAX]:
        place = [part for part in map(str, problem["loc"]) if part not in _PARTS]
        unknown = place.pop() if problem["type"] == "extra_forbidden" else None  # in the sender's own words
        place = [part for part in place if not _KIND.search(part)] + ([unknown] if unknown else [])
        if problem["type"] == "json_invalid":
            place = []  # it is told as the character's position, which is no field
        told = fields.setdefault(".".join(place) or "body", [])
        words = in_words(problem, "en", own=_OF_JSON)
        if words not in told:
            told.append(words)
    return fields
