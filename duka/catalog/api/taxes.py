"""Tax classes over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.catalog import queries
from duka.catalog.actions import taxes
from duka.catalog.errors import RateDoesNotFit, TaxClassNameTaken, TaxRateStands
from duka.catalog.schemas import TaxClassEdit, TaxClassIn, TaxClassOut, TaxRateIn
from duka.platform import edge, versions, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdTaken, NotFound, StaleVersion, ValidationError, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.wire import Answer, BadCursor, Page, Paging

router = edge.router("/tax-classes", "tax classes")


@router.get("", summary="List tax classes", responses=refusals(BadCursor, ValidationError))
async def list_tax_classes(
    ctx: Annotated[Ctx, allow("taxes:read")],
    asked: Annotated[Paging, Depends(wire.paging_only)],
    active: Annotated[bool | None, Query(description="Only those in use, or only those switched off.")] = None,
) -> Page[TaxClassOut]:
    """The shop's tax classes with all their dated rates. Sort by name or created_at."""
    rows, page = await queries.tax_classes(ctx, asked, active)
    return Page(data=rows, page=page)


@router.get("/{tax_class_id}", summary="Show a tax class", responses=refusals(NotFound))
async def show_tax_class(ctx: Annotated[Ctx, allow("taxes:read")], tax_class_id: UUID) -> Answer[TaxClassOut]:
    """One tax class with all its dated rates, the oldest first."""
    return Answer(data=await queries.tax_class(ctx, tax_class_id))


@router.post(
    "", status_code=201, summary="Make a tax class",
    responses=refusals(ValidationError, TaxClassNameTaken, RateDoesNotFit, IdTaken),
)
async def create_tax_class(
    ctx: Annotated[Ctx, allow("taxes:create")], body: TaxClassIn, response: Response
) -> Answer[TaxClassOut]:
    """Makes a tax class. `taxed` needs rates, `zero` is taxed at 0 %, `exempt` and `nil` bear no tax.

    A rate's `kind` says how it is charged: `gst` is halved into CGST and SGST within a state and is IGST between two,
    `vat` is charged as it stands, `cess` comes beside either.
    """
    tax_class = await taxes.add_tax_class(ctx, body)
    response.headers["Location"] = f"/api/tax-classes/{tax_class.id}"
    return Answer(data=await queries.tax_class(ctx, tax_class.id), message="The tax class was made.")


@router.put(
    "/{tax_class_id}", summary="Rename a tax class or switch it off",
    responses=refusals(ValidationError, VersionRequired, StaleVersion, TaxClassNameTaken, NotFound),
)
async def edit_tax_class(
    ctx: Annotated[Ctx, allow("taxes:update")], tax_class_id: UUID, body: TaxClassEdit, if_match: versions.IfMatch
) -> Answer[TaxClassOut]:
    """Merges the change: an absent field stays. Products keep a class that is switched off; new ones cannot have it."""
    await taxes.edit_tax_class(ctx, tax_class_id, versions.given(body), versions.of(body, if_match))
    return Answer(data=await queries.tax_class(ctx, tax_class_id), message="The tax class was changed.")


@router.post(
    "/{tax_class_id}/rates", status_code=201, summary="Let a rate begin",
    responses=refusals(ValidationError, TaxRateStands, RateDoesNotFit, NotFound, IdTaken),
)
async def add_rate(
    ctx: Annotated[Ctx, allow("taxes:update")], tax_class_id: UUID, body: TaxRateIn, response: Response
) -> Answer[TaxClassOut]:
    """Adds a rate that holds from a day until a newer one of the same code. A rate is never changed, so that every
    sale can be worked out again as it was."""
    await taxes.add_rate(ctx, tax_class_id, body)
    response.headers["Location"] = f"/api/tax-classes/{tax_class_id}"
    return Answer(data=await queries.tax_class(ctx, tax_class_id), message="The rate was added.")
