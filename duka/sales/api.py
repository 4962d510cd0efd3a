"""The door of selling: `/api/sales`."""

from typing import Annotated, Any

import orjson
from fastapi import Response

from duka.payments.actions import SessionClosed
from duka.payments.rules import Overpaid
from duka.platform.context import Ctx
from duka.platform.disputes import verdict
from duka.platform.edge import allow, router
from duka.platform.openapi import RECORDED, refusals
from duka.platform.wire import Answer, utc_text
from duka.sales.actions.sell import (
    CreditLimitReached,
    ExternalRefTaken,
    IdTaken,
    MethodNotTaken,
    OnAccountNotAllowed,
    Sold,
    sell,
)
from duka.sales.checks import (
    NumberNotYours,
    NumberRequired,
    PhoneUnreadable,
    SellerNotActive,
    SellerUnknown,
    SessionUnknown,
    WrongRegister,
)
from duka.sales.claims import ChainBroken, HashMismatch, NumberTaken, WrongSeries
from duka.sales.exceptions.schemas import QuarantinedOut
from duka.sales.facts import RegisterNotUsable
from duka.sales.pricing import (
    DiscountOverCeiling,
    ItemNotSold,
    ItemUnknown,
    LineIncomplete,
    PriceChanged,
    PrintedOtherwise,
    RoundingChanged,
    TotalMismatch,
)
from duka.sales.rules import AmountTooLarge, DiscountTooLarge
from duka.sales.schemas import SaleIn, SaleOut
from duka.shops.registers.claims import DateFar
from duka.stock.actions import OutOfStock
from duka.stock.errors import PICKING

sales = router("/sales", "sales")


@sales.post(
    "",
    status_code=201,
    response_model=Answer[SaleOut],
    name="sell",
    summary="Make a sale",
    openapi_extra=RECORDED,
    responses={
        202: {"model": Answer[QuarantinedOut], "description": "Recorded, but damaged: it was set aside."},
        **refusals(
            OutOfStock, TotalMismatch, PriceChanged, ItemNotSold, DiscountOverCeiling, MethodNotTaken,
            OnAccountNotAllowed, CreditLimitReached, RegisterNotUsable, DateFar, SellerNotActive, ExternalRefTaken,
            IdTaken, NumberRequired, NumberNotYours, WrongRegister, WrongSeries, HashMismatch, ChainBroken,
            NumberTaken, ItemUnknown, LineIncomplete, PrintedOtherwise, RoundingChanged, SellerUnknown,
            SessionUnknown, SessionClosed, PhoneUnreadable, Overpaid, DiscountTooLarge, AmountTooLarge,
            *PICKING,
        ),
    },
)  # fmt: skip
async def post_sale(ctx: Annotated[Ctx, allow("sales:create")], body: SaleIn) -> Response:
    """Sell: price, tax and total are computed here; the sale is complete with its invoice when it is paid or put on
    account, else it is stored as incomplete. Repeating the same body gives the same answer for ever.

    A line of goods with serial numbers names those of its pieces. One of goods with batches may name them; else what
    expires first leaves, and never what has expired.

    With the header `Duka-Mode: record` a register delivers what has happened already. It is stored as it was sold: what
    it disagrees with is listed under `exceptions`; a damaged document is set aside with its bytes, answered with 202.
    The header `Duka-Verdict` says which: `applied`, `already-applied`, `applied-with-exceptions`, `quarantined`.
    """
    return answer(await sell(ctx, body))


def answer(sold: Sold) -> Response:
    """Answer a sale. Written directly, since this is the path that must be fast; its shape is `SaleOut`'s."""
    body: dict[str, Any] = {
        "success": True, "data": sold.shown, "message": f"Sale {sold.shown['number']}", "timestamp": utc_text(sold.at),
    }  # fmt: skip
    told = verdict(sold.shown["exceptions"], again=sold.again)
    headers = {"Location": f"/api/sales/{sold.shown['id']}", "Duka-Verdict": told}
    if sold.again:
        headers["Idempotency-Replayed"] = "true"
    return Response(orjson.dumps(body), 201, headers, "application/json")
