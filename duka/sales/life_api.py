"""The door to a sale's later life: money paid up and given back, corrections, review and lock."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Response

from duka.platform.context import Ctx
from duka.platform.edge import allow, router
from duka.platform.openapi import refusals
from duka.platform.wire import Answer, utc_text
from duka.sales.actions.give_back import NotCreditable, Noted, NothingLeftToCredit, ReturnWindowPassed, give_back
from duka.sales.checks import NumberRequired
from duka.sales.credit_rules import RefundNotRight
from duka.sales.life_schemas import CreditNoteIn, NoteOut
from duka.sales.notes import NoPlaceForDamaged
from duka.sales.rules import CreditTooLarge
from duka.sales.states import StepNotAllowed

sales = router("/sales", "sales")
invoices = router("/invoices", "invoices")
credit_notes = router("/credit-notes", "invoices")

Corrects = Annotated[Ctx, allow("invoices:correct")]


@invoices.post(
    "/{invoice_id}/credit-notes", status_code=201, response_model=Answer[NoteOut], summary="Give a credit note",
    responses=refusals(
        CreditTooLarge, NothingLeftToCredit, NotCreditable, RefundNotRight, ReturnWindowPassed, NoPlaceForDamaged,
        StepNotAllowed, NumberRequired,
    ),
)  # fmt: skip
async def post_credit_note(ctx: Corrects, invoice_id: UUID, body: CreditNoteIn) -> Response:
    """Take goods back or let an amount off: some lines of the invoice, or all that is left of it. What comes back goes
    to the showroom or to the damaged goods; what is not paid out makes less what is owed. Parts that make up the whole
    invoice give back exactly its total. Repeating the same body gives the same answer for ever."""
    return _noted(ctx, await give_back(ctx, invoice_id, body))


def _noted(ctx: Ctx, noted: Noted) -> Response:
    shown = noted.shown
    word = "Credit note" if shown["kind"] == "credit_note" else "Debit note"
    location = {"Location": f"/api/invoices/{shown['id']}"}
    return _answer(ctx, shown, f"{word} {shown['number']}", again=noted.again, status=201, headers=location)


def _answer(
    ctx: Ctx, shown: Mapping[str, Any], message: str, *, again: bool, status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """Answer with what an action shows, which has its schema's shape already."""
    body = {"success": True, "data": shown, "message": message, "timestamp": utc_text(ctx.now)}
    replayed = {"Idempotency-Replayed": "true"} if again else {}
    return Response(orjson.dumps(body), status, {**(headers or {}), **replayed}, "application/json")
