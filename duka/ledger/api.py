"""The door to the books: the trial balance and the journal. They are only read here; documents write them."""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.ledger import queries
from duka.ledger.queries import Booked
from duka.ledger.schemas import AccountOut, PostingOut
from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import BadCursor, Page, PageInfo, Paging

accounts = edge.router("/ledger-accounts", "books")
journal = edge.router("/journal", "books")
ROUTERS: Final = (accounts, journal)

Reader = Annotated[Ctx, allow("journal:read")]
Since = Annotated[date | None, Query(alias="from", description="First day.")]
Until = Annotated[date | None, Query(alias="to", description="Last day.")]

_ACCOUNTS = (
    Column("code", "Account"), Column("name", "Name"), Column("kind", "Kind"), Column("debit", "Debit", "money"),
    Column("credit", "Credit", "money"), Column("balance", "Balance", "money"),
)  # fmt: skip
_POSTINGS = (
    Column("posted_on", "Date", "date"), Column("debit", "Debit"), Column("debit_name", "Debit account"),
    Column("credit", "Credit"), Column("credit_name", "Credit account"), Column("amount_minor", "Amount", "money"),
    Column("source", "Document"), Column("source_id", "Document id"), Column("business_date", "Business day", "date"),
)  # fmt: skip


@accounts.get("", summary="Show the trial balance", response_model=Page[AccountOut])
async def trial_balance(
    ctx: Reader, since: Since = None, until: Until = None,
    format: wire.FileFormat = None,  # noqa: A002 - the parameter's name on the wire
) -> Page[AccountOut] | Response:  # fmt: skip
    """Every account with what was booked to it, in a period or ever, by number; the whole chart in one answer.

    `balance` is debit less credit; over all accounts it is 0. Exports need `journal:export`.
    """
    asked = Paging(limit=0, cursor=None, sort=None, q=None, total=False, format=format)
    file_format = exports.wanted(ctx, asked, "journal:export")
    rows = await queries.trial_balance(ctx, since, until)
    if file_format:
        return await exports.file_response(ctx, exports.at_once(rows), _ACCOUNTS, "trial-balance", file_format)
    return Page(
        data=[AccountOut.model_validate(row) for row in rows], page=PageInfo(next_cursor=None, limit=max(1, len(rows)))
    )


async def _booked(
    account: Annotated[str | None, Query(max_length=20, description="Postings from or to one account.")] = None,
    source: Annotated[str | None, Query(max_length=50, description="Of one kind of document.")] = None,
    source_id: Annotated[UUID | None, Query(description="Of one document.")] = None,
    since: Since = None,
    until: Until = None,
) -> Booked:
    return Booked(account, source, source_id, since, until)


@journal.get("", summary="List postings", response_model=Page[PostingOut], responses=refusals(BadCursor))
async def list_postings(
    ctx: Reader, asked: Annotated[Paging, Depends(wire.paging)], booked: Annotated[Booked, Depends(_booked)]
) -> Page[PostingOut] | Response:
    """Each amount that moved between two accounts, with its document, the newest first. Nothing here is ever edited.

    Sort by `id`, `posted_on` or `amount`; `q` is part of an account's number or name, of the kind of document, or the
    document's id. Exports need `journal:export`.
    """
    file_format = exports.wanted(ctx, asked, "journal:export")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.journal(ctx, part, booked))
        return await exports.file_response(ctx, parts, _POSTINGS, "journal", file_format)
    rows, page = await queries.journal(ctx, asked, booked)
    return Page(data=[PostingOut.model_validate(row) for row in rows], page=page)
