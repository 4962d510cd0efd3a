"""Two shops with one of everything, and every operation of the API."""

from tests.access.world import known, neighbours, prepared, schemas

__all__ = ["known", "neighbours", "prepared", "schemas"]
