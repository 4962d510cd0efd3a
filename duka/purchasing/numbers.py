"""The numbers of the shop's own papers of buying: `PO/2627/000001`, without gaps, a run for each kind and year."""

from typing import Final, Literal

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.writes import Writes
from duka.sales.invoices.chain import financial_year
from duka.shops import settings

Kind = Literal["PO", "GR", "SR"]
"""Purchase order, goods receipt, return to a supplier."""

NUMBER: Final = (
    "concat(%(number_kind)s::text, '/', %(number_year)s::text, '/', "
    "lpad((h.last + 1)::text, greatest(6, length((h.last + 1)::text)), '0'))"
)
"""The next number, for `Writes.first(computed=...)`, which reads `HELD`."""

HELD: Final = "number_held AS h"

_BEGIN: Final = """
INSERT INTO purchase_counters (shop_id, kind, financial_year, last) VALUES (%(shop)s, %(kind)s, %(year)s, 0)
ON CONFLICT DO NOTHING
RETURNING last
"""

_HOLD: Final = """
SELECT c.last FROM purchase_counters c WHERE c.shop_id = %(shop)s AND c.kind = %(number_kind)s
    AND c.financial_year = %(number_year)s FOR UPDATE
"""

_COUNT: Final = """
UPDATE purchase_counters c SET last = c.last + 1 FROM first
WHERE c.shop_id = %(shop)s AND c.kind = %(number_kind)s AND c.financial_year = %(number_year)s RETURNING c.last
"""


async def begin(ctx: Ctx, kind: Kind) -> None:
    """Make sure that the run of a kind of paper has begun this year. One statement, before `take`."""
    await fetch(ctx, _BEGIN, {"kind": kind, "year": _year(ctx)})


def take(writes: Writes, kind: Kind) -> None:
    """Hold the run while the document is written, and count one further if it is. Its lock is the last one."""
    writes.value("number_kind", kind)
    writes.value("number_year", _year(writes.ctx))
    writes.lock("number_held", _HOLD)
    writes.step("number_taken", _COUNT)


def _year(ctx: Ctx) -> str:
    rules = settings.of(ctx)
    return financial_year(ctx.today(rules.day_start_minutes), rules.financial_year_month)
