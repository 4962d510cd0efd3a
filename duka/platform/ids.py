"""Ids that are made where the thing is made and sort by the time they were made: UUIDv7 (RFC 9562)."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Make an id for a new row or document."""
    return uuid7()
