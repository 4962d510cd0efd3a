"""The command `duka`: everything in one process when called without a command, or one part of it by name."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import uvicorn

from duka import __version__, installation
from duka.platform import logs
from duka.platform.postgres import StartError
from duka.platform.settings import Settings, settings

_KEEP_ALIVE_SECONDS = 75  # uvicorn's own 5 s drops connections of clients that ask every few seconds
_WORKER_ANSWERS_SECONDS = 30  # uvicorn's own 5 s kills processes that are still starting on a busy machine


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; give the exit code."""
    arguments = _parser().parse_args(argv)
    _into_environment(arguments)
    options = settings()
    logs.set_up(options)
    run: Callable[[argparse.Namespace, Settings], int] = arguments.run
    try:
        return run(arguments, options)
    except StartError as failed:
        print(f"Duka cannot start: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def up(arguments: argparse.Namespace, options: Settings) -> int:
    """Start everything: database, schema, web server, jobs."""
    started = time.monotonic()
    with installation.running(options) as found:
        if arguments.demo:
            made = subprocess.run([sys.executable, "-m", "duka.cli", "demo"], check=False)
            if made.returncode:
                return made.returncode
        if arguments.exit_when_ready:
            threading.Thread(target=_stop_when_ready, args=(options, started), daemon=True).start()
        # The web server ends by the signal it was sent; the database must be stopped after it all the same.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            _serve(found.options)
    return 0


def serve(_arguments: argparse.Namespace, options: Settings) -> int:
    """Start the web server on a database that is running."""
    _serve(options)
    return 0


def _serve(options: Settings) -> None:
    print(f"Duka is at http://{options.host}:{options.port}/", flush=True)
    uvicorn.run(
        "duka.main:app_from_environment", factory=True, host=options.host, port=options.port, workers=options.workers,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS, log_config=None, access_log=False, server_header=False,
        proxy_headers=bool(options.trusted_proxies), forwarded_allow_ips=options.trusted_proxies or None,
        backlog=4096, timeout_graceful_shutdown=20, timeout_worker_healthcheck=_WORKER_ANSWERS_SECONDS,
    )  # fmt: skip


def _stop_when_ready(options: Settings, started: float) -> None:
    address = f"http://{options.host}:{options.port}"
    while True:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    break
        except OSError:
            time.sleep(0.1)
    print(f"Ready after {time.monotonic() - started:.1f} s at {address}/", flush=True)
    os.kill(os.getpid(), 2)


def migrate(_arguments: argparse.Namespace, options: Settings) -> int:
    """Bring the schema up to date and stop."""
    with installation.running(options):
        print("The schema is up to date.")
    return 0


def new_migration(arguments: argparse.Namespace, options: Settings) -> int:
    """Write the migration that makes the database what the models say."""
    from duka import migrations

    with installation.running(options) as found:
        migrations.write_new(found.urls.owner, arguments.message)
    return 0


def openapi(_arguments: argparse.Namespace, options: Settings) -> int:
    """Print the API's description."""
    import json

    from duka.main import describe

    print(json.dumps(describe(options), indent=1, ensure_ascii=False))
    return 0


def demo(_arguments: argparse.Namespace, options: Settings) -> int:
    """Make the example shop, unless it is there."""
    import asyncio

    from duka.demo import make
    from duka.main import make_house

    async def made(found: installation.Installation) -> int:
        house = make_house(found.options, found.urls, found.secret)
        try:
            return await make.run(house)
        finally:
            await house.database.close()

    with installation.running(options) as found:
        return asyncio.run(made(found))


def verify(arguments: argparse.Namespace, options: Settings) -> int:
    """Prove what always holds on the live data and name every breach; 1 when there is one."""
    from duka.platform.identity import Signer
    from duka.verify import runner

    with installation.running(options) as found:
        began = time.monotonic()
        tallies = runner.verify(
            found.urls, Signer(found.secret), arguments.shop, schema_only=arguments.schema
        )
    if tallies is None:
        print(f"No shop is called {arguments.shop}.", file=sys.stderr)
        return 1
    write = runner.as_json if arguments.json else runner.as_text
    print(write(tallies, time.monotonic() - began))
    return 1 if runner.breaches_of(tallies) else 0


def close_costs(arguments: argparse.Namespace, options: Settings) -> int:
    """Work out what everything cost by business time and book what differs; 1 when no shop is called so."""
    import asyncio

    from duka.main import make_house
    from duka.stock.costs import jobs as closing_jobs
    from duka.verify import runner

    async def closed(found: installation.Installation, shops: Sequence[UUID]) -> None:
        house = make_house(found.options, found.urls, found.secret)
        try:
            for shop_id in shops:
                began = time.monotonic()
                done = await closing_jobs.close_costs(house, shop_id, arguments.until)
                told = f"closed in {time.monotonic() - began:.1f} s" if done else "nothing new"
                print(f"{shop_id}: {told}", flush=True)
        finally:
            await house.database.close()

    with installation.running(options) as found:
        with runner.connect(found.urls.app) as connection:
            shops = runner.shops_called(connection, arguments.shop)
        if arguments.shop and not shops:
            print(f"No shop is called {arguments.shop}.", file=sys.stderr)
            return 1
        asyncio.run(closed(found, shops))
    return 0


def worker(_arguments: argparse.Namespace, options: Settings) -> int:
    """Run background jobs on a database that is running."""
    import asyncio

    from duka.main import work

    asyncio.run(work(installation.find(options)))
    return 0


def import_online_retail(arguments: argparse.Namespace, options: Settings) -> int:
    """Sell a past of "Online Retail" files again, in a shop made for it."""
    from duka.replay import terminal

    with installation.running(options) as found:
        return terminal.import_files(found, arguments.files, again=arguments.again, report_to=arguments.report)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("duka", description="The system a small shop runs on.")
    parser.add_argument("--version", action="version", version=f"Duka {__version__}")
    parser.add_argument("--demo", action="store_true", help="fill an empty installation with a believable shop")
    parser.add_argument("--exit-when-ready", action="store_true", help="stop as soon as everything answers")
    _common(parser)
    parser.set_defaults(run=up)
    commands = parser.add_subparsers(title="parts", metavar="PART")
    for name, run, text in (
        ("serve", serve, "only the web server"),
        ("worker", worker, "only the background jobs"),
        ("migrate", migrate, "bring the schema up to date"),
        ("demo", demo, "make the example shop and tell its logins"),
        ("openapi", openapi, "print the API's description"),
    ):
        _common(_command(commands, name, run, text))
    proof = _command(commands, "verify", verify, "prove on the live data what always holds")
    what = proof.add_mutually_exclusive_group()
    what.add_argument("--shop", metavar="ID|SLUG", help="one shop only")
    what.add_argument("--schema", action="store_true", help="the tables' own walls and guards only")
    proof.add_argument("--json", action="store_true", help="answer for programs")
    _common(proof)
    costs = _command(commands, "close-costs", close_costs, "book what goods cost by business time")
    costs.add_argument("--shop", metavar="ID|SLUG", help="one shop only")
    costs.add_argument("--until", type=date.fromisoformat, metavar="DATE", help="last business day (yesterday)")
    _common(costs)
    new = _command(commands, "new-migration", new_migration, "write a migration from the models")
    new.add_argument("message")
    _common(new)
    _import_parser(commands)
    return parser


def _import_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    whole = commands.add_parser("import", help="bring a shop's past in", description="bring a shop's past in")
    kinds = whole.add_subparsers(title="kinds of files", metavar="KIND", required=True)
    retail = _command(kinds, "online-retail", import_online_retail, "sales of the Online Retail data set, as CSV")
    retail.add_argument("files", nargs="+", type=Path, metavar="FILE", help="CSV, plain or gzipped")
    retail.add_argument("--again", action="store_true", help="go on with the shop of an earlier import")
    retail.add_argument("--report", type=Path, metavar="FILE", help="write the report as JSON too")
    _common(retail)


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str,
    run: Callable[[argparse.Namespace, Settings], int], text: str,
) -> argparse.ArgumentParser:  # fmt: skip
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    return command


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=argparse.SUPPRESS, help="the folder for all data (DUKA_DATA)")
    parser.add_argument("--port", type=int, default=argparse.SUPPRESS, help="where to listen (DUKA_PORT)")
    parser.add_argument("--host", default=argparse.SUPPRESS, help="the address to listen on (DUKA_HOST)")
    parser.add_argument("--workers", type=int, default=argparse.SUPPRESS, help="web processes (DUKA_WORKERS)")


def _into_environment(arguments: argparse.Namespace) -> None:
    # Worker processes read the same settings, so a flag becomes the variable it stands for.
    for name in ("data", "port", "host", "workers"):
        if hasattr(arguments, name):
            os.environ[f"DUKA_{name.upper()}"] = str(getattr(arguments, name))
    if getattr(arguments, "demo", False):
        os.environ.setdefault("DUKA_MODE", "demo")
    settings.cache_clear()


if __name__ == "__main__":
    sys.exit(main())
