"""What changes money, one verb a file: it is taken and given back, drawers are opened, moved in and closed."""

from duka.payments.actions.closing import close_session
from duka.payments.actions.moving import CashMoved, DrawerShort, SessionClosed, move_cash
from duka.payments.actions.naming import PersonUnknown
from duka.payments.actions.opening import Opened, RegisterSessionOpen, WrongRegister, open_session
from duka.payments.actions.placing import place
from duka.payments.actions.taking import Desk, Money, receive, refund

__all__ = [
    "CashMoved", "Desk", "DrawerShort", "Money", "Opened", "PersonUnknown", "RegisterSessionOpen", "SessionClosed",
    "WrongRegister", "close_session", "move_cash", "open_session", "place", "receive", "refund",
]  # fmt: skip
