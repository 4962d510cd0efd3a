"""The door to a sale's later life: money paid up and given back, corrections, review and lock."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from duka.payments.actions import DrawerShort, PersonUnknown, SessionClosed
from duka.payments.queries import RegisterSessionNotFound
from duka.payments.rules import Overpaid
from duka.payments.schemas import CashMoveIn
from duka.platform import answers, versions
from duka.platform.context import Ctx
from duka.platform.disputes import verdict
from duka.platform.edge import allow, router
from duka.platform.errors import IdempotencyConflict, NotFound, StaleVersion, VersionRequired
from duka.platform.openapi import RECORDED, refusals
from duka.platform.wire import Answer, Reason
from duka.sales.actions import move_cash as moving
from duka.sales.actions.cancel import cancel
from duka.sales.actions.charge import charge
from duka.sales.actions.correct import CorrectionNotPaid, correct, override
from duka.sales.actions.edit import PaidAlready, edit
from duka.sales.actions.give_back import NotCreditable, Noted, NothingLeftToCredit, ReturnWindowPassed, give_back
from duka.sales.actions.reverse import reverse, void
from duka.sales.actions.review import NotSubmitted, approve, lock, reject
from duka.sales.actions.sell import IdTaken, MethodNotTaken
from duka.sales.actions.settle import settle, settle_invoice
from duka.sales.actions.take_back import give_back_without_receipt
from duka.sales.api import answer
from duka.sales.checks import NumberNotYours, NumberRequired
from duka.sales.facts import RegisterNotUsable
from duka.sales.life.schemas import (
    CashMovedOut,
    CorrectIn,
    CreditNoteIn,
    DebitNoteIn,
    LooseCreditNoteIn,
    NoteOut,
    OverrideIn,
    SaleEdit,
    SettleIn,
    UndoIn,
)
from duka.sales.life.states import SaleInvoiced, SaleLocked, StepNotAllowed
from duka.sales.life.steps import Stepped
from duka.sales.notes.rules import RefundNotRight
from duka.sales.notes.writing import NoPlaceForDamaged
from duka.sales.pricing import ItemUnknown, PriceChanged
from duka.sales.rules import CreditTooLarge, CreditTooSmall
from duka.sales.schemas import SaleOut
from duka.stock.actions import OutOfStock
from duka.stock.errors import PICKING, SerialsRequired, UnitsNotHere

sales = router("/sales", "sales")
invoices = router("/invoices", "invoices")
credit_notes = router("/credit-notes", "invoices")
drawers = router("/register-sessions", "register sessions")

Corrects = Annotated[Ctx, allow("invoices:correct")]
Takes = Annotated[Ctx, allow("payments:take")]
Changes = Annotated[Ctx, allow("sales:update")]
Reviews = Annotated[Ctx, allow("sales:approve")]


@invoices.post(
    "/{invoice_id}/credit-notes", status_code=201, response_model=Answer[NoteOut], summary="Give a credit note",
    openapi_extra=RECORDED,
    responses=refusals(
        CreditTooLarge, CreditTooSmall, NothingLeftToCredit, NotCreditable, RefundNotRight, ReturnWindowPassed,
        UnitsNotHere, SerialsRequired,
        NoPlaceForDamaged,
        StepNotAllowed, NumberRequired,
    ),
)  # fmt: skip
async def post_credit_note(ctx: Corrects, invoice_id: UUID, body: CreditNoteIn) -> Response:
    """Take goods back or let an amount off: some lines of the invoice, or all that is left of it. What comes back goes
    to the showroom or to the damaged goods; what is not paid out makes less what is owed. Parts that make up the whole
    invoice give back exactly its total. Money paid back needs `payments:refund` too, here and in whatever else undoes
    a paid sale. Repeating the same body gives the same answer for ever."""
    return _noted(ctx, await give_back(ctx, invoice_id, body))


@invoices.post(
    "/{invoice_id}/debit-notes", status_code=201, response_model=Answer[NoteOut], summary="Give a debit note",
    openapi_extra=RECORDED,
    responses=refusals(NotCreditable, StepNotAllowed, NumberRequired),
)  # fmt: skip
async def post_debit_note(ctx: Corrects, invoice_id: UUID, body: DebitNoteIn) -> Response:
    """Add something to what is owed on an invoice, by name and price, with its tax. It is paid like the invoice, and
    can be credited whole."""
    return _noted(ctx, await charge(ctx, invoice_id, body))


@credit_notes.post(
    "", status_code=201, response_model=Answer[NoteOut], summary="Take goods back without receipt",
    responses=refusals(RefundNotRight, ItemUnknown, PriceChanged, NoPlaceForDamaged, NumberRequired),
)  # fmt: skip
async def post_loose_credit_note(
    ctx: Annotated[Ctx, allow("sales:reverse")], body: LooseCreditNoteIn
) -> Response:
    """Take goods back that nobody has the receipt of, and pay for them. Such credit notes belong to no sale and are
    counted apart."""
    return _noted(ctx, await give_back_without_receipt(ctx, body))


@drawers.post(
    "/{session_id}/cash-moves", status_code=201, summary="Put cash in or take it out",
    openapi_extra=RECORDED,
    responses=refusals(DrawerShort, SessionClosed, RegisterSessionNotFound, PersonUnknown, IdempotencyConflict),
)  # fmt: skip
async def move_cash(
    ctx: Annotated[Ctx, allow("register_sessions:cash_move")], session_id: UUID, body: CashMoveIn, response: Response
) -> Answer[CashMovedOut]:
    """Put cash into the drawer (`in`) or take it out (`out`) for another reason than a sale, and say why. No more can
    be taken out than should be there.

    With `Duka-Mode: record` it is stored although the drawer was counted meanwhile; what was expected is amended. More
    than should have been there is an exception.
    """
    moved = await moving.move_cash(ctx, session_id, body)
    response.headers["Location"] = f"/api/register-sessions/{session_id}"
    if moved.again:
        response.headers["Idempotency-Replayed"] = "true"
    return Answer(data=CashMovedOut.model_validate(moved.shown), message="Noted.")


@sales.post(
    "/{sale_id}/payments", status_code=201, response_model=Answer[SaleOut], summary="Pay toward a sale",
    openapi_extra=RECORDED,
    responses=refusals(
        Overpaid, MethodNotTaken, OutOfStock, StepNotAllowed, IdTaken, NumberRequired, NumberNotYours, *PICKING
    ),
)  # fmt: skip
async def post_payments(ctx: Takes, sale_id: UUID, body: SettleIn) -> Response:
    """Take money toward a sale. Paid in full, an incomplete one completes: stock leaves and its invoice is issued.
    Each payment's `id` makes repeating safe. More cash than is due gives change; anything else may not be too much."""
    return _paid(ctx, await settle(ctx, sale_id, body))


@invoices.post(
    "/{invoice_id}/payments", status_code=201, response_model=Answer[SaleOut], summary="Pay toward an invoice",
    openapi_extra=RECORDED,
    responses=refusals(Overpaid, MethodNotTaken, StepNotAllowed, IdTaken),
)  # fmt: skip
async def post_invoice_payments(ctx: Takes, invoice_id: UUID, body: SettleIn) -> Response:
    """Take money toward what is owed on an invoice or a debit note; the answer is its sale."""
    return _paid(ctx, await settle_invoice(ctx, invoice_id, body))


@sales.put(
    "/{sale_id}", response_model=Answer[SaleOut], summary="Edit an incomplete sale",
    responses=refusals(SaleInvoiced, SaleLocked, VersionRequired, StaleVersion, PaidAlready, PriceChanged),
)  # fmt: skip
async def put_sale(ctx: Changes, sale_id: UUID, body: SaleEdit, if_match: versions.IfMatch) -> Response:
    """Change lines, discount, customer or note of a sale that has no invoice yet. What is not named stays; lines are
    given all together. The old lines are kept as an earlier revision."""
    return _stepped(ctx, await edit(ctx, sale_id, body, versions.of(body, if_match)), "Sale changed.")


@sales.delete(
    "/{sale_id}", response_model=Answer[SaleOut], summary="Void a sale", responses=refusals(SaleLocked, NotFound)
)  # fmt: skip
async def delete_sale(
    ctx: Annotated[Ctx, allow("sales:delete")], sale_id: UUID,
    reason: Annotated[Reason, Query(description="Why; it stands on the credit note.")] = "Voided",
) -> Response:  # fmt: skip
    """Do away with a sale: an incomplete one is cancelled, a completed one is reversed by a credit note. Nothing is
    erased. Repeating it changes nothing."""
    return _stepped(ctx, await void(ctx, sale_id, UndoIn(reason=reason)), "Sale voided.")


@sales.post(
    "/{sale_id}/cancel", response_model=Answer[SaleOut], summary="Cancel an incomplete sale",
    responses=refusals(StepNotAllowed, SaleLocked),
)  # fmt: skip
async def post_cancel(ctx: Changes, sale_id: UUID, body: UndoIn) -> Response:
    """Call a sale off that has no invoice yet. What was paid on it goes back by the same methods. Repeating it changes
    nothing."""
    return _stepped(ctx, await cancel(ctx, sale_id, body), "Sale cancelled.")


@sales.post(
    "/{sale_id}/reverse", response_model=Answer[SaleOut], summary="Reverse a sale",
    responses=refusals(StepNotAllowed, SaleLocked, RegisterNotUsable),
)  # fmt: skip
async def post_reverse(ctx: Annotated[Ctx, allow("sales:reverse")], sale_id: UUID, body: UndoIn) -> Response:
    """Undo a completed sale: a credit note for all that is left of it, the money goes back by the same methods, the
    goods go back to stock. Repeating it changes nothing."""
    return _stepped(ctx, await reverse(ctx, sale_id, body), "Sale reversed.")


@sales.post(
    "/{sale_id}/correct", status_code=201, response_model=Answer[SaleOut], summary="Correct an invoiced sale",
    responses=refusals(StepNotAllowed, SaleLocked, CorrectionNotPaid, OutOfStock, *PICKING),
)  # fmt: skip
async def post_correct(ctx: Changes, sale_id: UUID, body: CorrectIn) -> Response:
    """Replace an invoiced sale by the one it should have been: a credit note and a new sale, together or not at all.
    What was paid goes back by the same methods; what is paid toward the new sale is said in it. The answer is the new
    sale; repeating the same body gives it again."""
    return answer(await correct(ctx, sale_id, body))


@sales.post(
    "/{sale_id}/override", response_model=Answer[SaleOut], summary="Override what a sale says",
    responses=refusals(StepNotAllowed, SaleLocked, CorrectionNotPaid, PaidAlready, OutOfStock, *PICKING),
)  # fmt: skip
async def post_override(ctx: Annotated[Ctx, allow("sales:override")], sale_id: UUID, body: OverrideIn) -> Response:
    """Change prices, tax classes, day, seller or customer of an unlocked sale, with a reason; old and new values are
    audited. An invoiced sale is corrected: the answer is the new sale, to which what was paid is carried over."""
    return _stepped(ctx, await override(ctx, sale_id, body), "Sale changed.")


@sales.post(
    "/{sale_id}/approve", response_model=Answer[SaleOut], summary="Approve a sale",
    responses=refusals(NotSubmitted, StepNotAllowed),
)  # fmt: skip
async def post_approve(ctx: Reviews, sale_id: UUID) -> Response:
    """Approve a sale that waits for review. Repeating it changes nothing."""
    return _stepped(ctx, await approve(ctx, sale_id), "Sale approved.")


@sales.post(
    "/{sale_id}/reject", response_model=Answer[SaleOut], summary="Reject a sale",
    responses=refusals(NotSubmitted, SaleLocked),
)  # fmt: skip
async def post_reject(ctx: Reviews, sale_id: UUID, body: UndoIn) -> Response:
    """Reject a sale that waits for review: it is reversed, with the reason. Repeating it changes nothing."""
    return _stepped(ctx, await reject(ctx, sale_id, body), "Sale rejected and reversed.")


@sales.post(
    "/{sale_id}/lock", response_model=Answer[SaleOut], summary="Lock a sale", responses=refusals(StepNotAllowed)
)  # fmt: skip
async def post_lock(ctx: Annotated[Ctx, allow("sales:lock")], sale_id: UUID) -> Response:
    """Lock a completed sale: nobody edits, corrects or reverses it any more. Returns and payments are documents of
    their own day and go on. Repeating it changes nothing."""
    return _stepped(ctx, await lock(ctx, sale_id), "Sale locked.")


def _stepped(ctx: Ctx, stepped: Stepped, message: str) -> Response:
    return _answer(ctx, stepped.shown, message, again=stepped.again)


def _paid(ctx: Ctx, stepped: Stepped) -> Response:
    told = verdict(stepped.shown["exceptions"], again=stepped.again)
    headers = {"Location": f"/api/sales/{stepped.shown['id']}", "Duka-Verdict": told}
    return _answer(ctx, stepped.shown, "Payment taken.", again=stepped.again, status=201, headers=headers)


def _noted(ctx: Ctx, noted: Noted) -> Response:
    shown = noted.shown
    word = "Credit note" if shown["kind"] == "credit_note" else "Debit note"
    told = verdict(shown["exceptions"], again=noted.again)
    headers = {"Location": f"/api/invoices/{shown['id']}", "Duka-Verdict": told}
    return _answer(ctx, shown, f"{word} {shown['number']}", again=noted.again, status=201, headers=headers)


def _answer(
    ctx: Ctx, shown: Mapping[str, Any], message: str, *, again: bool, status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """Answer with what an action shows, which has its schema's shape already."""
    replayed = {"Idempotency-Replayed": "true"} if again else {}
    return answers.one(ctx, shown, message, status=status, headers={**(headers or {}), **replayed})
