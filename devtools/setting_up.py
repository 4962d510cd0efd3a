"""The virtual environment, made from the locked requirements by uv, or by pip where uv can't be had."""

# ruff: noqa: S603 - running programs is its whole work; the words are its own

import ast
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from devtools.places import ROOT, VENV, Trouble, python

TOOLS = ROOT / ".dev"
LOCK = ROOT / "requirements-dev.txt"
STAMP = VENV / ".made-from"
PYTHON_MIN = (3, 11)
UV = "uv>=0.9,<1"
PIP_INSTALL = ("-m", "pip", "install", "-q", "--disable-pip-version-check")


def set_up() -> None:
    """Make or refresh the virtual environment when the locked requirements or the Python have changed."""
    if sys.version_info < PYTHON_MIN:
        raise Trouble(f"Duka needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    if os.name == "nt":
        raise Trouble("Duka is developed on Linux and macOS; on Windows use WSL.")
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text().strip() == wanted and python().exists():
        return
    print("Setting up .venv ...", flush=True)
    uv = find_uv()
    if uv is None or not (with_uv(uv, []) or with_uv(uv, pip_settings())):
        with_pip()
    STAMP.write_text(wanted + "\n")


def base_python() -> str:
    """Give the interpreter that runs this script, or the one its virtual environment was made from."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def find_uv() -> Path | None:
    """Give a uv to install with: the machine's own, or one fetched into `.dev`; None when neither can be had."""
    found = shutil.which("uv")
    if found:
        return Path(found)
    uv = TOOLS / "uv" / "bin" / "uv"
    if not uv.exists():
        make_venv(TOOLS / "uv")
        (TOOLS / ".gitignore").write_text("*\n")
        # pip finds its index and certificates by its own configuration.
        fetched = subprocess.run([str(TOOLS / "uv" / "bin" / "python"), *PIP_INSTALL, UV])
        if fetched.returncode:
            return None
    return uv


def make_venv(folder: Path) -> None:
    """Make a virtual environment with pip in it."""
    made = subprocess.run(
        [base_python(), "-m", "venv", "--clear", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if made.returncode == 0:
        return
    shutil.rmtree(folder, ignore_errors=True)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    raise Trouble(
        "this Python can't make virtual environments. On Debian or Ubuntu install what is missing with "
        f"`sudo apt install {name}`, elsewhere install Python with pip and venv.\n{made.stdout.decode().strip()}"
    )


def with_uv(uv: Path, settings: list[str]) -> bool:
    """Install the locked requirements with uv; True when it worked."""
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(VENV)}
    certificates = next((word.removeprefix("cert=") for word in settings if word.startswith("cert=")), None)
    if certificates:
        environment["SSL_CERT_FILE"] = certificates
    options = [word for word in settings if not word.startswith("cert=")]
    if not same_python():
        make = [str(uv), "venv", "-q", "--clear", "--python", base_python(), str(VENV)]
        if subprocess.run(make, env=environment).returncode:
            return False
    synced = [str(uv), "pip", "sync", "--require-hashes", *options, str(LOCK)]
    return subprocess.run(synced, env=environment, cwd=ROOT).returncode == 0


def same_python() -> bool:
    """Tell whether .venv works and has the version of the Python that runs this."""
    if not python().exists():
        return False
    ask = [str(python()), "-c", "import sys; print(*sys.version_info[:2])"]
    shown = subprocess.run(ask, stdout=subprocess.PIPE)
    return shown.stdout.decode().split() == [str(number) for number in sys.version_info[:2]]


def pip_settings() -> list[str]:
    """Give pip's own configuration in uv's words; uv reads no pip.conf."""
    pip = TOOLS / "uv" / "bin" / "python"
    shown = subprocess.run(
        [str(pip) if pip.exists() else base_python(), "-m", "pip", "config", "list"], stdout=subprocess.PIPE
    )
    # Hashes are locked, so it may look in every index for the file that has them, as pip does.
    words = ["--index-strategy", "unsafe-best-match"]
    for line in shown.stdout.decode().splitlines():
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        text = str(ast.literal_eval(value))
        if key == "cert":
            words.append(f"cert={text}")
        if key in ("index-url", "extra-index-url", "find-links"):
            words += [f"--{key}={place}" for place in text.split()]
    return words


def with_pip() -> None:
    """Install the locked requirements with pip, where uv can't be had or can't reach the index."""
    print("uv could not do it; trying pip ...", flush=True)
    make_venv(VENV)
    if subprocess.call([str(python()), *PIP_INSTALL, "--require-hashes", "-r", str(LOCK)], cwd=ROOT):
        raise Trouble("the requirements could not be installed; pip's words above say why.")
