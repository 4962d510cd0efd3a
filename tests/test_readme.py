"""The README's lines for the first sale, copied and run as they stand against a real server."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from duka.platform.postgres import Urls

ROOT = Path(__file__).parent.parent


@pytest.fixture
def address(urls: Urls, tmp_path: Path) -> Iterator[str]:
    """A web server of its own process on the tests' database, in demo mode so that it tells sign-up codes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "DUKA_DATA": os.environ["DUKA_TEST_DATA"], "DUKA_PORT": str(port), "DUKA_MODE": "demo",
        "DUKA_LOG_LEVEL": "error",
        # The other tests have asked for many codes from this address already.
        "DUKA_AUTH_REQUESTS_PER_MINUTE": "1000000",
    }  # fmt: skip
    server = subprocess.Popen([sys.executable, "-m", "duka.cli", "serve"], env=environment, stdout=subprocess.DEVNULL)
    try:
        for _ in range(900):  # a busy machine takes its time
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's lines need curl, which this machine lacks")
def test_the_first_sale_works_as_the_readme_tells_it(address: str, tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- tried by tests/test_readme.py -->\n```sh\n(.*?)```", text, re.DOTALL)
    assert found
    lines = found.group(1).replace("http://127.0.0.1:8000", address)
    command = ["bash", "-eu", "-c", lines]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    number, change = done.stdout.split()
    assert re.fullmatch(r"S1/\d{4}/000001", number)
    assert change == "20000"
    assert (tmp_path / "receipt.pdf").read_bytes().startswith(b"%PDF")
