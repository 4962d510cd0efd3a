"""What a new shop's books start with: the default chart of accounts."""

from duka.ledger.chart import ACCOUNTS
from duka.ledger.models import LedgerAccount
from duka.platform.context import Ctx


async def open_books(ctx: Ctx) -> None:
    """Give a new shop its chart of accounts."""
    ctx.db.add_all(
        LedgerAccount(shop_id=ctx.shop_id, code=code, name=name, kind=kind, active=True)
        for code, name, kind in ACCOUNTS
    )
    await ctx.db.flush()
