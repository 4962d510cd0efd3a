"""What the tables promise, on a database of its own: each wall that is taken down is named."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from duka import migrations
from duka.platform.ids import new_id
from duka.platform.postgres import Urls, libpq
from duka.verify import runner
from duka.verify.invariants import Look
from duka.verify.registry import OF_INSTALLATION, OF_SCHEMA
from tests.verify.conftest import superuser
from tests.world import Shop

pytestmark = pytest.mark.slow

DATABASE = "duka_walls"


@pytest.fixture(scope="module")
def walls(urls: Urls) -> Iterator[str]:
    """A database with the schema and nothing else; its owner's URL."""
    name = f"{DATABASE}_{new_id().hex[-8:]}"
    with superuser() as root:
        root.rollback()
        root.autocommit = True
        root.execute(f"CREATE DATABASE {name} OWNER {make_url(urls.owner).username} TEMPLATE template0".encode())
        url = make_url(urls.owner).set(database=name).render_as_string(hide_password=False)
        migrations.bring_up_to_date(url)
        yield url
        root.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def broken(url: str, *changes: str) -> list[tuple[str, Any]]:
    """Change the schema, say what is broken then, and change it back."""
    with psycopg.connect(libpq(url), autocommit=True) as owner:
        for change in changes:
            owner.execute(change.encode())
    with runner.connect(url) as connection:
        found = runner.breaches_of(runner.verify_outside(connection, OF_SCHEMA))
    return [(each.invariant, dict(each.facts)) for each in found]


def test_the_schema_as_it_is_made_breaks_nothing(walls: str) -> None:
    assert broken(walls) == []


def test_a_guard_that_is_off_is_named(walls: str) -> None:
    found = broken(walls, "ALTER TABLE invoices DISABLE TRIGGER written_once")
    assert ("written_once", {"table": "invoices", "function": "refuse_change"}) in found
    assert {name for name, _ in found} == {"written_once", "tenant_walls"}
    assert broken(walls, "ALTER TABLE invoices ENABLE TRIGGER written_once") == []


def test_a_guard_that_lets_everything_pass_is_named(walls: str) -> None:
    lax = "CREATE FUNCTION lax() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
    guard = "CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON payments FOR EACH ROW EXECUTE FUNCTION {}()"
    drop = "DROP TRIGGER written_once ON payments"
    found = broken(walls, lax, drop, guard.format("lax"))
    assert found == [("written_once", {"table": "payments", "function": "lax"})]
    assert broken(walls, drop, guard.format("refuse_change")) == []


def test_a_wall_between_shops_that_is_down_is_named(walls: str) -> None:
    found = broken(walls, "ALTER TABLE sales NO FORCE ROW LEVEL SECURITY")
    assert found == [("tenant_walls", {"wrong": "row-level security of sales is not enabled and forced"})]
    assert broken(walls, "ALTER TABLE sales FORCE ROW LEVEL SECURITY") == []


def test_a_table_of_no_class_is_named(walls: str) -> None:
    found = broken(walls, "CREATE TABLE stray (id int)")
    assert found == [("tenant_walls", {"wrong": "table stray has no class"})]
    assert broken(walls, "DROP TABLE stray") == []


def test_a_server_that_forgets_is_named(walls: str) -> None:
    with runner.connect(walls) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.commit()
        found = runner.breaches_of(runner.verify_outside(connection, OF_SCHEMA))
    assert [(each.invariant, each.facts["name"]) for each in found] == [("durability", "synchronous_commit")]


async def test_a_token_that_worked_twice_or_too_late_is_named(shop: Shop, forger: psycopg.Connection[Any]) -> None:
    with runner.connect(libpq(shop.house.database.platform.url.render_as_string(hide_password=False))) as connection:
        before = runner.breaches_of(runner.verify_outside(connection, OF_INSTALLATION))
    async with shop.asking() as ctx:
        now = ctx.now
    session = shop.owner.session_id
    token = (
        "INSERT INTO refresh_tokens (id, session_id, token_hash, created_at, expires_at, spent_at, spent_request) "
        "VALUES (%s, %s, sha256(%s), %s, %s, %s, %s)"
    )
    for number, spent in ((b"1", None), (b"2", None), (b"3", now), (b"4", now + timedelta(hours=1))):
        row = [new_id(), session, number, now, now + timedelta(days=1), spent, "request" if number == b"4" else None]
        forger.execute(token, row)
    forger.execute("UPDATE device_sessions SET ended_at = %s WHERE id = %s", [now, session])
    found = runner.breaches_of(runner.examine(Look(forger, None), OF_INSTALLATION))
    wrong = sorted(each.facts["wrong"] for each in found if each.facts["session_id"] == session)
    assert wrong == [
        "more than one of its session is unspent", "spent after its session ended",
        "spent by no request, or the other way round",
    ]  # fmt: skip
    assert session not in {each.facts["session_id"] for each in before}
