"""The schema: the walls between shops, the guards of what is written once, and a server that forgets nothing."""

from collections.abc import Iterable
from typing import Final

import psycopg
from sqlalchemy import create_engine

from duka.platform import schema
from duka.verify.invariants import Facts, Invariant, Look, asked

# Trigger types: 1 for each row, 2 before, 8 delete, 16 update.
_GUARDS: Final = """
SELECT c.relname AS table, p.proname AS function FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.tgname = 'written_once' AND (t.tgenabled <> 'O' OR t.tgtype & 27 <> 27 OR p.proname <> 'refuse_change'
    OR t.tgqual IS NOT NULL OR p.prosrc !~ 'RAISE EXCEPTION' OR p.prosrc ~* 'RETURN')
"""

_DURABLE: Final = """
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
"""


def _lint(look: Look) -> Iterable[Facts]:
    known = look.connection.info
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(known.dsn, password=known.password)
    )  # the lint speaks SQLAlchemy
    try:
        with engine.connect() as connection:
            return [{"wrong": wrong} for wrong in schema.breaches(connection)]
    finally:
        engine.dispose()


OF_SCHEMA: Final = (
    Invariant(
        10, "written_once", "Rows that are written once are guarded: whoever would change or delete one is refused.",
        asked(_GUARDS),
    ),
    Invariant(
        14, "durability", "The database acknowledges a write only when it would survive a crash.", asked(_DURABLE)
    ),
    Invariant(
        20, "tenant_walls", "Every table is of a known class; those of shops have their keys, policies, rights and "
        "guards.", _lint,
    ),
)  # fmt: skip
