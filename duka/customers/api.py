"""The door to registering and changing customers. Reading them is in `sales`: it tells what they bought as well."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from duka.customers import actions
from duka.customers.actions import CustomerExists, CustomerHasOrders, ExternalRefTaken
from duka.customers.importing import take_in
from duka.customers.queries import CustomerNotFound
from duka.customers.rules import TaxIdNotValid
from duka.customers.schemas import CustomerEdit, CustomerGone, CustomerIn, CustomerOut
from duka.platform import edge, uploads, versions
from duka.platform.context import Ctx
from duka.platform.edge import House, allow
from duka.platform.errors import IdempotencyConflict, StaleVersion, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.sheets_limits import ColumnUnknown, SheetTooLarge, SheetUnreadable, TitleMissing, TitleTwice
from duka.platform.uploads import ImportAsked, SheetReport, Upload
from duka.platform.vault import Vault
from duka.platform.wire import Answer
from duka.shops.phones import PhoneNotValid

router = edge.router("/customers", "customers")


@router.post(
    "", status_code=201, summary="Register a customer",
    responses=refusals(CustomerExists, ExternalRefTaken, PhoneNotValid, TaxIdNotValid, IdempotencyConflict),
)  # fmt: skip
async def register_customer(
    ctx: Annotated[Ctx, allow("customers:create")], body: CustomerIn, request: Request, response: Response
) -> Answer[CustomerOut]:
    """Register a customer by name and, if they have one, phone.

    The phone is unique in the shop and kept in E.164 however it was typed. If it is registered already the answer is
    `CUSTOMER_EXISTS` with the customer's id, so that a till can go on with them.
    """
    done = await actions.register(ctx, body, _vault(request))
    response.headers["Location"] = f"/api/customers/{done.customer.id}"
    if done.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return Answer(data=CustomerOut.model_validate(done.customer), message="Customer registered.")


@router.post(
    "/import", summary="Register customers from a sheet", openapi_extra=uploads.described(ImportAsked),
    responses=refusals(SheetUnreadable, SheetTooLarge, ColumnUnknown, TitleTwice, TitleMissing),
)  # fmt: skip
async def import_customers(
    ctx: Annotated[Ctx, allow("customers:import")], sent: Annotated[Upload, Depends(uploads.received)]
) -> Answer[SheetReport]:
    """Register the customers of a sheet (CSV or XLSX with titles in the first row, up to 5,000 rows), or change those
    whose phone or external reference is known.

    Blank cells change nothing. Wrong rows are left out and reported by their number; the others stand.
    """
    asked = uploads.fields(sent, ImportAsked)
    report = await take_in(ctx, sent.data, sent.filename, asked.columns, dry_run=asked.dry_run)
    return Answer(data=report, message=f"{report.created} registered, {report.updated} changed.")


@router.put(
    "/{customer_id}", summary="Change or deactivate a customer",
    responses=refusals(
        CustomerNotFound, CustomerExists, ExternalRefTaken, PhoneNotValid, TaxIdNotValid, StaleVersion, VersionRequired
    ),
)  # fmt: skip
async def edit_customer(
    ctx: Annotated[Ctx, allow("customers:update")], customer_id: UUID, body: CustomerEdit, if_match: versions.IfMatch,
    request: Request,
) -> Answer[CustomerOut]:
    """Change what is known of a customer: absent fields stay, null clears.

    `active: false` deactivates: they are still found, marked as such. `credit_limit` needs `customers:credit` too.
    Sales made before keep the name, phone and tax number they were made with.
    """
    customer = await actions.edit(ctx, customer_id, body, versions.of(body, if_match), _vault(request))
    return Answer(data=CustomerOut.model_validate(customer), message="Customer changed.")


@router.delete(
    "/{customer_id}", summary="Delete a customer without sales",
    responses=refusals(CustomerNotFound, CustomerHasOrders),
)  # fmt: skip
async def delete_customer(
    ctx: Annotated[Ctx, allow("customers:delete")], customer_id: UUID
) -> Answer[CustomerGone]:
    """Delete a customer whom no sale or other document names; deactivate the others instead."""
    await actions.remove(ctx, customer_id)
    return Answer(data=CustomerGone(id=customer_id), message="Customer deleted.")


def _vault(request: Request) -> Vault:
    house: House = request.app.state.house
    return house.signer.vault
