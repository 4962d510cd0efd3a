"""Labels and the shop's own barcodes over HTTP."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import Response

from duka.catalog import label_pdf, label_queries
from duka.catalog.actions import coding
from duka.catalog.label_pdf import CodeTooLong, Label, LabelSheet
from duka.catalog.label_queries import Labelled
from duka.catalog.label_schemas import CodedOut, CodesIn, LabelsIn
from duka.platform import edge
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import Forbidden, NotFound, ValidationError
from duka.platform.money import in_figures
from duka.platform.openapi import refusals
from duka.platform.wire import Answer

router = edge.router("/products", "products")

_PDF: Final[dict[int | str, dict[str, Any]]] = {200: {"description": "The PDF.", "content": {"application/pdf": {}}}}


@router.post(
    "/labels", summary="Print labels", response_class=Response,
    responses={**_PDF, **refusals(ValidationError, CodeTooLong, NotFound, Forbidden)},
)  # fmt: skip
async def print_labels(ctx: Annotated[Ctx, allow("products:read")], body: LabelsIn) -> Response:
    """Labels as PDF with name, price, SKU and a code: EAN-13, EAN-8 or UPC-A for a barcode with a check digit, Code 128
    for any other, or QR. Print it at its real size (100 %)."""
    wanted = list(dict.fromkeys(each.variant_id for each in body.items))
    if body.make_codes:
        ctx.need("products:update")
        await coding.give_codes(ctx, wanted)
        await ctx.db.flush()
    found = await label_queries.labelled(ctx, wanted)
    labels = [_label(ctx, found[each.variant_id], body, each.copies) for each in body.items]
    sheet = LabelSheet(labels, body.paper, body.code, body.skip)
    drawn = await asyncio.to_thread(label_pdf.render, sheet)
    return Response(
        drawn, headers={"Content-Disposition": 'inline; filename="labels.pdf"'}, media_type="application/pdf"
    )


@router.post(
    "/internal-codes", summary="Give items barcodes of the shop's own", responses=refusals(ValidationError, NotFound)
)
async def give_codes(ctx: Annotated[Ctx, allow("products:update")], body: CodesIn) -> Answer[list[CodedOut]]:
    """Makes an EAN-13 that begins with 20 to 29 for each variant without a barcode; what has one keeps it."""
    coded = await coding.give_codes(ctx, body.variant_ids)
    made = sum(each.made for each in coded)
    return Answer(data=[CodedOut.model_validate(each) for each in coded], message=f"{made} barcodes were made.")


def _label(ctx: Ctx, item: Labelled, asked: LabelsIn, copies: int) -> Label:
    priced = asked.show_price and item.price_minor is not None
    return Label(
        code=item.barcode or item.sku, name=item.name if asked.show_name else "",
        price=f"{ctx.currency} {in_figures(item.price_minor or 0, ctx.currency)}" if priced else "",
        words=item.sku if asked.show_sku and item.barcode else "", copies=copies,
    )
