"""The first page."""

from fastapi import FastAPI

from duka.platform.settings import Settings


def mount(app: FastAPI, options: Settings) -> None:
    """Serve the first page and its files."""
