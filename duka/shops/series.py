"""Series: the runs of numbers that a register's invoices, credit notes and debit notes stand in, each with its chain.

A register has three codes, one for each kind of document, taken when the register is made and never given to another:
`T1` for its invoices, `T1C` and `T1D` for its notes. All codes of a shop are one list of names (`register_codes`), so
no two series can ever print the same number. A series is a code in one financial year and begins when it is needed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from sqlalchemy import Select, func, select

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import DukaError, NotFound
from duka.platform.ids import new_id
from duka.shops.models import RegisterCode, Series

Kind = Literal["invoice", "credit_note", "debit_note"]

CODE_LENGTH_MAX: Final = 4
"""What leaves room for year and counter in the 16 characters that Indian GST allows an invoice number."""
GENESIS: Final = bytes(32)
"""The hash that stands before the first document of a series."""
_NOTES: Final[tuple[tuple[Kind, str], ...]] = (("credit_note", "C"), ("debit_note", "D"))


@dataclass(eq=False)
class CodesUsedUp(DukaError):
    """The shop has had so many tills that no code can be made for another; one can still be chosen by hand."""

    text: ClassVar[str] = "No code can be made for another till. Choose one yourself: up to four letters and digits."


_BEGIN: Final = """
INSERT INTO series (shop_id, id, register_id, kind, code, financial_year, highest_seen, complete_to, head_hash)
SELECT c.shop_id, %(series)s, c.register_id, c.kind, c.code, %(year)s, 0, 0, %(genesis)s
FROM register_codes c WHERE c.shop_id = %(shop)s AND c.register_id = %(register)s AND c.kind = %(kind)s
ON CONFLICT DO NOTHING
"""


async def series_for(ctx: Ctx, register_id: UUID, kind: Kind, financial_year: str) -> Series:
    """Give the series of a register's documents of a kind in a financial year (`2627`), beginning it where there is
    none yet.

    Two who begin it at once get the same one. Whether the register may still issue documents is the caller's
    question. NotFound for a register that is not this shop's.
    """
    found = select(Series).where(
        Series.register_id == register_id, Series.kind == kind, Series.financial_year == financial_year
    )
    series = (await ctx.db.scalars(found)).one_or_none()
    if series is not None:
        return series
    values = {"series": new_id(), "register": register_id, "kind": kind, "year": financial_year, "genesis": GENESIS}
    await fetch(ctx, _BEGIN, values)
    series = (await ctx.db.scalars(found)).one_or_none()
    if series is None:
        raise NotFound(what="register")
    return series


def numbers(counter: str) -> Select[Any]:
    """Select the document numbers that end with a counter (`000123`), one for each series of the shop."""
    made = select(func.concat(Series.code, "/", Series.financial_year, "/", counter).label("number"))
    # Put together first: row-level security would keep a comparison with what `concat` makes away from every index.
    return select(made.cte("series_numbers").prefix_with("MATERIALIZED").c.number)


def document_codes(code: str, taken: Collection[str]) -> dict[Kind, str]:
    """Choose the codes of a register's three kinds of document: `T1`, `T1C`, `T1D`.

    `taken` are the codes the shop has used, ever. Where `T1C` is taken or would be longer than four characters, the
    next free one is made: `C1`, `C2`...
    """
    chosen: dict[Kind, str] = {"invoice": code}
    for kind, letter in _NOTES:
        wished = code + letter
        used = {*taken, *chosen.values()}
        free = len(wished) <= CODE_LENGTH_MAX and wished not in used
        chosen[kind] = wished if free else next_code(letter, used)
    return chosen


def next_code(letter: str, taken: Collection[str]) -> str:
    """Give the first free code of a letter: `T1`, `T2`... CodesUsedUp after 999."""
    for number in range(1, 10 ** (CODE_LENGTH_MAX - 1)):
        if f"{letter}{number}" not in taken:
            return f"{letter}{number}"
    raise CodesUsedUp


def code_rows(shop_id: UUID, register_id: UUID, codes: Mapping[Kind, str]) -> list[RegisterCode]:
    """Make the rows by which a register holds its codes."""
    return [
        RegisterCode(shop_id=shop_id, register_id=register_id, kind=kind, code=code) for kind, code in codes.items()
    ]
