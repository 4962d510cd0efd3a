"""The door to the catalogue."""

from typing import Final

from fastapi import APIRouter

from duka.catalog.api import groups, products, taxes

ROUTERS: Final[tuple[APIRouter, ...]] = (groups.router, taxes.router, products.router)
