"""What changes the books: postings, each an amount from one account to another, balanced by being one row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from duka.ledger.models import Posting
from duka.platform.ids import new_id
from duka.platform.writes import Writes


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount to post, in minor units: `debit` and `credit` are account numbers (`ledger.chart`)."""

    debit: str
    credit: str
    amount_minor: int


def post(writes: Writes, entries: Sequence[Entry], *, source: str, source_id: UUID, business_date: date,
         if_any: str = "") -> None:
    """Write a document's postings. An amount of 0 is nothing to post; a negative one is posted the other way round.

    With `if_any` they are written only if that part of the statement, which gives one row at most, gives one.
    """
    writes.insert(
        Posting,
        [
            {
                "id": new_id(),
                "debit": each.debit if each.amount_minor > 0 else each.credit,
                "credit": each.credit if each.amount_minor > 0 else each.debit,
                "amount_minor": abs(each.amount_minor), "source": source, "source_id": source_id,
                "business_date": business_date, "posted_on": business_date, "at": writes.ctx.now,
            }
            for each in entries
            if each.amount_minor
        ],
        reads=(if_any,) if if_any else (),
    )  # fmt: skip
