"""The words of the books on the wire. Amounts are integer minor units."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from duka.platform.wire import Moment, Shown


class AccountOut(Shown):
    """An account with what was booked to it. `balance` is debit less credit: over all accounts it is 0."""

    code: str
    name: str
    kind: Literal["asset", "liability", "equity", "income", "expense"]
    active: bool
    debit: int
    credit: int
    balance: int


class PostingOut(Shown):
    """An amount moved from one account (`credit`) to another (`debit`) by a document."""

    id: UUID
    debit: str
    debit_name: str
    credit: str
    credit_name: str
    amount: int = Field(validation_alias="amount_minor")
    source: str
    source_id: UUID
    business_date: date
    posted_on: date
    """The day it counts in the books: its business day, unless that day's books were closed."""
    at: Moment
