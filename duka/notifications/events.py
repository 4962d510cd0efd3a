"""What notifications tell the others through the outbox."""

from typing import Final

CREATED: Final = "notification.created"
"""There are new notifications; the entity is the newest of them. For open screens, which count what is unread."""

READ: Final = "notification.read"
"""Somebody has read one (the entity), or everything (the entity is the person): their other devices count anew."""
