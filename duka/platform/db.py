"""The database: two roles with a pool each, the two walls between shops, and what its errors mean.

Only the edge (`platform.edge`) and the jobs commit. The first wall is the filter this module adds to every ORM
statement; the second is PostgreSQL's row-level security, set by `use_shop`. Each holds alone.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy import event, exc
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from duka.platform.context import Ctx
from duka.platform.errors import (
    Busy,
    DukaError,
    IdTaken,
    ReferenceUnknown,
    ServerError,
    Unavailable,
    ValidationError,
)
from duka.platform.settings import Settings
from duka.platform.statements import execute
from duka.platform.tables import ShopTable

_LIMITS: Final = (
    "-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s "
    # Planning a sale's statement takes longer than running it, and its plan does not depend on the values.
    "-c plan_cache_mode=force_generic_plan"
)


class Database:
    """The pools of one process: `shop` for the shops' work, `platform` for accounts and sessions."""

    def __init__(self, app_url: str, platform_url: str, options: Settings) -> None:
        self.shop = self._engine(app_url, options, options.pool_size)
        self.platform = self._engine(platform_url, options, max(2, options.pool_size // 4))

    @staticmethod
    def _engine(url: str, options: Settings, size: int) -> AsyncEngine:
        prepare = 2 if options.prepared_statements else None
        return create_async_engine(
            url,
            pool_size=size,
            max_overflow=0,
            pool_timeout=10,
            pool_use_lifo=True,
            connect_args={"prepare_threshold": prepare, "options": _LIMITS, "connect_timeout": 5},
        )

    @asynccontextmanager
    async def session(self, role: str = "shop") -> AsyncIterator[AsyncSession]:
        """Open a transaction of the given role; the caller commits, whatever else happens rolls back."""
        engine = self.platform if role == "platform" else self.shop
        async with AsyncSession(engine, expire_on_commit=False, autoflush=True) as session:
            yield session

    async def close(self) -> None:
        """Close both pools."""
        await self.shop.dispose()
        await self.platform.dispose()


def bind_shop(session: AsyncSession, shop_id: UUID) -> None:
    """Tell the first wall which shop this transaction works for."""
    session.sync_session.info["shop_id"] = shop_id


@event.listens_for(Session, "do_orm_execute")
def _only_this_shop(state: ORMExecuteState) -> None:
    if state.session.info.get("first_wall_off"):
        return
    shop_id = state.session.info.get("shop_id")  # None matches no row: without a shop there is nothing to see
    if state.is_select or state.is_update or state.is_delete:
        state.statement = state.statement.options(
            with_loader_criteria(
                ShopTable, lambda table: table.shop_id == shop_id, include_aliases=True, track_closure_variables=True
            )
        )


async def fetch(ctx: Ctx, sql: str, values: Mapping[str, Any]) -> list[Any]:
    """Run hand-written SQL (`%(name)s` places) in the caller's transaction and give its rows.

    Such SQL names `shop_id` itself for every table it reads; `%(shop)s` is filled in here.
    """
    return await execute(ctx.db, sql, {"shop": ctx.shop_id, **values})


Refusals = Mapping[str, Callable[[], DukaError]]


@asynccontextmanager
async def refusing(ctx: Ctx, refusals: Refusals) -> AsyncIterator[None]:
    """Send what the block changed and turn a broken constraint into its own error, by constraint name."""
    try:
        yield
        await ctx.db.flush()
    except (IntegrityError, psycopg.IntegrityError) as broken:
        name = constraint_name(broken)
        refusal = refusals.get(name or "")
        if refusal is None:
            raise
        raise refusal() from None


def constraint_name(error: DBAPIError | psycopg.Error) -> str | None:
    """Give the name of the constraint that a database error broke, where the server tells it."""
    diagnosis = getattr(error.orig if isinstance(error, DBAPIError) else error, "diag", None)
    return getattr(diagnosis, "constraint_name", None)


_BY_STATE: Final[dict[str, Callable[[], DukaError]]] = {
    "22021": lambda: ValidationError(fields={"body": ["A text holds a character that cannot be stored."]}),
    "22P05": lambda: ValidationError(fields={"body": ["A text holds a character that cannot be stored."]}),
    "22003": lambda: ValidationError(fields={"body": ["A number is larger than Duka stores."]}),
    "23505": IdTaken,
    "23503": ReferenceUnknown,
    "23514": lambda: ValidationError(fields={"body": ["A value is outside of what can be stored."]}),
    "40001": Busy,
    "40P01": Busy,
    "55P03": Busy,
    "57014": Busy,
    "25P03": Busy,
    "53100": lambda: Unavailable(reason="the disk is full"),
    "53200": lambda: Unavailable(reason="the database has no memory left"),
    "53300": lambda: Unavailable(reason="the database takes no more connections"),
    "57P01": Unavailable,
    "57P02": Unavailable,
    "57P03": Unavailable,
    "58030": lambda: Unavailable(reason="the disk cannot be written"),
}


def error_from(failure: BaseException) -> DukaError:
    """Say in Duka's words what a database failure means for who asked: repeat now, repeat later, or a fault."""
    cause = failure.orig if isinstance(failure, DBAPIError) else failure
    state = getattr(cause, "sqlstate", None)
    if state in _BY_STATE:
        return _BY_STATE[state]()
    lost = isinstance(failure, DBAPIError) and failure.connection_invalidated
    if lost or isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError | OSError):
        return Unavailable()
    if isinstance(failure, TimeoutError | exc.TimeoutError):
        return Busy()
    return ServerError()


async def backend(connection: AsyncConnection) -> Any:
    """Give psycopg's own connection, for COPY and LISTEN."""
    return (await connection.get_raw_connection()).driver_connection
