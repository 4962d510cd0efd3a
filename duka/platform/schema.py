"""What every table of a class must have in the database: row-level security, grants, guards. And the lint for it.

Migrations call `protect()` for each table they add; `breaches()` compares a live database with the rules and is what
`duka verify --schema` and the tests run.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, text

from duka.platform.tables import Base, TableClass, insert_only, table_class

JOB_TABLES: Final = frozenset({
    "procrastinate_jobs", "procrastinate_periodic_defers", "procrastinate_events", "procrastinate_workers",
})  # fmt: skip
"""Tables of the job queue: class `platform`, made by its own library."""
OTHER_TABLES: Final = JOB_TABLES | {"alembic_version"}
CONSTRAINT_NAME_MAX: Final = 50

_SHOP: Final = "nullif(current_setting('app.shop_id', true), '')::uuid"


def protect(table: str, kind: TableClass, *, written_once: bool = False) -> list[str]:
    """Give the SQL commands, one each, that a new table needs for its class."""
    if kind == "platform":
        return [
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO duka_platform",
            f"GRANT SELECT ON {table} TO duka_backup",
        ]
    rights = "SELECT, INSERT" if written_once else "SELECT, INSERT, UPDATE, DELETE"
    commands = [f"GRANT SELECT ON {table} TO duka_backup"]
    commands += [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own_shop ON {table} USING (shop_id = {_SHOP}) WITH CHECK (shop_id = {_SHOP})",
        f"GRANT {rights} ON {table} TO duka_app",
    ]
    if written_once:
        commands.append(
            f"CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    return commands


def breaches(connection: Connection) -> list[str]:
    """Name everything in the live schema that breaks a rule of its table's class; empty when all is well."""
    found: list[str] = []
    for row in connection.execute(text(_TABLES)):
        found += _table_breaches(row)
    for row in connection.execute(text(_KEYS)):
        found += _key_breaches(row)
    found += [
        f"index {row.name} on {row.table} is unique without shop_id first"
        for row in connection.execute(text(_UNIQUE))
        if _class_of(row.table) == "shop" and row.first != "shop_id"
    ]
    for row in connection.execute(text(_ROLES)):
        found.append(f"role {row.rolname} is a superuser or bypasses row-level security")
    for row in connection.execute(text(_RIGHTS)):
        if insert_only(row.table):
            found.append(f"duka_app may {row.privilege} rows of {row.table}, which are written once")
    return found


def _class_of(table: str) -> TableClass | None:
    if table in OTHER_TABLES:
        return "platform"
    return table_class(table) if table in Base.metadata.tables else None


def _table_breaches(row: Any) -> Iterator[str]:
    kind = _class_of(row.table)
    if kind is None:
        yield f"table {row.table} has no class"
    if kind != "shop":
        return
    if not row.has_shop or row.nullable:
        yield f"table {row.table} has no shop_id, or one that may be empty"
    if not (row.enabled and row.forced):
        yield f"row-level security of {row.table} is not enabled and forced"
    if row.policies != 1:
        yield f"table {row.table} has {row.policies} policies instead of its one"
    if insert_only(row.table) and not row.guarded:
        yield f"rows of {row.table} are written once but no guard refuses a change"


def _key_breaches(row: Any) -> Iterator[str]:
    if len(row.name) > CONSTRAINT_NAME_MAX:
        yield f"constraint name {row.name} is longer than {CONSTRAINT_NAME_MAX}"
    kind = _class_of(row.table)
    if row.deferrable:
        yield f"constraint {row.name} is deferrable"
    if kind == "shop" and row.type in ("p", "u", "x") and row.first != "shop_id":
        yield f"key {row.name} of {row.table} does not start with shop_id"
    if row.type != "f":
        return
    target = _class_of(row.target)
    if kind == "shop" and target == "shop" and (row.first != "shop_id" or row.target_first != "shop_id"):
        yield f"foreign key {row.name} of {row.table} does not start with shop_id"
    if (kind == "shop" and target == "platform") or (kind != "shop" and target == "shop"):
        yield f"foreign key {row.name} goes from {row.table} ({kind}) to {row.target} ({target})"
    if row.on_delete not in ("a", "r") or row.on_update not in ("a", "r"):
        yield f"foreign key {row.name} of {row.table} cascades"


_TABLES: Final = """
SELECT c.relname AS table, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
    coalesce(a.attnum IS NOT NULL, false) AS has_shop, NOT coalesce(a.attnotnull, false) AS nullable,
    (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_shop'
        AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL AND p.polroles = '{0}') AS policies,
    EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'written_once' AND t.tgenabled = 'O')
        AS guarded
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'shop_id'
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 1
"""

_KEYS: Final = """
SELECT k.conname AS name, c.relname AS table, k.contype::text AS type, k.condeferrable AS deferrable,
    a.attname AS first, t.relname AS target, ta.attname AS target_first,
    k.confdeltype::text AS on_delete, k.confupdtype::text AS on_update
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
LEFT JOIN pg_class t ON t.oid = k.confrelid
LEFT JOIN pg_attribute ta ON ta.attrelid = t.oid AND ta.attnum = k.confkey[1]
WHERE n.nspname = 'public' AND c.relname NOT LIKE 'procrastinate%' ORDER BY 1
"""

_UNIQUE: Final = """
SELECT i.relname AS name, c.relname AS table, a.attname AS first
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
WHERE n.nspname = 'public' AND x.indisunique ORDER BY 1
"""

_ROLES: Final = """
SELECT rolname FROM pg_roles WHERE rolname IN ('duka_app', 'duka_platform') AND (rolsuper OR rolbypassrls)
"""

_RIGHTS: Final = """
SELECT table_name AS table, privilege_type AS privilege FROM information_schema.role_table_grants
WHERE grantee IN ('duka_app', 'duka_platform') AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')
    AND table_schema = 'public' ORDER BY 1, 2
"""
