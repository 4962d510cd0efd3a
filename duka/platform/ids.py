"""Ids that are made where the thing is made and sort by the time they were made: UUIDv7 (RFC 9562)."""

from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from duka.platform.context import Ctx
from duka.platform.errors import ValidationError

_SORTED_BY_TIME: Final = 7


def new_id() -> UUID:
    """Make an id for a new row or document."""
    return uuid7()


def check_made(ctx: Ctx, made: UUID, field: str = "id") -> None:
    """Refuse a document's id that does not begin with the time it was made: lists show the newest first by it.

    What was recorded happened, and is stored under whatever id it has. ValidationError, naming `field`.
    """
    if made.version != _SORTED_BY_TIME and not ctx.recording:
        raise ValidationError(fields={field: ["Send a UUID of version 7: it begins with the time it was made."]})
