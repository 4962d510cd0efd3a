"""Loading in bulk: what a shop would gather in years, written in minutes, and left as the server keeps it at rest."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from bench.place import Place
from duka.platform.postgres import libpq

_INDEXES: Final = """
SELECT c.relname, pg_get_indexdef(x.indexrelid) FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
WHERE x.indrelid = ANY (%s::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = x.indexrelid)
"""

# For this connection alone, but the size of the log, which is put back. Foreign keys and guards are not asked.
_WHILE_LOADING: Final = (
    "ALTER SYSTEM SET max_wal_size = '32GB'", "SELECT pg_reload_conf()", "SET session_replication_role = replica",
    "SET synchronous_commit = off", "SET maintenance_work_mem = '1GB'", "SET work_mem = '256MB'",
)  # fmt: skip
_AFTERWARDS: Final = ("ALTER SYSTEM RESET max_wal_size", "SELECT pg_reload_conf()", "CHECKPOINT")


@contextmanager
def loading(at: Place, tables: Sequence[str]) -> Iterator[psycopg.Connection[Any]]:
    """Give the superuser's connection for filling tables, whose indexes are made when the block ends.

    Afterwards the tables are vacuumed and counted and everything is on disk, so that no such work falls into what is
    measured. Nothing else may use the tables meanwhile.
    """
    names = list(tables)
    with psycopg.connect(libpq(at.cluster.superuser_url("duka")), autocommit=True) as connection:
        for statement in _WHILE_LOADING:
            connection.execute(statement)
        indexes = connection.execute(_INDEXES, [names]).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        yield connection
        for _, definition in indexes:
            connection.execute(definition)
        connection.execute(f"VACUUM (ANALYZE, FREEZE) {', '.join(names)}")
        for statement in _AFTERWARDS:
            connection.execute(statement)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Print how long a step of the preparation took."""
    began = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - began:.0f} s", flush=True)
