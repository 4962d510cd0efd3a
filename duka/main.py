"""The whole app: the only module that knows every domain."""

import asyncio
import gc
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from duka import __version__, installation, migrations
from duka.catalog import jobs as catalog_jobs
from duka.notifications import jobs as notifications_jobs
from duka.platform import export_jobs, failures, health, jobs, live, logs, messages, openapi, orphans, pages, web_app
from duka.platform.context import Ctx
from duka.platform.db import Database
from duka.platform.edge import EdgeRoute, House
from duka.platform.errors import MethodNotAllowed
from duka.platform.events import Relay
from duka.platform.http import OuterLayer, Zipped
from duka.platform.identity import Signer
from duka.platform.limiter import Limits
from duka.platform.postgres import Urls
from duka.platform.settings import Settings, settings
from duka.purchasing import jobs as purchasing_jobs
from duka.routes import ROUTERS
from duka.sales import jobs as sales_jobs
from duka.sales.exceptions import quarantine
from duka.shops import entry
from duka.shops.auth import notices, upkeep
from duka.stock import jobs as stock_jobs
from duka.stock.costs import jobs as closing_jobs

READERS: Final = (*notifications_jobs.READERS, sales_jobs.AWAITED_DRAWERS, purchasing_jobs.AUTO_REORDER)
"""Whoever acts on the events of shops."""


_COLLECT_AFTER: Final = 20_000
"""New objects after which Python looks for garbage: its own 700 costs a sale some percent."""


def create_app(options: Settings, urls: Urls, secret: str) -> FastAPI:
    """Make the app of one process: routes, edge, relay and jobs. `secret` signs tokens."""
    house = make_house(options, urls, secret)
    house.relay.deliver = house.queue.deliver

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        messages.warn_of_missing(options)
        # What is loaded by now stays: the collector need not walk it again and again while sales come in.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
        async with house.queue.running():
            running = [asyncio.create_task(house.relay.run()), asyncio.create_task(house.live.run())]
            live.close_with_process(house.live)
            try:
                yield
            finally:
                house.live.close()
                for each in running:
                    each.cancel()
                await asyncio.gather(*running, return_exceptions=True)
        await house.database.close()

    app = FastAPI(
        title="Duka", version=__version__, lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None,
        description=openapi.INTRODUCTION,
        redirect_slashes=False,  # an id that was left empty gives the envelope of an address that is not there
    )  # fmt: skip
    app.state.house = house
    app.router.route_class = EdgeRoute
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # flat: a router in a router is searched twice for each request
    health.mount(app, migrations.newest())
    openapi.mount(app)
    if web_app.is_built():
        pages.mount(app, options, at="/welcome")
        web_app.mount(app)
    else:
        pages.mount(app, options)
    app.add_exception_handler(HTTPException, _failure)
    app.add_exception_handler(RequestValidationError, _failure)
    app.add_middleware(Zipped)
    if options.cors_origins:
        origins = [origin.strip() for origin in options.cors_origins.split(",")]
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"])
    app.add_middleware(OuterLayer, options=options)
    return app


def make_house(options: Settings, urls: Urls, secret: str) -> House:
    """Make what the edge and the command line work with: pools, signer, relay, jobs. The relay hands on nothing yet."""
    database = Database(urls.app, urls.platform, options)

    async def deliver_nothing(_shop_id: UUID, _kinds: Collection[str]) -> None:
        return None

    relay = Relay(database, deliver_nothing, options.relay_shops)
    former = [each.strip() for each in options.former_secrets.split(",") if each.strip()]
    queue = jobs.make_queue(urls.platform, database, _open_for_system)
    house = House(
        options, database, Signer(secret, former), relay, entry.open_shop, Limits(options), queue,
        messages.sms_sender(options), messages.mail_sender(options), live.Hub(options.listen_url or urls.app),
        quarantine.set_aside,
    )  # fmt: skip
    messages.register(queue, house)
    notices.register(house)
    upkeep.register(house)
    catalog_jobs.register(house)
    sales_jobs.register(house)
    purchasing_jobs.register(house)
    stock_jobs.register(house)
    closing_jobs.register(house)
    export_jobs.register(house, ROUTERS)
    for reader in READERS:
        queue.read(reader)
    return house


def app_from_environment() -> FastAPI:
    """Make the app of a web process from its settings; each worker process calls this."""
    found = installation.find(settings())
    logs.set_up(found.options)
    orphans.end_with_parent()
    return create_app(found.options, found.urls, found.secret)


def describe(options: Settings) -> dict[str, Any]:
    """Give the API's description (OpenAPI 3.1) without a database."""
    nowhere = "postgresql+psycopg://nowhere/"
    return create_app(options, Urls(nowhere, nowhere, nowhere, nowhere), "not used").openapi()


async def work(found: installation.Installation) -> None:
    """Run background jobs and the relay until cancelled, without a web server."""
    house = make_house(found.options, found.urls, found.secret)
    house.relay.deliver = house.queue.deliver
    try:
        async with house.queue.running():
            await house.relay.run()
    finally:
        await house.database.close()


async def _open_for_system(db: AsyncSession, shop_id: UUID) -> Ctx:
    return await entry.open_shop_for_system(db, shop_id, datetime.now(UTC))


async def _failure(request: Request, failure: Exception) -> Response:
    refusal = failures.of(failure)
    if isinstance(refusal, MethodNotAllowed):  # the router knows only the first of the routes that share an address
        refusal = MethodNotAllowed(", ".join(sorted(_methods_at(request))))
    return failures.answer(request, refusal)


def _methods_at(request: Request) -> set[str]:
    return {
        method
        for route in openapi.routes(request.app)
        if compile_path(route.path_format or "")[0].match(request.scope["path"])
        for method in route.methods or ()
    }
