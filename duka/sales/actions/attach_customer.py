"""A walk-in turns out to be a known customer: the sale is put to their name afterwards."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Select, select, update

from duka.customers import queries as customers
from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.errors import DukaError, NotFound
from duka.sales.life.states import SaleLocked
from duka.sales.models import Sale


@dataclass(eq=False)
class SaleHasCustomer(DukaError):
    """The sale names another customer already."""

    text: ClassVar[str] = "This sale belongs to another customer already."


@dataclass(eq=False)
class CustomerInactive(DukaError):
    """The customer is deactivated."""

    text: ClassVar[str] = "This customer is deactivated. Activate them first."


async def attach_customer(ctx: Ctx, sale_id: UUID, customer_id: UUID) -> Sale:
    """Put a walk-in's sale to a registered customer's name, so that it counts in their history.

    The buyer's snapshot on the sale and its invoice stay as they were. Doing it again changes nothing. NotFound,
    CustomerNotFound, CustomerInactive, SaleLocked, SaleHasCustomer.
    """
    customer = await customers.get(ctx, customer_id)
    if not customer.active:
        raise CustomerInactive
    mine = _within(ctx, sale_id)
    free = (Sale.customer_id.is_(None), Sale.locked_at.is_(None))
    ids = mine.with_only_columns(Sale.id).where(*free)
    attach = update(Sale).where(Sale.id.in_(ids), *free).values(customer_id=customer_id, version=Sale.version + 1)
    attached = (await ctx.db.scalars(attach.returning(Sale), execution_options={"synchronize_session": False})).first()
    if attached is None:
        return await _standing(ctx, mine, customer_id)
    audit.record(ctx, "attach_customer", "sale", sale_id, before={"customer_id": None},
                 after={"customer_id": customer_id})
    events.emit(ctx, "sale.updated", sale_id, {"customer_id": str(customer_id)})
    return attached


async def _standing(ctx: Ctx, mine: Select[Sale], customer_id: UUID) -> Sale:
    sale = (await ctx.db.scalars(mine)).one_or_none()
    if sale is None:
        raise NotFound(what="sale")
    if sale.customer_id == customer_id:
        return sale
    raise SaleLocked if sale.customer_id is None else SaleHasCustomer


def _within(ctx: Ctx, sale_id: UUID) -> Select[Sale]:
    query = select(Sale).where(Sale.id == sale_id)
    match ctx.permissions.get("sales:update"):
        case "branch":
            return query.where(Sale.branch_id == ctx.branch_id)
        case "own":
            return query.where(Sale.staff_id == ctx.staff_id)
    return query
