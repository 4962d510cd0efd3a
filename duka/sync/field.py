"""What goods work needs where there is no network: what is to be received, counted and sent, and from whom."""

from typing import Any, Final

from duka.platform.context import Ctx
from duka.platform.wire import Paging
from duka.purchasing import order_queries, supplier_queries
from duka.purchasing.order_queries import Papers
from duka.stock.counts import queries as count_queries
from duka.stock.transfers import queries as transfer_queries
from duka.stock.transfers.schemas import TransferState

PAPERS_MAX: Final = 30
"""Orders, and transfers, of which the lines are given: the newest."""
SUPPLIERS_MAX: Final = 200

_NEWEST: Final = Paging(PAPERS_MAX, None, None, None, False, None)
_BY_NAME: Final = Paging(SUPPLIERS_MAX, None, None, None, False, None)


_STEPS: Final[tuple[tuple[TransferState, str], ...]] = (("approved", "stock:transfer"), ("dispatched", "stock:receive"))
"""What is to be sent or received, and by whose right."""


async def field_work(ctx: Ctx) -> dict[str, list[Any]]:
    """Give the places where goods stand, the suppliers, the orders that await goods, the transfers to send or on their
    way, the counts under way: of each what the caller may read, and only for work that is theirs."""
    work: dict[str, list[Any]] = {"places": [], "suppliers": [], "orders": [], "transfers": [], "counts": []}
    if ctx.may("purchasing:receive") and ctx.may("purchasing:read"):
        rows, _ = await order_queries.orders(ctx, _NEWEST, Papers(outstanding=True))
        awaiting = [row["id"] for row in rows if row["state"] in ("ordered", "part_received")]
        work["orders"] = [await order_queries.order(ctx, each) for each in awaiting]
        if ctx.may("suppliers:read"):
            work["suppliers"] = list((await supplier_queries.suppliers(ctx, _BY_NAME, active=True))[0])
    if ctx.may("stock:read"):
        if ctx.may("stock:transfer") or ctx.may("stock:count"):
            work["places"] = list(await transfer_queries.ends(ctx))
        for state in [state for state, right in _STEPS if ctx.may(right)]:
            found, _ = await transfer_queries.transfers(ctx, _NEWEST, transfer_queries.Sought(state=state))
            work["transfers"] += [await transfer_queries.transfer(ctx, each["id"]) for each in found]
        if ctx.may("stock:count"):
            begun, _ = await count_queries.counts(ctx, _NEWEST, count_queries.Sought(state="counting"))
            work["counts"] = [await count_queries.count(ctx, each["id"]) for each in begun]
    return work
