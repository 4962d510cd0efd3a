"""The register of docs/registers.md, run as it stands against a real server."""

from pathlib import Path

from tests.test_readme import address

__all__ = ["address"]
ROOT = Path(__file__).parent.parent
