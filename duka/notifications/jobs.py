"""The readers of events that write notifications."""

from typing import Final

from duka.notifications import actions
from duka.platform.jobs import Reader

READERS: Final = (
    Reader("notifications.low_stock", frozenset({"stock.low"}), actions.tell_low_stock),
    Reader(
        "notifications.exceptions", frozenset({"exception.noted", "document.set_aside"}), actions.tell_exceptions
    ),
    Reader("notifications.reviews", frozenset({"sale.submitted"}), actions.tell_reviews),
    Reader("notifications.adjustments", frozenset({"stock.adjustment_requested"}), actions.tell_adjustments),
    Reader("notifications.expiring", frozenset({"stock.expiring"}), actions.tell_expiring),
    Reader(
        "notifications.orders", frozenset({"purchase_order.reordered", "purchase_order.confirmed"}), actions.tell_orders
    ),
    Reader("notifications.logins", frozenset({"staff.new_device", "staff.session_copied"}), actions.tell_logins),
)
"""Each tells those whom its kind of event concerns."""
