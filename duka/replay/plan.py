"""What each line of the past becomes: sold, written off, taken back against its sale or without receipt, or reported.

Pure: the same documents always come to the same plan, however often and in whatever order their files are given.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from duka.replay.online_retail import Document, Line
from duka.sales.rules import LINES_MAX

NO_RETURN: Final = "less than nothing was sold, at a price, and the document is not a return"
NO_SALE: Final = "a return of less than nothing"
NOT_GOODS: Final = "the document is neither a sale nor a return: its number has a letter before it"
TOO_LONG: Final = f"a document has at most {LINES_MAX} lines"


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of a sale: the document it stands on and its place there, from 0."""

    document: Document
    place: int
    line: Line


@dataclass(frozen=True, slots=True)
class Returned:
    """A line that was taken back. `sold` is the line it was sold with; None where no such line is known."""

    line: Line
    sold: Sold | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot be taken, and why."""

    line: Line
    month: str
    why: str


@dataclass(slots=True)
class Step:
    """One document with what becomes of each of its lines."""

    document: Document
    sold: list[Sold] = field(default_factory=list)
    written_off: list[Line] = field(default_factory=list)
    returned: list[Returned] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, line: Line, why: str) -> None:
        """Report a line."""
        self.refused.append(Refused(line, self.document.month, why))


@dataclass(slots=True)
class _Open:
    """A sold line of which some is not taken back yet."""

    sold: Sold
    left: int


_Key = tuple[str, str, int]


def plan(documents: Iterable[Document]) -> Iterator[Step]:
    """Say what becomes of documents, which come in the order of time.

    A return belongs to the latest earlier line of the same customer, code and price of which enough is left: so what
    is credited is what the return says, to the penny. Where there is none it is a return without receipt.
    """
    sold: defaultdict[_Key, list[_Open]] = defaultdict(list)
    for document in documents:
        step = Step(document)
        for line in document.lines:
            _take(step, line, sold)
        yield step


def _take(step: Step, line: Line, sold: defaultdict[_Key, list[_Open]]) -> None:
    document = step.document
    if line.problem:
        step.refuse(line, line.problem)
    elif document.ref.startswith("C"):
        _take_return(step, line, sold)
    elif not document.ref.isdigit():
        step.refuse(line, NOT_GOODS)
    elif line.quantity < 0:
        if line.price_minor:
            step.refuse(line, NO_RETURN)
        else:
            step.written_off.append(line)
    elif len(step.sold) == LINES_MAX:
        step.refuse(line, TOO_LONG)
    else:
        own = Sold(document, len(step.sold), line)
        step.sold.append(own)
        if document.customer_ref:
            sold[document.customer_ref, line.code, line.price_minor].append(_Open(own, line.quantity))


def _take_return(step: Step, line: Line, sold: defaultdict[_Key, list[_Open]]) -> None:
    if line.quantity > 0:
        step.refuse(line, NO_SALE)
    elif len(step.returned) == LINES_MAX:
        step.refuse(line, TOO_LONG)
    else:
        step.returned.append(Returned(line, _match(step.document, line, sold)))


def _match(document: Document, line: Line, sold: defaultdict[_Key, list[_Open]]) -> Sold | None:
    if document.customer_ref is None:
        return None
    for candidate in reversed(sold.get((document.customer_ref, line.code, line.price_minor), [])):
        if candidate.left >= -line.quantity:
            candidate.left += line.quantity
            return candidate.sold
    return None
