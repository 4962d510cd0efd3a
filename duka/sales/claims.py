"""What a register claims about a document that it has issued itself: its place in the series, its link in the chain.

The claim is checked against the document's own bytes, and, in the statement that stores it, against the neighbours
that stand already. Documents arrive in any order: a number that is not there yet is awaited, never an error.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from duka.platform.errors import DukaError
from duka.platform.writes import Outcome, Writes
from duka.sales.invoices import chain
from duka.sales.schemas import IssuedIn


@dataclass(eq=False)
class WrongSeries(DukaError):
    """The document is not numbered in the series that its register has for that business day."""

    text: ClassVar[str] = "This register numbers its documents {expected}, not {sent}."
    damaged: ClassVar[bool] = True
    expected: str
    sent: str


@dataclass(eq=False)
class HashMismatch(DukaError):
    """The hash is not that of this document: something in it was changed, or it was worked out differently. `canonical`
    is the text the server hashes for it, `computed` the hash it comes to with the previous hash that was sent."""

    text: ClassVar[str] = "The hash of {number} is not the hash of its content."
    damaged: ClassVar[bool] = True
    number: str
    canonical: str
    computed: str


@dataclass(eq=False)
class ChainBroken(DukaError):
    """The document does not continue the one before it in its series, or the one after it does not continue it."""

    text: ClassVar[str] = "{number} does not fit the documents beside it in its series."
    damaged: ClassVar[bool] = True
    number: str


@dataclass(eq=False)
class NumberTaken(DukaError):
    """Another document has this number, or one that was set aside holds it. Nothing was stored."""

    text: ClassVar[str] = "The number {number} is taken by another document."
    damaged: ClassVar[bool] = True
    number: str


_FREE: Final = """
NOT EXISTS (SELECT 1 FROM invoices v WHERE v.shop_id = %(shop)s AND v.series_id = %(issued_series)s
    AND v.counter = %(issued_counter)s)
AND NOT EXISTS (SELECT 1 FROM quarantined_documents q WHERE q.shop_id = %(shop)s AND q.claimed_series = %(issued_name)s
    AND q.claimed_counter = %(issued_counter)s)
"""

_FOLLOWS: Final = """
NOT EXISTS (SELECT 1 FROM invoices v WHERE v.shop_id = %(shop)s AND v.series_id = %(issued_series)s AND (
    (v.counter = %(issued_counter)s - 1 AND v.hash <> %(issued_previous)s)
    OR (v.counter = %(issued_counter)s + 1 AND v.previous_hash <> %(issued_hash)s)
))
"""


def number(issued: IssuedIn) -> str:
    """Write the number a register gave. SeriesFull for one that does not fit its 16 characters."""
    return chain.document_number(issued.code, issued.financial_year, issued.counter)


def check(issued: IssuedIn, series: str, canonical: bytes) -> None:
    """Check a claim against the series (`T2/2627`) the document belongs to and against its canonical bytes.

    WrongSeries, HashMismatch, ChainBroken for a first document that claims one before it, SeriesFull.
    """
    sent = chain.series_name(issued.code, issued.financial_year)
    if sent != series:
        raise WrongSeries(series, sent)
    previous = bytes.fromhex(issued.previous_hash)
    computed = chain.invoice_hash(previous, series, issued.counter, canonical).hex()
    if computed != issued.hash:
        raise HashMismatch(number(issued), canonical.decode(), computed)
    if issued.counter == 1 and previous != chain.GENESIS:
        raise ChainBroken(number(issued))


def guard(writes: Writes, issued: IssuedIn) -> None:
    """Let the document be written only if its number is free and its neighbours agree. Reads `issued_series`,
    `issued_counter`, `issued_hash` and `issued_previous`; the series must be held (`issuing.hold`)."""
    writes.value("issued_name", chain.series_name(issued.code, issued.financial_year))
    writes.guard("number_free", _FREE)
    writes.guard("chain_follows", _FOLLOWS)


def refusal(outcome: Outcome, issued: IssuedIn) -> DukaError | None:
    """Say which claim did not hold when the statement wrote nothing; None when another guard failed."""
    if "number_free" in outcome.failed:
        return NumberTaken(number(issued))
    return ChainBroken(number(issued)) if "chain_follows" in outcome.failed else None
