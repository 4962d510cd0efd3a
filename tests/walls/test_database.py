"""The second wall itself: what row-level security, grants and guards hold, table by table, and each way around it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text

from duka.platform.db import Database
from duka.platform.postgres import Urls, libpq
from duka.platform.settings import Settings
from duka.platform.tables import Base, insert_only, table_class
from tests.access.checks import Neighbours

pytestmark = pytest.mark.slow

SHOP_TABLES = sorted(name for name in Base.metadata.tables if table_class(name) == "shop")
WRITTEN_ONCE = [name for name in SHOP_TABLES if insert_only(name)]
ROLES = ("app", "platform")

Rows = psycopg.AsyncConnection[tuple[Any, ...]]


@pytest.fixture
async def app_role(urls: Urls) -> AsyncIterator[Rows]:
    """The role that does the shops' work."""
    async with await psycopg.AsyncConnection.connect(libpq(urls.app)) as connection:
        yield connection


@pytest.fixture
async def everything(superuser: str) -> AsyncIterator[Rows]:
    """Somebody who sees all shops."""
    async with await psycopg.AsyncConnection.connect(libpq(superuser), autocommit=True) as connection:
        yield connection


async def enter(connection: Rows, shop_id: UUID) -> None:
    await connection.execute("SELECT enter_shop(%s)", [shop_id])


async def count(connection: Rows, table: str, where: str = "true", *values: object) -> int:
    query = sql.SQL("SELECT count(*) FROM {} WHERE " + where).format(sql.Identifier(table))
    row = await (await connection.execute(query, values)).fetchone()
    assert row
    return int(row[0])


async def refused(connection: Rows, command: str | sql.Composed, *values: object) -> str:
    """Run something that must be refused, and say why it was."""
    try:
        async with connection.transaction():
            await connection.execute(command if isinstance(command, sql.Composed) else command.encode(), values)
    except psycopg.Error as refusal:
        return refusal.sqlstate or "?"
    return "done"


@pytest.mark.parametrize("role", ROLES)
async def test_a_shop_sees_its_own_rows_of_every_table_and_no_other(
    role: str, neighbours: Neighbours, everything: Rows, urls: Urls
) -> None:
    ours, theirs = neighbours.ours.shop.shop_id, neighbours.theirs.shop.shop_id
    full = 0
    async with await psycopg.AsyncConnection.connect(libpq(getattr(urls, role))) as connection:
        for table in SHOP_TABLES:
            await enter(connection, ours)
            assert await count(connection, table, "shop_id <> %s", ours) == 0, table
            assert await count(connection, table) == await count(everything, table, "shop_id = %s", ours), table
            full += await count(everything, table, "shop_id = %s", theirs) > 0
            await connection.rollback()
    assert full > len(SHOP_TABLES) / 2, "the neighbours have too little to prove anything"


@pytest.mark.parametrize("role", ROLES)
async def test_without_a_shop_there_is_nothing_to_see(role: str, urls: Urls) -> None:
    async with await psycopg.AsyncConnection.connect(libpq(getattr(urls, role))) as connection:
        for table in SHOP_TABLES:
            assert await count(connection, table) == 0, table


async def test_rows_cannot_be_written_into_another_shop(neighbours: Neighbours, app_role: Rows) -> None:
    ours, theirs = neighbours.ours.shop.shop_id, neighbours.theirs.shop.shop_id
    for table in SHOP_TABLES:
        async with app_role.transaction(force_rollback=True):
            await enter(app_role, ours)
            # Of one's own rows a copy for another shop: refused before any key or reference is looked at.
            columns = [column.name for column in Base.metadata.tables[table].columns if column.name != "shop_id"]
            copied = sql.SQL("INSERT INTO {0} (shop_id, {1}) SELECT %s, {1} FROM {0} LIMIT 1").format(
                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
            )
            if await count(app_role, table):
                assert await refused(app_role, copied, theirs) == "42501", table


async def test_another_shops_rows_cannot_be_changed(
    neighbours: Neighbours, app_role: Rows, everything: Rows
) -> None:
    ours, theirs = neighbours.ours.shop.shop_id, neighbours.theirs.shop.shop_id
    for table in SHOP_TABLES:
        before = await count(everything, table, "shop_id = %s", theirs)
        for verb in ("UPDATE {} SET shop_id = shop_id WHERE shop_id = %s", "DELETE FROM {} WHERE shop_id = %s"):
            async with app_role.transaction(force_rollback=True):
                await enter(app_role, ours)
                command = sql.SQL(verb).format(sql.Identifier(table))
                if table in WRITTEN_ONCE:
                    assert await refused(app_role, command, theirs) == "42501", table
                else:
                    assert (await app_role.execute(command, [theirs])).rowcount == 0, table
        assert await count(everything, table, "shop_id = %s", theirs) == before


@pytest.mark.parametrize("table", WRITTEN_ONCE)
async def test_what_is_written_once_is_never_changed(
    table: str, neighbours: Neighbours, app_role: Rows, everything: Rows
) -> None:
    """The app's role has no right to; a guard refuses even who has every right."""
    shop = neighbours.ours.shop.shop_id
    for verb in ("UPDATE {} SET shop_id = shop_id WHERE shop_id = %s", "DELETE FROM {} WHERE shop_id = %s"):
        command = sql.SQL(verb).format(sql.Identifier(table))
        async with app_role.transaction(force_rollback=True):
            await enter(app_role, shop)
            assert await refused(app_role, command, shop) == "42501"
        if await count(everything, table, "shop_id = %s", shop):
            assert await refused(everything, command, shop) == "42501"
    assert await refused(app_role, sql.SQL("TRUNCATE {}").format(sql.Identifier(table))) == "42501"


@pytest.mark.parametrize("command", [
    "SET ROLE duka_owner", "SET ROLE duka_backup", "SET ROLE postgres", "SET SESSION AUTHORIZATION duka_owner",
    "ALTER ROLE duka_app BYPASSRLS", "ALTER ROLE duka_app SUPERUSER", "GRANT duka_backup TO duka_app",
    "ALTER TABLE sales DISABLE ROW LEVEL SECURITY", "ALTER TABLE sales NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY own_shop ON sales", "CREATE POLICY all_shops ON sales USING (true)",
    "ALTER TABLE invoices DISABLE TRIGGER written_once", "DROP TRIGGER written_once ON invoices",
    "SET session_replication_role = replica", "CREATE VIEW peep AS SELECT * FROM sales", "CREATE TABLE loot (x int)",
    "CREATE FUNCTION peep() RETURNS int LANGUAGE sql AS 'SELECT 1'", "COPY sales TO PROGRAM 'cat'",
    "COPY sales TO '/tmp/loot'", "SELECT pg_read_file('PG_VERSION')", "SELECT pg_reload_conf()",
    "CREATE EXTENSION dblink", "LOAD 'auto_explain'",
])  # fmt: skip
async def test_the_apps_role_cannot_climb_over_the_wall(command: str, app_role: Rows) -> None:
    assert await refused(app_role, command) in {"42501", "42704", "22023", "0LP01"}, command


async def test_switching_row_level_security_off_shows_nothing(app_role: Rows) -> None:
    """`row_security = off` makes a query fail that would be filtered; it never shows more."""
    await app_role.execute("SET row_security = off")
    assert await refused(app_role, "SELECT * FROM sales") == "42501"


async def test_a_guessed_shop_does_not_let_a_session_in(neighbours: Neighbours, app_role: Rows) -> None:
    theirs = neighbours.theirs.shop.shop_id
    row = await (await app_role.execute(
        "SELECT outcome FROM use_shop(%s, %s)", [theirs, neighbours.ours.shop.owner.session_id]
    )).fetchone()  # fmt: skip
    assert row != ("open",)
    assert await count(app_role, "sales") == 0


async def test_the_shop_of_one_transaction_is_gone_in_the_next(
    neighbours: Neighbours, urls: Urls, options: Settings
) -> None:
    """One pooled connection serves both; afterwards the setting is empty, which must not mean any shop."""
    database = Database(urls.app, urls.platform, options.model_copy(update={"pool_size": 2}))
    sales = text("SELECT count(*), current_setting('app.shop_id', true), pg_backend_pid() FROM sales")
    shops = [neighbours.ours.shop.shop_id, neighbours.theirs.shop.shop_id]
    backends = set()
    for shop_id in shops * 3:
        async with database.session() as db:
            fresh = (await db.execute(sales)).one()
            assert (fresh[0], fresh[1] or "") == (0, "")
            await db.execute(text("SELECT enter_shop(:shop)"), {"shop": shop_id})
            seen = (await db.execute(sales)).one()
            assert seen[0] > 0
            assert UUID(seen[1]) == shop_id
            backends.add(seen[2])
            await (db.commit() if shop_id == shops[0] else db.rollback())
    assert len(backends) == 1
    await database.close()


async def test_shops_that_ask_at_once_through_a_small_pool_each_see_their_own(
    neighbours: Neighbours, urls: Urls, options: Settings
) -> None:
    database = Database(urls.app, urls.platform, options.model_copy(update={"pool_size": 2}))

    async def look(shop_id: UUID) -> None:
        async with database.session() as db:
            await db.execute(text("SELECT enter_shop(:shop)"), {"shop": shop_id})
            await asyncio.sleep(0)
            assert set(await db.scalars(text("SELECT shop_id FROM audit_entries"))) == {shop_id}

    pair = [neighbours.ours.shop.shop_id, neighbours.theirs.shop.shop_id]
    await asyncio.gather(*(look(shop_id) for shop_id in pair * 50))
    await database.close()


async def test_no_view_or_function_of_the_owner_leads_around_the_wall(everything: Rows) -> None:
    """Views and functions that run with their owner's rights see every shop: there are none but those listed."""
    views = await (await everything.execute(
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND relkind IN ('v', 'm', 'p', 'f')"
    )).fetchall()  # fmt: skip
    assert views == []
    definers = await (await everything.execute(
        "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname = 'public' AND prosecdef AND has_function_privilege('duka_app', p.oid, 'EXECUTE')"
    )).fetchall()  # fmt: skip
    assert {name for (name,) in definers} <= {
        "use_shop", "use_shop_by_key", "use_shop_by_register", "use_shop_for_system", "enter_shop",
    }  # fmt: skip
