"""The night shift: work that is done after the answer has left, kept in the database so that a crash loses none.

Three kinds of work: what a transaction asked for (`Queue.defer`: a message to send), what a shop's new events ask for
(`Queue.deliver`: each reader of those events gets a job), and upkeep by the clock. A job may run twice, after its
worker was killed; therefore each is written so that twice is as good as once.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import procrastinate
import structlog
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.job_context import JobContext
from sqlalchemy.ext.asyncio import AsyncSession

from duka.platform.context import Ctx
from duka.platform.db import Database, backend, fetch
from duka.platform.events import OpenShop, Relay
from duka.platform.postgres import libpq

log = structlog.get_logger()

STALLED_SECONDS: Final = 60
"""A worker that has not shown itself for so long is dead and its jobs are given to another."""
JOBS_CONNECTION: Final = "duka jobs"
"""What the queue's own connections are called in `pg_stat_activity`."""
KEEP_FAILED_HOURS: Final = 24 * 14
KEEP_KEYS_DAYS: Final = 90
_SHOPS_AT_ONCE: Final = 200
_JOBS_AT_ONCE: Final = 3
"""One more than may go through all shops at once, so that a code never waits until they are through."""
_BY_CLOCK: Final = "by-clock"
_POOL_SIZE: Final = 2
_RESTART_SECONDS: Final = 5
_READER: Final = "read."
_TRIES_AGAIN: Final = 6
_RETRY: Final = procrastinate.RetryStrategy(max_attempts=_TRIES_AGAIN, exponential_wait=4)

Work = Callable[..., Awaitable[None]]
Task = Any
"""A task as the queue's library knows it; its own type parameters add nothing here."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who acts on a shop's events. `read` takes the next ones in one transaction of the shop and says how
    many it took; it is called until that is none. `events` are the kinds that call it."""

    name: str
    events: frozenset[str]
    read: Callable[[Ctx], Awaitable[int]]


@dataclass(slots=True)
class Queue:
    """The jobs of one installation, and this process's part in doing them."""

    app: procrastinate.App
    database: Database
    open_shop: OpenShop
    readers: dict[str, Reader] = field(default_factory=dict)
    _tasks: dict[str, Task] = field(default_factory=dict)

    def register(self, name: str, work: Work, *, given_up: Work | None = None) -> None:
        """Say what is done for jobs of a name. A failed one is tried again after 4, 16, 64 ... seconds, six times; then
        `given_up`, where there is one, is called and ends it. Without it the failed job stays in the table with its
        arguments, for the operator."""

        @self.app.task(name=name, pass_context=True, retry=_RETRY)
        async def run(context: JobContext, /, **arguments: Any) -> None:
            try:
                await work(**arguments)
            except Exception as failure:
                if given_up is None or context.job.attempts < _TRIES_AGAIN:
                    raise
                log.error("job_given_up", job=name, error=type(failure).__name__)
                await given_up(**arguments)

        self._tasks[name] = run

    def by_clock(
        self, name: str, cron: str, work: Callable[[], Awaitable[None]], *, turns: str = _BY_CLOCK
    ) -> None:  # fmt: skip
        """Have something done at the times of a cron line (UTC), by one process of the installation. Of what
        takes `turns` of one name one thing is done at a time: most goes through all shops, and messages must not wait
        for that."""

        @self.app.periodic(cron=cron)
        @self.app.task(name=name, queueing_lock=name, lock=turns)
        async def run(timestamp: int) -> None:
            await work()

    def read(self, reader: Reader) -> None:
        """Add a reader of events."""
        self.readers[reader.name] = reader

        async def work(shop: str) -> None:
            await self._read_all(reader, UUID(shop))

        self.register(_READER + reader.name, work)

    async def defer(self, db: AsyncSession, name: str, **arguments: Any) -> None:
        """Ask for a job in a transaction of the platform role: it is there if and when that commits. Arguments are
        JSON values."""
        connection = await backend(await db.connection())
        await self._tasks[name].configure(connection=connection).defer_async(**arguments)

    async def deliver(self, shop_id: UUID, kinds: Collection[str]) -> None:
        """Give a shop's newly placed events to their readers: one waiting job for each reader and shop is enough."""
        for reader in self.readers.values():
            if not reader.events.isdisjoint(kinds):
                await self._once(_READER + reader.name, f"{reader.name}:{shop_id}", shop=str(shop_id))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Do jobs in this process until the block ends; those begun are finished first."""
        async with self.app.open_async():
            working = asyncio.create_task(self._work())
            try:
                yield
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)

    async def sweep(self) -> None:
        """Find what a killed process left behind: events without a place, and readers who were not told of theirs."""
        relay = Relay(self.database, self.deliver)
        async for shop_id in self.shops():
            async with self.database.session() as db:
                ctx = await self.open_shop(db, shop_id)
                waiting = await fetch(ctx, _WAITING, {})
                behind = [name for name, reader in self.readers.items() if await _is_behind(ctx, reader)]
            if waiting:
                await relay.relay(shop_id)
            for name in behind:
                await self._once(_READER + name, f"{name}:{shop_id}", shop=str(shop_id))

    async def rescue(self) -> None:
        """Give the jobs of workers that died to another."""
        manager = self.app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            log.warning("job_rescued", job=job.task_name, id=job.id)
            await manager.retry_job(job)
        await manager.prune_stalled_workers(STALLED_SECONDS)

    async def clean(self) -> None:
        """Delete what has been kept long enough: jobs that failed, and remembered answers older than 90 days."""
        await self.app.job_manager.delete_old_jobs(
            nb_hours=KEEP_FAILED_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
        )
        async for shop_id in self.shops():
            async with self.database.session() as db:
                ctx = await self.open_shop(db, shop_id)
                await fetch(ctx, _DELETE_KEYS, {"before": ctx.now - timedelta(days=KEEP_KEYS_DAYS)})
                await db.commit()

    async def _work(self) -> None:
        while True:
            try:
                await self._once("sweep", "sweep")
                await self.app.run_worker_async(
                    name="duka", concurrency=_JOBS_AT_ONCE, install_signal_handlers=False, delete_jobs="successful",
                    shutdown_graceful_timeout=10, worker_middleware=[_log_failures],
                )  # fmt: skip
            except Exception:
                log.exception("worker_stopped")
            await asyncio.sleep(_RESTART_SECONDS)

    async def _once(self, name: str, lock: str, **arguments: Any) -> None:
        try:
            await self._tasks[name].configure(queueing_lock=lock, lock=lock).defer_async(**arguments)
        except AlreadyEnqueued:
            return

    async def _read_all(self, reader: Reader, shop_id: UUID) -> None:
        taken = 1
        while taken:
            async with self.database.session() as db:
                ctx = await self.open_shop(db, shop_id)
                taken = await reader.read(ctx)
                await db.commit()
            if ctx.emitted:
                await Relay(self.database, self.deliver).relay(shop_id)

    async def shops(self) -> AsyncIterator[UUID]:
        """Give every shop of the installation, a batch from the database at a time."""
        after = UUID(int=0)
        while True:
            async with self.database.session("platform") as db:
                connection = await db.connection()
                rows = await connection.exec_driver_sql(_SHOPS, {"after": after, "limit": _SHOPS_AT_ONCE})
                batch = [shop_id for (shop_id,) in rows]
            for shop_id in batch:
                yield shop_id
            if len(batch) < _SHOPS_AT_ONCE:
                return
            after = batch[-1]


def make_queue(platform_url: str, database: Database, open_for_system: OpenShop) -> Queue:
    """Make the queue on the platform role's database. It does nothing before `running`, and can be deferred to."""
    # The library writes a job's arguments into its log lines, and those may be codes for a phone.
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
    connector = procrastinate.PsycopgConnector(
        conninfo=libpq(platform_url), min_size=1, max_size=_POOL_SIZE,
        kwargs={"connect_timeout": 5, "application_name": JOBS_CONNECTION},
    )  # fmt: skip
    queue = Queue(procrastinate.App(connector=connector), database, open_for_system)
    queue.register("sweep", queue.sweep)
    queue.by_clock("sweep-by-clock", "*/5 * * * *", queue.sweep)
    # Not in turn with the others: what a dead worker was doing holds their turn until it is rescued.
    queue.by_clock("rescue", "* * * * *", queue.rescue, turns="rescue")
    queue.by_clock("clean", "20 3 * * *", queue.clean)
    return queue


async def _log_failures(process: Callable[[], Awaitable[Any]], context: JobContext, _worker: Any) -> Any:
    try:
        return await process()
    except Exception as failure:
        # The arguments are left out: they may hold a code. The error's text may quote them, so only its kind is told.
        place = failure.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
        log.error("job_failed", job=context.job.task_name, id=context.job.id, attempt=context.job.attempts,
                  error=type(failure).__name__, where=where)
        raise


async def _is_behind(ctx: Ctx, reader: Reader) -> bool:
    values = {"consumer": reader.name, "events": list(reader.events)}
    return bool(await fetch(ctx, _BEHIND, values))


_SHOPS: Final = "SELECT shop_id FROM shop_directory WHERE shop_id > %(after)s ORDER BY shop_id LIMIT %(limit)s"
_WAITING: Final = "SELECT 1 FROM outbox WHERE shop_id = %(shop)s AND position IS NULL LIMIT 1"
_BEHIND: Final = """
SELECT 1 FROM outbox o WHERE o.shop_id = %(shop)s AND o.event = ANY(%(events)s) AND o.position > coalesce(
    (SELECT c.position FROM event_consumers c WHERE c.shop_id = %(shop)s AND c.consumer = %(consumer)s), 0) LIMIT 1
"""
_DELETE_KEYS: Final = "DELETE FROM idempotency_keys WHERE shop_id = %(shop)s AND created_at < %(before)s"
