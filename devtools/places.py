"""Where things are, and how trouble is told."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"


class Trouble(Exception):
    """Something the person at the terminal must put right; the text says what."""


def python() -> Path:
    """Give the interpreter of the virtual environment."""
    return VENV / "bin" / "python"
