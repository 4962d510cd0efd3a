"""The numbers of a till on the wire: which came, which are awaited."""

from typing import Literal
from uuid import UUID

from duka.platform.wire import Moment, Shown
from duka.shops.registers.schemas import HoleOut


class Range(Shown):
    """Numbers that follow each other, both ends included."""

    first: int
    last: int


class SeriesNumbers(Shown):
    """How far a series has come at the server.

    The server knows of number `highest_seen`. Those below it that it does not have are `awaited`: the till has not
    delivered them. A damaged document holds its number too (`set_aside`); what was declared lost when the till was
    closed (`declared_hole`) is awaited no more.
    """

    id: UUID
    kind: Literal["invoice", "credit_note", "debit_note"]
    code: str
    financial_year: str
    highest_seen: int
    complete_to: int
    awaited: list[Range]
    """The first 1,000 ranges."""
    awaited_count: int
    set_aside: list[int]
    closed_at: Moment | None
    declared_hole: HoleOut | None
