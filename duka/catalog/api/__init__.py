"""The door to the catalogue."""

from typing import Final

from fastapi import APIRouter

from duka.catalog.api import groups, imports, products, taxes

ROUTERS: Final[tuple[APIRouter, ...]] = (groups.router, taxes.router, imports.router, products.router)
