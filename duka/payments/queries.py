"""What is asked about money: the drawer's open session."""

from typing import Final

from duka.platform.reads import Reads
from duka.shops.queries import TILL

_OPEN_SESSION: Final = """
SELECT id, register_id, opened_by, business_date FROM register_sessions
WHERE shop_id = %(shop)s AND register_id = (SELECT register_id FROM ({till}) t) AND closed_at IS NULL
"""


def ask_open_session(reads: Reads) -> None:
    """Ask for the open session (`open_session`, at most one row) of the till that `shops.queries.ask_till` asks for."""
    reads.ask("open_session", _OPEN_SESSION.replace("{till}", TILL))
