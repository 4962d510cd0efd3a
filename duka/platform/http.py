"""The outermost layer of every request: ids, limits, headers, one log line, one metric."""

import re
import time
from collections.abc import Mapping
from typing import Any, Final

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duka.platform import failures
from duka.platform.errors import BodyTooLarge, DukaError, ServerError, UnsupportedMediaType, ValidationError
from duka.platform.ids import new_id
from duka.platform.limiter import Allowance
from duka.platform.settings import Settings

log = structlog.get_logger()

REQUESTS: Final = Counter("duka_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS: Final = Histogram(
    "duka_request_seconds", "Time in the server.", ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)  # fmt: skip

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UPLOAD: Final = "multipart/form-data"
_SECURITY: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}


class OuterLayer:
    """An ASGI layer around the whole app."""

    def __init__(self, app: ASGIApp, options: Settings) -> None:
        self.app = app
        self.options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        request_id = _request_id(headers.get("x-request-id"))
        scope.setdefault("state", {})["request_id"] = request_id
        status, begun = 500, None
        limit = self._limit(headers)

        async def send_on(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status = message["status"]
                took = time.perf_counter() - started
                begun = took if _is_stream(message) else None
                _add_headers(message, scope["state"], took * 1000)
            await send(message)

        try:
            refusal = _refusal_at_once(scope, headers, limit)
            if refusal is not None:
                await _send_failure(scope, send_on, refusal)
            else:
                await self.app(scope, _counted(receive, limit), send_on)
        except DukaError as refusal:
            await _send_failure(scope, send_on, refusal)
        except Exception:
            log.exception("request_failed", request_id=request_id)
            await _send_failure(scope, send_on, ServerError())
        finally:
            # A stream took as long as it took to begin: what follows is waiting.
            _note(scope, request_id, status, begun or time.perf_counter() - started)

    def _limit(self, headers: Headers) -> int:
        upload = headers.get("content-type", "").startswith(_UPLOAD)
        return self.options.upload_limit_bytes if upload else self.options.json_limit_bytes


class Zipped:
    """Compresses larger answers for clients that can take them; the others pay nothing for it."""

    def __init__(self, app: ASGIApp) -> None:
        self.plain = app
        self.zipped = GZipMiddleware(app, minimum_size=2000)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asked = scope["type"] == "http" and any(
            name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"]
        )
        await (self.zipped if asked else self.plain)(scope, receive, send)


def _request_id(given: str | None) -> str:
    return given if given and _REQUEST_ID.fullmatch(given) else str(new_id())


def _refusal_at_once(scope: Scope, headers: Headers, limit: int) -> DukaError | None:
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > limit:
        return BodyTooLarge(limit_bytes=limit)
    if b"%00" in scope.get("query_string", b"") or "\x00" in scope["path"]:
        return ValidationError(fields={"path": ["The address holds a NUL character."]})
    kind = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if scope["method"] in ("POST", "PUT", "PATCH") and kind not in ("application/json", _UPLOAD) and length != "0":
        return UnsupportedMediaType()
    return None


def _counted(receive: Receive, limit: int) -> Receive:
    got = 0

    async def receive_counted() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > limit:
            # The framework turns what is raised here into its own error, whose cause the edge answers.
            raise BodyTooLarge(limit_bytes=limit)
        return message

    return receive_counted


def _add_headers(message: Message, state: Mapping[str, Any], took_ms: float) -> None:
    headers = MutableHeaders(scope=message)
    headers["X-Request-ID"] = state["request_id"]
    allowance: Allowance | None = state.get("allowance")
    if allowance is not None:
        headers.update(allowance.headers())
    headers["Server-Timing"] = f"app;dur={took_ms:.2f}"
    headers.setdefault("Cache-Control", "no-store")
    for name, value in _SECURITY.items():
        headers.setdefault(name, value)


def _is_stream(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/event-stream")


async def _send_failure(scope: Scope, send: Send, failure: DukaError) -> None:
    body = failures.envelope(failure, failure.message(), failure.details())
    start: Message = {
        "type": "http.response.start",
        "status": failure.status,
        "headers": [(b"content-type", b"application/json"), (b"connection", b"close")],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _note(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "none")
    method = scope["method"]
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)
    log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1), request_id=request_id)
