"""The door to the catalogue."""

from typing import Final

from fastapi import APIRouter

from duka.catalog.api import groups, imports, labels, pricing, products, starters, taxes

ROUTERS: Final[tuple[APIRouter, ...]] = (
    groups.router, taxes.router, imports.router, pricing.changes, pricing.products, labels.router,
    starters.router, products.router,
)  # fmt: skip
