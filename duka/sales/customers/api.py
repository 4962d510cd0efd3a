"""The door to looking up customers and what they bought."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response

from duka.customers.queries import CustomerNotFound, Filters
from duka.customers.schemas import Type
from duka.platform import answers, edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import House, allow
from duka.platform.errors import NotFound
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, Page, PageInfo, Paging
from duka.sales.actions.attach_customer import CustomerInactive, SaleHasCustomer, attach_customer
from duka.sales.customers import queries as customer_queries
from duka.sales.customers.schemas import AttachIn, CustomerListed, CustomerProfile, Purchase, PurchasePage
from duka.sales.life.states import SaleLocked
from duka.shops.phones import PhoneNotValid

customers = edge.router("/customers", "customers")
sales = edge.router("/sales", "sales")

ReadsCustomers = Annotated[Ctx, allow("customers:read")]
AnyPhone = Annotated[str, Path(max_length=40, description="In any local form, or with + and the country code.")]
Asked = Annotated[Paging, Depends(wire.paging)]

COLUMNS: Final = (
    Column("name", "Name"), Column("phone", "Phone"), Column("email", "E-mail"), Column("address", "Address"),
    Column("state_code", "State code"), Column("tax_id", "Tax number"), Column("type", "Type"),
    Column("tags", "Tags"), Column("credit_limit", "Credit limit", "money"), Column("born_on", "Born on", "date"),
    Column("gender", "Gender"), Column("notes", "Notes"), Column("external_ref", "External reference"),
    Column("active", "Active", "flag"), Column("orders", "Orders", "integer"),
    Column("created_at", "Registered at", "time"),
)  # fmt: skip
"""What a file of customers holds; an import takes the same titles."""

PURCHASE_COLUMNS: Final = (
    Column("number", "Number"), Column("state", "State"), Column("business_date", "Date", "date"),
    Column("total", "Total", "money"), Column("paid", "Paid", "money"), Column("credited", "Credited", "money"),
)  # fmt: skip


@customers.get("", response_model=Page[CustomerListed], summary="List customers")
async def list_customers(
    ctx: ReadsCustomers, asked: Asked,
    type: Annotated[Type | None, Query(description="Only retail or only wholesale.")] = None,  # noqa: A002 - on the wire
    active: Annotated[bool | None, Query(description="Only active ones, or only deactivated ones.")] = None,
    tag: Annotated[str | None, Query(max_length=50, description="Only those with this tag.")] = None,
    external_ref: Annotated[str | None, Query(max_length=64, description="The one with this reference.")] = None,
) -> Page[CustomerListed] | Response:  # fmt: skip
    """Customers, the newest first, each with the number of their orders. `q` is part of a name, phone or e-mail.

    Sorts: `name`, `created_at`. A file (`format`) needs `customers:export`.
    """
    file_format = exports.wanted(ctx, asked, "customers:export")
    filters = Filters(type, active, tag, external_ref)
    if file_format:
        parts = exports.parts(asked, lambda part: customer_queries.page(ctx, filters, part))
        return await exports.file_response(
            ctx, parts, COLUMNS, "customers", file_format, cells=lambda row: _cells(ctx, row)
        )
    rows, info = await customer_queries.page(ctx, filters, asked)
    return Page(data=rows, page=info)


@customers.get("/search", summary="Find a customer")
async def search_customers(
    ctx: ReadsCustomers,
    phone: Annotated[str | None, Query(max_length=40, description="Any part of a phone.")] = None,
    name: Annotated[str | None, Query(max_length=100, description="A name or part, typing errors allowed.")] = None,
    email: Annotated[str | None, Query(max_length=254, description="An e-mail address or part of it.")] = None,
    limit: Annotated[int, Query(ge=1, le=50, description="How many at most.")] = 20,
) -> Page[CustomerListed]:
    """Who may be meant. What is given must all fit; at least one must be given. Where nobody's name holds what was
    typed, those with a name like it are shown, the likeliest first."""
    rows = await customer_queries.alike(ctx, phone, name, email, limit)
    return Page(data=rows, page=PageInfo(next_cursor=None, limit=limit))


@customers.get(
    "/phone/{phone}", response_model=Answer[CustomerListed], summary="Look up a customer by phone",
    responses=refusals(CustomerNotFound, PhoneNotValid),
)  # fmt: skip
async def look_up_customer(ctx: ReadsCustomers, phone: AnyPhone) -> Response:
    """The registered customer with this phone, and how many orders they made. Deactivated ones have `active: false`."""
    return answers.one(ctx, await customer_queries.by_phone(ctx, phone))


@customers.get(
    "/phone/{phone}/purchases", response_model=PurchasePage, summary="What was sold to a phone",
    responses=refusals(PhoneNotValid),
)  # fmt: skip
async def list_purchases_of_phone(
    ctx: Annotated[Ctx, allow("sales:read")], phone: AnyPhone, asked: Asked
) -> PurchasePage | Response:
    """The sales made to a phone, registered or only said at the till, with count and total of all of them.

    The list shows the sales your role may see. Needs `customers:read` too; a file (`format`) needs `sales:export`.
    """
    ctx.need("customers:read")
    return await _answer(ctx, asked, lambda part: customer_queries.purchases_of_phone(ctx, phone, part))


@customers.get("/{customer_id}", summary="A customer's profile", responses=refusals(CustomerNotFound))
async def show_customer(ctx: ReadsCustomers, customer_id: UUID, request: Request) -> Answer[CustomerProfile]:
    """A customer with visits, spending, favourite items and the last ten sales that your role may see."""
    house: House = request.app.state.house
    return Answer(data=await customer_queries.profile(ctx, customer_id, house.signer.vault))


@customers.get(
    "/{customer_id}/purchases", response_model=PurchasePage, summary="What a customer bought",
    responses=refusals(CustomerNotFound),
)  # fmt: skip
async def list_purchases(
    ctx: Annotated[Ctx, allow("sales:read")], customer_id: UUID, asked: Asked
) -> PurchasePage | Response:
    """The sales to a registered customer, the newest first, with count and total of all of them.

    The list shows the sales your role may see. Needs `customers:read` too; a file (`format`) needs `sales:export`.
    """
    ctx.need("customers:read")
    return await _answer(ctx, asked, lambda part: customer_queries.purchases(ctx, customer_id, part))


@sales.post(
    "/{sale_id}/customer", summary="Put a past sale to a customer's name",
    responses=refusals(NotFound, CustomerNotFound, CustomerInactive, SaleLocked, SaleHasCustomer),
)  # fmt: skip
async def attach(ctx: Annotated[Ctx, allow("sales:update")], sale_id: UUID, body: AttachIn) -> Answer[Purchase]:
    """Say that a walk-in's sale was a registered customer's: it then counts in their history.

    Name and phone on the sale and its invoice stay as they were. Doing it again changes nothing. Needs
    `customers:read` too.
    """
    ctx.need("customers:read")
    sale = await attach_customer(ctx, sale_id, body.customer_id)
    return Answer(data=Purchase.model_validate(sale), message="The sale is in the customer's history now.")


def _cells(ctx: Ctx, row: CustomerListed) -> dict[str, Any]:
    created = row.created_at.astimezone(ctx.zone())
    return {**dict(row), "tags": ", ".join(row.tags), "created_at": created}


async def _answer(
    ctx: Ctx, asked: Paging, history_of: Callable[[Paging], Awaitable[customer_queries.History]]
) -> PurchasePage | Response:
    file_format = exports.wanted(ctx, asked, "sales:export")

    async def page_of(part: Paging) -> tuple[Sequence[Purchase], PageInfo]:
        history = await history_of(part)
        return history.purchases, history.page

    if file_format:
        parts = exports.parts(asked, page_of)
        return await exports.file_response(ctx, parts, PURCHASE_COLUMNS, "purchases", file_format)
    history = await history_of(asked)
    return PurchasePage(data=history.purchases, page=history.page, summary=history.summary)
