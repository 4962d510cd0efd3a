"""Who may do what in the database: four roles, their passwords, and the check that none can do too much."""

import hmac
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

from psycopg import Connection, sql

from duka.platform.postgres.errors import DurabilityOff, RoleTooPowerful, SecretTooShort, ServerTooOld

OWNER: Final = "duka_owner"
"""Owns the tables and changes them in migrations; not used while serving."""
APP: Final = "duka_app"
"""Does the shops' work, held to one shop at a time by row-level security."""
PLATFORM: Final = "duka_platform"
"""Does the work above the shops: accounts, sessions, subscriptions, jobs."""
BACKUP: Final = "duka_backup"
"""Reads everything, writes nothing."""

_ATTRIBUTES: Final = {
    OWNER: "NOSUPERUSER NOBYPASSRLS NOREPLICATION",
    APP: "NOSUPERUSER NOBYPASSRLS NOREPLICATION",
    PLATFORM: "NOSUPERUSER NOBYPASSRLS NOREPLICATION",
    # A backup must hold every shop's rows (BYPASSRLS) and copies the server's files over the replication protocol.
    BACKUP: "NOSUPERUSER BYPASSRLS REPLICATION",
}
_SECRET_CHARACTERS_MIN: Final = 32
_VERSION_MIN: Final = 170000


@dataclass(frozen=True, slots=True)
class Urls:
    """Where each role finds the database: SQLAlchemy URLs for psycopg 3. They hold passwords: never log them."""

    owner: str
    app: str
    platform: str
    backup: str


def read_secret(data: Path, given: str | None = None) -> str:
    """Give the installation's secret: the one given by the operator, else the data folder's own, made once.

    The file is `<data>/secret`, 64 hexadecimal characters that only their owner can read.
    """
    if given:
        if len(given) < _SECRET_CHARACTERS_MIN:
            raise SecretTooShort("DUKA_SECRET")
        return given
    path = data / "secret"
    if not path.exists():
        _write_once(path, secrets.token_hex(32))
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < _SECRET_CHARACTERS_MIN:
        raise SecretTooShort(str(path))
    return secret


def _write_once(path: Path, text: str) -> None:
    # Written aside and linked into place: two first starts at once end with one secret, a killed one with none.
    # Some filesystems know no links; there the last one wins.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError:
        draft.replace(path)
    draft.unlink(missing_ok=True)


def role_password(secret: str, role: str) -> str:
    """Give a role's password: HMAC-SHA256 of its name under the secret, in hexadecimal.

    An operator of an external server can compute it too:
    `printf duka_app | openssl dgst -sha256 -hmac "$DUKA_SECRET"`.
    """
    return hmac.new(secret.encode(), role.encode(), sha256).hexdigest()


def libpq(url: str) -> str:
    """Give an SQLAlchemy URL as PostgreSQL's own programs and psycopg take it."""
    return "postgresql" + url[url.index("://") :]


def urls(owner_url: str, secret: str) -> Urls:
    """Give the URLs of all roles on the server of `owner_url`: same place and options, other user and password.

    The owner's URL keeps its own user and password. Supabase's pooler wants its project behind every user name
    (`postgres.project`); that ending is kept.
    """
    parts = urlsplit(owner_url)
    user, _, place = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    ending = name[name.index(".") :] if "." in name and ".pooler.supabase.com" in place else ""

    def of(role: str) -> str:
        netloc = f"{role}{ending}:{role_password(secret, role)}@{place}"
        return urlunsplit(("postgresql+psycopg", netloc, parts.path, parts.query, parts.fragment))

    owner = urlunsplit(("postgresql+psycopg", parts.netloc, parts.path, parts.query, parts.fragment))
    return Urls(owner=owner, app=of(APP), platform=of(PLATFORM), backup=of(BACKUP))


def socket_url(user: str, folder: Path, port: int, database: str) -> str:
    """Give the URL for a user (`name` or `name:password`) of the server whose socket lies in `folder`."""
    return f"postgresql+psycopg://{user}@/{database}?host={quote(str(folder), safe='')}&port={port}"


def ensure_roles(connection: Connection[Any], secret: str, roles: tuple[str, ...] = (APP, PLATFORM, BACKUP)) -> None:
    """Make the given roles, or set their rights and passwords again. The connection must be allowed to.

    Passwords travel as SCRAM verifiers, so no log of the server can hold one.
    """
    for role in roles:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verifier = connection.pgconn.encrypt_password(
            role_password(secret, role).encode(), role.encode(), b"scram-sha-256"
        ).decode()
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN NOCREATEDB NOCREATEROLE {} PASSWORD {}").format(
                sql.SQL("ALTER" if known else "CREATE"),
                sql.Identifier(role),
                sql.SQL(_ATTRIBUTES[role]),
                sql.Literal(verifier),
            )
        )
    if {APP, PLATFORM} <= set(roles):
        # Signing up writes an account and its shop in one transaction, so this role can do the shops' work too.
        # Row-level security holds for it as for the other.
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP), sql.Identifier(PLATFORM)))
    if BACKUP in roles:
        connection.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(sql.Identifier(BACKUP)))


def check_durability(connection: Connection[Any]) -> None:
    """Refuse a server that could lose or leak sales; to be asked as the role the application works with.

    Measured: with synchronous_commit off, half of the confirmed rows were gone after the server was killed, and a
    lost fsync shows in no test short of a power cut. A superuser, or a role that can become one, sees every shop.
    """
    found = connection.execute("SHOW server_version").fetchone()
    if connection.info.server_version < _VERSION_MIN:
        raise ServerTooOld(found[0] if found else "unknown")
    off = connection.execute(
        "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
        " AND setting = 'off' ORDER BY name"
    ).fetchall()
    if off:
        raise DurabilityOff(tuple(row[0] for row in off))
    powers = connection.execute(
        "SELECT current_user, rolname, rolsuper FROM pg_roles"
        " WHERE (rolsuper OR rolbypassrls) AND pg_has_role(current_user, oid, 'MEMBER')"
        " ORDER BY rolname <> current_user"
    ).fetchone()
    if powers is None:
        return
    role, through, superuser = powers
    power = "is a superuser" if superuser else "has BYPASSRLS"
    raise RoleTooPowerful(role, power if role == through else f"can act as '{through}', which {power}")
