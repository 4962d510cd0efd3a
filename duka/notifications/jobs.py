"""The readers of events that write notifications."""

from typing import Final

from duka.notifications import actions
from duka.platform.context import Ctx
from duka.platform.jobs import Reader
from duka.shops import settings


def _reviews_sales(ctx: Ctx) -> bool:
    return settings.of(ctx).review_sales


READERS: Final = (
    Reader("notifications.low_stock", frozenset({"stock.low"}), actions.tell_low_stock),
    Reader(
        "notifications.exceptions", frozenset({"exception.noted", "document.set_aside"}), actions.tell_exceptions
    ),
    Reader(
        "notifications.reviews", frozenset({"sale.created", "sale.completed"}), actions.tell_reviews, _reviews_sales
    ),
    Reader("notifications.adjustments", frozenset({"stock.adjustment_requested"}), actions.tell_adjustments),
    Reader("notifications.logins", frozenset({"staff.new_device", "staff.session_copied"}), actions.tell_logins),
)
"""Each tells those whom its kind of event concerns."""
