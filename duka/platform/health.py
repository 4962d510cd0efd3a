"""Whether this process lives (`/healthz`), whether it can serve and what the operator has not set (`/readyz`), and its
figures (`/metrics`)."""

import hmac
from ipaddress import ip_address

import structlog
from fastapi import FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.responses import JSONResponse, Response

from duka.platform import messages
from duka.platform.edge import House
from duka.platform.errors import NotFound

log = structlog.get_logger()


def mount(app: FastAPI, newest: str | None) -> None:
    """Serve the three addresses; `newest` is the schema step this program was written for."""

    @app.api_route("/healthz", methods=["GET", "HEAD"], include_in_schema=False)
    async def alive() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @app.api_route("/readyz", methods=["GET", "HEAD"], include_in_schema=False)
    async def ready(request: Request) -> JSONResponse:
        house: House = request.app.state.house
        reason = await _not_ready(house, newest)
        if reason:
            log.warning("not_ready", reason=reason)
            return JSONResponse({"status": "not ready", "reason": reason}, 503, {"Retry-After": "5"})
        notes = messages.missing(house.settings)
        return JSONResponse({"status": "ok", **({"notes": notes} if notes else {})})

    @app.get("/metrics", include_in_schema=False)
    async def figures(request: Request) -> Response:
        house: House = request.app.state.house
        if not _may_see_figures(request, house.settings.metrics_token):
            raise NotFound
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _not_ready(house: House, newest: str | None) -> str:
    try:
        async with house.database.session("platform") as db:
            step = (await db.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    except Exception as failure:
        log.warning("readiness_failed", error=type(failure).__name__)
        return "the database does not answer"
    return "" if step == newest else "the database's schema is not this program's"


def _may_see_figures(request: Request, token: str | None) -> bool:
    given = request.headers.get("authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    # A proxy's own address is often loopback; what it forwards says that the asker is not.
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
