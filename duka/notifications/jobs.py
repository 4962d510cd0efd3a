"""The readers of events that write notifications."""

from typing import Final

from duka.notifications import actions
from duka.platform.jobs import Reader

LOW_STOCK: Final = Reader("notifications.low_stock", frozenset({"stock.low"}), actions.tell_low_stock)
"""Tells who may see stock that an item has fallen to its minimum."""
