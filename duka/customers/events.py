"""What customers tell the others through the outbox. The entity is the customer; no fact is a personal value."""

from typing import Final

CREATED: Final = "customer.created"
"""Somebody was registered."""

UPDATED: Final = "customer.updated"
"""Details were changed: `fields` names the columns."""

DELETED: Final = "customer.deleted"
"""Somebody whom no document named was deleted."""
