"""What is asked of the books: what every account holds, and each posting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, and_, cast, or_, select
from sqlalchemy.orm import aliased

from duka.ledger.models import LedgerAccount, Posting
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.wire import PageInfo, Paging, page

_TRIAL_BALANCE: Final = """
WITH booked AS (
    SELECT debit, credit, sum(amount_minor) AS amount FROM postings
    WHERE shop_id = %(shop)s AND (%(since)s::date IS NULL OR posted_on >= %(since)s::date)
        AND (%(until)s::date IS NULL OR posted_on <= %(until)s::date)
    GROUP BY debit, credit
), sides AS (
    SELECT debit AS code, amount AS debit, 0 AS credit FROM booked
    UNION ALL SELECT credit, 0, amount FROM booked
)
SELECT a.code, a.name, a.kind, a.active, coalesce(sum(s.debit), 0)::bigint AS debit,
    coalesce(sum(s.credit), 0)::bigint AS credit, coalesce(sum(s.debit - s.credit), 0)::bigint AS balance
FROM ledger_accounts a LEFT JOIN sides s ON s.code = a.code
WHERE a.shop_id = %(shop)s GROUP BY a.code, a.name, a.kind, a.active ORDER BY a.code
"""


@dataclass(frozen=True, slots=True)
class Booked:
    """What a list of postings is narrowed to; days are those the postings count on, both included."""

    account: str | None = None
    source: str | None = None
    source_id: UUID | None = None
    since: date | None = None
    until: date | None = None


async def trial_balance(ctx: Ctx, since: date | None, until: date | None) -> Sequence[Any]:
    """Give every account with its debits and credits in a period (or ever), by number. The balances sum to 0."""
    return await fetch(ctx, _TRIAL_BALANCE, {"since": since, "until": until})


async def journal(ctx: Ctx, asked: Paging, booked: Booked) -> tuple[Sequence[Any], PageInfo]:
    """List postings with the names of their accounts, the newest first. `q` is part of an account's number or name, of
    the kind of document, or the document's id."""
    debited, credited = aliased(LedgerAccount), aliased(LedgerAccount)
    columns: tuple[Any, ...] = (
        Posting.id, Posting.debit, debited.name.label("debit_name"), Posting.credit,
        credited.name.label("credit_name"), Posting.amount_minor, Posting.source, Posting.source_id,
        Posting.business_date, Posting.posted_on, Posting.at,
    )  # fmt: skip
    query = select(*columns).join_from(
        Posting, debited, and_(debited.shop_id == Posting.shop_id, debited.code == Posting.debit)
    ).join(credited, and_(credited.shop_id == Posting.shop_id, credited.code == Posting.credit))  # fmt: skip
    if booked.account:
        query = query.where(or_(Posting.debit == booked.account, Posting.credit == booked.account))
    if booked.source:
        query = query.where(Posting.source == booked.source)
    if booked.source_id:
        query = query.where(Posting.source_id == booked.source_id)
    if asked.q:
        said = (
            Posting.debit, debited.name, Posting.credit, credited.name, Posting.source, cast(Posting.source_id, Text())
        )  # fmt: skip
        query = query.where(or_(*(column.icontains(asked.q, autoescape=True) for column in said)))
    if booked.since:
        query = query.where(Posting.posted_on >= booked.since)
    if booked.until:
        query = query.where(Posting.posted_on <= booked.until)
    sorts: dict[str, Any] = {"id": Posting.id, "posted_on": Posting.posted_on, "amount": Posting.amount_minor}
    return await page(ctx, query, asked, sorts, Posting.id, default="-id")
