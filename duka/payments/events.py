"""What payments tell the others through the outbox."""

from typing import Final

SESSION_OPENED: Final = "register_session.opened"
"""A drawer was opened: `register_id`, `branch_id`, `float_minor`."""

SESSION_CLOSED: Final = "register_session.closed"
"""A drawer was counted: `register_id`, `branch_id`, `expected_minor`, `counted_minor`."""

CASH_MOVED: Final = "register_session.cash_moved"
"""Cash was put into a drawer or taken out of it: `register_session_id`, `direction`, `amount_minor`."""
